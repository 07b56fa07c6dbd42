from __future__ import annotations

from tests.proofs.harness import Proof

SECOND = """
    from celery import Celery, shared_task

    app = Celery("shop", broker="memory://")
    stock = Celery("stock", set_as_current=False)

    @{made}
    def recount(shelf): ...

    def view(shelf):
        return recount.delay(shelf)
    """
FLASK = """
    from celery import Celery

    class Flask:
        import_name = "shop"
        config = {{"CELERY_BROKER_URL": "memory://", "DEBUG": True}}

    app = Flask()
    celery = Celery(app.import_name{broker})
    celery.conf.update(app.config)
    """


def test_second_application(proof: Proof) -> None:
    module = proof.bad(SECOND.format(made="stock.task"))
    assert module.app.connection_for_write().transport_cls == "memory"
    with module.stock.connection_for_write() as connection:
        assert connection.as_uri().startswith("amqp://guest:**@localhost")
    assert module.recount.app is module.stock


def test_project_application(proof: Proof) -> None:
    module = proof.good(SECOND.format(made="app.task"))
    assert module.view(1).id


def test_mapping_in_capitals(proof: Proof) -> None:
    module = proof.bad(FLASK.format(broker=""))
    assert module.celery.conf.broker_url is None
    with module.celery.connection_for_write() as connection:
        assert connection.as_uri().startswith("amqp://guest:**@localhost")


def test_mapping_with_broker(proof: Proof) -> None:
    module = proof.good(FLASK.format(broker=", broker=app.config['CELERY_BROKER_URL']"))
    assert module.celery.connection_for_write().transport_cls == "memory"
    good = FLASK.format(broker="").replace("CELERY_BROKER_URL", "broker_url")
    assert proof.good(good).celery.connection_for_write().transport_cls == "memory"


def test_control_commands(proof: Proof) -> None:
    source = """
        from celery import Celery

        main = Celery("shop", broker="memory://")

        def stop(task_id):
            app = Celery({given})
            app.control.revoke(task_id)
        """
    assert proof.findings(source.replace("{given}", ""))
    assert not proof.findings(source.replace("{given}", "broker='redis://'"))
