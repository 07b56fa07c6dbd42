"""Rules run over a module's facts, each guarded; one finding a mistake."""

from __future__ import annotations

import ast
import importlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from flake8_celery.core.engine.rule import Check, Context, Problem, Rule
from flake8_celery.core.model.fact import Fact
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.stated import Setting
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.roots import root_of
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.syntax.places import Span, defined_name, place_in_text
from flake8_celery.core.values import degrees
from flake8_celery.core.values.find import failures
from flake8_celery.record import NamedTuple
from flake8_celery.text import Plain, plain

#: Set to any text, an exception in a rule is raised again instead of reported as CEL000.
RAISE_VARIABLE: Final = "FLAKE8_CELERY_RAISE"


class Finding(NamedTuple):
    """A problem in a file: 1-based line, 0-based column in characters, end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    code: str
    message: str
    arguments: tuple[object, ...] = ()
    inferred: bool = False
    """It rests on what more than this module says."""
    likely: str = ""
    """What the message adds where it rests on something that is only likely."""


_loaded: dict[str, Check] = {}


def load(rule: Rule) -> Check:
    """The function of a rule; its module is imported on the first question."""
    found = _loaded.get(rule.code)
    if found is None:
        module = importlib.import_module(rule.module)
        own = (value for value in vars(module).values() if isinstance(value, Rule))
        found = next(value.check for value in own if value.check is not None)
        _loaded[rule.code] = found
    return found


def judge(model: Model, table: Mapping[str, Sequence[Rule]]) -> list[Finding]:
    """Run every rule that has facts to read, each guarded; sorted, one finding a mistake.

    `table` gives the rules by the name of the class of fact that they read.
    """
    module, options = model.module, model.options
    context = Context(model, module, model.resolver, options)
    model.resolver.judging = True
    found: list[tuple[Finding, Rule | None, ast.AST]] = []
    failed: set[str] = set()
    is_stub = module.is_stub
    resolver = model.resolver
    unread = model.project.unread
    askers: dict[str, Fact] = {}
    for kind, facts in model.facts.items():
        for rule in table.get(kind.__name__, ()):
            if is_stub and rule.body:
                continue
            if rule.option and not options.gives(rule.option):
                continue
            words = rule.words.get(kind.__name__)
            if words and not _stands(words, facts, module):
                continue
            check = _loaded.get(rule.code)
            for fact in facts:
                try:
                    if check is None:
                        check = load(rule)
                    before = resolver.inferences
                    degrees.begin()
                    for problem in check(fact, context):
                        if not _speaks(fact, rule, model):
                            break
                        subject = problem.subject or fact.node
                        inferred = resolver.inferences > before
                        found.append((_finding(problem, rule, module, inferred), rule, subject))
                except Exception as error:
                    if rule.code in failed:
                        continue
                    failed.add(rule.code)
                    line = getattr(fact.node, "lineno", 1)
                    column = module.column(line, getattr(fact.node, "col_offset", 0))
                    found.append((internal(line, column, rule.code, error), None, fact.node))
                if unread and len(unread) > len(askers):
                    askers.update((asked, fact) for asked in unread if asked not in askers)
    # what fills a message need be neither hashable nor in an order
    unique = {each[:6]: each for each in (*_one_each(found), *_unread(model, askers))}
    return [unique[key] for key in sorted(unique)]


def _stands(words: Iterable[str], facts: Iterable[Fact], module: Module) -> bool:
    """Whether one of the words stands in the text, or in the name of a setting."""
    says = module.says
    return any(
        says(word) or any(isinstance(fact, Setting) and word in fact.key for fact in facts)
        for word in words
    )


def _unread(model: Model, askers: Mapping[str, Fact]) -> Iterator[Finding]:
    """CEL003, at the import through which a file that can't be read was asked for.

    For lack of one at what was judged first and needed it: `askers` tells.
    """
    if root_of(model.project.folder) is None:
        return
    for asked, path, reason in failures(model.project):
        place: ast.AST | Span | None = model.import_of(asked)
        if place is None and asked in askers:
            # an application that can't be read concerns the first task, whichever rule asked
            first = next(iter(model.of(Task)), askers[asked]) if not asked else askers[asked]
            place = defined_name(first.node, model.module)
        why = f" ({reason})" if reason else ""
        text = plain(f"{path} can't be read{why}: what depends on it is not judged")
        where = place_in_text(place if place is not None else Span(1, 0, 1, 0), model.module)
        yield Finding(*where, "CEL003", " ".join(text.split()), (Plain(path), Plain(reason)))


def _speaks(fact: Fact, rule: Rule, model: Model) -> bool:
    from flake8_celery.core.model.purpose import expects_error

    return fact.certain and not expects_error(fact, rule.raises, model.resolver)


def _one_each(found: Iterable[tuple[Finding, Rule | None, ast.AST]]) -> Iterator[Finding]:
    found = list(found)
    spoken = {(id(subject), rule.code) for _, rule, subject in found if rule is not None}
    for finding, rule, subject in found:
        if rule is None or not any((id(subject), code) in spoken for code in rule.yields_to):
            yield finding


def _finding(problem: Problem, rule: Rule, module: Module, inferred: bool) -> Finding:
    arguments = tuple(
        Plain(given) if isinstance(given, str) and not given.isprintable() else given
        for given in problem.arguments
    )
    likely = degrees.suffix()
    message = plain(rule.message % arguments) + likely
    return Finding(
        *place_in_text(problem.place, module),
        rule.code,
        " ".join(message.split()),
        arguments,
        inferred,
        likely,
    )


def internal(line: int, column: int, where: str, error: Exception) -> Finding:
    if os.environ.get(RAISE_VARIABLE):
        raise error
    text = plain(" ".join(f"{type(error).__name__}: {error}".split()))[:200]
    message = f"internal error in {where} ({text}); please report it, all other rules still ran"
    return Finding(line, column, line, column, "CEL000", message, (where, text))
