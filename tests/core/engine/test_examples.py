"""Each rule's page holds its first tests: what is marked is found, and nothing else."""

from __future__ import annotations

import pytest

from flake8_celery.core.engine.rule import Rule
from flake8_celery.core.engine.run import Finding
from flake8_celery.linter import lint, rules
from flake8_celery.options import Options
from flake8_celery.pages import Example, docstring, examples

pytestmark = pytest.mark.wasm

CASES = [
    pytest.param(info, example, id=f"{info.code}-{number}-{example.verdict}")
    for info in rules()
    for number, example in enumerate(examples(docstring(info)), 1)
]


def findings(info: Rule, example: Example) -> list[Finding]:
    settings = dict(example.settings)
    filename = settings.pop("file", "example.py")
    options = Options(settings)
    options.selected = frozenset({info.code})
    return lint(example.source, filename, options)


@pytest.mark.parametrize(("info", "example"), CASES)
def test_example(info: Rule, example: Example) -> None:
    found = findings(info, example)
    expected = {(m.line, m.start, m.end, m.text.split()[0]) for m in example.marks}
    assert {(f.line, f.column, f.end_column, f.code) for f in found} == expected
    for finding in found:
        assert "%" not in finding.message
        assert "\n" not in finding.message


@pytest.mark.parametrize("info", rules(), ids=lambda info: info.code)
def test_page_has_both_verdicts(info: Rule) -> None:
    found = examples(docstring(info))
    assert any(example.verdict == "bad" and example.marks for example in found)
    assert any(example.verdict == "good" and not example.marks for example in found)
    for example in found:
        assert (example.verdict == "bad") == bool(example.marks)
