"""Options that name what is not there are told once, by their names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flake8_celery.cli import main
from flake8_celery.core.project.files import clear
from flake8_celery.misnamed import misnamed
from flake8_celery.options import Options

FILES = {
    "setup.cfg": "",
    "shop/__init__.py": "",
    "shop/celery.py": "from celery import Celery, Task\n"
    "class Base(Task): ...\napp = Celery('shop')\n",
    "shop/deco.py": "def job(f): ...\n",
    "shop/settings/prod.py": "class Prod: ...\n",
    "backend/bank/celery.py": "from shop.celery import *\n",
    "Procfile": "worker: celery worker\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


RIGHT = [
    {},
    {"celery-app": "shop.celery:app"},
    {"celery-app": "shop.celery"},
    {"celery-app": "bank.celery:app"},
    {"celery-app": "shop:celery"},
    {"celery-task-class": "plain"},
    {"celery-task-class": "shop.celery:Base"},
    {"celery-task-class": "shop.celery.Base"},
    {"celery-task-decorators": "shop.deco.job, tenant_schemas_celery.task.job, job"},
    {"celery-source-roots": "., back*"},
    {"celery-config": "shop.settings.prod, shop/settings/prod.py, shop.settings.prod:Prod"},
    {"celery-config": "shop.settings.prod.Prod"},
    {"celery-worker-commands": "Procfile"},
    {"celery-target-version": "5.6"},
]
WRONG = [
    ({"celery-app": "shop.celry:app"}, "celery-app: shop has no module celry"),
    ({"celery-app": "shopp.celery:app"}, "celery-app: there is no module shopp.celery in"),
    ({"celery-app": "shop.celery:ap_p"}, "celery-app: shop.celery has no ap_p"),
    ({"celery-task-class": "shop.celery:Bass"}, "celery-task-class: shop.celery has no Bass"),
    ({"celery-task-decorators": "shop.deco.jobb"}, "celery-task-decorators: shop.deco has no jobb"),
    ({"celery-source-roots": "src"}, "celery-source-roots: there is no folder src in"),
    ({"celery-config": "shop.settings.pord"}, "celery-config: shop.settings has no pord"),
    ({"celery-config": "shop/prod.py"}, "celery-config: there is no file shop/prod.py in"),
    ({"celery-worker-commands": "Profile"}, "celery-worker-commands: there is no file Profile in"),
    ({"celery-target-version": "4.4"}, "celery-target-version: Celery 4.4 is not known, 5.3 and"),
    ({"celery-target-version": "6.0"}, "celery-target-version: Celery 6.0 is not known, 5.3 and"),
]


@pytest.mark.parametrize("values", RIGHT, ids=str)
def test_right(folder: Path, values: dict[str, object]) -> None:
    assert misnamed(Options(values, str(folder))) == ()


@pytest.mark.parametrize(("values", "text"), WRONG, ids=str)
def test_wrong(folder: Path, values: dict[str, object], text: str) -> None:
    [told] = misnamed(Options(values, str(folder)))
    assert told.startswith(text)


def test_flake8_and_check_tell(folder: Path) -> None:
    (folder / "setup.cfg").write_text("[flake8]\ncelery-app = shop.celry:app\n")
    command = [sys.executable, "-m"]
    both = []
    for words in (["flake8", "--select=CEL001", "-j1"], ["flake8_celery", "check"]):
        done = subprocess.run([*command, *words, "."], cwd=folder, capture_output=True, text=True)
        both.append([line for line in done.stdout.splitlines() if "CEL001" in line])
    assert all(line.endswith("CEL001 celery-app: shop has no module celry") for line in both[0])
    assert both[1] == ["setup.cfg:2:1: CEL001 celery-app: shop has no module celry"]


def test_one_comment_is_told_once(folder: Path) -> None:
    (folder / "setup.cfg").write_text("[flake8]\ncelery-app = shop.celery:app # ; mine\n")
    done = subprocess.run(
        [sys.executable, "-m", "flake8_celery", "check", "."],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.stdout.count("CEL001") == 1


COMMENTED = [
    ("celery-target-version = 5.5  # ours", "celery-target-version"),
    ("celery-app = shop.celery:app ; ours", "celery-app"),
    ("celery-pool =\n    prefork\n    gevent  # for now, later more", "celery-pool"),
]


@pytest.mark.parametrize(("line", "name"), COMMENTED)
def test_a_comment_behind_a_value_is_told_once(
    folder: Path,
    line: str,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    (folder / "setup.cfg").write_text(f"[flake8]\n{line}\n")
    clear()
    main(["check", "shop"])
    told = [row for row in capsys.readouterr().out.splitlines() if "CEL001" in row]
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--select=CEL001", "shop/celery.py"],
        capture_output=True,
        text=True,
    )
    for rows in (told, done.stdout.splitlines()):
        assert len(rows) == 1, rows
        assert f"{name} holds" in rows[0]
