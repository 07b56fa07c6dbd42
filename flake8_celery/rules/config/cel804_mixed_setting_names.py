"""Old and new setting names mixed in one configuration without a namespace.

## What happens

The first look at any setting raises `ImproperlyConfigured`: neither a worker nor a `delay` works.

```python bad
from celery import Celery

class Config:
    broker_url = "memory://"
    task_acks_late = True
    CELERY_TRACK_STARTED = True
    ^^^^^^^^^^^^^^^^^^^^ CEL804

app = Celery("shop")
app.config_from_object(Config)
```

## Use instead

```python good
from celery import Celery

class Config:
    broker_url = "memory://"
    task_acks_late = True
    task_track_started = True

app = Celery("shop")
app.config_from_object(Config)
```

## Exceptions

A setting given in both forms is allowed. With a namespace nothing is raised.
"""

from __future__ import annotations

from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, rule
from flake8_celery.core.model import AppCall, Setting, setting_name
from flake8_celery.core.settings.read import configuration_of, namespace_of
from flake8_celery.tables.settings import OLD_NAMES, SETTINGS


@rule(
    "CEL804",
    "mixed-setting-names",
    pylint="E8743",
    on=Setting,
    message="old names (%s) and new ones (%s) in one configuration: ImproperlyConfigured at the "
    "first use; write %s",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    model = context.model
    if fact.how != "=" or fact.form == "conf":
        return
    if fact.form == "module" and not configuration_of(model).loads(model):
        return
    together = [
        other
        for other in model.of(Setting)
        if other.how == "=" and other.form == fact.form and other.region is fact.region
    ]
    written = {other.written for other in together}
    old = written & OLD_NAMES.keys()
    new = written & SETTINGS.keys()
    if not old or not new:
        return
    namespace = namespace_of(fact, model)
    if namespace is not None or isinstance(namespace, Unknown):
        return
    if any(call.arguments.get("namespace", 3) is not None for call in model.of(AppCall)):
        return
    # the majority is what the others should be like
    left = new if len(old) > len(new) else old
    lone = sorted(name for name in left if not _others(name) & written)
    first = next((s for s in together if s.written in lone), None)
    if first is fact:
        some_old, some_new = sorted(old)[0], sorted(new)[0]
        yield Problem(setting_name(fact), (some_old, some_new, _new(fact.written)))


def _others(name: str) -> set[str]:
    """The other forms of a name."""
    if name in OLD_NAMES:
        return {OLD_NAMES[name]}
    return {old for old, new in OLD_NAMES.items() if new == name}


def _new(written: str) -> str:
    return OLD_NAMES.get(written, f"the new names throughout, as {written}")
