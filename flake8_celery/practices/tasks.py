"""What each task of a project is, as the five practices ask it: limits, retries, queue and more."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple

from flake8_celery.core.deployed.snapshot import Snapshot
from flake8_celery.core.engine.rule import Context
from flake8_celery.core.engine.run import load
from flake8_celery.core.messages.routes import matches, routes
from flake8_celery.core.messages.sent_task import sent_task
from flake8_celery.core.model.fact import ABSENT, Option
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.names import text_of
from flake8_celery.core.model.naming import name_of
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.stated import BeatEntry
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.files import reading
from flake8_celery.core.settings.configuration import Configuration, Known
from flake8_celery.core.settings.effective import visibility
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.linter import rules
from flake8_celery.practices.answers import (
    DEFAULT,
    NO_APP,
    OWN,
    SETTINGS,
    UNKNOWN,
    Answer,
    option_of,
    plain,
    unreadable,
    value_of,
    why,
)
from flake8_celery.practices.retrying import Retries, longest, retries_of

_ATOMIC: Final = "django.db.transaction.atomic"
#: Brokers that deliver a message again when its connection is lost, and by no clock.
_NEVER_AGAIN: Final = frozenset({"amqp", "memory", "filesystem"})
_ROUTING: Final = ("queue", "exchange", "routing_key")


class Sent(NamedTuple):
    """How the project sends a task."""

    times: int
    unsafe: tuple[str, ...]
    """Places that send it inside a transaction that may roll back (CEL201)."""
    scheduled: int = 0
    """Entries of beat's schedule that send it."""


_UNSENT: Final = Sent(0, ())


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


#: The fields of a `Practice` that are each an `Answer`, in the order in which they are shown.
ANSWERS: Final = (
    *("time_limit", "soft_time_limit", "acks", "semantics", "longest_wait", "visibility"),
    *("shutdown", "queue"),
)


def practices_of(snapshot: Snapshot) -> list[Practice]:
    """The tasks of a project, by file and line."""
    snapshot.complete()
    found: list[Practice] = []
    with reading(snapshot.files):
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
    hard = option_of(task, "time_limit", model, configuration)
    soft = option_of(task, "soft_time_limit", model, configuration)
    late = option_of(task, "acks_late", model, configuration)
    again = option_of(task, "reject_on_worker_lost", model, configuration)
    acks = _acks(late, again)
    retries = retries_of(task, model, configuration)
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
        longest(retries),
        _visibility(configuration),
        _shutdown(hard, soft, acks, model.options.celery_shutdown_grace),
        _queue(task, model, configuration, name.value),
        _is_atomic(task, model),
        sent.get(name.value or "", _UNSENT),
    )


def _acks(late: Answer, again: Answer) -> Answer:
    if not late.known:
        return late
    if not late.value:
        return Answer("early", late.source)
    if not again.known:
        return Answer("late", late.source, f"whether also when killed is unknown: {again.reason}")
    return Answer("late, again when killed" if again.value else "late", late.source)


def _semantics(task: Task, model: Model, configuration: Configuration, acks: Answer) -> Answer:
    expires = option_of(task, "expires", model, configuration)
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
    if configuration.broker.name in _NEVER_AGAIN:
        return Answer(None, DEFAULT)
    return Answer(None, UNKNOWN, "broker_transport_options can't be told from source")


def _queue(task: Task, model: Model, configuration: Configuration, name: str | None) -> Answer:
    for key in _ROUTING:
        given = task.option(key)
        if isinstance(given, Option):
            answer = value_of(given, model)
            return answer if key == "queue" else Answer(None, UNKNOWN, f"{key} chooses its queue")
        if given is not ABSENT:
            return Answer(None, UNKNOWN, why(task))
    if not configuration.found:
        return Answer(None, UNKNOWN, f"{NO_APP}, a route may choose its queue")
    if not configuration.absent("task_annotations"):
        known = isinstance(configuration.setting("task_annotations"), Known)
        if known:
            return Answer(None, UNKNOWN, "task_annotations may choose its queue")
        return Answer(None, UNKNOWN, unreadable("task_annotations", configuration))
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
            setting = configuration.setting("task_routes")
            if isinstance(setting, Known) and not setting.sure:
                return Answer(None, UNKNOWN, unreadable("task_routes", configuration))
            return Answer(plain(values[0]), f"route {route.pattern}")
    default = configuration.queues.default
    if default is None:
        return Answer(None, UNKNOWN, unreadable("task_default_queue", configuration))
    return Answer(default, DEFAULT)


def _is_atomic(task: Task, model: Model) -> bool:
    """Whether the body runs in a transaction, by a decorator below or a `with` of its own."""
    function = task.function
    region = model.candidates.scopes.get(function) if function is not None else None
    if function is None or region is None:
        return False
    managers = list(task.below)
    for node in walk(function.body):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            managers += [item.context_expr for item in node.items]
    for manager in managers:
        func = manager.func if isinstance(manager, ast.Call) else manager
        if model.resolver.qualname(func, region) == _ATOMIC:
            return True
    return False


def _sent(snapshot: Snapshot) -> dict[str, Sent]:
    """How often each task is sent, and where inside a transaction."""
    unsafe = next((load(rule) for rule in rules() if rule.code == "CEL201"), None)
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
            before = found.get(name, _UNSENT)
            places = before.unsafe
            if unsafe is not None and any(True for _ in unsafe(dispatch, context)):
                line = getattr(dispatch.node, "lineno", 1)
                places = (*places, f"{snapshot.relative(model.module.filename)}:{line}")
            found[name] = before._replace(times=before.times + 1, unsafe=places)
        for entry in model.of(BeatEntry):
            name = _entry(entry, model) if entry.certain else None
            if name is not None:
                before = found.get(name, _UNSENT)
                found[name] = before._replace(scheduled=before.scheduled + 1)
    return found


def _entry(entry: BeatEntry, model: Model) -> str | None:
    """The name of the task that a schedule entry sends."""
    given = entry.fields.get("task")
    return text_of(given[1], entry.region, model) if given is not None else None


def reasons(practice: Practice) -> Iterator[tuple[str, str]]:
    """What can't be told of a task, and why."""
    if practice.name is None:
        yield "name", practice.name_reason
    for what in ANSWERS:
        answer: Answer = getattr(practice, what)
        if answer.reason:
            yield what, answer.reason
