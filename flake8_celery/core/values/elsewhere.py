"""Names of other modules, `import *`, and the settings of Django."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.locate import MAX_SIBLINGS, Project
from flake8_celery.core.project.roots import SETTINGS_FILES, package_of, root_of
from flake8_celery.core.syntax.regions import DefinitionNode
from flake8_celery.core.values.outlines import outlined
from flake8_celery.core.values.protocol import At, Outline, Resolver, ResolverFactory
from flake8_celery.core.values.unknown import (
    MAX_DEPTH,
    MAX_VALUES,
    UNKNOWN,
    Unknown,
    Values,
    distinct,
)
from flake8_celery.notes import Slot

_SETTINGS: Final = "django.conf.settings"


_PLACES: Final[Slot[dict[tuple[str, int, str], tuple[Outline, tuple[str, ...]] | None]]] = Slot(
    dict
)
"""Of all files: by the folder that asks, its options and the dotted name."""


def place(resolver: Resolver, target: str) -> tuple[Outline, tuple[str, ...]] | None:
    """The module of the project that the dotted `target` leads into, and the names within it."""
    project = resolver.project
    if project is None:
        return None
    places = _PLACES.of(current_files().notes)
    key = project.folder, project.options.alike, target
    if key not in places:
        places[key] = _place(resolver, project, target)
    return places[key]


def _place(
    resolver: Resolver, project: Project, target: str
) -> tuple[Outline, tuple[str, ...]] | None:
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
    home, names = found
    chains = _CHAINS.of(home.notes)
    if names not in chains:
        # one node, so that what is found out of it is found out once
        chains[names] = _chain(names)
    return At(chains[names], home.module.region, home.resolver)


_CHAINS: Final[Slot[dict[tuple[str, ...], ast.expr]]] = Slot(dict)


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


#: The line up to it: what stands in a comment (Django's own wsgi.py had such a line) names none.
_NOT_COMMENTED: Final = r"(?m)^[^#\n]*?"
_SETTINGS_MODULE: Final = (
    _NOT_COMMENTED
    + r"""DJANGO_SETTINGS_MODULE['"]\s*(?:\]\s*=|,)\s*(?:\w+\s*=\s*)?['"]([\w.]+)['"]"""
)
_CONFIGURATION: Final = (
    _NOT_COMMENTED + r"""DJANGO_CONFIGURATION['"]\s*(?:\]\s*=|,)\s*['"](\w+)['"]"""
)


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
                text = files.text(path)
                modules.update(dict.fromkeys(re.findall(_SETTINGS_MODULE, text)))
                classes.update(dict.fromkeys(re.findall(_CONFIGURATION, text)))
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


def starred_place(home: Resolver, name: str) -> At | None:
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
