"""An option that sending a task does not know.

## What happens

`apply_async`, `retry`, `set`, `signature` and `send_task` take any keyword; one that Celery does not
know becomes a message property and is dropped without a word. A few names collide with Celery's own
and raise TypeError, and so does an unknown key of `retry_policy`.

```python bad
from celery import shared_task

@shared_task(bind=True)
def remind(self, pk, urgent=False):
    self.retry(coutdown=60)
               ^^^^^^^^ CEL404

def later(pk):
    remind.apply_async((pk,), ttl=60)
                              ^^^ CEL404
    remind.apply_async((pk,), urgent=True)
                              ^^^^^^ CEL404
    remind.apply_async((pk,), retry_policy={"max_retry": 3})
                                            ^^^^^^^^^^^ CEL404
    remind.s(pk).set(coutdown=60).apply_async(urgent=True)
                     ^^^^^^^^ CEL404
                                              ^^^^^^ CEL404
```
```python bad
from celery import chord, group, shared_task

@shared_task
def remind(pk): ...

@shared_task
def report(results): ...

def later(pks):
    group(remind.s(pk) for pk in pks)(ttl=60)
                                      ^^^ CEL404
    chord([remind.s(pk) for pk in pks], report.s(), coutdown=60)()
                                                    ^^^^^^^^ CEL404
```

## Use instead

```python good
from celery import shared_task

@shared_task
def remind(pk, urgent=False): ...

def later(pk):
    remind.apply_async((pk,), {"urgent": True}, countdown=60, expires=300)
    remind.apply_async((pk,), MessageGroupId="reminders")
```

## Exceptions

Only names that are near a legal one, known confusions, and parameters of the task itself are
reported: other names may be for a broker's transport. Each call has names of its own: a chord takes
`max_retries` and `interval`, which say how often it looks whether its header is done. Nothing where the task's class overrides
`apply_async`.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from flake8_celery.core.engine import Context, Problem, keyword_name, rule
from flake8_celery.core.messages.canvas_build import Chain, Chord, Group, Step, value_of
from flake8_celery.core.model import BeatEntry, Canvas, Dispatch, Fact, Periodic, Retry, Task
from flake8_celery.core.model.model import Model
from flake8_celery.core.syntax.regions import parameters_of
from flake8_celery.tables.confusions import CALL_CONFUSIONS, near_miss
from flake8_celery.tables.execution import (
    APPLY_ASYNC,
    BEAT,
    RAISING,
    RETRY,
    RETRY_POLICY,
    SEND_TASK,
    SIGNATURE,
)
from flake8_celery.tables.task import TASK_OPTIONS

_LEGAL = {
    "apply_async": APPLY_ASYNC,
    "apply_async_on_commit": APPLY_ASYNC,
    "send_task": SEND_TASK,
    "set": SIGNATURE,
    "signature": SIGNATURE,
    "subtask": SIGNATURE,
}
#: What `chord.run` takes beside them (celery/canvas.py).
_CHORD = frozenset({"body", "interval", "max_retries", "eager", "header_delay"})
_CANVAS = SIGNATURE | {"tasks", "header", "task"}
_PERIODIC = BEAT | {"schedule", "sig", "name"}
#: What people give `retry()` for the time that it waits; options of the task, for automatic retries.
_DELAYS = frozenset(
    {"default_retry_delay", "retry_backoff", "retry_backoff_max", "retry_jitter", "retry_delay"}
)
_DROPPED = "it is dropped without a word"


@rule(
    "CEL404",
    "unknown-execution-option",
    pylint="E8604",
    on=(Dispatch, Retry, BeatEntry, Canvas, Periodic),
    message="%s is no option here, %s: %s",
    raises=("TypeError",),
    yields_to=("CEL722",),
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, BeatEntry):
        yield from _beat(fact, context)
        return
    parameters: Container[str] | None = ()
    if isinstance(fact, Retry):
        legal, keywords = RETRY, fact.arguments.keywords
        if fact.task is not None and not fact.task.base.lacks("retry"):
            return
    elif isinstance(fact, Canvas):
        legal, keywords = _CANVAS, fact.arguments.keywords
        if fact.kind == "chord":
            legal |= _CHORD
    elif isinstance(fact, Periodic):
        legal, keywords = _PERIODIC, fact.arguments.keywords
    else:
        assert isinstance(fact, Dispatch)
        known = _of_dispatch(fact, context.model)
        if known is None:
            return
        legal, parameters = known
        keywords = fact.arguments.keywords
    for name, keyword in keywords.items():
        if name == "retry_policy":
            yield from _retry_policy(keyword.value)
        if name in legal:
            continue
        told = _judge(name, legal, parameters)
        if told is not None:
            if isinstance(fact, Retry) and name in _DELAYS:
                told = (told[0], "how long retry() waits is countdown= (seconds)")
            # a beat entry's options are a matter of the scheduler too
            subject = keyword if isinstance(fact, Periodic) else None
            yield Problem(keyword_name(keyword), (name, *told), subject)


def _of_dispatch(
    fact: Dispatch, model: Model
) -> tuple[frozenset[str], Container[str] | None] | None:
    """The options that a dispatch takes, and the parameters of its task; None for no options.

    None for the parameters where what can't be read of the Task class may take more.
    """
    keywords = fact.arguments.keywords
    called = fact.method == "__call__"
    if not keywords or (fact.method not in _LEGAL and not called):
        return None
    legal = APPLY_ASYNC if called else _LEGAL[fact.method]
    task: Task | None = None
    if fact.on == "signature":
        value = value_of(fact.receiver, fact.region, model)
        if called and not isinstance(value, (Group, Chord)):
            return None  # a signature's own call takes the task's arguments
        if not isinstance(value, (Step, Chain, Group)):
            legal |= _CHORD
        if isinstance(value, Step):
            task = value.fact.resolved_task()
    elif called:
        return None
    if legal.issuperset(keywords) and "retry_policy" not in keywords:
        return None
    if task is None:
        task = fact.resolved_task()
    base = task.base if task is not None else fact.task_class()
    if fact.on != "app" and not base.lacks("apply_async"):
        return (legal, None) if base.would_lack("apply_async") else None
    if task is not None and isinstance(task.parameters, ast.arguments):
        return legal, {parameter.arg for parameter in parameters_of(task.parameters)}
    return legal, ()


def _judge(
    name: str, legal: frozenset[str], parameters: Container[str] | None
) -> tuple[str, str] | None:
    if parameters is not None:
        if name in RAISING:
            return RAISING[name], "drop it"
        if name in parameters:
            hint = f"it is an argument of the task and belongs into kwargs={{'{name}': ...}}"
            return _DROPPED, hint
    if name in CALL_CONFUSIONS and (parameters is not None or name in TASK_OPTIONS):
        return _DROPPED, CALL_CONFUSIONS[name]
    meant = near_miss(name, sorted(legal))
    return (_DROPPED, f"did you mean {meant}?") if meant else None


def _retry_policy(value: ast.expr) -> Iterator[Problem]:
    if isinstance(value, ast.Dict):
        for key in value.keys:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                if key.value not in RETRY_POLICY:
                    meant = near_miss(key.value, sorted(RETRY_POLICY))
                    known = ", ".join(sorted(RETRY_POLICY))
                    hint = f"did you mean {meant}?" if meant else f"retry_policy takes {known}"
                    told = "sending raises TypeError"
                    yield Problem(key, (key.value, told, hint))


def _beat(entry: BeatEntry, context: Context) -> Iterator[Problem]:
    options = entry.fields.get("options")
    if options is None or not isinstance(options[1], ast.Dict):
        return
    for key in options[1].keys:
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            continue
        name = key.value
        # django-celery-beat's scheduler has a name of its own for it
        if name not in BEAT and name != "expire_seconds":
            told = _judge(name, BEAT, ())
            if told is not None:
                yield Problem(key, (name, *told), key)
