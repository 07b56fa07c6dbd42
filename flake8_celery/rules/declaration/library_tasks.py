"""What is wrong with the use of a library's Task class; see CEL927."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_celery.core.engine import Context, FunctionNode, Region, Unknown
from flake8_celery.core.messages.arguments import of_dispatch
from flake8_celery.core.messages.parameters import of_task
from flake8_celery.core.model import Dispatch, Fact, Option, Retry, Task
from flake8_celery.core.syntax.flow import attributes_read, names_used, walk
from flake8_celery.core.syntax.regions import parameters_of
from flake8_celery.record import NamedTuple
from flake8_celery.tables.confusions import near_miss
from flake8_celery.tables.libraries.shapes import REQUESTS, TaskBase
from flake8_celery.tables.methods import SENDING
from flake8_celery.tables.task import IGNORED_TASK_OPTIONS, TASK_ATTRIBUTES, TASK_OPTIONS

_LEGAL = TASK_OPTIONS | IGNORED_TASK_OPTIONS | TASK_ATTRIBUTES
#: Kinds that Python's own json does not know, and kombu's does.
_NOT_PLAIN = frozenset(
    {"datetime", "datetime-local", "datetime-utc", "date", "time", "uuid", "decimal", "bytes"}
)
_READING = frozenset({"get", "join", "result", "wait", "ready", "successful", "state", "status"})


class Told(NamedTuple):
    """One thing wrong: where, and in words."""

    place: ast.AST
    text: str


def name(base: TaskBase) -> str:
    """The class's name, for messages."""
    return base.paths[0].rpartition(".")[2]


def judge(
    fact: Fact, node: ast.AST, task: Task, base: TaskBase, context: Context
) -> Iterator[Told]:
    """All that is wrong with a fact about a task of the class `base`; `node` stands for the task."""
    if isinstance(fact, Task):
        yield from options(fact, base, context)
        yield from parameters(fact, base, context)
        yield from body(fact, base)
        yield from setting(fact, base, context)
        yield from hooks(fact, base)
        keyword = fact.arguments.keywords.get("autoretry_for")
        if keyword is not None and never_retried(fact, base):
            yield Told(keyword, f"it is never retried, {base.retries}")
    elif isinstance(fact, Dispatch):
        yield from call(fact, base)
        yield from left_out(fact, task, base, context)
        yield from plain_json(fact, task, base, context)
        yield from result(fact, base, context)
    elif isinstance(fact, Retry):
        if never_retried(task, base):
            yield Told(node, f"it is never retried, {base.retries}")
    elif base.no_results:
        yield Told(node, "a batch calls nothing when it is done, so what follows never runs")


# -- where the task is defined


def options(task: Task, base: TaskBase, context: Context) -> Iterator[Told]:
    """Options that the class does not read, or that it reads elsewhere."""
    inner = {key: option for option, table in base.tables.items() for key in table.keys}
    for given, keyword in task.arguments.keywords.items():
        if given in base.tables:
            yield from _keys(keyword.value, given, task.options_region, base, context)
        elif given in inner:
            yield Told(keyword, f"{given} does nothing here: put it into {inner[given]}={{...}}")
        elif given in base.no_options:
            yield Told(keyword, f"{given} has no effect on a task of this class: take it out")
        elif given not in base.options and given not in _LEGAL:
            meant = near_miss(given, sorted(base.options))
            if meant is not None:
                yield Told(keyword, f"there is no option {given}, did you mean {meant}?")


def _keys(
    node: ast.expr, option: str, region: Region, base: TaskBase, context: Context
) -> Iterator[Told]:
    found = context.resolve.expressions(node, region)
    legal = base.tables[option].keys
    for table, _ in found if not isinstance(found, Unknown) else ():
        for key in table.keys if isinstance(table, ast.Dict) else ():
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                if key.value not in legal:
                    meant = near_miss(key.value, sorted(legal))
                    hint = f"did you mean {meant!r}?" if meant else f"it is {_listed(legal)}"
                    yield Told(key, f"{option} has no key {key.value!r}, it is not read: {hint}")


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def listed_parameters(
    task: Task, base: TaskBase, context: Context
) -> Iterator[tuple[ast.expr, str]]:
    """Each parameter of the task that its options name: the expression, and the name."""
    for option in (*base.tables, base.parameters):
        own = task.own(option) if option else None
        if own is None:
            continue
        node, region = own.value, own.region
        table = base.tables.get(option)
        if table is not None:
            if not isinstance(node, ast.Dict) or not table.parameters:
                continue
            values = [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == table.parameters
            ]
            if len(values) != 1:
                continue
            node = values[0]
        elements = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
        for element in elements:
            texts = context.every(element, region, lambda value: isinstance(value, str))
            if len(texts) == 1:
                yield element, texts[0]


def parameters(task: Task, base: TaskBase, context: Context) -> Iterator[Told]:
    """Names in `keys` or `unique_on` that are no parameters: KeyError at each send."""
    if task.function is None or task.below:
        return
    arguments = task.function.args
    if arguments.kwarg is not None:
        return
    known = [parameter.arg for parameter in parameters_of(arguments)]
    for node, text in listed_parameters(task, base, context):
        if text not in known:
            meant = near_miss(text, known)
            hint = f"did you mean {meant!r}?" if meant else f"they are {', '.join(known)}"
            yield Told(node, f"the task has no parameter {text!r}, KeyError at each send: {hint}")


