"""What is deployed, by the lock or by a git revision, and what a file changes of it.

`examine` adds a `Change` to the model for each; the rules of the contract only say them.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from flake8_celery.core import lockfile, project
from flake8_celery.core.contract import (
    Break,
    Leftover,
    Lock,
    LockError,
    TaskContract,
    call_error,
    compare,
    contract_of,
    contracts_of,
    read_lock,
    refusal,
    vanished,
)
from flake8_celery.core.model import BeatEntry, Dispatch, Fact, Task, model_of
from flake8_celery.core.others import facts_of
from flake8_celery.core.read import read
from flake8_celery.core.reading import read_file
from flake8_celery.core.source import DefinitionNode, parameters_of, passes_gate

if TYPE_CHECKING:
    from flake8_celery.core.engine import Span
    from flake8_celery.core.given import Given
    from flake8_celery.core.model import Model
    from flake8_celery.gitrepo import Repository, Revision
    from flake8_celery.options import Options

#: Methods that run the function here, and send nothing.
_LOCAL: Final = frozenset({"apply", "set", "link", "link_error", "on_error"})
MAX_SIBLINGS: Final = 200


class Change(Fact):
    """One difference between a file and what is deployed."""

    __slots__ = ("arguments", "code", "dispatch", "place")

    def __init__(
        self,
        of: Fact | Model,
        code: str,
        place: ast.AST | Span,
        arguments: tuple[object, ...],
    ) -> None:
        if isinstance(of, Fact):
            super().__init__(of.node, of.statement, of.region)
        else:
            tree = of.module.tree
            super().__init__(tree, tree.body[0] if tree.body else ast.Pass(), of.module.region)
        self.dispatch = of if isinstance(of, Dispatch) else None
        self.code = code
        """The rule that says it."""
        self.place = place
        self.arguments = arguments

    @property
    def certain(self) -> bool:
        """See `Fact.certain`."""
        return self.dispatch is None or self.dispatch.certain


class Baseline:
    """What is deployed. `shown` names it in messages."""

    shown: str

    def of_file(self, path: str) -> tuple[TaskContract, ...]:
        """The tasks that a file (absolute) holds there."""
        raise NotImplementedError

    def find(self, name: str, path: str) -> TaskContract | None:
        """The task of this name; `path` is the file that holds it now."""
        raise NotImplementedError

    def lacks(self, task: TaskContract, path: str) -> bool:
        """Whether a task of this file surely is not deployed under its name."""
        raise NotImplementedError

    def files(self) -> Iterator[str]:
        """Files that may hold a task that is gone from where it was."""
        raise NotImplementedError

    def home(self, task: TaskContract) -> str:
        """The file (absolute) that a task was in."""
        raise NotImplementedError


class LockBaseline(Baseline):
    """The tasks of a lock file."""

    def __init__(self, lock: Lock) -> None:
        self.lock = lock
        self.shown = os.path.basename(lock.path)

    def _inside(self, path: str) -> str:
        """The path as the lock would name it, where a symbolic link leads there."""
        if self.lock.relative(path) is None:
            folder = os.path.realpath(self.lock.folder)
            real = os.path.realpath(path)
            if real.startswith(folder.rstrip(os.sep) + os.sep):
                return os.path.join(self.lock.folder, os.path.relpath(real, folder))
        return path

    def of_file(self, path: str) -> tuple[TaskContract, ...]:
        """See `Baseline.of_file`."""
        return self.lock.of_file(self._inside(path))

    def find(self, name: str, path: str) -> TaskContract | None:
        """See `Baseline.find`."""
        return self.lock.tasks.get(name)

    def lacks(self, task: TaskContract, path: str) -> bool:
        """See `Baseline.lacks`."""
        if task.name in self.lock.tasks:
            return False
        return lockfile.may_be_deployed(self.lock.relative(self._inside(path)))

    def files(self) -> Iterator[str]:
        """See `Baseline.files`."""
        yield from dict.fromkeys(self.home(task) for task in self.lock.tasks.values())

    def home(self, task: TaskContract) -> str:
        """See `Baseline.home`."""
        return os.path.join(self.lock.folder, *task.file.split("/"))


class RevisionBaseline(Baseline):
    """The tasks that the files held at a git revision."""

    def __init__(self, revision: Revision, shown: str, options: Options) -> None:
        self.revision = revision
        self.shown = shown
        self.options = options
        self._tasks: dict[str, dict[str, TaskContract] | None] = {}
        self._gated: frozenset[str] | None = None
        self._broken: LockError | None = None

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Say what git can't do as a lock's error, and don't ask it a second time."""
        from flake8_celery.gitrepo import GitError

        try:
            if self._broken is None:
                yield
                return
        except GitError as error:
            self._broken = LockError(f"celery-against: {error}")
            self._tasks.clear()
        raise LockError(str(self._broken))

    def _of(self, path: str) -> dict[str, TaskContract] | None:
        """The tasks of a file by name; None where it held one whose name can't be told."""
        real = os.path.realpath(path)
        if real not in self._tasks:
            with self._asking(), project.reading(self.revision):
                self._tasks[real] = {}
                there = read(project.Project(real, self.options), real)
                if there is not None:
                    relative = os.path.relpath(real, self.revision.repository.top)
                    found, left = contracts_of(facts_of(there).model, relative.replace(os.sep, "/"))
                    whole = not any(one.any for one in left)
                    self._tasks[real] = {task.name: task for task in found} if whole else None
                elif self.revision.is_file(real):
                    self._tasks[real] = None
        return self._tasks[real]

    def of_file(self, path: str) -> tuple[TaskContract, ...]:
        """See `Baseline.of_file`."""
        return tuple((self._of(path) or {}).values())

    def find(self, name: str, path: str) -> TaskContract | None:
        """See `Baseline.find`."""
        return (self._of(path) or {}).get(name)

    def lacks(self, task: TaskContract, path: str) -> bool:
        """See `Baseline.lacks`."""
        held = self._of(path)
        if held is None or task.name in held or task.explicit:
            return False  # a name that is written out may have come with it from another file
        relative = os.path.relpath(os.path.realpath(path), self.revision.repository.top)
        return lockfile.may_be_deployed(relative)

    def files(self) -> Iterator[str]:
        """See `Baseline.files`."""
        return iter(())

    def home(self, task: TaskContract) -> str:
        """See `Baseline.home`."""
        return os.path.join(self.revision.repository.top, *task.file.split("/"))

    def held_something(self, path: str) -> bool:
        """Whether a file passed the gate at the revision."""
        if self._gated is None:
            sources = [name for name in self.revision.blobs if name.endswith(".py")]
            with self._asking():
                self._gated = frozenset(
                    name
                    for name, content in self.revision.contents(sources)
                    if passes_gate(content.decode("utf-8", "replace"), name)
                )
        assert self._gated is not None
        return os.path.realpath(path) in self._gated


