from __future__ import annotations

import gc

import pytest

from tests.proofs.harness import Proof


def test_without_kwargs(proof: Proof) -> None:
    with pytest.raises(ValueError, match="keyword arguments"):
        proof.bad(
            """
            from celery.signals import task_success

            @task_success.connect
            def done(sender):
                ...
            """
        )


def test_lambda_is_forgotten(proof: Proof) -> None:
    source = """
        from celery.signals import worker_ready

        seen = []
        worker_ready.connect(lambda **kwargs: seen.append(1){weak})

        def send():
            worker_ready.send(sender=None)
        """
    bad = proof.bad(source.format(weak=""))
    good = proof.good(source.format(weak=", weak=False"))
    gc.collect()
    bad.send()
    assert bad.seen == []
    assert good.seen == [1]


def test_sender(proof: Proof) -> None:
    source = """
        from celery import shared_task
        from celery.signals import task_success

        seen = []

        @shared_task(name="shop.sync")
        def sync(): ...

        @task_success.connect(sender={sender})
        def synced(sender, **kwargs):
            seen.append(1)
        """
    bad = proof.bad(source.format(sender='"shop.sync"'))
    with proof.worker():
        proof.finish(bad.sync.delay())
    assert bad.seen == []


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task
        from celery.signals import task_success

        seen = []

        @shared_task
        def sync(): ...

        @task_success.connect(sender=sync)
        def synced(sender, **kwargs):
            seen.append(1)
        """
    )
    with proof.worker():
        proof.finish(module.sync.delay())
    assert module.seen == [1]


def test_coroutine(proof: Proof) -> None:
    source = """
        import asyncio
        from celery import Celery
        from celery.signals import before_task_publish

        app = Celery("shop", broker="memory://")
        seen = []

        class Store:
            async def count(self, **kwargs):
                seen.append("count")

        store = Store()

        {handler}

        # of other proofs a beat may still be sending in this process
        @app.task(name="shop.counted")
        def f(): ...

        def send():
            f.delay()
            return seen
        """
    plain = """
        @before_task_publish.connect(sender="shop.counted")
        {how}def handle(**kwargs):
            {body}
        """
    bad = plain.replace("{how}", "async ").replace("{body}", "seen.append('handle')")
    with pytest.warns(RuntimeWarning, match="never awaited"):
        assert proof.bad(source.replace("{handler}", bad)).send() == []
    method = "before_task_publish.connect(store.count, sender='shop.counted')"
    with pytest.warns(RuntimeWarning, match="never awaited"):
        assert proof.bad(source.replace("{handler}", method)).send() == []
    good = plain.replace("{how}", "").replace("{body}", "asyncio.run(store.count())")
    assert proof.good(source.replace("{handler}", good)).send() == ["count"]
