"""Where queue names come from in real code, and how many of them each half can tell."""

from __future__ import annotations

import ast
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from flake8_celery.core.model.build import build
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.files import clear
from flake8_celery.core.project.locate import Project
from flake8_celery.core.syntax.gate import passes_gate
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.syntax.regions import Region
from flake8_celery.core.values.unknown import Environment, Unknown, Values
from flake8_celery.options import Options

#: How a name is known, or why it isn't, best first.
WAYS = ("same file", "followed", "inferred", "environment", "parameter", "unknown")
KNOWN = WAYS[:3]
#: Least share of the names that neither environment nor parameter decide.
LIMITS = {"task": 0.95, "call": 0.90}


class Site(NamedTuple):
    """One `queue=`: on a task (its declaration) or on a call (that sends)."""

    on: str
    path: str
    line: int
    written: str
    way: str
    values: Values


def sites_below(folder: Path) -> Iterator[Site]:
    """Every queue name given in the files of one project; nothing is imported."""
    import astroid

    clear()
    astroid.MANAGER.clear_cache()
    for path in sorted(folder.rglob("*.py")):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue
        if not passes_gate(text, str(path)) or "queue" not in text:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except SyntaxError:
            print(f"not parsed by this Python: {path.relative_to(folder.parent)}")
            continue
        yield from _sites(folder, path, text, tree)


def _sites(folder: Path, path: Path, text: str, tree: ast.Module) -> Iterator[Site]:
    model = build(Module(text, str(path), tree), Options())
    found = list(_places(model))
    inferred: Model | None = None
    for (on, node, region), number in zip(found, range(len(found)), strict=True):
        before = model.resolver.followed
        values = model.resolver.values(node, region)
        way = "same file" if model.resolver.followed == before else "followed"
        if isinstance(values, Unknown) and not isinstance(values, Environment):
            inferred = inferred or _inferring(path, text, tree)
            if inferred is not None:
                _, node, region = list(_places(inferred))[number]
                values = inferred.resolver.values(node, region)
                way = "inferred"
        if isinstance(values, Environment):
            way = "environment"
        elif isinstance(values, Unknown):
            way = "parameter" if _given(node, region, 0) else "unknown"
        where = path.relative_to(folder.parent).as_posix()
        yield Site(on, where, node.lineno, ast.unparse(node), way, values)


def _inferring(path: Path, text: str, tree: ast.Module) -> Model | None:
    """The file's facts with the pylint half's resolver, as pylint would see the file."""
    import astroid

    from pylint_celery.resolver import AstroidResolver

    view = Project(str(path), Options())
    before = list(sys.path)
    sys.path[:0] = view.roots()
    try:
        there = astroid.MANAGER.ast_from_file(str(path), view.module_name(), source=True)
        model = build(Module(text, str(path), tree), Options(), partial(AstroidResolver, there))
    except astroid.AstroidError:
        return None
    finally:
        sys.path[:] = before
    return model


def _places(model: Model) -> Iterator[tuple[str, ast.expr, Region]]:
    for task in model.of(Task):
        own = task.own("queue")
        if own is not None:
            yield "task", own.value, own.region
    for sent in model.of(Dispatch):
        keyword = sent.options.get("queue")
        if keyword is not None:
            yield "call", keyword.value, sent.region


def _given(node: ast.AST, region: Region, depth: int) -> bool:
    """Whether a caller decides: some name in it leads back to a parameter."""
    if depth > 10:
        return False
    for name in ast.walk(node):
        if not isinstance(name, ast.Name) or name.id in ("self", "cls"):
            continue
        for binding in region.lookup(name.id) or ():
            if binding.how == "parameter":
                return True
            value: ast.AST | None = binding.value
            if binding.how in ("loop", "unpack", "with"):
                holder = binding.node
                for field in ("iter", "value", "context_expr"):
                    value = getattr(holder, field, value)
            if value is not None and _given(value, binding.scope, depth + 1):
                return True
    return False


def census(folders: list[Path]) -> int:
    """Print how the names are known; the number of limits that are missed."""
    found = [site for folder in folders for site in sites_below(folder)]
    for site in found:
        if site.way != "same file" or not site.written.startswith(("'", '"')):
            print(f"{site.path}:{site.line} {site.way} ({site.on}) {site.written}: {site.values}")
    print(f"\n{'':16}" + "".join(f"{way:>13}" for way in WAYS) + f"{'all':>8}")
    missed = 0
    for on, least in LIMITS.items():
        count = Counter(site.way for site in found if site.on == on)
        total = sum(count.values())
        print(f"queue= on {on:6}" + "".join(f"{count[way]:13}" for way in WAYS) + f"{total:8}")
        open_ = total - count["environment"] - count["parameter"]
        known = sum(count[way] for way in KNOWN)
        share = known / open_ if open_ else 1.0
        missed += share < least
        print(f"    known of those that code decides: {known} of {open_}, {share:.1%}")
        print(f"    the flake8 half: {count['same file'] + count['followed']} of {open_}")
    return missed
