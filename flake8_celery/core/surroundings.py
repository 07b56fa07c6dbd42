"""What a file is for, by its path, and whether a setting in it holds under a condition."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flake8_celery.core.source import CLASS, MODULE, WITH
from flake8_celery.policy import Item

if TYPE_CHECKING:
    from flake8_celery.core.model import Fact, Model

_WORDS: Final = re.compile(
    r"(?:^|[/_.\-])(?:tests?|testing|pytest|tests?_?(?:settings|config|conf)|test\w?utils|conftest|dev|devel|develop|development|local|ci|debug|docker"
    r"|sandbox|demo|dummy|quick|playground|benchmarks?|devstack|e2e)(?=[/_.\-]|$)"
)
_CLASSES: Final = re.compile(r"(?:test|dev|local|debug|ci$)", re.I)


def is_for_development(model: Model) -> bool:
    """Tell whether a file is for tests, development or show, by its path within the project."""
    path = model.project.shown().lower()
    return bool(_WORDS.search(path.removesuffix(".py")))


def is_unconditional(fact: Fact) -> bool:
    """Tell whether a statement at the top of a module or class runs whenever that is loaded."""
    for region in fact.region:
        if region.kind is CLASS:
            name = getattr(region.node, "name", "")
            if _CLASSES.search(name):
                return False
        elif region.kind is not MODULE and region.kind is not WITH:
            return False
    body = getattr(fact.region.scope.node, "body", [])
    return fact.region.kind is WITH or any(statement is fact.statement for statement in body)


def in_force(items: Iterable[Item], model: Model) -> list[Item]:
    """The items of a project's policy that hold for a module."""
    project, root = model.project, model.options.root
    return [
        item
        for item in items
        if not item.paths or item.holds_for(project.path, root, project.shown())
    ]
