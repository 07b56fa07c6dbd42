"""The page on precision and recall, from what the corpus runs have stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from flake8_celery.core.engine.rule import Rule

ROOT: Final = Path(__file__).resolve().parent.parent
VERDICTS: Final = ROOT / "tests" / "corpus" / "verdicts.tsv"
RECALL: Final = ROOT / "tests" / "corpus" / "recall.tsv"
HEAD: Final = """# Precision and recall

Written by `python -m tools.generate` from what the runs below have stored.

## Precision: what default rules say of real code

`python -m tests.corpus fetch` downloads the pinned packages and repositories that are listed in
`tests/corpus/packages.py`; `python -m tests.corpus run` lints them with the default rules,
prints every finding, and fails where one is not in `tests/corpus/verdicts.tsv`. There each has
been read and judged, with a reason: *true* (it goes wrong at run time as the message says),
*harmless* (true, and nobody minds), *false*. `run --negative` lints code that uses other task
queues, where any finding is false: there is none.

"""
BETWEEN: Final = """
Rules that are not in the table found nothing there. The other default rules that are not listed
are shown to speak by their pages' examples, by their proofs on real Celery and by the figures
below.

## Recall: mistakes put into real code

`python -m tests.corpus recall` puts mistakes of many kinds into the same code, one at a time,
and counts those that a default rule tells at the place (`--half pylint`: by the pylint half;
`--update` stores the figures).

"""
AFTER: Final = """
## More

- On small projects with mistakes planted, beside other linters:
  [Compared with others](comparison.md), `python -m tools.compare`.
- How many dispatches in real code are led to their task: `python -m tests.corpus dispatches`.
- Where queue names come from, and how many are known: `python -m tests.corpus queues`,
  [How values are known](values.md).
- Time: `python -m bench`; whole flake8 runs with us and without: `python -m bench ab`;
  `check` beside flake8: `python -m bench check`.
- What `fix` changes in all of this code, kept as a diff and read: `python -m tests.corpus fix`.
"""


def page(infos: Iterable[Rule]) -> str:
    """The whole page."""
    names = {info.code: info.symbol for info in infos}
    return HEAD + "\n".join(precision(names)) + "\n" + BETWEEN + "\n".join(recall()) + "\n" + AFTER


def precision(names: dict[str, str]) -> Iterator[str]:
    """The verdicts, counted by rule."""
    counts: dict[str, Counter[str]] = {}
    for line in VERDICTS.read_text(encoding="utf-8").splitlines()[1:]:
        verdict, code = line.split("\t")[:2]
        counts.setdefault(code, Counter())[verdict] += 1
    yield "| rule | findings | true | harmless | false |"
    yield "| --- | --- | --- | --- | --- |"
    for code, of_rule in sorted(counts.items()):
        yield f"| [{code}](rules/{code}.md) {names.get(code, '')} | {_cells(of_rule)} |"
    yield f"| **all** | {_cells(sum(counts.values(), Counter()))} |"


def _cells(counts: Counter[str]) -> str:
    verdicts = ("true", "harmless", "false")
    return " | ".join(str(n) for n in (sum(counts.values()), *(counts[one] for one in verdicts)))


def recall() -> Iterator[str]:
    """The stored figures: half, kind, planted, told."""
    if not RECALL.exists():
        yield "No figures are stored."
        return
    rows = [line.split("\t") for line in RECALL.read_text(encoding="utf-8").splitlines()[1:]]
    halves = sorted({row[0] for row in rows})
    table: dict[str, dict[str, tuple[int, int]]] = {}
    for half, kind, planted, told in rows:
        table.setdefault(kind, {})[half] = int(planted), int(told)
    yield f"| mistake | {' | '.join(f'planted | told by {half}' for half in halves)} |"
    yield f"| --- |{' --- | --- |' * len(halves)}"
    for kind, given in sorted(table.items()):
        cells = [str(n) for half in halves for n in given.get(half, ("-", "-"))]
        yield f"| {kind} | {' | '.join(cells)} |"
    sums = [
        str(sum(given[half][at] for given in table.values() if half in given))
        for half in halves
        for at in (0, 1)
    ]
    yield f"| **all** | {' | '.join(sums)} |"
