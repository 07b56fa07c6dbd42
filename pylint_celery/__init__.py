"""The pylint half of flake8-celery. All of it is in `pylint_celery.plugin`."""

from __future__ import annotations

from pylint_celery.plugin import load_configuration, register

__all__ = ["load_configuration", "register"]
