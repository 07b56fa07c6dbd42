"""The old PyPI package pylint-celery, which installs a module `pylint_celery` as we do."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from functools import cache
from typing import Final

from flake8_celery.core.project.reading import read_file

OLD: Final = "pylint-celery"
MARKER: Final = b"from pylint_celery.plugin import"
"""Stands in our `pylint_celery/__init__.py`, and not in theirs."""
CURE: Final = (
    "pip uninstall pylint-celery, then pip install --force-reinstall --no-deps flake8-celery"
)


def old_version() -> str:
    """The version of the old package where it is installed; else empty."""
    try:
        return importlib.metadata.version(OLD)
    except importlib.metadata.PackageNotFoundError:
        return ""


@cache
def replaced() -> str:
    """What CEL004 says where `import pylint_celery` does not find our module; else empty.

    Looks the module up and does not import it; once a process.
    """
    try:
        spec = importlib.util.find_spec("pylint_celery")
    except (ImportError, ValueError):
        return ""
    if spec is None:
        return ""
    if spec.origin is None or spec.loader is None:
        # what pip leaves when it uninstalls the old package over ours
        return f"pylint_celery/__init__.py is gone, pylint can't load our half: {CURE}"
    try:
        if MARKER in read_file(spec.origin):
            return ""
    except OSError:
        return ""
    return (
        "the old package pylint-celery has taken our module's place, "
        f"load-plugins=pylint_celery reports nothing: {CURE}"
    )
