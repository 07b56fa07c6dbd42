"""Rules: how one is declared, which there are, and how they are run over a module's facts.

Rules are found by name in `flake8_celery/rules` and wired nowhere. A generated index tells what
each is called and which facts it reads, so that a rule is imported when a file first holds such a
fact.
"""

from __future__ import annotations

import ast
import importlib
import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from flake8_celery.core.follow import failures
from flake8_celery.core.lockfile import concerns, lock_for
from flake8_celery.core.model import Fact, Model, Setting, UnknownSetting, expects_error
from flake8_celery.core.project import root_of
from flake8_celery.core.resolve import Resolver, ResolverFactory, Unknown
from flake8_celery.core.source import Module, Region
from flake8_celery.core.text import Plain, plain
from flake8_celery.options import Options

#: Set to any text, an exception in a rule is raised again instead of reported as CEL000.
RAISE_VARIABLE: Final = "FLAKE8_CELERY_RAISE"


class Span(NamedTuple):
    """A piece of source: 1-based lines, 0-based columns in UTF-8 bytes, as in `ast`."""

    line: int
    column: int
    end_line: int
    end_column: int


class Problem(NamedTuple):
    """What a rule yields: where, and what fills the `%s` of its message.

    `subject` is what the finding is about, where rules must agree on who speaks; default the fact.
    """

    place: ast.AST | Span
    arguments: tuple[object, ...] = ()
    subject: ast.AST | None = None


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
        return values

    def only(self, node: ast.expr | None, region: Region, kinds: Container[str]) -> str:
        """One of the kinds that `node` may be, if all of them are in `kinds`; else empty."""
        if node is None:
            return ""
        found = self.resolve.kinds(node, region)
        if isinstance(found, Unknown) or not all(kind in kinds for kind in found):
            return ""
        return min(found)


class RuleInfo(NamedTuple):
    """A rule as the generated index knows it, without importing it."""

    code: str
    symbol: str
    pylint: str
    default: bool
    family: str
    summary: str
    message: str
    facts: tuple[str, ...]
    module: str
    body: bool
    raises: tuple[str, ...]
    yields_to: tuple[str, ...]
    option: str = ""
    """The option that switches it on, for a rule of the project's own policy."""


Check = Callable[[Any, Context], Iterable[Problem]]


class Rule:
    """One rule: its names, its message, the facts it reads, and the function that judges them."""

    __slots__ = (
        "body",
        "check",
        "code",
        "default",
        "message",
        "on",
        "option",
        "pylint",
        "raises",
        "symbol",
        "yields_to",
    )

    def __init__(
        self,
        check: Check,
        code: str,
        symbol: str,
        *,
        pylint: str,
        on: tuple[type[Fact], ...],
        message: str,
        default: bool,
        body: bool,
        raises: frozenset[str],
        yields_to: frozenset[str],
        option: str,
    ) -> None:
        self.check = check
        self.code = code
        self.symbol = symbol
        self.pylint = pylint
        self.on = on
        self.message = message
        self.default = default
        self.body = body
        self.raises = raises
        self.yields_to = yields_to
        self.option = option


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
    """

    def declare(check: Check) -> Rule:
        facts = tuple(on) if isinstance(on, (list, tuple)) else (on,)
        return Rule(
            check,
            code,
            symbol,
            pylint=pylint,
            on=facts,
            message=message,
            default=default,
            body=body,
            raises=frozenset(raises),
            yields_to=frozenset(yields_to),
            option=option,
        )

    return declare


# -- places


def name_of(keyword: ast.keyword) -> Span:
    """The name of a keyword argument: where a wrong name is reported."""
    width = len((keyword.arg or "**").encode())
    line, column = keyword.lineno, keyword.col_offset
    return Span(line, column, line, column + width)


def called_name(call: ast.AST) -> Span | ast.AST:
    """The last name of what is called: where something absent is reported."""
    func: ast.AST = call.func if isinstance(call, ast.Call) else call
    if isinstance(func, ast.Attribute):
        line, end = func.end_lineno or func.lineno, func.end_col_offset or 0
        return Span(line, end - len(func.attr.encode()), line, end)
    return func


def setting_name(fact: Setting | UnknownSetting) -> Span | ast.AST:
    """The name of a setting where it is given a value."""
    node = fact.node
    if isinstance(node, ast.keyword):
        return name_of(node)
    if isinstance(node, ast.Subscript):
        named = isinstance(node.slice, ast.Constant) and node.slice.value == fact.written
        return node.slice if named else called_name(node.value)
    if isinstance(node, ast.Attribute):
        return called_name(node)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            for inner in ast.walk(target):
                if isinstance(inner, ast.Name) and inner.id == fact.written:
                    return inner
    return node


def defined_name(node: ast.AST, module: Module) -> Span | ast.AST:
    """The name of a function or class at its definition."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        lines = module.lines
        wanted = "class" if isinstance(node, ast.ClassDef) else "def"
        line = lines[node.lineno - 1] if node.lineno <= len(lines) else ""
        raw = line.encode("utf-8", "surrogatepass")
        keyword = raw.find(wanted.encode(), node.col_offset)
        start = raw.find(node.name.encode(), keyword + len(wanted)) if keyword >= 0 else -1
        if start >= 0:
            return Span(node.lineno, start, node.lineno, start + len(node.name.encode()))
        return Span(node.lineno, node.col_offset, node.lineno, node.col_offset + len(wanted))
    return node


