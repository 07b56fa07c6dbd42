from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from flake8_celery.linter import lint
from tests.proofs.harness import Proof

SOURCE = """
    from functools import partial
    from celery import shared_task
    from django.db import connection, transaction

    class Order:
        class objects:
            create = staticmethod(lambda: connection.cursor().execute("select 1"))

    @shared_task
    def confirm(pk): ...

    def order(meanwhile):
        with transaction.atomic():
            Order.objects.create()
            {send}
            meanwhile(connection.in_atomic_block)
    """


@pytest.mark.parametrize("send", ["confirm.delay(1)", "confirm.apply_async((1,))"])
def test_sent_before_the_commit(proof: Proof, database: None, send: str) -> None:
    sent: list[tuple[bool, int]] = []
    module = proof.bad(SOURCE.format(send=send))
    module.order(lambda inside: sent.append((inside, len(proof.published()))))
    assert sent == [(True, 1)], "there for every worker while the transaction is open"


def test_a_rollback_does_not_take_it_back(proof: Proof, database: None) -> None:
    def fail(inside: bool) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        proof.bad(SOURCE.format(send="confirm.delay(1)")).order(fail)
    assert len(proof.published()) == 1


@pytest.mark.parametrize(
    "send", ["confirm.delay_on_commit(1)", "transaction.on_commit(partial(confirm.delay, 1))"]
)
def test_good(proof: Proof, database: None, send: str) -> None:
    known = pytest.importorskip("celery.contrib.django.task", reason="came with Celery 5.4")
    proof.app.task_cls = known.DjangoTask
    sent: list[int] = []
    proof.good(SOURCE.format(send=send)).order(lambda _: sent.append(len(proof.published())))
    assert (sent, len(proof.published())) == ([0], 1)


def test_what_a_task_calls_is_inside_too(proof: Proof, database: None) -> None:
    module = proof.bad(
        """
        from celery import shared_task
        from django.db import connection, transaction

        class Order:
            class objects:
                create = staticmethod(lambda: connection.cursor().execute("select 1"))

        @shared_task
        def confirm(pk): ...

        def place():
            Order.objects.create()
            confirm.delay(1)

        @shared_task
        def take(meanwhile):
            with transaction.atomic():
                place()
                meanwhile(connection.in_atomic_block)
        """
    )
    sent: list[tuple[bool, int]] = []
    module.take(lambda inside: sent.append((inside, len(proof.published()))))
    assert sent == [(True, 1)]


def test_a_request_is_a_transaction_under_atomic_requests(
    proof: Proof, database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The linter reads the setting from the project; Django runs the view inside `atomic`."""
    from django.core.handlers.base import BaseHandler
    from django.db import connection

    view = textwrap.dedent(
        """
        from celery import shared_task
        from django.db import connection

        class Order:
            class objects:
                create = staticmethod(lambda: connection.cursor().execute("select 1"))

        @shared_task
        def confirm(pk): ...

        def order(request):
            Order.objects.create()
            confirm.delay(1)
            request(connection.in_atomic_block)
        """
    )
    files = {
        "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')",
        "settings.py": "DATABASES = {'default': {'ATOMIC_REQUESTS': True}}",
        "setup.cfg": "",
        "views.py": view,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = lint(view, str(tmp_path / "views.py"))
    assert [f.code for f in found if f.code == "CEL201"] == ["CEL201"]
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    sent: list[tuple[bool, int]] = []
    answer = BaseHandler().make_view_atomic(proof.load(view).order)
    answer(lambda inside: sent.append((inside, len(proof.published()))))
    assert sent == [(True, 1)]


MANAGED = """
    from contextlib import contextmanager
    from django.db import connection, transaction
    from celery import shared_task

    @shared_task
    def confirm(pk): ...

    @contextmanager
    def locked(pk):
        with transaction.atomic():
            yield pk

    @contextmanager
    def named(pk):
        yield pk

    class Order:
        def save(self): ...

    def order(meanwhile):
        with {manager}(1):
            Order().save()
            confirm.delay(1)
            meanwhile(connection.in_atomic_block)
    """


def test_a_context_manager_of_the_project(proof: Proof, database: None) -> None:
    inside: list[bool] = []
    proof.bad(MANAGED.format(manager="locked")).order(inside.append)
    proof.good(MANAGED.format(manager="named")).order(inside.append)
    assert inside == [True, False]


DECORATED = """
    from django.db import connection, transaction
    from celery import shared_task

    inside = []

    @shared_task
    def confirm(pk): ...

    class Order:
        def save(self): ...

    {first}
    {second}
    def order():
        inside.append(connection.in_atomic_block)
        Order().save()
        confirm.delay(1)
    """


@pytest.mark.parametrize("above", [True, False])
def test_above_the_task_decorator_nothing_is_opened(
    proof: Proof, database: None, above: bool
) -> None:
    decorators = ["@transaction.atomic", "@shared_task(name='proof.order')"]
    first, second = decorators if above else decorators[::-1]
    source = DECORATED.format(first=first, second=second)
    module = proof.good(source) if above else proof.bad(source)
    proof.app.tasks["proof.order"].apply()
    assert module.inside == [not above]
