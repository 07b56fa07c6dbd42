"""A password in the URL of a broker or result backend.

## What happens

The source is in every clone, image and backup; so is the password to the place where tasks come
from. Who can write to the broker decides what the workers run.

```python bad
from celery import Celery

app = Celery("shop", broker="amqp://shop:s3cr3t@mq.example.com/shop")
                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ CEL808
```

## Use instead

```python good
import os

from celery import Celery

app = Celery("shop", broker=os.environ["BROKER_URL"])
```

## Exceptions

`guest:guest`, RabbitMQ's own on localhost; a default for the environment that leads to localhost;
a placeholder (`<password>`, `{password}`); files of tests and of development.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Environment, Problem, Region, Unknown, rule
from flake8_celery.core.model import LooseSetting, Setting

_KEYS = frozenset({"broker_url", "broker_read_url", "broker_write_url", "result_backend"})
_URL = r"^[a-zA-Z][\w+.-]*://(?P<user>[^:/@\s]*):(?P<password>[^@/\s]+)@(?P<host>[^:/?]*)"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", ""})
_PLACEHOLDER = r"(?i)[<{$%*]|^x+$|^\.+$"
_NOT_SECRET = frozenset({("guest", "guest")})


def _password(value: object) -> re.Match[str] | None:
    """The first URL in a value that holds a password."""
    values = value if isinstance(value, (list, tuple)) else [value]
    for text in values:
        for url in text.split(";") if isinstance(text, str) else ():
            found = re.match(_URL, url.strip())
            if (
                found
                and (found["user"], found["password"]) not in _NOT_SECRET
                and not re.search(_PLACEHOLDER, found["password"])
            ):
                return found
    return None


@rule(
    "CEL808",
    "password-in-url",
    pylint="W8747",
    on=(Setting, LooseSetting),
    message="%s holds the password of %s: read the URL from the environment",
)
def check(fact: Setting, context: Context) -> Iterator[Problem]:
    if fact.key not in _KEYS or fact.how != "=" or context.for_development:
        return
    yield from _judge(fact, fact.value, fact.region, context)


def _judge(fact: Setting, node: ast.expr, region: Region, context: Context) -> Iterator[Problem]:
    values = context.resolve.values(node, region)
    environment = isinstance(values, Environment)
    if isinstance(values, Environment):
        values = values.default
    if isinstance(values, Unknown) or not all(_password(value) for value in values):
        return
    found = _password(values[0])
    if found is None or (environment and found["host"] in _LOCAL):
        return
    yield Problem(node, (fact.written, found["user"] or found["host"]))
