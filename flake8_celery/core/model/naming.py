"""What a task is called: its registered name, and why it sometimes can't be told."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.model.fact import Application, Option
from flake8_celery.core.model.model import Model, model_of
from flake8_celery.core.model.task import Task, TaskName
from flake8_celery.core.syntax import flow as syntax_flow
from flake8_celery.core.syntax.regions import CLASS, FUNCTION, FunctionNode, Region
from flake8_celery.core.values.unknown import Unknown

RENAMER: Final = "gen_task_name"
#: Decorators of other packages that keep the name of the function they wrap.
KEEPS_NAME: Final = frozenset(
    {
        "backoff.on_exception",
        "backoff.on_predicate",
        "celery.utils.functional.memoize",
        "django.db.transaction.atomic",
        "django.utils.translation.override",
        "django_scopes.scope",
        "django_scopes.scopes_disabled",
        "edx_django_utils.monitoring.set_code_owner_attribute",
        "esi.decorators.rate_limit_retry_task",
        "tenacity.retry",
        "typing.no_type_check",
    }
)


def name_of(task: Task) -> TaskName:
    """The name that a task is registered by."""
    if task.registered is not None:
        return task.registered
    found = _name_of(task)
    if task.view.resolver.judging:
        # all that there is to know of the module is known
        task.registered = found
    return found


def _name_of(task: Task) -> TaskName:
    model = model_of(task)
    if task.style == "project" and not _reads_through(task):
        return TaskName(None, reason="its decorator is one of the project's own", any=True)
    option = task.option("name") if task.style in ("class", "project") else task.own("name")
    if option is None and task.arguments.splat_keywords:
        given = task.splatted()
        if isinstance(given, Unknown):
            return TaskName(None, reason="a splat may hold its name", any=True)
        place = given.get("name")
        option = Option("name", place[0], place[1], None) if place is not None else None
    if isinstance(option, Unknown):
        return TaskName(None, reason="its base class can't be read, and may name it", any=True)
    if isinstance(option, Option):
        values = task.option_values(option)
        if isinstance(values, Unknown) or len(values) != 1:
            return TaskName(None, reason="its name can't be told from this file", any=True)
        if isinstance(values[0], str) and values[0]:
            return TaskName(values[0], True)
        if values[0] not in ("", None):
            return TaskName(None, reason="its name is no text")
    return _automatic(task, model)


def _reads_through(task: Task) -> bool:
    """Whether a decorator of the project's own makes the task of this very function, by its name.

    `name=` given to it must reach Celery, and what it makes a task of must keep the name.
    """
    wrapper = task.wrapper
    if wrapper is None or wrapper.call is None or isinstance(task.splatted(), Unknown):
        return False
    if task.own("name") is not None:
        handed = [keyword.arg for keyword in wrapper.call.keywords]
        if "name" not in handed and not (None in handed and wrapper.rest is not None):
            return False
    node = wrapper.region.node
    returned = syntax_flow.returned(node) if isinstance(node, FunctionNode) else []
    if len(returned) != 1 or not isinstance(returned[0], ast.Call):
        return False
    made = returned[0].args
    if len(made) != 1 or not isinstance(made[0], ast.Name):
        return False
    bindings = wrapper.region.lookup(made[0].id)
    if not bindings or len(bindings) != 1:
        return False
    given = bindings[0].node
    if bindings[0].how == "parameter":
        return True
    return isinstance(given, FunctionNode) and any(
        _wraps(decorator) for decorator in given.decorator_list
    )


def _wraps(decorator: ast.expr) -> bool:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")) == "wraps"


def _automatic(task: Task, model: Model) -> TaskName:
    if isinstance(task.node, ast.ClassDef):
        name = task.node.name
    elif task.function is None:
        return TaskName(None, reason="the function it is made from is not in this file", any=True)
    else:
        name = task.function.name
    module = model.project.module_name()
    if module is None:
        return TaskName(None, reason="its module may go by two names; see celery-source-roots")
    for decorator in task.below:
        if not _keeps_name(decorator, task.region, model):
            return TaskName(
                None, reason=f"the decorator {ast.unparse(decorator)[:60]} may change its name"
            )
    if _renamed(task, model):
        return TaskName(None, reason=f"its app makes names of its own ({RENAMER})", any=True)
    return TaskName(f"{module}.{name}")


def qualname_of(node: ast.AST, region: Region) -> str:
    """A function's or class's `__qualname__`; `region` holds its definition."""
    parts = [getattr(node, "name", "<lambda>")]
    for around in region:
        if around.kind == FUNCTION:
            parts += ["<locals>", getattr(around.node, "name", "<lambda>")]
        elif around.kind == CLASS:
            parts.append(getattr(around.node, "name", ""))
    return ".".join(reversed(parts))


def _keeps_name(decorator: ast.expr, region: Region, model: Model) -> bool:
    """Whether what a decorator returns surely has the function's name: it uses `wraps`."""
    if passes_on(decorator, region, model):
        return True
    node = _defined(decorator, region, model)[0]
    if not isinstance(node, FunctionNode):
        return False
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Name, ast.Attribute)):
            name = inner.id if isinstance(inner, ast.Name) else inner.attr
            if name in ("wraps", "update_wrapper"):
                return True
    return False


def passes_on(decorator: ast.expr, region: Region, model: Model) -> bool:
    """Whether a decorator keeps the function's name and hands it every argument as it is.

    Those of `KEEPS_NAME`, and context managers made by `contextlib`: they wrap by `wraps`.
    """
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    if model.resolver.qualname(func, region) in KEEPS_NAME:
        return True
    node, there, scope = _defined(decorator, region, model)
    if isinstance(node, FunctionNode):
        # without a call it would be handed the function as its first argument
        return isinstance(decorator, ast.Call) and any(
            there.resolver.qualname(own, scope) == "contextlib.contextmanager"
            for own in node.decorator_list
        )
    return isinstance(node, ast.ClassDef) and any(
        there.resolver.qualname(base, scope) == "contextlib.ContextDecorator" for base in node.bases
    )


def _defined(
    decorator: ast.expr, region: Region, model: Model
) -> tuple[ast.AST | None, Model, Region]:
    """The function or class that a decorator is, in this module or another, and where it stands."""
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    found = model.resolver.definition(func, region)
    if found is not None:
        return found[0], model, found[1]
    target = model.resolver.qualname(func, region)
    other = model.find(target) if target is not None else None
    if other is not None:
        bindings = other[0].module.region.bindings.get(other[1])
        if bindings and len(bindings) == 1:
            return bindings[0].node, model.neighbours(other[0]).model, bindings[0].scope
    return None, model, region


def _renamed(task: Task, model: Model) -> bool:
    """Whether the task's app seems to make names in a way of its own."""
    if model.module.says(RENAMER):
        return True
    application = task.application
    if application is None:
        return any(facts.outlined.module.says(RENAMER) for facts in model.app_modules())
    if application.target is None:
        return _made_by_renamer(application, model)
    found = model.find(application.target)
    if found is None:
        return False
    outline, name = found
    if outline.module.says(RENAMER):
        return True
    facts = model.neighbours(outline)
    built = facts.applications.get(name)
    return built is not None and _made_by_renamer(built, facts.outlined)


def _made_by_renamer(application: Application, model: Model) -> bool:
    """Whether the class or factory that makes an app stands in a module that renames tasks."""
    call, region = application.node, application.region
    if not isinstance(call, ast.Call) or region is None:
        return False
    target = model.resolver.qualname(call.func, region)
    found = model.find(target) if target and not target.startswith("celery.") else None
    return found is not None and found[0].module.says(RENAMER)
