"""A password, key or token sent as a task's argument.

## What happens

The message holds it in plain text, and so does whoever reads the queue or the result. Celery also
puts a printed form of all arguments into the message's headers: events, Flower and `inspect` show
it, and it is logged when a message can't be handled.

```python bad
from celery import shared_task

@shared_task
def connect(user_id, password): ...

connect.delay(1, "hunter2")
                 ^^^^^^^^^ CEL452
```

## Use instead

Send a key, and let the task look the secret up. Where that can't be, keep it out of the printed form;
the message itself still holds it.

```python good
from celery import shared_task

@shared_task
def connect(user_id, password): ...

def start(user_id, password):
    connect.apply_async((user_id, password), argsrepr=repr((user_id, "...")))
```

## Exceptions

Calls with `argsrepr` or `kwargsrepr`, None, ids and pages' tokens (`token_id`, `next_token`), and
Task classes that send in a way of their own. A name is only a hint, so this is advice: three findings
in 22 packages, all three tokens. Switch it on where monitors are read by more people than may know
the secrets.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.engine import Context, Problem, Unknown, rule
from flake8_celery.core.messages.arguments import Given, of_dispatch
from flake8_celery.core.model import Dispatch

_NAME: Final = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|passcode|secret|credentials?|token|jwt|pin_code"
    r"|(?:api|private|secret|access|auth|encryption|signing|ssh)_?key)$"
)
#: Tokens that open nothing.
_HARMLESS: Final = re.compile(
    r"(?:page|next|prev|previous|continuation|idempotency|device|push|fcm|apns|sync|cancel|lock"
    r"|fence|csrf|public|cache|client|dedup|delta|change)_?tokens?$"
)
#: Values that are secrets by their form: cloud, forge, payment and chat keys, private keys.
_VALUE: Final = re.compile(
    r"(?:AKIA|ASIA)[0-9A-Z]{16}$|gh[pousr]_[A-Za-z0-9]{30,}$|glpat-[\w-]{20,}$"
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{16,}$|xox[abprs]-[\w-]{10,}$|-----BEGIN [A-Z ]*PRIVATE KEY"
)
_REPR: Final = ("argsrepr", "kwargsrepr")


@rule(
    "CEL452",
    "secret-argument",
    pylint="R8672",
    on=Dispatch,
    default=False,
    message="%s is sent in plain text and shown by events and monitors: send a key, or give %s",
)
def check(fact: Dispatch, context: Context) -> Iterator[Problem]:
    if fact.arguments.splat_keywords and fact.method != "delay":
        return
    task = context.task(fact)
    if task is not None and not task.base.lacks("apply_async"):
        return
    names: tuple[str, ...] = ()
    if task is not None:
        parameters = context.parameters(task, fact.method)
        names = () if isinstance(parameters, Unknown) else parameters.positional
    for given in of_dispatch(fact, context.model):
        values = _values(fact) if given.keywords else {}
        for name, node, way in _arguments(given, names, values):
            if _is_secret(name, node) and not _is_kept_out(fact):
                yield Problem(node, (name or "what looks like a key", way))


def _is_kept_out(fact: Dispatch) -> bool:
    """Whether the call, or the signature that it makes, says what is printed instead."""
    given = (node.arg for node in ast.walk(fact.statement) if isinstance(node, ast.keyword))
    return any(name in _REPR for name in given)


def _values(fact: Dispatch) -> dict[ast.AST, ast.AST]:
    """The value of each key of the dicts that a call is given."""
    return {
        key: value
        for node in (ast.walk(fact.call) if fact.call is not None else ())
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if key is not None
    }


def _arguments(
    given: Given, names: tuple[str, ...], values: dict[ast.AST, ast.AST]
) -> Iterator[tuple[str, ast.AST, str]]:
    """Each argument in sight with the parameter that takes it, and how to keep it from print."""
    for index, value in enumerate(given.positional):
        yield names[index] if index < len(names) else "", value, "argsrepr="
    for name, place in given.keywords.items():
        given_by = place.value if isinstance(place, ast.keyword) else values.get(place, place)
        yield name, given_by, "kwargsrepr="


def _is_secret(name: str, node: ast.AST) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_secret(name, node.body) or _is_secret(name, node.orelse)
    if isinstance(node, ast.Attribute) and node.attr in ("pk", "id"):
        return False
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, (str, bytes)) or not node.value:
            return False
        if isinstance(node.value, str) and _VALUE.match(node.value):
            return True
    lowered = name.lower()
    return bool(_NAME.search(lowered)) and not _HARMLESS.search(lowered)
