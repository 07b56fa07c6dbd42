from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from flake8_celery.linter import lint
from flake8_celery.options import Options
from tests.proofs.harness import Proof


def test_never_read(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import Celery

        app = Celery("shop")
        app.conf.task_ack_late = True
        app.conf.update(worker_prefetch_multiplyer=1)

        @app.task
        def f(): ...
        """,
        count=2,
    )
    assert module.app.conf.task_ack_late is True, "taken without a word"
    assert module.app.conf.worker_prefetch_multiplier == 4
    assert not module.f.acks_late


def test_transport_option_in_capitals(proof: Proof) -> None:
    from kombu.transport.redis import Channel

    proof.bad(
        """
        from celery import Celery

        app = Celery("shop", broker="redis://localhost")
        app.conf.broker_transport_options = {"VISIBILITY_TIMEOUT": 7200}
        """
    )
    # what kombu takes over from the options is what the channel lists
    assert "visibility_timeout" in Channel.from_transport_options
    assert "VISIBILITY_TIMEOUT" not in Channel.from_transport_options


def test_good(proof: Proof) -> None:
    module = proof.good(
        """
        from celery import Celery

        app = Celery("shop")
        app.conf.task_acks_late = True
        app.conf.update(worker_prefetch_multiplier=1, redis_client_name="shop")

        @app.task
        def f(): ...
        """
    )
    assert module.app.conf.worker_prefetch_multiplier == 1
    assert module.f.acks_late


def test_names_of_the_constructor(proof: Proof) -> None:
    """What `Celery(...)` takes as broker= and backend= is no setting of that name."""
    source = """
        from celery import Celery

        app = Celery("shop")
        app.conf.update({given})
        """
    module = proof.bad(source.replace("{given}", "broker='sqs://', backend='rpc://'"), count=2)
    assert module.app.conf.broker_url is None
    assert module.app.conf.result_backend is None
    good = proof.good(source.replace("{given}", "broker_url='sqs://', result_backend='rpc://'"))
    assert good.app.conf.broker_url == "sqs://"


def test_configuration_module(
    proof: Proof, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "app.py").write_text(
        "from celery import Celery\napp = Celery('shop')\napp.config_from_object('conf_of_shop')\n"
    )
    path = tmp_path / "conf_of_shop.py"
    text = "broker_url = 'memory://'\ntask_ack_late = True\nworker_prefetch_multiplier = 2\n"
    path.write_text(text)
    options = Options({"celery-app": "app:app"})
    found = [f for f in lint(text, str(path), options) if f.code == "CEL801"]
    assert [(f.line, f.arguments[2]) for f in found] == [(2, "task_acks_late")]
    monkeypatch.syspath_prepend(str(tmp_path))
    conf = importlib.import_module("app").app.conf
    assert conf.worker_prefetch_multiplier == 2
    assert conf.task_acks_late is False
    # a name that the project reads itself is its own
    (tmp_path / "views.py").write_text("import app\nprint(app.app.conf.task_ack_late)\n")
    assert not [f for f in lint(text, str(path), options) if f.code == "CEL801"]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('CELERY_BROKER = "redis://"', [1]),
        ('CELERY_BROKER = os.environ.get("CELERY_BROKER")', [1]),
        ('CELERY_BROKER = "redis://"\napp = Celery(broker=CELERY_BROKER)', []),
        ("CELERY_SOFT_TIME_LIMIT = 60\nCELERY_TIME_LIMIT = CELERY_SOFT_TIME_LIMIT + 5", [1, 2]),
        ("CELERYD_MAX_TASK_PER_CHILD = 5", [1]),
        ("CELERY_SHOP_RATE = 5", []),
    ],
)
def test_settings_module(source: str, lines: list[int]) -> None:
    found = [f for f in lint(source, "settings.py", Options({})) if f.code == "CEL801"]
    assert [finding.line for finding in found] == lines
    assert all(str(finding.arguments[2]).startswith("CELERY_") for finding in found)
