"""From candidates to facts, on evidence: the steps that fill a `Model`.

First the imports, the applications and the tasks; with those known, everything that is called on
them. Names that nothing ties to Celery make no fact.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator
from typing import Final

from flake8_celery.core import flow, follow
from flake8_celery.core.collect import Call, last_name
from flake8_celery.core.model import (
    _BLOCKING,
    _SHARED,
    FOREIGN,
    UNREADABLE,
    App,
    AppCall,
    Application,
    BeatEntry,
    Blocking,
    Canvas,
    Crontab,
    Dispatch,
    Function,
    GiveUp,
    ImportedName,
    InsecureSerializers,
    Model,
    NotAFunction,
    OnCommit,
    Periodic,
    Pipe,
    Place,
    QueueCall,
    Raise,
    Replace,
    Retry,
    Setting,
    SignalConnect,
    StateUpdate,
    Task,
    TaskAttribute,
    TaskCall,
    Terminate,
    UnknownSetting,
    Wrapper,
    is_app_like,
)
from flake8_celery.core.resolve import (
    CANVAS_NAMES,
    UNKNOWN,
    Unknown,
    dotted,
)
from flake8_celery.core.source import (
    BUILTINS,
    CLASS,
    MODULE,
    DefinitionNode,
    FunctionNode,
    Region,
    Scope,
)
from flake8_celery.facts.libraries import makes_tasks
from flake8_celery.facts.settings import OLD_NAMES, SETTINGS

_SENDING: Final = frozenset({"delay", "apply_async", "delay_on_commit", "apply_async_on_commit"})
_SIGNING: Final = frozenset({"s", "si", "signature", "subtask"})
_ON_SIGNATURES: Final = frozenset(
    {"delay", "apply_async", "apply", "set", "link", "link_error", "on_error"}
    | {"delay_on_commit", "apply_async_on_commit"}
)
_MAKING: Final = _SIGNING | {name.rpartition(".")[2] for name in CANVAS_NAMES} | {"map", "starmap"}
_ON_TASKS: Final = frozenset({"apply", "map", "starmap", "chunks"})
_CURRENT_TASK: Final = frozenset({"celery.current_task", "celery._state.current_task"})
_EXCEPTIONS: Final = {
    f"celery.exceptions.{name}": name for name in ("Retry", "Ignore", "Reject", "RetryTaskError")
}
_RAISED: Final = frozenset(_EXCEPTIONS.values())
_EXCEEDED: Final = "MaxRetriesExceededError"
_EXCEEDED_NAME: Final = f"celery.exceptions.{_EXCEEDED}"
_NO_TASKS: Final = FOREIGN | {"multiprocessing", "concurrent", "billiard", "celery", "inspect"}
_MAPPINGS: Final = frozenset({"beat_schedule", "task_routes", "task_annotations"})


# -- applications, tasks


#: The style of a decorator that takes options of its own and makes a task that has none.
_LIBRARY: Final = "library"


def find_applications(model: Model) -> None:
    """The applications that the module builds."""
    if not model.module.says("elery"):
        return
    for name, bindings in model.module.region.bindings.items():
        if not model.imports_celery and not is_app_like(name) and "elery" not in name:
            continue
        for binding in bindings:
            if binding.how == "assign" and isinstance(binding.value, ast.Attribute):
                held = model.of_extension(binding.value, binding.scope)
                if held is not None:
                    model.applications[name] = held
            if binding.how == "assign" and isinstance(binding.value, ast.Call):
                built = model.made(binding.value, binding.scope, name)
                if built is not None:
                    model.applications[name] = built
                elif isinstance(binding.node, ast.Assign) and "elery" in name:
                    root = (
                        model.resolver.qualname(binding.value.func, binding.scope) or ""
                    ).lstrip(".")
                    if root.partition(".")[0] not in FOREIGN:
                        # `celery = make_celery(app)`: an app, by a factory that is not read
                        model.applications[name] = _factory_application(
                            model, binding.value, binding.scope
                        )


def _factory_application(model: Model, call: ast.Call, region: Region) -> Application:
    return Application(False, UNREADABLE, None, call, region, home=model.module)


def find_tasks(model: Model) -> None:
    """The tasks that the module makes; whose application is imported, its own file tells."""
    others: set[tuple[str, Region]] = set()
    skipped = _NO_MAKERS if not model.options.celery_task_decorators else frozenset()
    for function, region in model.candidates.decorated:
        for decorator in function.decorator_list:
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(func, ast.Attribute) and func.attr == "connect":
                model.connecting.append((function, decorator, func, region))
            if last_name(func) in skipped:
                continue
            # many a decorator stands in a file many times
            key = dotted(func) or "", region.scope
            if key in others:
                continue
            task = _decorated(model, function, decorator, region)
            if task is None:
                if key[0]:
                    others.add(key)
            else:
                # decorated twice: the outermost speaks for the function
                if function not in model.task_of:
                    model.task_of[function] = task
                    model.functions_of_tasks[function] = task
                    model.add(task)
                else:
                    model.task_of[function].again.append(task)
    may_derive = model.imports_celery or any(
        isinstance(base, ast.Attribute) and base.attr == "Task"
        for node, _ in model.candidates.classes
        for base in node.bases
    )
    for node, region in model.candidates.classes:
        for decorator in node.decorator_list:
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            if maker(model, func, region) is not None:
                model.add(NotAFunction(decorator, node, region, f"the class {node.name}"))
        if may_derive and node.bases and model.is_task_class(node, region):
            run = model.candidates.scopes[node].bindings.get("run")
            body = run[0].node if run and len(run) == 1 else None
            task = Task(
                node,
                node,
                region,
                model,
                "class",
                function=body if isinstance(body, FunctionNode) else None,
            )
            model.add(task)
            if task.function is not None:
                model.functions_of_tasks[task.function] = task
    candidates = model.candidates
    for attr in ("task", "periodic_task"):
        for call, statement, region in candidates.attribute_calls.get(attr, ()):
            _called_decorator(model, call, statement, region)
    for name, target in model.names.items():
        if target in _SHARED:
            for call, statement, region in candidates.name_calls.get(name, ()):
                _called_decorator(model, call, statement, region)


def maker(model: Model, func: ast.expr, region: Region) -> tuple[str, Application | None] | None:
    """The style and application of a decorator that makes tasks; None for any other."""
    if isinstance(func, ast.Name):
        target = model.names.get(func.id)
        if target is not None:
            if func.id not in model.shared and not model.options.celery_task_decorators:
                return None
        elif not model.options.celery_task_decorators:
            bindings = region.lookup(func.id)
            if not bindings or len(bindings) != 1 or bindings[0].how != "assign":
                return None
            value = bindings[0].value
            if isinstance(value, ast.Attribute) and value.attr in ("task", "shared_task"):
                return maker(model, value, bindings[0].scope)
            return None
    elif not isinstance(func, ast.Attribute):
        return None
    elif func.attr not in ("task", "periodic_task", "shared_task"):
        if not model.options.celery_task_decorators:
            return None
    name = model.resolver.qualname(func, region)
    if name is not None:
        if name in _SHARED:
            return "shared", None
        if makes_tasks(name):
            return _LIBRARY, None
        if name.partition(".")[0] in FOREIGN:
            return None
    for given in model.options.celery_task_decorators:
        for known in (name, dotted(func)):
            if known and (
                known == given
                or known.endswith(f".{given}")
                or given.endswith(f".{known.lstrip('.')}")
            ):
                return "project", None
    if isinstance(func, ast.Attribute) and func.attr in ("task", "periodic_task"):
        application = model.application(func.value, region)
        if application is not None:
            return "app", application
    return None


def _decorated(
    model: Model, function: Function, decorator: ast.expr, region: Region
) -> Task | None:
    call = decorator if isinstance(decorator, ast.Call) else None
    func = call.func if call is not None else decorator
    options_region = region
    found = maker(model, func, region)
    if found is None and isinstance(func, ast.Name) and call is None:
        # task = shared_task(...); @task
        bindings = region.lookup(func.id)
        value = bindings[0].value if bindings and len(bindings) == 1 else None
        if isinstance(value, ast.Call) and isinstance(value.func, (ast.Name, ast.Attribute)):
            found = maker(model, value.func, bindings[0].scope) if bindings else None
            call = value
            options_region = bindings[0].scope if bindings else region
    if found is not None and found[0] == _LIBRARY:
        found, call = ("shared", None), None
    wrapper: Wrapper | None = None
    if found is None:
        wrapper = _wrapper(model, func, call, region)
        if wrapper is None:
            return None
        found = "project", wrapper.application
    task = Task(
        function,
        function,
        region,
        model,
        found[0],
        decorator=decorator,
        call=call,
        function=function,
        application=found[1],
        options_region=options_region,
    )
    task.wrapper = wrapper
    return task


#: Decorators that make no task, and stand in many a file.
_NO_MAKERS: Final = frozenset(
    {
        *("property", "staticmethod", "classmethod", "setter", "getter", "deleter"),
        *("cached_property", "abstractmethod", "contextmanager", "wraps", "overload"),
        *("atomic", "override_settings", "fixture", "parametrize", "patch"),
    }
)
_TASK_WORDS: Final = re.compile("task|celery|job|period|schedul")


def _wrapper(model: Model, func: ast.expr, call: ast.Call | None, region: Region) -> Wrapper | None:
    """The function behind a decorator, where all that it does is to make a task."""
    if not isinstance(func, (ast.Name, ast.Attribute)):
        return None
    name = func.id if isinstance(func, ast.Name) else func.attr
    if not _TASK_WORDS.search(name.lower()):
        if not model.module.names_celery:
            return None
        # most decorators of a task module are not about tasks: their modules stay unread
        target = model.resolver.qualname(func, region)
        if target is not None and not _TASK_WORDS.search(target.lower()):
            return None
    found = _partial(model, func, call, region)
    if found is not None:
        return found
    there = model.function_at(func, region)
    if there is None:
        return None
    function, _, home = there
    inner = home.candidates.scopes.get(function)
    if inner is None or function.decorator_list:
        return None
    passed, rest = _passed(function, call, region)
    node: ast.FunctionDef | ast.AsyncFunctionDef = function
    for _ in range(2):
        returned = flow.returned(node)
        if len(returned) != 1 or inner is None:
            return None
        value = returned[0]
        if not isinstance(value, ast.Name):
            break
        # def make(queue): def decorate(function): return app.task(queue=queue)(function)
        local = inner.bindings.get(value.id)
        if not local or len(local) != 1 or not isinstance(local[0].node, FunctionNode):
            return None
        node = local[0].node
        inner = home.candidates.scopes.get(node)
        if node.decorator_list:
            return None
    if not isinstance(value, ast.Call) or inner is None:
        return None
    making = value.func if isinstance(value.func, ast.Call) else value
    assert isinstance(making, ast.Call)
    made = maker(home, making.func, inner)
    if made is None or made[0] == "project":
        return None
    return Wrapper(home, *made, making, inner, passed, rest)


def _passed(
    function: Function, call: ast.Call | None, region: Region
) -> tuple[dict[str, Place], str | None]:
    """What a call gives to each parameter of a function, and the name of its `**kwargs`."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args]
    found: dict[str, Place] = {}
    if call is not None and not any(isinstance(a, ast.Starred) for a in call.args):
        for parameter, value in zip(named, call.args, strict=False):
            found[parameter.arg] = value, region
        for keyword in call.keywords:
            if keyword.arg is not None:
                found[keyword.arg] = keyword.value, region
    return found, arguments.kwarg.arg if arguments.kwarg is not None else None


