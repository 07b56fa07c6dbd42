"""Mistakes in how work is sent: retries, transactions, canvases."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.corpus.edits import (
    Change,
    append,
    block,
    change,
    kind,
    renamed,
    span,
    statement,
    swap,
    text_of,
)
from tests.corpus.mistakes import CALL_OPTIONS, given_to, sendings
from tests.corpus.names import FUNCTIONS, Outside
from tests.corpus.sites import Retried, Sent, Sites

# -- retries


def _caught(retried: Retried) -> str | None:
    """The name of the exception in whose handler it stands."""
    for outer in retried.inside:
        if isinstance(outer, ast.ExceptHandler):
            return outer.name
        if isinstance(outer, FUNCTIONS):
            return None
    return None


@kind("exc by position in retry", "retries", "CEL301")
def _exc_by_position(sites: Sites) -> Iterator[Change]:
    for retried in sites.calls[1]:
        call, name = retried.call, _caught(retried)
        exc = next((k for k in call.keywords if k.arg == "exc"), None)
        if name is None or call.args:
            continue
        rest = [text_of(retried.module, k) for k in call.keywords if k is not exc]
        if exc is None or (isinstance(exc.value, ast.Name) and exc.value.id == name):
            text = f"{text_of(retried.module, call.func)}({', '.join([name, *rest])})"
            yield from change(retried.module, call, swap(retried.module, call, text))


@kind("retry option misspelt", "retries", "CEL404", "CEL301")
def _retry_option(sites: Sites) -> Iterator[Change]:
    for retried in sites.calls[1]:
        known = CALL_OPTIONS | {"max_retries"}
        yield from renamed(retried.module, retried.call.keywords, known)
        if "countdown" not in {k.arg for k in retried.call.keywords}:
            edit = append(retried.module, retried.call, "coutdown=60")
            yield from change(retried.module, retried.call, edit)


@kind("retry's countdown is text", "retries", "CEL315")
def _retry_countdown(sites: Sites) -> Iterator[Change]:
    for retried in sites.calls[1]:
        if not {"countdown", "eta", None} & {k.arg for k in retried.call.keywords}:
            edit = append(retried.module, retried.call, 'countdown="60"')
            yield from change(retried.module, retried.call, edit)


@kind("retry swallowed", "retries", "CEL302")
def _swallowed(sites: Sites) -> Iterator[Change]:
    for retried in sites.calls[1]:
        edit = block(retried.module, retried.call, "try:", "except Exception:\n    pass")
        yield from change(retried.module, retried.call, edit)


@kind("Retry raised by hand", "retries", "CEL318")
def _by_hand(sites: Sites) -> Iterator[Change]:
    for retried in sites.calls[1]:
        found = statement(retried.module, retried.call)
        if found is not None and isinstance(found[0], (ast.Raise, ast.Expr)):
            text = f"from celery.exceptions import Retry\n{found[1]}raise Retry()"
            yield from change(retried.module, retried.call, swap(retried.module, found[0], text))


@kind("autoretry_for without a tuple", "retries", "CEL305")
def _no_tuple(sites: Sites) -> Iterator[Change]:
    for task in sites.tasks:
        given = task.options.get("autoretry_for")
        value = given.value if given is not None else None
        if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == 1:
            if not isinstance(value.elts[0], ast.Starred):
                one = text_of(task.module, value.elts[0])
                yield from change(task.module, task.node, swap(task.module, value, one))


@kind("retry option without autoretry", "retries", "CEL304")
def _without_autoretry(sites: Sites) -> Iterator[Change]:
    on_class = re.compile(r"^\s+autoretry_for\s*(:[^=\n]*)?\s=\s", re.MULTILINE)
    if any(on_class.search(source.text) for source in sites.sources()):
        return
    for task in sites.tasks:
        if (
            task.plain
            and not task.bound
            and task.alone
            and not any("retr" in o for o in task.options)
        ):
            if "retry" not in text_of(task.module, task.node):
                edit = append(task.module, task.decorator, "retry_backoff=True")
                yield from change(task.module, task.node, edit)


# -- transactions


def _statements(sites: Sites) -> Iterator[Sent]:
    """Sendings that are statements of their own, in files that use Django's database."""
    for sent in sendings(sites):
        django = re.search(r"^\s*(from|import) django", sent.module.text, re.MULTILINE)
        if django and isinstance(sent.inside[0], ast.Expr) and len(sent.inside) > 2:
            if not re.search(
                r"\batomic\b|on_commit",
                " ".join(
                    text_of(sent.module, n)
                    for n in sent.inside
                    if isinstance(n, (ast.With, ast.Call))
                ),
            ):
                yield sent


