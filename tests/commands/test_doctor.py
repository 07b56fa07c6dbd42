"""`flake8-celery doctor` and `facts`: what is understood, and why the rest is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flake8_celery import diagnosis
from flake8_celery.cli import main
from flake8_celery.core.project.files import clear
from flake8_celery.linter import rules
from flake8_celery.options import BY_NAME

FILES = {
    "setup.cfg": "",
    "shop/__init__.py": "",
    "shop/celery.py": "from celery import Celery\n"
    "app = Celery('shop', broker='redis://localhost')\n"
    "app.config_from_object('shop.config')\n",
    "shop/config.py": "import os\ntask_acks_late = True\nresult_backend = os.environ['BACKEND']\n",
    "shop/tasks.py": "from celery import shared_task\nfrom django.db.transaction import atomic\n"
    "from shop.deco import traced\n\n"
    "@shared_task(queue='bulk')\ndef send(pk, urgent=False): ...\n\n"
    "@shared_task(name='shop.other', **OPTIONS)\n@atomic\n@traced\ndef other(pk): ...\n\n"
    "@shared_task(**OPTIONS)\ndef third(pk): ...\n\n"
    "send.apply_async((1,), queue=WHICH)\n",
    "shop/deco.py": "def traced(f):\n    return unknown(f)\n",
    "docker-compose.yml": "services:\n  worker:\n"
    "    command: celery -A shop worker -Q orders,bulk -P gevent\n",
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    clear()
    clear()
    write(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def doctor(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["doctor", "--format=json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def silent(data: Any) -> dict[str, str]:
    """Rule -> the option or command that makes it speak, the first that is named."""
    found: dict[str, str] = {}
    for row in data["silent"]:
        for code in (*row["rules"], *row["advice"]):
            found.setdefault(code, row["option"] or row["command"])
    return found


def test_what_is_known(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = doctor(capsys)
    assert data["root"] == {"path": str(shop), "why": "it holds setup.cfg"}
    [app] = data["applications"]
    assert (app["name"], app["file"], app["line"]) == ("app", "shop/celery.py", 2)
    assert app["task_class"] == "Celery's"
    assert app["settings"]["files"] == ["shop/celery.py", "shop/config.py"]
    assert app["settings"]["untold"] == []
    assert app["broker"]["value"] == "redis"
    assert app["backend"]["value"] is None
    tasks = {task["name"]: task for task in data["tasks"]}
    assert tasks["shop.tasks.send"]["parameters"] == ["pk", "urgent="]
    assert tasks["shop.tasks.send"]["queue"] == "bulk"
    assert "@traced stands below" in tasks["shop.other"]["why"]
    [left] = data["tasks_without_name"]
    assert (left["function"], left["why"]) == ("third", "a splat may hold its name")


def test_a_backend_that_is_none(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(shop, {"shop/config.py": "result_backend = None\n"})
    [app] = doctor(capsys)["applications"]
    assert app["backend"] == {"value": None, "source": "none (shop/config.py:1)"}


def test_what_is_silent_and_why(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = silent(doctor(capsys))
    assert told["CEL501"] == "celery-worker-commands = docker-compose.yml"
    assert told["CEL106"] == "celery-pool = gevent"
    assert told["CEL410"] == "flake8-celery lock"
    assert "CEL311" not in told


def test_the_option_that_it_names_makes_them_speak(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = silent(doctor(capsys))
    options = [told[code] for code in ("CEL501", "CEL106", "CEL407")]
    (shop / "setup.cfg").write_text("\n".join(["[flake8]", *options, ""]))
    assert main(["lock"]) == 0
    clear()
    capsys.readouterr()
    data = doctor(capsys)
    assert not silent(data).keys() & {"CEL501", "CEL106", "CEL407", "CEL410"}
    assert data["applications"][0]["queues"]["names"] == ["bulk", "orders"]
    assert data["options"]["values"]["celery-pool"] == ["gevent"]


def test_what_can_not_be_read(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        shop,
        {
            "shop/celery.py": "from celery import Celery\nfrom far.away import Base, config\n"
            "app = Celery('shop', task_cls=Base)\napp.config_from_object(config)\n",
            "shop/broken.py": "import celery\ndef (:\n",
        },
    )
    data = doctor(capsys)
    told = silent(data)
    assert told["CEL852"] == "celery-config = package.settings"
    assert told["CEL903"] == "celery-task-class = plain"
    [unreadable] = data["files"]["unreadable"]
    assert (unreadable["path"], unreadable["line"]) == ("shop/broken.py", 2)


def test_no_application_and_no_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"tasks.py": FILES["shop/tasks.py"]})
    data = doctor(capsys, str(tmp_path))
    assert silent(data)["CEL310"] == "celery-app = package.module:app"
    (tmp_path / "tasks.py").write_text("import os\n")
    [row] = doctor(capsys, str(tmp_path))["silent"]
    assert row["why"] == "no file here has to do with Celery"
    assert main(["doctor", str(tmp_path / "nowhere")]) == 2


def test_the_text(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "root          . (it holds setup.cfg)"
    assert "      celery-worker-commands = docker-compose.yml" in lines
    assert len(lines) < 60
    assert max(map(len, lines)) < 160


def test_it_names_rules_and_options_that_there_are() -> None:
    codes = {info.code for info in rules()}
    named = {
        *(*diagnosis._BY_LOCK, *diagnosis._BY_TASKS),
        *(*diagnosis._BY_SETTINGS, *diagnosis._BY_TASK_CLASS),
    }
    assert named <= codes
    source = Path(diagnosis.__file__).read_text()
    options = {word.strip('"') for word in source.split() if word.startswith('"celery-')}
    assert len(options) > 5
    assert {option.rstrip(",)").strip('"') for option in options} <= {*BY_NAME, "celery"}


def facts(capsys: pytest.CaptureFixture[str], path: str) -> Any:
    assert main(["facts", "--format=json", path]) == 0
    return json.loads(capsys.readouterr().out)


def test_facts(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = facts(capsys, "shop/tasks.py")
    tasks = [row for row in rows if row["fact"] == "Task"]
    assert tasks[0]["known"]["takes"] == "send(pk, urgent=...)"
    assert tasks[0]["known"]["queue"] == "'bulk'"
    assert tasks[1]["unknown"]["parameters"].startswith("@traced stands below")
    assert tasks[2]["unknown"]["name"] == "a splat may hold its name"
    [sent] = [row for row in rows if row["fact"] == "Dispatch"]
    assert sent["known"]["task"] == "shop.tasks.send, shop/tasks.py"
    assert sent["unknown"]["queue"] == "WHICH is no value that can be read here"
    assert main(["facts", "shop/tasks.py"]) == 0
    assert "queue is not known: WHICH" in capsys.readouterr().out
    assert main(["facts", "shop/nowhere.py"]) == 2
    assert facts(capsys, "shop/deco.py") == []
