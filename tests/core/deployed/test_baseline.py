"""What a file changes of what is deployed, by lock and by git revision."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from flake8_celery.core.contract.lock import Lock, dumps
from flake8_celery.core.deployed.concerns import concerns
from flake8_celery.core.deployed.read_tasks import contracts_of
from flake8_celery.core.engine.run import Finding
from flake8_celery.core.model.build import prepare
from flake8_celery.core.project.files import clear
from flake8_celery.core.project.lockpath import LOCK_NAME
from flake8_celery.core.syntax.module import Module
from flake8_celery.linter import lint
from flake8_celery.options import Options
from tests.flake8_half.test_plugin import flake8

HEAD = "from celery import shared_task\n"
ADD = "@shared_task\ndef add(a, b): ...\n"
IMPORTS = "from celery import Celery, signature\napp = Celery()"
CODES = ("CEL002", "CEL410", "CEL411", "CEL412", "CEL413", "CEL414", "CEL415", "CEL451", "CEL454")


class Shop:
    """A folder with a package `shop`; `deploy` locks the tasks that it holds now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("pyproject.toml", "")
        self.write("shop/__init__.py", "")

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        forget()
        return path

    def deploy(self, where: str = "") -> Path:
        tasks = {}
        start = self.folder / where
        for path in sorted(start.rglob("*.py")):
            text = path.read_text()
            model = prepare(Module(text, str(path), ast.parse(text)), Options())
            found, _ = contracts_of(model, path.relative_to(start).as_posix())
            tasks.update({task.name: task for task in found})
        return self.write(os.path.join(where, LOCK_NAME), dumps(Lock(1, tasks)))

    def findings(self, name: str, **options: Any) -> list[Finding]:
        path = self.folder / name
        chosen = Options({k.replace("_", "-"): v for k, v in options.items()}, str(self.folder))
        chosen.selected = frozenset({"CEL45"})
        found = lint(path.read_text(), str(path), chosen)
        return [finding for finding in found if finding.code in CODES]

    def codes(self, name: str, **options: Any) -> list[tuple[str, int]]:
        return [(finding.code, finding.line) for finding in self.findings(name, **options)]


def forget() -> None:
    clear()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.write("shop/tasks.py", HEAD + ADD)
    return made


@pytest.fixture
def locked(shop: Shop) -> Shop:
    shop.deploy()
    return shop


def test_nothing_changed(locked: Shop) -> None:
    assert locked.codes("shop/tasks.py") == []


def test_without_a_lock_nothing_is_said(shop: Shop) -> None:
    shop.write("shop/tasks.py", HEAD + "@shared_task\ndef other(): ...\nother.delay()\n")
    assert shop.codes("shop/tasks.py") == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("@shared_task\ndef add(a, b, c): ...\n", [("CEL411", 3)]),
        ("@shared_task\ndef add(\n    a,\n    b,\n    c,\n): ...\n", [("CEL411", 6)]),
        ("@shared_task\ndef add(a): ...\n", [("CEL412", 3)]),
        ("@shared_task\ndef add(b, a): ...\n", [("CEL413", 3)]),
        ("@shared_task(queue='q')\ndef add(a, b): ...\n", [("CEL415", 2)]),
        ("@shared_task(name='shop.tasks.add')\ndef plus(a, b): ...\n", []),
        ("@shared_task\ndef plus(a, b): ...\n", [("CEL410", 1), ("CEL451", 3)]),
        ("@shared_task(name='add')\ndef add(a, b): ...\n", [("CEL410", 1), ("CEL451", 3)]),
        ("", [("CEL410", 1)]),
    ],
)
def test_changes(locked: Shop, now: str, expected: list[tuple[str, int]]) -> None:
    locked.write("shop/tasks.py", HEAD + now)
    assert locked.codes("shop/tasks.py") == expected


def test_a_renamed_task_is_told_with_its_new_name(locked: Shop) -> None:
    locked.write("shop/tasks.py", HEAD + "@shared_task(name='add')\ndef add(a, b): ...\n")
    assert "it is add now" in locked.findings("shop/tasks.py")[0].message


