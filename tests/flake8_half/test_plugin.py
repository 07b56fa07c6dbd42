"""The plugin through the real command, as users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

BAD = """\
from celery import shared_task


@shared_task(max_retires=3)
def first():
    return 1


@shared_task(autoretry_for=(Exception,), max_retries=None, retry_backoff=True)
def second():
    return 2
"""
CODE = [("CEL903", 4, 14)]
ADVICE = [("CEL356", 9, 29), ("CEL354", 9, 54)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tasks.py").write_text(BAD)
    return tmp_path


def flake8(
    project: Path,
    *arguments: str,
    config: str | None = None,
    stdin: bytes | None = None,
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    if config is not None:
        (project / ".flake8").write_text(f"[flake8]\n{config}\n")
    # as for a user: a rule that fails is reported, not raised
    environment = {k: v for k, v in os.environ.items() if k != "FLAKE8_CELERY_RAISE"}
    done = subprocess.run(
        [sys.executable, "-m", "flake8", *arguments],
        cwd=project,
        input=stdin,
        capture_output=True,
        env={**environment, "HOME": str(project.parent), **variables},
    )
    text = done.stderr.decode()
    assert "Traceback" not in text, text
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), text)


def rows(done: subprocess.CompletedProcess[str], prefix: str = "CEL") -> list[tuple[str, int, int]]:
    found = []
    for line in done.stdout.splitlines():
        _, number, column, text = line.split(":", 3)
        if text.strip().startswith(prefix):
            found.append((text.split()[0], int(number), int(column)))
    return found


def test_default(project: Path) -> None:
    done = flake8(project, "tasks.py")
    assert rows(done) == CODE
    assert done.returncode == 1
    assert "tasks.py:4:14: CEL903 max_retires is no task option" in done.stdout


def test_version_names_us(project: Path) -> None:
    assert "flake8-celery: 0.1.0" in flake8(project, "--version").stdout


def test_noqa(project: Path) -> None:
    text = BAD.replace("(max_retires=3)", "(max_retires=3)  # noqa: CEL903")
    (project / "tasks.py").write_text(text)
    assert rows(flake8(project, "tasks.py")) == []
    (project / "tasks.py").write_text(text.replace("CEL903", "CEL301"))
    assert rows(flake8(project, "tasks.py")) == CODE


def test_noqa_stands_on_the_line_of_the_mistake(project: Path) -> None:
    text = (
        "from celery import shared_task\n\n\n@shared_task(\n    max_retires=3,  # noqa: CEL903\n)\n"
    )
    (project / "tasks.py").write_text(text + "def first():\n    return 1\n")
    assert rows(flake8(project, "tasks.py")) == []


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("per-file-ignores =\n    tasks.py: CEL903", []),
        ("extend-select = CEL354", [*CODE, ADVICE[1]]),
        ("extend-select = CEL35", [*CODE, *ADVICE]),
        ("extend-select = CEL", CODE),
        ("ignore = E203", CODE),
        ("ignore = E203\nextend-select = CEL356", [*CODE, ADVICE[0]]),
        ("select = E,F,W,CEL", CODE),
        ("select = E,F,W", []),
        ("select = E,F,W,CEL,CEL354", [*CODE, ADVICE[1]]),
        ("extend-ignore = CEL9", []),
        ("extend-ignore = CEL354\nextend-select = CEL35", [*CODE, ADVICE[0]]),
        ("exclude = tasks.py", []),
    ],
)
def test_selection(project: Path, config: str, expected: list[tuple[str, int, int]]) -> None:
    assert rows(flake8(project, "tasks.py", config=config)) == expected


def test_stdin(project: Path) -> None:
    (project / "tasks.py").unlink()
    done = flake8(project, "--stdin-display-name", "shop/tasks.py", "-", stdin=BAD.encode())
    assert rows(done) == CODE
    assert "shop/tasks.py:4:14: CEL903" in done.stdout
    done = flake8(project, "-", stdin=b"\xef\xbb\xbf" + BAD.replace("\n", "\r\n").encode())
    assert rows(done) == CODE


def test_stdin_of_a_stub(project: Path) -> None:
    source = b"from celery import shared_task\n\n\n@shared_task\nasync def f(): ...\n"
    assert rows(flake8(project, "-", stdin=source)) == [("CEL906", 5, 1)]
    assert rows(flake8(project, "--stdin-display-name", "tasks.pyi", "-", stdin=source)) == []


def test_workers(project: Path) -> None:
    names = []
    for number in range(12):
        names.append(f"tasks{number}.py")
        (project / names[-1]).write_text(BAD)
    config = "extend-select = CEL354\ncelery-task-class = plain"
    alone = flake8(project, "-j1", *names, config=config)
    together = flake8(project, "-j4", *names, config=config)
    assert rows(alone) == [*CODE, ADVICE[1]] * 12
    assert alone.stdout == together.stdout


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_start_methods(project: Path, method: str) -> None:
    for number in range(4):
        (project / f"tasks{number}.py").write_text(BAD)
    code = (
        "import multiprocessing as m, sys\n"
        f"if __name__ == '__main__':\n"
        f"    m.set_start_method({method!r})\n"
        "    from flake8.main.cli import main\n"
        "    sys.exit(main(['-j2', '--extend-select=CEL354', 'tasks0.py', 'tasks1.py']))\n"
    )
    (project / "run.py").write_text(code)
    done = subprocess.run([sys.executable, "run.py"], cwd=project, capture_output=True, text=True)
    assert done.stdout.count("CEL903") == 2, done.stderr
    assert done.stdout.count("CEL354") == 2


def test_broken_syntax_is_left_to_flake8(project: Path) -> None:
    (project / "broken.py").write_text("from celery import shared_task\n\ndef f(:\n")
    (project / "latin.py").write_bytes(b"from celery import shared_task\nx = '\xff'\n")
    (project / "empty.py").write_bytes(b"")
    with_us = flake8(project, "--select=E,F,W,CEL", ".")
    without = flake8(project, "--select=E,F,W", ".")
    assert rows(with_us) == CODE
    assert rows(with_us, "E") + rows(with_us, "F") == rows(without, "E") + rows(without, "F")


def test_guard(project: Path) -> None:
    """A rule that fails is named, and costs no other finding."""
    (project / "sitecustomize.py").write_text(
        "import sys\n"
        "from flake8_celery.core.engine import run\n"
        "load = run.load\n"
        "def broken(rule):\n"
        "    check = load(rule)\n"
        "    if rule.code == 'CEL304':\n"
        "        def check(fact, context): raise KeyError('x')\n"
        "    return check\n"
        "run.load = broken\n"
    )
    done = flake8(project, "tasks.py", PYTHONPATH=str(project))
    # once, though it fails on both tasks
    assert rows(done) == [*CODE, ("CEL000", 5, 1)]
    assert "CEL304" in done.stdout
    assert "KeyError" in done.stdout


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("celery-pol = gevent", "celery-pol is no option, did you mean celery-pool?"),
        ("celery-pool = gevnt", "'gevnt' is not understood"),
        ("celery-target-version = new", "'new' is not understood"),
        ("celery-async-tasks = maybe", "'maybe' is not understood"),
        ("celery-broker = redis ; the broker", "';'"),
        ("celery-broker = redis  # the broker", "'#'"),
    ],
)
def test_options_that_are_wrong(project: Path, config: str, says: str) -> None:
    done = flake8(project, "tasks.py", config=config)
    assert rows(done) == [("CEL001", 1, 1), *CODE]
    assert says in done.stdout


def test_options_work(project: Path) -> None:
    source = "from celery import shared_task\n\n\n@shared_task\nasync def f(): ...\n"
    (project / "tasks.py").write_text(source)
    assert rows(flake8(project, "tasks.py")) == [("CEL906", 5, 1)]
    assert rows(flake8(project, "tasks.py", config="celery-async-tasks = yes")) == []
    assert rows(flake8(project, "--celery-pool=prefork,custom", "tasks.py", config="")) == []


def test_parsing_options_twice_is_harmless() -> None:
    from argparse import Namespace

    from flake8_celery.plugin import Plugin

    before = Plugin.options
    try:
        for _ in range(2):
            Plugin.parse_options(None, Namespace(celery_pool=["gevent"]), [])
            assert Plugin.options.celery_pool == ("gevent",)
        Plugin.parse_options(None, Namespace(), [])
        assert Plugin.options.celery_pool == ()
    finally:
        Plugin.options = before


def test_columns_are_those_of_the_text(project: Path) -> None:
    (project / "tasks.py").write_text(
        "from celery import shared_task\n\nf = ('größe', shared_task(max_retires=3)(len))\n",
        encoding="utf-8",
    )
    assert rows(flake8(project, "--select=CEL903", "tasks.py")) == [("CEL903", 3, 27)]


@pytest.mark.parametrize(
    ("init", "says"),
    [
        ("def register(linter):\n    pass\n", "taken our module's place"),
        ("from pylint_celery.plugin import register\n", ""),
        (None, "__init__.py is gone"),
    ],
)
def test_old_pylint_plugin_in_our_place(project: Path, init: str | None, says: str) -> None:
    """The old package came last: what `import pylint_celery` finds is theirs."""
    (project / "other.py").write_text("import os\n\nprint(os.name)\n")
    package = project / "path" / "pylint_celery"
    package.mkdir(parents=True)
    if init is not None:
        (package / "__init__.py").write_text(init)
    # only ours to be found: this repository without its pylint half
    (project / "path" / "flake8_celery").symlink_to(ROOT / "flake8_celery")
    run = (
        "import os, sys\n"
        "sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in repr(f)]\n"
        "there = [p for p in sys.path if not os.path.exists(f'{p}/pylint_celery')]\n"
        "sys.path[:] = ['path', *there]\n"
        "from flake8.main.cli import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", run, "tasks.py", "other.py"]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    for more, expected in ((), [("CEL004", 1, 1)]), (["--extend-ignore=CEL004"], []):
        done = subprocess.run(
            [*command, *more], cwd=project, capture_output=True, text=True, env=environment
        )
        assert done.stderr == ""
        assert rows(done) == expected * bool(says) + CODE
        assert more or says in done.stdout
