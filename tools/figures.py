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
TRUTH: Final = ROOT / "tests" / "corpus" / "truth.tsv"
MISSES: Final = ROOT / "tests" / "corpus" / "misses.tsv"
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
TRUTH_HEAD: Final = """
## Recall: what is seen of what Celery builds

`python -m tests.corpus truth` installs the packages below, each by its pinned version in an
environment of its own, and has real Celery load them there, without network. What Celery then has
(registered tasks, parameters, options, beat's schedule, settings) is held against what is read from
the same package's source, nothing of which is run. Each cell says how many of how many are known;
the others are not known, and say so; where something is claimed and wrong, that is told too. Tasks
*made* are those whose function stands in another function: they are there once that one has run.
Options are those that are given, by either side; settings are all that this version of Celery has,
their defaults included. `-`: there are none, or the application is not the package's own.
`tests/corpus/truth/packages.py` has what each package needs, and which options of ours are given.

"""
SUBJECTS: Final = ("tasks", "made", "bind", "parameters", "options", "beat", "settings")
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
    tables = (precision(names), recall(), truth())
    texts = ["\n".join(table) + "\n" for table in tables]
    return HEAD + texts[0] + BETWEEN + texts[1] + TRUTH_HEAD + texts[2] + AFTER


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
    """The stored figures by kind, and why the others were missed."""
    if not RECALL.exists():
        yield "No figures are stored."
        return
    rows = _rows(RECALL)
    halves = sorted({row[0] for row in rows})
    planted: Counter[tuple[str, str]] = Counter()
    told: Counter[tuple[str, str]] = Counter()
    for half, _, kind, many, of_them in rows:
        for name in (kind, "**all**"):
            planted[half, name] += int(many)
            told[half, name] += int(of_them)
    yield f"| mistake | {' | '.join(f'planted | told by {half}' for half in halves)} |"
    yield f"| --- |{' --- | --- |' * len(halves)}"
    for kind in (*sorted({row[2] for row in rows}), "**all**"):
        cells = [str(count[half, kind]) for half in halves for count in (planted, told)]
        yield f"| {kind} | {' | '.join(cells)} |"
    missed = Counter((row[0], row[5] or "(not looked into)") for row in _rows(MISSES))
    if missed:
        yield ""
        yield "Each that was missed stands in `tests/corpus/misses.tsv`, with its reason:"
        yield ""
        yield f"| missed, for | {' | '.join(halves)} |"
        yield f"| --- |{' --- |' * len(halves)}"
        for reason in sorted({reason for _, reason in missed}):
            yield f"| {reason} | {' | '.join(str(missed[half, reason]) for half in halves)} |"


def truth() -> Iterator[str]:
    """The stored figures: package, version of Celery, subject, found, missed, wrong."""
    if not TRUTH.exists():
        yield "No figures are stored."
        return
    rows = _rows(TRUTH)
    packages: dict[str, dict[str, tuple[int, ...]]] = {}
    for package, version, subject, *counts in rows:
        found = packages.setdefault(f"{package}, Celery {version}", {})
        found[subject] = tuple(map(int, counts))
    yield f"| package | {' | '.join(SUBJECTS)} |"
    yield f"| --- |{' --- |' * len(SUBJECTS)}"
    for package, given in sorted(packages.items()):
        yield f"| {package} | {' | '.join(_known(given[subject]) for subject in SUBJECTS)} |"
    sums = [
        tuple(map(sum, zip(*(given[subject] for given in packages.values()), strict=True)))
        for subject in SUBJECTS
    ]
    yield f"| **all** | {' | '.join(map(_known, sums))} |"


def _known(counts: tuple[int, ...]) -> str:
    found, missed, wrong = counts
    if not sum(counts):
        return "-"
    return f"{found} of {found + missed + wrong}" + (f", {wrong} wrong" if wrong else "")


def _rows(file: Path) -> list[list[str]]:
    if not file.exists():
        return []
    return [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:]]
