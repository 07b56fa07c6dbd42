"""What advice costs beside the rules that are on by default: a preset, and every rule there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.following import Source
from flake8_celery.linter import lint, rules
from flake8_celery.options import Options
from flake8_celery.presets import PRESETS, codes

LIMIT = 1.10
"""A preset may cost so many times the default rules alone."""

Costs = Callable[[Mapping[str, Callable[[Source], None]], list[Source], int], dict[str, float]]


def measure(files: list[Source], costs: Costs, rounds: int) -> int:
    """Print the ratios; the number of presets over the limit."""
    default = frozenset(rule.code for rule in rules() if rule.default)
    sets = {"default": default, "default, again": default}
    sets |= {name: default | codes(name) for name in PRESETS}
    sets["every rule"] = frozenset(rule.code for rule in rules())
    checks = {name: _check(selected) for name, selected in sets.items()}
    for source in files:  # what is kept between files is there for all of them
        checks["every rule"](source)
    spent = costs(checks, files, rounds)
    missed = 0
    for name, seconds in spent.items():
        ratio = seconds / spent["default"]
        over = name in PRESETS and ratio > LIMIT
        missed += over
        print(f"{'OVER' if over else 'ok  '} {name:16} {seconds:7.3f} s {ratio:7.3f} x default")
    return missed


def _check(selected: frozenset[str]) -> Callable[[Source], None]:
    options = Options()
    options.selected = selected

    def check(source: Source) -> None:
        lint(source.text, source.path, options, tree=source.tree)

    return check
