"""Is a change safe for messages in flight? Held against real Celery tasks and every small call."""

from __future__ import annotations

import ast
import itertools
import os
import textwrap
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from hypothesis import given
from hypothesis import strategies as st

from flake8_celery.core.contract.binding import CallShape, read_parameters
from flake8_celery.core.contract.change import compare, proxy, vanished
from flake8_celery.core.contract.interface import Leftover, Parameter, TaskContract
from flake8_celery.core.contract.lock import Lock, LockError, dumps, loads, read_lock
from flake8_celery.core.contract.message import accepts, call_error
from flake8_celery.core.deployed.read_tasks import contracts_of
from flake8_celery.core.model.build import prepare
from flake8_celery.core.project.files import clear
from flake8_celery.core.project.lockpath import LOCK_NAME, find_lock
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.values.unknown import UNKNOWN
from flake8_celery.options import Options

NAMES = ("a", "b", "c", "d")
APP = Celery("contracts", broker="memory://", set_as_current=False)
COUNTER = itertools.count()


def of_source(
    source: str, filename: str = "stand_in.py"
) -> tuple[list[TaskContract], list[Leftover]]:
    text = "from celery import shared_task\n" + textwrap.dedent(source)
    return contracts_of(prepare(Module(text, filename, ast.parse(text)), Options()), filename)


def one(parameters: str, decorator: str = "name='x'") -> TaskContract:
    [task], left = of_source(f"@shared_task({decorator})\ndef f({parameters}): ...")
    assert not left
    return task


# -- against Celery


class Side:
    """One version of a task: what we read of it, and Celery's own."""

    def __init__(self, parameters: str, bind: bool) -> None:
        self.parameters = f"self{', ' if parameters else ''}{parameters}" if bind else parameters
        self.contract = one(self.parameters, f"name='x', bind={bind}")
        source = f"def f({self.parameters}): return dict(locals())"
        scope: dict[str, Any] = {}
        exec(source, scope)
        name = f"t{next(COUNTER)}"
        task = APP.task(scope["f"], name=name, bind=bind, shared=False, lazy=False)
        # what celery.app.trace.build_tracer takes where a class has no __call__ of its own
        self.run = task.run
        self.bound = task if bind else None
        APP.tasks.pop(name)

    def landed(self, count: int, keywords: frozenset[str]) -> dict[object, str] | str:
        """Where each argument arrives (a name, `*` or `**`), or why the worker can't call."""
        try:
            found = self.run(*range(count), **{k: f"<{k}>" for k in sorted(keywords)})
        except TypeError as error:
            return str(error)
        places: dict[object, str] = {}
        for name, value in found.items():
            if value is self.bound and value is not None:
                continue
            if name == "args":
                places.update(dict.fromkeys(value, "*"))
            elif name == "kwargs":
                places.update(dict.fromkeys(value.values(), "**"))
            elif value is not Ellipsis:
                places[value] = name
        return places


def fits(sent: dict[object, str], run: dict[object, str] | str) -> bool:
    """Whether each argument arrives where it was meant to, or in a splat."""
    if isinstance(run, str):
        return False
    # what a sender's **kwargs would take has the name that it is sent by
    return all(
        run[argument] in ("*", "**", str(argument).strip("<>") if place == "**" else place)
        for argument, place in sent.items()
    )


UNIVERSE = (*NAMES, "anything", "self")
SETS = [frozenset(c) for n in range(7) for c in itertools.combinations(UNIVERSE, n)]
CALLS = list(itertools.product(range(6), SETS))
"""Every call with up to five positional arguments and any of the names in use."""


def carries_self(sent: dict[object, str] | str, pair: tuple[Side, Side]) -> bool:
    """Whether a call gives a bound task's own parameter, which no message does."""
    if isinstance(sent, str):
        return False
    return any(side.bound is not None for side in pair) and sent.get("<self>") in ("**", None)


