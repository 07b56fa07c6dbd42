"""A name whose module is spelled almost like one that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_celery.linter import lint

FILES = {
    "setup.py": "",
    "shop/__init__.py": "",
    "shop/mail/__init__.py": "",
    "shop/mail/tasks.py": "from celery import shared_task\n\n@shared_task\ndef send(): ...\n",
    "shop/reports.py": (
        "from celery import shared_task\n\n@shared_task(name='shop.reports.daily')\ndef f(): ...\n"
    ),
}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("shop.mail.tasks.send", None),
        ("shop.mail.task.send", "shop.mail.tasks.send"),
        ("shop.mial.tasks.send", "shop.mail.tasks.send"),
        ("shpo.mail.tasks.send", "shop.mail.tasks.send"),
        ("shop.report.daily", "shop.reports.daily"),
        # no task of that name there, no module near it, or two slips: who knows
        ("shop.mail.task.other", None),
        ("shop.letters.tasks.send", None),
        ("shpo.mial.tasks.send", None),
        ("billing.mail.tasks.send", None),
        ("send", None),
    ],
)
def test_module_of_an_entry(name: str, meant: str | None, tmp_path: Path) -> None:
    for file, text in FILES.items():
        (tmp_path / file).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / file).write_text(text)
    path = tmp_path / "shop" / "settings.py"
    path.write_text(f'CELERY_BEAT_SCHEDULE = {{"a": {{"task": "{name}", "schedule": 60.0}}}}\n')
    told = [finding.message for finding in lint(path.read_text(), str(path))]
    assert len(told) == (meant is not None)
    assert all(f"did you mean {meant!r}?" in message for message in told)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("shop.mail.tasks", "that is a module: for its tasks write 'shop.mail.tasks.*'"),
        ("shop.mail", "that is a module: for its tasks write 'shop.mail.*'"),
        ("shop.reports", "that is a module: for its tasks write 'shop.reports.*'"),
        ("shop.mial.*", "did you mean 'shop.mail.*'?"),
        ("shpo.mail.*", "did you mean 'shop.mail.*'?"),
        ("shop.mail.task.send", "did you mean 'shop.mail.tasks.send'?"),
        ("shop.mail.*", ""),
        ("shop.mail.tasks.*", ""),
        ("shop.letters.*", ""),
        ("billing.*", ""),
        ("shop.settings", ""),
        ("shop.reports.daily", ""),
    ],
)
def test_key_of_a_route(key: str, told: str, tmp_path: Path) -> None:
    for file, text in FILES.items():
        (tmp_path / file).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / file).write_text(text)
    path = tmp_path / "shop" / "settings.py"
    path.write_text(f'CELERY_TASK_ROUTES = {{"{key}": {{"queue": "mail"}}}}\n')
    found = [finding.message for finding in lint(path.read_text(), str(path))]
    assert len(found) == bool(told)
    assert all(told in message for message in found)
