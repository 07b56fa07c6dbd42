"""`flake8-celery check` on a terminal: colours, the line with carets, the bar of a long run."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from flake8_celery.cli import main
from flake8_celery.commands import check
from flake8_celery.core.project.files import clear
from tests.commands.test_check import BAD


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clear()
    clear()
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "tasks.py").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)


def told(monkeypatch: pytest.MonkeyPatch, err: io.StringIO) -> tuple[str, str]:
    """What the command writes on a terminal, and into `err`."""
    out = Terminal()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", out)
        patched.setattr(sys, "stderr", err)
        assert main(["check", "-j1"]) == 1
    return out.getvalue(), err.getvalue()


def test_colours_and_carets(folder: None, monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = told(monkeypatch, Terminal())
    assert "\x1b[" in out
    assert "^^^^^" in out
    assert err == ""
    monkeypatch.setenv("NO_COLOR", "1")
    out, _ = told(monkeypatch, Terminal())
    assert "\x1b[" not in out
    assert "^^^^^" in out


def test_a_bar_where_it_takes_long(folder: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "PATIENCE", 0.0)
    out, err = told(monkeypatch, Terminal())
    assert err == f"\r[{'#' * 30}] 1 of 1 files\r\x1b[K"
    assert "of 1 files" not in out
    assert told(monkeypatch, io.StringIO())[1] == ""
    monkeypatch.setenv("TERM", "dumb")
    assert told(monkeypatch, Terminal())[1] == ""
