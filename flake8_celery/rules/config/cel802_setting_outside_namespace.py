"""A setting whose prefix Celery does not look for: it is never read.

## What happens

Without `namespace=` Celery looks for `task_acks_late` alone, and `CELERY_TASK_ACKS_LATE` is ignored
without a word. With `namespace="CELERY"` it looks for `CELERY_TASK_ACKS_LATE`. From Django's
settings only names in capitals can be read at all, so a namespace in lower case finds nothing.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.CELERY_TASK_ACKS_LATE = True
         ^^^^^^^^^^^^^^^^^^^^^ CEL802
```
```python bad
from celery import Celery

class Config:
    CELERY_TASK_TRACK_STARTED = True
    ^^^^^^^^^^^^^^^^^^^^^^^^^ CEL802
    TASK_ACKS_LATE = True
    ^^^^^^^^^^^^^^ CEL802

app = Celery("shop")
app.config_from_object(Config)
```
```python bad
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="celery")
                                                         ^^^^^^^^ CEL802
```

## Use instead

```python good
from celery import Celery

class Config:
    CELERY_TASK_TRACK_STARTED = True
    CELERY_TASK_ACKS_LATE = True

app = Celery("shop")
app.config_from_object(Config, namespace="CELERY")
```
```python good
from celery import Celery

app = Celery("shop")
app.conf.task_acks_late = True
```

## Exceptions

Old names such as `CELERY_ACKS_LATE` are CEL803's. Where a setting is given under the right name
too, nothing is reported; nor where the project reads the name itself, as in
`Celery(broker=settings.CELERY_BROKER_URL)`, nor in a module that no application in sight loads.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, rule
from flake8_celery.core.model import AppCall, Fact, Setting, setting_name
from flake8_celery.core.settings.read import configuration_of, namespace_of
from flake8_celery.core.settings.reads import reads
from flake8_celery.tables.settings import OLD_NAMES, SETTINGS

#: In capitals and without a prefix these can hardly be another library's.
_OURS = ("TASK_", "WORKER_", "BEAT_", "RESULT_", "BROKER_")
#: `first('timezone', 'TIME_ZONE')` and the like: other libraries own these names.
_GENERIC = frozenset({"timezone", "imports", "include"})


@rule(
    "CEL802",
    "setting-outside-namespace",
    pylint="E8741",
    on=(Setting, AppCall),
    message="%s is never read: %s",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    model = context.model
    if isinstance(fact, AppCall):
        yield from _lower_case(fact, context)
        return
    assert isinstance(fact, Setting)
    written, key = fact.written, fact.key
    if fact.how != "=" or written in OLD_NAMES or (written == key and fact.form == "conf"):
        return
    prefixed = written == f"CELERY_{key.upper()}"
    bare = written == key.upper() and written.startswith(_OURS) and key not in _GENERIC
    lower = written == key
    if not prefixed and not bare and not lower:
        return
    namespace = namespace_of(fact, model)
    if isinstance(namespace, Unknown):
        return
    django = fact.form != "conf" and configuration_of(model).from_django
    if namespace is None:
        if lower or key not in SETTINGS:
            return
        right = key
        why = f"the application has no namespace; write {key}"
        if django:
            # Django's settings are in capitals, the new names without a namespace are not
            why = f"give the application namespace='CELERY'{'' if prefixed else f' and write CELERY_{written}'}"
    else:
        right = f"{namespace.rstrip('_')}_{key.upper()}"
        if not right.isupper() or (prefixed and written == right):
            return
        if lower and (not django or "_" not in key):
            return
        why = f"the namespace is {namespace}; write {right}"
    if _also_given(fact, right, context):
        return
    if fact.form != "conf" and reads(model, written, {fact.statement}):
        return  # Celery(broker=settings.CELERY_BROKER_URL)
    yield Problem(setting_name(fact), (written, why))


def _also_given(fact: Setting, right: str, context: Context) -> bool:
    return any(
        other.key == fact.key and other.written in (right, fact.key) and other is not fact
        for other in context.model.of(Setting)
    )


def _lower_case(fact: AppCall, context: Context) -> Iterator[Problem]:
    if fact.method != "config_from_object":
        return
    namespace = fact.arguments.get("namespace", 3)
    source = fact.arguments.get("obj", 0)
    if namespace is None or source is None:
        return
    values = context.every(namespace, fact.region, lambda v: isinstance(v, str) and v.islower())
    if not values:
        return
    name = context.resolve.qualname(source, fact.region)
    django = context.every(source, fact.region, lambda v: v == "django.conf:settings")
    if django or name == "django.conf.settings":
        why = "Django's settings are in capitals; write namespace='CELERY'"
        yield Problem(namespace, (f"anything under the namespace {values[0]!r}", why))
