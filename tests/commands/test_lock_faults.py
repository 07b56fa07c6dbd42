"""The lock: what can't stand in one, links, broken ones, and faults while it is written."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flake8_celery.cli import main
from flake8_celery.commands import lock as command
from flake8_celery.core.contract import lock as contract_lock
from flake8_celery.core.contract.lock import LockError, read_lock
from flake8_celery.core.project.files import clear
from flake8_celery.core.project.lockpath import LOCK_NAME
from flake8_celery.core.project.reading import read_file

HEAD = "from celery import shared_task\n\n\n"
GOOD = "@shared_task\ndef good(a): ...\n\n\n"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    clear()
    clear()


def put(folder: Path, text: str, name: str = "tasks.py") -> Path:
    (folder / "setup.cfg").touch()
    (folder / name).write_text(HEAD + text, encoding="utf-8")
    return folder / LOCK_NAME


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "setup.cfg")


# -- what no lock can hold

UNFIT = {
    "escape": "@shared_task(name='a\\x1b[2Jb')\ndef f(): ...\n",
    "newline": "@shared_task(name='a\\nb')\ndef f(): ...\n",
    "surrogate": "@shared_task(name='a\\udc80b')\ndef f(): ...\n",
    "nothing": "@shared_task(name='\\0')\ndef f(): ...\n",
    "direction": "@shared_task(name='a\\u202eb')\ndef f(): ...\n",
    "long": "@shared_task(name='a' * 1001)\ndef f(): ...\n",
    "queue": "@shared_task(queue='a\\nb')\ndef f(): ...\n",
    "serializer": "@shared_task(serializer='a\\x7fb')\ndef f(): ...\n",
}


@pytest.mark.parametrize("kind", UNFIT)
def test_a_task_that_no_lock_can_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    path = put(tmp_path, GOOD + UNFIT[kind])
    for words in (["lock"], ["lock", "--check"], ["lock", "--anew"]):
        assert main([*words, str(tmp_path)]) == 1
        out, err = capsys.readouterr()
        assert err == ""
        [note] = [line for line in out.splitlines() if "left out" in line]
        assert "tasks.py:9" in note or "tasks.py:8" in note
        assert "no lock can hold it" in note
        assert all(line.isprintable() for line in out.splitlines())
        assert list(read_lock(str(path)).tasks) == ["tasks.good"]
    put(tmp_path, GOOD)
    assert main(["lock", str(tmp_path)]) == 0


@pytest.mark.parametrize("name", [b"t\xe4sks.py", b"ta\nsks.py", b"ta\\sks.py", b"a:b/tasks.py"])
def test_a_file_name_that_no_lock_can_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: bytes
) -> None:
    put(tmp_path, GOOD)
    file = os.fsencode(tmp_path) + b"/" + name
    try:
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "wb") as stream:
            stream.write((HEAD + "@shared_task(name='other')\ndef f(): ...\n").encode())
    except OSError:
        pytest.skip("the file system has no such names")
    assert main(["lock", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert sum("left out" in line for line in out.splitlines()) == 1
    assert all(line.isprintable() for line in out.splitlines())
    assert list(read_lock(str(tmp_path / LOCK_NAME)).tasks) == ["tasks.good"]


def test_a_task_that_became_unfit_keeps_its_entry(tmp_path: Path) -> None:
    path = put(tmp_path, GOOD)
    assert main(["lock", str(tmp_path)]) == 0
    put(tmp_path, GOOD.replace("@shared_task", "@shared_task(queue='a\\nb')"))
    assert main(["lock", "--accept-all", str(tmp_path)]) == 1
    assert list(read_lock(str(path)).tasks) == ["tasks.good"]


def test_what_could_not_be_read_again_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path, GOOD)
    path.write_bytes(b'{"version": 1, "tasks": {}}')
    monkeypatch.setattr(command, "dumps", lambda lock: '{"version": 1')
    assert main(["lock", str(tmp_path)]) == 2
    assert "left as it is" in capsys.readouterr().err
    assert path.read_bytes() == b'{"version": 1, "tasks": {}}'


def test_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lock", str(tmp_path)]) == 0
    assert "no task was found" in capsys.readouterr().out


# -- a broken lock

BROKEN = (b"", b"{", b"[]", b"\xff\xfe", b'{"version": 1, "tasks": {"a": 7}}', b"[" * 200_000)


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_lock_is_written_anew_as_its_message_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = put(tmp_path, GOOD)
    path.write_bytes(content)
    assert main(["lock", str(tmp_path)]) == 2
    message = capsys.readouterr().err
    words = message.partition("flake8-celery lock")[2].split()
    assert path.read_bytes() == content
    assert main(["lock", *words, "--check", str(tmp_path)]) == 1
    assert path.read_bytes() == content
    capsys.readouterr()
    assert main(["lock", *words, str(tmp_path)]) == 0
    assert "nothing is compared" in capsys.readouterr().err
    assert list(read_lock(str(path)).tasks) == ["tasks.good"]


@pytest.mark.parametrize(
    "content", [b'{"version": 99, "tasks": {}}', b"<<<<<<< a\n=======\n>>>>>>> b\n"]
)
def test_one_that_holds_more_than_we_know_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, GOOD)
    path.write_bytes(content)
    assert main(["lock", "--anew", str(tmp_path)]) == 2
    assert path.read_bytes() == content


# -- links


def test_a_lock_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "here").mkdir()
    target = tmp_path / "real" / "all.lock"
    target.write_bytes(b'{"version": 1, "tasks": {}}')
    path = put(tmp_path / "here", GOOD)
    path.symlink_to(os.path.join("..", "real", "all.lock"))
    assert main(["lock", str(path)]) == 0
    assert path.is_symlink()
    assert list(read_lock(str(target)).tasks) == ["tasks.good"]
    assert left(tmp_path / "real") == ["all.lock"]


def test_a_link_to_what_is_no_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    other = tmp_path / "notes.txt"
    other.write_text("precious")
    path = put(tmp_path / "here", GOOD)
    path.symlink_to(other)
    for words in (["lock"], ["lock", "--anew"]):
        assert main([*words, str(tmp_path / "here")]) == 2
        assert other.read_text() == "precious"
    other.unlink()
    for words in (["lock"], ["lock", "--anew"]):
        assert main([*words, str(tmp_path / "here")]) == 2
        assert not other.exists()


# -- faults while it is written


def fails_with(number: int) -> Callable[..., None]:
    def fails(*words: object, **named: object) -> None:
        raise OSError(number, os.strerror(number))

    return fails


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
@pytest.mark.parametrize(
    "place", ["tempfile.mkstemp", "os.fsync", "os.chmod", "os.replace", "os.fdopen"]
)
def test_a_write_that_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    place: str,
    number: int,
) -> None:
    path = put(tmp_path, GOOD)
    before = b'{"version": 1, "tasks": {}}'
    path.write_bytes(before)
    with monkeypatch.context() as patch:
        if place == "os.fdopen":
            # files are read by it too
            real = os.fdopen

            def writing(handle: int, mode: str = "r", *more: object) -> object:
                if "w" in mode:
                    os.close(handle)
                    raise OSError(number, os.strerror(number))
                return real(handle, mode, *more)  # type: ignore[call-overload]

            patch.setattr(os, "fdopen", writing)
        else:
            module, _, name = place.partition(".")
            patch.setattr(importlib.import_module(module), name, fails_with(number))
        assert main(["lock", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "can't be written" in err
    assert path.read_bytes() == before
    assert left(tmp_path) == [LOCK_NAME, "tasks.py"]


def test_an_interruption_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, GOOD)
    path.write_bytes(b'{"version": 1, "tasks": {}}')

    def interrupted(*words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        main(["lock", str(tmp_path)])
    assert path.read_bytes() == b'{"version": 1, "tasks": {}}'
    assert left(tmp_path) == [LOCK_NAME, "tasks.py"]


KILLED = """
import os, signal, sys
from flake8_celery import cli
number = int(sys.argv[1])
seen = 0
def hook(event, words):
    global seen
    if event in ("open", "os.rename", "os.chmod", "os.remove", "tempfile.mkstemp"):
        text = str(words[0])
        if "celery-tasks" in text:
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
sys.exit(cli.main(["lock", sys.argv[2]]))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_killed_at_every_step(tmp_path: Path) -> None:
    path = put(tmp_path, GOOD)
    assert main(["lock", str(tmp_path)]) == 0
    before = path.read_bytes()
    put(tmp_path, GOOD + GOOD.replace("good", "more"))
    codes = []
    for step in range(1, 12):
        path.write_bytes(before)
        done = subprocess.run([sys.executable, "-c", KILLED, str(step), str(tmp_path)], timeout=60)
        codes.append(done.returncode)
        # the old one or the new one, and never half of one
        assert {"tasks.good"} <= read_lock(str(path)).tasks.keys() <= {"tasks.good", "tasks.more"}
        clear()
        if not done.returncode:
            break
    assert codes[-1] == 0
    assert codes.count(-signal.SIGKILL) >= 3


