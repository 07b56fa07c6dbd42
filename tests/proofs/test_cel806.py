from __future__ import annotations

import pytest
from celery.exceptions import ImproperlyConfigured

from tests.proofs.harness import Proof, since

HEAD = """
    from celery import current_app as app
    """


def test_discarded(proof: Proof) -> None:
    source = """
        from celery import Celery

        app = Celery("shop")
        app.conf.task_serializer = "pickle"
        {more}
        """
    assert proof.findings(source.format(more=""))
    more = 'app.conf.accept_content = ["json", "pickle"]'
    assert not proof.findings(source.format(more=more))
    task = proof.app.task(lambda_task, name="shop.f", serializer="pickle")
    with proof.worker():
        assert proof.settle(task.delay()) == "PENDING"
    proof.app.conf.accept_content = ["json", "pickle"]
    with proof.worker():
        assert proof.finish(task.delay())[0] == "SUCCESS"


def lambda_task() -> int:
    return 1


@since("5.7", "nothing looks at the two")
@pytest.mark.parametrize("kind", ["event", "control"])
def test_durable_and_exclusive(proof: Proof, kind: str) -> None:
    source = f"""
        from celery import Celery

        app = Celery("shop", broker="memory://")
        app.conf.{kind}_queue_durable = True
        {{more}}
        """
    module = proof.bad(source.format(more=""))

    def declare(app: object) -> None:
        if kind == "event":
            with app.connection() as connection:  # type: ignore[attr-defined]
                app.events.Receiver(connection)  # type: ignore[attr-defined]
        else:
            app.control.mailbox  # type: ignore[attr-defined]  # noqa: B018

    with pytest.raises(ImproperlyConfigured):
        declare(module.app)
    good = proof.good(source.format(more=f"app.conf.{kind}_queue_exclusive = False"))
    declare(good.app)


def test_durable_and_exclusive_before() -> None:
    source = """
        from celery import Celery

        app = Celery("shop", broker="memory://")
        app.conf.event_queue_durable = True
        """
    assert not Proof("CEL806").findings(source, celery_target_version="5.6")


def test_pattern(proof: Proof) -> None:
    source = """
        from celery import Celery

        app = Celery("shop")
        app.conf.task_annotations = {{"{key}": {{"rate_limit": "10/s"}}}}

        @app.task(name="shop.mail.send")
        def send(): ...
        """
    assert proof.bad(source.format(key="shop.mail.*")).send.rate_limit is None
    assert proof.good(source.format(key="shop.mail.send")).send.rate_limit == "10/s"
    assert proof.good(source.format(key="*")).send.rate_limit == "10/s"
