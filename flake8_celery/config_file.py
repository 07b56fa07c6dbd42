"""The section of the configuration file that flake8 itself reads, looked at for mistakes.

flake8 drops an unknown option without a word and keeps a comment behind a value as part of it;
so the section is read once more, as it stands.
"""

from __future__ import annotations

import configparser
import importlib
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from flake8_celery.core.project.reading import read_file
from flake8_celery.record import NamedTuple

FILES: Final = ("setup.cfg", "tox.ini", ".flake8")
SECTIONS: Final = ("flake8", "flake8:local-plugins")


class Section(NamedTuple):
    """Our part of `[flake8]`: its file's folder and name, and the options as written."""

    folder: str
    file: str
    values: dict[str, str]

    def problems(self, known: Iterable[str]) -> list[str]:
        """One line for each `celery-` key that is no option and each comment behind a value."""
        from flake8_celery.tables.confusions import near_miss

        names = sorted(known)
        found: list[str] = []
        for key, value in self.values.items():
            name = key.replace("_", "-").lower()
            if not name.startswith("celery-"):
                continue
            if name not in names:
                meant = near_miss(name, names) or _closest(name, names)
                hint = f"did you mean {meant}?" if meant else "see flake8 --help"
                found.append(f"{self.file}: {key} is no option, {hint}")
            sign = _comment(value)
            if sign is not None:
                found.append(
                    f"{self.file}: {key} holds {sign!r}: flake8 takes a comment behind a value "
                    "as part of it; put it on a line of its own"
                )
        return found

    def uncommented(self, values: dict[str, Any]) -> dict[str, Any]:
        """Option values as they were meant: a comment behind one is told once, and is no value."""
        written = {key.replace("_", "-").lower(): value for key, value in self.values.items()}
        wrong = {name for name, value in written.items() if _comment(value) is not None}
        return {name: _cut(value) if name in wrong else value for name, value in values.items()}


def _comment(value: str) -> str | None:
    return next((word[0] for word in value.split() if word[0] in ";#"), None)


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        kept = (re.split(r"(?:^|\s)[;#]", line, maxsplit=1)[0] for line in value.splitlines())
        return "\n".join(line.strip() for line in kept)
    if isinstance(value, (list, tuple)):
        found = []
        for each in map(str, value):
            found.append(str(_cut(each)))
            if _comment(each) is not None:
                break
        return [each for each in found if each]
    return value


def _closest(name: str, names: list[str]) -> str | None:
    import difflib

    close = difflib.get_close_matches(name, names, 1, 0.6)
    return close[0] if close else None


def read_section(config: object, isolated: object, start: str = ".") -> Section:
    """Find and read the section as flake8 does: the file given, else upwards from `start`.

    `config` is flake8's `--config` (a path or None), `isolated` its `--isolated`. Never raises.
    """
    if isolated:
        return Section("", "", {})
    try:
        if isinstance(config, str) and config:
            return _read(config) or Section("", "", {})
        folder = os.path.abspath(start)
        home = os.path.abspath(os.path.expanduser("~"))
        while folder != home:
            for name in FILES:
                found = _read(os.path.join(folder, name))
                if found is not None:
                    return found
            above = os.path.dirname(folder)
            if above == folder:
                break
            folder = above
    except (OSError, ValueError):
        pass
    return Section("", "", {})


def _read(path: str) -> Section | None:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(read_file(path).decode("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return None
    if not any(parser.has_section(name) for name in SECTIONS):
        return None
    values = dict(parser.items("flake8")) if parser.has_section("flake8") else {}
    return Section(os.path.dirname(os.path.abspath(path)), os.path.basename(path), values)


def toml_parser() -> Any:
    """Python 3.11's parser; on 3.10 the one that pylint brings; None without either."""
    for name in ("tomllib", "tomli"):
        with suppress(ImportError):
            return importlib.import_module(name)
    return None
