"""What is wrong with one field of an entry that beat reads from a store; see CEL720."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from flake8_celery.core.contract.binding import describe, explain, misfit
from flake8_celery.core.engine import Context, Unknown
from flake8_celery.core.messages.arguments import packed
from flake8_celery.core.messages.parameters import of_task
from flake8_celery.core.messages.sent_task import unknown_task
from flake8_celery.core.model import Task
from flake8_celery.core.model.names import names_of, task_named
from flake8_celery.core.settings.library import Field, Stored, store_of
from flake8_celery.record import NamedTuple
from flake8_celery.tables.confusions import near_miss
from flake8_celery.tables.libraries.django_celery_beat import JSON_FIELDS, PERIODS, SCHEDULES

_NO_TEXT = frozenset({"list", "tuple", "dict", "set"})
_NO_MOMENT = frozenset({"int", "float", "timedelta"})


class Told(NamedTuple):
    """One thing wrong: where, and in words."""

    place: ast.AST
    text: str


_MIGRATION = r"(?:^|[\\/])(?:\w+_)?migrations[\\/]"


def in_migration(context: Context) -> bool:
    """Whether the file is one of Django's migrations, which run before beat does."""
    return bool(re.search(_MIGRATION, context.module.filename))


def unknown_fields(fact: Stored, given: dict[str, Field]) -> Iterator[Told]:
    """Names that the class does not take: it raises where it stands."""
    legal = fact.store.keywords
    for name, field in given.items():
        if legal and name not in legal and "__" not in name:
            meant = near_miss(name, sorted(legal))
            hint = f"did you mean {meant}?" if meant else "take it out"
            if name in ("queue", "exchange", "routing_key", "priority", "expires", "headers"):
                hint = f"put it into options={{'{name}': ...}}"
            elif name == "schedule":
                hint = "give interval=, crontab=, solar= or clocked="
            yield Told(field.place, f"there is no {name}, and it raises TypeError: {hint}")


def json_text(given: dict[str, Field], context: Context) -> Iterator[Told]:
    """Arguments that are no JSON text of the right kind: beat disables the row."""
    for name, wanted in JSON_FIELDS.items():
        field = given.get(name)
        if field is None:
            continue
        write = f"{name}=json.dumps({'[...]' if wanted is list else '{...}'})"
        ends = "beat exits" if name == "headers" else "beat disables the entry"
        kind = context.only(field.value, field.region, _NO_TEXT)
        if kind and not _survives(field, context):
            yield Told(field.value, f"{name} is a {kind}, no JSON text, and {ends}: write {write}")
            continue
        texts = context.every(field.value, field.region, lambda value: isinstance(value, str))
        if texts and all(_parsed(text) is _NOT_JSON for text in texts):
            yield Told(field.value, f"{name} is no JSON, and {ends}: write {write}")
        elif texts and not any(isinstance(_parsed(text), (wanted, type(None))) for text in texts):
            kind = type(_parsed(texts[0])).__name__
            yield Told(field.value, f"{name} holds a {kind} and the task gets wrong arguments")
        elif isinstance(field.value, ast.Call) and len(field.value.args) == 1:
            inner = field.value.args[0]
            dumped = context.only(inner, field.region, _NO_TEXT)
            func = context.resolve.qualname(field.value.func, field.region)
            if func == "json.dumps" and dumped:
                fits = {"dict"} if wanted is dict else {"list", "tuple"}
                if dumped not in fits and dumped != "set":
                    told = f"{name} holds a {dumped} and the task gets wrong arguments"
                    yield Told(inner, f"{told}: write {write}")
            elif dumped and isinstance(field.value.func, ast.Name):
                if field.value.func.id in ("str", "repr") and not context.every(
                    inner, field.region, lambda value: not value
                ):
                    told = f"{name} is Python's text of a {dumped}, no JSON, and {ends}"
                    yield Told(field.value, f"{told}: write {write}")


_NOT_JSON = object()


