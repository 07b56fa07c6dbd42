"""The lock: every task's interface as deployed, as text."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import Any, Final

from flake8_celery.core.contract.interface import KEYWORDS, KINDS, VARIADIC, Parameter, TaskContract
from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.lockpath import LOCK_NAME
from flake8_celery.core.project.reading import read_file
from flake8_celery.core.values.unknown import UNKNOWN, Unknown
from flake8_celery.notes import Slot

LOCK_VERSION: Final = 1
MAX_BYTES: Final = 16_000_000
"""A lock of 50,000 tasks is smaller; a larger file is none of ours and is not read."""
MAX_NAME: Final = 1000


class Lock:
    """What a lock file holds."""

    __slots__ = ("_files", "path", "tasks", "version")

    def __init__(
        self,
        version: int = LOCK_VERSION,
        tasks: Mapping[str, TaskContract] | None = None,
        path: str = "",
    ) -> None:
        self.version = version
        self.tasks: Mapping[str, TaskContract] = tasks if tasks is not None else {}
        self.path = path
        self._files: dict[str, tuple[TaskContract, ...]] | None = None

    @property
    def folder(self) -> str:
        """The folder that the lock stands in, and that it speaks for."""
        return os.path.dirname(self.path)

    def relative(self, path: str) -> str | None:
        """An absolute path as the lock writes it, or None for one outside of its folder."""
        start = self.folder.rstrip(os.sep) + os.sep
        return path[len(start) :].replace(os.sep, "/") if path.startswith(start) else None

    def of_file(self, path: str) -> tuple[TaskContract, ...]:
        """The tasks locked in one file, given by its absolute path."""
        if self._files is None:
            table: dict[str, list[TaskContract]] = {}
            for task in self.tasks.values():
                table.setdefault(task.file, []).append(task)
            self._files = {file: tuple(tasks) for file, tasks in table.items()}
        relative = self.relative(path)
        return self._files.get(relative, ()) if relative is not None else ()


class LockError(Exception):
    """The lock can't be read; the text is one line that says why and what to do."""


def dumps(lock: Lock) -> str:
    """The text of a lock file: sorted, one parameter a line, the same for the same tasks."""
    import json

    def text(value: object) -> str:
        return json.dumps(value)

    lines = ["{", f'  "version": {lock.version},', '  "tasks": {']
    names = sorted(lock.tasks)
    for name in names:
        task = lock.tasks[name]
        rows = [
            ("file", text(task.file)),
            ("module", text(task.module)),
            ("qualname", text(task.qualname)),
            ("explicit", text(task.explicit)),
            ("bind", text(task.bind)),
        ]
        for option, value in (("queue", task.queue), ("serializer", task.serializer)):
            if not isinstance(value, Unknown):
                rows.append((option, text(value)))
        lines.append(f"    {text(name)}: {{")
        lines += [f'      "{key}": {value},' for key, value in rows]
        if task.parameters:
            lines.append('      "parameters": [')
            rendered = [
                f'        {{"name": {text(p.name)}, "kind": {text(p.kind)}, '
                f'"default": {text(p.default)}}}'
                for p in task.parameters
            ]
            lines += [row + "," for row in rendered[:-1]] + rendered[-1:]
            lines.append("      ]")
        else:
            lines.append(f'      "parameters": {"null" if task.parameters is None else "[]"}')
        lines.append("    }" if name == names[-1] else "    },")
    lines += ["  }", "}", ""]
    return "\n".join(lines)


_READ: Final[Slot[dict[str, tuple[tuple[int, int], Lock | LockError]]]] = Slot(dict)
"""What was read, by path, with the stamp of the file."""


def read_lock(path: str) -> Lock:
    """The lock at `path`; kept for the process while its time and size stay the same.

    Raises LockError, and nothing else, where it can't be read.
    """
    path = os.path.abspath(path)
    try:
        found = os.stat(path)
    except (OSError, ValueError) as error:
        raise LockError(f"{_brief(path)}: {_reason(error)}") from None
    stamp = (found.st_mtime_ns, found.st_size)
    known = _READ.of(current_files().notes).get(path)
    if known is None or known[0] != stamp:
        try:
            answer: Lock | LockError = _load(path, found)
        except LockError as error:
            answer = error
        known = _READ.of(current_files().notes)[path] = (stamp, answer)
    if isinstance(known[1], LockError):
        raise LockError(str(known[1]))
    return known[1]


def _load(path: str, found: os.stat_result) -> Lock:
    if not stat.S_ISREG(found.st_mode):
        raise LockError(f"{_brief(path)} is no file")
    if found.st_size > MAX_BYTES:
        raise LockError(
            f"{_brief(path)} holds {found.st_size // 1_000_000} MB, which no lock does; {_ANEW}"
        )
    try:
        raw = read_file(path, MAX_BYTES)
    except OSError as error:
        raise LockError(f"{_brief(path)}: {_reason(error)}") from None
    return loads(raw, path)


_ANEW: Final = "restore it from git or write it anew with flake8-celery lock --anew"


def may_be_written_anew(error: LockError) -> bool:
    """Tell whether a lock that can't be read is nothing but broken, as its message says."""
    return str(error).endswith(_ANEW)


