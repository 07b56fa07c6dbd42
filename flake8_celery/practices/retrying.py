"""When a task is retried: by its options, or by what its body asks for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

from flake8_celery.core.model.fact import ABSENT, Option
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Retry
from flake8_celery.core.model.task import Task
from flake8_celery.core.settings.configuration import Configuration
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.practices.answers import DEFAULT, UNKNOWN, Answer, option_of, why

#: Celery's own, of celery/app/task.py and celery/app/autoretry.py.
_RETRY_DELAY: Final = 180
_MAX_RETRIES: Final = 3
_BACKOFF_MAX: Final = 600
_SHOWN_DELAYS: Final = 8
_Asked: TypeAlias = Callable[[str, object], object]
_Delay: TypeAlias = Callable[[int], float]


class Retries(NamedTuple):
    """Whether and when a task runs again after a failure."""

    kind: str
    """`automatic`, `manual`, `none` or `unknown`."""
    delays: tuple[float, ...] = ()
    """Seconds before each retry, the longest that jitter allows."""
    jitter: bool = False
    endless: bool = False
    reason: str = ""


def retries_of(task: Task, model: Model, configuration: Configuration) -> Retries:
    """Automatic retries; else those that the body asks for."""

    def asked(name: str, default: object) -> object:
        answer = option_of(task, name, model, configuration)
        if not answer.known:
            raise _NotTold(answer.reason)
        return default if answer.source == DEFAULT else answer.value

    given = task.option("autoretry_for")
    try:
        if isinstance(given, Option) and not _is_empty(given, model):
            return _automatic(asked, _retry_kwargs(task, model))
        if isinstance(given, Unknown):
            raise _NotTold(why(task))
        calls = [retry for retry in model.of(Retry) if retry.task is task]
        if not calls:
            handed_on = task.self_name is not None and task.self_escapes
            reason = "its body hands the task on, which may retry it" if handed_on else ""
            return Retries("unknown" if handed_on else "none", reason=reason)
        return _manual(calls, asked, model)
    except _NotTold as error:
        return Retries("unknown", reason=str(error))


class _NotTold(Exception):
    """What a computation needs can't be told; the message is the reason."""


def _is_empty(given: Option, model: Model) -> bool:
    values = model.resolver.values(given.value, given.region)
    return not isinstance(values, Unknown) and not any(values)


def _retry_kwargs(task: Task, model: Model) -> dict[str, object]:
    given = task.option("retry_kwargs")
    if given is ABSENT:
        return {}
    if not isinstance(given, Option):
        raise _NotTold(why(task))
    values = model.resolver.values(given.value, given.region)
    if isinstance(values, Unknown) or len(values) != 1 or not isinstance(values[0], dict):
        raise _NotTold("retry_kwargs can't be told from source")
    return dict(values[0])


def _automatic(asked: _Asked, kwargs: dict[str, object]) -> Retries:
    limit = kwargs.get("max_retries", asked("max_retries", _MAX_RETRIES))
    backoff = asked("retry_backoff", False)
    if backoff:
        first, most = _number(backoff), _number(asked("retry_backoff_max", _BACKOFF_MAX))
        # Celery takes whole seconds
        delays = _series(limit, lambda n: min(most, max(1.0, int(first)) * 2**n))
        return Retries("automatic", delays, bool(asked("retry_jitter", True)), limit is None)
    delay = kwargs.get("countdown", asked("default_retry_delay", _RETRY_DELAY))
    number = _number(delay)
    return Retries("automatic", _series(limit, lambda _: number), False, limit is None)


def _manual(calls: Sequence[Retry], asked: _Asked, model: Model) -> Retries:
    delays: set[float] = set()
    limits: list[object] = []
    for retry in calls:
        arguments = retry.arguments
        if arguments.splat_keywords or "eta" in arguments.keywords:
            raise _NotTold("a retry() whose delay can't be told from source")
        countdown = arguments.get("countdown", 5)
        delays.add(
            _number(asked("default_retry_delay", _RETRY_DELAY))
            if countdown is None
            else _number(_one(countdown, retry, model, "countdown"))
        )
        most = arguments.get("max_retries", 6)
        limits.append(
            asked("max_retries", _MAX_RETRIES)
            if most is None
            else _one(most, retry, model, "max_retries")
        )
    limit = None if None in limits else max(_number(each) for each in limits)
    longest = max(delays)
    if len(delays) == 1:
        return Retries("manual", _series(limit, lambda _: longest), endless=limit is None)
    return Retries("manual", tuple(sorted(delays)), endless=limit is None)


def _one(node: ast.expr, retry: Retry, model: Model, what: str) -> object:
    values = model.resolver.values(node, retry.region)
    if isinstance(values, Unknown) or len(values) != 1:
        raise _NotTold(f"{what}={ast.unparse(node)[:40]} of a retry() is computed")
    return values[0]


def _number(value: object) -> float:
    if not isinstance(value, (int, float)):
        raise _NotTold(f"{value!r} is no number of seconds")
    return float(value)


def _series(limit: object, delay: _Delay) -> tuple[float, ...]:
    count = _SHOWN_DELAYS if limit is None else int(_number(limit))
    return tuple(delay(n) for n in range(max(0, min(count, 100))))


def longest(retries: Retries) -> Answer:
    if retries.kind == "unknown":
        return Answer(None, UNKNOWN, retries.reason)
    return Answer(max(retries.delays, default=0.0), DEFAULT)
