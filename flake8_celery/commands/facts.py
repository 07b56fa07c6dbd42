"""Show the facts of one file as rules see them: what stands where, and what is not known of it.

Exit codes: 0 they were shown, 2 the file can't be read.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from flake8_celery.check.run import decode
from flake8_celery.check.setup import WrongFile, read_setup
from flake8_celery.commands.common import Paint, fail
from flake8_celery.core.contract.binding import describe
from flake8_celery.core.messages.parameters import of_task
from flake8_celery.core.model.fact import Fact
from flake8_celery.core.model.model import Model, model_of
from flake8_celery.core.model.naming import name_of
from flake8_celery.core.model.sent import Canvas, Dispatch, Retry
from flake8_celery.core.model.stated import BeatEntry, Setting
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.reading import read_file
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.linter import lint

_WIDTH = 70


def register(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--config", default="", metavar="FILE")


def run(given: argparse.Namespace) -> int:
    """Show them; see the module for the exit codes."""
    path = given.file
    try:
        text = decode(read_file(path))
        folder = os.path.dirname(os.path.abspath(path))
        options = read_setup({}, given.config, folder=folder).options
        models: list[Model] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            lint(text, path, options, watch=models.append)
    except (WrongFile, OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return fail(f"{path}: {error}")
    if not models:
        print(f"{path} has nothing to do with Celery: no word of it stands there", file=sys.stderr)
    rows = sorted(facts_of(models[0]), key=lambda row: row["line"]) if models else []
    if given.format == "json":
        print(json.dumps(rows, indent=2))
        return 0
    paint = Paint()
    for row in rows:
        print(f"{path}:{row['line']}: {paint.bold}{row['fact']}{paint.off} {row['source']}")
        for name, value in row["known"].items():
            print(f"    {name}: {value}")
        for name, why in row["unknown"].items():
            print(f"    {paint.yellow}{name} is not known{paint.off}: {why}")
    return 0


def facts_of(model: Model) -> Iterator[dict[str, Any]]:
    """Each fact of a file as plain data, with what is known of it and why the rest is not."""
    for kind, facts in model.facts.items():
        for fact in facts:
            known: dict[str, str] = {}
            unknown: dict[str, str] = {}
            _tell(fact, model, known, unknown)
            yield {
                "fact": kind.__name__,
                "line": getattr(fact.node, "lineno", 1),
                "source": _source(fact.node, model),
                "known": known,
                "unknown": unknown,
            }


def _tell(fact: Fact, model: Model, known: dict[str, str], unknown: dict[str, str]) -> None:
    if isinstance(fact, Task):
        _task(fact, model, known, unknown)
    elif isinstance(fact, Dispatch):
        known["method"] = fact.method
        _sent(fact.resolved_task(), known, unknown)
        for name, keyword in fact.options.items():
            _value(name, keyword.value, fact, model, known, unknown)
    elif isinstance(fact, Retry):
        _sent(fact.task, known, unknown)
    elif isinstance(fact, Setting):
        known["setting"] = fact.key
        _value("value", fact.value, fact, model, known, unknown)
    elif isinstance(fact, BeatEntry):
        known["entry"] = fact.label
        if not fact.complete:
            unknown["all of it"] = "something is spread into it"
        for name, (_, value) in fact.fields.items():
            _value(name, value, fact, model, known, unknown)
    elif isinstance(fact, Canvas):
        known["kind"] = fact.kind


def _task(task: Task, model: Model, known: dict[str, str], unknown: dict[str, str]) -> None:
    name = name_of(task)
    if name.value is None:
        unknown["name"] = name.reason
    else:
        known["name"] = name.value
    parameters = of_task(task)
    if isinstance(parameters, Unknown):
        from flake8_celery.diagnosis import why_parameters

        unknown["parameters"] = why_parameters(task)
    else:
        known["takes"] = describe(parameters, task.name)
    if not task.base.complete:
        unknown["Task class"] = "a base of it, or the application's, can't be read"
    for option in task.arguments.keywords:
        given = task.own(option)
        if given is not None:
            _value(option, given.value, task, model, known, unknown, given.region)
    if task.arguments.splat_keywords:
        unknown["other options"] = "something is spread into them"


def _sent(task: Task | None, known: dict[str, str], unknown: dict[str, str]) -> None:
    if task is None:
        unknown["task"] = "the name can't be followed to a task"
        return
    known["task"] = f"{name_of(task).value or task.name}, {model_of(task).project.shown()}"


def _value(
    name: str,
    value: ast.expr,
    fact: Fact,
    model: Model,
    known: dict[str, str],
    unknown: dict[str, str],
    region: Any = None,
) -> None:
    values = model.resolver.values(value, region or fact.region)
    if isinstance(values, Unknown):
        kinds = model.resolver.kinds(value, region or fact.region)
        if isinstance(kinds, Unknown):
            unknown[name] = f"{_short(ast.unparse(value))} is no value that can be read here"
        else:
            known[name] = f"of kind {' or '.join(sorted(kinds))}"
        return
    known[name] = _short(" or ".join(repr(one) for one in values))


def _source(node: ast.AST, model: Model) -> str:
    line = getattr(node, "lineno", 1)
    lines = model.module.lines
    return _short(lines[line - 1].strip()) if 0 < line <= len(lines) else ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."
