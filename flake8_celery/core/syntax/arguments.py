"""The arguments of one call."""

from __future__ import annotations

import ast
from collections.abc import Mapping


def argument_of(call: ast.Call, position: int, name: str) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    return call.args[position] if position < len(call.args) else None


class Arguments:
    """The arguments of one call: by position, by keyword, and whether splats hide some."""

    __slots__ = ("keywords", "positional", "splat", "splat_keywords")

    def __init__(self, call: ast.Call | None) -> None:
        self.positional: list[ast.expr] = []
        self.keywords: dict[str, ast.keyword] = {}
        self.splat = False
        """A `*args` is among them: positions after it are unknown."""
        self.splat_keywords = False
        """A `**kwargs` is among them: any keyword may be given."""
        if call is None:
            return
        for argument in call.args:
            if isinstance(argument, ast.Starred):
                self.splat = True
            elif not self.splat:
                self.positional.append(argument)
        for keyword in call.keywords:
            if keyword.arg is None:
                self.splat_keywords = True
            else:
                self.keywords[keyword.arg] = keyword

    def spread(self, found: Mapping[str, ast.keyword]) -> None:
        """Take in all that the call's `**` splats were found to hold."""
        for name, keyword in found.items():
            self.keywords.setdefault(name, keyword)
        self.splat_keywords = False

    def get(self, name: str, position: int | None = None) -> ast.expr | None:
        """The argument given by keyword, or by position (0-based), or None."""
        keyword = self.keywords.get(name)
        if keyword is not None:
            return keyword.value
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None

    def lacks(self, name: str, position: int | None = None) -> bool:
        """Tell whether the argument is certainly not given."""
        if name in self.keywords or self.splat_keywords:
            return False
        return position is None or (position >= len(self.positional) and not self.splat)
