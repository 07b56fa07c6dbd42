"""Files that grow in one way each: what a run costs must grow no faster than they do."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from flake8_celery.core.project.files import clear
from flake8_celery.linter import lint
from flake8_celery.options import Options

HEAD = "from celery import Celery, chain, group, shared_task\napp = Celery('shop')\n\n"
#: A file of `n` of something, by what that is.
FAMILIES: dict[str, Callable[[int], str]] = {
    "tasks": lambda n: HEAD + "".join(f"@app.task\ndef t{i}(x): ...\n" for i in range(n)),
    "named tasks": lambda n: (
        HEAD + "".join(f"@app.task(name='shop.{i}')\ndef t{i}(x): ...\n" for i in range(n))
    ),
    "signatures by name joined in one chain": lambda n: (
        HEAD
        + "@app.task\ndef f(x): ...\n\ndef g():\n"
        + "".join(f"    s{i} = f.s()\n" for i in range(n))
        + "    c = chain("
        + ", ".join(f"s{i}" for i in range(n))
        + ")\n    c.delay()\n"
    ),
    "signatures joined by |": lambda n: (
        HEAD
        + "@app.task\ndef f(x): ...\n\ndef g():\n    c = f.s(1)\n"
        + "    c = c | f.s()\n" * n
        + "    c.delay()\n"
    ),
    "routes x tasks": lambda n: (
        HEAD
        + "app.conf.task_routes = {\n"
        + "".join(f"    'shop.tasks.t{i}': {{'queue': 'q{i}'}},\n" for i in range(n))
        + "}\n"
        + "".join(f"@app.task\ndef t{i}(x): ...\n" for i in range(n))
    ),
    "dispatches in one atomic": lambda n: (
        "from django.db import transaction\n"
        + HEAD
        + "@app.task\ndef f(x): ...\n\ndef g(order):\n    with transaction.atomic():\n"
        + "        order.save()\n"
        + "        f.delay(1)\n" * n
    ),
    "periodic tasks": lambda n: (
        HEAD
        + "@app.task\ndef f(x): ...\n\n@app.on_after_configure.connect\ndef setup(sender, **kw):\n"
        + "".join(f"    sender.add_periodic_task({i + 1}.0, f.s({i}))\n" for i in range(n))
    ),
    "beat entries": lambda n: (
        HEAD
        + "@app.task\ndef f(x): ...\n\napp.conf.beat_schedule = {\n"
        + "".join(
            f"    'e{i}': {{'task': 'shop.f', 'schedule': {i + 1}.0, 'args': (1,)}},\n"
            for i in range(n)
        )
        + "}\n"
    ),
    "tasks in a class": lambda n: (
        HEAD + "class A:\n" + "".join(f"    @app.task\n    def t{i}(x): ...\n" for i in range(n))
    ),
    "a dict of tasks": lambda n: (
        HEAD
        + "".join(f"@app.task\ndef t{i}(x): ...\n" for i in range(n))
        + "ALL = {\n"
        + "".join(f"    '{i}': t{i},\n" for i in range(n))
        + "}\ndef g(k):\n    ALL[k].delay(1)\n"
    ),
    "tasks that send tasks": lambda n: (
        HEAD + "".join(f"@app.task\ndef t{i}(x):\n    t{(i + 1) % n}.delay(x)\n" for i in range(n))
    ),
    "Task classes x tasks": lambda n: (
        "from celery import Task\n"
        + HEAD
        + "".join(
            f"class B{i}(Task):\n    queue = 'q'\n@app.task(base=B{i})\ndef t{i}(x): ...\n"
            for i in range(n)
        )
    ),
    "settings": lambda n: HEAD + "".join(f"app.conf.worker_x{i} = {i}\n" for i in range(n)),
    "parameters of one task": lambda n: (
        HEAD
        + "@app.task\ndef f("
        + ", ".join(f"p{i}" for i in range(n))
        + "): ...\n\nf.delay("
        + ", ".join("1" for _ in range(n))
        + ")\n"
    ),
    "names sent": lambda n: (
        HEAD
        + "".join(f"@app.task\ndef t{i}(x): ...\n" for i in range(n))
        + "".join(f"app.send_task('shop.u{i}', (1,))\n" for i in range(n))
    ),
}


def lock_of(n: int, parameters: int = 1) -> str:
    """The text of a lock of `n` tasks in shop/tasks.py."""
    many = ", ".join(
        f'{{"name": "p{i}", "kind": "positional", "default": false}}' for i in range(parameters)
    )
    rows = ",\n".join(
        f'"shop.tasks.t{i}": {{"file": "shop/tasks.py", "module": "shop.tasks", '
        f'"qualname": "t{i}", "explicit": false, "bind": "no", "parameters": [{many}]}}'
        for i in range(n)
    )
    return f'{{"version": 1, "tasks": {{\n{rows}\n}}}}\n'


def work(text: str, path: Path) -> int:
    """How many instructions of Python a run over a file takes, nothing known before."""
    lint(text, str(path), Options())
    clear()
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> object:
        nonlocal count
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        count += event == "opcode"
        return trace

    sys.settrace(trace)
    try:
        lint(text, str(path), Options())
    finally:
        sys.settrace(None)
    return count


def exponent(family: Callable[[int], str], path: Path, small: int, large: int) -> float:
    """By which power the work grows with the size."""
    least, most = work(family(small), path), work(family(large), path)
    return math.log(most / least) / math.log(large / small)
