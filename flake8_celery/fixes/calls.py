"""Calls that say the right thing in the wrong place."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.engine.run import Finding
from flake8_celery.fixes.site import Edit, Fix, Site, add_argument, drop, name_argument

_MOVES: Final = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
"""What can't be put off into a lambda."""
_SENT_BY: Final = {"delay": "apply_async", "delay_on_commit": "apply_async_on_commit"}


def retry(site: Site, finding: Finding) -> Fix | None:
    """`retry(err)` becomes `retry(exc=err)`."""
    node = site.at(finding, ast.expr)
    if node is None or not finding.message.startswith("retry(): this lands in args"):
        return None
    edit = name_argument(site, node, "exc")
    return Fix((edit,)) if edit else None


def decorator(site: Site, finding: Finding) -> Fix | None:
    """`shared_task("name")` becomes `shared_task(name="name")`."""
    node = site.at(finding, ast.expr)
    if node is None or finding.arguments != ("name=...",):
        return None
    edit = name_argument(site, node, "name")
    return Fix((edit,)) if edit else None


def option_as_argument(site: Site, finding: Finding) -> Fix | None:
    """`delay(pk, countdown=5)` becomes `apply_async((pk,), countdown=5)`; `s` gets a `set`."""
    method = str(finding.arguments[2])
    keyword = site.keyword(finding)
    call = site.parents.get(keyword) if keyword is not None else None
    if keyword is None or not isinstance(call, ast.Call):
        return None
    if method in ("s", "si"):
        return _set(site, call, keyword, method)
    return _apply_async(site, call, method)


def _set(site: Site, call: ast.Call, keyword: ast.keyword, method: str) -> Fix | None:
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr != method:
        return None
    edit = drop(site, site.start(keyword), site.outer(keyword.value)[1])
    if edit is None:
        return None
    if keyword.arg == "immutable":
        if not isinstance(keyword.value, ast.Constant) or keyword.value.value is not True:
            return None
        end = site.end(func)
        return Fix((Edit(end - len(method), end, "si"), edit))
    start, end = site.start(keyword), site.outer(keyword.value)[1]
    written = site.text[start:end]
    return Fix((edit, Edit(site.end(call), site.end(call), f".set({written})")))


def _apply_async(site: Site, call: ast.Call, method: str) -> Fix | None:
    func, positional = call.func, list(call.args)
    if not isinstance(func, ast.Attribute) or func.attr != method:
        # partial(task.delay, ...)
        if not positional or not isinstance(positional[0], ast.Attribute):
            return None
        func, *positional = positional
        if not isinstance(func, ast.Attribute) or func.attr != method:
            return None
    options = {
        keyword.arg
        for finding in site.findings
        if finding.code == "CEL402" and (keyword := site.keyword(finding)) in call.keywords
        if keyword is not None
    }
    named = [keyword for keyword in call.keywords if keyword.arg not in options]
    first = call.keywords.index(named[0]) if named else 0
    if call.keywords[first : first + len(named)] != named:
        return None  # arguments among the options: it would take a new order
    if any(site.start(arg) > site.start(k) for arg in positional for k in call.keywords):
        return None
    edits = [Edit(site.end(func) - len(method), site.end(func), _SENT_BY[method])]
    if positional:
        edits += _wrapped(site, positional)
    if named:
        edits += _as_dict(site, named)
    return Fix(tuple(edits))


def _wrapped(site: Site, positional: list[ast.expr]) -> list[Edit]:
    start, end = site.outer(positional[0])[0], site.outer(positional[-1])[1]
    closing = ",)" if len(positional) == 1 else ")"
    return [Edit(start, start, "("), Edit(end, end, closing)]


def _as_dict(site: Site, named: list[ast.keyword]) -> list[Edit]:
    """`a=1, b=2` becomes `kwargs={"a": 1, "b": 2}`."""
    edits: list[Edit] = []
    for place, keyword in enumerate(named):
        start, value = site.start(keyword), site.outer(keyword.value)[0]
        opening = "kwargs={" if not place else ""
        if keyword.arg is None:
            edits.append(Edit(start, start, opening))
        else:
            edits.append(Edit(start, value, f'{opening}"{keyword.arg}": '))
    end = site.outer(named[-1].value)[1]
    edits.append(Edit(end, end, "}"))
    return edits


