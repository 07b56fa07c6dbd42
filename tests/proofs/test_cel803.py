from __future__ import annotations

import warnings

import celery
from celery.exceptions import CDeprecationWarning

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery

    class Config:
        {name} = True

    app = Celery("shop")
    app.config_from_object(Config, namespace={namespace!r})
    """


def test_gone_in_the_next(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(name="CELERY_ACKS_LATE", namespace=None))
    assert module.app.conf.task_acks_late is True
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert module.app.conf.maybe_warn_deprecated_settings()
    said = [str(w.message) for w in caught if issubclass(w.category, CDeprecationWarning)]
    assert any("CELERY_ACKS_LATE" in text and "6.0.0" in text for text in said)


def test_under_a_namespace(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(name="CELERY_ACKS_LATE", namespace="CELERY"))
    read = celery.VERSION >= (5, 7)
    assert bool(module.app.conf.task_acks_late) == read


def test_good(proof: Proof) -> None:
    module = proof.good(SOURCE.format(name="task_acks_late", namespace=None))
    assert module.app.conf.task_acks_late is True
    assert not module.app.conf.maybe_warn_deprecated_settings()
    module = proof.good(SOURCE.format(name="CELERY_TASK_ACKS_LATE", namespace="CELERY"))
    assert module.app.conf.task_acks_late is True
