"""What only a whole run can tell: the file that held a deployed task is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from astroid import nodes
from pylint.checkers import BaseChecker

from flake8_celery.core.lockfile import lock_for
from flake8_celery.options import Options

if TYPE_CHECKING:
    from pylint.lint import PyLinter

Linted = tuple[str, str]
"""A lock, and a file that it speaks for."""


class WholeRun(BaseChecker):
    """Notes the files of a run, and reports at its end what none of them can be blamed for."""

    parsed: Options

    def open(self) -> None:
        """Start with no file; with several jobs this happens before each."""
        super().open()
        self._linted: list[Linted] = []

    def leave_module(self, node: nodes.Module) -> None:
        """Note the file."""
        lock = lock_for(node.file, self.parsed) if node.file else None
        if lock is not None:
            self._linted.append((lock, node.file))
        super().leave_module(node)  # type: ignore[misc]

    def close(self) -> None:
        """Report, where all files went through this process."""
        config = self.linter.config
        if config.jobs == 1 or config.from_stdin:
            _report(self.linter, self._linted, self.parsed)

    def get_map_data(self) -> list[Linted]:
        """What one of several jobs has noted."""
        return self._linted

    def reduce_map_data(self, linter: PyLinter, data: list[Any]) -> None:
        """Report what all jobs have noted."""
        _report(linter, [item for part in data for item in part], self.parsed)


def _report(linter: PyLinter, linted: list[Linted], options: Options) -> None:
    files: dict[str, list[str]] = {}
    for lock, file in linted:
        files.setdefault(lock, []).append(file)
    if not files:
        return
    from flake8_celery.core.baseline import gone

    for lock, paths in sorted(files.items()):
        for path, module, arguments in gone(lock, paths, options):
            linter.set_current_module(module, path)
            place = nodes.Module(module, file=path, path=[path])
            linter.add_message("celery-task-vanished", line=1, node=place, args=arguments)
