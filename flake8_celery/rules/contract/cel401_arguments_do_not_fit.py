"""The arguments given to a task do not fit its parameters.

## What happens

Celery holds the arguments against the task's parameters where it is sent: TypeError. Where it can't
(a class task, `typing=False`, `send_task`, a later step of a canvas) the message is sent, and the
worker fails. A keyword for a positional-only parameter passes Celery's check, and fails in the
worker too.

```python bad
from celery import shared_task

@shared_task
def charge(order_id, amount): ...

@shared_task
def refund(order_id, /, reason=""): ...

def pay(order):
    charge.delay(order.pk)
           ^^^^^ CEL401
    charge.delay(order.pk, 5, 7)
                              ^ CEL401
    charge.apply_async((order.pk,), {"amout": 5})
                                     ^^^^^^^ CEL401
    charge.delay(order.pk, order_id=5)
                           ^^^^^^^^ CEL401
    refund.delay(order_id=order.pk)
                 ^^^^^^^^ CEL401
    charge.si(order.pk).delay()
           ^^ CEL401
    charge(order.pk)
    ^^^^^^ CEL401
```

## Use instead

```python good
from celery import shared_task

@shared_task
def charge(order_id, amount): ...

def pay(order):
    charge.delay(order.pk, 5)
    charge.apply_async((order.pk,), {"amount": 5})
    charge.s(5).delay(order.pk)
```

## Exceptions

What can't be told is taken to fit: `*args` and `**kwargs` on either side, a task under another
decorator, a Task class that overrides what leads from the call to the function or that can't be
read, a name that is bound in several ways. Nothing is said of a task that the file replaces by a
mock, nor where the error is expected (`pytest.raises(TypeError)`).

```python good
import pytest
from celery import shared_task

@shared_task
def charge(order_id, amount): ...

def test_charge(values):
    charge.delay(*values)
    partial = charge.s(amount=5)
    with pytest.raises(TypeError):
        charge.delay()
```
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

from flake8_celery.core.bodies.bound import taken_by_mistake
from flake8_celery.core.contract.binding import (
    MISSING,
    TWICE,
    UNEXPECTED,
    Misfit,
    Parameters,
    describe,
    explain,
    misfit,
)
from flake8_celery.core.engine import (
    Context,
    Problem,
    Span,
    Unknown,
    called_name,
    keyword_name,
    rule,
)
from flake8_celery.core.messages import parameters as messages_parameters
from flake8_celery.core.messages.arguments import (
    PARTIAL,
    PLAIN_CALL,
    Given,
    of_dispatch,
    place_of,
    plain,
)
from flake8_celery.core.messages.sent_task import locked, sent_name, sent_task
from flake8_celery.core.model import Dispatch, Fact, Replace, Task, TaskCall
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.purpose import is_mocked
from flake8_celery.tables.execution import COMMON

#: Options given as arguments are CEL402's matter.
_OPTIONS = COMMON | {"immutable"}


@rule(
    "CEL401",
    "arguments-do-not-fit",
    pylint="E8601",
    on=(Dispatch, TaskCall, Replace),
    message="%s, %s: %s at %s",
    raises=("TypeError",),
    yields_to=("CEL202", "CEL602", "CEL604", "CEL705"),
)
def check(fact: Dispatch | TaskCall | Replace, context: Context) -> Iterator[Problem]:
    model = context.model
    if isinstance(fact, Replace) or (isinstance(fact, Dispatch) and fact.on == "signature"):
        yield from _sent(fact, context)
        return
    if isinstance(fact, TaskCall):
        method = "__call__"
        answers = iter((plain(fact.call),))
    else:
        method = fact.method
        answers = of_dispatch(fact, model)
    task: Task | None = None
    for given in answers:
        if task is None:
            task = sent_task(fact, model) if isinstance(fact, Dispatch) else fact.resolved_task()
        if task is None:
            yield from _by_lock(fact, given, model)
            return
        parameters = messages_parameters.taken(task, method, model)
        if isinstance(parameters, Unknown) or _lacks_self(task, parameters):
            return
        if taken_by_mistake(task):
            return  # CEL901's matter
        if method in ("__call__", "apply", "map", "starmap", "chunks", "send_task"):
            parameters = parameters._replace(checked=False)
        found = _misfit(parameters, given, method)
        if found is not None and not _spoken_for(found, fact) and not is_mocked(fact, task, model):
            yield _problem(fact, task, parameters, given, found, method)
            return


def _by_lock(fact: Dispatch | TaskCall, given: Given, model: Model) -> Iterator[Problem]:
    """A task that is out of sight and sent by the name that a lock knows it by."""
    name = sent_name(fact, model) if isinstance(fact, Dispatch) else None
    lock = locked(model) if name is not None else None
    contract = lock.tasks.get(name or "") if lock is not None else None
    if lock is None or contract is None or isinstance(contract.signature, Unknown):
        return
    parameters = contract.signature._replace(checked=False)
    found = misfit(parameters, given.call)
    if found is None or _spoken_for(found, fact) or is_mocked(fact, contract, model):
        return
    told = explain(found, parameters, given.call.positional)
    taken = describe(parameters, contract.qualname)
    arguments = (told, _consequence(found, "send_task"), taken, os.path.basename(lock.path))
    yield Problem(_place(fact, parameters, given, found), arguments, fact.node)


def _sent(fact: Dispatch | Replace, context: Context) -> Iterator[Problem]:
    """What a signature or canvas sends first; all later steps are CEL602's matter."""
    from flake8_celery.core.messages.canvas_build import merged_options
    from flake8_celery.core.messages.canvas_steps import first_sent, misfit_of, step_parameters

    for step, arrival in first_sent(fact, context.model):
        fit = misfit_of(step, arrival)
        if isinstance(fact, Dispatch) and fact.method == "delay":
            hidden = fact.arguments.keywords.get("self")
            known = step_parameters(step) if hidden is not None else None
            if hidden is not None and known is not None:
                own = Misfit(TWICE, "self", True)
                yield _refused(fact, known[0], known[1], own, keyword_name(hidden), 0, "delay")
                return
        if fit is None or is_mocked(step.fact, fit.task, context.model):
            continue
        if isinstance(fact, Dispatch) and _spoken_for(fit.misfit, fact):
            continue
        if fit.misfit.kind == UNEXPECTED and fit.misfit.name in _OPTIONS:
            continue
        method = "apply" if isinstance(fact, Dispatch) and fact.method == "apply" else "s"
        count = merged_options(arrival.call, step.call).positional
        place = called_name(step.node)
        problem = _refused(fact, fit.task, fit.parameters, fit.misfit, place, count, method)
        yield problem._replace(subject=step.node)


