from __future__ import annotations

import threading
from pathlib import Path

from celery import _state

from flake8_celery.linter import lint
from flake8_celery.options import Options
from tests.proofs.harness import Proof

FACTORY = """
    from celery import Celery, shared_task

    def make_celery():
        celery = Celery("shop", broker="memory://")
        {more}
        return celery

    celery = make_celery()

    @shared_task
    def recount(shelf): ...

    def view(shelf):
        return recount.delay(shelf)

    def broker():
        return recount.app.connection_for_write().transport_cls
    """


def _in_another_thread(call: object) -> object:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(call()))  # type: ignore[operator]
    thread.start()
    thread.join()
    return found[0]


def test_other_threads(proof: Proof) -> None:
    _state.default_app = None  # the harness has made one
    module = proof.bad(FACTORY.format(more=""))
    assert module.broker() == "memory"
    assert _in_another_thread(module.broker) == "amqp"


def test_default(proof: Proof) -> None:
    module = proof.good(FACTORY.format(more="celery.set_default()"))
    assert _in_another_thread(module.broker) == "memory"


def test_for_a_moment(proof: Proof) -> None:
    source = """
        from celery import Celery, shared_task

        @shared_task
        def recount(shelf): ...

        def send(shelf):
            return recount.delay(shelf)

        def purge():
            app = Celery("other", broker="memory://other"{more})
            return app.control.purge()

        def which():
            purge()
            return recount.app.main
        """
    assert proof.good(source.replace("{more}", ", set_as_current=False")).which() != "other"
    assert proof.bad(source.replace("{more}", "")).which() == "other"


def test_django(tmp_path: Path) -> None:
    (tmp_path / "manage.py").write_text("os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')\n")
    text = FACTORY.format(more="").replace("\n    ", "\n")
    path = tmp_path / "celery.py"
    path.write_text(text)
    assert "CEL812" not in {f.code for f in lint(text, str(path), Options({}))}
