"""Every recursion has an end: what is named after itself, in a ring, or in a long row."""

# ruff: noqa: E501

from __future__ import annotations

import time
from pathlib import Path

import pytest

from flake8_celery.core.project.files import clear
from flake8_celery.linter import lint
from flake8_celery.options import Options
from flake8_celery.rules._advice import OPT_IN

HEAD = """\
from functools import partial

from celery import Celery, chain, group, shared_task

app = Celery()


@shared_task
def f(a): ...


@shared_task(max_retires=1)
def wrong(): ...


"""
#: What stands for itself, for an attribute, a call, a part or a mixture of itself, in every role.
ITSELF = (
    "h = h.tasks\nh.f.delay(1, 2)\nh.f.s(1) | h.g.s()\nh.delay(h)",
    "h = h.tasks\nh.conf.task_routes = h\nh.conf.beat_schedule = {'a': {'task': h.name, 'schedule': h}}",
    "class A:\n    h = h.tasks\n    h.f.delay(1)\nA.h.delay()\nA.h.tasks.delay()",
    "a = b.x\nb = a.y\na.delay(1)\nb.f.delay(1)\nchain(a, b)()",
    "h = h()\nh.delay()\nh = h[0]",
    "h = h()\nh.delay(1)\nf.delay(h)",
    "h = h[0]\nh.delay(1)\nf.delay(h, h[0])",
    "h = h.s(1)\nh.delay()\n(h | h).delay()",
    "h = h | h\nh.delay()",
    "h = h | f.s(1)\nh()",
    "h = lambda: h()\nh().delay(1)\nf.delay(h())",
    "def h(): return h()\nh().delay(1)\nf.delay(h())",
    "def h(): return h.x\nh().delay(1)\n@h()\ndef z(): ...",
    "@h\ndef h(): ...\nh.delay()",
    "h = app.task(h)\nh.delay()",
    "h = shared_task(h)\nh.delay()",
    "class A(A): pass\n@app.task(base=A)\ndef g(self): ...\ng.delay()",
    "class A(A.B):\n    class B(A): pass\n@app.task(base=A)\ndef g(self): ...\nA.B.delay()",
    "class A(B): pass\nclass B(A): pass\n@app.task(base=B, bind=True)\ndef g(self): self.retry()\ng.delay()",
    "h = partial(h, 1)\nh()\nh = partial(h.delay, 1)",
    "h = partial(h.delay, 1)\nh(2)",
    "d = {**d}\napp.conf.update(d)\n@shared_task(**d)\ndef g(): ...\nf.apply_async((1,), **d)",
    "d = dict(d)\napp.conf.update(d)\n@shared_task(**d)\ndef g(): ...",
    "d = [*d]\nf.delay(*d)\nf.apply_async(d)\nchain(*d)()\ngroup(d)()",
    "d = d + [1]\nf.delay(*d)",
    "d = (d, d)\nf.delay(*d)\nf.apply_async(d)",
    "d = d if d else d\nf.delay(d)\nd.delay(1)",
    "d = d or d\nf.delay(d)\nd.delay(1)",
    "d = (d := d)\nd.delay(1)",
    "d = f'{d}'\napp.send_task(d)\n@shared_task(name=d)\ndef g(): ...",
    "d = d + 'x'\napp.send_task(d)\n@shared_task(name=d)\ndef g(): ...",
    "d = d % d\napp.send_task(d)",
    "d = d.format(d)\napp.send_task(d)",
    "d = -d\nf.apply_async((1,), countdown=d)",
    "d = getattr(d, 'x')\nd.delay(1)",
    "app = app\n@app.task\ndef g(): ...\ng.delay()",
    "app = app.app\n@app.task\ndef g(): ...\ng.delay()",
    "app.conf = app.conf.conf\napp.conf.x = 1",
    "from . import h\nh = h.tasks\nh.delay(1)",
    "import h.tasks\nh = h.tasks.h\nh.delay(1)",
    "for h in h: h.delay(1)",
    "with h as h: h.delay(1)",
    "h, g = g, h\nh.delay(1)",
    "[h, *h] = h\nh.delay(1)",
    "h: h = h\nh.delay(1)",
    "h: 'h.x' = h.y\nh.delay(1)",
    "def k(h=h): return h\nk.delay(1)\nh = k",
    "def k():\n    global h\n    h = h.tasks\n    h.delay(1)",
    "h = h.tasks.h.tasks\nh.h.h.delay(1)",
    "h = h().tasks\nh.delay(1)",
    "h = h[0].tasks\nh.delay(1)",
    "h = (h or h).tasks\nh.delay()",
    "h = (h if h else 1).tasks\nh.delay()",
    "import signal\nfrom celery.signals import task_success\nh = h.connect\n@h.connect\ndef z(**k): ...\ntask_success.connect(h)",
    "class C(C.D):\n    x = C.x\n    y = x.y\nf.delay(C.x)\nC.x.delay()",
    "from enum import Enum\nclass E(Enum):\n    a = E.a\n    b = a\nf.delay(E.a)\nf.delay(E.a.value)\napp.send_task(E.a)\napp.send_task(E.a.value)",
    "class K:\n    def __init__(self): self.h = self.h.tasks; self.h.delay(1)\n    def m(self): return self.m().delay(1)\n    p = property(p)",
    "h = h.clone().set(queue='x')\nh.delay()\n(h | h).apply_async()",
    "h = chain(h, h)\nh.delay()",
    "h = group(h)\nh.delay()",
    "h = chain(h)\nh = group(h, h)\nh.delay()",
    "h = [h]\ngroup(h).delay()\nchain(h)()",
    "h = {'a': h}\napp.conf.update(h)\napp.conf.beat_schedule = h\napp.conf.task_routes = h",
    "h = [('a', h)]\napp.conf.task_routes = h",
    "h = (h,)\napp.conf.task_routes = h",
    "r = f.delay(r)\nr.get()\nr = r.get()\nf.delay(r)",
    "from celery.schedules import crontab\ns = crontab(minute=s)\napp.conf.beat_schedule = {'a': {'task': 'f', 'schedule': s}}",
    "h = type('h', (h,), {})\nh.delay()",
)
#: Rows of names, each of which stands for what the next one gives.
ROWS = (
    ("a{} = a{}", "a0.delay(1, 2)\nf.delay(a0)"),
    ("a{} = a{}.x", "a0.delay(1, 2)\nf.delay(a0)\na0.y.s() | f.s()"),
    ("a{} = a{}.s", "a0.delay()"),
    ("a{} = a{}()", "a0.delay()\na0()"),
    ("a{} = a{}[0]", "a0.delay()\nf.delay(a0)"),
    ("a{} = a{} | f.s(1)", "a0.delay()"),
    ("a{} = chain(a{}, f.s(1))", "a0.delay()"),
    ("a{} = group(a{})", "a0.delay()"),
    ("a{} = [a{}]", "f.delay(a0)\ngroup(a0)()"),
    ("a{} = [*a{}]", "f.delay(*a0)\nf.apply_async(a0)"),
    ("a{} = {{**a{}}}", "f.apply_async((1,), **a0)\napp.conf.update(a0)\nf = shared_task(**a0)(f)"),
    ("a{} = dict(a{})", "f.apply_async((1,), **a0)\napp.conf.update(a0)"),
    ("a{} = {{'x': a{}}}", "app.conf.beat_schedule = a0\napp.conf.task_routes = a0"),
    ("a{} = [('x', a{})]", "app.conf.task_routes = a0\nf.delay(a0)"),
    ("a{} = a{} + 'x'", "app.send_task(a0)\nf.apply_async(queue=a0)"),
    ("a{} = f'{{a{}}}'", "app.send_task(a0)\n@shared_task(name=a0)\ndef g(): ..."),
    ("a{} = a{} or f", "a0.delay()"),
    ("a{} = a{} if f else f", "a0.delay()"),
    ("a{} = partial(a{}, 1)", "a0()"),
    ("a{} = lambda: a{}()", "a0().delay()\nf.delay(a0())"),
    ("def a{}(): return a{}()", "a0().delay(1, 2)\nf.delay(a0())"),
    ("def a{}(x=1): return a{}(x)", "f.delay(a0(1))\n@a0\ndef g(): ..."),
    ("class a{}(a{}): pass", "@app.task(base=a0)\ndef g(): ...\na0.x.delay()"),
    ("class a{}:\n    x = a{}.x", "a0.x.delay()\nf.delay(a0.x)"),
)


