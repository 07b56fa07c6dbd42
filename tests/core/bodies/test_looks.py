"""What the text of a module says of a function, held against its tree: Python's own library."""

from __future__ import annotations

import ast
import os
import warnings
from pathlib import Path

import pytest

from flake8_celery.core.bodies.called import body_of
from flake8_celery.core.bodies.looks import imported_from, is_class, may_call
from flake8_celery.core.bodies.sessions import wait_of
from flake8_celery.core.model.build import build
from flake8_celery.core.settings.read import loads_module
from flake8_celery.core.syntax.module import Module
from flake8_celery.options import Options
from flake8_celery.tables.blocking import WAIT_NAMES, WAIT_WORDS

SLEEP = ("sleep",)


def test_no_call_of_the_library_is_ruled_out() -> None:
    made = ruled_out = functions = 0
    library = Path(os.__file__).parent
    for path in sorted((*library.glob("[a-z]*.py"), *library.glob("[a-z]*/[a-z]*.py"))):
        if path.parent.name in ("test", "site-packages", "idlelib"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if not any(word in text for word in (*SLEEP, *WAIT_WORDS)) or len(text) > 60_000:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = Module(text, str(path), ast.parse(text), None)
        model = build(module, Options(), None, loads_module)
        for function in ast.walk(module.tree):
            body = body_of(function, model) if isinstance(function, ast.FunctionDef) else None
            if body is None:
                continue
            functions += 1
            name = body.function.name
            sleeps = any(
                model.resolver.qualname(call.node.func, call.region) == "time.sleep"
                for call in body.calls
            )
            waits = any(wait_of(call, model) is not None for call in body.calls)
            may_sleep = may_call(name, text, SLEEP, SLEEP)
            may_wait = may_call(name, text, WAIT_WORDS, WAIT_NAMES)
            assert may_sleep or not sleeps, (path.name, name)
            assert may_wait or not waits, (path.name, name)
            made += sleeps + waits
            ruled_out += (not may_sleep) + (not may_wait)
    assert made > 10
    assert ruled_out > functions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from shop import ask\n", ("shop", "ask")),
        ("from .bank import (\n    query as ask,  # (once)\n)\n", (".bank", "query")),
        ("from .bank import (\n    other,\n    query as ask,\n)\n", (".bank", "query")),
        ("from . import ask, other\n", (".", "ask")),
        ("try:\n    from a import ask\nexcept ImportError:\n    from b import ask\n", None),
        ("raise ValueError from a import ask\n", None),
        ("from shop import asked\n", None),
        ("from shop import *\n", None),
    ],
)
def test_where_a_name_is_from(text: str, found: tuple[str, str] | None) -> None:
    assert imported_from("ask", text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\nclass ask:\n    ...\n", True),
        ("\nclass ask(Base):\n    ...\n", True),
        ("\nclass asked:\n    ...\n", False),
        ("\nclass ask:\n    ...\ndef ask(): ...\n", False),
        ("\nif x:\n    class ask: ...\n", False),
    ],
)
def test_whether_a_name_is_a_class(text: str, found: bool) -> None:
    assert is_class("ask", text) is found
