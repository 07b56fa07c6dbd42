"""Of the dispatches whose task stands in the project, how many are led to it?

What counts as a dispatch is told by its syntax alone, so that what the core does not see is counted
too; which of them name a task of the project was judged by hand, for a hundred of them.
"""

from __future__ import annotations

import ast
import random
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flake8_celery.core.model.build import build
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.gate import passes_gate
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.syntax.regions import dotted
from flake8_celery.options import Options

FILE = Path(__file__).parent / "dispatches.tsv"
COLUMNS = "verdict\tpackage\tpath\tline\tcall\treason"
WANTED = 0.95
"""The share that the project holds itself to, for the judged sample."""
METHODS = frozenset(
    {
        *("delay", "apply_async", "delay_on_commit", "apply_async_on_commit"),
        *("s", "si", "signature", "subtask"),
    }
)
REFERENCES = frozenset({"delay", "apply_async", "delay_on_commit", "apply_async_on_commit"})


class Sent(NamedTuple):
    """A call of `x.delay` and the like, or `x.delay` given to another call."""

    package: str
    path: str
    line: int
    call: str
    """`shop.tasks.add.delay`, as written."""
    named: bool
    """Its last name is that of a task somewhere in the package."""
    resolved: bool

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What makes it the same one in the judged sample."""
        return self.package, self.path, self.line, self.call


def dispatches_below(folder: Path) -> list[Sent]:
    """Every dispatch in the packages of a folder."""
    found: list[Sent] = []
    for package in sorted(path for path in folder.iterdir() if path.is_dir()):
        models = dict(_models(package))
        names = {task.name for model in models.values() for task in model.of(Task)}
        for file, model in models.items():
            relative = file.relative_to(package).as_posix()
            known = {fact.node: fact for fact in model.of(Dispatch)}
            for node, func in _sent(model.module.tree):
                fact = known.get(node)
                written = dotted(func) or f"?.{func.attr}"
                name = written.split(".")[-2]
                resolved = fact is not None and fact.resolved_task() is not None
                found.append(
                    Sent(package.name, relative, func.lineno, written, name in names, resolved)
                )
    return sorted(found)


def _models(package: Path) -> Iterator[tuple[Path, Model]]:
    for file in sorted(package.rglob("*.py")):
        text = file.read_text(encoding="utf-8", errors="replace")
        if not passes_gate(text, str(file)):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except SyntaxError:
            continue
        yield file, build(Module(text, str(file), tree), Options())


def _sent(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.Attribute]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr in METHODS:
            # those of signatures and of what calls give back name no task
            if isinstance(func.value, (ast.Name, ast.Attribute)):
                yield node, func
        for argument in node.args:
            if isinstance(argument, ast.Attribute) and argument.attr in REFERENCES:
                yield argument, argument


class Judged(NamedTuple):
    """What a person says of one: `project` where it names a task that stands in the project."""

    verdict: str
    package: str
    path: str
    line: int
    call: str
    reason: str

    @property
    def key(self) -> tuple[str, str, int, str]:
        """See `Sent.key`."""
        return self.package, self.path, self.line, self.call


def judged(file: Path = FILE) -> list[Judged]:
    """The judged sample."""
    rows = []
    for text in file.read_text(encoding="utf-8").splitlines()[1:]:
        verdict, package, path, line, call, reason = text.split("\t")
        rows.append(Judged(verdict, package, path, int(line), call, reason))
    return rows


def sample(found: list[Sent], size: int = 100, seed: int = 10) -> list[Sent]:
    """The dispatches to judge: drawn at random, the same ones each time."""
    return sorted(random.Random(seed).sample(found, size))


class Share(NamedTuple):
    """How many of how many."""

    resolved: int
    total: int
    missed: list[Sent]

    def __str__(self) -> str:
        share = self.resolved / self.total if self.total else 0.0
        return f"{self.resolved} of {self.total} ({share:.1%})"


def share_of(found: list[Sent]) -> Share:
    """How many of these are led to their task."""
    missed = [sent for sent in found if not sent.resolved]
    return Share(len(found) - len(missed), len(found), missed)


def shares(folder: Path) -> tuple[Share, Share]:
    """For the judged sample, and for all whose last name is that of a task of their package."""
    found = dispatches_below(folder)
    keys = {row.key for row in judged() if row.verdict == "project"}
    return (
        share_of([sent for sent in found if sent.key in keys]),
        share_of([sent for sent in found if sent.named]),
    )