_TRANSACTION = "from django.db import transaction\n"


@kind("on_commit called at once", "transactions", "CEL202")
def _on_commit(sites: Sites) -> Iterator[Change]:
    for sent in _statements(sites):
        edit = block(sent.module, sent.call, _TRANSACTION, deeper=0)
        if edit is not None:
            head = len(edit[2]) - len(text_of(sent.module, sent.call))
            text = f"{edit[2][:head]}transaction.on_commit({edit[2][head:]})"
            yield from change(sent.module, sent.call, (edit[0], edit[1], text))


@kind("sent in a transaction", "transactions", "CEL201")
def _in_transaction(sites: Sites) -> Iterator[Change]:
    for sent in _statements(sites):
        if not {"countdown", "eta", None} & given_to(sent):
            opened = f"{_TRANSACTION}with transaction.atomic():\n    changed.save()"
            edit = block(sent.module, sent.call, opened)
            yield from change(sent.module, sent.call, edit)


@kind("on_commit binds late", "transactions", "CEL203")
def _binds_late(sites: Sites) -> Iterator[Change]:
    for sent in _statements(sites):
        found = statement(sent.module, sent.call)
        if found is not None and sent.method == "delay" and not sent.splat:
            lines = (
                _TRANSACTION.strip(),
                "with transaction.atomic():",
                "    for one in (1, 2):",
                "        transaction.on_commit(",
                f"            lambda: {text_of(sent.module, sent.call.func)}(one))",
            )
            text = f"\n{found[1]}".join(lines)
            yield from change(sent.module, sent.call, swap(sent.module, found[0], text))


# -- canvas


@kind("a sending inside a canvas", "canvas", "CEL601")
def _sent_in_canvas(sites: Sites) -> Iterator[Change]:
    for sent in sendings(sites, "s", "si"):
        outer = sent.inside[0]
        if isinstance(outer, ast.Call) and sent.call in outer.args:
            found = sent.module.meaning(outer.func, sent.inside)
            if isinstance(found, Outside) and re.fullmatch(
                r"celery(\.canvas)?\.(chain|group|chord)", found.dotted
            ):
                _, end = span(sent.module, sent.call.func)
                edit = (end - len(sent.method), end, "delay")
                yield from change(sent.module, sent.call, edit)


@kind("link is a task", "canvas", "CEL603")
def _link(sites: Sites) -> Iterator[Change]:
    for sent in sendings(sites, "apply_async"):
        assert isinstance(sent.call.func, ast.Attribute)
        if "link" not in given_to(sent) and not sent.splat:
            written = f"link={text_of(sent.module, sent.call.func.value)}"
            yield from change(sent.module, sent.call, append(sent.module, sent.call, written))


@kind("signature never sent", "canvas", "CEL609")
def _never_sent(sites: Sites) -> Iterator[Change]:
    for sent in sendings(sites, "delay"):
        if isinstance(sent.inside[0], ast.Expr):
            _, end = span(sent.module, sent.call.func)
            yield from change(sent.module, sent.call, (end - len("delay"), end, "s"))


@kind("option of a signature misspelt", "canvas", "CEL404")
def _set(sites: Sites) -> Iterator[Change]:
    for sent in sendings(sites, "s", "si", "delay"):
        _, end = span(sent.module, sent.call.func)
        method = "si" if sent.method == "si" else "s"
        tail = ".set(coutdown=60)" + (".delay()" if sent.method == "delay" else "")
        _, close = span(sent.module, sent.call)
        edits = ((end - len(sent.method), end, method), (close, close, tail))
        yield from change(sent.module, sent.call, *edits)
