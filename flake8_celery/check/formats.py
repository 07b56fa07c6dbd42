"""The forms in which reports are written; each takes all of them and gives a text.

All say what the table of rules says, and nothing is fetched.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from flake8_celery import __version__
from flake8_celery.check.run import Report
from flake8_celery.links import rule_url
from flake8_celery.linter import rules
from flake8_celery.own import OWN

SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
#: pylint's letter -> what each form calls a finding that grave.
_LEVELS: Final = {"E": "error", "F": "error", "W": "warning"}
_GITLAB: Final = {"error": "major", "warning": "minor", "note": "info"}
_GITHUB: Final = {"error": "error", "warning": "warning", "note": "notice"}


class About(NamedTuple):
    """What a code stands for."""

    code: str
    symbol: str
    summary: str
    level: str
    """`error`, `warning` or `note`."""


@cache
def table() -> Mapping[str, About]:
    """Every code that can be reported."""
    found = {
        info.code: About(info.code, info.symbol, info.summary, _LEVELS.get(info.pylint[0], "note"))
        for info in rules()
    }
    for own in OWN:
        level = _LEVELS.get(own.pylint[0], "note")
        symbol = own.symbol.removeprefix("celery-")
        found[own.code] = About(own.code, symbol, own.summary, level)
    return dict(sorted(found.items()))


# -- for people


class Colours(NamedTuple):
    """What is written around the parts of a line; empty where no terminal wants colours."""

    bold: str = ""
    red: str = ""
    dim: str = ""
    off: str = ""


PLAIN: Final = Colours()
IN_COLOUR: Final = Colours("\033[1m", "\033[31m", "\033[2m", "\033[0m")


def text(reports: Sequence[Report], colours: Colours = PLAIN, source: bool = False) -> str:
    """One line a finding, as flake8 writes it; with `source` its line and carets below."""
    out: list[str] = []
    bold, red, dim, off = colours
    for path, finding, line in reports:
        where = f"{path}:{finding.line}:{finding.column + 1}:"
        out.append(f"{bold}{where}{off} {red}{finding.code}{off} {finding.message}")
        if source and line.strip():
            start = finding.column
            end = finding.end_column if finding.end_line == finding.line else len(line)
            # tabs stay tabs, so that the carets stand below what they mark
            before = "".join("\t" if sign == "\t" else " " for sign in line[:start])
            out.append(f"    {dim}{line}{off}")
            out.append(f"    {before}{red}{'^' * max(1, end - start)}{off}")
    return "\n".join(out)


def statistics(reports: Sequence[Report]) -> str:
    """How many of each code there are, the most first."""
    counts: dict[str, int] = {}
    for report in reports:
        counts[report.finding.code] = counts.get(report.finding.code, 0) + 1
    width = max((len(str(number)) for number in counts.values()), default=1)
    return "\n".join(
        f"{number:{width}}  {code} {table()[code].symbol}"
        for code, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


# -- for machines


def as_json(reports: Sequence[Report]) -> str:
    """A list of findings; lines and columns count from 1, ends are exclusive."""
    rows = []
    for path, finding, _ in reports:
        about = table()[finding.code]
        row = {
            "path": _slashed(path),
            "line": finding.line,
            "column": finding.column + 1,
            "end_line": finding.end_line,
            "end_column": finding.end_column + 1,
            "code": finding.code,
            "symbol": about.symbol,
            "level": about.level,
            "message": finding.message,
        }
        if rule_url(finding.code):
            row["help"] = rule_url(finding.code)
        rows.append(row)
    return json.dumps(rows, indent=2)


def github(reports: Sequence[Report]) -> str:
    """Workflow commands: GitHub Actions shows each beside its line."""
    out = []
    for path, finding, _ in reports:
        about = table()[finding.code]
        fields = {
            "file": _slashed(path),
            "line": finding.line,
            "endLine": finding.end_line,
            "title": f"{finding.code} {about.symbol}",
        }
        if finding.end_line == finding.line:
            # columns of a finding over several lines are not understood
            fields["col"] = finding.column + 1
            fields["endColumn"] = max(finding.end_column, finding.column + 1)
        told = ",".join(f"{key}={_property(str(value))}" for key, value in fields.items())
        out.append(f"::{_GITHUB[about.level]} {told}::{_data(finding.message)}")
    return "\n".join(out)


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def gitlab(reports: Sequence[Report]) -> str:
    """A Code Quality report of GitLab."""
    return json.dumps(
        [
            {
                "description": f"{report.finding.code} {report.finding.message}",
                "check_name": report.finding.code,
                "fingerprint": print_,
                "severity": _GITLAB[table()[report.finding.code].level],
                "location": {
                    "path": _slashed(report.path),
                    "lines": {"begin": report.finding.line, "end": report.finding.end_line},
                },
            }
            for report, print_ in zip(reports, _fingerprints(reports), strict=True)
        ],
        indent=2,
    )


def sarif(reports: Sequence[Report]) -> str:
    """SARIF 2.1.0, as GitHub's code scanning and others take it."""
    named = sorted({report.finding.code for report in reports})
    results = []
    for report, print_ in zip(reports, _fingerprints(reports), strict=True):
        path, finding, _ = report
        region = {
            "startLine": finding.line,
            "startColumn": finding.column + 1,
            "endLine": finding.end_line,
            "endColumn": max(finding.end_column, finding.column) + 1
            if finding.end_line == finding.line
            else finding.end_column + 1,
        }
        results.append(
            {
                "ruleId": finding.code,
                "ruleIndex": named.index(finding.code),
                "level": table()[finding.code].level,
                "message": {"text": finding.message},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": _artifact(path),
                            "region": region,
                        }
                    }
                ],
                "partialFingerprints": {"celeryFinding/v1": print_},
            }
        )
    driver = {
        "name": "flake8-celery",
        "version": __version__,
        "rules": [_sarif_rule(table()[code]) for code in named],
    }
    one = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [one]}, indent=2)


