"""Run tests from the installed wheel on CPython 3.14 for WebAssembly (npm's pyodide, under node).

python -m tools.python314                what CI runs: the tests marked `wasm`, about a minute
python -m tools.python314 --all          all that can be run there, some ten minutes
python -m tools.python314 --wheel FILE   of this wheel; without it one is built

Exit code 0 where all pass, or where it can't be run: it says why. Nothing is imported from the
checkout but the tests. A test that starts a process is skipped there; one that needs a package with
compiled parts can't be run at all (Celery's is one: the proofs run elsewhere).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tools import node_packages
from tools.node_packages import ROOT

#: What the tests read, beside the wheel.
COPIED: Final = ("tests", "tools", "docs", "examples", "pyproject.toml", "README.md")
#: Seconds; far more than it takes, and an end.
LIMIT, LIMIT_ALL = 300, 2400
#: Megabytes of stack: an expression may be deep, and each Python call takes several of node's.
STACK: Final = 190
#: What measures time, or makes ten thousand of something.
SLOW: Final = "not time_grows and not hundred_thousand and not ten_thousand"


def main(arguments: list[str] | None = None) -> int:
    """Run; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--wheel", type=Path)
    given = parser.parse_args(arguments)
    why = node_packages.install() or node_packages.missing("pyodide")
    if why:
        print(f"skipped: {why}")
        return 0
    with tempfile.TemporaryDirectory(prefix="flake8-celery-") as name:
        return run(Path(name), given.wheel, given.all)


def run(work: Path, wheel: Path | None, everything: bool) -> int:
    """Install below `work` and run there."""
    site, root = work / "site", work / "root"
    wheel = wheel.resolve() if wheel is not None else build(work)
    # wheels without compiled parts, for that Python and not for ours
    pip = [sys.executable, "-m", "pip", "install", "-q", "--target", str(site)]
    pip += ["--python-version", "3.14", "--implementation", "py", "--abi", "none"]
    pip += ["--platform", "any", "--only-binary=:all:", "--no-compile"]
    pip += [f"{wheel}[pylint]", "pytest>=8", "hypothesis>=6.100", "tzdata"]
    subprocess.run(pip, check=True)
    root.mkdir()
    for one in COPIED:
        copy = shutil.copytree if (ROOT / one).is_dir() else shutil.copy
        copy(ROOT / one, root / one)
    words = ["-q", "-k", SLOW]
    if everything:
        words += ["-m", "not once and not redis", "--continue-on-collection-errors", "tests"]
    else:
        marked = sorted(
            path.relative_to(root).as_posix()
            for path in (root / "tests").rglob("test_*.py")
            if "pytest.mark.wasm" in path.read_text(encoding="utf-8")
        )
        words += ["-m", "wasm", *marked]
    script = str(Path(__file__).with_suffix(".mjs"))
    command = ["node", f"--stack-size={STACK * 500}", script]
    command += [str(node_packages.folder()), str(site), str(root), *words]
    try:
        done = subprocess.run(
            command, timeout=LIMIT_ALL if everything else LIMIT, preexec_fn=_more_stack
        )
    except subprocess.TimeoutExpired:
        print("took too long")
        return 1
    return done.returncode


def build(work: Path) -> Path:
    """A wheel of the checkout."""
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(work / "dist"), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    [wheel] = (work / "dist").glob("*.whl")
    return wheel


def _more_stack() -> None:
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = STACK << 20
    resource.setrlimit(
        resource.RLIMIT_STACK,
        (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most),
    )


if __name__ == "__main__":
    sys.exit(main())
