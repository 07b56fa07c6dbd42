"""What rules say thanks to values at the point of use: handlers, `**options`, declared queues."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from flake8_celery.core.project.files import clear
from flake8_celery.linter import lint
from flake8_celery.options import Options

NAMES = """
ALLOWED = ["fast", "slow"]
ALLOWED.append("bulk")
class Boom(Exception): ...
class Wait(Boom): ...
PAIR = (Boom, Wait)
SomeError = (Boom, KeyError)
class Conf:
    LOW = "lwo"
def choose(x):
    if x:
        return "fsat"
    return "solw"
"""
APP = """
from celery import Celery
from kombu import Exchange, Queue
from shop.names import ALLOWED
def made():
    found = []
    for name in ALLOWED:
        found.append(Queue(name))
    return found
app = Celery("shop")
app.conf.task_queues = {}
app.conf.task_default_queue = "fast"
app.conf.task_create_missing_queues = False
"""
QUEUES = [
    "tuple(Queue(name=q, exchange=Exchange(q), routing_key=q) for q in ALLOWED)",
    "[Queue(q) for q in ALLOWED]",
    "[*(Queue(q) for q in sorted(ALLOWED))]",
    "list({q: Queue(q) for q in ALLOWED}.values())",
    "[Queue(q, Exchange(q), routing_key=k) for q, k in zip(ALLOWED, ('a', 'b', 'c'))]",
    "[Queue('fast')] + [Queue(q) for q in ALLOWED if q != 'fast']",
    "made()",
]
HEAD = """
import httpx, requests, socket
from celery import shared_task
from elsewhere.errors import ApiError
from shop import names
from shop.celery import app
@shared_task(bind=True)
def t(self, x): ...
"""


def codes(folder: Path, text: str, queues: str = QUEUES[0]) -> list[tuple[str, str]]:
    (folder / "pyproject.toml").write_text("")
    shop = folder / "shop"
    shop.mkdir()
    (shop / "__init__.py").write_text("")
    (shop / "names.py").write_text(NAMES)
    (shop / "celery.py").write_text(APP.format(queues))
    path = shop / "tasks.py"
    text = HEAD + textwrap.dedent(text)
    path.write_text(text)
    clear()
    return [(found.code, found.message) for found in lint(text, str(path), Options())]


@pytest.mark.parametrize("queues", QUEUES)
def test_declared_queues(queues: str, tmp_path: Path) -> None:
    found = codes(tmp_path, "t.apply_async((1,), queue='blk')\nt.delay(2)\n", queues)
    assert [code for code, _ in found] == ["CEL501"]


def test_a_queue_that_may_be_there(tmp_path: Path) -> None:
    good = "def f(x):\n    q = 'fast' if x else 'bulk'\n    t.apply_async((1,), queue=q)\n"
    assert codes(tmp_path, good) == []


@pytest.mark.parametrize(
    "queue",
    [
        "names.Conf.LOW",
        "names.choose(x)",
        "q",
        "looped",
        "table['k']",
        "'-'.join(['no', 'where'])",
        "(lambda name: name + '!')('x')",
    ],
)
def test_a_queue_that_is_wrong(queue: str, tmp_path: Path) -> None:
    text = f"""
    def f(x):
        if x:
            q = "fsat"
        else:
            q = "solw"
        table = {{}}
        table["k"] = "nowhere"
        for looped in ("one", "two"):
            t.apply_async((1,), queue={queue})
    """
    assert [code for code, _ in codes(tmp_path, text)] == ["CEL501"]


@pytest.mark.parametrize(
    ("splat", "code"),
    [
        ("**{'cuontdown': 3}", "CEL404"),
        ("**opts", "CEL404"),
        ("**grown", "CEL404"),
        ("**dict(cuontdown=3)", "CEL404"),
        ("**{**opts, 'queue': 'fast'}", "CEL404"),
        ("**{'queue': 'nowhere'}", "CEL501"),
    ],
)
def test_options_in_a_splat(splat: str, code: str, tmp_path: Path) -> None:
    text = f"""
    def f(x):
        opts = {{"cuontdown": 3}}
        grown = {{}}
        grown["cuontdown"] = 3
        t.apply_async((1,), {splat})
    """
    assert [each for each, _ in codes(tmp_path, text)] == [code]


@pytest.mark.parametrize("splat", ["**x", "**{'queue': x}", "**given(x)", "**handed"])
def test_nothing_is_said_of_a_splat(splat: str, tmp_path: Path) -> None:
    text = f"""
    def f(x):
        handed = {{"cuontdown": 3}}
        x.mend(handed)
        t.apply_async((1,), {splat})
    """
    assert codes(tmp_path, text) == []


def test_each_handler_binds_its_own_name(tmp_path: Path) -> None:
    text = """
    @shared_task(bind=True)
    def g(self, x):
        try:
            x()
        except KeyError as exc:
            self.retry(exc)
        except ValueError as exc:
            if x:
                self.retry(exc)
            raise self.retry(exc=exc)
        exc = x.arguments()
        self.retry(exc)
    """
    assert [code for code, _ in codes(tmp_path, text)].count("CEL301") == 2


@pytest.mark.parametrize(
    "name",
    [
        *("names.Boom", "names.Wait", "httpx.ReadTimeout", "requests.RequestException"),
        *("socket.timeout", "ApiError", "KeyError"),
    ],
)
def test_one_exception_class(name: str, tmp_path: Path) -> None:
    found = codes(tmp_path, f"@shared_task(autoretry_for={name})\ndef g(x): ...\n")
    assert [code for code, _ in found] == ["CEL305"]


@pytest.mark.parametrize(
    "name", ["names.PAIR", "names.SomeError", "requests.Session", "httpx.Timeout", "(names.Boom,)"]
)
def test_no_exception_class(name: str, tmp_path: Path) -> None:
    found = codes(tmp_path, f"@shared_task(autoretry_for={name})\ndef g(x): ...\n")
    assert "CEL305" not in [code for code, _ in found]


@pytest.mark.parametrize(
    ("value", "test", "told"),
    [
        ("0", "Conf.EVERY > 0", False),
        ("0", "WANTED and Conf.EVERY > 0", False),
        ("0", "Conf.EVERY", False),
        ("None", "Conf.EVERY is not None", False),
        ("-1", "Conf.EVERY", True),
        ("0", "Conf.OTHER", True),
        ("0", "WANTED or Conf.EVERY > 0", True),
    ],
)
def test_what_an_if_keeps_out_is_not_told(value: str, test: str, told: bool) -> None:
    """A schedule below a test that what is known of it never passes."""
    text = f"""
from celery import Celery
class Conf:
    EVERY = {value}
app = Celery("shop")
if {test}:
    app.conf.beat_schedule["x"] = {{"task": "shop.x", "schedule": Conf.EVERY}}
"""
    assert [f.code for f in lint(text, "made.py")] == ["CEL704"] * told


def test_what_an_else_keeps_out_is_not_told() -> None:
    text = """
from celery import Celery
class Conf:
    EVERY = -5
app = Celery("shop")
if Conf.EVERY < 0:
    pass
else:
    app.conf.beat_schedule["x"] = {"task": "shop.x", "schedule": Conf.EVERY}
"""
    assert lint(text, "made.py") == []
