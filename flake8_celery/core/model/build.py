"""All the facts of one module, step by step.

First the imports, the applications and the tasks; with those known, everything that is called on
them.
"""

from __future__ import annotations

from collections.abc import Callable

from flake8_celery.core.model.find_calls import find_calls, find_raises, give_ups, terminates
from flake8_celery.core.model.find_settings import find_settings
from flake8_celery.core.model.find_tasks import find_applications, find_tasks
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.module_model import ModuleModel
from flake8_celery.core.model.others import facts_of
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.values.outlines import outline
from flake8_celery.core.values.protocol import ResolverFactory
from flake8_celery.core.values.resolver import ModuleResolver
from flake8_celery.options import Options


def build(
    module: Module,
    options: Options,
    resolver: ResolverFactory | None = None,
    loads: Callable[[Model], bool] | None = None,
) -> Model:
    """All the facts of one module; `resolver` answers what its expressions mean.

    `loads` tells whether an application loads a module, so that bare names in it are settings.
    """
    model = prepare(module, options, resolver)
    complete(model, loads)
    return model


def complete(model: Model, loads: Callable[[Model], bool] | None = None) -> None:
    """Add to a prepared model what stands on its applications and tasks."""
    find_calls(model)
    find_raises(model)
    give_ups(model)
    terminates(model)
    find_settings(model, loads)


def prepare(
    module: Module, options: Options, make_resolver: ResolverFactory | None = None
) -> Model:
    """A model with imports, applications and tasks known, and nothing else."""
    model = ModuleModel(outline(module, options, make_resolver or ModuleResolver), facts_of)
    model.resolver.vocabulary = model
    find_applications(model)
    find_tasks(model)
    return model
