"""Does a file replace a task by something else, as tests do?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from flake8_celery.core.collect import PATCHING
from flake8_celery.core.notes import Slot
from flake8_celery.core.resolve import dotted

if TYPE_CHECKING:
    from flake8_celery.core.collect import Candidates
    from flake8_celery.core.contract import TaskContract
    from flake8_celery.core.model import Fact, Model, Task

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
