"""Which Task class an application has that a subclass of `Celery` makes, or that can't be read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.model.fact import LIKELY_PLAIN, PLAIN, UNREADABLE_CLASS, TaskClass
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task_classes import TaskClasses, known_task_class
from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.locate import MAX_HOPS
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.syntax.regions import FunctionNode, Region
from flake8_celery.core.syntax.search import Search
from flake8_celery.core.values.unknown import MAX_DEPTH
from flake8_celery.record import NamedTuple
from flake8_celery.tables.libraries import app_class
from flake8_celery.tables.libraries.shapes import AppClass
from flake8_celery.tables.names import CELERY_CLASSES, HARMLESS_BASES

MAX_FILES: Final = 20
"""Files looked at to answer one question about an application."""
#: What an application says of a Task class of its own, wherever it does.
_SIGNS: Final = Search(
    r"(?m)\btask_cls\b|\.Task\s*=[^=]|^\s*class\s+\w+\((?:[\w.]+,\s*)*(?:\w+\.)*Celery\b",
    ("task_cls", ".Task", "Celery"),
)
#: Functions of other packages that give back what they are told to, maybe of the project's.
_LOADERS: Final = "import|load|getattr|symbol_by_name|locate|partial"
#: Methods of an application that say which Task class it has.
_MAKING: Final = frozenset({"Task", "create_task_cls", "subclass_with_self"})
_reading: set[ast.AST] = set()
"""Subclasses of Celery being read."""


class Subclass(NamedTuple):
    """A subclass of `Celery` as far as it can be read."""

    task_class: TaskClass
    lax: bool
    """It may set `strict_typing`."""
    library: AppClass | None


class AppClasses(TaskClasses):
    """Which Task class an application has that isn't plainly a `Celery(...)`."""

    def class_behind(
        self, node: ast.expr, region: Region
    ) -> tuple[ast.ClassDef, Region, Model] | None:
        """The one class that an expression names, in whatever module of the project."""
        found = self.resolver.definition(node, region)
        if found is not None:
            return (found[0], found[1], self) if isinstance(found[0], ast.ClassDef) else None
        target = self.resolver.qualname(node, region)
        if target is None or target.partition(".")[0] in ("celery", "django"):
            return None
        there = self.find(target)
        if there is None:
            return None
        bindings = there[0].module.region.bindings.get(there[1])
        if not bindings or len(bindings) != 1 or not isinstance(bindings[0].node, ast.ClassDef):
            return None
        return bindings[0].node, bindings[0].scope, self.neighbours(there[0]).outlined

    def subclass(self, node: ast.expr, region: Region) -> Subclass | None:
        """What a subclass of `Celery` says, here or in another module; None for any other class."""
        found = self.class_behind(node, region)
        if found is None or found[0] in _reading or len(_reading) > MAX_HOPS:
            return None
        _reading.add(found[0])
        try:
            home = found[2]
            assert isinstance(home, AppClasses)
            return home.read_subclass(found[0], found[1])
        finally:
            _reading.discard(found[0])

    def makes_other(self, call: ast.Call, region: Region) -> bool:
        """Tell whether a call makes an object of a class that surely is no application's."""
        found = self.class_behind(call.func, region)
        if found is None or self.subclass(call.func, region) is not None:
            return False
        resolver = found[2].resolver
        return all(
            resolver.definition(base, scope) is not None
            or (resolver.qualname(base, scope) or "object") in HARMLESS_BASES
            for base, scope in resolver.bases(found[0], found[1])
        )

    def read_subclass(self, node: ast.ClassDef, region: Region) -> Subclass | None:
        """As `subclass`, for a class of this module."""
        above: Subclass | None = None
        classes = [node]
        for base, scope in self.resolver.bases(node, region):
            name = self.resolver.qualname(base, scope)
            library = app_class(name)
            local = self.resolver.definition(base, scope)
            if local is not None and isinstance(local[0], ast.ClassDef):
                classes.append(local[0])
            elif name in CELERY_CLASSES:
                above = above or Subclass(PLAIN, False, None)
            elif library is not None:
                above = Subclass(known_task_class(library.base) or PLAIN, False, library)
            else:
                above = self.subclass(base, scope) or above
        if above is None:
            return None
        own: TaskClass | None = None
        lax = above.lax
        for cls in classes:
            inner = self.candidates.scopes.get(cls)
            if inner is None:
                continue
            lax = lax or "strict_typing" in inner.bindings
            if own is None:
                own = self._own_class(cls, inner)
        return Subclass((own or above.task_class).of_application(), lax, above.library)

    def _own_class(self, node: ast.ClassDef, inner: Region) -> TaskClass | None:
        """The Task class that the body of a subclass of Celery names, in whatever way."""
        bindings = self.candidates.scopes[node].bindings
        if not _MAKING.isdisjoint(bindings):
            return UNREADABLE_CLASS
        given = bindings.get("task_cls")
        if given:
            value = given[0].value
            if len(given) > 1 or value is None:
                return UNREADABLE_CLASS
            return self.task_class_named(value, inner)
        found: TaskClass | None = None
        for method in node.body:
            scope = self.candidates.scopes.get(method)
            if not isinstance(method, FunctionNode) or scope is None:
                continue
            for value in _given_classes(method):
                if found is not None:
                    return UNREADABLE_CLASS
                found = self.task_class_named(value, scope)
        return found

    def unread_class(self, node: ast.expr, region: Region) -> TaskClass:
        """The Task class of an application that an expression makes in a way that can't be read.

        Likely Celery's own, unless a module in reach says otherwise or another package makes it.
        """
        if self._of_another_package(node, region) or self._shows_task_class():
            return UNREADABLE_CLASS
        return LIKELY_PLAIN

    def _of_another_package(self, node: ast.expr, region: Region) -> bool:
        """Whether what an expression begins with is imported from a package that is not read."""
        for _ in range(MAX_DEPTH):
            while not isinstance(node, ast.Name):
                if isinstance(node, ast.Call):
                    node = node.func
                elif isinstance(node, (ast.Attribute, ast.Subscript)):
                    node = node.value
                else:
                    return True
            bindings = region.lookup(node.id) or ()
            imported = [binding.target for binding in bindings if binding.how == "import"]
            if imported:
                return not all(
                    re.search(_LOADERS, target.lower()) or self.in_project(target)
                    for target in imported
                )
            if len(bindings) != 1 or bindings[0].value is None:
                return False
            node, region = bindings[0].value, bindings[0].scope
        return True

    def in_project(self, target: str) -> bool:
        """Tell whether a dotted name is a module of the project, or something in one."""
        return self.project.locate(target) is not None or self.find(target) is not None

    def _shows_task_class(self) -> bool:
        """Whether this module, or one that it imports, shows a sign of a Task class of its own."""
        if self._signs is None:
            self._signs = any(map(_SIGNS.found, self.texts_in_reach()))
        return self._signs

    def texts_in_reach(self) -> list[str]:
        """The text of the module, and of those that it imports where they speak of Celery."""
        if self._texts is None:
            self._texts = [self.module.text, *self._imported_texts()]
        return self._texts

    def _imported_texts(self) -> Iterator[str]:
        targets = {
            binding.target
            for bindings in self.module.region.bindings.values()
            for binding in bindings
            if binding.how == "import"
        }
        paths: dict[str, None] = {}
        for target in sorted(targets):
            module = target if target.startswith(".") else target.rpartition(".")[0] or target
            for name in (target, module):
                path = self.project.locate(name)
                if path is not None:
                    paths[path] = None
        files = current_files()
        for path in [*paths][:MAX_FILES]:
            text = files.text(path)
            if "elery" in text:
                yield text

    def unseen_class(self, target: str) -> TaskClass:
        """See `TaskClasses.unseen_class`."""
        found = self.find(target)
        if found is None:
            return UNREADABLE_CLASS
        home = self.neighbours(found[0]).outlined
        bindings = found[0].module.region.bindings.get(found[1])
        if not bindings or not isinstance(home, AppClasses):
            return UNREADABLE_CLASS
        values = [(b.value, b.scope) for b in bindings if b.how == "assign" and b.value is not None]
        classes = {home.unread_class(value, scope) for value, scope in values}
        return classes.pop() if len(classes) == 1 else UNREADABLE_CLASS


def _given_classes(method: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """`self.Task = X`, and `task_cls=X` in a call of the constructor above."""
    found: list[ast.expr] = []
    own = method.args.args[0].arg if method.args.args else ""
    for node in walk(method.body):
        if isinstance(node, ast.Assign):
            found += (
                node.value
                for target in node.targets
                if isinstance(target, ast.Attribute)
                and target.attr in ("Task", "task_cls")
                and isinstance(target.value, ast.Name)
                and target.value.id == own
            )
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "__init__":
                found += (word.value for word in node.keywords if word.arg == "task_cls")
    return found
