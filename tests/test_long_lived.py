"""A process that lives long, as an editor's server does, sees every change on disk."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from flake8_celery.core.project.files import DISK, LEAST_HELD, clear
from flake8_celery.linter import lint
from flake8_celery.options import Options

TASKS = "from celery import shared_task\n\n@shared_task\ndef add(x, y): ...\n"
OTHER = "from celery import shared_task\n\n@shared_task\ndef add(x): ...\n"
CALL = "from shop.tasks import add\nadd.delay(1)\n"
APP = "from celery import Celery\napp = Celery('shop')\n"
QUEUES = "from kombu import Queue\ntask_queues = [Queue('fast')]\n"
SLOW = "from celery import shared_task\n\n@shared_task(queue='slow')\ndef add(x): ...\n"
DJANGO = (
    "from celery import Celery\napp = Celery('shop')\n"
    "app.config_from_object('django.conf:settings', namespace='CELERY')\n"
)
SETTINGS = "from kombu import Queue\nCELERY_TASK_QUEUES = [Queue('fast')]\n"
MANAGE = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', '{}')\n"
BASE = "from celery import Task\nclass Base(Task):\n    def __call__(self, *a): ...\n"
LOCK = (
    '{{"version": 1, "tasks": {{"shop.tasks.{0}": {{"file": "shop/tasks.py", '
    '"module": "shop.tasks", "qualname": "{0}", "explicit": false, "bind": "no", '
    '"parameters": []}}}}}}'
)
BOUND = {"setup.cfg": "", "shop/__init__.py": ""}
LOADED = {
    **BOUND,
    "shop/celery.py": APP + "app.config_from_object('shop.celeryconfig')\n",
    "shop/celeryconfig.py": QUEUES,
    "shop/tasks.py": SLOW,
}
SITE = {
    **BOUND,
    "manage.py": MANAGE.format("shop.settings"),
    "shop/celery.py": DJANGO,
    "shop/settings.py": SETTINGS,
    "shop/tasks.py": SLOW,
}

SECOND = {
    **BOUND,
    "shop/app.py": APP + "app.config_from_object('celeryconfig')\n",
    "shop/views.py": "from celery import Celery\napp2 = Celery()\n\n"
    "@app2.task\ndef add(x): ...\n\ndef view():\n    add.delay(1)\n",
}
CONFIGURES = "from shop.views import app2\napp2.config_from_object('celeryconfig')\n"


def without(files: dict[str, str], *names: str) -> dict[str, str]:
    return {name: text for name, text in files.items() if name not in names}


Change = dict[str, "str | None"]
CASES: dict[str, tuple[dict[str, str], str, Change]] = {
    "a task changes": (
        {**BOUND, "shop/tasks.py": OTHER, "shop/views.py": CALL},
        "shop/views.py",
        {"shop/tasks.py": TASKS},
    ),
    "a task changes, and the file keeps its size": (
        {**BOUND, "shop/tasks.py": OTHER + "# 123\n", "shop/views.py": CALL},
        "shop/views.py",
        {"shop/tasks.py": TASKS + "# "[:2] + "\n"},
    ),
    "a module is made": (
        {**BOUND, "shop/views.py": CALL},
        "shop/views.py",
        {"shop/tasks.py": TASKS},
    ),
    "a module is deleted": (
        {**BOUND, "shop/tasks.py": TASKS, "shop/views.py": CALL},
        "shop/views.py",
        {"shop/tasks.py": None},
    ),
    "a package is made": (
        {**BOUND, "shop/views.py": CALL},
        "shop/views.py",
        {"shop/tasks/__init__.py": TASKS},
    ),
    "a module becomes a package": (
        {**BOUND, "shop/tasks.py": OTHER, "shop/views.py": CALL},
        "shop/views.py",
        {"shop/tasks.py": None, "shop/tasks/__init__.py": TASKS},
    ),
    "a package is made at the root": (
        {**BOUND, "shop/views.py": "from jobs.work import add\nadd.delay(1)\n"},
        "shop/views.py",
        {"jobs/__init__.py": "", "jobs/work.py": TASKS},
    ),
    "src is made": (
        {**BOUND, "shop/views.py": "from jobs.work import add\nadd.delay(1)\n"},
        "shop/views.py",
        {"src/jobs/__init__.py": "", "src/jobs/work.py": TASKS},
    ),
    "a nearer module hides another": (
        {
            "setup.cfg": "",
            "tasks.py": OTHER,
            "web/views.py": "from tasks import add\nadd.delay(1)\n",
        },
        "web/views.py",
        {"web/tasks.py": TASKS},
    ),
    "a name is handed on by another module": (
        {
            **BOUND,
            "shop/api.py": "from shop.old import add\n",
            "shop/old.py": OTHER,
            "shop/tasks.py": TASKS,
            "shop/views.py": "from shop.api import add\nadd.delay(1)\n",
        },
        "shop/views.py",
        {"shop/api.py": "from shop.tasks import add\n"},
    ),
    "what a re-export leads to is made": (
        {
            **BOUND,
            "shop/api.py": "from shop.tasks import add\n",
            "shop/views.py": "from shop.api import add\nadd.delay(1)\n",
        },
        "shop/views.py",
        {"shop/tasks.py": TASKS},
    ),
    "what a star import leads to is made": (
        {
            **BOUND,
            "shop/api.py": "from shop.tasks import *\n",
            "shop/views.py": "from shop.api import add\nadd.delay(1)\n",
        },
        "shop/views.py",
        {"shop/tasks.py": TASKS},
    ),
    "a module can't be parsed any more": (
        {**BOUND, "shop/tasks.py": TASKS, "shop/views.py": CALL},
        "shop/views.py",
        {"shop/tasks.py": "def (\n"},
    ),
    "a module can be parsed again": (
        {**BOUND, "shop/tasks.py": "def (\n", "shop/views.py": CALL},
        "shop/views.py",
        {"shop/tasks.py": TASKS},
    ),
    "a Task class is made": (
        {
            **BOUND,
            "shop/tasks.py": "from celery import shared_task\nfrom shop.base import Base\n\n"
            "@shared_task(base=Base)\ndef add(x, y): ...\nadd.delay(1)\n",
        },
        "shop/tasks.py",
        {"shop/base.py": BASE.replace("def __call__(self, *a): ...", "pass")},
    ),
    "a Task class changes": (
        {
            **BOUND,
            "shop/base.py": BASE.replace("def __call__(self, *a): ...", "pass"),
            "shop/tasks.py": "from celery import shared_task\nfrom shop.base import Base\n\n"
            "@shared_task(base=Base)\ndef add(self): ...\n",
        },
        "shop/tasks.py",
        {"shop/base.py": BASE},
    ),
    "an application is made": (
        without(LOADED, "shop/celery.py"),
        "shop/tasks.py",
        {"shop/celery.py": LOADED["shop/celery.py"]},
    ),
    "an application is deleted": (LOADED, "shop/tasks.py", {"shop/celery.py": None}),
    "an application changes": (LOADED, "shop/tasks.py", {"shop/celery.py": APP}),
    "a configuration is made": (
        without(LOADED, "shop/celeryconfig.py"),
        "shop/tasks.py",
        {"shop/celeryconfig.py": QUEUES},
    ),
    "a configuration changes": (
        LOADED,
        "shop/tasks.py",
        {"shop/celeryconfig.py": QUEUES.replace("fast", "slow")},
    ),
    "a configuration is deleted": (LOADED, "shop/tasks.py", {"shop/celeryconfig.py": None}),
    "settings are made": (
        without(SITE, "shop/settings.py"),
        "shop/tasks.py",
        {"shop/settings.py": SETTINGS},
    ),
    "settings change": (
        SITE,
        "shop/tasks.py",
        {"shop/settings.py": SETTINGS.replace("fast", "slow")},
    ),
    "manage.py is made": (
        without(SITE, "manage.py"),
        "shop/tasks.py",
        {"manage.py": SITE["manage.py"]},
    ),
    "manage.py names other settings": (
        {**SITE, "shop/other.py": SETTINGS.replace("fast", "slow")},
        "shop/tasks.py",
        {"manage.py": MANAGE.format("shop.other")},
    ),
    "a lock is made": (
        {**BOUND, "shop/tasks.py": TASKS},
        "shop/tasks.py",
        {"celery-tasks.lock": LOCK.format("gone")},
    ),
    "a lock is made, and the file holds nothing of Celery": (
        {**BOUND, "shop/tasks.py": "x = 1\n"},
        "shop/tasks.py",
        {"celery-tasks.lock": LOCK.format("gone")},
    ),
    "a lock is deleted": (
        {**BOUND, "shop/tasks.py": TASKS, "celery-tasks.lock": LOCK.format("gone")},
        "shop/tasks.py",
        {"celery-tasks.lock": None},
    ),
    "a lock changes": (
        {**BOUND, "shop/tasks.py": TASKS, "celery-tasks.lock": LOCK.format("gone")},
        "shop/tasks.py",
        {"celery-tasks.lock": LOCK.format("lost")},
    ),
    "a repository begins below a lock": (
        {
            "celery-tasks.lock": LOCK.format("gone").replace("shop/", "site/shop/"),
            "site/setup.cfg": "",
            "site/shop/__init__.py": "",
            "site/shop/tasks.py": TASKS,
        },
        "site/shop/tasks.py",
        {"site/.git/HEAD": ""},
    ),
    "an application is configured elsewhere": (
        {**SECOND, "shop/worker.py": ""},
        "shop/views.py",
        {"shop/worker.py": CONFIGURES},
    ),
    "a module that configures an application is made": (
        SECOND,
        "shop/views.py",
        {"shop/run/__init__.py": "", "shop/run/worker.py": CONFIGURES},
    ),
    "a module that only spoke of Celery builds the application": (
        {
            **BOUND,
            "main.py": "from shop.web import start\n",
            "shop/web.py": '"""Starts what Celery works on."""\n',
            "shop/tasks.py": SLOW,
        },
        "shop/tasks.py",
        {"shop/web.py": f"{APP}{QUEUES}app.conf.task_queues = task_queues\n"},
    ),
    "what stands beside an application configures it": (
        {
            **BOUND,
            "shop/celery.py": APP,
            "shop/extra.py": "# for celery\n",
            "shop/tasks.py": "from shop.celery import app\n\n"
            "@app.task(reject_on_worker_lost=True)\ndef add(x): ...\n",
        },
        "shop/tasks.py",
        {"shop/extra.py": "from shop.celery import app\napp.config_from_object('far')\n"},
    ),
    "a module beside says which namespace it is in": (
        {
            "top/setup.cfg": "",
            "top/far/shop/__init__.py": "",
            "top/far/shop/tasks.py": TASKS,
            "top/far/shop/other.py": "",
            "top/far/shop/more.py": "from celery import shared_task\n\n"
            "@shared_task(name='far.shop.more.add')\ndef add(): ...\n\n"
            "@shared_task\ndef sub(): ...\n\n"
            "@shared_task(name='far.shop.more.sub')\ndef other(): ...\n",
        },
        "top/far/shop/more.py",
        {"top/far/shop/other.py": "from far.shop import tasks\n"},
    ),
    "a root is made": (
        {"top/web/views.py": "from tasks import add\nadd.delay(1)\n", "top/tasks.py": TASKS},
        "top/web/views.py",
        {"top/setup.cfg": ""},
    ),
}


def write(root: Path, files: Change) -> None:
    for name, text in files.items():
        path = root / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def told(root: Path, name: str) -> list[str]:
    path = root / name
    options = Options(root=str(root / "elsewhere"))
    return [f"{f.line} {f.code} {f.message}" for f in lint(path.read_text(), str(path), options)]


@pytest.mark.parametrize("settled", [True, False], ids=["old", "made just now"])
@pytest.mark.parametrize("case", CASES)
def test_each_change_is_seen(case: str, settled: bool, tmp_path: Path) -> None:
    files, linted, change = CASES[case]
    write(tmp_path, dict(files))
    if settled:
        time.sleep(0.03)
    clear()
    before = told(tmp_path, linted)
    assert told(tmp_path, linted) == before
    write(tmp_path, change)
    after = told(tmp_path, linted)
    clear()
    assert after == told(tmp_path, linted)
    assert after != before, "the case must show a difference"


def test_nothing_is_read_again_where_nothing_changed(tmp_path: Path) -> None:
    write(tmp_path, dict(SITE))
    time.sleep(0.03)
    clear()
    told(tmp_path, "shop/tasks.py")
    kept = dict(DISK.trees)
    notes = dict(DISK.notes)
    told(tmp_path, "shop/tasks.py")
    assert kept
    assert all(DISK.trees[path][2] is tree for path, (_, _, tree) in kept.items())
    assert all(DISK.notes[slot] is note for slot, note in notes.items())


def test_trees_outlive_a_change_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, dict(SITE))
    time.sleep(0.03)
    clear()
    told(tmp_path, "shop/tasks.py")
    [tree] = [tree for path, (_, _, tree) in DISK.trees.items() if path.endswith("settings.py")]
    write(tmp_path, {"shop/new.py": ""})
    told(tmp_path, "shop/tasks.py")
    assert DISK.trees[str(tmp_path / "shop" / "settings.py")][2] is tree


def test_old_projects_are_forgotten(tmp_path: Path) -> None:
    """What is kept of modules that were followed does not grow with the projects."""
    padding = "".join(f"def f{n}(x):\n    return x + {n}\n" for n in range(3000))
    held = []
    for number in range(8):
        root = tmp_path / str(number)
        write(root, {**BOUND, "shop/tasks.py": TASKS + padding, "shop/views.py": CALL})
        assert len(told(root, "shop/views.py")) == 1
        held.append(sum(len(text) for _, text, _ in DISK.trees.values()))
    assert max(held) < LEAST_HELD + 2 * len(padding) < 7 * len(padding)
