from __future__ import annotations

from tests.proofs.harness import Proof


def test_bad(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import shared_task

        @shared_task(max_retires=5, acks_lates=True, timeout=30)
        def fetch(): ...
        """,
        count=3,
    )
    task = module.fetch
    assert (task.max_retries, task.acks_late, task.time_limit) == (3, False, None)
    assert task.max_retires == 5
    task.delay()
    [message] = proof.published()
    assert message.headers["timelimit"] == [None, None]


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import shared_task

        @shared_task(max_retries=5, acks_late=True, time_limit=30)
        def fetch(): ...
        """
    )
    task = module.fetch
    assert (task.max_retries, task.acks_late, task.time_limit) == (5, True, 30)


def test_setting_name(proof: Proof) -> None:
    """The confusion found most in real code: the state stays PENDING while the task runs."""
    source = """
        from celery import shared_task

        @shared_task(bind=True, {option}=True)
        def look(self):
            return self.AsyncResult(self.request.id).state
        """
    bad = proof.bad(source.format(option="task_track_started"))
    good = proof.good(source.format(option="track_started"))
    with proof.worker():
        assert proof.finish(bad.look.delay()) == ("SUCCESS", "PENDING")
        assert proof.finish(good.look.delay()) == ("SUCCESS", "STARTED")


def test_annotations(proof: Proof) -> None:
    source = """
        from celery import Celery

        app = Celery("shop", broker="memory://")
        app.conf.task_annotations = {{"fetch": {{"{option}": "10/s"}}}}

        @app.task(name="fetch")
        def fetch(): ...
        """
    assert proof.bad(source.format(option="rate_limt")).fetch.rate_limit is None
    assert proof.good(source.format(option="rate_limit")).fetch.rate_limit == "10/s"
