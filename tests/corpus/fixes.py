"""`flake8-celery fix` over a copy of the corpus: what it changes, and that nothing else changes.

The diff is kept in `fixes.diff`, where every change has been read.
"""

from __future__ import annotations

import ast
import io
import json
import os
import shutil
import tempfile
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from flake8_celery.cli import main
from flake8_celery.commands.fix import diff_lines, read_source
from flake8_celery.core.project.files import clear
from flake8_celery.fixes.apply import fixables
from flake8_celery.linter import lint
from flake8_celery.options import Options
from flake8_celery.rules._advice import OPT_IN

#: Where the changes are kept: those of `fix`, and those of `fix --unsafe`.
KEPT = {
    False: Path(__file__).with_name("fixes.diff"),
    True: Path(__file__).with_name("fixes-unsafe.diff"),
}
#: Every rule there is.
EVERY = f"CEL,{','.join(OPT_IN)}"


class Fixed(NamedTuple):
    """What one kind of run did to the copy of one package."""

    before: int
    """How many findings, of any rule."""
    fixable: int
    gone: int
    files: int
    diff: str
    wrong: tuple[str, ...]
    """What should not be, a line each."""
    shown: tuple[str, ...]
    """What other files are told since a setting holds that was off, a line each."""


def fix_all(folders: Sequence[Path], update: bool, part: bool) -> int:
    """Fix copies of the folders, safely and then unsafely; the exit code.

    With `part`, the folders are not all of the corpus, and nothing is held against what is kept.
    """
    code = 0
    for unsafe, file in KEPT.items():
        results = [fix_copy(folder, unsafe) for folder in folders]
        for line in (line for fixed in results for line in fixed.wrong):
            print(f"WRONG {line}")
            code = 1
        for line in (line for fixed in results for line in fixed.shown):
            print(f"      {line}")
        diff = "".join(fixed.diff for fixed in results)
        findings, fixable, gone, files = (
            sum(counts)
            for counts in zip(
                *((r.before, r.fixable, r.gone, r.files) for r in results), strict=True
            )
        )
        print(
            f"{'fix --unsafe' if unsafe else 'fix'}: {findings} findings of all rules, {fixable} "
            f"have a fix, {gone} gone, {files} files changed"
        )
        if part:
            print(diff, end="")
        elif update:
            file.write_text(diff, encoding="utf-8", newline="\n")
        elif not file.is_file() or file.read_text(encoding="utf-8") != diff:
            print(f"WRONG not as {file.name} has it: read the change, and store it with --update")
            code = 1
    return code


def fix_copy(folder: Path, unsafe: bool) -> Fixed:
    """Fix a copy of one package, and look at all of it before and after."""
    was = os.getcwd()
    with tempfile.TemporaryDirectory() as home:
        copy = Path(home, folder.name)
        for path in folder.rglob("*.py"):
            target = copy / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        os.chdir(home)
        try:
            return _fix_here(folder.name, unsafe)
        finally:
            os.chdir(was)
            clear()


def _fix_here(name: str, unsafe: bool) -> Fixed:
    paths = sorted(Path(name).rglob("*.py"))
    old = {path: path.read_bytes() for path in paths}
    before = _findings(name)
    fixable = len(list(_fixable(before, unsafe)))
    words = ["fix", "--isolated", f"--extend-select={EVERY}", name]
    words += ["--unsafe"] if unsafe else []
    first, told = _run(words)
    wrong = [f"{name}: exit code {first}: {told}"] if first else []
    after = _findings(name)
    come = [f"{path}: {code} has come" for path, code in sorted(after - before)]
    diff = []
    changed = [path for path in paths if path.read_bytes() != old[path]]
    for path in changed:
        wrong += [f"{path}: {why}" for why in _broken(old[path], path)]
        lines = diff_lines(str(path), old[path].decode("utf-8"), read_source(str(path)).text)
        diff.append("".join(lines))
    wrong += [f"{name}: {row} could be fixed and is not" for row in _fixable(after, unsafe)]
    again, told = _run([*words, "--check"])
    if again or not told.startswith("0 findings"):
        wrong.append(f"{name}: a second run would change more: {told}")
    gone = (before - after).total()
    # what a setting was renamed to holds now, for tasks in other files too
    wrong, shown = (wrong, come) if unsafe else (wrong + come, [])
    return Fixed(
        before.total(), fixable, gone, len(changed), "".join(diff), tuple(wrong), tuple(shown)
    )


def _run(words: Sequence[str]) -> tuple[int, str]:
    clear()
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = main(list(words))
    return code, out.getvalue()


def _findings(name: str) -> Counter[tuple[str, str]]:
    words = ["check", "--isolated", "-j1", "--format=json", f"--extend-select={EVERY}", name]
    _, told = _run(words)
    return Counter((row["path"], row["code"]) for row in json.loads(told))


def _broken(old: bytes, path: Path) -> Iterator[str]:
    """What a fix must not do to a file."""
    new = path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(new)
        except (SyntaxError, ValueError) as error:
            yield f"can't be parsed: {error}"
            return
    if _comments(old) != _comments(new):
        yield "a comment is not as it was"
    for end in (b"\r\n", b"\r", b"\t", b"\xef\xbb\xbf"):
        if bool(old.count(end)) != bool(new.count(end)):
            yield f"{end!r} has come or gone"
    if old.endswith(b"\n") != new.endswith(b"\n"):
        yield "the end of the file changed"


def _comments(content: bytes) -> Counter[str]:
    tokens = tokenize.tokenize(io.BytesIO(content).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def _fixable(found: Counter[tuple[str, str]], unsafe: bool) -> Iterator[str]:
    """The findings among these that have a fix, each as place and code."""
    options = Options()
    options.selected = frozenset(OPT_IN)
    for path in sorted({path for path, _ in found}):
        try:
            text = read_source(path).text
            every = lint(text, path, options)
        except (SyntaxError, ValueError):
            continue
        # what a comment silences is not among those that are told
        told = [finding for finding in every if (path, finding.code) in found]
        for row in fixables(text, told, unsafe):
            yield f"{path}:{row.finding.line} {row.finding.code}"
