"""`flake8-celery practices`: each figure against what Celery does with the source."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flake8_celery.cli import main
from tests import ROOT

APP = """\
from celery import Celery

app = Celery("shop", broker="redis://localhost")
{settings}
"""
TASKS = """\
from celery import Task
from django.db import transaction

from shop.celery import app
from shop.elsewhere import LIMIT, Missing


class Patient(Task):
    autoretry_for = (OSError,)
    retry_backoff = 5
    max_retries = 4
    time_limit = 90


@app.task(name="shop.charge", time_limit=60, soft_time_limit=50, acks_late=True,
          reject_on_worker_lost=True, queue="payments")
@transaction.atomic
def charge(order_id): ...


@app.task(base=Patient)
def fetch(url): ...


@app.task(bind=True, max_retries=2, expires=30)
def poll(self):
    try:
        fetch("x")
    except OSError as error:
        raise self.retry(exc=error, countdown=20)


@app.task(bind=True, max_retries=None)
def follow(self, seconds):
    self.retry(countdown=seconds)


@app.task(bind=True, max_retries=None)
def insist(self):
    self.retry()


@app.task(time_limit=LIMIT)
def slow(): ...


@app.task(base=Missing)
def odd(): ...


@app.task(time_limit=2 * 3600, acks_late=True)
def nightly(): ...


@app.task(autoretry_for=(OSError,), retry_kwargs={"max_retries": 2, "countdown": 7})
def kwargs(): ...


@app.task(autoretry_for=(OSError,), retry_backoff=400, retry_jitter=False, max_retries=3)
def long(): ...
"""
VIEWS = """\
from django.db import transaction

from shop.tasks import charge, fetch


def pay(order):
    with transaction.atomic():
        order.save()
        charge.delay(order.pk)
        transaction.on_commit(lambda: fetch.delay("x"))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (tmp_path / "setup.cfg").write_text("[flake8]\n")
    (folder / "__init__.py").touch()
    (folder / "celery.py").write_text(APP.format(settings=""))
    (folder / "tasks.py").write_text(TASKS)
    (folder / "views.py").write_text(VIEWS)
    return tmp_path


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(folder: Path, *arguments: str) -> Done:
    before = os.getcwd()
    os.chdir(folder)
    try:
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as errors:
            code = main(["practices", *arguments])
    finally:
        os.chdir(before)
    return Done(code, out.getvalue(), errors.getvalue())


