"""What an expression means beyond one module's own names: values followed across the project.

The module resolver comes here only for what a rule asks about and the module itself doesn't say:
an imported constant, an attribute of a class, an entry of a table, a Django setting, the
environment. A dotted name leads to the one file that defines it; files are parsed, never imported.
"""

from __future__ import annotations

import ast
import operator
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from flake8_celery.core import flow
from flake8_celery.core.notes import Slot
from flake8_celery.core.outlines import outlined
from flake8_celery.core.project import (
    MAX_HOPS,
    MAX_SIBLINGS,
    SETTINGS_FILES,
    Project,
    current_files,
    package_of,
    root_of,
)
from flake8_celery.core.resolve import (
    CLOSED,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_TEXT,
    MAX_VALUES,
    UNKNOWN,
    At,
    Class,
    Environment,
    Member,
    Outline,
    Resolver,
    ResolverFactory,
    Unknown,
    Values,
    bounded,
    distinct,
    dotted,
    is_of_given,
    unknown_of,
)
from flake8_celery.core.source import DefinitionNode, Region

MAX_BASES: Final = 30
_SETTINGS: Final = "django.conf.settings"


# -- a dotted name across modules

_FOUND: Final[Slot[dict[str, tuple[Outline, str] | None]]] = Slot(dict)


def find(resolver: Resolver, target: str) -> tuple[Outline, str] | None:
    """The module that defines what the dotted `target` names, and the name there.

    Follows re-exports (`from .a import b`, `from .a import *`) for a few hops. A name within a
    class keeps its dots. None where a file can't be found; one that can't be read is written down
    in `project.unread`.
    """
    project = resolver.project
    if project is None:
        return None
    known = _FOUND.of(project.notes)
    if target not in known:
        known[target] = _find(project, resolver.plain, target, target, 0)
    return known[target]


def _find(
    project: Project, make: ResolverFactory, target: str, asked: str, hops: int
) -> tuple[Outline, str] | None:
    if hops > MAX_HOPS:
        return None
    for module, rest in _splits(target):
        path = project.locate(module)
        if path is None:
            continue
        there = outlined(project, path, make)
        if there is None:
            _miss(project, asked, path)
            return None
        name = rest[0]
        onward = there.imported.get(name)
        if onward is not None:
            beside = Project(path, project.options)
            beside.unread = project.unread
            return _find(beside, make, ".".join((onward, *rest[1:])), asked, hops + 1)
        if there.stars and name not in there.module.region.bindings:
            return _find_starred(project, make, there, path, rest, asked, hops)
        return there, ".".join(rest)
    return None


def _find_starred(
    project: Project,
    make: ResolverFactory,
    home: Outline,
    path: str,
    rest: list[str],
    asked: str,
    hops: int,
) -> tuple[Outline, str] | None:
    """The module that gives a name to one that imports everything; the last one wins."""
    there = Project(path, project.options)
    there.unread = project.unread
    for star in reversed(home.stars):
        file = there.locate(star)
        starred = outlined(there, file, make) if file is not None else None
        if file is None or starred is None:
            _miss(project, asked, file)
            return None
        if starred.exports(rest[0]):
            join = "" if star.endswith(".") else "."
            return _find(there, make, f"{star}{join}{'.'.join(rest)}", asked, hops + 1)
    return None


def leads_to(resolver: Resolver, target: str) -> str:
    """Where a name that the project re-exports comes from: a package that is not read.

    `target` itself where the project has no such module.
    """
    home = resolver.project
    for _ in range(MAX_HOPS if home is not None else 0):
        assert home is not None
        for module, rest in _splits(target):
            path = home.locate(module)
            there = outlined(home, path, resolver.plain) if path is not None else None
            onward = there.imported.get(rest[0]) if there is not None else None
            if path is not None and onward is not None:
                home = Project(path, home.options)
                target = ".".join((onward, *rest[1:]))
                break
        else:
            return target
    return target


def _miss(project: Project, asked: str, path: str | None) -> None:
    """Write down that a file of the project can't be read."""
    if path is not None:
        project.unread[asked] = path


def failures(project: Project) -> Iterator[tuple[str, str, str]]:
    """What was asked for in vain: the dotted name (empty for the app), the file, why."""
    for asked, path in project.unread.items():
        shown = Project(path, project.options).shown()
        yield asked, shown, current_files().failures.get(path, "")


def _splits(target: str) -> Iterator[tuple[str, list[str]]]:
    """Each way to read a dotted name as a module and what is in it, the longest module first."""
    bare = target.lstrip(".")
    dots = target[: len(target) - len(bare)]
    parts = bare.split(".")
    for cut in range(len(parts) - 1, -1 if dots else 0, -1):
        yield dots + ".".join(parts[:cut]), parts[cut:]


# -- modules


def place(resolver: Resolver, target: str) -> tuple[Outline, tuple[str, ...]] | None:
    """The module of the project that the dotted `target` leads into, and the names within it."""
    project = resolver.project
    if project is None:
        return None
    bare = target.lstrip(".")
    dots = target[: len(target) - len(bare)]
    parts = tuple(bare.split(".")) if bare else ()
    for count, path in _ways(project, dots, parts):
        if count > 1 or (dots and count):
            shadow = _in_package(project, resolver.plain, dots, parts, count)
            if shadow is not None:
                return shadow
        facts = outlined(project, path, resolver.plain)
        return (facts, parts[count:]) if facts is not None else None
    return None


def _ways(project: Project, dots: str, parts: tuple[str, ...]) -> list[tuple[int, str]]:
    """How many of the parts name a module, and its file; the longest first."""
    found: list[tuple[int, str]] = []
    for count in range(0 if dots else 1, len(parts) + 1):
        path = project.locate(dots + ".".join(parts[:count]))
        if path is not None:
            found.append((count, path))
            if not path.endswith("__init__.py"):
                break
        elif found and not project.is_folder_beside(found[-1][1], parts[found[-1][0] : count]):
            break
    return found[::-1]