@pytest.mark.parametrize("text", ["", "def add(a, b): ...\n", "# moved\n"])
def test_a_file_without_celery_may_have_lost_its_tasks(locked: Shop, text: str) -> None:
    locked.write("shop/tasks.py", text)
    assert locked.codes("shop/tasks.py") == [("CEL410", 1)]


@pytest.mark.parametrize(
    "now",
    [
        "@shared_task(**options)\ndef other(a): ...\n",
        "from x import NAME\n@shared_task(name=NAME)\ndef other(a): ...\n",
        "from x import deco\n@shared_task\n@deco\ndef add(a): ...\n",
        "if x:\n    @shared_task\n    def add(a): ...\n"
        "else:\n    @shared_task\n    def add(): ...\n",
    ],
)
def test_a_name_that_cannot_be_told_may_be_the_one(locked: Shop, now: str) -> None:
    locked.write("shop/tasks.py", HEAD + now)
    assert [code for code, _ in locked.codes("shop/tasks.py")] in ([], ["CEL451"])


@pytest.mark.parametrize("place", ["shop/jobs.py", "shop/deep/jobs.py", "other/jobs.py"])
def test_a_task_that_keeps_its_name_may_move(locked: Shop, place: str) -> None:
    named = "@shared_task(name='shop.tasks.add')\ndef add(a, b): ...\n"
    for folder in ("shop/deep", "other"):
        locked.write(f"{folder}/__init__.py", "")
    locked.write(place, HEAD + named)
    module = place.removesuffix(".py").replace("/", ".")
    locked.write("shop/tasks.py", f"{HEAD}from {module} import add\n")
    assert locked.codes("shop/tasks.py") == []
    assert locked.codes(place) == []
    # and is held against the lock where it is now
    locked.write(place, HEAD + named.replace("a, b", "a"))
    assert locked.codes(place) == [("CEL412", 3)]


def test_a_stand_in_of_the_same_name_is_no_new_version(locked: Shop) -> None:
    text = HEAD + "@shared_task(name='shop.tasks.add')\ndef add(x): ...\n"
    locked.write("tests/test_add.py", text)
    assert locked.codes("tests/test_add.py") == []


def test_tests_are_not_in_the_lock(locked: Shop) -> None:
    locked.write("tests/test_add.py", HEAD + "@shared_task\ndef new(x): ...\nnew.delay(1)\n")
    assert locked.codes("tests/test_add.py") == []


def test_new_tasks(locked: Shop) -> None:
    new = "@shared_task\ndef new(x): ...\nnew.delay(1)\nadd.delay(1, 2)\n"
    locked.write("shop/tasks.py", HEAD + ADD + new)
    assert locked.codes("shop/tasks.py") == [("CEL451", 5), ("CEL454", 6)]


def test_a_task_that_is_sent_from_another_file(locked: Shop) -> None:
    locked.write("shop/tasks.py", HEAD + "@shared_task\ndef add(a, b, c=1): ...\n")
    locked.write(
        "shop/views.py",
        """
        from shop.tasks import add

        def view(values):
            add.delay(1, 2)
            add.delay(1, 2, c=3)
            add.apply_async((1, 2, 3))
            add.delay(*values)
            add.apply((1, 2, 3))
            add.delay(1)
        """,
    )
    assert locked.codes("shop/views.py") == [("CEL414", 6), ("CEL414", 7)]
    [first, _] = locked.findings("shop/views.py")
    assert "unexpected keyword argument 'c'" in first.message


def test_sent_by_name(locked: Shop) -> None:
    locked.write("shop/tasks.py", HEAD + "@shared_task\ndef add(a, b, c=1): ...\n")
    locked.write(
        "shop/views.py",
        """
        from celery import Celery
        app = Celery()
        app.send_task("shop.tasks.add", (1, 2))
        app.send_task("shop.tasks.add", (1, 2), {"c": 3})
        """,
    )
    assert locked.codes("shop/views.py") == [("CEL414", 5)]


def test_sent_by_beat(locked: Shop) -> None:
    locked.write("shop/tasks.py", HEAD + "@shared_task\ndef add(a, b, c=1): ...\n")
    locked.write(
        "shop/celery.py",
        """
        from celery import Celery
        app = Celery()
        app.conf.beat_schedule = {
            "two": {"task": "shop.tasks.add", "schedule": 9, "args": (1, 2)},
            "more": {"task": "shop.tasks.add", "schedule": 9, "args": (1, 2, 3)},
            "named": {"task": "shop.tasks.add", "schedule": 9, "args": (1, 2), "kwargs": {"c": 3}},
        }
        """,
    )
    assert locked.codes("shop/celery.py") == [("CEL414", 6), ("CEL414", 7)]