def body(task: Task, base: TaskBase) -> Iterator[Told]:
    """A function that gets one list of messages, and wants something else."""
    if base.body != REQUESTS or task.function is None or task.below:
        return
    arguments = task.function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults) - bool(task.bind)
    wanted = [a for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if not d]
    taken = len(positional) - bool(task.bind)
    if isinstance(task.bind, bool) and (
        required > 1 or wanted or (taken < 1 and arguments.vararg is None)
    ):
        place = positional[bool(task.bind) + 1] if required > 1 else task.function
        yield Told(place, "the function gets one list of requests and fails: write def f(requests)")


def never_retried(task: Task, base: TaskBase) -> bool:
    """Whether a retry of the task is refused, or goes nowhere."""
    option, key = base.retries_if
    if not base.retries or not option:
        return bool(base.retries)
    own = task.own(option)
    if own is None or not isinstance(own.value, ast.Dict):
        return False
    return any(isinstance(k, ast.Constant) and k.value == key for k in own.value.keys)


def setting(task: Task, base: TaskBase, context: Context) -> Iterator[Told]:
    """A setting that each send needs, and that is certainly not there."""
    keyword = task.arguments.keywords.get("base")
    if not base.settings or keyword is None:
        return
    configuration = context.configuration(task)
    if configuration.found and all(configuration.absent(key) for key in base.settings):
        text = f"no setting {base.settings[0]}, and each send raises AttributeError"
        yield Told(keyword.value, f"{text}: set {base.settings[1]}")


def hooks(task: Task, base: TaskBase) -> Iterator[Told]:
    """A method that releases the lock, overridden without a call of `super()`."""
    if not isinstance(task.node, ast.ClassDef):
        return
    for method in task.node.body:
        if isinstance(method, FunctionNode) and method.name in base.hooks:
            text = f"{method.name} does not call super(), and the lock stays: call it"
            used = names_used(method.body)
            if "super" not in used and name(base) not in used and not _releases(method):
                yield Told(method, text)


def _releases(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(node, ast.Attribute) and ("lock" in node.attr or "super" in node.attr)
        for node in walk(method.body)
    )


# -- where it is sent


def call(fact: Dispatch, base: TaskBase) -> Iterator[Told]:
    """Execution options that the class does not read, and too many positional arguments."""
    for given, keyword in fact.options.items():
        table = base.tables.get(given)
        if table is not None and isinstance(keyword.value, ast.Dict):
            for key in keyword.value.keys:
                if isinstance(key, ast.Constant) and key.value in table.keys - table.calls:
                    text = f"{key.value!r} in {given}= has no effect on a call: give it on the task"
                    yield Told(key, text)
                elif isinstance(key, ast.Constant) and key.value not in table.keys:
                    yield Told(key, f"{given} has no key {key.value!r}, it is not read")
        elif given in base.no_options:
            yield Told(keyword, f"{given} has no effect on a task of this class: take it out")
    limit = base.positional
    if fact.method == "apply_async" and limit is not None:
        if len(fact.arguments.positional) > limit:
            text = f"apply_async takes {limit} positional arguments here, TypeError: use keywords"
            yield Told(fact.arguments.positional[limit], text)


def left_out(fact: Dispatch, task: Task, base: TaskBase, context: Context) -> Iterator[Told]:
    """A parameter that the lock is made of, left to its default: KeyError."""
    taken = of_task(task) if fact.method in SENDING else None
    if taken is None or isinstance(taken, Unknown):
        return
    names = [text for _, text in listed_parameters(task, base, context)]
    for given in of_dispatch(fact, context.model) if names else ():
        shape = given.call
        if shape.more_positional or shape.more_keywords:
            return
        filled = {*taken.positional[: shape.positional], *shape.keywords}
        known = {*taken.positional, *taken.keyword_only} - taken.required
        for text in names:
            if text in known and text not in filled:
                yield Told(fact.node, f"{text} makes the lock and must be given, else KeyError")


def plain_json(fact: Dispatch, task: Task, base: TaskBase, context: Context) -> Iterator[Told]:
    """Values that go through Python's own json for the lock: TypeError."""
    from flake8_celery.core.messages.serialisation import arguments_sent

    if not base.plain_json or isinstance(task.option(base.parameters), Option):
        return
    if fact.method not in SENDING:
        return
    for node, region in arguments_sent(fact, context.model.resolver):
        kind = context.only(node, region, _NOT_PLAIN)
        if kind:
            shown = kind.partition("-")[0]
            text = f"a {shown} can't be part of the lock, TypeError: send text, or set unique_on"
            yield Told(node, text)


def result(fact: Dispatch, base: TaskBase, context: Context) -> Iterator[Told]:
    """The result of a task that never has one."""
    if not base.no_results or fact.method not in SENDING or fact.call is None:
        return
    text = "the result of a batch is never stored: mark_as_done each request, read by its id"
    outer = context.module.parent(fact.call, fact.statement)
    if isinstance(outer, ast.Attribute) and outer.attr in _READING:
        yield Told(outer, text)
    elif isinstance(fact.statement, ast.Assign) and fact.statement.value is fact.call:
        target = fact.statement.targets[0]
        function = fact.region.scope.node
        if isinstance(target, ast.Name) and isinstance(function, FunctionNode):
            if not _READING.isdisjoint(attributes_read(function.body, target.id)):
                yield Told(fact.call, text)
