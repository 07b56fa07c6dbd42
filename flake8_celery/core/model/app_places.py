"""Where a project's applications are built: the usual files, else what is imported from where.

The tree is never walked. At most `MAX_LOOKED` files beside the usual ones are looked at, each for
one word first: the modules that the linted module and its packages import, what stands beside
Django's settings, the scripts at the project's root and what they import.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from typing import Final

from flake8_celery.core.project.files import Files, current_files
from flake8_celery.core.project.locate import MAX_SIBLINGS, Project
from flake8_celery.core.project.roots import APP_FILES, package_of, root_of
from flake8_celery.core.syntax.regions import MODULE, import_target
from flake8_celery.core.values.elsewhere import settings_modules
from flake8_celery.core.values.protocol import Outline
from flake8_celery.core.values.read import read
from flake8_celery.notes import Slot

#: What follows where a call, a value, an annotation or an argument says it.
_NAMED: Final = re.compile(r"elery\w*['\"\])]*[ \t]*[(=\[,):]")
MAX_LOOKED: Final = 20
"""Files looked at, beside the usual ones, to find the application of one module."""
#: Modules that make an application of Flask's or FastAPI's, and with it Celery's.
_FACTORIES: Final = ("app.py", "factory.py", "extensions.py", "tasks.py", "main.py", "__init__.py")
_SCRIPTS: Final = frozenset(
    {"main", "app", "run", "wsgi", "asgi", "manage", "server", "worker", "autoapp", "tasks"}
)


def usual_places(project: Project) -> list[str]:
    """The files that exist where an application is usually built, the nearest first."""
    root = root_of(project.folder)
    top = package_of(project.folder)[0]
    found: list[str] = []
    here = project.folder
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
            found += filter(current_files().is_file, _app_files_below(base))
    return [path for path in dict.fromkeys(found) if path != project.path]


def further_places(outline: Outline) -> list[str]:
    """Files that may build the application of a module where no usual one does."""
    files = current_files()
    found: list[str] = []
    looked: set[str] = {outline.project.path}
    for path in _candidates(outline):
        if path in looked:
            continue
        looked.add(path)
        if len(looked) > MAX_LOOKED + 1:
            break
        if _speaks(path, files):
            found.append(path)
    return found


def _candidates(outline: Outline) -> Iterator[str]:
    project = outline.project
    yield from _imported(outline)
    root = root_of(project.folder)
    top = package_of(project.folder)[0]
    here = project.folder
    files = current_files()
    packages: list[str] = []
    while here.startswith(top) and here != top:
        package = os.path.join(here, "__init__.py")
        if files.is_file(package):
            packages.append(package)
        here = os.path.dirname(here)
    yield from packages
    # the outermost first: it imports the application, as Celery's guide has it
    for package in reversed(packages):
        there = read(project, package)
        yield from _imported(there) if there is not None else ()
    for module in settings_modules(project)[0]:
        path = project.locate(module)
        if path is not None:
            yield from _beside(os.path.dirname(path), files)
    if root is not None:
        yield from _of_root(root, project)


def _of_root(root: str, project: Project) -> list[str]:
    """What the scripts at a root lead to; found once for all modules."""
    files = current_files()
    known = _SCRIPTS_LEAD.of(files.notes)
    if root not in known:
        found: list[str] = []
        for name in files.modules_in(root)[:MAX_SIBLINGS]:
            if name.removesuffix(".py") in _SCRIPTS:
                script = os.path.join(root, name)
                found.append(script)
                there = read(project, script)
                found += _imported(there) if there is not None else ()
        for folder in files.subfolders(root)[:MAX_SIBLINGS]:
            if files.is_file(os.path.join(folder, "__init__.py")):
                found += _beside(folder, files)
        known[root] = [path for path in dict.fromkeys(found) if _speaks(path, files)][:MAX_LOOKED]
    return known[root]


_SCRIPTS_LEAD: Final[Slot[dict[str, list[str]]]] = Slot(dict)


def _beside(folder: str, files: Files) -> Iterator[str]:
    for name in _FACTORIES:
        path = os.path.join(folder, name)
        if files.is_file(path):
            yield path


def _imported(outline: Outline) -> Iterable[str]:
    """The files of the project that a module imports at its top, in order."""
    found: dict[str, None] = {}
    for statement, region in outline.candidates.imports:
        if region.scope.kind is not MODULE:
            continue
        for alias in statement.names:
            path = _file_of(statement, alias.name, outline.project)
            if path is not None:
                found[path] = None
    return found


def _file_of(statement: ast.Import | ast.ImportFrom, name: str, project: Project) -> str | None:
    if isinstance(statement, ast.Import):
        return project.locate(name)
    module = f"{'.' * statement.level}{statement.module or ''}"
    inner = project.locate(import_target(statement, name)) if name != "*" else None
    return inner or project.locate(module)


def _speaks(path: str, files: Files) -> bool:
    """Whether the code of a file names Celery: prose alone builds nothing."""
    text = files.text(path)
    place = text.find("elery")
    while place >= 0:
        line = text[text.rfind("\n", 0, place) + 1 : place].lstrip()
        if line.startswith(("from ", "import ")) or _NAMED.match(text, place):
            return True
        place = text.find("elery", place + 1)
    return False


def _app_files_in(folder: str) -> tuple[str, ...]:
    """Asked of the disk again where the folder has changed."""
    files = current_files()
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
    files = current_files()
    known = files.siblings.get(base)
    if known is None:
        found: list[str] = []
        for folder in files.subfolders(base)[:MAX_SIBLINGS]:
            found += _app_files_in(folder)
        known = files.siblings[base] = tuple(found)
    return known
