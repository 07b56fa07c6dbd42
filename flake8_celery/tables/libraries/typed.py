"""celery-typed: registers pydantic's models with kombu's JSON."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library

LIBRARY: Final = Library(
    "celery-typed",
    "0.2.0",
    serializers=frozenset({"celery_typed.register_pydantic_serializer"}),
)
