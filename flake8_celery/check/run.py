"""A run over many files: the gate first, then several processes, then what takes all of them."""

from __future__ import annotations

import gc
import io
import os
import sys
import tokenize
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from flake8_celery.check.noqa import Comments
from flake8_celery.check.selection import Chooser, Selection
from flake8_celery.check.setup import Setup
from flake8_celery.core.deployed.concerns import compares, concerns
from flake8_celery.core.engine.run import Finding
from flake8_celery.core.model.model import Model
from flake8_celery.core.project.lockpath import lock_for
from flake8_celery.core.project.reading import MAX_BYTES, decoded, read_file
from flake8_celery.core.syntax.gate import passes_gate
from flake8_celery.core.syntax.module import lines_of
from flake8_celery.linter import lint
from flake8_celery.options import Options
from flake8_celery.whole_project import Linted, judge_gone, judge_together, share_of

#: So many files are worth another process.
FILES_A_PROCESS: Final = 12

_UNREADABLE: Final = (OSError, SyntaxError, ValueError, RecursionError, MemoryError)


class Report(NamedTuple):
    """A finding in a file."""

    path: str
    """As the user would write it from here."""
    finding: Finding
    source: str = ""
    """The line that it stands on, without its end."""


class Result(NamedTuple):
    """What one file gave."""

    reports: tuple[Report, ...]
    share: Linted


class Judge:
    """Judges one file after another with one setup."""

    def __init__(self, options: Options, selection: Selection) -> None:
        self.options = options
        self.selection = selection
        self._choosers: dict[str, Chooser] = {}

    def file(self, path: str) -> Result:
        """Judge a file; one that can't be read or parsed is a finding, as for flake8."""
        try:
            content = read_file(path, MAX_BYTES)
            text = decode(content)
        except _UNREADABLE as error:
            unread = self._unreadable(path, error)
            return Result(self._told(path, "", [unread]), Linted(os.path.abspath(path), ""))
        return self.text(text, path)

    def text(self, text: str, path: str) -> Result:
        """Judge a text that stands for the file `path`."""
        models: list[Model] = []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = lint(text, path, self.options, watch=models.append)
        except _UNREADABLE as error:
            found = [self._unreadable(path, error)]
        model = models[0] if models else None
        share = share_of(os.path.abspath(path), "", model, self.options, found)
        return Result(self._told(path, text, found), share)

    def later(self, path: str, found: Sequence[Finding]) -> tuple[Report, ...]:
        """The reports of what was found in a file once all files were read."""
        try:
            text = decoded(read_file(path, MAX_BYTES))
        except _UNREADABLE:
            text = ""
        return self._told(path, text, found)

    def _told(self, path: str, text: str, found: Sequence[Finding]) -> tuple[Report, ...]:
        chooser = self.selection.chooser_for(path, self._choosers)
        found = [finding for finding in found if chooser.takes(finding.code)]
        if not found:
            return ()
        comments = Comments("" if self.selection.disable_noqa else text)
        if comments.whole_file:
            return ()
        lines = lines_of(text)
        return tuple(
            Report(path, finding, _line(lines, finding.line))
            for finding in found
            if not comments.silence(finding.line, finding.code)
        )

    def _unreadable(self, path: str, error: BaseException) -> Finding:
        line = getattr(error, "lineno", None) or 1
        why = getattr(error, "msg", None) or getattr(error, "strerror", None) or str(error)
        reason = " ".join(str(why).split()) or type(error).__name__
        if isinstance(error, SyntaxError):
            reason = f"not Python {sys.version_info[0]}.{sys.version_info[1]}: {reason}"
        text = f"this file can't be read ({reason}): nothing in it is judged"
        return Finding(line, 0, line, 0, "CEL003", text, (path, reason))


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1].rstrip("\r\n") if 0 < number <= len(lines) else ""


def decode(content: bytes) -> str:
    """The text of a Python file, with each line's end a newline; raises what reading can."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return io.TextIOWrapper(io.BytesIO(content), encoding).read()


def gate(paths: Sequence[str], options: Options) -> Iterator[str]:
    """Those of the files that can have to do with Celery; nothing is parsed."""
    compared: dict[str, bool] = {}
    for path in paths:
        try:
            # the words that are looked for look the same in every encoding of a source
            text = read_file(path, MAX_BYTES).decode("latin-1")
        except OSError:
            yield path
            continue
        if not passes_gate(text, path, options.extra_needles):
            # which lock speaks is a question of the folder: one answer for all of its files
            folder = os.path.dirname(path)
            if folder not in compared:
                compared[folder] = compares(path, options)
            if not (compared[folder] and concerns(text, path, options)):
                continue
        yield path


def run(
    paths: Sequence[str],
    setup: Setup,
    jobs: int = 1,
    whole: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> list[Report]:
    """All reports on some files, sorted; `progress` hears how many of how many are done.

    Without `whole`, what takes all files to know is left out.
    """
    found: list[Report] = []
    shares: list[Linted] = []
    gated = list(gate(paths, setup.options))
    jobs = max(1, min(jobs, len(gated) // FILES_A_PROCESS))
    shown = {os.path.abspath(path): path for path in gated}
    for done, result in enumerate(_results(gated, setup, jobs), 1):
        found += result.reports
        shares.append(result.share)
        if progress is not None:
            progress(done, len(gated))
    if whole:
        judge = Judge(setup.options, setup.selection)
        # the file that is gone may have been the only one that had to do with Celery
        others = [
            Linted(os.path.abspath(path), "", lock)
            for path in dict.fromkeys(paths).keys() - shown.values()
            if (lock := lock_for(path, setup.options)) is not None
        ]
        for path, _, finding in judge_gone([*shares, *others], setup.options):
            found += judge.later(_from_here(path), [finding])
        if len(paths) > 1:
            later: dict[str, list[Finding]] = {}
            for share, finding in judge_together(shares, setup.options):
                later.setdefault(share.file, []).append(finding)
            for path, findings in later.items():
                found += judge.later(shown.get(path, path), findings)
    return sorted(found, key=lambda report: (report.path, report.finding[:6]))


def _results(paths: Sequence[str], setup: Setup, jobs: int) -> Iterator[Result]:
    if jobs == 1:
        judge = Judge(setup.options, setup.selection)
        for path in paths:
            yield judge.file(path)
        return
    from concurrent.futures import ProcessPoolExecutor

    # neighbours import the same modules: they go to one process, which reads those once
    size = max(1, min(24, len(paths) // (jobs * 4)))
    with ProcessPoolExecutor(jobs, initializer=_start, initargs=(setup,)) as pool:
        yield from pool.map(_one, paths, chunksize=size)


_judges: list[Judge] = []


def _start(setup: Setup) -> None:
    # trees live until the end of the process: looking for garbage among them costs as much again
    gc.disable()
    _judges[:] = [Judge(setup.options, setup.selection)]


def _one(path: str) -> Result:
    return _judges[0].file(path)


def _from_here(path: str) -> str:
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith("..") else relative