@st.composite
def parameters(draw: st.DrawFn, first: tuple[str, ...] = ()) -> str:
    names = [*first, *draw(st.permutations(NAMES))[: draw(st.integers(0, 4))]]
    count = draw(st.integers(len(first), len(names)))
    only = draw(st.sampled_from([0, 0, 0, *range(1, count + 1)]))
    with_default = draw(st.integers(0, count))
    parts = [
        f"{name}=..." if index >= count - with_default else name
        for index, name in enumerate(names[:count])
    ]
    if only:
        parts.insert(only, "/")
    if draw(st.booleans()):
        parts.append("*args")
    elif names[count:]:
        parts.append("*")
    parts += [f"{name}=..." if draw(st.booleans()) else name for name in names[count:]]
    if draw(st.booleans()):
        parts.append("**kwargs")
    return ", ".join(parts)


@st.composite
def edited(draw: st.DrawFn, source: str) -> str:
    """The same parameters after a few edits of the kind that people make."""
    parts = source.split(", ") if source else []
    for _ in range(draw(st.integers(1, 2))):
        edit = draw(st.sampled_from(["drop", "add", "default", "swap", "splat"]))
        if edit == "drop" and parts:
            parts.pop(draw(st.integers(0, len(parts) - 1)))
        elif edit == "add":
            parts.insert(draw(st.integers(0, len(parts))), draw(st.sampled_from(["d", "d=..."])))
        elif edit == "default" and parts:
            index = draw(st.integers(0, len(parts) - 1))
            parts[index] = parts[index].removesuffix("=...") + draw(st.sampled_from(["", "=..."]))
        elif edit == "swap" and len(parts) > 1:
            index = draw(st.integers(1, len(parts) - 1))
            parts[index - 1 : index + 1] = parts[index - 1 : index + 1][::-1]
        else:
            parts.append(draw(st.sampled_from(["*args", "**kwargs", "*, d=..."])))
    text = ", ".join(parts)
    try:
        compile(f"def f({text}): ...", "edited", "exec")
    except SyntaxError:
        return source
    return text


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Side, Side]:
    first = draw(parameters())
    second = draw(st.one_of(parameters(), edited(first), parameters(first=("self",))))
    old_bind, new_bind = draw(st.sampled_from([(False, False), (True, True), (True, False)]))
    if "self" in second:
        new_bind = False
    sides = Side(first, old_bind), Side(second, new_bind)
    return sides if draw(st.booleans()) else sides[::-1]


@given(pairs())
def test_verdict_is_what_every_small_call_shows(pair: tuple[Side, Side]) -> None:
    old, new = pair
    broken = []
    for count, keywords in CALLS:
        call = CallShape(count, keywords)
        sent, run = old.landed(count, keywords), new.landed(count, keywords)
        # the other direction, message by message: sent by the new code, run by an old worker
        if not isinstance(run, str) and not ("self" in keywords and carries_self(run, pair)):
            told = accepts(old.contract, call, new.contract)
            assert (not told) == fits(run, sent), (old.parameters, new.parameters, call, told)
        if "self" not in keywords:
            assert bool(call_error(new.contract, call)) == isinstance(run, str)
        if not isinstance(sent, str) and not fits(sent, run):
            if "self" not in keywords or not carries_self(sent, pair):
                broken.append(call)
    said = compare(old.contract, new.contract)
    assert bool(said) == bool(broken), (old.parameters, new.parameters, said, broken[:3])
    for item in said:
        # each break shows a message, and tells what Python tells
        assert item.call is not None
        sent = old.landed(item.call.positional, item.call.keywords)
        run = new.landed(item.call.positional, item.call.keywords)
        assert not isinstance(sent, str)
        assert not fits(sent, run)
        told = f"TypeError: {run}".partition(". Did you")[0] if isinstance(run, str) else ""
        assert item.error == told


# -- what is said


