"""A handler of `on_after_configure` is connected after the configuration was read.

## What happens

The signal is sent once, when the application first reads its configuration. A module that reads
`app.conf.timezone`, or touches `app.tasks`, has done that by then: a handler connected below never
runs. There is no periodic task and no error.

```python bad
from celery import Celery

app = Celery("shop")
zone = app.conf.timezone

@app.on_after_configure.connect
     ^^^^^^^^^^^^^^^^^^ CEL707
def schedule(sender, **kwargs): ...
```

## Use instead

Connect before anything is read, or use `on_after_finalize`.

```python good
from celery import Celery

app = Celery("shop")

@app.on_after_configure.connect
def schedule(sender, **kwargs): ...

zone = app.conf.timezone
```

## Exceptions

Writing a setting, `app.conf.update(...)`, `config_from_object` and `autodiscover_tasks` read nothing.

```python good
from celery import Celery

app = Celery("shop")
app.config_from_object("shop.settings")
app.conf.timezone = "UTC"
app.conf.update(enable_utc=True)
app.autodiscover_tasks()

@app.on_after_configure.connect
def schedule(sender, **kwargs): ...
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core import flow
from flake8_celery.core.engine import Context, Problem, Span, rule
from flake8_celery.core.model import SignalConnect
from flake8_celery.core.resolve import dotted
from flake8_celery.core.source import MODULE

#: Methods of `app.conf` that leave a pending configuration pending (each tried on Celery 5.7).
_WRITES: Final = frozenset({"update", "setdefault", "add_defaults"})
#: Attributes of an application that read its configuration, called or not.
_READS: Final = frozenset(
    {
        "backend",
        "connection",
        "connection_for_read",
        "connection_for_write",
        "control",
        "finalize",
        "log",
        "now",
        "register_task",
        "tasks",
        "timezone",
    }
)


@rule(
    "CEL707",
    "configure-signal-too-late",
    pylint="W8707",
    on=SignalConnect,
    message="%s on line %s has read the configuration, so this handler never runs: connect it above",
)
def check(fact: SignalConnect, context: Context) -> Iterator[Problem]:
    if fact.signal != "on_after_configure" or fact.region.kind is not MODULE:
        return
    signal = _signal(fact)
    app = dotted(signal.value) if signal is not None else None
    if signal is None or app is None or "." in app:
        return
    bindings = fact.region.lookup(app)
    if not bindings or len(bindings) != 1 or bindings[0].how != "assign":
        return  # another module may have read the configuration of an imported one, or not yet
    first = getattr(bindings[0].node, "lineno", 0)
    for statement in context.module.tree.body:
        if statement.lineno <= first:
            continue
        if statement is fact.statement or statement.lineno >= signal.lineno:
            return
        for node in flow.walk([statement]) if _runs(statement) else ():
            if isinstance(node, ast.Attribute) and _reads(node, app, context, statement):
                line, end = signal.end_lineno or signal.lineno, signal.end_col_offset or 0
                place = Span(line, end - len("on_after_configure"), line, end)
                yield Problem(place, (ast.unparse(node), node.lineno))
                return


def _runs(statement: ast.stmt) -> bool:
    """Whether all of the statement certainly runs when the module is imported."""
    return isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Assert))


def _signal(fact: SignalConnect) -> ast.Attribute | None:
    """`app.on_after_configure`, as written."""
    if fact.decorator and isinstance(fact.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for decorator in fact.node.decorator_list:
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Attribute):
                if func.value.attr == "on_after_configure":
                    return func.value
    elif fact.call is not None and isinstance(fact.call.func, ast.Attribute):
        if isinstance(fact.call.func.value, ast.Attribute):
            return fact.call.func.value
    return None


def _reads(node: ast.Attribute, app: str, context: Context, statement: ast.stmt) -> bool:
    """Whether an attribute makes the application read its configuration."""
    if not isinstance(node.value, ast.Name) or node.value.id != app:
        return False
    if node.attr in _READS:
        return True
    if node.attr != "conf":
        return False
    outer = context.module.parent(node, statement)
    if isinstance(outer, ast.Attribute):
        if outer.attr in _WRITES or isinstance(outer.ctx, ast.Store):
            return False
        return isinstance(outer.ctx, ast.Load)
    return isinstance(outer, ast.Subscript) and isinstance(outer.ctx, ast.Load)
