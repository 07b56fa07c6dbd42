"""`flake8-celery explain`: the page of one rule, set for the terminal."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import textwrap
from typing import Final

BOLD, DIM, RED, RESET = "\033[1m", "\033[2m", "\033[31m", "\033[0m"
MAX_WIDTH: Final = 100


def register(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("rule", help="a code, an id or a name: CEL301, E8520, retry-arguments")


def run(given: argparse.Namespace) -> int:
    """Print the page; 2 where there is no such rule."""
    from flake8_celery.linter import rules
    from flake8_celery.own import OWN, own_page
    from flake8_celery.tables.confusions import near_miss

    name = given.rule.strip()
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = min(shutil.get_terminal_size().columns, MAX_WIDTH)
    for info in rules():
        if is_called(name, info.code, info.pylint, info.symbol):
            from flake8_celery.pages import page

            print(_fit(set_page(page(info), width, colour)))
            return 0
    for message in OWN:
        if is_called(name, message.code, message.pylint, message.symbol):
            print(_fit(set_page(own_page(message), width, colour)))
            return 0
    names = [info.symbol for info in rules()] + [info.code for info in rules()]
    meant = near_miss(name.lower(), names)
    hint = f"did you mean {meant}?" if meant else "flake8-celery rules lists them"
    print(f"flake8-celery: no rule {given.rule!r}, {hint}", file=sys.stderr)
    return 2


def is_called(name: str, code: str, pylint: str, symbol: str) -> bool:
    """Whether a rule is meant: by flake8's code, pylint's id, or its symbol in either form."""
    bare = symbol.removeprefix("celery-")
    return name.upper() in (code, pylint) or name.lower() in (bare, f"celery-{bare}")


def _fit(text: str) -> str:
    """The text without the one sign that a terminal of few signs can't show."""
    try:
        "\xb7".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return text.replace("\xb7", "-")
    return text


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
