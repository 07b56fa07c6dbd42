"""Random canvases, written as source: what we say of the source is what Celery does when it runs.

A canvas is bad if running it eagerly raises TypeError. Eager tasks pass results, callbacks and
arguments on as a worker does (celery/canvas.py, celery/app/trace.py); what they leave out is the
check of the arguments that a worker makes when it sends the next step, so `Checked` puts it back.
"""

from __future__ import annotations

import warnings
from typing import Any

from celery import Celery, Task
from celery.result import GroupResult
from hypothesis import event, given, note, settings
from hypothesis import strategies as st

from flake8_celery.core.engine import lint
from tests.proofs.harness import fresh_state

RUNS = min(6_000, settings.default.max_examples * 3 // 10) if settings.default else 90
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
    if "part" in made:
        lines.append(f"    part = {part}")
    if made != "part" and draw(st.booleans()):
        lines.append(f"    made = {made}")
        made = "made"
    positional, keywords = draw(arguments(most=1)) if draw(st.integers(0, 3)) == 0 else ([], {})
    how = draw(st.sampled_from(["delay", "apply_async", "apply_async", "link", "call", "body"]))
    if how == "delay":
        sent = f"{made}.delay({joined(positional, keywords)})"
    elif how == "call" and not made.startswith(("t", "part", "chord", "made")):
        # a pipe may make a chord, which is called with its body
        sent = f"{made}({joined(positional if made[0] != '(' else [], {})})"
    elif how == "body":
        sent = f"chord([{made}, t0.si(1)])({draw(signature(linked=False))})"
    elif how == "link" and not made.startswith(("group", "made")):
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


def theirs(source: str, app: Celery) -> bool:
    """Whether Celery raises TypeError."""
    scope: dict[str, Any] = {"app": app}
    exec(compile(source, "canvas.py", "exec"), scope)
    try:
        result = scope["run"]()
        if isinstance(result, GroupResult):
            result.get()
    except TypeError as error:
        note(repr(error))
        return True
    return False


class Checked(Task):  # type: ignore[misc]
    """Checks arguments for each run as `apply_async` does (celery/app/task.py)."""

    def apply(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        if self.typing:
            self.__header__(*(args or ()), **(kwargs or {}))
        return super().apply(args, kwargs, **options)


def eager_app() -> Celery:
    app = Celery("real", broker="memory://", backend="cache+memory://", task_cls=Checked)
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    app.set_default()
    return app


@settings(max_examples=RUNS)
@given(programs())
def test_as_celery_does(program: str) -> None:
    head = "from celery import Celery\n\napp = Celery('real')\n"
    note(program)
    with fresh_state():
        app = eager_app()
        bad = theirs(program, app)
        app.close()
    event("does not fit" if bad else "fits")
    assert ours(head + program) == bad
