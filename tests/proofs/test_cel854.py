from __future__ import annotations

from pathlib import Path

import celery
import pytest

from flake8_celery.tables.setting_values import REMOVED_SETTINGS
from flake8_celery.tables.settings import OLD_NAMES
from tests.proofs.harness import Proof

SOURCES = [path.read_text(encoding="utf-8") for path in Path(celery.__file__).parent.rglob("*.py")]


@pytest.mark.parametrize("name", REMOVED_SETTINGS)
def test_nothing_reads_it(proof: Proof, name: str) -> None:
    assert name not in OLD_NAMES
    assert not any(name in source for source in SOURCES)
    source = "from celery import Celery\napp = Celery('shop')\napp.conf.update({name}=1)\n"
    proof.bad(source.replace("{name}", name))


def test_good(proof: Proof) -> None:
    source = "from celery import Celery\napp = Celery('shop')\napp.conf.update({name}=False)\n"
    proof.good(source.replace("{name}", "CELERY_SEND_TASK_ERROR_EMAILS"))
