"""What a name holds, and what text is put together, against Python itself."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flake8_celery.core.model.build import build
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.options import Options

#: Values of conditions while a program runs: each run takes one list of them.
FLIPS = st.lists(st.booleans(), min_size=4, max_size=12)
TEXTS = st.sampled_from(["'a'", "'b'", "'c'", "T", "T + 'x'", "'d' if flip() else 'e'"])


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0, loop: bool = False) -> list[str]:
    """The lines of a block that sets `q` and uses it."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        kinds = ["set", "set", "add", "use", "other"]
        if depth < 3:
            kinds += ["if", "for", "while", "with"]
        if loop:
            kinds += ["break", "continue"]
        kind = draw(st.sampled_from(kinds))
        if kind == "set":
            lines.append(f"q = {draw(TEXTS)}")
        elif kind == "add":
            lines.append(f"q += {draw(TEXTS)}")
        elif kind == "use":
            lines.append("use(q)")
        elif kind == "other":
            lines.append("other = 1")
        elif kind in ("break", "continue"):
            lines += ["if flip():", f"    {kind}"]
        else:
            inner = draw(blocks(depth + 1, loop or kind in ("for", "while")))
            if kind == "if":
                lines += ["if flip():", *(f"    {line}" for line in inner)]
                if draw(st.booleans()):
                    rest = draw(blocks(depth + 1, loop))
                    lines += ["else:", *(f"    {line}" for line in rest)]
            elif kind == "with":
                lines += ["with manager():", *(f"    {line}" for line in inner)]
            else:
                head = "for i in range(2):" if kind == "for" else "while flip():"
                lines += [head, *(f"    {line}" for line in inner)]
                if draw(st.booleans()):
                    lines += ["else:", *(f"    {line}" for line in draw(blocks(depth + 1, loop)))]
    return lines


class Manager:
    """A context manager that does nothing."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


@given(blocks(), FLIPS)
def test_a_name_holds_one_of_its_values(lines: list[str], flips: list[bool]) -> None:
    lines = [f"q = {lines and repr('s')}", *lines, "use(q)"]
    numbered = [line.replace("use(q)", f"use({n}, q)") for n, line in enumerate(lines)]
    text = "T = 't'\ndef f(flip, use, manager):\n" + textwrap.indent("\n".join(numbered), "    ")
    tree = ast.parse(text)
    model = build(Module(text, "f.py", tree), Options())
    function = tree.body[1]
    region = model.candidates.scopes[function]
    known: dict[int, Any] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "use":
            number = node.args[0]
            assert isinstance(number, ast.Constant)
            known[number.value] = model.resolver.values(node.args[1], region)
    left = list(flips)
    seen: list[tuple[int, str]] = []
    scope: dict[str, Any] = {}
    exec(text, scope)
    # once the list is used up every condition is false, so that every loop ends
    scope["f"](
        lambda: left.pop() if left else False,
        lambda number, value: seen.append((number, value)),
        Manager,
    )
    for number, value in seen:
        answer = known[number]
        assert isinstance(answer, Unknown) or value in answer, text


NAMES = {"A": "'a'", "B": "'b-b'", "N": "3", "P": "('x', 'y')", "D": "{'a': 'da', 'x': 'dx'}"}
ATOMS = st.sampled_from(
    ["A", "B", "P[0]", "P[-1]", "D['a']", "D[A]", "D.get('x')", "'lit'", "D[P[0]]"]
)


def expressions() -> st.SearchStrategy[str]:
    """Expressions that give text, most of them."""
    return st.recursive(
        ATOMS,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda p: f"({p[0]} + {p[1]})"),
            st.tuples(inner, inner).map(lambda p: f"f'{{{p[0]}}}-{{{p[1]}}}'".replace("''", "'")),
            st.tuples(inner, inner).map(lambda p: f"('%s.%s' % ({p[0]}, {p[1]}))"),
            st.tuples(inner, inner).map(lambda p: f"'{{}}_{{k}}'.format({p[0]}, k={p[1]})"),
            st.tuples(inner, inner).map(lambda p: f"'-'.join([{p[0]}, {p[1]}])"),
            st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
            st.tuples(inner, inner).map(lambda p: f"({p[0]} or {p[1]})"),
            inner.map(lambda one: f"{one}.upper()"),
            inner.map(lambda one: f"{one}.replace('a', B)"),
            inner.map(lambda one: f"{one}[0]"),
            inner.map(lambda one: f"{{'k': {one}, **D}}['k']"),
            inner.map(lambda one: f"dict(D, k={one}).get('k', 'none')"),
            inner.map(lambda one: f"(D | {{'k': {one}}})['k']"),
            inner.map(lambda one: f"str(len({one}))"),
            inner.map(lambda one: f"({one} * N)"),
        ),
        max_leaves=6,
    )


@given(expressions())
def test_text_is_what_python_makes_of_it(expression: str) -> None:
    text = "".join(f"{name} = {value}\n" for name, value in NAMES.items()) + f"X = {expression}\n"
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return  # quotes within an f-string, before Python 3.12
    scope: dict[str, Any] = {}
    try:
        exec(text, scope)
    except (LookupError, TypeError, AttributeError):
        return
    model = build(Module(text, "f.py", tree), Options())
    last = tree.body[-1]
    assert isinstance(last, ast.Assign)
    answer = model.resolver.values(last.value, model.module.region)
    assert isinstance(answer, Unknown) or scope["X"] in answer


CHANGES = [
    "T['a'] = 'z'",
    "del T['a']",
    "T.update(a='z')",
    "T.pop('a')",
    "T |= {'a': 'z'}",
    "T.clear()",
    "alias = T; alias['a'] = 'z'",
    "take(T)",
    "take(x=T)",
    "[T][0]['a'] = 'z'",
    "def f(): T['a'] = 'z'\nf()",
    "def f(): return T\nf()['a'] = 'z'",
    "(lambda: T)()['a'] = 'z'",
    "take(*[T])",
    "for t in (T,): t['a'] = 'z'",
    "(t := T)['a'] = 'z'",
    "T.setdefault('b', 'c'); T.__setitem__('a', 'z')",
    "class C: t = T\nC.t['a'] = 'z'",
    "{**{'k': T}}['k']['a'] = 'z'",
    "x = T if T else None; x['a'] = 'z'",
    "x = T or {}; x['a'] = 'z'",
    "x, y = T, 1; x['a'] = 'z'",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_table_is_not_read(change: str) -> None:
    text = "def take(t=None, x=None): (t or x)['a'] = 'z'\nT = {'a': 'b'}\n"
    text += f"{change}\nX = T.get('a')\n"
    scope: dict[str, Any] = {}
    exec(text, scope)
    tree = ast.parse(text)
    model = build(Module(text, "f.py", tree), Options())
    last = tree.body[-1]
    assert isinstance(last, ast.Assign)
    answer = model.resolver.values(last.value, model.module.region)
    assert isinstance(answer, Unknown) or scope["X"] in answer, change


def test_files_are_not_needed(tmp_path: Path) -> None:
    text = "Q = 'a'\nQ += 'b'\n"
    model = build(Module(text, str(tmp_path / "none.py"), ast.parse(text)), Options())
    node = ast.parse("Q", mode="eval").body
    assert model.resolver.values(node, model.module.region) == ("a", "ab")
