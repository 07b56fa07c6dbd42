"""What both halves say of the whole corpus, as sorted text: a change that means none shows none."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from flake8_celery.core.engine.run import Finding
from flake8_celery.linter import lint
from flake8_celery.options import Options
from tests.corpus.agree import compared_below
from tests.corpus.fetch import FOLDER

KEPT = FOLDER / "findings.txt"


def lines(folders: list[Path]) -> Iterator[str]:
    """A line a finding: half, file, place, code, message. `default`, `flake8` and `pylint`.

    `flake8` and `pylint` speak with every rule on, `default` as a user hears it.
    """
    for folder in folders:
        for found in compared_below(folder):
            where = found.path.relative_to(FOLDER).as_posix()
            for finding in found.both + found.lost:
                yield _line("flake8", where, finding)
            for finding in found.both + found.more:
                yield _line("pylint", where, finding)
        for path in sorted(folder.rglob("*.py")):
            where = path.relative_to(FOLDER).as_posix()
            for finding in _default(path):
                yield _line("default", where, finding)


def _default(path: Path) -> list[Finding]:
    try:
        text = path.read_bytes().decode("utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return lint(text, str(path), Options())
    except (UnicodeDecodeError, SyntaxError):
        return []


def _line(half: str, where: str, finding: Finding) -> str:
    line, column = finding.line, finding.column + 1
    end = f"{finding.end_line}:{finding.end_column + 1}"
    return f"{half} {where}:{line}:{column}-{end} {finding.code} {finding.message}"


def net(folders: list[Path], keep: bool) -> int:
    """Write the findings into the kept file, or print where they differ from it; the exit code."""
    found = sorted(lines(folders))
    if keep:
        KEPT.write_text("\n".join(found) + "\n", encoding="utf-8")
        print(f"{len(found)} findings kept in {KEPT.name}")
        return 0
    if not KEPT.is_file():
        print("nothing to compare with: run python -m tests.corpus net --keep first")
        return 2
    names = tuple(f" {folder.relative_to(FOLDER).as_posix()}/" for folder in folders)
    kept = [
        line
        for line in KEPT.read_text(encoding="utf-8").splitlines()
        if any(name in line for name in names)
    ]
    changed = list(unified_diff(kept, found, "kept", "found", n=0, lineterm=""))
    print("\n".join(changed))
    print(f"{len(found)} findings, {sum(line[0] in '+-' for line in changed[2:])} lines differ")
    return 1 if changed else 0


def everything(negative: bool) -> list[Path]:
    """The folders of all packages and repositories, or of the negative corpus."""
    below = [FOLDER / "negative"] if negative else [FOLDER / "packages", FOLDER / "repositories"]
    return sorted(p for b in below if b.is_dir() for p in b.iterdir() if p.is_dir())
