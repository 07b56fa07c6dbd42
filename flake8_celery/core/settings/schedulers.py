"""Whether beat runs with a scheduler that is not Celery's own, as far as a project tells.

Asked only where an entry is about to be reported, so the walk over the project's files is rare.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.roots import root_of
from flake8_celery.core.settings.library import OWN_SCHEDULER, scheduler_of
from flake8_celery.core.settings.reads import texts
from flake8_celery.core.syntax.search import Search
from flake8_celery.notes import Slot

#: What speaks of another scheduler: a library, a class of the project's own, an option of beat.
_OTHER: Final = Search(
    r"(?i)redbeat|django[_-]celery[_-]beat|celery[_-]?beat[_-]?mongo|mongo[_-]?beat"
    r"|sqlalchemy[_-]scheduler|tenant[_-]schemas[_-]celery|longterm[_-]scheduler"
    r"|DatabaseScheduler|(?:from|import) celery\.beat\b(?! import SchedulingError\s)"
    r"|from celery import beat\b"
    r"|beat_scheduler\b(?![^\n]*[\"']celery\.beat[.:])|CELERYBEAT_SCHEDULER\b"
    r"|scheduler_cls|--scheduler\b|\bbeat\b[^\n]*\s-S\b",
    ("beat", "scheduler", "tenant"),
)
#: Beside Python's files, what names libraries and starts beat.
_FILES: Final = (
    *("Procfile", "Dockerfile", "Makefile", "Pipfile", "pyproject.toml", "setup.cfg"),
    *("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"),
    *("requirements.txt", "requirements/base.txt", "requirements/production.txt"),
)
_TOLD: Final[Slot[bool]] = Slot(lambda: False)


def own_scheduler(model: Model) -> bool | None:
    """Whether the settings name Celery's own scheduler; None where they name none.

    Then it most likely is Celery's own: unless `names_another`.
    """
    named = scheduler_of(model)
    return None if named is None else named == OWN_SCHEDULER


def names_another(model: Model) -> bool:
    """Tell whether anything in the project speaks of a scheduler that is not Celery's own."""
    told = _TOLD.get(model.notes)
    if told is None:
        said = chain((model.module.text,), _texts(model))
        told = any(_OTHER.found(text.lower()) for text in said)
        _TOLD.put(model.notes, told)
    return told


def _texts(model: Model) -> Iterator[str]:
    files = current_files()
    root = root_of(model.project.folder)
    if root is None or not files.is_file(model.project.path):
        return
    paths = [os.path.join(root, name) for name in _FILES]
    paths += [
        os.path.normpath(os.path.join(model.project.base(), given))
        for given in model.options.celery_worker_commands
    ]
    yield from map(files.text, filter(files.is_file, paths))
    yield from texts(model)
