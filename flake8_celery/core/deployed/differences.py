"""What a file changes of what is deployed; the rules of the contract only say it."""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from flake8_celery.core.contract.change import Break, compare, refusal, vanished
from flake8_celery.core.contract.interface import Leftover, TaskContract
from flake8_celery.core.contract.lock import LockError, read_lock
from flake8_celery.core.contract.message import call_error
from flake8_celery.core.deployed.baseline import Baseline, LockBaseline
from flake8_celery.core.deployed.read_tasks import contract_of, contracts_of
from flake8_celery.core.messages.arguments import Given, of_dispatch, packed
from flake8_celery.core.messages.sent_task import entry_task, sent_task
from flake8_celery.core.model.fact import Fact
from flake8_celery.core.model.model import Model, model_of
from flake8_celery.core.model.others import facts_of
from flake8_celery.core.model.purpose import is_mocked
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.stated import BeatEntry
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.locate import Project
from flake8_celery.core.project.reading import read_file
from flake8_celery.core.syntax.places import Span, called_name, defined_name, keyword_name
from flake8_celery.core.syntax.regions import DefinitionNode, parameters_of
from flake8_celery.core.values.read import read
from flake8_celery.options import Options

#: Methods that run the function here, and send nothing.
_LOCAL: Final = frozenset({"apply", "set", "link", "link_error", "on_error"})
MAX_FILES_BESIDE: Final = 200


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


def note_changes(model: Model, baseline: Baseline) -> None:
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


def _is_in(name: str, paths: Iterable[str], here: Project, homes: Collection[str]) -> bool:
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
        here = Project(path, options)
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
    for name in names[:MAX_FILES_BESIDE]:
        if name.endswith(".py"):
            yield os.path.join(folder, name)


def _holds(path: str, wanted: bytes) -> bool:
    try:
        return wanted in read_file(path)
    except OSError:
        return False


def _change(of: Task | Model, item: Break, baseline: Baseline) -> Change:
    if not isinstance(of, Task):
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

    node = task.node
    if task.function is not None and task.function in model_of(task).candidates.scopes:
        node = task.function
    if isinstance(node, DefinitionNode):
        return defined_name(node, model_of(task).module)
    return node


def _of_dispatches(model: Model, baseline: Baseline) -> Iterator[Change]:

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

    return keyword_name(place) if isinstance(place, ast.keyword) else place
