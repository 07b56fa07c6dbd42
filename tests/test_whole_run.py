"""pylint's report on deployed tasks whose file is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pylint", "3.3")

from tests.pylint_command import pylint
from tests.test_baseline import ADD, HEAD, Shop

ONE = ("--disable=all", "--enable=celery-task-vanished,celery-lock")


def vanished(folder: Path, *arguments: str) -> list[tuple[str, int, str]]:
    found: list[dict[str, Any]] = pylint(folder, *ONE, *arguments)
    return [(message["path"], message["line"], message["symbol"]) for message in found]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.write("shop/tasks.py", HEAD + ADD)
    made.write("shop/mail.py", HEAD + "@shared_task\ndef send(pk): ...\n")
    made.write("shop/other.py", "import os\n")
    made.deploy()
    return made


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_a_file_that_is_gone(shop: Shop, jobs: str) -> None:
    assert vanished(shop.folder, jobs, "shop") == []
    (shop.folder / "shop" / "tasks.py").unlink()
    expected = [("shop/tasks.py", 1, "celery-task-vanished")]
    assert vanished(shop.folder, jobs, "shop") == expected
    [message] = pylint(shop.folder, *ONE, jobs, "shop")
    assert message["message"].startswith("the task shop.tasks.add of celery-tasks.lock is gone")
    assert message["module"] == "shop.tasks"


def test_it_went_elsewhere_with_its_name(shop: Shop) -> None:
    (shop.folder / "shop" / "tasks.py").unlink()
    named = HEAD + "@shared_task(name='shop.tasks.add')\ndef plus(a, b): ...\n"
    shop.write("shop/deep/__init__.py", "")
    shop.write("shop/deep/jobs.py", named)
    assert vanished(shop.folder, "shop") == []


def test_a_module_became_a_package(shop: Shop) -> None:
    (shop.folder / "shop" / "tasks.py").unlink()
    shop.write("shop/tasks/__init__.py", HEAD + ADD)
    assert vanished(shop.folder, "shop") == []


def test_a_task_that_is_gone_from_a_file_that_is_there(shop: Shop) -> None:
    shop.write("shop/tasks.py", "")
    assert vanished(shop.folder, "shop") == [("shop/tasks.py", 1, "celery-task-vanished")]


def test_a_lock_that_cannot_be_read(shop: Shop) -> None:
    shop.write("celery-tasks.lock", "{")
    (shop.folder / "shop" / "tasks.py").unlink()
    assert vanished(shop.folder, "shop") == [("shop/mail.py", 1, "celery-lock")]
