from __future__ import annotations

import pytest

from tests.proofs.harness import Proof

SOURCE = """
    from celery import Celery

    app = Celery("other", broker="memory://", set_as_current=False)
    ran = []
    {line}

    @app.on_after_configure.connect
    def schedule(sender, **kwargs):
        ran.append(sender)
    """


@pytest.mark.parametrize(
    "line",
    [
        "zone = app.conf.timezone",
        'zone = app.conf["timezone"]',
        'zone = app.conf.get("timezone")',
        'app.conf.beat_schedule["x"] = {"task": "x", "schedule": 1}',
        "known = app.tasks",
        "app.finalize()",
        "zone = app.timezone",
        "app.control",
        "app.log",
    ],
)
def test_never_called(proof: Proof, line: str) -> None:
    module = proof.bad(SOURCE.format(line=line))
    assert module.app.conf.timezone is None
    assert module.ran == []


@pytest.mark.parametrize(
    "line",
    [
        "",
        'app.conf.timezone = "UTC"',
        'app.conf["timezone"] = "UTC"',
        'app.conf.update(timezone="UTC")',
        'app.conf.setdefault("timezone", "UTC")',
        'app.config_from_object({"timezone": "UTC"})',
        "app.autodiscover_tasks([])",
        "app.set_default()",
        "task = app.task(print)",
        "base = app.Task",
        'sig = app.signature("x")',
    ],
)
def test_called(proof: Proof, line: str) -> None:
    module = proof.good(SOURCE.format(line=line))
    module.app.conf.timezone  # noqa: B018 - reading it is what configures the application
    assert len(module.ran) == 1
