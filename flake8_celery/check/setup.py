"""The configuration of a run: flake8's section or `[tool.flake8-celery]`, then the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from flake8_celery.check.selection import (
    EXCLUDED,
    Selection,
    absolute,
    per_file_ignores,
    words,
)
from flake8_celery.config_file import Section, read_section
from flake8_celery.core.project.reading import read_file
from flake8_celery.misnamed import misnamed
from flake8_celery.options import BY_NAME, LIST, Options
from flake8_celery.tables.confusions import near_miss

#: Keys of flake8 that this command reads too.
KEYS: Final = (
    "select",
    "extend-select",
    "ignore",
    "extend-ignore",
    "exclude",
    "extend-exclude",
    "per-file-ignores",
    "disable-noqa",
)
TABLE: Final = "tool.flake8-celery"
_PATHS: Final = ("celery-source-roots", "celery-worker-commands", "celery-lock")


class Complaint(NamedTuple):
    """An option that is wrong: the configuration file, a 1-based line there, one line of text."""

    file: str
    line: int
    text: str


class Setup(NamedTuple):
    """All that a run is told."""

    options: Options
    selection: Selection
    complaints: tuple[Complaint, ...]
    file: str = ""
    """The configuration file, absolute; empty where there is none."""


class WrongFile(Exception):
    """The configuration file that the user names can't be read."""


def read_setup(
    given: Mapping[str, object], config: str = "", isolated: bool = False, folder: str = "."
) -> Setup:
    """The setup of a run in `folder`; `given` holds what the command line says, by option name."""
    if config and not os.path.isfile(config):
        raise WrongFile(f"{config}: there is no such file")
    section = read_section(config or None, isolated, folder)
    table = Section("", "", {})
    if not isolated and not config.endswith((".cfg", ".ini", ".flake8")):
        table = _table(config, folder)
        if config and table.file:
            section = Section("", "", {})
    complaints: list[Complaint] = []
    source, values = section, {_dashed(key): value for key, value in section.values.items()}
    if table.values:
        if any(key.startswith("celery-") for key in values):
            path = os.path.join(table.folder, table.file)
            text = f"[{TABLE}] is not read: {section.file} has celery options too, keep one"
            complaints.append(Complaint(path, _line_of(path, TABLE), f"{table.file}: {text}"))
        else:
            # flake8 wins where both say the same thing
            values = {**{_dashed(key): value for key, value in table.values.items()}, **values}
            source = table
    if not isolated and not config:
        complaints += _in_vain(folder)
    path = os.path.join(source.folder, source.file) if source.file else ""
    for text in _wrong_keys(table) if source is table else source.problems(BY_NAME):
        complaints.append(Complaint(path, _line_of(path, text.split()[1]), text))
    own: dict[str, object] = {name: values[name] for name in BY_NAME if name in values}
    if source is not table:
        own = source.uncommented(own)
    for name, value in given.items():
        if name in BY_NAME:
            own[name] = _from_here(name, value, folder)
    options = Options(own, source.folder)
    for text in (*options.problems, *misnamed(options)):
        complaints.append(Complaint(path, _line_of(path, text.partition(":")[0]), text))
    options.problems = []
    selection = _selection(values, given, source.folder or folder, folder)
    # so far it holds what a preset switches on
    selection = selection._replace(preset=options.selected)
    options.selected |= selection.selected
    return Setup(options, selection, tuple(complaints), path)


def _wrong_keys(table: Section) -> list[str]:
    known = sorted((*BY_NAME, *KEYS))
    found = []
    for key in table.values:
        if _dashed(key) not in known:
            meant = near_miss(_dashed(key), known) or near_miss(f"celery-{_dashed(key)}", known)
            hint = f"did you mean {meant}?" if meant else "docs/configuration.md lists them"
            found.append(f"{table.file}: {key} is no option, {hint}")
    return found


