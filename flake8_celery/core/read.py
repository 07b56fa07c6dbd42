"""Another file of the project, as a resolver of its own text alone knows it."""

from __future__ import annotations

from flake8_celery.core.outlines import outlined
from flake8_celery.core.project import Project
from flake8_celery.core.resolve import ModuleResolver, Outline


def read(project: Project, path: str) -> Outline | None:
    """Another file, or None where it can't be read or parsed. Never raises."""
    return outlined(project, path, ModuleResolver)
