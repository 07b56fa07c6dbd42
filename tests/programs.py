"""Programs that use Celery in ways that nobody would: from a grammar, and by mutation of others.

Everything follows from a number, so nothing that was made is kept.
"""

# ruff: noqa: E501

from __future__ import annotations

import ast
import copy
import io
import random
import sys
import tokenize
import warnings
from collections.abc import Callable, Sequence
from functools import cache

from flake8_celery.linter import rules
from flake8_celery.pages import docstring, examples
from flake8_celery.tables.execution import APPLY_ASYNC, BEAT, RETRY
from flake8_celery.tables.settings import SETTINGS
from flake8_celery.tables.task import TASK_ATTRIBUTES, TASK_OPTIONS

HEAD = """\
import datetime, functools
from datetime import timedelta
from functools import partial
from celery import Celery, Task, chain, chord, chunks, current_app, group, shared_task, signature
from celery.exceptions import Retry
from celery.schedules import crontab, solar
from celery.signals import task_success
from django.db import transaction
from kombu import Exchange, Queue
app = Celery("shop", broker="redis://")
"""
NAMES = ("f", "g", "h", "app", "self", "x", "NAME", "Base", "OPTIONS", "conf", "order", "__name__")
TEXTS = ("f", "tasks.f", "a", "", "json", "pickle", "5/m", "redis://:p@h", "\n", "\x1b", "é", "*/5")
NUMBERS = ("(0)", "(1)", "(-1)", "(3.5)", "(10**9)", "1e309", "True", "None", "1j", "b'x'", "...")
WORDS = tuple(sorted({*APPLY_ASYNC, *RETRY, *TASK_OPTIONS}))
METHODS = (
    *("delay", "apply_async", "apply", "s", "si", "signature", "map", "starmap", "chunks", "set"),
    *("retry", "replace", "on_commit", "delay_on_commit", "clone", "link", "on_error", "get"),
    *("update_state", "subtask", "dealy", "apply_asinc", "run", "request", "name", "tasks", "conf"),
)
DEEPEST = 4


