"""The Celery applications of a module and of the project around it."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping

from flake8_celery.core.model.fact import PLAIN, UNREADABLE_CLASS, Application, Place
from flake8_celery.core.model.lookup import being_read
from flake8_celery.core.model.model import Neighbour
from flake8_celery.core.model.task_classes import TaskClasses, known_task_class
from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.locate import MAX_HOPS, MAX_SIBLINGS, Project
from flake8_celery.core.project.roots import APP_FILES, package_of, root_of
from flake8_celery.core.syntax import flow as syntax_flow
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.flow import walk
from flake8_celery.core.syntax.regions import FunctionNode, Region, dotted
from flake8_celery.core.values.read import read
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.tables.libraries import app_class
from flake8_celery.tables.names import CELERY_CLASSES, CURRENT_APPS, FOREIGN, is_app_like


class Applications(TaskClasses):
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
                return None
            likely = Application(False, UNREADABLE_CLASS, target)
            if "celery" in target.rpartition(".")[0].lower():
                return likely
            found = self.application_at(target)
            if found is not None:
                return found if found.target is None else likely
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
            return Application(False, UNREADABLE_CLASS)
        return None

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
        likely = False
        for binding in bindings:
            value = binding.value
            if binding.how == "assign" and isinstance(value, ast.Call):
                built = self.made(value, binding.scope, node.id)
                if built is not None:
                    return built
                root = (self.resolver.qualname(value.func, binding.scope) or "").lstrip(".")
                if root.partition(".")[0] in FOREIGN:
                    return None
                likely = True
            elif binding.how == "assign" and isinstance(value, ast.Attribute):
                held = self.of_extension(value, binding.scope)
                if held is not None:
                    return held
                likely = True
            elif binding.how in ("parameter", "unpack", "with", "loop", "assign"):
                likely = True
        if likely and is_app_like(node.id) and self.imports_celery:
            return Application(False, UNREADABLE_CLASS)
        return None

    def made(self, call: ast.Call, region: Region, name: str = "") -> Application | None:
        """The application that a call builds, or a function of this module that it calls."""
        built = self.built(call, region, name)
        if built is not None:
            return built
        found = self.resolver.definition(call.func, region)
        if found is None or not isinstance(found[0], FunctionNode) or found[0].decorator_list:
            return None
        inner = self.candidates.scopes[found[0]]
        for statement in walk(found[0].body):
            value = statement.value if isinstance(statement, ast.Return) else None
            if isinstance(value, ast.Call):
                return self.built(value, inner)
            if isinstance(value, ast.Name):
                for binding in inner.bindings.get(value.id, ()):
                    if binding.how == "assign" and isinstance(binding.value, ast.Call):
                        return self.built(binding.value, inner, value.id)
        return None

    def built(self, call: ast.Call, region: Region, name: str = "") -> Application | None:
        """The application that a call of `Celery` (or a subclass of this module) builds."""
        # typed code writes Celery[Task]("shop")
        func = call.func.value if isinstance(call.func, ast.Subscript) else call.func
        target = self.resolver.qualname(func, region)
        attributes: Mapping[str, Place] = {}
        task_class = PLAIN
        if target not in CELERY_CLASSES:
            library = app_class(target)
            if library is not None and library.attribute:
                return None  # an extension, which has an application
            found = self.resolver.definition(func, region) if library is None else None
            if found is not None and isinstance(found[0], ast.ClassDef):
                above = self.resolver.bases(found[0], found[1])
                bases = [self.resolver.qualname(base, scope) for base, scope in above]
                library = next((one for one in map(app_class, bases) if one is not None), None)
                if library is None and CELERY_CLASSES.isdisjoint(bases):
                    return None
                attributes = self.task_class(found[0], found[1]).attributes
            elif library is None:
                return self._from_factory(call, region, name)
            if library is not None:
                task_class = known_task_class(library.base) or PLAIN
                if library.factory:
                    task_class = self._assigned_task_class(name) or task_class
                    return Application(False, task_class, None, call, region, home=self.module)
        arguments = Arguments(call)
        given = arguments.get("task_cls", 14)
        if given is not None:
            task_class = self.task_class_named(given, region)
        elif "task_cls" in attributes:
            task_class = self.task_class_named(*attributes["task_cls"])
        elif arguments.splat or arguments.splat_keywords:
            task_class = UNREADABLE_CLASS
        task_class = self._assigned_task_class(name) or task_class
        lax = not arguments.lacks("strict_typing") or "strict_typing" in attributes
        return Application(True, task_class, None, call, region, lax, self.module)

    def _from_factory(self, call: ast.Call, region: Region, name: str) -> Application | None:
        """The application that a function makes and returns: `app = make_celery()`."""
        if not is_app_like(name):
            return None
        found = self.function_at(call.func, region)
        if found is None or found[0] in being_read or len(being_read) > MAX_HOPS:
            return None
        function, _, home = found
        inner = home.candidates.scopes.get(function)
        returned = syntax_flow.returned(function)
        if inner is None or len(returned) != 1 or function.decorator_list:
            return None
        value: ast.expr | None = returned[0]
        local = ""
        if isinstance(value, ast.Name):
            local = value.id
            bindings = inner.bindings.get(local)
            value = bindings[0].value if bindings and len(bindings) == 1 else None
        if not isinstance(value, ast.Call):
            return None
        being_read.add(function)
        try:
            built = home.built(value, inner, local)
        finally:
            being_read.discard(function)
        if built is None or not built.known:
            return None
        task_class = self._assigned_task_class(name) or built.task_class
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
        return self.neighbours(found[0]).applications.get(found[1]) if found is not None else None

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
        for path in self.usual_places():
            there = read(self.project, path)
            failures = current_files().failures
            if there is None and path in failures and "celery" in os.path.basename(path):
                self.project.unread[""] = path
                return Application(True, UNREADABLE_CLASS)
            if there is not None:
                apps = self.neighbours(there).applications.values()
                found_apps += [app for app in apps if app.known]
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
            self._usual_places = _find_usual_places(self.project)
        return self._usual_places


def _find_usual_places(project: Project) -> list[str]:
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
