"""The old PyPI package pylint-celery 0.3 beside ours, in every order of installing them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

pytest.importorskip("pylint", "3.3")

pytestmark = pytest.mark.once
BAD = "from celery import shared_task\n\n\n@shared_task(max_retires=3)\ndef first(): ...\n"
OPTION, OLD = "celery-unknown-task-option", "celery-old-plugin"


def pip(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel of ours and one of the old package."""
    folder = tmp_path_factory.mktemp("wheels")
    source = folder / "source"
    source.mkdir()
    for name in ("flake8_celery", "pylint_celery"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for what, where in ((source, "ours"), ("pylint-celery==0.3", "old")):
        done = pip("wheel", "--no-deps", "--wheel-dir", folder / where, what)
        if done.returncode:
            pytest.skip(f"{where}: can't be downloaded or built here: {done.stderr[-200:]}")
    return next((folder / "ours").glob("*.whl")), next((folder / "old").glob("*.whl"))


class Environment:
    """A virtual environment that has the two packages, and everything else from ours."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.project.mkdir()
        (self.project / "tasks.py").write_text(BAD)
        (self.project / "more.py").write_text(BAD)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.python = folder / "env" / scripts / "python"
        code = "import sysconfig; print(sysconfig.get_path('purelib'))"
        where = subprocess.check_output([self.python, "-c", code], text=True).strip()
        # at the end of sys.path, and no .pth file in it is read
        (Path(where) / "rest.pth").write_text(sysconfig.get_path("purelib") + "\n")
        self.package = Path(where) / "pylint_celery"

    def install(self, *wheels: Path, force: bool = False) -> None:
        more = ["--force-reinstall"] if force else []
        for wheel in wheels:
            done = pip("--python", self.python, "install", "--no-deps", *more, wheel)
            assert done.returncode == 0, done.stderr

    def uninstall(self, name: str) -> None:
        done = pip("--python", self.python, "uninstall", "-y", name)
        assert done.returncode == 0, done.stderr

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
        return subprocess.run(
            [self.python, "-m", *arguments],
            cwd=self.project,
            capture_output=True,
            text=True,
            env={**kept, "PYLINTHOME": str(self.project / ".cache")},
        )

    def pylint(self, plugin: str, *more: str) -> list[dict[str, Any]]:
        done = self.run("pylint", "-f", "json2", f"--load-plugins={plugin}", *more, "tasks.py")
        assert "Traceback" not in done.stderr, done.stderr
        messages: list[dict[str, Any]] = json.loads(done.stdout)["messages"]
        return [message for message in messages if message["symbol"].startswith("celery-")]

    def flake8(self) -> list[str]:
        done = self.run("flake8", "--isolated", "--select=CEL", "tasks.py")
        assert done.stderr == ""
        return [line.split()[1] for line in done.stdout.splitlines()]


def said(messages: list[dict[str, Any]]) -> list[str]:
    return sorted(message["symbol"] for message in messages)


def test_old_then_ours(wheels: tuple[Path, Path], tmp_path: Path) -> None:
    """Ours works; that the next uninstall breaks it is said once, and costs no exit code."""
    ours, old = wheels
    there = Environment(tmp_path)
    there.install(old, ours)
    for plugin in ("pylint_celery", "pylint_celery.plugin", "pylint_celery,pylint_celery.plugin"):
        assert said(there.pylint(plugin)) == [OLD, OPTION]
    found = there.pylint("pylint_celery", "-j2", "more.py")
    assert said(found) == [OLD, OPTION, OPTION]
    [told] = [message for message in found if message["symbol"] == OLD]
    assert told["type"] == "info"
    assert "pylint-celery 0.3 is installed too" in told["message"]
    assert "pip uninstall pylint-celery" in told["message"]
    quiet = f"--disable={OLD}"
    assert said(there.pylint("pylint_celery", quiet)) == [OPTION]
    only = ("--load-plugins=pylint_celery", "--disable=all", f"--enable={OLD}", "tasks.py")
    assert there.run("pylint", *only).returncode == 0
    assert there.flake8() == ["CEL903"]


def test_ours_then_old(wheels: tuple[Path, Path], tmp_path: Path) -> None:
    """Their module is loaded in place of ours; the flake8 half says so, then both are repaired."""
    ours, old = wheels
    there = Environment(tmp_path)
    there.install(ours, old)
    assert said(there.pylint("pylint_celery")) == []
    assert said(there.pylint("pylint_celery.plugin")) == [OLD, OPTION]
    assert there.flake8() == ["CEL004", "CEL903"]
    there.uninstall("pylint-celery")
    assert not (there.package / "__init__.py").exists()
    assert said(there.pylint("pylint_celery.plugin")) == [OPTION]
    assert there.flake8() == ["CEL004", "CEL903"]
    there.install(ours, force=True)
    for plugin in ("pylint_celery", "pylint_celery.plugin"):
        assert said(there.pylint(plugin)) == [OPTION]
    assert there.flake8() == ["CEL903"]


def test_ours_put_back_beside_the_old(wheels: tuple[Path, Path], tmp_path: Path) -> None:
    """What prospector's users do, whose requirements bring the old package in."""
    ours, old = wheels
    there = Environment(tmp_path)
    there.install(ours, old)
    there.install(ours, force=True)
    assert said(there.pylint("pylint_celery")) == [OLD, OPTION]
    assert there.flake8() == ["CEL903"]
