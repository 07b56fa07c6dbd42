"""Fixes that choose, or switch something on: all unsafe."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from flake8_celery.core.engine.run import Finding
from flake8_celery.fixes.site import Edit, Fix, Site, add_argument, drop

Fixer = Callable[[Site, Finding], "Fix | None"]

#: Names of Celery 4 that have one of the same meaning, and can take its place in an import.
_MOVED: Final = {
    "celery.task.task": ("celery", "shared_task"),
    "celery.task": ("celery", "shared_task"),
    "celery.task.base.task": ("celery", "shared_task"),
    "celery.decorators.task": ("celery", "shared_task"),
    "celery.task.Task": ("celery", "Task"),
    "celery.task.base.Task": ("celery", "Task"),
    "celery.task.chord": ("celery", "chord"),
    "celery.task.group": ("celery", "group"),
    "celery.task.subtask": ("celery", "signature"),
    "celery.task.current": ("celery", "current_task"),
    "celery.task.schedules.crontab": ("celery.schedules", "crontab"),
    "celery.log.get_task_logger": ("celery.utils.log", "get_task_logger"),
}


def without_effect(site: Site, finding: Finding) -> Fix | None:
    """Take an option away that has no effect."""
    keyword = site.keyword(finding)
    if keyword is None:
        node = site.at(finding, ast.expr)
        holder = site.parents.get(node) if node is not None else None
        if not isinstance(holder, ast.keyword) or holder.arg != "max_retries":
            return None
        keyword = holder
    edit = drop(site, site.start(keyword), site.outer(keyword.value)[1])
    return Fix((edit,), safe=False) if edit else None


def beside(argument: str) -> Fixer:
    """Give the decorator or call that a keyword belongs to one more argument."""

    def fix(site: Site, finding: Finding) -> Fix | None:
        keyword = site.keyword(finding)
        call = site.parents.get(keyword) if keyword is not None else None
        if not isinstance(call, ast.Call) or _has(call, argument):
            return None
        return Fix((add_argument(site, call, argument),), safe=False)

    fix.__doc__ = f"Add `{argument}` beside it."
    return fix


def _has(call: ast.Call, argument: str) -> bool:
    name = argument.partition("=")[0]
    return any(keyword.arg in (None, name) for keyword in call.keywords)


def every_minute(site: Site, finding: Finding) -> Fix | None:
    """`crontab(hour=3)` gets `minute=0`."""
    func = site.named(finding)
    call = site.parents.get(func) if func is not None else None
    if not isinstance(call, ast.Call) or call.func is not func or call.args:
        return None
    if _has(call, "minute="):
        return None
    return Fix((add_argument(site, call, "minute=0"),), safe=False)


def bind(site: Site, finding: Finding) -> Fix | None:
    """A task whose function has `self` gets `bind=True`."""
    argument = next(
        (
            node
            for node in site.parents
            if isinstance(node, ast.arg)
            and node.arg == "self"
            and site.start(node) == site.span(finding)[0]
        ),
        None,
    )
    if argument is None:
        return None
    function = site.function_around(argument)
    if function is None or len(function.decorator_list) != 1:
        return None
    [decorator] = function.decorator_list
    if isinstance(decorator, ast.Call):
        if any(keyword.arg in (None, "bind") for keyword in decorator.keywords):
            return None
        return Fix((add_argument(site, decorator, "bind=True"),), safe=False)
    end = site.end(decorator)
    return Fix((Edit(end, end, "(bind=True)"),), safe=False)


def take_self(site: Site, finding: Finding) -> Fix | None:
    """A task that is bound and says `self` gets a parameter for it; one that doesn't is unbound."""
    keyword = site.keyword(finding)
    function = site.function_around(keyword) if keyword is not None else None
    if keyword is None or function is None:
        return None
    if site.parents.get(site.parents[keyword]) is not function:
        return None
    named = [n for n in ast.walk(function) if getattr(n, "id", getattr(n, "arg", "")) == "self"]
    if not named:
        edit = drop(site, site.start(keyword), site.outer(keyword.value)[1])
        return Fix((edit,), safe=False) if edit is not None else None
    if not all(isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) for n in named):
        return None
    # the name, then the bracket; type parameters stand between
    last = function.decorator_list[-1]
    token = site.after(site.end(last))
    while token is not None and token.text != function.name:
        token = site.after(token.end)
    opening = site.after(token.end) if token is not None else None
    if opening is None or opening.text != "(":
        return None
    closing = site.partner(opening.start)
    following = site.after(opening.end)
    if closing is None or following is None:
        return None
    text = "self" if following.start == closing else "self, "
    return Fix((Edit(opening.end, opening.end, text),), safe=False)


def raise_retry(site: Site, finding: Finding) -> Fix | None:
    """`raise Retry(...)` becomes `raise self.retry()`; the reason is lost."""
    call = site.at(finding, ast.Call)
    function = site.function_around(call) if call is not None else None
    if call is None or function is None or site.has_comment(site.start(call), site.end(call)):
        return None
    first = [*function.args.posonlyargs, *function.args.args][:1]
    if not first or first[0].arg != "self":
        return None
    keep = [k for k in call.keywords if k.arg == "exc"]
    inner = ", ".join(site.source(keyword) for keyword in keep)
    return Fix((Edit(site.start(call), site.end(call), f"self.retry({inner})"),), safe=False)


def moved(site: Site, finding: Finding) -> Fix | None:
    """An import of one name that is gone becomes one of the name that took its place."""
    alias = site.at(finding, ast.alias)
    statement = site.parents.get(alias) if alias is not None else None
    if alias is None or not isinstance(statement, ast.ImportFrom) or len(statement.names) != 1:
        return None
    new = _MOVED.get(f"{statement.module}.{alias.name}")
    start, end = site.start(statement), site.end(statement)
    if new is None or statement.level or site.has_comment(start, end):
        return None
    module, name = new
    bound = alias.asname or alias.name
    suffix = f" as {bound}" if bound != name else ""
    return Fix((Edit(start, end, f"from {module} import {name}{suffix}"),), safe=False)


def queues(site: Site, finding: Finding) -> Fix | None:
    """One `Queue(...)` where a list of them is wanted becomes a tuple of one."""
    from flake8_celery.fixes.names import near_miss
    from flake8_celery.fixes.site import as_tuple

    told = str(finding.arguments[-1])
    if told.startswith("one Queue is no list"):
        node = site.at(finding, ast.Call)
        return Fix(as_tuple(site, node)) if node is not None else None
    return near_miss(site, finding)
