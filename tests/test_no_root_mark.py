"""A FastAPI service in a folder that no file marks as a root and that holds no package."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_celery.cli import main
from flake8_celery.core.project.files import clear
from tests import ROOT

FILES = {
    "main.py": """\
from fastapi import FastAPI

from routers import orders

app = FastAPI()
app.include_router(orders.router)
""",
    "worker.py": """\
import os

from celery import Celery
from celery.schedules import crontab

celery_app = Celery("service", broker=os.environ["BROKER_URL"], include=["tasks"])
celery_app.conf.update(
    task_ack_late=True,
    result_backend=BACKEND,
    beat_schedule={
        "nightly": {"task": "tasks.clean_up", "schedule": crontab(minute=0, hour=25)},
    },
)
""",
    "tasks.py": """\
import time

from worker import celery_app


@celery_app.task(bind=True, max_retries=3)
def charge(self, order_id: int, amount: int):
    try:
        print(order_id, amount)
    except OSError as error:
        raise self.retry(error)


@celery_app.task
def remind(order_id: int):
    time.sleep(60)


@celery_app.task
def clean_up():
    pass
""",
    "routers/orders.py": """\
from fastapi import APIRouter

from tasks import charge, remind

router = APIRouter()


@router.post("/orders/{order_id}")
async def create(order_id: int):
    charge.delay(order_id)
    remind.delay(order_id)
    return {"ok": True}
""",
}
#: File, line, code; each of another family.
PLANTED = [
    ("routers/orders.py", 10, "CEL401", "arguments-do-not-fit"),
    ("tasks.py", 11, "CEL301", "retry-arguments"),
    ("tasks.py", 16, "CEL103", "sleep-in-task"),
    ("worker.py", 8, "CEL801", "unknown-setting"),
    ("worker.py", 11, "CEL702", "crontab-invalid"),
]


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    clear()
    clear()
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    assert not done.stderr, done.stderr
    return done.stdout


def test_check(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format=json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [(row["path"], row["line"], row["code"]) for row in rows] == [
        (path, line, code) for path, line, code, _ in PLANTED
    ]


def test_flake8(service: Path) -> None:
    told = run(service, "flake8", "--select=CEL", "-j1", "--format=%(path)s %(row)d %(code)s", ".")
    assert sorted(told.splitlines()) == sorted(
        f"./{path} {line} {code}" for path, line, code, _ in PLANTED
    )


def test_pylint(service: Path) -> None:
    pytest.importorskip("pylint", "3.3")
    more = ["--disable=all", "--enable=celery", "--recursive=y", "--output-format=json", "."]
    rows = json.loads(run(service, "pylint", "--load-plugins=pylint_celery.plugin", *more))
    told = sorted((row["path"], row["line"], row["symbol"]) for row in rows)
    assert told == [(path, line, f"celery-{symbol}") for path, line, _, symbol in PLANTED]


def test_doctor(service: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--format=json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["root"]["path"] == str(service)
    assert data["root"]["why"].startswith("nothing above it holds one of pyproject.toml")
    [app] = data["applications"]
    assert (app["name"], app["file"], app["line"]) == ("celery_app", "worker.py", 6)
    assert app["settings"]["files"] == ["worker.py"]
    assert app["broker"] == {"value": None, "source": "the environment decides it (worker.py:6)"}
    assert app["backend"]["source"] == "worker.py:9 gives it by what can't be told"
    assert [task["name"] for task in data["tasks"]] == [
        "tasks.charge",
        "tasks.clean_up",
        "tasks.remind",
    ]
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out
    assert "broker: the environment decides it (worker.py:6)" in told
    # a word with a hyphen is to be copied as a whole
    assert not [line for line in told.splitlines() if line.endswith("-")]
