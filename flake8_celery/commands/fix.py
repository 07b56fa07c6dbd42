"""Put right what has one right way, and leave everything else as it stands.

A fix is kept only if the file still parses afterwards, the finding is gone and no other has come;
comments, quotes and line ends stay. What chooses between two ways, or switches something on, is
left unless --unsafe is given. Findings that # noqa or per-file-ignores silence are not touched.

Exit codes: 0 all that could be put right was, 1 --diff or --check found something, 2 the run can't
be made, or a file could not be written.
"""

from __future__ import annotations

import argparse
import difflib
import io
import os
import sys
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from flake8_celery.check.noqa import Comments
from flake8_celery.check.run import gate
from flake8_celery.check.selection import Chooser, find_files
from flake8_celery.check.setup import Setup, WrongFile
from flake8_celery.commands.check import register_configuration, setup_of
from flake8_celery.commands.common import Failure, counted, fail, shown, write_whole_bytes
from flake8_celery.core.engine.run import Finding
from flake8_celery.core.project.reading import read_file
from flake8_celery.fixes.apply import Outcome, fix_text, fixables
from flake8_celery.linter import lint

_UNREADABLE = (OSError, SyntaxError, ValueError, RecursionError, MemoryError)


def register(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders; default: .")
    parser.add_argument("--unsafe", action="store_true", help="choose and switch on, too")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--diff", action="store_true", help="change nothing, show what would change")
    how.add_argument("--check", action="store_true", help="change nothing, name the files")
    register_configuration(parser)


def run(given: argparse.Namespace) -> int:
    """Put files right; see the module for the exit codes."""
    try:
        setup = setup_of(given)
        paths = given.paths or ["."]
        for path in paths:
            if not os.path.exists(path):
                raise Failure(f"{path}: there is no such file or folder")
    except (Failure, WrongFile) as error:
        return fail(error)
    code, fixed, changed, more = 0, 0, 0, 0
    choosers: dict[str, Chooser] = {}
    for path in gate(list(find_files(paths, setup.selection.exclude)), setup.options):
        try:
            source = read_source(path)
            result = put_right(source, setup, choosers, given.unsafe)
        except _UNREADABLE as error:
            print(f"{shown(os.path.realpath(path))}: left as it is ({error})", file=sys.stderr)
            continue
        more += result.more
        if not result.outcome.fixed or result.outcome.text == source.text:
            continue
        fixed += len(result.outcome.fixed)
        changed += 1
        if given.diff:
            sys.stdout.write("".join(diff_lines(path, source.text, result.outcome.text)))
            code = max(code, 1)
            continue
        counts = Counter(finding.code for finding in result.outcome.fixed)
        told = ", ".join(
            f"{one} x{number}" if number > 1 else one for one, number in sorted(counts.items())
        )
        if given.check:
            code = max(code, 1)
        else:
            try:
                write_source(source, result.outcome.text)
            except Failure as error:
                code = fail(error)
                continue
        print(f"{path}: {told}")
    if not given.diff:
        verb = "can be fixed" if given.check else "fixed"
        print(f"{counted(fixed, 'finding')} {verb} in {counted(changed, 'file')}")
    if more:
        print(f"{counted(more, 'more finding')}: --unsafe", file=sys.stderr)
    return code


class Source(NamedTuple):
    """A file as it was read: the text keeps its line ends, and no byte order mark."""

    path: str
    content: bytes
    encoding: str
    text: str


def read_source(path: str) -> Source:
    """Read a Python file; raises what reading and decoding do."""
    content = read_file(path)
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    return Source(path, content, encoding, content.decode(encoding))


def write_source(source: Source, text: str) -> None:
    """Write a file as a whole; Failure where it changed since it was read, or can't be written."""
    target = os.path.realpath(source.path)
    try:
        new = text.encode(source.encoding)
        if read_file(target) != source.content:
            raise Failure(f"{source.path} changed meanwhile and is left as it is")
    except (OSError, UnicodeError) as error:
        raise Failure(f"{source.path} is left as it is ({error})") from None
    write_whole_bytes(target, new)


class Result(NamedTuple):
    """What became of a file's text."""

    outcome: Outcome
    more: int
    """Findings that --unsafe would put right beside."""


def put_right(source: Source, setup: Setup, choosers: dict[str, Chooser], unsafe: bool) -> Result:
    """Fix the findings of a file that would be reported; raises what `ast.parse` does."""
    chooser = setup.selection.chooser_for(source.path, choosers)

    def judge(text: str) -> list[Finding]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plain = text.replace("\r\n", "\n").replace("\r", "\n")
            return lint(plain, source.path, setup.options)

    def told(text: str) -> list[Finding]:
        found = [finding for finding in judge(text) if chooser.takes(finding.code)]
        comments = Comments("" if setup.selection.disable_noqa or not found else text)
        return [
            finding
            for finding in found
            if not comments.whole_file and not comments.silence(finding.line, finding.code)
        ]

    if not told(source.text):
        return Result(Outcome(source.text, ()), 0)
    outcome = fix_text(source.text, judge, unsafe, told)
    left = told(outcome.text)
    more = [row for row in fixables(outcome.text, left, True) if not row.fix.safe]
    return Result(outcome, 0 if unsafe else len(more))


def diff_lines(path: str, before: str, after: str) -> Iterator[str]:
    """A unified diff that `git apply` takes."""
    name = path.replace(os.sep, "/")
    # only these end a line for git; splitlines knows more
    old, new = (io.StringIO(text, newline="\n").readlines() for text in (before, after))
    for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
