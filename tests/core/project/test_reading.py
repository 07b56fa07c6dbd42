"""One reader for all files: regular ones of bounded size. Others are handed to nothing but it."""

from __future__ import annotations

import ast
import os
import socket
import tracemalloc
from pathlib import Path

import pytest

from flake8_celery.commands.common import _from_ini, _from_toml
from flake8_celery.config_file import read_section
from flake8_celery.core.contract.lock import LockError, read_lock
from flake8_celery.core.deployed import snapshot as snapshots
from flake8_celery.core.deployed.differences import _holds
from flake8_celery.core.deployed.snapshot import Snapshot, WorkTree, python_files
from flake8_celery.core.project import reading
from flake8_celery.core.project.files import MAX_FILE, Files, Trees, clear
from flake8_celery.core.project.locate import Project
from flake8_celery.core.project.reading import MAX_BYTES, MAX_SOURCE, NoFile, TooLarge, read_file
from flake8_celery.core.settings.queues import declared
from flake8_celery.core.settings.sources import Reader
from flake8_celery.core.values.read import read
from flake8_celery.options import Options
from tests import ROOT

TASK = b"from celery import shared_task\n\n\n@shared_task\ndef f(): ...\n"


KINDS = ("folder", "pipe", "socket", "device", "endless", "large", "link to a pipe", "broken link")


def made(folder: Path, kind: str, name: str = "special.py") -> Path:
    """A thing of a kind under a name; it is given to our reader only."""
    path = folder / name
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        short = socket.socket(socket.AF_UNIX)
        here = os.getcwd()
        os.chdir(folder)
        try:
            short.bind(name)
        finally:
            os.chdir(here)
            short.close()
    elif kind == "device":
        path.symlink_to("/dev/null")
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    elif kind == "large":
        with path.open("wb") as stream:
            stream.truncate(1_000_000_000)
    elif kind == "link to a pipe":
        os.mkfifo(folder / "pipe")
        path.symlink_to(folder / "pipe")
    else:
        path.symlink_to("nowhere")
    return path


@pytest.fixture(params=KINDS)
def special(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if not hasattr(os, "mkfifo"):
        pytest.skip("a system without pipes")
    return made(tmp_path, request.param)


def test_it_is_refused(special: Path) -> None:
    with pytest.raises(OSError, match=r"regular|more than 4 MB|No such file") as caught:
        read_file(special)
    assert str(special) not in str(caught.value) or isinstance(caught.value, FileNotFoundError)
    with pytest.raises(OSError, match=r"regular|more than 4 MB|No such file"):
        Files().read(str(special))


def test_each_reader(special: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(special)
    clear()
    clear()
    assert read(Project(str(special.parent / "a.py"), Options()), path) is None
    assert not _holds(path, b"x")
    assert _from_ini(path) == {}
    assert _from_toml(path) == {}
    assert read_section(path, False).values == {}
    with pytest.raises(LockError):
        read_lock(path)
    here = Project(str(special.parent / "a.py"), Options({"celery-config": path}))
    reader = Reader(here, None)
    assert reader.module(path) is None
    options = Options({"celery-worker-commands": path})
    assert declared(Project(str(special.parent / "a.py"), options), Reader(here, None)) == (
        frozenset(),
        False,
    )


def test_a_project_that_holds_one(special: Path, tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_bytes(TASK)
    paths = [str(tmp_path / "tasks.py"), str(special)]
    snapshot = Snapshot(str(tmp_path), WorkTree(Trees()), paths, Options())
    assert len(snapshot.models) == 1
    large = special.is_file() and not special.is_symlink()
    assert [item.why for item in snapshot.unreadable] == (
        ["it has more than 64 MB"] if large else []
    )
    listed = python_files(str(tmp_path))
    assert str(tmp_path / "tasks.py") in listed


def test_a_file_that_may_not_be_read_may_hold_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tasks.py").write_bytes(TASK)

    def denied(path: str, limit: int = 0) -> bytes:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(snapshots, "read_file", denied)
    paths = [str(tmp_path / "tasks.py")]
    snapshot = Snapshot(str(tmp_path), WorkTree(Trees()), paths, Options())
    assert [item.why for item in snapshot.unreadable] == ["Permission denied"]


def test_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(TASK)
    link = tmp_path / "b.py"
    link.symlink_to(path)
    assert read_file(path) == read_file(link) == read_file(str(path), len(TASK)) == TASK
    with pytest.raises(TooLarge, match=f"more than {len(TASK) - 1} bytes"):
        read_file(path, len(TASK) - 1)
    with pytest.raises(NoFile):
        read_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_file("a\0b")
    assert MAX_SOURCE == MAX_FILE


def test_a_small_file_takes_no_more_room_than_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(TASK)
    tracemalloc.start()
    try:
        assert read_file(path, MAX_BYTES) == TASK
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_file_that_comes_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"x" * 200_000)

    real = os.read
    monkeypatch.setattr(reading.os, "read", lambda number, size: real(number, min(size, 1_000)))
    assert read_file(path) == b"x" * 200_000
    with pytest.raises(TooLarge):
        read_file(path, 199_999)


def test_a_file_that_grows_or_is_exchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"")
    real = os.open

    def grows(name: str, flags: int) -> int:
        path.write_bytes(b"x" * 100)
        return real(name, flags)

    monkeypatch.setattr(reading.os, "open", grows)
    with pytest.raises(TooLarge):
        read_file(path, 99)

    def exchanged(name: str, flags: int) -> int:
        path.unlink()
        os.mkfifo(path)
        return real(name, flags)

    monkeypatch.setattr(reading.os, "open", exchanged)
    with pytest.raises(NoFile):
        read_file(path)

    def vanishes(name: str, flags: int) -> int:
        path.unlink()
        return real(name, flags)

    monkeypatch.setattr(reading.os, "open", vanishes)
    with pytest.raises(NoFile):
        read_file(path)
    path.unlink()
    path.write_bytes(b"")
    with pytest.raises(FileNotFoundError):
        read_file(path)


@pytest.mark.skipif(not os.path.exists("/proc/self/environ"), reason="no such files here")
def test_a_file_that_says_nothing_of_its_size() -> None:
    with pytest.raises(TooLarge):
        read_file("/proc/self/maps", 10)


# -- nothing goes round it

#: What opens a file, and the one place besides the reader where that is right.
OPENS = frozenset({"open", "read_text", "read_bytes", "write_text", "write_bytes", "fdopen"})
ALLOWED = {
    "flake8_celery/core/project/reading.py": {"open", "fdopen"},
    "flake8_celery/commands/common.py": {"fdopen"},  # writes one
    "flake8_celery/cli.py": {"open"},  # the null device
    "flake8_celery/commands/check.py": {"open"},  # writes its report
    "flake8_celery/core/messages/arguments.py": {"open"},  # a method of our own
    "pylint_celery/whole_run.py": {"open"},  # a checker's
    "pylint_celery/plugin.py": {"open"},
}


def opened(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in OPENS:
                found.add(name)
    return found


def test_nothing_else_opens_a_file() -> None:
    modules = [*(ROOT / "flake8_celery").rglob("*.py"), *(ROOT / "pylint_celery").rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix(): opened(path) for path in modules}
    assert {name: what - ALLOWED.get(name, set()) for name, what in found.items() if what} == {
        name: set() for name, what in found.items() if what
    }
    assert found["flake8_celery/core/project/reading.py"]
