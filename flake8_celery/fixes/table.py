"""Which rules have a fixer. A finding of such a rule may still have no fix."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from flake8_celery.core.engine.run import RAISE_VARIABLE, Finding
from flake8_celery.fixes.site import Fix, Site
from flake8_celery.text import module_source

Fixer = Callable[[Site, Finding], "Fix | None"]

#: Code -> the fixer's module and function, after a colon what it is made with.
FIXERS: Final[Mapping[str, str]] = {
    "CEL202": "calls.on_commit",
    "CEL203": "calls.late_binding",
    "CEL301": "calls.retry",
    "CEL305": "values.exceptions",
    "CEL308": "choices.without_effect",
    "CEL310": "choices.without_effect",
    "CEL314": "values.local_time",
    "CEL315": "values.delivery",
    "CEL318": "choices.raise_retry",
    "CEL350": "choices.beside:reject_on_worker_lost=True",
    "CEL351": "choices.beside:retry_backoff=True",
    "CEL401": "names.near_miss",
    "CEL402": "calls.option_as_argument",
    "CEL403": "values.args",
    "CEL404": "names.option",
    "CEL406": "names.value_near_miss",
    "CEL501": "names.value_near_miss",
    "CEL505": "choices.queues",
    "CEL506": "names.near_miss",
    "CEL507": "names.value_near_miss",
    "CEL601": "canvases.element",
    "CEL603": "canvases.element",
    "CEL701": "choices.every_minute",
    "CEL702": "values.crontab",
    "CEL704": "values.entry",
    "CEL706": "names.value_near_miss",
    "CEL801": "names.setting",
    "CEL803": "names.old_setting",
    "CEL805": "values.setting",
    "CEL901": "choices.take_self",
    "CEL902": "choices.bind",
    "CEL903": "names.option",
    "CEL905": "values.task_option",
    "CEL913": "calls.decorator",
    "CEL917": "names.near_miss",
    "CEL918": "choices.moved",
    "CEL919": "calls.handler",
}

#: Rules none of whose findings has a safe fix: theirs choose, or switch something on.
UNSAFE: Final = frozenset(
    [
        "CEL308",
        "CEL310",
        "CEL318",
        "CEL350",
        "CEL351",
        "CEL406",
        "CEL501",
        "CEL507",
        "CEL701",
        "CEL706",
        "CEL803",
        "CEL901",
        "CEL902",
        "CEL918",
    ]
)


@cache
def _fixer(code: str) -> Fixer | None:
    where = FIXERS.get(code)
    if where is None:
        return None
    where, _, argument = where.partition(":")
    module, _, name = where.partition(".")
    found: Any = getattr(importlib.import_module(f"flake8_celery.fixes.{module}"), name)
    made: Fixer = found(argument) if argument else found
    return made


def fix_for(site: Site, finding: Finding) -> Fix | None:
    """What puts a finding right; None where it takes its author."""
    fixer = _fixer(finding.code)
    if fixer is None:
        return None
    try:
        return fixer(site, finding)
    except Exception:  # what can't be fixed is told, and stays
        if os.environ.get(RAISE_VARIABLE):
            raise
        return None


def about(code: str) -> str:
    """What the fixer of a rule does, in one line of Markdown or more."""
    fixer = _fixer(code)
    if fixer is None:
        return ""
    text = fixer.__doc__
    if text is None:
        # python -OO drops it
        for node in ast.parse(module_source(fixer.__module__)).body:
            if isinstance(node, ast.FunctionDef) and node.name == fixer.__name__:
                text = ast.get_docstring(node)
    return inspect.cleandoc(text or "")
