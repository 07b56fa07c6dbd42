"""No exception of ours leaves an adapter; what one file can't give costs no other its findings."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from flake8_celery import linter, plugin
from flake8_celery.core.engine import run
from flake8_celery.core.engine.rule import Problem
from flake8_celery.core.engine.run import RAISE_VARIABLE, Finding
from flake8_celery.core.project.files import clear
from flake8_celery.core.project.revision import Repository
from flake8_celery.failed import failed
from flake8_celery.linter import lint, rules_by_fact
from flake8_celery.options import Options
from tests.core.project.test_guarded_git import TASK, git

WRONG = TASK.format("").replace("@shared_task", "@shared_task(max_retires=1)")


class Boom(Exception):
    pass


@pytest.fixture(autouse=True)
def _as_for_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RAISE_VARIABLE, raising=False)
    clear()
    clear()


def rows(text: str, filename: str = "tasks.py") -> list[tuple[int, str]]:
    import ast

    made = plugin.Plugin(ast.parse(text), filename, text.splitlines(keepends=True))
    return [(line, message) for line, _, message, _ in made.run()]


# -- whatever fails, in the flake8 half


@pytest.mark.parametrize("error", [Boom("a\n\x1b[1mb"), RecursionError("deep"), MemoryError()])
@pytest.mark.parametrize(
    "place",
    [
        "flake8_celery.plugin.concerns",
        "flake8_celery.linter.examine",
        "flake8_celery.core.engine.run._one_each",
        "flake8_celery.linter.rules_by_fact",
        "flake8_celery.core.engine.run._unread",
        "flake8_celery.linter._compare",
        "flake8_celery.core.engine.run.load",
    ],
)
def test_flake8(monkeypatch: pytest.MonkeyPatch, place: str, error: Exception) -> None:
    def fails(*words: object, **named: object) -> None:
        raise error

    monkeypatch.setattr(run, "_loaded", {})
    monkeypatch.setattr(place, fails)
    found = [message for _, message in rows(WRONG) if message.startswith("CEL000")]
    assert found
    assert all(type(error).__name__ in text and text.isprintable() for text in found)


def test_it_is_raised_in_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RAISE_VARIABLE, "1")
    with pytest.raises(Boom):
        failed(Boom())


def test_arguments_that_have_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from flake8_celery.rules.declaration import cel903_unknown_task_option as chosen

    def many(fact: object, context: object) -> list[Problem]:
        node = fact.node  # type: ignore[attr-defined]
        return [Problem(node, (item,)) for item in ([1], "1", 1, {1: 1}, [1], None)]

    monkeypatch.setattr(chosen, "check", chosen.check._replace(check=many))
    monkeypatch.setattr(run, "_loaded", {})
    for_tasks = [r for r in rules_by_fact(frozenset())["Task"] if r.code != "CEL903"]
    told = chosen.check._replace(message="%s is wrong")
    monkeypatch.setattr(linter, "rules_by_fact", lambda selected: {"Task": [*for_tasks, told]})
    found = [f.message for f in lint(WRONG, "tasks.py") if f.code == "CEL903"]
    assert found == ["1 is wrong", "None is wrong", "[1] is wrong", "{1: 1} is wrong"]


def pylint_symbols(path: Path, *words: str) -> list[str]:
    from pylint.lint import Run
    from pylint.reporters import CollectingReporter

    reporter = CollectingReporter()
    on = ["--load-plugins=pylint_celery.plugin", "--disable=all", *words]
    Run([*on, str(path)], reporter=reporter, exit=False)
    return [message.symbol for message in reporter.messages]


# -- a revision that can't be read


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """A partial clone whose remote is gone."""
    whole = tmp_path / "whole"
    (whole / "shop").mkdir(parents=True)
    git(whole, "init", "-q", "-b", "main")
    for name in ("shop/tasks.py", "shop/other.py"):
        (whole / name).write_text(TASK.format(""))
    (whole / "shop" / "__init__.py").write_text("")
    (whole / "setup.cfg").write_text("[flake8]\ncelery-against = HEAD\nselect = CEL\n")
    git(whole, "config", "uploadpack.allowFilter", "true")
    git(whole, "add", ".")
    git(whole, "commit", "-qm", "1")
    git(tmp_path, "clone", "-q", "-n", "--filter=blob:none", f"file://{whole}", "part")
    made = tmp_path / "part"
    (made / "shop").mkdir()
    for name in ("shop/tasks.py", "shop/other.py", "shop/__init__.py", "setup.cfg"):
        (made / name).write_text((whole / name).read_text())
    (made / "shop" / "lost.py").write_text("")
    whole.rename(tmp_path / "gone")
    return made


def test_each_file_says_once_that_the_revision_cannot_be_read(
    part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = Repository.blobs

    def counted(self: Repository, names: object) -> object:
        asked.append("")
        return real(self, names)  # type: ignore[arg-type]

    monkeypatch.setattr(Repository, "blobs", counted)
    monkeypatch.setattr(plugin.Plugin, "options", Options({"celery-against": "HEAD"}, str(part)))
    time.sleep(0.05)  # what was written just now is looked at again
    for name in ("shop/tasks.py", "shop/other.py"):
        [(line, message)] = rows(WRONG, str(part / name))[:1]
        assert (line, message[:6]) == (1, "CEL002")
        assert "fetch it first" in message
        codes = [text[:6] for _, text in rows(WRONG, str(part / name))]
        assert codes == ["CEL002", "CEL903"]
    assert rows("", str(part / "shop" / "lost.py")) == []
    assert len(asked) == 1


def test_flake8_goes_on(part: Path) -> None:
    from tests.flake8_half.test_plugin import flake8

    (part / "shop" / "tasks.py").write_text(WRONG)
    done = flake8(part, "-j1", "shop")
    told = [line.split()[:2] for line in done.stdout.splitlines()]
    assert told == [
        ["shop/other.py:1:1:", "CEL002"],
        ["shop/tasks.py:1:1:", "CEL002"],
        ["shop/tasks.py:4:14:", "CEL903"],
    ]


def test_pylint_goes_on(part: Path) -> None:
    pytest.importorskip("pylint", "3.3")
    from tests.pylint_half.command import pylint, symbols

    (part / "shop" / "tasks.py").write_text(WRONG)
    on = "--enable=celery-lock,celery-unknown-task-option,celery-internal-error,F"
    found = pylint(part, "--disable=all", on, "--celery-against=HEAD", "shop")
    assert symbols(found) == ["celery-lock", "celery-lock", "celery-unknown-task-option"]


def test_commands_say_it_in_one_line(part: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from flake8_celery.cli import main

    # what the work tree holds the same is not asked for
    assert main(["diff", str(part), "--against", "HEAD"]) == 0
    assert "2 tasks" in capfd.readouterr().out
    (part / "shop" / "tasks.py").write_text(WRONG)
    assert main(["diff", str(part), "--against", "HEAD"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "fetch it first" in err


# -- pylint's half


@pytest.mark.parametrize(
    "place", ["_lint", "seen.text_of", "concerns", "lint", "safe_infer", "_may_hold_tasks"]
)
def test_pylint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str) -> None:
    pytest.importorskip("pylint", "3.3")

    def fails(*words: object, **named: object) -> None:
        raise Boom(place)

    monkeypatch.setattr(f"pylint_celery.plugin.{place}", fails)
    path = tmp_path / "tasks.py"
    path.write_text(WRONG + "\nfrom shop.tasks import sent\n\nsent(1)\n")
    symbols = pylint_symbols(path, "--enable=F,celery-internal-error")
    expected = [] if place in ("safe_infer", "_may_hold_tasks") else ["celery-internal-error"]
    assert symbols == expected


def test_the_end_of_a_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("pylint", "3.3")
    from pylint.lint import Run
    from pylint.reporters import CollectingReporter

    def fails(*words: object, **named: object) -> None:
        raise Boom

    monkeypatch.setattr("pylint_celery.whole_run.judge_together", fails)
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(WRONG)
    reporter = CollectingReporter()
    words = ["--load-plugins=pylint_celery.plugin", "--disable=all", "--enable=F,celery"]
    Run([*words, str(tmp_path / "a.py"), str(tmp_path / "b.py")], reporter=reporter, exit=False)
    symbols = [message.symbol for message in reporter.messages]
    assert symbols.count("celery-unknown-task-option") == 2
    assert symbols.count("celery-internal-error") == 1


def test_a_failure_has_no_more_than_one_line() -> None:
    try:
        raise subprocess.SubprocessError("a\nb\x1b[2J" * 100)
    except subprocess.SubprocessError as error:
        told = failed(error)
    assert told.isprintable()
    assert len(told) < 300
    assert isinstance(Finding(1, 0, 1, 0, "CEL000", told), tuple)


# -- whatever astroid does

NAMES = """\
from celery import Celery, shared_task