def _sarif_rule(about: About) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": about.code,
        "name": about.symbol,
        "shortDescription": {"text": about.summary},
        "help": {"text": f"flake8-celery explain {about.code}"},
        "defaultConfiguration": {"level": about.level},
    }
    if rule_url(about.code):
        rule["helpUri"] = rule_url(about.code)
    return rule


def _artifact(path: str) -> dict[str, str]:
    from urllib.parse import quote

    if os.path.isabs(path):
        return {"uri": "file://" + quote(_slashed(path))}
    return {"uri": quote(_slashed(path)), "uriBaseId": "%SRCROOT%"}


def junit(reports: Sequence[Report]) -> str:
    """JUnit's XML: a failed test case a finding; one that passes where there is none."""
    cases = []
    for path, finding, _ in reports:
        about = table()[finding.code]
        name = quoteattr(f"{finding.code} {about.symbol} {path}:{finding.line}")
        told = f"{path}:{finding.line}:{finding.column + 1}: {finding.code} {finding.message}"
        cases.append(
            f"    <testcase classname={quoteattr(_slashed(path))} name={name} "
            f'file={quoteattr(_slashed(path))} line="{finding.line}" time="0">\n'
            f"      <failure type={quoteattr(finding.code)} "
            f"message={quoteattr(_printable(finding.message))}>{escape(_printable(told))}"
            "</failure>\n    </testcase>"
        )
    failures = len(cases)
    if not cases:
        cases = ['    <testcase classname="flake8-celery" name="no findings" time="0"/>']
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" time="0"'
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<testsuites name="flake8-celery" {counts}>\n'
        f'  <testsuite name="flake8-celery" {counts}>\n'
        + "\n".join(cases)
        + "\n  </testsuite>\n</testsuites>"
    )


def _printable(value: str) -> str:
    """XML has no way to write most control characters."""
    return "".join(sign if sign >= " " or sign in "\t\n" else "?" for sign in value)


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")


def _fingerprints(reports: Sequence[Report]) -> list[str]:
    """By content and not by line number; the second of two that are the same gets its number."""
    seen: dict[str, int] = {}
    found = []
    for path, finding, line in reports:
        key = "\0".join((_slashed(path), finding.code, " ".join(line.split())))
        seen[key] = seen.get(key, 0) + 1
        found.append(hashlib.sha256(f"{key}\0{seen[key]}".encode("utf-8", "replace")).hexdigest())
    return found


FORMATS: Final[Mapping[str, Callable[[Sequence[Report]], str]]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "gitlab": gitlab,
    "sarif": sarif,
    "junit": junit,
}