# -- running


_loaded: dict[str, Rule] = {}


def rules() -> tuple[RuleInfo, ...]:
    """Every rule there is, by code."""
    from flake8_celery.rules._index import RULES

    return RULES


def load(info: RuleInfo) -> Rule:
    """Import one rule."""
    found = _loaded.get(info.code)
    if found is None:
        module = importlib.import_module(info.module)
        found = next(value for value in vars(module).values() if isinstance(value, Rule))
        _loaded[info.code] = found
    return found


@cache
def rules_by_fact(selected: frozenset[str]) -> Mapping[str, Sequence[RuleInfo]]:
    """The rules that run and read each class of fact, by the class's name.

    Default rules always run, advice only when one of the prefixes `selected` names it: `CEL` alone
    names none; `CEL3` and `CEL350` do.
    """
    prefixes = tuple(prefix for prefix in selected if len(prefix) >= 4)
    table: dict[str, list[RuleInfo]] = {}
    for info in rules():
        if info.default or info.code.startswith(prefixes):
            for name in info.facts:
                table.setdefault(name, []).append(info)
    return table


def lint(
    text: str,
    filename: str,
    options: Options | None = None,
    *,
    tree: ast.Module | None = None,
    lines: Sequence[str] | None = None,
    resolver: ResolverFactory | None = None,
    watch: Callable[[Model], None] | None = None,
    called: frozenset[str] = frozenset(),
) -> list[Finding]:
    """All findings of one file, sorted by place.

    `text` is the source; `tree` and `lines` save parsing and splitting it again; `resolver` makes
    one that knows more than this module; `watch` is shown the facts;
    `called` holds names known to be called as tasks (see `Module.called`), and such a file is read
    whatever it looks like. Raises SyntaxError where `text` has to be parsed and can't be.
    """
    options = options or Options()
    text = text.removeprefix("\ufeff")
    if not called and not concerns(text, filename, options):
        return []
    module = Module(text, filename, tree or ast.parse(text), lines)
    module.called = called
    return examine(module, options, resolver, watch)


def examine(
    module: Module,
    options: Options,
    resolver: ResolverFactory | None = None,
    watch: Callable[[Model], None] | None = None,
) -> list[Finding]:
    """As `lint`, of a module that concerns us."""
    from flake8_celery.core.build import build
    from flake8_celery.core.configuration import loads_module
    from flake8_celery.core.library import find as find_library_facts

    try:
        model = build(module, options, resolver, loads_module)
        find_library_facts(model)
        unread = _compare(model)
    except Exception as error:
        return [_internal(1, 0, "reading this file", error)]
    if watch is not None:
        watch(model)
    return unread + judge(model, rules_by_fact(options.selected))


