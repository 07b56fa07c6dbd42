"""astroid knows that a decorated function is a Task, with Celery installed and without."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

pytest.importorskip("pylint", "3.3")

import astroid
from astroid import nodes, util
from astroid.exceptions import InferenceError

from flake8_celery.options import Options
from pylint_celery import brain, seen
from tests.pylint_half.command import pylint, run


@pytest.fixture(autouse=True)
def _brain() -> Iterator[None]:
    brain.enable()
    yield
    brain.disable()
    seen.configure(Options())


def infer(source: str) -> list[Any]:
    """What the last expression of a module means; empty where nothing is known."""
    module = astroid.parse(dedent(source))
    try:
        return list(module.body[-1].value.infer())
    except InferenceError:
        return []


HEAD = """
from celery import Celery, Task, shared_task as job
import celery
app = Celery("shop")
class Base(Task):
    def tell(self): return 1
"""


@pytest.mark.parametrize(
    "decorator",
    [
        "@job",
        "@job(bind=True)",
        "@celery.shared_task",
        "@app.task",
        "@app.task(name='x', queue='y')",
        "@celery.current_app.task",
        "@app.task(base=Base)",
        "@job(**options)",
        "@job\n@other",
        "@staticmethod\n@job",
    ],
)
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_tasks(decorator: str, kind: str) -> None:
    [found] = infer(f"{HEAD}\n{decorator}\n{kind} f(x): ...\nf")
    assert isinstance(found, brain.TaskInstance)
    assert found.name == "f"


def test_task_by_assigned_decorator() -> None:
    for line in ("task = app.task", "task = app.task(bind=True)"):
        [found] = infer(f"{HEAD}\n{line}\n@task\ndef f(self): ...\nf")
        assert isinstance(found, brain.TaskInstance)


@pytest.mark.parametrize(
    "source",
    [
        "def f(): ...",
        "@other\ndef f(): ...",
        "@other\n@job\ndef f(): ...",
        "@registry.task\ndef f(): ...",
        "def task(f): return f\n@task\ndef f(): ...",
        "from invoke import task\n@task\ndef f(): ...",
        "from huey import RedisHuey\nhuey = RedisHuey()\n@huey.task()\ndef f(): ...",
        "from procrastinate import App\napp = App()\n@app.task\ndef f(): ...",
        "from prefect import task as job\n@job\ndef f(): ...",
    ],
)
def test_no_tasks(source: str) -> None:
    [found] = infer(f"from celery import shared_task as job\n{source}\nf")
    assert isinstance(found, nodes.FunctionDef)


def test_the_users_own_decorator() -> None:
    source = "from shop.tasks import shop_task\n@shop_task\ndef f(): ...\nf"
    assert isinstance(infer(source)[0], nodes.FunctionDef)
    seen.configure(Options({"celery-task-decorators": "shop.tasks.shop_task"}))
    assert isinstance(infer(source)[0], brain.TaskInstance)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("f.delay", "unknown"),
        ("f.delay(1)", "unknown"),
        ("f.s(1) | f.s(2)", "unknown"),
        ("f.request.id", "unknown"),
        ("f.__name__", "unknown"),
        ("f.AsyncResult('x').state", "unknown"),
        ("f.max_retries", 7),
        ("f.colour", "red"),
        ("f.later", "set"),
        ("f.dealy", "nothing"),
        ("f.bar", "nothing"),
        ("f(1)", 1),
        ("g(5)", 5),
        ("g.tell()", "nothing"),
        ("h.tell()", 1),
        ("h.tel", "nothing"),
        ("h(1)", "unknown"),
        ("bool(f)", True),
        ("callable(f)", True),
        ("Holder.task.delay", "unknown"),
        ("Holder.task('x')", "x"),
        ("Holder().task.dealy", "nothing"),
        ("splat.anything", "nothing"),
    ],
)
def test_members(expression: str, value: object) -> None:
    pytest.importorskip("celery")
    source = f"""
        {HEAD.replace(chr(10), chr(10) + " " * 8)}
        @app.task(bind=True, max_retries=7, colour="red")
        def f(self, x): return 1
        f.later = "set"
        @job
        def g(x): return x
        @app.task(base=Base)
        def h(x): return x
        class Holder:
            @staticmethod
            @job
            def task(x): return x
        @job(**options)
        def splat(x): return x
        {expression}
    """
    found = infer(source)
    if value == "nothing":
        assert found == []
    elif value == "unknown":
        assert found == [util.Uninferable]
    else:
        assert [candidate.value for candidate in found] == [value]


def test_enable_and_disable_may_be_repeated() -> None:
    transforms = astroid.MANAGER._transform.transforms[nodes.FunctionDef]
    before = len(transforms)
    brain.enable()
    brain.enable()
    assert len(transforms) == before
    brain.disable()
    brain.disable()
    assert len(transforms) == before - 1
    assert isinstance(infer(f"{HEAD}\n@job\ndef f(): ...\nf")[0], nodes.FunctionDef)
    brain.enable()
    # an editor's server clears astroid's cache between runs, and the transforms with it
    astroid.MANAGER.clear_cache()
    brain.enable()
    assert isinstance(infer(f"{HEAD}\n@job\ndef f(): ...\nf")[0], brain.TaskInstance)


def test_nothing_that_goes_wrong_gets_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise AttributeError("x")

    source = f"{HEAD}\n@job\ndef f(): ...\nf"
    for module, name in ((seen, "build"), (seen, "text_of"), (brain, "_parts"), (brain, "look")):
        with monkeypatch.context() as context:
            context.setattr(module, name, broken)
            [found] = infer(source)
            assert isinstance(found, nodes.FunctionDef)


def test_other_inference_tips_are_left_alone() -> None:
    module = astroid.parse("@task\ndef f(): ...", apply_transforms=False)
    function = module.body[0]
    assert brain._may_be_task(function)
    function._explicit_inference = lambda node, context=None: iter(())
    assert not brain._may_be_task(function)


CALLS = """\
from celery import shared_task


