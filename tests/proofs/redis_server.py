"""A Redis server of a proof's own, for what only a broker with a visibility timeout shows."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The URL of a server that keeps nothing; skips the test where none is installed."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    pytest.importorskip("redis")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def redis_worker(folder: Path, url: str, source: str, *, timeout: float) -> subprocess.Popen[str]:
    """A worker of `source` (tasks.py, where `app` is made) whose visibility timeout is `timeout` s.

    The transport sweeps each second instead of every hundred, so that a test can wait for it.
    """
    import sys
    import textwrap

    head = f"""
from celery import Celery
app = Celery("tasks", broker="{url}/0", backend="{url}/1")
app.conf.broker_transport_options = {{
    "visibility_timeout": {timeout},
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}}
def note(line):
    with open("{folder}/ran.txt", "a") as stream:
        stream.write(line + chr(10))
"""
    (folder / "tasks.py").write_text(head + textwrap.dedent(source), encoding="utf-8")
    log = (folder / "worker.log").open("w")
    command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "-c", "2", "-l", "info"]
    return subprocess.Popen(
        command, cwd=folder, stdout=log, stderr=log, text=True, start_new_session=True
    )


def stop(process: subprocess.Popen[str]) -> None:
    """Kill a worker and the processes of its pool."""
    import os
    import signal

    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def runs(folder: Path) -> int:
    """How often the body was started."""
    file = folder / "ran.txt"
    return len(file.read_text().splitlines()) if file.exists() else 0