def _misfit(parameters: Parameters, given: Given, method: str) -> Misfit | None:
    call = given.call
    if method in PLAIN_CALL or method == "__call__":
        if "self" in call.keywords:
            return Misfit(TWICE, "self", True)
        if method != "__call__" and not parameters.keywords:
            names = {*parameters.positional, *parameters.keyword_only}
            call = call._replace(keywords=call.keywords - (_OPTIONS - names))
    return misfit(parameters, call)


def _lacks_self(task: Task, parameters: Parameters) -> bool:
    """Whether `bind=True` was forgotten, which is the task's own mistake (CEL902)."""
    return parameters.positional[:1] == ("self",) and not task.bind


def _spoken_for(found: Misfit, fact: Dispatch | TaskCall) -> bool:
    """Whether the argument was given as an option, which CEL404 says."""
    return isinstance(fact, Dispatch) and found.kind == MISSING and found.name in fact.options


def _problem(
    fact: Dispatch | TaskCall,
    task: Task,
    parameters: Parameters,
    given: Given,
    found: Misfit,
    method: str,
) -> Problem:
    place = _place(fact, parameters, given, found)
    count = given.call.positional
    return _refused(fact, task, parameters, found, place, count, method)


def _place(fact: Fact, parameters: Parameters, given: Given, found: Misfit) -> ast.AST | Span:
    place: ast.AST | Span | None = place_of(found, parameters, given)
    if place is None:
        return called_name(given.node) if given.node is fact.node else given.node
    return keyword_name(place) if isinstance(place, ast.keyword) else place


def _refused(
    fact: Dispatch | TaskCall | Replace,
    task: Task,
    parameters: Parameters,
    found: Misfit,
    place: ast.AST | Span,
    count: int,
    method: str,
) -> Problem:
    told = explain(found, parameters, count)
    taken = describe(parameters, task.name)
    return Problem(place, (told, _consequence(found, method), taken, task.place(fact)), fact.node)


def _consequence(found: Misfit, method: str) -> str:
    if method == "__call__":
        return "TypeError"
    if method == "apply":
        return "the result is a TypeError"
    if not found.sending:
        return "it is sent and fails in the worker"
    if method in PARTIAL or method == "si":
        return "TypeError when it is sent"
    if method.endswith("_on_commit"):
        return "TypeError after the commit"
    return "TypeError"
