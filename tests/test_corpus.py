"""The tools of the corpus run, on files of their own; the run itself where it is downloaded."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.corpus import fixed, verdicts
from tests.corpus.fetch import FOLDER
from tests.corpus.fixes import fix_copy
from tests.corpus.run import findings_below

BAD = "from celery import shared_task\n@shared_task(max_retires=3)\ndef f(): ...\n"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "packages"
    (folder / "one-1.0").mkdir(parents=True)
    (folder / "one-1.0" / "tasks.py").write_text(BAD + BAD.replace("f()", "g()"))
    (folder / "one-1.0" / "broken.py").write_text("from celery import (\n")
    (folder / "one-1.0" / "plain.py").write_text("x = 1\n")
    return folder


def test_run(packages: Path) -> None:
    report = findings_below(packages)
    assert [(f.code, f.path, f.line) for f in report.findings] == [
        ("CEL903", "tasks.py", 2),
        ("CEL903", "tasks.py", 5),
    ]
    assert (report.files, report.gated, len(report.unparsed)) == (3, 2, 1)


def test_verdicts_survive_a_move(packages: Path, tmp_path: Path) -> None:
    file = tmp_path / "verdicts.tsv"
    change = verdicts.compare([], findings_below(packages).findings)
    assert [row.verdict for row in change.new] == ["new", "new"]
    verdicts.write([row._replace(verdict="true") for row in change.merged], file)
    tasks = packages / "one-1.0" / "tasks.py"
    tasks.write_text("# a line above\n" + tasks.read_text())
    change = verdicts.compare(verdicts.read(file), findings_below(packages).findings)
    assert (change.new, change.lost) == ([], [])
    assert [row.verdict for row in change.merged] == ["true", "true"]
    tasks.write_text(BAD)
    change = verdicts.compare(verdicts.read(file), findings_below(packages).findings)
    assert len(change.lost) == 1


def test_every_verdict_is_true_and_has_a_reason() -> None:
    rows = verdicts.read()
    assert len(rows) > 20
    assert all(row.verdict == "true" and row.reason for row in rows)


def test_the_corpus_itself() -> None:
    if not (FOLDER / "packages").is_dir():
        pytest.skip("the corpus is not downloaded: python -m tests.corpus fetch")
    report = findings_below(FOLDER / "packages")
    change = verdicts.compare(verdicts.read(), report.findings)
    assert not [f for f in report.findings if f.code == "CEL000"]
    assert (change.new, change.lost) == ([], [])


def test_other_task_queues_give_no_finding() -> None:
    if not (FOLDER / "negative").is_dir():
        pytest.skip("the corpus is not downloaded: python -m tests.corpus fetch")
    assert findings_below(FOLDER / "negative").findings == []


def test_fix(packages: Path) -> None:
    """The copy is fixed, what was given stays, and all that changed is told."""
    folder = packages / "one-1.0"
    text = "from celery import shared_task\n@shared_task\ndef f(pk): ...\nf.delay(1, countdown=5)\n"
    (folder / "views.py").write_text(text)
    found = fix_copy(folder, unsafe=False)
    assert (found.fixable, found.gone, found.files, found.wrong) == (3, 3, 2, ())
    assert "+f.apply_async((1,), countdown=5)\n" in found.diff
    assert (folder / "views.py").read_text() == text
    assert "+@shared_task(max_retries=3)\n" in found.diff
    assert (folder / "tasks.py").read_text().count("max_retires") == 2


def test_fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent is flagged by the lock of its own tree, the fix is not; no clone, no pass."""
    clone = tmp_path / "shop"
    (clone / "shop").mkdir(parents=True)
    git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    entry = 'CELERY_BEAT_SCHEDULE = {{"a": {{"task": "{}", "schedule": 60.0}}}}\n'
    task = "from celery import shared_task\n\n@shared_task\ndef count(): ...\n"
    for name in ("shop.jobs.count", "shop.tasks.count"):
        (clone / "shop" / "__init__.py").touch()
        (clone / "shop" / "celery.py").write_text("from celery import Celery\napp = Celery()\n")
        (clone / "shop" / "settings.py").write_text(entry.format(name))
        (clone / "shop" / "tasks.py").write_text(task)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "x"], check=True)
    fix = fixed.Fix("me/shop", "HEAD", "shop/settings.py", "CEL706", 1, True)
    monkeypatch.setattr(fixed, "FIXES", (fix,))
    assert fixed.check(tmp_path) == 0
    monkeypatch.setattr(fixed, "FIXES", (fix._replace(count=2),))
    assert fixed.check(tmp_path) == 1
    monkeypatch.setattr(fixed, "FIXES", (fix._replace(repository="me/bank"),))
    assert fixed.check(tmp_path) == 1
