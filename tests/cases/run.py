"""The cases, and what each half says of them.

A case is a folder with `bad` and `good`, each a module or a small project. `EXPECTED.tsv` names the
lines of the bad twins at which a code must be told; nothing else may be told there, and nothing at
all in a good twin. A code of advice counts only in a case that expects it.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

from flake8_celery.core.project.files import clear
from flake8_celery.linter import rules

FOLDER = Path(__file__).parent
TWINS = ("bad", "good")


class Told(NamedTuple):
    """A code at a line, planted or found."""

    case: str
    file: str
    line: int
    code: str


class Result(NamedTuple):
    """What one half made of the cases."""

    planted: frozenset[Told]
    found: frozenset[Told]

    @property
    def missed(self) -> list[Told]:
        return sorted(self.planted - self.found)

    @property
    def false(self) -> list[Told]:
        return sorted(self.found - self.planted)


def planted(folder: Path = FOLDER) -> frozenset[Told]:
    with (folder / "EXPECTED.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return frozenset(
            Told(row["case"], row["file"], int(row["line"]), row["code"]) for row in rows
        )


def laid_out(folder: Path, target: Path) -> None:
    """Copy the cases: each twin becomes a project of its own, with a mark of its root."""
    for case in sorted(path for path in folder.iterdir() if path.is_dir()):
        for twin in TWINS:
            project = target / case.name / twin
            if (case / twin).is_dir():
                shutil.copytree(case / twin, project)
            elif (case / f"{twin}.py").is_file():
                project.mkdir(parents=True)
                shutil.copy(case / f"{twin}.py", project)
            else:
                continue
            (project / "setup.cfg").touch()


def by_flake8(folder: Path, advice: frozenset[str]) -> Iterator[Told]:
    """One run of the command over all of them."""
    command = [sys.executable, "-m", "flake8", "--isolated", "--format=default"]
    command += ["--select=CEL", f"--extend-select={','.join(sorted(advice))}"]
    done = subprocess.run([*command, "."], cwd=folder, capture_output=True, text=True)
    assert not done.stderr, done.stderr
    for row in done.stdout.splitlines():
        path, line, _, text = row.split(":", 3)
        yield _told(Path(path), int(line), text.split()[0])


def by_pylint(folder: Path, advice: frozenset[str]) -> Iterator[Told]:
    """A run for each project, as their modules have the same names."""
    from astroid import MANAGER
    from pylint.lint import Run
    from pylint.reporters.json_reporter import JSON2Reporter

    codes = {f"celery-{info.symbol}": info.code for info in rules()}
    names = {code: symbol for symbol, code in codes.items()}
    enabled = ",".join(["celery", *(names[code] for code in sorted(advice))])
    for project in sorted(folder.glob("*/*/")):
        clear()
        files = sorted(str(path) for path in project.rglob("*.py"))
        out = io.StringIO()
        arguments = ["--load-plugins=pylint_celery.plugin", "--rcfile=", "--disable=all"]
        arguments += [f"--enable={enabled}", *files]
        with redirect_stdout(sys.stderr):
            Run(arguments, reporter=JSON2Reporter(out), exit=False)
        for message in json.loads(out.getvalue())["messages"]:
            code = codes.get(message["symbol"], message["symbol"])
            path = Path(message["absolutePath"]).relative_to(folder.resolve())
            yield _told(path, message["line"], code)
        # what is not the project's stays: to read Celery again each time takes most of a run
        for name, module in list(MANAGER.astroid_cache.items()):
            if module.file and Path(module.file).is_relative_to(folder.resolve()):
                del MANAGER.astroid_cache[name]
        MANAGER._mod_file_cache.clear()


HALVES: dict[str, Callable[[Path, frozenset[str]], Iterator[Told]]] = {
    "flake8": by_flake8,
    "pylint": by_pylint,
}


def _told(path: Path, line: int, code: str) -> Told:
    case, twin, *rest = path.parts
    # a twin that is one module lies beside the other one in the case's folder
    file = rest[0] if rest == [f"{twin}.py"] else "/".join((twin, *rest))
    return Told(case, file, line, code)


def run(half: str, folder: Path = FOLDER) -> Result:
    """Both twins of every case, read by one half."""
    wanted = planted(folder)
    opt_in = {info.code for info in rules() if not info.default}
    by_case = {(told.case, told.code) for told in wanted}
    with tempfile.TemporaryDirectory() as name:
        target = Path(name)
        laid_out(folder, target)
        found = HALVES[half](target, frozenset(code for _, code in by_case) & opt_in)
        kept = (told for told in found if told.code not in opt_in or told[::3] in by_case)
        return Result(wanted, frozenset(kept))
