"""Tasks that are sent or signed, by method or reference."""

from __future__ import annotations

import ast

from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Dispatch, On
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.regions import Region
from flake8_celery.tables.methods import NO_TASKS, SENDING, SIGNING


def add_dispatch(
    model: Model,
    call: ast.Call | None,
    attribute: ast.Attribute,
    statement: ast.stmt,
    region: Region,
    on: On,
    task: Task | None = None,
    target: str | None = None,
) -> bool:
    node: ast.AST = call if call is not None else attribute
    fact = Dispatch(
        node,
        statement,
        region,
        model,
        on=on,
        method=attribute.attr,
        receiver=attribute.value,
        call=call,
        task=task,
        target=target,
    )
    model.dispatches[node] = fact
    model.add(fact)
    return True


def task_of(model: Model, node: ast.expr, region: Region) -> Task | None:
    return model.task(node, region) or model.is_self(node, region)


def find_on_task(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str
) -> bool:
    """A method of a task; true where the receiver is one, here or in another module."""
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    receiver = attribute.value
    if not isinstance(receiver, (ast.Name, ast.Attribute)):
        return False
    task = task_of(model, receiver, region)
    if task is not None:
        return add_dispatch(model, call, attribute, statement, region, "task", task)
    target = _imported(model, receiver, region, attr)
    if target is None:
        return False
    return add_dispatch(model, call, attribute, statement, region, "imported", None, target)


def _imported(model: Model, receiver: ast.expr, region: Region, attr: str) -> str | None:
    """The dotted name of an imported receiver that by its look may be a task."""
    if attr not in SENDING and attr not in SIGNING:
        return None
    target = model.resolver.qualname(receiver, region) or model.starred(receiver, region)
    if target is None or target.lstrip(".").partition(".")[0] in NO_TASKS:
        return None
    if attr in SENDING or attr == "si" or model.imports_celery:
        return target
    return target if "task" in target.lower() or "celery" in target.lower() else None


def find_reference(model: Model, node: ast.Attribute, statement: ast.stmt, region: Region) -> None:
    """`t.delay`, not called: `on_commit(t.delay)`, `partial(t.delay, 1)`."""
    task = task_of(model, node.value, region)
    if task is not None:
        add_dispatch(model, None, node, statement, region, "task", task)
    elif node.attr in SENDING and isinstance(node.value, (ast.Name, ast.Attribute)):
        target = _imported(model, node.value, region, node.attr)
        if target is not None:
            add_dispatch(model, None, node, statement, region, "imported", None, target)


def find_send_task(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str
) -> bool:
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    if model.application(attribute.value, region) is not None:
        add_dispatch(model, call, attribute, statement, region, "app")
    elif attr == "signature":
        return find_on_task(model, call, statement, region, attr)
    return True
