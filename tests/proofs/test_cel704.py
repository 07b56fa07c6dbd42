from __future__ import annotations

import datetime

import pytest
from celery.beat import Scheduler

from tests.proofs.harness import Proof

SOURCE = """
    from celery import current_app as app
    from celery.schedules import crontab

    app.conf.beat_schedule = {schedule}
    """


def tick(proof: Proof, schedule: str) -> Scheduler:
    """Start beat's scheduler and let it send what is due now."""
    proof.load(SOURCE.format(schedule=schedule))
    scheduler = Scheduler(proof.app)
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() - datetime.timedelta(days=2)
    # the first tick fills the heap
    scheduler.tick()
    return scheduler


def test_misspelt_key(proof: Proof) -> None:
    schedule = '{"remind": {"task": "shop.remind", "schedul": 60.0}}'
    assert proof.findings(SOURCE.format(schedule=schedule))
    with pytest.raises(TypeError):
        tick(proof, schedule)


@pytest.mark.parametrize("key", ["queue", "enabled", "time_limit"])
def test_no_key_of_the_own_scheduler(proof: Proof, key: str) -> None:
    source = f"""
    from celery import Celery

    app = Celery("proof", broker="memory://", set_as_current=False)
    app.conf.beat_scheduler = "celery.beat:PersistentScheduler"
    app.conf.beat_schedule = {{
        "remind": {{"task": "shop.remind", "schedule": 60.0, "{key}": 1}},
    }}
    """
    module = proof.bad(source)
    with pytest.raises(TypeError):
        Scheduler(module.app)


@pytest.mark.parametrize("entry", ["", '"schedule": "0 3 * * *"', '"schedule": {"minute": 0}'])
def test_never_sent(proof: Proof, entry: str) -> None:
    schedule = f'{{"remind": {{"task": "shop.remind", {entry}}}}}'
    assert proof.findings(SOURCE.format(schedule=schedule))
    try:
        for _ in range(5):
            tick(proof, schedule)
    except (AttributeError, TypeError, ValueError):
        pass  # beat exits, up to Celery 5.6
    assert proof.published() == []


def test_always_due(proof: Proof) -> None:
    schedule = '{"remind": {"task": "shop.remind", "schedule": 0}}'
    assert proof.findings(SOURCE.format(schedule=schedule))
    scheduler = tick(proof, schedule)
    for _ in range(20):
        scheduler.tick()
    assert len(proof.published()) >= 20


def test_text_as_args(proof: Proof) -> None:
    schedule = '{"clean": {"task": "shop.clean", "schedule": 60.0, "args": ("all")}}'
    assert proof.findings(SOURCE.format(schedule=schedule))
    tick(proof, schedule)
    [message] = proof.published()
    assert message.payload[0] == ["a", "l", "l"]


def test_good(proof: Proof) -> None:
    schedule = '{"clean": {"task": "shop.clean", "schedule": 60.0, "args": ("all",)}}'
    assert not proof.findings(SOURCE.format(schedule=schedule))
    scheduler = tick(proof, schedule)
    for _ in range(20):
        scheduler.tick()
    [message] = proof.published()
    assert message.payload[0] == ["all"]


@pytest.mark.parametrize("key", ["queue", "expires", "priority"])
def test_no_key_where_no_scheduler_is_named(proof: Proof, key: str) -> None:
    source = f"""
    from celery import Celery

    app = Celery("proof", broker="memory://", set_as_current=False)
    app.conf.beat_schedule = {{
        "remind": {{"task": "shop.remind", "schedule": 60.0, "{key}": 1}},
    }}
    """
    module = proof.bad(source)
    with pytest.raises(TypeError):
        Scheduler(module.app)


@pytest.mark.parametrize(
    ("head", "count"),
    [
        ("if EVERY > 0 and FLAG:", 0),
        ("if FLAG and settings.EVERY:", 1),
        ("if FLAG:", 1),
        ("while FLAG:", 1),
    ],
)
def test_an_if_asks_before(proof: Proof, head: str, count: int) -> None:
    """What comes from the settings may be another elsewhere; here it is then not used."""
    source = f"""
    from celery import current_app as app

    EVERY = 0
    {head}
        app.conf.beat_schedule["remind"] = {{"task": "shop.remind", "schedule": EVERY}}
    """
    assert len(proof.findings(source)) == count