def unfit(task: TaskContract) -> str:
    """Why a lock can't hold a task; empty where it can."""
    try:
        read = loads(dumps(Lock(tasks={task.name: task}))).tasks.get(task.name)
    except LockError as error:
        return str(error).removeprefix(f"{LOCK_NAME}: ").removesuffix(f"; {_ANEW}")
    return "" if read == task else "it would not be read as it was written"


def loads(raw: bytes | str, path: str = LOCK_NAME) -> Lock:
    """The lock in `raw`. Raises LockError, and nothing else, where it is none."""
    import json

    shown = _brief(path)
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LockError(f"{shown} is not UTF-8; {_ANEW}") from None
    if not text.strip():
        raise LockError(f"{shown} is empty; {_ANEW}")
    if any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in text.splitlines()):
        raise LockError(
            f"{shown} holds a merge conflict: take either side, then run flake8-celery lock"
        )
    try:
        data = json.loads(text, object_pairs_hook=_once)
    except RecursionError:
        raise LockError(f"{shown} is nested too deep for a lock; {_ANEW}") from None
    except json.JSONDecodeError as error:
        raise LockError(
            f"{shown} is cut off or no JSON (line {error.lineno}: {error.msg}); {_ANEW}"
        ) from None
    except (ValueError, MemoryError) as error:
        raise LockError(f"{shown}: {_brief(str(error))}; {_ANEW}") from None
    try:
        return _checked(data, path)
    except _Wrong as wrong:
        raise LockError(f"{shown}: {wrong}; {_ANEW}") from None


class _Wrong(Exception):
    """What is wrong in a lock that is JSON."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"{_brief(twice)} stands twice in one table")
    return found


def _checked(data: object, path: str) -> Lock:
    if not isinstance(data, dict):
        raise _Wrong("a lock is a JSON object")
    version = data.get("version")
    if type(version) is not int:
        raise _Wrong("version is missing or no number")
    if version > LOCK_VERSION:
        raise LockError(
            f"{_brief(path)}: version {_brief(str(version))} is newer than this flake8-celery "
            "reads: update flake8-celery"
        )
    if version < 1:
        raise _Wrong(f"version {_brief(str(version))} never was")
    table = data.get("tasks")
    if not isinstance(table, dict):
        raise _Wrong("tasks is missing or no object")
    tasks = {}
    for name, entry in table.items():
        _text(name, "a task's name")
        if not isinstance(entry, dict):
            raise _Wrong(f"task {_brief(name)} is no object")
        tasks[name] = _task(name, entry)
    return Lock(version, tasks, path)


_MISSING: Final = object()


def _task(name: str, entry: Mapping[str, Any]) -> TaskContract:
    where = f"of task {_brief(name)}"
    file = _text(entry.get("file"), f"file {where}")
    module = entry.get("module")
    parts = file.split("/")
    if file.startswith("/") or ".." in parts or "\\" in file or "\0" in file or ":" in parts[0]:
        raise _Wrong(f"file {where} must lie in the lock's folder")
    explicit = entry.get("explicit")
    if type(explicit) is not bool:
        raise _Wrong(f"explicit {where} is neither true nor false")
    options: list[str | Unknown | None] = []
    for option in ("queue", "serializer"):
        value = entry.get(option, _MISSING)
        if value is _MISSING:
            options.append(UNKNOWN)
        else:
            options.append(_text(value, f"{option} {where}") if value is not None else None)
    bind = entry.get("bind")
    return TaskContract(
        name,
        file,
        _text(module, f"module {where}") if module != "" else "",
        _text(entry.get("qualname"), f"qualname {where}"),
        _parameters(entry.get("parameters", _MISSING), where),
        _text(bind, f"bind {where}") if bind is not None else None,
        options[0],
        options[1],
        explicit,
    )


def _parameters(given: object, where: str) -> tuple[Parameter, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list):
        raise _Wrong(f"parameters {where} are no list")
    found: list[Parameter] = []
    for item in given:
        if not isinstance(item, dict):
            raise _Wrong(f"a parameter {where} is no object")
        name = _text(item.get("name"), f"a parameter's name {where}")
        kind, default = item.get("kind"), item.get("default")
        if not isinstance(kind, str) or kind not in KINDS:
            raise _Wrong(
                f"parameter {_brief(name)} {where} has none of the kinds {', '.join(KINDS)}"
            )
        if type(default) is not bool:
            raise _Wrong(f"default of parameter {_brief(name)} {where} is neither true nor false")
        found.append(Parameter(name, kind, default))
    ranks = [KINDS.index(parameter.kind) for parameter in found]
    names = {parameter.name for parameter in found}
    single = all(ranks.count(KINDS.index(kind)) < 2 for kind in (VARIADIC, KEYWORDS))
    if ranks != sorted(ranks) or not single or len(names) != len(found):
        raise _Wrong(f"parameters {where} are no Python signature")
    return tuple(found)


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise _Wrong(f"{what} is missing or no text")
    if len(value) > MAX_NAME or not value.isprintable():
        raise _Wrong(f"{what} is no name")
    return value


def _brief(text: str) -> str:
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return shown if len(shown) <= 120 else f"{shown[:80]}...{shown[-30:]}"


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or "can't be read").lower()
