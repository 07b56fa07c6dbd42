"""What code is for: tests that mock or expect an error, development, a condition."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final

from flake8_celery.core.model.fact import Fact
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.candidates import PATCHING, Candidates
from flake8_celery.core.syntax.regions import CLASS, FUNCTION, MODULE, TRY, WITH, dotted
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.notes import Slot

if TYPE_CHECKING:
    from flake8_celery.core.contract.interface import TaskContract
    from flake8_celery.policy import Item

_METHODS: Final = frozenset(
    {
        *("delay", "apply_async", "apply", "delay_on_commit", "apply_async_on_commit"),
        *("s", "si", "signature", "subtask", "map", "starmap", "chunks"),
        *("run", "retry", "__call__"),
    }
)
_PATCHED: Final[Slot[frozenset[str]]] = Slot(frozenset)


def is_mocked(fact: Fact, task: Task | TaskContract, model: Model) -> bool:
    """Tell whether the file patches the task, a method of it or its name, anywhere.

    `mock.patch("shop.tasks.charge")`, `patch.object(charge, "delay")`, `monkeypatch.setattr(tasks,
    "charge", ...)`, `charge.delay = Mock()`. Asked only of what would be reported.
    """
    patched = _PATCHED.get(model.notes)
    if patched is None:
        patched = _PATCHED.put(model.notes, _patched(model.candidates))
    receiver = getattr(fact, "receiver", None)
    written = dotted(receiver) if isinstance(receiver, ast.AST) else None
    names = {task.name.rpartition(".")[2], (written or "").rpartition(".")[2]}
    return not names.isdisjoint(patched)


def _patched(candidates: Candidates) -> frozenset[str]:
    """The last names of all that is patched or has an attribute set, methods left off."""
    found: set[str] = set()
    for name in PATCHING:
        for calls in (candidates.attribute_calls, candidates.name_calls):
            for call, _, _ in calls.get(name, ()):
                if dotted(call.func) is not None:
                    found.update(_targets(call))
    for statement, _ in candidates.assigns:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            if isinstance(target, ast.Attribute):
                found.add(_bare((dotted(target) or target.attr).split(".")))
    return frozenset(found)


def _targets(call: ast.Call) -> set[str]:
    """What a call of `patch`, `patch.object` or `setattr` replaces."""
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    found = {_bare(text.split(".")) for text in texts[:1]}
    found.update(keyword.arg for keyword in call.keywords if keyword.arg is not None)
    if call.args:
        holder = dotted(call.args[0])
        if holder is not None and texts and texts[0] in _METHODS:
            found.add(holder.rpartition(".")[2])
    return found


def _bare(parts: list[str]) -> str:
    """The last name that is no method of a task."""
    while len(parts) > 1 and parts[-1] in _METHODS:
        parts = parts[:-1]
    return parts[-1]


def expects_error(fact: Fact, names: Collection[str], resolver: Resolver) -> bool:
    """Tell whether the code around a fact means the error to happen.

    Under `pytest.raises`, `assertRaises`, or a `suppress` or handler that names one of `names`.
    """
    for region in fact.region:
        if region.kind is WITH and isinstance(region.node, (ast.With, ast.AsyncWith)):
            for item in region.node.items:
                call = item.context_expr
                if isinstance(call, ast.Call):
                    name = (dotted(call.func) or "").rpartition(".")[2]
                    if name.startswith("assertRaises") or name in ("raises", "warns"):
                        return True
                    if name == "suppress" and not _suppresses_others(call, names):
                        return True
        elif region.kind is TRY and names:
            for handler in getattr(region.node, "handlers", ()):
                if handler.type is None:
                    continue
                types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
                for kind in types:
                    if (dotted(kind) or "").rpartition(".")[2] in names:
                        return True
        elif region.kind is FUNCTION:
            return False
    return False


def _suppresses_others(call: ast.Call, names: Collection[str]) -> bool:
    """Whether a `suppress` names its exceptions, and none of those meant nor of all."""
    given = [(dotted(kind) or "").rpartition(".")[2] for kind in call.args]
    return all(given) and not {"Exception", "BaseException", *names} & set(given)


_WORDS: Final = (
    r"(?:^|[/_.\-])(?:tests?|testing|pytest|tests?_?(?:settings|config|conf)|test\w?utils|conftest|dev|devel|develop|development|local|ci|debug|docker"
    r"|sandbox|demo|dummy|quick|playground|benchmarks?|devstack|e2e)(?=[/_.\-]|$)"
)
_CLASSES: Final = r"(?i)(?:test|dev|local|debug|ci$)"


def is_for_development(model: Model) -> bool:
    """Tell whether a file is for tests, development or show, by its path within the project."""
    path = model.project.shown().lower()
    return bool(re.search(_WORDS, path.removesuffix(".py")))


def is_unconditional(fact: Fact) -> bool:
    """Tell whether a statement at the top of a module or class runs whenever that is loaded."""
    for region in fact.region:
        if region.kind is CLASS:
            name = getattr(region.node, "name", "")
            if re.search(_CLASSES, name):
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
