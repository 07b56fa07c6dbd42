from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from celery import VERSION
from celery.exceptions import ImproperlyConfigured
from celery.worker import WorkController
from kombu.exceptions import SerializerNotInstalled

from tests.proofs.harness import Proof, project_module, wait_for, worker_process

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


@pytest.mark.parametrize(("limit", "dies"), [("10/min", True), ("10/m", False)])
def test_annotated_rate_limit(proof: Proof, tmp_path: Path, limit: str, dies: bool) -> None:
    source = f"""
        app.conf.task_annotations = {{"*": {{"rate_limit": "{limit}"}}}}

        @app.task
        def f(): ...
        """
    judged = "from celery import Celery\napp = Celery()\n" + source.replace("\n        ", "\n")
    assert bool(proof.findings(judged)) == dies
    log = tmp_path / "worker.log"
    with worker_process(tmp_path, source, "-l", "info") as process:
        assert wait_for(lambda: process.poll() is not None or "ready." in log.read_text())
        assert (process.poll() not in (None, 0)) == dies


def test_comma(proof: Proof) -> None:
    source = (
        SOURCE
        + """
    @app.task
    def f(): ...
    """
    )
    assert proof.bad(source.format(setting="task_acks_late = False,")).f.acks_late
    assert not proof.good(source.format(setting="task_acks_late = False")).f.acks_late
    module = proof.bad(SOURCE.format(setting="timezone = 'Europe/London',"))
    with pytest.raises(TypeError):
        module.app.now()


@pytest.mark.parametrize(
    ("setting", "dies"),
    [
        ("worker_prefetch_multiplier = (1,)", True),
        ("worker_max_tasks_per_child = '5'", True),
        ("worker_max_tasks_per_child = 5", False),
        ("worker_concurrency = '1'", False),
    ],
)
def test_number_at_start(proof: Proof, tmp_path: Path, setting: str, dies: bool) -> None:
    assert bool(proof.findings(SOURCE.format(setting=setting))) == dies
    log = tmp_path / "worker.log"
    with worker_process(tmp_path, f"app.conf.{setting}", "-l", "info") as process:
        assert wait_for(lambda: process.poll() is not None or "ready." in log.read_text())
        assert (process.poll() not in (None, 0)) == dies


def test_number_of_processes(proof: Proof) -> None:
    bad = proof.bad(SOURCE.format(setting="worker_concurrency = 'many'"))
    for good in ("'4'", "' AUTO '"):
        proof.good(SOURCE.format(setting=f"worker_concurrency = {good}"))
    if VERSION >= (5, 7):
        plain = proof.good(SOURCE.format(setting="worker_concurrency = None"))
        numbers = [WorkController(app=m.app, pool_cls="solo").concurrency for m in (bad, plain)]
        assert numbers[0] == numbers[1] > 0


@pytest.mark.parametrize(("limit", "replaced"), [("200", True), ("200_000", False)])
def test_memory(proof: Proof, tmp_path: Path, limit: str, replaced: bool) -> None:
    setting = f"worker_max_memory_per_child = {limit}"
    assert bool(proof.findings(SOURCE.format(setting=setting))) == replaced
    source = f"""
        import os

        app.conf.{setting}

        @app.task
        def f():
            return os.getpid()
        """
    log = tmp_path / "worker.log"
    with worker_process(tmp_path, source, "-l", "info"):
        assert wait_for(lambda: "ready." in log.read_text())
        tasks = project_module(tmp_path)
        children = {tasks.f.delay().get(timeout=20) for _ in range(3)}
    assert (len(children) == 3) == replaced
    assert (len(children) == 1) == (not replaced)


def test_certificate_of_the_backend(proof: Proof) -> None:
    setting = "result_backend = 'rediss://localhost:1/0{more}'"
    module = proof.bad(SOURCE.format(setting=setting.format(more="")))
    with pytest.raises(ValueError, match="ssl_cert_reqs"):
        module.app.backend.get_state("x")
    more = "?ssl_cert_reqs=CERT_REQUIRED"
    assert proof.good(SOURCE.format(setting=setting.format(more=more))).app.backend


def test_text_where_a_number_is_counted_on(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    head = """
    import os
    """
    task = """
    @app.task(soft_time_limit=10)
    def f(): ...
    """
    raw = "task_time_limit = {given}"
    monkeypatch.setenv("HARD_LIMIT", "300")
    for given in ("'300'", "os.environ.get('HARD_LIMIT', 300)"):
        module = proof.bad(head + SOURCE.format(setting=raw.format(given=given)) + task)
        if VERSION >= (5, 7):
            with pytest.raises(TypeError):
                module.f.delay()
    given = "int(os.environ.get('HARD_LIMIT', 300))"
    module = proof.good(head + SOURCE.format(setting=raw.format(given=given)) + task)
    module.f.delay()


def test_pool_limit(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(setting="broker_pool_limit = '10'"))
    with pytest.raises(TypeError):
        module.app.send_task("x")


def test_false_by_default(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EAGER", raising=False)
    head = """
    import os
    """
    given = "task_always_eager = os.environ.get('EAGER', 'False')"
    assert proof.bad(head + SOURCE.format(setting=given)).app.conf.task_always_eager
    proof.good(head + SOURCE.format(setting=f"{given} == 'True'"))
    proof.good(head + SOURCE.format(setting="task_always_eager = os.environ.get('EAGER', '')"))


def test_by_default_of_the_environment(proof: Proof) -> None:
    source = """
        import environ
        from celery import Celery

        env = environ.Env()
        app = Celery("shop")
        app.conf.worker_max_memory_per_child = env.int("MEMORY", default={given})
        """
    assert proof.findings(source.replace("{given}", "20 * 1024"))
    assert not proof.findings(source.replace("{given}", "250_000"))


def test_backend_that_is_gone(proof: Proof) -> None:
    source = """
        from celery import Celery

        app = Celery("shop", broker="memory://", backend="{given}")
        """
    for given in ("amqp", "amqp://guest@localhost//"):
        module = proof.bad(source.replace("{given}", given))
        with pytest.raises(ImproperlyConfigured):
            module.app.backend.get_state("x")
    assert proof.good(source.replace("{given}", "rpc://")).app.backend
