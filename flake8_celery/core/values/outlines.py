"""Another file of the project, parsed and outlined once; nothing is ever imported."""

from __future__ import annotations

from typing import Final

from flake8_celery.core.project.files import MAX_FILE, Stamp, current_files
from flake8_celery.core.project.locate import Project
from flake8_celery.core.syntax.collect import collect
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.values.protocol import Outline, ResolverFactory
from flake8_celery.notes import Slot
from flake8_celery.options import Options

_OUTLINES: Final[Slot[dict[tuple[str, int], tuple[Stamp, Outline | None]]]] = Slot(dict)
"""By path and by the options that it was read under."""


def outline(module: Module, options: Options, make: ResolverFactory) -> Outline:
    """A module with its names, its regions and a resolver; no other file has a say in it."""
    candidates = collect(module)
    project = Project(module.filename, options)
    resolver = make(project.module_name)
    resolver.tree = module.tree
    resolver.region = module.region
    resolver.project = project
    resolver.class_regions = candidates.scopes
    module.region.owner = resolver
    return Outline(module, options, candidates, project, resolver)


def outlined(project: Project, path: str, make: ResolverFactory) -> Outline | None:
    """Another file, or None where it can't be read or parsed. Never raises.

    `make` makes the resolver that answers for it.
    """
    files = current_files()
    stamp = files.stamp(path)
    if stamp is None:
        return None
    outlines = _OUTLINES.of(files.notes)
    key = path, project.options.alike
    known = outlines.get(key)
    if known is not None and known[0] == stamp:
        return known[1]
    found = _parse(path, stamp, project.options, make)
    outlines[key] = (stamp, found)
    return found


def _parse(path: str, stamp: Stamp, options: Options, make: ResolverFactory) -> Outline | None:
    files = current_files()
    files.failures.pop(path, None)
    known = files.trees.get(path)
    if known is not None and known[0] == stamp:
        return outline(Module(known[1], path, known[2]), options, make)
    if stamp.size > MAX_FILE:
        files.failures[path] = f"it has more than {MAX_FILE // 1_000_000} MB"
        return None
    try:
        source = files.read(path)
        tree = files.parse(source)
        text = source.decode("utf-8", "replace")
    except SyntaxError as error:
        files.failures[path] = f"line {error.lineno or 1}: {error.msg}"
        return None
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        files.failures[path] = " ".join(str(error).split()) or type(error).__name__
        return None
    files.trees[path] = stamp, text, tree
    return outline(Module(text, path, tree), options, make)
