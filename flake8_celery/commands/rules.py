"""`flake8-celery rules`: every rule, one a line."""

from __future__ import annotations

import argparse
import json


def register(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(given: argparse.Namespace) -> int:
    """Print the list; always 0."""
    from flake8_celery.core.engine import rules

    if given.format == "json":
        rows = [
            {
                "code": info.code,
                "symbol": info.symbol,
                "pylint": info.pylint,
                "default": info.default,
                "family": info.family,
                "summary": info.summary,
            }
            for info in rules()
        ]
        print(json.dumps(rows, indent=2))
        return 0
    width = max(len(info.symbol) for info in rules())
    for info in rules():
        off = "" if info.default else " (off by default)"
        if info.option:
            off = f" (on with {info.option})"
        print(f"{info.code}  {info.symbol:{width}}  {info.summary}{off}")
    return 0
