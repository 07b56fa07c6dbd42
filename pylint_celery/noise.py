"""pylint's own false alarms on idiomatic Celery, withdrawn one at a time.

Each is told apart by its message, the node and the argument it speaks of. The checkers that raise
them get an `add_message` that asks first; the instance alone, so no other run is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from astroid import bases, nodes

from flake8_celery.tables.messaging import SIGNAL_ARGUMENTS
from flake8_celery.tables.task import HOOKS
from pylint_celery.seen import key_of, look

if TYPE_CHECKING:
    from pylint.checkers import BaseChecker
    from pylint.lint import PyLinter

#: What Celery calls a router with: these by position, `task` by name (celery/app/routes.py).
ROUTER: Final = ("name", "args", "kwargs", "options")
#: A router class has a method `route_for_task` and gets these.
ROUTE_FOR_TASK: Final = ("task", "args", "kwargs")
#: What an errback is sent, as the documentation calls them.
ERRBACK: Final = ("request", "exc", "traceback")
_CELERYS_TASK: Final = "celery.app.task.Task"


# -- who is who


def _function(node: nodes.NodeNG) -> nodes.FunctionDef | None:
    """The function that an argument or a message belongs to."""
    scope = node.scope()
    return scope if isinstance(scope, nodes.FunctionDef) else None


def _positional(function: nodes.FunctionDef) -> list[str]:
    arguments = function.args
    return [argument.name for argument in (*arguments.posonlyargs, *(arguments.args or ()))]


def _own_class(function: nodes.FunctionDef) -> nodes.ClassDef | None:
    holder = function.parent.frame() if function.parent is not None else None
    return holder if isinstance(holder, nodes.ClassDef) else None


def _is_task_class(node: nodes.ClassDef) -> bool:
    return any(
        around.qname() == _CELERYS_TASK or key_of(around) in look(around.root()).classes
        for around in (node, *node.ancestors())
    )


def _overrides_celerys_run(node: nodes.ClassDef) -> bool:
    """Whether the nearest `run` above a class is the one of Celery's Task."""
    for above in node.ancestors():
        if "run" in above.locals:
            return bool(above.qname() == _CELERYS_TASK)
    return False


def _fixed(function: nodes.FunctionDef) -> frozenset[str]:
    """The parameters that are what they are because Celery gives them."""
    key = key_of(function)
    seen = look(function.root())
    names = _positional(function)
    arguments = function.args
    signal = seen.handlers.get(key)
    if signal is not None:
        sent = {"sender", "signal", *SIGNAL_ARGUMENTS.get(signal, ())}
        # nothing is sent by position
        sent.discard(arguments.vararg)
        if arguments.kwarg:
            sent.add(arguments.kwarg)
        return frozenset(sent)
    fixed: set[str] = set()
    if key in seen.bound:
        fixed.update(names[:1])
        names = names[1:]
    if (key in seen.bound or key in seen.tasks) and (
        tuple(names) == ERRBACK or (key in seen.errbacks and len(names) == len(ERRBACK))
    ):
        fixed.update(names)
    owner = _own_class(function)
    if owner is None:
        named = {argument.name for argument in arguments.kwonlyargs} | {*names}
        if key in seen.routers or (
            tuple(names[:4]) == ROUTER and ("task" in named or arguments.kwarg)
        ):
            fixed.update((*names[:4], "task", arguments.kwarg or "task"))
    elif function.name == "route_for_task" and tuple(names[1:]) == ROUTE_FOR_TASK:
        fixed.update(names)
    elif function.name == "run" and _is_task_class(owner):
        fixed.update(name for name in (arguments.vararg, arguments.kwarg) if name)
    elif function.name in HOOKS and _is_task_class(owner):
        fixed.update(names[: 1 + len(HOOKS[function.name])])
        fixed.update(name for name in (arguments.vararg, arguments.kwarg) if name)
    return frozenset(fixed)


# -- one by one


def _unused_argument(node: nodes.NodeNG, args: Any) -> bool:
    """`self` of a bound task, and what signals, routers, errbacks and hooks are called with."""
    function = _function(node)
    return function is not None and args in _fixed(function)


def _too_many_arguments(node: nodes.NodeNG, args: Any) -> bool:
    """A signature that Celery dictates, with nothing added to it."""
    if not isinstance(node, nodes.FunctionDef):
        return False
    key, seen = key_of(node), look(node.root())
    if key in seen.bound or key in seen.tasks:
        return False
    names = [*_positional(node), *(argument.name for argument in node.args.kwonlyargs)]
    owner = _own_class(node)
    if owner is not None and key not in seen.handlers:
        names = names[1:]
    return set(names) <= _fixed(node)


def _abstract_method(node: nodes.NodeNG, args: Any) -> bool:
    """A Task class without `run`: a base class for others, or for an app's tasks."""
    return args[0] == "run" and isinstance(node, nodes.ClassDef) and _overrides_celerys_run(node)


