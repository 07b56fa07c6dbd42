from __future__ import annotations

import pytest

from tests.proofs.harness import Proof


def test_on_the_application(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import Celery

        app = Celery("shop")
        app.conf.CELERY_TASK_ACKS_LATE = True
        """
    )
    assert not module.app.conf.task_acks_late


CLASS = """
    from celery import Celery

    class Config:
        {name} = True

    app = Celery("shop")
    app.config_from_object(Config, {more})
    """


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("CELERY_TASK_ACKS_LATE", ""),
        ("TASK_ACKS_LATE", ""),
        ("TASK_ACKS_LATE", "namespace='CELERY'"),
    ],
)
def test_never_read(proof: Proof, name: str, more: str) -> None:
    module = proof.bad(CLASS.format(name=name, more=more))
    assert not module.app.conf.task_acks_late


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("task_acks_late", ""),
        ("CELERY_TASK_ACKS_LATE", "namespace='CELERY'"),
        ("CELERY_TASK_ACKS_LATE", "namespace='CELERY_'"),
        ("task_acks_late", "namespace='CELERY'"),
    ],
)
def test_good(proof: Proof, name: str, more: str) -> None:
    module = proof.good(CLASS.format(name=name, more=more))
    assert module.app.conf.task_acks_late is True


def test_lower_case_namespace(proof: Proof) -> None:
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    settings.CELERY_TASK_ACKS_LATE = True
    source = """
        from celery import Celery

        app = Celery("shop")
        app.config_from_object("django.conf:settings", namespace="{name}")
        """
    try:
        assert not proof.bad(source.format(name="celery")).app.conf.task_acks_late
        assert proof.good(source.format(name="CELERY")).app.conf.task_acks_late
    finally:
        del settings.CELERY_TASK_ACKS_LATE
