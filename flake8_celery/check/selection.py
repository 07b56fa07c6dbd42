"""Which files are looked at and which findings count: flake8's options, read as flake8 does."""

from __future__ import annotations

import fnmatch
import functools
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

#: What flake8 leaves out unless told otherwise.
EXCLUDED: Final = [
    ".svn",
    "CVS",
    ".bzr",
    ".hg",
    ".git",
    "__pycache__",
    ".tox",
    ".nox",
    ".eggs",
    "*.egg",
]  # flake8's own list
_CODE: Final = re.compile(r"[A-Z]+[0-9]*")
_OURS: Final = "CEL"


class Chooser:
    """Whether a code is reported, by the prefixes that the user selects and ignores."""

    def __init__(
        self,
        select: Sequence[str] | None,
        extend_select: Sequence[str],
        ignore: Sequence[str] | None,
        extend_ignore: Sequence[str],
        advice: Iterable[str],
    ) -> None:
        # of codes that are none of ours flake8 thinks; to run this command is to select ours
        if select is not None and not any(_may_be_ours(code) for code in select):
            select = None
        self._wanted = (*(select or ()), *extend_select)
        self._unwanted = (*(ignore or ()), *extend_ignore)
        self._selected = (*self._wanted, *(() if select is not None else (_OURS,)))
        self._ignored = (*self._unwanted, *(() if ignore is not None else advice))
        self._known: dict[str, bool] = {}

    def takes(self, code: str) -> bool:
        """Whether a finding of this code is reported."""
        known = self._known.get(code)
        if known is None:
            known = self._known[code] = self._decide(code)
        return known

    def _decide(self, code: str) -> bool:
        wanted, unwanted = code.startswith(self._wanted), code.startswith(self._unwanted)
        selected, ignored = _longest(code, self._selected), _longest(code, self._ignored)
        if wanted == unwanted:
            # named by both or by neither: the longer prefix holds
            return selected > ignored
        return wanted


def _longest(code: str, prefixes: Iterable[str]) -> int:
    return max((len(one) for one in prefixes if code.startswith(one)), default=0)


def _may_be_ours(code: str) -> bool:
    return code.startswith(_OURS) or _OURS.startswith(code)


class Selection(NamedTuple):
    """flake8's options, as far as they concern us; folders and files are absolute."""

    select: tuple[str, ...] | None
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...] | None
    extend_ignore: tuple[str, ...]
    exclude: tuple[str, ...]
    per_file: tuple[tuple[str, tuple[str, ...]], ...]
    disable_noqa: bool
    preset: frozenset[str] = frozenset()
    """Advice that `celery-preset` switches on."""

    @property
    def selected(self) -> frozenset[str]:
        """The prefixes that the user selects by name: advice runs only by one."""
        return frozenset((*(self.select or ()), *self.extend_select))

    def chooser_for(self, path: str, known: dict[str, Chooser]) -> Chooser:
        """What decides for a file; the longest pattern of per-file-ignores that matches adds."""
        matching = [row for row in self.per_file if matches(path, (row[0],))]
        pattern, more = max(matching, key=lambda row: len(row[0]), default=("", ()))
        if pattern not in known:
            from flake8_celery.rules._advice import OPT_IN

            known[pattern] = Chooser(
                self.select,
                self.extend_select,
                self.ignore,
                (*self.extend_ignore, *more),
                [code for code in OPT_IN if code not in self.preset],
            )
        return known[pattern]


def absolute(pattern: str, folder: str) -> str:
    """A pattern with a slash starts at the folder of the configuration; others match names."""
    if pattern == "." or "/" in pattern:
        pattern = os.path.abspath(os.path.join(folder, pattern))
    return pattern.rstrip("/")


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern matches the name of a file or folder, or all of its absolute path."""
    return _named(os.path.basename(path), os.path.abspath(path), _pattern(tuple(patterns)))


def _named(name: str, full: str, pattern: re.Pattern[str] | None) -> bool:
    if pattern is None:
        return False
    name, full = os.path.normcase(name), os.path.normcase(full)
    return bool((name not in (".", "..") and pattern.match(name)) or pattern.match(full))


@functools.cache
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    """One expression for all patterns: it is tried on every file that there is."""
    every = "|".join(fnmatch.translate(os.path.normcase(one)) for one in patterns)
    return re.compile(every) if patterns else None


def per_file_ignores(value: object, folder: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read `pattern ...: CODES ...` as flake8 does, or a TOML table of pattern to codes."""
    if isinstance(value, Mapping):
        rows = [([str(pattern)], words(codes)) for pattern, codes in value.items()]
    else:
        text = "\n".join(words(value)) if isinstance(value, list) else str(value or "")
        rows = list(_mapping(text))
    return tuple(
        (absolute(pattern, folder), tuple(codes))
        for patterns, codes in rows
        for pattern in patterns
    )


def _mapping(text: str) -> Iterator[tuple[list[str], list[str]]]:
    patterns: list[str] = []
    codes: list[str] = []
    after_colon = False
    for token in re.findall(r":|[^\s,:]+", text):
        if token == ":":
            after_colon = True
        elif after_colon and _CODE.fullmatch(token):
            codes.append(token)
        else:
            if after_colon:
                yield patterns, codes
                patterns, codes, after_colon = [], [], False
            patterns.append(token)
    if after_colon:
        yield patterns, codes


def words(value: object) -> list[str]:
    """A list as INI text or TOML writes it."""
    if isinstance(value, str):
        return [word for word in re.split(r"[,\s]+", value) if word]
    if isinstance(value, (list, tuple)):
        return [str(item).strip() for item in value if str(item).strip()]
    return []


def find_files(paths: Sequence[str], exclude: Sequence[str]) -> Iterator[str]:
    """The Python files at and below some paths, each once, in order.

    As flake8 finds them, but virtual environments and `node_modules` are never entered.
    """
    seen: set[str] = set()
    for path in paths:
        for found in _below(path, exclude):
            shown = os.path.normpath(found)
            if shown not in seen:
                seen.add(shown)
                yield shown


def _below(path: str, exclude: Sequence[str]) -> Iterator[str]:
    if matches(path, exclude):
        return
    if not os.path.isdir(path):
        yield path
        return
    pattern = _pattern(tuple(exclude))
    start = os.path.abspath(path)
    for here, folders, names in os.walk(path):
        if "pyvenv.cfg" in names and here != path:
            folders.clear()
            continue
        # what is below begins as the path was given: the end is that of the absolute path too
        full = os.path.join(start, here[len(path) :].lstrip(os.sep), "")
        folders[:] = [
            name
            for name in sorted(folders)
            if name != "node_modules" and not _named(name, full + name, pattern)
        ]
        for name in sorted(names):
            if name.endswith(".py") and not _named(name, full + name, pattern):
                yield os.path.join(here, name)
