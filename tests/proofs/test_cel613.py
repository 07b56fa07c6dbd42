from __future__ import annotations

import asyncio

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    import asyncio

    from celery import Celery, chain

    app = Celery("shop", broker="memory://", backend="cache+memory://")

    @app.task
    def price(item): ...

    async def quote(item):
        {body}
    """


@pytest.mark.parametrize(
    "body",
    [
        "return await price.delay(item)",
        "return await price.apply_async((item,))",
        "return await app.send_task('price', (item,))",
        "return await chain(price.s(item), price.s())()",
        "return await price.s(item).apply_async()",
        "result = price.delay(item); return await result",
        "return await asyncio.gather(price.delay(item), price.delay(item))",
        "return await asyncio.gather(*(price.delay(item) for _ in range(2)))",
        "return await asyncio.wait_for(price.delay(item), 5)",
    ],
)
def test_await(proof: Proof, body: str) -> None:
    module = proof.bad(SOURCE.format(body=body), count=2 if body.count("delay") > 1 else 1)
    with pytest.raises(TypeError):
        asyncio.run(module.quote(1))
    with module.app.connection_for_read() as connection:
        assert connection.SimpleQueue("celery").get(block=False), "the message was sent"


def test_good(proof: Proof) -> None:
    assert asyncio.run(proof.good(SOURCE.format(body="return price.delay(item)")).quote(1)).id
    body = "return await asyncio.to_thread(price.delay, item)"
    assert asyncio.run(proof.good(SOURCE.format(body=body)).quote(1)).id


def test_own_class(proof: Proof) -> None:
    source = SOURCE.replace("@app.task", "@app.task(base=Asynchronous)").replace(
        "    @app",
        """
    class Asynchronous(app.Task):
        async def delay(self, *args):
            return self.apply_async(args)

    @app""",
    )
    module = proof.good(source.format(body="return await price.delay(item)"))
    assert asyncio.run(module.quote(1)).id
