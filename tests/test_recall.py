"""The measure of recall, on a project of its own; a sample of the corpus where it is downloaded."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.corpus.edits import KINDS, append, without
from tests.corpus.fetch import FOLDER
from tests.corpus.recall import HALVES, made_in
from tests.corpus.sites import Sites

FILES = {
    "setup.py": "",
    "shop/__init__.py": "",
    "shop/core.py": """
from celery import Celery

def make():
    made = Celery("shop")
    return made

app = make()
""",
    "shop/settings.py": """
from celery.schedules import crontab

CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_ROUTES = {"shop.tasks.mail": {"queue": "mail"}}
CELERY_BEAT_SCHEDULE = {
    "count": {"task": "shop.tasks.count", "schedule": crontab(minute=0, hour=3)},
}
""",
    "shop/tasks.py": """
from celery import chain, shared_task
from celery.signals import task_failure

from .core import app


@shared_task
def count():
    return 1


@app.task(bind=True, autoretry_for=(ValueError,), max_retries=3)
def mail(self, pk, *, subject="x"):
    try:
        count.delay()
    except OSError as error:
        raise self.retry(countdown=3, exc=error)
    except KeyError:
        self.retry()


@task_failure.connect
def told(sender, **kwargs):
    pass
""",
    "shop/views.py": """
from celery import chain
from django.db import models

from shop import tasks
from shop.tasks import mail as send


def save(pk):
    send.delay(pk)
    send.delay(pk, subject="y")
    tasks.mail.apply_async((pk,), expires=60, queue="mail")
    tasks.mail.apply_async(args=[pk])
    chain(send.si(pk), tasks.count.si())()


def other(send):
    send.delay(1, 2)
""",
    "shop/foreign.py": """
from taskiq import app


@app.task
def elery():
    pass


def run():
    elery.delay()
""",
}
#: Kinds of mistakes that the small project has no place for.
NO_PLACE = {"queue of a task unknown", "queue of a call unknown", "password in the broker's URL"}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "shop"


def test_only_what_is_certain_is_a_site(shop: Path) -> None:
    sites = Sites(shop)
    assert sorted(task.node.name for task in sites.tasks) == ["count", "mail"]
    sent, retried = sites.calls
    assert sorted((s.module.path.name, s.method, s.task.node.name) for s in sent) == [
        ("tasks.py", "delay", "count"),
        ("views.py", "apply_async", "mail"),
        ("views.py", "apply_async", "mail"),
        ("views.py", "delay", "mail"),
        ("views.py", "delay", "mail"),
        ("views.py", "si", "count"),
        ("views.py", "si", "mail"),
    ]
    assert len(retried) == 2
    assert [place.key for place in sites.handlers()] == ["told"]


def test_each_kind_is_made_and_told(shop: Path) -> None:
    made = list(made_in(shop))
    kinds = {one.kind.name for one in made}
    assert {kind.name for kind in KINDS} - kinds <= NO_PLACE
    missed = {one.kind.name for one in made if not one.told}
    assert not missed
    assert list(made_in(shop)) == made  # the sample is the same each time


def test_a_mistake_of_another_kind_does_not_count(shop: Path) -> None:
    kinds = [kind._replace(codes=("CEL999",)) for kind in KINDS if kind.family == "options"]
    made = list(made_in(shop, kinds=kinds))
    assert made
    assert not any(one.told for one in made)
    assert any(one.said for one in made)


def test_what_was_wrong_before_is_no_place(shop: Path) -> None:
    tasks = shop / "shop" / "tasks.py"
    tasks.write_text(tasks.read_text() + "\n\n@shared_task(max_retires=3)\ndef more(): ...\n")
    kinds = [kind for kind in KINDS if kind.name == "task option misspelt, new"]
    names = [one.written for one in made_in(shop, kinds=kinds)]
    assert names == ["@shared_task(max_retires=5)"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("f()", "f(x=1)"),
        ("f(a)", "f(a, x=1)"),
        ("f(a, # why\n)", "f(a, # why\nx=1)"),
        ("f((a))", "f((a), x=1)"),
        ("é.f('é', a)", "é.f('é', a, x=1)"),
        ("f", "f(x=1)"),
    ],
)
def test_append(tmp_path: Path, text: str, written: str) -> None:
    (tmp_path / "celery_it.py").write_text(f"{text}  # celery\n", encoding="utf-8")
    (source,) = Sites(tmp_path).sources()
    statement = source.tree.body[0]
    assert isinstance(statement, ast.Expr)
    start, end, new = append(source, statement.value, "x=1")
    assert source.text[:start] + new + source.text[end:] == f"{written}  # celery\n"


def test_without(tmp_path: Path) -> None:
    (tmp_path / "celery_it.py").write_text("f(a, b, c=1)  # celery\n")
    (source,) = Sites(tmp_path).sources()
    call = source.tree.body[0].value  # type: ignore[attr-defined]
    for argument, left in ((call.args[0], "f( b, c=1)"), (call.keywords[0], "f(a, b)")):
        edit = without(source, call, argument)
        assert edit is not None
        assert (source.text[: edit[0]] + edit[2] + source.text[edit[1] :]).startswith(left)


def test_a_sample_of_the_corpus() -> None:
    packages = [FOLDER / "packages" / name for name in ("pretalx-2026.2.1", "swh-lister-7.4.0")]
    if not all(package.is_dir() for package in packages):
        pytest.skip("the corpus is not downloaded: python -m tests.corpus fetch")
    for package in packages:
        made = list(made_in(package, limit=3))
        assert len(made) > 30
        assert sum(one.told for one in made) >= 0.97 * len(made)


def test_the_pylint_half_tells_them_too(shop: Path) -> None:
    pytest.importorskip("astroid")
    kinds = [kind for kind in KINDS if kind.family in ("options", "retries")]
    made = list(made_in(shop, HALVES["pylint"], kinds))
    assert made
    assert all(one.told for one in made)