def on_commit(site: Site, finding: Finding) -> Fix | None:
    """`on_commit(task.delay(pk))` gets a function: `partial` where it is there, else a lambda.

    A lambda looks its names up later, so only where none of them can change meanwhile.
    """
    call = site.at(finding, ast.Call)
    if call is None:
        return None
    opening, closing = site.brackets(call)
    if not call.args and not call.keywords:
        if site.has_comment(opening, closing):
            return None
        return Fix((Edit(opening, closing + 1, ""),))
    partial = site.spelled("functools", "partial")
    start = site.start(call)
    if partial:
        return Fix((Edit(start, start, f"{partial}("), Edit(opening, opening + 1, ", ")))
    if _stays(site, call):
        return Fix((Edit(start, start, "lambda: "),))
    return None


def _stays(site: Site, call: ast.Call) -> bool:
    """Whether every name that a call uses is bound once around it, and not by a loop."""
    if any(isinstance(node, _MOVES) for node in ast.walk(call)):
        return False
    function = site.function_around(call)
    if function is None:
        return False
    names = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
    bound = [
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node.id in names
    ]
    given = [node.arg for node in ast.walk(function) if isinstance(node, ast.arg)]
    if any((bound + given).count(name) > 1 for name in names):
        return False
    for holder in site.above(call):
        if holder is function:
            return True
        if isinstance(holder, (ast.For, ast.AsyncFor, ast.While, ast.Lambda)):
            return not bound
    return False


def late_binding(site: Site, finding: Finding) -> Fix | None:
    """`lambda: send.delay(order.pk)` in a loop binds the loop's name now, as a default."""
    node = site.at(finding, ast.Lambda)
    name = str(finding.arguments[0])
    if node is None or not name.isidentifier():
        return None
    arguments = node.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs:
        return None
    if any(argument.arg == name for argument in arguments.args):
        return None
    if len(arguments.args) > len(arguments.defaults):
        return None
    start = site.start(node) + len("lambda")
    if not arguments.args:
        return Fix((Edit(start, start, f" {name}={name}"),))
    end = site.outer(arguments.defaults[-1])[1]
    return Fix((Edit(end, end, f", {name}={name}"),))


def handler(site: Site, finding: Finding) -> Fix | None:
    """A signal handler gets `**kwargs`; one that is forgotten at once is kept (unsafe)."""
    told = str(finding.arguments[1])
    if told.startswith("connect keeps a weak reference"):
        function = site.at(finding, ast.Lambda)
        call = site.argument_of(function) if function is not None else None
        if call is None:
            return None
        return Fix((add_argument(site, call, "weak=False"),), safe=False)
    if not told.startswith("without **kwargs"):
        return None
    node: ast.AST | None = site.at(finding, ast.Lambda) or _defined(site, finding)
    if not isinstance(node, (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    if any(
        getattr(inner, "id", getattr(inner, "arg", None)) == "kwargs" for inner in ast.walk(node)
    ):
        return None
    if isinstance(node, ast.Lambda):
        return _lambda(site, node)
    opening = site.after(site.span(finding)[1])
    if opening is None or opening.text != "(":
        return None  # type parameters
    closing = site.partner(opening.start)
    last = site.before(closing) if closing is not None else None
    if closing is None or last is None:
        return None
    text = {"(": "**kwargs", ",": " **kwargs"}.get(last.text, ", **kwargs")
    if last.text == "(" and last.start != opening.start:
        return None
    return Fix((Edit(last.end, last.end, text),))


def _lambda(site: Site, node: ast.Lambda) -> Fix | None:
    # the colon of the lambda itself: the last token before its body that is one
    colon = site.before(site.outer(node.body)[0])
    while colon is not None and colon.text != ":":
        colon = site.before(colon.start)
    last = site.before(colon.start) if colon is not None else None
    if last is None or last.start < site.start(node):
        return None
    text = {"lambda": " **kwargs", ",": " **kwargs"}.get(last.text, ", **kwargs")
    return Fix((Edit(last.end, last.end, text),))


def _defined(site: Site, finding: Finding) -> ast.AST | None:
    """The function whose name a finding marks."""
    start, end = site.span(finding)
    for node in site.parents:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name == site.text[start:end] and node.lineno == finding.line:
                return node
    return None