def _compare(model: Model) -> list[Finding]:
    """Compare the module with what is deployed; a finding where that can't be read."""
    filename, options = model.module.filename, model.options
    if not options.celery_against and lock_for(filename, options) is None:
        return []
    from flake8_celery.core import baseline
    from flake8_celery.core.contract import LockError

    try:
        found = baseline.baseline_of(filename, options)
        if found is not None:
            baseline.examine(model, found)
    except LockError as error:
        text = plain(str(error))
        return [Finding(1, 0, 1, 0, "CEL002", text, (text,))]
    return []


def judge(model: Model, table: Mapping[str, Sequence[RuleInfo]]) -> list[Finding]:
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
        for info in table.get(kind.__name__, ()):
            if is_stub and info.body:
                continue
            if info.option and not options.gives(info.option):
                continue
            loaded = _loaded.get(info.code)
            for fact in facts:
                try:
                    if loaded is None:
                        loaded = load(info)
                    before = resolver.inferences
                    for problem in loaded.check(fact, context):
                        if not _speaks(fact, loaded, model):
                            break
                        subject = problem.subject or fact.node
                        inferred = resolver.inferences > before
                        found.append((_finding(problem, loaded, module, inferred), loaded, subject))
                except Exception as error:
                    if info.code in failed:
                        continue
                    failed.add(info.code)
                    line = getattr(fact.node, "lineno", 1)
                    column = module.column(line, getattr(fact.node, "col_offset", 0))
                    found.append((_internal(line, column, info.code, error), None, fact.node))
                if unread and len(unread) > len(askers):
                    askers.update((asked, fact) for asked in unread if asked not in askers)
    # what fills a message need be neither hashable nor in an order
    unique = {each[:6]: each for each in (*_one_each(found), *_unread(model, askers))}
    return [unique[key] for key in sorted(unique)]


def _unread(model: Model, askers: Mapping[str, Fact]) -> Iterator[Finding]:
    """CEL003, at the import through which a file that can't be read was asked for.

    For lack of one at what was judged first and needed it: `askers` tells.
    """
    if root_of(model.project.folder) is None:
        return
    for asked, path, reason in failures(model.project):
        place: ast.AST | Span | None = model.import_of(asked)
        if place is None and asked in askers:
            place = defined_name(askers[asked].node, model.module)
        why = f" ({reason})" if reason else ""
        text = plain(f"{path} can't be read{why}: what depends on it is not judged")
        where = _where(place if place is not None else Span(1, 0, 1, 0), model.module)
        yield Finding(*where, "CEL003", " ".join(text.split()), (Plain(path), Plain(reason)))


def _speaks(fact: Fact, loaded: Rule, model: Model) -> bool:
    return fact.certain and not expects_error(fact, loaded.raises, model.resolver)


def _one_each(found: Iterable[tuple[Finding, Rule | None, ast.AST]]) -> Iterator[Finding]:
    found = list(found)
    spoken = {(id(subject), rule.code) for _, rule, subject in found if rule is not None}
    for finding, rule_, subject in found:
        if rule_ is None or not any((id(subject), code) in spoken for code in rule_.yields_to):
            yield finding


def _where(place: ast.AST | Span, module: Module) -> Span:
    """A place with its columns in characters."""
    if isinstance(place, Span):
        line, start, end_line, end = place
    else:
        line = getattr(place, "lineno", 1)
        start = getattr(place, "col_offset", 0)
        end_line = getattr(place, "end_lineno", None) or line
        end = getattr(place, "end_col_offset", None) or start
    return Span(line, module.column(line, start), end_line, module.column(end_line, end))


def _finding(problem: Problem, loaded: Rule, module: Module, inferred: bool) -> Finding:
    arguments = tuple(
        Plain(given) if isinstance(given, str) and not given.isprintable() else given
        for given in problem.arguments
    )
    message = plain(loaded.message % arguments)
    return Finding(
        *_where(problem.place, module),
        loaded.code,
        " ".join(message.split()),
        arguments,
        inferred,
    )


def _internal(line: int, column: int, where: str, error: Exception) -> Finding:
    if os.environ.get(RAISE_VARIABLE):
        raise error
    text = plain(" ".join(f"{type(error).__name__}: {error}".split()))[:200]
    message = f"internal error in {where} ({text}); please report it, all other rules still ran"
    return Finding(line, column, line, column, "CEL000", message, (where, text))
