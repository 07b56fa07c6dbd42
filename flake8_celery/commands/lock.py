"""Write down what each task takes, in celery-tasks.lock, to be committed beside the code.

Changes that are safe for messages in flight are taken over. An unsafe one is refused, with the safe
way shown, until --accept says that no message of the old form is left.

Exit codes: 0 the lock is up to date, 1 a change was refused (or --check would change something),
2 it can't be told (stderr says why, and nothing is written).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from typing import NamedTuple

from flake8_celery import changes
from flake8_celery.changes import Comparison, Finding, Listed, Note, Tasks
from flake8_celery.commands.common import (
    Failure,
    Paint,
    counted,
    fail,
    read_options,
    register_options,
    shown,
    write_whole,
)
from flake8_celery.commands.report import finding_lines
from flake8_celery.core.contract import Lock, LockError, TaskContract, dumps, read_lock
from flake8_celery.core.files import Trees
from flake8_celery.core.lockfile import LOCK_NAME, find_lock
from flake8_celery.scan import Snapshot, WorkTree, python_files


def register(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="folders that have, or get, a lock each; default: the folder of the nearest lock, "
        "else this one",
    )
    accept = parser.add_argument_group("unsafe changes")
    accept.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="NAME",
        help="take over an unsafe change to this task: no message of the old form is left",
    )
    accept.add_argument("--accept-all", action="store_true", help="take over every unsafe change")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; 1 where something would change"
    )
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="GLOB",
        help="leave files or folders out, relative to the lock; may be repeated",
    )
    register_options(parser)


def run(given: argparse.Namespace) -> int:
    """Write or check each lock; see the module for the exit codes."""
    code = 0
    unknown = set(given.accept)
    for folder in _folders(given.paths):
        try:
            code = max(code, _one(folder, given, unknown))
        except (Failure, LockError) as error:
            code = fail(error)
    for name in sorted(unknown):
        code = fail(f"--accept {name}: there is no such task in the lock")
    return code


def _folders(paths: Iterable[str]) -> list[str]:
    if not paths:
        here = os.path.realpath(".")
        lock = find_lock(here)
        return [os.path.dirname(lock) if lock is not None else here]
    found = []
    for path in paths:
        full = os.path.realpath(path)
        found.append(os.path.dirname(full) if os.path.basename(full) == LOCK_NAME else full)
    return list(dict.fromkeys(found))


class _Outcome(NamedTuple):
    """What becomes of a lock."""

    tasks: dict[str, TaskContract]
    added: list[str]
    changed: list[str]
    removed: list[str]
    refused: list[Finding]
    kept: list[Note]
    """Tasks that can't be judged now and stay as they are."""


def _one(folder: str, given: argparse.Namespace, unknown: set[str]) -> int:
    if not os.path.isdir(folder):
        raise Failure(f"{shown(folder)} is no folder")
    path = os.path.join(folder, LOCK_NAME)
    old = read_lock(path) if os.path.lexists(path) else None
    options = read_options(given, folder)
    paths = python_files(folder, exclude=given.exclude, nested=False)
    snapshot = Snapshot(folder, WorkTree(Trees()), paths, options)
    if snapshot.unreadable:
        for item in snapshot.unreadable:
            fail(f"{shown(item.path)}:{item.line}: {item.why}; {shown(path)} is left as it is")
        return 2
    tasks = changes.of_snapshot(snapshot)
    before = dict(old.tasks) if old is not None else {}
    unknown -= before.keys() | tasks.named.keys()
    accepted = set(before) if given.accept_all else set(given.accept)
    outcome = _merge(before, tasks, snapshot, accepted)
    text = dumps(Lock(tasks=outcome.tasks, path=path))
    differs = old is None or text != _content(path)
    _say(outcome, tasks, snapshot, path, old is None, given.check and differs)
    if differs and not given.check:
        write_whole(path, text)
    return 1 if outcome.refused or (given.check and differs) else 0


def _merge(
    before: dict[str, TaskContract], now: Tasks, snapshot: Snapshot, accepted: set[str]
) -> _Outcome:
    comparison = Comparison(Tasks(Listed(task) for task in before.values()), now, snapshot)
    comparison.tasks()
    report = comparison.report()
    refused = [finding for finding in report.findings if finding.what.task not in accepted]
    stay = {finding.what.task for finding in refused} | {note.task for note in report.undecided}
    # a new name waits until its old one is settled: else the next run would not know the two as one
    wait = {finding.successor for finding in refused}
    tasks: dict[str, TaskContract] = {}
    outcome = _Outcome(tasks, [], [], [], refused, report.undecided)
    for name in sorted(before.keys() | now.named.keys()):
        several = now.named.get(name, [])
        if name in stay or (len(several) > 1 and name in before):
            tasks[name] = before[name]
        elif not several:
            outcome.removed.append(name)
        elif len(several) == 1 and name not in wait:
            tasks[name] = several[0].contract
            if name not in before:
                outcome.added.append(name)
            elif before[name] != tasks[name]:
                outcome.changed.append(name)
    return outcome


def _say(
    outcome: _Outcome, now: Tasks, snapshot: Snapshot, path: str, first: bool, check: bool
) -> None:
    paint = Paint()
    for finding in outcome.refused:
        for line in finding_lines(finding, snapshot.folder, paint):
            print(line)
        print()
    for note in (*outcome.kept, *_left_out(now)):
        place = note.place
        where = ""
        if place is not None:
            full = os.path.join(snapshot.folder, *place.file.split("/"))
            where = f"{shown(full)}:{place.line}: "
        print(f"{where}{paint.yellow}left out{paint.off}: {note.text}")
    names = [f"+ {name}" for name in outcome.added] if not first else []
    names += [f"~ {name}" for name in outcome.changed] + [f"- {name}" for name in outcome.removed]
    for line in names:
        print(f"  {line}")
    parts = [
        f"{len(found)} {word}"
        for found, word in (
            (outcome.added, "new"),
            (outcome.changed, "changed"),
            (outcome.removed, "removed"),
        )
        if found
    ]
    told = f"{shown(path)}: {counted(len(outcome.tasks), 'task')}"
    told += f" ({', '.join(parts)})" if parts and not first else ""
    kept = sorted({finding.what.task for finding in outcome.refused})
    if kept:
        told += f", {paint.red}{counted(len(kept), 'unsafe change')} refused{paint.off}"
    print(told)
    if kept:
        words = " ".join(f"--accept {name}" for name in kept[:3])
        words = words if len(kept) <= 3 else "--accept-all"
        print(f"Once no message of the old form waits: flake8-celery lock {words}")
    if check:
        print("It is not up to date: run flake8-celery lock and commit it")


def _left_out(now: Tasks) -> Iterable[Note]:
    for file, left in now.left:
        yield Note(changes.Place(file, left.line, 1), f"{left.qualname}: {left.reason}")
    for name, several in sorted(now.named.items()):
        if len(several) > 1:
            others = ", ".join(str(one.place) for one in several[1:])
            yield Note(several[0].place, f"{name}: another task has the same name, at {others}")


def _content(path: str) -> str:
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError):
        return ""
