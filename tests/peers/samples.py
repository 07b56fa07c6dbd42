"""The sample projects: what is planted where, and what each linter says of them.

A sample is one text file: a head of `name: value` lines, then the project's files, each after a
line `=== path`. A line that ends in `#! CEL706` has that mistake planted in it; the mark is cut off
before anything is linted. A sample without marks is a good twin: nothing may be said of it.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from flake8_celery.core.contract.lock import Lock, dumps
from flake8_celery.core.deployed.read_tasks import contracts_of
from flake8_celery.core.model.build import prepare
from flake8_celery.core.project.lockpath import LOCK_NAME
from flake8_celery.core.syntax.module import Module
from flake8_celery.linter import lint
from flake8_celery.options import Options

FOLDER = Path(__file__).parent / "samples"
RESULTS = Path(__file__).parent / "results.tsv"
MARK = "#!"
AUDIT, PIE = "celery-audit", "flake8-pie"

#: Which of our rules a rule of another linter looks for the same thing as.
SAME = {
    AUDIT: {
        "CEL001": "CEL807",
        "CEL002": "CEL807",
        "CEL003": "CEL808",
        "CEL004": "CEL150",
        "CEL005": "CEL101",
        "CEL006": "CEL105",
        "CEL007": "CEL851",
        "CEL008": "CEL354",
        "CEL009": "CEL351",
        "CEL010": "CEL356",
        "CEL011": "CEL850",
        "CEL012": "CEL311 CEL312",
        "CEL013": "CEL507",
        "CEL014": "CEL501",
        "CEL015": "CEL450",
        "CEL017": "CEL706",
        "CEL018": "CEL751",
        "CEL019": "CEL853",
        "CEL020": "CEL809",
        "CEL021": "CEL501 CEL509",
        "CEL022": "CEL201",
        "CEL023": "CEL752",
        "CEL025": "CEL852",
        "CEL026": "CEL750",
    },
    PIE: {"PIE783": "CEL450", "PIE784": "CEL701", "PIE785": "CEL353 CEL750"},
}


class Said(NamedTuple):
    """One finding of any linter, or one planted mistake: its code and place."""

    code: str
    path: str
    line: int


class Sample(NamedTuple):
    """One small project."""

    name: str
    row: str
    """The rule that it is about."""
    title: str
    head: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    planted: tuple[Said, ...]

    def all(self, name: str) -> list[str]:
        """Every value of one name in the head."""
        return [value for key, value in self.head if key == name]

    def write(self, folder: Path) -> None:
        """Write the project into an empty folder."""
        for path, text in self.files:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        (folder / "pyproject.toml").write_text("", encoding="utf-8")


def samples(folder: Path = FOLDER) -> list[Sample]:
    """Every sample, by name."""
    return [read(path) for path in sorted(folder.rglob("*.txt"))]


def read(path: Path) -> Sample:
    """Read one sample; ValueError where it is not written as it should be."""
    head: list[tuple[str, str]] = []
    files: list[tuple[str, list[str]]] = []
    planted: list[Said] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("=== "):
            files.append((line[4:].strip(), []))
        elif files:
            code, mark, codes = line.partition(MARK)
            if mark:
                line = code.rstrip()
                for each in codes.split():
                    planted.append(Said(each, files[-1][0], len(files[-1][1]) + 1))
            files[-1][1].append(line)
        elif line.strip():
            name, _, value = line.partition(":")
            head.append((name.strip(), value.strip()))
    given = dict(head)
    name = f"{path.parent.name}/{path.stem}"
    row = path.parent.name
    if not files or "title" not in given or any(said.code != row for said in planted):
        raise ValueError(f"{path}: wants a title, files, and marks of {row} only")
    if path.stem.startswith("bad") != bool(planted):
        raise ValueError(f"{path}: a bad sample has marks, a good one none")
    done = tuple((name, "\n".join(lines) + "\n") for name, lines in files)
    return Sample(name, row, given["title"], tuple(head), done, tuple(planted))


def ours(sample: Sample) -> list[Said]:
    """What our default rules and the sample's own rule say."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        sample.write(folder)
        if sample.all("lock"):
            _lock(sample, folder)
        options = dict(value.split("=", 1) for value in sample.all("option"))
        chosen = Options(options, str(folder))
        chosen.selected = frozenset({sample.row})
        found = []
        for path, text in sample.files:
            if path.endswith(".py"):
                try:
                    findings = lint(text, str(folder / path), chosen)
                except SyntaxError:
                    continue
                found += [Said(finding.code, path, finding.line) for finding in findings]
    # CEL001 to CEL004 say what can't be told, and accuse no code
    return sorted(said for said in found if not said.code.startswith("CEL00"))


