"""The verdict file: what was judged of each finding in the corpus, one a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.corpus.run import Found

FILE = Path(__file__).parent / "verdicts.tsv"
COLUMNS = "verdict\tcode\tpackage\tpath\tline\tnumber\tsource\treason"


class Verdict(NamedTuple):
    """A judged finding. Its key is what stands there, not on which line."""

    verdict: str
    """`true`, `false`, or `new` until somebody has read it."""
    code: str
    package: str
    path: str
    line: int
    number: int
    """Counts findings of one rule on equal lines of one file, from 1."""
    source: str
    reason: str

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What makes it the same finding after a change elsewhere in the file."""
        return self.code, self.package, self.path, self.source, self.number


class Change(NamedTuple):
    """What differs from the verdict file."""

    new: list[Verdict]
    lost: list[Verdict]
    merged: list[Verdict]


def read(file: Path = FILE) -> list[Verdict]:
    """The verdicts on file."""
    if not file.exists():
        return []
    rows = []
    for text in file.read_text(encoding="utf-8").splitlines()[1:]:
        verdict, code, package, path, line, number, source, reason = text.split("\t")
        rows.append(Verdict(verdict, code, package, path, int(line), int(number), source, reason))
    return rows


def write(rows: Iterable[Verdict], file: Path = FILE) -> None:
    """Write the verdicts, sorted so that a change reads well in a diff."""
    lines = [COLUMNS]
    for row in sorted(
        rows, key=lambda row: (row.code, row.package, row.path, row.line, row.number)
    ):
        lines.append("\t".join(str(field).replace("\t", " ") for field in row))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def compare(known: Iterable[Verdict], found: Iterable[Found]) -> Change:
    """Match findings with verdicts by what stands on the line, not by its number."""
    by_key = {row.key: row for row in known}
    counter: Counter[tuple[str, str, str, str]] = Counter()
    merged: list[Verdict] = []
    new: list[Verdict] = []
    for f in found:
        source = " ".join(f.source.split())
        place = (f.code, f.package, f.path, source)
        counter[place] += 1
        row = Verdict("new", f.code, f.package, f.path, f.line, counter[place], source, "")
        old = by_key.pop(row.key, None)
        if old is None:
            new.append(row)
        else:
            row = old._replace(line=f.line)
        merged.append(row)
    return Change(new, list(by_key.values()), merged)
