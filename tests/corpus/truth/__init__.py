"""What real Celery makes of public packages, against what our core sees in their files.

The one exception to "nothing that was fetched is run": see `install`. Never in CI.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.corpus.truth.compare import SUBJECTS, Row, compare, counted
from tests.corpus.truth.install import NotToBeHad, ask, install, reader, site_packages
from tests.corpus.truth.packages import TRIALS, Trial
from tests.corpus.truth.seen import look_by

#: What was found when it was measured last.
FILE = Path(__file__).parent.parent / "truth.tsv"
COLUMNS = "package\tcelery\tsubject\tfound\tmissed\twrong"
#: Least share of the tasks.
WANTED = 0.99
#: Of these none may be wrong.
NEVER_WRONG = ("parameters", "settings")


def rows_of(trial: Trial) -> tuple[str, list[Row]]:
    """The version of Celery, and the verdicts on one package; raises NotToBeHad."""
    folder = install(trial)
    real = ask(trial, str(folder / "env" / "bin" / "python"), folder)
    seen = look_by(reader(trial), folder / "source", trial.app, dict(trial.options))
    rows = compare(real, seen, f"{site_packages(folder)}/", bool(trial.app))
    return real["celery"], list(rows)


def measure(names: Sequence[str] = (), keep: bool = False) -> int:
    """Print what is found, missed and wrong in each package; 1 where that is not good enough."""
    everything: list[Row] = []
    stored = [COLUMNS]
    for trial in TRIALS:
        if names and not trial.requirement.startswith(tuple(names)):
            continue
        try:
            version, rows = rows_of(trial)
        except NotToBeHad as reason:
            print(f"{trial.requirement}: left out, {reason}\n", flush=True)
            continue
        for line in _told(trial.name, rows):
            print(line)
        everything += rows
        print(f"{trial.requirement}, Celery {version}: {_shown(counted(rows))}\n", flush=True)
        for subject, counts in counted(rows).items():
            cells = "\t".join(str(counts[one]) for one in ("found", "missed", "wrong"))
            stored.append(f"{trial.requirement}\t{version}\t{subject}\t{cells}")
    total = counted(everything)
    print(f"all: {_shown(total)}")
    if keep:
        FILE.write_text("\n".join(stored) + "\n", encoding="utf-8")
    enough = total["tasks"]["found"] >= WANTED * sum(total["tasks"].values())
    return 0 if enough and not any(total[subject]["wrong"] for subject in NEVER_WRONG) else 1


def _told(package: str, rows: Iterable[Row]) -> Iterator[str]:
    """A line for what is wrong and what is missed; settings missed for one reason share one."""
    together: dict[str, list[str]] = {}
    for row in rows:
        if row.subject == "settings" and row.verdict == "missed":
            together.setdefault(row.text, []).append(row.name)
        elif row.verdict != "found":
            what = f"{row.subject} {row.name}: {row.text}"
            yield f"{row.verdict.upper()} {package}/{row.place} {what}"
    for why, keys in together.items():
        more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
        yield f"MISSED {package} settings {', '.join(keys[:3])}{more}: {why}"


def _shown(counts: dict[str, Counter[str]]) -> str:
    return ", ".join(
        f"{subject} {counts[subject]['found']} of {sum(counts[subject].values())}"
        + (f" ({counts[subject]['wrong']} WRONG)" if counts[subject]["wrong"] else "")
        for subject in SUBJECTS
    )