def _parsed(text: str) -> object:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return _NOT_JSON


def _survives(field: Field, context: Context) -> bool:
    """Whether Python's own text of a value may be JSON all the same: `[]`, `{}`, `[1, 2]`."""
    if context.every(field.value, field.region, lambda value: not value):
        return True
    found = context.resolve.expressions(field.value, field.region)
    if isinstance(found, Unknown):
        return True
    for node, region in found:
        if isinstance(node, ast.List):
            for element in node.elts:
                if not isinstance(element, ast.Starred) and not _is_number(
                    element, region, context
                ):
                    break
            else:
                return True
        elif not isinstance(node, (ast.Dict, ast.Tuple, ast.Set)):
            if not (isinstance(node, ast.Call) and node.keywords):
                return True
    return False


def _is_number(node: ast.expr, region: object, context: Context) -> bool:
    values = context.resolve.values(node, region)  # type: ignore[arg-type]
    if not isinstance(values, Unknown):
        return all(type(value) in (int, float) for value in values)
    name = getattr(node, "attr", getattr(node, "id", ""))
    return name in ("pk", "id") or name.endswith(("_id", "_pk"))


def schedules(fact: Stored, given: dict[str, Field], complete: bool) -> Iterator[Told]:
    """Exactly one of the four schedules; a clocked one is for once."""
    one = "exactly one of interval, crontab, solar, clocked is wanted, else it raises"
    wrong = "ValidationError"
    names = [name for key in SCHEDULES for name in (key, f"{key}_id") if name in given]
    sure: list[str] = []
    for name in names:
        field = given[name]
        store = store_of(field.value, field.region, fact.model, instances=True)
        if store is not None and _is_one(field):
            sure.append(name)
            if store.kind != name.removesuffix("_id") and store.kind in SCHEDULES:
                if not name.endswith("_id"):
                    text = f"{name} is a {store.kind} schedule, ValueError: write {store.kind}="
                    yield Told(field.value, text)
                    return
    if len(sure) > 1:
        yield Told(given[sure[1]].place, f"{one} {wrong}: take out {sure[0]} or {sure[1]}")
    elif not names and complete and fact.method in ("create", "get_or_create"):
        yield Told(fact.node, f"{one} {wrong}: none is given")
    elif "clocked" in sure and complete and "one_off" not in given:
        if fact.method != "update_or_create":
            text = "a clocked entry must have one_off=True, else it raises ValidationError"
            yield Told(given["clocked"].place, text)


def _is_one(field: Field) -> bool:
    """Whether a value surely is an object: bound in one way, and by no query that may find none."""
    node = field.value
    if isinstance(node, ast.Name):
        bindings = field.region.lookup(node.id)
        if not bindings or len(bindings) != 1:
            return False
        statement = bindings[0].node
        value = bindings[0].value or getattr(statement, "value", None)
        if not isinstance(value, ast.expr):
            return False
        node = value
    if isinstance(node, ast.Await):
        node = node.value
    return isinstance(node, ast.Call) and not (
        isinstance(node.func, ast.Attribute) and node.func.attr.lstrip("a") in _MAYBE
    )


#: Methods of a queryset that may give None.
_MAYBE = frozenset({"first", "last", "filter", "exclude"})


def moments(given: dict[str, Field], context: Context) -> Iterator[Told]:
    """`expires` is a moment, `expire_seconds` a number; one of them at most."""
    field = given.get("expires")
    if field is None:
        return
    kind = context.only(field.value, field.region, _NO_MOMENT)
    if kind:
        given_as = "a timedelta" if kind == "timedelta" else "a number"
        text = f"expires is a moment (a datetime), not {given_as}, and raises TypeError"
        yield Told(field.value, f"{text}: write expire_seconds=")
    elif "expire_seconds" in given:
        if context.only(field.value, field.region, frozenset({"datetime"})):
            text = "expires and expire_seconds together raise ValidationError: take one out"
            yield Told(field.place, text)


