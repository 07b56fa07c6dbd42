"""Reads what declares queues, and which broker and backend a URL means.

`Configuration.queues` puts it together.
"""

from __future__ import annotations

import ast
import os
import re
from typing import Final

from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.locate import Project
from flake8_celery.core.settings.names import Assigned
from flake8_celery.core.settings.sources import Reader
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.unknown import Record, Unknown, Values
from flake8_celery.record import NamedTuple

TRANSPORTS: Final = {
    **dict.fromkeys(("amqp", "amqps", "pyamqp", "librabbitmq"), "amqp"),
    **dict.fromkeys(("redis", "rediss", "sentinel"), "redis"),
    **dict.fromkeys(("sqs", "SQS"), "sqs"),
    **dict.fromkeys(("kafka", "confluentkafka"), "kafka"),
    **dict.fromkeys(("sqla", "sqlalchemy"), "sqlalchemy"),
    **dict.fromkeys(("azurestoragequeues", "azureservicebus"), "azure"),
    **{
        name: name
        for name in ("memory", "filesystem", "mongodb", "gcpubsub", "pgmq", "zookeeper", "etcd")
    },
}
BACKEND_KINDS: Final = {
    **dict.fromkeys(("redis", "rediss", "sentinel"), "redis"),
    **dict.fromkeys(("db", "database"), "database"),
    **dict.fromkeys(("file", "filesystem"), "filesystem"),
    **dict.fromkeys(("django-db", "django-cache", "django_celery_results"), "django"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    **dict.fromkeys(("cosmosdbsql", "cosmosdb"), "cosmosdb"),
    **{
        name: name
        for name in (
            *("rpc", "cache", "mongodb", "elasticsearch", "cassandra", "couchbase", "couchdb"),
            *("disabled", "consul", "dynamodb", "azureblockblob", "arangodb", "s3", "etcd"),
        )
    },
}


class Kind(NamedTuple):
    """The kind of broker or backend, in the words of our options."""

    name: str
    known: bool
    """Said by an option; else only the URL in source says it, and the environment may differ."""


class Queues(NamedTuple):
    """The queues that workers consume."""

    names: frozenset[str]
    complete: bool
    """No other queue is declared anywhere."""
    create_missing: bool | None
    """`task_create_missing_queues`; None where it can't be told."""
    default: str | None
    """`task_default_queue`; None where it can't be told."""
    where: str
    """What declares them, for messages."""


def kind_of_url(value: object, table: dict[str, str] = TRANSPORTS) -> str | None:
    """The kind of a broker or backend that a URL (or several, `;` between) names, or None."""
    if not isinstance(value, str):
        return None
    kinds: set[str | None] = set()
    for url in value.split(";"):
        scheme = url.partition("://")[0].strip()
        if scheme.startswith("db+"):
            scheme = "db"
        elif scheme.startswith("cache+"):
            scheme = "cache"
        scheme = scheme.partition("+")[0]
        kinds.add(table.get(scheme))
    return kinds.pop() if len(kinds) == 1 else None


def text(place: Assigned, node: ast.expr, names: set[str]) -> bool:
    values = place.model.resolver.values(node, place.region)
    if isinstance(values, Unknown) or len(values) != 1 or not isinstance(values[0], str):
        return False
    names.add(values[0])
    return True


def queue_name(place: Assigned, node: ast.expr, names: set[str]) -> bool:
    """Take in the name of one `Queue(...)`; whether it could be told."""
    found = place.model.resolver.expression(node, place.region)
    if found is None:
        return False
    call, region = found
    if not isinstance(call, ast.Call):
        return False
    qualname = place.model.resolver.qualname(call.func, region) or ""
    if not qualname.startswith("kombu.") or qualname.rpartition(".")[2] not in (
        "Queue",
        "Broadcast",
    ):
        return False
    name = Arguments(call).get("name", 0)
    return name is not None and text(place._replace(region=region), name, names)


def read_queues(
    place: Assigned, node: ast.expr, region: Region, names: set[str], depth: int
) -> bool:
    """Take in the names of a `task_queues` value; whether it was read whole.

    What is not written out (a comprehension, `tuple(...)`, a list that grows step by step) is
    worked out by value.
    """
    own: set[str] = set()
    whole = _read_written(place, node, region, own, depth)
    if not whole and depth == 0:
        worked_out = _recorded(place.model.resolver.records(node, region))
        if worked_out is not None:
            own, whole = worked_out, True
    names |= own
    return whole


def _recorded(values: Values) -> set[str] | None:
    """The names of the queues in a value; None where one can't be told."""
    if isinstance(values, Unknown) or len(values) != 1:
        return None
    items = values[0]
    if isinstance(items, dict):
        return set(items) if all(isinstance(name, str) for name in items) else None
    if not isinstance(items, (list, tuple, set, frozenset)):
        return None
    found = set()
    for item in items:
        if not isinstance(item, Record) or item.name.rpartition(".")[2] == "Exchange":
            return None
        name = item.get("name", 0)
        if isinstance(name, Unknown) or len(name) != 1 or not isinstance(name[0], str):
            return None
        found.add(name[0])
    return found


def _read_written(
    place: Assigned, node: ast.expr, region: Region, names: set[str], depth: int
) -> bool:
    """Take in the names of queues that are written out; whether these are all."""
    found = place.model.resolver.expression(node, region)
    if found is None or depth > 20:
        return False
    value, region = found
    here = place._replace(region=region)
    if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        whole = True
        for element in value.elts:
            if isinstance(element, ast.Starred):
                whole = read_queues(place, element.value, region, names, depth + 1) and whole
            else:
                whole = queue_name(here, element, names) and whole
        return whole
    if isinstance(value, ast.Dict):
        whole = True
        for key, inner in zip(value.keys, value.values, strict=True):
            if key is None:
                whole = read_queues(place, inner, region, names, depth + 1) and whole
            else:
                whole = text(here, key, names) and whole
        return whole
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        left = read_queues(place, value.left, region, names, depth + 1)
        return read_queues(place, value.right, region, names, depth + 1) and left
    return False


_FLAG = (
    r"""(?<![\w-])(?:-Q|--queues)(?:["']?\s*,\s*|["']?\s*\n\s*-\s+|=|\s+)?["']?([^\s"'\]&|;]*)"""
)
_WORKER = r"""(?m)\bcelery\b[^\n]*\bworker\b|^\s*-\s+["']?worker["']?\s*$"""


def queues_in_commands(text: str) -> tuple[frozenset[str], bool]:
    """The queues that worker commands in a text consume, and whether all could be read.

    A worker without `-Q`, or with a variable in it, makes the set incomplete.
    """
    text = text.replace("\\\n", " ")
    names: set[str] = set()
    flags = [found[1].strip(",") for found in re.finditer(_FLAG, text)]
    complete = bool(flags) and len(re.findall(_WORKER, text)) <= len(flags)
    for given in flags:
        if not given or set(given) & set("${%"):
            complete = False
        names.update(
            name for name in given.split(",") if name and not set(name) & set("${}%()<>\\")
        )
    return frozenset(names), complete and bool(names)


def declared(project: Project, reader: Reader) -> tuple[frozenset[str], bool]:
    """The queues of `celery-queues` and of the worker commands, and whether these are all."""
    options = project.options
    names = set(options.celery_queues)
    complete = bool(names)
    base = project.base()
    files = current_files()
    for given in options.celery_worker_commands:
        path = os.path.normpath(os.path.join(base, given))
        try:
            text = files.read(path).decode("utf-8", "replace")
        except OSError as error:
            there = files.stamp(path) is not None
            reader.trouble(path, error.strerror or str(error) if there else "no such file")
            complete = complete and bool(options.celery_queues)
            continue
        reader.stamps[path] = files.stamp(path)
        found, whole = queues_in_commands(text)
        names |= found
        complete = whole if not options.celery_queues else complete
    return frozenset(names), complete
