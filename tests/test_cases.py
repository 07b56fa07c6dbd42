"""Mistakes that people made: both halves tell each, and nothing in the corrected twins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.run import FOLDER, HALVES, TWINS, planted, run


@pytest.mark.parametrize("half", HALVES)
def test_each_mistake_is_told_and_nothing_else(half: str) -> None:
    if half == "pylint":
        pytest.importorskip("pylint", "3.3")
    result = run(half)
    assert result.planted
    assert result.missed == []
    assert result.false == []


def test_each_case_has_both_twins_and_a_mistake() -> None:
    cases = {told.case for told in planted()}
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()} - {"__pycache__"}
    assert cases == folders
    for case in folders:
        for twin in TWINS:
            assert (FOLDER / case / twin).is_dir() or (FOLDER / case / f"{twin}.py").is_file()


def test_a_line_that_is_not_told_and_one_that_is_too_many_are_seen(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "bad.py").write_text(
        "from celery import shared_task\n\n\n@shared_task(max_retires=1)\ndef f(): ...\n"
    )
    (tmp_path / "EXPECTED.tsv").write_text("case\tfile\tline\tcode\none\tbad.py\t5\tCEL903\n")
    result = run("flake8", tmp_path)
    assert [told.line for told in result.missed] == [5]
    assert [told.line for told in result.false] == [4]
