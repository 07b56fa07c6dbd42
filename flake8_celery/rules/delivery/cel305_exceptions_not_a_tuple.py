"""`autoretry_for`, `dont_autoretry_for`, `throws` or `retry_kwargs` has the wrong shape.

## What happens

- `autoretry_for=ValueError`, also in brackets without a comma, is not iterable: the worker exits at
  start with TypeError.
- A text, alone or in the tuple: every failure of the task turns into `TypeError: catching classes
  that do not inherit from BaseException is not allowed`.
- `throws=[...]`: a failure becomes TypeError, for `isinstance` wants a tuple.
- `retry_kwargs=None` or with `exc` in it: the first failure raises instead of retrying.

```python bad
from celery import shared_task

@shared_task(autoretry_for=(ConnectionError))
                            ^^^^^^^^^^^^^^^ CEL305
def fetch(): ...
```
```python bad
from celery import shared_task

@shared_task(autoretry_for=("ConnectionError",), throws=[KeyError])
                            ^^^^^^^^^^^^^^^^^ CEL305
                                                        ^^^^^^^^^^ CEL305
def fetch(): ...
```
```python bad
from celery import shared_task

@shared_task(autoretry_for=(OSError,), retry_kwargs={"exc": None})
                                                     ^^^^^ CEL305
def fetch(): ...
```

## Use instead

```python good
from celery import shared_task

@shared_task(autoretry_for=(ConnectionError,), throws=(KeyError,), retry_kwargs={"max_retries": 5})
def fetch(): ...
```

## Exceptions

`throws=KeyError`, one class, and `autoretry_for=[...]`, a list, both work.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Option, Task

_NOT_ITERABLE = "one exception class is no tuple, the worker exits at start: write (%s,)"
_TEXT = "text is no exception class: each failure of the task turns into TypeError"


@rule(
    "CEL305",
    "exceptions-not-a-tuple",
    pylint="E8524",
    on=Task,
    words=("autoretry_for", "throws"),
    message="%s: %s",
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    for name in ("autoretry_for", "dont_autoretry_for", "throws"):
        option = task.own(name)
        if option is None:
            continue
        kind = context.only(option.value, option.region, {"exception-class", "str", "list", "set"})
        if kind == "exception-class" and name != "throws":
            yield Problem(option.value, (name, _NOT_ITERABLE % ast.unparse(option.value)))
        elif kind == "str":
            yield Problem(option.value, (name, _TEXT))
        elif kind in ("list", "set") and name == "throws":
            told = f"a {kind} is no tuple: a failure of the task becomes TypeError"
            yield Problem(option.value, (name, told))
        if isinstance(option.value, (ast.Tuple, ast.List)):
            for element in option.value.elts:
                if context.only(element, option.region, {"str"}):
                    yield Problem(element, (name, _TEXT))
    yield from _retry_kwargs(task, context)


def _retry_kwargs(task: Task, context: Context) -> Iterator[Problem]:
    option: Option | None = task.own("retry_kwargs")
    if option is None or not task.own("autoretry_for"):
        return
    if context.every(option.value, option.region, lambda value: value is None):
        told = "None is no dict: the first failure raises AttributeError instead of retrying"
        yield Problem(option.value, ("retry_kwargs", told))
    if isinstance(option.value, ast.Dict):
        for key in option.value.keys:
            if isinstance(key, ast.Constant) and key.value == "exc":
                told = "exc is given by Celery: the first failure raises TypeError"
                yield Problem(key, ("retry_kwargs", told))
