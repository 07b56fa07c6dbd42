"""A setting under its name from before Celery 4.

## What happens

Celery 6 no longer reads the old names. Under a namespace (`namespace="CELERY"`) Celery before 5.7
does not read them at all: `CELERY_ACKS_LATE` is ignored there, `CELERY_TASK_ACKS_LATE` is meant.
Without a namespace, old and new names together stop the worker at start (CEL804).

```python bad file=settings.py
CELERY_ACKS_LATE = True
^^^^^^^^^^^^^^^^ CEL803
CELERYD_PREFETCH_MULTIPLIER = 1
^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL803
```
```python bad
from celery import Celery

app = Celery("shop")
app.conf.update(CELERY_ALWAYS_EAGER=False)
                ^^^^^^^^^^^^^^^^^^^ CEL803
```

## Use instead

```python good file=settings.py
# the application says namespace="CELERY"
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
```
```python good
from celery import Celery

app = Celery("shop")
app.conf.update(task_always_eager=False)
```

## Exceptions

57 old names are what the namespace makes of the new ones (`CELERY_RESULT_BACKEND`) and are never
reported. Old names that other libraries use too (`S3_BUCKET`, `GCS_PROJECT`) are none of Celery's
unless an application without a namespace loads the file. Without a namespace, nothing is reported
where the new name is given as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, rule
from flake8_celery.core.model import Setting, setting_name
from flake8_celery.core.settings.read import configuration_of, namespace_of
from flake8_celery.tables.settings import OLD_NAMES

_SURE = ("CELERY", "BROKER_")
_FILES = ("settings", "config", "celery", "conf", "defaults", "production", "base")


@rule(
    "CEL803",
    "old-setting-name",
    pylint="W8742",
    on=Setting,
    message="%s is an old name, %sgone in Celery 6; write %s",
    yields_to=("CEL804",),
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    written, key = fact.written, fact.key
    if written not in OLD_NAMES or written == f"CELERY_{key.upper()}" or fact.how != "=":
        return
    model = context.model
    if fact.form in ("module", "class") and not _is_configuration(fact, context):
        return
    namespace = namespace_of(fact, model)
    if (isinstance(namespace, Unknown) or namespace is None) and _also_new(fact, context):
        return
    ignored = ""
    if isinstance(namespace, Unknown):
        new = f"CELERY_{key.upper()} under namespace='CELERY'"
        if fact.form == "conf" or not context.module.says("INSTALLED_APPS"):
            new = f"{key}, or {new}"
    elif namespace is None:
        new = key
        if fact.form != "conf" and configuration_of(model).from_django:
            # Django's settings are in capitals, the new names without a namespace are not
            new = f"CELERY_{key.upper()} and give the application namespace='CELERY'"
    else:
        new = f"{namespace.rstrip('_')}_{key.upper()}"
        target = context.options.celery_target_version
        if fact.form != "conf" and (target is None or target < (5, 7)):
            ignored = "ignored under a namespace before Celery 5.7 and "
    yield Problem(setting_name(fact), (written, ignored, new))


def _also_new(fact: Setting, context: Context) -> bool:
    """Whether the setting is given under its new name too, for the sake of both worlds."""
    return any(
        other.key == fact.key
        and (other.written not in OLD_NAMES or other.written == f"CELERY_{fact.key.upper()}")
        for other in context.model.of(Setting)
    )


def _is_configuration(fact: Setting, context: Context) -> bool:
    """Whether the name is Celery's here, and no constant that happens to be called so."""
    if context.configuration().loads(context.model, fact.region.node):
        return fact.written.startswith(_SURE) or not context.configuration().from_django
    if not fact.written.startswith(_SURE):
        return False
    if len(re.findall(rf"\b{fact.written}\b", context.module.text)) > 1:
        return False  # a constant of the module's own
    path = context.model.project.path.lower()
    near = (os.path.basename(path), os.path.basename(os.path.dirname(path)))
    likely = any(word in part for word in _FILES for part in near)
    if fact.written.startswith("BROKER_"):
        return likely and any(s.written.startswith("CELERY") for s in context.model.of(Setting))
    return likely or fact.form == "class"
