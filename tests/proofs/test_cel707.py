from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flake8_celery.linter import lint
from flake8_celery.options import Options
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


APP = """
from celery import Celery

app = Celery("shop", broker="memory://", include=["stock.tasks"])
ran = []
"""
TASKS = """
from stock.app import app, ran

@app.task
def sweep(): ...

@app.{signal}.connect
def set_up_schedule(sender, **kwargs):
    ran.append(sender)
"""
SCRIPT = """
from stock.app import app, ran

app.loader.import_default_modules()
app.finalize()
print(len(ran))
"""


@pytest.mark.parametrize(("signal", "calls"), [("on_after_configure", 0), ("on_after_finalize", 1)])
def test_modules_that_discovery_loads(tmp_path: Path, signal: str, calls: int) -> None:
    stock = tmp_path / "stock"
    stock.mkdir()
    (tmp_path / "setup.cfg").touch()
    (stock / "__init__.py").touch()
    (stock / "app.py").write_text(APP)
    source = TASKS.format(signal=signal)
    (stock / "tasks.py").write_text(source)
    found = lint(source, str(stock / "tasks.py"), Options())
    assert [finding.code for finding in found] == ["CEL707"] * (not calls)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(calls)]


def test_module_that_the_application_imports(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "app.py").write_text(APP.replace('["stock.tasks"]', '["tasks"]') + "import tasks\n")
    source = TASKS.format(signal="on_after_configure").replace("stock.app", "app")
    (tmp_path / "tasks.py").write_text(source)
    assert not lint(source, str(tmp_path / "tasks.py"), Options())
    script = SCRIPT.replace("stock.app", "app")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1"]
