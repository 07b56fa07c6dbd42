"""Makes the edits, in rounds, until nothing is left that can be put right.

An edit is kept only if the file still parses, its finding is gone and no other has come.
"""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from flake8_celery.core.engine.run import Finding
from flake8_celery.fixes.site import Edit, Fix, Site
from flake8_celery.fixes.table import FIXERS, fix_for

MAX_ROUNDS: Final = 20

Lint = Callable[[str], "list[Finding]"]
"""The findings of a text; raises what `ast.parse` does."""


class Fixable(NamedTuple):
    """A finding and what puts it right."""

    finding: Finding
    fix: Fix


class Outcome(NamedTuple):
    """A text with all that could be put right, and what was."""

    text: str
    fixed: tuple[Finding, ...]
    """As they were found: lines and columns are those of their round."""


def fixables(text: str, found: Sequence[Finding], unsafe: bool) -> list[Fixable]:
    """The findings of a text that have a fix, each with it."""
    if not any(finding.code in FIXERS for finding in found):
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        site = Site(text, found)
    rows = []
    for finding in found:
        fix = fix_for(site, finding)
        if fix is not None and fix.edits and (fix.safe or unsafe):
            rows.append(Fixable(finding, fix))
    return rows


def fix_text(text: str, lint: Lint, unsafe: bool = False, reported: Lint | None = None) -> Outcome:
    """Put right what can be; `lint` judges a text, `reported` gives what the user is told of it."""
    fixed: list[Finding] = []
    refused: set[tuple[str, int, str]] = set()
    for _ in range(MAX_ROUNDS):
        found = lint(text)
        told = found if reported is None else reported(text)
        rows = [row for row in fixables(text, told, unsafe) if _key(row.finding) not in refused]
        if not rows:
            break
        for batch in _tries(rows):
            after = apply(text, (edit for row in batch for edit in row.fix.edits))
            if _is_better(found, batch, after, lint):
                text = after
                fixed += [row.finding for row in batch]
                break
            if len(batch) == 1:
                refused.add(_key(batch[0].finding))
    return Outcome(text, tuple(fixed))


def _key(finding: Finding) -> tuple[str, int, str]:
    return finding.code, finding.line, finding.message


def _tries(rows: list[Fixable]) -> Iterator[list[Fixable]]:
    """All at once that don't overlap; if that doesn't do, one at a time."""
    together = _apart(rows)
    yield together
    if len(together) > 1:
        for row in rows:
            yield [row]


def _apart(rows: list[Fixable]) -> list[Fixable]:
    """As many as don't overlap, the first of the text first; of equal edits the first only."""
    taken: list[tuple[int, int]] = []
    chosen = []
    for row in sorted(rows, key=lambda row: min(edit.start for edit in row.fix.edits)):
        # all of a fix as one place: what stands between its edits belongs to it
        start = min(edit.start for edit in row.fix.edits)
        end = max(edit.end for edit in row.fix.edits)
        if all(end < other[0] or start > other[1] for other in taken):
            taken.append((start, end))
            chosen.append(row)
    return chosen


def _is_better(found: list[Finding], batch: list[Fixable], text: str, lint: Lint) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
        after = lint(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    before = Counter(finding.code for finding in found)
    now = Counter(finding.code for finding in after)
    gone = Counter(row.finding.code for row in batch)
    # fewer of each code that was to go, and none that was not there; one edit may end several
    return all(now[code] <= before[code] - gone[code] for code in before | now)


def apply(text: str, edits: Iterator[Edit] | Sequence[Edit]) -> str:
    """The text with edits made that don't overlap; at one place they keep their order."""
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join((*pieces, text[at:]))