def _in_package(
    project: Project, make: ResolverFactory, dots: str, parts: tuple[str, ...], count: int
) -> tuple[Outline, tuple[str, ...]] | None:
    """The package, where it binds a name of its own over that of its submodule."""
    name = parts[count - 1]
    path = project.locate(dots + ".".join(parts[: count - 1]))
    facts = (
        outlined(project, path, make) if path is not None and path.endswith("__init__.py") else None
    )
    if facts is None:
        return None
    module = {f".{name}", ".".join(parts[:count])}
    for binding in facts.module.region.bindings.get(name, ()):
        if binding.how != "import" or binding.target not in module:
            return facts, parts[count - 1 :]
    return None


def _chain(names: tuple[str, ...]) -> ast.expr:
    """`a.b.c` as an expression that stands nowhere."""
    node: ast.expr = ast.Name(names[0], ast.Load(), lineno=0, col_offset=0)
    for name in names[1:]:
        node = ast.Attribute(node, name, ast.Load(), lineno=0, col_offset=0)
    return node


def jump(resolver: Resolver, target: str) -> At | None:
    """The expression that the dotted `target` means in the module that it leads into."""
    if target.startswith(f"{_SETTINGS}."):
        return _setting_at(resolver, target[len(_SETTINGS) + 1 :])
    found = place(resolver, target)
    if found is None or not found[1]:
        return None
    model = found[0]
    return At(_chain(found[1]), model.module.region, model.resolver)


def imported(resolver: Resolver, target: str, depth: int) -> Values:
    """The values of what the dotted `target` names in another module."""
    if target.startswith(f"{_SETTINGS}."):
        return setting(resolver, target[len(_SETTINGS) + 1 :], depth)
    root = resolver.root
    # relative names mean one thing in one folder
    project = resolver.project
    key = (project.folder if project is not None else "", target)
    if key not in root.jumped:
        # while it is looked up: modules that lead to each other end here
        root.jumped[key] = UNKNOWN
        there = jump(resolver, target)
        if there is not None:
            root.jumped[key] = resolver.fold_in(there.home, there.node, there.region, depth)
    found = root.jumped[key]
    if not isinstance(found, Unknown):
        root.followed += 1
    return found


def unbound(resolver: Resolver, node: ast.Name, depth: int) -> Values:
    """The values of a module-level name where `from x import *` may bind it."""
    found = _by_star(resolver, node.id, depth, _line_of(resolver.tree, node))
    return UNKNOWN if found is None else found


def _line_of(tree: ast.Module | None, node: ast.Name) -> int:
    """The line of the module's own statement that reads a name, 0 where it is read later."""
    for statement in tree.body if tree is not None and node.lineno else ():
        if statement.lineno <= node.lineno <= (statement.end_lineno or 0):
            if isinstance(statement, DefinitionNode):
                return 0
            return statement.lineno
    return 0


def _by_star(resolver: Resolver, name: str, depth: int, before: int = 0) -> Values | None:
    """As the last statements to bind it say; None where the module certainly doesn't.

    With `before`, the statements before that line.
    """
    tree = resolver.tree
    if tree is None or depth > MAX_DEPTH:
        return UNKNOWN
    region = resolver.region
    if region is None:
        return UNKNOWN
    own = region.bindings.get(name, [])
    events: list[tuple[int, bool, object]] = [
        (getattr(binding.node, "lineno", 0), binding.node in tree.body, binding) for binding in own
    ]
    for statement, certain in _stars(tree):
        dots = "." * statement.level
        events.append((statement.lineno, certain, f"{dots}{statement.module or ''}"))
    if before:
        events = [event for event in events if event[0] < before]
    found: list[object] = []
    for _, certain, event in sorted(events, key=lambda event: event[0], reverse=True):
        if isinstance(event, str):
            there = place(resolver, event)
            if there is None or there[1]:
                return UNKNOWN
            facts = there[0]
            if name.startswith("_") or "__all__" in facts.module.region.bindings:
                return UNKNOWN
            home, outer = facts.resolver, facts.module.region
            values: Values | None
            if outer.star:
                values = _by_star_in(resolver, home, name, depth + 1)
            elif name in outer.bindings:
                values = resolver.fold_in(home, _chain((name,)), outer, depth + 1)
            else:
                values = None
            if values is None:
                continue
            if not isinstance(values, Unknown):
                resolver.root.followed += 1
        else:
            values = resolver.fold_binding(event, depth)  # type: ignore[arg-type]
        if isinstance(values, Unknown):
            return values
        found += values
        if certain:
            break
    if not found:
        return None
    once = distinct(found)
    return once if len(once) <= MAX_VALUES else UNKNOWN


def _by_star_in(resolver: Resolver, home: Resolver, name: str, depth: int) -> Values | None:
    before, home.outer = home.outer, resolver.root
    try:
        return _by_star(home, name, depth)
    finally:
        home.outer = before


def _stars(tree: ast.Module) -> Iterator[tuple[ast.ImportFrom, bool]]:
    """Every `from x import *` of a module, and whether it surely runs."""
    pending: list[tuple[ast.stmt, bool]] = [(statement, True) for statement in tree.body]
    while pending:
        statement, certain = pending.pop()
        if isinstance(statement, ast.ImportFrom):
            if any(alias.name == "*" for alias in statement.names):
                yield statement, certain
        elif isinstance(statement, (ast.If, ast.Try, ast.With)):
            blocks = [statement.body, getattr(statement, "orelse", [])]
            blocks += [handler.body for handler in getattr(statement, "handlers", ())]
            blocks.append(getattr(statement, "finalbody", []))
            pending += ((inner, False) for block in blocks for inner in block)


