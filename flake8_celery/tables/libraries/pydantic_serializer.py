"""celery-pydantic: a serializer of its own, for models as arguments and results."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library

LIBRARY: Final = Library(
    "celery-pydantic", "1.0.1", serializers=frozenset({"celery_pydantic.pydantic_celery"})
)