def rows(folder: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    done = run(folder, *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == 1
    return {row["function"]: row for row in found["tasks"]}


def own(value: object) -> dict[str, object]:
    return {"value": value, "source": "own"}


def default(value: object) -> dict[str, object]:
    return {"value": value, "source": "default"}


def test_limits_and_acknowledgement(project: Path) -> None:
    found = rows(project)
    assert "Patient" not in found
    charge = found["charge"]
    assert (charge["name"], charge["explicit_name"]) == ("shop.charge", True)
    assert (charge["file"], charge["line"]) == ("shop/tasks.py", 18)
    assert charge["time_limit"] == own(60)
    assert charge["soft_time_limit"] == own(50)
    assert charge["acks"] == own("late, again when killed")
    assert charge["semantics"] == own("at least once")
    assert charge["queue"] == own("payments")
    assert charge["atomic"] is True
    assert charge["visibility"] == default(3600.0)
    assert found["fetch"]["time_limit"] == {"value": 90, "source": "Task class"}
    assert found["fetch"]["acks"] == default("early")
    assert found["fetch"]["semantics"] == default("at most once")
    assert found["fetch"]["queue"] == default("celery")
    assert (found["fetch"]["name"], found["fetch"]["explicit_name"]) == ("shop.tasks.fetch", False)
    assert found["poll"]["semantics"] == own("now or never")
    assert found["nightly"]["acks"] == own("late")


@pytest.mark.parametrize(
    ("function", "kind", "delays", "jitter", "endless"),
    [
        ("charge", "none", [], False, False),
        ("fetch", "automatic", [5, 10, 20, 40], True, False),
        ("poll", "manual", [20, 20], False, False),
        ("insist", "manual", [180] * 8, False, True),
        ("kwargs", "automatic", [7, 7], False, False),
        ("long", "automatic", [400, 600, 600], False, False),
    ],
)
def test_retries(
    project: Path, function: str, kind: str, delays: list[float], jitter: bool, endless: bool
) -> None:
    row = rows(project)[function]
    wanted = {"kind": kind, "delays": delays, "jitter": jitter, "endless": endless}
    assert row["retries"] == wanted
    assert row["longest_wait"]["value"] == max(delays, default=0)


def test_what_is_unknown_is_said_with_its_reason(project: Path) -> None:
    found = rows(project)
    assert found["slow"]["time_limit"] == {"value": None, "source": "unknown"}
    assert found["slow"]["unknown"]["time_limit"] == "time_limit=LIMIT can't be told from source"
    for what in ("time_limit", "acks", "semantics", "queue"):
        assert found["odd"]["unknown"][what] == "its Task class can't be read"
    assert found["follow"]["retries"]["kind"] == "unknown"
    assert "countdown=seconds" in found["follow"]["unknown"]["longest_wait"]
    assert found["charge"]["unknown"] == {"shutdown": "celery-shutdown-grace is not set"}
    text = run(project).stdout
    number = next(line for line in text.splitlines() if "time_limit=LIMIT" in line).split()[0]
    line = next(line for line in text.splitlines() if line.startswith("shop.tasks.slow"))
    assert f"hard ? {number}" in line


def test_settings_count(project: Path) -> None:
    (project / "shop" / "celery.py").write_text(
        APP.format(
            settings="app.conf.task_time_limit = 300\napp.conf.task_acks_late = True\n"
            "app.conf.broker_transport_options = {'visibility_timeout': 600}\n"
            "app.conf.task_routes = {'shop.tasks.*': {'queue': 'slow'}}\n"
        )
    )
    found = rows(project)
    assert found["insist"]["time_limit"] == {"value": 300, "source": "settings"}
    assert found["charge"]["time_limit"] == own(60)
    assert found["fetch"]["acks"] == {"value": "late", "source": "settings"}
    assert found["fetch"]["queue"] == {"value": "slow", "source": "route shop.tasks.*"}
    assert found["charge"]["queue"] == own("payments")
    assert found["fetch"]["visibility"] == {"value": 600, "source": "settings"}
    assert "runs 7200 s, delivered again after 600 s" in run(project).stdout
    (project / "shop" / "celery.py").write_text(
        APP.format(settings="app.conf.task_annotations = {'*': {'time_limit': 5}}\n")
    )
    assert "task_annotations" in rows(project)["charge"]["unknown"]["time_limit"]


def test_deployments(project: Path) -> None:
    (project / "setup.cfg").write_text("[flake8]\ncelery-shutdown-grace = 80\n")
    found = rows(project)
    assert found["charge"]["shutdown"]["value"] == "finishes"
    assert found["fetch"]["shutdown"]["value"] == "lost"
    assert found["nightly"]["shutdown"]["value"] == "runs again"
    assert found["insist"]["shutdown"]["value"] == "lost"
    assert found["slow"]["shutdown"]["value"] is None
    assert rows(project, "--celery-shutdown-grace=100")["fetch"]["shutdown"]["value"] == "finishes"


def test_transactions(project: Path) -> None:
    found = rows(project)
    assert found["charge"]["sent"] == {
        "times": 1,
        "scheduled": 0,
        "inside_transaction": ["shop/views.py:9"],
    }
    assert found["fetch"]["sent"] == {"times": 1, "scheduled": 0, "inside_transaction": []}
    assert "1 inside a transaction: shop/views.py:9" in run(project).stdout


def test_markdown_is_a_table(project: Path) -> None:
    lines = run(project, "--format", "markdown").stdout.splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + len(rows(project))
    assert len({line.count(" |") for line in table}) == 1
    assert "| `shop.charge` | hard 60 s, soft 50 s | late, again when killed |" in "\n".join(table)


def test_paths(project: Path) -> None:
    assert list(rows(project, "shop/tasks.py")) == list(rows(project, "shop"))
    assert run(project, "nowhere").returncode == 2
    assert "nowhere: no such file or folder" in run(project, "nowhere").stderr
    (project / "empty").mkdir()
    assert run(project, "empty").stdout.startswith("no tasks found; ")
    (project / "shop" / "broken.py").write_text("from celery import (\n")
    done = run(project)
    assert done.returncode == 2
    assert "shop/broken.py:1: not Python" in done.stderr
    assert "shop.charge" in done.stdout


def test_a_folder_that_git_ignores_is_listed(project: Path) -> None:
    """Somebody named it; beside it the files count that git knows."""
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    listed = list(rows(project))
    unpacked = project / "unpacked"
    shutil.copytree(project / "shop", unpacked / "shop")
    (project / ".gitignore").write_text("unpacked\n")
    assert list(rows(project)) == listed
    assert list(rows(unpacked)) == list(rows(project, "unpacked")) == listed


def test_a_setting_under_a_condition(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "tasks.py").write_text(
        "import os\nfrom celery import Celery\napp = Celery('shop')\n"
        "if os.environ.get('OWN'):\n    app.conf.task_default_queue = 'own'\n"
        "@app.task\ndef add(): ...\n"
    )
    reason = rows(tmp_path)["add"]["unknown"]["queue"]
    assert reason.startswith("task_default_queue is given under a condition")


def test_nothing_is_claimed_without_an_application(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "tasks.py").write_text(
        "from celery import shared_task\n@shared_task(time_limit=5)\ndef add(): ...\n"
    )
    row = rows(tmp_path)["add"]
    assert row["time_limit"] == own(5)
    assert "no application is in sight" in row["unknown"]["soft_time_limit"]
    assert "no application is in sight" in row["unknown"]["acks"]


def test_the_shop() -> None:
    """The example's figures, counted by hand."""
    root = ROOT / "examples"
    found = rows(root, "shop")
    assert len(found) == 11
    report, confirm = found["report"], found["confirm"]
    assert (report["time_limit"], report["soft_time_limit"]) == (own(60), own(600))
    assert report["retries"]["delays"] == [300, 300, 300]
    assert report["visibility"] == {"value": 259200, "source": "settings"}
    assert confirm["queue"] == {"value": "mail", "source": "route shop.mail.*"}
    unsafe = ["shop/mail.py:26"]
    assert confirm["sent"] == {"times": 2, "scheduled": 0, "inside_transaction": unsafe}
    assert report["sent"] == {"times": 0, "scheduled": 1, "inside_transaction": []}
    assert found["update_stock"]["retries"]["delays"] == [180, 180, 180]
