"""The facts that live in other files: where a dotted name is, which app a project has.

Files are read, never imported. Every answer is cached for the process, by path, modification time
and size, so that a worker that lints a thousand files reads the app's module once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from flake8_celery.core.files import Files
from flake8_celery.core.source import Module

if TYPE_CHECKING:
    from flake8_celery.core.model import Application, ModuleFacts
    from flake8_celery.options import Options

MARKERS: Final = (
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
    ".flake8",
    ".git",
    "setup.py",
    "manage.py",
)
APP_FILES: Final = ("celery.py", "celery_app.py", "celeryapp.py", "celery_config.py", "worker.py")
INSTALLED: Final = ("site-packages", "dist-packages")
_NO_PACKAGES: Final = ("src", "lib", *INSTALLED)
"""Folders that stand on sys.path wherever they lie."""
SETTINGS_FILES: Final = ("wsgi.py", "asgi.py", *APP_FILES)
MAX_FILE: Final = 4_000_000
MAX_DEPTH: Final = 12
MAX_SIBLINGS: Final = 200
MAX_HOPS: Final = 5

DISK: Final = Files()
_files: Files = DISK


def clear() -> None:
    """Forget everything read from the disk so far; for tests."""
    DISK.clear()


@contextmanager
def reading(files: Files) -> Iterator[None]:
    """Within the block every file of a project is read from `files`."""
    global _files
    before, _files = _files, files
    try:
        yield
    finally:
        _files = before


def current_files() -> Files:
    """Where files are read from just now."""
    return _files


def root_of(folder: str) -> str | None:
    """The nearest folder at or above `folder` that holds a project file, or None."""
    files = _files
    if folder in files.roots:
        return files.roots[folder]
    here = folder
    found: str | None = None
    while True:
        if any(files.exists(os.path.join(here, marker)) for marker in MARKERS):
            found = here
            break
        above = os.path.dirname(here)
        if above == here:
            break
        here = above
    files.roots[folder] = found
    return found


def package_of(folder: str) -> tuple[str, str]:
    """The folder above the topmost package that holds `folder`, and the dotted package name.

    A folder without `__init__.py` that lies inside a package of the same project belongs to it.
    """
    files = _files
    known = files.tops.get(folder)
    if known is None:
        parts: list[str] = []
        top = here = folder
        taken = 0
        root = root_of(folder)
        while True:
            above, name = os.path.split(here)
            if not name or above == here:
                break
            if files.is_file(os.path.join(here, "__init__.py")):
                parts.append(name)
                top, taken = above, len(parts)
            elif root is None or here == root or not here.startswith(root) or name in _NO_PACKAGES:
                break
            else:
                parts.append(name)
            here = above
        known = files.tops[folder] = (top, ".".join(reversed(parts[:taken])))
    return known


class Project:
    """One file's view of the files around it; cheap to make, reads nothing until asked.

    `filename` is the linted file, or a name that is no file (`stdin`): then nothing is found.
    """

    __slots__ = (
        "_app_modules",
        "_found",
        "_name",
        "_path",
        "_usual_places",
        "folder",
        "options",
        "path",
        "unread",
    )

    def __init__(self, filename: str, options: Options) -> None:
        self.unread: dict[str, str] = {}
        """Dotted names asked for whose module's file can't be read or parsed -> that file."""
        self._found: dict[str, tuple[ModuleFacts, str] | None] = {}
        self._path: list[str] | None = None
        self._name: tuple[str | None] | None = None
        self._app_modules: list[ModuleFacts] | None = None
        self._usual_places: list[str] | None = None
        self.path = os.path.abspath(filename)
        self.folder = os.path.dirname(self.path)
        self.options = options

    def shown(self) -> str:
        """The file's path for messages: from the project's root, with `/` on every system."""
        root = root_of(self.folder) or package_of(self.folder)[0]
        return os.path.relpath(self.path, root).replace(os.sep, "/")

    def module_name(self) -> str | None:
        """The linted module's dotted name, or None where two are possible."""
        if self._name is None:
            self._name = (self._module_name(),)
        return self._name[0]

    def _module_name(self) -> str | None:
        if not _files.is_folder(self.folder):
            return None
        stem = os.path.splitext(os.path.basename(self.path))[0]
        top, package = package_of(self.folder)
        roots = self._given_roots()
        if roots:
            names = {
                os.path.relpath(self.folder, root).replace(os.sep, ".")
                for root in roots
                if self.folder == root or self.folder.startswith(root + os.sep)
            }
            if len(names) != 1:
                return None
            package = names.pop().strip(".")
        elif not package and top != root_of(top):
            return None
        if stem == "__init__":
            return package or None
        return f"{package}.{stem}" if package else stem

    def base(self) -> str:
        """The folder that relative paths in options start from."""
        return self.options.root or root_of(self.folder) or self.folder

    def _given_roots(self) -> list[str]:
        base = self.base()
        found: list[str] = []
        for pattern in self.options.celery_source_roots:
            full = pattern if os.path.isabs(pattern) else os.path.join(base, pattern)
            found += [os.path.normpath(path) for path in _files.folders_like(full)]
        return found

    def roots(self) -> list[str]:
        """Folders that stand on sys.path, as far as can be told, the nearest first.

        Those given by option; else each from the topmost package up to the project's root (a
        namespace package has no `__init__.py`), and the root's `src`.
        """
        found = self._given_roots()
        if not found:
            here = package_of(self.folder)[0]
            found = [here]
            root = root_of(self.folder)
            if root is not None:
                for _ in range(MAX_DEPTH):
                    if here == root:
                        break
                    here = os.path.dirname(here)
                    found.append(here)
                found += [root, os.path.join(root, "src")]
        return found

    def locate(self, name: str) -> str | None:
        """The source file of the module with this dotted name (relative ones too), or None."""
        files = _files
        key = self.folder, self.options.celery_source_roots, name
        known = files.sources.get(key)
        if known is not None and files.is_file(known):
            return known
        found = self._locate(name)
        if found is not None:
            files.sources[key] = found
        return found

    def _locate(self, name: str) -> str | None:
        if name.startswith("."):
            bare = name.lstrip(".")
            folder = self.folder
            for _ in range(len(name) - len(bare) - 1):
                folder = os.path.dirname(folder)
            return _file_of(folder, bare)
        first = name.partition(".")[0]
        for root in self._search_path():
            if _holds(root, first) and not self._is_neighbour(root, first):
                found = _file_of(root, name)
                if found is not None:
                    return found
        return None

    def is_folder_beside(self, path: str, names: Sequence[str]) -> bool:
        """Tell whether a folder stands at `names` below a file's: a package may have no file."""
        return _files.is_folder(os.path.join(os.path.dirname(path), *names))

    def _search_path(self) -> list[str]:
        if self._path is None:
            self._path = list(dict.fromkeys(self.roots()))
        return self._path

    def _is_neighbour(self, root: str, name: str) -> bool:
        """Tell whether it is installed beside the linted file's package, and no project of it."""
        if os.path.basename(root) not in INSTALLED:
            return False
        return package_of(self.folder)[1].partition(".")[0] != name

    def find(self, target: str) -> tuple[ModuleFacts, str] | None:
        """The module that defines what the dotted `target` names, and the name there.

        Follows re-exports (`from .a import b`, `from .a import *`) for a few hops. None where a
        file can't be found; one that can't be read is written down in `unread`.
        """
        if target not in self._found:
            self._found[target] = self._find(target, target, 0)
        return self._found[target]

    def _find(self, target: str, asked: str, hops: int) -> tuple[ModuleFacts, str] | None:
        if hops > MAX_HOPS:
            return None
        for module, rest in _splits(target):
            path = self.locate(module)
            if path is None:
                continue
            facts = self.read(path)
            if facts is None:
                self._miss(asked, path)
                return None
            name = rest[0]
            onward = facts.imported.get(name)
            if onward is not None:
                there = Project(path, self.options)
                there.unread = self.unread
                return there._find(".".join((onward, *rest[1:])), asked, hops + 1)
            if facts.stars and name not in facts.outline.module.region.bindings:
                return self._find_starred(facts, path, rest, asked, hops)
            if len(rest) > 1:
                # a task in a class body
                name = ".".join(rest)
                return (facts, name) if name in facts.tasks else None
            return facts, name
        return None

    def leads_to(self, target: str) -> str:
        """Where a name that the project re-exports comes from: a package that is not read.

        `target` itself where the project has no such module.
        """
        home = self
        for _ in range(MAX_HOPS):
            for module, rest in _splits(target):
                path = home.locate(module)
                facts = home.read(path) if path is not None else None
                onward = facts.imported.get(rest[0]) if facts is not None else None
                if path is not None and onward is not None:
                    home = Project(path, self.options)
                    target = ".".join((onward, *rest[1:]))
                    break
            else:
                return target
        return target

    def _find_starred(
        self, facts: ModuleFacts, path: str, rest: list[str], asked: str, hops: int
    ) -> tuple[ModuleFacts, str] | None:
        """The module that gives a name to one that imports everything; the last one wins."""
        there = Project(path, self.options)
        there.unread = self.unread
        for star in reversed(facts.stars):
            file = there.locate(star)
            starred = there.read(file) if file is not None else None
            if file is None or starred is None:
                self._miss(asked, file)
                return None
            if starred.exports(rest[0]):
                join = "" if star.endswith(".") else "."
                return there._find(f"{star}{join}{'.'.join(rest)}", asked, hops + 1)
        return None

    def _miss(self, asked: str, path: str | None) -> None:
        """Write down that a file of the project can't be read."""
        if path is not None:
            self.unread[asked] = path

    def failures(self) -> Iterator[tuple[str, str, str]]:
        """What was asked for in vain: the dotted name (empty for the app), the file, why."""
        for asked, path in self.unread.items():
            yield asked, Project(path, self.options).shown(), _files.failures.get(path, "")

    def application(self, target: str) -> Application | None:
        """The application that the dotted `target` (module path and name) leads to, or None."""
        found = self.find(target)
        return found[0].applications.get(found[1]) if found is not None else None

    def default_application(self) -> Application | None:
        """The project's app, for `@shared_task`: named by option, or in the usual places."""
        if self.options.celery_app:
            module, _, name = self.options.celery_app.partition(":")
            for candidate in (name or "app", "celery"):
                found = self.application(f"{module}.{candidate}")
                if found is not None:
                    return found
            return None
        from flake8_celery.core.model import UNREADABLE, Application

        found_apps: list[Application] = []
        for path in self.usual_places():
            facts = self.read(path)
            if facts is None and path in _files.failures and "celery" in os.path.basename(path):
                self.unread[""] = path
                return Application(True, UNREADABLE)
            if facts is not None:
                found_apps += [app for app in facts.applications.values() if app.known]
        if not found_apps:
            return None
        first = found_apps[0]
        if all(app.task_class is first.task_class for app in found_apps):
            return first
        # several apps with Task classes of their own: whose task it is can't be told
        return Application(True, UNREADABLE)

    def app_modules(self) -> list[ModuleFacts]:
        """The modules in the usual places that build an application."""
        if self._app_modules is None:
            if self.options.celery_app:
                found = self.find(self.options.celery_app.replace(":", "."))
                self._app_modules = [found[0]] if found is not None else []
            else:
                read = (self.read(path) for path in self.usual_places())
                self._app_modules = [f for f in read if f is not None and f.applications]
        return self._app_modules

    def settings_modules(
        self, module: re.Pattern[str], configuration: re.Pattern[str]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Django's settings modules by dotted name, and the class of `DJANGO_CONFIGURATION`.

        As `manage.py`, `wsgi.py`, `asgi.py` and the app's file set them for lack of others.
        """
        root = root_of(self.folder)
        bases = tuple(dict.fromkeys((root, package_of(self.folder)[0])))
        known = _files.settings.get(bases)
        if known is None:
            paths = [os.path.join(base, "manage.py") for base in bases if base is not None]
            for base in bases:
                for folder in _files.subfolders(base)[:MAX_SIBLINGS] if base is not None else ():
                    paths += [os.path.join(folder, name) for name in SETTINGS_FILES]
            modules: dict[str, None] = {}
            classes: dict[str, None] = {}
            for path in paths:
                if _files.is_file(path):
                    try:
                        text = _files.read(path).decode("utf-8", "replace")
                    except OSError:
                        continue
                    modules.update(dict.fromkeys(module.findall(text)))
                    classes.update(dict.fromkeys(configuration.findall(text)))
            known = _files.settings[bases] = (tuple(modules), tuple(classes))
        return known

    def usual_places(self) -> list[str]:
        """The files that exist where an application is usually built, the nearest first."""
        if self._usual_places is None:
            self._usual_places = self._find_usual_places()
        return self._usual_places

    def _find_usual_places(self) -> list[str]:
        root = root_of(self.folder)
        top = package_of(self.folder)[0]
        found: list[str] = []
        here = self.folder
        for _ in range(12):
            found += _app_files_in(here)
            if here in (top, root):
                break
            above = os.path.dirname(here)
            if above == here:
                break
            here = above
        for base in dict.fromkeys((top, root)):
            if base is not None:
                found += filter(_files.is_file, _app_files_below(base))
        return [path for path in dict.fromkeys(found) if path != self.path]

    def read(self, path: str) -> ModuleFacts | None:
        """The facts of another file, or None where it can't be read or parsed. Never raises."""
        files = _files
        stamp = files.stamp(path)
        if stamp is None:
            return None
        known = files.modules.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        facts = _parse(path, stamp.size, self.options)
        files.modules[path] = (stamp, facts)
        return facts


def _splits(target: str) -> Iterator[tuple[str, list[str]]]:
    """Each way to read a dotted name as a module and what is in it, the longest module first."""
    bare = target.lstrip(".")
    dots = target[: len(target) - len(bare)]
    parts = bare.split(".")
    for cut in range(len(parts) - 1, -1 if dots else 0, -1):
        yield dots + ".".join(parts[:cut]), parts[cut:]


def _holds(root: str, name: str) -> bool:
    """Tell whether a folder holds a module or package of this name; most imports stop here."""
    files = _files
    key = (root, name)
    known = files.heads.get(key)
    if known is None:
        path = os.path.join(root, name)
        known = files.heads[key] = files.is_folder(path) or files.is_file(f"{path}.py")
    return known


def _file_of(root: str, name: str) -> str | None:
    base = os.path.join(root, *name.split(".")) if name else root
    package = os.path.join(base, "__init__.py")
    for path in (f"{base}.py", package) if name else (package,):
        if _files.is_file(path):
            return path
    return None


def _app_files_in(folder: str) -> tuple[str, ...]:
    """Asked of the disk again where the folder has changed."""
    files = _files
    stamp = files.stamp(folder)
    known = files.app_files.get(folder)
    if known is not None and known[0] == stamp:
        return known[1]
    paths = (os.path.join(folder, name) for name in APP_FILES)
    found = tuple(path for path in paths if files.is_file(path))
    if stamp is not None:
        files.app_files[folder] = stamp, found
    return found


def _app_files_below(base: str) -> tuple[str, ...]:
    files = _files
    known = files.siblings.get(base)
    if known is None:
        found: list[str] = []
        for folder in files.subfolders(base)[:MAX_SIBLINGS]:
            found += _app_files_in(folder)
        known = files.siblings[base] = tuple(found)
    return known


def _parse(path: str, size: int, options: Options) -> ModuleFacts | None:
    from flake8_celery.core.model import module_facts

    files = _files
    files.failures.pop(path, None)
    if size > MAX_FILE:
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
    return module_facts(Module(text, path, tree), options)
