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
```python bad file=settings.py
CELERY_TASK_ROUTE = {"shop.mail.*": {"queue": "mail"}}
^^^^^^^^^^^^^^^^^ CEL801
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
their own from the same place. A name that the same file uses again is taken for one's own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule, setting_name
from flake8_celery.core.model import Fact, Setting, UnknownSetting
from flake8_celery.core.resolve import Unknown
from flake8_celery.facts.confusions import near_miss
from flake8_celery.facts.setting_values import DOCUMENTED, SETTING_CONFUSIONS, TRANSPORT_KEYS
from flake8_celery.facts.settings import OLD_NAMES, SETTINGS

_PREFIX = re.compile(r"^(CELERYD?|CELERYBEAT)_")
_LEGAL = (*SETTINGS, *DOCUMENTED)
_TRANSPORT = frozenset({"broker_transport_options", "result_backend_transport_options"})


def _meant(written: str) -> str | None:
    """The setting that a name is a misspelling of, in the same style, or None."""
    bare = _PREFIX.sub("", written)
    name = bare.lower()
    if name in SETTINGS or name in DOCUMENTED:
        return None
    if written.isupper():
        old = near_miss(written, OLD_NAMES)
        if old is not None:
            return old
    elif not written.islower():
        return None
    meant = SETTING_CONFUSIONS.get(name)
    if meant is None and "_" in name and len(name) > 7:
        meant = near_miss(name, _LEGAL)
    if meant is None:
        return None
    return f"CELERY_{meant.upper()}" if written.isupper() else meant


@rule(
    "CEL801",
    "unknown-setting",
    pylint="E8740",
    on=(UnknownSetting, Setting),
    message="%s is no %s and is never read, did you mean %s?",
)
def check(fact: Fact, context: Context) -> Iterator[Problem]:
    if isinstance(fact, UnknownSetting):
        meant = _meant(fact.written)
        if meant is None:
            return
        if len(re.findall(rf"\b{re.escape(fact.written)}\b", context.module.text)) > 1:
            return
        yield Problem(setting_name(fact), (fact.written, "setting of Celery's", meant))
    elif isinstance(fact, Setting) and fact.key in _TRANSPORT and fact.how != "+=":
        yield from _transport(fact, context)


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
