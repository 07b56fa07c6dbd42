"""A baseline: what was found once and does not block new code.

A finding is known by its file, its code and the text of its line, not by the line's number: code
above it may grow and shrink. A line that is edited is new code.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from flake8_celery.check.run import Report
from flake8_celery.core.project.reading import MAX_BYTES, read_file

VERSION: Final = 1


class BaselineError(Exception):
    """The baseline can't be read; one line for the user."""


class Known(NamedTuple):
    """What makes two findings the same."""

    path: str
    """From the folder of the baseline, with slashes."""
    code: str
    line: str
    """The text of the line, its spaces made one each."""


def key_of(report: Report, folder: str) -> Known:
    """What a report is known by, in a baseline that stands in `folder`."""
    try:
        path = os.path.relpath(report.path, folder)
    except ValueError:  # another drive
        path = os.path.abspath(report.path)
    line = " ".join(report.source.split())
    return Known(path.replace(os.sep, "/"), report.finding.code, line)


def dumps(reports: Iterable[Report], folder: str) -> str:
    """The text of a baseline that knows these reports: one finding a line, sorted."""
    counted = Counter(key_of(report, folder) for report in reports)
    rows = [
        json.dumps({**key._asdict(), **({"count": number} if number > 1 else {})})
        for key, number in sorted(counted.items())
    ]
    body = ",\n    ".join(rows)
    inner = f"\n    {body}\n  " if rows else ""
    return f'{{\n  "version": {VERSION},\n  "findings": [{inner}]\n}}\n'


def read(path: str) -> Counter[Known]:
    """The findings that a baseline knows; BaselineError where it can't be read."""
    try:
        data = json.loads(read_file(path, MAX_BYTES))
        if data["version"] != VERSION:
            raise BaselineError(f"{path}: version {data['version']!r} is not understood")
        found: Counter[Known] = Counter()
        for row in data["findings"]:
            found[Known(str(row["path"]), str(row["code"]), str(row["line"]))] += int(
                row.get("count", 1)
            )
    except OSError as error:
        raise BaselineError(f"{path} can't be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BaselineError(f"{path} is no baseline: write it anew, --write-baseline") from None
    return found


def new(reports: Sequence[Report], known: Counter[Known], folder: str) -> tuple[list[Report], int]:
    """The reports that a baseline does not know, and how many of its entries are found no more."""
    left = Counter(known)
    found = []
    for report in reports:
        key = key_of(report, folder)
        if left[key] > 0:
            left[key] -= 1
        else:
            found.append(report)
    return found, sum(left.values())
