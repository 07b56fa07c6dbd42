"""Of the dispatches whose task stands in the project, how many are led to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus import dispatches
from tests.corpus.fetch import FOLDER


def test_dispatches_and_their_tasks(tmp_path: Path) -> None:
    shop = tmp_path / "one-1.0" / "shop"
    shop.mkdir(parents=True)
    (shop / "__init__.py").touch()
    (shop / "tasks.py").write_text("from celery import shared_task\n@shared_task\ndef f(): ...\n")
    (shop / "views.py").write_text(
        "from .tasks import f\nimport inspect\nf.delay()\non_commit(f.delay)\n"
        "def g(f, task):\n    f.delay()\n    task.delay()\ninspect.signature(g)\n"
        "assert f.delay.called\n"
    )
    found = dispatches.dispatches_below(tmp_path)
    assert [(sent.line, sent.call, sent.named, sent.resolved) for sent in found] == [
        (3, "f.delay", True, True),
        (4, "f.delay", True, True),
        (6, "f.delay", True, False),
        (7, "task.delay", False, False),
        (8, "inspect.signature", False, False),
    ]
    named = dispatches.share_of([sent for sent in found if sent.named])
    assert (str(named), [sent.line for sent in named.missed]) == ("2 of 3 (66.7%)", [6])


def test_the_judged_sample_of_dispatches() -> None:
    rows = dispatches.judged()
    assert len({row.key for row in rows}) == 100
    assert {row.verdict for row in rows} == {"project", "varies", "no task"}
    assert all(row.reason for row in rows)


def test_dispatches_of_the_corpus() -> None:
    if not (FOLDER / "packages").is_dir():
        pytest.skip("the corpus is not downloaded: python -m tests.corpus fetch")
    sampled, named = dispatches.shares(FOLDER / "packages")
    # an older Python can't parse a few of the files
    assert sampled.total >= 0.95 * sum(row.verdict == "project" for row in dispatches.judged())
    assert sampled.resolved >= dispatches.WANTED * sampled.total, sampled.missed
    assert named.resolved >= dispatches.WANTED * named.total, named.missed
