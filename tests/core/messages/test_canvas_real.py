"""Random canvases, written as source: what we say of the source is what Celery does when it runs.

A canvas is bad if TypeError is raised by sending one of its tasks or by calling one, when it is run
eagerly, and when its messages are worked off as a worker does.
"""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from celery import Celery, Task
from celery.result import GroupResult
from celery.worker.request import Request
from hypothesis import event, given, note, reject, settings
from hypothesis import strategies as st

from flake8_celery.linter import lint
from tests.proofs.harness import fresh_state, published

RUNS = min(6_000, settings.default.max_examples * 3 // 10) if settings.default else 90
HEAD = "from celery import Celery\n\napp = Celery('real')\n"
MOST_MESSAGES = 100
NAMES = ("a", "b", "c")
TASKS = 3


@st.composite
def task(draw: st.DrawFn, name: str) -> str:
    """The definition of a task with random parameters."""
    # most tasks take what comes: else hardly any canvas would fit as a whole
    count = draw(st.sampled_from([0, 1, 2, 3, 3, 3, 3]))
    defaults = draw(st.sampled_from([0, 1, 2, 3, 3, 3, 3]))
    only = draw(st.sampled_from([0, 0, 0, 1])) if count else 0
    parts = [f"{n}=0" if i >= count - defaults else n for i, n in enumerate(NAMES[:count])]
    if only:
        parts.insert(1, "/")
    if draw(st.integers(0, 3)) == 0:
        parts.append("*args")
    elif draw(st.integers(0, 5)) == 0:
        parts += ["*", draw(st.sampled_from(["k", "k=0"]))]
    if draw(st.integers(0, 6)) == 0:
        parts.append("**kwargs")
    options = draw(st.sampled_from(["", "", "", "bind=True", "typing=False"]))
    if "bind" in options:
        parts.insert(0, "self")
    return f"@app.task({options})\ndef {name}({', '.join(parts)}):\n    return 1\n"


@st.composite
def arguments(draw: st.DrawFn, most: int = 2) -> tuple[list[str], dict[str, str]]:
    """Positional and keyword arguments."""
    positional = ["1"] * draw(st.sampled_from([0, 0, 1, 1, 1, most]))
    keywords = {}
    if draw(st.integers(0, 11)) == 0:
        keywords[draw(st.sampled_from([*NAMES, "k", "other"]))] = "1"
    return positional, keywords


def joined(positional: list[str], keywords: dict[str, str]) -> str:
    return ", ".join([*positional, *(f"{name}={value}" for name, value in keywords.items())])


def packed(positional: list[str], keywords: dict[str, str]) -> str:
    pairs = ", ".join(f"{name!r}: {value}" for name, value in keywords.items())
    return f"({''.join(f'{value}, ' for value in positional)}), {{{pairs}}}"


@st.composite
def signature(draw: st.DrawFn, linked: bool = True) -> str:
    """A task's signature."""
    if linked and draw(st.integers(0, 9)) == 0:
        return "part"
    name = f"t{draw(st.integers(0, TASKS - 1))}"
    positional, keywords = draw(arguments())
    how = draw(st.sampled_from(["s", "s", "s", "si", "si", "signature", "immutable", "clone"]))
    if how in ("s", "si"):
        made = f"{name}.{how}({joined(positional, keywords)})"
    elif how == "clone":
        made = f"{name}.s({joined(positional, keywords)}).clone()"
    else:
        more = f", immutable={how == 'immutable'}" if how == "immutable" else ""
        made = f"{name}.signature({packed(positional, keywords)}{more})"
    extra = draw(st.integers(0, 9))
    if extra == 0:
        made += ".set(countdown=1)"
    elif extra == 1 and linked:
        made += f".set(link={draw(signature(linked=False))})"
    return made


def listed(draw: st.DrawFn, members: list[str]) -> str:
    """The arguments of a chain or a group, in one of the ways to write them."""
    text = ", ".join(members)
    if len(members) == 1:
        return f"[{text}]"
    return draw(st.sampled_from([text, f"[{text}]", f"({text})", f"*[{text}]"]))


@st.composite
def canvas(draw: st.DrawFn, depth: int = 0) -> str:
    """A signature, or a chain, group or chord of some."""
    kinds = ["signature"] * (1 + depth * 2)
    if depth < 3:
        kinds += ["chain", "chain", "pipe", "pipe", "group", "chord", "many"]
    kind = draw(st.sampled_from(kinds))
    inner = canvas(depth=depth + 1)
    if kind == "signature":
        return draw(signature())
    if kind == "chain":
        return f"chain({listed(draw, draw(st.lists(inner, min_size=2, max_size=3)))})"
    if kind == "pipe":
        return f"({' | '.join(draw(st.lists(inner, min_size=2, max_size=3)))})"
    if kind == "group":
        return f"group({listed(draw, draw(st.lists(inner, min_size=1, max_size=3)))})"
    if kind == "many":
        made = draw(signature(linked=False))
        comprehension = f"{made} for _ in range(2)"
        kind = draw(st.sampled_from(["group", "group", "chain"]))
        return f"{kind}({draw(st.sampled_from([comprehension, f'[{comprehension}]']))})"
    header = ", ".join(draw(st.lists(inner, min_size=1, max_size=2)))
    return f"chord([{header}], {draw(inner)})"


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A module of tasks and a function that builds and sends one canvas."""
    lines = ["from celery import chain, chord, group", ""]
    for index in range(TASKS):
        lines += [draw(task(f"t{index}")), ""]
    lines.append("def run():")
    part = draw(signature(linked=False))
    made = draw(canvas())
    # a worker's chain that begins with a chord, and an eager one does not (celery/canvas.py,
    # prepare_steps and chord.apply_async)
    loses_keywords = ("|" in made or "chain(" in made) and ("chord(" in made or "group(" in made)
    if "part" in made:
        lines.append(f"    part = {part}")
    if made != "part" and draw(st.booleans()):
        lines.append(f"    made = {made}")
        made = "made"
    positional, keywords = draw(arguments(most=1)) if draw(st.integers(0, 3)) == 0 else ([], {})
    if loses_keywords:
        keywords = {}
    how = draw(st.sampled_from(["delay", "apply_async", "apply_async", "link", "call", "body"]))
    if how == "delay":
        sent = f"{made}.delay({joined(positional, keywords)})"
    elif how == "call" and not made.startswith(("t", "part", "chord", "made")):
        # pipes and chains may make a chord, which is called with its body
        sent = f"{made}({joined(positional if made.startswith('group') else [], {})})"
    elif how == "body":
        sent = f"chord([{made}, t0.si(1)])({draw(signature(linked=False))})"
    elif (
        how == "link"
        and "link=" not in made
        and not made.startswith(("group", "made"))
        # a group that is the body of a chord loses the link when it is run eagerly
        and made.count("group(") + made.count("chord(") < 2
    ):
        sent = f"{made}.apply_async(link={draw(signature(linked=False))})"
    else:
        sent = f"{made}.apply_async({packed(positional, keywords)})"
    lines.append(f"    return {sent}")
    return "\n".join(lines) + "\n"


def ours(source: str) -> bool:
    """Whether a rule says that something does not fit."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = lint(source, "canvas.py")
    note("\n".join(f"{f.line}: {f.code} {f.message}" for f in found))
    return any(f.code in ("CEL401", "CEL602") for f in found)


class Refused(BaseException):
    """A task can't take its arguments; nothing in Celery handles this, so that it ends the run."""


class Waits(BaseException):
    """The worker waits for a part of a chord, without a limit where the part is a group of its own
    (celery/result.py, join_native): here nobody else is at work, and it would wait for ever."""


@contextmanager
def refusing() -> Iterator[None]:
    try:
        yield
    except TypeError as error:
        raise Refused(str(error)) from error


class Refusing(Task):  # type: ignore[misc]
    """Tells each TypeError that sending or calling a task raises.

    `apply` checks the arguments of each run as `apply_async` does (celery/app/task.py): a worker
    sends each step by it, eager tasks skip it.
    """

    def apply(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        if self.typing:
            with refusing():
                self.__header__(*(args or ()), **(kwargs or {}))
        return super().apply(args, kwargs, **options)

    def apply_async(self, *args: Any, **options: Any) -> Any:
        with refusing():
            return super().apply_async(*args, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with refusing():
            return super().__call__(*args, **kwargs)


def fresh_app(**settings: Any) -> Celery:
    queue = f"q{uuid.uuid4().hex[:8]}"
    app = Celery("real", broker="memory://", backend="cache+memory://", task_cls=Refusing)
    app.conf.update(task_default_queue=queue, **settings)
    app.set_default()
    return app


def work_off(app: Celery) -> None:
    """Run the messages that wait as a worker does, and those that they lead to."""
    for _ in range(MOST_MESSAGES):
        waiting = published(app)
        if not waiting:
            return
        for message in waiting:
            Request(message, app=app, hostname="worker").execute()
    pytest.fail("the messages have no end")


def build(program: str, app: Celery) -> Any:
    scope: dict[str, Any] = {"app": app}
    exec(compile(program, "canvas.py", "exec"), scope)
    app.finalize()
    return scope["run"]


def refused(program: str, run: Callable[[Any, Celery], None], **settings: Any) -> bool:
    """Whether Celery refuses the canvas of a program."""
    with fresh_state():
        app = fresh_app(**settings)
        try:
            run(build(program, app), app)
        except Refused as error:
            note(str(error))
            return True
        finally:
            app.close()
    return False


def check(program: str, bad: bool) -> None:
    note(program)
    event("does not fit" if bad else "fits")
    assert ours(HEAD + program) == bad


def eagerly(send: Any, app: Celery) -> None:
    result = send()
    if isinstance(result, GroupResult):
        result.get()


def as_worker(send: Any, app: Celery) -> None:
    with patch("celery.backends.base.time.sleep", side_effect=Waits):
        send()
        try:
            work_off(app)
        except Waits:
            event("waits for ever")
            reject()


@settings(max_examples=RUNS)
@given(programs())
def test_as_celery_does_eagerly(program: str) -> None:
    bad = refused(program, eagerly, task_always_eager=True, task_eager_propagates=True)
    check(program, bad)


@settings(max_examples=RUNS // 3)
@given(programs())
def test_as_a_worker_does(program: str) -> None:
    check(program, refused(program, as_worker))