@shared_task(bind=True)
def bound(self, url):
    return self.request.id, url


@shared_task
def unbound(first, second):
    return first, second


bound(1)
bound(url=1)
bound()
bound(1, 2)
unbound(1)
unbound(1, 2, 3)
unbound(1, second=2, third=3)
unbound(1, 2)
unbound.dealy(1)
"""
ARITY = "no-value-for-parameter,too-many-function-args,unexpected-keyword-arg,missing-kwoa"


def test_direct_calls(tmp_path: Path) -> None:
    """pylint's own check says wrong things, and misses others; ours says the right ones."""
    pytest.importorskip("celery")
    (tmp_path / "tasks.py").write_text(CALLS)
    raw = pylint(tmp_path, "--disable=all", f"--enable={ARITY}", "tasks.py", plugin="")
    assert [m["line"] for m in raw] == [14, 15, 16, 16, 18, 19, 20]
    enable = f"--enable={ARITY},celery-arguments-do-not-fit,no-member"
    found = pylint(tmp_path, "--disable=all", enable, "tasks.py")
    assert [(m["line"], m["symbol"]) for m in found] == [
        *((n, "celery-arguments-do-not-fit") for n in (16, 17, 18, 19, 20)),
        (22, "no-member"),
    ]
    assert "maybe" in found[-1]["message"] or "dealy" in found[-1]["message"]


@pytest.mark.parametrize(
    "source",
    [
        "from work import bound\n\nbound()\n",
        "import work\n\nwork.bound()\n",
        "import work as w\n\n\ndef f():\n    return w.bound()\n",
        "def f():\n    from work import bound\n\n    bound()\n",
        "from package import again\n\nagain()\n",
        "from work import Holder\n\nHolder.held()\n",
    ],
)
def test_direct_calls_where_nothing_else_says_celery(tmp_path: Path, source: str) -> None:
    """The brain takes pylint's own message away there too, so ours has to be given."""
    holder = "\n\nclass Holder:\n    @staticmethod\n    @shared_task\n    def held(url): ...\n"
    (tmp_path / "work.py").write_text(CALLS.partition("\n\nbound(1)")[0] + "\n" + holder)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("from work import bound as again\n")
    again = re.sub(r"(bound|again|held)\(\)", r"\1(1)", source)
    (tmp_path / "views.py").write_text(f"{source}\n{again}")
    enable = f"--enable={ARITY},celery-arguments-do-not-fit"
    [message] = pylint(tmp_path, "--disable=all", enable, "views.py")
    assert message["symbol"] == "celery-arguments-do-not-fit"
    assert message["line"] == source.rstrip().count("\n") + 1


