"""Values of the wrong shape that can be read in one way only."""

from __future__ import annotations

import ast
import re
from typing import Final

from flake8_celery.core.engine.run import Finding
from flake8_celery.fixes.names import near_miss
from flake8_celery.fixes.site import Edit, Fix, Site, add_argument, as_tuple, in_quotes

_RATE: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*/\s*(s|m|h)([a-z]*)\s*", re.IGNORECASE)
_UNITS: Final = {
    "s": ("", "ec", "ecs", "econd", "econds"),
    "m": ("", "in", "ins", "inute", "inutes"),
    "h": ("", "r", "rs", "our", "ours"),
}
_ROUND: Final = re.compile(
    r"(?:day_of_week|hour|minute) '?(7|24|60)'? is outside [0-9-]+ \(.* is 0\)"
)
_ARGS: Final = re.compile(r"args is an? (\w+),")
_PLAIN: Final = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)


def exceptions(site: Site, finding: Finding) -> Fix | None:
    """`(X)` and `X` become `(X,)`, `[X]` for `throws` too."""
    told = str(finding.arguments[1])
    node = site.at(finding, ast.expr)
    if node is None:
        return None
    if told.startswith("one exception class"):
        return Fix(as_tuple(site, node))
    if told.startswith("a list is no tuple") and isinstance(node, ast.List) and node.elts:
        return _list_as_tuple(site, node)
    return None


def _list_as_tuple(site: Site, node: ast.List) -> Fix | None:
    start, end = site.start(node), site.end(node)
    last = site.before(end - 1)
    comma = "," if len(node.elts) == 1 and last is not None and last.text != "," else ""
    if comma and last is not None and site.has_comment(last.end, end):
        edits = Edit(last.end, last.end, ","), Edit(end - 1, end, ")")
        return Fix((Edit(start, start + 1, "("), *edits))
    return Fix((Edit(start, start + 1, "("), Edit(end - 1, end, f"{comma})")))


def args(site: Site, finding: Finding) -> Fix | None:
    """`apply_async((pk))` becomes `apply_async((pk,))`; `send_task(task)` gets the name.

    Without brackets there is no sign that a tuple was meant: unsafe.
    """
    what, _, kind = finding.arguments
    node = site.at(finding, ast.expr)
    if node is None:
        return None
    if what == "the first argument":
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return None
        return Fix((Edit(site.end(node), site.end(node), ".name"),))
    if what != "args" or str(kind).rpartition(" ")[2] not in _SCALARS:
        return None
    bracketed = site.outer(node) != (site.start(node), site.end(node))
    return Fix(as_tuple(site, node), safe=bracketed)


_SCALARS: Final = frozenset(
    {"str", "bytes", "int", "float", "bool", "timedelta", "datetime", "date"}
)


def setting(site: Site, finding: Finding) -> Fix | None:
    """`"False"`, one text where a list is wanted, `10/min`, a misspelt time zone."""
    told = str(finding.arguments[-1])
    node = site.at(finding, ast.Constant)
    if node is None or not isinstance(node.value, str):
        return None
    start, end = site.start(node), site.end(node)
    if told.endswith("write False"):
        return Fix((Edit(start, end, "False"),))
    if told.startswith("it is taken letter by letter"):
        if not re.fullmatch(r"[\w./+-]+", node.value):
            return None  # several in one text
        return Fix((Edit(start, start, "["), Edit(end, end, "]")))
    if "'10/s'" in told:
        return rate(site, finding)
    return near_miss(site, finding)


def rate(site: Site, finding: Finding) -> Fix | None:
    """`10/min` and `10 / m` are 10/m."""
    node = site.at(finding, ast.Constant)
    if node is None or not isinstance(node.value, str):
        return None
    found = _RATE.fullmatch(node.value)
    if found is None or found[3].lower() not in _UNITS[found[2].lower()]:
        return None
    edit = in_quotes(site, node, node.value, f"{found[1]}/{found[2].lower()}")
    return Fix((edit,)) if edit else None


