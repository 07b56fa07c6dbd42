"""Where queue names come from in real code, and how many of them each half can tell."""

from __future__ import annotations

import ast
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeGuard

from flake8_celery.core.model.build import build
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.files import clear
from flake8_celery.core.project.locate import Project
from flake8_celery.core.syntax.gate import passes_gate
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.syntax.regions import Binding, Region
from flake8_celery.core.values.unknown import Environment, Unknown, Values
from flake8_celery.options import Options

#: How a name is known, or why it isn't, best first.
WAYS = ("same file", "followed", "inferred", "environment", "parameter", "unknown")
KNOWN = WAYS[:3]
#: Least share of the names that neither environment nor parameter decide.
LIMITS = {"task": 0.95, "call": 0.92}


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
            _, node, region = found[number]
            way = "parameter" if _given(node, region, model) else "unknown"
            if way == "unknown" and _of_environment(node, region, model):
                way = "environment"
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


def _given(node: ast.AST, region: Region, model: Model, depth: int = 0) -> bool:
    """Whether only the run tells it: a caller, the command line, the message, the database.

    Some name in it leads back to a parameter, or an attribute of `self` to what was set from one.
    """
    if depth > 10:
        return False
    for part in ast.walk(node):
        if _is_own(part):
            if part.attr == "request" or any(
                _given(value, inner, model, depth + 1)
                for value, inner in _set_on_self(part.attr, region, model)
            ):
                return True
        elif isinstance(part, ast.Name) and part.id not in ("self", "cls"):
            if any(_binding_given(b, model, depth) for b in region.lookup(part.id) or ()):
                return True
    return False


def _binding_given(binding: Binding, model: Model, depth: int) -> bool:
    if binding.how == "parameter":
        return True
    value: ast.AST | None = binding.value
    if binding.how in ("loop", "unpack", "with"):
        for field in ("iter", "value", "context_expr"):
            value = getattr(binding.node, field, value)
    if isinstance(value, ast.Name) and value.id == "self":
        return True  # an object that holds others: a query
    return value is not None and _given(value, binding.scope, model, depth + 1)


def _is_own(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    )


def _set_on_self(name: str, region: Region, model: Model) -> Iterator[tuple[ast.expr, Region]]:
    """What a class gives to an attribute of its objects; a field without a value is a parameter."""
    cls = next((outer.node for outer in region if isinstance(outer.node, ast.ClassDef)), None)
    for node in ast.walk(cls) if cls is not None else ():
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if node.target.id == name and node.value is None:
                yield ast.parse("self.request", mode="eval").body, region
        elif isinstance(node, ast.FunctionDef):
            for inner in ast.walk(node):
                targets = inner.targets if isinstance(inner, ast.Assign) else ()
                if any(_is_own(target) and target.attr == name for target in targets):
                    assert isinstance(inner, ast.Assign)
                    yield inner.value, model.candidates.scopes[node]


def _of_environment(node: ast.expr, region: Region, model: Model) -> bool:
    """Whether an attribute of `self` is set, and only by what the environment decides."""
    if not _is_own(node):
        return False
    found = [
        model.resolver.values(value, inner)
        for value, inner in _set_on_self(node.attr, region, model)
        if not isinstance(value, ast.Constant) or value.value is not None
    ]
    return bool(found) and all(isinstance(values, Environment) for values in found)


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