def interval(given: dict[str, Field], context: Context) -> Iterator[Told]:
    """A period that there is none of, and one that is always due."""
    period = given.get("period")
    if period is not None:
        values = context.every(
            period.value, period.region, lambda v: isinstance(v, str) and v not in PERIODS
        )
        if values:
            meant = near_miss(values[0].lower(), sorted(PERIODS))
            lower = f"{values[0].lower().rstrip('s')}s"
            meant = lower if lower in PERIODS else meant
            hint = f"did you mean {meant!r}?" if meant else f"one of {', '.join(sorted(PERIODS))}"
            text = f"{values[0]!r} is no period, and beat exits when it reads the row: {hint}"
            yield Told(period.value, text)
    every = given.get("every")
    if every is not None and context.every(
        every.value, every.region, lambda v: isinstance(v, (int, float)) and v <= 0
    ):
        yield Told(every.value, "an interval of 0 or less is always due and floods the workers")


def task_name(given: dict[str, Field], context: Context) -> Iterator[Told]:
    """A name that no task has, or the task itself in its place."""
    field = given.get("task")
    if field is None:
        return
    if context.model.task_at(field.value, field.region) is not None:
        written = ast.unparse(field.value)
        text = f"task is the name of a task, not the task itself: write {written}.name"
        yield Told(field.value, text)
        return
    name = context.text(field.value, field.region)
    if name is None or task_named(name, context.model) is not None:
        return
    missing = unknown_task(name, context.model)
    meant = missing.meant if missing is not None else None
    # tasks of this very module may have names that lead to no module
    if missing is None:
        known = sorted(names_of(context.model).tasks)
        alike = near_miss(name, known)
        if alike is not None and alike.rpartition(".")[0] == name.rpartition(".")[0]:
            meant = alike
    if missing is not None or meant is not None:
        hint = f", did you mean {meant!r}?" if meant else ""
        yield Told(field.value, f"no task is called {name!r}, workers discard it{hint}")


def arguments(
    fact: Stored, given: dict[str, Field], complete: bool, context: Context
) -> Iterator[Told]:
    """Arguments that do not fit the task."""
    if "task" not in given or not complete or fact.method == "update_or_create":
        return
    task = _named(given["task"], context)
    parameters = of_task(task) if task is not None else None
    if task is None or parameters is None or isinstance(parameters, Unknown):
        return
    if not task.bind and parameters.positional[:1] == ("self",):
        return
    passed: dict[str, ast.expr | None] = {"args": None, "kwargs": None}
    for name in passed:
        field = given.get(name)
        if field is not None:
            value = _loaded(field, fact, context)
            if value is None:
                return
            passed[name] = value
    call = packed(fact.node, passed["args"], passed["kwargs"], fact.region, context.model.resolver)
    found = misfit(parameters, call.call)
    if found is not None:
        told = explain(found, parameters, call.call.positional)
        place = given.get("kwargs") or given.get("args") or given["task"]
        text = f"the arguments do not fit {describe(parameters, task.name)}: {told}"
        yield Told(place.value, f"{text}; it fails each time it is due")


def _named(field: Field, context: Context) -> Task | None:
    node = field.value
    if isinstance(node, ast.Attribute) and node.attr == "name":
        return context.model.task_at(node.value, field.region)
    name = context.text(node, field.region)
    return task_named(name, context.model) if name is not None else None


def _loaded(field: Field, fact: Stored, context: Context) -> ast.expr | None:
    """The list or dict that a field holds: itself, or what its JSON says."""
    node = field.value
    if not fact.store.is_model:
        return node
    if isinstance(node, ast.Call) and len(node.args) == 1:
        if context.resolve.qualname(node.func, field.region) == "json.dumps":
            return node.args[0]
        return None
    text = context.text(node, field.region)
    value = _parsed(text) if text is not None else _NOT_JSON
    if text is None or not isinstance(value, (list, dict)):
        return None
    return ast.parse(repr(value), mode="eval").body