def _arguments_differ(node: nodes.NodeNG, args: Any) -> bool:
    """A task's own parameters: `run` of Celery's Task takes any."""
    if not isinstance(node, nodes.FunctionDef) or node.name != "run":
        return False
    owner = _own_class(node)
    return owner is not None and _overrides_celerys_run(owner)


def _too_few_public_methods(node: nodes.NodeNG, args: Any) -> bool:
    """A Task class: one method, `run`, is what it is for."""
    return isinstance(node, nodes.ClassDef) and _is_task_class(node)


def _inconsistent_returns(node: nodes.NodeNG, args: Any) -> bool:
    """`self.retry()` raises, so a path that ends with it returns nothing."""
    if not isinstance(node, nodes.FunctionDef):
        return False
    bound = key_of(node) in look(node.root()).bound
    names = _positional(node)
    owner = _own_class(node)
    if not names or not (bound or (owner is not None and _is_task_class(owner))):
        return False
    returns = [inner for inner in _own_nodes(node) if isinstance(inner, nodes.Return)]
    return all(inner.value is not None for inner in returns) and _ends(node.body, names[0])


def _own_nodes(function: nodes.FunctionDef) -> Iterator[nodes.NodeNG]:
    stack = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (nodes.FunctionDef, nodes.ClassDef, nodes.Lambda)):
            stack.extend(node.get_children())


def _ends(body: list[nodes.NodeNG], task: str) -> bool:
    """Whether every way through these statements ends in `return`, `raise` or the task's retry."""
    for statement in body:
        if isinstance(statement, (nodes.Return, nodes.Raise)):
            return True
        if isinstance(statement, nodes.Expr) and _retries(statement.value, task):
            return True
        if isinstance(statement, nodes.If):
            if _ends(statement.body, task) and _ends(statement.orelse, task):
                return True
        elif isinstance(statement, nodes.With):
            if _ends(statement.body, task):
                return True
        elif isinstance(statement, nodes.Try):
            if _ends(statement.finalbody, task):
                return True
            inside = _ends(statement.body, task) or _ends(statement.orelse, task)
            if inside and all(_ends(handler.body, task) for handler in statement.handlers):
                return True
        elif isinstance(statement, nodes.Match):
            last = statement.cases[-1]
            catches_all = last.guard is None and (
                isinstance(last.pattern, nodes.MatchAs) and last.pattern.pattern is None
            )
            if catches_all and all(_ends(case.body, task) for case in statement.cases):
                return True
    return False


def _retries(node: nodes.NodeNG, task: str) -> bool:
    if not isinstance(node, nodes.Call) or not isinstance(node.func, nodes.Attribute):
        return False
    func = node.func
    return (
        func.attrname == "retry"
        and isinstance(func.expr, nodes.Name)
        and func.expr.name == task
        and all(keyword.arg not in ("throw", None) for keyword in node.keywords)
        and len(node.args) < 4
    )


#: The messages, and what tells a false one.
WITHDRAWN: Final[dict[str, Callable[[nodes.NodeNG, Any], bool]]] = {
    "unused-argument": _unused_argument,
    "too-many-arguments": _too_many_arguments,
    "too-many-positional-arguments": _too_many_arguments,
    "abstract-method": _abstract_method,
    "arguments-differ": _arguments_differ,
    "signature-differs": _arguments_differ,
    "too-few-public-methods": _too_few_public_methods,
    "inconsistent-return-statements": _inconsistent_returns,
}


class Sieve:
    """Stands for a checker's `add_message`. It travels into pylint's workers with the checker."""

    def __init__(self, checker: BaseChecker) -> None:
        self.checker = checker
        self.before = checker.__dict__.get("add_message")
        """What another plugin has put there."""

    def __call__(
        self,
        msgid: str,
        line: int | None = None,
        node: nodes.NodeNG | None = None,
        args: Any = None,
        *more: Any,
        **named: Any,
    ) -> None:
        """Pass a message on, unless it is a false one."""
        test = WITHDRAWN.get(msgid)
        if test is not None and node is not None:
            try:
                # a method may come as found in its class
                if test(node._proxied if isinstance(node, bases.UnboundMethod) else node, args):
                    return
            except Exception:  # in doubt it stays
                pass
        if self.before is not None:
            self.before(msgid, line, node, args, *more, **named)
        else:
            type(self.checker).add_message(self.checker, msgid, line, node, args, *more, **named)


def install(linter: PyLinter) -> None:
    """Put a sieve before every checker that has such a message; may be repeated."""
    for checker in linter.get_checkers():
        concerned = any(text[1] in WITHDRAWN for text in checker.msgs.values())
        if concerned and not isinstance(checker.__dict__.get("add_message"), Sieve):
            checker.__dict__["add_message"] = Sieve(checker)
