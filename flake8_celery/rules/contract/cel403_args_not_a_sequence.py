"""`args` is neither a list nor a tuple, or `kwargs` is no mapping.

## What happens

`(pk)` is no tuple. Celery raises `TypeError: task args must be a list or tuple`, or hands a text on
one character an argument. `send_task` wants the task's *name*, not the task.

```python bad
from celery import shared_task

@shared_task
def remind(pk): ...

PK = 7

def later():
    remind.apply_async((PK))
                        ^^ CEL403
    remind.apply_async(args="7")
                            ^^^ CEL403
    remind.apply_async(kwargs=[PK])
                              ^^^^ CEL403
```

## Use instead

```python good
from celery import shared_task

@shared_task
def remind(pk): ...

def later(pk):
    remind.apply_async((pk,))
    remind.apply_async(args=[pk], kwargs={})
```

## Exceptions

An empty value, which counts as none, and anything whose type can't be told.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, Problem, Region, Unknown, rule
from flake8_celery.core.model import Dispatch, Retry

_SCALARS = frozenset(
    {
        "str",
        "bytes",
        "int",
        "float",
        "bool",
        "timedelta",
        "datetime",
        "datetime-local",
        "datetime-utc",
        "date",
        "function",
        "exception",
    }
)
#: How names end that stand for several things.
_SEVERAL = ("s", "S", "list", "tuple", "params", "data", "payload", "message")
NO_SEQUENCE = _SCALARS | {"set", "frozenset", "dict", "generator", "range"}
NO_MAPPING = _SCALARS | {"set", "frozenset", "list", "tuple", "generator", "range"}


@rule(
    "CEL403",
    "args-not-a-sequence",
    pylint="E8603",
    on=(Dispatch, Retry),
    message="%s must be %s, not %s: TypeError when sending",
    raises=("TypeError",),
    yields_to=("CEL301",),
)
def check(fact: Dispatch | Retry, context: Context) -> Iterator[Problem]:
    first = 0
    if isinstance(fact, Dispatch):
        if fact.method == "send_task":
            first = 1
            name = fact.arguments.get("name", 0)
            if name is not None and context.only(name, fact.region, {"task"}):
                yield Problem(name, ("the first argument", "the task's name", "the task"))
        elif fact.method not in ("apply_async", "apply_async_on_commit"):
            return
    args = fact.arguments.get("args", first)
    if args is not None and not _empty(args, fact.region, context):
        kind = context.only(args, fact.region, NO_SEQUENCE)
        if kind or _in_brackets(args, fact.region, context):
            shown = _shown(kind) if kind else f"({ast.unparse(args)}), no tuple without a comma"
            yield Problem(args, ("args", "a list or a tuple", shown))
    kwargs = fact.arguments.get("kwargs", first + 1)
    if kwargs is not None and not _empty(kwargs, fact.region, context):
        kind = context.only(kwargs, fact.region, NO_MAPPING)
        if kind:
            yield Problem(kwargs, ("kwargs", "a dict", _shown(kind)))


def _in_brackets(node: ast.expr, region: Region, context: Context) -> bool:
    """Whether brackets stand around a lone name or attribute, as if they made a tuple of it."""
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    if not name or name.endswith(_SEVERAL):
        return False
    found = context.resolve.expressions(node, region)
    if isinstance(found, Unknown):
        if _annotated_as_several(node, region):
            return False
    elif any(each is not node for each, _ in found):
        return False  # it is seen to stand for something else
    lines = context.module.lines
    line = lines[node.lineno - 1].encode("utf-8", "surrogatepass")
    before = line[: node.col_offset].rstrip()
    last = lines[(node.end_lineno or node.lineno) - 1].encode("utf-8", "surrogatepass")
    after = last[node.end_col_offset or 0 :].lstrip()
    return (
        before.endswith(b"(")
        and before[:-1].rstrip().endswith((b"(", b"=", b","))
        and after.startswith(b")")
    )


def _annotated_as_several(node: ast.expr, region: Region) -> bool:
    """Whether a parameter says that it is a list or a tuple."""
    bindings = region.lookup(node.id) if isinstance(node, ast.Name) else None
    for binding in bindings or ():
        if isinstance(binding.node, ast.arg) and binding.node.annotation is not None:
            text = ast.unparse(binding.node.annotation).lower()
            return any(word in text for word in ("list", "tuple", "sequence", "iterable", "any"))
    return bool(bindings) and any(binding.how != "parameter" for binding in bindings or ())


def _shown(kind: str) -> str:
    kind = kind.partition("-")[0]
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _empty(node: ast.expr, region: Region, context: Context) -> bool:
    if isinstance(node, (ast.Dict, ast.List, ast.Tuple)):
        return not (node.keys if isinstance(node, ast.Dict) else node.elts)
    return bool(context.every(node, region, lambda value: not value)) or (
        isinstance(node, ast.Call) and not node.args and not node.keywords
    )
