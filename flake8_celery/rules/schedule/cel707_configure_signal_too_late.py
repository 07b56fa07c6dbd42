"""A handler of `on_after_configure` is connected after the configuration was read.

## What happens

The signal is sent once, when the application first reads its configuration. A module that reads
`app.conf.timezone`, or touches `app.tasks`, has done that by then: a handler connected below never
runs. There is no periodic task and no error.

So has whoever loads the modules of `autodiscover_tasks` and `include`: a handler that stands in one of
them, and in none that the application's own module imports, is connected too late as well.

```python bad
from celery import Celery

app = Celery("shop")
zone = app.conf.timezone

@app.on_after_configure.connect
     ^^^^^^^^^^^^^^^^^^ CEL707
def schedule(sender, **kwargs): ...
```

## Use instead

Connect before anything is read, or use `on_after_finalize`, which is sent after all tasks are loaded.

```python good
from celery import Celery

app = Celery("shop")

@app.on_after_configure.connect
def schedule(sender, **kwargs): ...

zone = app.conf.timezone
```

## Exceptions

Writing a setting, `app.conf.update(...)`, `config_from_object` and `autodiscover_tasks` read nothing. A handler that is
called by its name too.

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
import os
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Span, dotted, rule
from flake8_celery.core.model import SignalConnect
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.syntax.regions import MODULE, import_target
from flake8_celery.core.values.read import read

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


MAX_MODULES: Final = 300
"""More are not looked at: then the module may be imported after all."""


@rule(
    "CEL707",
    "configure-signal-too-late",
    pylint="W8707",
    on=SignalConnect,
    message="%s, so this handler never runs: %s",
)
def check(fact: SignalConnect, context: Context) -> Iterator[Problem]:
    if fact.signal != "on_after_configure" or fact.region.kind is not MODULE:
        return
    signal = _signal(fact)
    app = dotted(signal.value) if signal is not None else None
    if signal is None or app is None:
        return
    line, end = signal.end_lineno or signal.lineno, signal.end_col_offset or 0
    place = Span(line, end - len("on_after_configure"), line, end)
    bindings = fact.region.lookup(app.partition(".")[0])
    if not bindings or len(bindings) != 1:
        return
    if bindings[0].how == "import":
        if _is_discovered(fact, signal.value, context):
            told = "only discovery loads this module, after the configuration was read"
            yield Problem(place, (told, "connect it to on_after_finalize"))
        return
    if "." in app or bindings[0].how != "assign":
        return
    first = getattr(bindings[0].node, "lineno", 0)
    for statement in context.module.tree.body:
        if statement.lineno <= first:
            continue
        if statement is fact.statement or statement.lineno >= signal.lineno:
            return
        for node in walk([statement]) if _runs(statement) else ():
            if isinstance(node, ast.Attribute) and _reads(node, app, context, statement):
                told = f"{ast.unparse(node)} on line {node.lineno} has read the configuration"
                yield Problem(place, (told, "connect it above"))
                return


def _is_discovered(fact: SignalConnect, app: ast.expr, context: Context) -> bool:
    """Whether the module is loaded by `autodiscover_tasks` or `include` alone, as far as is seen.

    Nothing that the application's module imports may lead to it, nor call the handler by its name.
    """
    model = context.model
    target = model.resolver.qualname(app, fact.region)
    application = model.application_at(target) if target is not None else None
    home = application.home if application is not None else None
    if home is None or home is context.module or context.module.filename == home.filename:
        return False
    if not (home.says("autodiscover_tasks") or home.says("include")):
        return False
    handler = getattr(fact.handler, "name", "")
    if not handler or home.says(handler) or handler in model.candidates.name_calls:
        return False
    return not _leads_to(home, context.module.filename, context)


def _leads_to(home: Module, filename: str, context: Context) -> bool:
    """Whether importing a module imports the file too, by whatever modules of the project."""
    goal = os.path.abspath(filename)
    package = os.path.join(os.path.dirname(os.path.abspath(home.filename)), "__init__.py")
    pending = [os.path.abspath(home.filename), package]
    seen: set[str] = set()
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        if path == goal or len(seen) > MAX_MODULES:
            return True
        there = read(context.model.project, path)
        if there is None:
            continue
        project = there.project
        for statement, _ in there.candidates.imports:
            for alias in statement.names:
                name = alias.name
                if isinstance(statement, ast.ImportFrom):
                    name = import_target(statement, "" if name == "*" else name)
                dots = len(name) - len(name.lstrip("."))
                parts = name[dots:].split(".")
                for length in range(1, len(parts) + 1):
                    found = project.locate("." * dots + ".".join(parts[:length]))
                    if found is not None:
                        pending.append(os.path.abspath(found))
    return False


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
