"""Settings in class bodies and tables that something out of sight loads."""

from __future__ import annotations

import pytest

from flake8_celery.linter import lint

BEAT = '{"report": {"task": "shop.report", "shedule": 60.0}}'


def codes(text: str, filename: str = "settings.py") -> list[str]:
    return sorted(finding.code for finding in lint(text, filename))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "class Base:\n    CELERY_TASK_ACKS_LATE = 'no'\n    CELERY_BROKER_POOL_LIMT = 3\n"
            f"    CELERY_BEAT_SCHEDULE = {BEAT}",
            ["CEL704", "CEL801", "CEL805"],
        ),
        (f"class Config(object):\n    CELERY_ENABLE_UTC = True\n    CELERYBEAT_SCHEDULE = {BEAT}", ["CEL704"]),
        (f"class Config:\n    DEBUG = False\n    CELERY = {{'enable_utc': True, 'beat_schedule': {BEAT}}}", ["CEL704"]),
        (f"CELERY = dict(enable_utc='no', beat_schedule={BEAT})", ["CEL704", "CEL805"]),
        ("SCHEDULE = " + BEAT + "\nclass Config:\n    CELERY = {'beat_schedule': SCHEDULE}", ["CEL704"]),
        (f"app.config.from_mapping(CELERY=dict(broker_url='redis://', beat_schedule={BEAT}))", ["CEL704"]),
        ("class Dev(Base):\n    CELERY_TASK_ACKS_LATE = 'no'\nDev.load_settings(__name__)", ["CEL805"]),
        ("class Dev:\n    CELERY_TASK_ACKS_LATE = 'no'\napp.config.from_object(Dev)", ["CEL805"]),
        # one name alone, or none, is no evidence
        ("class Thing:\n    CELERY_TASK_ACKS_LATE = 'no'", []),
        ("class Thing:\n    CELERY = {'acks_late': 'no', 'retries': 3}", []),
        # which settings hold together is not known
        ("class Base:\n    CELERY_TASK_ALWAYS_EAGER = True\n    CELERY_TASK_TIME_LIMIT = 60", []),
        ("class Base:\n    CELERY_BROKER_URL = get()\n    CELERYBEAT_SCHEDULE = {}\n    CELERYD_CONCURRENCY = 4", []),
    ],
)  # fmt: skip
def test_one_setting_at_a_time_is_judged(text: str, told: list[str]) -> None:
    assert codes(text) == told
