from __future__ import annotations

import datetime
import logging
from typing import Any

import pytest
from celery.beat import Scheduler

from tests.proofs.harness import PAUSE, Proof, wait_for

SOURCE = """
    from celery import chain, chord, current_app as app, group

    ran = []

    @app.task(name="proof.count")
    def count(*args):
        ran.append("count")

    @app.task(name="proof.mail")
    def mail(*args):
        ran.append("mail")

    def schedule(app):
        {lines}
    """


def run(proof: Proof, lines: str) -> list[str]:
    """What runs once beat has sent what is due and a worker has had time for it."""
    module = proof.start(SOURCE.format(lines=lines))
    module.schedule(proof.app)
    scheduler = Scheduler(proof.app)
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() - datetime.timedelta(days=2)
    for _ in range(3):
        scheduler.tick()
    with proof.worker():
        wait_for(lambda: len(module.ran) > 1, PAUSE)
    found: list[str] = module.ran
    return found


@pytest.mark.parametrize(
    "target", ["chain(count.s(), mail.s())", "count.s() | mail.s()", "group(count.s(), mail.s())"]
)
def test_never_runs(proof: Proof, target: str, caplog: pytest.LogCaptureFixture) -> None:
    lines = f"app.add_periodic_task(60.0, {target})"
    assert len(proof.findings(SOURCE.format(lines=lines))) == 1
    with caplog.at_level(logging.ERROR):
        assert run(proof, lines) == []
    assert "NotImplementedError" in caplog.text or "TypeError" in caplog.text


def test_text_has_no_name(proof: Proof) -> None:
    module = proof.bad(SOURCE.format(lines="app.add_periodic_task(60.0, 'proof.count')"))
    with pytest.raises(AttributeError):
        made(proof, module)


def made(proof: Proof, module: Any) -> Any:
    """The entries after all that was added."""
    proof.app.finalize()
    module.schedule(proof.app)
    return proof.app.conf.beat_schedule


def test_the_second_replaces_the_first(proof: Proof) -> None:
    lines = "app.add_periodic_task(60.0, mail.s(1)); app.add_periodic_task(3600.0, mail.s(1))"
    source = SOURCE.format(lines=lines).replace("; app", "\n        app")
    module = proof.bad(source)
    [entry] = made(proof, module).values()
    assert entry["schedule"] == 3600.0


def test_good(proof: Proof) -> None:
    lines = "app.add_periodic_task(60.0, mail.s(1)); app.add_periodic_task(60.0, count.s())"
    source = lines.replace("; app", "\n        app")
    assert not proof.findings(SOURCE.format(lines=source))
    assert sorted(run(proof, source)) == ["count", "mail"]


def test_a_named_entry_stays(proof: Proof) -> None:
    call = "app.add_periodic_task({}, mail.s(1), name={!r})"
    lines = "\n        ".join((call.format(60, "minute"), call.format(90, "more")))
    module = proof.good(SOURCE.format(lines=lines))
    assert len(made(proof, module)) == 2
