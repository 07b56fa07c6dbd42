"""What keeps CEL401 silent, each beside the same code without it, where it speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_celery.core.project.files import clear
from flake8_celery.linter import lint
from flake8_celery.options import Options

HEAD = "from celery import Celery, Task, shared_task\nfrom unittest import mock\nimport pytest\n"
TASK = "@shared_task\ndef add(x, y): ...\n"
CALL = "def send(values, options):\n    add.delay(1)\n"


def codes(source: str, filename: str = "jobs.py", **options: object) -> list[str]:
    found = [f.code for f in lint(source, filename, Options(options))]
    assert "CEL000" not in found
    return [code for code in found if code == "CEL401"]


def test_without_a_guard() -> None:
    assert codes(HEAD + TASK + CALL) == ["CEL401"]


def base(body: str) -> str:
    return f"class Base(Task):\n{body}\n@shared_task(base=Base)\ndef add(x, y): ...\n"


TASKS = {
    # other decorators may inject arguments
    "decorator-below": "@shared_task\n@inject\ndef add(x, y): ...\n",
    "decorator-above": "@inject\n@shared_task\ndef add(x, y): ...\n",
    "decorator-called": "@shared_task\n@inject('y')\ndef add(x, y): ...\n",
    # wrapped afterwards
    "wrapper-class": TASK + "add = Wrapper(add)\n",
    "wrapper-object": "add = Wrapper(shared_task(lambda x, y: 1))\n",
    "wrapper-function": "def _add(x, y): ...\nadd = wrap(shared_task(_add))\n",
    # a Task class that leads elsewhere
    "apply-async": base("    def apply_async(self, *a, **k): ..."),
    "delay": base("    def delay(self, *a): return self.apply_async((*a, 1))"),
    # the app's own Task class
    "task-cls": "class Base(Task):\n    def apply_async(self, *a, **k): ...\n"
    "app = Celery(task_cls=Base)\n@app.task\ndef add(x, y): ...\n",
    "task-cls-shared": "class Base(Task):\n    def apply_async(self, *a, **k): ...\n"
    "app = Celery(task_cls=Base)\n" + TASK,
    "task-cls-text": "app = Celery(task_cls='lib:Base')\n@app.task\ndef add(x, y): ...\n",
    "app-task": "class Base(Task):\n    def apply_async(self, *a, **k): ...\n"
    "app = Celery()\napp.Task = Base\n@app.task\ndef add(x, y): ...\n",
    "app-class": "class App(Celery):\n    task_cls = 'lib:Base'\n"
    "app = App()\n@app.task\ndef add(x, y): ...\n",
    # options out of sight
    "task-options": "@shared_task(**OPTIONS)\ndef add(x, y): ...\n",
    "bind-unknown": "@shared_task(bind=BIND)\ndef add(x, y): ...\n",
    # which definition it is can't be told
    "conditional": "if DEBUG:\n    @shared_task\n    def add(x): ...\n"
    "else:\n    @shared_task\n    def add(x, y): ...\n",
    "try": "try:\n    from lib import add\nexcept ImportError:\n    @shared_task\n"
    "    def add(x, y): ...\n",
    "redefined": TASK + "@shared_task\ndef add(x): ...\n",
    "deleted": TASK + "del add\n",
    "rebound-by-function": TASK + "def setup():\n    global add\n    add = other\n",
    "rebound-in-loop": TASK + "for add in tasks: ...\n",
    "not-celery": "@other.task\ndef add(x, y): ...\n",
    "variadic": "@shared_task\ndef add(*args, **kwargs): ...\n",
    # `self` was forgotten: CEL902 says so, once
    "self-without-bind": "@shared_task\ndef add(self, x): ...\n",
}


@pytest.mark.parametrize("case", TASKS)
def test_of_the_task(case: str) -> None:
    assert codes(HEAD + TASKS[case] + CALL) == []


#: A class of another package that doesn't say that it sends in a way of its own.
LIKELY = {
    "unknown-base": "from lib import Base\n@shared_task(base=Base)\ndef add(x, y): ...\n",
    "base-of-unknown": "from lib import Other\nclass Base(Other, Task): ...\n"
    "@shared_task(base=Base)\ndef add(x, y): ...\n",
    "mixin": "from lib import Mixin\nclass Base(Mixin, Task): ...\n"
    "@shared_task(base=Base)\ndef add(x, y): ...\n",
}


@pytest.mark.parametrize("case", LIKELY)
def test_what_is_likely_is_called_likely(case: str) -> None:
    (found,) = lint(HEAD + LIKELY[case] + CALL, "jobs.py")
    assert found.code == "CEL401"
    assert "(likely: " in found.message
    named = LIKELY[case].replace("Other", "OtherOnce").replace("Mixin", "AtomicMixin")
    named = named.replace("Base", "RetryingBase")
    assert codes(HEAD + named + CALL) == []


CALLS = {
    "pytest-raises": "    with pytest.raises(TypeError):\n        add.delay(1)\n",
    "assert-raises": "    with self.assertRaises(TypeError):\n        add.delay(1)\n",
    "suppress": "    with suppress(KeyError, TypeError):\n        add.delay(1)\n",
    "suppress-all": "    with suppress(Exception):\n        add.delay(1)\n",
    "suppress-some": "    with suppress(*values):\n        add.delay(1)\n",
    "handler": "    try:\n        add.delay(1)\n    except TypeError:\n        pass\n",
    "splat": "    add.delay(*values)\n",
    "splat-more": "    add.delay(1, *values)\n",
    "keywords": "    add.delay(1, **options)\n",
    "args": "    add.apply_async(values)\n",
    "args-starred": "    add.apply_async((1, *values))\n",
    "kwargs": "    add.apply_async((1,), options)\n",
    "kwargs-merged": "    add.apply_async((1,), {**options})\n",
    "kwargs-computed": "    add.apply_async((1,), {values: 1})\n",
    "kwargs-dict": "    add.apply_async((1,), dict(options))\n",
    "options": "    add.apply_async(**options)\n",
    "list-changed": "    a = [1]\n    a.append(2)\n    add.apply_async(a)\n",
    "list-extended": "    a = [1]\n    a += values\n    add.apply_async(a)\n",
    "dict-changed": "    k = {'x': 1}\n    k['y'] = 2\n    add.apply_async(kwargs=k)\n",
    "dict-handed-on": "    k = {'x': 1}\n    fill(k)\n    add.apply_async(kwargs=k)\n",
    "tuple-twice": "    a = (1,)\n    if values:\n        a = (1, 2)\n    add.apply_async(a)\n",
    "partial-signature": "    return add.s(1)\n",
    "partial": "    from functools import partial\n    return partial(add.delay, 1)\n",
    "reference": "    return add.delay\n",
    "parameter": "    def inner(add):\n        add.delay(1)\n",
    "local": "    add = values\n    add.delay(1)\n",
    "local-import": "    from lib import add\n    add.delay(1)\n",
    "local-function": "    def add(x): ...\n    add(1)\n",
    "comprehension": "    return [add.delay(1) for add in values]\n",
    "lambda": "    return lambda add: add.delay(1)\n",
    "with": "    with mock.patch('jobs.add') as add:\n        add.delay(1)\n",
    "other-attribute": "    values.add.delay(1)\n    values.add(1)\n",
    "run": "    add.run(1)\n",
}


@pytest.mark.parametrize("case", CALLS)
def test_of_the_call(case: str) -> None:
    assert codes(f"{HEAD}{TASK}def send(self, values, options):\n{CALLS[case]}") == []


MOCKS = [
    "@mock.patch('jobs.add')\ndef test(m): ...\n",
    "@mock.patch('jobs.add.delay')\ndef test(m): ...\n",
    "@mock.patch.object(add, 'delay')\ndef test(m): ...\n",
    "@mock.patch.object(jobs, 'add')\ndef test(m): ...\n",
    "@mock.patch.multiple('jobs', add=1)\ndef test(m): ...\n",
    "def test(monkeypatch):\n    monkeypatch.setattr('jobs.add', 1)\n",
    "def test(monkeypatch):\n    monkeypatch.setattr(jobs, 'add', 1)\n",
    "def test(monkeypatch):\n    monkeypatch.setattr(add, 'delay', 1)\n",
    "def test(mocker):\n    mocker.patch('jobs.add')\n",
    "def test(mocker):\n    mocker.patch.object(add, 'apply_async')\n",
    "def test():\n    with mock.patch('jobs.add.apply_async'):\n        pass\n",
    "def test():\n    add.delay = mock.Mock()\n",
    "def test():\n    add.delay: object = mock.Mock()\n",
    "def test():\n    self.jobs.add = mock.Mock()\n",
    "def test():\n    patch = mock.patch\n    patch('jobs.add')\n",
    "def test():\n    jobs.add = mock.Mock()\n",
    "def test():\n    setattr(add, 'delay', mock.Mock())\n",
]


@pytest.mark.parametrize("source", MOCKS)
def test_of_mocks(source: str) -> None:
    """A file that replaces the task may give it what it likes."""
    assert codes(HEAD + TASK + source + CALL) == []
    assert codes(HEAD + TASK + source.replace("add", "other") + CALL) == ["CEL401"]


def test_a_call_of_the_base_leaves_celerys_own_check() -> None:
    """Flask's `ContextTask` overrides `__call__`; what is sent is checked all the same."""
    flask = "class Base(Task):\n    def __call__(self, *a, **k): ...\n"
    task = flask + "@shared_task(base=Base)\ndef add(x, y): ...\n"
    assert codes(HEAD + task + CALL) == ["CEL401"]
    assert codes(HEAD + task + "add(1)\nadd.apply((1,))\n") == []
    only = task.replace("x, y", "x, /, **options")
    assert codes(HEAD + only + "add.delay(x=1)\n") == []
    assert codes(HEAD + task.replace("base=Base", "base=Base, typing=False") + CALL) == []


