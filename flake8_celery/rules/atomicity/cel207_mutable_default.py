"""State that one run of a task leaves to the next.

## What happens

A default is made once, when the function is; and a task is one object in each process, whose `__init__`
runs once. What a run adds to them is still there in the next run in that process, for another message.

```python bad
from celery import shared_task

@shared_task
def check(pks, errors=[]):
                      ^^ CEL207
    for pk in pks:
        if not ready(pk):
            errors.append(pk)
    return errors
```
```python bad
from celery import Celery, Task

app = Celery("builds")

class Build(Task):
    name = "builds.build"

    def __init__(self):
        self.errors = []

    def run(self, version):
        if not version[0].isdigit():
            self.errors.append(version)
                 ^^^^^^ CEL207
        return self.errors

build = app.register_task(Build())
```

## Use instead

```python good
from celery import shared_task

@shared_task
def check(pks, errors=None):
    errors = list(errors or ())
    for pk in pks:
        if not ready(pk):
            errors.append(pk)
    return errors
```

## Exceptions

An attribute that is set anew or cleared in a run, one that is only looked up (a cache, a connection),
and a default that is never changed.

```python good
from celery import shared_task, Task

class Database(Task):
    _connection = None

@shared_task(bind=True, base=Database)
def read(self, pk):
    if self._connection is None:
        self._connection = connect()
    return self._connection.read(pk)
```
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from flake8_celery.core.engine import Context, FunctionNode, Problem, called_name, rule
from flake8_celery.core.model import Function, Task
from flake8_celery.core.syntax.flow import attributes_read, walk

#: Methods of lists, sets and dicts that put something in.
_ADDING: Final = frozenset(
    {"append", "extend", "insert", "add", "appendleft", "extendleft", "update", "setdefault"}
)
_RESETTING: Final = frozenset({"clear", "pop", "popleft", "popitem", "remove", "discard"})
_MADE_BY: Final = frozenset({"list", "dict", "set", "defaultdict", "deque", "OrderedDict"})


@rule(
    "CEL207",
    "mutable-default",
    pylint="W8506",
    on=Task,
    message="%s is kept in the process from one run to the next: %s",
    body=True,
)
def check(task: Task, context: Context) -> Iterator[Problem]:
    function = task.function
    if function is None:
        return
    for parameter, default in _defaults(function.args):
        if _is_mutable(default) and _is_changed(parameter.arg, function, context):
            told = "give None, and make it in the body"
            yield Problem(default, (f"what is added to {parameter.arg}", told))
    if task.self_name is not None:
        yield from _kept(task, function)


def _defaults(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    start = len(positional) - len(arguments.defaults)
    yield from zip(positional[start:], arguments.defaults, strict=True)
    for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield parameter, default


def _is_mutable(node: ast.expr | None) -> bool:
    if isinstance(node, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)):
        return True
    if not isinstance(node, ast.Call):
        return False
    func = node.func
    return (func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")) in _MADE_BY


def _is_changed(name: str, function: Function, context: Context) -> bool:
    """Whether the body changes what a parameter holds, and never gives it another value."""
    scope = context.model.candidates.scopes.get(function)
    if scope is None:
        return False
    others = [binding for binding in scope.bindings.get(name, ()) if binding.how != "parameter"]
    if any(binding.how != "augment" for binding in others):
        return False
    return bool(others) or any(
        isinstance(changed, ast.Name) and changed.id == name
        for changed, _ in _changes(function.body)
    )


def _changes(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.expr, ast.AST]]:
    """What is changed in place, and the node that does it."""
    for node in walk(body, nested=True):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in _ADDING:
                yield node.func.value, node
        elif isinstance(node, (ast.Assign, ast.AugAssign, ast.Delete)):
            targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets
            for target in targets:
                if isinstance(target, ast.Subscript):
                    yield target.value, node
                elif isinstance(node, ast.AugAssign):
                    yield target, node


# -- attributes of the task


def _kept(task: Task, function: Function) -> Iterator[Problem]:
    methods = _methods(task)
    own = {name: node for name, node in methods.items() if name != "__init__"}
    own.setdefault(function.name, function)
    reset, looked_up = _uses(own)
    told: set[str] = set()
    for name, method in own.items():
        if name != function.name and name not in _called(function, task.self_name or ""):
            continue
        for changed, node in _changes(method.body):
            attribute = _own_attribute(changed, method)
            if attribute is None or attribute.attr in reset | looked_up | told:
                continue
            if isinstance(node, (ast.Assign, ast.Delete)) or "cache" in attribute.attr:
                continue  # entries under a key are as a rule a cache
            made = _initial(attribute.attr, task, methods)
            counts = isinstance(made, ast.Constant) and isinstance(node, ast.AugAssign)
            if _is_mutable(made) or (counts and _is_read(attribute.attr, function)):
                told.add(attribute.attr)
                what = f"what is added to self.{attribute.attr}"
                yield Problem(called_name(attribute), (what, "use a local variable"))


def _is_read(name: str, function: Function) -> bool:
    """Whether a run makes use of a number that it counts up."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Load)
        for node in walk(function.body)
    )


def _methods(task: Task) -> dict[str, Function]:
    if not isinstance(task.node, ast.ClassDef):
        return {}
    return {each.name: each for each in task.node.body if isinstance(each, FunctionNode)}


def _called(function: Function, own: str) -> set[str]:
    """The methods of the task that its run calls."""
    return attributes_read(function.body, own)


def _own_attribute(node: ast.expr, method: Function) -> ast.Attribute | None:
    arguments = [*method.args.posonlyargs, *method.args.args]
    if not arguments or not isinstance(node, ast.Attribute):
        return None
    holder = node.value
    return node if isinstance(holder, ast.Name) and holder.id == arguments[0].arg else None


def _uses(methods: dict[str, Function]) -> tuple[set[str], set[str]]:
    """Attributes that are set anew or emptied, and those that are asked for a member."""
    reset: set[str] = set()
    asked: set[str] = set()
    for method in methods.values():
        for node in walk(method.body, nested=True):
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Delete)):
                targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
                reset.update(target.attr for target in targets if isinstance(target, ast.Attribute))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr in _RESETTING and isinstance(node.func.value, ast.Attribute):
                    reset.add(node.func.value.attr)
            elif isinstance(node, ast.Compare):
                asked.update(
                    each.attr for each in node.comparators if isinstance(each, ast.Attribute)
                )
    return reset, asked


def _initial(name: str, task: Task, methods: dict[str, Function]) -> ast.expr | None:
    """What `__init__` or the class gives an attribute, once in each process."""
    if "__init__" in methods:
        for node in walk(methods["__init__"].body):
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
                for target in targets:
                    if isinstance(target, ast.Attribute) and target.attr == name:
                        return node.value
    place = task.base.attributes.get(name)
    return place[0] if place is not None else None
