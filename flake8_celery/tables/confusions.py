"""Names that people write in place of Celery's, and how to tell a misspelling.

Found in real code and in questions on Celery; kept by hand. No key is a legal name where the
table is used; a test holds each against the tables built from Celery.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

#: On a call (`apply_async`, `retry`, `set`, ...): what to write instead.
CALL_CONFUSIONS: Final[dict[str, str]] = {
    "ttl": "the option is expires (seconds or a datetime)",
    "delay": "the option is countdown (seconds)",
    "delay_seconds_from_now": "the option is countdown (seconds)",
    "wait": "the option is countdown (seconds)",
    "seconds": "the option is countdown (seconds)",
    "when": "the option is eta (an aware datetime)",
    "at": "the option is eta (an aware datetime)",
    "run_at": "the option is eta (an aware datetime)",
    "execute_at": "the option is eta (an aware datetime)",
    "start_time": "the option is eta (an aware datetime)",
    "expiry": "the option is expires (seconds or a datetime)",
    "expire": "the option is expires (seconds or a datetime)",
    "expire_seconds": "the option is expires (seconds or a datetime)",
    "expires_in": "the option is expires (seconds or a datetime)",
    "max_retries": "it belongs on the task: @app.task(max_retries=...)",
    "default_retry_delay": "it belongs on the task: @app.task(default_retry_delay=...)",
    "autoretry_for": "it belongs on the task: @app.task(autoretry_for=...)",
    "retry_backoff": "it belongs on the task: @app.task(retry_backoff=...)",
    "retry_backoff_max": "it belongs on the task: @app.task(retry_backoff_max=...)",
    "retry_jitter": "it belongs on the task: @app.task(retry_jitter=...)",
    "retry_kwargs": "it belongs on the task: @app.task(retry_kwargs=...)",
    "acks_late": "it belongs on the task: @app.task(acks_late=True)",
    "reject_on_worker_lost": "it belongs on the task: @app.task(reject_on_worker_lost=True)",
    "rate_limit": "it belongs on the task: @app.task(rate_limit=...)",
    "track_started": "it belongs on the task: @app.task(track_started=True)",
    "bind": "it belongs on the task: @app.task(bind=True)",
    "base": "it belongs on the task: @app.task(base=...)",
    "throws": "it belongs on the task: @app.task(throws=...)",
    "on_error": "the option is link_error",
    "on_success": "the option is link",
    "callback": "the option is link",
    "link_errors": "the option is link_error",
    "links": "the option is link",
    "error_callback": "the option is link_error",
    "hard_time_limit": "the option is time_limit (seconds)",
    "hard_limit": "the option is time_limit (seconds)",
    "soft_limit": "the option is soft_time_limit (seconds)",
    "queue_name": "the option is queue",
    "routing": "the option is routing_key",
    "id": "the option is task_id",
    "task_name": "the task's name can't be changed by a call",
}
#: On a task decorator: what to write instead.
TASK_OPTION_CONFUSIONS: Final[dict[str, str]] = {
    "retries": "the option is max_retries",
    "max_retry": "the option is max_retries",
    "retry_limit": "the option is max_retries",
    "retry_max": "the option is max_retries",
    "retry_count": "the option is max_retries",
    "max_attempts": "the option is max_retries",
    "retry_delay": "the option is default_retry_delay (seconds)",
    "default_retry_countdown": "the option is default_retry_delay (seconds)",
    "retry_countdown": "the option is default_retry_delay (seconds)",
    "retry_policy": "it belongs on the call: apply_async(retry_policy={...}) for publishing",
    "interval_start": "it belongs in retry_policy of a call; here use retry_backoff",
    "interval_step": "it belongs in retry_policy of a call; here use retry_backoff",
    "interval_max": "it belongs in retry_policy of a call; here use retry_backoff_max",
    "exponential_backoff": "the option is retry_backoff",
    "backoff": "the option is retry_backoff",
    "backoff_max": "the option is retry_backoff_max",
    "max_backoff": "the option is retry_backoff_max",
    "jitter": "the option is retry_jitter",
    "retry_for": "the option is autoretry_for",
    "retry_on": "the option is autoretry_for",
    "auto_retry_for": "the option is autoretry_for",
    "autoretry": "the option is autoretry_for",
    "countdown": "it belongs on the call: apply_async(countdown=...)",
    "eta": "it belongs on the call: apply_async(eta=...)",
    "link": "it belongs on the call: apply_async(link=...)",
    "link_error": "it belongs on the call: apply_async(link_error=...)",
    "args": "it belongs on the call: apply_async(args=...)",
    "kwargs": "it belongs on the call: apply_async(kwargs=...)",
    "task_id": "it belongs on the call: apply_async(task_id=...)",
    "timeout": "the option is time_limit (seconds)",
    "task_timeout": "the option is time_limit (seconds)",
    "hard_time_limit": "the option is time_limit (seconds)",
    "hard_limit": "the option is time_limit (seconds)",
    "soft_limit": "the option is soft_time_limit (seconds)",
    "task_time_limit": "that is the setting; the option is time_limit (seconds)",
    "task_soft_time_limit": "that is the setting; the option is soft_time_limit (seconds)",
    "task_acks_late": "that is the setting; the option is acks_late",
    "task_ignore_result": "that is the setting; the option is ignore_result",
    "task_reject_on_worker_lost": "that is the setting; the option is reject_on_worker_lost",
    "task_track_started": "that is the setting; the option is track_started",
    "task_serializer": "that is the setting; the option is serializer",
    "task_default_queue": "that is the setting; the option is queue",
    "late_ack": "the option is acks_late",
    "late_acks": "the option is acks_late",
    "ack_late": "the option is acks_late",
    "ttl": "the option is expires (seconds or a datetime)",
    "expire": "the option is expires (seconds or a datetime)",
    "expiry": "the option is expires (seconds or a datetime)",
    "queue_name": "the option is queue",
    "task_name": "the option is name",
    "ignore_results": "the option is ignore_result",
    "ratelimit": "the option is rate_limit",
    "binds": "the option is bind",
}
#: Methods of a task that do not exist, and the one meant.
METHOD_CONFUSIONS: Final[dict[str, str]] = {
    "async_apply": "apply_async",
    "asyncapply": "apply_async",
    "applyasync": "apply_async",
    "apply_asynch": "apply_async",
    "call_async": "apply_async",
    "run_async": "apply_async",
    "async_delay": "delay",
    "delayed": "delay",
    "delay_async": "delay",
    "enqueue": "delay",
    "defer": "delay",
    "send": "delay",
    "publish": "delay",
    "on_commit": "delay_on_commit",
    "apply_on_commit": "apply_async_on_commit",
    "apply_async_commit": "apply_async_on_commit",
    "sig": "s",
    "sign": "signature",
    "subtasks": "subtask",
    "revoke": "app.control.revoke(task_id)",
}
#: Attributes of `self.request`; headers that a sender adds are attributes of it as well.
REQUEST_ATTRIBUTES: Final = (
    *("args", "callbacks", "called_directly", "chain", "children", "chord", "correlation_id"),
    *("delivery_info", "errbacks", "expires", "group", "group_index", "headers", "hostname"),
    *("ignore_result", "is_eager", "kwargs", "logfile", "loglevel", "origin", "parent_id"),
    *("properties", "replaced_task_nesting", "reply_to", "retries", "root_id", "shadow"),
    *("soft_time_limit", "stamped_headers", "stamps", "taskset", "time_limit", "timelimit"),
    *("as_execution_options", "clear", "update", "eta", "utc", "id", "get", "redelivered"),
)


def near_miss(name: str, legal: Iterable[str]) -> str | None:
    """The legal name that `name` most likely is a misspelling of, or None.

    One edit (a letter wrong, missing, too many, or two exchanged) for names of four letters and
    more, two for ten and more, or the same words in another order. Names that differ in a digit
    are different names. A legal name is no misspelling.
    """
    best: str | None = None
    best_distance = 3
    length = len(name)
    if length < 4:
        return None
    allowed = 2 if length >= 10 else 1
    words = sorted(name.split("_"))
    for candidate in legal:
        if candidate == name:
            return None
        if abs(len(candidate) - length) > allowed or len(candidate) < 4:
            continue
        distance = _distance(name, candidate, allowed)
        if distance > 1 and len(candidate) == length and sorted(candidate.split("_")) == words:
            distance = 1
        if distance <= allowed and distance < best_distance and not _digits_differ(name, candidate):
            best, best_distance = candidate, distance
    return best


def one_edit(one: str, other: str) -> bool:
    """Tell whether two names differ by one letter, or two exchanged, and by no digit."""
    return _distance(one, other, 1) == 1 and not _digits_differ(one, other)


def _digits_differ(one: str, other: str) -> bool:
    return [c for c in one if c.isdigit()] != [c for c in other if c.isdigit()]


def _distance(one: str, other: str, most: int) -> int:
    """Damerau-Levenshtein distance, or more than `most` as soon as that is certain."""
    if len(set(one) ^ set(other)) > 2 * most:
        return most + 1
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if most == 1 and max(len(one), len(other)) > 2:
        return 2  # not even two letters exchanged
    before: list[int] = []
    previous = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        current = [i]
        for j, b in enumerate(other, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        before, previous = previous, current
    return previous[-1]
