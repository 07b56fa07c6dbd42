"""What becomes of a value when kombu's JSON serializer carries it (kombu/utils/json.py).

Judged as far as the source shows it: literals, constructors of known types, classes of this module.
Only what holds of every possible value is said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.model.fact import Option, Place
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Dispatch, Retry
from flake8_celery.core.model.stated import BeatEntry
from flake8_celery.core.model.task import Task
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.core.syntax.regions import FUNCTION, FunctionNode, Region, parameters_of
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.record import NamedTuple
from flake8_celery.tables.libraries import registers_types

MAX_DEPTH: Final = 6
#: Kinds (see `resolve.KINDS`) that kombu's encoder raises EncodeError for, as they are called.
REFUSED: Final = {
    "set": "a set",
    "frozenset": "a frozenset",
    "range": "a range",
    "generator": "a generator",
    "bytearray": "a bytearray",
    "memoryview": "a memoryview",
    "complex": "a complex number",
    "deque": "a deque",
    "fraction": "a Fraction",
    "timedelta": "a timedelta",
    "path": "a Path",
    "pattern": "a compiled pattern",
    "address": "an ip address",
    "lock": "a lock",
    "file": "an open file",
    "enum": "a member of an Enum that is neither str nor int",
    "instance": "an object of a class of your own",
    "pydantic-model": "a pydantic model",
    "exception": "an exception",
    "exception-class": "a class",
    "class": "a class",
    "function": "a function",
    "module": "a module",
    "task": "a task",
    "dispatch-reference": "a method",
    "result": "an AsyncResult",
}
#: Kinds that arrive as something else, and as what.
CHANGED: Final = {
    "tuple": ("a tuple", "a list"),
    "namedtuple": ("a named tuple", "a list"),
    "text-enum": ("a member of an Enum", "its plain value"),
}
_PLAIN_KEYS: Final = frozenset({"str"})
_CHANGED_KEYS: Final = frozenset({"int", "float", "bool", "none"})
_REFUSED_KEYS: Final = frozenset(
    {"bytes", "tuple", "frozenset", "datetime", "datetime-local", "datetime-utc", "date", "enum"}
)
#: Annotations that leave no doubt about the type.
_ANNOTATED: Final = {
    "set": "set",
    "frozenset": "frozenset",
    "typing.Set": "set",
    "typing.FrozenSet": "frozenset",
    "datetime.timedelta": "timedelta",
    "pathlib.Path": "path",
    "complex": "complex",
    "bytearray": "bytearray",
}


class Fate(NamedTuple):
    """What happens to a value, or to one inside it."""

    node: ast.expr
    """The value at fault, or a key."""
    refused: bool
    """The encoder raises; else it arrives changed."""
    what: str
    becomes: str = ""


def fate(node: ast.expr, region: Region, resolver: Resolver, changes: bool = False) -> Fate | None:
    """Why a value can't be sent as JSON, or with `changes` how it arrives; None where it is fine
    or can't be told.
    """
    return _fate(node, region, resolver, changes, 0)


def _fate(
    node: ast.expr, region: Region, resolver: Resolver, changes: bool, depth: int
) -> Fate | None:
    if depth > MAX_DEPTH:
        return None
    if isinstance(node, ast.Constant) and not isinstance(node.value, complex):
        return None
    if isinstance(node, (ast.Tuple, ast.List, ast.Dict)):
        return _display(node, region, resolver, changes, depth + 1)
    if isinstance(node, ast.ListComp) and _calls_from_outside(node) and not changes:
        return _fate(node.elt, region, resolver, changes, depth + 1)
    kind = _one_kind(node, region, resolver)
    if kind is None:
        return None
    if kind in REFUSED:
        return None if changes else Fate(node, True, REFUSED[kind])
    if changes and kind in CHANGED:
        return Fate(node, False, *CHANGED[kind])
    return None


def _calls_from_outside(node: ast.ListComp) -> bool:
    """Whether each element is a call of something that the comprehension doesn't bind."""
    func = node.elt.func if isinstance(node.elt, ast.Call) else None
    while isinstance(func, ast.Attribute):
        func = func.value
    own = {
        each.id
        for generator in node.generators
        for each in ast.walk(generator.target)
        if isinstance(each, ast.Name)
    }
    return isinstance(func, ast.Name) and func.id not in own


