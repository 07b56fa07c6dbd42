"""The model of a module, all parts together."""

from __future__ import annotations

import ast

from flake8_celery.core.model.apps import Applications
from flake8_celery.core.model.names import task_named, text_of
from flake8_celery.core.model.task import Task
from flake8_celery.core.syntax.regions import Region


class ModuleModel(Applications):
    """All facts of one module, by class; the vocabulary that its resolver speaks."""

    def named_task(self, node: ast.expr | None, region: Region) -> Task | None:
        """See `View.named_task`."""
        name = text_of(node, region, self)
        return task_named(name, self) if name is not None else None
