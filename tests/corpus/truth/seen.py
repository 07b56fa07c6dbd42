"""What our core makes of a package's files, in the same form as what real Celery says."""

from __future__ import annotations

import ast
import json
import pickle
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from flake8_celery.core.contract.interface import Parameter
from flake8_celery.core.deployed.snapshot import Snapshot, WorkTree, python_files
from flake8_celery.core.deployed.states import Listed, of_snapshot
from flake8_celery.core.model.fact import Absent, Option
from flake8_celery.core.model.model import Model, model_of
from flake8_celery.core.model.naming import name_of
from flake8_celery.core.model.stated import BeatEntry, Periodic
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.files import Trees, clear, reading
from flake8_celery.core.settings.configuration import Configuration, Known
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values import degrees
from flake8_celery.core.values.unknown import Environment, Unknown, Values
from flake8_celery.diagnosis import why_parameters
from flake8_celery.options import Options
from flake8_celery.tables.settings import SETTINGS
from tests import ROOT
from tests.corpus.truth.driver import CRONTAB, OPTIONS, plain

_KINDS = {
    "positional-only": "POSITIONAL_ONLY",
    "positional": "POSITIONAL_OR_KEYWORD",
    "variadic": "VAR_POSITIONAL",
    "keyword-only": "KEYWORD_ONLY",
    "keywords": "VAR_KEYWORD",
}
_CRONTAB_CALLS = ("celery.schedules.crontab", "celery.task.schedules.crontab")
_CLASSES = ("autoretry_for", "dont_autoretry_for", "throws")


class Why(NamedTuple):
    """Something is not known, and why."""

    text: str


class Given(NamedTuple):
    """Something is given: each value that it may have."""

    values: list[Any]
    place: str


class NotGiven(NamedTuple):
    """Nothing gives it; `likely` is what that rests on, where it is not certain."""

    likely: str = ""


Answer = Why | Given | NotGiven


class SeenTask(NamedTuple):
    """One task as our core sees it."""

    file: str
    line: int
    function: str
    """Its dotted name in the module."""
    bound: bool | None
    parameters: list[list[Any]] | None
    why: str
    options: dict[str, Answer]


class Seen(NamedTuple):
    """A whole package as our core sees it."""

    tasks: dict[str, list[SeenTask]]
    left: list[tuple[str, int, str, str]]
    """Tasks whose name is not known: file, line, function and reason."""
    unread: dict[str, str]
    """Files that can't be read, and why."""
    settings: dict[str, Answer]
    beat: dict[str, dict[str, Answer]]
    scheduled: frozenset[str]
    """The entries that are surely there, whatever runs and under no condition."""


def look(folder: Path, app: str, options: Options) -> Seen:
    """Read the files of a project; `app` (`module:name`) is whose settings are told."""
    clear()
    files = WorkTree(Trees())
    paths = python_files(str(folder), tracked=False)
    snapshot = Snapshot(str(folder.resolve()), files, paths, options)
    for model in snapshot.models:
        model.resolver.judging = True
    found = of_snapshot(snapshot)
    with reading(files):
        tasks = {name: [_task(one) for one in several] for name, several in found.named.items()}
        configuration = _configuration(snapshot, app)
        settings: dict[str, Answer] = {}
        beat: dict[str, dict[str, Answer]] = {}
        scheduled: frozenset[str] = frozenset()
        if configuration is not None:
            settings = {key: _setting(key, configuration, snapshot) for key in SETTINGS}
            beat = {
                entry.label: _entry(entry, model, snapshot)
                for entry, model in configuration.entries
            }
            schedule = configuration.setting("beat_schedule")
            if isinstance(schedule, Known) and schedule.sure and len(schedule.places) == 1:
                if all(change.sure for change in schedule.changes):
                    scheduled = frozenset(beat)
            for label, added in _periodic(snapshot):
                beat.setdefault(label, added)
    left = [(file, one.line, one.qualname, one.reason) for file, one in found.left]
    unread = {snapshot.relative(one.path): one.why for one in snapshot.unreadable}
    return Seen(tasks, left, unread, settings, beat, scheduled)


def _task(listed: Listed) -> SeenTask:
    contract, task = listed.contract, listed.task
    assert task is not None
    bound = task.bind
    given = contract.parameters
    return SeenTask(
        contract.file,
        listed.place.line,
        contract.qualname,
        None if isinstance(bound, Unknown) else bound,
        None if given is None else [_parameter(one) for one in given],
        "" if given is not None else why_parameters(task),
        {name: _option(task, name) for name in OPTIONS},
    )


def _parameter(one: Parameter) -> list[Any]:
    return [one.name, _KINDS[one.kind], one.default]


def _option(task: Task, name: str) -> Answer:
    degrees.begin()
    option = task.option(name)
    if isinstance(option, Absent):
        return NotGiven(degrees.suffix())
    if not isinstance(option, Option):
        return Why("its decorator or its Task class may give it and can't be read")
    model = model_of(task)
    line = getattr(option.value, "lineno", 0)
    if name in _CLASSES:
        classes = _classes(option.value, option.region, model)
        if classes is not None:
            return Given([classes], f"line {line}")
    return _answer(task.option_values(option), option.value, f"line {line}")


def _classes(node: ast.expr, region: Region, model: Model) -> list[Any] | None:
    """The classes that a tuple names, by their last names; None where they can't be told."""
    found = model.resolver.expression(node, region)
    if found is None or not isinstance(found[0], (ast.Tuple, ast.List)):
        return None
    names: list[Any] = []
    for item in found[0].elts:
        if not isinstance(item, (ast.Name, ast.Attribute)):
            return None
        dotted = model.resolver.qualname(item, found[1]) or ast.unparse(item)
        names.append({"class": dotted.rpartition(".")[2]})
    return names


