from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from flake8_celery.linter import lint
from flake8_celery.options import Options
from tests.proofs.harness import PAUSE, Proof, wait_for

SOURCE = """
    from celery import current_app as app

    ran = []

    @app.task(name="proof.send_receipt")
    def send_receipt():
        ran.append(1)

    app.conf.task_routes = {{"{key}": {{"queue": "mail"}}}}
    """


def run(proof: Proof, key: str) -> bool:
    """Whether the task reaches the worker of the queue that the route names."""
    module = proof.start(SOURCE.format(key=key))
    module.send_receipt.delay()
    with proof.worker(queues=["mail"]):
        return wait_for(lambda: bool(module.ran), PAUSE)


def test_goes_to_the_default_queue(proof: Proof) -> None:
    assert len(proof.findings(SOURCE.format(key="proof.send_reciept"))) == 1
    assert not run(proof, "proof.send_reciept")
    assert len([m for m in proof.published() if m.headers["task"] == "proof.send_receipt"]) == 1


def test_good(proof: Proof) -> None:
    assert not proof.findings(SOURCE.format(key="proof.send_receipt"))
    assert run(proof, "proof.send_receipt")


MODULE = """
    from celery import shared_task, Celery

    app = Celery("proof")
    app.conf.task_routes = {{{key!r}: {{"queue": "mail"}}}}

    @app.task{options}
    def send_receipt(pk): ...
    """


@pytest.mark.parametrize(
    ("key", "options", "count"),
    [
        ("shop", "", 1),
        ("shop.*", "", 0),
        ("shp.*", "", 0),
        ("send_receipt", "", 1),
        ("send_receipt", "(name='send_receipt')", 0),
        ("other", "", 0),
    ],
)
def test_names_of_modules_and_functions(
    proof: Proof, tmp_path: Path, key: str, options: str, count: int
) -> None:
    (tmp_path / "setup.cfg").touch()
    path = tmp_path / "shop.py"
    path.write_text(textwrap.dedent(MODULE.format(key=key, options=options)))
    found = lint(path.read_text(), str(path), Options())
    assert [f.code for f in found] == ["CEL507"] * count


@pytest.mark.parametrize(("key", "runs"), [("proof", False), ("proof.*", True)])
def test_a_module_is_no_pattern(proof: Proof, key: str, runs: bool) -> None:
    assert run(proof, key) == runs
