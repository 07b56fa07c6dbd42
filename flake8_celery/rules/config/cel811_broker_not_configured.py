"""An application that nothing tells which broker to use sends to one on this host.

## What happens

`Celery()` without a broker connects to `amqp://guest@localhost`. A second application beside the
project's configured one knows nothing of its settings: tasks made with it are sent to a broker that
isn't there, or that no worker listens to, and so are `control` commands. Without a namespace Celery
reads no `CELERY_BROKER_URL` from a mapping that `conf.update` is given, such as Flask's.

```python bad
from celery import Celery

app = Celery("shop", broker="redis://queue.shop.example")
stock = Celery("stock")
        ^^^^^^ CEL811

@stock.task
def recount(shelf): ...

def view(request, shelf):
    recount.delay(shelf)
```
```python bad
from celery import Celery
from flask import Flask

def make_celery(app):
    celery = Celery(app.import_name)
    celery.conf.update(app.config)
                       ^^^^^^^^^^ CEL811
    return celery

flask_app = Flask("shop")
flask_app.config["CELERY_BROKER_URL"] = "redis://queue.shop.example"
celery = make_celery(flask_app)
```

## Use instead

```python good
from celery import Celery, shared_task

app = Celery("shop", broker="redis://queue.shop.example")

@shared_task
def recount(shelf): ...

def view(request, shelf):
    recount.delay(shelf)
```
```python good
from celery import Celery
from flask import Flask

def make_celery(app):
    celery = Celery(app.import_name, broker=app.config["CELERY_BROKER_URL"])
    celery.conf.update(app.config)
    return celery

flask_app = Flask("shop")
flask_app.config["CELERY_BROKER_URL"] = "redis://queue.shop.example"
celery = make_celery(flask_app)
```

## Exceptions

An application that is configured, or handed to a function that may do so, here or in another module;
projects in which the environment says `CELERY_BROKER_URL`; applications that send nothing in sight.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, rule
from flake8_celery.core.model import Dispatch, ImportedName, Task
from flake8_celery.core.model.purpose import is_for_development
from flake8_celery.core.settings.built import (
    Built,
    Use,
    built,
    configured_elsewhere,
    environment_names_broker,
    found_in,
    handed_over,
    sets_broker,
    uses,
)
from flake8_celery.core.syntax.search import Search

_IMPORTS = frozenset({"celery", "celery.Celery", "celery.app.Celery", "celery.app.base.Celery"})
_SENDING = frozenset({"send_task", "control", "connection", "connection_for_write"})
_SENT = r"\s*\.\s*(?:delay|apply_async|s|si|signature|delay_on_commit|apply_async_on_commit)\b"
_CONFIGURED = Search(
    r"\.config_from_object\(|\bCelery\([^)]*\bbroker\s*=|\.conf\.broker_url\b",
    (".config_from_object(", "Celery(", ".conf.broker_url"),
)
_CAPITALS = Search(r"\bCELERY_BROKER_URL\b[\"'\]]*\s*[=:]", ("CELERY_BROKER_URL",))
_READ = Search(r"\b(?:broker_url|BROKER_URL)\b[\"'\]]*\s*[=:](?!=)", ("broker_url", "BROKER_URL"))


@rule(
    "CEL811",
    "broker-not-configured",
    pylint="W8754",
    on=ImportedName,
    words=("Celery",),
    message="nothing tells this application its broker, %s amqp://localhost: %s",
)
def check(fact: ImportedName, context: Context) -> Iterator[Problem]:
    model = context.model
    if fact.target not in _IMPORTS or is_for_development(model):
        return
    if next((other for other in model.of(ImportedName) if other.target in _IMPORTS), 0) is not fact:
        return
    for application in built(model):
        if application.name == "?" or sets_broker(application, model):
            continue
        found = uses(application, model)
        mappings = list(handed_over(found))
        if mappings:
            if _only_in_capitals(context) and not environment_names_broker(model):
                told = "CELERY_BROKER_URL is not read from there, pass broker="
                yield Problem(mappings[0], ("which stays", told))
            continue
        sent = _sent(application, found, context)
        if sent and _is_second(application, context):
            yield Problem(application.call.func, sent, application.call)


def _only_in_capitals(context: Context) -> bool:
    """Whether the project says CELERY_BROKER_URL, and never the name that Celery reads."""
    text = context.module.text
    if not re.search(r"\bflask\b|import_name", text, re.I) or _READ.found(text):
        return False
    says = _CAPITALS.found(text) or found_in(context.model, _CAPITALS)
    return says and not found_in(context.model, _READ)


def _sent(application: Built, found: list[Use], context: Context) -> tuple[str, str] | None:
    """What is sent with the application, as the message says it; None for nothing in sight."""
    for use in found:
        if use.attribute in _SENDING and not _given_connection(use):
            return f"{use.attribute} goes to", "use the project's application"
    if application.function is not None:
        return None
    tasks = [
        task
        for task in context.model.of(Task)
        if task.application is not None and task.application.node is application.call
    ]
    names = tuple(task.name for task in tasks)
    if not tasks:
        return None
    told = "its tasks go to", "use @shared_task, or the project's application"
    if any(dispatch.task in tasks for dispatch in context.model.of(Dispatch)):
        return told
    sends = Search(rf"\b(?:{'|'.join(map(re.escape, names))}){_SENT}", names)
    return told if found_in(context.model, sends) else None


def _given_connection(use: Use) -> bool:
    """Whether a call is told which broker to talk to: `connection=`, `connection(url)`."""
    calls = [node for node in use.around if isinstance(node, ast.Call)]
    if not calls:
        return True
    named = any(keyword.arg in (None, "connection", "producer") for keyword in calls[0].keywords)
    return named or (use.attribute.startswith("connection") and bool(calls[0].args))


def _is_second(application: Built, context: Context) -> bool:
    """Whether another application of the project is configured, and nothing this one."""
    model = context.model
    text = context.module.text.replace(ast.unparse(application.call), "")
    if not _CONFIGURED.found(text) and not found_in(model, _CONFIGURED):
        return False
    if environment_names_broker(model):
        return False
    return application.function is not None or not configured_elsewhere(application, model)
