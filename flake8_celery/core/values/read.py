"""Another file of the project, as a resolver of its own text alone knows it."""

from __future__ import annotations

from flake8_celery.core.project.locate import Project
from flake8_celery.core.values.outlines import outlined
from flake8_celery.core.values.protocol import Outline
from flake8_celery.core.values.resolver import ModuleResolver


def read(project: Project, path: str) -> Outline | None:
    """Another file, or None where it can't be read or parsed. Never raises."""
    return outlined(project, path, ModuleResolver)
