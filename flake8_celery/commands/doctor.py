"""Tell what is understood of a project, and which rules are silent there and why.

Where the linter says nothing all may be well, or it knows too little: each thing that it does not
know comes with the one line of configuration that would tell it.

Exit codes: 0 it was told, 2 it can't be (a folder that is not there).
"""

from __future__ import annotations

import argparse
import json
import os
import textwrap
from collections.abc import Iterator
from typing import Any

from flake8_celery.check.setup import WrongFile, read_setup
from flake8_celery.commands.common import Paint, counted, fail, shown

_SHOWN = 12
"""As many tasks are listed; --all lists every one."""


def register(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folders; default: this one")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--all", action="store_true", help="list every task")
    parser.add_argument("--config", default="", metavar="FILE")


def run(given: argparse.Namespace) -> int:
    """Tell; see the module for the exit codes."""
    from flake8_celery.diagnosis import diagnose

    told: list[dict[str, Any]] = []
    for path in given.paths or ["."]:
        folder = os.path.realpath(path)
        if not os.path.exists(folder):
            return fail(f"{path}: there is no such file or folder")
        folder = folder if os.path.isdir(folder) else os.path.dirname(folder)
        try:
            told.append(diagnose(folder, read_setup({}, given.config, folder=folder)))
        except WrongFile as error:
            return fail(error)
    if given.format == "json":
        print(json.dumps(told[0] if len(told) == 1 else told, indent=2))
        return 0
    for data in told:
        print("\n".join(lines(data, given.all)))
    return 0


def lines(data: dict[str, Any], everything: bool = False) -> Iterator[str]:
    """One screen of text."""
    paint = Paint()

    def head(name: str, text: str) -> str:
        return f"{paint.bold}{name:13}{paint.off} {text}"

    yield head("root", f"{shown(data['root']['path'])} ({data['root']['why']})")
    options = data["options"]
    values = [f"{name} = {_flat(value)}" for name, value in options["values"].items()]
    yield head("options", f"from {shown(options['file'])}" if options["file"] else "none are given")
    yield from (f"{'':13} {value}" for value in values)
    for wrong in options["wrong"]:
        yield f"{'':13} {paint.red}wrong{paint.off}: {wrong['text']}"
    files = data["files"]
    about = f"{files['about_celery']} of {counted(files['python'], 'Python file')}"
    yield head("files", f"{about} can have to do with Celery (tests are left out)")
    for one in files["unreadable"]:
        where = f"{one['path']}:{one['line']}"
        yield f"{'':13} {paint.red}can't be read{paint.off}: {where}: {one['why']}"
    for one in data["applications"]:
        yield head("application", f"{one['name']}, {one['file']}:{one['line']}, {one['evidence']}")
        yield f"{'':13} Task class: {one['task_class']}"
        yield from (f"{'':13} {text}" for text in _settings(one["settings"]))
        yield f"{'':13} broker: {_valued(one['broker'])}"
        yield f"{'':13} result backend: {_valued(one['backend'])}"
        yield f"{'':13} queues: {_queues(one['queues'])}"
    if not data["applications"]:
        yield head("application", "none is built in sight")
    yield head("pool", _valued(data["pool"]))
    yield head("Celery", _valued(data["target_version"]))
    lock = data["lock"]
    there = (
        f"{shown(lock['path'])}, {counted(lock['tasks'] or 0, 'task')}" if lock["path"] else "none"
    )
    yield head("lock", f"git {lock['against']}" if lock["against"] else there)
    tasks = data["tasks"]
    yield head("tasks", f"{len(tasks)}")
    for one in tasks if everything else tasks[:_SHOWN]:
        yield f"{'':13} {_task(one)}"
    if len(tasks) > _SHOWN and not everything:
        yield f"{'':13} ... and {len(tasks) - _SHOWN} more: --all"
    for one in data["tasks_without_name"]:
        yield f"{'':13} {one['file']}:{one['line']} {one['function']}: no name, {one['why']}"
    yield ""
    yield f"{paint.bold}Silent here{paint.off}"
    for row in data["silent"]:
        yield from _silence(row)


def _flat(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _valued(data: dict[str, Any]) -> str:
    return f"{data['value']} (from {data['source']})" if data["value"] else data["source"]


def _settings(data: dict[str, Any]) -> Iterator[str]:
    if not data["found"]:
        yield "settings: what configures it can't be told"
    elif not data["untold"]:
        named = f", namespace {data['namespace']}" if data["namespace"] else ""
        yield f"settings: all can be read, from {', '.join(data['files'])}{named}"
    else:
        named = f" (namespace {data['namespace']})" if data["namespace"] else ""
        yield f"settings: {data['told']} can be told{named}, not: {', '.join(data['untold'])}"
        if data["files"]:
            yield f"  read from {', '.join(data['files'])}"
    for one in data["unreadable"]:
        yield f"  can't be read: {one['path']}: {one['why']}"


def _queues(data: dict[str, Any]) -> str:
    if not data["names"]:
        return "not known"
    more = "" if data["complete"] else ", and perhaps others"
    return f"{', '.join(data['names'])}{more} (from {data['source']})"


def _task(data: dict[str, Any]) -> str:
    given = data["parameters"]
    taken = (
        f"({', '.join(given)})" if given is not None else f" takes what is not known: {data['why']}"
    )
    queue = f", queue {data['queue']}" if data["queue"] else ""
    return f"{data['name']}{taken}{queue}"


def _silence(row: dict[str, Any]) -> Iterator[str]:
    codes = " ".join(row["rules"])
    advice = f"{' ' if codes else ''}(advice: {' '.join(row['advice'])})" if row["advice"] else ""
    text = f"{codes}{advice}{': ' if codes or advice else ''}{row['why']}"
    # what is to be copied, `celery-tasks.lock`, stays whole
    yield from textwrap.wrap(
        text, 98, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
    )
    if row["option"]:
        yield f"      {row['option']}"
    elif row["command"]:
        yield f"      $ {row['command']}"
