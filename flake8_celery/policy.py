"""A project's own policy, as written in its configuration, and where each part of it holds.

    celery-require =
        queue
        time_limit, soft_time_limit @ shop/payments/* shop/mail/*

Items are separated by commas and new lines. `@` limits the items before it, back to the start of
the line or the last `@`, to files: globs, with blanks between.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from flake8_celery.record import NamedTuple

_OPTION: Final = r"(?s)([A-Za-z_]\w*)\s*(?:(=|>|<)\s*(.+))?"
_PATTERN: Final = r"[\w*?]+(?:\.[\w*?]+)*"
_NAME: Final = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"


class PolicyError(Exception):
    """An item that can't be understood: its text and what may stand there."""

    def __init__(self, item: str, hint: str) -> None:
        super().__init__(hint)
        self.item = item
        self.hint = hint


class Item(NamedTuple):
    """One item of a policy."""

    text: str
    """As written."""
    paths: tuple[str, ...]
    """Globs of the files that it holds for; empty for all."""
    name: str
    """The option, or the pattern of what is called."""
    sign: str = ""
    """`=`, `>`, `<`, or empty where any value counts."""
    value: Any = None
    literal: bool = True
    """Else `value` is a dotted name, which may also be meant as a text."""

    def holds_for(self, path: str, root: str, shown: str) -> bool:
        """Tell whether it holds for a file: its full path, and its path within the project.

        `root` is the folder of the configuration file, from which globs start; without one they
        start at the project's.
        """
        if not self.paths:
            return True
        inside = shown
        if root:
            try:
                inside = os.path.relpath(path, root).replace(os.sep, "/")
            except ValueError:  # another drive
                return False
        return any(_covers(glob, inside) for glob in self.paths)

    @property
    def word(self) -> str:
        """A word that stands in every file that calls what the pattern means."""
        parts = [part for part in self.name.split(".") if part and not set(part) & set("*?")]
        return parts[-1] if parts else ""

    def forbids(self, value: object) -> bool:
        """Tell whether a literal value is meant."""
        if not self.sign:
            return True
        if self.sign != "=":
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            return number and (value > self.value if self.sign == ">" else value < self.value)
        if not self.literal:
            return isinstance(value, str) and value == self.value
        if isinstance(value, bool) != isinstance(self.value, bool):
            return False
        return bool(value == self.value)


def _covers(glob: str, path: str) -> bool:
    glob = glob.removeprefix("./").rstrip("/")
    return fnmatchcase(path, glob) or path.startswith(f"{glob}/")


def split(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each item as written, with the globs that limit it; raises PolicyError."""
    for line in text.splitlines():
        waiting: list[str] = []
        for piece in _pieces(line):
            what, at, globs = _at(piece)
            if what:
                waiting.append(what)
            if at:
                paths = tuple(globs.split())
                if not paths or not waiting:
                    raise PolicyError(piece, "write what is meant before @ and globs behind it")
                yield from ((item, paths) for item in waiting)
                waiting = []
        yield from ((item, ()) for item in waiting)


def _pieces(line: str) -> list[str]:
    """The line cut at its commas, those in brackets and quotes aside."""
    found, start, depth, quote = [], 0, 0, ""
    for index, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth <= 0:
            found.append(line[start:index])
            start = index + 1
    found.append(line[start:])
    return [piece.strip() for piece in found if piece.strip()]


def _at(piece: str) -> tuple[str, str, str]:
    """A piece cut at its ` @ `."""
    match = re.search(r"(?:^|\s)@(?:\s|$)", piece)
    if match is None:
        return piece, "", ""
    return piece[: match.start()].strip(), "@", piece[match.end() :].strip()


def required(text: str) -> tuple[Item, ...]:
    """The items of `celery-require`: names of task options."""
    return tuple(_option(item, paths, values=False) for item, paths in split(text))


def forbidden(text: str) -> tuple[Item, ...]:
    """The items of `celery-forbid`: `name`, `name=value`, `name>number`, `name<number`."""
    return tuple(_option(item, paths, values=True) for item, paths in split(text))


def calls(text: str) -> tuple[Item, ...]:
    """The items of `celery-forbid-call`: dotted names, globs allowed."""
    found = []
    for item, paths in split(text):
        pattern = item.removesuffix("()")
        if not re.fullmatch(_PATTERN, pattern):
            raise PolicyError(item, "write what is called: time.sleep, requests.*")
        found.append(Item(item, paths, pattern))
    return tuple(found)


def name_pattern(text: str) -> re.Pattern[str]:
    """The regular expression of `celery-task-name`."""
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise PolicyError(text, f"it is no regular expression ({error})") from error


def _option(text: str, paths: tuple[str, ...], *, values: bool) -> Item:
    match = re.fullmatch(_OPTION, text)
    if match is None or (match[2] and not values):
        raise PolicyError(
            text,
            "write name, name=value, name>number or name<number"
            if values
            else "write the name of a task option",
        )
    name, sign, written = match[1], match[2] or "", (match[3] or "").strip()
    meant = _misspelt(name, values)
    if meant is not None:
        raise PolicyError(text, f"did you mean {meant}?")
    if not sign:
        return Item(text, paths, name)
    if sign == "=" and re.fullmatch(_NAME, written) and written not in ("None", "True", "False"):
        return Item(text, paths, name, sign, written, literal=False)
    try:
        value = ast.literal_eval(written)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise PolicyError(text, f"{written!r} is neither a literal nor a name") from None
    if sign != "=" and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise PolicyError(text, f"write a number behind {sign}")
    return Item(text, paths, name, sign, value)


def _misspelt(name: str, execution: bool) -> str | None:
    """What a name that is nearly an option's most likely means; other names are the project's."""
    from flake8_celery.tables.confusions import near_miss
    from flake8_celery.tables.execution import APPLY_ASYNC, RETRY
    from flake8_celery.tables.task import TASK_OPTIONS

    legal: Iterable[str] = TASK_OPTIONS | APPLY_ASYNC | RETRY if execution else TASK_OPTIONS
    return near_miss(name, sorted(legal))
