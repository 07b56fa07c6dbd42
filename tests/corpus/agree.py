"""Whether the pylint half says all that the flake8 half says, at the same places."""

from __future__ import annotations

import ast
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from flake8_celery.core.engine.run import Finding
from flake8_celery.core.project.files import clear
from flake8_celery.core.project.locate import Project
from flake8_celery.core.syntax.gate import passes_gate
from flake8_celery.linter import lint, rules
from flake8_celery.options import Options

#: (code, path's end): why inference proves the flake8 half wrong, and it can't know better.
EXCEPTIONS: dict[tuple[str, str], str] = {}


class Compared(NamedTuple):
    """A file, what both halves say, and what only one says."""

    path: Path
    both: list[Finding]
    lost: list[Finding]
    more: list[Finding]


def every_rule() -> Options:
    """Options that have opt-in rules speak too: the more is said, the more must agree."""
    options = Options()
    options.selected = frozenset(info.code for info in rules())
    return options


def compare(text: str, path: Path, options: Options) -> Compared:
    """Lint one file by both halves; SyntaxError where it can't be parsed."""
    import astroid

    from pylint_celery.resolver import AstroidResolver

    view = Project(str(path), options)
    name = view.module_name() or path.stem
    one = set(lint(text, str(path), options))
    before = list(sys.path)
    sys.path[:0] = view.roots()
    try:
        if path.exists():
            module = astroid.MANAGER.ast_from_file(str(path), name, source=True)
        else:
            module = astroid.parse(text, name, str(path))
        found = lint(text, str(path), options, resolver=partial(AstroidResolver, module))
    finally:
        sys.path[:] = before
    other = {finding._replace(inferred=False) for finding in found}
    lost = [
        finding
        for finding in sorted(one - other)
        if not any(
            finding.code == code and path.as_posix().endswith(end) for code, end in EXCEPTIONS
        )
    ]
    return Compared(path, sorted(one & other), lost, sorted(other - one))


def compared_below(folder: Path) -> Iterator[Compared]:
    """Every file below `folder` that passes the gate and can be parsed."""
    import astroid

    clear()
    astroid.MANAGER.clear_cache()
    for path in sorted(folder.rglob("*.py")):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        if not passes_gate(text, str(path)):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                ast.parse(text)
                yield compare(text, path, every_rule())
            except (SyntaxError, astroid.AstroidError):
                continue


def agreement(folders: list[Path]) -> int:
    """Print where the halves differ; the number of findings that the pylint half loses."""
    files = 0
    count: Counter[str] = Counter()
    for folder in folders:
        for found in compared_below(folder):
            files += 1
            count.update(both=len(found.both), lost=len(found.lost), more=len(found.more))
            for sign, findings in (("-", found.lost), ("+", found.more)):
                for f in findings:
                    where = found.path.relative_to(folder.parent).as_posix()
                    print(f"{sign} {where}:{f.line}:{f.column + 1} {f.code} {f.message}")
        print(f"{folder.name}: {files} files so far", flush=True)
    print(
        f"{files} files: both halves {count['both']}, only the flake8 half {count['lost']}, "
        f"only the pylint half {count['more']}"
    )
    return count["lost"]
