"""What is said of a value's fate, against kombu's own encoder."""

from __future__ import annotations

import ast
import collections
import datetime
import decimal
import enum
import fractions
import pathlib
import uuid
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombu.utils.json import dumps, loads

from flake8_celery.core.messages.serialisation import fate
from flake8_celery.core.model.build import prepare
from flake8_celery.core.syntax.module import Module
from flake8_celery.options import Options

HEAD = """
import collections, datetime, decimal, enum, fractions, pathlib, uuid
from typing import NamedTuple
class Colour(enum.Enum):
    RED = 1
class Text(str, enum.Enum):
    RED = "red"
class Number(enum.IntEnum):
    ONE = 1
class Plain: ...
class Json:
    def __json__(self): return "json"
class Pair(NamedTuple):
    a: int = 1
def function(): ...
"""
SCOPE: dict[str, Any] = {}
exec(HEAD, SCOPE)
#: Types that compare equal to what they arrive as, or not by value.
LOSSY = (tuple, enum.Enum)
SAME = [
    "None", "True", "1", "1.5", "'text'", "b'raw'", "datetime.datetime(2026, 1, 1)",
    "datetime.date(2026, 1, 1)", "decimal.Decimal(1)", "uuid.uuid4()", "Json()", "10 ** 30",
]  # fmt: skip
CHANGED = ["Text.RED", "Number.ONE", "Pair()"]
REFUSED = [
    "{1}", "frozenset()", "range(2)", "complex(1)", "bytearray()", "datetime.timedelta(1)",
    "fractions.Fraction(1)", "collections.deque()", "pathlib.Path('x')", "Colour.RED", "Plain()",
    "Plain", "function", "lambda: 0", "ValueError()", "ValueError", "(x for x in ())",
]  # fmt: skip
leaves = st.sampled_from(SAME + CHANGED + REFUSED)
keys = st.sampled_from(["'a'", "'b'", "2", "None", "True", "1.5", "b'k'", "(1, 2)"])


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        several.map(lambda items: f"[{', '.join(items)}]"),
        several.map(lambda items: f"({', '.join(items)},)"),
        st.dictionaries(keys, inner, min_size=1, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{k}: {v}" for k, v in pairs.items()) + "}"
        ),
    )


def told(source: str, changes: bool) -> bool:
    text = f"{HEAD}\nvalue = {source}\n"
    model = prepare(Module(text, "x.py", ast.parse(text)), Options())
    [binding] = model.module.region.bindings["value"]
    assert binding.value is not None
    return fate(binding.value, model.module.region, model.resolver, changes) is not None


def same(one: Any, other: Any) -> bool:
    """Equal, and of one type all the way down."""
    if isinstance(one, SCOPE["Json"]):
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(
            type(k) is str and same(v, other[k]) for k, v in one.items()
        )
    return bool(one == other)


@given(st.recursive(leaves, nested, max_leaves=5))
def test_as_kombu_does(source: str) -> None:
    value = eval(source, SCOPE)
    try:
        text = dumps(value)
    except TypeError:
        # not every refusal is seen; but here each type is a known one
        assert told(source, changes=False)
        return
    assert not told(source, changes=False)
    assert told(source, changes=True) == (not same(value, loads(text)))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("def f(x: set): value = x", True),
        ("def f(x: set[int]): value = x", True),
        ("def f(x: datetime.timedelta): value = x", True),
        ("def f(x: 'set'): value = x", False),
        ("def f(x: set | None): value = x", False),
        ("def f(x: list): value = x", False),
        ("def f(*x: set): value = x", False),
        ("def f(x: set):\n    x = list(x)\n    value = x", False),
        ("def f(x: set):\n    if isinstance(x, list): pass\n    value = x", False),
        ("def f():\n    x = set()\n    value = x", True),
        ("def f():\n    x = {'a': set()}\n    x['a'] = []\n    value = x", False),
        ("def f():\n    x = set()\n    x = list(x)\n    value = x", False),
        ("def f(y):\n    value = set() if y else frozenset()", True),
        ("def f(y):\n    value = set() if y else []", False),
        ("def f(y):\n    value = [*y]", False),
        ("def f(y):\n    value = {**y}", False),
        ("def f(y):\n    value = y.set()", False),
    ],
)
def test_names(body: str, expected: bool) -> None:
    text = f"{HEAD}\n{body}\n"
    model = prepare(Module(text, "x.py", ast.parse(text)), Options())
    region = next(
        inner for node, inner in model.candidates.scopes.items()
        if isinstance(node, ast.FunctionDef) and node.name == "f"
    )  # fmt: skip
    value = region.bindings["value"][0].value
    assert value is not None
    assert (fate(value, region, model.resolver) is not None) == expected


def test_the_sample_holds_what_it_says() -> None:
    imported = (collections, datetime, decimal, fractions, pathlib, uuid, NamedTuple, LOSSY)
    assert all(imported)
    for source in REFUSED:
        with pytest.raises(TypeError):
            dumps(eval(source, SCOPE))
