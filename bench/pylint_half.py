"""What the plugin adds to a run of pylint: its share in one process, and in whole runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Final

#: Whole packages of moderate size, so that a run ends within minutes.
PACKAGES: Final = ("bodhi-server", "opencve", "girder-worker")
SHARE: Final = 0.03
"""Of pylint's CPU, at most, in one process."""
DIFFERENCE: Final = 0.02
"""Between whole runs with us and without, at most."""
SECONDS: Final = 1.0
"""For one inference, at most, once astroid is warm."""
BUDGET: Final = 0.2
"""Seconds of inference in one file, beside the one inference that exceeds it."""

#: Runs pylint with our part timed: CPU of the process in all, ours, and what inference took.
#: A garbage collection goes through all of pylint's trees, takes half a second and falls on whoever
#: allocates next: those that fell on us are told apart. Whole runs hold all of it.
_TIMED: Final = """
import gc, io, json, sys, time
from contextlib import redirect_stdout
from pylint.lint import Run
from pylint_celery import plugin, resolver

ours, files, collecting, began, fell = [0.0], [], [0.0], [0.0], [0.0]
def watch(phase, info):
    if phase == "start":
        began[0] = time.process_time()
    else:
        collecting[0] += time.process_time() - began[0]
gc.callbacks.append(watch)
def timed(function):
    def run(self, node):
        start, before = time.process_time(), collecting[0]
        try:
            return function(self, node)
        finally:
            fell[0] += collecting[0] - before
            spent = time.process_time() - start - (collecting[0] - before)
            ours[0] += spent
            files.append((spent, node.file))
    return run
plugin.CeleryChecker.visit_module = timed(plugin.CeleryChecker.visit_module)

made = []
class Watched(resolver.AstroidResolver):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        made.append(self)
plugin.AstroidResolver = Watched
start = time.process_time()
with redirect_stdout(io.StringIO()):
    Run([*sys.argv[1:], "--load-plugins=pylint_celery.plugin"], exit=False)
total = time.process_time() - start
# the first asked loads what astroid keeps from then on
spent = [resolver.SECONDS_A_FILE - one.seconds_left for one in made]
print(json.dumps({
    "total": total, "ours": ours[0], "fell": fell[0], "collecting": collecting[0],
    "files": len({file for _, file in files}),
    "slowest": max(files, default=(0, "")),
    "longest": max([one.longest for one in made], default=0),
    "asked": sum(1 for second in spent if second > 0), "inference": sum(spent),
    "most": max(spent, default=0),
}))
"""


def measure(corpus: Path, packages: tuple[str, ...], pairs: int) -> int:
    """Print the figures; the number of limits that are missed."""
    missed = 0
    for name in packages:
        folders = sorted((corpus / "packages").glob(f"{name}-*"))
        if not folders:
            print(f"no {name}: run python -m tests.corpus fetch first")
            return 1
        missed += _in_process(name, folders[0])
    if pairs:
        folders = [next((corpus / "packages").glob(f"{name}-*")) for name in packages]
        missed += _whole_runs(folders, pairs)
    return missed


def _modules(folder: Path) -> list[str]:
    """What pylint is asked to lint: the packages and modules in the folder."""
    found = [p for p in sorted(folder.iterdir()) if (p / "__init__.py").exists()]
    return [str(p) for p in found] or [str(folder)]


def _environment(home: str) -> dict[str, str]:
    # no configuration but pylint's own; what pip installs is compiled, and so must we be
    environment = {**os.environ, "HOME": home, "PYLINTHOME": home, "PYTHONHASHSEED": "0"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


_COMMAND: Final = ("--recursive=y", "--score=n", "-j1")


def _in_process(name: str, folder: Path) -> int:
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-c", _TIMED, *_COMMAND, *_modules(folder)],
            cwd=home,
            env=_environment(home),
            capture_output=True,
            text=True,
            check=False,
        )
    if not done.stdout:
        print(done.stderr)
        return 1
    got: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    share = got["ours"] / got["total"]
    file = Path(got["slowest"][1]).name
    print(
        f"{name}: {got['files']} files, pylint {got['total']:.1f} s, ours {got['ours']:.2f} s; "
        f"of {got['collecting']:.1f} s of garbage collection {got['fell']:.2f} s fell on us; "
        f"slowest file {got['slowest'][0] * 1000:.0f} ms ({file}); "
        f"inference in {got['asked']} files, {got['inference'] * 1000:.0f} ms in all"
    )
    missed = 0
    for what, value, limit in (
        ("ours / pylint, CPU in process", share, SHARE),
        ("longest inference, s", got["longest"], SECONDS),
        ("inference in one file, s", got["most"] - got["longest"], BUDGET),
    ):
        good = value <= limit
        missed += not good
        print(f"{'ok  ' if good else 'OVER'} {what}: {value:.4f} (at most {limit})")
    return missed


def _whole_runs(folders: list[Path], pairs: int) -> int:
    """CPU seconds of whole commands: without us, without us again, with us."""
    plugin = "--load-plugins=pylint_celery.plugin"
    kinds: dict[str, list[str]] = {"without us": [], "without us, again": [], "with us": [plugin]}
    spent: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(pairs):
        for name, more in kinds.items():
            total = 0.0
            for folder in folders:
                with tempfile.TemporaryDirectory() as home:
                    command = [sys.executable, "-m", "pylint", *_COMMAND, *more, *_modules(folder)]
                    before = os.times()
                    subprocess.run(
                        command,
                        cwd=home,
                        env=_environment(home),
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        check=False,
                    )
                    after = os.times()
                total += sum(after[2:4]) - sum(before[2:4])
            spent[name].append(total)
    print(f"\n{pairs} whole runs each, CPU seconds of the command, PYTHONHASHSEED=0")
    for name, values in spent.items():
        print(f"{name:20} median {median(values):.2f}  from {min(values):.2f} to {max(values):.2f}")
    without, again, with_us = (median(values) for values in spent.values())
    same = [b / a - 1 for a, b in zip(spent["without us"], spent["without us, again"], strict=True)]
    other = [b / a - 1 for a, b in zip(spent["without us"], spent["with us"], strict=True)]
    print(f"A/A, median of the pairs: {median(same):+.2%}   A/B: {median(other):+.2%}")
    good = median(other) <= DIFFERENCE
    print(
        f"{'ok  ' if good else 'OVER'} with us / without: {with_us / min(without, again) - 1:+.2%} "
        f"of the medians; of the pairs {median(other):+.2%} (at most {DIFFERENCE:.0%})"
    )
    return not good
