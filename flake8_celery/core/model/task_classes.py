"""Which Task class a task, an application or a name has."""

from __future__ import annotations

import ast
import re
from typing import Final

from flake8_celery.core.model.fact import (
    PLAIN,
    UNREADABLE_CLASS,
    Application,
    Place,
    TaskClass,
    Unread,
)
from flake8_celery.core.model.lookup import Lookup
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.locate import MAX_HOPS
from flake8_celery.core.syntax.flow import returned
from flake8_celery.core.syntax.regions import FunctionNode, Region, dotted
from flake8_celery.core.values.find import leads_to
from flake8_celery.core.values.protocol import Resolver
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.tables.libraries import task_base
from flake8_celery.tables.libraries.shapes import TaskBase
from flake8_celery.tables.names import HARMLESS_BASES, TASK_CLASSES

_UNREAD: Final = tuple(Unread)
"""The more is unread, the later."""
_pending: set[str] = set()
"""Task classes being read, so that classes that import each other end."""


def known_task_class(name: str | None) -> TaskClass | None:
    """Celery's own Task class, or one of a library that is known; None for any other name."""
    if name in TASK_CLASSES:
        return PLAIN
    base = task_base(name)
    if base is None:
        return None
    names = base.options | base.adds | base.replaces
    # given beside the table that they belong into they are CEL927's matter
    names = names.union(*(table.keys for table in base.tables.values()))
    return TaskClass(methods=dict.fromkeys(names, _ELSEWHERE), libraries=(base,))


_ELSEWHERE: Final = ast.Pass()
"""Stands for a definition in a package that is not read."""
_OTHERWISE: Final = (
    "async|aio|corout|eventloop|transact|commit|atomic|pydantic|once|single|unique|lock|retr"
    "|batch|serial|pickle|model"
)
"""In the dotted name of a class: it may well send, run or repeat its tasks in a way of its own."""


_BASE_UNREAD: Final = TaskClass(unread=Unread.BASE)


