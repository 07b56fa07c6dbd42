"""The pylint half says all that the flake8 half says, at the same places."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pylint", "3.3")

from flake8_celery.core.engine.rule import Rule
from flake8_celery.linter import rules
from flake8_celery.options import Options
from flake8_celery.pages import docstring, examples
from tests import ROOT
from tests.corpus.agree import EXCEPTIONS, compare, compared_below, every_rule
from tests.corpus.fetch import FOLDER
from tests.pylint_half.command import ONLY, pylint
from tests.pylint_half.test_inference import PROJECT, source, write

#: Small packages of the corpus; `python -m tests.corpus agree` runs over all of it.
PACKAGES = ("girder-worker", "openwisp-firmware-upgrader", "opencve")
BAD = "\n\n@shared_task(max_retires=1)\ndef bad(): ...\n"
EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize("info", rules(), ids=lambda info: info.code)
def test_on_every_example_of_a_rule(info: Rule, tmp_path: Path) -> None:
    for number, example in enumerate(examples(docstring(info))):
        settings = dict(example.settings)
        path = tmp_path / str(number) / settings.pop("file", "example.py")
        path.parent.mkdir(parents=True)
        path.write_text(example.source)
        options = Options(settings)
        options.selected = frozenset({info.code})
        assert compare(example.source, path, options).lost == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.py")), ids=lambda path: path.stem)
def test_on_the_example_projects(path: Path) -> None:
    assert compare(path.read_text(), path, every_rule()).lost == []


def test_on_the_sample_of_inference(tmp_path: Path) -> None:
    write(tmp_path, PROJECT)
    (tmp_path / "shop" / "tasks.py").write_text(source())
    found = list(compared_below(tmp_path))
    assert len(found) > 5
    assert [finding for compared in found for finding in compared.lost] == []
    assert any(compared.both for compared in found)


@pytest.mark.parametrize("package", PACKAGES)
def test_on_real_packages(package: str) -> None:
    folders = sorted((FOLDER / "packages").glob(f"{package}-*"))
    if not folders:
        pytest.skip("the corpus is not downloaded: python -m tests.corpus fetch")
    found = list(compared_below(folders[0]))
    assert found
    assert [finding for compared in found for finding in compared.lost] == []


@pytest.mark.once
def test_by_the_real_commands(tmp_path: Path) -> None:
    write(tmp_path, PROJECT)
    (tmp_path / "shop" / "tasks.py").write_text(source() + BAD)
    for path in EXAMPLES.rglob("*.py"):
        copy = tmp_path / path.relative_to(EXAMPLES)
        if copy.parent.name == "shop_fixed" or copy.parent == tmp_path:
            continue
        copy = tmp_path / "example" / copy.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text())
    command = [sys.executable, "-m", "flake8", "--isolated", "--select=CEL", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    codes = {f"celery-{info.symbol}": info.code for info in rules()}
    said = {
        (m["path"], m["line"], m["column"] + 1, codes.get(m["symbol"], m["symbol"]))
        for m in pylint(tmp_path, *ONLY, "--recursive=y", ".")
    }
    one = set()
    for line in done.stdout.splitlines():
        path, number, column, rest = line.split(":", 3)
        code = rest.split()[0]
        one.add((path.removeprefix("./"), int(number), int(column), code))
    assert len(one) > 5
    assert one <= said


def test_inference_finds_more(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "limits.py": "class Limits:\n    def hard(self):\n        return 30\n",
            "tasks.py": (
                "from celery import shared_task\nimport limits\n\n\n"
                "@shared_task(soft_time_limit=60, time_limit=limits.Limits().hard())\n"
                "def f(): ...\n"
            ),
        },
    )
    path = tmp_path / "tasks.py"
    found = compare(path.read_text(), path, Options())
    assert [finding.code for finding in found.more] == ["CEL101"]
    assert found.lost == []


def test_every_exception_has_a_reason() -> None:
    assert all(EXCEPTIONS.values())
