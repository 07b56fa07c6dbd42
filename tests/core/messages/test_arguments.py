"""CEL401 on generated source, against what Celery and the worker do with the very same source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from hypothesis import given
from hypothesis import strategies as st

from flake8_celery.linter import lint
from tests.core.contract.test_binding import functions
from tests.proofs.harness import fresh_state, memory_app, published

NAMES = ["a", "b", "c", "d", "self", "x"]
OPTIONS = ["", "bind=True", "typing=False", "bind=True, typing=False"]


@st.composite
def arguments(draw: st.DrawFn) -> tuple[list[str], dict[str, str]]:
    """Positional and named arguments, as source."""
    positional = [str(n) for n in range(draw(st.integers(0, 5)))]
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    return positional, {name: repr(name) for name in names}


def _written(positional: list[str], named: dict[str, str]) -> str:
    return ", ".join([*positional, *(f"{name}={value}" for name, value in named.items())])


def _tuple(positional: list[str]) -> str:
    return "(" + "".join(f"{value}, " for value in positional) + ")"


def _dict(named: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name!r}: {value}" for name, value in named.items()) + "}"


@st.composite
def calls(draw: st.DrawFn) -> str:
    """A call of the task `T` that is complete: nothing may be added to it."""
    positional, named = draw(arguments())
    plain = _written(positional, named)
    listed = f"[{', '.join(positional)}]"
    form = draw(st.integers(0, 10))
    if form == 9 or form == 10:
        # a signature, and what is given when it is sent: that comes first
        cut = draw(st.integers(0, len(positional)))
        early = {k: v for k, v in named.items() if draw(st.booleans())}
        late = {k: v for k, v in named.items() if k not in early}
        held = _written(positional[cut:], early)
        if form == 9:
            return f"T.s({held}).delay({_written(positional[:cut], late)})"
        return f"T.s({held}).apply_async({_tuple(positional[:cut])}, {_dict(late)})"
    return [
        f"T.delay({plain})",
        f"T.apply_async({_tuple(positional)}, {_dict(named)})",
        f"T.apply_async(args={listed}, kwargs=dict({_written([], named)}), countdown=0)",
        f"T.si({plain}).delay()",
        f"T.signature({_tuple(positional)}, {_dict(named)}, immutable=True).apply_async()",
        f"T.signature(args={listed}, kwargs={_dict(named)}).delay()",
        f"T({plain})",
        f"T.apply({listed}, {_dict(named)})",
        f"app.send_task('jobs.T', {listed}, {_dict(named)})",
    ][form]


def source_of(parameters: str, options: str, call: str) -> str:
    return (
        "from celery import Celery\n"
        "app = Celery()\n"
        f"@app.task(name='jobs.T', {options})\n"
        f"def T({parameters}): ...\n"
        "def send():\n"
        f"    return {call}\n"
    )


def reported(source: str) -> bool:
    # what lands in the place of the task is told of the task, not of each call
    return any(f.code in ("CEL401", "CEL901") for f in lint(source, "jobs.py"))


@pytest.fixture(scope="module")
def app() -> Iterator[Celery]:
    """One app for all; tasks come and go."""
    with fresh_state():
        made = memory_app("jobs")
        made.finalize()
        yield made
        made.close()


def refused(app: Celery, source: str) -> bool:
    """Run the source on the app; whether sending or the worker's own call raises TypeError."""
    scope: dict[str, Any] = {"__name__": "jobs", "app": app}
    exec(source.replace("app = Celery()\n", ""), scope)
    task = app.tasks["jobs.T"]
    try:
        result = scope["send"]()
    except TypeError:
        return True
    finally:
        messages = published(app)
        app.tasks.pop("jobs.T")
    if getattr(result, "state", None) == "FAILURE":
        return isinstance(result.result, TypeError)
    for message in messages:
        args, kwargs = message.payload[:2]
        try:
            task.run(*args, **kwargs)  # as the worker does
        except TypeError:
            return True
    return False


@given(functions(), st.sampled_from(OPTIONS), calls())
def test_as_celery_does(app: Celery, parameters: str, options: str, call: str) -> None:
    source = source_of(parameters, options, call)
    if "bind" in options and parameters.split(",")[0].strip(" /*=0") in ("", "kwargs"):
        return  # no parameter to take the task: CEL901's matter
    if "bind" not in options and parameters.split("=")[0].split(",")[0] == "self":
        return  # CEL902's matter
    bad = refused(app, source)
    assert reported(source) == bad, source


@given(functions(), st.sampled_from(OPTIONS), arguments(), arguments(), st.data())
def test_splats_are_no_guess(
    app: Celery,
    parameters: str,
    options: str,
    seen: tuple[list[str], dict[str, str]],
    hidden: tuple[list[str], dict[str, str]],
    data: st.DataObject,
) -> None:
    """With `*a` or `**k` among the arguments only what no content can mend is reported."""
    positional, named = seen
    form = data.draw(
        st.sampled_from(
            [
                "T.delay({p}*A, {k}**K)",
                "T.apply_async(({p}*A,), {{**K, {d}}})",
                "T.apply_async(*A[:0], args=({p}*A,), kwargs=dict({k}**K))",
                "T.si({p}*A, {k}**K).delay()",
                "T({p}*A, {k}**K)",
            ]
        )
    )
    late = {name: value for name, value in hidden[1].items() if name not in named}
    call = form.format(
        p="".join(f"{p}, " for p in positional),
        k="".join(f"{k}={v}, " for k, v in named.items()),
        d=_dict(named)[1:-1],
    )
    source = source_of(parameters, options, call)
    if reported(source):
        filled = f"A = {_tuple(hidden[0])}\nK = {_dict(late)}\n" + source
        assert refused(app, filled), filled
