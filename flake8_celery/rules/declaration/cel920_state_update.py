"""`update_state` writes a state that nobody can read.

## What happens

A FAILURE is read back as an exception. With `meta={...}` that lacks `exc_type` and `exc_message` every
reader of `.state`, `.result` and `.get()` raises ValueError. And the first positional argument is the
*task id*: `update_state("PROGRESS")` updates a task of that id.

```python bad
from celery import shared_task

@shared_task(bind=True)
def load(self, rows):
    self.update_state("PROGRESS", meta={"done": 1})
                      ^^^^^^^^^^ CEL920
    self.update_state(state="FAILURE", meta={"reason": "no rows"})
                                            ^^^^^^^^^^^^^^^^^^^^^ CEL920
```

## Use instead

```python good
from celery import shared_task

@shared_task(bind=True)
def load(self, rows):
    self.update_state(state="PROGRESS", meta={"done": 1})
    raise ValueError("no rows")
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, rule
from flake8_celery.core.model import StateUpdate

_NEEDED = ("exc_type", "exc_message")


@rule(
    "CEL920",
    "state-update",
    pylint="E8739",
    on=StateUpdate,
    message="update_state: %s",
)
def check(fact: StateUpdate, context: Context) -> Iterator[Problem]:
    arguments = fact.arguments
    first = arguments.positional[:1]
    if first and "state" not in arguments.keywords and len(arguments.positional) == 1:
        state = _state(first[0], fact.region, context)
        if state is not None and state.isupper() and state.replace("_", "").isalpha():
            told = f"the first argument is the task id, write state={state!r}"
            yield Problem(first[0], (told,))
    given = arguments.get("state", 1)
    meta = arguments.get("meta", 2)
    if given is None or not isinstance(meta, ast.Dict):
        return
    if _state(given, fact.region, context) != "FAILURE":
        return
    keys = [key.value if isinstance(key, ast.Constant) else None for key in meta.keys]
    if None not in keys and not all(name in keys for name in _NEEDED):
        told = (
            "a FAILURE without exc_type and exc_message can't be read, every reader raises "
            "ValueError: raise an exception instead"
        )
        yield Problem(meta, (told,))


def _state(node: ast.expr, region: Region, context: Context) -> str | None:
    name = context.resolve.qualname(node, region)
    if name is not None and name.startswith("celery.states."):
        return name.rpartition(".")[2]
    values = context.every(node, region, lambda value: isinstance(value, str))
    return str(values[0]) if len(values) == 1 else None
