"""Find what breaks Celery in production, without flake8 or pylint: for CI and pre-commit.

Reads the options of flake8's section, or of [tool.flake8-celery] in pyproject.toml; # noqa comments
and per-file-ignores count. Files that have nothing to do with Celery are never parsed.

Exit codes: 0 nothing was found, 1 something was found (or an option in a configuration file is
wrong: CEL001), 2 the run can't be made (a path that is not there, a baseline that can't be read, an
option on the command line that is wrong).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from typing import Final, TextIO

from flake8_celery.check import formats, known_findings
from flake8_celery.check.run import Judge, Report
from flake8_celery.check.run import run as run_all
from flake8_celery.check.selection import Chooser, find_files, matches
from flake8_celery.check.setup import KEYS, Setup, WrongFile, given_values, read_setup
from flake8_celery.commands.common import Failure, counted, fail, shown, write_whole
from flake8_celery.core.engine.run import Finding
from flake8_celery.options import OPTIONS

#: Seconds after which a run on a terminal shows how far it is.
PATIENCE: Final = 2.0
_WIDTH: Final = 30


def register(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders, - is stdin; default: ."
    )
    parser.add_argument("-j", "--jobs", default="auto", metavar="N", help="processes; auto")
    parser.add_argument("--stdin-display-name", default="stdin", metavar="PATH")
    out = parser.add_argument_group("output")
    out.add_argument("--format", choices=tuple(formats.FORMATS), default="text")
    out.add_argument("-o", "--output-file", metavar="FILE", help="write there, not to stdout")
    out.add_argument("--statistics", action="store_true", help="count findings by rule")
    out.add_argument(
        "--show-source", action="store_true", help="show lines and carets; default on a terminal"
    )
    out.add_argument("--exit-zero", action="store_true", help="exit with 0 where 1 would be")
    known = parser.add_argument_group("baseline")
    known.add_argument("--baseline", metavar="FILE", help="what stands there is not reported")
    known.add_argument(
        "--write-baseline", metavar="FILE", help="write there all that is found, and exit with 0"
    )
    register_configuration(parser)


def run(given: argparse.Namespace) -> int:
    """Judge the files; see the module for the exit codes."""
    try:
        setup = setup_of(given)
        jobs = _jobs(given.jobs)
        known = known_findings.read(given.baseline) if given.baseline else None
        found = _configured(setup) + _found(given, setup, jobs)
    except (Failure, WrongFile, known_findings.BaselineError) as error:
        return fail(error)
    if given.write_baseline:
        path = os.path.realpath(given.write_baseline)
        try:
            write_whole(path, known_findings.dumps(found, os.path.dirname(path)))
        except Failure as error:
            return fail(error)
        print(f"{shown(path)}: {counted(len(found), 'finding')}")
        return 0
    if known is not None:
        folder = os.path.dirname(os.path.realpath(given.baseline))
        found, gone = known_findings.new(found, known, folder)
        if gone:
            told = f"{counted(gone, 'entry')} of {given.baseline} found no more"
            print(f"flake8-celery: {told.replace('entrys', 'entries')}", file=sys.stderr)
    try:
        _write(given, found)
    except OSError as error:
        return fail(f"{given.output_file} can't be written: {error.strerror}")
    return 1 if found and not given.exit_zero else 0


def register_configuration(parser: argparse.ArgumentParser) -> None:
    """Add what says how files and findings are chosen."""
    config = parser.add_argument_group("configuration")
    config.add_argument("--config", default="", metavar="FILE")
    config.add_argument("--isolated", action="store_true", help="read no configuration file")
    for key in KEYS:
        if key == "disable-noqa":
            config.add_argument(f"--{key}", action="store_true", default=None)
        elif key != "per-file-ignores":
            config.add_argument(f"--{key}", metavar="LIST")
    celery = parser.add_argument_group("options", "As in flake8's configuration.")
    for spec in OPTIONS:
        celery.add_argument(
            f"--{spec.name}", metavar=spec.metavar, help=spec.help.replace("%", "%%")
        )


def setup_of(given: argparse.Namespace) -> Setup:
    """The setup that configuration and command line give; Failure where a word there is wrong."""
    names = (*KEYS, *(spec.name for spec in OPTIONS))
    words = given_values(names, given)
    setup = read_setup(words, given.config, given.isolated)
    from flake8_celery.options import Options

    wrong = Options({name: words[name] for name in words if name.startswith("celery-")}).problems
    if wrong:
        raise Failure(f"--{wrong[0]}")
    return setup


def _jobs(text: str) -> int:
    if text == "auto":
        # in a container some of the machine's processors are not ours
        allowed = getattr(os, "sched_getaffinity", None)
        return len(allowed(0)) if allowed else os.cpu_count() or 1
    if not text.isdecimal() or not int(text):
        raise Failure(f"--jobs {text}: write a number of processes, or auto")
    return int(text)


def _configured(setup: Setup) -> list[Report]:
    """What is wrong in the configuration, told once, where it stands."""
    known: dict[str, Chooser] = {}
    found = []
    for file, line, text in setup.complaints:
        path = shown(os.path.realpath(file)) if file else "setup.cfg"
        if setup.selection.chooser_for(path, known).takes("CEL001"):
            found.append(Report(path, Finding(line, 0, line, 0, "CEL001", text, (text,))))
    return found


def _found(given: argparse.Namespace, setup: Setup, jobs: int) -> list[Report]:
    exclude = setup.selection.exclude
    paths = given.paths or ["."]
    if "-" in paths:
        if len(paths) > 1:
            raise Failure("- stands alone: stdin is one file")
        path = given.stdin_display_name
        if path != "stdin" and matches(path, exclude):
            return []
        judge = Judge(setup.options, setup.selection)
        return list(judge.text(sys.stdin.read(), path).reports)
    for path in paths:
        if not os.path.exists(path):
            raise Failure(f"{path}: there is no such file or folder")
    meter = _Meter(sys.stderr)
    try:
        return run_all(list(find_files(paths, exclude)), setup, jobs, progress=meter.show)
    finally:
        meter.end()


def _write(given: argparse.Namespace, found: Sequence[Report]) -> None:
    in_file = bool(given.output_file)
    if given.format == "text":
        terminal = not in_file and sys.stdout.isatty()
        colours = terminal and "NO_COLOR" not in os.environ
        source = given.show_source or terminal
        text = formats.text(found, formats.IN_COLOUR if colours else formats.PLAIN, source)
    else:
        text = formats.FORMATS[given.format](found)
    if given.statistics and found:
        counts = formats.statistics(found)
        if given.format == "text":
            text = f"{text}\n{counts}"
        else:
            print(counts, file=sys.stderr)
    if in_file:
        with open(given.output_file, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(f"{text}\n" if text else "")
    elif text:
        print(text)


class _Meter:
    """Shows on a terminal how far a long run is."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._wanted = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._from = time.monotonic()
        self._next = self._from + PATIENCE
        self._drawn = False

    def show(self, done: int, total: int) -> None:
        """So many of so many files are done."""
        if not self._wanted or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 0.1
        filled = _WIDTH * done // max(1, total)
        bar = "#" * filled + "." * (_WIDTH - filled)
        self._stream.write(f"\r[{bar}] {done} of {total} files")
        self._stream.flush()
        self._drawn = True

    def end(self) -> None:
        """Take the bar away."""
        if self._drawn:
            self._stream.write("\r\033[K")
            self._stream.flush()
