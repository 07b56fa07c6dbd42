"""One Python module: its text, its tree, its columns."""

from __future__ import annotations

import ast
import io
from collections.abc import Sequence

from flake8_celery.core.syntax.regions import MODULE, Scope


def lines_of(text: str) -> list[str]:
    """The physical lines as Python's parser counts them: a form feed or U+2028 ends none."""
    return io.StringIO(text, newline=None).readlines()


class Module:
    """One parsed module.

    `text` is the source, `tree` its tree, `lines` the physical lines with their ends. Columns in
    the tree count UTF-8 bytes; `column` turns one into a count of characters.
    """

    __slots__ = (
        "_parents",
        "_said",
        "called",
        "filename",
        "is_stub",
        "lines",
        "region",
        "text",
        "tree",
    )

    def __init__(
        self, text: str, filename: str, tree: ast.Module, lines: Sequence[str] | None = None
    ) -> None:
        self.called: frozenset[str] = frozenset()
        """Names that tasks are called by (`charge`, or `bank` in `bank.charge(1)`), known from
        elsewhere; else only what sounds like a task is looked up."""
        self.text = text
        self.filename = filename
        self.tree = tree
        self.lines = lines if lines is not None else lines_of(text)
        self.is_stub = filename.endswith(".pyi")
        self.region = Scope(MODULE, tree, None)
        self._parents: dict[ast.AST, dict[ast.AST, ast.AST]] = {}
        self._said: dict[str, bool] = {}

    def says(self, word: str) -> bool:
        """Tell whether a word stands anywhere in the source; the text is searched once for it."""
        known = self._said.get(word)
        if known is None:
            known = self._said[word] = word in self.text
        return known

    @property
    def names_celery(self) -> bool:
        """The word stands somewhere in the source, capitals and first letter aside."""
        return self.says("elery") or self.says("ELERY")

    def column(self, line: int, offset: int) -> int:
        """The character column of the byte `offset` on the 1-based `line`."""
        if line < 1 or line > len(self.lines):
            return offset
        text = self.lines[line - 1]
        if text.isascii():
            return offset
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))

    def parent(self, node: ast.AST, statement: ast.stmt) -> ast.AST | None:
        """The node that holds `node` inside one statement; blocks of the statement not included."""
        parents = self._parents.get(statement)
        if parents is None:
            parents = self._parents[statement] = {}
            stack: list[ast.AST] = [statement]
            while stack:
                holder = stack.pop()
                for child in ast.iter_child_nodes(holder):
                    if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
                        parents[child] = holder
                        stack.append(child)
        return parents.get(node)
