"""Two versions of the same tasks: messages of the one, workers of the other, and what a rule says.

Sources are run as they are linted. Their tasks have names of their own, because a proof's modules
have not.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery import _state
from celery.result import AsyncResult

from flake8_celery.core.contract.lock import Lock, dumps
from flake8_celery.core.deployed.read_tasks import contracts_of
from flake8_celery.core.engine.run import Finding
from flake8_celery.core.model.build import prepare
from flake8_celery.core.project.files import clear
from flake8_celery.core.project.lockpath import LOCK_NAME
from flake8_celery.core.syntax.module import Module
from flake8_celery.linter import lint
from flake8_celery.options import Options
from tests.proofs.harness import Proof, memory_app


class Deployment:
    """A folder whose lock holds the tasks of `old`, and Celery apps on one broker."""

    def __init__(self, proof: Proof, folder: Path, old: str) -> None:
        self.proof = proof
        self.file = folder / "tasks.py"
        self.old = old
        text = textwrap.dedent(old)
        tasks, left = contracts_of(prepare(Module(text, "tasks.py", ast.parse(text)), Options()))
        assert not left
        locked = {task.name: task._replace(file="tasks.py") for task in tasks}
        (folder / LOCK_NAME).write_text(dumps(Lock(1, locked)))
        clear()
        clear()

    def findings(self, new: str) -> list[Finding]:
        """What the rule says of the tasks as they are to be."""
        options = Options()
        options.selected = frozenset({self.proof.code})
        found = lint(textwrap.dedent(new), str(self.file), options)
        return [finding for finding in found if finding.code == self.proof.code]

    def send(self, source: str, call: str) -> AsyncResult:
        """Send a message as this version of the code does."""
        self._as_new_process()
        module = self.proof.load(source)
        result = eval(call, vars(module))
        assert isinstance(result, AsyncResult)
        return result

    @contextmanager
    def worker(self, source: str, **options: Any) -> Iterator[None]:
        """A worker of this version of the code."""
        self._as_new_process()
        self.proof.load(source)
        with self.proof.worker(**options):
            yield

    def run(self, source: str, result: AsyncResult) -> tuple[str, Any]:
        """What becomes of a message where a worker of this version gets it."""
        with self.worker(source):
            return self.proof.finish(result)

    def _as_new_process(self) -> None:
        """Forget the tasks of the version before; queues and results stay."""
        _state._on_app_finalizers.clear()
        queue = self.proof.app.conf.task_default_queue
        self.proof.app.close()
        self.proof.app = memory_app()
        self.proof.app.conf.task_default_queue = queue
