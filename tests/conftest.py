"""Shared by all tests: exceptions in rules are raised, not reported."""

from __future__ import annotations

import pytest

from flake8_celery.core.engine import RAISE_VARIABLE


@pytest.fixture(autouse=True)
def _raise_in_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RAISE_VARIABLE, "1")
