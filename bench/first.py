"""What an editor waits for: one file, one fresh process of flake8, with us and without."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from bench.following import Source, lint_cold

MEDIAN: Final = 1.20
"""With us / without us, over task files, at most."""
WORST: Final = 1.35
OTHERS: Final = 1.02
"""The same over files without Celery."""
COLD: Final = 1.6
"""In process, nothing read before: ours / `ast.walk`."""
HIDE: Final = """
from importlib import metadata
found = metadata.distributions
metadata.distributions = lambda **k: (d for d in found(**k) if d.metadata["name"] not in {names})
"""
BESIDE: Final = ("flake8-bugbear", "flake8-pie")
Kinds = dict[str, tuple[str, ...]]
#: Plugins that flake8 is not to find, by kind of run; each kind runs once in a round.
KINDS: Final[Kinds] = {
    "without": ("flake8-celery", *BESIDE),
    "again": ("flake8-celery", *BESIDE),
    "with": BESIDE,
}
Cost = Callable[[Callable[[Source], None], list[Source], int], float]


def task_files(passed: Sequence[Path], most: int) -> list[Path]:
    """Real modules of tasks, evenly taken over the packages; tests are none."""
    words = ("@shared_task", "@app.task", "@task(", "_app.task")
    found: dict[str, list[Path]] = {}
    for path in passed:
        if "test" in path.as_posix().rpartition("packages/")[2]:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if any(word in text for word in words):
            package = path.as_posix().rpartition("packages/")[2].partition("/")[0]
            found.setdefault(package, []).append(path)
    chosen: list[Path] = []
    for turn in range(most):
        for paths in found.values():
            step = max(1, len(paths) * len(found) // most)
            if turn * step < len(paths) and len(chosen) < most:
                chosen.append(paths[turn * step])
    return chosen


def fresh(paths: Iterable[Path], rounds: int) -> list[tuple[Path, dict[str, float]]]:
    """Each file's CPU seconds by kind of run, the least of `rounds` that take turns."""
    spent = []
    with tempfile.TemporaryDirectory() as home:
        for kind, names in KINDS.items():
            Path(home, kind).mkdir()
            Path(home, kind, "sitecustomize.py").write_text(HIDE.format(names=names))
        for path in paths:
            least: dict[str, float] = {}
            for _ in range(rounds):
                for kind in KINDS:
                    seconds = _once(path, Path(home, kind))
                    least[kind] = min(seconds, least.get(kind, seconds))
            spent.append((path, least))
    return spent


def _once(path: Path, customised: Path) -> float:
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(customised)}
    # what pip installs is compiled, and so must we be
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "flake8", "--isolated", "-j1", "--exit-zero", "-q", str(path)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def measure(
    tasks: list[Path],
    others: list[Path],
    cold: dict[str, list[Source]],
    rounds: int,
    walk: Callable[[Source], None],
    cost: Cost,
) -> int:
    """Print the table; the number of limits that are missed."""
    missed = 0
    for what, paths, limits in (
        ("task files", tasks, (MEDIAN, WORST)),
        ("files without Celery", others, (OTHERS, None)),
    ):
        spent = fresh(paths, rounds)
        with_us = sorted((each["with"] / each["without"], path) for path, each in spent)
        again = sorted(each["again"] / each["without"] for _, each in spent)
        print(f"{what}, {len(paths)}: one file, one process of flake8, CPU with us / without")
        print(
            f"  A/A: median {median(again):.3f}, from {again[0]:.3f} to {again[-1]:.3f}; "
            f"added {median(each['with'] - each['without'] for _, each in spent) * 1e3:.0f} ms "
            f"of {median(each['without'] for _, each in spent) * 1e3:.0f} (medians)"
        )
        middle = median(ratio for ratio, _ in with_us)
        for label, value, limit in zip(
            ("median", "worst"), (middle, with_us[-1][0]), limits, strict=True
        ):
            # a limit so near to nothing is held inside of what chance makes of a run against itself
            spread = again[len(again) * 3 // 4] if limit == OTHERS else 0
            good = limit is None or value <= max(limit, spread)
            missed += not good
            most = f" (at most {limit})" if limit else ""
            print(f"{'ok  ' if good else 'OVER'} {label}: {value:.3f}{most}")
        for ratio, path in with_us[-5:]:
            print(f"       {ratio:.3f} {path.as_posix().rpartition('.corpus/')[2]}")
    for name, sources in cold.items():
        unit = cost(walk, sources, 3)
        cost(lint_cold, sources, 1)  # rules are imported when they are first needed
        ratio = cost(lint_cold, sources, 1) / unit
        missed += ratio > COLD
        verdict = "ok  " if ratio <= COLD else "OVER"
        print(
            f"{verdict} cold in process, {name}, {len(sources)} files that pass the gate, "
            f"ours / ast.walk: {ratio:.2f} (at most {COLD})"
        )
    return missed