def test_two_tasks_of_one_new_name(locked: Shop) -> None:
    twice = "@shared_task(name='n')\ndef new(x): ...\n"
    locked.write("shop/tasks.py", HEAD + ADD + twice + twice.replace("new", "other"))
    assert locked.codes("shop/tasks.py") == []


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("app.send_task('shop.tasks.add', (1, 2))", None),
        ("app.send_task('shop.tasks.add', (1,))", "CEL401"),
        ("app.send_task('shop.tasks.add', kwargs={'a': 1, 'c': 2})", "CEL401"),
        ("app.send_task('shop.tasks.add', values)", None),
        ("s = app.signature('shop.tasks.add', (1, 2, 3))", "CEL401"),
        ("s = app.signature('shop.tasks.add', (1,))", None),
        ("s = signature('shop.tasks.add', args=(1, 2, 3))", "CEL401"),
        ("s = signature('shop.tasks.add', args=(1, 2), immutable=True)", None),
        ("s = signature('shop.tasks.add', args=(1,), immutable=True)", "CEL401"),
        ("app.conf.beat_schedule = {'x': {'task': 'shop.tasks.add', 'schedule': 9.0, %s}}", None),
        ("app.conf.beat_schedule = {'x': {'task': 'shop.tasks.add', 'schedule': 9.0}}", "CEL705"),
    ],
)
def test_the_lock_is_an_index(locked: Shop, call: str, code: str | None) -> None:
    """One file is seen: the task's own is not there."""
    call = call.replace("%s", "'args': (1, 2)")
    path = locked.write("other/beat.py", f"{IMPORTS}\n{call}\n")
    for gone in (False, True):
        if gone:
            (locked.folder / "shop" / "tasks.py").unlink()
            forget()
        found = lint(path.read_text(), str(path), Options({}, str(locked.folder)))
        assert [finding.code for finding in found] == [code] * bool(code)


def test_the_nearest_lock_counts(shop: Shop) -> None:
    shop.write("service/pyproject.toml", "")
    shop.write("service/inner/__init__.py", "")
    shop.write("service/inner/tasks.py", HEAD + ADD)
    shop.deploy()
    shop.deploy("service")
    shop.write("service/inner/tasks.py", HEAD + ADD.replace("b", "b, c"))
    shop.write(f"service/{LOCK_NAME}", dumps(Lock()))
    assert shop.codes("service/inner/tasks.py") == [("CEL451", 3)]
    (shop.folder / "service" / LOCK_NAME).unlink()
    forget()
    assert shop.codes("service/inner/tasks.py") == [("CEL411", 3)]


def test_a_lock_named_by_option(locked: Shop) -> None:
    (locked.folder / "deployed").mkdir()
    (locked.folder / LOCK_NAME).rename(locked.folder / "deployed" / "production.lock")
    locked.write("shop/tasks.py", HEAD + ADD.replace("b", "b, c"))
    assert locked.codes("shop/tasks.py") == []
    assert locked.codes("shop/tasks.py", celery_lock="deployed/production.lock") == [("CEL411", 3)]


def test_a_lock_that_cannot_be_read(locked: Shop) -> None:
    text = (locked.folder / LOCK_NAME).read_text()
    locked.write(LOCK_NAME, f"<<<<<<< HEAD\n{text}=======\n>>>>>>> other\n")
    locked.write("shop/tasks.py", HEAD + "@shared_task\ndef add(): ...\n")
    [finding] = locked.findings("shop/tasks.py")
    assert (finding.code, finding.line) == ("CEL002", 1)
    assert "merge conflict" in finding.message
    [finding] = locked.findings("shop/tasks.py", celery_lock="no.lock")
    assert (finding.code, "no such file" in finding.message) == ("CEL002", True)