def _display(
    node: ast.Tuple | ast.List | ast.Dict,
    region: Region,
    resolver: Resolver,
    changes: bool,
    depth: int,
) -> Fate | None:
    inner: list[ast.expr] = []
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                found = _key(key, region, resolver, changes)
                if found is not None:
                    return found
                inner.append(value)
    else:
        if changes and isinstance(node, ast.Tuple):
            return Fate(node, False, *CHANGED["tuple"])
        inner = [element for element in node.elts if not isinstance(element, ast.Starred)]
    for element in inner:
        found = _fate(element, region, resolver, changes, depth)
        if found is not None:
            return found
    return None


def _key(key: ast.expr, region: Region, resolver: Resolver, changes: bool) -> Fate | None:
    kind = _one_kind(key, region, resolver)
    if kind is None or kind in _PLAIN_KEYS:
        return None
    if changes:
        return Fate(key, False, f"a key of type {kind}", "a str") if kind in _CHANGED_KEYS else None
    return Fate(key, True, "a dict key that is no str") if kind in _REFUSED_KEYS else None


def _one_kind(node: ast.expr, region: Region, resolver: Resolver) -> str | None:
    """The kind of every possible value, where all have one fate; else None."""
    if isinstance(node, ast.Attribute):
        # the value of a member of a str Enum is a str, the member is more
        member = resolver.member_kind(node, region)
        if member is not None:
            return member
    kinds = resolver.kinds(node, region)
    if isinstance(kinds, Unknown):
        return _annotated(node, region, resolver)
    if len(kinds) == 1 or all(kind in REFUSED for kind in kinds):
        return min(kinds)
    return None


def _annotated(node: ast.expr, region: Region, resolver: Resolver) -> str | None:
    """The kind that a parameter's annotation states, if nothing else ever binds the name."""
    if not isinstance(node, ast.Name):
        return None
    bindings = region.lookup(node.id)
    if not bindings or len(bindings) != 1 or bindings[0].how != "parameter":
        return None
    scope = bindings[0].scope
    parameter = bindings[0].node
    if scope.kind is not FUNCTION or not isinstance(parameter, ast.arg):
        return None
    function = scope.node
    assert isinstance(function, FunctionNode)
    arguments = function.args
    if parameter in (arguments.vararg, arguments.kwarg) or parameter not in parameters_of(
        arguments
    ):
        return None
    annotation = parameter.annotation
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    outside = scope.parent
    if outside is None or not isinstance(annotation, (ast.Name, ast.Attribute)):
        return None
    name = resolver.qualname(annotation, outside)
    if name is None and isinstance(annotation, ast.Name) and outside.is_builtin(annotation.id):
        name = annotation.id
    kind = _ANNOTATED.get(name or "")
    return kind if kind is not None and not _narrowed(function, node.id) else None


