"""List every rule, or a preset: the advice that `celery-preset` switches on, with what it costs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flake8_celery.presets import NEEDS, PRESETS

if TYPE_CHECKING:
    from flake8_celery.core.engine.rule import Rule


def register(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "names", nargs="*", metavar="RULE", help="a code, an id or a name: CEL301, E8520, CEL3"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--preset", choices=sorted(PRESETS), help="only what this preset adds")


def run(given: argparse.Namespace) -> int:
    """Print the list, or those of it that are named; 2 where a name is no rule's."""
    from flake8_celery.commands.explain import is_called
    from flake8_celery.linter import rules

    listed = list(rules())
    if given.names:
        chosen = [
            [
                info
                for info in listed
                if is_called(name, info.code, info.pylint, info.symbol)
                or (name.upper().startswith("CEL") and info.code.startswith(name.upper()))
            ]
            for name in given.names
        ]
        for name, found in zip(given.names, chosen, strict=True):
            if not found:
                print(f"flake8-celery: no rule {name!r}", file=sys.stderr)
                return 2
        listed = [info for info in listed if any(info in found for found in chosen)]
    if given.preset:
        listed = [info for info in listed if info.code in PRESETS[given.preset]]
        lines = _preset(listed, given.preset)
    else:
        lines = _all(listed)
    if given.format == "json":
        print(json.dumps([_row(info, given.preset) for info in listed], indent=2))
        return 0
    for line in lines:
        print(line)
    return 0


def _row(info: Rule, preset: str | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "code": info.code,
        "symbol": info.symbol,
        "pylint": info.pylint,
        "default": info.default,
        "family": info.family,
        "summary": info.summary,
        "fix": _fix(info.code),
    }
    if info.option:
        row["option"] = info.option
    if preset:
        from flake8_celery.tables.frequency import FREQUENCY

        row["practice"] = PRESETS[preset][info.code]
        row["needs"] = NEEDS.get(info.code)
        row["per_1000_tasks"] = None if info.code in NEEDS else FREQUENCY.get(info.code)
    return row


def _all(listed: list[Rule]) -> Iterator[str]:
    width = max(len(info.symbol) for info in listed)
    for info in listed:
        off = "" if info.default else " (off by default)"
        if info.option:
            off = f" (on with {info.option})"
        yield f"{info.code}  {info.symbol:{width}}  {info.summary}{off}"


def _preset(listed: list[Rule], preset: str) -> Iterator[str]:
    from flake8_celery.tables.frequency import FREQUENCY, TASKS

    width = max(len(info.symbol) for info in listed)
    yield f"celery-preset = {preset}: every rule that is on by default, and {len(listed)} more."
    yield f"Findings per 1,000 tasks, of {TASKS:,} tasks in real packages:"
    yield ""
    for info in listed:
        often = "   -" if info.code in NEEDS else f"{FREQUENCY.get(info.code, 0):4}"
        needs = f" (with {NEEDS[info.code]})" if info.code in NEEDS else ""
        practice = PRESETS[preset][info.code]
        yield f"{often}  {info.code}  {info.symbol:{width}}  {practice}{needs}"


def _fix(code: str) -> str | None:
    """`safe` where some finding of a rule has a safe fix, `unsafe`, or None."""
    from flake8_celery.fixes.table import FIXERS, UNSAFE

    if code not in FIXERS:
        return None
    return "unsafe" if code in UNSAFE else "safe"
