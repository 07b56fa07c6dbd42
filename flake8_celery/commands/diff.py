"""Tell what a change breaks: for messages that wait, and for workers that still run the old code.

Compares the tasks of the work tree with those of a git revision (--against; no lock is needed and
nothing is checked out) or with those of a lock file (--lock). Without either: with the nearest
celery-tasks.lock, else with HEAD.

Exit codes: 0 nothing breaks, 1 something does, 2 it can't be told (stderr or the report says why).
"""

from __future__ import annotations

import argparse
import os
from contextlib import suppress

from flake8_celery.commands import report as reports
from flake8_celery.commands.common import (
    Failure,
    counted,
    fail,
    read_options,
    register_options,
    shown,
)
from flake8_celery.commands.report import Subject
from flake8_celery.core.contract.lock import LockError, read_lock
from flake8_celery.core.deployed.changes import Comparison, Note, Report
from flake8_celery.core.deployed.snapshot import (
    Snapshot,
    UnreadFile,
    WorkTree,
    chosen,
    python_files,
)
from flake8_celery.core.deployed.states import FilePlace, Tasks, of_lock, of_snapshot, sent_by
from flake8_celery.core.project.files import Trees
from flake8_celery.core.project.guarded_git import GitError
from flake8_celery.core.project.lockpath import LOCK_NAME, find_lock
from flake8_celery.core.project.revision import Repository


def register(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "folder",
        nargs="?",
        metavar="FOLDER",
        help="the project; default: that of the lock, else the repository that holds this folder",
    )
    against = parser.add_mutually_exclusive_group()
    against.add_argument("--against", metavar="REV", help="a git revision: origin/main, v1.2")
    against.add_argument("--lock", metavar="FILE", help="a lock file")
    parser.add_argument(
        "--merge-base",
        action="store_true",
        help="compare with the commit where this branch left REV, as git diff --merge-base does",
    )
    parser.add_argument("--format", choices=("text", "json", "github"), default="text")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="a new task that the same change also sends is a break too, not a note",
    )
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="GLOB",
        help="leave files or folders out, relative to the project; may be repeated",
    )
    register_options(parser)


def run(given: argparse.Namespace) -> int:
    """Compare and report; see the module for the exit codes."""
    try:
        report, subject = _compare(given)
    except (Failure, GitError, LockError) as error:
        return fail(error)
    if given.format == "json":
        print(reports.as_json(report, subject))
    else:
        form = reports.github if given.format == "github" else reports.text
        for line in form(report, subject):
            print(line)
    return reports.verdict(report, given.strict)


def _compare(given: argparse.Namespace) -> tuple[Report, Subject]:
    if given.folder is not None and not os.path.isdir(given.folder):
        raise Failure(f"there is no folder {given.folder}")
    for name in ("against", "lock"):
        value = getattr(given, name)
        if value is not None and not value.strip():
            raise Failure(f"--{name} is empty: a variable that is not set?")
    start = os.path.realpath(given.folder or ".")
    lock = given.lock
    if lock is None and given.against is None:
        lock = find_lock(start)
    if lock is not None:
        if given.merge_base:
            raise Failure("--merge-base goes with --against")
        return _with_lock(given, lock, start)
    return _with_revision(given, given.against or "HEAD", start)


def _with_lock(given: argparse.Namespace, path: str, start: str) -> tuple[Report, Subject]:
    lock = read_lock(path)
    home = os.path.dirname(os.path.realpath(path))
    # a copy from elsewhere (of what production runs) speaks for the project here
    folder = start
    here = os.path.basename(path) == LOCK_NAME and given.folder is None
    if here and (start + os.sep).startswith(home.rstrip(os.sep) + os.sep):
        folder = home
    options = read_options(given, folder)
    trees = Trees()
    paths = python_files(folder, exclude=given.exclude, nested=False)
    new = Snapshot(folder, WorkTree(trees), paths, options)
    report = _report(of_lock(lock), new, list(new.unreadable), [])
    return report, Subject(folder, "lock", shown(path), strict=given.strict)


def _with_revision(given: argparse.Namespace, revision: str, start: str) -> tuple[Report, Subject]:
    repository = Repository(start)
    folder = start if given.folder is not None else repository.top
    commit = repository.commit(revision)
    base = repository.merge_base(commit) if given.merge_base else commit
    options = read_options(given, folder)
    trees = Trees()
    paths = python_files(folder, exclude=given.exclude)
    new = Snapshot(folder, WorkTree(trees), paths, options)
    tree = repository.tree(base, trees)
    tree.same = repository.same(tree)
    others = sorted(tree.blobs.keys() - tree.same)
    before = [path for path in paths if path in tree.same]
    before += chosen(folder, others, tree, exclude=given.exclude)
    old = Snapshot(folder, tree, before, options, like=new)
    report = _report(of_snapshot(old), new, *_unreadable(old, new))
    if report.findings and not repository.is_ancestor(base):
        report.notes.append(
            Note(
                None,
                f"{commit.revision} holds commits that this branch lacks: what they added looks "
                "removed here; --merge-base compares with where the branches parted",
            )
        )
    return report, Subject(folder, "revision", str(base), base.sha, given.strict)


def _unreadable(old: Snapshot, new: Snapshot) -> tuple[list[UnreadFile], list[UnreadFile]]:
    """The unreadable files that keep us from telling, and those that both states hold."""
    now = {item.path: item for item in new.unreadable}
    differ: list[UnreadFile] = []
    same: list[UnreadFile] = []
    for item in old.unreadable:
        if item.path not in now:
            differ.append(item._replace(why=f"{item.why} (in the old state)"))
            continue
        with suppress(OSError):  # what can't be read now may be anything
            if old.files.read(item.path) == new.files.read(item.path):
                same.append(now.pop(item.path))
    return [*differ, *now.values()], same


def _report(
    old: Tasks, new: Snapshot, unreadable: list[UnreadFile], same: list[UnreadFile]
) -> Report:
    now = of_snapshot(new)
    comparison = Comparison(old, now, new)
    comparison.tasks()
    comparison.calls(sent_by(new))
    report = comparison.report()
    for item in unreadable:
        place = FilePlace(new.relative(item.path), item.line, 1)
        report.undecided.append(Note(place, item.why))
    for item in same:
        place = FilePlace(new.relative(item.path), item.line, 1)
        report.notes.append(Note(place, f"left out, as it was before: {item.why}"))
    left = [(file, one) for file, one in now.left if one.name is None]
    if left:
        file, first = left[0]
        report.notes.append(
            Note(
                FilePlace(file, first.line, 1),
                f"{counted(len(left), 'task')} left out, the first here: {first.reason} "
                "(flake8-celery lock --check lists them)",
            )
        )
    return report
