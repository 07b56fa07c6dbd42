from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery, Task

    ran = []

    class ContextTask(Task):
        def __call__(self, *args, **kwargs):
            ran.append(self.name)
            return self.run(*args, **kwargs)

    class Once(Task):
        abstract = True

    app = Celery("shop", broker="memory://", backend="cache+memory://", set_as_current=False)
    app.Task = ContextTask

    class Both(Once, app.Task):
        abstract = True

    @app.task(name="reindex"{base})
    def reindex(category):
        return category
    """


@pytest.mark.parametrize("base", ["Once", "Task"])
def test_dropped(proof: Proof, base: str) -> None:
    module = proof.bad(SOURCE.format(base=f", base={base}"))
    assert module.reindex.apply((1,)).get() == 1
    assert module.ran == []


@pytest.mark.parametrize("base", ["", ", base=Both", ", base=app.Task", ", base=ContextTask"])
def test_kept(proof: Proof, base: str) -> None:
    module = proof.good(SOURCE.format(base=base))
    assert module.reindex.apply((1,)).get() == 1
    assert module.ran == ["reindex"]


def test_factory_and_library(proof: Proof) -> None:
    source = """
        from celery import Celery
        from celery_once import QueueOnce
        from .local import Unknown

        def make_celery(flask_app):
            celery = Celery("shop")

            class ContextTask(celery.Task):
                def __call__(self, *args, **kwargs):
                    with flask_app.app_context():
                        return self.run(*args, **kwargs)

            celery.Task = ContextTask
            return celery

        celery = make_celery(object())

        class Once(QueueOnce, celery.Task): ...

        @celery.task(base={base})
        def reindex(category): ...
        """
    assert proof.findings(source.replace("{base}", "QueueOnce"))
    for base in ("Once", "Unknown", "celery.Task"):
        assert not proof.findings(source.replace("{base}", base)), base