def said(
    old: str, new: str, binds: tuple[bool, bool] = (False, False)
) -> list[tuple[str, str | None]]:
    found = compare(one(old, f"name='x', bind={binds[0]}"), one(new, f"name='x', bind={binds[1]}"))
    return [(item.code, item.parameter) for item in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # safe
        ("a, b", "a, b", []),
        ("a", "a, b=1", []),
        ("a", "a, *, b=1", []),
        ("a", "a=1", []),
        ("a, b", "*args, **kwargs", []),
        ("a", "a, *args", []),
        ("a", "a, **kwargs", []),
        ("*, a", "a", []),
        ("a, /", "a", []),
        ("a, *, b", "a, **kwargs", []),
        # a parameter without a default
        ("a", "a, b", [("CEL411", "b")]),
        ("", "a", [("CEL411", "a")]),
        ("a", "a, *, b", [("CEL411", "b")]),
        ("a, b=1", "a, b", [("CEL411", "b")]),
        ("a, *, b=1", "a, *, b", [("CEL411", "b")]),
        ("**kwargs", "a, **kwargs", [("CEL411", "a")]),
        # removed, renamed
        ("a, b", "a", [("CEL412", "b")]),
        ("a, b", "b", [("CEL412", "a")]),
        ("a", "b", [("CEL412", "a")]),
        ("a, b", "a, c=1", [("CEL412", "b")]),
        ("a, b", "a, **kw", [("CEL412", "b")]),
        ("a, b", "a, *args", [("CEL412", "b")]),
        ("a, *, b", "a", [("CEL412", "b")]),
        ("a, *args", "a", [("CEL412", "*args")]),
        ("a, **kw", "a", [("CEL412", "**kw")]),
        ("a, b, c", "a", [("CEL412", "b"), ("CEL412", "c")]),
        ("a, b, c", "b, c", [("CEL412", "a")]),
        # moved
        ("a, b", "b, a", [("CEL413", "a")]),
        ("a, b, c", "c, a, b", [("CEL413", "a")]),
        ("a, b", "a, *, b", [("CEL413", "b")]),
        ("a, b, c", "b, c, *, a", [("CEL413", "a")]),
        ("a", "a, /", [("CEL413", "a")]),
        ("*, a", "a, /", [("CEL413", "a")]),
        ("a, b", "a, x=1, b=2", [("CEL413", "x")]),
        ("a, b", "a, x, b", [("CEL411", "x"), ("CEL413", "x")]),
        ("a, *args", "a, b=1, *args", [("CEL413", "b")]),
        ("a, /, **kw", "a, **kw", [("CEL413", "a")]),
    ],
)
def test_codes(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert said(old, new) == expected


@pytest.mark.parametrize(
    ("old", "old_bind", "new", "new_bind", "expected"),
    [
        ("a", False, "self, a", True, []),
        ("self, a", True, "a", False, []),
        ("self, a", True, "task, a", True, []),
        ("a", False, "self, a", False, [("CEL413", "self")]),
        ("", False, "self", False, [("CEL413", "self")]),
        ("self, a", True, "self, a", False, [("CEL413", "self")]),
        ("self, a", True, "a", True, [("CEL413", "a")]),
        ("a", False, "a", True, [("CEL413", "a")]),
    ],
)
def test_self_and_bind(
    old: str, old_bind: bool, new: str, new_bind: bool, expected: list[tuple[str, str]]
) -> None:
    assert said(old, new, (old_bind, new_bind)) == expected


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("queue='a'", "queue='b'", 1),
        ("queue='a'", "", 1),
        ("", "queue='a'", 1),
        ("serializer='json'", "serializer='yaml'", 1),
        ("queue='a', serializer='json'", "queue='b', serializer='yaml'", 2),
        ("queue='a'", "queue=anything", 0),
        ("queue='a'", "queue='a', priority=3", 0),
        ("queue='a'", "**options", 0),
    ],
)
def test_delivery(old: str, new: str, count: int) -> None:
    before = one("a", f"name='x', {old}")
    contracts, _ = of_source(f"@shared_task({new}, name='x')\ndef f(a): ...".replace("(, ", "("))
    found = [item for after in contracts for item in compare(before, after)]
    assert [item.code for item in found] == ["CEL415"] * count


