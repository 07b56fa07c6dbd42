"""A misspelt setting, or transport option in the wrong case: Celery takes it and never reads it.

## What happens

Celery accepts any name, on `app.conf`, in a configuration module, in `Celery(...)`, without a
warning. What the setting should do does not happen.

```python bad
from celery import Celery

app = Celery("shop")
app.conf.task_ack_late = True
         ^^^^^^^^^^^^^ CEL801
app.conf.update(worker_prefetch_multiplyer=1)
                ^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL801
app.conf.broker_transport_options = {"VISIBILITY_TIMEOUT": 7200}
                                     ^^^^^^^^^^^^^^^^^^^^ CEL801
```
```python bad
from celery import Celery

app = Celery("shop")
app.conf.update(broker="sqs://", transport_options={"region": "eu-west-1"})
                ^^^^^^ CEL801
                                 ^^^^^^^^^^^^^^^^^ CEL801
```
```python bad file=settings.py
CELERY_TASK_ROUTE = {"shop.mail.*": {"queue": "mail"}}
^^^^^^^^^^^^^^^^^ CEL801
```
```python bad file=celeryconfig.py
broker_url = "redis://localhost"
task_ack_late = True
^^^^^^^^^^^^^ CEL801
```

## Use instead

```python good
from celery import Celery

app = Celery("shop")
app.conf.task_acks_late = True
app.conf.update(worker_prefetch_multiplier=1)
app.conf.broker_transport_options = {"visibility_timeout": 7200}
```

## Exceptions

Only names near one of Celery's, and known mix-ups, are reported: other packages read settings of
their own from the same place. A name that the project reads itself, in this file or another, is
taken for one's own, and where the file gives the right name as well nothing is lost. Names in lower
case are judged on the application, in a module or class that it loads, and in `celeryconfig.py`.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Unknown, rule
from flake8_celery.core.model import Fact, LooseSetting, Setting, UnknownSetting, setting_name
from flake8_celery.core.settings.read import configuration_of, namespace_of
from flake8_celery.core.settings.reads import reads
from flake8_celery.tables.confusions import near_miss
from flake8_celery.tables.setting_values import (
    CONF_CONFUSIONS,
    DOCUMENTED,
    REMOVED_SETTINGS,
    SETTING_CONFUSIONS,
    TRANSPORT_KEYS,
)
from flake8_celery.tables.settings import OLD_NAMES, SETTINGS

_PREFIX = r"^(CELERYD?|CELERYBEAT)_"
_LEGAL = (*SETTINGS, *DOCUMENTED)
_TRANSPORT = frozenset({"broker_transport_options", "result_backend_transport_options"})


def _meant(fact: UnknownSetting) -> str | None:
    """The current name, without a prefix, of the setting that a name is a misspelling of."""
    written = fact.written
    bare = re.sub(_PREFIX, "", written)
    name = bare.lower()
    if name in SETTINGS or name in DOCUMENTED or written in REMOVED_SETTINGS:
        return None
    if written.isupper():
        old = near_miss(written, OLD_NAMES)
        if old is not None:
            return OLD_NAMES[old]
        if written.startswith("BROKER_"):
            return None
    elif not written.islower():
        return None
    meant = SETTING_CONFUSIONS.get(name)
    if meant is None and (fact.form != "class" or bare != written or name in ("broker", "backend")):
        meant = CONF_CONFUSIONS.get(name)
    least = 6 if fact.form == "conf" else 8
    if meant is None and len(name) >= least and ("_" in name or fact.form == "conf"):
        meant = near_miss(name, _LEGAL)
    return meant


def _spelled(fact: UnknownSetting, meant: str, context: Context) -> str:
    """The setting that is meant, under the prefix that holds there."""
    if fact.written.islower():
        return meant
    namespace = namespace_of(fact, context.model)
    if namespace is None and not context.configuration().from_django:
        return meant
    prefix = namespace if isinstance(namespace, str) else "CELERY"
    return f"{prefix.rstrip('_')}_{meant}".upper()


def _is_configuration(fact: UnknownSetting, context: Context) -> bool:
    """Whether settings are read from where the name stands, as far as can be told."""
    model = context.model
    node = fact.region.node
    if fact.form == "class":
        # attributes of a Task class are no settings, whatever it is called
        return not isinstance(node, ast.ClassDef) or not model.is_task_class(
            node, fact.region.parent or fact.region
        )
    if fact.written.startswith("BROKER_"):
        return any(other.written.startswith("CELERY") for other in _settings(context))
    if fact.form != "module" or re.match(_PREFIX, fact.written):
        return True
    name = os.path.basename(model.project.path or model.module.filename)
    return name == "celeryconfig.py" or (
        configuration_of(model).loads(model) and not configuration_of(model).from_django
    )


@rule(
    "CEL801",
    "unknown-setting",
    pylint="E8740",
    on=(UnknownSetting, Setting, LooseSetting),
    message="%s is no %s and is never read, did you mean %s?",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, UnknownSetting):
        meant = _meant(fact)
        if meant is None or not _is_configuration(fact, context):
            return
        if any(other.key == meant for other in _settings(context)):
            return
        # a setting that only another unknown one reads is read by nobody
        alike = [other for other in context.model.of(UnknownSetting) if _meant(other) is not None]
        if reads(context.model, fact.written, {_sets(other) for other in alike}):
            return
        spelled = _spelled(fact, meant, context)
        yield Problem(setting_name(fact), (fact.written, "setting of Celery's", spelled))
    elif isinstance(fact, Setting) and fact.key in _TRANSPORT:
        yield from _transport(fact, context)


def _settings(context: Context) -> list[Setting]:
    return [*context.model.of(Setting), *context.model.of(LooseSetting)]


def _sets(fact: UnknownSetting) -> ast.AST:
    """The node that sets it: the statement where that sets nothing else."""
    return fact.statement if isinstance(fact.statement, (ast.Assign, ast.AnnAssign)) else fact.node


def _transport(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.how == "[]":
        keys: list[ast.expr | None] = [fact.item]
    else:
        found = context.resolve.expressions(fact.value, fact.region)
        if isinstance(found, Unknown):
            return
        keys = [key for table, _ in found if isinstance(table, ast.Dict) for key in table.keys]
    for key in keys:
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            continue
        name = key.value
        if name in TRANSPORT_KEYS:
            continue
        meant = name.lower() if name.lower() in TRANSPORT_KEYS else None
        meant = meant or (near_miss(name.lower(), TRANSPORT_KEYS) if len(name) > 7 else None)
        if meant is not None:
            yield Problem(key, (repr(name), "transport option", repr(meant)))
