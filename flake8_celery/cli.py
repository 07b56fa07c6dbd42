"""The `flake8-celery` command: what rules there are, and what each means."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import Final

from flake8_celery import __version__

BOLD, DIM, RED, RESET = "\033[1m", "\033[2m", "\033[31m", "\033[0m"
MAX_WIDTH: Final = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0, or 2 where the command's words are wrong."""
    parser = argparse.ArgumentParser(
        prog="flake8-celery",
        description="Find what breaks Celery in production. The linting itself is done by flake8: "
        "flake8 --select=CEL .",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("rules", help="list every rule")
    listing.add_argument("--format", choices=("text", "json"), default="text")
    explaining = commands.add_parser("explain", help="print a rule's page")
    explaining.add_argument("rule", help="a code or a name: CEL301, retry-arguments")
    given = parser.parse_args(arguments)
    try:
        if given.command == "rules":
            return _list(given.format)
        return _explain(given.rule)
    except BrokenPipeError:
        # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _list(form: str) -> int:
    from flake8_celery.core.engine import rules

    if form == "json":
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
        print(f"{info.code}  {info.symbol:{width}}  {info.summary}{off}")
    return 0


def _explain(wanted: str) -> int:
    from flake8_celery.core.engine import rules
    from flake8_celery.facts.confusions import near_miss
    from flake8_celery.own import OWN, own_page

    name = wanted.strip()
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = min(shutil.get_terminal_size().columns, MAX_WIDTH)
    for info in rules():
        if name.upper() == info.code or name.lower() in (info.symbol, f"celery-{info.symbol}"):
            from flake8_celery.pages import page

            print(set_page(page(info), width, colour))
            return 0
    for message in OWN:
        if name.upper() == message.code or name.lower() == message.symbol:
            print(set_page(own_page(message), width, colour))
            return 0
    names = [info.symbol for info in rules()] + [info.code for info in rules()]
    meant = near_miss(name.lower(), names)
    hint = f"did you mean {meant}?" if meant else "flake8-celery rules lists them"
    print(f"flake8-celery: no rule {wanted!r}, {hint}", file=sys.stderr)
    return 2


def set_page(text: str, width: int, colour: bool) -> str:
    """Set a Markdown page for a terminal: headings, wrapped prose, code indented, carets marked."""
    bold, dim, red, reset = (BOLD, DIM, RED, RESET) if colour else ("", "", "", "")
    out: list[str] = []
    prose: list[str] = []
    code = False

    def flush() -> None:
        if prose:
            item = prose[0].startswith("- ")
            out.extend(
                textwrap.wrap(
                    " ".join(prose).replace("`", ""),
                    width,
                    subsequent_indent="  " if item else "",
                    break_long_words=False,
                )
            )
            prose.clear()

    for line in text.splitlines():
        if line.startswith("```"):
            flush()
            code = not code
            if code and out and out[-1].strip():
                out.append("")
        elif code:
            mark = bool(line.strip()) and not line.strip().partition(" ")[0].strip("^")
            out.append(f"    {red if mark else dim}{line}{reset}" if line else "")
        elif line.startswith("#"):
            flush()
            out.append(f"{bold}{line.lstrip('# ')}{reset}")
        elif not line.strip():
            flush()
            out.append("")
        else:
            if line.startswith("- "):
                flush()
            prose.append(line.strip())
    flush()
    return "\n".join(out)


if __name__ == "__main__":
    sys.exit(main())
