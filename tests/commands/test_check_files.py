"""Which files `check` looks at, and what it costs those that have nothing to do with Celery."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from flake8_celery.check.run import gate
from flake8_celery.check.selection import EXCLUDED, absolute, find_files
from flake8_celery.core.deployed import concerns
from flake8_celery.core.project.files import clear
from flake8_celery.options import Options

FILES = [
    "a.py",
    "setup.cfg",
    ".git/hook.py",
    "build/lib/a.py",
    "node_modules/x/a.py",
    "shop/a.py",
    "shop/b[1].py",
    "shop/sub/a.py",
    "shop/sub.egg/a.py",
    "shop/sub/tests/test_a.py",
    "env/pyvenv.cfg",
    "env/lib/a.py",
]
PATTERNS = [
    [],
    EXCLUDED,
    ["a.py"],
    ["shop"],
    ["shop/sub"],
    ["*/sub/*"],
    ["b[[]1].py"],
    ["test_?.py", "env"],
    ["./build", "*lib*"],
    ["."],
]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plainly(path: str, exclude: Sequence[str]) -> Iterator[str]:
    """What `find_files` promises, one pattern and one file at a time."""

    def matches(path: str) -> bool:
        name, full = os.path.basename(path), os.path.abspath(path)
        return any(
            (name not in (".", "..") and fnmatch.fnmatch(name, one)) or fnmatch.fnmatch(full, one)
            for one in exclude
        )

    if matches(path):
        return
    if os.path.isfile(path):
        yield os.path.normpath(path)
        return
    for name in os.listdir(path):
        below = os.path.join(path, name)
        if os.path.isdir(below):
            if name != "node_modules" and not os.path.exists(os.path.join(below, "pyvenv.cfg")):
                yield from plainly(below, exclude)
        elif name.endswith(".py") and not matches(below):
            yield os.path.normpath(below)


@pytest.mark.parametrize("exclude", PATTERNS, ids=" ".join)
@pytest.mark.parametrize(
    "path", [".", "./", "shop", "shop/", "./shop/sub", "../{}", "{}/shop", "a.py", "env"]
)
def test_files_that_are_found(tree: Path, path: str, exclude: list[str]) -> None:
    path = path.format(tree.name if path.startswith("..") else tree)
    patterns = [absolute(one, str(tree)) for one in exclude]
    found = list(find_files([path], patterns))
    assert sorted(found) == sorted(plainly(path, patterns))
    assert found == list(dict.fromkeys(found))


def test_the_lock_is_looked_for_once_a_folder(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clear()
    for number in range(50):
        (tree / "shop" / f"more{number}.py").write_text("x = 1\n")
    asked = []
    real = concerns.lock_for
    monkeypatch.setattr(
        concerns, "lock_for", lambda path, options: (asked.append(path), real(path, options))[1]
    )
    assert list(gate(list(find_files(["shop"], [])), Options())) == []
    assert len(asked) == 4


def test_a_file_that_the_lock_speaks_of_passes(tree: Path) -> None:
    from flake8_celery.cli import main

    (tree / "shop" / "__init__.py").write_text("")
    (tree / "shop" / "tasks.py").write_text(
        "from celery import shared_task\n\n\n@shared_task\ndef f(): ...\n"
    )
    assert main(["lock"]) == 0
    clear()
    (tree / "shop" / "tasks.py").write_text("x = 1\n")
    files = list(find_files(["shop"], []))
    assert list(gate(files, Options())) == ["shop/tasks.py"]