def _partial(model: Model, func: ast.expr, call: ast.Call | None, region: Region) -> Wrapper | None:
    """`slow = partial(shared_task, queue="slow")`, and then `@slow()` or `@slow`."""
    at = follow.origin(model.resolver, func, region, fixed=False)
    if at is None or not isinstance(at.node, ast.Call) or not at.node.args:
        return None
    home: Model | None = model if at.home is model.resolver else None
    if home is None and at.home.outline is not None:
        home = model.neighbours(at.home.outline).outlined
    if home is None or at.home.qualname(at.node.func, at.region) != "functools.partial":
        return None
    made = maker(home, at.node.args[0], at.region)
    if made is None or made[0] == "project":
        return None
    return Wrapper(home, *made, at.node, at.region, {}, None)


def _called_decorator(model: Model, call: ast.Call, statement: ast.stmt, region: Region) -> None:
    """`t = app.task(function)`, and `app.task(**options)(function)`."""
    if isinstance(statement, DefinitionNode) and call in statement.decorator_list:
        return
    found = maker(model, call.func, region)
    if found is None or found[0] == _LIBRARY:
        return
    if call.args:
        holder, argument = call, call.args[0]
    else:
        outer = model.module.parent(call, statement)
        if not isinstance(outer, ast.Call) or outer.func is not call or not outer.args:
            return
        holder, argument = outer, outer.args[0]
    definition = model.resolver.definition(argument, region)
    function = definition[0] if definition is not None else None
    task = Task(
        holder,
        statement,
        region,
        model,
        found[0],
        call=call,
        function=function if isinstance(function, FunctionNode) else None,
        application=found[1],
    )
    what = _unusable(model, argument, region)
    if what is not None:
        model.add(NotAFunction(argument, statement, region, what))
    if holder not in model.task_of:
        model.task_of[holder] = task
        if task.function is not None:
            model.functions_of_tasks.setdefault(task.function, task)
        model.add(task)


