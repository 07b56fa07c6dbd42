"""Which calls wait for something outside of the process: by name, or on a session made in sight."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.bodies.called import Call
from flake8_celery.core.model.model import Model
from flake8_celery.core.syntax.regions import Region
from flake8_celery.notes import Slot
from flake8_celery.tables.blocking import SESSION_METHODS, SESSIONS, WAITS, Wait

_OPEN_ENDED: Final = Wait()
_BOUNDED: Final = Wait(bounded=True)


_KNOWN: Final[Slot[dict[ast.Call, tuple[str, Wait] | None]]] = Slot(dict)


def wait_of(call: Call, model: Model) -> tuple[str, Wait] | None:
    """What a call is called, and how it waits; None for a call that is not known to wait."""
    known = _KNOWN.of(model.notes)
    if call.node not in known:
        known[call.node] = _wait_of(call, model)
    return known[call.node]


def _wait_of(call: Call, model: Model) -> tuple[str, Wait] | None:
    func = call.node.func
    name = model.resolver.qualname(func, call.region)
    if name is not None:
        wait = WAITS.get(name)
        return (name, wait) if wait is not None else None
    if not isinstance(func, ast.Attribute) or func.attr not in SESSION_METHODS:
        return None
    bounded = _session(func.value, call.region, model)
    if bounded is None:
        return None
    return f"session.{func.attr}", _BOUNDED if bounded else _OPEN_ENDED


def _session(node: ast.expr, region: Region, model: Model) -> bool | None:
    """Whether requests of the session that an expression is have a finite default timeout.

    None for what is no session, or one that may have got a timeout otherwise.
    """
    if isinstance(node, ast.Name):
        bindings = region.lookup(node.id)
        if not bindings or len(bindings) != 1:
            return None
        binding = bindings[0]
        made = binding.value
        if binding.how == "with" and isinstance(binding.node, ast.withitem):
            made = binding.node.context_expr
        elif binding.how != "assign":
            return None
        if made is None or model.module.says(".mount(") or model.module.says(".request ="):
            return None
        node, region = made, binding.scope
    if not isinstance(node, ast.Call):
        return None
    return SESSIONS.get(model.resolver.qualname(node.func, region) or "")
