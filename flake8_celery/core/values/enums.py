"""What sort of Enum a class is, by the names of its bases."""

from __future__ import annotations

from collections.abc import Iterable


def enum_kind_of(bases: Iterable[str]) -> str | None:
    """`plain`, `mixed` (with str or int, its text is not its value), `text`; None for no Enum.

    `bases` are dotted names, those of its ancestors' bases among them.
    """
    kind: str | None = None
    mixed = False
    for base in bases:
        last = base.rpartition(".")[2]
        if last in ("StrEnum", "IntEnum", "TextChoices", "IntegerChoices"):
            return "text"
        if last in ("Enum", "Flag", "IntFlag"):
            kind = "plain"
        elif last in ("str", "int"):
            mixed = True
    return "mixed" if kind and mixed else kind
