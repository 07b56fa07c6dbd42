"""What only a whole run can tell: what no task is named, and deployed tasks whose file is gone.

While modules are linted each file's share is noted. At the end of a run over several files the
tasks of the project are listed, and files that ask for one are judged again with that list, as by a
lock.
"""

from __future__ import annotations

import copy
import os
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from astroid import nodes
from pylint.checkers import BaseChecker
from pylint.interfaces import HIGH, INFERENCE
from pylint.utils import FileState

from flake8_celery.core.contract import LISTED
from flake8_celery.core.engine import Finding, lint, rules
from flake8_celery.core.known import names_of
from flake8_celery.core.lockfile import LOCK_NAME, lock_for, may_be_deployed
from flake8_celery.core.model import BeatEntry, Dispatch, Model, Retry, Setting, Task
from flake8_celery.core.project import root_of
from flake8_celery.core.reading import read_file
from flake8_celery.core.text import Plain
from flake8_celery.failed import failed
from flake8_celery.options import Options
from pylint_celery import seen

if TYPE_CHECKING:
    from pylint.lint import PyLinter

    from flake8_celery.core.contract import Lock

#: Rules that need all tasks of a project.
_CODES: Final = ("CEL406", "CEL502", "CEL507", "CEL706", "CEL910")
_SYMBOLS: Final = {info.code: f"celery-{info.symbol}" for info in rules() if info.code in _CODES}


class Linted(NamedTuple):
    """What a file has to do with the tasks of others."""

    file: str
    module: str
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


def _asks(model: Model) -> bool:
    """Whether a file names tasks or queues."""
    return (
        bool(model.of(BeatEntry))
        or any(setting.key == "task_routes" for setting in model.of(Setting))
        or any(fact.on == "app" or "queue" in fact.options for fact in model.of(Dispatch))
        or any("queue" in task.arguments.keywords for task in model.of(Task))
        or any("queue" in fact.arguments.keywords for fact in model.of(Retry))
    )


class WholeRun(BaseChecker):
    """Notes the files of a run, and reports at its end what it takes all of them to know."""

    parsed: Options
    _said: list[Finding]
    """What was found in the module that is linted."""
    _model: Model | None
    """Its facts, if it has any."""

    def open(self) -> None:
        """Start with no file; with several jobs this happens before each."""
        super().open()
        self._linted: list[Linted] = []

    def leave_module(self, node: nodes.Module) -> None:
        """Note the file."""
        if node.file:
            with suppress(Exception):  # a file that can't be noted is no reason to end the run
                self._linted.append(self._noted(node, node.file))
        super().leave_module(node)  # type: ignore[misc]

    def _noted(self, node: nodes.Module, file: str) -> Linted:
        model = self._model
        lock = lock_for(file, self.parsed)
        if lock is not None or model is None:
            return Linted(file, node.name, lock or "")
        try:
            asks, names = _asks(model), tuple(names_of(model).tasks)
        except Exception:  # a name that can't be read is no reason to end pylint's run
            asks, names = False, ()
        if not asks and not names:
            return Linted(file, node.name)
        enabled = self.linter.is_message_enabled
        return Linted(
            file,
            node.name,
            asks=asks,
            names=names,
            said=frozenset((finding.code, finding.line) for finding in self._said),
            disabled=frozenset(
                (code, line)
                for code, symbol in _SYMBOLS.items()
                for line in range(1, node.tolineno + 1)
                if not enabled(symbol, line)
            ),
        )

    def close(self) -> None:
        """Report, where all files went through this process."""
        config = self.linter.config
        if config.jobs == 1 or config.from_stdin:
            _report(self.linter, self._linted, self.parsed)

    def get_map_data(self) -> list[Linted]:
        """What one of several jobs has noted."""
        return self._linted

    def reduce_map_data(self, linter: PyLinter, data: list[Any]) -> None:
        """Report what all jobs have noted."""
        _report(linter, [item for part in data for item in part], self.parsed)


def _report(linter: PyLinter, linted: list[Linted], options: Options) -> None:
    """Never raises: at the very end all that was found would be lost."""
    try:
        _report_all(linter, linted, options)
    except Exception as error:
        if linted:
            place = _at(linter, linted[0].module, linted[0].file)
            linter.add_message("celery-internal-error", line=1, node=place, args=(failed(error),))


def _report_all(linter: PyLinter, linted: list[Linted], options: Options) -> None:
    _report_gone(linter, linted, options)
    if len(linted) > 1 and any(linter.is_message_enabled(symbol) for symbol in _SYMBOLS.values()):
        for item, finding in _judge_together(linted, options):
            place = _at(linter, item.module, item.file)
            linter.add_message(
                _SYMBOLS[finding.code],
                line=finding.line,
                node=place,
                args=finding.arguments,
                confidence=INFERENCE if finding.inferred else HIGH,
                col_offset=finding.column,
                end_lineno=finding.end_line,
                end_col_offset=finding.end_column,
            )


def _report_gone(linter: PyLinter, linted: list[Linted], options: Options) -> None:
    files: dict[str, list[str]] = {}
    for item in linted:
        if item.lock:
            files.setdefault(item.lock, []).append(item.file)
    if not files:
        return
    from flake8_celery.core.baseline import gone

    for lock, paths in sorted(files.items()):
        for path, module, arguments in gone(lock, paths, options):
            place = _at(linter, module, path)
            given = tuple(Plain(word) if isinstance(word, str) else word for word in arguments)
            linter.add_message("celery-task-vanished", line=1, node=place, args=given)


def _at(linter: PyLinter, module: str, path: str) -> nodes.Module:
    """Make a module the one that is reported on; the comments of the last one count no more."""
    linter.set_current_module(module, path)
    place = nodes.Module(module, file=path, path=[path])
    place.postinit([])
    linter.file_state = FileState(module, linter.msgs_store, place)
    return place


# -- all tasks of a project


def _judge_together(linted: list[Linted], options: Options) -> Iterator[tuple[Linted, Finding]]:
    """What is found in each file once all tasks of its project are known."""
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
        LISTED.put(knowing.notes, lock)
        for item in asking:
            for finding in _lint(item.file, knowing):
                key = finding.code, finding.line
                if finding.code == "CEL910" and often[str(finding.arguments[1])] < 2:
                    continue  # its double is no part of the run: a copy, a build
                if finding.code in _CODES and key not in item.said and key not in item.disabled:
                    yield item, finding


def _list_tasks(root: str, options: Options, linted: Container[str]) -> Lock | None:
    """The tasks of a project, as a lock would hold them; None where a file can't be read.

    Of several with one name that in a file of the run is taken. Git is not asked: what it ignores
    can only add names.
    """
    from flake8_celery.changes import of_snapshot
    from flake8_celery.core.contract import Lock
    from flake8_celery.core.files import Trees
    from flake8_celery.scan import Snapshot, WorkTree, python_files

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
        return lint(seen.decoded(read_file(file)), file, options)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
