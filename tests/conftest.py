"""Shared by all tests: exceptions in rules are raised, not reported; hypothesis profiles."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from flake8_celery.core.engine.run import RAISE_VARIABLE

SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]
settings.register_profile("dev", max_examples=300, deadline=None, suppress_health_check=SLOW)
settings.register_profile("ci", max_examples=2_000, deadline=None, suppress_health_check=SLOW)
settings.register_profile("nightly", max_examples=60_000, deadline=None, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(autouse=True)
def _raise_in_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RAISE_VARIABLE, "1")
