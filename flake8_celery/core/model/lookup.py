"""Tasks and functions that names and calls mean, here and in other modules."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from flake8_celery.core.model.fact import Function
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.locate import MAX_HOPS
from flake8_celery.core.syntax import flow as syntax_flow
from flake8_celery.core.syntax.flow import always_exits
from flake8_celery.core.syntax.regions import FunctionNode, Region, import_target
from flake8_celery.core.values.protocol import Definition
from flake8_celery.core.values.read import read
from flake8_celery.core.values.unknown import MAX_DEPTH, UNKNOWN, Unknown

being_read: set[ast.AST] = set()
"""Functions that make an application, being read."""


class Lookup(Model):
    """Tasks and functions that names and calls mean, here and in other modules."""

    def task(self, node: ast.expr, region: Region) -> Task | None:
        """The one task that an expression names in this module."""
        tasks = self.task_of
        if not tasks:
            return None
        resolver = self.resolver
        for _ in range(MAX_DEPTH):
            if isinstance(node, ast.Call):
                return tasks.get(node)
            if isinstance(node, ast.Name):
                found = region.lookup(node.id)
            elif isinstance(node, ast.Attribute):
                holder = resolver.definition(node.value, region)
                if holder is None or not isinstance(holder[0], ast.ClassDef):
                    return None
                inner = resolver.class_regions.get(holder[0])
                found = inner.bindings.get(node.attr) if inner is not None else None
            else:
                return None
            if not found or len(found) != 1:
                return None
            binding = found[0]
            if binding.how == "function":
                return tasks.get(binding.node)
            if binding.how != "assign" or binding.value is None:
                return None
            node, region = binding.value, binding.scope
        return None

    def is_known(self, call: ast.Call) -> bool:
        """Tell whether a call sends a task or makes a signature."""
        return call in self.dispatches

    def function_at(self, node: ast.expr, region: Region) -> tuple[Function, Region, Model] | None:
        """The one function that an expression names, in whatever module of the project."""
        found = self.resolver.definition(node, region)
        home: Model = self
        if found is None:
            target = self.resolver.qualname(node, region)
            root = (target or "celery").lstrip(".").partition(".")[0]
            there = None if root in ("celery", "django") else self.find(target or "")
            if there is None:
                return None
            home = self.neighbours(there[0]).model
            bindings = home.module.region.bindings.get(there[1])
            if not bindings or len(bindings) != 1:
                return None
            found = bindings[0].node, bindings[0].scope
        if isinstance(found[0], FunctionNode):
            return found[0], found[1], home
        return None

    def starred(self, node: ast.expr, region: Region) -> str | None:
        """The dotted name that `import *` gives to a name that nothing else binds."""
        if not self.module.region.star or not isinstance(node, ast.Name):
            return None
        if region.lookup(node.id) is not None:
            return None
        target: str | None = None
        for statement, _ in self.candidates.imports:
            if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
                found = self.find(import_target(statement, node.id))
                if found is None:
                    target = None  # what is out of sight may bind it anew
                elif found[1] in found[0].module.region.bindings:
                    target = import_target(statement, node.id)
        return target

    def is_imported_task(self, target: str) -> bool:
        """Tell whether an imported name is a task, on evidence; reads the other file once."""
        known = self._imported_task(target)
        if isinstance(known, Unknown):
            # out of sight: this file's own evidence decides
            lowered = target.lower()
            return self.imports_celery or "celery" in lowered or "task" in lowered
        return known is not None

    def imported_task(self, target: str) -> Task | None:
        """The task that an imported name means, from its own file, or None."""
        found = self._imported_task(target)
        return None if isinstance(found, Unknown) else found

    def _imported_task(self, target: str) -> Task | Unknown | None:
        if target not in self._is_task:
            self._is_task[target] = self._look_up_task(target)
        return self._is_task[target]

    def _look_up_task(self, target: str) -> Task | Unknown | None:
        found = self.find(target)
        if found is None:
            return self._inferred_task(self.resolver.named(target)) or UNKNOWN
        outline, name = found
        tasks = self.neighbours(outline).tasks
        if name in tasks:
            return tasks[name]
        region = outline.module.region
        unclear = region.star or len(region.bindings.get(name, ())) > 1
        return self._inferred_task(self.resolver.named(target)) or (UNKNOWN if unclear else None)

    def returned_task(self, call: ast.Call, region: Region) -> Task | None:
        """The one task that a plain function returns, whatever it is called with."""
        found = self.function_at(call.func, region)
        if found is None or found[0] in being_read or len(being_read) > MAX_HOPS:
            return None
        function, _, home = found
        inner = home.candidates.scopes.get(function)
        if inner is None or function.decorator_list or not isinstance(function, ast.FunctionDef):
            return None
        if not always_exits(function.body) or home.yields_of(function):
            return None
        being_read.add(function)
        try:
            tasks = {home.task_at(value, inner) for value in syntax_flow.returned(function)}
        finally:
            being_read.discard(function)
        return tasks.pop() if len(tasks) == 1 else None

    def any_returned_task(self, call: ast.Call, region: Region) -> Task | None:
        """As `returned_task`, where the project's files don't say by inference."""
        found = self.returned_task(call, region)
        return found or self._inferred_task(self.resolver.called(call, region))

    def _inferred_task(self, functions: Sequence[Definition | None]) -> Task | None:
        """The one task that is made of each of the functions that inference leads to."""
        found = {self._task_of(function) for function in functions}
        if len(found) != 1:
            return None
        self.resolver.inferences += 1
        return found.pop()

    def _task_of(self, function: Definition | None) -> Task | None:
        if function is None:
            return None
        there = read(self.project, function.path)
        model = self.neighbours(there).model if there is not None else None
        for node, task in model.task_of.items() if model is not None else ():
            if (
                isinstance(node, FunctionNode)
                and node.name == function.name
                and node.lineno == function.line
            ):
                return task
        return None

    def task_at(self, node: ast.expr, region: Region) -> Task | None:
        """The task that an expression names, here or in another module."""
        task = self.task(node, region)
        if task is None and isinstance(node, ast.Call):
            return self.returned_task(node, region)
        if task is None and isinstance(node, (ast.Name, ast.Attribute)):
            target = self.resolver.qualname(node, region)
            task = self.imported_task(target) if target is not None else None
        return task
