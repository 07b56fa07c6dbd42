"""Which pydantic models pass a task that was made with `pydantic=True`.

Since Celery 5.7 the caller sends a model as its dump, if validating that dump by the parameter's
annotation gives an equal model; any other is left to the serializer, which refuses it. Before 5.7
every model was left to it.
"""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.bodies.model_classes import defines, is_pydantic
from flake8_celery.core.model.fact import ABSENT, Option
from flake8_celery.core.model.model import model_of
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.classes import class_of, mro
from flake8_celery.core.values.protocol import Class, Resolver
from flake8_celery.core.values.unknown import UNKNOWN, Unknown

#: Options of the task that change how its models are dumped and validated.
_CHANGING: Final = ("pydantic_strict", "pydantic_context", "pydantic_dump_kwargs")
#: What lets an aliased field be given by its own name too, or dumps it by its alias.
_BY_NAME: Final = frozenset(
    {"populate_by_name", "validate_by_name", "serialize_by_alias", "alias_generator"}
)
_ALIASES: Final = frozenset({"alias", "validation_alias"})
_OWN: Final = frozenset({"delay", "delay_on_commit", "s", "si"})


def takes_models(task: Task) -> bool | None:
    """Whether a task is made with `pydantic=True`; None where that can't be told."""
    option = task.option("pydantic")
    if option is ABSENT:
        return None if task.arguments.splat_keywords else False
    if not isinstance(option, Option):
        return None
    values = task.option_values(option)
    return True if values == (True,) else None


def refused_argument(
    fact: Dispatch, task: Task, value: ast.expr, model: ast.expr, resolver: Resolver
) -> bool:
    """Whether a task with `pydantic=True` surely sends `model`, an argument or in one, as it is.

    `value` is the argument that holds it. A list of models, or an argument for a parameter that is
    annotated with no model, with a container, or with another class, is left to the serializer.
    """
    if any(task.option(name) is not ABSENT for name in _CHANGING):
        return False
    if model is not value:
        return True
    annotation = _annotation(fact, task, value)
    if annotation is None:
        return False
    given = _class(model, fact.region, resolver)
    if annotation is _BARE:
        return given is not None
    declared = _declared(annotation, task.region, model_of(task).resolver)
    if given is None or isinstance(declared, Unknown):
        return False
    if declared is None or given.node is not declared.node:
        return True
    return _only_by_alias(given)


def refused_result(task: Task, value: ast.expr, model: ast.expr, resolver: Resolver) -> bool:
    """Whether a task with `pydantic=True` surely stores a returned model as it is."""
    if model is not value or task.function is None:
        return True
    annotation = task.function.returns
    if annotation is None:
        return True
    given = _class(value, task.region, resolver)
    declared = _declared(annotation, task.region, resolver)
    if given is None or isinstance(declared, Unknown):
        return False
    order = mro(given)
    return None not in order and (
        declared is None or all(each and each.node is not declared.node for each in order)
    )


_BARE: Final = ast.Pass()
"""A parameter without annotation."""


def _annotation(fact: Dispatch, task: Task, value: ast.expr) -> ast.AST | None:
    """What the parameter that an argument goes to is annotated with; None where that is unclear."""
    function = task.function
    if function is None or task.below or isinstance(task.bind, Unknown):
        return None
    arguments = fact.arguments
    positional: list[ast.expr] = []
    keywords: dict[str, ast.expr] = {}
    if fact.method in _OWN:
        positional = list(arguments.positional)
        keywords = {name: keyword.value for name, keyword in arguments.keywords.items()}
    else:
        first = arguments.get("args", 0)
        second = arguments.get("kwargs", 1)
        if isinstance(first, (ast.Tuple, ast.List)):
            positional = list(first.elts)
        if isinstance(second, ast.Dict):
            for key, item in zip(second.keys, second.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    keywords[key.value] = item
    taken = [*function.args.posonlyargs, *function.args.args]
    if task.bind:
        taken = taken[1:]
    by_name = {each.arg: each for each in (*taken, *function.args.kwonlyargs)}
    for index, item in enumerate(positional):
        if isinstance(item, ast.Starred):
            break
        if item is value and index < len(taken):
            return taken[index].annotation or _BARE
    for name, item in keywords.items():
        if item is value and name in by_name:
            return by_name[name].annotation or _BARE
    return None


def _declared(annotation: ast.AST, region: Region, resolver: Resolver) -> Class | Unknown | None:
    """The model that an annotation names, alone or `Optional`; None for another type."""
    node = _not_none(annotation)
    if isinstance(node, ast.Subscript):
        return None  # list[M], dict[str, M], Union[M, N]
    if isinstance(node, ast.BinOp):
        return None
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return UNKNOWN
    if isinstance(node, ast.Name) and region.is_builtin(node.id):
        return None  # dict, str
    cls = class_of(resolver, node, region)
    if cls is None or not is_pydantic(resolver, node, region):
        return UNKNOWN
    return cls


def _not_none(node: ast.AST) -> ast.AST:
    """`M` of `Optional[M]`, `Union[M, None]` and `M | None`; else the node."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [side for side in (node.left, node.right) if not _is_none(side)]
        return sides[0] if len(sides) == 1 else node
    if isinstance(node, ast.Subscript):
        outer = getattr(node.value, "attr", getattr(node.value, "id", ""))
        if outer in ("Optional", "Annotated"):
            inner = node.slice
            return inner.elts[0] if isinstance(inner, ast.Tuple) else inner
        if outer == "Union" and isinstance(node.slice, ast.Tuple):
            parts = [part for part in node.slice.elts if not _is_none(part)]
            return parts[0] if len(parts) == 1 else node
    return node


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _class(node: ast.expr, region: Region, resolver: Resolver) -> Class | None:
    """The class that a value is made of: `M(...)`, at once or behind a name."""
    found = resolver.expression(node, region)
    if found is None:
        return None
    made, where = found
    if not isinstance(made, ast.Call):
        return None
    cls = class_of(resolver, made.func, where)
    return cls if cls is not None and not defines(cls, "__json__") else None


def _only_by_alias(cls: Class) -> bool:
    """Whether a model has a field that is read by its alias alone, and dumped by its name."""
    order = mro(cls)
    if any(each is not None and _says(each.node, _BY_NAME) for each in order):
        return False
    return any(
        isinstance(statement, ast.AnnAssign)
        and isinstance(statement.value, ast.Call)
        and any(keyword.arg in _ALIASES for keyword in statement.value.keywords)
        for each in order
        if each is not None
        for statement in each.node.body
    )


def _says(node: ast.AST, names: frozenset[str]) -> bool:
    return any(
        (isinstance(each, ast.keyword) and each.arg in names)
        or (isinstance(each, ast.Name) and each.id in names)
        or (isinstance(each, ast.Constant) and each.value in names)
        for each in ast.walk(node)
    )