class Program:
    """One program, grown from a number."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(number)
        self.depth = 0

    def module(self) -> str:
        """The text of a module."""
        body = [self.statement(0) for _ in range(self.random.randint(2, 8))]
        return HEAD + "".join(body)

    # -- parts

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def some(self, make: Callable[[], str], most: int = 3, join: str = ", ") -> str:
        return join.join(make() for _ in range(self.random.randint(0, most)))

    def name(self) -> str:
        return self.one(*NAMES)

    def text(self) -> str:
        return repr(self.random.choice((*TEXTS, *self.random.sample(sorted(SETTINGS), 2))))

    def keyword(self) -> str:
        if self.random.random() < 0.12:
            return f"**{self.expression()}"
        return f"{self.random.choice(WORDS)}={self.expression()}"

    def keywords(self) -> str:
        made: dict[str, str] = {}
        for _ in range(self.random.randint(0, 3)):
            word = self.keyword()
            made[word.partition("=")[0]] = word
        return ", ".join(sorted(made.values(), key=lambda word: word.startswith("**")))

    def call_arguments(self) -> str:
        given = [self.expression() for _ in range(self.random.randint(0, 3))]
        if self.random.random() < 0.1:
            given.append(f"*{self.expression()}")
        if self.random.random() < 0.6:
            given.append(self.keywords())
        return ", ".join(part for part in given if part)

    def expression(self) -> str:
        """Any expression; simple ones the deeper it stands."""
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                return self.one(self.name(), self.text(), self.one(*NUMBERS))
            return self.random.choice(self.expressions)(self)
        finally:
            self.depth -= 1

    def _send(self) -> str:
        return f"{self.expression()}.{self.one(*METHODS)}({self.call_arguments()})"

    def _canvas(self) -> str:
        kind = self.one(
            "chain", "group", "chord", "chunks", "signature", "app.send_task", "partial"
        )
        return f"{kind}({self.call_arguments()})"

    def _schedule(self) -> str:
        kind = self.one("crontab", "timedelta", "solar", "Queue", "Exchange", "dict", "Task")
        word = self.one("minute", "hour", "seconds", "day_of_week", "routing_key", "task", "args")
        return f"{kind}({self.some(self.expression, 2)}{self.one('', f' , {word}={self.text()}')})".replace(
            "( ,", "("
        )

    def _table(self) -> str:
        keys = [self.one(self.text(), *(repr(key) for key in sorted(BEAT)), self.name())]
        rows = [f"{self.random.choice(keys)}: {self.expression()}" for _ in range(3)]
        if self.random.random() < 0.2:
            rows.append(f"**{self.expression()}")
        return "{" + ", ".join(rows[: self.random.randint(0, 4)]) + "}"

    expressions: Sequence[Callable[[Program], str]] = (
        name,
        text,
        lambda self: self.one(*NUMBERS),
        _send,
        _send,
        _canvas,
        _canvas,
        _schedule,
        _table,
        lambda self: f"{self.expression()}.{self.one(*METHODS, *sorted(TASK_ATTRIBUTES)[:40])}",
        lambda self: f"({self.expression()} | {self.expression()})",
        lambda self: (
            f"({self.expression()} {self.one('+', '*', '%', 'or', 'and', '==', 'in', '-')} {self.expression()})"
        ),
        lambda self: f"[{self.some(self.expression)}]",
        lambda self: f"({self.expression()}, {self.some(self.expression)})",
        lambda self: (
            f"[{self.expression()} for {self.one('x', 'x, g')} in {self.expression()} if {self.expression()}]"
        ),
        lambda self: f"({self.expression()} if {self.expression()} else {self.expression()})",
        lambda self: f"(lambda x={self.expression()}, *g: {self.expression()})",
        lambda self: f"{self.expression()}[{self.one('0', '-1', '1:', repr('a'), 'x')}]",
        lambda self: (
            "f'{" + self.name() + "}" + self.one("a", "", "{{").replace("{{", "{{{{")[:2] + "'"
        ),
        lambda self: f"(x := {self.expression()})",
        lambda self: f"{self.expression()}({self.call_arguments()})",
        lambda self: f"(not {self.expression()})",
        lambda self: f"app.conf.{self.random.choice(sorted(SETTINGS))}",
        lambda self: f"{{*{self.expression()}, {self.expression()}}}",
    )

    # -- statements

    def block(self, level: int) -> str:
        return "".join(self.statement(level + 1) for _ in range(self.random.randint(1, 3)))

    def statement(self, level: int) -> str:
        """One statement with what stands in it, indented."""
        if level > 3:
            return "    " * level + f"{self.expression()}\n"
        make = self.random.choice(self.statements)
        return "".join(
            line if line.startswith("\0") else "    " * level + line
            for line in make(self, level).splitlines(keepends=True)
        ).replace("\0", "")

    def _inside(self, level: int) -> str:
        """A block that keeps its own indentation."""
        return "".join(f"\0{line}" for line in self.block(level).splitlines(keepends=True))

    def _decorators(self) -> str:
        made = []
        for _ in range(self.random.randint(0, 2)):
            maker = self.one(
                "shared_task", "app.task", "task_success.connect", "h", "transaction.atomic"
            )
            made.append(
                f"@{maker}{self.one('', '()', f'({self.keywords()})', f'({self.expression()})')}\n"
            )
        return "".join(made)

    def _parameters(self) -> str:
        names = self.random.sample(("self", "a", "b", "c", "order"), self.random.randint(0, 4))
        made = [*names]
        for index in range(self.random.randint(0, len(names)), len(names)):
            made[index] = f"{names[index]}={self.expression()}"
        if self.random.random() < 0.3:
            made.append(self.one("*args", "*, key=1", "*args, key"))
        if self.random.random() < 0.3:
            made.append("**kwargs")
        return ", ".join(made)

    def _function(self, level: int) -> str:
        kind = self.one("def", "def", "def", "async def")
        head = f"{kind} {self.one('f', 'g', 'h', 'run')}({self._parameters()}):\n"
        return self._decorators() + head + self._inside(level)

    def _class(self, level: int) -> str:
        base = self.one("Task", "Base", "app.Task", "str", "h.x", self.name())
        head = f"{self._decorators()}class {self.one('Base', 'x', 'K')}({base}):\n"
        return head + self._inside(level)

    def _setting(self, level: int) -> str:
        key = self.random.choice(sorted(SETTINGS))
        return self.one(
            f"app.conf.{key} = {self.expression()}\n",
            f"app.conf[{key!r}] = {self.expression()}\n",
            f"app.conf.update({key}={self.expression()})\n",
            f"CELERY_{key.upper()} = {self.expression()}\n",
            f"{key} = {self.expression()}\n",
            f"app.conf.beat_schedule = {self._table()}\n",
            f"app.config_from_object({self.text()}, namespace={self.text()})\n",
            f"app.add_periodic_task({self.call_arguments()})\n",
        )

    def _try(self, level: int) -> str:
        made = f"try:\n{self._inside(level)}"
        handler = self.one(
            "Exception", "Retry", "(Retry, x)", "h.x", "self.MaxRetriesExceededError"
        )
        made += f"except {handler}{self.one('', ' as x')}:\n{self._inside(level)}"
        return made + self.one(
            "", f"finally:\n{self._inside(level)}", f"else:\n{self._inside(level)}"
        )

    def _match(self, level: int) -> str:
        pattern = self.one("x", "[x, *g]", "{'a': x}", "Base(x)", "1 | 2", "_")
        return f"match {self.expression()}:\n    case {pattern}:\n{self._inside(level + 1)}"

    statements: Sequence[Callable[[Program, int], str]] = (
        _function,
        _function,
        _function,
        _class,
        _setting,
        _setting,
        _try,
        _match,
        lambda self, level: f"{self.one(*NAMES[:6])} = {self.expression()}\n",
        lambda self, level: (
            f"{self.one('x', 'x, g', 'h.x', 'x[0]', 'x: int', 'x = g')} = {self.expression()}\n"
        ),
        lambda self, level: f"{self.one('x', 'conf')} {self.one('+=', '|=')} {self.expression()}\n",
        lambda self, level: f"{self.expression()}\n",
        lambda self, level: f"{self._send()}\n",
        lambda self, level: (
            f"if {self.expression()}:\n{self._inside(level)}else:\n{self._inside(level)}"
        ),
        lambda self, level: f"for x in {self.expression()}:\n{self._inside(level)}",
        lambda self, level: (
            f"with {self.one('transaction.atomic()', self.expression())}:\n{self._inside(level)}"
        ),
        lambda self, level: f"while {self.expression()}:\n{self._inside(level)}",
        lambda self, level: f"transaction.on_commit({self.expression()})\n",
        lambda self, level: self.one("del x\n", "pass\n", "global x\n", "import h.tasks\n"),
        lambda self, level: self.one(
            "from . import f\n", "from h import *\n", "from h import f as x\n"
        ),
        lambda self, level: (
            f"{self.one('raise', 'assert', 'return', 'yield')} {self.expression()}\n"
        ),
    )


# -- others, changed


@cache
def seeds() -> tuple[str, ...]:
    """The examples of all rules' pages."""
    return tuple(
        example.source
        for info in rules()
        for example in examples(docstring(info))
        if example.source
    )


