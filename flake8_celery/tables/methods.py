"""Methods of tasks, signatures and results: what sends, signs, waits, and what each gives back."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.names import FOREIGN

SENDING: Final = frozenset({"delay", "apply_async", "delay_on_commit", "apply_async_on_commit"})
SIGNING: Final = frozenset({"s", "si", "signature", "subtask"})
ON_SIGNATURES: Final = frozenset(
    {"delay", "apply_async", "apply", "set", "link", "link_error", "on_error"}
    | {"delay_on_commit", "apply_async_on_commit"}
)
CANVAS_NAMES: Final = frozenset(
    f"celery.{path}{name}"
    for path in ("", "canvas.")
    for name in ("chain", "group", "chord", "signature", "Signature", "subtask", "chunks", "xmap")
)
MAKING: Final = SIGNING | {name.rpartition(".")[2] for name in CANVAS_NAMES} | {"map", "starmap"}
ON_TASKS: Final = frozenset({"apply", "map", "starmap", "chunks"})
CURRENT_TASK: Final = frozenset({"celery.current_task", "celery._state.current_task"})
EXCEPTIONS: Final = {
    f"celery.exceptions.{name}": name for name in ("Retry", "Ignore", "Reject", "RetryTaskError")
}
RAISED: Final = frozenset(EXCEPTIONS.values())
NO_TASKS: Final = FOREIGN | {"multiprocessing", "concurrent", "billiard", "celery", "inspect"}
OPTION_METHODS: Final = frozenset(
    {"apply_async", "apply_async_on_commit", "send_task", "set", "signature", "subtask"}
)
#: Methods of `app.control.inspect()`: a dict by worker, or None where none answers in time.
REPLIES: Final = frozenset(
    {
        *("active", "active_queues", "clock", "conf", "memdump", "memsample", "ping", "query_task"),
        *("registered", "report", "reserved", "revoked", "scheduled", "stats"),
    }
)
BLOCKING: Final = frozenset({"get", "join", "join_native", "wait", "collect"})
#: What a method of a task gives back.
METHOD_RESULTS: Final = {
    "delay": "result",
    "apply_async": "result",
    "apply": "result",
    "s": "signature",
    "si": "signature",
    "signature": "signature",
    "subtask": "signature",
    "map": "signature",
    "starmap": "signature",
    "chunks": "signature",
    "delay_on_commit": "none",
    "apply_async_on_commit": "none",
    "set": "signature",
    "clone": "signature",
    "on_error": "signature",
    "link": "signature",
    "link_error": "signature",
}
SIGNATURE_METHODS: Final = frozenset({"set", "clone", "on_error", "link", "link_error"})
