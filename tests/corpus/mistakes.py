"""The kinds of mistakes that are put into real code, and where each can be made.

A kind is a function that yields changes: pieces of text of one file, replaced. `ADDED` holds those
that only add a keyword to a declaration.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from tests.corpus.edits import (
    KINDS,
    Change,
    Kind,
    append,
    change,
    first_in,
    kind,
    renamed,
    span,
    swap,
    text_of,
    tokens,
    without,
)
from tests.corpus.names import FUNCTIONS, Source
from tests.corpus.sites import Sent, Sites, Task

# -- declarations

TASK_OPTIONS = frozenset(
    {
        "max_retries",
        "default_retry_delay",
        "ignore_result",
        "acks_late",
        "rate_limit",
        "time_limit",
        "soft_time_limit",
        "autoretry_for",
        "retry_backoff",
        "retry_backoff_max",
        "retry_jitter",
        "retry_kwargs",
        "serializer",
        "track_started",
        "store_errors_even_if_ignored",
        "queue",
        "reject_on_worker_lost",
        "expires",
        "throws",
        "priority",
        "routing_key",
        "compression",
    }
)
CALL_OPTIONS = frozenset(
    {
        "countdown",
        "expires",
        "queue",
        "priority",
        "task_id",
        "link_error",
        "routing_key",
        "exchange",
        "retry_policy",
        "soft_time_limit",
        "time_limit",
        "serializer",
        "kwargs",
    }
)

#: name, family, codes, what is added to the declaration, what must not be there
ADDED: tuple[tuple[str, str, tuple[str, ...], str, str], ...] = (
    ("task option misspelt, new", "declaration", ("CEL903",), "max_retires=5", "max_retries"),
    ("task option misspelt, new 2", "declaration", ("CEL903",), "ingore_result=True", "ignore_"),
    ("task option that is a call's", "declaration", ("CEL903",), "countdown=60", "countdown"),
    ("max_retries is text", "declaration", ("CEL905",), 'max_retries="3"', "max_retries"),
    ("rate_limit unreadable", "declaration", ("CEL905", "CEL805"), 'rate_limit="10 per minute"',
     "rate_limit"),
    ("option hides a method", "declaration", ("CEL904",), "retry=True", "retry"),
    ("soft limit above hard", "limits", ("CEL101",), "time_limit=60, soft_time_limit=120",
     "limit"),
    ("autoretry_for no tuple, new", "retries", ("CEL305",), "autoretry_for=ConnectionError",
     "autoretry_for"),
    ("throws no exceptions", "retries", ("CEL305",), "throws=[ValueError]", "throws"),
    ("backoff above its maximum", "retries", ("CEL307",),
     "autoretry_for=(ConnectionError,), retry_backoff=900", "retry_"),
)  # fmt: skip


def _adding(written: str, unless: str) -> Callable[[Sites], Iterator[Change]]:
    def make(sites: Sites) -> Iterator[Change]:
        for task in sites.tasks:
            sure = task.runs or unless != "retry_"
            if sure and not any(unless in name for name in task.options):
                edit = append(task.module, task.decorator, written)
                yield from change(task.module, task.node, edit)

    return make


for _name, _family, _codes, _written, _unless in ADDED:
    KINDS.append(Kind(_name, _family, _codes, _adding(_written, _unless)))


@kind("task option misspelt", "declaration", "CEL903")
def _task_option(sites: Sites) -> Iterator[Change]:
    for task in sites.tasks:
        yield from renamed(task.module, list(task.options.values()), TASK_OPTIONS)


@kind("name by position", "declaration", "CEL913")
def _name_by_position(sites: Sites) -> Iterator[Change]:
    for task in sites.tasks:
        if not isinstance(task.decorator, ast.Call) or not task.decorator.keywords:
            written = f'"{task.node.name}"'
            yield from change(task.module, task.node, append(task.module, task.decorator, written))


@kind("decorated twice", "declaration", "CEL912")
def _decorated_twice(sites: Sites) -> Iterator[Change]:
    for task in sites.tasks:
        start, end = span(task.module, task.decorator)
        text = task.module.text[start:end]
        yield from change(task.module, task.node, (start, start, f"{text}\n@"))


@kind("bind without self", "declaration", "CEL901")
def _bind_without_self(sites: Sites) -> Iterator[Change]:
    for task in sites.tasks:
        arguments = task.node.args
        if not task.bound and task.alone and not task.parameters and arguments.vararg is None:
            yield from change(
                task.module, task.node, append(task.module, task.decorator, "bind=True")
            )


@kind("self without bind", "declaration", "CEL902")
def _self_without_bind(sites: Sites) -> Iterator[Change]:
    for task in sites.tasks:
        first = [a.arg for a in task.node.args.args[:1]]
        if task.bound and task.alone and task.runs and first == ["self"]:
            edit = without(task.module, task.decorator, task.options["bind"])
            yield from change(task.module, task.node, edit)


@kind("coroutine", "declaration", "CEL906")
def _coroutine(sites: Sites) -> Iterator[Change]:
    for task in sites.tasks:
        if isinstance(task.node, ast.FunctionDef) and task.alone and task.runs:
            start = task.module.offset(task.node.lineno, task.node.col_offset)
            yield from change(task.module, task.node, (start, start, "async "))


@kind("retry delay is text", "declaration", "CEL905")
def _retry_delay(sites: Sites) -> Iterator[Change]:
    retrying = {id(r.task.node) for r in sites.calls[1] if not r.call.keywords}
    for task in sites.tasks:
        if id(task.node) in retrying and "default_retry_delay" not in task.options:
            edit = append(task.module, task.decorator, 'default_retry_delay="60"')
            yield from change(task.module, task.node, edit)


@kind("generator", "declaration", "CEL907")
def _generator(sites: Sites) -> Iterator[Change]:
    for task in sites.tasks:
        if isinstance(task.node, ast.FunctionDef) and task.alone and task.runs:
            edit = first_in(task.module, task.node, "yield 1")
            yield from change(task.module, task.node, edit)


@kind("one name for two tasks", "declaration", "CEL910")
def _same_name(sites: Sites) -> Iterator[Change]:
    before: dict[Source, Task] = {}
    for task in sites.tasks:
        other = before.get(task.module)
        if other is not None and "name" not in {*task.options, *other.options}:
            written = 'name="shop.the_same"'
            edits = [append(t.module, t.decorator, written) for t in (other, task)]
            yield from change(task.module, task.node, *edits)
        before[task.module] = task


@kind("method misspelt", "declaration", "CEL917")
def _method(sites: Sites) -> Iterator[Change]:
    wrong = {"delay": "dealy", "apply_async": "apply_asnyc"}
    for sent in sites.calls[0]:
        if sent.method in wrong and sent.task.plain:
            _, end = span(sent.module, sent.call.func)
            edit = (end - len(sent.method), end, wrong[sent.method])
            yield from change(sent.module, sent.call, edit)


@kind("state as task id", "declaration", "CEL920")
def _state(sites: Sites) -> Iterator[Change]:
    for task in sites.tasks:
        if task.bound and task.plain and task.own is not None:
            line = f'{task.own}.update_state("PROGRESS")'
            yield from change(task.module, task.node, first_in(task.module, task.node, line))


# -- limits


@kind("waits in a task", "limits", "CEL102")
def _waits(sites: Sites) -> Iterator[Change]:
    tasks = {id(task.node) for task in sites.tasks}
    for sent in sendings(sites):
        inner = next((n for n in sent.inside if isinstance(n, (*FUNCTIONS, ast.Lambda))), None)
        if id(inner) in tasks:
            _, end = span(sent.module, sent.call)
            yield from change(sent.module, sent.call, (end, end, ".get()"))


# -- calls


def sendings(sites: Sites, *methods: str) -> Iterator[Sent]:
    wanted = methods or ("delay", "apply_async")
    return (s for s in sites.calls[0] if s.task.plain and s.method in wanted)


def given_to(sent: Sent) -> set[str]:
    return {k.arg for k in sent.call.keywords if k.arg is not None}


def _on_call(written: str, *unless: str) -> Callable[[Sites], Iterator[Change]]:
    def make(sites: Sites) -> Iterator[Change]:
        for sent in sendings(sites, "apply_async"):
            if not given_to(sent) & set(unless) and not sent.splat:
                edit = append(sent.module, sent.call, written)
                yield from change(sent.module, sent.call, edit)

    return make


def _option_to_delay(sites: Sites) -> Iterator[Change]:
    for sent in sendings(sites, "delay", "s", "si"):
        arguments = sent.task.node.args
        names = {a.arg for a in (*arguments.args, *arguments.kwonlyargs)}
        if arguments.kwarg is None and "countdown" not in names and sent.task.alone:
            edit = append(sent.module, sent.call, "countdown=60")
            yield from change(sent.module, sent.call, edit)


_TIME = ("countdown", "eta")
for _name, _codes, _written, _absent in (
    ("call option misspelt, new", ("CEL404",), "coutdown=60", ("countdown",)),
    ("task option on a call", ("CEL404",), "max_retries=3", ()),
    ("countdown is text", ("CEL315",), 'countdown="60"', _TIME),
    ("eta is a number", ("CEL315",), "eta=60", _TIME),
    ("priority is text", ("CEL504",), 'priority="high"', ("priority",)),
    ("expires 0", ("CEL313",), "expires=0", ("expires",)),
    ("expires before countdown", ("CEL313",), "countdown=600, expires=60", (*_TIME, "expires")),
    ("time limit 0", ("CEL105",), "time_limit=0", ("time_limit",)),
    ("soft limit above hard, call", ("CEL101",), "time_limit=60, soft_time_limit=120",
     ("time_limit", "soft_time_limit")),
):  # fmt: skip
    KINDS.append(Kind(_name, "options", _codes, _on_call(_written, *_absent)))
KINDS.append(Kind("option given to delay", "options", ("CEL402",), _option_to_delay))


@kind("call option misspelt", "options", "CEL404")
def _call_option(sites: Sites) -> Iterator[Change]:
    for sent in sendings(sites, "apply_async"):
        yield from renamed(sent.module, sent.call.keywords, CALL_OPTIONS)


@kind("args are a set", "arguments", "CEL403")
def _args_set(sites: Sites) -> Iterator[Change]:
    for sent in sendings(sites, "apply_async"):
        args = _args(sent)
        if (
            args is not None
            and args.elts
            and not any(isinstance(e, ast.Starred) for e in args.elts)
        ):
            text = ", ".join(text_of(sent.module, e) for e in args.elts)
            yield from change(sent.module, args, swap(sent.module, args, f"{{{text}}}"))


def _args(sent: Sent) -> ast.Tuple | ast.List | None:
    """What stands as `args` in apply_async."""
    found = [k.value for k in sent.call.keywords if k.arg == "args"] or sent.call.args[:1]
    return found[0] if found and isinstance(found[0], (ast.Tuple, ast.List)) else None


def _fixed(sent: Sent, method: str = "delay") -> bool:
    """Whether the call's arguments are all seen, and the task's parameters too."""
    return sent.method == method and sent.task.alone and not sent.splat


@kind("an argument too many", "arguments", "CEL401", "CEL602")
def _too_many(sites: Sites) -> Iterator[Change]:
    for sent in sendings(sites, "delay", "si"):
        if _fixed(sent, sent.method) and sent.task.node.args.vararg is None:
            more = len(sent.task.parameters) + 1 - len(sent.call.args)
            position = _opened(sent)
            if 0 < more < 4 and not sent.call.keywords and position is not None:
                text = "None, " * more
                yield from change(sent.module, sent.call, (position, position, text))


def _opened(sent: Sent) -> int | None:
    _, end = span(sent.module, sent.call.func)
    found = [t for t in tokens(sent.module, sent.call) if t[0] >= end]
    return found[0][1] if found and found[0][2] == "(" else None


@kind("an argument missing", "arguments", "CEL401", "CEL602")
def _missing(sites: Sites) -> Iterator[Change]:
    for sent in sendings(sites, "delay"):
        count = len(sent.call.args)
        if _fixed(sent) and count and not sent.call.keywords and count == sent.task.required:
            edit = without(sent.module, sent.call, sent.call.args[-1])
            yield from change(sent.module, sent.call, edit)


@kind("an argument missing in args", "arguments", "CEL401", "CEL602")
def _missing_in_args(sites: Sites) -> Iterator[Change]:
    for sent in sendings(sites, "apply_async"):
        args = _args(sent)
        if args is None or not _fixed(sent, "apply_async") or len(sent.call.args) > 1:
            continue
        starred = any(isinstance(e, ast.Starred) for e in args.elts)
        if "kwargs" in given_to(sent) or starred or len(args.elts) != sent.task.required:
            continue
        if args.elts:
            text = "".join(f"{text_of(sent.module, e)}, " for e in args.elts[:-1])
            yield from change(sent.module, args, swap(sent.module, args, f"({text})"))


@kind("keyword argument misspelt", "arguments", "CEL401", "CEL602")
def _keyword(sites: Sites) -> Iterator[Change]:
    for sent in sendings(sites, "delay", "s", "si"):
        if _fixed(sent, sent.method) and sent.task.node.args.kwarg is None:
            names = frozenset(given_to(sent))
            yield from renamed(sent.module, sent.call.keywords, names)


def _unsendable(written: str) -> Callable[[Sites], Iterator[Change]]:
    def make(sites: Sites) -> Iterator[Change]:
        for sent in sendings(sites, "delay"):
            given = sent.call.args or [k.value for k in sent.call.keywords if k.arg is not None]
            starred = given and isinstance(given[0], ast.Starred)
            if sites.only_json and given and not starred and sent.task.alone:
                yield from change(sent.module, sent.call, swap(sent.module, given[0], written))

    return make


for _name, _written in (("set", "{1, 2}"), ("lambda", "lambda: 1"), ("exception", "ValueError(1)")):
    KINDS.append(Kind(f"{_name} as argument", "arguments", ("CEL405",), _unsendable(_written)))
