"""What is understood of a project, each unknown with its reason, as plain data.

Silence of a linter may mean that all is well or that it knows too little: this tells which.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from flake8_celery.check.selection import find_files
from flake8_celery.check.setup import Setup
from flake8_celery.core.contract.lock import LockError, read_lock
from flake8_celery.core.deployed.snapshot import Snapshot, WorkTree
from flake8_celery.core.deployed.states import Listed, of_snapshot
from flake8_celery.core.model.fact import Application, Unread
from flake8_celery.core.model.model import Model, model_of
from flake8_celery.core.model.naming import passes_on
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.files import Trees, reading
from flake8_celery.core.project.lockpath import LOCK_NAME, find_lock, may_be_deployed
from flake8_celery.core.project.reading import read_file
from flake8_celery.core.project.roots import MARKERS, WEAK_MARKERS, root_of
from flake8_celery.core.settings.configuration import Configuration, Known, Unreadable
from flake8_celery.core.settings.queues import Kind, queues_in_commands
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.core.values.unknown import Environment, Unknown
from flake8_celery.linter import rules
from flake8_celery.options import OPTIONS, Options
from flake8_celery.tables.settings import SETTINGS

Data = dict[str, Any]

#: Files that start workers, by the look of their names.
_STARTS: Final = re.compile(
    r"(docker-)?compose[\w.-]*\.ya?ml|Procfile[\w.-]*|supervisord?[\w.-]*\.(conf|ini)"
    r"|[\w.-]*(celery|worker)[\w.-]*\.(service|sh|conf|ya?ml)"
)
_POOL: Final = re.compile(r"(?:-P|--pool)[= \"',]+(\w+)")
_FOLDERS: Final = ("", "deploy", "deployment", "docker", "compose", "config", "etc", "ops")
_BY_TASKS: Final = ("CEL406", "CEL502", "CEL507", "CEL706", "CEL910")
_BY_LOCK: Final = ("CEL410", "CEL411", "CEL412", "CEL413", "CEL414", "CEL415", "CEL451", "CEL454")
#: Rules that hold a task or a call against the settings of its application.
_BY_SETTINGS: Final = (
    *("CEL106", "CEL310", "CEL311", "CEL312", "CEL317", "CEL501", "CEL503", "CEL509", "CEL605"),
    *("CEL751", "CEL806", "CEL851", "CEL852", "CEL853"),
)
_BY_TASK_CLASS: Final = ("CEL401", "CEL402", "CEL404", "CEL902", "CEL903", "CEL917")


def diagnose(folder: str, setup: Setup) -> Data:
    """What is understood of the code in an absolute folder, tests aside."""
    root = root_of(folder) or folder
    paths = [
        path
        for path in find_files([folder], setup.selection.exclude)
        if may_be_deployed(os.path.relpath(path, folder))
    ]
    options = setup.options
    files = WorkTree(Trees())
    snapshot = Snapshot(root, files, paths, options)
    tasks = of_snapshot(snapshot)
    with reading(files):
        applications = list(_applications(snapshot))
        configurations = [configuration_of(model, None) for model, _, _ in applications]
        found: Data = {
            "root": {"path": root, "why": _why_root(root)},
            "options": _options(setup),
            "files": {
                "python": len(paths),
                "about_celery": len(snapshot.gated),
                "unreadable": [
                    {"path": snapshot.relative(one.path), "line": one.line, "why": one.why}
                    for one in snapshot.unreadable
                ],
            },
            "applications": [
                _application(model, name, application, configuration, snapshot)
                for (model, name, application), configuration in zip(
                    applications, configurations, strict=True
                )
            ],
            "pool": _said(", ".join(options.celery_pool), "celery-pool"),
            "target_version": _said(_version(options), "celery-target-version"),
            "lock": _lock(root, options),
            "tasks": [_task(one) for name in sorted(tasks.named) for one in tasks.named[name]],
            "tasks_without_name": [
                {"file": file, "line": left.line, "function": left.qualname, "why": left.reason}
                for file, left in tasks.left
            ],
        }
        found["silent"] = list(_silent(found, root, options))
    return found


def _why_root(root: str) -> str:
    for known in (MARKERS, WEAK_MARKERS):
        marks = [mark for mark in known if os.path.exists(os.path.join(root, mark))]
        if marks:
            return f"it holds {', '.join(marks)}"
    return f"nothing above it holds one of {', '.join(MARKERS)}"


def _said(value: str, option: str) -> Data:
    return {"value": value or None, "source": option if value else "no option says it"}


def _version(options: Options) -> str:
    target = options.celery_target_version
    return ".".join(map(str, target)) if target else ""


def _options(setup: Setup) -> Data:
    default = Options()
    given = {
        spec.name: value
        for spec in OPTIONS
        if (value := getattr(setup.options, spec.attribute)) != getattr(default, spec.attribute)
    }
    shown = {
        name: list(value) if isinstance(value, tuple) else value for name, value in given.items()
    }
    wrong = [{"file": one.file, "line": one.line, "text": one.text} for one in setup.complaints]
    return {"file": setup.file or None, "values": shown, "wrong": wrong}


def _applications(snapshot: Snapshot) -> Iterator[tuple[Model, str, Application]]:
    for model in snapshot.models:
        for name, application in model.applications.items():
            if application.node is not None and application.home is model.module:
                yield model, name, application


def _application(
    model: Model,
    name: str,
    application: Application,
    configuration: Configuration,
    snapshot: Snapshot,
) -> Data:
    broker, backend, queues = configuration.broker, configuration.backend, configuration.queues
    untold = [
        key
        for key in SETTINGS
        if configuration.found and isinstance(configuration.setting(key), Unreadable)
    ]
    return {
        "name": name,
        "file": snapshot.relative(model.module.filename),
        "line": getattr(application.node, "lineno", 1),
        "evidence": "built from celery.Celery" if application.known else "named like one",
        "task_class": _task_class(application),
        "settings": {
            "found": configuration.found,
            "namespace": _or_none(configuration.namespace),
            "files": sorted(snapshot.relative(path) for path in configuration.stamps),
            "unreadable": [
                {"path": snapshot.relative(trouble.path), "why": trouble.why}
                for trouble in configuration.troubles
            ],
            "told": len(SETTINGS) - len(untold) if configuration.found else 0,
            "untold": untold if len(untold) <= 8 else [*untold[:8], "..."],
        },
        "broker": {
            "value": broker.name if broker else None,
            "source": _source(broker, "celery-broker", "broker_url", configuration, snapshot),
        },
        "backend": {
            "value": backend.name if backend else None,
            "source": _source(backend, "celery-backend", "result_backend", configuration, snapshot),
        },
        "queues": {
            "names": sorted(queues.names),
            "complete": queues.complete,
            "default": queues.default,
            "source": queues.where if queues.names else None,
        },
    }


def _or_none(value: str | Unknown | None) -> str | None:
    return "unknown" if isinstance(value, Unknown) else value


def _source(
    kind: Kind | None, option: str, key: str, configuration: Configuration, snapshot: Snapshot
) -> str:
    """Who says what kind of server it is; where nobody does, what stands in the way."""
    if kind is not None:
        return option if kind.known else "the settings (the environment may say another)"
    setting = configuration.setting(key)
    if not isinstance(setting, Known) or not setting.places:
        return "neither the settings nor an option say it"
    place = setting.places[0]
    line = getattr(place.node, "lineno", place.value.lineno)
    where = f"{snapshot.relative(place.model.module.filename)}:{line}"
    values = configuration.values(key)
    if isinstance(values, Environment):
        return f"the environment decides it ({where})"
    if values == (None,):
        return f"none ({where})"
    return f"{where} gives it by what can't be told"


def _task_class(application: Application) -> str:
    task_class = application.task_class
    if not task_class.complete:
        likely = task_class.unread is Unread.APPLICATION
        return "likely Celery's (it can't be read)" if likely else "can't be read"
    own = sorted({*task_class.attributes, *task_class.methods})
    return f"its own, with {', '.join(own[:5])}" if own else "Celery's"


def _lock(root: str, options: Options) -> Data:
    path = options.celery_lock and os.path.join(options.root or root, options.celery_lock)
    path = path or find_lock(root) or ""
    count = None
    if path:
        with suppress(LockError):
            count = len(read_lock(path).tasks)
    return {"path": path or None, "tasks": count, "against": options.celery_against or None}


def _task(one: Listed) -> Data:
    contract, task = one.contract, one.task
    given = contract.parameters
    unknown = isinstance(contract.queue, Unknown)
    return {
        "name": contract.name,
        "file": contract.file,
        "line": one.place.line,
        "queue": "unknown" if unknown else contract.queue,
        "parameters": None
        if given is None
        else [parameter.name + ("=" if parameter.default else "") for parameter in given],
        "why": why_parameters(task) if given is None and task is not None else None,
    }


def why_parameters(task: Task) -> str:
    """Why it can't be told what a task takes."""
    model = model_of(task)
    other = [one for one in task.below if not passes_on(one, task.region, model)]
    if other:
        shown = ast.unparse(other[0])[:40]
        return f"@{shown} stands below the task's decorator and may take others"
    if not task.base.complete:
        return "its Task class can't be read"
    if task.function is None:
        return "its function can't be found"
    return "its Task class may give it others"


