from __future__ import annotations

import pytest
from django.db import transaction

from tests.proofs.harness import Proof

SOURCE = """
    from functools import partial
    from celery import shared_task
    from django.db import transaction

    @shared_task
    def notify(pk): ...

    def save():
        with transaction.atomic():
            transaction.on_commit({callback})
    """


def test_bad(proof: Proof, database: None) -> None:
    module = proof.bad(SOURCE.format(callback="notify.delay(1)"))
    with pytest.raises(TypeError, match="callback must be a callable"):
        module.save()
    # the transaction was rolled back, the message is out
    assert len(proof.published()) == 1


@pytest.mark.parametrize("callback", ["partial(notify.delay, 1)", "lambda: notify.delay(1)"])
def test_good(proof: Proof, database: None, callback: str) -> None:
    module = proof.good(SOURCE.format(callback=callback))
    with transaction.atomic():
        module.save()
        assert proof.published() == []
    assert len(proof.published()) == 1
