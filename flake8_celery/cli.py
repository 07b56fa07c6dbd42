"""The `flake8-celery` command: words in, an exit code out; each command is a module of its own."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from flake8_celery import __version__

#: Command -> what the overview says of it; `flake8_celery.commands.<command>` does it.
COMMANDS: Final[Mapping[str, str]] = {
    "check": "find what breaks Celery in production, for CI and pre-commit",
    "fix": "put right what has one right way",
    "doctor": "tell what is understood here, and which rules are silent and why",
    "facts": "show what is known of one file",
    "rules": "list every rule",
    "explain": "print a rule's page",
    "lock": "write down what each task takes, in celery-tasks.lock",
    "diff": "tell what a change breaks for messages that wait and workers that still run",
}
#: Those that read a whole project.
WHOLE: Final = frozenset({"check", "diff", "doctor", "fix", "lock"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 all is well, 1 it is not, 2 it can't be told."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="flake8-celery",
        description="Find what breaks Celery in production. flake8 and pylint do it too: "
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
    code = _run(given)
    if arguments is None and given.command in WHOLE:
        # taking apart what was built would cost as much again as parsing it
        sys.stderr.flush()
        os._exit(code)
    return code


def _run(given: argparse.Namespace) -> int:
    collecting = gc.isenabled() and given.command in WHOLE
    if collecting:
        # all trees live until the end: looking for garbage among them costs as much as parsing
        gc.disable()
    try:
        code = importlib.import_module(f"flake8_celery.commands.{given.command}").run(given)
        sys.stdout.flush()
        return int(code)
    except BrokenPipeError:
        # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2 if given.command in WHOLE else 0
    except Exception as error:
        if given.command not in WHOLE or os.environ.get("FLAKE8_CELERY_RAISE"):
            raise
        told = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        print(f"flake8-celery: internal error ({told}); please report it", file=sys.stderr)
        return 2
    finally:
        if collecting:
            gc.enable()


if __name__ == "__main__":
    sys.exit(main())