def _narrowed(function: ast.AST, name: str) -> bool:
    """Whether the function asks for the type of this parameter, and may not trust it."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("isinstance", "type", "callable", "hasattr") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Name) and first.id == name:
                    return True
    return False


#: Where `args` and `kwargs` stand among the positional arguments, by method.
_POSITIONS: Final = {
    "apply_async": 0,
    "apply_async_on_commit": 0,
    "signature": 0,
    "subtask": 0,
    "send_task": 1,
}
_OWN_ARGUMENTS: Final = frozenset({"delay", "delay_on_commit", "s", "si"})


def arguments_sent(fact: Dispatch | Retry | BeatEntry, resolver: Resolver) -> Iterator[Place]:
    """The values in sight that a message carries as arguments of its task, splats left out."""
    if isinstance(fact, BeatEntry):
        for name in ("args", "kwargs"):
            if name in fact.fields:
                yield from _members(fact.fields[name][1], fact.region, resolver)
        return
    arguments = fact.arguments
    first = 0
    if isinstance(fact, Dispatch):
        if fact.method in _OWN_ARGUMENTS:
            for value in arguments.positional:
                yield value, fact.region
            for keyword in arguments.keywords.values():
                yield keyword.value, fact.region
            return
        if fact.method not in _POSITIONS:
            return
        first = 1 if fact.on == "app" else _POSITIONS[fact.method]
    for name, position in (("args", first), ("kwargs", first + 1)):
        given = arguments.get(name, position)
        if given is not None:
            yield from _members(given, fact.region, resolver)


def _members(node: ast.expr, region: Region, resolver: Resolver) -> Iterator[Place]:
    """The elements of a list, tuple or dict display; a tuple may stand behind a name."""
    found = resolver.expressions(node, region)
    if not isinstance(found, Unknown) and len(found) == 1 and isinstance(found[0][0], ast.Tuple):
        node, region = found[0]
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield value, region
    elif isinstance(node, (ast.Tuple, ast.List)):
        for element in node.elts:
            if not isinstance(element, ast.Starred):
                yield element, region


def is_json(fact: Dispatch | Retry | BeatEntry, model: Model) -> bool:
    """Tell whether the message surely goes by kombu's JSON, with nothing registered beside it."""
    task = fact.resolved_task() if isinstance(fact, Dispatch) else getattr(fact, "task", None)
    if isinstance(fact, BeatEntry):
        if "options" in fact.fields or not fact.complete:
            return False
    else:
        given = fact.arguments.keywords.get("serializer")
        if given is not None:
            return model.resolver.values(given.value, fact.region) == ("json",)
        if fact.arguments.splat_keywords and getattr(fact, "method", "") not in _OWN_ARGUMENTS:
            return False
        if task is None and not (isinstance(fact, Dispatch) and fact.on == "app"):
            return False
    if task is not None:
        option = task.option("serializer")
        if isinstance(option, Unknown):
            return False
        if isinstance(option, Option):
            return task.option_values(option) == ("json",)
    return registers_nothing(model) and default_is_json(model, task, "task_serializer")


def default_is_json(model: Model, task: Task | None, key: str) -> bool:
    """Whether the settings leave a serializer (`task_serializer`, ...) at JSON, surely or likely.

    A project without an app, a library of tasks, is taken to have Celery's defaults.
    """
    configuration = configuration_of(model, task)
    from flake8_celery.core.settings.which_app import NO_APPLICATION, where_of

    if not configuration.found and where_of(model, task) == NO_APPLICATION:
        return True
    values = configuration.every(key, "json")
    if not isinstance(values, Unknown):
        return values == ("json",)
    from flake8_celery.core.settings.serializer import likely_json

    return likely_json(model, task, configuration)


def registers_nothing(model: Model) -> bool:
    """Whether neither this module nor the app's teaches kombu a type or a serializer.

    A function of another package that is given the app may do so.
    """
    models = [model]
    application = model.default_application()
    home = application.home if application is not None else None
    owner = home.region.owner if home is not None else None
    if isinstance(owner, Resolver) and owner.outline not in (None, model.outline):
        models.append(model.neighbours(owner.outline).model)
    return not any(
        one.module.says("register_type")
        or (one.module.says("kombu") and one.module.says("serialization"))
        or _hands_over(one)
        for one in models
    )


def _hands_over(model: Model) -> bool:
    """Whether a module gives its application to a function of a package that is not read."""
    calls = [
        (call, region)
        for found in model.candidates.name_calls.values()
        for call, _, region in found
    ]
    for statement in model.module.tree.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            calls.append((statement.value, model.module.region))
    for call, region in calls:
        name = model.resolver.qualname(call.func, region)
        if name is None or name.partition(".")[0] in ("celery", "kombu"):
            continue
        if registers_types(name):
            return True
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if any(isinstance(node, ast.Name) and node.id in model.applications for node in given):
            if model.find(name) is None:
                return True
    return False
