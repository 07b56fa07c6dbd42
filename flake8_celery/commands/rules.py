"""`flake8-celery rules`: every rule, one a line."""

from __future__ import annotations

import argparse
import json
import sys


def register(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "names", nargs="*", metavar="RULE", help="a code, an id or a name: CEL301, E8520, CEL3"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(given: argparse.Namespace) -> int:
    """Print the list, or those of it that are named; 2 where a name is no rule's."""
    from flake8_celery.commands.explain import is_called
    from flake8_celery.core.engine import rules

    listed = rules()
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
        listed = tuple(info for info in listed if any(info in found for found in chosen))

    if given.format == "json":
        rows = [
            {
                "code": info.code,
                "symbol": info.symbol,
                "pylint": info.pylint,
                "default": info.default,
                "family": info.family,
                "summary": info.summary,
                "fix": _fix(info.code),
            }
            for info in listed
        ]
        print(json.dumps(rows, indent=2))
        return 0
    width = max(len(info.symbol) for info in listed)
    for info in listed:
        off = "" if info.default else " (off by default)"
        print(f"{info.code}  {info.symbol:{width}}  {info.summary}{off}")
    return 0


def _fix(code: str) -> str | None:
    """`safe` where some finding of a rule has a safe fix, `unsafe`, or None."""
    from flake8_celery.fixes.table import FIXERS, UNSAFE

    if code not in FIXERS:
        return None
    return "unsafe" if code in UNSAFE else "safe"
