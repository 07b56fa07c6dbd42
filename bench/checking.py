"""What `flake8-celery check` costs, and whether it says what flake8 says; beside celery-audit."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from bench.first import BESIDE, HIDE
from flake8_celery.check.run import gate
from flake8_celery.check.selection import EXCLUDED, find_files
from flake8_celery.options import Options

#: 2,000 files of two projects.
PACKAGES: Final = ("geonode", "weblate")
FLAKE8: Final = 12.0
"""flake8 alone with us / `check`, in CPU, at least."""
NOT_JUDGING: Final = 4.0
"""Folders walked, files read and gated / files read as text, at most."""
#: What takes all files to know: flake8 can't say it without a lock.
WHOLE: Final = ("CEL406", "CEL502", "CEL507", "CEL706", "CEL910")
#: Where celery-audit finds each project's settings: it has to be told.
AUDITED: Final = {
    "geonode": ("geonode/settings.py", "geonode/celery_app.py"),
    "weblate": ("weblate/settings_docker.py", "weblate/utils/celery.py"),
}
ROOT: Final = Path(__file__).resolve().parent.parent


class Spent(NamedTuple):
    """What a command took, and what it printed."""

    cpu: float
    wall: float
    out: str


def measure(corpus: Path, packages: Sequence[str], rounds: int, audit: Path | None) -> int:
    """Print the figures; the number of limits that are missed."""
    folders = [each.name for name in packages for each in sorted(corpus.glob(f"{name}-[0-9]*"))]
    folders = [name for name in folders if not name.endswith(".dist-info")]
    os.chdir(corpus)
    missed = _before_judging(folders)
    with tempfile.TemporaryDirectory() as customised:
        Path(customised, "sitecustomize.py").write_text(HIDE.format(names=BESIDE))
        commands = {
            "flake8 -j1": ["flake8", "--isolated", "-j1", "--select=CEL,E999", *folders],
            "check -j1": ["flake8_celery.cli", "check", "--isolated", "-j1", *folders],
            "check": ["flake8_celery.cli", "check", "--isolated", *folders],
        }
        runs: dict[str, list[Spent]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, words in commands.items():
                runs[name].append(run([sys.executable, "-m", *words], customised))
    for name, each in runs.items():
        _tell(name, each)
    least = min(spent.cpu for spent in runs["flake8 -j1"])
    for name in ("check -j1", "check"):
        ratio = least / min(spent.cpu for spent in runs[name])
        missed += ratio < FLAKE8
        print(f"{_verdict(ratio >= FLAKE8)} flake8 / {name}: {ratio:.1f} (at least {FLAKE8:g})")
    missed += _compared(runs["flake8 -j1"][0].out, runs["check"][0].out)
    for name in folders if audit else ():
        package = name.rpartition("-")[0]
        places = [f"--config={name}/{place}" for place in AUDITED.get(package, ())]
        words = [str(audit), *places, "--settings-namespace=CELERY", name]
        _tell(f"celery-audit {package}", [run(words, "") for _ in range(rounds)])
    return missed


def _verdict(good: bool) -> str:
    return "ok  " if good else "OVER"


def _tell(name: str, runs: Sequence[Spent]) -> None:
    print(
        f"{name:22} CPU median {median(each.cpu for each in runs):6.2f} s, "
        f"least {min(each.cpu for each in runs):6.2f}; "
        f"wall least {min(each.wall for each in runs):6.2f}; {len(runs[0].out.splitlines())} lines"
    )


def _before_judging(folders: Sequence[str]) -> int:
    """What every file pays, in this process; one more where that is too much."""
    files = list(find_files(folders, EXCLUDED))

    def as_bytes() -> None:
        for path in files:
            with open(path, "rb") as stream:
                stream.read()

    def as_text() -> None:
        for path in files:
            with open(path, encoding="utf-8", errors="replace") as stream:
                stream.read()

    def ours() -> None:
        list(gate(list(find_files(folders, EXCLUDED)), Options()))

    passed = len(list(gate(files, Options())))
    spent = {each: _least(each) for each in (as_bytes, as_text, ours)}
    ratio = spent[ours] / spent[as_text]
    print(
        f"{len(files)} files, {passed} pass the gate; read as bytes {spent[as_bytes] * 1e3:.0f} ms,"
        f" as text {spent[as_text] * 1e3:.0f}; folders walked, read and gated "
        f"{spent[ours] * 1e3:.0f} ms: {spent[ours] / spent[as_bytes]:.2f} x bytes"
    )
    print(f"{_verdict(ratio <= NOT_JUDGING)} not judging / reading text: {ratio:.2f} (at most 4)")
    return int(ratio > NOT_JUDGING)


def _least(work: Callable[[], None], rounds: int = 9) -> float:
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def run(words: Sequence[str], customised: str) -> Spent:
    """A whole command, as its user runs it."""
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    environment["PYTHONPATH"] = os.pathsep.join([customised, str(ROOT)]) if customised else ""
    # what pip installs is compiled, and so must we be
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Spent(cpu, wall, done.stdout)


def _compared(theirs: str, ours: str) -> int:
    """Print what only one of them says; one more where that has no reason."""
    unread = {line.partition(":")[0] for line in theirs.splitlines() if " E999 " in line}
    flake8 = Counter(line for line in theirs.splitlines() if " E999 " not in line)
    check = Counter(ours.splitlines())
    only_flake8, only_check = flake8 - check, check - flake8
    told = Counter(_why(line, unread) for line in only_check.elements())
    print(f"the same lines: {(flake8 & check).total()}")
    for reason, count in sorted(told.items()):
        print(f"only by check: {count} {reason}")
    bad = [*only_flake8, *(line for line in only_check if not _why(line, unread))]
    for line in bad:
        print(f"OVER only by {'flake8' if line in only_flake8 else 'check'}: {line}")
    return int(bool(bad))


def _why(line: str, unread: Iterable[str]) -> str:
    path, _, rest = line.partition(":")
    code = rest.split()[1]
    if code in WHOLE:
        return f"{code}, which takes all files to know"
    if code == "CEL003" and path in unread:
        return "CEL003, a file that this Python can't parse: flake8's own E999"
    return ""
