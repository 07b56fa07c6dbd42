"""Real Celery for proofs: a fresh application, its messages, and workers that run them.

A proof lints a piece of source and then runs the very same source, so that what the rule says and
what Celery does can't drift apart.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from celery import VERSION, Celery, _state
from celery.contrib.testing.worker import start_worker
from celery.result import AsyncResult
from kombu import pools

from flake8_celery.core.engine.run import Finding
from flake8_celery.linter import lint
from flake8_celery.options import Options

PATIENCE = 20.0
"""Seconds that a proof waits for something that will happen."""
PAUSE = 0.6
"""Seconds after which something that did not happen is taken for one that won't."""


def since(version: str, what: str) -> pytest.MarkDecorator:
    """A proof of what Celery does from a version on; `what` it does before."""
    wanted = tuple(map(int, version.split(".")))
    return pytest.mark.skipif(VERSION[:2] < wanted, reason=f"before Celery {version}: {what}")


def memory_app(name: str = "proof", **settings: Any) -> Celery:
    """A Celery app on the memory broker with queues of its own, made the current and default."""
    queue = f"q{uuid.uuid4().hex[:8]}"
    app = Celery(name, broker="memory://", backend="cache+memory://", set_as_current=True)
    app.conf.update(
        task_default_queue=queue,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        result_backend_always_retry=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"polling_interval": 0.02},
        **settings,
    )
    app.set_default()

    @app.task(name="proof.wake")
    def wake() -> None:
        """Something for a worker to look up at."""

    return app


def published(app: Celery) -> list[Any]:
    """Take the messages that wait in the app's default queue, oldest first."""
    found = []
    with app.connection_for_read() as connection:
        channel = connection.channel()
        queue = app.amqp.queues[app.conf.task_default_queue](channel)
        queue.declare()
        while (message := queue.get(no_ack=True)) is not None:
            found.append(message)
    return found


class Proof:
    """Sources judged by one rule and run on one app."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.app = memory_app()
        self.modules: list[str] = []

    def findings(self, source: str, **options: object) -> list[Finding]:
        """What the rule says of the source."""
        chosen = Options({name.replace("_", "-"): value for name, value in options.items()})
        chosen.selected = frozenset({self.code})
        found = lint(textwrap.dedent(source), "proof.py", chosen)
        return [finding for finding in found if finding.code == self.code]

    def bad(self, source: str, count: int = 1, *, run: bool = True, **options: object) -> Any:
        """Source that the rule reports `count` times; the module that it makes when run."""
        found = self.findings(source, **options)
        assert len(found) == count, [finding.message for finding in found]
        return self.load(source) if run else None

    def good(self, source: str, *, run: bool = True, **options: object) -> Any:
        """Source that the rule is silent on; the module that it makes when run."""
        found = self.findings(source, **options)
        assert not found, [finding.message for finding in found]
        return self.load(source) if run else None

    def load(self, source: str) -> Any:
        """Run the source as a module; its tasks belong to this proof's app."""
        name = f"proof_{uuid.uuid4().hex[:8]}"
        module = ModuleType(name)
        sys.modules[name] = module
        self.modules.append(name)
        # the source's own annotations are read at once, whatever this file says of its own
        code = compile(textwrap.dedent(source), f"{name}.py", "exec", dont_inherit=True)
        exec(code, vars(module))
        return module

    def start(self, source: str) -> Any:
        """Run the source and create its tasks, as a worker does when it starts."""
        module = self.load(source)
        self.app.finalize()
        return module

    def published(self) -> list[Any]:
        """See `published`."""
        return published(self.app)

    @contextmanager
    def worker(self, **options: Any) -> Iterator[Any]:
        """A worker in this process, one task at a time."""
        self.app.finalize()
        chosen = {"pool": "solo", "perform_ping_check": False, "shutdown_timeout": PATIENCE}
        with start_worker(self.app, **{**chosen, **options}) as worker:
            yield worker
            # a worker asked to stop looks up at a message, else after two seconds, and once more
            for delay in (0.03, 0.06, 0.09):
                threading.Timer(delay, self.app.send_task, ["proof.wake"]).start()

    def finish(self, result: AsyncResult) -> tuple[str, Any]:
        """Wait for a task's end; its state and its result or exception."""
        with suppress(Exception):
            result.get(timeout=PATIENCE, interval=0.02)
        return result.state, result.result

    def settle(self, result: AsyncResult) -> str:
        """The state after a pause that is ample for what would happen."""
        time.sleep(PAUSE)
        return result.state

    def close(self) -> None:
        """Forget the app and its modules."""
        for name in self.modules:
            sys.modules.pop(name, None)
        self.app.close()


@contextmanager
def fresh_state() -> Iterator[None]:
    """Celery's process-wide state, put back afterwards: apps, current and default, shared tasks.

    `shared_task` runs at once on every app alive that is finalized: one that an earlier test left
    behind would take part, until the garbage collector finds it.
    """
    apps = list(_state._apps)
    _state._apps.clear()
    finalizers = set(_state._on_app_finalizers)
    current, default = getattr(_state._tls, "current_app", None), _state.default_app
    # a worker that ran in this process before leaves it forbidden to wait for a result
    waits, limit = _state.task_join_will_block(), pools.get_limit()
    _state._set_task_join_will_block(False)
    try:
        yield
    finally:
        _state._set_task_join_will_block(waits)
        if pools.get_limit() != limit:
            pools._limit[0] = limit
            pools.reset()
        _state._apps.clear()
        _state._apps.update(apps)
        _state._on_app_finalizers.clear()
        _state._on_app_finalizers.update(finalizers)
        _state._tls.current_app, _state.default_app = current, default


@contextmanager
def worker_process(folder: Path, source: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`celery -A tasks worker` on the filesystem broker; `source` is tasks.py and finds `app` made.

    The worker's output goes to worker.log in `folder`.
    """
    write_project(folder, source)
    log = (folder / "worker.log").open("w")
    command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "-c", "1", *arguments]
    process = subprocess.Popen(
        command, cwd=folder, stdout=log, stderr=log, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


def write_project(folder: Path, source: str) -> None:
    """Write tasks.py with an app on the filesystem broker and backend of `folder`."""
    for name in ("broker", "processed", "results"):
        (folder / name).mkdir(exist_ok=True)
    head = f"""
from celery import Celery
app = Celery("tasks", broker="filesystem://", backend="file://{folder}/results")
app.conf.broker_transport_options = {{
    "data_folder_in": "{folder}/broker",
    "data_folder_out": "{folder}/broker",
    "processed_folder": "{folder}/processed",
    "control_folder": "{folder}/broker",
}}
"""
    (folder / "tasks.py").write_text(head + textwrap.dedent(source))


def wait_for(condition: Any, patience: float = PATIENCE) -> bool:
    """Poll until `condition()` holds; whether it did."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def project_module(folder: Path) -> Any:
    """The module that `write_project` wrote, as a sender in this process sees it."""
    spec = importlib.util.spec_from_file_location("tasks", folder / "tasks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
