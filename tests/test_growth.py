"""What a run costs grows no faster than the file; counted in instructions, not in seconds."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from flake8_celery.core.project.files import clear
from tests.growth import FAMILIES, exponent, lock_of, work

#: A little above one: some fixed part always falls away, and sorting is allowed.
MOST = 1.25


# steps are counted by a trace of the interpreter, which is not the same everywhere
pytestmark = pytest.mark.once


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    return tmp_path / "shop" / "tasks.py"


@pytest.mark.parametrize("family", FAMILIES)
def test_growth(family: str, module: Path) -> None:
    assert exponent(FAMILIES[family], module, 24, 72) < MOST


@pytest.mark.parametrize("family", FAMILIES)
def test_growth_of_large_files(family: str, module: Path) -> None:
    assert exponent(FAMILIES[family], module, 100, 400) < MOST


@pytest.mark.parametrize("held", ["all", "none", "few"])
def test_growth_with_a_lock(held: str, module: Path) -> None:
    def cost(size: int) -> int:
        (module.parent.parent / "celery-tasks.lock").write_text(lock_of(size))
        count = {"all": size, "none": 0, "few": 3}[held]
        clear()
        return work(FAMILIES["tasks"](count), module)

    assert math.log(cost(90) / cost(30)) / math.log(3) < MOST


def test_growth_of_a_locked_signature(module: Path) -> None:
    """Each parameter by each count of positional arguments: quadratic, and no more."""

    def cost(size: int) -> int:
        (module.parent.parent / "celery-tasks.lock").write_text(lock_of(1, size))
        clear()
        return work("from celery import Celery\napp = Celery()\n@app.task\ndef t0(): ...\n", module)

    assert math.log(cost(60) / cost(20)) / math.log(3) < 2.1
