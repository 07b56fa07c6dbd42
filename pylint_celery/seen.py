"""What the core says of a module of astroid: its tasks, Task classes, signal handlers, routers."""

from __future__ import annotations

import ast
from collections import OrderedDict
from typing import Final, NamedTuple

from astroid import nodes

from flake8_celery.core.model.build import build
from flake8_celery.core.model.fact import PLAIN
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.stated import Setting, SignalConnect
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.reading import MAX_BYTES, decoded, read_file
from flake8_celery.core.syntax.gate import passes_gate
from flake8_celery.core.syntax.module import Module
from flake8_celery.options import Options

Key = tuple[str, int]
"""A function's or class's name and the line of its `def` or `class`."""
_FUNCTION: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_MARK: Final = "_celery_seen"


class SeenTask(NamedTuple):
    """A function under a task decorator."""

    bound: bool
    """It gets the task as its first argument, or may get it."""
    decorator: int
    """Which of the decorators makes it a task."""
    outermost: bool
    """The name means the task: no decorator of another kind stands above."""
    base: bool
    """It has a `base=` of its own."""
    plain: bool
    """Without `base=`: its Task class is Celery's own, as far as can be told."""


class Seen(NamedTuple):
    """Nothing of the core's trees is kept."""

    tasks: dict[Key, SeenTask]
    bound: frozenset[Key]
    """Functions that certainly get the task as first argument."""
    classes: frozenset[Key]
    """Task classes, as far as this module shows."""
    handlers: dict[Key, str]
    """Functions connected to a signal, and which."""
    routers: frozenset[Key]
    """Functions named in `task_routes`."""
    errbacks: frozenset[Key]
    """Tasks that are sent when another one fails."""


NOTHING: Final = Seen({}, frozenset(), frozenset(), {}, frozenset(), frozenset())

MAX_KEPT: Final = 500_000
"""Characters of source whose trees are kept for the linter, which comes to most files later."""
_MAKERS: Final = frozenset({"task", "shared_task", "periodic_task"})

_options = Options()
_makers = _MAKERS
_kept: OrderedDict[nodes.Module, Module] = OrderedDict()


def configure(options: Options) -> None:
    """Take in the options that say what is a task."""
    global _options, _makers
    _options = options
    own = (name.rpartition(".")[2] for name in options.celery_task_decorators)
    _makers = _MAKERS.union(own)


def makers() -> frozenset[str]:
    """The last names of whatever may make a task of a function."""
    return _makers


def look(module: nodes.Module) -> Seen:
    """What there is in a module; read once."""
    found: Seen | None = module.__dict__.get(_MARK)
    if found is None:
        # in a module that is being read nothing is known yet
        setattr(module, _MARK, NOTHING)
        found = _read(module)
        setattr(module, _MARK, found)
    return found


def note(module: nodes.Module, model: Model) -> None:
    """Keep what the linter has found out anyway."""
    if _MARK not in module.__dict__:
        setattr(module, _MARK, _seen(model))


def tree_of(module: nodes.Module, text: str) -> ast.Module | None:
    """The parsed module, if it has been read for what is in it; given once."""
    kept = _kept.pop(module, None)
    return kept.tree if kept is not None and kept.text == text.removeprefix("\ufeff") else None


def key_of(node: nodes.FunctionDef | nodes.ClassDef) -> Key:
    """How a function or class is called in `Seen`."""
    return node.name, node.fromlineno


def text_of(module: nodes.Module) -> str:
    """The source: the buffer under --from-stdin, not the file; empty where there is none."""
    try:
        if module.file_bytes is None and module.file:
            return decoded(read_file(module.file, MAX_BYTES))
        with module.stream() as stream:
            return decoded(stream.read()) if stream is not None else ""
    except (OSError, SyntaxError, LookupError, UnicodeDecodeError):
        return ""  # gone or changed since it was parsed


def _read(module: nodes.Module) -> Seen:
    text = text_of(module).removeprefix("\ufeff")
    filename = module.file or f"{module.name}.py"
    if not passes_gate(text, filename, _options.extra_needles):
        return NOTHING
    try:
        read = Module(text, filename, ast.parse(text))
        found = _seen(build(read, _options))
    except Exception:  # the linter itself says what it can't read
        return NOTHING
    _kept[module] = read
    while sum(len(kept.text) for kept in _kept.values()) > MAX_KEPT:
        _kept.popitem(last=False)
    return found


def _seen(model: Model) -> Seen:
    tasks: dict[Key, SeenTask] = {}
    for node, task in model.task_of.items():
        if isinstance(node, _FUNCTION) and task.decorator is not None:
            tasks[node.name, node.lineno] = _task(task)
    return Seen(
        tasks,
        frozenset(
            (function.name, function.lineno)
            for function, task in model.functions_of_tasks.items()
            if isinstance(function, _FUNCTION) and task.bind is True
        ),
        frozenset(
            (task.node.name, task.node.lineno)
            for task in model.of(Task)
            if isinstance(task.node, ast.ClassDef)
        ),
        {
            (fact.handler.name, fact.handler.lineno): fact.signal
            for fact in model.of(SignalConnect)
            if isinstance(fact.handler, _FUNCTION)
        },
        frozenset(_routers(model)),
        frozenset(_errbacks(model)),
    )


def _task(task: Task) -> SeenTask:
    base = "base" in task.arguments.keywords
    own = task.call is None or task.call is task.decorator
    return SeenTask(
        task.bind is not False,
        len(task.above),
        not task.again
        and all(isinstance(d, ast.Name) and d.id == "staticmethod" for d in task.above),
        base and own,
        not base and own and task.base is PLAIN,
    )


def _routers(model: Model) -> list[Key]:
    found: list[Key] = []
    for setting in model.of(Setting):
        if setting.key == "task_routes":
            value = setting.value
            given = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
            for expression in given:
                if isinstance(expression, (ast.Name, ast.Attribute)):
                    definition = model.resolver.definition(expression, setting.region)
                    if definition is not None and isinstance(definition[0], _FUNCTION):
                        found.append((definition[0].name, definition[0].lineno))
    return found


def _errbacks(model: Model) -> list[Key]:
    found: list[Key] = []
    for dispatch in model.of(Dispatch):
        if dispatch.method in ("on_error", "link_error"):
            value = dispatch.arguments.get("errback", 0)
        else:
            value = dispatch.arguments.get("link_error")
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            if value.func.attr in ("s", "signature"):
                task = model.task(value.func.value, dispatch.region)
                if task is not None and task.function is not None:
                    found.append((task.function.name, task.function.lineno))
    return found
