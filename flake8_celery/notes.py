"""Typed places for what a higher room works out about an object of a lower one.

A lower room holds `notes`, an empty dict, and knows nothing of what is in it. The room that keeps
something there declares a `Slot`, which is both the key and the type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Kept = TypeVar("Kept")


class Slot(Generic[Kept]):
    """One kind of note. `make` gives the value that stands where nothing was kept."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], Kept]) -> None:
        self._make = make

    def of(self, notes: Notes) -> Kept:
        """What is kept in `notes`; made and kept on the first question."""
        found: Kept | None = notes.get(self)
        if found is None:
            found = notes[self] = self._make()
        return found

    def get(self, notes: Notes) -> Kept | None:
        """What is kept in `notes`, or None."""
        return notes.get(self)

    def put(self, notes: Notes, value: Kept) -> Kept:
        """Keep `value`, and give it back."""
        notes[self] = value
        return value


Notes = dict[Slot[Any], Any]
