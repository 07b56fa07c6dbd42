"""Options that name what is not there: each is told once, by its name.

Without that a slip in `celery-app` would end in silence: rules say nothing where they don't know.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.reading import read_file
from flake8_celery.notes import Slot
from flake8_celery.options import Options

#: The versions that the facts are made from.
OLDEST: Final = (5, 3)
NEXT_MAJOR: Final = 6
#: How deep below the configuration file a module is looked for that stands on no known path.
_DEEP: Final = ("", "*", "*/*")
_PLACES: Final = (
    "celery_app",
    "celery_task_class",
    "celery_task_decorators",
    "celery_source_roots",
    "celery_config",
    "celery_worker_commands",
    "celery_target_version",
)


def misnamed(options: Options) -> tuple[str, ...]:
    """One line for each option that names a module, class, folder or file that is not there.

    Relative names start at the configuration file, or at the current folder without one.
    """
    values = tuple(getattr(options, name) for name in _PLACES)
    if not any(values):
        return ()
    root = options.root or os.getcwd()
    files = current_files()
    known = _KNOWN.of(files.notes)
    key = (values, root)
    if key not in known:
        files.watch(root)
        known[key] = _misnamed(values, root)
    return known[key]


_KNOWN: Final[Slot[dict[object, tuple[str, ...]]]] = Slot(dict)


def _misnamed(values: tuple[object, ...], root: str) -> tuple[str, ...]:
    options = Options(root=root)
    for name, value in zip(_PLACES, values, strict=True):
        # a comment behind the value is told already
        if not any(sign in str(value) for sign in ";#"):
            setattr(options, name, value)
    return tuple(_look(options, root))


def _look(options: Options, root: str) -> Iterator[str]:
    for folder in options.celery_source_roots:
        if not any(os.path.isdir(path) for path in glob.glob(os.path.join(root, folder))):
            yield f"celery-source-roots: there is no folder {folder} in {root}"
    for file in options.celery_worker_commands:
        if not os.path.isfile(os.path.join(root, file)):
            yield f"celery-worker-commands: there is no file {file} in {root}"
    target = options.celery_target_version
    if target is not None and not OLDEST <= target < (NEXT_MAJOR, 0):
        shown, oldest = (".".join(map(str, each)) for each in (target, OLDEST))
        yield f"celery-target-version: Celery {shown} is not known, {oldest} and newer 5.x are"
    if options.celery_app:
        module, _, name = options.celery_app.partition(":")
        yield from _object("celery-app", module, name, options, root)
    given = options.celery_task_class
    if given and given not in ("plain", "unknown"):
        module, sign, name = given.partition(":")
        if not sign:
            module, _, name = given.rpartition(".")
        yield from _object("celery-task-class", module, name, options, root)
    for decorator in options.celery_task_decorators:
        module, _, name = decorator.rpartition(".")
        # a decorator may come from what is installed
        if module and _files(module.partition(".")[0], options, root):
            yield from _object("celery-task-decorators", module, name, options, root)
    for source in options.celery_config:
        if "/" in source or source.endswith(".py"):
            if not os.path.isfile(os.path.join(root, source)):
                yield f"celery-config: there is no file {source} in {root}"
        else:
            module, _, name = source.partition(":")
            if not _files(module, options, root):
                # package.module.Class
                above, _, last = module.rpartition(".")
                yield from _object("celery-config", above or module, name or last, options, root)


def _object(option: str, module: str, name: str, options: Options, root: str) -> Iterator[str]:
    """What is wrong with a name in a module: there is no such module, or nothing of that name."""
    files = _files(module, options, root)
    if not files:
        parts = module.split(".")
        for count in range(len(parts) - 1, 0, -1):
            if _files(".".join(parts[:count]), options, root):
                yield f"{option}: {'.'.join(parts[:count])} has no module {parts[count]}"
                return
        yield f"{option}: there is no module {module} in {root}"
    elif name and not any(_says(file, name) for file in files):
        yield f"{option}: {module} has no {name}"


def _files(module: str, options: Options, root: str) -> list[str]:
    """The files of a module: on the paths given, at the root, in src, or a little below."""
    tail = module.replace(".", os.sep)
    starts = [os.path.join(root, folder) for folder in options.celery_source_roots]
    starts += [os.path.join(root, deep) for deep in _DEEP]
    found: list[str] = []
    for start in starts:
        for form in (f"{tail}.py", os.path.join(tail, "__init__.py"), tail):
            found += glob.glob(os.path.join(start, form))
    return found


def _says(file: str, name: str) -> bool:
    """Whether a name stands in a file, or all names may: nothing is parsed."""
    if os.path.isdir(file):
        return os.path.exists(os.path.join(file, f"{name}.py"))
    try:
        text = read_file(file).decode("utf-8", "replace")
    except OSError:
        return True
    return name.partition(".")[0] in text or "import *" in text
