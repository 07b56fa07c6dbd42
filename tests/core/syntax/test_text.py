"""Whatever `ast.parse` accepts the core judges: no recursion, no crash, right columns."""

from __future__ import annotations

import ast
import gc
import sys
import time

import pytest

from flake8_celery.core.engine.run import Finding
from flake8_celery.linter import lint
from flake8_celery.options import Options

pytestmark = pytest.mark.wasm

HEAD = "from celery import shared_task\n"
BAD = "@shared_task(max_retires=3)\ndef f(x=1): ...\n"
WHERE = (13, 24)


def codes(source: str, filename: str = "tasks.py", **options: object) -> list[str]:
    return [f.code for f in judged(source, filename, **options)]


def judged(source: str, filename: str = "tasks.py", **options: object) -> list[Finding]:
    found = lint(source, filename, Options(options))
    assert "CEL000" not in [f.code for f in found], found
    return found


def spans(source: str) -> list[tuple[str, int, int, int]]:
    return [(f.code, f.line, f.column, f.end_column) for f in judged(source)]


@pytest.mark.parametrize(
    "body",
    [
        "x = " + " + ".join(["1"] * 2900),
        "x = " + " | ".join(["f.si(1)"] * 900),
        "x = " + "f(" * 85 + "1" + ")" * 85,
        "x = " + "[" * 90 + "]" * 90,
        "from celery import chain\nx = " + "chain(" * 80 + "f.si(1)" + ")" * 80,
        "x = f" + ".g()" * 1000,
        "x = f" + ".delay()" * 1000,
        "x = " + "not " * 900 + "1",
        "x = " + "-" * 900 + "1",
        "x = " + "lambda: " * 85 + "1",
        "x = " + "1 if y else " * 900 + "2",
        "x = '" + "a" * 100_000 + "'",
        "x = {" + ", ".join(f"'{n}': {n}" for n in range(5000)) + "}",
        "if x: pass\n" + "elif x: pass\n" * 900,
    ],
    ids=lambda body: body[:16],
)
def test_deep_and_wide(body: str) -> None:
    """The parser may have more stack than under pytest; the core has no more than ever."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        tree = ast.parse(HEAD + BAD + body)
    finally:
        sys.setrecursionlimit(limit)
    assert [f.code for f in lint(HEAD + BAD + body, "tasks.py", tree=tree)] == ["CEL903"]


def test_nested_calls_beyond_the_parsers_own_limit() -> None:
    """150 nested calls: more than `ast.parse` takes as text on some Pythons, so as a tree."""
    inner: ast.expr = ast.Constant(1)
    for _ in range(150):
        inner = ast.Call(ast.Attribute(ast.Name("f", ast.Load()), "s", ast.Load()), [inner], [])
    tree = ast.parse(HEAD + BAD)
    tree.body.append(ast.Expr(inner))
    tree = ast.fix_missing_locations(tree)
    found = lint(HEAD + BAD, "tasks.py", tree=tree)
    assert "CEL903" in [f.code for f in found]
    assert "CEL000" not in [f.code for f in found]


def test_deep_blocks() -> None:
    source = HEAD + BAD
    for depth in range(15):
        source += "    " * depth + f"while x{depth}:\n"
    source += "    " * 15 + "f.dealy()\n"
    assert codes(source) == ["CEL903", "CEL917"]


@pytest.mark.parametrize(
    "line", ["x = f.delay(1)", "f(1).get(2)", "x = y = {}", "@f\ndef g(): pass"]
)
def test_time_grows_with_size_only(line: str) -> None:
    def cost(count: int) -> float:
        gc.collect()
        source = HEAD + BAD + f"{line}\n" * count
        tree = ast.parse(source)
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            lint(source, "tasks.py", tree=tree)
            best = min(best, time.process_time() - start)
        return best

    gc.disable()  # its share grows with all that is alive in this process
    try:
        small, large = cost(4000), cost(16000)
    finally:
        gc.enable()
    assert large < 9 * small + 0.05


def test_a_hundred_thousand_lines() -> None:
    source = HEAD + "x = 1\n" * 100_000 + BAD
    start = time.process_time()
    assert spans(source) == [("CEL903", 100_002, *WHERE)]
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("source", "line", "start"),
    [
        ("\ufeff" + HEAD + BAD, 2, 13),
        (HEAD + "x = 'ünï'; " + "y = shared_task(max_retires=3)(lambda: 1)\n", 2, 27),
        (HEAD + "\x0c\n" + BAD, 4 - 1, 13),
        (HEAD + "if 1:\n\t@shared_task(max_retires=3)\n\tdef f(): ...\n", 3, 14),
        (HEAD.replace("\n", "\r\n") + BAD.replace("\n", "\r\n"), 2, 13),
        ("# -*- coding: latin-1 -*-\n" + HEAD + BAD, 3, 13),
        (HEAD + "名 = shared_task(max_retires=3)(g)\n", 2, 16),
        (HEAD + "'😀'; y = shared_task(max_retires=3)(g)\n", 2, 21),
        (HEAD + "x = '''\n\x85\u2028'''\n" + BAD, 4, 13),
    ],
    ids=["bom", "latin", "form-feed", "tab", "crlf", "cookie", "wide", "astral", "separators"],
)
def test_columns(source: str, line: int, start: int) -> None:
    found = [f for f in judged(source) if f.code == "CEL903"]
    assert [(f.line, f.column, f.end_column) for f in found] == [(line, start, start + 11)]


SYNTAX = {
    (3, 10): "match x:\n    case {'a': [1, *y]} if y.delay(): f.dealy()\n    case _: pass\n",
    (3, 11): "try: pass\nexcept* ValueError: f.dealy()\n",
    (3, 12): "type X[T] = list[T]\ndef g[T](x: T): f.dealy()\nclass C[T]: pass\n",
    (3, 13): "def g[T = int](x: T): f.dealy()\n",
}


@pytest.mark.parametrize("version", SYNTAX, ids=str)
def test_new_syntax(version: tuple[int, int]) -> None:
    if sys.version_info < version:
        pytest.skip(f"syntax of Python {version}")
    assert "CEL917" in codes(HEAD + BAD + SYNTAX[version])


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 701 came with Python 3.12")
def test_pep_701() -> None:
    assert codes(HEAD + BAD + "x = f'{f.dealy('a')!r:>{f.dealy()}} {\"\\n\".join('a')}'\n") == [
        "CEL903",
        "CEL917",
        "CEL917",
    ]


def test_stub_files_have_no_bodies_to_judge() -> None:
    source = HEAD + "@shared_task\nasync def f(): ...\n"
    assert codes(source) == ["CEL906"]
    assert codes(source, "tasks.pyi") == []


def test_large_values_are_not_computed() -> None:
    start = time.process_time()
    source = (
        HEAD + "N = 'x' * 3_000_000_000\nM = 9 ** 9 ** 9\nK = 1 << 10 ** 10\n"
        "L = '%3000000000d' % 1\nJ = [0] * 10 ** 10\n"
        "@shared_task(max_retries=N, time_limit=M, rate_limit=L, priority=K, soft_time_limit=J)\n"
        "def f(): ...\n"
    )
    judged(source)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "source",
    [
        "from celery import *\n@shared_task(max_retires=3)\ndef f(): ...\n",
        "class Other:\n    def task(self, **o): return lambda f: f\n"
        "app = Other()\n@app.task(max_retires=3)\ndef f(): ...\nimport celery\n",
        "import celery\ndef g(queue):\n    queue.delay(1, countdown=3)\n    queue.get()\n",
        HEAD + "options = dict(a=1)\n@shared_task(**options)\ndef f(): ...\nf.delay()\n",
        HEAD + "def shared_task(**o): ...\n@shared_task(max_retires=3)\ndef f(): ...\n",
        HEAD + "def g():\n  shared_task = other\n  @shared_task(max_retires=3)\n  def f(): ...\n",
    ],
    ids=["star", "other-class", "parameter", "splat", "redefined", "shadowed"],
)
def test_silence_beats_a_guess(source: str) -> None:
    assert codes(source) == []


SPELLINGS = {
    "shared": "from celery import shared_task as job\n@job(max_retires=1)\ndef f(): ...\n",
    "module": "import celery\n@celery.shared_task(max_retires=1)\ndef f(): ...\n",
    "module-alias": "import celery as c\n@c.shared_task(max_retires=1)\ndef f(): ...\n",
    "app": "from celery import Celery\na = Celery()\n@a.task(max_retires=1)\ndef f(): ...\n",
    "attribute": "import celery\na = celery.Celery()\n@a.task(max_retires=1)\ndef f(): ...\n",
    "call": HEAD + "def f(): ...\ng = shared_task(f, max_retires=1)\n",
    "called-call": HEAD + "def f(): ...\ng = shared_task(max_retires=1)(f)\n",
    "class": "from celery import Task\nclass T(Task):\n    def run(self): self.retry(exc='')\n",
    "in-function": HEAD + "def make():\n    @shared_task(max_retires=1)\n    def f(): ...\n",
    "in-if": HEAD + "if True:\n    @shared_task(max_retires=1)\n    def f(): ...\n",
    "in-try": HEAD + "try:\n    @shared_task(max_retires=1)\n    def f(): ...\nfinally: pass\n",
    "in-class": HEAD + "class C:\n    @shared_task(max_retires=1)\n    def f(): ...\n",
    "imported-app": "from proj.celery import app\n@app.task(bind=True)\ndef f(): ...\n",
    "current-app": "from celery import current_app as a\n@a.task(max_retires=1)\ndef f(): ...\n",
    "try-import": "try:\n    from celery import shared_task\nexcept ImportError:\n"
    "    shared_task = None\n@shared_task(max_retires=1)\ndef f(): ...\n",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_tasks_in_every_spelling(spelling: str) -> None:
    source = SPELLINGS[spelling]
    expected = {"class": "CEL301", "imported-app": "CEL901"}.get(spelling, "CEL903")
    assert codes(source) == [expected]


@pytest.mark.parametrize(
    "factory",
    [
        "def make():\n    made = Celery('x')\n    made.autodiscover_tasks()\n    return made\n",
        "def make():\n    if DEBUG:\n        return Celery('x')\n    return Celery('y')\n",
    ],
)
def test_an_app_that_a_function_of_the_module_makes(factory: str) -> None:
    task = "@thing.task(max_retires=3)\ndef f(): ...\n"
    source = f"from celery import Celery\n{factory}thing = make()\n{task}"
    assert [f.code for f in lint(source, "a.py", Options())] == ["CEL903"]
    other = source.replace("Celery('", "Broker('")
    assert [f.code for f in lint(other, "a.py", Options())] == []


def test_project_decorator() -> None:
    source = "from proj.jobs import job\n@job(1)\ndef f(): ...\nf.apply_async(countdown='x')\n"
    assert codes(source) == []
    assert codes(source, **{"celery-task-decorators": "proj.jobs.job"}) == ["CEL315"]


def test_an_annotated_setting() -> None:
    source = (
        "from celery import Celery\napp = Celery('shop')\n"
        "app.conf.task_ack_late: bool = True\napp.conf['task_serialiser']: str = 'json'\n"
    )
    assert [(f.code, f.line) for f in lint(source, "x.py")] == [("CEL801", 3), ("CEL801", 4)]
