"""The argument check against Celery's own, and against Python's."""

from __future__ import annotations

import ast
import functools
import inspect
from typing import Any

import pytest
from celery.utils.functional import head_from_fun
from hypothesis import given
from hypothesis import strategies as st

from flake8_celery.core.contract.binding import CallShape, describe, misfit, read_parameters
from flake8_celery.core.messages.parameters import of_task
from flake8_celery.core.model.build import build
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.options import Options

NAMES = ["a", "b", "c", "d", "self"]


@st.composite
def functions(draw: st.DrawFn) -> str:
    """The parameters of a random function."""
    names = draw(st.permutations(NAMES))[: draw(st.integers(0, 4))]
    count = draw(st.integers(0, len(names)))
    positional, keyword_only = names[:count], names[count:]
    only = draw(st.integers(0, count))
    defaults = draw(st.integers(0, count))
    parts = [
        f"{name}=0" if index >= count - defaults else name for index, name in enumerate(positional)
    ]
    if only:
        parts.insert(only, "/")
    if draw(st.booleans()):
        parts.append("*args")
    elif keyword_only:
        parts.append("*")
    parts += [f"{name}=0" if draw(st.booleans()) else name for name in keyword_only]
    if draw(st.booleans()):
        parts.append("**kwargs")
    return ", ".join(parts)


def raises_type_error(function: Any, *args: Any, **kwargs: Any) -> bool:
    try:
        function(*args, **kwargs)
    except TypeError:
        return True
    return False


@given(functions(), st.integers(0, 5), st.sets(st.sampled_from([*NAMES, "x"])), st.booleans())
def test_as_celery_and_python_do(source: str, count: int, names: set[str], bind: bool) -> None:
    text = f"def f({source}): pass"
    scope: dict[str, Any] = {}
    exec(text, scope)
    function = scope["f"]
    definition = ast.parse(text).body[0]
    assert isinstance(definition, ast.FunctionDef)
    parameters = read_parameters(definition.args, bind)
    if isinstance(parameters, Unknown):
        assert bind
        assert raises_type_error(head_from_fun(function, bound=True))
        return
    args, kwargs = [0] * count, dict.fromkeys(names, 0)
    header = raises_type_error(head_from_fun(function, bound=bind), *args, **kwargs)
    body = functools.partial(function, object()) if bind else function
    call = raises_type_error(body, *args, **kwargs)
    found = misfit(parameters, CallShape(count, frozenset(names)))
    assert (found is not None) == (header or call)
    if found is not None:
        assert found.sending == header
    unchecked = misfit(parameters._replace(checked=False), CallShape(count, frozenset(names)))
    assert (unchecked is not None) == call
    # what more arguments may mend is not called wrong
    open_call = CallShape(count, frozenset(names), True, True)
    if misfit(parameters, open_call) is not None:
        assert header or call


def test_description_reads_as_python() -> None:
    source = "f(a, /, b, c=..., *args, d, e=..., **kwargs)"
    [definition] = ast.parse(f"def {source}: pass").body
    assert isinstance(definition, ast.FunctionDef)
    parameters = read_parameters(definition.args, False)
    assert not isinstance(parameters, Unknown)
    assert describe(parameters, "f") == source
    assert inspect.signature(eval(f"lambda {source[2:-1].replace('...', '0')}: 0"))


HEAD = "from celery import Celery, Task, shared_task\napp = Celery()\n"


def parameters(source: str, method: str = "delay") -> object:
    source = HEAD + source
    model = build(Module(source, "x.py", ast.parse(source)), Options())
    task = next(task for task in model.of(Task) if task.name in ("f", "run"))
    return of_task(task, method)


@pytest.mark.parametrize(
    ("source", "checked"),
    [
        ("@app.task\ndef f(a): ...", True),
        ("@app.task(bind=True)\ndef f(self, a): ...", True),
        ("@app.task(typing=False)\ndef f(a): ...", False),
        ("@app.task(typing=flag())\ndef f(a): ...", False),
        ("@app.task(pydantic=True)\ndef f(a): ...", False),
        ("lax = Celery(strict_typing=False)\n@lax.task\ndef f(a): ...", False),
        ("class T(Task):\n    def run(self, a): ...\n", False),
        ("class B(Task):\n    typing = False\n@app.task(base=B)\ndef f(a): ...", False),
        ("class B(Task):\n    def run(self, x): ...\n@app.task(base=B)\ndef f(a): ...", True),
    ],
)
def test_who_checks(source: str, checked: bool) -> None:
    found = parameters(source)
    assert not isinstance(found, Unknown)
    assert (found.positional, found.checked) == (("a",), checked)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "source",
    [
        "@app.task\n@other\ndef f(a): ...",
        "@other\n@app.task\ndef f(a): ...",
        "@app.task(**options)\ndef f(a): ...",
        "lax = Celery(**options)\n@lax.task\ndef f(a): ...",
        "@app.task(bind=flag())\ndef f(a): ...",
        "@app.task(base=Other)\ndef f(a): ...",
        "class B(Task):\n    def apply_async(self, *a): ...\n@app.task(base=B)\ndef f(a): ...",
        "class B(Task):\n    def delay(self, *a): ...\n@app.task(base=B)\ndef f(a): ...",
        "class Mine(Celery):\n    task_cls = Other\nmine = Mine()\n@mine.task\ndef f(a): ...",
        "@app.task(bind=True)\ndef f(): ...",
    ],
)
def test_nothing_is_said_of(source: str) -> None:
    assert isinstance(parameters(source), Unknown)


def test_a_direct_call_does_not_pass_by_apply_async() -> None:
    base = "class B(Task):\n    def apply_async(self, *a): ...\n@app.task(base=B)\ndef f(a): ..."
    assert not isinstance(parameters(base, "__call__"), Unknown)


def test_a_call_of_its_own_hides_the_worker_only() -> None:
    """Celery still checks where the message is sent; what `__call__` then does is unknown."""
    base = "class B(Task):\n    def __call__(self, *a): ...\n@app.task(base=B)\ndef f(a): ..."
    found = parameters(base)
    assert not isinstance(found, Unknown)
    assert (found.checked, found.called) == (True, False)  # type: ignore[attr-defined]
    assert isinstance(parameters(base, "__call__"), Unknown)
