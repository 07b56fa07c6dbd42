"""Applications and tasks, on evidence: an attribute called `task` is none by itself."""

from __future__ import annotations

import ast
import re
from typing import Final

from flake8_celery.core.model.fact import Application, Function, Place
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.stated import NotAFunction
from flake8_celery.core.model.task import Style, Task, Wrapper
from flake8_celery.core.syntax import flow as syntax_flow
from flake8_celery.core.syntax.candidates import last_name
from flake8_celery.core.syntax.regions import DefinitionNode, FunctionNode, Region, dotted
from flake8_celery.core.values.containers import origin
from flake8_celery.core.values.find import leads_to
from flake8_celery.tables.libraries import makes_tasks
from flake8_celery.tables.names import FOREIGN, SHARED, is_app_like

#: The style of a decorator that takes options of its own and makes a task that has none.
_LIBRARY: Final = "library"


def find_applications(model: Model, asked: bool = False) -> None:
    """The applications that the module builds; `asked` where another one names it for them."""
    if not asked and not model.module.says("elery"):
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
                elif isinstance(binding.node, ast.Assign) and _used_as_app(model, name):
                    root = (
                        model.resolver.qualname(binding.value.func, binding.scope) or ""
                    ).lstrip(".")
                    if root.partition(".")[0] not in FOREIGN:
                        # `celery = make_celery(app)`: an app, by a factory that is not read
                        model.applications[name] = _factory_application(
                            model, binding.value, binding.scope
                        )


def _factory_application(model: Model, call: ast.Call, region: Region) -> Application:
    task_class = model.unread_class(call, region)
    return Application(False, task_class, None, call, region, home=model.module)


def _used_as_app(model: Model, name: str) -> bool:
    """Whether a name is called as an application is, or configured as one."""
    return "elery" in name or (
        is_app_like(name)
        and (
            model.module.says(f"{name}.config_from_object(")
            or model.module.says(f"{name}.autodiscover_tasks(")
        )
    )


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
        if target in SHARED:
            for call, statement, region in candidates.name_calls.get(name, ()):
                _called_decorator(model, call, statement, region)


def maker(model: Model, func: ast.expr, region: Region) -> tuple[Style, Application | None] | None:
    """The style and application of a decorator that makes tasks; None for any other."""
    if isinstance(func, ast.Name):
        target = model.names.get(func.id)
        if target is not None:
            if func.id not in model.shared and not model.options.celery_task_decorators:
                return _renamed(model, target)
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
            target = dotted(func) and model.resolver.qualname(func, region)
            return _renamed(model, target) if target else None
    name = model.resolver.qualname(func, region)
    if name is not None:
        if name in SHARED:
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


def _renamed(model: Model, target: str) -> tuple[Style, Application | None] | None:
    """The maker that a module of the project gives another name: `job = shared_task`."""
    name = target.rpartition(".")[2]
    if not re.search(_TASK_WORDS, name.lower()) or target.partition(".")[0] in FOREIGN:
        return None
    outside = leads_to(model.resolver, target)
    if outside != target and outside in SHARED:
        return "shared", None
    found = model.find(target)
    bindings = found[0].module.region.bindings.get(found[1]) if found is not None else None
    if found is None or not bindings or len(bindings) != 1 or bindings[0].how != "assign":
        return None
    value = bindings[0].value
    if not isinstance(value, ast.Attribute) or value.attr not in ("task", "shared_task"):
        return None
    return maker(model.neighbours(found[0]).outlined, value, bindings[0].scope)


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
    wrapper: Wrapper | None = None
    style: Style
    if found is None:
        wrapper = _wrapper(model, func, call, region)
        if wrapper is None:
            return None
        style, application = "project", wrapper.application
    elif found[0] == _LIBRARY:
        style, application, call = "shared", None, None
    else:
        style, application = found
    task = Task(
        function,
        function,
        region,
        model,
        style,
        decorator=decorator,
        call=call,
        function=function,
        application=application,
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
_TASK_WORDS: Final = "task|celery|job|period|schedul"


def _wrapper(model: Model, func: ast.expr, call: ast.Call | None, region: Region) -> Wrapper | None:
    """The function behind a decorator, where all that it does is to make a task."""
    if not isinstance(func, (ast.Name, ast.Attribute)):
        return None
    name = func.id if isinstance(func, ast.Name) else func.attr
    if not re.search(_TASK_WORDS, name.lower()):
        if not model.module.names_celery:
            return None
        # most decorators of a task module are not about tasks: their modules stay unread
        target = model.resolver.qualname(func, region)
        if target is not None and not re.search(_TASK_WORDS, target.lower()):
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
        returned = syntax_flow.returned(node)
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
    at = origin(model.resolver, func, region, fixed=False)
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
