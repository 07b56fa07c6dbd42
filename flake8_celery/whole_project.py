"""What only a whole run can tell: what no task is named, and deployed tasks whose file is gone.

While files are linted each one's share is noted. At the end of a run over several files the tasks
of the project are listed, and files that ask for one are judged again with that list, as by a lock.
"""

from __future__ import annotations

import copy
import os
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import Final

from flake8_celery.core.contract.lock import Lock
from flake8_celery.core.engine.run import Finding
from flake8_celery.core.messages.sent_task import LISTED
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.names import names_of
from flake8_celery.core.model.sent import Dispatch, Retry
from flake8_celery.core.model.stated import BeatEntry, Setting
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.lockpath import LOCK_NAME, lock_for, may_be_deployed
from flake8_celery.core.project.reading import decoded, read_file
from flake8_celery.core.project.roots import root_of
from flake8_celery.linter import lint, rules
from flake8_celery.options import Options
from flake8_celery.record import NamedTuple
from flake8_celery.text import Plain, plain

#: Rules that need all tasks of a project.
CODES: Final = ("CEL406", "CEL502", "CEL507", "CEL706", "CEL910")
#: The rule that speaks of deployed tasks whose file is gone.
GONE: Final = "CEL410"


class Linted(NamedTuple):
    """What a file has to do with the tasks of others."""

    file: str
    module: str
    """Its dotted name, where the linter knows one."""
    lock: str = ""
    """The lock that speaks for it."""
    asks: bool = False
    """It names tasks or queues."""
    names: tuple[str, ...] = ()
    """Those of the tasks that it makes."""
    said: frozenset[tuple[str, int]] = frozenset()
    """Codes and lines of what was reported."""
    disabled: frozenset[tuple[str, int]] = frozenset()
    """Codes and lines that comments switch off."""


def share_of(
    file: str, module: str, model: Model | None, options: Options, said: Iterable[Finding]
) -> Linted:
    """The share of a file: `model` holds its facts, if it has any; `said` is what was found."""
    lock = lock_for(file, options)
    if lock is not None or model is None:
        return Linted(file, module, lock or "")
    try:
        asks, names = _asks(model), tuple(names_of(model).tasks)
    except Exception:  # a name that can't be read is no reason to end the linter's run
        asks, names = False, ()
    if not asks and not names:
        return Linted(file, module)
    spoken = frozenset((finding.code, finding.line) for finding in said)
    return Linted(file, module, asks=asks, names=names, said=spoken)


def _asks(model: Model) -> bool:
    """Whether a file names tasks or queues."""
    return (
        bool(model.of(BeatEntry))
        or any(setting.key == "task_routes" for setting in model.of(Setting))
        or any(fact.on == "app" or "queue" in fact.options for fact in model.of(Dispatch))
        or any("queue" in task.arguments.keywords for task in model.of(Task))
        or any("queue" in fact.arguments.keywords for fact in model.of(Retry))
    )


def judge_gone(linted: Iterable[Linted], options: Options) -> Iterator[tuple[str, str, Finding]]:
    """Deployed tasks whose file is gone: its path, its dotted name, and what is to be said there.

    A run over part of a project asks too: a file that is gone is in no part.
    """
    files: dict[str, list[str]] = {}
    for item in linted:
        if item.lock:
            files.setdefault(item.lock, []).append(item.file)
    if not files:
        return
    from flake8_celery.core.deployed.differences import gone

    template = next(info.message for info in rules() if info.code == GONE)
    for lock, paths in sorted(files.items()):
        for path, module, arguments in gone(lock, paths, options):
            given = tuple(Plain(word) if isinstance(word, str) else word for word in arguments)
            text = plain(" ".join((template % given).split()))
            yield path, module, Finding(1, 0, 1, 0, GONE, text, given)


def judge_together(linted: Iterable[Linted], options: Options) -> Iterator[tuple[Linted, Finding]]:
    """What is found in each file, and was not yet, once all tasks of its project are known."""
    projects: dict[str, list[Linted]] = {}
    for item in linted:
        root = root_of(os.path.dirname(item.file)) if item.asks or item.names else None
        if root is not None and may_be_deployed(os.path.relpath(item.file, root)):
            projects.setdefault(root, []).append(item)
    for root, items in sorted(projects.items()):
        often = Counter(name for item in items for name in item.names)
        asking = [i for i in items if i.asks or any(often[name] > 1 for name in i.names)]
        lock = _list_tasks(root, options, {item.file for item in items}) if asking else None
        if lock is None:
            continue
        knowing = copy.copy(options)
        knowing.notes = dict(options.notes)
        LISTED.put(knowing.notes, lock)
        for item in asking:
            for finding in _lint(item.file, knowing):
                key = finding.code, finding.line
                if finding.code == "CEL910" and often[str(finding.arguments[1])] < 2:
                    continue  # its double is no part of the run: a copy, a build
                if finding.code in CODES and key not in item.said and key not in item.disabled:
                    yield item, finding


def _list_tasks(root: str, options: Options, linted: Container[str]) -> Lock | None:
    """The tasks of a project, as a lock would hold them; None where a file can't be read.

    Of several with one name that in a file of the run is taken. Git is not asked: what it ignores
    can only add names.
    """
    from flake8_celery.core.deployed.snapshot import Snapshot, WorkTree, python_files
    from flake8_celery.core.deployed.states import of_snapshot
    from flake8_celery.core.project.files import Trees

    try:
        snapshot = Snapshot(root, WorkTree(Trees()), python_files(root, tracked=False), options)
        if snapshot.unreadable:
            return None
        named = of_snapshot(snapshot).named
    except Exception:  # a linter that fails at the very end would lose all that it found
        return None
    tasks = {}
    for name, same in named.items():
        made = [one.contract for one in same]
        ours = [one for one in made if os.path.join(root, *one.file.split("/")) in linted]
        tasks[name] = (ours or made)[0]
    return Lock(tasks=tasks, path=os.path.join(root, LOCK_NAME))


def _lint(file: str, options: Options) -> list[Finding]:
    try:
        return lint(decoded(read_file(file)), file, options)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