app = Celery()


@shared_task(name={0} + ".g")
def g(a): ...


@shared_task
def f(a): ...


f.delay({0})
f.apply_async(args=({0},), queue={0}, countdown={0})
f.s({0}, {0}.x, {0}[0], {0}()).delay()
app.conf.beat_schedule = {{{0}: {{"task": {0} + ".g", "schedule": {0}, "args": ({0},)}}}}
app.conf.task_default_queue = {0}
app.conf.task_routes = {{{0}: {{"queue": {0}}}}}
app.send_task({0} + ".g")


class Holder:
    module = {0}
    f.delay({0})
"""


@pytest.mark.parametrize(
    "name",
    [
        *("__name__", "__file__", "__doc__", "__path__", "__package__", "__spec__", "__loader__"),
        *("__builtins__", "__dict__", "__class__", "__module__", "__qualname__", "__annotations__"),
        *("f.__name__", "f.__doc__", "f.__module__", "Celery.__name__", "app.__class__.__name__"),
        *("g.name", "f.__wrapped__", "f.__self__", "(lambda: __name__)()", "type(f).__mro__"),
    ],
)
def test_names_that_no_statement_binds(tmp_path: Path, name: str) -> None:
    pytest.importorskip("pylint", "3.3")
    path = tmp_path / "tasks.py"
    path.write_text(NAMES.format(name))
    assert pylint_symbols(path, "--enable=F,celery-internal-error,celery") != []
    assert "celery-internal-error" not in pylint_symbols(path, "--enable=F,celery")
    assert not [text for _, text in rows(path.read_text(), str(path)) if "CEL000" in text]


@pytest.mark.parametrize(
    "method", ["infer", "statement", "root", "scope", "frame", "pytype", "nodes_of_class"]
)
@pytest.mark.parametrize("error", [Boom("x"), RecursionError(), AttributeError("x")])
def test_inference_that_raises(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, method: str, error: Exception
) -> None:
    pytest.importorskip("pylint", "3.3")
    import ast
    from functools import partial

    from astroid import builder, nodes

    from pylint_celery.resolver import AstroidResolver

    text = NAMES.format("__name__") + "\n\ndef made(x):\n    return x\n\n\nf.delay(made(1))\n"
    module = builder.parse(text, "tasks", str(tmp_path / "tasks.py"))

    def fails(*words: object, **named: object) -> None:
        raise error

    for kind in (nodes.NodeNG, nodes.Module, nodes.FunctionDef, nodes.Const, nodes.Name):
        if hasattr(kind, method):
            monkeypatch.setattr(kind, method, fails)
    found = lint(text, "tasks.py", tree=ast.parse(text), resolver=partial(AstroidResolver, module))
    assert "CEL000" not in [finding.code for finding in found]