# -- Django's settings

_SETTINGS_MODULE: Final = re.compile(
    r"""DJANGO_SETTINGS_MODULE['"]\s*(?:\]\s*=|,)\s*(?:\w+\s*=\s*)?['"]([\w.]+)['"]"""
)
_CONFIGURATION: Final = re.compile(r"""DJANGO_CONFIGURATION['"]\s*(?:\]\s*=|,)\s*['"](\w+)['"]""")


def setting(resolver: Resolver, name: str, depth: int) -> Values:
    """The values of `settings.NAME` in the settings modules that the project names."""
    if "." in name or depth > MAX_DEPTH:
        return UNKNOWN
    root = resolver.root
    key = (_SETTINGS, name)
    if key not in root.jumped:
        root.jumped[key] = UNKNOWN
        root.jumped[key] = _setting(resolver, name, depth)
    found = root.jumped[key]
    if not isinstance(found, Unknown):
        root.followed += 1
    return found


def _setting(resolver: Resolver, name: str, depth: int) -> Values:
    found: list[object] = []
    for home in _settings_modules(resolver, name):
        node, region, _ = _within(home, name)
        values = resolver.fold_in(home, node, region, depth + 1)
        if isinstance(values, Unknown):
            return values
        found += values
    once = distinct(found)
    return once if 0 < len(once) <= MAX_VALUES else UNKNOWN


def _setting_at(resolver: Resolver, name: str) -> At | None:
    homes = _settings_modules(resolver, name)
    if len(homes) != 1 or "." in name:
        return None
    return _within(homes[0], name)


def settings_modules(project: Project) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Django's settings modules by dotted name, and the class of `DJANGO_CONFIGURATION`.

    As `manage.py`, `wsgi.py`, `asgi.py` and the app's file set them for lack of others.
    """
    files = current_files()
    root = root_of(project.folder)
    bases = tuple(dict.fromkeys((root, package_of(project.folder)[0])))
    settings = _SETTINGS_MODULES.of(files.notes)
    known = settings.get(bases)
    if known is None:
        paths = [os.path.join(base, "manage.py") for base in bases if base is not None]
        for base in bases:
            for folder in files.subfolders(base)[:MAX_SIBLINGS] if base is not None else ():
                paths += [os.path.join(folder, name) for name in SETTINGS_FILES]
        modules: dict[str, None] = {}
        classes: dict[str, None] = {}
        for path in paths:
            if files.is_file(path):
                try:
                    text = files.read(path).decode("utf-8", "replace")
                except OSError:
                    continue
                modules.update(dict.fromkeys(_SETTINGS_MODULE.findall(text)))
                classes.update(dict.fromkeys(_CONFIGURATION.findall(text)))
        known = settings[bases] = (tuple(modules), tuple(classes))
    return known


_SETTINGS_MODULES: Final[Slot[dict[object, tuple[tuple[str, ...], tuple[str, ...]]]]] = Slot(dict)


def _settings_modules(resolver: Resolver, name: str) -> list[Resolver]:
    """The resolvers of the settings modules that may say what `name` is; none if one is missing.

    Of those given by `celery-config` the last one that binds the name; else those that the project
    names as Django's.
    """
    project = resolver.root.project
    if project is None:
        return []
    given = project.options.celery_config
    found = []
    for module in given or settings_modules(project)[0]:
        path = project.locate(module)
        if path is None and ("/" in module or module.endswith(".py")):
            path = os.path.normpath(os.path.join(project.base(), module))
        facts = outlined(project, path, resolver.plain) if path is not None else None
        if facts is None:
            return []
        found.append(facts.resolver)
    if given:
        return [home for home in found if _may_bind(home, name)][-1:]
    return found


def _may_bind(home: Resolver, name: str) -> bool:
    region = home.region
    return region is not None and (
        name in region.bindings or region.star or bool(loaded_classes(home))
    )


def _within(home: Resolver, name: str) -> At:
    """A setting's name in a settings module, or in the class that it loads."""
    assert home.region is not None
    classes: tuple[str, ...] = ()
    if home.project is not None:
        classes = settings_modules(home.project)[1]
    if not classes or classes[0] not in home.region.bindings:
        classes = loaded_classes(home)
    node = _chain((classes[0], name) if len(classes) == 1 else (name,))
    return At(node, home.region, home)


def loaded_classes(home: Resolver) -> tuple[str, ...]:
    """Classes of a settings module whose attributes it makes its own: `Dev.load(__name__)`."""
    return tuple(_loaded_classes(home))


def _loaded_classes(home: Resolver) -> Iterator[str]:
    for statement in home.tree.body if home.tree is not None else ():
        call = statement.value if isinstance(statement, ast.Expr) else None
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and any(isinstance(a, ast.Name) and a.id == "__name__" for a in call.args)
        ):
            yield call.func.value.id


# -- what is changed in place

_READS: Final = frozenset(
    {"get", "keys", "values", "items", "copy", "index", "count", "union", "intersection"}
)
_READERS: Final = frozenset(
    {
        *("all", "any", "bool", "dict", "enumerate", "filter", "frozenset", "getattr", "hasattr"),
        *("isinstance", "iter", "len", "list", "map", "max", "min", "print", "repr", "reversed"),
        *("set", "sorted", "str", "sum", "tuple", "type", "zip"),
    }
)


class Changes(NamedTuple):
    """Names that a module changes or hands out, by their last part."""

    containers: frozenset[str]
    """A list or table so called may hold more than its display says."""
    attributes: frozenset[str]
    """`x.name = ...` stands somewhere, `self.name = ...` left out."""