# -- what is silent


def _silent(found: Data, root: str, options: Options) -> Iterator[Data]:
    """The rules that can't speak here, why, and the line that would make them."""
    applications: Sequence[Data] = found["applications"]
    starts = _starts(root)
    if not found["files"]["about_celery"]:
        yield _row((), "no file here has to do with Celery", "")
        return
    if not applications:
        yield _row(
            _BY_SETTINGS,
            "no application is built in sight: neither settings nor Task class are known",
            "celery-app = package.module:app",
        )
    same: dict[tuple[str, ...], Data] = {}
    for one in applications:
        for row in _silent_of(one):
            same.setdefault((*row["rules"], str(row["option"])), row)
    yield from same.values()
    if not any(one["queues"]["complete"] for one in applications):
        yield _queues(starts, root)
    if applications and not any(one["broker"]["value"] for one in applications):
        why = "the broker is not known, and so is not after which time it delivers again"
        yield _row(("CEL311", "CEL312"), why, "celery-broker = redis")
    if not options.celery_backend:
        likely = {one["backend"]["value"] for one in applications} - {None}
        value = likely.pop() if len(likely) == 1 else "redis"
        why = "what the environment says of the result backend is not known"
        yield _row(("CEL407",), why, f"celery-backend = {value}")
    if not options.celery_pool:
        pools = {pool for text in starts.values() for pool in _POOL.findall(text)}
        value = ", ".join(sorted(pools)) or "prefork"
        yield _row(("CEL106",), "the worker pool is not known", f"celery-pool = {value}")
    lock = found["lock"]
    if lock["path"] is None and lock["against"] is None:
        why = f"there is no {LOCK_NAME}, so what is deployed is not known"
        yield _row(_BY_LOCK, why, "", "flake8-celery lock")
        why = "flake8 sees one file at a time; without a lock all tasks are not known"
        yield _row(_BY_TASKS, why, "", "flake8-celery lock, or flake8-celery check")
    if found["tasks_without_name"]:
        reasons = sorted({left["why"] for left in found["tasks_without_name"]})
        why = f"tasks whose name can't be told may have any: {'; '.join(reasons)}"
        yield _row(("CEL406", "CEL706"), why, "")
    if options.celery_shutdown_grace is None:
        why = "how long a worker has to finish when it is stopped is not known"
        yield _row(("CEL355",), why, "celery-shutdown-grace = 30")
    if not options.celery_expiring_tasks:
        why = "which work is of no use when late is not known"
        yield _row(("CEL353",), why, "celery-expiring-tasks = *.send_code")