_repositories: dict[str, Repository] = {}
_revisions: dict[tuple[str, str], Baseline | LockError] = {}


def clear() -> None:
    """Forget what was read; for tests."""
    _repositories.clear()
    _revisions.clear()


def baseline_of(filename: str, options: Options) -> Baseline | None:
    """What a file's tasks are compared with; None where there is nothing to compare with.

    Raises LockError, whose text is one line, where there is something and it can't be read.
    """
    if lockfile.is_no_file(filename):
        return None
    if options.celery_against:
        return _against(os.path.dirname(os.path.abspath(filename)), options)
    path = lockfile.lock_for(filename, options)
    return LockBaseline(read_lock(path)) if path is not None else None


def _against(folder: str, options: Options) -> Baseline:
    from flake8_celery.gitrepo import GitError, Repository

    wanted = options.celery_against
    root = project.root_of(folder) or folder
    known = _revisions.get((root, wanted))
    if known is None:
        try:
            repository = Repository(root)
            top = (repository.top, wanted)
            known = _revisions.get(top)
            if known is None:
                tree = repository.tree(repository.commit(wanted))
                known = _revisions[top] = RevisionBaseline(tree, wanted, options)
        except GitError as error:
            known = LockError(f"celery-against: {error}")
        _revisions[root, wanted] = known
    if isinstance(known, LockError):
        raise LockError(str(known))
    return known


