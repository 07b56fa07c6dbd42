"""The pylint half through the real command: messages, options, jobs, editors."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("pylint", "3.3")

from pylint.lint import PyLinter

from flake8_celery.linter import rules
from flake8_celery.options import BY_NAME, OPTIONS
from flake8_celery.own import OWN
from pylint_celery import noise
from pylint_celery import plugin as adapter
from tests import ROOT
from tests.pylint_half.command import ONLY, pylint, run, symbols

BAD = """\
from celery import shared_task


@shared_task(max_retires=3)
def first():
    return 1


@shared_task(autoretry_for=(Exception,), max_retries=None)
def second():
    return 2
"""
ONE = ("--disable=all", "--enable=celery-unknown-task-option")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tasks.py").write_text(BAD)
    return tmp_path


def test_message(project: Path) -> None:
    [message] = pylint(project, *ONE, "tasks.py")
    assert message["messageId"] == "E8722"
    assert (message["line"], message["column"]) == (4, 13)
    assert (message["endLine"], message["endColumn"]) == (4, 24)
    assert message["confidence"] == "HIGH"
    assert message["obj"] == "first"
    assert "did you mean max_retries?" in message["message"]


def test_object_is_the_innermost_function_or_class(project: Path) -> None:
    (project / "tasks.py").write_text(
        "from celery import shared_task\n\n\nclass Service:\n"
        "    @staticmethod\n    @shared_task(\n        max_retires=3,\n    )\n"
        "    def run(): ...\n\n"
        "    def inner(self):\n        f = lambda: shared_task(max_retires=1)(len)\n\n\n"
        "shared_task(max_retires=2)(len)\n"
    )
    found = pylint(project, *ONE, "tasks.py")
    assert [message["obj"] for message in found] == ["Service.run", "Service.inner", ""]


def test_columns_are_those_of_the_text(project: Path) -> None:
    text = "from celery import shared_task\n\nf = ('größe', shared_task(max_retires=3)(len))\n"
    (project / "tasks.py").write_text(text, encoding="utf-8")
    [message] = pylint(project, *ONE, "tasks.py")
    assert (message["column"], message["endColumn"]) == (26, 37)


def test_advice_is_off_until_named(project: Path) -> None:
    assert "celery-unlimited-retries" not in symbols(pylint(project, "tasks.py"))
    found = pylint(project, "--enable=celery-unlimited-retries", "tasks.py")
    assert "celery-unlimited-retries" in symbols(found)
    (project / "tasks.py").write_text("# pylint: enable=celery-unlimited-retries\n" + BAD)
    assert "celery-unlimited-retries" in symbols(pylint(project, "tasks.py"))


@pytest.mark.parametrize("plugin", ["pylint_celery", "pylint_celery,pylint_celery.plugin"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_either_name_gives_each_message_once(project: Path, plugin: str, jobs: str) -> None:
    (project / "more.py").write_text(BAD)
    found = pylint(project, *ONLY, f"-j{jobs}", "tasks.py", "more.py", plugin=plugin)
    assert symbols(found).count("celery-unknown-task-option") == 2


@pytest.mark.parametrize(
    ("source", "left"),
    [
        (BAD, 1),
        (BAD.replace("=3)", "=3)  # pylint: disable=celery-unknown-task-option"), 0),
        (BAD.replace("=3)", "=3)  # pylint: disable=E8722"), 0),
        (BAD.replace("=3)", "=3)  # pylint: disable=celery-retry-arguments"), 1),
        ("# pylint: disable=celery-unknown-task-option\n" + BAD, 0),
        ("# pylint: skip-file\n" + BAD, 0),
        (BAD.replace("max_retires", "\n    # pylint: disable-next=E8722\n    max_retires"), 0),
        (BAD.replace("max_retires=3", "\n    max_retires=3,  # pylint: disable=E8722\n"), 0),
    ],
)  # fmt: skip
def test_comments(project: Path, source: str, left: int) -> None:
    (project / "tasks.py").write_text(source)
    assert len(pylint(project, *ONE, "tasks.py")) == left


def test_enable_and_disable(project: Path) -> None:
    assert symbols(pylint(project, "--disable=all", "--enable=E8722", "tasks.py")) == [
        "celery-unknown-task-option"
    ]
    assert not [s for s in symbols(pylint(project, "--disable=celery", "tasks.py")) if "cel" in s]
    assert "celery-unknown-task-option" in symbols(pylint(project, "-E", "tasks.py"))


def test_confidence(project: Path) -> None:
    (project / "limits.py").write_text(
        "class Limits:\n    def retries(self):\n        return 'three'\n"
    )
    (project / "tasks.py").write_text(
        "from celery import shared_task\nimport limits\n\n\n"
        "@shared_task(max_retries=limits.Limits().retries(), max_retires=1)\ndef g(): ...\n"
    )
    enable = ("--disable=all", "--enable=celery-unknown-task-option,celery-option-type")
    both = pylint(project, *enable, "tasks.py")
    assert [message["confidence"] for message in both] == ["INFERENCE", "HIGH"]
    for level in ("HIGH", "INFERENCE"):
        found = pylint(project, *enable, f"--confidence={level}", "tasks.py")
        assert [message["confidence"] for message in found] == [level]


def test_stdin_reads_the_buffer(project: Path) -> None:
    (project / "tasks.py").write_text("")
    [message] = pylint(project, *ONE, "--from-stdin", "tasks.py", stdin=BAD)
    assert message["line"] == 4
    [message] = pylint(project, *ONE, "--from-stdin", "unsaved.py", stdin="\n" + BAD)
    assert message["line"] == 5


def test_recursive(project: Path) -> None:
    (project / "package" / "deep").mkdir(parents=True)
    (project / "package" / "deep" / "jobs.py").write_text(BAD)
    found = pylint(project, *ONE, "--recursive=y", ".")
    assert [message["path"] for message in found] == ["package/deep/jobs.py", "tasks.py"]


def test_jobs_give_the_same(project: Path) -> None:
    names = [f"tasks{number}.py" for number in range(8)]
    for name in names:
        (project / name).write_text(BAD)
    for more in ((), ONLY):
        alone = pylint(project, *more, "-j1", *names)
        assert alone == pylint(project, *more, "-j4", *names)
        assert symbols(alone).count("celery-unknown-task-option") == 8


def test_options(project: Path) -> None:
    source = "from celery import shared_task\n\n\n@shared_task\nasync def f(): ...\n"
    (project / "tasks.py").write_text(source)
    enable = ("--disable=all", "--enable=celery-coroutine-task,celery-option")
    assert symbols(pylint(project, *enable, "tasks.py")) == ["celery-coroutine-task"]
    for name, text, expected in [
        ("pyproject.toml", "[tool.pylint.celery]\ncelery-async-tasks = true\n", []),
        ("pyproject.toml", "[tool.pylint.celery]\ncelery-pool = ['custom']\n", []),
        ("pylintrc", "[CELERY]\ncelery-pool=prefork,custom\n", []),
        ("pylintrc", "[MAIN]\nload-plugins=pylint_celery\n[CELERY]\ncelery-async-tasks=yes\n", []),
        ("setup.cfg", "[pylint.celery]\ncelery-async-tasks = yes\n", []),
        ("pylintrc", "[CELERY]\ncelery-pool=gevnt\n", ["celery-option", "celery-coroutine-task"]),
    ]:
        (project / name).write_text(text)
        found = pylint(project, *enable, "tasks.py")
        assert symbols(found) == expected, text
        (project / name).unlink()
    assert "'gevnt' is not understood" in found[0]["message"]
    assert pylint(project, *enable, "--celery-async-tasks=y", "tasks.py") == []


def test_folders_are_relative_to_the_configuration(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pyproject.toml").write_text("[tool.pylint.main]\njobs = 1\n")
    monkeypatch.chdir(project)
    adapter._config_folder.cache_clear()
    assert adapter._config_folder(str(project)) == str(project)


def test_help_reads_well(project: Path) -> None:
    listing = run(project, "--list-msgs").stdout
    for info in rules():
        head = f":celery-{info.symbol} ({info.pylint}):"
        line = next(line for line in listing.splitlines() if line.startswith(head))
        said = re.sub(r"%\w", "", line.removeprefix(head)).strip("* ")
        assert not said or re.search("[a-z]{2}", said), line
    names = [f"celery-{info.symbol}" for info in rules()] + [own.symbol for own in OWN]
    done = run(project, f"--help-msg={','.join(names)}")
    text = " ".join(done.stdout.split())
    for info in rules():
        assert info.summary in text
        assert f"`flake8-celery explain {info.code}`" in text
    for own in OWN:
        assert own.summary in text
    assert "retry(): %s" in text


def test_help_lists_the_options(project: Path) -> None:
    text = run(project, "--long-help").stdout
    for spec in OPTIONS:
        assert text.count(f"--{spec.name} <") == 1
    assert "[tool.pylint.celery]" not in run(project, "--generate-toml-config", plugin="").stdout


def test_generated_configuration_is_read_again(project: Path) -> None:
    for form, name in (("toml-config", "pyproject.toml"), ("rcfile", "pylintrc")):
        text = run(project, f"--generate-{form}").stdout
        (project / name).write_text(text)
        found = pylint(project, "tasks.py")
        assert "celery-unknown-task-option" in symbols(found)
        assert "unrecognized-option" not in symbols(found)
        (project / name).unlink()


def test_broken_and_undecodable_files(project: Path) -> None:
    (project / "broken.py").write_text("from celery import shared_task\ndef f(:\n")
    (project / "latin.py").write_bytes(b"from celery import shared_task\nx = '\xff'\n")
    (project / "empty.py").write_bytes(b"")
    (project / "declared.py").write_bytes(
        b"# -*- coding: latin-1 -*-\n" + BAD.replace("return 1", "return '\xe4'").encode("latin-1")
    )
    found = pylint(project, "-E", "broken.py", "latin.py", "empty.py", "declared.py", "tasks.py")
    assert [m["path"] for m in found if m["symbol"] == "celery-unknown-task-option"] == [
        "declared.py",
        "tasks.py",
    ]
    assert "syntax-error" in symbols(found)
    assert "astroid-error" not in symbols(found)


def test_renamed_messages_keep_their_old_names(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = ("E8799", "celery-wrong-task-option")
    monkeypatch.setattr(adapter, "RENAMED", {"CEL903": (old,)})
    message = adapter._messages("87")["E8722"]
    assert message[3]["old_names"] == [old]
    linter = PyLinter()
    monkeypatch.setattr(adapter.DeclarationChecker, "msgs", adapter._messages("87"))
    adapter.register(linter)
    for name in old:
        assert [m.symbol for m in linter.msgs_store.get_message_definitions(name)] == [
            "celery-unknown-task-option"
        ]


def test_register_is_idempotent() -> None:
    linter = PyLinter()
    for _ in range(3):
        adapter.register(linter)
    assert len([c for c in linter.get_checkers() if isinstance(c, adapter.CeleryChecker)]) == 6


def test_ids_of_our_own_are_free() -> None:
    taken = {info.pylint[1:] for info in rules()}
    ours = [own.pylint[1:] for own in OWN]
    assert not taken & set(ours)
    assert len(set(ours)) == len(ours)
    assert not {own.code for own in OWN} & {info.code for info in rules()}


def test_package_exports_what_pylint_calls() -> None:
    import pylint_celery

    assert pylint_celery.register is adapter.register
    assert pylint_celery.load_configuration is adapter.load_configuration
    assert sys.modules["pylint_celery.plugin"] is adapter


def test_every_option_and_message_is_documented() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for spec in (*OPTIONS, *adapter.PYLINT_OPTIONS):
        assert f"| `{spec.name}` |" in page
    for symbol in noise.WITHDRAWN:
        assert f"`{symbol}`" in page
    index = (ROOT / "docs" / "rules" / "index.md").read_text(encoding="utf-8")
    for own in OWN:
        assert f"({own.code}.md)" in index
        assert (ROOT / "docs" / "rules" / f"{own.code}.md").exists()


def test_suppress_is_an_option_of_pylint_alone(project: Path) -> None:
    assert {spec.name for spec in adapter.PYLINT_OPTIONS} & set(BY_NAME) == set()
    assert run(project, "--long-help").stdout.count("--celery-suppress <yes|no>") == 1
    (project / "pyproject.toml").write_text("[tool.pylint.celery]\ncelery-suppress = false\n")
    (project / "tasks.py").write_text(
        BAD.replace("max_retires=3", "bind=True").replace("()", "(self)")
    )
    enable = ("--disable=all", "--enable=unused-argument")
    assert symbols(pylint(project, *enable, "tasks.py")) == ["unused-argument"] * 2
    (project / "pyproject.toml").unlink()
    assert symbols(pylint(project, *enable, "tasks.py")) == ["unused-argument"]


@pytest.mark.parametrize("enable", [ONLY, (), ("--disable=all", "--enable=W,E,R")])
def test_a_call_of_an_imported_task_is_told_once(tmp_path: Path, enable: tuple[str, ...]) -> None:
    """Whichever of our checkers are on, and in whatever order they leave the module."""
    (tmp_path / "tasks.py").write_text(
        "from celery import shared_task\n\n\n@shared_task\ndef charge(pk, amount):\n"
        "    return pk, amount\n"
    )
    (tmp_path / "views.py").write_text(
        "from tasks import charge\n\n\ndef buy():\n    charge.delay(1)\n    charge(1)\n"
    )
    found = [
        (message["line"], message["column"])
        for message in pylint(tmp_path, *enable, "tasks.py", "views.py")
        if message["symbol"] == "celery-arguments-do-not-fit"
    ]
    assert found == [(5, 11), (6, 4)]