def mutated(number: int) -> str | None:
    """Two examples mixed, nodes exchanged or dropped, or tokens; None where it is no Python."""
    chance = random.Random(number)
    texts = [chance.choice(seeds()) for _ in range(2)]
    try:
        trees = [ast.parse(text) for text in texts]
        if chance.random() < 0.3:
            return _tokens(texts[0], chance)
        for _ in range(chance.randint(1, 4)):
            _exchange(trees[0], trees[1], chance)
        trees[0].body += trees[1].body
        return ast.unparse(ast.fix_missing_locations(trees[0])) + "\n"
    except (SyntaxError, ValueError, AttributeError, RecursionError, tokenize.TokenError):
        return None


def _exchange(tree: ast.Module, other: ast.Module, chance: random.Random) -> None:
    holder = chance.choice([n for n in ast.walk(tree) if any(ast.iter_child_nodes(n))] or [tree])
    field, value = chance.choice([(f, v) for f, v in ast.iter_fields(holder) if v] or [("", None)])
    pool = [node for node in ast.walk(other) if isinstance(node, ast.expr)] or [ast.Constant(1)]
    if isinstance(value, list) and value:
        place = chance.randrange(len(value))
        if isinstance(value[place], ast.expr):
            value[place] = copy.deepcopy(chance.choice(pool))
        elif chance.random() < 0.5:
            value.append(copy.deepcopy(value[place]))
        elif len(value) > 1:
            del value[place]
    elif isinstance(value, ast.expr):
        # a copy: what holds the place may stand in what is put there
        setattr(holder, field, copy.deepcopy(chance.choice(pool)))


def _tokens(text: str, chance: random.Random) -> str:
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for _ in range(chance.randint(1, 3)):
        first, second = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        if tokens[first].type == tokens[second].type:
            exchanged = tokens[first]._replace(string=tokens[second].string)
            tokens[second] = tokens[second]._replace(string=tokens[first].string)
            tokens[first] = exchanged
    return str(tokenize.untokenize([(token.type, token.string) for token in tokens]))


def program(number: int) -> str | None:
    """The program of a number; None where that is no Python."""
    made = Program(number).module() if number % 3 else mutated(number)
    if made is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(made, "tasks.py", "exec", ast.PyCF_ONLY_AST)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    return made


if __name__ == "__main__":
    for given in sys.argv[1:]:
        print(program(int(given)))