#: What these make has no code object that Celery could read a signature from.
UNREADABLE_WRAPPERS: Final = frozenset(
    {
        "functools.cache",
        "functools.lru_cache",
        "asgiref.sync.async_to_sync",
        "asgiref.sync.sync_to_async",
    }
)


def _unusable(model: Model, argument: ast.expr, region: Region) -> str | None:
    """What an argument of a task decorator is, if Celery can't make a task of it."""
    if isinstance(argument, ast.Lambda):
        return "a lambda"
    if isinstance(argument, ast.Call):
        func = argument.func
        name = model.resolver.qualname(func, region)
        if name == "functools.partial":
            return "a partial object"
        if name in UNREADABLE_WRAPPERS:
            return f"what {ast.unparse(func)} makes"
        if isinstance(func, ast.Name) and func.id in ("staticmethod", "classmethod"):
            return f"a {func.id} object" if region.is_builtin(func.id) else None
        return None
    found = model.resolver.definition(argument, region)
    if found is not None and isinstance(found[0], ast.ClassDef):
        return f"the class {found[0].name}"
    return None


# -- calls


def _calls(model: Model) -> None:
    names = model.names
    later: list[Call] = []
    candidates = model.candidates
    for attr, calls in candidates.attribute_calls.items():
        handler = _ATTRIBUTE_CALLS.get(attr)
        if handler is not None:
            later += (each for each in calls if not handler(model, *each, attr))
    for reference, statement, region in candidates.references:
        _reference(model, reference, statement, region)
    for name, calls in candidates.name_calls.items():
        target = names.get(name)
        if target is not None and target.rpartition(".")[2] in _CALLED_BY_NAME:
            for call, statement, region in calls:
                _named_call(model, call, statement, region, target)
    _direct_calls(model)
    signs = _makes_signatures(model)
    for call, statement, region in later:
        _on_value(model, call, statement, region, signs)
    for pipe, statement, region in candidates.pipes if signs else ():
        kinds = model.resolver.kinds(pipe, region)
        if not isinstance(kinds, Unknown) and kinds == {"signature"}:
            model.add(Pipe(pipe, statement, region))
    if Canvas in model.facts or Pipe in model.facts:
        _canvas_calls(model)
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