def _silent_of(one: Data) -> Iterator[Data]:
    settings, where = one["settings"], f"{one['file']}:{one['line']}"
    if not settings["found"]:
        why = f"what configures the application at {where} can't be told"
        yield _row(_BY_SETTINGS, why, "celery-config = package.settings")
    elif settings["unreadable"]:
        first = settings["unreadable"][0]
        why = f"{first['path']} can't be read ({first['why']}), settings may stand there"
        yield _row(_BY_SETTINGS, why, "")
    elif settings["told"] < len(SETTINGS) / 2:
        why = f"the settings of the application at {where} come from what can't be read"
        yield _row(_BY_SETTINGS, why, "celery-config = package.settings")
    if one["task_class"] == "can't be read":
        why = f"the Task class of the application at {where} can't be read"
        yield _row(_BY_TASK_CLASS, why, "celery-task-class = plain")


def _queues(starts: Mapping[str, str], root: str) -> Data:
    for path, text in starts.items():
        names, _ = queues_in_commands(text)
        if names:
            shown = os.path.relpath(path, root).replace(os.sep, "/")
            why = f"the queues are not known; {shown} has -Q {','.join(sorted(names))}"
            return _row(("CEL501",), why, f"celery-worker-commands = {shown}")
    why = "the queues that workers consume are not known"
    return _row(("CEL501",), why, "celery-queues = celery, ...")


def _row(codes: Sequence[str], why: str, option: str, command: str = "") -> Data:
    on = {info.code: info.default for info in rules()}
    return {
        "rules": sorted(code for code in codes if on[code]),
        "advice": sorted(code for code in codes if not on[code]),
        "why": why,
        "option": option or None,
        "command": command or None,
    }


def _starts(root: str) -> dict[str, str]:
    """The files near the root that start workers, by path, with their text."""
    found: dict[str, str] = {}
    for name in _FOLDERS:
        folder = os.path.join(root, name) if name else root
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for entry in names:
            path = os.path.join(folder, entry)
            if _STARTS.fullmatch(entry) and os.path.isfile(path):
                with suppress(OSError):
                    text = read_file(path, 200_000).decode("utf-8", "replace")
                    if "celery" in text:
                        found[path] = text
    return found
