"""The module of the project that defines what a dotted name means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.locate import MAX_HOPS, Project
from flake8_celery.core.values.outlines import outlined
from flake8_celery.core.values.protocol import Outline, Resolver, ResolverFactory
from flake8_celery.notes import Slot

_FOUND: Final[Slot[dict[str, tuple[Outline, str] | None]]] = Slot(dict)


def find(resolver: Resolver, target: str) -> tuple[Outline, str] | None:
    """The module that defines what the dotted `target` names, and the name there.

    Follows re-exports (`from .a import b`, `from .a import *`, `c = b`) for a few hops. A name
    within a class keeps its dots. None where a file can't be found; one that can't be read is
    written down in `project.unread`.
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
        alias = there.alias(name) if onward is None else None
        given = onward or alias
        if given is not None:
            beside = Project(path, project.options)
            beside.unread = project.unread
            found = _find(beside, make, ".".join((given, *rest[1:])), asked, hops + 1)
            if onward is not None:
                return found
            if found is not None and found[1].count(".") == len(rest) - 1:
                return found
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
            onward = None
            if there is not None:
                onward = there.imported.get(rest[0]) or there.alias(rest[0])
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
