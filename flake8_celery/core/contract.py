"""A task's public interface, and whether a change to it is safe for messages in flight.

A message written by the old code meets workers of the new code, and the other way round: senders
and workers are never replaced at the same instant. `compare` tells what the change breaks; the
lock file holds what is deployed.

A message is judged as the worker runs it, by a plain call of the function: each argument must be
taken, and must arrive in the parameter of the same name or in `*args` or `**kwargs`.
"""

from __future__ import annotations

import ast
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flake8_celery.core.lockfile import LOCK_NAME, find_lock
from flake8_celery.core.notes import Slot
from flake8_celery.core.reading import read_file
from flake8_celery.core.resolve import UNKNOWN, Unknown
from flake8_celery.core.signature import Call, Parameters

if TYPE_CHECKING:
    from flake8_celery.core.model import Model, Option, Task

__all__ = [
    "LOCK_NAME",
    "VERSION",
    "Break",
    "Leftover",
    "Lock",
    "LockError",
    "Parameter",
    "TaskContract",
    "accepts",
    "compare",
    "contract_of",
    "contracts_of",
    "dumps",
    "find_lock",
    "loads",
    "proxy",
    "read_lock",
    "refusal",
    "vanished",
]

VERSION: Final = 1
MAX_BYTES: Final = 16_000_000
"""A lock of 50,000 tasks is smaller; a larger file is none of ours and is not read."""
MAX_NAME: Final = 1000

POSITIONAL_ONLY: Final = "positional-only"
POSITIONAL: Final = "positional"
VARIADIC: Final = "variadic"
KEYWORD_ONLY: Final = "keyword-only"
KEYWORDS: Final = "keywords"
KINDS: Final = (POSITIONAL_ONLY, POSITIONAL, VARIADIC, KEYWORD_ONLY, KEYWORDS)

ERROR: Final = "error"
WARNING: Final = "warning"


class Parameter(NamedTuple):
    """One parameter: its name, one of `KINDS`, and whether it has a default."""

    name: str
    kind: str
    default: bool = False

    @property
    def shown(self) -> str:
        """The name with its stars, as one would write it."""
        stars = "*" if self.kind == VARIADIC else "**" if self.kind == KEYWORDS else ""
        return stars + self.name


class TaskContract(NamedTuple):
    """What others rely on of one task."""

    name: str
    file: str
    """The file, relative to the lock (or to where the caller counts from), with slashes."""
    module: str
    qualname: str
    """Of the function that runs, as Python's own errors name it."""
    parameters: tuple[Parameter, ...] | None
    """What a message may give, without the one that `bind` takes; None where not known."""
    bind: str | None = None
    """The name of the parameter that takes the task itself, of a bound task."""
    queue: str | Unknown | None = None
    """The queue that the task asks for; None for none of its own."""
    serializer: str | Unknown | None = None
    explicit: bool = False
    """The name is written out, and does not depend on the module and the function."""

    @property
    def signature(self) -> Parameters | Unknown:
        """The parameters for `core.signature`; UNKNOWN where not known."""
        given = self.parameters
        if given is None:
            return UNKNOWN
        only = sum(parameter.kind == POSITIONAL_ONLY for parameter in given)
        return Parameters(
            tuple(p.name for p in given if p.kind in (POSITIONAL_ONLY, POSITIONAL)),
            only,
            frozenset(
                p.name for p in given if not p.default and p.kind not in (VARIADIC, KEYWORDS)
            ),
            tuple(p.name for p in given if p.kind == KEYWORD_ONLY),
            any(p.kind == VARIADIC for p in given),
            any(p.kind == KEYWORDS for p in given),
            self.bind,
        )


class Leftover(NamedTuple):
    """A task that can't stand in the lock: where it is, and why."""

    line: int
    qualname: str
    reason: str
    name: str | None = None
    """Its name, where that is known all the same."""
    any: bool = False
    """Nothing limits what its name may be."""


LISTED: Final[Slot[Lock]] = Slot(lambda: Lock.__new__(Lock))


class LockError(Exception):
    """The lock can't be read; the text is one line that says why and what to do."""


