"""pylint's report on deployed tasks whose file is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pylint", "3.3")

from tests.core.deployed.test_baseline import ADD, HEAD, Shop
from tests.pylint_half.command import pylint

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


@pytest.mark.once
def test_it_went_elsewhere_with_its_name(shop: Shop) -> None:
    (shop.folder / "shop" / "tasks.py").unlink()
    named = HEAD + "@shared_task(name='shop.tasks.add')\ndef plus(a, b): ...\n"
    shop.write("shop/deep/__init__.py", "")
    shop.write("shop/deep/jobs.py", named)
    assert vanished(shop.folder, "shop") == []


@pytest.mark.once
def test_a_module_became_a_package(shop: Shop) -> None:
    (shop.folder / "shop" / "tasks.py").unlink()
    shop.write("shop/tasks/__init__.py", HEAD + ADD)
    assert vanished(shop.folder, "shop") == []


@pytest.mark.once
def test_a_task_that_is_gone_from_a_file_that_is_there(shop: Shop) -> None:
    shop.write("shop/tasks.py", "")
    assert vanished(shop.folder, "shop") == [("shop/tasks.py", 1, "celery-task-vanished")]


@pytest.mark.once
def test_a_lock_that_cannot_be_read(shop: Shop) -> None:
    shop.write("celery-tasks.lock", "{")
    (shop.folder / "shop" / "tasks.py").unlink()
    assert vanished(shop.folder, "shop") == [("shop/mail.py", 1, "celery-lock")]


# -- what no task is named

APP = "from celery import Celery\napp = Celery('shop', broker='amqp://')\n"
TASKS = "from celery import shared_task\n\n@shared_task\ndef send_receipt(pk): ...\n"
FILES = {
    "setup.cfg": "",
    "shop/__init__.py": "",
    "shop/celery.py": APP
    + """
app.conf.task_routes = {"shop.mails.*": {"queue": "mail"}}
app.conf.beat_schedule = {
    "tick": {"task": "shop.clock.tick", "schedule": 9.0},
    "sell": {"task": "shop.tasks.send_receipt", "schedule": 9.0, "args": (1,)},
    "else": {"task": "other.tasks.tick", "schedule": 9.0},
}
""",
    "shop/tasks.py": TASKS,
    "shop/reports.py": """from celery import shared_task

@shared_task(queue="reports")
def daily(): ...

@shared_task(queue="reports", name="shop.monthly")
def monthly(): ...
""",
    "shop/reports_copy.py": """from celery import shared_task

@shared_task(name="shop.monthly")
def monthly(): ...
""",
    "shop/views.py": """from shop.celery import app
from shop.tasks import send_receipt

def pay():
    app.send_task("shop.mail.send_receipt", (1,))
    send_receipt.apply_async((1,), queue="reprots")
""",
}
TOLD = [
    ("shop/celery.py", 4, "celery-route-matches-nothing"),
    ("shop/celery.py", 6, "celery-schedule-unknown-task"),
    ("shop/reports_copy.py", 3, "celery-duplicate-name"),
    ("shop/views.py", 5, "celery-sent-to-unknown-task"),
    ("shop/views.py", 6, "celery-queue-near-miss"),
]


def project(folder: Path, files: dict[str, str] | None = None) -> None:
    for name, text in {**FILES, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def together(folder: Path, *arguments: str) -> list[tuple[str, int, str]]:
    enabled = ",".join(symbol for _, _, symbol in TOLD)
    found = pylint(
        folder, "--disable=all", f"--enable={enabled},celery-arguments-do-not-fit", *arguments
    )
    return [
        (message["path"], message["line"], message["symbol"])
        for message in found
        if message["symbol"].startswith("celery-")
    ]


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_what_takes_all_tasks_to_know(tmp_path: Path, jobs: str) -> None:
    project(tmp_path)
    assert together(tmp_path, jobs, "shop") == TOLD


@pytest.mark.once
@pytest.mark.parametrize("path", ["shop/celery.py", "shop/views.py"])
def test_one_file_is_no_whole_run(tmp_path: Path, path: str) -> None:
    project(tmp_path)
    assert together(tmp_path, path) == []


@pytest.mark.once
def test_comments(tmp_path: Path) -> None:
    path, line, symbol = TOLD[1]
    lines = FILES[path].splitlines()
    lines[line - 1] += f"  # pylint: disable={symbol}"
    # one in the file that is linted last switches nothing off elsewhere
    last = "# pylint: disable=celery-queue-near-miss\n"
    project(tmp_path, {path: "\n".join(lines) + "\n", "shop/zoo.py": last})
    assert together(tmp_path, "shop") == [TOLD[0], *TOLD[2:]]


@pytest.mark.once
def test_a_file_that_can_not_be_read_may_hold_any_task(tmp_path: Path) -> None:
    project(tmp_path, {"shop/broken.py": "from celery import shared_task\ndef (:\n"})
    assert together(tmp_path, "shop") == []


@pytest.mark.once
def test_what_is_known_at_once_is_said_once(tmp_path: Path) -> None:
    text = FILES["shop/celery.py"].replace("shop.clock.tick", "shop.tasks.send_reciept")
    project(tmp_path, {"shop/celery.py": text})
    assert together(tmp_path, "shop") == TOLD
    assert together(tmp_path, "shop/celery.py") == [TOLD[1]]


@pytest.mark.once
def test_a_copy_that_is_not_linted_is_no_double(tmp_path: Path) -> None:
    named = FILES["shop/reports_copy.py"] + "\nmonthly.apply_async(queue='reports')\n"
    project(tmp_path, {"backup/__init__.py": "", "backup/reports.py": named})
    assert together(tmp_path, "shop") == TOLD
    project(tmp_path, {"shop/reports_copy.py": "", "shop/reports.py": named})
    doubles = [row for row in together(tmp_path, "shop") if "duplicate" in row[2]]
    assert doubles == []
    doubles = [row for row in together(tmp_path, "shop", "backup") if "duplicate" in row[2]]
    assert doubles == [("shop/reports.py", 3, "celery-duplicate-name")]
