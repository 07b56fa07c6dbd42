"""Which code surely runs inside a database transaction of Django's."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.locate import Project
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.syntax.regions import (
    CLASS,
    FUNCTION,
    LAMBDA,
    MODULE,
    WITH,
    FunctionNode,
    Region,
)
from flake8_celery.core.values.elsewhere import settings_modules
from flake8_celery.core.values.protocol import Outline
from flake8_celery.core.values.read import read

ATOMIC: Final = "django.db.transaction.atomic"
_MANAGER: Final = "contextlib.contextmanager"
_SETTING: Final = "ATOMIC_REQUESTS"
_HOPS: Final = 4
_SENDING: Final = frozenset({"delay", "apply_async", "send_task", "__call__"})
_VIEWS: Final = ("django.views.", "rest_framework.")
#: Decorators that make a method of a view set, or a function anywhere, answer requests.
_ACTIONS: Final = frozenset(
    f"rest_framework.decorators.{name}"
    for name in ("action", "api_view", "detail_route", "list_route")
)
_VIEW_METHODS: Final = frozenset(
    [
        *("get", "post", "put", "patch", "delete", "dispatch", "form_valid", "form_invalid"),
        *("create", "update", "partial_update", "destroy", "list", "retrieve"),
        *("perform_create", "perform_update", "perform_destroy"),
    ]
)


def in_transaction(region: Region, model: Model) -> bool:
    """Tell whether code of `model` surely runs inside a transaction that its function opens."""
    for around in region:
        if around.kind is WITH:
            assert isinstance(around.node, (ast.With, ast.AsyncWith))
            if any(_opens(i.context_expr, around, model) for i in around.node.items):
                return True
        elif around.kind is FUNCTION and isinstance(around.node, FunctionNode):
            outside = around.parent or around
            decorators = around.node.decorator_list
            task = model.functions_of_tasks.get(around.node)
            if task is not None and task.decorator is not None:
                decorators = task.below  # what stands above it the worker does not run
            return any(_opens(d, outside, model) for d in decorators)
        elif around.kind in (LAMBDA, CLASS, MODULE):
            return False
    return False


def _opens(node: ast.expr, region: Region, model: Model) -> bool:
    """Whether an expression is `atomic` on the default database."""
    func = node
    if isinstance(node, ast.Call):
        func = node.func
        if _manages(func, region, model):
            return True
        if node.args or any(keyword.arg in ("using", None) for keyword in node.keywords):
            # a function given to `atomic(f)`, another database, or nobody knows
            return False
    return (
        isinstance(func, (ast.Name, ast.Attribute))
        and model.resolver.qualname(func, region) == ATOMIC
    )


def _manages(func: ast.expr, region: Region, model: Model) -> bool:
    """Whether it is a context manager of the project's own that gives control inside `atomic`."""
    found = model.function_at(func, region)
    if found is None:
        return False
    function, outside, home = found
    names = {home.resolver.qualname(each, outside) for each in function.decorator_list}
    inner = home.candidates.scopes.get(function)
    if inner is None or names != {_MANAGER}:
        return False
    for node in walk(function.body):
        if not isinstance(node, ast.With):
            continue
        if any(isinstance(each, ast.Yield) for each in walk(node.body)):
            for item in node.items:
                opened = item.context_expr
                if isinstance(opened, ast.Call):
                    if opened.args or opened.keywords:
                        continue
                    opened = opened.func
                if home.resolver.qualname(opened, inner) == ATOMIC:
                    return True
    return False


def sends_at_once(fact: Dispatch, likely: bool = False) -> bool:
    """Tell whether a dispatch surely hands its message to the broker at once, to be run soon.

    Not with a delay, and not where something of the project's own stands in between; with `likely`
    a Task class that can't be read in full is taken for one that sends as Celery's does.
    """
    if fact.method not in _SENDING or "countdown" in fact.options or "eta" in fact.options:
        return False
    if fact.on in ("app", "signature"):
        return True
    task = fact.resolved_task()
    if likely and task is not None and not task.base.complete:
        own = {**task.base.methods, **task.base.attributes}
        return own.keys().isdisjoint(_SENDING)
    return _is_plain(task)


