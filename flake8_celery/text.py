"""Text that comes from elsewhere - the linted code, its paths, a lock - as it may be printed."""

from __future__ import annotations


def plain(text: str) -> str:
    r"""On one line, with what a terminal or a reader of lines may obey escaped: `\n`, `\x1b`."""
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


class Plain(str):
    """A text that is printed plain; else it is what it was."""

    __slots__ = ()

    def __str__(self) -> str:
        return plain(self[:])

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def module_source(name: str) -> str:
    """The source of a module of ours, from wherever it was imported; empty where there is none."""
    import importlib.util

    spec = importlib.util.find_spec(name)
    source = getattr(spec.loader, "get_source", None) if spec is not None else None
    return (source(name) or "") if source is not None else ""