_CHANGES: Final[Slot[Changes]] = Slot(lambda: Changes(frozenset(), frozenset()))


def changes(resolver: Resolver) -> Changes:
    """What one module changes in place; found on the first question."""
    found = _CHANGES.get(resolver.notes)
    if found is None:
        tree = resolver.tree
        none = Changes(frozenset(), frozenset())
        found = _CHANGES.put(resolver.notes, _changes(tree) if tree is not None else none)
    return found


def _changes(tree: ast.Module) -> Changes:
    containers: set[str] = set()
    attributes: set[str] = set()
    stack: list[tuple[ast.AST, ast.AST]] = [(tree, tree)]
    pop, push = stack.pop, stack.append
    while stack:
        node, above = pop()
        for field in flow.INNER[type(node)]:
            value: Any = getattr(node, field, None)
            for child in value if type(value) is list else (value,):
                cls = type(child)
                if cls is ast.Name:
                    if child.id not in containers and not _only_read(child, node, above):
                        containers.add(child.id)
                elif cls is ast.Attribute:
                    if type(child.ctx) is not ast.Load:
                        base = child.value
                        if not (isinstance(base, ast.Name) and base.id == "self"):
                            attributes.add(child.attr)
                    if child.attr not in containers and not _only_read(child, node, above):
                        containers.add(child.attr)
                    push((child, node))
                elif cls not in _NO_CHILDREN:
                    push((child, node))
    return Changes(frozenset(containers), frozenset(attributes))


#: What stands in a tree and holds no expression.
_NO_CHILDREN: Final = frozenset(
    {
        *(type(None), str, int, bool, ast.Constant, ast.Load, ast.Store, ast.Del, ast.alias),
        *(ast.arg, ast.Import, ast.ImportFrom, ast.Pass, ast.Break, ast.Continue),
    }
)


def _only_read(node: ast.Name | ast.Attribute, parent: ast.AST, above: ast.AST) -> bool:
    """Tell whether a list or table of this name stays as it is, as far as this place goes."""
    if isinstance(node.ctx, ast.Del) or isinstance(parent, ast.AugAssign):
        return False
    if isinstance(node.ctx, ast.Store):
        return True
    if isinstance(parent, ast.Attribute):
        is_call = isinstance(above, ast.Call) and above.func is parent
        return not is_call or parent.attr in _READS or not _MUTATORS.get(parent.attr)
    if isinstance(parent, ast.Subscript):
        return parent.value is not node or isinstance(parent.ctx, ast.Load)
    if isinstance(parent, ast.Call):
        func = parent.func
        return func is node or (isinstance(func, ast.Name) and func.id in _READERS)
    if isinstance(parent, ast.keyword):
        return parent.arg is None
    if isinstance(parent, ast.Dict):
        return node not in parent.values or parent.keys[parent.values.index(node)] is None
    if isinstance(parent, ast.BoolOp):
        # `x = T or {}` hands it out, `if T or U` does not
        return isinstance(above, (ast.If, ast.While, ast.Assert, ast.UnaryOp))
    if isinstance(parent, ast.IfExp):
        return parent.test is node
    return not isinstance(parent, _HANDING_ON)


#: By these a container gets another name, under which it may be changed.
_HANDING_ON: Final = (
    *(ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Return, ast.Yield, ast.YieldFrom),
    *(ast.Tuple, ast.List, ast.Set, ast.Lambda, ast.Await),
)


#: Methods that change a list, dict or set.
_MUTATORS: Final = {
    name: True
    for kind in (list, dict, set)
    for name in dir(kind)
    if not name.startswith("_") and name not in dir(tuple) and name not in dir(frozenset)
    if name not in ("get", "keys", "values", "items")
}


def stays(resolver: Resolver, name: str) -> bool:
    """Tell whether neither its own module nor the linted one changes a container so called."""
    return (
        name not in changes(resolver).containers and name not in changes(resolver.root).containers
    )


# -- expressions that names lead to


def origin(resolver: Resolver, node: ast.expr, region: Region, fixed: bool = True) -> At | None:
    """The one expression behind names, class attributes and table entries.

    None where there are several, and with `fixed` where it is changed in place.
    """
    names: list[tuple[Resolver, str]] = []
    home = resolver
    for _ in range(MAX_DEPTH):
        if isinstance(node, ast.NamedExpr):
            node = node.value
            continue
        if isinstance(node, ast.Name):
            names.append((home, node.id))
            bindings = region.lookup(node.id)
            if not bindings and region.module.star:
                there = _starred(home, node.id)
            elif not bindings or len(bindings) != 1:
                return None
            elif bindings[0].how in ("assign", "walrus") and bindings[0].value is not None:
                node, region = bindings[0].value, bindings[0].scope
                continue
            else:
                there = jump(home, bindings[0].target) if bindings[0].how == "import" else None
        elif isinstance(node, ast.Attribute):
            names.append((home, node.attr))
            found = _class_member(home, node, region)
            if found is not None:
                there = found
            else:
                target = home.qualname(node, region)
                there = jump(home, target) if target is not None else None
        elif isinstance(node, ast.Subscript):
            there = _entry(resolver, home, node, region)
        else:
            break
        if there is None:
            return None
        node, region, home = there
    else:
        return None
    if fixed and isinstance(node, (ast.Dict, ast.List, ast.Set, ast.Call, ast.BinOp)):
        for where, name in names:
            changed = changes(where).containers | changes(resolver.root).containers
            if name in changed:
                return None
    return At(node, region, home)


