"""Canvases, signatures by name, and what is called on them."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.model.find_sent import add_dispatch
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Blocking, Canvas, Dispatch, On, OnCommit
from flake8_celery.core.model.stated import Crontab, ImportedName, InsecureSerializers, QueueCall
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.unknown import UNKNOWN, Unknown
from flake8_celery.tables.methods import BLOCKING, CANVAS_NAMES, MAKING, ON_SIGNATURES, SENDING


def makes_signatures(model: Model) -> bool:
    """Whether the module says anything that makes a signature: most `a | b` are none."""
    return not MAKING.isdisjoint(model.candidates.attribute_calls) or any(
        isinstance(fact.statement, ast.Import) or fact.target in CANVAS_NAMES
        for fact in model.of(ImportedName)
    )


def find_canvas_calls(model: Model) -> None:
    """`chain(...)()`, `(a | b)()`, `chord(header)(body)`, and the same through a variable."""
    for call, statement, region in model.candidates.other_calls:
        if isinstance(call.func, (ast.Call, ast.BinOp)):
            _canvas_call(model, call, statement, region)
    for name, calls in model.candidates.name_calls.items():
        for call, statement, region in calls:
            bindings = region.lookup(name)
            if (
                bindings is not None
                and len(bindings) == 1
                and isinstance(bindings[0].value, (ast.Call, ast.BinOp))
            ):
                _canvas_call(model, call, statement, region)


def _canvas_call(model: Model, call: ast.Call, statement: ast.stmt, region: Region) -> None:
    kinds = model.resolver.kinds(call.func, region)
    if isinstance(kinds, Unknown) or kinds != {"signature"}:
        return
    _dispatch(model, call, statement, region, "signature", "__call__")


def _dispatch(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, on: On, method: str
) -> None:
    """Something called that is no method of a task: a signature, or what makes one."""
    fact = Dispatch(
        call, statement, region, model, on=on, method=method, receiver=call.func, call=call
    )
    model.dispatches[call] = fact
    model.add(fact)


def find_on_value(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, signs: bool
) -> None:
    """A method of something that may be a signature or a result."""
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    attr = attribute.attr
    if attr in BLOCKING:
        task = model.own_body_of(region)
        if task is None or isinstance(attribute.value, ast.Constant):
            return
        kinds = model.resolver.kinds(attribute.value, region)
        if not isinstance(kinds, Unknown) and kinds == {"result"}:
            source = model.resolver.expressions(attribute.value, region)
            first = source[0][0] if not isinstance(source, Unknown) else attribute.value
            model.add(Blocking(call, statement, region, task, attr, model.dispatches.get(first)))
        return
    if attr not in ON_SIGNATURES:
        return
    kinds = model.resolver.kinds(attribute.value, region) if signs else UNKNOWN
    if not isinstance(kinds, Unknown) and kinds == {"signature"}:
        add_dispatch(model, call, attribute, statement, region, "signature")
    elif attr in SENDING and isinstance(attribute.value, ast.Call):
        task = model.any_returned_task(attribute.value, region)
        if task is not None:
            add_dispatch(model, call, attribute, statement, region, "task", task)


def _attribute_canvas(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str
) -> bool:
    name = model.resolver.qualname(call.func, region)
    if name is None:
        return True
    if attr == "from_string" and name == "celery.schedules.crontab.from_string":
        model.add(Crontab(call, statement, region, True))
    else:
        find_named_call(model, call, statement, region, name)
    return True


CALLED_BY_NAME: Final = frozenset(
    {
        *("chain", "group", "chord", "signature", "subtask", "crontab", "Queue", "Exchange"),
        *("enable_insecure_serializers", "on_commit"),
    }
)


def find_named_call(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, target: str
) -> None:
    """A call by an imported name."""
    last = target.rpartition(".")[2]
    if target in CANVAS_NAMES:
        if last in ("chain", "group", "chord") and _means(model, call, region, target):
            model.add(Canvas(call, statement, region, model, last))
        elif last in ("signature", "subtask") and _means(model, call, region, target):
            _dispatch(model, call, statement, region, "app", "signature")
    elif last == "crontab" and target == "celery.schedules.crontab":
        if _means(model, call, region, target):
            model.add(Crontab(call, statement, region, False))
    elif last in ("Queue", "Exchange") and target.startswith("kombu."):
        if _means(model, call, region, target):
            model.add(QueueCall(call, statement, region, last))
    elif last == "enable_insecure_serializers" and target.startswith("kombu."):
        if _means(model, call, region, target):
            model.add(InsecureSerializers(call, statement, region))
    elif last == "on_commit" and target.startswith("django."):
        if _means(model, call, region, target):
            model.add(OnCommit(call, statement, region))


def _means(model: Model, call: ast.Call, region: Region, target: str) -> bool:
    """A local name of the same spelling may hide the import."""
    return model.resolver.qualname(call.func, region) == target