def test_two_at_once(tmp_path: Path) -> None:
    path = put(tmp_path, "".join(GOOD.replace("good", f"good_{n}") for n in range(200)))
    words = [sys.executable, "-m", "flake8_celery", "lock", str(tmp_path)]
    running = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)
    ]
    for process in running:
        _, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, b"")
    assert len(read_lock(str(path)).tasks) == 200
    assert left(tmp_path) == [LOCK_NAME, "tasks.py"]


def test_a_clock_that_jumps(tmp_path: Path) -> None:
    path = put(tmp_path, GOOD)
    assert main(["lock", str(tmp_path)]) == 0
    text = GOOD
    for moment in (0, time.time() + 1e8, -1e6):
        text += GOOD.replace("good", f"at_{int(moment) % 1000}")
        put(tmp_path, text)
        for changed in (path, tmp_path / "tasks.py"):
            os.utime(changed, (moment, moment))
        assert main(["lock", str(tmp_path)]) == 0
        clear()
        assert f"tasks.at_{int(moment) % 1000}" in read_lock(str(path)).tasks


def test_a_lock_that_vanishes_or_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, GOOD)
    assert main(["lock", str(tmp_path)]) == 0
    real = read_file

    def vanishes(name: str, limit: int) -> bytes:
        os.unlink(name)
        return real(name, limit)

    monkeypatch.setattr(contract_lock, "read_file", vanishes)
    clear()
    with pytest.raises(LockError, match="no such file"):
        read_lock(str(path))
