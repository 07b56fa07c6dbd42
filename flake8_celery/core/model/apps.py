"""The Celery applications of a module and of the project around it."""

from __future__ import annotations

import ast
import os
from typing import Final

from flake8_celery.core.model import app_places
from flake8_celery.core.model.app_classes import AppClasses
from flake8_celery.core.model.fact import (
    LIKELY_PLAIN,
    PLAIN,
    UNREADABLE_CLASS,
    Application,
    Function,
    TaskClass,
)
from flake8_celery.core.model.lookup import being_read
from flake8_celery.core.model.model import Model, Neighbour
from flake8_celery.core.model.task_classes import known_task_class
from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.locate import MAX_HOPS
from flake8_celery.core.syntax import flow as syntax_flow
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.regions import Region, dotted
from flake8_celery.core.values.read import read
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.tables.libraries import app_class
from flake8_celery.tables.names import CELERY_CLASSES, CURRENT_APPS, FOREIGN, is_app_like


class Applications(AppClasses):
    """The Celery applications of a module and of the project around it."""

    def application(self, node: ast.expr, region: Region) -> Application | None:
        """The Celery application that an expression means, on evidence; else None."""
        name = dotted(node)
        if name is None:
            if isinstance(node, ast.Call):
                return self.built(node, region)
            return None
        key = (name, region.scope)
        if key not in self._apps:
            found = self._find_application(node, name, region)
            if self._assigning:
                return found  # as it is before `app.Task = X` is done
            self._apps[key] = found
        return self._apps[key]

    def _find_application(self, node: ast.expr, name: str, region: Region) -> Application | None:
        last = name.rpartition(".")[2]
        target = self.resolver.qualname(node, region)
        if target is not None:
            root = target.lstrip(".").partition(".")[0]
            if root in FOREIGN:
                return None
            if target in CURRENT_APPS:
                return Application(True, self.default_task_class())
            if root == "celery" and not target.startswith("."):
                return None
            if root != "celery" and not is_app_like(last) and "celery" not in target.lower():
                return self.built_at(target)
            likely = Application(False, UNREADABLE_CLASS, target)
            if "celery" in target.rpartition(".")[0].lower():
                return likely
            found = self.application_at(target)
            if found is not None:
                # its settings are asked for by where it is built
                return Application(found.known, found.task_class, target, lax=found.lax)
            if not is_app_like(last) or not self.imports_celery:
                return None
            return None if self.project_is_foreign(target) else likely
        if isinstance(node, ast.Name):
            return self._local_application(node, region)
        if isinstance(node, ast.Attribute):
            held = self.of_extension(node, region)
            if held is not None:
                return held
        if is_app_like(last) and self.imports_celery:
            return Application(False, self.unread_class(node, region))
        return None

    def built_at(self, target: str) -> Application | None:
        """As `application_at`, for a name that is not usual: what is seen to be built counts."""
        built = self.application_at(target)
        if built is None or not built.known:
            return None
        return Application(True, built.task_class, target, lax=built.lax)

    def of_extension(self, node: ast.Attribute, region: Region) -> Application | None:
        """The application that an extension holds: `ext.celery` of `ext = FlaskCeleryExt(app)`."""
        bindings = region.lookup(node.value.id) if isinstance(node.value, ast.Name) else None
        value = bindings[0].value if bindings and len(bindings) == 1 else None
        if not isinstance(value, ast.Call) or not bindings:
            return None
        library = app_class(self.resolver.qualname(value.func, bindings[0].scope))
        if library is None or library.attribute != node.attr:
            return None
        task_class = known_task_class(library.base) or PLAIN
        return Application(False, task_class, None, value, bindings[0].scope, home=self.module)

    def _local_application(self, node: ast.Name, region: Region) -> Application | None:
        bindings = region.lookup(node.id)
        if not bindings:
            return None
        likely: TaskClass | None = None
        for binding in bindings:
            value = binding.value
            if binding.how == "assign" and isinstance(value, ast.Call):
                built = self.made(value, binding.scope, node.id)
                if built is not None:
                    return built
                root = (self.resolver.qualname(value.func, binding.scope) or "").lstrip(".")
                if root.partition(".")[0] in FOREIGN or self.makes_other(value, binding.scope):
                    return None
                likely = self.unread_class(value, binding.scope)
            elif binding.how == "assign" and isinstance(value, ast.Attribute):
                held = self.of_extension(value, binding.scope)
                if held is not None:
                    return held
                likely = self.unread_class(value, binding.scope)
            elif binding.how in ("parameter", "unpack", "with", "loop", "assign"):
                likely = UNREADABLE_CLASS
        if likely is not None and is_app_like(node.id) and self.imports_celery:
            return Application(False, likely)
        return None

    def made(
        self, call: ast.Call, region: Region, name: str = "", far: bool = False
    ) -> Application | None:
        """The application that a call builds, or a function that it calls.

        A function of another module only with `far`, or where the name is a usual one.
        """
        built = self.built(call, region, name)
        if built is not None or not (far or self.resolver.definition(call.func, region)):
            return built
        return self._from_factory(call, region, name)

    def built(self, call: ast.Call, region: Region, name: str = "") -> Application | None:
        """The application that a call of `Celery` (or a subclass of it) builds.

        Also one that a function makes, if `name` is what applications are called.
        """
        # typed code writes Celery[Task]("shop")
        func = call.func.value if isinstance(call.func, ast.Subscript) else call.func
        target = self.resolver.qualname(func, region)
        task_class, lax = PLAIN, False
        if target not in CELERY_CLASSES:
            library = app_class(target)
            if library is not None and library.attribute:
                return None  # an extension, which has an application
            if library is None:
                derived = self.subclass(func, region)
                if derived is None:
                    usual = is_app_like(name)
                    return self._from_factory(call, region, name) if usual else None
                task_class, lax, library = derived
            else:
                task_class = known_task_class(library.base) or PLAIN
            if library is not None and library.factory:
                task_class = self._assigned_task_class(name) or task_class
                return Application(False, task_class, None, call, region, home=self.module)
        arguments = Arguments(call)
        given = arguments.get("task_cls", 14)
        if given is not None:
            task_class = self.task_class_named(given, region).of_application()
        elif arguments.splat or arguments.splat_keywords:
            task_class = UNREADABLE_CLASS
        task_class = self._assigned_task_class(name) or task_class
        lax = lax or not arguments.lacks("strict_typing")
        return Application(True, task_class, None, call, region, lax, self.module)

    def _from_factory(self, call: ast.Call, region: Region, name: str) -> Application | None:
        """The application that a function makes and returns: `app = make_celery()`."""
        found = self.function_at(call.func, region)
        if found is None or found[0] in being_read or len(being_read) > MAX_HOPS:
            return None
        function, _, home = found
        inner = home.candidates.scopes.get(function)
        if inner is None or not home.module.says("elery"):
            return None
        being_read.add(function)
        try:
            built = _returned(function, inner, home)
        finally:
            being_read.discard(function)
        if built is None or not built.known:
            return None
        task_class = self._assigned_task_class(name) or built.task_class
        plain = all(
            home.resolver.qualname(_func(one), inner) in _CACHES for one in function.decorator_list
        )
        if not plain:
            # what stands in between hands it on, most likely
            task_class = LIKELY_PLAIN if task_class.complete else task_class
            return Application(False, task_class, None, built.node, built.region, home=built.home)
        return Application(True, task_class, None, built.node, built.region, built.lax, built.home)

    def full_application(self, application: Application | None) -> Application | None:
        """An application with what its own file says of it; for None the project's."""
        if application is None:
            return self.default_application()
        if application.target is None:
            return application
        return self.application_at(application.target)

    def default_application(self) -> Application | None:
        """The project's app, for tasks that name none: this module's, else by the usual places."""
        for application in self.applications.values():
            return application
        if isinstance(self._default, Unknown):
            self._default = self._project_application()
        return self._default

    def project_is_foreign(self, target: str) -> bool:
        """Tell whether the module that `target` comes from builds another library's app."""
        found = self.find(target)
        return found is not None and self.neighbours(found[0]).foreign

    def application_at(self, target: str) -> Application | None:
        """The application that the dotted `target` (module path and name) leads to, or None."""
        found = self.find(target)
        if found is None:
            return None
        there = self.neighbours(found[0])
        known = there.applications.get(found[1])
        if known is not None or is_app_like(found[1]):
            return known
        bindings = found[0].module.region.bindings.get(found[1])
        value = bindings[0].value if bindings and len(bindings) == 1 else None
        if not isinstance(value, ast.Call) or bindings is None:
            return None
        # what applications are not called is followed only where it is asked for
        return there.outlined.made(value, bindings[0].scope, found[1], far=True)

    def _project_application(self) -> Application | None:
        """The project's app, for `@shared_task`: named by option, or in the usual places."""
        if self.options.celery_app:
            module, _, name = self.options.celery_app.partition(":")
            for candidate in (name or "app", "celery"):
                found = self.application_at(f"{module}.{candidate}")
                if found is not None:
                    return found
            return None
        found_apps: list[Application] = []
        unread: list[Application] = []
        for path in self.usual_places():
            there = read(self.project, path)
            failures = current_files().failures
            if there is None and path in failures and "celery" in os.path.basename(path):
                self.project.unread[""] = path
                return Application(True, UNREADABLE_CLASS)
            if there is not None:
                apps = self.neighbours(there).applications.values()
                found_apps += [app for app in apps if app.known]
                unread += [app for app in apps if not app.known and app.node is not None]
        found_apps = found_apps or unread
        if not found_apps:
            return None
        first = found_apps[0]
        if all(app.task_class is first.task_class for app in found_apps):
            return first
        # several apps with Task classes of their own: whose task it is can't be told
        return Application(True, UNREADABLE_CLASS)

    def app_modules(self) -> list[Neighbour]:
        """The modules in the usual places that build an application."""
        if self._app_modules is None:
            if self.options.celery_app:
                found = self.find(self.options.celery_app.replace(":", "."))
                self._app_modules = [self.neighbours(found[0])] if found is not None else []
            else:
                read_ = (read(self.project, path) for path in self.usual_places())
                near = (self.neighbours(outline) for outline in read_ if outline is not None)
                self._app_modules = [found for found in near if found.applications]
        return self._app_modules

    def usual_places(self) -> list[str]:
        """The files that exist where an application is usually built, the nearest first."""
        if self._usual_places is None:
            found = app_places.usual_places(self.project)
            if not any(map(self._builds, found)):
                found += app_places.further_places(self.outline)
            self._usual_places = found
        return self._usual_places

    def _builds(self, path: str) -> bool:
        """Whether a file builds an application, or can't be read."""
        there = read(self.project, path)
        return there is None or bool(self.neighbours(there).applications)


#: Decorators that give back what the function does.
_CACHES: Final = frozenset({"functools.cache", "functools.lru_cache"})


def _func(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _returned(function: Function, inner: Region, home: Model) -> Application | None:
    """The application that a function returns, built in it or in one that it calls."""
    for value in syntax_flow.returned(function):
        if isinstance(value, ast.Call):
            return home.made(value, inner, far=True)
        if isinstance(value, ast.Name):
            for binding in inner.lookup(value.id) or ():
                if binding.how == "assign" and isinstance(binding.value, ast.Call):
                    return home.made(binding.value, binding.scope, value.id, far=True)
    return None