def judged(text: str, filename: str = "tasks.py") -> list[str]:
    options = Options()
    options.selected = frozenset(OPT_IN)
    return [finding.code for finding in lint(text, filename, options)]


@pytest.mark.parametrize("text", ITSELF)
def test_itself(text: str) -> None:
    assert "CEL903" in judged(HEAD + text + "\n")


@pytest.mark.parametrize("text", ITSELF)
def test_itself_in_a_function_and_a_class(text: str) -> None:
    inside = "".join(f"    {line}\n" for line in text.splitlines())
    assert "CEL903" in judged(f"{HEAD}def around():\n{inside}")
    assert "CEL903" in judged(f"{HEAD}class Around:\n{inside}")


@pytest.mark.parametrize(("row", "end"), ROWS)
@pytest.mark.parametrize("ring", [False, True])
def test_a_row_and_a_ring(row: str, end: str, ring: bool) -> None:
    length = 600
    names = [row.format(n, 0 if ring and n == length - 1 else n + 1) for n in range(length)]
    before = time.process_time()
    assert "CEL903" in judged("\n".join((HEAD, *names, end, "")))
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    "text",
    ["h = h.tasks", "h = h()", "h = h | h", "h = {**h}", "class h(h): pass", "def h(): return h()"],
)
def test_two_modules_that_need_each_other(tmp_path: Path, text: str) -> None:
    clear()
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "b.py").write_text(f"{HEAD}from a import *\nfrom a import h\n{text}\n")
    end = "h.delay(1)\nh.f.delay(1)\nf.apply_async((h,), **h)\napp.conf.update(h)\n"
    here = f"{HEAD}from b import *\nfrom b import h\n{text}\n{end}@app.task(base=h)\ndef g(): ...\n"
    (tmp_path / "a.py").write_text(here)
    assert "CEL903" in judged(here, str(tmp_path / "a.py"))


def test_a_long_attribute() -> None:
    dots = ".a" * 600
    assert "CEL903" in judged(f"{HEAD}h = h{dots}\nh.delay()\nf.delay(h{dots})\n")