def speaks_of(filename: str, options: Options) -> bool:
    """Whether a file held tasks where it is compared with, though it holds nothing of ours now."""
    try:
        baseline = baseline_of(filename, options)
        if isinstance(baseline, RevisionBaseline):
            return baseline.held_something(filename)
    except LockError:
        return False
    return baseline is not None and bool(baseline.of_file(os.path.abspath(filename)))


# -- what a file changes


def examine(model: Model, baseline: Baseline) -> None:
    """Add a `Change` for each difference between the module and what is deployed.

    Raises LockError, and adds nothing, where what is deployed can't be read.
    """
    found = [
        change for find in (_of_tasks, _of_dispatches, _of_beat) for change in find(model, baseline)
    ]
    for change in found:
        model.add(change)


def _of_tasks(model: Model, baseline: Baseline) -> Iterator[Change]:
    path = model.project.path
    now: dict[str, list[tuple[Task, TaskContract]]] = {}
    left: list[Leftover] = []
    for first in model.of(Task):
        for task in (first, *first.again):
            answer = contract_of(task)
            if isinstance(answer, TaskContract):
                now.setdefault(answer.name, []).append((task, answer))
            elif answer is not None:
                left.append(answer)
    successors: list[TaskContract] = []
    for name, found in now.items():
        task, contract = found[0]
        old = baseline.find(name, path)
        if old is not None:
            if old not in baseline.of_file(path) and _is_elsewhere(old, model, baseline):
                continue  # a stand-in, in tests or of another app
            if all(other == contract for _, other in found):
                for item in compare(old, contract):
                    yield _change(task, item, baseline)
            continue
        successors.append(contract)
        if len(found) == 1 and baseline.lacks(contract, path):
            yield Change(task, "CEL451", _name_of(task), (task.name, baseline.shown))
    for old in baseline.of_file(path):
        if old.name in now or any(_may_be(old, other) for other in left):
            continue
        if not _is_elsewhere(old, model, baseline):
            last = old.qualname.rpartition(".")[2]
            same = [new for new in successors if new.qualname.rpartition(".")[2] == last]
            item = vanished(old, same[0] if len(same) == 1 else None)
            yield _change(model, item, baseline)


def _may_be(old: TaskContract, left: Leftover) -> bool:
    """Whether a task whose name can't be told may be the one that is looked for."""
    return (
        left.any or left.name == old.name or (left.name is None and left.qualname == old.qualname)
    )


def _is_elsewhere(old: TaskContract, model: Model, baseline: Baseline) -> bool:
    """Whether another file in reach registers a task under this name."""
    here = model.project
    paths = [*baseline.files(), *_beside(here.folder)]
    for statement, _ in model.candidates.imports:
        if isinstance(statement, ast.ImportFrom):
            module = "." * statement.level + (statement.module or "")
            join = "" if module.endswith(".") else "."
            targets = [module, *(f"{module}{join}{alias.name}" for alias in statement.names)]
        else:
            targets = [alias.name for alias in statement.names]
        for target in targets:
            found = here.locate(target) if target.strip(".") else None
            if found is not None:
                paths.append(found)
    others = [path for path in dict.fromkeys(paths) if path != here.path]
    return _is_in(old.name, others, here, (baseline.home(old),))


def _is_in(name: str, paths: Iterable[str], here: project.Project, homes: Collection[str]) -> bool:
    """Whether one of the files registers a task under `name`; it is written out but in `homes`."""
    wanted = name.encode()
    for path in paths:
        if path not in homes and not _holds(path, wanted):
            continue
        there = read(here, path)
        if there is not None:
            tasks, left = contracts_of(facts_of(there).model)
            if any(task.name == name for task in tasks) or any(
                one.any or one.name == name for one in left
            ):
                return True
    return False


def gone(
    lock_path: str, linted: Iterable[str], options: Options
) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    """The locked tasks whose file is gone, unless a linted or locked file has their name now.

    Each with the path that the lock names, the module, and the arguments of CEL410.
    """
    try:
        baseline = LockBaseline(read_lock(lock_path))
    except LockError:
        return  # said by CEL002 in each file
    tasks = sorted(baseline.lock.tasks.values(), key=lambda task: (task.file, task.name))
    absent = [task for task in tasks if not os.path.exists(baseline.home(task))]
    if not absent:
        return
    paths = dict.fromkeys((*map(os.path.abspath, linted), *baseline.files()))
    for task in absent:
        path = baseline.home(task)
        here = project.Project(path, options)
        # shop/tasks.py became shop/tasks/__init__.py, or the other way: the name is the same
        stem = os.path.splitext(path)[0]
        twins = (os.path.join(stem, "__init__.py"), f"{os.path.dirname(path)}.py")
        if not _is_in(task.name, (*paths, *twins, *_beside(here.folder)), here, twins):
            item = vanished(task)
            yield path, task.module, (item.task, baseline.shown, item.text)


