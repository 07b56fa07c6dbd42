from __future__ import annotations

import pytest
from celery.exceptions import ImproperlyConfigured

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery

    class Config:
        broker_url = "memory://"
        task_acks_late = True
        CELERY_TRACK_STARTED = True
        {more}

    app = Celery("shop")
    app.config_from_object(Config, {namespace})
    """


def test_bad(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(more="", namespace=""))
    with pytest.raises(ImproperlyConfigured):
        assert module.app.conf.task_acks_late


def test_new_names_are_the_few(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import Celery

        class Config:
            BROKER_URL = "memory://"
            CELERY_ACKS_LATE = True
            task_track_started = True

        app = Celery("shop")
        app.config_from_object(Config)
        """
    )
    with pytest.raises(ImproperlyConfigured):
        assert module.app.conf.task_acks_late


def test_good(proof: Proof) -> None:
    both = proof.good(SOURCE.format(more="task_track_started = True", namespace=""))
    assert both.app.conf.task_track_started is True
    named = proof.good(SOURCE.format(more="", namespace="namespace='CELERY'"))
    assert named.app.conf.task_acks_late is True