NO_CELERY = """\
from astroid.interpreter._import import spec

find = spec._find_spec_with_path


def hidden(path, name, *more):
    if name in ("celery", "kombu"):
        raise ImportError(name)
    return find(path, name, *more)


spec._find_spec_with_path = hidden
from pylint import run_pylint

run_pylint()
"""


def without_celery(folder: Path, source: str, enable: str) -> list[tuple[int, str]]:
    """The messages where Celery can't be found, as in pre-commit's own environment."""
    (folder / "tasks.py").write_text(source)
    (folder / "run.py").write_text(NO_CELERY)
    arguments = ["-f", "json2", "--load-plugins=pylint_celery.plugin", "--disable=all"]
    done = subprocess.run(
        [sys.executable, "run.py", *arguments, f"--enable={enable},import-error", "tasks.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYLINTHOME": str(folder / ".cache")},
    )
    assert "Traceback" not in done.stderr, done.stderr
    found = [(m["line"], m["symbol"]) for m in json.loads(done.stdout)["messages"]]
    found.remove((1, "import-error"))
    return sorted(found)


def test_without_celery(tmp_path: Path) -> None:
    source = CALLS + "\n\ndef use():\n    bound.delay(1)\n"
    enable = f"{ARITY},no-member,astroid-error,unused-argument,celery-arguments-do-not-fit"
    assert without_celery(tmp_path, source, enable) == [
        (line, "celery-arguments-do-not-fit") for line in (16, 17, 18, 19, 20)
    ]


def test_noise_without_celery(tmp_path: Path) -> None:
    """Then pylint knows no base class, and calls a Task class too small."""
    source = """\
from celery import Task, shared_task


class Import(Task):
    def run(self, path):
        return path


class Child(Import):
    def on_failure(self, exc, task_id, args, kwargs, einfo):
        return exc


class Small:
    def on_failure(self, exc, task_id):
        return exc


@shared_task(bind=True)
def task(self, path):
    return 1
"""
    enable = "too-few-public-methods,unused-argument,arguments-differ,abstract-method"
    assert without_celery(tmp_path, source, enable) == [
        (14, "too-few-public-methods"),
        (15, "unused-argument"),
        (20, "unused-argument"),
    ]


def test_jobs(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"tasks{number}.py").write_text(CALLS)
    names = [f"tasks{number}.py" for number in range(6)]
    # R0801 names its files in an order of its own
    one, four = (
        pylint(tmp_path, "--disable=duplicate-code", jobs, *names) for jobs in ("-j1", "-j4")
    )
    assert one == four


def test_two_runs_in_one_process(tmp_path: Path) -> None:
    """As an editor's server does; the second clears nothing of the first."""
    pytest.importorskip("celery")
    (tmp_path / "tasks.py").write_text(CALLS)
    code = (
        "from pylint.lint import Run\n"
        "for more in ([], ['--clear-cache-post-run=y'], []):\n"
        "    Run(['--load-plugins=pylint_celery.plugin', '--disable=all', '--score=n',\n"
        "         '--enable=no-member,no-value-for-parameter', *more, 'tasks.py'], exit=False)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    lines = [line for line in done.stdout.splitlines() if "tasks.py:" in line]
    assert len(lines) == 3, done.stdout + done.stderr
    assert all("no-member" in line for line in lines)


def test_no_crash_on_odd_files(tmp_path: Path) -> None:
    odd = [
        "from celery import shared_task\n@shared_task\ndef f(): return f()\nf()\n",
        "from celery import shared_task\n@shared_task(base=f)\ndef f(): ...\nf.delay()\nf.x\n",
        "from celery import Task, shared_task\nclass B(B): ...\n"
        "@shared_task(base=B)\ndef f(): ...\nf.x\n",
        "from celery import Task, shared_task\n"
        "@shared_task(base=Task)\ndef f(): ...\nf.s()\nf.run\n",
        "from celery import shared_task\nf = shared_task(f)\nf.delay()\n",
        "from tasks4 import f\nfrom celery import shared_task\n@shared_task\ndef f(): ...\nf.s()\n",
        "from celery import shared_task\n"
        "@shared_task()\n@shared_task()\ndef f(): ...\nf()\nf.s()\n",
    ]
    names = []
    for number, source in enumerate(odd):
        names.append(f"tasks{number}.py")
        (tmp_path / names[-1]).write_text(source)
    done = run(tmp_path, "--disable=all", "--enable=F,E", *names)
    assert "astroid-error" not in done.stdout
    assert "F0002" not in done.stdout