def test_what_is_not_known_says_nothing() -> None:
    known = one("a")
    [unknown], _ = of_source("@shared_task(name='x')\n@other\ndef f(b): ...")
    assert unknown.parameters is None
    assert compare(known, unknown) == compare(unknown, known) == []


def test_a_break_says_what_will_be_seen_and_what_to_do() -> None:
    [item] = compare(one("a"), one("a, b"))
    assert item.error == "TypeError: f() missing 1 required positional argument: 'b'"
    assert item.text == f"a message with 1 positional argument fails with {item.error}"
    assert item.recipe[0] == "give b a default value"
    [item] = compare(one("a, b"), one("b, a"))
    assert item.text == "in a message with 2 positional arguments the argument for a arrives in b"
    for old, new in (("a", ""), ("a", "b"), ("", "self")):
        for item in compare(one(old), one(new)):
            assert "%" not in item.text + "".join(item.recipe)
            assert "\n" not in item.text + "".join(item.recipe)


def test_accepts_a_splat_wherever_it_may_help() -> None:
    old = one("a, b, *, c")
    assert (
        accepts(old, CallShape(1)) == "TypeError: f() missing 1 required positional argument: 'b'"
    )
    assert not accepts(old, CallShape(1, frozenset({"c"}), more_positional=True))
    assert not accepts(old, CallShape(1, more_keywords=True))
    assert "'c'" in accepts(old, CallShape(1, more_positional=True))
    assert "unexpected" in accepts(old, CallShape(2, frozenset("cd"), True, True))


def test_contract_speaks_for_the_argument_check() -> None:
    task = one("self, a, /, b=1, *args, c, **kw", "name='x', bind=True")
    assert task.signature == read_parameters(
        ast.parse("def f(self, a, /, b=1, *args, c, **kw): ...").body[0].args, True
    )._replace(bound_only=False)


# -- from source


def test_a_vanished_task_and_its_proxy() -> None:
    [old], _ = of_source("@shared_task\ndef f(a, b=1): ...")
    [new], _ = of_source("@shared_task\ndef g(a, b=1): ...")
    item = vanished(old, new)
    assert (item.code, item.task) == ("CEL410", "stand_in.f")
    assert item.error == "Received unregistered task of type 'stand_in.f'."
    source = proxy(old, new)
    [kept], left = contracts_of(prepare(Module(source, "s.py", ast.parse(source)), Options()))
    assert (kept.name, left) == (old.name, [])
    assert compare(old, kept) == []
    assert "return g(*args, **kwargs)" in source
    assert "from new.place import g\n" in proxy(old, new._replace(module="new.place"))
    assert "return new_f(*args" in proxy(old)


@pytest.mark.parametrize(
    ("source", "name", "explicit"),
    [
        ("@shared_task\ndef f(): ...", "stand_in.f", False),
        ("@shared_task(name='')\ndef f(): ...", "stand_in.f", False),
        ("@shared_task(name='a.b')\ndef f(): ...", "a.b", True),
        ("T = {'queue': 'q'}\n@shared_task(**T)\ndef f(): ...", "stand_in.f", False),
        ("T = {'name': 'a.b'}\n@shared_task(**T)\ndef f(): ...", "a.b", True),
        ("N = 'a.b'\n@shared_task(name=N)\ndef f(): ...", "a.b", True),
        ("class C:\n    @shared_task\n    def f(): ...", "stand_in.f", False),
        (
            "from django.db.transaction import atomic\n@shared_task\n@atomic\ndef f(): ...",
            "stand_in.f",
            False,
        ),
        (
            "import functools\ndef deco(fn):\n    @functools.wraps(fn)\n    def run(*a): ...\n"
            "    return run\n@shared_task\n@deco\ndef f(): ...",
            "stand_in.f",
            False,
        ),
        (
            "from celery import Celery\napp = Celery()\ndef f(): ...\ng = app.task(f)",
            "stand_in.f",
            False,
        ),
    ],
)
def test_name(source: str, name: str, explicit: bool) -> None:
    [task], left = of_source(source)
    assert (task.name, task.explicit, left) == (name, explicit, [])


