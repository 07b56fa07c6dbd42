from __future__ import annotations

import importlib

import pytest

from flake8_celery.tables.deprecated import DEPRECATED, DEPRECATED_OPTIONS, DEPRECATED_SETTINGS
from flake8_celery.tables.settings import SETTINGS
from flake8_celery.tables.task import TASK_OPTIONS
from tests.proofs.harness import Proof


def is_there(name: str) -> bool:
    """Whether a dotted name can be imported, as a module or from one."""
    module, _, attribute = name.rpartition(".")
    try:
        importlib.import_module(name)
    except ImportError:
        return module != "" and hasattr(importlib.import_module(module), attribute)
    return True


@pytest.mark.parametrize("name", sorted(DEPRECATED))
def test_every_deprecated_name_is_still_there(name: str) -> None:
    assert is_there(name)
    if DEPRECATED[name].startswith("celery."):
        assert is_there(DEPRECATED[name])


def test_options_and_settings_are_known() -> None:
    for options in (DEPRECATED_OPTIONS,):
        for name, instead in options.items():
            assert {name, *instead.split(" and ")} <= TASK_OPTIONS
    for name, instead in DEPRECATED_SETTINGS.items():
        assert {name, *instead.split(" and ")} <= set(SETTINGS)


def test_bad(proof: Proof) -> None:
    proof.bad("from celery.execute import send_task\n")


def test_good(proof: Proof) -> None:
    proof.good("from celery import signature\n")
