"""No program makes us fail: both halves, the same twice, none for long.

How many: `HYPOTHESIS_PROFILE=ci` 2,000, `nightly` 100,000, else 60. A number makes its program: a
failure names it, and `python -m tests.programs 1234` prints it; nothing that was made is kept.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
import warnings
from functools import partial
from pathlib import Path

import pytest

from flake8_celery.core.engine.run import Finding
from flake8_celery.linter import lint
from flake8_celery.options import Options
from flake8_celery.rules._advice import OPT_IN
from tests.programs import program

COUNTS = {"ci": 2_000, "nightly": 100_000}
PARTS = 10
"""Tests that share the work, for several processes."""
START = int(os.environ.get("FUZZ_START", "0"))
COUNT = int(os.environ.get("FUZZ_COUNT", COUNTS.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 60)))
SECONDS = 2.0

pytestmark = [pytest.mark.once, pytest.mark.timeout(max(180, COUNT))]


def numbers(part: int, every: int = 1) -> range:
    return range(START + part * every, START + COUNT, PARTS * every)


def everything() -> Options:
    options = Options()
    options.selected = frozenset(OPT_IN)
    return options


def check(number: int, text: str, found: list[Finding]) -> None:
    """What holds of any finding."""
    lines = text.count("\n") + 1
    for finding in found:
        assert finding.code != "CEL000", (number, finding)
        assert finding.message.isprintable(), (number, finding)
        assert 1 <= finding.line <= lines, (number, finding)
        assert finding.column >= 0, (number, finding)
    assert [f[:6] for f in found] == sorted(f[:6] for f in found), number


def timed(number: int, text: str, options: Options) -> tuple[list[Finding], float]:
    """The findings of a program, and the CPU seconds that they took."""
    before = time.process_time()
    try:
        found = lint(text, "tasks.py", options)
    except Exception as error:
        raise AssertionError(f"program {number}") from error
    return found, time.process_time() - before


@pytest.mark.parametrize("part", range(PARTS))
def test_core(part: int) -> None:
    options = everything()
    made = found_something = 0
    for number in numbers(part):
        text = program(number)
        if text is None:
            continue
        made += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found, spent = timed(number, text, options)
            if spent > SECONDS:
                # it may have been the collector, in a process that holds much
                _, spent = timed(number, text, options)
            assert spent < SECONDS, f"program {number} took {spent:.1f} s"
            if not number % 7:
                assert lint(text, "tasks.py", options) == found, f"program {number}"
        check(number, text, found)
        found_something += bool(found)
    # they are programs, and they use Celery
    assert made > len(numbers(part)) * 0.8
    assert found_something > made * 0.5


@pytest.mark.parametrize("part", range(PARTS))
def test_pylint_half(part: int, tmp_path: Path) -> None:
    """With astroid's inference; a program that astroid alone can't read is left out."""
    pytest.importorskip("pylint", "3.3")
    from astroid import MANAGER, builder

    from pylint_celery import brain
    from pylint_celery.resolver import AstroidResolver
    from pylint_celery.seen import look

    brain.enable()
    options = everything()
    for number in numbers(part, 5):
        text = program(number)
        if text is None:
            continue
        try:
            module = builder.parse(text, f"tasks{number}", str(tmp_path / "tasks.py"))
        except Exception:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                look(module)
                resolver = partial(AstroidResolver, module)
                tree = ast.parse(text)
                found = lint(text, "tasks.py", options, tree=tree, resolver=resolver)
            except Exception as error:
                raise AssertionError(f"program {number}") from error
        check(number, text, found)
        # astroid keeps every module that it built
        MANAGER.astroid_cache.pop(module.name, None)
    MANAGER.clear_cache()


def test_jobs_give_the_same(tmp_path: Path) -> None:
    """flake8 over many files: in one process, in several, and again."""
    for number in range(START, START + min(COUNT, 40)):
        text = program(number)
        if text is not None:
            (tmp_path / f"tasks_{number}.py").write_text(text, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "FLAKE8_CELERY_RAISE"}
    outputs = []
    for jobs in ("-j1", "-j4", "-j1"):
        command = [sys.executable, "-m", "flake8", "--isolated", "--select=CEL", jobs, "."]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.stderr == ""
        outputs.append(done.stdout)
    assert "CEL000" not in outputs[0]
    assert outputs[0].count("\n") > 20
    assert outputs[0] == outputs[2]
    assert sorted(outputs[0].splitlines()) == sorted(outputs[1].splitlines())


def test_a_number_makes_one_program() -> None:
    assert program(7) == program(7)
    assert len({program(number) for number in range(60)}) > 50
