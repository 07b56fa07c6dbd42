"""Which files are parsed in search of the application: those whose code names Celery."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_celery.core.project.files import DISK, clear
from flake8_celery.linter import lint

TASKS = (
    "from celery import shared_task\nfrom shop.other import work\n\n"
    "@shared_task(acks_late=True, time_limit=90000)\ndef t():\n    work()\n"
)
NAMING = [
    "import celery\napp = celery.Celery('shop')\n",
    "from shop.base import celery_factory\napp = celery_factory('shop')\n",
    "from shop import base\napp = base.make_celery()\n",
    "import shop.base\nclass Shop(shop.base.Celery): ...\napp = Shop()\n",
    "from shop.base import (\n    make,\n    TypedCelery,\n)\n",
    "def make() -> 'Celery':\n    return build()\n",
    "app: Celery = build()\n",
]
PROSE = [
    '"""Helpers of Celery tasks."""\ndef work(): ...\n',
    "def work():\n    # what celery calls\n    return 1\n",
    '"""Runs asynchronously via Celery."""\n',
]


def parsed(tmp_path: Path, other: str) -> bool:
    package = tmp_path / "shop"
    package.mkdir()
    (tmp_path / "setup.cfg").write_text("")
    (package / "__init__.py").write_text("")
    (package / "other.py").write_text(other)
    tasks = package / "tasks.py"
    tasks.write_text(TASKS)
    clear()
    lint(TASKS, str(tasks))
    return str(package / "other.py") in DISK.trees


@pytest.mark.parametrize("text", NAMING)
def test_code_that_names_celery_is_read(text: str, tmp_path: Path) -> None:
    assert parsed(tmp_path, text)


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_not(text: str, tmp_path: Path) -> None:
    assert not parsed(tmp_path, text.replace("work", "play"))