def delivery(site: Site, finding: Finding) -> Fix | None:
    """A timedelta where seconds are wanted; a time under the wrong name (unsafe)."""
    what = str(finding.arguments[0])
    node = site.at(finding, ast.expr)
    holder = site.parents.get(node) if node is not None else None
    if node is None or not isinstance(holder, ast.keyword):
        return None
    name, _, kind = what.partition(" is a ")
    call = site.parents.get(holder)
    given = {other.arg for other in call.keywords} if isinstance(call, ast.Call) else set()
    edits: tuple[Edit, ...] = ()
    if kind == "timedelta":
        edits = _seconds(site, node)
    if name == "eta" and kind in ("timedelta", "int", "float") and "countdown" not in given:
        start = site.start(holder)
        return Fix((Edit(start, start + len("eta"), "countdown"), *edits), safe=False)
    if name == "countdown" and kind == "datetime" and "eta" not in given:
        start = site.start(holder)
        return Fix((Edit(start, start + len("countdown"), "eta"),), safe=False)
    return Fix(edits) if edits and name != "eta" else None


def _seconds(site: Site, node: ast.expr) -> tuple[Edit, ...]:
    start, end = site.start(node), site.end(node)
    around = site.outer(node)
    if isinstance(node, _PLAIN) and around == (start, end):
        return (Edit(end, end, ".total_seconds()"),)
    if around != (start, end):
        return (Edit(around[1], around[1], ".total_seconds()"),)
    return Edit(start, start, "("), Edit(end, end, ").total_seconds()")


def local_time(site: Site, finding: Finding) -> Fix | None:
    """`datetime.now()` gets the zone, where the module has a name for it."""
    node = site.at(finding, ast.expr)
    while isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        node = node.left if _is_now(node.left) or isinstance(node.left, ast.BinOp) else node.right
    zone = site.spelled("datetime", "UTC", "timezone.utc")
    if node is None or not _is_now(node) or not isinstance(node, ast.Call) or not zone:
        return None
    return Fix((add_argument(site, node, zone),))


def _is_now(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or node.args or node.keywords:
        return False
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr != "now":
        return False
    last = func.value.attr if isinstance(func.value, ast.Attribute) else func.value
    return (last.id if isinstance(last, ast.Name) else last) == "datetime"


def crontab(site: Site, finding: Finding) -> Fix | None:
    """Day 7, hour 24 and minute 60, which are 0 here; a misspelt field."""
    node = site.at(finding, ast.Constant)
    found = _ROUND.search(finding.message)
    if node is not None and found is not None and str(node.value) == found[1]:
        start, end = site.start(node), site.end(node)
        return Fix((Edit(start, end, site.text[start:end].replace(found[1], "0")),))
    return near_miss(site, finding)


def task_option(site: Site, finding: Finding) -> Fix | None:
    """`"False"` and `"3"` without their quotes; a misspelt serializer."""
    node = site.at(finding, ast.Constant)
    if node is None or not isinstance(node.value, str):
        return None
    start, end = site.start(node), site.end(node)
    if finding.message.endswith("write False"):
        return Fix((Edit(start, end, "False"),))
    if re.fullmatch(r"[1-9][0-9]*|0", node.value) and "number" in str(finding.arguments[-1]):
        return Fix((Edit(start, end, node.value),))
    return near_miss(site, finding)


def entry(site: Site, finding: Finding) -> Fix | None:
    """A misspelt key of a beat entry; `"args": (1)`, which is no tuple."""
    node = site.at(finding, ast.expr)
    told = str(finding.arguments[-1])
    if (
        node is not None
        and told.startswith("args is a ")
        and told.split()[3].strip(",") in _SCALARS
    ):
        bracketed = site.outer(node) != (site.start(node), site.end(node))
        return Fix(as_tuple(site, node), safe=bracketed)
    return near_miss(site, finding)
