"""A task that is made too late, or not at all, where the worker is.

## What happens

`app.worker_main()` and `app.start()` run the worker and don't return: what the module defines below
is not there yet. A function that only `if __name__ == "__main__"` calls is not called when a worker
imports the module. Either way the worker doesn't know the task: it discards the message.

```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost")
app.worker_main(["worker"])

@app.task
def recount(shelf): ...
    ^^^^^^^ CEL924
```
```python bad
from celery import Celery

app = Celery("shop", broker="redis://localhost")

def main():
    @app.task
    def recount(shelf): ...
        ^^^^^^^ CEL924

    recount.delay(1)

if __name__ == "__main__":
    main()
```

## Use instead

```python good
from celery import Celery

app = Celery("shop", broker="redis://localhost")

@app.task
def recount(shelf): ...

def main():
    recount.delay(1)

if __name__ == "__main__":
    app.worker_main(["worker"])
```

## Exceptions

A start of the worker under `if __name__ == "__main__"`, and functions that another module names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, FunctionNode, Problem, Region, defined_name, rule
from flake8_celery.core.model import Task
from flake8_celery.core.settings.built import found_in
from flake8_celery.core.syntax.regions import IF
from flake8_celery.core.syntax.search import Search

_STARTING = frozenset({"worker_main", "start"})


@rule(
    "CEL924",
    "task-not-registered",
    pylint="W8758",
    on=Task,
    words=("__main__", "worker_main", ".start("),
    message="%s is unknown to workers, they discard its messages: %s",
)
def check(fact: Task, context: Context) -> Iterator[Problem]:
    if fact.style not in ("app", "shared") or not isinstance(fact.node, FunctionNode):
        return
    function = fact.region.function
    if function is None:
        line = _started_above(fact, context)
        if line:
            told = f"line {line} starts the worker before this is defined, define it above"
            yield Problem(defined_name(fact.node, context.module), (fact.name, told))
    elif isinstance(function.node, FunctionNode) and _only_as_script(function, context):
        told = f"{function.node.name} is only called as a script, define it at the module's top"
        yield Problem(defined_name(fact.node, context.module), (fact.name, told))


def _started_above(fact: Task, context: Context) -> int:
    """The line of a statement that starts the worker above a task, or 0."""
    if not context.module.says("worker_main") and not context.module.says(".start("):
        return 0
    for statement in context.module.tree.body:
        if statement.lineno >= fact.statement.lineno:
            return 0
        call = statement.value if isinstance(statement, ast.Expr) else None
        func = call.func if isinstance(call, ast.Call) else None
        if isinstance(func, ast.Attribute) and func.attr in _STARTING:
            if context.model.application(func.value, context.module.region) is not None:
                return statement.lineno
    return 0


def _only_as_script(function: Region, context: Context) -> bool:
    """Whether a function of the module's top is called under `if __name__ == "__main__"` alone."""
    node = function.node
    assert isinstance(node, FunctionNode)
    if node not in context.module.tree.body or node.decorator_list:
        return False
    if any(context.module.says(word) for word in ("worker_main", ".start(", "Worker(")):
        return False  # the script may well be the worker
    calls = [
        region
        for call, _, region in context.model.candidates.name_calls.get(node.name, ())
        if region.lookup(node.name) == context.module.region.bindings.get(node.name)
    ]
    named = sum(
        isinstance(each, ast.Name) and each.id == node.name
        for each in ast.walk(context.module.tree)
    )
    if not calls or named != len(calls) or not all(map(_is_script, calls)):
        return False
    imported = Search(rf"\bimport\b[^#]*\b{node.name}\b|\.{node.name}\b", (node.name,))
    return not found_in(context.model, imported)


def _is_script(region: Region) -> bool:
    return any(
        each.kind is IF
        and isinstance(each.node, ast.If)
        and "__name__" in ast.unparse(each.node.test)
        and "__main__" in ast.unparse(each.node.test)
        for each in region
    )