@pytest.mark.parametrize("given", ["plain", "unknown", "lib.base:Base"])
def test_task_class_option(given: str) -> None:
    expected = [] if given == "unknown" else ["CEL401"]
    assert codes(HEAD + TASK + CALL, **{"celery-task-class": given}) == expected


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        ("app = Celery('shop')\n", ["CEL401"]),
        ("app = Celery('shop', task_cls='shop.base:Base')\n", []),
        ("app = Celery('shop', task_cls='shop.base:Harmless')\n", ["CEL401"]),
        ("app = Celery('shop', task_cls='lib:Base')\n", []),
        ("app = Celery('shop', **options)\n", []),
        ("app = make_celery()\n", ["CEL401"]),
    ],
)
def test_the_projects_app(tmp_path: Path, app: str, expected: list[str]) -> None:
    """A shared task gets the Task class of the app, which stands in another file."""
    clear()
    shop = tmp_path / "shop"
    shop.mkdir()
    (tmp_path / "setup.cfg").touch()
    (shop / "__init__.py").touch()
    (shop / "celery.py").write_text(f"from celery import Celery\n{app}")
    (shop / "base.py").write_text(
        "from celery import Task\nclass Base(Task):\n    def apply_async(self, *a, **k): ...\n"
        "class Harmless(Task):\n    queue = 'slow'\n"
    )
    assert codes(HEAD + TASK + CALL, str(shop / "jobs.py")) == expected