def _selection(
    values: Mapping[str, object], given: Mapping[str, object], home: str, here: str
) -> Selection:
    def one(name: str) -> tuple[str, ...] | None:
        value = given.get(name, values.get(name))
        return None if value is None else tuple(words(value))

    def all_of(name: str) -> tuple[str, ...]:
        return (*words(values.get(name)), *words(given.get(name)))

    def patterns(name: str) -> list[str]:
        return [
            *(absolute(item, home) for item in words(values.get(name))),
            *(absolute(item, here) for item in words(given.get(name))),
        ]

    if "exclude" in given:
        excluded = [absolute(item, here) for item in words(given["exclude"])]
    else:
        excluded = patterns("exclude") if "exclude" in values else list(EXCLUDED)
    excluded += patterns("extend-exclude")
    off = given.get("disable-noqa", values.get("disable-noqa", False))
    return Selection(
        one("select"),
        all_of("extend-select"),
        one("ignore"),
        all_of("extend-ignore"),
        tuple(excluded),
        per_file_ignores(values.get("per-file-ignores"), home),
        str(off).lower() in ("true", "1", "yes", "on"),
    )


def _from_here(name: str, value: object, folder: str) -> object:
    """Paths on a command line start where the user stands, not where the configuration is."""
    if name not in _PATHS:
        return value
    paths = [os.path.abspath(os.path.join(folder, word)) for word in words(value)]
    return paths if BY_NAME[name].kind == LIST else "".join(paths)


def _dashed(key: str) -> str:
    return key.replace("_", "-").lower()


def _table(config: str, folder: str, name: str = "flake8-celery") -> Section:
    """A table below `[tool]` of the pyproject.toml given, or of the nearest one that has it."""
    if config:
        return _read_table(config, name) or Section("", "", {})
    here = os.path.abspath(folder)
    while True:
        found = _read_table(os.path.join(here, "pyproject.toml"), name)
        above = os.path.dirname(here)
        if found is not None:
            return found
        if above == here or os.path.exists(os.path.join(here, ".git")):
            return Section("", "", {})
        here = above


def _read_table(path: str, name: str) -> Section | None:
    try:
        content = read_file(path)
    except OSError:
        return None
    if f"tool.{name}".encode() not in content:
        return None
    from flake8_celery.config_file import toml_parser

    toml = toml_parser()
    try:
        if toml is None:
            raise WrongFile(f"{path}: Python 3.10 has no reader of TOML, install tomli")
        table: Any = toml.loads(content.decode()).get("tool", {}).get(name)
    except (ValueError, AttributeError) as error:
        raise WrongFile(f"{path} can't be read: {error}") from None
    if not isinstance(table, dict):
        return None
    return Section(os.path.dirname(path), os.path.basename(path), table)


def _in_vain(folder: str) -> Iterator[Complaint]:
    """Our options in `[tool.flake8]`, which flake8 reads with another package only."""
    table = _table("", folder, "flake8")
    path = os.path.join(table.folder, table.file)
    for key in table.values:
        if _dashed(key).startswith("celery-"):
            text = f"{table.file}: [tool.flake8] is read by Flake8-pyproject only"
            if _dashed(key) not in BY_NAME:
                meant = near_miss(_dashed(key), sorted(BY_NAME))
                text += f", and {key} is no option{f', did you mean {meant}?' if meant else ''}"
            else:
                text += f": put {key} into [{TABLE}], or into setup.cfg for flake8 too"
            yield Complaint(path, _line_of(path, key), text)


def _line_of(path: str, word: str) -> int:
    """The line of a configuration file that an option stands on; 1 where it can't be told."""
    wanted = word.strip("[]'\"").lower()
    forms = (wanted, wanted.replace("-", "_"), f"[{wanted}")
    try:
        for number, line in enumerate(read_file(path).decode().splitlines(), 1):
            if line.strip().lower().startswith(forms):
                return number
    except (OSError, UnicodeDecodeError):
        pass
    return 1


def given_values(names: Sequence[str], given: Any) -> dict[str, object]:
    """What was written on a command line, by option name."""
    found = {name: getattr(given, name.replace("-", "_"), None) for name in names}
    return {name: value for name, value in found.items() if value is not None}
