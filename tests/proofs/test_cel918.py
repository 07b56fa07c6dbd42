from __future__ import annotations

import importlib

import pytest

from flake8_celery.tables.removed import REMOVED
from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    with pytest.raises(ImportError):
        proof.bad("from celery.task import task\n")
    with pytest.raises(ImportError):
        proof.bad("from celery.decorators import periodic_task\n")


@pytest.mark.parametrize("name", sorted(REMOVED))
def test_every_removed_name_is_gone(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    try:
        found = importlib.import_module(name)
    except ImportError:
        found = None
    assert found is None
    try:
        holder = importlib.import_module(module)
    except ImportError:
        return
    assert not hasattr(holder, attribute)


def test_good(proof: Proof) -> None:
    proof.good("from celery import shared_task\nfrom celery.schedules import crontab\n")
