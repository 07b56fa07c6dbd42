"""What was told of the mistakes when they were measured last, and why each other was missed.

`recall.tsv` counts by half, package and kind; `misses.tsv` has a line for each mistake that a half
did not tell, with the reason that somebody wrote there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.corpus.recall import Made

FILE = Path(__file__).parent / "recall.tsv"
MISSES = Path(__file__).parent / "misses.tsv"
COLUMNS = "half\tpackage\tkind\tplanted\ttold"
MISSED = "half\tpackage\tpath\tkind\twritten\treason"

Key = tuple[str, str, str, str]


def key(one: Made) -> Key:
    """What makes it the same miss in either half, and after a change elsewhere in the file."""
    return one.package, one.path, one.kind.name, one.written.replace("\t", " ")[:110]


def reasons() -> dict[Key, str]:
    """Why mistakes are missed, as far as written down."""
    found: dict[Key, str] = {}
    for row in _rows(MISSES):
        _, package, path, kind, written, reason = row
        found[package, path, kind, written] = reason or found.get(
            (package, path, kind, written), ""
        )
    return found


def store(half: str, package: str, made: Sequence[Made]) -> None:
    """Keep what a half told of a package; all else stays as it is."""
    planted = Counter(one.kind.name for one in made)
    told = Counter(one.kind.name for one in made if one.told)
    _write(
        FILE,
        COLUMNS,
        [
            *_others(FILE, half, package),
            *([half, package, kind, str(n), str(told[kind])] for kind, n in planted.items()),
        ],
    )
    known = reasons()
    missed = sorted({key(one) for one in made if not one.told})
    _write(
        MISSES,
        MISSED,
        [*_others(MISSES, half, package), *([half, *each, known.get(each, "")] for each in missed)],
    )


def _rows(file: Path) -> list[list[str]]:
    if not file.exists():
        return []
    return [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:]]


def _others(file: Path, half: str, package: str) -> list[list[str]]:
    return [row for row in _rows(file) if row[:2] != [half, package]]


def _write(file: Path, columns: str, rows: list[list[str]]) -> None:
    lines = [columns, *sorted("\t".join(row) for row in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
