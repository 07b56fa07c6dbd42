from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from kombu.exceptions import SerializerNotInstalled

from tests.proofs.harness import Proof, wait_for, worker_process

SOURCE = """
    from celery import Celery

    app = Celery("shop", broker="memory://")
    app.conf.{setting}
    """


def test_text_is_true(proof: Proof) -> None:
    source = (
        SOURCE
        + """
    @app.task
    def f(): ...
    """
    )
    assert proof.bad(source.format(setting="task_acks_late = 'False'")).f.acks_late
    assert not proof.good(source.format(setting="task_acks_late = False")).f.acks_late


def test_content_letter_by_letter(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(setting="accept_content = 'json'"))
    with module.app.connection() as connection, pytest.raises(SerializerNotInstalled):
        module.app.amqp.TaskConsumer(connection.channel(), accept=module.app.conf.accept_content)


def test_number(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(setting="result_expires = 'never'"))
    with pytest.raises(ValueError, match="never"):
        # as the Redis backend does when it is made
        module.app.backend.prepare_expires(None, int)


def test_zone(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(setting="timezone = 'Europe/Berln'"))
    with pytest.raises(Exception, match="Berln"):
        module.app.now()
    good = proof.good(SOURCE.format(setting="timezone = 'Europe/Berlin'"))
    assert isinstance(good.app.now(), datetime.datetime)


def test_serializer(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(setting="task_serializer = 'jsn'"))
    with pytest.raises(SerializerNotInstalled):
        module.app.send_task("x")
    proof.good(SOURCE.format(setting="task_serializer = 'json'")).app.send_task("x")


def test_packages(proof: Proof) -> None:
    source = SOURCE.format(setting="task_acks_late = True") + "app.autodiscover_tasks({given})"
    module = proof.load(source.replace("{given}", "'shop'"))
    assert proof.findings(source.replace("{given}", "'shop'"))
    with pytest.raises(ModuleNotFoundError, match="'s'"):
        module.app.loader.import_default_modules()
    assert not proof.findings(source.replace("{given}", "['shop']"))


@pytest.mark.parametrize(("limit", "dies"), [("10/min", True), ("10/m", False)])
def test_rate_limit(proof: Proof, tmp_path: Path, limit: str, dies: bool) -> None:
    source = f"""
        @app.task(rate_limit="{limit}")
        def f(): ...
        """
    judged = "from celery import Celery\napp = Celery()\n" + source.replace("\n        ", "\n")
    assert bool(proof.findings(judged)) == dies
    log = tmp_path / "worker.log"
    with worker_process(tmp_path, source, "-l", "info") as process:
        assert wait_for(lambda: process.poll() is not None or "ready." in log.read_text())
        assert (process.poll() not in (None, 0)) == dies