def _beside(folder: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names[:MAX_SIBLINGS]:
        if name.endswith(".py"):
            yield os.path.join(folder, name)


def _holds(path: str, wanted: bytes) -> bool:
    try:
        return wanted in read_file(path)
    except OSError:
        return False


def _change(of: Task | Model, item: Break, baseline: Baseline) -> Change:
    if not isinstance(of, Task):
        from flake8_celery.core.engine import Span

        end = len((of.module.lines[0] if of.module.lines else "").rstrip("\r\n").encode())
        return Change(of, item.code, Span(1, 0, 1, end), (item.task, baseline.shown, item.text))
    place: ast.AST | Span = _name_of(of)
    if item.code == "CEL415":
        option = of.own(item.parameter or "")
        if option is not None:
            place = option.value
    elif of.function is not None:
        for argument in parameters_of(of.function.args):
            if argument.arg == item.parameter:
                place = argument
    return Change(of, item.code, place, (item.parameter, of.name, item.text))


def _name_of(task: Task) -> ast.AST | Span:
    from flake8_celery.core.engine import defined_name

    node = task.node
    if task.function is not None and task.function in model_of(task).candidates.scopes:
        node = task.function
    if isinstance(node, DefinitionNode):
        return defined_name(node, model_of(task).module)
    return node


# -- what a file sends


def _of_dispatches(model: Model, baseline: Baseline) -> Iterator[Change]:
    from flake8_celery.core.engine import called_name
    from flake8_celery.core.given import of_dispatch
    from flake8_celery.core.known import sent_task
    from flake8_celery.core.mocks import is_mocked

    for fact in model.of(Dispatch):
        if fact.method in _LOCAL or fact.on == "signature":
            continue
        task = sent_task(fact, model)
        if task is None:
            continue
        change = _sent(fact, task, of_dispatch(fact, model), called_name(fact.node), baseline)
        if change is not None and not is_mocked(fact, task, model):
            yield change


def _of_beat(model: Model, baseline: Baseline) -> Iterator[Change]:
    from flake8_celery.core.given import packed
    from flake8_celery.core.known import entry_task

    for entry in model.of(BeatEntry):
        task = entry_task(entry, model) if entry.complete else None
        if task is not None:
            args, kwargs = (entry.fields.get(key, (None, None))[1] for key in ("args", "kwargs"))
            given = packed(entry.node, args, kwargs, entry.region, model.resolver)
            place = entry.fields["task"][1]
            change = _sent(entry, task, (given,), place, baseline)
            if change is not None:
                yield change


def _sent(
    fact: Fact, task: Task, answers: Iterable[Given], place: ast.AST | Span, baseline: Baseline
) -> Change | None:
    """What a worker of the deployed code makes of a message to `task`, if it fails."""
    new = contract_of(task)
    if not isinstance(new, TaskContract):
        return None
    path = model_of(task).project.path
    old = baseline.find(new.name, path)
    if old is None:
        if baseline.lacks(new, path):
            return Change(fact, "CEL454", place, (task.name, baseline.shown))
        return None
    if old.parameters is None or old.parameters == new.parameters:
        return None
    for given in answers:
        # what does not fit the task as it is now either is CEL401's matter
        refused = "" if call_error(new, given.call) else refusal(old, given.call, new)
        if refused:
            for name, node in given.keywords.items():
                if f"'{name}'" in refused:
                    place = node
            return Change(fact, "CEL414", _short(place), (baseline.shown, task.name, refused))
    return None


def _short(place: ast.AST | Span) -> ast.AST | Span:
    from flake8_celery.core.engine import name_of

    return name_of(place) if isinstance(place, ast.keyword) else place
