"""Mistakes in what configures an application: settings, queues, routes, beat, signals."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.corpus.edits import (
    KINDS,
    Change,
    Edit,
    Kind,
    append,
    change,
    kind,
    misspelt,
    span,
    statement,
    swap,
    text_of,
    without,
)
from tests.corpus.names import Outside, Source
from tests.corpus.sites import BEAT_NAMES, ROUTE_NAMES, Place, Sites, setting_of

# -- beat


def _crontabs(sites: Sites) -> Iterator[tuple[Source, ast.Call]]:
    for source in sites.sources():
        if "crontab" not in source.text:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and "crontab" in ast.unparse(node.func):
                found = source.meaning(node.func, source.around(node))
                if isinstance(found, Outside) and found.dotted == "celery.schedules.crontab":
                    yield source, node


@kind("crontab without minute", "beat", "CEL701")
def _every_minute(sites: Sites) -> Iterator[Change]:
    for source, call in _crontabs(sites):
        given = {k.arg: k for k in call.keywords}
        if not call.args and "minute" in given and "hour" in given and None not in given:
            hour = given["hour"].value
            if isinstance(hour, ast.Constant) and str(hour.value).isdecimal():
                yield from change(source, call, without(source, call, given["minute"]))


@kind("crontab beyond its range", "beat", "CEL702")
def _range(sites: Sites) -> Iterator[Change]:
    for source, call in _crontabs(sites):
        for keyword in call.keywords:
            if keyword.arg in ("minute", "hour"):
                yield from change(source, call, swap(source, keyword.value, "61"))


def _items(node: ast.AST) -> dict[str, tuple[ast.expr, ast.expr]]:
    found: dict[str, tuple[ast.expr, ast.expr]] = {}
    assert isinstance(node, ast.Dict)
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            found[key.value] = (key, value)
    return found


def _entries(sites: Sites) -> Iterator[Place]:
    for place in sites.entries(BEAT_NAMES):
        if {"task", "schedule"} <= _items(place.node).keys():
            yield place


def _more(place: Place, written: str) -> Edit:
    """Give an entry one more item, before its task."""
    start, _ = span(place.module, _items(place.node)["task"][0])
    return start, start, f"{written}, "


def _beat(name: str, codes: tuple[str, ...], written: str, unless: str) -> None:
    def make(sites: Sites) -> Iterator[Change]:
        # what a scheduler of the project's own takes is not known
        if any(re.search(r"class \w+\([^)]*Scheduler\b", s.text) for s in sites.sources()):
            return
        for place in _entries(sites):
            if unless not in _items(place.node):
                yield from change(place.module, place.node, _more(place, written))

    KINDS.append(Kind(name, "beat", codes, make))


_beat("queue beside options", ("CEL704", "CEL722"), '"queue": "slow"', "queue")
_beat("expires beside options", ("CEL704", "CEL722"), '"expires": 60', "expires")
_beat("args of an entry are text", ("CEL704", "CEL705"), '"args": ("all")', "args")
_beat("option of an entry misspelt", ("CEL404", "CEL704"), '"options": {"quue": "slow"}', "options")


@kind("key of an entry misspelt", "beat", "CEL704", "CEL722")
def _entry_key(sites: Sites) -> Iterator[Change]:
    for place in _entries(sites):
        key, _ = _items(place.node)["schedule"]
        yield from change(place.module, place.node, swap(place.module, key, '"shedule"'))


@kind("schedule is text", "beat", "CEL704")
def _schedule_text(sites: Sites) -> Iterator[Change]:
    for place in _entries(sites):
        _, value = _items(place.node)["schedule"]
        yield from change(place.module, place.node, swap(place.module, value, '"60"'))


def _tasks_by_name(sites: Sites) -> dict[str, bool]:
    """The automatic names of tasks -> whether their parameters are known and few."""
    found = {}
    for task in sites.tasks:
        if "name" not in task.options:
            path = task.module.path.relative_to(sites.folder).with_suffix("")
            parts = [*path.parts, task.node.name]
            for start in range(len(path.parts)):
                found[".".join(parts[start:])] = task.alone and task.node.args.vararg is None
    return found


@kind("task of an entry misspelt", "beat", "CEL706")
def _entry_task(sites: Sites) -> Iterator[Change]:
    tasks = _tasks_by_name(sites)
    for place in _entries(sites):
        _, value = _items(place.node)["task"]
        name = value.value if isinstance(value, ast.Constant) else None
        wrong = misspelt(name) if isinstance(name, str) and name in tasks else None
        if wrong is not None:
            yield from change(place.module, value, swap(place.module, value, f'"{wrong}"'))


@kind("arguments of an entry do not fit", "beat", "CEL705")
def _entry_args(sites: Sites) -> Iterator[Change]:
    tasks = _tasks_by_name(sites)
    for place in _entries(sites):
        items = _items(place.node)
        value = items["task"][1]
        if isinstance(value, ast.Constant) and tasks.get(value.value) and "args" not in items:
            edit = _more(place, f'"args": ({"1, " * 20})')
            yield from change(place.module, value, edit)


# -- routes and queues


@kind("option of a route misspelt", "routes", "CEL506", "CEL404")
def _route_option(sites: Sites) -> Iterator[Change]:
    for place in sites.entries(ROUTE_NAMES):
        found = _items(place.node).get("queue")
        if found is not None:
            yield from change(place.module, found[0], swap(place.module, found[0], '"quue"'))


@kind("route is a number", "routes", "CEL506")
def _route_number(sites: Sites) -> Iterator[Change]:
    for place in sites.entries(ROUTE_NAMES):
        yield from change(place.module, place.node, swap(place.module, place.node, "5"))


def _declared(sites: Sites) -> bool:
    """Whether the project declares its queues once, all by literal names."""
    found = []
    for source in sites.sources():
        for node in ast.walk(source.tree):
            name, value = setting_of(node)
            if re.fullmatch(r"(CELERY_)?(TASK_)?QUEUES", name, re.IGNORECASE) and "ELERY" in (
                name + source.text
            ):
                found.append(value)
    created = re.compile(r"CREATE_MISSING_QUEUES['\"\]]*\s*[=:]\s*True", re.IGNORECASE)
    if any(created.search(source.text) for source in sites.sources()):
        return False
    if len(found) != 1 or not isinstance(found[0], (ast.Tuple, ast.List)):
        return False
    return bool(found[0].elts) and all(
        isinstance(e, ast.Call)
        and ast.unparse(e.func).endswith("Queue")
        and isinstance(
            (e.args or [k.value for k in e.keywords if k.arg == "name"])[0], ast.Constant
        )
        for e in found[0].elts
    )


_ROUTED = {"queue", "exchange", "routing_key"}


@kind("queue of a task unknown", "routes", "CEL501")
def _task_queue(sites: Sites) -> Iterator[Change]:
    for task in sites.tasks if _declared(sites) else ():
        if not _ROUTED & task.options.keys() and task.alone:
            edit = append(task.module, task.decorator, 'queue="nobody_has_it"')
            yield from change(task.module, task.node, edit)


@kind("queue of a call unknown", "routes", "CEL501")
def _call_queue(sites: Sites) -> Iterator[Change]:
    for sent in sites.calls[0] if _declared(sites) else ():
        given = {k.arg for k in sent.call.keywords}
        if sent.method == "apply_async" and sent.task.plain and not {*_ROUTED, None} & given:
            edit = append(sent.module, sent.call, 'queue="nobody_has_it"')
            yield from change(sent.module, sent.call, edit)


# -- settings

#: In Django's settings modules or on `app.conf`; numbers, and names that are easily misspelt.
NUMBERS = frozenset(
    {
        "TASK_TIME_LIMIT",
        "TASK_SOFT_TIME_LIMIT",
        "WORKER_PREFETCH_MULTIPLIER",
        "WORKER_CONCURRENCY",
        "WORKER_MAX_TASKS_PER_CHILD",
        "WORKER_MAX_MEMORY_PER_CHILD",
        "BROKER_POOL_LIMIT",
        "RESULT_EXPIRES",
        "BROKER_CONNECTION_TIMEOUT",
    }
)
FLAGS = frozenset(
    {
        "TASK_ACKS_LATE",
        "TASK_IGNORE_RESULT",
        "TASK_TRACK_STARTED",
        "TASK_ALWAYS_EAGER",
        "TASK_REJECT_ON_WORKER_LOST",
        "TASK_CREATE_MISSING_QUEUES",
        "ENABLE_UTC",
        "WORKER_SEND_TASK_EVENTS",
        "TASK_SEND_SENT_EVENT",
        "WORKER_HIJACK_ROOT_LOGGER",
        "TASK_EAGER_PROPAGATES",
        "BROKER_CONNECTION_RETRY_ON_STARTUP",
        "RESULT_EXTENDED",
    }
)
OTHERS = frozenset({
    "TASK_SERIALIZER", "RESULT_SERIALIZER", "ACCEPT_CONTENT", "RESULT_BACKEND", "BROKER_URL",
    "TASK_ROUTES", "TASK_QUEUES", "TASK_DEFAULT_QUEUE", "BEAT_SCHEDULE", "BEAT_SCHEDULER",
    "TIMEZONE", "IMPORTS", "INCLUDE", "BROKER_TRANSPORT_OPTIONS",
})  # fmt: skip
#: Settings modules that are for one machine or a test run.
_LOCAL = re.compile(r"(local|dev|test|ci|debug|build|docker)", re.IGNORECASE)


def _settings(sites: Sites, names: frozenset[str]) -> Iterator[Place]:
    for place in sites.settings():
        if place.key.upper().removeprefix("CELERY_") in names:
            yield place


@kind("setting misspelt", "settings", "CEL801")
def _setting_name(sites: Sites) -> Iterator[Change]:
    for place in _settings(sites, NUMBERS | FLAGS | OTHERS):
        used = len(re.findall(rf"\b{place.key}\b", place.module.text))
        wrong = misspelt(place.key)
        if wrong is not None and used == 1:
            start, end = span(place.module, place.node)
            at = place.module.text.index(place.key, start, end)
            yield from change(place.module, place.node, (at, at + len(place.key), wrong))


@kind("setting of a wrong type", "settings", "CEL805")
def _setting_type(sites: Sites) -> Iterator[Change]:
    for names, wrong in ((NUMBERS, '"many"'), (FLAGS, '"no"')):
        for place in _settings(sites, names):
            if place.value is not None:
                edit = swap(place.module, place.value, wrong)
                yield from change(place.module, place.node, edit)


@kind("setting with a comma behind", "settings", "CEL805")
def _setting_tuple(sites: Sites) -> Iterator[Change]:
    for place in _settings(sites, NUMBERS | FLAGS):
        if isinstance(place.value, ast.Constant):
            text = f"{text_of(place.module, place.value)},"
            yield from change(place.module, place.node, swap(place.module, place.value, text))


def _below(name: str, codes: tuple[str, ...], setting: str, value: str, right: str = "") -> None:
    """A kind that writes one more setting below each first one of a module.

    `right` is what it is a misspelling of: where that stands too, it is no certain mistake.
    """

    def make(sites: Sites) -> Iterator[Change]:
        known = {p.key.upper() for p in sites.settings()}
        if known & {setting, f"CELERY_{setting}", right, f"CELERY_{right}"}:
            return
        seen: set[Source] = set()
        for place in _settings(sites, NUMBERS | FLAGS | OTHERS):
            found = statement(place.module, place.node)
            path = place.module.path.relative_to(sites.folder).as_posix()
            if found is None or place.module in seen or _LOCAL.search(path):
                continue
            seen.add(place.module)
            _, end = span(place.module, place.node)
            left = f"CELERY_{setting}"
            if isinstance(place.node, ast.Assign) and isinstance(
                place.node.targets[0], ast.Attribute
            ):
                owner = text_of(place.module, place.node.targets[0].value)
                left = f"{owner}.{setting.lower()}"
            text = f"\n{found[1]}{left} = {value}"
            yield from change(place.module, place.node, (end, end, text))

    KINDS.append(Kind(name, "settings", codes, make))


_below("time limit is text", ("CEL805",), "TASK_TIME_LIMIT", '"10 minutes"')
_below("a setting near a known one", ("CEL801",), "BROKER_POOL_LIMT", "1", "BROKER_POOL_LIMIT")
_below("always eager", ("CEL809",), "TASK_ALWAYS_EAGER", "True")
_below("pickle", ("CEL807",), "TASK_SERIALIZER", '"pickle"')


@kind("password in the broker's URL", "settings", "CEL808")
def _password(sites: Sites) -> Iterator[Change]:
    for place in _settings(sites, frozenset({"BROKER_URL", "RESULT_BACKEND"})):
        path = place.module.path.relative_to(sites.folder).as_posix()
        if place.value is not None and not _LOCAL.search(path):
            edit = swap(place.module, place.value, '"redis://:hunter2xyz@cache.internal:6379/0"')
            yield from change(place.module, place.node, edit)


# -- signals


@kind("handler without **kwargs", "signals", "CEL919")
def _handler(sites: Sites) -> Iterator[Change]:
    for place in sites.handlers():
        assert isinstance(place.node, (ast.FunctionDef, ast.AsyncFunctionDef))
        kwarg = place.node.args.kwarg
        if kwarg is not None and place.node.args.vararg is None:
            start, end = span(place.module, kwarg)
            head = place.module.text[:start].rstrip().rstrip("*").rstrip().removesuffix(",")
            yield from change(place.module, place.node, (len(head), end, ""))


@kind("handler is a coroutine", "signals", "CEL919")
def _coroutine(sites: Sites) -> Iterator[Change]:
    for place in sites.handlers():
        if isinstance(place.node, ast.FunctionDef):
            start = place.module.offset(place.node.lineno, place.node.col_offset)
            yield from change(place.module, place.node, (start, start, "async "))
