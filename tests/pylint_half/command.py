"""Runs of the real pylint command, for the tests of the pylint half."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ONLY = ("--disable=all", "--enable=celery")

SECONDS = 140
"""That one run may take, on a machine that does much else; less than a test may (pyproject)."""


def run(
    folder: Path, *arguments: str, stdin: str | None = None, plugin: str = "pylint_celery.plugin"
) -> subprocess.CompletedProcess[str]:
    """A run in `folder` with the plugin loaded (an empty name: without it)."""
    command = [sys.executable, "-m", "pylint", *([f"--load-plugins={plugin}"] if plugin else [])]
    try:
        done = subprocess.run(
            [*command, *arguments],
            cwd=folder,
            input=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, "PYLINTHOME": str(folder / ".cache"), "PYTHONHASHSEED": "0"},
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        # before pytest's own limit, which ends the whole test process without a word of why
        told = (error.stdout or b"")[-500:]
        raise AssertionError(
            f"pylint took more than {SECONDS} s of {arguments}: {told!r}"
        ) from None
    assert "Traceback" not in done.stderr, done.stderr
    return done


def pylint(
    folder: Path, *arguments: str, stdin: str | None = None, plugin: str = "pylint_celery.plugin"
) -> list[dict[str, Any]]:
    """The messages of a run, sorted by place."""
    done = run(folder, "-f", "json2", *arguments, stdin=stdin, plugin=plugin)
    messages: list[dict[str, Any]] = json.loads(done.stdout)["messages"]
    return sorted(messages, key=lambda m: (m["path"], m["line"], m["column"], m["symbol"]))


def symbols(messages: list[dict[str, Any]]) -> list[str]:
    """What each message is called."""
    return [message["symbol"] for message in messages]
