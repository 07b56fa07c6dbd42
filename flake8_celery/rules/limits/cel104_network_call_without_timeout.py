"""A network call of a task that may wait for ever.

## What happens

`requests` has no timeout by default, nor have `urlopen`, `smtplib`, `ftplib` and sockets. A server
that takes the connection and never answers holds the worker's slot until the task's time limit, and
for ever where there is none: enough of them, and the worker stands still without an error.

```python bad
import requests
from celery import shared_task

@shared_task
def sync(pk):
    answer = requests.get(f"https://shop.example/{pk}")
                      ^^^ CEL104
    store(answer.json())
```

A function that the task calls counts, where it is in sight.

```python bad
import requests
from celery import shared_task

def fetch(pk):
    with requests.Session() as session:
        return session.get(f"https://shop.example/{pk}").json()

@shared_task(time_limit=600)
def sync(pk):
    store(fetch(pk))
          ^^^^^ CEL104
```

## Use instead

A timeout of seconds, and a retry.

```python good
import requests
from celery import shared_task

@shared_task(autoretry_for=(requests.RequestException,), retry_backoff=True)
def sync(pk):
    answer = requests.get(f"https://shop.example/{pk}", timeout=(3, 20))
    store(answer.json())
```

## Exceptions

`**options` that may hold the timeout; sessions with an adapter of the project's own (`mount`);
`socket.setdefaulttimeout` in the same file, for what heeds it; files for tests and development.
`subprocess.run` and its like are reported only in tasks that have no time limit of any kind: there
the limit is the timeout.

```python good
import requests
from celery import shared_task

@shared_task
def sync(url, **options):
    return requests.get(url, **options).text
```
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.bodies.called import Ran, found
from flake8_celery.core.bodies.sessions import wait_of
from flake8_celery.core.engine import Context, Problem, Unknown, called_name, rule
from flake8_celery.core.model import Absent, Arguments, Task
from flake8_celery.tables.blocking import WAIT_NAMES, WAIT_WORDS, Wait

FOR_EVER = "for ever"
LIMITS = ("time_limit", "soft_time_limit")


@rule(
    "CEL104",
    "network-call-without-timeout",
    pylint="W8517",
    on=Task,
    message="%s%s has no timeout: a %s holds the worker's slot %s; give it a timeout",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    for ran, (name, wait) in found(task, context.model, WAIT_WORDS, _waits, WAIT_NAMES):
        if context.for_development:
            return
        until = _until(task, context)
        if wait.network:
            told = "server that never answers"
            yield Problem(called_name(ran.node), (name, ran.place, told, until))
        elif until == FOR_EVER:
            told = "process that hangs"
            yield Problem(called_name(ran.node), (name, ran.place, told, until))


def _waits(ran: Ran) -> tuple[str, Wait] | None:
    """What a call is called, if it may wait for ever."""
    call = ran.call
    told = wait_of(call, ran.body.model)
    if told is None:
        return None
    name, wait = told
    arguments = Arguments(call.node)
    if arguments.splat_keywords or arguments.splat:
        return None
    if wait.named and not call.node.args and arguments.lacks("host"):
        return None
    given = arguments.get("timeout", wait.position)
    if given is None:
        if wait.bounded or (
            wait.default_socket and ran.body.model.module.says("setdefaulttimeout")
        ):
            return None
        return name, wait
    values = ran.body.model.resolver.values(given, call.region)
    if isinstance(values, Unknown) or any(value is not None for value in values):
        return None
    return name, wait


def _until(task: Task, context: Context) -> str:
    """How long the task waits at most, by its limits."""
    # only what is told needs the settings
    from flake8_celery.core.settings.effective import effective, seconds

    known = [effective(task, name, context.model) for name in LIMITS]
    limits = [min(found) for values in known if (found := seconds(values))]
    if limits:
        return f"until its limit, {min(limits):g} s"
    if all(isinstance(values, Absent) for values in known):
        return FOR_EVER
    return "until a time limit, if there is one"