def _starred(home: Resolver, name: str) -> At | None:
    """The name in the last module whose every name is imported, where that one binds it."""
    stars = sorted(_stars(home.tree), key=lambda star: -star[0].lineno) if home.tree else []
    for statement, _ in stars:
        target = f"{'.' * statement.level}{statement.module or ''}"
        there = place(home, target)
        if there is None or there[1]:
            return None
        outer = there[0].module.region
        if name in outer.bindings or outer.star:
            return At(_chain((name,)), outer, there[0].resolver)
    return None


def _class_member(home: Resolver, node: ast.Attribute, region: Region) -> At | None:
    owner = class_of(home, node.value, region)
    if owner is None or enum_kind(mro(owner)) is not None:
        return None
    found = _member(mro(owner), node.attr)
    if found is None or len(found) != 1:
        return None
    return found[0]


def _entry(resolver: Resolver, home: Resolver, node: ast.Subscript, region: Region) -> At | None:
    table = _reached(resolver, home, node.value, region)
    if table is None:
        return None
    keys = resolver.folded(home, node.slice, region, MAX_DEPTH // 2)
    if isinstance(keys, Unknown) or len(keys) != 1:
        return None
    return _item(resolver, table, keys[0])


def _item(resolver: Resolver, table: At, key: object) -> At | None:
    node = table.node
    if isinstance(node, (ast.Tuple, ast.List)):
        if any(isinstance(element, ast.Starred) for element in node.elts):
            return None
        if not isinstance(key, int) or not -len(node.elts) <= key < len(node.elts):
            return None
        return At(node.elts[key], table.region, table.home)
    entries = table_of(table.home, node, table.region, resolver)
    return entries.get(key) if entries is not None and key.__hash__ is not None else None


def _reached(resolver: Resolver, home: Resolver, node: ast.expr, region: Region) -> At | None:
    """`origin`, asked in the module `home` on behalf of `resolver`."""
    if home is resolver:
        return origin(home, node, region)
    before, home.outer = home.outer, resolver.root
    try:
        return origin(home, node, region)
    finally:
        home.outer = before


def table_of(
    home: Resolver,
    node: ast.expr,
    region: Region,
    resolver: Resolver | None = None,
    depth: int = 0,
) -> dict[object, At] | None:
    """All entries of a dict: displays, `dict(...)`, `a | b`, `**other`; None if one is unknown."""
    resolver = resolver or home
    if depth > 8:
        return None
    found: dict[object, At] = {}
    if isinstance(node, ast.Dict):
        if len(node.keys) > MAX_ITEMS:
            return None
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                more = table_of(home, value, region, resolver, depth + 1)
                if more is None:
                    return None
                found.update(more)
                continue
            keys = resolver.folded(home, key, region, MAX_DEPTH // 2)
            if isinstance(keys, Unknown) or len(keys) != 1 or isinstance(keys[0], (list, dict)):
                return None
            found[keys[0]] = At(value, region, home)
        return found
    if isinstance(node, ast.Call):
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr == "copy" and not node.args:
            return table_of(home, func.value, region, resolver, depth + 1)
        if not (isinstance(func, ast.Name) and func.id == "dict" and region.is_builtin("dict")):
            return None
        if len(node.args) > 1:
            return None
        sources = [*node.args, *(k.value for k in node.keywords if k.arg is None)]
        for source in sources:
            more = table_of(home, source, region, resolver, depth + 1)
            if more is None:
                return None
            found.update(more)
        for keyword in node.keywords:
            if keyword.arg is not None:
                found[keyword.arg] = At(keyword.value, region, home)
        return found
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        for side in (node.left, node.right):
            more = table_of(home, side, region, resolver, depth + 1)
            if more is None:
                return None
            found.update(more)
        return found
    if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
        there = _reached(resolver, home, node, region)
        if there is None or isinstance(there.node, (ast.Name, ast.Attribute, ast.Subscript)):
            return None
        return table_of(there.home, there.node, there.region, resolver, depth + 1)
    return None


def options_of(
    resolver: Resolver, node: ast.expr, region: Region
) -> Mapping[str, tuple[ast.expr, Region]] | None:
    """What `**node` gives a call, by name; None where that can't be told."""
    home = region.module.owner or resolver
    resolver.root.steps = 0
    found = table_of(home, node, region, resolver)
    if found is None or not all(isinstance(key, str) for key in found):
        return None
    return {str(key): (at.node, at.region) for key, at in found.items()}


# -- classes


def class_of(home: Resolver, node: ast.expr, region: Region) -> Class | None:
    """The class that an expression names, in whatever module of the project it stands."""
    for _ in range(MAX_BASES):
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return None
        found = home.definition(node, region)
        if found is not None:
            if isinstance(found[0], ast.ClassDef):
                return Class(found[0], found[1], home)
            return None
        target = home.qualname(node, region)
        there = jump(home, target) if target is not None else None
        if there is None:
            return None
        node, region, home = there
    return None


#: Bases that bring no attribute of their own that anybody would ask for.
_BARE: Final = frozenset(
    {
        *("object", "ABC", "Generic", "Protocol", "NamedTuple", "Task", "BaseModel", "TypedDict"),
        *("Enum", "StrEnum", "IntEnum", "Flag", "IntFlag", "TextChoices", "IntegerChoices"),
        *("str", "int", "float", "Exception"),
    }
)


def _base_name(home: Resolver, base: ast.expr, region: Region) -> str:
    node = base.value if isinstance(base, ast.Subscript) else base
    return home.qualname(node, region) or dotted(node) or ""


def mro(cls: Class, depth: int = 0) -> list[Class | None]:
    """Its method resolution order by C3; None stands for a base that can't be read."""
    if depth > MAX_BASES:
        return [cls, None]
    orders: list[list[Class | None]] = []
    direct: list[Class | None] = []
    for base in cls.node.bases:
        owner = class_of(cls.home, base, cls.region)
        if owner is None:
            if _base_name(cls.home, base, cls.region).rpartition(".")[2] not in _BARE:
                orders.append([None])
                direct.append(None)
            continue
        if owner.node is cls.node:
            return [cls, None]
        orders.append(mro(owner, depth + 1))
        direct.append(owner)
    found: list[Class | None] = [cls]
    pending = [order for order in (*orders, direct) if order]
    while pending:
        for order in pending:
            head = order[0]
            if not any(_among(head, other[1:]) for other in pending):
                break
        else:
            return [*found, None]
        found.append(head)
        if head is None or len(found) > MAX_BASES:
            # what comes after an unknown base is as unknown
            return [*found, None] if head is not None else found
        pending = [order[1:] if _same(order[0], head) else order for order in pending]
        pending = [order for order in pending if order]
    return found


def _same(one: Class | None, other: Class | None) -> bool:
    return one is not None and other is not None and one.node is other.node


def _among(cls: Class | None, order: list[Class | None]) -> bool:
    return any(_same(cls, other) for other in order)


def _member(order: list[Class | None], name: str) -> list[At] | None:
    """The expressions that may give a class attribute; None where they can't be told."""
    for cls in order:
        if cls is None:
            return None
        inner = cls.inner
        bindings = inner.bindings.get(name) if inner is not None else None
        if not bindings:
            continue
        found = []
        for binding in bindings:
            if binding.how != "assign" or binding.value is None:
                return None
            found.append(At(binding.value, binding.scope, cls.home))
        return found
    return None


def enum_kind(order: list[Class | None]) -> str | None:
    """`plain`, `mixed` (with str or int, its text is not its value), `text`; None for no Enum."""
    kind: str | None = None
    mixed = False
    for cls in order:
        if cls is None:
            continue
        for base in cls.node.bases:
            last = _base_name(cls.home, base, cls.region).rpartition(".")[2]
            if last in ("StrEnum", "IntEnum", "TextChoices", "IntegerChoices"):
                return "text"
            if last in ("Enum", "Flag", "IntFlag"):
                kind = "plain"
            elif last in ("str", "int"):
                mixed = True
    return "mixed" if kind and mixed else kind


def _enum_value(resolver: Resolver, order: list[Class | None], name: str, depth: int) -> Values:
    cls = order[0]
    if cls is None or cls.inner is None or "__new__" in cls.inner.bindings:
        return UNKNOWN
    if "_generate_next_value_" in cls.inner.bindings or "value" in cls.inner.bindings:
        return UNKNOWN
    found = _member(order[:1], name)
    if found is None or len(found) != 1:
        return UNKNOWN if name in cls.inner.bindings else CLOSED
    node, region, home = found[0]
    bases = {_base_name(cls.home, base, cls.region).rpartition(".")[2] for base in cls.node.bases}
    if isinstance(node, ast.Call):
        if home.qualname(node.func, region) == "enum.auto" and "StrEnum" in bases:
            return (name.lower(),)
        return resolver.fold_in(home, node, region, depth)
    if bases & {"TextChoices", "IntegerChoices"} and isinstance(node, ast.Tuple):
        node = node.elts[0]
    return resolver.fold_in(home, node, region, depth)


# -- attributes


def attribute(resolver: Resolver, node: ast.Attribute, region: Region, depth: int) -> Values:
    """The values of `x.name`: of a class, an Enum's member, an instance, a module, the settings."""
    if is_of_given(node, region):
        return UNKNOWN
    holder, name = node.value, node.attr
    if name in ("value", "name") and isinstance(holder, ast.Attribute):
        owner = class_of(resolver, holder.value, region)
        order = mro(owner) if owner is not None else []
        if owner is not None and enum_kind(order) is not None:
            values = _enum_value(resolver, order, holder.attr, depth)
            if name == "value" or isinstance(values, Unknown):
                return values
            return (holder.attr,)
    owner = class_of(resolver, holder, region)
    if owner is not None:
        return _of_class(resolver, owner, name, depth)
    call = origin(resolver, holder, region, fixed=False)
    if call is not None and isinstance(call.node, ast.Call):
        values = _of_instance(resolver, call, name, depth)
        if not isinstance(values, Unknown):
            return values
    target = resolver.qualname(node, region)
    if target is None:
        return UNKNOWN
    if target.startswith("os.environ"):
        return Environment(UNKNOWN)
    return imported(resolver, target, depth)


def _of_class(resolver: Resolver, owner: Class, name: str, depth: int) -> Values:
    order = mro(owner)
    kind = enum_kind(order)
    if kind is not None:
        values = _enum_value(resolver, order, name, depth) if kind != "plain" else CLOSED
        if isinstance(values, Unknown) or not all(isinstance(v, (str, int)) for v in values):
            return values if isinstance(values, Unknown) else UNKNOWN
        return tuple(Member(v) if isinstance(v, str) and kind == "mixed" else v for v in values)
    found = _member(order, name)
    if found is None:
        return UNKNOWN
    if _is_set(name, owner.home, resolver):
        return CLOSED
    if owner.home is not resolver:
        resolver.root.followed += 1
    return _union(resolver, found, name, depth)


def _union(resolver: Resolver, found: list[At], name: str, depth: int) -> Values:
    values: list[object] = []
    for node, region, home in found:
        more = resolver.fold_in(home, node, region, depth)
        if isinstance(more, Unknown):
            return more
        if any(isinstance(value, (list, dict, set)) for value in more) and not (
            stays(home, name) and stays(resolver, name)
        ):
            return CLOSED
        values += more
    once = distinct(values)
    return once if 0 < len(once) <= MAX_VALUES else UNKNOWN


#: Classes of kombu by the position of the `name` that they are made with.
_NAMED: Final = {"kombu.Queue", "kombu.entity.Queue", "kombu.Exchange", "kombu.entity.Exchange"}
_DATA_CLASSES: Final = frozenset(
    f"{module}.{name}"
    for module, names in {
        "dataclasses": ("dataclass",),
        "attr": ("s", "attrs", "dataclass", "define", "frozen", "mutable", "attributes"),
        "attrs": ("define", "frozen", "mutable"),
        "pydantic.dataclasses": ("dataclass",),
    }.items()
    for name in names
)
_FIELDS: Final = frozenset({"field", "ib", "Field", "attrib", "Factory"})
_INITIALISERS: Final = ("__init__", "__new__", "__post_init__", "__attrs_post_init__")


def _of_instance(resolver: Resolver, at: At, name: str, depth: int) -> Values:
    """The values of an attribute of what a call makes: `Queue("x").name`, `Config().queue`."""
    call, region, home = at
    assert isinstance(call, ast.Call)
    if any(isinstance(a, ast.Starred) for a in call.args) or any(
        k.arg is None for k in call.keywords
    ):
        return UNKNOWN
    if name == "name" and home.qualname(call.func, region) in _NAMED:
        given = _argument(call, 0, "name")
        if given is None or _is_set(name, home, resolver):
            return UNKNOWN
        return resolver.fold_in(home, given, region, depth)
    owner = class_of(home, call.func, region)
    if owner is None:
        return UNKNOWN
    order = mro(owner)
    if None in order or enum_kind(order) is not None:
        return UNKNOWN
    for cls in order:
        if cls is None or cls.inner is None or _sets(cls.node, name):
            return UNKNOWN
        if any(init in cls.inner.bindings for init in (*_INITIALISERS, "__getattribute__")):
            return UNKNOWN
    fields = _fields(order)
    if fields is None or _is_set(name, home, resolver, owner.home):
        return UNKNOWN
    if owner.home is not resolver:
        resolver.root.followed += 1
    if name not in fields:
        found = _member(order, name)
        return _union(resolver, found, name, depth) if found is not None else UNKNOWN
    given = _argument(call, list(fields).index(name), name)
    if given is not None:
        return resolver.fold_in(home, given, region, depth)
    default = fields[name]
    if default is None:
        return UNKNOWN
    return resolver.fold_in(default.home, default.node, default.region, depth)


def _is_set(name: str, *homes: Resolver) -> bool:
    """Tell whether one of these modules, or the linted one, sets an attribute so called."""
    return any(name in changes(home).attributes for home in {*homes, homes[-1].root})


def _sets(cls: ast.ClassDef, name: str) -> bool:
    """Tell whether a method of the class sets `self.name`."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == name and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(cls)
    )


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[position] if position < len(call.args) else None


def _fields(order: list[Class | None]) -> dict[str, At | None] | None:
    """The fields of a data class with their defaults, in order; None if one is beyond us.

    A class that is none has no fields.
    """
    found: dict[str, At | None] = {}
    for cls in reversed(order):
        if cls is None or cls.inner is None:
            return None
        if not _is_data_class(cls):
            if cls.node.decorator_list:
                return None
            continue
        for statement in cls.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                if "ClassVar" in ast.unparse(statement.annotation):
                    continue
                target, value = statement.target.id, statement.value
            elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                # attrs' old way: x = attr.ib(default=1)
                first = statement.targets[0]
                if not isinstance(first, ast.Name) or not _is_field(statement.value):
                    continue
                target, value = first.id, statement.value
            else:
                continue
            found[target] = None
            if value is None:
                continue
            if isinstance(value, ast.Call) and _is_field(value):
                if any(k.arg in ("init", "kw_only", "converter", "alias") for k in value.keywords):
                    return None
                default = _argument(value, 0 if value.args else 99, "default")
                if default is not None:
                    found[target] = At(default, cls.inner, cls.home)
            else:
                found[target] = At(value, cls.inner, cls.home)
    return found


def _is_field(call: ast.Call) -> bool:
    func = call.func
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return name in _FIELDS


def _is_data_class(cls: Class) -> bool:
    for base in cls.node.bases:
        name = _base_name(cls.home, base, cls.region)
        if name in ("typing.NamedTuple", "typing_extensions.NamedTuple", "pydantic.BaseModel"):
            return True
    for decorator in cls.node.decorator_list:
        node = decorator.func if isinstance(decorator, ast.Call) else decorator
        if cls.home.qualname(node, cls.region) in _DATA_CLASSES:
            return True
    return False


# -- entries and calls


def subscript(resolver: Resolver, node: ast.Subscript, region: Region, depth: int) -> Values:
    """The values of `TABLE["key"]`, `PAIR[0]`, `os.environ["X"]`."""
    if resolver.qualname(node.value, region) == "os.environ":
        return Environment(UNKNOWN)
    if isinstance(node.slice, ast.Slice):
        return UNKNOWN
    keys = resolver.fold(node.slice, region, depth)
    if isinstance(keys, Unknown):
        return unknown_of(keys)
    return _look_up(resolver, node.value, region, keys, depth)


def _look_up(
    resolver: Resolver,
    node: ast.expr,
    region: Region,
    keys: tuple[object, ...],
    depth: int,
    default: Values = UNKNOWN,
) -> Values:
    literal = (ast.Dict, ast.Tuple, ast.List, ast.Call)
    table = At(node, region, resolver) if isinstance(node, literal) else None
    table = table or origin(resolver, node, region)
    if table is None:
        return UNKNOWN
    found: list[object] = []
    for key in keys:
        item = _item(resolver, table, key)
        if item is None:
            if isinstance(table.node, (ast.Tuple, ast.List)):
                return UNKNOWN
            entries = table_of(table.home, table.node, table.region, resolver)
            if entries is None:
                return _index(resolver, table, key, depth)
            values = default
        else:
            values = resolver.fold_in(item.home, item.node, item.region, depth)
        if isinstance(values, Unknown):
            return values
        found += values
    if table.home is not resolver:
        resolver.root.followed += 1
    once = distinct(found)
    return once if len(once) <= MAX_VALUES else UNKNOWN


def _index(resolver: Resolver, table: At, key: object, depth: int) -> Values:
    values = resolver.fold_in(table.home, table.node, table.region, depth)
    if isinstance(values, Unknown) or not all(isinstance(v, (str, tuple)) for v in values):
        return UNKNOWN
    return distinct(operator.getitem(value, key) for value in values)  # type: ignore[call-overload]


_ENVIRONMENT: Final = frozenset(
    {
        *("os.environ.get", "os.getenv", "environ.get", "os.environ.pop", "os.environ.setdefault"),
        *("decouple.config", "prettyconf.config", "environs.env", "envparse.env"),
    }
)
_ENVIRONMENT_CLASSES: Final = frozenset(
    {
        *("environ.Env", "environ.FileAwareEnv", "environs.Env", "environs.FileAwareEnv"),
        *("decouple.Config", "decouple.AutoConfig", "starlette.config.Config", "envparse.Env"),
    }
)
_TEXT_METHODS: Final = frozenset(
    {
        *("upper", "lower", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold"),
        *("removeprefix", "removesuffix", "replace", "join", "format", "swapcase"),
    }
)


def call(resolver: Resolver, node: ast.Call, region: Region, depth: int) -> Values:
    """The values of a call: the environment, `.get` of a table, methods of text, `getattr`."""
    func = node.func
    if _reads_environment(resolver, func, region):
        default = _argument(node, 1, "default")
        return Environment(
            resolver.fold(default, region, depth) if default is not None else UNKNOWN
        )
    if isinstance(func, ast.Name):
        if func.id == "getattr" and region.is_builtin("getattr") and len(node.args) in (2, 3):
            return _getattr(resolver, node, region, depth)
        return UNKNOWN
    if not isinstance(func, ast.Attribute):
        return UNKNOWN
    if func.attr == "get" and 1 <= len(node.args) <= 2 and not node.keywords:
        keys = resolver.fold(node.args[0], region, depth)
        if isinstance(keys, Unknown):
            return unknown_of(keys)
        default_values: Values = (None,)
        if len(node.args) == 2:
            default_values = resolver.fold(node.args[1], region, depth)
        return _look_up(resolver, func.value, region, keys, depth, default_values)
    if func.attr in _TEXT_METHODS:
        return _text_method(resolver, node, func, region, depth)
    return UNKNOWN


def _reads_environment(resolver: Resolver, func: ast.expr, region: Region) -> bool:
    name = resolver.qualname(func, region)
    if name in _ENVIRONMENT:
        return True
    if name is not None and name.startswith(("environs.env.", "envparse.env.")):
        return True
    for node in (func, func.value if isinstance(func, ast.Attribute) else func):
        if isinstance(node, ast.Call):
            made: At | None = At(node, region, resolver)
        elif isinstance(node, (ast.Name, ast.Attribute)):
            made = origin(resolver, node, region, fixed=False)
        else:
            made = None
        if made is not None and isinstance(made.node, ast.Call):
            if made.home.qualname(made.node.func, made.region) in _ENVIRONMENT_CLASSES:
                return True
    return False


def _getattr(resolver: Resolver, node: ast.Call, region: Region, depth: int) -> Values:
    names = resolver.fold(node.args[1], region, depth)
    if isinstance(names, Unknown) or len(names) != 1 or not isinstance(names[0], str):
        return UNKNOWN
    if not names[0].isidentifier():
        return UNKNOWN
    wanted = ast.Attribute(node.args[0], names[0], ast.Load(), lineno=0, col_offset=0)
    values = attribute(resolver, wanted, region, depth)
    if isinstance(values, Unknown) and len(node.args) == 3:
        return Environment(UNKNOWN) if isinstance(values, Environment) else UNKNOWN
    return values


def _text_method(
    resolver: Resolver, node: ast.Call, func: ast.Attribute, region: Region, depth: int
) -> Values:
    rows: list[tuple[object, ...]] = [()]
    keywords = [keyword.arg for keyword in node.keywords if keyword.arg is not None]
    if len(keywords) < len(node.keywords) or (keywords and func.attr != "format"):
        return UNKNOWN
    for part in (func.value, *node.args, *(keyword.value for keyword in node.keywords)):
        if isinstance(part, ast.Starred):
            return UNKNOWN
        values = resolver.fold(part, region, depth)
        if isinstance(values, Unknown):
            return unknown_of(values)
        rows = [(*row, value) for row in rows for value in values]
        if len(rows) > MAX_VALUES:
            return UNKNOWN
    found = []
    for text, *arguments in rows:
        if type(text) is not str or len(text) > MAX_TEXT:
            return UNKNOWN
        count = len(arguments) - len(keywords)
        named = dict(zip(keywords, arguments[count:], strict=True))
        if func.attr == "format":
            if not _plain_format(text):
                return CLOSED
            for value in arguments:
                # what formats itself in its own way says so by raising
                format(value)
        result: object = getattr(text, func.attr)(*arguments[:count], **named)
        if not bounded(result):
            return UNKNOWN
        found.append(result)
    once = distinct(found)
    return once if len(once) <= MAX_VALUES else UNKNOWN


_PLAIN_FIELD: Final = re.compile(r"\{\w*\}|\{\{|\}\}|[^{}]")


def _plain_format(text: str) -> bool:
    """Tell whether a format string only puts values in, with no width and no attribute."""
    return not _PLAIN_FIELD.sub("", text)