class TaskClasses(Lookup):
    """Which Task class a task, an application or a name has."""

    def base_of(self, task: Task) -> TaskClass:
        """See `Task.base`."""
        if isinstance(task.node, ast.ClassDef):
            return self.task_class(task.node, task.region)
        keyword = task.arguments.keywords.get("base")
        if keyword is not None:
            return self.task_class_named(keyword.value, task.options_region)
        given = task.splatted()
        if isinstance(given, Unknown):
            return UNREADABLE_CLASS
        if "base" in given:
            node, region = given["base"]
            home = self._home(region)
            return home.task_class_named(node, region)
        if task.wrapper is not None:
            return task.wrapper.task_class()
        if task.application is not None:
            return self.class_of_application(task.application)
        return self.default_task_class()

    def class_of_application(self, application: Application) -> TaskClass:
        """An application's own Task class; follows the import where it stands elsewhere."""
        forced = self._forced_task_class()
        if forced is not None:
            return forced
        if application.target is None:
            return application.task_class
        found = self.application_at(application.target)
        return found.task_class if found is not None else self.unseen_class(application.target)

    def default_task_class(self) -> TaskClass:
        """The Task class of the project's app, for tasks that name none."""
        forced = self._forced_task_class()
        if forced is not None:
            return forced
        application = self.default_application()
        return application.task_class if application is not None else PLAIN

    def _forced_task_class(self) -> TaskClass | None:
        given = self.options.celery_task_class
        if not given:
            return None
        if given == "plain":
            return PLAIN
        if given == "unknown":
            return UNREADABLE_CLASS
        return self.task_class_at(given.replace(":", "."))

    def task_class_at(self, target: str) -> TaskClass:
        """The Task class with this dotted name, read from its own file."""
        known = known_task_class(target)
        if known is not None:
            return known
        found = self.find(target)
        if found is None:
            outside = leads_to(self.resolver, target)
            return known_task_class(outside) or self._of_package(outside)
        if target in _pending or len(_pending) > MAX_HOPS:
            return UNREADABLE_CLASS
        facts, name = found
        bindings = facts.module.region.bindings.get(name)
        if not bindings or len(bindings) != 1 or not isinstance(bindings[0].node, ast.ClassDef):
            return UNREADABLE_CLASS
        _pending.add(target)
        try:
            return self.neighbours(facts).outlined.task_class(bindings[0].node, bindings[0].scope)
        finally:
            _pending.discard(target)

    def _of_package(self, name: str) -> TaskClass:
        """A class of a package that is not read: what its name says of it."""
        if name.startswith("."):
            return UNREADABLE_CLASS  # a file of the project that can't be read
        plain = name.lower().replace("_", "")
        return UNREADABLE_CLASS if re.search(_OTHERWISE, plain) else _BASE_UNREAD

    def task_class_named(self, node: ast.expr, region: Region) -> TaskClass:
        """The Task class that an expression names."""
        name = self.resolver.qualname(node, region)
        known = known_task_class(name)
        if known is not None:
            return known
        found = self.resolver.definition(node, region)
        if found is not None and isinstance(found[0], ast.ClassDef):
            return self.task_class(found[0], found[1])
        if isinstance(node, ast.Attribute) and node.attr == "Task":
            application = self.application(node.value, region)
            if application is not None:
                return self.class_of_application(application)
        if isinstance(node, ast.Call):
            return self._returned_class(node, region)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.task_class_at(node.value.replace(":", "."))
        return self.task_class_at(name) if name is not None else UNREADABLE_CLASS

    def _returned_class(self, call: ast.Call, region: Region) -> TaskClass:
        """The class that a function defines and returns: `task_cls=make_task(app)`."""
        found = self.function_at(call.func, region)
        inner = found[2].candidates.scopes.get(found[0]) if found is not None else None
        values = returned(found[0]) if found is not None else ()
        if found is None or inner is None or len(values) != 1 or found[0].decorator_list:
            return UNREADABLE_CLASS
        there = found[2].resolver.definition(values[0], inner)
        if there is None or not isinstance(there[0], ast.ClassDef):
            return UNREADABLE_CLASS
        return found[2].task_class(there[0], there[1])

    def task_class(self, node: ast.ClassDef, region: Region) -> TaskClass:
        """What a class of this module and its bases set and define."""
        attributes: dict[str, Place] = {}
        methods: dict[str, ast.AST] = {}
        unread = Unread.NOTHING
        calls: list[ast.AST] = []
        sends: list[ast.AST] = []
        libraries: tuple[TaskBase, ...] = ()
        classes = [node]
        for base, scope in self.resolver.bases(node, region):
            found = self.resolver.definition(base, scope)
            if found is not None and isinstance(found[0], ast.ClassDef):
                classes.append(found[0])
                continue
            base, scope = _app_task(base, scope)
            name = self.resolver.qualname(base, scope) or dotted(base) or ""
            application = None
            if isinstance(base, ast.Attribute) and base.attr == "Task":
                # before the name, as many an application is called celery
                application = self.application(base.value, scope)
            if application is None and (name in TASK_CLASSES or name in HARMLESS_BASES):
                continue
            if isinstance(base, ast.Attribute) and base.attr == "Task":
                if _is_self(base.value, scope):
                    continue  # within a subclass of Celery, whose own class this one is to be
                own = self.class_of_application(application) if application else UNREADABLE_CLASS
            else:
                own = self.task_class_at(name) if name and "." in name else UNREADABLE_CLASS
            for key, place in own.attributes.items():
                attributes.setdefault(key, place)
            for key, method in own.methods.items():
                methods.setdefault(key, method)
            calls += own.calls
            sends += own.sends
            libraries += own.libraries
            unread = max(unread, own.unread, key=_UNREAD.index)
        for cls in reversed(classes):
            inner = self.candidates.scopes.get(cls)
            if inner is None:
                continue
            for key, bindings in inner.bindings.items():
                last = bindings[-1]
                if last.how == "function":
                    methods[key] = last.node
                    if key == "__call__":
                        calls += (binding.node for binding in bindings)
                    elif key == "apply_async":
                        sends += (binding.node for binding in bindings)
                elif last.value is not None and len(bindings) == 1:
                    attributes[key] = (last.value, inner)
                elif key == "__call__":
                    unread = Unread.ANYTHING
                else:
                    attributes.pop(key, None)
                    methods[key] = last.node
        return TaskClass(attributes, methods, unread, tuple(calls), libraries, tuple(sends))

    def unseen_class(self, target: str) -> TaskClass:
        """The Task class of an application that the dotted `target` leads to, but isn't read."""
        return UNREADABLE_CLASS

    def is_task_class(self, node: ast.ClassDef, region: Region) -> bool:
        """Tell whether a class certainly derives from Celery's Task."""
        for base, scope in self.resolver.bases(node, region):
            if known_task_class(self.resolver.qualname(base, scope)) is not None:
                return True
            if isinstance(base, ast.Attribute) and base.attr == "Task":
                application = self.application(base.value, scope)
                if application is not None:
                    return True
        return False

    def _assigned_task_class(self, name: str) -> TaskClass | None:
        """What the last `name.Task = X` of this module says."""
        found: TaskClass | None = None
        for statement, where in self.candidates.assigns:
            if isinstance(statement, ast.Assign):
                for goal in statement.targets:
                    if (
                        isinstance(goal, ast.Attribute)
                        and goal.attr == "Task"
                        and isinstance(goal.value, ast.Name)
                        and goal.value.id == name
                    ):
                        if name in self._assigning:
                            return None  # class X(app.Task), while app.Task = X is being read
                        self._assigning.add(name)
                        try:
                            found = self.task_class_named(statement.value, where)
                        finally:
                            self._assigning.discard(name)
        return found.of_application() if found is not None else None

    def _home(self, region: Region) -> Model:
        """The model of the module that a region lies in."""
        owner = region.module.owner
        outline = owner.outline if isinstance(owner, Resolver) else None
        if outline is None or outline is self.outline:
            return self
        return self.neighbours(outline).outlined


def _is_self(node: ast.expr, region: Region) -> bool:
    """Whether a name is the first parameter of the method that the class stands in."""
    function = region.function.node if region.function is not None else None
    if not isinstance(function, FunctionNode) or not isinstance(node, ast.Name):
        return False
    parameters = function.args.args
    return bool(parameters) and parameters[0].arg == node.id == "self"


def _app_task(node: ast.expr, region: Region) -> Place:
    """`app.Task` behind a name that it was given: `TaskBase = app.Task`; else the same."""
    bindings = region.lookup(node.id) if isinstance(node, ast.Name) else None
    if bindings and len(bindings) == 1 and bindings[0].how == "assign":
        value = bindings[0].value
        if isinstance(value, ast.Attribute) and value.attr == "Task":
            return value, bindings[0].scope
    return node, region
