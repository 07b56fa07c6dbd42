"""Project files can be read from something that stands in for the disk."""

from __future__ import annotations

import ast
from pathlib import Path

from flake8_celery.core.model.others import facts_of
from flake8_celery.core.project.files import Files, Stamp, clear, reading
from flake8_celery.core.project.locate import Project
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.values.outlines import outline
from flake8_celery.core.values.resolver import ModuleResolver
from flake8_celery.options import Options

APP = "from celery import Celery\napp = Celery('shop', task_cls='shop.base.Base')\n"
BASE = "from celery import Task\nclass Base(Task):\n    queue = 'slow'\n"
TASKS = "from celery import shared_task\n@shared_task\ndef f(): ...\n"


class Shelf(Files):
    """Files in a dict."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__()
        self.texts = texts
        self.folders = {str(parent) for path in texts for parent in Path(path).parents}

    def stamp(self, path: str) -> Stamp | None:
        return Stamp(self.texts[path], 1) if path in self.texts else None

    def read(self, path: str) -> bytes:
        return self.texts[path].encode()

    def exists(self, path: str) -> bool:
        return path in self.texts or path in self.folders

    def is_file(self, path: str) -> bool:
        return path in self.texts

    def is_folder(self, path: str) -> bool:
        return path in self.folders

    def subfolders(self, path: str) -> list[str]:
        return sorted(f for f in self.folders if str(Path(f).parent) == path != f)

    def folders_like(self, pattern: str) -> list[str]:
        return [pattern] if pattern in self.folders else []


def queue(path: str, text: str) -> object:
    there = outline(Module(text, path, ast.parse(text)), Options(), ModuleResolver)
    option = facts_of(there).tasks["f"].option("queue")
    return option.value.value if option else option


def test_the_app_is_followed_on_the_shelf_and_not_on_the_disk(tmp_path: Path) -> None:
    root = tmp_path / "there"
    texts = {
        f"{root}/manage.py": "",
        f"{root}/shop/__init__.py": "",
        f"{root}/shop/celery.py": APP,
        f"{root}/shop/base.py": BASE,
        f"{root}/shop/tasks.py": TASKS,
    }
    path = f"{root}/shop/tasks.py"
    with reading(Shelf(texts)):
        assert queue(path, TASKS) == "slow"
        assert Project(path, Options()).module_name() == "shop.tasks"
    assert Project(path, Options()).module_name() is None
    for name, text in texts.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text.replace("slow", "fast"))
    clear()
    assert queue(path, TASKS) == "fast"
    with reading(Shelf(texts)):
        assert queue(path, TASKS) == "slow"
    assert queue(path, TASKS) == "fast"


def test_given_roots_are_looked_for_on_the_shelf() -> None:
    options = Options({"celery-source-roots": "/nowhere/lib"})
    with reading(Shelf({"/nowhere/lib/shop/tasks.py": TASKS})):
        found = Project("/nowhere/lib/shop/tasks.py", options)
        assert found.module_name() == "shop.tasks"
        assert found.locate("shop.tasks") == "/nowhere/lib/shop/tasks.py"
