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


# -- what no task is named

APP = "from celery import Celery\napp = Celery('shop', broker='amqp://')\n"
TASKS = "from celery import shared_task\n\n@shared_task\ndef send_receipt(pk): ...\n"
TOGETHER = {
    "CEL406": (
        {"shop/views.py": "from shop.celery import app\n\n\ndef pay():\n"
         "    app.send_task('shop.mail.send_receipt', (1,))\n"},
        ("shop/views.py", 5, "celery-sent-to-unknown-task"),
    ),
    "CEL507": (
        {"shop/celery.py": APP + "app.conf.task_routes = {'shop.mails.*': {'queue': 'mail'}}\n"},
        ("shop/celery.py", 3, "celery-route-matches-nothing"),
    ),
    "CEL706": (
        {"shop/celery.py": APP + "app.conf.beat_schedule = {\n"
         "    'a': {'task': 'shop.clock.tick', 'schedule': 9.0},\n}\n"},
        ("shop/celery.py", 4, "celery-schedule-unknown-task"),
    ),
    "CEL502": (
        {"shop/mail.py": "from celery import shared_task\n\n@shared_task(queue='reports')\n"
         "def a(): ...\n\n@shared_task(queue='reports')\ndef b(): ...\n",
         "shop/views.py": "from shop.tasks import send_receipt\n\n\ndef pay():\n"
         "    send_receipt.apply_async((1,), queue='reprots')\n"},
        ("shop/views.py", 5, "celery-queue-near-miss"),
    ),
    "CEL910": (
        {"shop/copy.py": TASKS.replace("shared_task\ndef", "shared_task(name='x')\ndef"),
         "shop/mail.py": TASKS.replace("shared_task\ndef", "shared_task(name='x')\ndef")},
        ("shop/mail.py", 3, "celery-duplicate-name"),
    ),
}  # fmt: skip


def project(folder: Path, files: dict[str, str]) -> None:
    for name, text in {
        "setup.cfg": "",
        "shop/__init__.py": "",
        "shop/celery.py": APP,
        "shop/tasks.py": TASKS,
        **files,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def together(folder: Path, *arguments: str) -> list[tuple[str, int, str]]:
    enabled = ",".join(sorted(symbol for _, (_, _, symbol) in TOGETHER.values()))
    found = pylint(
        folder, "--disable=all", f"--enable={enabled},celery-arguments-do-not-fit", *arguments
    )
    return [(message["path"], message["line"], message["symbol"]) for message in found]


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
@pytest.mark.parametrize("code", TOGETHER)
def test_what_takes_all_tasks_to_know(tmp_path: Path, code: str, jobs: str) -> None:
    files, expected = TOGETHER[code]
    project(tmp_path, files)
    assert together(tmp_path, jobs, "shop") == [expected]


@pytest.mark.parametrize("code", TOGETHER)
def test_one_file_is_no_whole_run(tmp_path: Path, code: str) -> None:
    files, (path, _, _) = TOGETHER[code]
    project(tmp_path, files)
    assert together(tmp_path, path) == []


def test_a_comment_switches_it_off(tmp_path: Path) -> None:
    files, (path, line, symbol) = TOGETHER["CEL706"]
    lines = files[path].splitlines()
    lines[line - 1] += f"  # pylint: disable={symbol}"
    project(tmp_path, {path: "\n".join(lines) + "\n"})
    assert together(tmp_path, "shop") == []
    # a comment in the file that is linted last switches nothing off elsewhere
    project(tmp_path, {**files, "shop/zoo.py": f"# pylint: disable={symbol}\n"})
    assert together(tmp_path, "shop") == [(path, line, symbol)]


def test_a_task_that_can_not_be_read_may_be_any(tmp_path: Path) -> None:
    files, _ = TOGETHER["CEL706"]
    project(tmp_path, {**files, "shop/broken.py": "from celery import shared_task\ndef (:\n"})
    assert "celery-schedule-unknown-task" not in [m[2] for m in together(tmp_path, "shop")]


def test_what_is_known_at_once_is_said_once(tmp_path: Path) -> None:
    text = APP + "app.conf.beat_schedule = {\n    'a': {'task': 'shop.tasks.send_reciept', "
    project(tmp_path, {"shop/celery.py": text + "'schedule': 9.0},\n}\n"})
    expected = [("shop/celery.py", 4, "celery-schedule-unknown-task")]
    assert together(tmp_path, "shop") == expected
    assert together(tmp_path, "shop/celery.py") == expected


def test_right_names(tmp_path: Path) -> None:
    text = APP + (
        "app.conf.beat_schedule = {\n    'a': {'task': 'shop.tasks.send_receipt', "
        "'schedule': 9.0, 'args': (1,)},\n    'b': {'task': 'other.count', 'schedule': 9.0}}\n"
        "app.conf.task_routes = {'shop.tasks.*': {'queue': 'mail'}}\n"
    )
    project(tmp_path, {"shop/celery.py": text})
    assert together(tmp_path, "shop") == []
