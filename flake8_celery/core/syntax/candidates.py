"""What may mean something to Celery, as the one pass writes it down."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, TypeAlias

from flake8_celery.core.syntax.regions import Region, Scope
from flake8_celery.tables.confusions import METHOD_CONFUSIONS, near_miss
from flake8_celery.tables.methods import REPLIES

_TASK_METHODS: Final = (
    "delay",
    "apply_async",
    "apply",
    "retry",
    "signature",
    "subtask",
    "chunks",
    "starmap",
    "replace",
    "update_state",
    "delay_on_commit",
    "apply_async_on_commit",
)
#: What puts something else in a task's place, in tests: `mock.patch`, `monkeypatch.setattr`.
PATCHING: Final = frozenset({"patch", "object", "setattr", "multiple", "setitem"})
CALL_NAMES: Final = frozenset(
    {
        *_TASK_METHODS,
        # signatures and canvases
        *("s", "si", "map", "set", "link", "link_error", "on_error"),
        *("chain", "group", "chord", "Signature", "maybe_signature"),
        # applications
        *("Celery", "task", "periodic_task", "shared_task", "register_task", "send_task"),
        *("add_periodic_task", "update", "add_defaults", "config_from_object"),
        *("autodiscover_tasks", "enable_insecure_serializers"),
        # settings of a class or table: see `find_settings.find_loose`
        *("load_settings", "from_object", "from_mapping"),
        # results
        *("get", "join", "join_native", "wait", "collect", "AsyncResult"),
        # schedules, queues, signals, transactions
        *("crontab", "from_string", "Queue", "Exchange", "connect", "on_commit", "partial"),
        *PATCHING,
    }
)
#: Calls on the store of a scheduler, see `core.settings.library`; a task may have such names.
STORE_NAMES: Final = frozenset(
    {
        *("create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "changed"),
        *("acreate", "aget_or_create", "aupdate_or_create", "aupdate", "abulk_create"),
        *("abulk_update", "PeriodicTask", "CrontabSchedule", "IntervalSchedule", "SolarSchedule"),
        *("ClockedSchedule", "RedBeatSchedulerEntry"),
    }
)
#: Calls that end a task, and questions to all workers.
CONTROL_NAMES: Final = frozenset({*REPLIES, "revoke", "terminate"})
REFERENCE_NAMES: Final = frozenset(
    {"delay", "apply_async", "s", "si", "delay_on_commit", "apply_async_on_commit"}
)


class _Interest(dict[str, int]):
    """Attribute name -> 1 a call matters, 2 a bare reference too, 4 it looks misspelt, 8 a call
    matters and may be one of a task as well, 16 a call may be one of `control`.

    Filled as names turn up: each distinct name of a run is judged once.
    """

    def __missing__(self, name: str) -> int:
        if name in CALL_NAMES:
            value = 3 if name in REFERENCE_NAMES else 1
        elif name in STORE_NAMES:
            value = 8
        elif name in METHOD_CONFUSIONS or near_miss(name, _TASK_METHODS):
            value = 4
        else:
            value = 0
        if name in CONTROL_NAMES:
            value |= 16
        self[name] = value
        return value


INTEREST: Final = _Interest()
CallSite: TypeAlias = tuple[ast.Call, ast.stmt, Region]
"""A call, the statement it belongs to, and the region it stands in."""


class Candidates:
    """What one pass over a module found, in no particular order."""

    __slots__ = (
        "assigns",
        "attribute_calls",
        "classes",
        "controls",
        "decorated",
        "direct_calls",
        "handlers",
        "imports",
        "inverts",
        "misspelt",
        "name_calls",
        "other_calls",
        "pipes",
        "raises",
        "references",
        "scopes",
        "yields",
    )

    def __init__(self) -> None:
        self.attribute_calls: defaultdict[str, list[CallSite]] = defaultdict(list)
        """By the attribute's name."""
        self.name_calls: defaultdict[str, list[CallSite]] = defaultdict(list)
        """By the name."""
        self.direct_calls: list[CallSite] = []
        """`module.function(...)` where the module's name speaks of tasks."""
        self.other_calls: list[CallSite] = []
        self.controls: list[CallSite] = []
        """`x.revoke(...)`, `x.active()` and the like."""
        self.handlers: list[tuple[ast.ExceptHandler, ast.Try, Region]] = []
        """Those with a type, with the region that their `try` stands in."""
        self.references: list[tuple[ast.Attribute, ast.stmt, Region]] = []
        self.misspelt: list[tuple[ast.Attribute, ast.stmt, Region]] = []
        self.pipes: list[tuple[ast.BinOp, ast.stmt, Region]] = []
        self.inverts: list[tuple[ast.UnaryOp, ast.stmt, Region]] = []
        self.decorated: list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, Region]] = []
        self.classes: list[tuple[ast.ClassDef, Region]] = []
        self.scopes: dict[ast.AST, Scope] = {}
        """The region of each function, class, lambda and comprehension."""
        self.raises: list[tuple[ast.Raise, Region]] = []
        self.assigns: list[tuple[ast.Assign | ast.AugAssign | ast.AnnAssign, Region]] = []
        """Those that set an attribute or an item."""
        self.imports: list[tuple[ast.Import | ast.ImportFrom, Region]] = []
        self.yields: list[tuple[ast.Yield | ast.YieldFrom, Region]] = []

    def all_attribute_calls(self) -> Iterator[CallSite]:
        """Every call `x.name(...)` that may matter."""
        for calls in self.attribute_calls.values():
            yield from calls


def last_name(node: ast.AST) -> str:
    """`c` of the name `c` and of `a.b.c`; empty for any other expression."""
    return getattr(node, "id", "") or getattr(node, "attr", "")