def test_through_flake8(locked: Shop) -> None:
    locked.write("shop/tasks.py", HEAD + ADD.replace("b", "b, c"))
    locked.write("shop/gone.py", "")
    done = flake8(locked.folder, "shop")
    assert "shop/tasks.py:3:15: CEL411 the parameter c of the deployed task add" in done.stdout
    source = (locked.folder / "shop" / "tasks.py").read_bytes()
    done = flake8(locked.folder, "--stdin-display-name=shop/tasks.py", "-", stdin=source)
    assert "shop/tasks.py:3:15: CEL411" in done.stdout
    done = flake8(locked.folder, "-", stdin=source)
    assert "CEL4" not in done.stdout
    done = flake8(locked.folder, "shop", config="celery-lock = nowhere.lock")
    assert "CEL002" in done.stdout
    locked.write("shop/tasks.py", "")
    done = flake8(locked.folder, "--isolated", "shop")
    assert done.stdout.startswith("shop/tasks.py:1:1: CEL410 the task shop.tasks.add")


# -- against a git revision


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def committed(shop: Shop) -> Shop:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    git(shop.folder, "init", "-q")
    git(shop.folder, "add", ".")
    git(shop.folder, "commit", "-qm", "first")
    return shop


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (ADD, []),
        ("@shared_task\ndef add(a, b, c): ...\n", [("CEL411", 3)]),
        ("@shared_task\ndef add(a): ...\n", [("CEL412", 3)]),
        ("", [("CEL410", 1)]),
        (ADD + "@shared_task\ndef new(): ...\nnew.delay()\n", [("CEL451", 5), ("CEL454", 6)]),
        ("@shared_task\ndef add(a, b, c=1): ...\nadd.delay(1, 2, 3)\n", [("CEL414", 4)]),
    ],
)
def test_against_a_revision(committed: Shop, now: str, expected: list[tuple[str, int]]) -> None:
    committed.write("shop/tasks.py", HEAD + now)
    assert committed.codes("shop/tasks.py", celery_against="HEAD") == expected
    assert committed.codes("shop/tasks.py") == []


def test_against_a_revision_in_another_file(committed: Shop) -> None:
    committed.write("shop/tasks.py", HEAD + "@shared_task\ndef add(a, b, c=1): ...\n")
    committed.write("shop/views.py", "from shop.tasks import add\nadd.delay(1, 2, c=3)\n")
    assert committed.codes("shop/views.py", celery_against="HEAD") == [("CEL414", 2)]


def test_against_a_revision_for_a_file_that_lost_its_tasks(committed: Shop) -> None:
    committed.write("shop/tasks.py", "")
    assert committed.codes("shop/tasks.py", celery_against="HEAD") == [("CEL410", 1)]
    assert committed.codes("shop/__init__.py", celery_against="HEAD") == []


@pytest.mark.parametrize("revision", ["nowhere", "--help", "HEAD~9", "a\nb"])
def test_a_revision_that_does_not_exist(committed: Shop, revision: str) -> None:
    [finding] = committed.findings("shop/tasks.py", celery_against=revision)
    assert finding.code == "CEL002"
    assert "celery-against: there is no revision" in finding.message
    assert "\n" not in finding.message


def test_no_repository(shop: Shop) -> None:
    [finding] = shop.findings("shop/tasks.py", celery_against="HEAD")
    assert (finding.code, "in no git repository" in finding.message) == ("CEL002", True)


def test_without_git(committed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(committed.folder))
    [finding] = committed.findings("shop/tasks.py", celery_against="HEAD")
    assert (finding.code, "git is not installed" in finding.message) == ("CEL002", True)


# -- cost


def test_without_a_lock_each_folder_is_looked_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget()
    (tmp_path / ".git").mkdir()  # above it others make folders meanwhile
    time.sleep(0.05)  # a folder that was made just now may still change unseen
    asked: list[str] = []
    for name in ("lexists", "exists"):
        real = getattr(os.path, name)
        monkeypatch.setattr(
            os.path,
            name,
            lambda path, real=real: (asked.append(path), real(path))[1],
        )
    folders = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "c"]
    for _ in range(50):
        for folder in folders:
            assert not concerns("", str(folder / "module.py"), Options())
    assert len(asked) <= 2 * (len(folders) + 1)
    assert len(set(asked)) == len(asked)
