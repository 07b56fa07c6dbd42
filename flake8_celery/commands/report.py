"""How a change is reported: for people, for programs, and as annotations on GitHub."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from flake8_celery.commands.common import Paint, counted, shown
from flake8_celery.core.deployed.changes import Difference, Note, Report
from flake8_celery.core.deployed.states import FilePlace
from flake8_celery.text import plain

SCHEMA: Final = 1
"""Of the JSON report; docs/changing-a-task.md describes it."""


MAX_NAMES: Final = 3
"""Of tasks that only one state holds, as the last line tells."""


class Subject(NamedTuple):
    """What was compared with what."""

    folder: str
    """Absolute; the places in a report count from it."""
    kind: str
    """`revision` or `lock`."""
    name: str
    """The revision or the lock as the user knows it."""
    commit: str = ""
    strict: bool = False


def verdict(report: Report, strict: bool) -> int:
    """The exit code: 0 compatible, 1 not, 2 it can't be told."""
    if report.findings or (strict and any(note.strict for note in report.notes)):
        return 1
    return 2 if report.undecided else 0


def text(report: Report, subject: Subject) -> Iterator[str]:
    """The report for people, line by line."""
    paint = Paint()
    for finding in report.findings:
        yield from finding_lines(finding, subject.folder, paint)
        yield ""
    for note in report.undecided:
        where = _where(note.place, subject.folder)
        yield f"{where}{paint.yellow}can't tell{paint.off}: {plain(note.text)}"
    for note in report.notes:
        failing = subject.strict and note.strict
        colour, word = (paint.red, "not allowed by --strict") if failing else (paint.dim, "note")
        yield f"{_where(note.place, subject.folder)}{colour}{word}{paint.off}: {plain(note.text)}"
    if report.undecided or report.notes:
        yield ""
    yield summary(report, subject, paint)


def finding_lines(finding: Difference, folder: str, paint: Paint) -> Iterator[str]:
    """One break: where, what, what will be seen, and the safe way."""
    what = finding.what
    where = _where(finding.place, folder)
    yield (
        f"{paint.bold}{where}{paint.off}{paint.red}{what.code}{paint.off} "
        f"{paint.bold}{plain(finding.headline)}{paint.off}"
    )
    yield f"    {finding.direction}: {plain(what.text)}"
    recipe = [plain(step) for step in what.recipe]
    if recipe:
        yield "    The safe way:" if len(recipe) > 1 else f"    The safe way: {recipe[0]}"
    if len(recipe) > 1:
        for number, step in enumerate(recipe, 1):
            yield f"      {number}. {step}"
    if finding.proxy:
        yield f"    Ready to paste into {_file(finding.home, folder)}:"
        yield ""
        for line in _source(finding):
            yield f"        {paint.dim}{line}{paint.off}" if line else ""


def _source(finding: Difference) -> list[str]:
    """The lines of the proxy; names in it may hold anything but an end of a line."""
    return [plain(line) for line in (finding.proxy or "").rstrip().split("\n")]


def summary(report: Report, subject: Subject, paint: Paint) -> str:
    """The last line: how it went, of how many tasks, and against what."""
    code = verdict(report, subject.strict)
    tasks = f"{counted(report.tasks, 'task')} of {plain(subject.name)} compared"
    for what, names in (("gone", report.gone), ("new", report.new)):
        if names:
            more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
            tasks += f"; {what}: {', '.join(plain(name) for name in names[:MAX_NAMES])}{more}"
    if report.findings:
        head = f"{paint.red}{counted(len(report.findings), 'break')}{paint.off}"
    elif code == 1:
        head = f"{paint.red}not compatible with --strict{paint.off}"
    elif code == 2:
        head = f"{paint.yellow}can't tell whether this is safe{paint.off}"
    else:
        head = f"{paint.green}nothing breaks{paint.off}"
    return f"{head}: {tasks}"


def as_json(report: Report, subject: Subject) -> str:
    """The report for programs."""
    code = verdict(report, subject.strict)
    return json.dumps(
        {
            "version": SCHEMA,
            "against": {
                "kind": subject.kind,
                "name": subject.name,
                "commit": subject.commit or None,
            },
            "compatible": {0: True, 1: False}.get(code),
            "tasks": report.tasks,
            "gone": list(report.gone),
            "new": list(report.new),
            "breaks": [
                {
                    "code": finding.what.code,
                    "direction": finding.direction,
                    "task": finding.what.task,
                    "parameter": finding.what.parameter,
                    **_place(finding.place, subject.folder),
                    "headline": finding.headline,
                    "message": finding.what.text,
                    "error": finding.what.error or None,
                    "recipe": list(finding.what.recipe),
                    "proxy": finding.proxy or None,
                    "successor": finding.successor or None,
                }
                for finding in report.findings
            ],
            "notes": [_note(note, subject.folder) for note in report.notes],
            "undecided": [_note(note, subject.folder) for note in report.undecided],
        },
        indent=2,
    )


def github(report: Report, subject: Subject) -> Iterator[str]:
    """The report as workflow commands, and the last line of the text."""
    for finding in report.findings:
        what = finding.what
        lines = [f"{finding.direction}: {what.text}"]
        if what.recipe:
            lines += ["The safe way:"]
            lines += [f"{number}. {step}" for number, step in enumerate(what.recipe, 1)]
        if finding.proxy:
            home = _file(finding.home, subject.folder)
            lines += [f"Ready to paste into {home}:", "", *_source(finding)]
        title = f"{what.code} {finding.headline}"
        yield _command("error", finding.place, title, lines, subject.folder)
    for note in report.undecided:
        yield _command("warning", note.place, "can't tell", [note.text], subject.folder)
    for note in report.notes:
        level = "error" if subject.strict and note.strict else "notice"
        yield _command(level, note.place, "flake8-celery", [note.text], subject.folder)
    yield summary(report, subject, Paint())


def _command(
    level: str, place: FilePlace | None, title: str, lines: Iterable[str], folder: str
) -> str:
    fields = []
    if place is not None:
        where = _place(place, folder)
        fields = [f"file={_value(where['file'])}", f"line={place.line}", f"col={place.column}"]
    fields.append(f"title={_value(plain(title))}")
    return f"::{level} {','.join(fields)}::{_data(chr(10).join(map(plain, lines)))}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _note(note: Note, folder: str) -> dict[str, Any]:
    place = (
        _place(note.place, folder)
        if note.place is not None
        else {"file": None, "line": None, "column": None}
    )
    return {"task": note.task or None, **place, "message": note.text}


def _place(place: FilePlace, folder: str) -> dict[str, Any]:
    return {"file": _file(place.file, folder), "line": place.line, "column": place.column}


def _file(file: str, folder: str) -> str:
    return shown(os.path.join(folder, *file.split("/")))


def _where(place: FilePlace | None, folder: str) -> str:
    if place is None:
        return ""
    where = _place(place, folder)
    return f"{where['file']}:{where['line']}:{where['column']}: "