def task_sent_by(call: ast.Call, region: Region, model: Model) -> Task | None:
    """The task that a call anywhere sends at once, `task.delay(...)`; None for any other call."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in ("delay", "apply_async"):
        return None
    if any(keyword.arg in ("countdown", "eta", None) for keyword in call.keywords):
        return None
    task = model.task_at(func.value, region)
    return task if _is_plain(task) else None


def _is_plain(task: Task | None) -> bool:
    return task is not None and all(task.base.lacks(name) for name in ("delay", "apply_async"))


def is_view(region: Region, model: Model) -> bool:
    """Tell whether code stands in the function or method that answers a request of Django's.

    A method of a class that is called a view, named after a verb or made an action; a function that
    takes `request` first, in a module of views or made a view by REST framework; none that opts out
    of transactions.
    """
    around = region.function
    function = around.node if around is not None else None
    if around is None or not isinstance(function, ast.FunctionDef) or around.parent is None:
        return False
    outside = around.parent
    names = [parameter.arg for parameter in (*function.args.posonlyargs, *function.args.args)]
    decorators: list[ast.expr] = list(function.decorator_list)
    made = any(_is_action(decorator, outside, model) for decorator in decorators)
    if outside.kind is CLASS and isinstance(outside.node, ast.ClassDef):
        decorators += outside.node.decorator_list
        answers = made or function.name in _VIEW_METHODS
        if not answers or not _is_view_class(outside.node, outside, model):
            return False
    else:
        answers = made or _is_for_views(model)
        if outside.kind is not MODULE or names[:1] != ["request"] or not answers:
            return False
    return not any("non_atomic_requests" in ast.dump(decorator) for decorator in decorators)


def _is_action(decorator: ast.expr, region: Region, model: Model) -> bool:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    return model.resolver.qualname(func, region) in _ACTIONS


def _is_for_views(model: Model) -> bool:
    return "views" in model.project.shown().removesuffix(".py").split("/")


def _is_view_class(node: ast.ClassDef, region: Region, model: Model) -> bool:
    outside = region.parent or region
    for base, scope in model.resolver.bases(node, outside):
        name = model.resolver.qualname(base, scope) or ""
        if name.startswith(_VIEWS) and name.endswith(("View", "ViewSet")):
            return True
    return False


def atomic_requests(model: Model) -> bool:
    """Tell whether each request of the project runs in a transaction: ATOMIC_REQUESTS is True.

    As Django's settings modules say that the project names, and those that they import all of.
    """
    found: set[bool] = set()
    for name in settings_modules(model.project)[0]:
        _read(model.project, name, found, 0)
    return found == {True}


def _read(project: Project, name: str, found: set[bool], hops: int) -> None:
    path = project.locate(name)
    facts = read(project, path) if path is not None and hops < _HOPS else None
    if path is None or facts is None:
        return
    if facts.module.says(_SETTING):
        found |= _said(facts)
    there = Project(path, project.options)
    for star in facts.stars:
        _read(there, star, found, hops + 1)


def _said(facts: Outline) -> set[bool]:
    """What one settings module says: a key of a dict display, or an item that is set."""
    found: set[bool] = set()
    for node in ast.walk(facts.module.tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == _SETTING:
                    found.add(_is_true(value))
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if (
                    isinstance(target, ast.Subscript)
                    and isinstance(target.slice, ast.Constant)
                    and target.slice.value == _SETTING
                ):
                    found.add(_is_true(node.value))
        elif isinstance(node, ast.keyword) and node.arg == _SETTING:
            found.add(_is_true(node.value))
    return found


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
