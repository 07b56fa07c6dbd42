"""All other calls that mean something to Celery."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.model.fact import Function
from flake8_celery.core.model.find_canvas import (
    CALLED_BY_NAME,
    _attribute_canvas,
    find_canvas_calls,
    find_named_call,
    find_on_value,
    makes_signatures,
)
from flake8_celery.core.model.find_sent import find_on_task, find_reference, find_send_task, task_of
from flake8_celery.core.model.find_settings import find_app_call, find_update
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import (
    Blocking,
    Canvas,
    Dispatch,
    GiveUp,
    Inspection,
    OnCommit,
    Pipe,
    Replace,
    Retry,
    TaskCall,
    Terminate,
)
from flake8_celery.core.model.stated import (
    Periodic,
    Raise,
    SignalConnect,
    StateUpdate,
    TaskAttribute,
)
from flake8_celery.core.syntax.candidates import CallSite, last_name
from flake8_celery.core.syntax.regions import BUILTINS, FunctionNode, Region
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.tables.methods import (
    BLOCKING,
    CURRENT_TASK,
    EXCEPTIONS,
    ON_TASKS,
    RAISED,
    SENDING,
)
from flake8_celery.tables.names import FOREIGN

_EXCEEDED: Final = "MaxRetriesExceededError"
_EXCEEDED_NAME: Final = f"celery.exceptions.{_EXCEEDED}"


def find_calls(model: Model) -> None:
    names = model.names
    later: list[CallSite] = []
    candidates = model.candidates
    for attr, calls in candidates.attribute_calls.items():
        handler = _ATTRIBUTE_CALLS.get(attr)
        if handler is not None:
            later += (each for each in calls if not handler(model, *each, attr))
    for reference, statement, region in candidates.references:
        find_reference(model, reference, statement, region)
    for name, calls in candidates.name_calls.items():
        target = names.get(name)
        if target is not None and target.rpartition(".")[2] in CALLED_BY_NAME:
            for call, statement, region in calls:
                find_named_call(model, call, statement, region, target)
    _direct_calls(model)
    signs = makes_signatures(model)
    for call, statement, region in later:
        find_on_value(model, call, statement, region, signs)
    for pipe, statement, region in candidates.pipes if signs else ():
        kinds = model.resolver.kinds(pipe, region)
        if not isinstance(kinds, Unknown) and kinds == {"signature"}:
            model.add(Pipe(pipe, statement, region))
    if Canvas in model.facts or Pipe in model.facts:
        find_canvas_calls(model)
    for invert, statement, region in candidates.inverts:
        task = model.own_body_of(region)
        if task is not None:
            kinds = model.resolver.kinds(invert.operand, region)
            if not isinstance(kinds, Unknown) and kinds == {"signature"}:
                model.add(Blocking(invert, statement, region, task, "~", None))
    for attribute, statement, region in candidates.misspelt:
        task = model.task(attribute.value, region) or model.is_self(attribute.value, region)
        if task is None:
            target = model.resolver.qualname(attribute.value, region)
            task = model.imported_task(target) if target is not None else None
        if task is not None:
            model.add(TaskAttribute(attribute, statement, region, task))
    for function, decorator, func, region in model.connecting:
        _connected(model, function, decorator, func, region)
    for fact in model.of(OnCommit):
        if fact.call.args:
            fact.dispatch = model.dispatches.get(fact.call.args[0])


def _direct_calls(model: Model) -> None:
    """Tasks called like functions: those of this module, and imported ones that look like it."""
    names = model.names
    ours: set[str] = set()
    for node, task in model.task_of.items():
        if isinstance(node, FunctionNode):
            ours.add(node.name)
        elif isinstance(task.statement, ast.Assign):
            ours.update(t.id for t in task.statement.targets if isinstance(t, ast.Name))
    sent = {d.target for d in model.of(Dispatch) if d.target}
    called = model.module.called
    name_calls = model.candidates.name_calls
    imported = {
        name: target
        for name, target in names.items()
        if name in name_calls
        and ("task" in target or target in sent or name in called)
        and not target.startswith("celery.")
    }
    for name in ours:
        for call, statement, region in name_calls.get(name, ()):
            known = model.task(call.func, region)
            if known is not None:
                model.add(TaskCall(call, statement, region, model, known, ""))
    for name, target in imported.items():
        if name not in ours:
            for call, statement, region in name_calls.get(name, ()):
                if model.resolver.qualname(call.func, region) == target:
                    model.add(TaskCall(call, statement, region, model, None, target))
    for call, statement, region in model.candidates.direct_calls:
        found = model.resolver.qualname(call.func, region)
        if found is not None and found.partition(".")[0] not in FOREIGN:
            model.add(TaskCall(call, statement, region, model, None, found))
        elif found is None and model.module.called:
            known = model.task(call.func, region)
            if known is not None:
                model.add(TaskCall(call, statement, region, model, known, ""))


def _retry(model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str) -> bool:
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    receiver = attribute.value
    task = task_of(model, receiver, region)
    if task is None and model.resolver.qualname(receiver, region) in CURRENT_TASK:
        task = model.owner(region)
    if task is not None:
        model.add(Retry(call, statement, region, task, model.resolver))
    return True


def _replace(model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str) -> bool:
    task = model.is_self(call.func.value, region)  # type: ignore[attr-defined]
    if task is not None:
        model.add(Replace(call, statement, region, task))
    return True


def _update_state(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str
) -> bool:
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    receiver = attribute.value
    if (
        task_of(model, receiver, region) is not None
        or model.resolver.qualname(receiver, region) in CURRENT_TASK
    ):
        model.add(StateUpdate(call, statement, region))
    return True


def _blocking(model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str) -> bool:
    # `.get` and `.join` are everywhere: only inside a task do they matter
    return not model.functions_of_tasks or region.function is None


def _on_commit(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str
) -> bool:
    name = model.resolver.qualname(call.func, region)
    if name is not None and name.startswith("django.") and name.endswith(".on_commit"):
        model.add(OnCommit(call, statement, region))
    return True


def _periodic(model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str) -> bool:
    # the receiver mostly is a handler's `sender`; nothing but Celery has a method of this name
    if model.imports_celery:
        model.add(Periodic(call, statement, region))
    return True


def _connect(model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str) -> bool:
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    signal = _signal(model, attribute.value, region)
    if signal is None:
        return True
    if isinstance(statement, FunctionNode) and call in statement.decorator_list:
        return True  # seen with the decorated functions
    arguments = call.args
    outer = model.module.parent(call, statement)
    if not arguments:
        if isinstance(outer, ast.Call) and outer.func is call and outer.args:
            arguments = outer.args
        else:
            return True
    handler: ast.AST = arguments[0]
    found = model.resolver.definition(arguments[0], region)
    if found is not None and isinstance(found[0], FunctionNode):
        handler = found[0]
    model.add(
        SignalConnect(
            call, statement, region, signal=signal, handler=handler, call=call, decorator=False
        )
    )
    return True


def _connected(
    model: Model, function: Function, decorator: ast.expr, func: ast.Attribute, region: Region
) -> None:
    signal = _signal(model, func.value, region)
    if signal is not None:
        model.add(
            SignalConnect(
                function,
                function,
                region,
                signal=signal,
                handler=function,
                call=decorator if isinstance(decorator, ast.Call) else None,
                decorator=True,
            )
        )


def _signal(model: Model, node: ast.expr, region: Region) -> str | None:
    name = model.resolver.qualname(node, region)
    if name is not None and name.startswith("celery.signals."):
        return name.rpartition(".")[2]
    if isinstance(node, ast.Attribute) and node.attr.startswith("on_after_"):
        if model.application(node.value, region) is not None:
            return node.attr
    return None


_ATTRIBUTE_CALLS: Final = {
    **dict.fromkeys((*SENDING, "s", "si", "subtask", *ON_TASKS), find_on_task),
    "set": lambda *_: False,
    "link": lambda *_: False,
    "link_error": lambda *_: False,
    "on_error": lambda *_: False,
    "signature": find_send_task,
    "send_task": find_send_task,
    "retry": _retry,
    "replace": _replace,
    "update_state": _update_state,
    **dict.fromkeys(BLOCKING, _blocking),
    "on_commit": _on_commit,
    "connect": _connect,
    "update": find_update,
    "add_defaults": find_update,
    "add_periodic_task": _periodic,
    "config_from_object": find_app_call,
    "autodiscover_tasks": find_app_call,
}
_ATTRIBUTE_CALLS.update(
    dict.fromkeys(
        (
            *("chain", "group", "chord", "crontab", "from_string", "Queue", "Exchange"),
            "enable_insecure_serializers",
        ),
        _attribute_canvas,
    )
)


def find_raises(model: Model) -> None:
    if not model.imports_celery:
        return
    for statement, region in model.candidates.raises:
        raised = statement.exc
        called = isinstance(raised, ast.Call)
        kind = raised.func if isinstance(raised, ast.Call) else raised
        if not isinstance(kind, (ast.Name, ast.Attribute)):
            continue
        if isinstance(kind, ast.Attribute):
            target: str = kind.attr
        else:
            target = model.names.get(kind.id, kind.id if kind.id in BUILTINS else "")
        if target and target.rpartition(".")[2] not in RAISED:
            continue
        name = EXCEPTIONS.get(model.resolver.qualname(kind, region) or "")
        if name is not None:
            model.add(Raise(statement, region, name, called, model.owner(region)))


def give_ups(model: Model) -> None:
    if not model.module.says(_EXCEEDED):
        return
    for handler, around, region in model.candidates.handlers:
        if region.function is None or not isinstance(around, ast.Try):
            continue
        kind = handler.type
        for named in kind.elts if isinstance(kind, ast.Tuple) else [kind]:
            if isinstance(named, (ast.Name, ast.Attribute)):
                target = model.resolver.qualname(named, region)
                if last_name(named) == _EXCEEDED or target == _EXCEEDED_NAME:
                    model.add(GiveUp(handler, around, region, named))


def terminates(model: Model) -> None:
    """Calls that end a task, and questions to the workers; both are rare."""
    if not model.imports_celery:
        return
    for call, statement, region in model.candidates.controls:
        assert isinstance(call.func, ast.Attribute)
        if call.func.attr in _ENDING:
            model.add(Terminate(call, statement, region))
        elif model.module.says("inspect"):
            model.add(Inspection(call, statement, region))


_ENDING = ("revoke", "terminate")
