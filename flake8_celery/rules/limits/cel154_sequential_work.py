"""A task that asks several servers one after the other and puts their answers together.

## What happens

The task takes as long as all the calls together, in one slot. When the third of them fails, a retry
makes the first two again; when one of the servers is slow, all the work waits for it.

```python bad
import requests
from celery import shared_task

def price_of(sku):
    return requests.get(f"https://prices.example/{sku}", timeout=10).json()

def stock_of(sku):
    return requests.get(f"https://stock.example/{sku}", timeout=10).json()

def rating_of(sku):
    return requests.get(f"https://ratings.example/{sku}", timeout=10).json()

def save(sku, price, stock, rating): ...

@shared_task
def refresh(sku):
    price = price_of(sku)
            ^^^^^^^^ CEL154
    stock = stock_of(sku)
    rating = rating_of(sku)
    save(sku, price, stock, rating)
```
```python bad
import requests
from celery import shared_task

@shared_task
def total(skus):
    amounts = []
    for sku in skus:
        answer = requests.get(f"https://prices.example/{sku}", timeout=10)
                          ^^^ CEL154
        amounts.append(answer.json()["amount"])
    return sum(amounts)
```

## Use instead

A chord: the calls run at the same time, each in a task that is retried alone, and the body gets their
results as one list, in order. For the functions above:

```python good
import requests
from celery import chord, shared_task

RETRIES = {"autoretry_for": (requests.RequestException,), "retry_backoff": True, "max_retries": 5}

@shared_task(**RETRIES)
def price_of(sku):
    return requests.get(f"https://prices.example/{sku}", timeout=10).json()

@shared_task(**RETRIES)
def stock_of(sku):
    return requests.get(f"https://stock.example/{sku}", timeout=10).json()

@shared_task(**RETRIES)
def rating_of(sku):
    return requests.get(f"https://ratings.example/{sku}", timeout=10).json()

@shared_task
def save(answers, sku):
    price, stock, rating = answers
    ...

@shared_task
def refresh(sku):
    chord([price_of.s(sku), stock_of.s(sku), rating_of.s(sku)])(save.s(sku))

@shared_task(**RETRIES)
def amount_of(sku):
    return requests.get(f"https://prices.example/{sku}", timeout=10).json()["amount"]

@shared_task
def add_up(amounts):
    return sum(amounts)

@shared_task
def total(skus):
    chord([amount_of.s(sku) for sku in skus])(add_up.s())
```

A chord needs a result backend (CEL605). Where the loop is long, give each task several items
(`chunks`).

## When to switch it on

Where tasks gather data from several services and take long. The number of calls that is too much is
`celery-max-sequential-calls`, 3 if not given. In the packages that the rules are tried on
none of 668 tasks is told.

## Exceptions

A call that needs the answer of one before it (a chain is the way there, or nothing); a loop that is
left at the first hit, goes on by a token of the last answer, or is over fewer items than the limit;
results that nothing reads.

```python good
import requests
from celery import shared_task

@shared_task
def refresh(sku):
    product = requests.get(f"https://shop.example/{sku}", timeout=10).json()
    maker = requests.get(product["maker"], timeout=10).json()
    country = requests.get(maker["country"], timeout=10).json()
    return product, maker, country
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.bodies.called import body_of
from flake8_celery.core.bodies.sequence import Sequence, sequences
from flake8_celery.core.engine import Context, Problem, called_name, rule
from flake8_celery.core.model import Task

LIMIT = 3
"""The default of `celery-max-sequential-calls`."""
SHOWN = 4


@rule(
    "CEL154",
    "sequential-work",
    pylint="R8542",
    on=Task,
    default=False,
    message="%s network calls one after the other; %s runs them at once and retries each alone",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    if task.function is None or context.for_development:
        return
    own = body_of(task.function, context.model)
    limit = context.options.celery_max_sequential_calls or LIMIT
    for found in sequences(task, own, context.model, limit) if own is not None else ():
        count = "as many as there are items:" if found.looped else str(len(found.calls))
        yield Problem(called_name(found.calls[0]), (count, _chord(found)))


def _chord(found: Sequence) -> str:
    """The chord that does the same, as far as it can be written out."""
    names = [f"{name}.s(...)" for name in found.names[:SHOWN]]
    if len(found.names) > SHOWN:
        names.append("...")
    if found.looped:
        return f"chord([{names[0]} for ...])(rest.s())"
    return f"chord([{', '.join(names)}])(rest.s())"