class Lock:
    """What a lock file holds."""

    __slots__ = ("_files", "path", "tasks", "version")

    def __init__(
        self,
        version: int = VERSION,
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


class Break(NamedTuple):
    """One thing that a change breaks."""

    code: str
    task: str
    parameter: str | None
    """The parameter at fault, with its stars; None where the task is."""
    text: str
    """One line: which message fails, and how."""
    recipe: tuple[str, ...]
    """The safe way, step by step."""
    severity: str = ERROR
    error: str = ""
    """What is seen at run time, as Python or the worker words it; empty where nothing is raised."""
    call: Call | None = None
    """A message that shows it."""


# -- what a call does


class _Shape(NamedTuple):
    """A signature taken apart, for the questions below."""

    positional: tuple[str, ...]
    only: int
    required: frozenset[str]
    keyword_only: frozenset[str]
    variadic: str | None
    keywords: str | None

    def place(self, name: str) -> int:
        """The position of a parameter that can be given by position, or -1."""
        return self.positional.index(name) if name in self.positional else -1

    def takes_keyword(self, name: str) -> bool:
        """Whether a parameter of that name can be given by keyword."""
        return name in self.keyword_only or self.place(name) >= self.only

    def has(self, name: str) -> bool:
        """Whether there is a parameter of that name, splats apart."""
        return name in self.keyword_only or name in self.positional


def _take_apart(parameters: Iterable[Parameter]) -> _Shape:
    given = tuple(parameters)
    stars = {p.kind: p.name for p in given}
    return _Shape(
        tuple(p.name for p in given if p.kind in (POSITIONAL_ONLY, POSITIONAL)),
        sum(p.kind == POSITIONAL_ONLY for p in given),
        frozenset(p.name for p in given if not p.default and p.kind not in (VARIADIC, KEYWORDS)),
        frozenset(p.name for p in given if p.kind == KEYWORD_ONLY),
        stars.get(VARIADIC),
        stars.get(KEYWORDS),
    )


def call_error(task: TaskContract, call: Call) -> str:
    """Python's own words for why the worker can't run this message, or an empty string.

    What a splat of the call may add is taken to be there wherever it helps.
    """
    if task.parameters is None:
        return ""
    shape = _take_apart(task.parameters)
    positional = shape.positional
    bound = 1 if task.bind else 0
    problem = ""
    filled = set(positional[: call.positional])
    for name in sorted(call.keywords):
        if shape.takes_keyword(name):
            if name in filled:
                problem = problem or f"got multiple values for argument '{name}'"
            filled.add(name)
        elif name == task.bind and not shape.only:
            problem = problem or f"got multiple values for argument '{name}'"
        elif shape.keywords is None:
            # `self` of a bound task is one of them where others are
            before = (task.bind or "", *positional[: shape.only]) if shape.only else ()
            only = [each for each in before if each in call.keywords]
            problem = problem or (
                "got some positional-only arguments passed as keyword arguments: "
                f"'{', '.join(only)}'"
                if only
                else f"got an unexpected keyword argument '{name}'"
            )
    if not problem and call.positional > len(positional) and shape.variadic is None:
        problem = _too_many(shape, call, filled, bound)
    if not problem:
        missing = [
            name
            for index, name in enumerate(positional)
            if name in shape.required
            and name not in filled
            and not call.more_positional
            and not (call.more_keywords and index >= shape.only)
        ]
        kind = "positional"
        if not missing and not call.more_keywords:
            kind = "keyword-only"
            missing = [
                p.name
                for p in task.parameters
                if p.kind == KEYWORD_ONLY and not p.default and p.name not in filled
            ]
        if missing:
            plural = "s" if len(missing) > 1 else ""
            problem = f"missing {len(missing)} required {kind} argument{plural}: {_listed(missing)}"
    return f"TypeError: {task.qualname}() {problem}" if problem else ""


def _too_many(shape: _Shape, call: Call, filled: set[str], bound: int) -> str:
    takes = len(shape.positional) + bound
    least = takes - sum(name not in shape.required for name in shape.positional)
    given = call.positional + bound
    extra = len(filled & shape.keyword_only)
    count = str(takes) if least == takes else f"from {least} to {takes}"
    plural = "s" if least != takes or takes != 1 else ""
    more = ""
    if extra:
        more = (
            f" positional argument{'s' if given != 1 else ''} (and {extra} keyword-only"
            f" argument{'s' if extra != 1 else ''})"
        )
    verb = "was" if given == 1 and not extra else "were"
    return f"takes {count} positional argument{plural} but {given}{more} {verb} given"


def _listed(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    if len(quoted) < 3:
        return " and ".join(quoted)
    return ", ".join(quoted[:-1]) + f", and {quoted[-1]}"


def misplaced(sent: TaskContract, run: TaskContract, call: Call) -> tuple[str, str] | None:
    """The first positional argument that lands elsewhere: where it was meant to, and where it does.

    `sent` is the task as the sender knows it, `run` as the worker does. `*args` may get any; what
    was meant for `*args` must not arrive in a parameter.
    """
    if sent.parameters is None or run.parameters is None:
        return None
    meant, got = _take_apart(sent.parameters), _take_apart(run.parameters)
    for index in range(min(call.positional, len(got.positional))):
        name = meant.positional[index] if index < len(meant.positional) else f"*{meant.variadic}"
        if name != got.positional[index]:
            return name, got.positional[index]
    return None


def accepts(old: TaskContract, call: Call, new: TaskContract | None = None) -> str:
    """What fails where a worker that still runs `old` gets this message; empty where nothing does.

    With `new`, the task as the sender knows it, arguments must also land where they are meant to.
    """
    error = call_error(old, call)
    if error or new is None or call.more_positional:
        return error
    wrong = misplaced(new, old, call)
    return f"the argument for {wrong[0]} arrives in {wrong[1]}" if wrong is not None else ""


def refusal(old: TaskContract, call: Call, new: TaskContract) -> str:
    """What fails where a message of `new` code meets a worker of `old` code; empty for nothing.

    What `compare` tells of moved or renamed parameters is not said of each call again; and `*args`
    may give what a worker of the old code takes by name.
    """
    error = call_error(old, call)
    if error or call.more_positional or compare(old, new):
        return error
    wrong = misplaced(new, old, call)
    if wrong is None or wrong[0].startswith("*"):
        return ""
    return f"the argument for {wrong[0]} arrives in {wrong[1]}"


# -- comparing


class _Failure(NamedTuple):
    """One way in which some message fails, before the causes are told apart."""

    code: str
    parameter: str
    call: Call
    shifted: bool = False
    """The argument lands in another parameter only because something before it changed."""


def compare(old: TaskContract, new: TaskContract) -> list[Break]:
    """What messages of `old` code meet in workers of `new` code; empty where the change is safe.

    Computed from every call that the old signature accepts; parameters that are not known on one
    side say nothing.
    """
    found: list[Break] = []
    if old.parameters is not None and new.parameters is not None:
        for failure in _causes(old, new):
            found.append(_break(failure, old, new))
    for option, before, after in (
        ("queue", old.queue, new.queue),
        ("serializer", old.serializer, new.serializer),
    ):
        if isinstance(before, Unknown) or isinstance(after, Unknown) or before == after:
            continue
        found.append(_delivery(option, before, after, new))
    return sorted(found, key=lambda item: item.code)


def _causes(old: TaskContract, new: TaskContract) -> Iterator[_Failure]:
    """One failure for each thing that was done; never none where a message fails."""
    meant, got = _take_apart(old.parameters or ()), _take_apart(new.parameters or ())
    failures: dict[tuple[str, str], _Failure] = {}
    for failure in _failures(meant, got, old.bind, new.bind):
        key = (failure.code, failure.parameter)
        known = failures.get(key)
        if known is None:
            failures[key] = failure
            continue
        # the plainest message shows it: one by position; for a rename only one by keyword raises
        plain = known.call.keywords and not failure.call.keywords
        if failure.code == "CEL412" and not call_error(new, failure.call):
            plain = False
        call = failure.call if plain else known.call
        failures[key] = known._replace(call=call, shifted=known.shifted and failure.shifted)
    stay = [name for name in meant.positional if got.place(name) >= 0]
    in_order = list(got.positional[: len(stay)]) == stay
    others = any(not failure.shifted for failure in failures.values())
    shifted = False
    for failure in failures.values():
        if failure.shifted:
            # one change of the order moves many parameters: the first speaks for all; and where
            # those that stay keep their order, what went before them speaks
            if shifted or (others and in_order):
                continue
            shifted = True
        yield failure


def _failures(
    meant: _Shape, got: _Shape, bound: str | None, bind: str | None
) -> Iterator[_Failure]:
    """Every way in which a call that `meant` accepts fails on `got`.

    For each count of positional arguments the keywords of the accepted calls are all sets between
    a smallest and a largest one; so each single name decides for itself.
    """
    longest = len(meant.positional)
    if meant.variadic is not None:
        longest = max(longest, len(got.positional)) + 1
    names = dict.fromkeys((*meant.positional, *sorted(meant.keyword_only)))
    new_names = [*got.positional, *sorted(got.keyword_only)]
    for count in range(longest + 1):
        filled = meant.positional[:count]
        waiting = [*meant.positional[count:], *sorted(meant.keyword_only)]
        least = frozenset(name for name in waiting if name in meant.required)
        if any(meant.place(name) >= 0 and meant.place(name) < meant.only for name in least):
            continue  # a positional-only parameter is left without a value
        call = Call(count, least)

        for index in range(count):
            name = meant.positional[index] if index < len(meant.positional) else None
            if index >= len(got.positional):
                if got.variadic is None:
                    yield _lost(name, meant, got, bind, call)
                continue
            there = got.positional[index]
            if name is None:
                yield _Failure("CEL413", there, call)
            elif name != there:
                if not got.has(name):
                    yield _lost(name, meant, got, bind, call)
                elif _kind_changed(name, meant, got):
                    yield _Failure("CEL413", name, call)
                else:
                    inserted = not meant.has(there)
                    yield _Failure("CEL413", there if inserted else name, call, True)

        # keywords: those of the old parameters still to be filled, and any other with **kwargs
        allowed = [name for name in waiting if meant.takes_keyword(name)]
        if meant.keywords is not None:
            taken = {name for name in filled if meant.takes_keyword(name)}
            others = dict.fromkeys((*names, *new_names, _fresh(meant, got)))
            allowed += [
                n for n in others if n not in allowed and n not in taken and n not in (bound, bind)
            ]
        for name in allowed:
            with_it = Call(count, least | {name})
            if got.takes_keyword(name):
                if 0 <= got.place(name) < count:
                    yield _Failure("CEL413", name, with_it, meant.takes_keyword(name))
            elif name == bind and not got.only:
                yield _Failure("CEL413", name, with_it)
            elif got.keywords is None:
                if not meant.takes_keyword(name):
                    yield _Failure("CEL412", f"**{meant.keywords}", with_it)
                elif got.has(name):
                    yield _Failure("CEL413", name, with_it)
                else:
                    yield _lost(name, meant, got, bind, with_it)

        # what the new function needs and some accepted call does not give
        for name in new_names:
            index = got.place(name)
            if name not in got.required or 0 <= index < count:
                continue
            given = name in least and got.takes_keyword(name)
            if given:
                continue
            if not meant.has(name):
                if name == "self" and index == 0 and bind is None:
                    yield _Failure("CEL413", name, call, True)
                elif not _stands_for_another(index, meant, got):
                    yield _Failure("CEL411", name, call)
            elif name not in meant.required:
                yield _Failure("CEL411", name, call)
            else:
                yield _Failure("CEL413", name, call, not _kind_changed(name, meant, got))


def _lost(name: str | None, meant: _Shape, got: _Shape, bind: str | None, call: Call) -> _Failure:
    """An argument that nothing takes any more; `name` is None for one of `*args`."""
    if name is None:
        return _Failure("CEL412", f"*{meant.variadic}", call)
    if not got.has(name):
        # `self` removed, `bind=True` kept: the first parameter takes the task now
        return _Failure("CEL413" if name == bind else "CEL412", name, call)
    return _Failure("CEL413", name, call, not _kind_changed(name, meant, got))


def _kind_changed(name: str, meant: _Shape, got: _Shape) -> bool:
    """Whether a parameter can no longer be given in a way that it could be."""
    by_position = meant.place(name) >= 0 and got.place(name) < 0
    return by_position or (meant.takes_keyword(name) and not got.takes_keyword(name))


def _stands_for_another(index: int, meant: _Shape, got: _Shape) -> bool:
    """Whether a new parameter stands where one stood that is gone: a rename, said once."""
    return 0 <= index < len(meant.positional) and not got.has(meant.positional[index])


def _fresh(meant: _Shape, got: _Shape) -> str:
    name = "anything"
    while meant.has(name) or got.has(name):
        name += "_"
    return name


# -- what is said


def _break(failure: _Failure, old: TaskContract, new: TaskContract) -> Break:
    code, parameter, call, _ = failure
    error = call_error(new, call)
    if error:
        text = f"a message {_how(call)} fails with {error}"
    else:
        wrong = misplaced(old, new, call)
        meant, there = wrong if wrong is not None else (parameter, parameter)
        text = f"in a message {_how(call)} the argument for {meant} arrives in {there}"
    recipe = _RECIPES[code]
    if parameter == "self" and code == "CEL413":
        recipe = _SELF
    filled = tuple(step.replace("%s", parameter) for step in recipe)
    return Break(code, new.name, parameter, text, filled, ERROR, error, call)


def _how(call: Call) -> str:
    parts = []
    if call.positional:
        parts.append(f"{call.positional} positional argument{'s' if call.positional > 1 else ''}")
    if call.keywords:
        parts.append(", ".join(f"{name}=..." for name in sorted(call.keywords)))
    return f"with {' and '.join(parts)}" if parts else "without arguments"


def _delivery(option: str, before: str | None, after: str | None, new: TaskContract) -> Break:
    if option == "queue":
        text = (
            f"messages wait in {_queue(before)}, new ones go to {_queue(after)}: a worker that"
            " consumes one of the two runs half of them"
        )
        recipe = (
            "let workers consume both queues (-Q) and deploy them",
            "change the queue and deploy the senders",
            "stop consuming the old queue once it is empty",
        )
    else:
        text = (
            f"new messages are written as {after or 'the default'}, not {before or 'the default'}:"
            " a worker that does not accept that discards them"
        )
        recipe = (
            "add the new content type to accept_content and deploy the workers",
            "change the serializer and deploy the senders",
            "remove the old content type once no message of it waits",
        )
    return Break("CEL415", new.name, option, text, recipe, WARNING)


def _queue(name: str | None) -> str:
    return f"the queue {name!r}" if name is not None else "the queue that routing chooses"


_RECIPES: Final[Mapping[str, tuple[str, ...]]] = {
    "CEL411": (
        "give %s a default value",
        "deploy the workers",
        "send %s in every call and deploy the senders",
        "drop the default once no message without %s waits (mind countdown, eta and retries)",
    ),
    "CEL412": (
        "keep %s, with a default if it is a named parameter, and don't use it",
        "stop sending %s and deploy",
        "remove %s once no message with it waits (mind countdown, eta and retries)",
    ),
    "CEL413": (
        "leave the parameters that exist where and as they were",
        "add new ones behind them, or keyword-only, with a default",
        "send by keyword, deploy, and change the order once no message by position waits",
    ),
}
_SELF: Final = (
    "let bind=True and the parameter self come and go together: a message carries no self",
)


def vanished(old: TaskContract, successor: TaskContract | None = None) -> Break:
    """What a task's name that no longer exists means for messages that carry it.

    `successor` is the task that does its work now, where that is known.
    """
    error = f"Received unregistered task of type {old.name!r}."
    text = (
        f"workers discard waiting messages: {error}"
        if successor is None
        else f"it is {successor.name} now, and workers discard waiting messages: {error}"
    )
    recipe = (
        f"keep a task under the name {old.name!r} that calls the new function",
        "deploy the workers, then send the new name and deploy the senders",
        "remove the proxy once no message of the old name waits (mind countdown, eta, retries"
        " and beat)",
    )
    return Break("CEL410", old.name, None, text, recipe, ERROR, error)


def proxy(old: TaskContract, successor: TaskContract | None = None) -> str:
    """Source of a task under the old name that calls the new function, ready to paste.

    It calls rather than sends: workers of the old code don't know the new name.
    """
    function = old.qualname.rpartition(".")[2]
    target = successor.qualname.partition(".")[0] if successor is not None else f"new_{function}"
    lines = ["from celery import shared_task", ""]
    if successor is not None and successor.module != old.module:
        lines.insert(1, f"from {successor.module} import {target}")
    lines += [
        f"@shared_task(name={old.name!r})",
        f"def old_{function}(*args, **kwargs):",
        '    """Messages of the old name end here; remove once none waits."""',
        f"    return {target}(*args, **kwargs)",
    ]
    return "\n".join(lines) + "\n"


# -- the file


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


_read: dict[str, tuple[tuple[int, int], Lock | LockError]] = {}


def clear() -> None:
    """Forget every lock read so far; for tests."""
    _read.clear()


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
    known = _read.get(path)
    if known is None or known[0] != stamp:
        try:
            answer: Lock | LockError = _load(path, found)
        except LockError as error:
            answer = error
        known = _read[path] = (stamp, answer)
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
    if version > VERSION:
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


# -- from source


def contracts_of(model: Model, file: str = "") -> tuple[list[TaskContract], list[Leftover]]:
    """The tasks of one module whose name can be known, and those left out with the reason.

    `file` is what `TaskContract.file` gets. A model from `prepare` is enough.
    """
    from flake8_celery.core.model import Task

    found: dict[str, TaskContract] = {}
    left: list[Leftover] = []
    twice: dict[str, int] = {}
    for task in model.of(Task):
        for one in (task, *task.again):
            answer = contract_of(one, file)
            if isinstance(answer, Leftover):
                left.append(answer)
            elif answer is not None:
                known = found.setdefault(answer.name, answer)
                if known != answer:
                    twice.setdefault(answer.name, getattr(one.node, "lineno", 1))
    for name, line in twice.items():
        task_ = found.pop(name)
        left.append(
            Leftover(line, task_.qualname, "two different tasks of this module have its name", name)
        )
    return list(found.values()), left


def contract_of(task: Task, file: str = "") -> TaskContract | Leftover | None:
    """What others rely on of a task, why it is left out, or None for a class that is no task."""
    from flake8_celery.core.model import Option, model_of
    from flake8_celery.core.naming import name_of, qualname_of

    model = model_of(task)
    node = task.function if task.function is not None else task.node
    if isinstance(task.node, ast.ClassDef):
        qualname = qualname_of(task.node, task.region)
        registered = _registered(task.node, model)
        if not registered and not (task.own("name") and task.function is not None):
            return None
        if task.function is not None:
            qualname += ".run"
    elif task.function is not None:
        scope = model.candidates.scopes.get(task.function)
        around = scope.parent if scope is not None and scope.parent is not None else task.region
        qualname = qualname_of(task.function, around)
        registered = True
    else:
        qualname, registered = task.name, True
    name = name_of(task)
    line = getattr(node, "lineno", 1)
    if name.value is None:
        return Leftover(line, qualname, name.reason, None, name.any)
    if not registered:
        return Leftover(line, qualname, "its class is not registered in its module", name.value)
    queue, serializer = (
        _option_value(task, task.option(option), Option) for option in ("queue", "serializer")
    )
    parameters, bind = _interface(task)
    module = model.project.module_name() or ""
    return TaskContract(
        name.value, file, module, qualname, parameters, bind, queue, serializer, name.explicit
    )


def _option_value(task: Task, option: object, kind: type[Option]) -> str | Unknown | None:
    if isinstance(option, kind):
        values = task.option_values(option)
        if isinstance(values, Unknown) or len(values) != 1:
            return UNKNOWN
        value = values[0]
        return value if value is None or (isinstance(value, str) and value) else UNKNOWN
    return UNKNOWN if isinstance(option, Unknown) else None


def _interface(task: Task) -> tuple[tuple[Parameter, ...] | None, str | None]:
    """The parameters that a message may fill, and the one that the task fills."""
    given, bind = task.parameters, task.bind
    if isinstance(given, Unknown) and task.function is not None and task.style != "project":
        from flake8_celery.core.model import model_of
        from flake8_celery.core.naming import passes_on

        if all(passes_on(decorator, task.region, model_of(task)) for decorator in task.below):
            given = task.function.args
    if isinstance(given, Unknown) or isinstance(bind, Unknown):
        return None, None
    if not task.base.runs_plainly:
        return None, None
    positional = [
        *(Parameter(a.arg, POSITIONAL_ONLY) for a in given.posonlyargs),
        *(Parameter(a.arg, POSITIONAL) for a in given.args),
    ]
    first_default = len(positional) - len(given.defaults)
    found = [
        parameter._replace(default=index >= first_default)
        for index, parameter in enumerate(positional)
    ]
    bound = None
    if bind:
        if found:
            bound = found.pop(0).name
        elif given.vararg is not None:
            bound = given.vararg.arg
        else:
            return None, None
    if given.vararg is not None:
        found.append(Parameter(given.vararg.arg, VARIADIC))
    found += [
        Parameter(argument.arg, KEYWORD_ONLY, default is not None)
        for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
    ]
    if given.kwarg is not None:
        found.append(Parameter(given.kwarg.arg, KEYWORDS))
    return tuple(found), bound


def _registered(node: ast.ClassDef, model: Model) -> bool:
    """Whether the module gives a Task class, or an instance of it, to `register_task`."""
    for call, _, region in model.candidates.attribute_calls.get("register_task", ()):
        if not call.args:
            continue
        given = call.args[0]
        if isinstance(given, ast.Call):
            given = given.func
        found = model.resolver.definition(given, region)
        if found is not None and found[0] is node:
            return True
    return False