def _lock(sample: Sample, folder: Path) -> None:
    """Write the contract lock of all the sample's tasks."""
    tasks = {}
    for path, text in sample.files:
        if path.endswith(".py"):
            try:
                module = Module(text, str(folder / path), ast.parse(text))
            except SyntaxError:
                continue
            for contract in contracts_of(prepare(module, Options()), path)[0]:
                tasks[contract.name] = contract
    (folder / LOCK_NAME).write_text(dumps(Lock(tasks=tasks)), encoding="utf-8")


def audit(sample: Sample, program: Path) -> list[Said]:
    """What celery-audit says of the sample's row, called as its README tells."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        sample.write(folder)
        configs = sample.all("config") or _configs(sample)
        command = [str(program), ".", "--format", "json"]
        for config in configs:
            command += ["--config", config]
        for namespace in sample.all("namespace"):
            command += ["--settings-namespace", namespace]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if not done.stdout.startswith("{"):
            raise ValueError(f"{sample.name}: {' '.join(command)}: {done.stderr}")
        found = [
            Said(row["rule_id"], row["file"], row["line"])
            for row in json.loads(done.stdout)["findings"]
        ]
    return _of_row(AUDIT, sample, found)


def _configs(sample: Sample) -> list[str]:
    """The files that a user would name as configuration, in the order they take effect."""
    signs = ("Celery(", "app.conf", "CELERY_", "beat_schedule", "task_routes")
    named = [path for path, text in sample.files if any(sign in text for sign in signs)]
    return named or [sample.files[0][0]]


def pie(sample: Sample, program: Path) -> list[Said]:
    """What flake8-pie says of the sample's row."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        sample.write(folder)
        command = [str(program), "--isolated", "-j1", "--select=PIE783,PIE784,PIE785", "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        found = []
        for line in done.stdout.splitlines():
            path, number, _, rest = line.split(":", 3)
            found.append(Said(rest.split()[0], path.removeprefix("./"), int(number)))
    return _of_row(PIE, sample, found)


def _of_row(tool: str, sample: Sample, found: Sequence[Said]) -> list[Said]:
    """The findings of rules that look for what the sample is about."""
    return sorted(said for said in found if sample.row in SAME[tool].get(said.code, "").split())


class Score(NamedTuple):
    """How one linter did: planted mistakes found and missed, and false alarms."""

    found: int = 0
    missed: int = 0
    false: int = 0

    def __add__(self, other: object) -> Score:
        assert isinstance(other, Score)
        return Score(*(a + b for a, b in zip(self, other, strict=True)))


def score_ours(sample: Sample, said: Sequence[Said]) -> Score:
    """Ours has to name the very line, and anything else that it says is a false alarm."""
    planted, told = set(sample.planted), set(said)
    return Score(len(planted & told), len(planted - told), len(told - planted))


def score_peer(sample: Sample, said: Sequence[Said]) -> Score:
    """A peer's finding counts for a planted mistake in the same file, wherever it stands there."""
    found = false = 0
    for path in {each.path for each in (*sample.planted, *said)}:
        planted = sum(each.path == path for each in sample.planted)
        told = sum(each.path == path for each in said)
        found += min(planted, told)
        false += max(0, told - planted)
    # a finding at the settings for a mistake planted elsewhere still tells of it
    elsewhere = min(false, len(sample.planted) - found)
    return Score(found + elsewhere, len(sample.planted) - found - elsewhere, false - elsewhere)


def peer_results(file: Path = RESULTS) -> dict[tuple[str, str], list[Said]]:
    """What the peers said when they were last run, by tool and sample."""
    found: dict[tuple[str, str], list[Said]] = {}
    for line in file.read_text(encoding="utf-8").splitlines()[1:]:
        tool, name, code, path, number = line.split("\t")
        found.setdefault((tool, name), []).append(Said(code, path, int(number)))
    return found


def run_peers(programs: Path, wanted: Sequence[Sample]) -> Iterator[str]:
    """Run both peers over the samples; the lines of the results file."""
    yield "tool\tsample\tcode\tpath\tline"
    for sample in wanted:
        for tool, said in (
            (AUDIT, audit(sample, programs / "celery-audit")),
            (PIE, pie(sample, programs / "flake8")),
        ):
            for each in said:
                yield f"{tool}\t{sample.name}\t{each.code}\t{each.path}\t{each.line}"
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
