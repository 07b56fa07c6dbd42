from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

DjangoTask = pytest.importorskip(
    "celery.contrib.django.task", reason="came with Celery 5.4"
).DjangoTask


def test_bad(proof: Proof, database: None) -> None:
    proof.app.task_cls = DjangoTask
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task
        def notify(pk): ...

        def save():
            result = notify.delay_on_commit(1)
            return result.id
        """
    )
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'id'"):
        module.save()


def test_good(proof: Proof, database: None) -> None:
    proof.app.task_cls = DjangoTask
    module = proof.good(
        """
        from celery import shared_task
        from celery.utils import uuid

        @shared_task
        def notify(pk): ...

        def save():
            task_id = uuid()
            notify.apply_async_on_commit((1,), task_id=task_id)
            return task_id
        """
    )
    task_id = module.save()
    [message] = proof.published()
    assert message.headers["id"] == task_id
