"""The resolver that knows what one module says of itself."""

from __future__ import annotations

from collections.abc import Callable

from flake8_celery.core.values.kinds import KindResolver
from flake8_celery.core.values.protocol import Resolver


class ModuleResolver(KindResolver):
    """Knows what one module says of itself: constants, imports, classes, functions."""

    @staticmethod
    def plain(module_name: Callable[[], str | None]) -> Resolver:
        """See `Resolver.plain`."""
        return ModuleResolver(module_name)
