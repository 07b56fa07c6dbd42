"""Show each task against the five practices: limit, acknowledgement, retries, queue, transactions.

For a review at one look. What can't be told from source is a question mark with its reason below.
Deployments are judged by --celery-shutdown-grace, brokers by the settings or --celery-broker.

Exit codes: 0 done, 2 nothing can be told (stderr says why).
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from typing import Final

from flake8_celery.commands.common import (
    DEPLOYMENT,
    Failure,
    counted,
    fail,
    read_options,
    register_options,
    shown,
)
from flake8_celery.core.deployed.snapshot import Snapshot, WorkTree, python_files
from flake8_celery.core.project.files import Trees
from flake8_celery.practices.answers import DEFAULT, OWN, Answer
from flake8_celery.practices.retrying import Retries
from flake8_celery.practices.tasks import ANSWERS, Practice, practices_of, reasons

SCHEMA: Final = 1
_HEAD: Final = (
    "task",
    "limit",
    "acknowledged",
    "semantics",
    "retries",
    "longest wait",
    "deployment",
    "queue",
    "transactions",
)


def register(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="folders or files; default: this folder"
    )
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="GLOB",
        help="leave files or folders out, relative to each PATH; may be repeated",
    )
    register_options(parser, DEPLOYMENT)


def run(given: argparse.Namespace) -> int:
    """Print what was found."""
    found: list[Practice] = []
    code = 0
    for path in given.paths or ["."]:
        try:
            code = max(code, _one(path, given, found))
        except Failure as error:
            code = fail(error)
    if given.format == "json":
        rows = {"schema": SCHEMA, "tasks": [_json(each) for each in found]}
        print(json.dumps(rows, indent=2))
    elif found:
        lines = _markdown(found) if given.format == "markdown" else _text(found)
        for line in lines:
            print(line)
    elif not code:
        print("no tasks found; flake8-celery doctor tells what is understood of a project")
    return code


def _one(path: str, given: argparse.Namespace, found: list[Practice]) -> int:
    full = os.path.realpath(path)
    if not os.path.exists(full):
        raise Failure(f"{path}: no such file or folder")
    folder = full if os.path.isdir(full) else os.path.dirname(full)
    options = read_options(given, folder, DEPLOYMENT)
    paths = python_files(full, exclude=given.exclude) if os.path.isdir(full) else [full]
    snapshot = Snapshot(folder, WorkTree(Trees()), paths, options)
    for item in snapshot.unreadable:
        fail(f"{shown(item.path)}:{item.line}: {item.why}; its tasks are not listed")
    for each in practices_of(snapshot):
        unsafe = tuple(_from_here(folder, place) for place in each.sent.unsafe)
        found.append(
            each._replace(
                file=_from_here(folder, each.file), sent=each.sent._replace(unsafe=unsafe)
            )
        )
    return 2 if snapshot.unreadable else 0


def _from_here(folder: str, place: str) -> str:
    return shown(os.path.join(folder, *place.split("/")))


# -- cells


def _cells(each: Practice) -> list[tuple[str, tuple[str, ...]]]:
    """What stands in each column, and the reasons for what is not known there."""
    name = each.name or f"? ({each.function})"
    automatic = "" if each.explicit or each.name is None else " (automatic)"
    wait = _wait(each)
    unsafe = len(each.sent.unsafe)
    parts = ["body atomic"] if each.atomic else []
    parts += [f"sent {each.sent.times} x"] if each.sent.times else []
    parts += [f"scheduled {each.sent.scheduled} x"] if each.sent.scheduled else []
    if not each.sent.times and not each.sent.scheduled:
        parts.append("never sent here")
    if unsafe:
        parts.append(f"{unsafe} inside a transaction: {', '.join(each.sent.unsafe)}")
    return [
        (name + automatic, _why(each.name_reason if each.name is None else "")),
        (_limit(each), _why(each.time_limit.reason, each.soft_time_limit.reason)),
        (_cell(each.acks, str(each.acks.value)), _why(each.acks.reason)),
        (str(each.semantics.value) if each.semantics.known else "?", _why(each.semantics.reason)),
        (_retries(each.retries), _why(each.retries.reason)),
        (wait, _why(each.longest_wait.reason or (each.visibility.reason if "?" in wait else ""))),
        (str(each.shutdown.value) if each.shutdown.known else "?", _why(each.shutdown.reason)),
        (_cell(each.queue, str(each.queue.value)), _why(each.queue.reason)),
        (", ".join(parts), ()),
    ]


def _why(*given: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason for reason in given if reason))


def _cell(answer: Answer, text: str) -> str:
    if not answer.known:
        return "?"
    return text if answer.source == OWN else f"{text} ({answer.source})"


def _limit(each: Practice) -> str:
    hard, soft = each.time_limit, each.soft_time_limit
    if not hard.known and not soft.known:
        return "?"
    parts = []
    for answer, what in ((hard, "hard"), (soft, "soft")):
        if not answer.known:
            parts.append(f"{what} ?")
        elif answer.value:
            parts.append(_cell(answer, f"{what} {_seconds(answer.value)}"))
    return ", ".join(parts) or "none"


def _seconds(value: object) -> str:
    return f"{value:g} s" if isinstance(value, (int, float)) else str(value)


def _retries(retries: Retries) -> str:
    if retries.kind == "none":
        return "none"
    if retries.kind == "unknown":
        return "?"
    delays = [f"{delay:g}" for delay in retries.delays]
    if len(delays) > 1 and len(set(delays)) == 1:
        text = f"{len(delays)} x {delays[0]} s"
    else:
        text = f"{', '.join(delays[:8])}{', ...' if len(delays) > 8 else ''} s"
    if not delays:
        text = "never again"
    if retries.endless:
        text = f"without end: {', '.join(dict.fromkeys(delays))} s ..."
    jitter = "up to " if retries.jitter and delays else ""
    return f"{retries.kind}: {jitter}{text}"


def _wait(each: Practice) -> str:
    wait, limit = each.longest_wait, each.visibility
    if not wait.known:
        return "?"
    value = wait.value if isinstance(wait.value, (int, float)) else 0.0
    if not value and not str(each.acks.value).startswith("late"):
        return "none"
    waits = f"{value:g} s" if value else "its run"
    if not limit.known:
        return f"{waits}, broker ?"
    if limit.value is None or not isinstance(limit.value, (int, float)):
        return waits
    late = str(each.acks.value).startswith("late")
    run = [a.value for a in (each.time_limit, each.soft_time_limit)]
    longest = [float(r) for r in run if isinstance(r, (int, float)) and r]
    if late and longest and min(longest) >= limit.value:
        return f"runs {min(longest):g} s, delivered again after {limit.value:g} s"
    if value >= limit.value:
        return f"{waits}, delivered again after {limit.value:g} s"
    return f"{waits} of {limit.value:g} s"


# -- the three forms


def _numbered(found: Sequence[Practice]) -> tuple[list[list[str]], list[str]]:
    """Rows of cells, unknown ones with the numbers of their reasons, and the reasons."""
    notes: list[str] = []
    rows = []
    for each in found:
        row = []
        for text, why in _cells(each):
            numbers = []
            for reason in why:
                if reason not in notes:
                    notes.append(reason)
                numbers.append(str(notes.index(reason) + 1))
            row.append(f"{text} [{','.join(numbers)}]" if numbers else text)
        rows.append(row)
    return rows, notes


def _text(found: Sequence[Practice]) -> Iterator[str]:
    rows, notes = _numbered(found)
    table = [list(_HEAD), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEAD))]
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if notes:
        yield ""
        yield "Not known:"
        yield from (f"  [{number}] {note}" for number, note in enumerate(notes, 1))
    yield ""
    yield _summary(found)


def _markdown(found: Sequence[Practice]) -> Iterator[str]:
    rows, notes = _numbered(found)
    yield f"| {' | '.join(_HEAD)} |"
    yield f"|{' --- |' * len(_HEAD)}"
    for row in rows:
        escaped = [cell.replace("|", "\\|") for cell in row]
        yield f"| {' | '.join([f'`{escaped[0]}`', *escaped[1:]])} |"
    if notes:
        yield ""
        yield "Not known:"
        yield ""
        yield from (f"- [{number}] {note}" for number, note in enumerate(notes, 1))
    yield ""
    yield _summary(found)


def _summary(found: Sequence[Practice]) -> str:
    """How many tasks keep to each practice, of those where it can be told."""

    def share(good: int, known: int, what: str) -> str:
        return f"{good} of {known} {what}"

    limits = [e for e in found if e.time_limit.known and e.soft_time_limit.known]
    retried = [e for e in found if e.retries.kind != "unknown"]
    queues = [e for e in found if e.queue.known]
    parts = (
        share(
            sum(bool(e.time_limit.value or e.soft_time_limit.value) for e in limits),
            len(limits),
            "with a limit",
        ),
        share(sum(e.retries.kind != "none" for e in retried), len(retried), "retried"),
        share(
            sum(e.queue.source != DEFAULT for e in queues), len(queues), "with a queue of their own"
        ),
        share(sum(e.explicit for e in found), len(found), "with a name written out"),
    )
    return f"{counted(len(found), 'task')}: {', '.join(parts)}."


def _json(each: Practice) -> dict[str, object]:
    row: dict[str, object] = {
        "name": each.name,
        "explicit_name": each.explicit,
        "function": each.function,
        "file": each.file,
        "line": each.line,
    }
    for key in ANSWERS:
        answer: Answer = getattr(each, key)
        row[key] = {"value": answer.value, "source": answer.source}
    row["retries"] = {
        "kind": each.retries.kind,
        "delays": list(each.retries.delays),
        "jitter": each.retries.jitter,
        "endless": each.retries.endless,
    }
    row["atomic"] = each.atomic
    row["sent"] = {
        "times": each.sent.times,
        "scheduled": each.sent.scheduled,
        "inside_transaction": list(each.sent.unsafe),
    }
    row["unknown"] = dict(reasons(each))
    return row
