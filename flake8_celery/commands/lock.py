"""Write down what each task takes, in celery-tasks.lock, to be committed beside the code.

Changes that are safe for messages in flight are taken over. An unsafe one is refused, with the safe
way shown, until --accept says that no message of the old form is left.

Exit codes: 0 the lock is up to date, 1 a change was refused (or --check would change something),
2 it can't be told (stderr says why, and nothing is written).
"""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterable
from typing import NamedTuple

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
from flake8_celery.core.contract.interface import TaskContract
from flake8_celery.core.contract.lock import (
    Lock,
    LockError,
    dumps,
    loads,
    may_be_written_anew,
    read_lock,
    unfit,
)
from flake8_celery.core.deployed.changes import Comparison, Difference, Note
from flake8_celery.core.deployed.snapshot import Snapshot, WorkTree, python_files
from flake8_celery.core.deployed.states import FilePlace, Listed, Tasks, of_snapshot
from flake8_celery.core.project.files import Trees
from flake8_celery.core.project.lockpath import LOCK_NAME, find_lock
from flake8_celery.core.project.reading import read_file
from flake8_celery.text import plain


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
        "--anew",
        action="store_true",
        help="replace a lock that can't be read: nothing is compared, so no change is refused",
    )
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
    try:
        folders = _folders(given.paths)
    except Failure as error:
        return fail(error)
    for folder in folders:
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
        if not path:
            raise Failure("a PATH is empty: a variable that is not set?")
        above, name = os.path.split(os.path.abspath(path))
        # a lock that is a link speaks for the folder that the link is in
        found.append(os.path.realpath(above if name == LOCK_NAME else path))
    return list(dict.fromkeys(found))


class _Outcome(NamedTuple):
    """What becomes of a lock."""

    tasks: dict[str, TaskContract]
    added: list[str]
    changed: list[str]
    removed: list[str]
    refused: list[Difference]
    kept: list[Note]
    """Tasks that can't be judged now and stay as they are."""
    unfit: list[Note]
    """Tasks that no lock can hold."""


def _one(folder: str, given: argparse.Namespace, unknown: set[str]) -> int:
    if not os.path.isdir(folder):
        raise Failure(f"{shown(folder)} is no folder")
    path = os.path.join(folder, LOCK_NAME)
    old = _old(path, given.anew)
    options = read_options(given, folder)
    paths = python_files(folder, exclude=given.exclude, nested=False)
    snapshot = Snapshot(folder, WorkTree(Trees()), paths, options)
    if snapshot.unreadable:
        for item in snapshot.unreadable:
            fail(f"{shown(item.path)}:{item.line}: {item.why}; {shown(path)} is left as it is")
        return 2
    tasks = of_snapshot(snapshot)
    before = dict(old.tasks) if old is not None else {}
    unknown -= before.keys() | tasks.named.keys()
    accepted = set(before) if given.accept_all else set(given.accept)
    outcome = _merge(before, tasks, snapshot, accepted)
    text = dumps(Lock(tasks=outcome.tasks, path=path))
    try:
        loads(text, path)
    except LockError as error:
        told = f"{shown(path)} is left as it is, it could not be read again"
        raise Failure(f"{told}: {error}") from None
    differs = old is None or text != _content(path)
    _say(outcome, tasks, snapshot, path, old is None, given.check and differs)
    if differs and not given.check:
        write_whole(os.path.realpath(path), text)
    return 1 if outcome.refused or outcome.unfit or (given.check and differs) else 0


def _old(path: str, anew: bool) -> Lock | None:
    """The lock as it is; None where there is none, or a broken one may be replaced."""
    if not os.path.lexists(path):
        return None
    try:
        return read_lock(path)
    except LockError as error:
        if not anew or not may_be_written_anew(error):
            raise
        if os.path.islink(path):
            # what it leads to may be anything
            raise Failure(f"{error} (it is a link to {os.path.realpath(path)})") from None
        fail(f"{error}: nothing is compared with it")
        return None


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
    outcome = _Outcome(tasks, [], [], [], refused, report.undecided, [])
    for name in sorted(before.keys() | now.named.keys()):
        several = now.named.get(name, [])
        if name in stay or (len(several) > 1 and name in before):
            tasks[name] = before[name]
        elif not several:
            outcome.removed.append(name)
        elif len(several) == 1 and name not in wait:
            reason = unfit(several[0].contract)
            if reason:
                outcome.unfit.append(Note(several[0].place, f"no lock can hold it: {reason}", name))
                if name in before:
                    tasks[name] = before[name]
                continue
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
    for note in (*outcome.kept, *outcome.unfit, *_left_out(now)):
        place = note.place
        where = ""
        if place is not None:
            full = os.path.join(snapshot.folder, *place.file.split("/"))
            where = f"{shown(full)}:{place.line}: "
        print(f"{where}{paint.yellow}left out{paint.off}: {plain(note.text)}")
    names = [f"+ {name}" for name in outcome.added] if not first else []
    names += [f"~ {name}" for name in outcome.changed] + [f"- {name}" for name in outcome.removed]
    for line in names:
        print(f"  {plain(line)}")
    parts = [
        f"{len(found)} {word}"
        for found, word in (
            (outcome.added, "new"),
            (outcome.changed, "changed"),
            (outcome.removed, "removed"),
        )
        if found
    ]
    count = counted(len(outcome.tasks), "task") if outcome.tasks else "no task was found"
    told = f"{shown(path)}: {count}"
    told += f" ({', '.join(parts)})" if parts and not first else ""
    kept = sorted({finding.what.task for finding in outcome.refused})
    if kept:
        told += f", {paint.red}{counted(len(kept), 'unsafe change')} refused{paint.off}"
    print(told)
    if kept:
        # to be pasted into a shell
        words = " ".join(f"--accept {shlex.quote(name)}" for name in kept[:3])
        simple = len(kept) <= 3 and words.isprintable()
        words = words if simple else "--accept-all"
        print(f"Once no message of the old form waits: flake8-celery lock {words}")
    if check:
        print("It is not up to date: run flake8-celery lock and commit it")


def _left_out(now: Tasks) -> Iterable[Note]:
    for file, left in now.left:
        yield Note(FilePlace(file, left.line, 1), f"{left.qualname}: {left.reason}")
    for name, several in sorted(now.named.items()):
        if len(several) > 1:
            others = ", ".join(str(one.place) for one in several[1:])
            yield Note(several[0].place, f"{name}: another task has the same name, at {others}")


def _content(path: str) -> str:
    try:
        return read_file(path).decode()
    except (OSError, UnicodeDecodeError):
        return ""
