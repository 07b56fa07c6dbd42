"""What the commands that read a whole project share: options, messages, places."""

from __future__ import annotations

import argparse
import configparser
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from flake8_celery.config_file import read_section, toml_parser
from flake8_celery.core.project.reading import read_file
from flake8_celery.options import OPTIONS, Options
from flake8_celery.text import plain

#: Options that say how tasks are found and named; the others mean nothing to these commands.
_USED: Final = (
    "celery-app",
    "celery-task-class",
    "celery-task-decorators",
    "celery-source-roots",
)
#: And what they need to know of brokers, settings and deployments.
DEPLOYMENT: Final = (
    *_USED,
    "celery-config",
    "celery-queues",
    "celery-worker-commands",
    "celery-broker",
    "celery-backend",
    "celery-shutdown-grace",
)
_PYLINT_FILES: Final = (".pylintrc", "pylintrc", "setup.cfg", "tox.ini")


class Failure(Exception):
    """The command can't do what is asked; the message is one line for the user."""


def register_options(parser: argparse.ArgumentParser, used: Sequence[str] = _USED) -> None:
    """Add the `--celery-...` options that flake8 and pylint know too, those of `used`."""
    group = parser.add_argument_group(
        "options", "As in the configuration of flake8 or pylint, where they are read from."
    )
    for spec in OPTIONS:
        if spec.name in used:
            group.add_argument(
                f"--{spec.name}", metavar=spec.metavar, help=spec.help.replace("%", "%%")
            )


def read_options(given: argparse.Namespace, folder: str, used: Sequence[str] = _USED) -> Options:
    """The options for the project in `folder`: from its configuration, then from the words given.

    Raises Failure where a value is wrong.
    """
    section = read_section(None, False, folder)
    values: dict[str, object] = {
        key.replace("_", "-").lower(): value for key, value in section.values.items()
    }
    root = section.folder
    if not any(key.startswith("celery-") for key in values):
        found = _pylint_options(folder)
        if found is not None:
            root, values = found
    for name in used:
        value = getattr(given, name.replace("-", "_"))
        if value is not None:
            values[name] = value
    options = Options({name: values[name] for name in used if name in values}, root or folder)
    if options.problems:
        raise Failure(options.problems[0])
    return options


def _pylint_options(folder: str) -> tuple[str, dict[str, object]] | None:
    """Our options in the nearest configuration of pylint, and the folder it stands in."""
    here = folder
    while True:
        for name in _PYLINT_FILES:
            found = _from_ini(os.path.join(here, name))
            if found:
                return here, found
        found = _from_toml(os.path.join(here, "pyproject.toml"))
        if found:
            return here, found
        above = os.path.dirname(here)
        if above == here or os.path.exists(os.path.join(here, ".git")):
            return None
        here = above


def _from_ini(path: str) -> dict[str, object]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(read_file(path).decode("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
    return _ours(
        (key, value)
        for section in parser.sections()
        if not section.startswith("flake8")
        for key, value in parser.items(section)
    )


def _from_toml(path: str) -> dict[str, object]:
    toml = toml_parser()
    if toml is None:
        return {}
    try:
        text = read_file(path).decode("utf-8")
        tables: Any = toml.loads(text).get("tool", {}).get("pylint", {})
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}
    if not isinstance(tables, dict):
        return {}
    rows = list(tables.items())
    for table in tables.values():
        if isinstance(table, dict):
            rows += table.items()
    return _ours(rows)


def _ours(rows: Any) -> dict[str, object]:
    return {
        name: value
        for key, value in rows
        if (name := str(key).replace("_", "-").lower()).startswith("celery-")
    }


def fail(message: object) -> int:
    """Say on one line of stderr why the command can't go on; the exit code for that."""
    print(f"flake8-celery: {plain(' '.join(str(message).split()))}", file=sys.stderr)
    return 2


def write_whole(path: str, text: str) -> None:
    """Replace a file by a text; see `write_whole_bytes`."""
    write_whole_bytes(path, text.encode())


def write_whole_bytes(path: str, content: bytes) -> None:
    """Replace the file as a whole, so that an interrupted run leaves no half of it.

    Raises Failure where it can't be written; the file then is as it was.
    """
    folder, name = os.path.split(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=folder or ".", prefix=f".{name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(handle)
            mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o666 & ~_umask()
            os.chmod(temporary, mode)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise Failure(f"{shown(path)} can't be written: {error.strerror or error}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def shown(path: str) -> str:
    """A path as the user would write it from here, fit to be printed."""
    try:
        relative = os.path.relpath(path, os.path.realpath("."))
    except (ValueError, OSError):  # another drive; no folder here any more
        return plain(path)
    return plain(path if relative.startswith("..") else relative.replace(os.sep, "/"))


def counted(number: int, what: str) -> str:
    """`1 task`, `2 tasks`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


class Paint:
    """Colours where stdout is a terminal that wants them, else none."""

    def __init__(self) -> None:
        on = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.bold, self.red, self.green, self.yellow, self.dim, self.off = (
            ("\033[1m", "\033[31m", "\033[32m", "\033[33m", "\033[2m", "\033[0m")
            if on
            else ("",) * 6
        )
