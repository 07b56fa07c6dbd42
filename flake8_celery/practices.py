"""What each task of a project is, as the five practices ask it: limits, retries, queue and more.

Each answer has its source, or the reason why it can't be told.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from flake8_celery.core import flow, project
from flake8_celery.core.configuration import Configuration, Known, configuration_of
from flake8_celery.core.effective import visibility
from flake8_celery.core.engine import Context, Rule, load, rules
from flake8_celery.core.known import sent_task
from flake8_celery.core.model import ABSENT, Dispatch, Model, Option, Retry, Task
from flake8_celery.core.naming import name_of
from flake8_celery.core.resolve import Environment, Unknown
from flake8_celery.core.routing import matches, routes
from flake8_celery.facts.task import FROM_CONFIG
from flake8_celery.scan import Snapshot

OWN: Final = "own"
BASE: Final = "Task class"
SETTINGS: Final = "settings"
DEFAULT: Final = "default"
UNKNOWN: Final = "unknown"

#: Celery's own, of celery/app/task.py and celery/app/autoretry.py.
_RETRY_DELAY: Final = 180
_MAX_RETRIES: Final = 3
_BACKOFF_MAX: Final = 600
_SHOWN_DELAYS: Final = 8
_ATOMIC: Final = "django.db.transaction.atomic"
_ROUTING: Final = ("queue", "exchange", "routing_key")
_NO_APP: Final = "no application is in sight (celery-app names it)"
_Asked: TypeAlias = Callable[[str, object], object]
_Delay: TypeAlias = Callable[[int], float]


class Answer(NamedTuple):
    """One thing about a task: its value, and where that comes from."""

    value: object
    source: str
    reason: str = ""
    """Why it is unknown."""

    @property
    def known(self) -> bool:
        """Whether it can be told."""
        return self.source != UNKNOWN


class Retries(NamedTuple):
    """Whether and when a task runs again after a failure."""

    kind: str
    """`automatic`, `manual`, `none` or `unknown`."""
    delays: tuple[float, ...] = ()
    """Seconds before each retry, the longest that jitter allows."""
    jitter: bool = False
    endless: bool = False
    reason: str = ""


class Sent(NamedTuple):
    """How the project sends a task."""

    times: int
    unsafe: tuple[str, ...]
    """Places that send it inside a transaction that may roll back (CEL201)."""


class Practice(NamedTuple):
    """One task against the five practices."""

    name: str | None
    explicit: bool
    name_reason: str
    function: str
    file: str
    line: int
    time_limit: Answer
    soft_time_limit: Answer
    acks: Answer
    """`late`, `late, again when killed` or `early`."""
    semantics: Answer
    """`at least once`, `at most once` or `now or never`."""
    retries: Retries
    longest_wait: Answer
    """Seconds that a message may wait in a worker for a retry."""
    visibility: Answer
    """Seconds after which the broker delivers a message again; None where it never does."""
    shutdown: Answer
    """What a deployment does to a run: `finishes`, `runs again`, `lost`."""
    queue: Answer
    atomic: bool
    """The body, or a part of it, runs in a transaction."""
    sent: Sent


def practices_of(snapshot: Snapshot) -> list[Practice]:
    """The tasks of a project, by file and line."""
    snapshot.complete()
    found: list[Practice] = []
    with project.reading(snapshot.files):
        for model in snapshot.models:
            # rules are asking: now it is worth while to look beyond a module
            model.resolver.judging = True
        sent = _sent(snapshot)
        for model in snapshot.models:
            file = snapshot.relative(model.module.filename)
            seen: set[ast.AST] = set()
            for task in model.of(Task):
                function = task.function
                if function is None or function in seen:
                    continue  # a Task class without `run` is a base for others
                seen.add(function)
                found.append(_practice(task, model, file, sent))
    return sorted(found, key=lambda each: (each.file, each.line))


def _practice(task: Task, model: Model, file: str, sent: dict[str, Sent]) -> Practice:
    assert task.function is not None
    configuration = configuration_of(model, task)
    name = name_of(task)
    hard = option(task, "time_limit", model, configuration)
    soft = option(task, "soft_time_limit", model, configuration)
    late = option(task, "acks_late", model, configuration)
    again = option(task, "reject_on_worker_lost", model, configuration)
    acks = _acks(late, again)
    retries = _retries(task, model, configuration)
    return Practice(
        name.value,
        name.explicit,
        name.reason,
        task.node.name if isinstance(task.node, ast.ClassDef) else task.name,
        file,
        getattr(task.function, "lineno", 1),
        hard,
        soft,
        acks,
        _semantics(task, model, configuration, acks),
        retries,
        _longest(retries),
        _visibility(configuration),
        _shutdown(hard, soft, acks, model.options.celery_shutdown_grace),
        _queue(task, model, configuration, name.value),
        _is_atomic(task, model),
        sent.get(name.value or "", Sent(0, ())),
    )


# -- options


def option(task: Task, name: str, model: Model, configuration: Configuration) -> Answer:
    """An option of a task as it is when it runs, and where it comes from."""
    if isinstance(configuration.setting("task_annotations"), Known):
        return Answer(None, UNKNOWN, "task_annotations in the settings may change it")
    given = task.option(name)
    if isinstance(given, Option):
        answer = _value(given, model)
        if not answer.known or answer.value is not None or name not in FROM_CONFIG:
            return answer
    elif given is not ABSENT:
        return Answer(None, UNKNOWN, _why(task))
    setting = FROM_CONFIG.get(name)
    if setting is None:
        return Answer(None, DEFAULT)
    if not configuration.found:
        return Answer(None, UNKNOWN, f"{_NO_APP}, its settings may give it")
    if configuration.absent(setting):
        return Answer(None, DEFAULT)
    values = configuration.values(setting)
    if isinstance(values, Unknown):
        return _unread_setting(setting, values, configuration)
    if len(values) != 1:
        return Answer(None, UNKNOWN, f"the setting {setting} is one of {_shown(values)}")
    return Answer(_plain(values[0]), SETTINGS)


def _value(given: Option, model: Model) -> Answer:
    values = model.resolver.values(given.value, given.region)
    if isinstance(values, Unknown):
        return _unread(values, f"{given.name}={ast.unparse(given.value)[:40]}")
    if len(values) != 1:
        return Answer(None, UNKNOWN, f"{given.name} is one of {_shown(values)}")
    own = not given.inherited
    return Answer(_plain(values[0]), OWN if own else BASE)


def _unread(values: Unknown, what: str) -> Answer:
    if isinstance(values, Environment):
        return Answer(None, UNKNOWN, f"{what} is read from the environment")
    return Answer(None, UNKNOWN, f"{what} can't be told from source")


def _unread_setting(key: str, values: Unknown, configuration: Configuration) -> Answer:
    known = configuration.setting(key)
    if not isinstance(known, Known):
        return Answer(None, UNKNOWN, _unreadable(key, configuration))
    if known.places:
        return _unread(values, f"{key} = {ast.unparse(known.places[0].value)[:60]}")
    return _unread(values, f"the setting {key}")


def _unreadable(key: str, configuration: Configuration) -> str:
    """Why nothing can be said of a setting."""
    for trouble in configuration.troubles:
        return f"the settings can't all be read: {os.path.basename(trouble.path)}, {trouble.why}"
    return f"whether the settings give {key} can't be told from source"


def _why(task: Task) -> str:
    if isinstance(task.splatted(), Unknown):
        return "its decorator may give more than can be read"
    return "its Task class can't be read"


def _shown(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)[:60]


def _plain(value: object) -> object:
    """A value that JSON can hold."""
    return value if isinstance(value, (bool, int, float, str, type(None))) else str(value)


# -- acknowledgement and what follows from it


def _acks(late: Answer, again: Answer) -> Answer:
    if not late.known:
        return late
    if not late.value:
        return Answer("early", late.source)
    if not again.known:
        return Answer("late", late.source, f"whether also when killed is unknown: {again.reason}")
    return Answer("late, again when killed" if again.value else "late", late.source)


def _semantics(task: Task, model: Model, configuration: Configuration, acks: Answer) -> Answer:
    expires = option(task, "expires", model, configuration)
    if isinstance(task.option("expires"), Option) and (not expires.known or expires.value):
        return Answer("now or never", OWN)
    if not acks.known:
        return acks
    return Answer("at most once" if acks.value == "early" else "at least once", acks.source)


def _shutdown(hard: Answer, soft: Answer, acks: Answer, grace: float | None) -> Answer:
    if grace is None:
        return Answer(None, UNKNOWN, "celery-shutdown-grace is not set")
    limits = [float(a.value) for a in (hard, soft) if isinstance(a.value, (int, float)) and a.value]
    if limits and min(limits) <= grace:
        return Answer("finishes", DEFAULT)
    if not limits and not (hard.known and soft.known):
        unknown = hard if not hard.known else soft
        return Answer(None, UNKNOWN, f"its limit is not known: {unknown.reason}")
    if not acks.known:
        return acks
    return Answer("lost" if acks.value == "early" else "runs again", acks.source)


def _visibility(configuration: Configuration) -> Answer:
    found = visibility(configuration)
    if found is not None:
        return Answer(found.seconds, SETTINGS if found.given else DEFAULT)
    if configuration.broker is None:
        return Answer(None, UNKNOWN, "the broker is not known: set celery-broker")
    if configuration.broker.name in ("amqp", "memory"):
        return Answer(None, DEFAULT)
    return Answer(None, UNKNOWN, "broker_transport_options can't be told from source")


# -- retries


def _retries(task: Task, model: Model, configuration: Configuration) -> Retries:
    """Automatic retries; else those that the body asks for."""

    def asked(name: str, default: object) -> object:
        answer = option(task, name, model, configuration)
        if not answer.known:
            raise _NotTold(answer.reason)
        return default if answer.source == DEFAULT else answer.value

    given = task.option("autoretry_for")
    try:
        if isinstance(given, Option) and not _is_empty(given, model):
            return _automatic(asked, _retry_kwargs(task, model))
        if isinstance(given, Unknown):
            raise _NotTold(_why(task))
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
        raise _NotTold(_why(task))
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


def _longest(retries: Retries) -> Answer:
    if retries.kind == "unknown":
        return Answer(None, UNKNOWN, retries.reason)
    return Answer(max(retries.delays, default=0.0), DEFAULT)


# -- queues, transactions


def _queue(task: Task, model: Model, configuration: Configuration, name: str | None) -> Answer:
    for key in _ROUTING:
        given = task.option(key)
        if isinstance(given, Option):
            answer = _value(given, model)
            return answer if key == "queue" else Answer(None, UNKNOWN, f"{key} chooses its queue")
        if given is not ABSENT:
            return Answer(None, UNKNOWN, _why(task))
    if not configuration.found:
        return Answer(None, UNKNOWN, f"{_NO_APP}, a route may choose its queue")
    if not configuration.absent("task_annotations"):
        known = isinstance(configuration.setting("task_annotations"), Known)
        why = (
            "task_annotations may choose its queue"
            if known
            else _unreadable("task_annotations", configuration)
        )
        return Answer(None, UNKNOWN, why)
    table = routes(configuration)
    if table is None:
        return Answer(None, UNKNOWN, "the routes can't all be read")
    if table and name is None:
        return Answer(None, UNKNOWN, "its name is not known, a route may match it")
    for route in table:
        if name is not None and matches(route.pattern, name):
            place = route.spot.given.get("queue")
            if place is None or not route.spot.complete:
                return Answer(None, UNKNOWN, f"what the route {route.pattern} gives can't be read")
            values = route.model.resolver.values(place[1], route.spot.region)
            if isinstance(values, Unknown) or len(values) != 1:
                return Answer(None, UNKNOWN, f"the queue of the route {route.pattern} is computed")
            return Answer(_plain(values[0]), f"route {route.pattern}")
    default = configuration.queues.default
    if default is None:
        return Answer(None, UNKNOWN, "task_default_queue can't be told from source")
    return Answer(default, DEFAULT)


def _is_atomic(task: Task, model: Model) -> bool:
    """Whether the body runs in a transaction, by a decorator below or a `with` of its own."""
    function = task.function
    region = model.candidates.scopes.get(function) if function is not None else None
    if function is None or region is None:
        return False
    managers = list(task.below)
    for node in flow.walk(function.body):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            managers += [item.context_expr for item in node.items]
    for manager in managers:
        func = manager.func if isinstance(manager, ast.Call) else manager
        if model.resolver.qualname(func, region) == _ATOMIC:
            return True
    return False


def _sent(snapshot: Snapshot) -> dict[str, Sent]:
    """How often each task is sent, and where inside a transaction."""
    unsafe: Rule | None = next((load(i) for i in rules() if i.code == "CEL201"), None)
    found: dict[str, Sent] = {}
    for model in snapshot.models:
        context = Context(model, model.module, model.resolver, model.options)
        for dispatch in model.of(Dispatch):
            if dispatch.on == "signature" or not dispatch.certain:
                continue
            task = sent_task(dispatch, model)
            name = name_of(task).value if task is not None else None
            if name is None:
                continue
            before = found.get(name, Sent(0, ()))
            places = before.unsafe
            if unsafe is not None and any(True for _ in unsafe.check(dispatch, context)):
                line = getattr(dispatch.node, "lineno", 1)
                places = (*places, f"{snapshot.relative(model.module.filename)}:{line}")
            found[name] = Sent(before.times + 1, places)
    return found


def reasons(practice: Practice) -> Iterator[tuple[str, str]]:
    """What can't be told of a task, and why."""
    if practice.name is None:
        yield "name", practice.name_reason
    for what in (
        "time_limit",
        "soft_time_limit",
        "acks",
        "semantics",
        "longest_wait",
        "visibility",
        "shutdown",
        "queue",
    ):
        answer: Answer = getattr(practice, what)
        if answer.reason:
            yield what, answer.reason
