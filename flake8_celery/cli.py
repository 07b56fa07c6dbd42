"""The `flake8-celery` command: words in, an exit code out; each command is a module of its own."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from flake8_celery import __version__

#: Command -> what the overview says of it; `flake8_celery.commands.<command>` does it.
COMMANDS: Final[Mapping[str, str]] = {
    "rules": "list every rule",
    "explain": "print a rule's page",
    "lock": "write down what each task takes, in celery-tasks.lock",
    "diff": "tell what a change breaks for messages that wait and workers that still run",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 all is well, 1 it is not, 2 it can't be told."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="flake8-celery",
        description="Find what breaks Celery in production. The linting itself is done by flake8: "
        "flake8 --select=CEL .",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        made = commands.add_parser(
            name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if name in words:
            module = importlib.import_module(f"flake8_celery.commands.{name}")
            made.description = module.__doc__
            module.register(made)
    given = parser.parse_args(words)
    try:
        code = importlib.import_module(f"flake8_celery.commands.{given.command}").run(given)
        sys.stdout.flush()
        return int(code)
    except BrokenPipeError:
        # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0 if given.command in ("rules", "explain") else 2


if __name__ == "__main__":
    sys.exit(main())
