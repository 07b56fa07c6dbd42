"""A beat entry names a task that does not exist.

## What happens

Beat sends it each time it is due, and each time the worker throws the message away: "Received
unregistered task". Nothing fails where anybody looks.

```python bad file=tasks.py
from celery import Celery

app = Celery("shop")

@app.task
def send_reminders(): ...

app.conf.beat_schedule = {
    "remind": {"task": "tasks.send_reminder", "schedule": 60.0},
                       ^^^^^^^^^^^^^^^^^^^^^ CEL706
}
```

## Use instead

```python good file=tasks.py
from celery import Celery

app = Celery("shop")

@app.task
def send_reminders(): ...

app.conf.beat_schedule = {
    "remind": {"task": "tasks.send_reminders", "schedule": 60.0},
}
```

## Exceptions

Without a lock (`flake8-celery lock`) flake8 reports only a name that is spelled almost like a task of
the very module that it names, or leads to no module and to a task once one folder or module in it is
spelled right: another module may register a task under any name. With one, every name
under a package of the project that no task has. pylint needs no lock where it is run over several
files.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.messages.sent_task import unknown_task
from flake8_celery.core.model import BeatEntry


@rule(
    "CEL706",
    "schedule-unknown-task",
    pylint="E8706",
    on=BeatEntry,
    message="no task is named %r%s: the worker throws it away as unregistered each time",
)
def check(fact: BeatEntry, context: Context) -> Iterator[Problem]:
    if "task" not in fact.fields:
        return
    node = fact.fields["task"][1]
    name = context.text(node, fact.region)
    if name is None:
        return
    missing = unknown_task(name, context.model)
    if missing is not None:
        hint = f", did you mean {missing.meant!r}?" if missing.meant else ""
        yield Problem(node, (name, hint))
