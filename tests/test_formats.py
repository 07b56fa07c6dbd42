"""What `check` writes for other programs, held against what those programs ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flake8_celery.check.formats import FORMATS, table
from flake8_celery.check.run import Report
from flake8_celery.core.engine.run import Finding
from flake8_celery.linter import lint
from flake8_celery.options import Options
from tools import node_packages

ROOT = node_packages.ROOT

#: The fields that GitLab requires of each issue in a Code Quality report, and what they may hold:
#: docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
GITLAB = {
    ("description",): str,
    ("check_name",): str,
    ("fingerprint",): str,
    ("severity",): ("info", "minor", "major", "critical", "blocker"),
    ("location", "path"): str,
    ("location", "lines", "begin"): int,
}


def shop() -> list[Report]:
    """The findings of the example, and some whose text is hard on a format."""
    found = []
    for path in sorted((ROOT / "examples" / "shop").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        for finding in lint(text, str(path), Options()):
            found.append(Report(name, finding, text.splitlines()[finding.line - 1]))
    assert len(found) > 20
    hard = 'a "b" <c> & d\'s %0A \x1b[31m \u2028 é \U0001f600 ]]> :: ,'
    for number, code in enumerate(sorted(table())):
        # over two lines, of no width, and on the last column
        finding = Finding(number + 1, 3, number + 1 + number % 2, 3, code, hard)
        found.append(Report("shop/a b/é#%.py", finding, hard))
    return found


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    return shop()


def at(row: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        row = row[name]
    return row


@pytest.mark.parametrize("empty", [False, True])
def test_sarif_is_valid(reports: list[Report], empty: bool) -> None:
    why = node_packages.missing("@microsoft/jest-sarif")
    if why:
        pytest.skip(why)
    schema = pytest.importorskip("jsonschema")
    module = node_packages.folder() / "node_modules" / "@microsoft" / "jest-sarif"
    [file] = module.glob("lib/schemas/sarif-2.1.0*.json")
    rules = json.loads(file.read_text(encoding="utf-8"))
    judge = schema.validators.validator_for(rules)(rules)
    data = json.loads(FORMATS["sarif"]([] if empty else reports))
    assert [error.message for error in judge.iter_errors(data)] == []
    # the schema would see a mistake
    data["runs"][0]["tool"]["driver"].pop("name")
    assert list(judge.iter_errors(data))


def test_sarif_says_all(reports: list[Report]) -> None:
    [one] = json.loads(FORMATS["sarif"](reports))["runs"]
    assert len(one["results"]) == len(reports)
    for result, report in zip(one["results"], reports, strict=True):
        rule = one["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == report.finding.code
        region = result["locations"][0]["physicalLocation"]["region"]
        start, end = (region["startLine"], region["startColumn"]), tuple(region.values())[2:]
        assert start <= end
        assert start == (report.finding.line, report.finding.column + 1)


def test_gitlab_has_every_field(reports: list[Report]) -> None:
    rows = json.loads(FORMATS["gitlab"](reports))
    assert len(rows) == len(reports)
    for row in rows:
        for path, wanted in GITLAB.items():
            value = at(row, path)
            if isinstance(wanted, tuple):
                assert value in wanted
            else:
                assert type(value) is wanted
                assert value
        assert not row["location"]["path"].startswith(("/", "./"))
    prints = [row["fingerprint"] for row in rows]
    assert len(set(prints)) == len(prints)
    assert json.loads(FORMATS["gitlab"]([])) == []


@pytest.mark.parametrize("empty", [False, True])
def test_junit_is_read_back(reports: list[Report], empty: bool) -> None:
    junit = pytest.importorskip("junitparser")
    given = [] if empty else reports
    text = FORMATS["junit"](given)
    read = junit.JUnitXml.fromstring(text.encode())
    [suite] = read
    cases = list(suite)
    assert (read.tests, read.failures, read.errors) == (max(1, len(given)), len(given), 0)
    assert len(cases) == read.tests == suite.tests
    if empty:
        assert cases[0].is_passed
        return
    for case, report in zip(cases, given, strict=True):
        [failure] = case.result
        assert failure.type == report.finding.code
        assert case.classname == report.path
        assert report.finding.code in failure.text
        if report.finding.message.isprintable():
            assert failure.message == report.finding.message