def _answer(values: Values, node: ast.expr, place: str) -> Answer:
    if isinstance(values, Environment):
        return Why(f"{_short(node)} is read from the environment ({place})")
    if isinstance(values, Unknown):
        return Why(f"{_short(node)} is no value that can be read ({place})")
    return Given([plain(value) for value in values], place)


def _short(node: ast.expr) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) < 60 else text[:57] + "..."


# -- settings


def _configuration(snapshot: Snapshot, app: str) -> Configuration | None:
    stem = app.partition(":")[0].replace(".", "/")
    for model in snapshot.models:
        # by its file: what a module is called in a package without __init__.py may not be known
        if snapshot.relative(model.module.filename) in (f"{stem}.py", f"{stem}/__init__.py"):
            return configuration_of(model, None)
    return None


def _setting(key: str, configuration: Configuration, snapshot: Snapshot) -> Answer:
    degrees.begin()
    known = configuration.setting(key)
    if isinstance(known, Absent):
        return NotGiven(degrees.suffix())
    if not isinstance(known, Known):
        troubles = [f"{snapshot.relative(t.path)}: {t.why}" for t in configuration.troubles]
        return Why("; ".join(troubles[:1]) or "what gives settings can't all be read")
    if key == "task_queues":
        names, whole = configuration.task_queues()
        if whole:
            return Given([{"names": sorted(names)}], "task_queues")
    if not known.places:
        return Why("it is only changed in place")
    place = known.places[0]
    where = f"{snapshot.relative(place.model.module.filename)}:{getattr(place.node, 'lineno', 0)}"
    if not known.sure:
        return Why(f"it is given under a condition ({where})")
    return _answer(configuration.values(key), place.value, where)


def _periodic(snapshot: Snapshot) -> Iterator[tuple[str, dict[str, Answer]]]:
    """The entries that `add_periodic_task(..., task.s(...), name=...)` adds, by their labels."""
    snapshot.complete()
    for model in snapshot.models:
        file = snapshot.relative(model.module.filename)
        for fact in model.of(Periodic):
            given = fact.arguments
            label, schedule, sent = (
                given.get("name", 4),
                given.get("schedule", 0),
                given.get("sig", 1),
            )
            dispatch = model.dispatches.get(sent) if sent is not None else None
            if label is None or schedule is None or dispatch is None or dispatch.call is None:
                continue
            labels = model.resolver.values(label, fact.region)
            if isinstance(labels, Unknown) or len(labels) != 1:
                continue
            place = f"{file}:{fact.call.lineno}"
            task = dispatch.resolved_task()
            name = name_of(task) if task is not None else None
            entry: dict[str, Answer] = {
                "schedule": _schedule(schedule, fact.region, model, place),
                "task": Given([name.value], place)
                if name is not None and name.value
                else Why(f"the task of {_short(dispatch.call)} is not known ({place})"),
            }
            if dispatch.call.args:
                args = ast.Tuple(dispatch.call.args, ast.Load())
                entry["args"] = _answer(model.resolver.values(args, fact.region), args, place)
            if dispatch.call.keywords:
                entry["kwargs"] = Why(f"keyword arguments are not looked at ({place})")
            yield str(labels[0]), entry


def _entry(entry: BeatEntry, model: Model, snapshot: Snapshot) -> dict[str, Answer]:
    file = snapshot.relative(model.module.filename)
    found: dict[str, Answer] = {}
    for name, (_, value) in entry.fields.items():
        place = f"{file}:{value.lineno}"
        if name == "schedule":
            found[name] = _schedule(value, entry.region, model, place)
        else:
            found[name] = _answer(model.resolver.values(value, entry.region), value, place)
    if not entry.complete:
        found[""] = Why(
            f"something is spread into the entry ({file}:{getattr(entry.node, 'lineno', 0)})"
        )
    return found


def _schedule(node: ast.expr, region: Region, model: Model, place: str) -> Answer:
    found = model.resolver.expression(node, region)
    call, scope = found if found is not None else (node, region)
    if isinstance(call, ast.Call) and _is_crontab(call, scope, model):
        fields = dict.fromkeys(CRONTAB, "*")
        for name, value in _arguments(call):
            values = model.resolver.values(value, scope)
            if isinstance(values, Unknown) or len(values) != 1:
                return _answer(values, value, place)
            fields[name] = str(values[0])
        return Given([{"crontab": list(fields.values())}], place)
    return _answer(model.resolver.values(node, region), node, place)


def _is_crontab(call: ast.Call, region: Region, model: Model) -> bool:
    return model.resolver.qualname(call.func, region) in _CRONTAB_CALLS


def _arguments(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    # the order in which `crontab` takes them by position
    yield from zip(CRONTAB, call.args, strict=False)
    for keyword in call.keywords:
        yield keyword.arg or "", keyword.value


# -- in another process


def look_by(python: str, folder: Path, app: str, options: dict[str, str]) -> Seen:
    """As `look`, by a Python of the version that the package is written for."""
    code = "import sys; from tests.corpus.truth.seen import hand_over; hand_over(*sys.argv[1:])"
    command = [python, "-c", code, str(folder), app, json.dumps(options)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    found: Seen = pickle.loads(done.stdout)
    return found


def hand_over(folder: str, app: str, options: str) -> None:
    """Write what `look` gives to the standard output."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = look(Path(folder), app, Options(json.loads(options), folder))
    pickle.dump(seen, sys.stdout.buffer)
