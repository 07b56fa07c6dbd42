"""Known libraries: idiomatic use is silent, each mistake is told, by both halves.

`tests/libraries/<library>` holds a good and a bad module; a line of the bad one ends with the codes
expected at it. The libraries need not be installed.
"""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from flake8_celery.tables import libraries
from flake8_celery.tables.libraries import MODULES, library_of, task_base
from flake8_celery.tables.libraries.shapes import Library
from tests import ROOT

SAMPLES = ROOT / "tests" / "libraries"
FILES = sorted(path.relative_to(SAMPLES) for path in SAMPLES.rglob("*.py"))
MARK = re.compile(r"# ((?:CEL\d{3} ?)+)$")
Told = dict[str, dict[int, list[str]]]


def expected(text: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = MARK.search(line)
        if match is not None:
            found[number] = sorted(match[1].split())
    return found


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, each folder a project of its own."""
    folder = tmp_path_factory.mktemp("libraries")
    for library in SAMPLES.iterdir():
        for kind in ("good", "bad"):
            for path in library.glob(f"*_{kind}.py"):
                project = folder / library.name / kind
                project.mkdir(parents=True)
                shutil.copy(path, project)
                (project / "setup.cfg").touch()
    return folder


def copy_of(samples: Path, file: Path) -> Path:
    return samples / file.parent / file.stem.rpartition("_")[2] / file.name


@pytest.fixture(scope="module")
def by_flake8(samples: Path) -> Told:
    command = [sys.executable, "-m", "flake8", "--isolated", "--select=CEL", "--format=default"]
    done = subprocess.run([*command, "."], cwd=samples, capture_output=True, text=True)
    assert not done.stderr
    found: Told = defaultdict(lambda: defaultdict(list))
    for row in done.stdout.splitlines():
        path, line, _, text = row.split(":", 3)
        found[Path(path).name][int(line)].append(text.split()[0])
    return found


@pytest.fixture(scope="module")
def by_pylint(samples: Path) -> Told:
    pytest.importorskip("pylint", "3.3")
    from flake8_celery.linter import rules
    from tests.pylint_half.command import ONLY, pylint

    codes = {f"celery-{info.symbol}": info.code for info in rules()}
    advice = {info.code for info in rules() if not info.default}
    found: Told = defaultdict(lambda: defaultdict(list))
    files = [str(copy_of(samples, file).relative_to(samples)) for file in FILES]
    for message in pylint(samples, *ONLY, *files):
        code = codes.get(message["symbol"], message["symbol"])
        if code not in advice:
            found[Path(message["path"]).name][message["line"]].append(code)
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_flake8(file: Path, by_flake8: Told) -> None:
    text = (SAMPLES / file).read_text(encoding="utf-8")
    told = {line: sorted(codes) for line, codes in by_flake8[file.name].items()}
    assert told == expected(text)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_pylint(file: Path, by_pylint: Told) -> None:
    text = (SAMPLES / file).read_text(encoding="utf-8")
    told = {line: sorted(codes) for line, codes in by_pylint[file.name].items()}
    assert told == expected(text)


def test_each_sample_has_a_twin() -> None:
    for library in SAMPLES.iterdir():
        names = {path.stem.rpartition("_")[2] for path in library.glob("*.py")}
        assert names == {"good", "bad"}, library.name


@pytest.mark.parametrize("module", sorted(set(MODULES.values())))
def test_table_is_sound(module: str) -> None:
    found = importlib.import_module(f"flake8_celery.tables.libraries.{module}").LIBRARY
    assert isinstance(found, Library)
    assert found.package
    assert found.version
    paths = [
        path
        for part in (found.bases, found.applications, found.models)
        for one in part
        for path in one.paths
    ]  # type: ignore[attr-defined]
    paths += [path for one in (*found.schedulers, *found.foreign) for path in one.paths]
    paths += [*found.serializers, *found.makes, *found.hides]
    for path in paths:
        assert library_of(path) is found, path
    for base in found.bases:
        for name in (*base.tables, base.parameters):
            assert not name or name in base.options
        assert not base.retries_if[0] or base.retries_if[0] in base.tables
    for made in found.applications:
        assert not made.base or task_base(made.base) is not None


def test_every_table_is_found_by_a_package() -> None:
    folder = Path(libraries.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "shapes"}
    assert modules == set(MODULES.values())
    # a module would take the place of a function that has its name
    assert not any(callable(getattr(libraries, name, None)) for name in modules)
