"""Measure what the plugin costs on the pinned corpus.

python -m bench                in one process: sums of CPU and their ratios
python -m bench first          one file in a fresh flake8, with and without us; cold in process
python -m bench follow         what following imports costs: not at all, warm, cold
python -m bench ab             whole flake8 runs with and without us, beside a run against itself
python -m bench presets        what advice costs: each preset, and every rule, by the default rules
python -m bench check          whole runs of flake8-celery check and of flake8: CPU, wall, findings;
                               with --audit FILE celery-audit beside them
python -m bench pylint         the pylint half: our share in one process; whole runs, by pairs
"""

from __future__ import annotations

import argparse
import ast
import gc
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import median

from bench import checking, first, following, presets, pylint_half
from bench.following import Source
from flake8_celery.core.syntax.gate import passes_gate
from flake8_celery.plugin import Plugin

CORPUS = Path(__file__).parent.parent / ".corpus"
#: The limits that the project sets itself: (what, for which files, at most).
LIMITS = (
    ("ours / ast.walk, files that pass the gate", "passed", "walk", 0.75),
    ("ours / ast.walk, files that don't", "other", "walk", 0.10),
    ("ours / flake8's own checks, all files", "all", "flake8", 0.02),
    ("ours / flake8-pie, files that pass the gate", "passed", "pie", 1 / 3),
    ("ours / flake8-bugbear, files that pass the gate", "passed", "bugbear", 1 / 6),
    ("ours / flake8-pie, all files", "all", "pie", 1 / 10),
    ("ours / flake8-bugbear, all files", "all", "bugbear", 1 / 10),
)


def sources(paths: Iterable[Path]) -> list[Source]:
    """Read and parse what can be."""
    found = []
    for path in paths:
        try:
            text = path.read_bytes().decode("utf-8")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except (UnicodeDecodeError, SyntaxError, ValueError):
            continue
        found.append(Source(str(path), text, text.splitlines(keepends=True), tree))
    return found


def walk(source: Source) -> None:
    """One walk over the tree: the unit of all ratios."""
    for _ in ast.walk(source.tree):
        pass


def parse(source: Source) -> None:
    """Parsing, which flake8 does anyway."""
    ast.parse(source.text)


def ours(source: Source) -> None:
    """The plugin, by the way that flake8 takes."""
    list(Plugin(source.tree, source.path, source.lines).run())


def bugbear(source: Source) -> None:
    """flake8-bugbear on the same tree."""
    from bugbear import BugBearChecker

    list(BugBearChecker(tree=source.tree, filename=source.path, lines=source.lines).run())


def pie(source: Source) -> None:
    """flake8-pie on the same tree."""
    from flake8_pie import Flake8PieCheck

    list(Flake8PieCheck(source.tree, source.path).run())


def own_checks() -> Callable[[Source], None]:
    """flake8's own run of a file: tokens, pycodestyle and pyflakes; no other plugin."""
    from flake8.checker import FileChecker
    from flake8.options.parse_args import parse_args

    plugins, options = parse_args(["--isolated", "--select=E,F,W"])
    keep = {"pycodestyle", "pyflakes"}
    checkers = plugins.checkers
    chosen = checkers._replace(
        tree=[p for p in checkers.tree if p.plugin.package in keep],
        logical_line=[p for p in checkers.logical_line if p.plugin.package in keep],
        physical_line=[p for p in checkers.physical_line if p.plugin.package in keep],
    )

    def run(source: Source) -> None:
        FileChecker(filename=source.path, plugins=chosen, options=options).run_checks()

    return run


Check = Callable[[Source], None]


def costs(checks: Mapping[str, Check], files: list[Source], rounds: int) -> dict[str, float]:
    """As `cost` for each check, file by file in turn: a machine's speed drifts in a minute."""
    totals = dict.fromkeys(checks, 0.0)
    for source in files:
        for name, check in checks.items():
            totals[name] += cost(check, [source], rounds)
    return totals