@pytest.mark.parametrize(
    ("source", "reason", "name"),
    [
        ("@shared_task(**options)\ndef f(): ...", "a splat", None),
        ("from x import N\n@shared_task(name=N)\ndef f(): ...", "can't be told", None),
        ("@shared_task\n@deco\ndef f(): ...", "the decorator deco may change", None),
        (
            "from celery import Celery\nclass A(Celery):\n    def gen_task_name(self, *a): ...\n"
            "app = A()\n@app.task\ndef f(): ...",
            "gen_task_name",
            None,
        ),
        (
            "if x:\n    @shared_task\n    def f(a): ...\nelse:\n"
            "    @shared_task\n    def f(b): ...",
            "two different tasks",
            "stand_in.f",
        ),
        (
            "from celery import Task\nclass T(Task):\n    name = 'a.b'\n    def run(self): ...",
            "not registered",
            "a.b",
        ),
    ],
)
def test_left_out(source: str, reason: str, name: str | None) -> None:
    tasks, [left] = of_source(source)
    assert tasks == []
    assert reason in left.reason
    assert left.name == name


def test_class_tasks() -> None:
    tasks, left = of_source(
        """
        from celery import Celery, Task
        app = Celery()
        class Base(Task):
            queue = "slow"
        class Add(Base):
            def run(self, a, b=1): ...
        app.register_task(Add())
        """
    )
    assert left == []
    [task] = tasks
    assert (task.name, task.qualname, task.queue) == ("stand_in.Add", "Add.run", "slow")
    assert task.parameters == (Parameter("a", "positional"), Parameter("b", "positional", True))


def test_qualname_of_a_nested_task() -> None:
    [task], _ = of_source(
        "class C:\n    def make(self):\n        @shared_task\n        def f(): ..."
    )
    assert task.qualname == "C.make.<locals>.f"


# -- the file


def locks() -> st.SearchStrategy[Lock]:
    word = st.text("abc_", min_size=1, max_size=3)
    option = st.one_of(st.none(), word, st.just(UNKNOWN))
    tasks = st.builds(
        lambda name, source, bind, queue, serializer, explicit: one(source)._replace(
            name=name, bind=bind, queue=queue, serializer=serializer, explicit=explicit, file="t.py"
        ),
        word,
        parameters(),
        st.one_of(st.none(), word),
        option,
        option,
        st.booleans(),
    )
    return st.lists(tasks, max_size=3).map(
        lambda found: Lock(1, {task.name: task for task in found})
    )


@given(locks())
def test_round_trip(lock: Lock) -> None:
    text = dumps(lock)
    again = loads(text)
    assert again.tasks == lock.tasks
    assert dumps(again) == text
    shuffled = dict(reversed(list(lock.tasks.items())))
    assert dumps(Lock(1, shuffled)) == text


def test_a_lock_reads_well_in_a_diff() -> None:
    [task], _ = of_source("@shared_task(bind=True, queue='q')\ndef f(self, a, *, b=1): ...", "t.py")
    unknown = task._replace(name="u", parameters=None, queue=UNKNOWN)
    assert dumps(Lock(1, {"u": unknown, task.name: task})) == textwrap.dedent(
        """\
        {
          "version": 1,
          "tasks": {
            "t.f": {
              "file": "t.py",
              "module": "t",
              "qualname": "f",
              "explicit": false,
              "bind": "self",
              "queue": "q",
              "serializer": null,
              "parameters": [
                {"name": "a", "kind": "positional", "default": false},
                {"name": "b", "kind": "keyword-only", "default": true}
              ]
            },
            "u": {
              "file": "t.py",
              "module": "t",
              "qualname": "f",
              "explicit": false,
              "bind": "self",
              "serializer": null,
              "parameters": null
            }
          }
        }
        """
    )


