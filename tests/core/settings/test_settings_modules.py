"""Which settings modules of Django's count: those that are named, and those beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_celery.core.settings.configuration import UNREADABLE
from flake8_celery.linter import lint
from tests.core.settings.test_configuration import DJANGO, TASKS, read

QUEUES = (
    "from .base import *\nfrom kombu import Queue\nCELERY_TASK_DEFAULT_QUEUE = 'a'\n"
    "CELERY_TASK_QUEUES = (Queue('a'), Queue('b'))\n"
)


@pytest.mark.parametrize(
    ("more", "names", "complete"),
    [
        ({}, {"a", "b"}, True),
        # nothing names it, and it declares none: no worker that has queues runs with it
        ({"site_/settings_build.py": "from .base import *\n"}, {"a", "b"}, True),
        ({"site_/settings_build.py": f"{QUEUES}X = ('c',)\n"}, {"a", "b"}, True),
        ({"site_/settings_other.py": QUEUES.replace("'b'", "'c'")}, {"a", "b", "c"}, True),
        ({"site_/settings_other.py": "from .gone import *\n"}, set(), False),
        ({"site_/settings_other.py": QUEUES.replace("(Queue('a'),", "(f(),")}, {"a", "b"}, False),
        # it is named, so somebody runs with it
        (
            {
                "site_/settings_build.py": "from .base import *\n",
                "site_/asgi.py": DJANGO["manage.py"].replace("settings'", "settings_build'"),
            },
            {"a", "b"},
            False,
        ),
    ],
)
def test_queues_of_several_environments(
    tmp_path: Path, more: dict[str, str], names: set[str], complete: bool
) -> None:
    found = read(tmp_path, {**DJANGO, "site_/settings.py": QUEUES, **more}, "shop/tasks.py").queues
    assert (set(found.names), found.complete) == (names, complete)


def test_a_settings_module_in_a_comment(tmp_path: Path) -> None:
    """As Django's own wsgi.py had it."""
    wsgi = "# os.environ['DJANGO_SETTINGS_MODULE'] = 'site_.gone'\n" + DJANGO["manage.py"]
    found = read(tmp_path, {**DJANGO, "site_/wsgi.py": wsgi}, "shop/tasks.py")
    assert found.values("task_acks_late") == (True,)


def test_a_settings_module_that_is_gone(tmp_path: Path) -> None:
    """Nothing is known; what the others say counts for what is likely."""
    files = {**DJANGO, "site_/asgi.py": DJANGO["manage.py"].replace("settings'", "gone'")}
    files["site_/settings.py"] += "CELERY_TASK_SERIALIZER = 'pickle'\n"
    files["shop/tasks.py"] = f"{TASKS}\nf.delay({{1, 2}})\n"
    assert read(tmp_path, files, "shop/tasks.py").setting("task_acks_late") is UNREADABLE
    path = tmp_path / "shop/tasks.py"
    assert [f.code for f in lint(files["shop/tasks.py"], str(path)) if f.code == "CEL405"] == []
