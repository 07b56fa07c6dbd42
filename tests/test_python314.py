"""Both adapters in one process; what Python 3.12 and 3.14 brought to the syntax.

CI has these run on CPython 3.14 for WebAssembly too, from the installed wheel: tools/python314.py.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from pathlib import Path

import pytest

from flake8_celery.linter import lint
from flake8_celery.options import Options

pytestmark = pytest.mark.wasm
new = pytest.mark.skipif(sys.version_info < (3, 14), reason="syntax of Python 3.14")
generics = pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")

HEAD = "from celery import shared_task\n\n\n"
BAD = (
    HEAD
    + "@shared_task(max_retires=3)\ndef first(order):\n    return order\n\n\nfirst.delay(1, 2)\n"
)
FOUND = [("CEL903", 4, 13), ("CEL401", 9, 15)]


def told(text: str) -> list[tuple[str, int, int]]:
    return [(f.code, f.line, f.column) for f in lint(HEAD + text, "tasks.py", Options())]


# -- adapters


def flake8(path: Path, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, int, int]]:
    from flake8.main.application import Application

    Application().run(["-j1", "--isolated", "--select=CEL,E999", str(path)])
    found = []
    for line in capsys.readouterr().out.splitlines():
        number, column, text = line.removeprefix(str(path)).split(":", 3)[1:]
        found.append((text.split()[0], int(number), int(column) - 1))
    return found


def pylint(path: Path) -> list[tuple[str, int, int]]:
    from pylint.lint import Run
    from pylint.reporters.json_reporter import JSON2Reporter

    out = io.StringIO()
    words = ["--load-plugins=pylint_celery.plugin", "--disable=all", "--enable=celery"]
    Run([*words, "--rcfile=", str(path)], reporter=JSON2Reporter(out), exit=False)
    rows = json.loads(out.getvalue())["messages"]
    return [(row["symbol"], row["line"], row["column"]) for row in rows]


def test_flake8_in_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tasks.py").write_text(BAD)
    assert flake8(tmp_path / "tasks.py", capsys) == FOUND


def test_pylint_in_process(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text(BAD)
    names = {"CEL903": "celery-unknown-task-option", "CEL401": "celery-arguments-do-not-fit"}
    assert pylint(tmp_path / "tasks.py") == [(names[code], *place) for code, *place in FOUND]


# -- syntax


@new
def test_template_strings() -> None:
    text = (
        '@shared_task(name=t"shop.{HERE}", max_retires=3)\n'
        'def f(a):\n    return t"{a!r:>{a}}"\n\n\n'
        'f.delay(t"é{f.delay(1, 2)}", 2)\nf.apply_async((1,), queue=t"{f}", quue="x")\n'
    )
    assert ("CEL903", 4, 34) in told(text)
    assert [code for code, *_ in told(text)].count("CEL401") == 2
    assert ("CEL404", 10, 34) in told(text)
    assert "CEL000" not in str(told(text))


@new
def test_except_without_parentheses() -> None:
    body = (
        "@shared_task(bind=True)\ndef f(self):\n    try:\n        work()\n        self.retry()\n"
        "    except {}:\n        pass\n"
    )
    with_them = told(body.format("(ValueError, Exception)"))
    assert [code for code, *_ in with_them] == ["CEL302"]
    assert [row[:2] for row in told(body.format("ValueError, Exception"))] == [
        row[:2] for row in with_them
    ]
    assert told(body.format("ValueError, KeyError")) == []


@new
def test_deferred_annotations() -> None:
    text = (
        "@shared_task\ndef f(order: Later, /, *, many: list[Later] = ()) -> Later | None: ...\n\n\n"
        "class Later:\n    parent: Later\n\n\nf.delay(1, many=[])\nf.delay(order=1)\n"
    )
    assert [row[:2] for row in told(text)] == [("CEL401", 13)]


@generics
def test_type_parameters() -> None:
    text = (
        "type Order[T] = dict[str, T]\n\n\n"
        "@shared_task(max_retires=3)\ndef f[T: (int, str) = int](order: Order[T]) -> T: ...\n\n\n"
        "class Base[*Ts]:\n    queue = 'x'\n\n\n"
        "f.delay(1)\nf.delay()\nf.apply_async((1,), quue='x')\n"
    )
    if sys.version_info < (3, 13):
        text = text.replace(" = int]", "]")
    assert [row[:2] for row in told(text)] == [("CEL903", 7), ("CEL401", 16), ("CEL404", 17)]


@new
def test_both_adapters_take_new_syntax(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tasks.py"
    path.write_text(BAD + 'try:\n    first.delay(t"{1}")\nexcept OSError, ValueError:\n    pass\n')
    ast.parse(path.read_text())
    assert flake8(path, capsys)[:2] == FOUND
    assert len(pylint(path)) >= 2
