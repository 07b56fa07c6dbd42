"""What a change of a task breaks, for messages in flight and for calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from flake8_celery.core.contract.binding import CallShape, Parameters
from flake8_celery.core.contract.interface import TaskContract, take_apart
from flake8_celery.core.contract.message import call_error, misplaced
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.record import NamedTuple

ERROR: Final = "error"
WARNING: Final = "warning"


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
    call: CallShape | None = None
    """A message that shows it."""


def refusal(old: TaskContract, call: CallShape, new: TaskContract) -> str:
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


class _Failure(NamedTuple):
    """One way in which some message fails, before the causes are told apart."""

    code: str
    parameter: str
    call: CallShape
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
    meant, got = take_apart(old.parameters or ()), take_apart(new.parameters or ())
    failures: dict[tuple[str, str], _Failure] = {}
    for failure in _failures(meant, got, old.bind, new.bind):
        key = (failure.code, failure.parameter)
        known = failures.get(key)
        if known is None:
            failures[key] = failure
            continue
        # the plainest message shows it: one by position; for a rename only one by keyword raises
        plain = bool(known.call.keywords) and not failure.call.keywords
        if plain and failure.code == "CEL412" and not call_error(new, failure.call):
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
    meant: Parameters, got: Parameters, bound: str | None, bind: str | None
) -> Iterator[_Failure]:
    """Every way in which a call that `meant` accepts fails on `got`.

    For each count of positional arguments the keywords of the accepted calls are all sets between
    a smallest and a largest one; so each single name decides for itself.
    """
    longest = len(meant.positional)
    if meant.variadic:
        longest = max(longest, len(got.positional)) + 1
    names = dict.fromkeys((*meant.positional, *sorted(meant.keyword_only)))
    new_names = [*got.positional, *sorted(got.keyword_only)]
    for count in range(longest + 1):
        filled = meant.positional[:count]
        waiting = [*meant.positional[count:], *sorted(meant.keyword_only)]
        least = frozenset(name for name in waiting if name in meant.required)
        if any(meant.place(name) >= 0 and meant.place(name) < meant.only for name in least):
            continue  # a positional-only parameter is left without a value
        call = CallShape(count, least)

        for index in range(count):
            name = meant.positional[index] if index < len(meant.positional) else None
            if index >= len(got.positional):
                if not got.variadic:
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
        if meant.keywords:
            taken = {name for name in filled if meant.takes_keyword(name)}
            others = dict.fromkeys((*names, *new_names, _fresh(meant, got)))
            allowed += [
                n for n in others if n not in allowed and n not in taken and n not in (bound, bind)
            ]
        for name in allowed:
            if got.takes_keyword(name):
                if 0 <= got.place(name) < count:
                    yield _Failure(
                        "CEL413", name, CallShape(count, least | {name}), meant.takes_keyword(name)
                    )
            elif name == bind and not got.only:
                yield _Failure("CEL413", name, CallShape(count, least | {name}))
            elif not got.keywords:
                if not meant.takes_keyword(name):
                    yield _Failure(
                        "CEL412", f"**{meant.stars[1]}", CallShape(count, least | {name})
                    )
                elif got.has(name):
                    yield _Failure("CEL413", name, CallShape(count, least | {name}))
                else:
                    yield _lost(name, meant, got, bind, CallShape(count, least | {name}))

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


def _lost(
    name: str | None, meant: Parameters, got: Parameters, bind: str | None, call: CallShape
) -> _Failure:
    """An argument that nothing takes any more; `name` is None for one of `*args`."""
    if name is None:
        return _Failure("CEL412", f"*{meant.stars[0]}", call)
    if not got.has(name):
        # `self` removed, `bind=True` kept: the first parameter takes the task now
        return _Failure("CEL413" if name == bind else "CEL412", name, call)
    return _Failure("CEL413", name, call, not _kind_changed(name, meant, got))


def _kind_changed(name: str, meant: Parameters, got: Parameters) -> bool:
    """Whether a parameter can no longer be given in a way that it could be."""
    by_position = meant.place(name) >= 0 and got.place(name) < 0
    return by_position or (meant.takes_keyword(name) and not got.takes_keyword(name))


def _stands_for_another(index: int, meant: Parameters, got: Parameters) -> bool:
    """Whether a new parameter stands where one stood that is gone: a rename, said once."""
    return 0 <= index < len(meant.positional) and not got.has(meant.positional[index])


def _fresh(meant: Parameters, got: Parameters) -> str:
    name = "anything"
    while meant.has(name) or got.has(name):
        name += "_"
    return name


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


def _how(call: CallShape) -> str:
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
