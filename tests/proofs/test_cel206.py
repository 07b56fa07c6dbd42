from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

DjangoTask = pytest.importorskip(
    "celery.contrib.django.task", reason="came with Celery 5.4"
).DjangoTask

SOURCE = """
    from celery import {imported}, shared_task
    from celery.contrib.django.task import DjangoTask

    class TenantTask({base}):
        abstract = True

    @shared_task(base=TenantTask)
    def recount(shelf): ...

    def later():
        recount{call}
    """
CALLS = [".delay_on_commit(1)", ".apply_async_on_commit((1,))"]


@pytest.mark.parametrize("call", CALLS)
def test_bad(proof: Proof, database: None, call: str) -> None:
    proof.app.task_cls = DjangoTask
    module = proof.bad(SOURCE.format(imported="Task", base="Task", call=call))
    with pytest.raises(AttributeError, match="on_commit"):
        module.later()
    assert proof.published() == []


@pytest.mark.parametrize("call", [".s(1).delay_on_commit()", ".si(1).apply_async_on_commit()"])
def test_signature(proof: Proof, database: None, call: str) -> None:
    proof.app.task_cls = DjangoTask
    module = proof.bad(SOURCE.format(imported="Task", base="DjangoTask", call=call))
    with pytest.raises(AttributeError, match="on_commit"):
        module.later()


@pytest.mark.parametrize("call", CALLS)
def test_good(proof: Proof, database: None, call: str) -> None:
    proof.app.task_cls = DjangoTask
    module = proof.good(SOURCE.format(imported="Task", base="DjangoTask", call=call))
    module.later()
    assert len(proof.published()) == 1


def test_the_application_says(proof: Proof) -> None:
    source = """
    from celery import Celery, Task
    from shop.base import Other

    class Tenant(Task): ...
    class Own(Task):
        def delay_on_commit(self, *args): ...
    class Library(Other): ...

    app = Celery("shop"{given})

    @app.task({options})
    def recount(shelf): ...

    recount.delay_on_commit(1)
    """
    told = {
        ("", ""): 0,
        (", task_cls=Tenant", ""): 1,
        (", task_cls=Task", ""): 1,
        (", task_cls=Own", ""): 0,
        (", task_cls=Library", ""): 0,
        ("", "base=Tenant"): 1,
        (", task_cls=Own", "base=Tenant"): 1,
        (", task_cls=Tenant", "base=Own"): 0,
        ("", "base=app.Task"): 0,
    }
    for (given, options), count in told.items():
        found = proof.findings(source.format(given=given, options=options))
        assert len(found) == count, (given, options)
