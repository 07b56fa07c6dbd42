"""How a rule is declared, and what it may ask and yield."""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flake8_celery.core.model.fact import Fact
from flake8_celery.core.model.model import Model
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.syntax.places import Span
from flake8_celery.core.syntax.regions import ELSE, IF, Region
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.options import Options
from flake8_celery.record import NamedTuple

if TYPE_CHECKING:
    from flake8_celery.core.contract.binding import Parameters
    from flake8_celery.core.contract.interface import TaskContract
    from flake8_celery.core.model.sent import Dispatch
    from flake8_celery.core.model.task import Task
    from flake8_celery.core.settings.configuration import Configuration


class Problem(NamedTuple):
    """What a rule yields: where, and what fills the `%s` of its message.

    `subject` is what the finding is about, where rules must agree on who speaks; default the fact.
    """

    place: ast.AST | Span
    arguments: tuple[object, ...] = ()
    subject: ast.AST | None = None


def _conjuncts(test: ast.expr) -> list[ast.expr]:
    """What must all be true for a test to pass."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return test.values
    return [test]


def _names(test: ast.expr, node: ast.expr) -> bool:
    """Whether a name, dotted or not, stands in a test."""
    written = ast.dump(node)
    return any(type(n) is type(node) and ast.dump(n) == written for n in ast.walk(test))


class Context(NamedTuple):
    """What a rule may ask."""

    model: Model
    module: Module
    resolve: Resolver
    options: Options

    def every(
        self, node: ast.expr | None, region: Region, test: Callable[[Any], bool]
    ) -> tuple[Any, ...]:
        """All possible values of `node`, if each passes `test`; empty where one can't be told."""
        if node is None:
            return ()
        values = self.resolve.values(node, region)
        if isinstance(values, Unknown) or not all(test(value) for value in values):
            return ()
        return () if self._kept_out(node, region) else values

    def only(self, node: ast.expr | None, region: Region, kinds: Container[str]) -> str:
        """One of the kinds that `node` may be, if all of them are in `kinds`; else empty."""
        if node is None:
            return ""
        found = self.resolve.kinds(node, region)
        if isinstance(found, Unknown) or not all(kind in kinds for kind in found):
            return ""
        return "" if self._kept_out(node, region) else min(found)

    def _kept_out(self, node: ast.expr, region: Region) -> bool:
        """Whether an `if` around tests this very name, and what is known of it never passes.

        `if settings.EVERY > 0: ...` is there for other values than the one that is seen.
        """
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return False
        for outer in region:
            if not isinstance(outer.node, ast.If) or outer.kind not in (IF, ELSE):
                continue
            for part in _conjuncts(outer.node.test) if outer.kind == IF else [outer.node.test]:
                if _names(part, node):
                    found = self.resolve.values(part, outer.parent or outer)
                    if not isinstance(found, Unknown) and all(
                        bool(value) is (outer.kind == ELSE) for value in found
                    ):
                        return True
        return False

    def text(self, node: ast.expr | None, region: Region) -> str | None:
        """The one text that an expression may be, or None."""
        values = self.resolve.values(node, region) if node is not None else ()
        if isinstance(values, Unknown) or len(values) != 1 or not isinstance(values[0], str):
            return None
        return values[0]

    def task(self, fact: Dispatch) -> Task | None:
        """The task that a dispatch sends, by its name too, where it is in sight."""
        from flake8_celery.core.messages.sent_task import sent_task

        return sent_task(fact, self.model)

    def configuration(self, task: Task | None = None) -> Configuration:
        """The settings that hold for this module, or for one task of it."""
        from flake8_celery.core.settings.read import configuration_of

        return configuration_of(self.model, task)

    def parameters(self, task: Task, method: str) -> Parameters | Unknown:
        """What one way to send, or `__call__`, may give a task; told once for all calls."""
        from flake8_celery.core.messages.parameters import taken

        return taken(task, method, self.model)

    def mocked(self, fact: Fact, task: Task | TaskContract) -> bool:
        """Tell whether the file patches the task, a method of it or its name, as tests do."""
        from flake8_celery.core.model.purpose import is_mocked

        return is_mocked(fact, task, self.model)

    @property
    def for_development(self) -> bool:
        """The file is for tests, development or show, by its path."""
        from flake8_celery.core.model.purpose import is_for_development

        return is_for_development(self.model)


Check = Callable[[Any, Context], Iterable[Problem]]


class Rule(NamedTuple):
    """One rule: its names, its message, the facts it reads, and the function that judges them.

    The generated index holds all of them without their function; `run.load` brings that.
    """

    code: str
    symbol: str
    pylint: str
    default: bool
    family: str
    summary: str
    message: str
    facts: tuple[str, ...]
    """The names of the classes of facts that it reads."""
    module: str
    body: bool = False
    raises: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    option: str = ""
    """The option that switches it on, for a rule of the project's own policy."""
    words: Mapping[str, tuple[str, ...]] = {}
    """By the name of a fact: what has to stand in the text, one of them, for it to be judged."""
    check: Check | None = None


def rule(
    code: str,
    symbol: str,
    *,
    pylint: str,
    on: type[Fact] | Sequence[type[Fact]],
    message: str,
    default: bool = True,
    body: bool = False,
    raises: Sequence[str] = (),
    yields_to: Sequence[str] = (),
    option: str = "",
    words: Sequence[str] | Mapping[type[Fact], Sequence[str]] = (),
) -> Callable[[Check], Rule]:
    """Declare a rule.

    code: `CEL301`. symbol: `retry-arguments`; pylint shows `celery-retry-arguments`.
    pylint: the message id, letter and four digits, unique by its digits.
    on: the facts that the function gets, one at a time.
    message: one line with `%s` for what the rule yields.
    default: false for advice, which runs only when selected by name.
    body: it judges what a body does; silent in `.pyi` files.
    raises: exceptions that the code is said to raise; a handler naming one silences the rule.
    yields_to: rules that speak instead where both see the same call or task.
    option: a policy's option; the rule is silent without it, and needs no proof.
    words: one of them has to stand in the module's text, or in a setting's name, or the rule
    can't speak: then it isn't even imported. What an imported class, a `**` or another module may
    bring stands in no text here: a rule that follows such has no words. By fact, where the facts
    differ; a fact that is left out has none.
    """

    def declare(check: Check) -> Rule:
        facts = tuple(on) if isinstance(on, (list, tuple)) else (on,)
        by_fact = words if isinstance(words, Mapping) else dict.fromkeys(facts, words)
        return Rule(
            code,
            symbol,
            pylint,
            default,
            check.__module__.split(".")[-2],
            "",
            message,
            tuple(sorted(fact.__name__ for fact in facts)),
            check.__module__,
            body,
            tuple(sorted(raises)),
            tuple(sorted(yields_to)),
            option,
            {fact.__name__: tuple(by_fact[fact]) for fact in by_fact if by_fact[fact]},
            check,
        )

    return declare
