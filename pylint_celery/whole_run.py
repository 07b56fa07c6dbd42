"""At the end of a run pylint reports what it takes all files to know; `whole_project` judges."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from astroid import nodes
from pylint.checkers import BaseChecker
from pylint.interfaces import HIGH, INFERENCE
from pylint.utils import FileState

from flake8_celery.core.engine.run import Finding
from flake8_celery.core.model.model import Model
from flake8_celery.failed import failed
from flake8_celery.linter import rules
from flake8_celery.options import Options
from flake8_celery.whole_project import CODES, Linted, judge_gone, judge_together, share_of

if TYPE_CHECKING:
    from pylint.lint import PyLinter

_SYMBOLS: Final = {info.code: f"celery-{info.symbol}" for info in rules() if info.code in CODES}


class WholeRun(BaseChecker):
    """Notes the files of a run, and reports at its end what it takes all of them to know."""

    parsed: Options
    _said: list[Finding]
    """What was found in the module that is linted."""
    _model: Model | None
    """Its facts, if it has any."""

    def __init__(self, linter: PyLinter) -> None:
        super().__init__(linter)
        # with several jobs it is asked even where none of its messages is on and nothing opens it
        self._linted: list[Linted] = []

    def open(self) -> None:
        """Start with no file; with several jobs this happens before each."""
        super().open()
        self._linted = []

    def leave_module(self, node: nodes.Module) -> None:
        """Note the file."""
        if node.file:
            with suppress(Exception):  # a file that can't be noted is no reason to end the run
                self._linted.append(self._noted(node, node.file))
        super().leave_module(node)  # type: ignore[misc]

    def _noted(self, node: nodes.Module, file: str) -> Linted:
        share = share_of(file, node.name, self._model, self.parsed, self._said)
        if not share.asks and not share.names:
            return share
        enabled = self.linter.is_message_enabled
        disabled = frozenset(
            (code, line)
            for code, symbol in _SYMBOLS.items()
            for line in range(1, node.tolineno + 1)
            if not enabled(symbol, line)
        )
        return share._replace(disabled=disabled)

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
    """Never raises: at the very end all that was found would be lost."""
    try:
        _report_all(linter, linted, options)
    except Exception as error:
        if linted:
            place = _at(linter, linted[0].module, linted[0].file)
            linter.add_message("celery-internal-error", line=1, node=place, args=(failed(error),))


def _report_all(linter: PyLinter, linted: list[Linted], options: Options) -> None:
    for path, module, finding in judge_gone(linted, options):
        place = _at(linter, module, path)
        arguments = (*finding.arguments, finding.likely)
        linter.add_message("celery-task-vanished", line=1, node=place, args=arguments)
    if len(linted) > 1 and any(linter.is_message_enabled(symbol) for symbol in _SYMBOLS.values()):
        for item, finding in judge_together(linted, options):
            place = _at(linter, item.module, item.file)
            linter.add_message(
                _SYMBOLS[finding.code],
                line=finding.line,
                node=place,
                args=(*finding.arguments, finding.likely),
                confidence=INFERENCE if finding.inferred else HIGH,
                col_offset=finding.column,
                end_lineno=finding.end_line,
                end_col_offset=finding.end_column,
            )


def _at(linter: PyLinter, module: str, path: str) -> nodes.Module:
    """Make a module the one that is reported on; the comments of the last one count no more."""
    linter.set_current_module(module, path)
    place = nodes.Module(module, file=path, path=[path])
    place.postinit([])
    linter.file_state = FileState(module, linter.msgs_store, place)
    return place
