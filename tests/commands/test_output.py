"""What is printed: text of the linted code escaped; a stream that fails costs no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_celery.cli import main
from flake8_celery.commands.common import fail, shown
from flake8_celery.core.engine.run import RAISE_VARIABLE
from flake8_celery.linter import lint
from flake8_celery.options import Options
from flake8_celery.text import Plain, plain
from tests.core.project.test_guarded_git import git
from tests.pylint_half.test_pylint_adapter import run as run_pylint

HEAD = "from celery import Celery, shared_task\n\n\n"
#: What a CI system, a terminal or a reader of lines would obey.
ORDERS = (
    "\n::error file=x::bad\n",
    "\r\n##vso[task.complete]\r\n",
    "\x1b[2J\x1b]0;title\x07",
    "\u2028x\u2029",
    "\x00\x0b\x0c\x1c\x85",
    "\u202eabc\u2066",
    "\x9b31m",
)


def test_plain() -> None:
    for order in ORDERS:
        assert plain(order).isprintable()
        assert f"{Plain(order)}" == str(Plain(order)) == plain(order)
        assert Plain(order) == order
    assert plain("a\n\x1b\udc80é") == r"a\n\x1b\udc80é"
    assert plain("as it was, é") == "as it was, é"


# -- findings


@pytest.mark.parametrize("order", ORDERS)
def test_findings(order: str) -> None:
    text = HEAD + (
        f"app = Celery()\nNAME = {order!r}\n\n\n"
        "@shared_task(name=NAME)\ndef f(a): ...\n\n\n"
        "@shared_task(name=NAME)\ndef g(a): ...\n\n\n"
        "f.delay()\nf.delay(**{NAME: 1})\nf.apply_async((1,), **{NAME: 1})\n"
        "f.apply_async((1,), queue=NAME, serializer=NAME, priority=NAME, countdown=NAME)\n"
        "app.send_task(NAME, (1, 2))\napp.conf.update({NAME: 1, 'task_serializer': NAME})\n"
        "app.conf.beat_schedule = {NAME: {'task': NAME, 'schedule': NAME, NAME: 1}}\n"
        "app.conf.task_routes = {NAME: {'queue': NAME, NAME: 1}}\n"
        "shared_task(**{NAME: 1})(len)\nf.retry(**{NAME: 1})\n"
    )
    options = Options()
    options.selected = frozenset({"CEL1", "CEL3", "CEL4", "CEL5", "CEL7", "CEL8"})
    found = lint(text, "tasks.py", options)
    assert len(found) >= 5
    for finding in found:
        assert finding.message.isprintable(), finding
        for given in finding.arguments:
            assert str(given).isprintable(), finding


def test_findings_of_options() -> None:
    from flake8_celery import plugin

    options = Options({"celery-pool": "a\x1b[1m", "celery-broker": "x\ny"})
    before = plugin.Plugin.options
    plugin.Plugin.options = options
    try:
        import ast

        text = HEAD + "@shared_task\ndef f(): ...\n"
        rows = list(plugin.Plugin(ast.parse(text), "a.py", text.splitlines(True)).run())
    finally:
        plugin.Plugin.options = before
    assert len([row for row in rows if "CEL001" in row[2]]) == 2
    assert all(row[2].isprintable() for row in rows)


# -- commands


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "setup.cfg").touch()
    tasks = [
        f"@shared_task(name={order!r})\ndef f{number}(a): ...\n\n\n"
        for number, order in enumerate(ORDERS)
    ]
    (folder / "tasks.py").write_text(HEAD + "".join(tasks))
    (folder / "ta\n::error::sks.py").write_text(HEAD + "@shared_task(name='x')\ndef x(a): ...\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "1")
    git(folder, "tag", "tag")
    changed = "".join(tasks[::2]).replace("(a)", "(a, b)")
    (folder / "tasks.py").write_text(HEAD + changed + "\n\nf0.delay(1)\nf2.delay(1, 2, 3)\n")
    (folder / "ta\n::error::sks.py").write_text(HEAD + "@shared_task(name='x')\ndef x(): ...\n")
    return folder


@pytest.mark.parametrize("form", ["text", "github"])
def test_lines_of_diff(hostile: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    assert main(["diff", str(hostile), "--against", "tag", f"--format={form}", "--strict"]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.split("\n")
    assert len(lines) > 8
    assert all(line.isprintable() for line in lines)
    if form == "github":
        commands = [line for line in lines if line.startswith("::")]
        assert all(line.startswith(("::error file=", "::notice", "::warning")) for line in commands)
        assert not [line for line in commands if "::bad" in line.partition("title=")[0]]
    else:
        assert not [line for line in lines if line.startswith(("::", "##"))]


def test_json_of_diff(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(hostile), "--against", "tag", "--format=json"]) == 1
    out = capsys.readouterr().out
    assert out.isascii()
    assert all(line.isprintable() for line in out.split("\n"))
    assert {found["task"] for found in json.loads(out)["breaks"]} >= {*ORDERS, "x"}


def test_lines_of_lock(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["lock"], ["lock", "--check"]):
        assert main([*words, str(hostile)]) == 1
        out, err = capsys.readouterr()
        assert err == ""
        assert all(line.isprintable() for line in out.split("\n"))
        assert not [line for line in out.split("\n") if line.startswith(("::", "##"))]


def test_a_name_that_a_shell_would_obey(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "setup.cfg").touch()
    text = HEAD + "@shared_task(name='a; $(touch x)')\ndef f(a): ...\n"
    (tmp_path / "tasks.py").write_text(text)
    assert main(["lock", str(tmp_path)]) == 0
    (tmp_path / "tasks.py").write_text(text.replace("(a)", "(a, b)"))
    assert main(["lock", str(tmp_path)]) == 1
    assert "--accept 'a; $(touch x)'" in capsys.readouterr().out


@pytest.mark.parametrize("order", ORDERS)
def test_errors(capsys: pytest.CaptureFixture[str], order: str, tmp_path: Path) -> None:
    assert fail(order) == 2
    assert shown(f"/x/{order}").isprintable()
    (tmp_path / "celery-tasks.lock").write_text(
        json.dumps({"version": 1, "tasks": {order: {"file": order}}})
    )
    assert main(["lock", str(tmp_path)]) == 2
    assert main(["diff", "--lock", str(tmp_path / "celery-tasks.lock"), str(tmp_path)]) == 2
    assert main(["diff", "--against", order, str(tmp_path)]) == 2
    assert main(["explain", order]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 5
    assert err.replace("\n", "").isprintable()


# -- what is empty


@pytest.mark.parametrize(
    "words",
    [
        ["--against", ""],
        ["--against", " "],
        ["--against="],
        ["--lock", ""],
        ["--lock=", "--strict"],
    ],
)
def test_a_variable_that_is_not_set(
    hostile: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(["diff", str(hostile), *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "is empty" in err
    assert main(["lock", ""]) == 2
    assert "is empty" in capsys.readouterr().err


def test_which_task_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "setup.cfg").touch()
    tasks = [f"@shared_task\ndef f{number}(a): ...\n\n\n" for number in range(9)]
    (tmp_path / "tasks.py").write_text(HEAD + "".join(tasks[:5]))
    assert main(["lock", str(tmp_path)]) == 0
    lock = str(tmp_path / "celery-tasks.lock")
    (tmp_path / "tasks.py").write_text(HEAD + "".join(tasks[:4] + tasks[5:]))
    capsys.readouterr()
    assert main(["diff", "--lock", lock, str(tmp_path)]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert "; gone: tasks.f4; new: tasks.f5, tasks.f6, tasks.f7 and 1 more" in last
    assert main(["diff", "--lock", lock, str(tmp_path), "--format=json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["gone"] == ["tasks.f4"]
    assert len(report["new"]) == 4


# -- streams


def command(
    *words: str,
    options: tuple[str, ...] = (),
    shell: str = "",
    cwd: Path | None = None,
    **more: str,
) -> subprocess.CompletedProcess[str]:
    code = "from flake8_celery.cli import main\nimport sys\nsys.exit(main())"
    line = [sys.executable, *options, "-c", code, *words]
    unset = (RAISE_VARIABLE, "PYTHONIOENCODING", "PYTHONUNBUFFERED")
    environment = {
        **{name: value for name, value in os.environ.items() if name not in unset},
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        **more,
    }
    if shell:
        line = ["/bin/sh", "-c", shell, "sh", *line]
    return subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True)


COMMANDS = (
    ("rules",),
    ("rules", "--format=json"),
    ("explain", "CEL301"),
    ("explain", "CEL002"),
    ("lock", "--check", "."),
    ("diff", "--against", "tag", "."),
    ("--help",),
    ("--version",),
)


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize(
    ("shell", "says"),
    [('"$@" >/dev/full', "No space left"), ('"$@" >&-', "closed"), ('"$@" >&- 2>&-', "")],
)
def test_output_that_fails(hostile: Path, words: tuple[str, ...], shell: str, says: str) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no such device")
    done = command(*words, shell=shell, cwd=hostile)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.stdout == ""
    if words[0].startswith("--") and "full" not in shell:
        return  # argparse does without
    assert done.returncode == 2
    if says:
        assert says in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [w for w in COMMANDS if w[0] in ("lock", "diff")])
def test_a_current_folder_that_is_gone(hostile: Path, words: tuple[str, ...]) -> None:
    gone = hostile / "gone"
    gone.mkdir()
    done = command(*words, shell=f'rmdir "{gone}"; "$@"', cwd=gone)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "is gone" in done.stderr or "no folder" in done.stderr
    assert (
        command("rules", shell=f'mkdir "{gone}"; cd "{gone}"; rmdir "{gone}"; "$@"').returncode == 0
    )


@pytest.mark.parametrize("options", [("-OO",), ("-O",), ()])
def test_explain_without_docstrings(options: tuple[str, ...]) -> None:
    usual = command("explain", "CEL301", COLUMNS="80").stdout
    assert len(usual.splitlines()) > 15
    assert command("explain", "CEL301", options=options, COLUMNS="80").stdout == usual
    assert command("lock", "--help", options=options).returncode == 0


@pytest.mark.parametrize("words", COMMANDS)
def test_an_ascii_terminal(hostile: Path, words: tuple[str, ...]) -> None:
    (hostile / "é.py").write_text(HEAD + "@shared_task(name='é')\ndef é(a): ...\n")
    done = command(*words, cwd=hostile, PYTHONIOENCODING="ascii")
    assert "Traceback" not in done.stderr
    assert done.stdout
    assert done.stdout.isascii()
    if words[0] == "explain":
        assert "\\" not in done.stdout.splitlines()[4]


def test_pylint_in_an_ascii_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tasks.py").write_text(HEAD + "@shared_task(naïme=1)\ndef f(): ...\n")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii:backslashreplace")
    done = run_pylint(tmp_path, "--disable=all", "--enable=celery", "tasks.py")
    assert "celery-unknown-task-option" in done.stdout
