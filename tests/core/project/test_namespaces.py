"""What a module is called in a package that lies in folders without `__init__.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flake8_celery.core.project.files import clear
from flake8_celery.core.project.locate import Project
from flake8_celery.options import Options


def name(folder: Path, files: dict[str, str], asked: str) -> str | None:
    for file, text in {"setup.cfg": "", **files}.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    clear()
    return Project(str(folder / asked), Options()).module_name()


@pytest.mark.parametrize(
    ("text", "beside", "expected"),
    [
        ("from org.shop.mail import send", "", "org.shop.jobs.tasks"),
        ("import org.shop.mail as mail", "", "org.shop.jobs.tasks"),
        ("from .mail import send", "from org.shop import mail", "org.shop.jobs.tasks"),
        ("from shop.mail import send", "from org.shop import mail", "shop.jobs.tasks"),
        ("from . import mail", "import os", "shop.jobs.tasks"),
        ("from org.shopping import mail", "", "shop.jobs.tasks"),
        ("X = 'org.shop'", "", "shop.jobs.tasks"),
    ],
)
def test_what_is_imported_decides(tmp_path: Path, text: str, beside: str, expected: str) -> None:
    files = {
        "org/shop/__init__.py": "",
        "org/shop/mail.py": beside,
        "org/shop/jobs/__init__.py": "",
        "org/shop/jobs/tasks.py": text,
    }
    assert name(tmp_path, files, "org/shop/jobs/tasks.py") == expected


def test_what_stands_on_the_path_is_no_namespace(tmp_path: Path) -> None:
    files = {"src/org/shop/__init__.py": "", "src/org/shop/tasks.py": "import org.shop"}
    assert name(tmp_path, files, "src/org/shop/tasks.py") == "org.shop.tasks"
    files = {"app/src/shop/__init__.py": "", "app/src/shop/tasks.py": "import src.shop"}
    assert name(tmp_path, files, "app/src/shop/tasks.py") == "shop.tasks"


def test_python_agrees(tmp_path: Path) -> None:
    files = {"org/shop/__init__.py": "", "org/shop/tasks.py": "import org.shop\nprint(__name__)"}
    known = name(tmp_path, files, "org/shop/tasks.py")
    done = subprocess.run(
        [sys.executable, "-c", "import org.shop.tasks"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == known
