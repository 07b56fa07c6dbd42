"""Where modules may be imported from: pylint puts the folders of the linted project on sys.path."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_BEFORE: Final = frozenset(sys.path)
"""As it was when the plugin was loaded, before any project was looked at."""


@contextmanager
def trusted_path() -> Iterator[None]:
    """Within the block nothing is imported from a folder that came later."""
    now = sys.path[:]
    sys.path[:] = [entry for entry in now if entry in _BEFORE]
    try:
        yield
    finally:
        sys.path[:] = now
