"""All the facts of one module, step by step.

First the imports, the applications and the tasks; with those known, everything that is called on
them.
"""

from __future__ import annotations

from collections.abc import Callable

from flake8_celery.core.classify import (
    _calls,
    _give_ups,
    _raises,
    _settings,
    _terminates,
    find_applications,
    find_tasks,
)
from flake8_celery.core.model import Model, ModuleModel
from flake8_celery.core.others import facts_of
from flake8_celery.core.outlines import outline
from flake8_celery.core.resolve import ModuleResolver, ResolverFactory
from flake8_celery.core.source import Module
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
    _calls(model)
    _raises(model)
    _give_ups(model)
    _terminates(model)
    _settings(model, loads)


def prepare(
    module: Module, options: Options, make_resolver: ResolverFactory | None = None
) -> Model:
    """A model with imports, applications and tasks known, and nothing else."""
    model = ModuleModel(outline(module, options, make_resolver or ModuleResolver), facts_of)
    model.resolver.vocabulary = model
    find_applications(model)
    find_tasks(model)
    return model
