"""Linting one file: gate, model, rules. The one place that knows both rules and core."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from flake8_celery.core.deployed.concerns import begin, compares, concerns
from flake8_celery.options import Options

if TYPE_CHECKING:
    from flake8_celery.core.engine.rule import Rule
    from flake8_celery.core.engine.run import Finding
    from flake8_celery.core.model.model import Model
    from flake8_celery.core.syntax.module import Module
    from flake8_celery.core.values.protocol import ResolverFactory

# What is imported within functions is what a run that meets no Celery does without.


def rules() -> tuple[Rule, ...]:
    """Every rule there is, by code."""
    from flake8_celery.rules._index import RULES

    return RULES


@cache
def rules_by_fact(selected: frozenset[str]) -> Mapping[str, Sequence[Rule]]:
    """The rules that run and read each class of fact, by the class's name.

    Default rules always run, advice only when one of the prefixes `selected` names it: `CEL` alone
    names none; `CEL3` and `CEL350` do.
    """
    prefixes = tuple(prefix for prefix in selected if len(prefix) >= 4)
    table: dict[str, list[Rule]] = {}
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
    if called:
        begin(filename)
    elif not concerns(text, filename, options):
        return []
    from flake8_celery.core.syntax.module import Module

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
    from flake8_celery.core.engine.run import internal, judge
    from flake8_celery.core.model.build import build
    from flake8_celery.core.settings.library import find as find_library_facts
    from flake8_celery.core.settings.read import loads_module

    try:
        model = build(module, options, resolver, loads_module)
        find_library_facts(model)
        unread = _compare(model)
    except Exception as error:
        return [internal(1, 0, "reading this file", error)]
    if watch is not None:
        watch(model)
    return unread + judge(model, rules_by_fact(options.selected))


def _compare(model: Model) -> list[Finding]:
    """Compare the module with what is deployed; a finding where that can't be read."""
    filename, options = model.module.filename, model.options
    if not compares(filename, options):
        return []
    from flake8_celery.core.contract.lock import LockError
    from flake8_celery.core.deployed.baseline import baseline_of
    from flake8_celery.core.deployed.differences import note_changes
    from flake8_celery.core.engine.run import Finding
    from flake8_celery.text import plain

    try:
        found = baseline_of(filename, options)
        if found is not None:
            note_changes(model, found)
    except LockError as error:
        text = plain(str(error))
        return [Finding(1, 0, 1, 0, "CEL002", text, (text,))]
    return []