def _makes_signatures(model: Model) -> bool:
    """Whether the module says anything that makes a signature: most `a | b` are none."""
    return not _MAKING.isdisjoint(model.candidates.attribute_calls) or any(
        isinstance(fact.statement, ast.Import) or fact.target in CANVAS_NAMES
        for fact in model.of(ImportedName)
    )


def _canvas_calls(model: Model) -> None:
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
    fact = Dispatch(
        call,
        statement,
        region,
        model,
        on="signature",
        method="__call__",
        receiver=call.func,
        call=call,
    )
    model.dispatches[call] = fact
    model.add(fact)


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


def _dispatch(
    model: Model,
    call: ast.Call | None,
    attribute: ast.Attribute,
    statement: ast.stmt,
    region: Region,
    on: str,
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


def _task_of(model: Model, node: ast.expr, region: Region) -> Task | None:
    return model.task(node, region) or model.is_self(node, region)


def _on_task(model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str) -> bool:
    """A method of a task; true where the receiver is one, here or in another module."""
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    receiver = attribute.value
    if not isinstance(receiver, (ast.Name, ast.Attribute)):
        return False
    task = _task_of(model, receiver, region)
    if task is not None:
        return _dispatch(model, call, attribute, statement, region, "task", task)
    target = _imported(model, receiver, region, attr)
    if target is None:
        return False
    return _dispatch(model, call, attribute, statement, region, "imported", None, target)


def _imported(model: Model, receiver: ast.expr, region: Region, attr: str) -> str | None:
    """The dotted name of an imported receiver that by its look may be a task."""
    if attr not in _SENDING and attr not in _SIGNING:
        return None
    target = model.resolver.qualname(receiver, region) or model.starred(receiver, region)
    if target is None or target.lstrip(".").partition(".")[0] in _NO_TASKS:
        return None
    if attr in _SENDING or attr == "si" or model.imports_celery:
        return target
    return target if "task" in target.lower() or "celery" in target.lower() else None


def _reference(model: Model, node: ast.Attribute, statement: ast.stmt, region: Region) -> None:
    """`t.delay`, not called: `on_commit(t.delay)`, `partial(t.delay, 1)`."""
    task = _task_of(model, node.value, region)
    if task is not None:
        _dispatch(model, None, node, statement, region, "task", task)
    elif node.attr in _SENDING and isinstance(node.value, (ast.Name, ast.Attribute)):
        target = _imported(model, node.value, region, node.attr)
        if target is not None:
            _dispatch(model, None, node, statement, region, "imported", None, target)


def _on_value(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, signs: bool
) -> None:
    """A method of something that may be a signature or a result."""
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    attr = attribute.attr
    if attr in _BLOCKING:
        task = model.own_body_of(region)
        if task is None or isinstance(attribute.value, ast.Constant):
            return
        kinds = model.resolver.kinds(attribute.value, region)
        if not isinstance(kinds, Unknown) and kinds == {"result"}:
            source = model.resolver.expressions(attribute.value, region)
            first = source[0][0] if not isinstance(source, Unknown) else attribute.value
            model.add(Blocking(call, statement, region, task, attr, model.dispatches.get(first)))
        return
    if attr not in _ON_SIGNATURES:
        return
    kinds = model.resolver.kinds(attribute.value, region) if signs else UNKNOWN
    if not isinstance(kinds, Unknown) and kinds == {"signature"}:
        _dispatch(model, call, attribute, statement, region, "signature")
    elif attr in _SENDING and isinstance(attribute.value, ast.Call):
        task = model.any_returned_task(attribute.value, region)
        if task is not None:
            _dispatch(model, call, attribute, statement, region, "task", task)


def _send_task(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str
) -> bool:
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    if model.application(attribute.value, region) is not None:
        _dispatch(model, call, attribute, statement, region, "app")
    elif attr == "signature":
        return _on_task(model, call, statement, region, attr)
    return True


def _retry(model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str) -> bool:
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    receiver = attribute.value
    task = _task_of(model, receiver, region)
    if task is None and model.resolver.qualname(receiver, region) in _CURRENT_TASK:
        task = model.owner(region)
    if task is not None:
        model.add(Retry(call, statement, region, task))
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
        _task_of(model, receiver, region) is not None
        or model.resolver.qualname(receiver, region) in _CURRENT_TASK
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


def _periodic(model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str) -> bool:
    # the receiver mostly is a handler's `sender`; nothing but Celery has a method of this name
    if model.imports_celery:
        model.add(Periodic(call, statement, region))
    return True


def _update(model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str) -> bool:
    """`app.conf.update(...)`, `app.conf.beat_schedule.update(...)`, `CELERY_X.update(...)`."""
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    holder = attribute.value
    if attr == "add_defaults" or (isinstance(holder, ast.Attribute) and holder.attr == "conf"):
        app = holder if attr == "add_defaults" else holder.value  # type: ignore[attr-defined]
        if model.application(app, region) is not None:
            _many_settings(model, call, statement, region)
        return True
    key = _setting_key(model, holder, region)
    if key is not None and key[0] in _MAPPINGS and len(call.args) == 1:
        model.add(
            Setting(
                call,
                statement,
                region,
                key=key[0],
                written=key[1],
                value=call.args[0],
                how="update",
                form="module" if isinstance(holder, ast.Name) else "conf",
            )
        )
    return True


def _app_call(model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str) -> bool:
    receiver = call.func.value  # type: ignore[attr-defined]
    if model.application(receiver, region) is not None:
        model.add(AppCall(call, statement, region, receiver, attr))
    return True


def _many_settings(model: Model, call: ast.Call, statement: ast.stmt, region: Region) -> None:
    for keyword in call.keywords:
        if keyword.arg is not None:
            _add_setting(model, keyword, statement, region, keyword.arg, keyword.value)
    tables = [keyword.value for keyword in call.keywords if keyword.arg is None]
    for argument in (*call.args[:1], *tables):
        found = model.resolver.expressions(argument, region)
        if isinstance(found, Unknown) or len(found) != 1:
            continue
        table, scope = found[0]
        if isinstance(table, ast.Dict):
            for key, value in zip(table.keys, table.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    _add_setting(model, key, statement, scope, key.value, value)


def _add_setting(
    model: Model,
    node: ast.AST,
    statement: ast.stmt,
    region: Region,
    written: str,
    value: ast.expr,
    form: str = "conf",
) -> None:
    key = current_name(written)
    if key is not None:
        model.add(
            Setting(node, statement, region, key=key, written=written, value=value, form=form)
        )
    else:
        model.add(UnknownSetting(node, statement, region, written=written, value=value, form=form))


_ATTRIBUTE_CALLS: Final = {
    **dict.fromkeys((*_SENDING, "s", "si", "subtask", *_ON_TASKS), _on_task),
    "set": lambda *_: False,
    "link": lambda *_: False,
    "link_error": lambda *_: False,
    "on_error": lambda *_: False,
    "signature": _send_task,
    "send_task": _send_task,
    "retry": _retry,
    "replace": _replace,
    "update_state": _update_state,
    **dict.fromkeys(_BLOCKING, _blocking),
    "on_commit": _on_commit,
    "connect": _connect,
    "update": _update,
    "add_defaults": _update,
    "add_periodic_task": _periodic,
    "config_from_object": _app_call,
    "autodiscover_tasks": _app_call,
}


def _attribute_canvas(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str
) -> bool:
    name = model.resolver.qualname(call.func, region)
    if name is None:
        return True
    if attr == "from_string" and name == "celery.schedules.crontab.from_string":
        model.add(Crontab(call, statement, region, True))
    else:
        _named_call(model, call, statement, region, name)
    return True


_ATTRIBUTE_CALLS.update(
    dict.fromkeys(
        (
            *("chain", "group", "chord", "crontab", "from_string", "Queue", "Exchange"),
            "enable_insecure_serializers",
        ),
        _attribute_canvas,
    )
)


_CALLED_BY_NAME: Final = frozenset(
    {
        *("chain", "group", "chord", "signature", "subtask", "crontab", "Queue", "Exchange"),
        *("enable_insecure_serializers", "on_commit"),
    }
)


def _named_call(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, target: str
) -> None:
    """A call by an imported name."""
    last = target.rpartition(".")[2]
    if target in CANVAS_NAMES:
        if last in ("chain", "group", "chord") and _means(model, call, region, target):
            model.add(Canvas(call, statement, region, model, last))
        elif last in ("signature", "subtask") and _means(model, call, region, target):
            _signature(model, call, statement, region)
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


def _signature(model: Model, call: ast.Call, statement: ast.stmt, region: Region) -> None:
    """`signature("shop.tasks.charge", args=(1,))`, Celery's function."""
    fact = Dispatch(
        call,
        statement,
        region,
        model,
        on="app",
        method="signature",
        receiver=call.func,
        call=call,
    )
    model.dispatches[call] = fact
    model.add(fact)


def _means(model: Model, call: ast.Call, region: Region, target: str) -> bool:
    """A local name of the same spelling may hide the import."""
    return model.resolver.qualname(call.func, region) == target


# -- raises


def _raises(model: Model) -> None:
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
        if target and target.rpartition(".")[2] not in _RAISED:
            continue
        name = _EXCEPTIONS.get(model.resolver.qualname(kind, region) or "")
        if name is not None:
            model.add(Raise(statement, region, name, called, model.owner(region)))


def _give_ups(model: Model) -> None:
    if not model.module.says(_EXCEEDED):
        return
    for function, region in model.candidates.scopes.items():
        if not isinstance(function, FunctionNode):
            continue
        for node in flow.walk(function.body):
            for handler in node.handlers if isinstance(node, ast.Try) else ():
                kind = handler.type
                for named in kind.elts if isinstance(kind, ast.Tuple) else [kind]:
                    if isinstance(named, (ast.Name, ast.Attribute)):
                        target = model.resolver.qualname(named, region)
                        if last_name(named) == _EXCEEDED or target == _EXCEEDED_NAME:
                            assert isinstance(node, ast.Try)
                            model.add(GiveUp(handler, node, region, named))


def _terminates(model: Model) -> None:
    if not model.module.says("terminate") or not model.imports_celery:
        return
    for function, region in (
        (model.module.tree, model.module.region),
        *model.candidates.scopes.items(),
    ):
        body = getattr(function, "body", None)
        for statement in body if isinstance(body, list) else ():
            for node in flow.walk([statement]):
                if isinstance(node, ast.Call) and last_name(node.func) in ("revoke", "terminate"):
                    model.add(Terminate(node, statement, region))


# -- settings


def current_name(written: str) -> str | None:
    """The lower-case name of a setting in Celery's current spelling, or None for no setting."""
    if written in SETTINGS:
        return written
    if written in OLD_NAMES:
        return OLD_NAMES[written]
    if written.startswith("CELERY_"):
        bare = written[7:].lower()
        if bare in SETTINGS:
            return bare
    return None


def _setting_key(model: Model, node: ast.expr, region: Region) -> tuple[str, str] | None:
    """The setting that an expression means: `app.conf.x`, `app.conf["x"]`, `CELERY_X`."""
    if isinstance(node, ast.Attribute):
        holder = node.value
        if isinstance(holder, ast.Attribute) and holder.attr == "conf":
            key = current_name(node.attr)
            if key is not None and model.application(holder.value, region) is not None:
                return key, node.attr
        return None
    if isinstance(node, ast.Subscript):
        holder = node.value
        if (
            isinstance(holder, ast.Attribute)
            and holder.attr == "conf"
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, str)
        ):
            key = current_name(node.slice.value)
            if key is not None and model.application(holder.value, region) is not None:
                return key, node.slice.value
        return None
    if isinstance(node, ast.Name) and "CELERY" in node.id:
        key = current_name(node.id)
        if key is not None:
            return key, node.id
    return None


def _may_set(target: ast.expr) -> bool:
    """Whether a target may, by its look, be a setting or an item of one: most are `self.x`."""
    while type(target) is ast.Subscript:
        target = target.value
    if isinstance(target, ast.Attribute):
        holder = target.value
        return target.attr == "conf" or (
            isinstance(holder, ast.Attribute) and holder.attr == "conf"
        )
    return isinstance(target, ast.Name) and "CELERY" in target.id


def _settings(model: Model, loads: Callable[[Model], bool] | None) -> None:
    for statement, region in model.candidates.assigns:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            if statement.value is None or not _may_set(target):
                continue
            key = _setting_key(model, target, region)
            augmented = isinstance(statement, ast.AugAssign)
            how = "update" if augmented else "="
            item: ast.expr | None = None
            if key is None and isinstance(target, ast.Subscript):
                key = _setting_key(model, target.value, region)
                how, item = "[]", target.slice
            if key is not None:
                model.add(
                    Setting(
                        target,
                        statement,
                        region,
                        key=key[0],
                        written=key[1],
                        value=statement.value,
                        how=how,
                        item=item,
                        form="module" if isinstance(_root(target), ast.Name) else "conf",
                    )
                )
            elif _is_conf_item(model, target, region) and not augmented:
                written = target.attr if isinstance(target, ast.Attribute) else target.slice.value  # type: ignore[attr-defined]
                model.add(
                    UnknownSetting(
                        target,
                        statement,
                        region,
                        written=str(written),
                        value=statement.value,
                        form="conf",
                    )
                )
    for name, application in model.applications.items():
        _constructor(model, name, application)
    lower_case = _is_config_module(model) or (loads is not None and loads(model))
    _named_settings(model, model.module.region, lower_case, "module")
    loaded = _loaded_here(model)
    for node, _ in model.candidates.classes:
        if "elery" in node.name or node in loaded:
            _named_settings(model, model.candidates.scopes[node], True, "class")
    for setting in model.of(Setting):
        if setting.key == "beat_schedule":
            _beat(model, setting)


def _root(target: ast.expr) -> ast.expr:
    """What an item is set on: `CELERY_X` in `CELERY_X["a"]`, else the attribute."""
    return target.value if isinstance(target, ast.Subscript) else target


def _is_conf_item(model: Model, target: ast.expr, region: Region) -> bool:
    """Whether it is `app.conf.x` or `app.conf["x"]`."""
    if isinstance(target, ast.Subscript):
        if not isinstance(target.slice, ast.Constant) or not isinstance(target.slice.value, str):
            return False
    elif not isinstance(target, ast.Attribute):
        return False
    holder = target.value
    return (
        isinstance(holder, ast.Attribute)
        and holder.attr == "conf"
        and model.application(holder.value, region) is not None
    )


def _loaded_here(model: Model) -> set[ast.AST]:
    """The classes of this module that `config_from_object` is given; dicts are taken in at once."""
    found: set[ast.AST] = set()
    for fact in model.of(AppCall):
        argument = fact.arguments.get("obj", 0)
        if fact.method != "config_from_object" or argument is None:
            continue
        definition = model.resolver.definition(argument, fact.region)
        if definition is not None:
            found.add(definition[0])
            continue
        tables = model.resolver.expressions(argument, fact.region)
        for table, scope in () if isinstance(tables, Unknown) else tables:
            if isinstance(table, ast.Dict):
                for key, value in zip(table.keys, table.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        _add_setting(model, key, fact.statement, scope, key.value, value, "dict")
            elif isinstance(table, ast.Constant) and isinstance(table.value, str):
                name = table.value.replace(":", ".").rpartition(".")[2]
                bindings = model.module.region.bindings.get(name)
                if bindings and len(bindings) == 1 and isinstance(bindings[0].node, ast.ClassDef):
                    found.add(bindings[0].node)
    return found


#: What `Celery(...)` takes that is no setting.
_CONSTRUCTOR: Final = frozenset(
    [
        *("main", "loader", "amqp", "events", "log", "control", "set_as_current", "tasks"),
        *("changes", "config_source", "fixups", "task_cls", "autofinalize", "namespace"),
        *("strict_typing", "config_source_silent", "result_cls"),
    ]
)
_CONSTRUCTED: Final = {"broker": "broker_url", "backend": "result_backend"}


def _constructor(model: Model, name: str, application: Application) -> None:
    call, region = application.node, application.region
    bindings = model.module.region.bindings.get(name)
    if (
        not isinstance(call, ast.Call)
        or region is None
        or not bindings
        or bindings[0].value is not call
        or not isinstance(bindings[0].node, ast.stmt)
    ):
        return
    statement = bindings[0].node
    if application.known and application.home is model.module:
        model.add(App(call, statement, region, name, application))
    else:
        return
    for keyword in call.keywords:
        written = keyword.arg
        if written is None or written in _CONSTRUCTOR:
            continue
        if isinstance(keyword.value, ast.Constant) and keyword.value.value is None:
            continue
        key = _CONSTRUCTED.get(written, written)
        if key in SETTINGS:
            model.add(
                Setting(
                    keyword,
                    statement,
                    region,
                    key=key,
                    written=written,
                    value=keyword.value,
                    form="conf",
                )
            )
        else:
            _add_setting(model, keyword, statement, region, written, keyword.value)
    for position, key in ((9, "broker_url"), (2, "result_backend")):
        if len(call.args) > position and not any(isinstance(a, ast.Starred) for a in call.args):
            value = call.args[position]
            model.add(
                Setting(value, statement, region, key=key, written=key, value=value, form="conf")
            )


def _is_config_module(model: Model) -> bool:
    name = os.path.basename(model.module.filename).lower()
    if "celery" in name:
        return True
    stem = os.path.splitext(name)[0]
    return any(
        given.rpartition(".")[2] == stem or os.path.basename(given).lower() == name
        for given in model.options.celery_config
    )


def _named_settings(model: Model, scope: Scope, lower_case: bool, form: str) -> None:
    if scope.kind not in (MODULE, CLASS):
        return
    for name, bindings in scope.bindings.items():
        if not lower_case and "CELERY" not in name and not name.startswith("BROKER_"):
            continue
        if _may_be_misnamed(name, scope, lower_case):
            for binding in bindings:
                if binding.how == "assign" and binding.value is not None:
                    model.add(
                        UnknownSetting(
                            binding.node,
                            binding.node,  # type: ignore[arg-type]
                            scope,
                            written=name,
                            value=binding.value,
                            form=form,
                        )
                    )
            continue
        key = current_name(name) or (
            name.lower() if lower_case and name.lower() in SETTINGS else None
        )
        if key is None:
            continue
        for binding in bindings:
            if binding.how == "assign" and binding.value is not None:
                statement = binding.node
                assert isinstance(statement, ast.stmt)
                model.add(
                    Setting(
                        statement,
                        statement,
                        scope,
                        key=key,
                        written=name,
                        value=binding.value,
                        form=form,
                    )
                )


def _may_be_misnamed(name: str, scope: Region, lower_case: bool) -> bool:
    """Whether a name is meant as a setting and is none."""
    if name.startswith(("CELERY_", "CELERYD_", "CELERYBEAT_", "BROKER_")):
        return current_name(name) is None
    if not lower_case or name.startswith("_"):
        return False
    if "_" not in name and name not in ("broker", "backend"):
        return False
    return name.lower() not in SETTINGS and current_name(name) is None


def _beat(model: Model, setting: Setting) -> None:
    if setting.how == "[]":
        label = setting.item.value if isinstance(setting.item, ast.Constant) else ""
        found = beat_entry(
            model, setting.value, setting.region, setting.statement, str(label), setting.item
        )
    else:
        found = beat_entries(model, setting.value, setting.region, setting.statement)
    for entry in found:
        model.add(entry)


def beat_entries(
    model: Model, value: ast.expr, region: Region, statement: ast.stmt
) -> Iterator[BeatEntry]:
    """The entries of a beat schedule, as far as they are in sight."""
    found = model.resolver.expressions(value, region)
    if isinstance(found, Unknown):
        return
    for table, scope in found:
        if isinstance(table, ast.Dict):
            for key, item in zip(table.keys, table.values, strict=True):
                label = key.value if isinstance(key, ast.Constant) else ""
                if key is not None:
                    yield from beat_entry(model, item, scope, statement, str(label), key)
        elif _is_dict_call(table, scope):
            assert isinstance(table, ast.Call)
            for keyword in table.keywords:
                if keyword.arg is not None:
                    yield from beat_entry(model, keyword.value, scope, statement, keyword.arg)


def _is_dict_call(node: ast.expr, region: Region) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "dict"
        and region.is_builtin("dict")
        and not node.args
    )


def beat_entry(
    model: Model,
    value: ast.expr,
    region: Region,
    statement: ast.stmt,
    label: str,
    place: ast.AST | None = None,
) -> Iterator[BeatEntry]:
    """The entry that an expression is; several where it may be one of several."""
    found = model.resolver.expressions(value, region)
    if isinstance(found, Unknown):
        return
    for node, scope in found:
        fields: dict[str, tuple[ast.AST, ast.expr]] = {}
        complete = True
        if isinstance(node, ast.Dict):
            for key, item in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    fields[key.value] = (key, item)
                else:
                    complete = False
        elif _is_dict_call(node, scope):
            assert isinstance(node, ast.Call)
            for keyword in node.keywords:
                if keyword.arg is None:
                    complete = False
                else:
                    fields[keyword.arg] = (keyword, keyword.value)
        else:
            continue
        yield BeatEntry(node, statement, scope, label, fields, complete, place)