def test_names_of_send_task(tmp_path: Path) -> None:
    """A name that the app may have made in a way of its own tells no task."""
    named = "@app.task(name='jobs.add')\ndef add(x, y): ...\napp.send_task('jobs.add', (1,))\n"
    assert codes(HEAD + "app = Celery()\n" + named) == ["CEL401"]
    assert codes(HEAD + "app = Celery()\n" + named.replace("'jobs.add', (1", "NAME, (1")) == []
    clear()
    (tmp_path / "setup.cfg").touch()
    automatic = "@app.task\ndef add(x, y): ...\napp.send_task('jobs.add', (1,))\n"
    assert codes(HEAD + "app = Celery()\n" + automatic, str(tmp_path / "jobs.py")) == ["CEL401"]
    renamed = (
        "class App(Celery):\n    def gen_task_name(self, name, module): return name\napp = App()\n"
    )
    assert codes(HEAD + renamed + automatic, str(tmp_path / "jobs.py")) == []


def test_signature_by_name() -> None:
    head = HEAD + "from celery import signature\napp = Celery()\n@app.task(name='jobs.add')\n"
    for call, expected in {
        "signature('jobs.add', (1, 2, 3))": ["CEL401"],
        "signature('jobs.add', args=(1,), immutable=True)": ["CEL401"],
        "app.signature('jobs.add', kwargs={'z': 1})": ["CEL401"],
        "signature('jobs.add', (1,))": [],
        "signature('jobs.sub', (1, 2, 3))": [],
        "signature({'task': 'jobs.add'})": [],
    }.items():
        assert codes(f"{head}def add(x, y): ...\nx = {call}\n") == expected, call


def test_another_error_suppressed_hides_none() -> None:
    body = "    with contextlib.suppress(errs.LockError, KeyError):\n        add.delay(1)\n"
    assert codes(f"{HEAD}{TASK}def send(values):\n{body}") == ["CEL401"]
