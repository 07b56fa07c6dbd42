"""Task classes of a project's own that only hand on, and those that do more."""

from __future__ import annotations

import pytest

from flake8_celery.linter import lint

TASKS = """
from celery import Celery, Task

class Base(Task):
{body}

app = Celery("shop", task_cls=Base)

@app.task
async def fetch(url): ...

@app.task
def rows(path):
    yield path

@app.task
def sync(self, pk): ...
"""
ALL = ["CEL906", "CEL907", "CEL902"]
COROUTINES = ["CEL906", "CEL907"]
SELF = ["CEL902"]


def codes(body: str) -> list[str]:
    inner = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    return [finding.code for finding in lint(TASKS.format(body=inner), "celery_tasks.py")]


CALLS = "def __call__(self, *args, **kwargs):\n    "
SENDS = "def apply_async(self, args=None, kwargs=None, **options):\n    "


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("abstract = True", ALL),
        (CALLS + "with context():\n        return super().__call__(*args, **kwargs)", ALL),
        (CALLS + "return Task.__call__(self, *args, **kwargs)", ALL),
        (CALLS + "found = self.run(*args, **kwargs)\n    log.info('done')\n    return found", ALL),
        (CALLS + "self.run(*args, **kwargs)", ALL),
        # what comes back may be run here
        (CALLS + "return asyncio.run(super().__call__(*args, **kwargs))", SELF),
        (CALLS + "return async_to_sync(self.run)(*args, **kwargs)", []),
        (CALLS + "return list(super().__call__(*args, **kwargs))", SELF),
        (CALLS + "found = self.run(*args, **kwargs)\n    return drain(found)", SELF),
        (CALLS + "for each in self.run(*args, **kwargs):\n        pass", SELF),
        (CALLS + "import asyncio\n    return self.run(*args, **kwargs)", SELF),
        # the function gets more
        (CALLS + "return super().__call__(self, *args, **kwargs)", COROUTINES),
        # or other things, of which none is the task itself
        (CALLS + "kwargs['x'] = 1\n    return super().__call__(*args, **kwargs)", ALL),
        (
            CALLS + "args = list(args)\n    args[0] = find(args[0], self.name)\n"
            "    del kwargs['pk']\n    return super().__call__(*args, **kwargs)",
            ALL,
        ),
        (CALLS + "kwargs['self'] = 1\n    return super().__call__(*args, **kwargs)", COROUTINES),
        (CALLS + "kwargs[key] = 1\n    return super().__call__(*args, **kwargs)", COROUTINES),
        (CALLS + "kwargs['x'] = self\n    return super().__call__(*args, **kwargs)", COROUTINES),
        (CALLS + "args = self.more(args)\n    return self.run(*args, **kwargs)", COROUTINES),
        (CALLS + "args = (current_task, *args)\n    return self.run(*args, **kwargs)", COROUTINES),
        (
            CALLS + "args = list(args)\n    args.insert(0, it)\n    self.run(*args, **kwargs)",
            COROUTINES,
        ),
        (CALLS + "add(args)\n    return self.run(*args, **kwargs)", COROUTINES),
        (CALLS + "return subprocess.run(args)", []),
        (SENDS + "return super().apply_async(args, kwargs, **options)", ALL),
        (
            SENDS + "options.pop('x', 1)\n    return super().apply_async(args=args, kwargs=kwargs)",
            ALL,
        ),
        ("def apply_async(self, *args, **kwargs):\n    super().apply_async(*args, **kwargs)", ALL),
        (SENDS + "return super().apply_async((me, *args), kwargs, **options)", COROUTINES),
        (SENDS + "args = (me, *args)\n    return super().apply_async(args, kwargs)", COROUTINES),
        (SENDS + "kwargs['self'] = 1\n    return super().apply_async(args, kwargs)", COROUTINES),
        (SENDS + "return send(self, args, kwargs)", COROUTINES),
    ],
)
def test_what_hands_on_is_plain(body: str, told: list[str]) -> None:
    assert sorted(codes(body)) == sorted(told)