GOOD = dumps(Lock(1, {"x": one("a, b=1, *args, **kw")._replace(file="t.py")}))


def bad(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


HOSTILE = {
    "empty": ("", "is empty"),
    "merge conflict": (
        GOOD.replace('"x": {', '<<<<<<< HEAD\n"x": {\n=======\n"y": {\n>>>>>>> other'),
        "merge conflict",
    ),
    "cut off": (GOOD[: len(GOOD) // 2], "cut off"),
    "no JSON": ("tasks:\n  - a\n", "no JSON"),
    "list": ("[]", "JSON object"),
    "text": ('"tasks"', "JSON object"),
    "deep lists": ("[" * 100_000, "nested too deep"),
    "deep objects": ('{"tasks":' * 100_000, "nested too deep"),
    "deep in place": (bad('"t.py"', "[" * 100_000 + "]" * 100_000), "nested too deep"),
    "long number": (bad('"version": 1', '"version": ' + "9" * 10_000), "celery-tasks.lock: "),
    "no version": (bad('"version": 1,', ""), "version is missing"),
    "version a text": (bad('"version": 1', '"version": "1"'), "version is missing"),
    "version true": (bad('"version": 1', '"version": true'), "version is missing"),
    "version of the future": (bad('"version": 1', '"version": 2'), "newer"),
    "version zero": (bad('"version": 1', '"version": 0'), "never was"),
    "tasks a list": ('{"version": 1, "tasks": []}', "tasks is missing"),
    "tasks missing": ('{"version": 1}', "tasks is missing"),
    "task a number": ('{"version": 1, "tasks": {"x": 3}}', "task x is no object"),
    "task without a name": ('{"version": 1, "tasks": {"": {}}}', "a task's name"),
    "task's name of two lines": ('{"version": 1, "tasks": {"a\\nb": {}}}', "a task's name"),
    "task twice": ('{"version": 1, "tasks": {"x": {}, "x": {}}}', "x stands twice"),
    "file a number": (bad('"t.py"', "3"), "file of task x"),
    "file above": (bad('"t.py"', '"../t.py"'), "file of task x must lie"),
    "file absolute": (bad('"t.py"', '"/t.py"'), "file of task x must lie"),
    "file on a drive": (bad('"t.py"', '"C:/t.py"'), "file of task x must lie"),
    "file missing": (bad('"file": "t.py",', ""), "file of task x"),
    "explicit a text": (bad('"explicit": true', '"explicit": "yes"'), "explicit of task x"),
    "bind a number": (bad('"bind": null', '"bind": 1'), "bind of task x"),
    "queue a list": (bad('"queue": null', '"queue": ["a"]'), "queue of task x"),
    "parameters a text": (
        '{"version": 1, "tasks": {"x": {"file": "t.py", "module": "t", '
        '"qualname": "f", "explicit": true, "parameters": "a, b"}}}',
        "no list",
    ),
    "parameters missing": (
        '{"version": 1, "tasks": {"x": {"file": "t.py", "module": "t", '
        '"qualname": "f", "explicit": true}}}',
        "no list",
    ),
    "parameter a text": (
        bad('{"name": "a", "kind": "positional", "default": false}', '"a"'),
        "a parameter of task x",
    ),
    "kind unknown": (bad('"variadic"', '"many"'), "none of the kinds"),
    "kind a list": (bad('"variadic"', '["variadic"]'), "none of the kinds"),
    "default a number": (bad('"default": true', '"default": 1'), "default of parameter b"),
    "two of one name": (bad('"name": "b"', '"name": "a"'), "no Python signature"),
    "out of order": (bad('"positional"', '"keyword-only"'), "no Python signature"),
    "two splats": (bad('"keywords"', '"variadic"'), "no Python signature"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_lock(case: str, tmp_path: Path) -> None:
    text, expected = HOSTILE[case]
    path = tmp_path / LOCK_NAME
    path.write_text(text)
    with pytest.raises(LockError) as raised:
        read_lock(str(path))
    message = str(raised.value)
    assert expected in message
    assert "\n" not in message
    assert len(message) < 600


def test_hostile_files(tmp_path: Path) -> None:
    path = tmp_path / LOCK_NAME
    with pytest.raises(LockError, match="no such file"):
        read_lock(str(path))
    with pytest.raises(LockError, match="can't be read"):
        read_lock("\0")
    path.mkdir()
    with pytest.raises(LockError, match="is no file"):
        read_lock(str(path))
    path.rmdir()
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(LockError, match="not UTF-8"):
        read_lock(str(path))
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(LockError, match="100 MB"):
        read_lock(str(path))
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(LockError, match="no such file"):
        read_lock(str(path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / LOCK_NAME
    os.mkfifo(path)
    with pytest.raises(LockError, match="is no file"):
        read_lock(str(path))


@given(st.data())
def test_a_damaged_lock_is_read_or_refused_in_one_line(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(len(GOOD), start + 40)))
    middle = data.draw(st.one_of(st.text(max_size=8), st.sampled_from(["null", "[]", "{}", "1"])))
    text = GOOD[:start] + middle + GOOD[end:]
    message = ""
    try:
        loads(text.encode("utf-8", "surrogatepass"))
    except LockError as error:
        message = str(error)
    assert "\n" not in message


def test_a_lock_is_read_once_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / LOCK_NAME
    path.write_text(GOOD)
    first = read_lock(str(path))
    assert read_lock(str(path)) is first
    path.write_text(GOOD.replace('"x"', '"yy"'))
    assert list(read_lock(str(path)).tasks) == ["yy"]


def test_the_nearest_lock_counts(tmp_path: Path) -> None:
    inner = tmp_path / "repo" / "service" / "app"
    inner.mkdir(parents=True)
    (tmp_path / LOCK_NAME).touch()
    (tmp_path / "repo" / ".git").mkdir()
    clear()
    assert find_lock(str(inner)) is None, "a lock above the repository is someone else's"
    (tmp_path / "repo" / LOCK_NAME).touch()
    clear()
    assert find_lock(str(inner)) == str(tmp_path / "repo" / LOCK_NAME)
    (tmp_path / "repo" / "service" / LOCK_NAME).touch()
    clear()
    assert find_lock(str(inner)) == str(tmp_path / "repo" / "service" / LOCK_NAME)
    assert find_lock(str(tmp_path / "repo")) == str(tmp_path / "repo" / LOCK_NAME)


def test_tasks_of_a_file() -> None:
    lock = loads(GOOD, "/srv/shop/celery-tasks.lock")
    assert [task.name for task in lock.of_file("/srv/shop/t.py")] == ["x"]
    assert lock.of_file("/srv/shop/u.py") == lock.of_file("/srv/shopping/t.py") == ()


@pytest.mark.parametrize(
    ("body", "known"),
    [
        ("return self.run(*args, **kwargs)", True),
        ("with context():\n    return super().__call__(*args, **kwargs)", True),
        ("log(kwargs.get('pk'))\nreturn super(Base, self).__call__(*args, **kwargs)", True),
        ("return Task.__call__(self, *args, **kwargs)", True),
        ("try:\n    return self.run(*args, **kwargs)\nfinally:\n    close()", True),
        ("return self.run(1, *args, **kwargs)", False),
        ("return self.run(*args, session=1, **kwargs)", False),
        ("return self.run(*args)", False),
        ("kwargs['session'] = 1\nreturn self.run(*args, **kwargs)", False),
        ("kwargs.pop('x')\nreturn self.run(*args, **kwargs)", False),
        ("args = args[1:]\nreturn self.run(*args, **kwargs)", False),
        ("change(kwargs)\nreturn self.run(*args, **kwargs)", False),
        ("return 1", False),
    ],
)
def test_a_base_that_makes_the_call(body: str, known: bool) -> None:
    text = textwrap.indent(body, "        ")
    [task], _ = of_source(
        "from celery import Task\nclass Base(Task):\n    def __call__(self, *args, **kwargs):\n"
        f"{text}\n@shared_task(base=Base)\ndef f(a): ..."
    )
    assert (task.parameters is not None) == known


@pytest.mark.parametrize(
    "app",
    [
        "app = Celery('x', task_cls=Base)",
        "app = Celery[Base]('x', task_cls=Base)",
        "app = Celery('x')\napp.Task = Base",
        "def make():\n    made = Celery('x')\n    Old = made.Task\n    class New(Old):\n"
        "        def __call__(self, *args, **kwargs):\n"
        "            return Old.__call__(self, *args, **kwargs)\n"
        "    made.Task = New\n    return made\napp = make()",
        "def make():\n    made = Celery('x')\n    class New(made.Task):\n"
        "        def __call__(self, *args, **kwargs):\n"
        "            return super().__call__(*args, **kwargs)\n"
        "    made.Task = New\n    return made\napp = make()",
    ],
)
def test_an_app_whose_tasks_run_in_a_context(app: str) -> None:
    [task], _ = of_source(
        "from celery import Celery, Task\nclass Base(Task[int, str]):\n"
        "    def __call__(self, *args, **kwargs):\n        return self.run(*args, **kwargs)\n"
        f"{app}\n@app.task\ndef f(a): ..."
    )
    assert task.parameters is not None


def test_a_base_behind_a_base_that_passes_on() -> None:
    [task], _ = of_source(
        """
        from celery import Task
        class Injects(Task):
            def __call__(self, *args, **kwargs):
                return self.run("session", *args, **kwargs)
        class Logs(Injects):
            def __call__(self, *args, **kwargs):
                return super().__call__(*args, **kwargs)
        @shared_task(base=Logs)
        def f(session, a): ...
        """
    )
    assert task.parameters is None


@pytest.mark.parametrize(
    ("decorator", "known"),
    [
        ("@manager()", True),
        ("@manager", False),
        ("@Decorator()", True),
        ("@atomic", True),
        ("@atomic()", True),
        ("@scopes_disabled()", True),
        ("@set_code_owner_attribute", True),
        ("@wrapped", False),
    ],
)
def test_decorators_that_hand_everything_on(decorator: str, known: bool) -> None:
    [task], left = of_source(
        f"""
        import contextlib, functools
        from django.db.transaction import atomic
        from django_scopes import scopes_disabled
        from edx_django_utils.monitoring import set_code_owner_attribute
        @contextlib.contextmanager
        def manager(): yield
        class Decorator(contextlib.ContextDecorator): ...
        def wrapped(f):
            @functools.wraps(f)
            def inner(*args): return f(1, *args)
            return inner
        @shared_task(name="x")
        {decorator}
        def f(a, b=1): ...
        """
    )
    assert not left
    expected = (Parameter("a", "positional"), Parameter("b", "positional", True))
    assert task.parameters == (expected if known else None)
    # Python agrees
    scope: dict[str, Any] = {}
    exec(
        "import contextlib\n@contextlib.contextmanager\ndef manager(): yield\n"
        "@manager()\ndef f(a, b=1): return [a, b]\n",
        scope,
    )
    assert (scope["f"].__name__, scope["f"](1, b=2)) == ("f", [1, 2])
    with pytest.raises(TypeError, match=r"f\(\) missing 1 required"):
        scope["f"]()