def cost(check: Check, files: list[Source], rounds: int) -> float:
    """The sum over the files of the least CPU seconds each took."""
    total = 0.0
    clock = time.process_time_ns
    for source in files:
        best = None
        for _ in range(rounds):
            start = clock()
            check(source)
            spent = clock() - start
            best = spent if best is None or spent < best else best
        total += best or 0
    return total / 1e9


def gated(most: int) -> list[Source]:
    """Files of the corpus that pass the gate, evenly taken."""
    passed = []
    for path in sorted((CORPUS / "packages").rglob("*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if passes_gate(text, str(path)):
            passed.append(path)
    return sources(passed[:: max(1, len(passed) // most)])


def measure(most: int, slow: int, rounds: int) -> int:
    """Print the table; the number of limits that are missed."""
    below = [CORPUS / "packages", CORPUS / "others"]
    paths = sorted(path for folder in below for path in folder.rglob("*.py"))
    passed: list[Path] = []
    other: list[Path] = []
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace")
        (passed if passes_gate(text, str(path)) else other).append(path)
    share = len(other) / max(1, len(passed))
    files = {"passed": sources(passed[:: max(1, len(passed) // most)])}
    files["other"] = sources(other[:: max(1, len(other) // most)])
    print(
        f"{len(passed)} files pass the gate, {len(other)} don't; measured: "
        f"{len(files['passed'])} and {len(files['other'])}"
    )
    gc.collect()
    gc.disable()
    checks: dict[str, Check] = {
        "walk": walk,
        "parse": parse,
        "ours": ours,
        "pie": pie,
        "bugbear": bugbear,
    }
    own = own_checks()
    names = (*checks, "flake8")
    spent: dict[tuple[str, str], float] = {}
    for kind, chosen in files.items():
        for name, seconds in costs(checks, chosen, rounds).items():
            spent[kind, name] = seconds
        # a sample, scaled by the tree size that it stands for
        few = chosen[:: max(1, len(chosen) // slow)]
        sample = costs({"walk": walk, "flake8": own}, few, 1)
        spent[kind, "flake8"] = sample["flake8"] * spent[kind, "walk"] / sample["walk"]
    scale = share * len(files["passed"]) / max(1, len(files["other"]))
    for name in names:
        spent["all", name] = spent["passed", name] + spent["other", name] * scale
    print(f"\n{'':10}" + "".join(f"{kind:>24}" for kind in ("passed", "other", "all")))
    for name in names:
        cells = [
            f"{spent[kind, name]:10.3f} s {spent[kind, name] / spent[kind, 'walk']:7.3f} x"
            for kind in ("passed", "other", "all")
        ]
        print(f"{name:10}" + "".join(f"{cell:>24}" for cell in cells))
    print()
    missed = 0
    for what, kind, name, limit in LIMITS:
        ratio = spent[kind, "ours"] / spent[kind, name]
        good = ratio <= limit
        missed += not good
        print(f"{'ok  ' if good else 'OVER'} {what}: {ratio:.4f} (at most {limit:.4f})")
    for label, text in (("passes the gate", "import celery\n"), ("does not", "import os\n")):
        empty = Source("x.py", text, [text], ast.parse(text))
        fixed = min(cost(ours, [empty] * 200, 5) for _ in range(5)) / 200 * 1e6
        print(f"fixed cost of a file that {label}: {fixed:.1f} µs")
    return missed


def first_files(most: int, rounds: int) -> int:
    """See `bench.first`, on task files of the corpus and on others."""
    passed: list[Path] = []
    other: list[Path] = []
    for path in sorted((CORPUS / "packages").rglob("*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        (passed if passes_gate(text, str(path)) else other).append(path)
    cold = {}
    for name in ("allianceauth", "swh-lister"):
        below = [path for path in passed if f"/packages/{name}-" in path.as_posix()]
        cold[name] = sources(below)
    tasks = first.task_files(passed, most)
    without = other[:: max(1, len(other) // most)][:most]
    return first.measure(tasks, without, cold, rounds, walk, cost)


def whole_runs(files: int, pairs: int) -> int:
    """Whole flake8 runs, A/B beside A/A; wall and CPU seconds, medians."""
    paths = [str(p) for p in sorted((CORPUS / "packages").rglob("*.py"))]
    chosen = paths[:: max(1, len(paths) // files)]
    command = [sys.executable, "-m", "flake8", "--isolated", "-j1", "--exit-zero", "-q"]
    hidden = {
        "without us": ("flake8-celery", *first.BESIDE),
        "without us, again": ("flake8-celery", *first.BESIDE),
        "with us": first.BESIDE,
    }
    spent: dict[str, list[float]] = {name: [] for name in hidden}
    for _ in range(pairs):
        for name, plugins in hidden.items():
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, "sitecustomize.py").write_text(first.HIDE.format(names=plugins))
                environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": folder}
                # what pip installs is compiled, and so must we be
                environment.pop("PYTHONDONTWRITEBYTECODE", None)
                before = os.times()
                subprocess.run(
                    [*command, *chosen], env=environment, stdout=subprocess.DEVNULL, check=False
                )
                after = os.times()
            spent[name].append(sum(after[2:4]) - sum(before[2:4]))
    print(f"{len(chosen)} files, {pairs} runs each, CPU seconds of the whole command")
    for name, values in spent.items():
        print(f"{name:20} median {median(values):.2f}  from {min(values):.2f} to {max(values):.2f}")
    return 0


def main() -> int:
    """Measure; exit 1 with --strict where a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "command",
        nargs="?",
        choices=("ratios", "ab", "pylint", "follow", "presets", "first", "check"),
        default="ratios",
    )
    parser.add_argument("--files", type=int, default=1200, help="how many files of each kind")
    parser.add_argument(
        "--slow-files", type=int, default=60, help="how many for flake8's own checks"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--pairs", type=int, default=5, help="for pylint: how often whole runs are repeated"
    )
    parser.add_argument(
        "--package",
        action="append",
        default=[],
        help="for check and pylint: which packages of the corpus",
    )
    parser.add_argument("--audit", type=Path, metavar="FILE", help="for check: celery-audit")
    parser.add_argument("--strict", action="store_true")
    arguments = parser.parse_args()
    if not CORPUS.is_dir():
        print("no corpus: run python -m tests.corpus fetch first")
        return 2
    if arguments.command == "ab":
        return whole_runs(min(arguments.files, 300), 5)
    if arguments.command == "follow":
        chosen = gated(min(arguments.files, 300))
        following.measure(chosen, walk, cost)
        return 0
    if arguments.command == "presets":
        chosen = gated(min(arguments.files, 300))
        gc.collect()
        gc.disable()
        missed = presets.measure(chosen, costs, arguments.rounds)
        return 1 if missed and arguments.strict else 0
    if arguments.command == "first":
        missed = first_files(min(arguments.files, 40), arguments.rounds)
        return 1 if missed and arguments.strict else 0
    if arguments.command == "check":
        packages = tuple(arguments.package) or checking.PACKAGES
        audit = arguments.audit and arguments.audit.resolve()
        below = CORPUS.resolve() / "packages"
        missed = checking.measure(below, packages, arguments.rounds, audit)
        return 1 if missed and arguments.strict else 0
    if arguments.command == "pylint":
        packages = tuple(arguments.package) or pylint_half.PACKAGES
        missed = pylint_half.measure(CORPUS.resolve(), packages, arguments.pairs)
        return 1 if missed and arguments.strict else 0
    missed = measure(arguments.files, arguments.slow_files, arguments.rounds)
    return 1 if missed and arguments.strict else 0


if __name__ == "__main__":
    sys.exit(main())
