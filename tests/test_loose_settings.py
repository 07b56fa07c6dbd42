"""Settings in class bodies and tables that something out of sight loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_celery.linter import lint

BEAT = '{"report": {"task": "shop.report", "shedule": 60.0}}'


def codes(text: str, filename: str = "settings.py") -> list[str]:
    return sorted(finding.code for finding in lint(text, filename))


ONE = "CELERY_ENABLE_UTC = True"
CASES = {
    "class": (
        "class Base:\n    CELERY_TASK_ACKS_LATE = 'no'\n    CELERY_BROKER_POOL_LIMT = 3\n"
        f"    CELERY_BEAT_SCHEDULE = {BEAT}",
        ["CEL704", "CEL801", "CEL805"],
    ),
    "old names": (f"class Config:\n    {ONE}\n    CELERYBEAT_SCHEDULE = {BEAT}", ["CEL704"]),
    "table": (
        f"class Config:\n    CELERY = {{'enable_utc': True, 'beat_schedule': {BEAT}}}",
        ["CEL704"],
    ),
    "call": (f"CELERY = dict(enable_utc='no', beat_schedule={BEAT})", ["CEL704", "CEL805"]),
    "named": (
        f"SCHEDULE = {BEAT}\nclass Config:\n    CELERY = {{'beat_schedule': SCHEDULE}}",
        ["CEL704"],
    ),
    "mapping": (
        f"app.config.from_mapping(CELERY=dict(broker_url='redis://', beat_schedule={BEAT}))",
        ["CEL704"],
    ),
    "loaded": (
        "class Dev(Base):\n    CELERY_TASK_ACKS_LATE = 'no'\nDev.load_settings(__name__)",
        ["CEL805"],
    ),
    "flask": (
        "class Dev:\n    CELERY_TASK_ACKS_LATE = 'no'\napp.config.from_object(Dev)",
        ["CEL805"],
    ),
    # one name alone, or none, is no evidence
    "one": ("class Thing:\n    CELERY_TASK_ACKS_LATE = 'no'", []),
    "none": ("class Thing:\n    CELERY = {'acks_late': 'no', 'retries': 3}", []),
    # which settings hold together is not known
    "eager": (
        "class Base:\n    CELERY_TASK_ALWAYS_EAGER = True\n    CELERY_TASK_TIME_LIMIT = 60",
        [],
    ),
    "mixed": (
        f"class Base:\n    {ONE}\n    CELERYBEAT_SCHEDULE = {{}}\n    CELERYD_CONCURRENCY = 4",
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_one_setting_at_a_time_is_judged(name: str) -> None:
    text, told = CASES[name]
    assert codes(text) == told


ENTRY = '{"report": {"task": "shop.report", "schedule": 60.0, "queue": "slow"}}'


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, True),
        ({"shop/worker.py": "app.start(['worker', '-B'])"}, True),
        ({"shop/conf.py": 'CELERY_BEAT_SCHEDULER = "celery.beat:PersistentScheduler"'}, True),
        ({"shop/conf.py": 'CELERY_BEAT_SCHEDULER = "shop.beat:Ours"'}, False),
        ({"shop/conf.py": 'INSTALLED_APPS = ["django_celery_beat"]'}, False),
        ({"shop/beat.py": "from celery.beat import Scheduler"}, False),
        ({"shop/beat.py": "from celery.beat import SchedulingError\n"}, True),
        ({"shop/beat.py": "from celery.beat import SchedulingError, Scheduler\n"}, False),
        ({"requirements.txt": "celery-redbeat==2.3"}, False),
        ({"Procfile": "beat: celery -A shop beat -S shop.beat.Ours"}, False),
        ({"docker-compose.yml": "command: celery -A shop beat --scheduler ours:Scheduler"}, False),
    ],
)
def test_an_option_beside_options(files: dict[str, str], told: bool, tmp_path: Path) -> None:
    files = {"setup.py": "", "shop/__init__.py": "", **files}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    path = tmp_path / "shop" / "settings.py"
    path.write_text(f"CELERY_BEAT_SCHEDULE = {ENTRY}")
    found = [finding.message for finding in lint(path.read_text(), str(path))]
    assert len(found) == told
    assert all("most likely" in message for message in found)


@pytest.mark.parametrize("text", ["X: Final = 3600,", "X: int = 3600,", "X = (3600,)", "X = 3600,"])
def test_a_comma_behind(text: str) -> None:
    written = text.replace("X", "CELERY_TASK_TIME_LIMIT", 1)
    assert codes(f"from typing import Final\n{written}") == ["CEL805"]


def test_a_call_of_itself_hands_no_task_on() -> None:
    source = """
from celery import shared_task

@shared_task(retry_backoff=10)
def clean(path):
    for each in path.iterdir():
        clean({})
"""
    assert codes(source.format("each"), "tasks.py") == ["CEL304"]
    assert codes(source.format("each); retry(clean"), "tasks.py") == []


def test_many_of_one_mistake_are_told_once() -> None:
    pickled = "CELERY_TASK_SERIALIZER = 'pickle'\nCELERY_ACCEPT_CONTENT = ['pickle']"
    (found,) = lint(pickled, "settings.py")
    assert found.line == 1
    assert "CELERY_TASK_SERIALIZER is pickle (also: CELERY_ACCEPT_CONTENT)" in found.message
    policy = "from celery import shared_task\n"
    policy += "@shared_task(interval_start=1, interval_step=2)\ndef f(): ..."
    (found,) = lint(policy, "tasks.py")
    assert found.message.startswith("interval_start, interval_step is no task option")
    times = "dict(minute=random.randint(0, 59), hour=random.randint(0, 23))"
    varies = f"import random\nfrom celery.schedules import crontab\nx = crontab(**{times})\n"
    varies += "y = crontab(minute=random.randint(0, 59), hour=random.randint(0, 23))"
    assert codes(varies, "tasks.py") == ["CEL709"]


def test_under_a_namespace_an_old_name_is_not_read() -> None:
    """Whether there is one can't be told from the settings alone."""
    (found,) = [f for f in lint("CELERY_QUEUES = ('a', 'b')", "settings.py") if f.code == "CEL505"]
    assert "the worker exits at start (under a namespace since Celery 5.7)" in found.message
    (found,) = lint("CELERY_TASK_QUEUES = ('a', 'b')", "settings.py")
    assert "the worker exits at start:" in found.message
