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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first: no process is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("once") is None)


def pytest_configure(config: pytest.Config) -> None:
    """Several processes share the tests until the last one; nothing, without pytest-xdist."""
    if getattr(config.option, "dist", "") == "load":
        config.option.dist = "worksteal"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """More processes than cores, for `-n auto`: many tests wait for another process."""
    return int(os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS") or 2 * (os.cpu_count() or 1))
