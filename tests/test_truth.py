"""The comparison with what real Celery builds, on a package of its own."""

from __future__ import annotations

import copy
import sys
from typing import Any

import pytest

from flake8_celery.options import Options
from tests.corpus.truth.compare import SUBJECTS, Row, compare, counted
from tests.corpus.truth.install import ask
from tests.corpus.truth.packages import TRIALS, Trial
from tests.corpus.truth.seen import look

pytest.importorskip("celery")

FILES = {
    "setup.cfg": "",
    "shop/__init__.py": "",
    "shop/app.py": """
import os
from datetime import timedelta

from celery import Celery
from celery.schedules import crontab
from kombu import Queue

app = Celery("shop", include=["shop.tasks"])
app.conf.update(
    task_acks_late=True,
    task_queues=[Queue("celery"), Queue("mail")],
    task_routes={"shop.tasks.mail": {"queue": "mail"}},
    task_annotations={"shop.tasks.count": {"rate_limit": "3/s"}},
    broker_url=os.environ.get("SHOP_BROKER", "memory://"),
)
app.conf.beat_schedule = {
    "nightly": {"task": "shop.count", "schedule": crontab("5", hour=3), "args": (1,)},
    "often": {"task": "shop.tasks.mail", "schedule": timedelta(minutes=2)},
}
""",
    "shop/tasks.py": """
from celery import Task, shared_task
from django.db.transaction import atomic

from shop.app import app


class Base(Task):
    max_retries = 7


@shared_task(name="shop.count")
def count(first, /, second=2, *rest, third, fourth=4, **more):
    return 1


@app.task(bind=True, base=Base, autoretry_for=(ValueError, OSError), queue="mail", time_limit=60)
@atomic
def mail(self, pk, *, urgent=False):
    pass


class Sweep(Task):
    name = "shop.sweep"

    def run(self, days=1):
        pass


app.register_task(Sweep())


def make(number):
    @app.task(name=f"shop.made_{number}")
    def made():
        pass

    return made


made = make(3)
""",
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Any, str]:
    """What real Celery says, what ours says, and the folder of the package."""
    folder = tmp_path_factory.mktemp("truth")
    (folder / "home").mkdir()
    for name, text in FILES.items():
        path = folder / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    trial = Trial("shop==1", ("shop",), "shop.app:app")
    real = ask(trial, sys.executable, folder)
    site = str((folder / "project").resolve())
    return real, look(folder / "project", trial.app, Options({}, site)), site


def verdicts(rows: list[Row], verdict: str) -> dict[tuple[str, str], str]:
    return {(row.subject, row.name): row.text for row in rows if row.verdict == verdict}


def test_what_is_found_and_what_is_missed(both: tuple[dict[str, Any], Any, str]) -> None:
    real, seen, site = both
    assert sorted(real["tasks"]) == ["shop.count", "shop.made_3", "shop.sweep", "shop.tasks.mail"]
    rows = list(compare(real, seen, site, own_app=True))
    assert not verdicts(rows, "wrong")
    missed = verdicts(rows, "missed")
    assert missed.keys() == {("made", "shop.made_3"), ("settings", "broker_url")}
    assert "environment" in missed["settings", "broker_url"]
    counts = counted(rows)
    assert {subject: counts[subject]["found"] for subject in SUBJECTS[:-1]} == {
        "tasks": 3,
        "made": 0,
        "bind": 3,
        "parameters": 3,
        "options": 4,
        "beat": 2,
    }
    assert counts["settings"]["found"] > 150
    assert next(row.place for row in rows if row.name == "shop.count") == "shop/tasks.py:12"
    without = counted(compare(real, seen, site, own_app=False))
    assert not without["settings"]
    assert not without["beat"]


def test_each_difference_is_told(both: tuple[dict[str, Any], Any, str]) -> None:
    real, seen, site = both
    other = copy.deepcopy(real)
    tasks = other["tasks"]
    tasks["shop.sum"] = tasks.pop("shop.count")
    tasks["shop.sweep"]["bound"] = False
    tasks["shop.tasks.mail"]["parameters"][0][2] = True
    tasks["shop.tasks.mail"]["outermost"] = None
    tasks["shop.tasks.mail"]["options"]["time_limit"] = 61
    tasks["shop.tasks.mail"]["options"]["rate_limit"] = "1/s"
    other["beat"]["nightly"]["schedule"] = {"crontab": ["5", "4", "*", "*", "*"]}
    del other["beat"]["often"]
    other["settings"]["task_acks_late"] = False
    other["settings"]["task_track_started"] = True
    wrong = verdicts(list(compare(other, seen, site, own_app=True)), "wrong")
    assert wrong.keys() == {
        ("tasks", "shop.sum"),
        ("bind", "shop.sweep"),
        ("parameters", "shop.tasks.mail"),
        ("options", "shop.tasks.mail time_limit"),
        ("options", "shop.tasks.mail rate_limit"),
        ("beat", "nightly"),
        ("beat", "often"),
        ("settings", "task_acks_late"),
        ("settings", "task_track_started"),
    }
    assert wrong["tasks", "shop.sum"] == "ours calls it shop.count"
    assert wrong["options", "shop.tasks.mail rate_limit"] == "ours: not given; real: 1/s"


def test_every_trial_is_pinned() -> None:
    assert len(TRIALS) >= 8
    assert len({trial.name for trial in TRIALS}) == len(TRIALS)
    for trial in TRIALS:
        assert all("==" in one for one in (trial.requirement, *trial.beside, *trial.stand_ins))
