"""Task names: what decorators of the project's own leave of them, and what a lock adds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from flake8_celery.core.contract.interface import TaskContract
from flake8_celery.core.contract.lock import Lock, dumps
from flake8_celery.core.model.build import prepare
from flake8_celery.core.model.names import MAX_FOLLOWED, names_of
from flake8_celery.core.syntax.module import Module
from flake8_celery.linter import lint
from flake8_celery.options import Options

WRAPPER = """
from functools import wraps
from celery import shared_task

def exclusive(*args, **options):
    def decorate(function):
        {wraps}
        def inner(*a, **k):
            return function(*a, **k)
        return shared_task({given})({target})
    return decorate
"""


@pytest.mark.parametrize(
    ("wraps", "given", "target", "use", "expected"),
    [
        ("@wraps(function)", "*args, **options", "inner", "", "shop.tasks.count"),
        ("@wraps(function)", "**options", "inner", "name='shop.count'", "shop.count"),
        ("@wraps(function)", "**options", "function", "track_started=True", "shop.tasks.count"),
        ("", "**options", "inner", "", None),
        ("@wraps(function)", "", "inner", "name='shop.count'", None),
    ],
)
def test_wrapper(
    tmp_path: Path, wraps: str, given: str, target: str, use: str, expected: str | None
) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "celery_tools.py").write_text(
        WRAPPER.format(wraps=wraps, given=given, target=target), encoding="utf-8"
    )
    text = f"from shop.celery_tools import exclusive\n\n@exclusive({use})\ndef count(): ...\n"
    path = shop / "tasks.py"
    path.write_text(text)
    model = prepare(Module(text, str(path), ast.parse(text)), Options())
    names = names_of(model)
    assert list(names.tasks) == ([expected] if expected else [])
    assert names.complete == bool(expected)


def test_only_so_many_modules_are_read(tmp_path: Path) -> None:
    """A schedule that leads to more modules than one run may read is judged as far as it goes."""
    (tmp_path / "manage.py").touch()
    entries = []
    for number in range(MAX_FOLLOWED + 20):
        folder = tmp_path / "shop" / f"m{number:03}"
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "tasks.py").write_text(
            "from celery import shared_task\n\n@shared_task\ndef count(n): ...\n"
        )
        entries.append(f'"{number}": {{"task": "shop.m{number:03}.tasks.count", "schedule": 9.0}}')
    (tmp_path / "shop" / "__init__.py").touch()
    text = f"CELERY_BEAT_SCHEDULE = {{{', '.join(entries)}}}\n"
    found = lint(text, str(tmp_path / "shop" / "settings.py"))
    assert [finding.code for finding in found] == ["CEL705"] * MAX_FOLLOWED


def test_a_module_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """What depends on it is not judged, and CEL003 names it."""
    (tmp_path / "manage.py").touch()
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "tasks.py").write_text("def count(:\n")
    text = 'CELERY_BEAT_SCHEDULE = {"a": {"task": "shop.tasks.coutn", "schedule": 9.0}}\n'
    found = lint(text, str(shop / "settings.py"))
    assert [finding.code for finding in found] == ["CEL003"]
    assert "tasks.py" in found[0].message


RENAMING = """
from celery import Celery

class Short(Celery):
    def gen_task_name(self, name, module):
        return name

app = Short("shop")
"""


@pytest.mark.parametrize(
    ("app", "expected"),
    [("from celery import Celery\napp = Celery()\n", ["CEL706"]), (RENAMING, []), ("", [])],
)
def test_automatic_names_depend_on_the_app(tmp_path: Path, app: str, expected: list[str]) -> None:
    """An app that names tasks in its own way, or one out of sight: a short name may be right."""
    (tmp_path / "manage.py").touch()
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "celery.py").write_text(app)
    contract = TaskContract("shop.tasks.count", "shop/tasks.py", "shop.tasks", "count", ())
    (tmp_path / "celery-tasks.lock").write_text(dumps(Lock(tasks={contract.name: contract})))
    (shop / "tasks.py").write_text(
        "from celery import shared_task\n@shared_task\ndef count(): ...\n"
    )
    text = 'CELERY_BEAT_SCHEDULE = {"a": {"task": "count", "schedule": 9.0}}\n'
    assert [f.code for f in lint(text, str(shop / "settings.py"))] == expected


FIRST = "from celery import shared_task\n@shared_task(name='shop.count')\ndef count(): ...\n"
SECOND = "from celery import shared_task\n@shared_task(name='shop.count')\ndef number(): ...\n"


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (FIRST, SECOND, True),
        (FIRST.replace("shop.count", "shop.other"), SECOND, False),
        (FIRST.replace("def", "    def").replace("@", "if DEBUG:\n    @"), SECOND, False),
        ("def broken(:\n", SECOND, False),
        (None, SECOND, False),
    ],
)
def test_a_name_that_another_module_has(
    tmp_path: Path, first: str | None, second: str, told: bool
) -> None:
    """The lock says where to look; what counts is what is there now."""
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    if first is not None:
        (shop / "tasks.py").write_text(first)
    (shop / "more.py").write_text(second)
    task = TaskContract("shop.count", "shop/tasks.py", "shop.tasks", "count", ())
    (tmp_path / "celery-tasks.lock").write_text(dumps(Lock(tasks={"shop.count": task})))
    found = [f for f in lint(second, str(shop / "more.py")) if f.code == "CEL910"]
    assert bool(found) == told
    if told:
        assert found[0].message.startswith("a task at shop/tasks.py:3 has the name 'shop.count'")
        assert "CEL910" not in [f.code for f in lint(first or "", str(shop / "tasks.py"))]
