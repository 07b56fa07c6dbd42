"""The `flake8-celery` command: words in, an exit code out; each command is a module of its own."""

from __future__ import annotations

import argparse
import gc
import importlib
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
    "practices": "show each task against the five practices",
}
#: Those that read a whole project.
WHOLE: Final = frozenset({"check", "diff", "doctor", "fix", "lock", "practices"})


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
    with _streams():
        given = _parsed(parser, words)
        if isinstance(given, int):
            return given
        code = _run(given)
        if arguments is None and given.command in WHOLE:
            # taking apart what was built would cost as much again as parsing it
            sys.stderr.flush()
            os._exit(code)
        return code


def _parsed(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace | int:
    """What the words say; an exit code where the help that they ask for can't be shown."""
    try:
        return parser.parse_args(words)
    except SystemExit:
        try:
            sys.stdout.flush()
        except OSError as error:
            _silence()
            return _say(_why(error))
        raise


@contextmanager
def _streams() -> Iterator[None]:
    """Show what a stream's encoding lacks escaped; have streams where they are closed."""
    before = sys.stdout, sys.stderr
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _Closed())
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class _Closed(io.StringIO):
    """Stands for a stream that is closed: what is written to it is lost."""

    def lost(self) -> bool:
        """Whether anything was."""
        return bool(self.getvalue())


def _run(given: argparse.Namespace) -> int:
    collecting = gc.isenabled() and given.command in WHOLE
    if collecting:
        # all trees live until the end: looking for garbage among them costs as much as parsing
        gc.disable()
    try:
        code = importlib.import_module(f"flake8_celery.commands.{given.command}").run(given)
        sys.stdout.flush()
        if isinstance(sys.stdout, _Closed) and sys.stdout.lost():
            return _say("standard output is closed: what was found can't be shown")
        return int(code)
    except BrokenPipeError:
        # the reader (head, less) has seen enough
        _silence()
        return 2 if given.command in WHOLE else 0
    except OSError as error:
        if os.environ.get("FLAKE8_CELERY_RAISE"):
            raise
        _silence()
        return _say(_why(error))
    except Exception as error:
        if os.environ.get("FLAKE8_CELERY_RAISE"):
            raise
        return _say(f"internal error ({type(error).__name__}: {error}); please report it")
    finally:
        if collecting:
            gc.enable()


def _why(error: OSError) -> str:
    try:
        os.getcwd()
    except OSError:
        return "the current folder is gone: change to one that is there"
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or type(error).__name__}{where}"


def _say(text: str) -> int:
    """Say on one line of stderr why nothing more can be said; the exit code for that."""
    from flake8_celery.text import plain

    with suppress(OSError):
        print(f"flake8-celery: {plain(' '.join(text.split()))[:300]}", file=sys.stderr)
    return 2


def _silence() -> None:
    """Let what is still to be written to stdout go nowhere: Python would fail with it at last."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
