"""The plugin's core over a folder of packages."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from flake8_celery.core.engine.run import Finding
from flake8_celery.core.syntax.gate import passes_gate
from flake8_celery.linter import lint
from flake8_celery.options import Options

Lint = Callable[[str, str, Options], list[Finding]]


class Found(NamedTuple):
    """One finding, with its package, its path within it, and its source line."""

    package: str
    path: str
    line: int
    column: int
    code: str
    message: str
    source: str


class Report(NamedTuple):
    """What a run saw."""

    findings: list[Found]
    files: int
    gated: int
    unparsed: list[str]
    unread: int = 0
    """Imports of files that can't be parsed by this Python (CEL003); another finds none."""


def findings_below(
    folder: Path, packages: Sequence[str] = (), selected: Sequence[str] = (), judge: Lint = lint
) -> Report:
    """Lint every Python file below `folder`, whose subfolders are packages."""
    options = Options()
    options.selected = frozenset(selected)
    findings: list[Found] = []
    unparsed: list[str] = []
    files = gated = unread = 0
    for package in sorted(path for path in folder.iterdir() if path.is_dir()):
        if packages and not any(package.name.startswith(name) for name in packages):
            continue
        for file in sorted(package.rglob("*.py")):
            files += 1
            relative = file.relative_to(package).as_posix()
            try:
                text = file.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                unparsed.append(str(file))
                continue
            if not passes_gate(text, str(file)):
                continue
            gated += 1
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    ast.parse(text)
                    found = judge(text, str(file), options)
            except SyntaxError:
                unparsed.append(str(file))
                continue
            lines = text.splitlines()
            for f in found:
                if f.code == "CEL003":
                    unread += 1
                    continue
                source = lines[f.line - 1].strip() if f.line <= len(lines) else ""
                findings.append(
                    Found(package.name, relative, f.line, f.column, f.code, f.message, source)
                )
    return Report(findings, files, gated, unparsed, unread)
