"""celery-aio-pool: a pool whose tasks may be coroutine functions."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import Library

LIBRARY: Final = Library(
    "celery-aio-pool",
    "0.1.0rc8",
    pools=frozenset({"celery_aio_pool.pool:AsyncIOPool"}),
)
