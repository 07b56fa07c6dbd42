"""What a fixer sees of a file: its text, its tree and its tokens, all by offsets in the text."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple, TypeVar

from flake8_celery.core.engine.run import Finding

Node = TypeVar("Node", bound=ast.AST)

_LINE: Final = re.compile(r"\r\n|\r|\n")
_SILENT: Final = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
        tokenize.ENCODING,
    }
)
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}


class Edit(NamedTuple):
    """A piece of the text, `start` to `end`, and what stands there afterwards."""

    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """What puts one finding right. Safe: what stands there has this reading only."""

    edits: tuple[Edit, ...]
    safe: bool = True


class Token(NamedTuple):
    """A token that means something: no comment, no end of a line."""

    start: int
    end: int
    text: str


class Site:
    """One file. `text` may end its lines in any way; `findings` are all that it has.

    Raises what `ast.parse` and `tokenize` do.
    """

    def __init__(self, text: str, findings: Sequence[Finding] = ()) -> None:
        self.text = text
        self.findings = findings
        self._starts = [0, *(match.end() for match in _LINE.finditer(text))]
        self.tree = ast.parse(text)

    # -- places

    def offset(self, line: int, column: int) -> int:
        """The offset of a 1-based line and a 0-based column in characters."""
        if line > len(self._starts):
            return len(self.text)
        return min(self._starts[line - 1] + column, len(self.text))

    def _byte(self, line: int, column: int) -> int:
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        content = self.text[start:end]
        if content.isascii():
            return start + column
        return start + len(content.encode()[:column].decode("utf-8", "replace"))

    def spelled(self, module: str, *paths: str) -> str:
        """How one of `paths` of `module` is written here, by the imports at the top; else empty.

        Where the module itself is imported, the last of them.
        """
        for statement in self.tree.body:
            if isinstance(statement, ast.ImportFrom) and statement.module == module:
                for alias in statement.names:
                    for path in paths:
                        first, dot, rest = path.partition(".")
                        if alias.name == first:
                            return f"{alias.asname or first}{dot}{rest}"
            elif isinstance(statement, ast.Import):
                for alias in statement.names:
                    if alias.name == module:
                        return f"{alias.asname or module}.{paths[-1]}"
        return ""

    def start(self, node: ast.AST) -> int:
        """Where a node begins."""
        return self._byte(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """Where a node ends."""
        return self._byte(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def source(self, node: ast.AST) -> str:
        """The text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def span(self, finding: Finding) -> tuple[int, int]:
        """Where a finding begins and ends."""
        return (
            self.offset(finding.line, finding.column),
            self.offset(finding.end_line, finding.end_column),
        )

    # -- nodes

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Every node's parent."""
        found: dict[ast.AST, ast.AST] = {}
        stack: list[ast.AST] = [self.tree]
        while stack:
            node = stack.pop()
            for child in ast.iter_child_nodes(node):
                found[child] = node
                stack.append(child)
        return found

    @cached_property
    def _by_start(self) -> dict[tuple[int, int], list[ast.AST]]:
        found: dict[tuple[int, int], list[ast.AST]] = {}
        for node in self.parents:
            if hasattr(node, "lineno"):
                key = node.lineno, node.col_offset  # type: ignore[attr-defined]
                found.setdefault(key, []).append(node)
        return found

    def at(self, finding: Finding, kind: type[Node]) -> Node | None:
        """The node of a kind that spans exactly what a finding marks."""
        start, end = self.span(finding)
        for node in self._near(finding, kind):
            if (self.start(node), self.end(node)) == (start, end):
                return node
        return None

    def keyword(self, finding: Finding) -> ast.keyword | None:
        """The keyword argument whose name a finding marks."""
        start, end = self.span(finding)
        for node in self._near(finding, ast.keyword):
            if self.start(node) == start and self.text[start:end] == node.arg:
                return node
        return None

    def named(self, finding: Finding) -> ast.AST | None:
        """The name or attribute whose last name a finding marks."""
        start, end = self.span(finding)
        for node in self.parents:
            if isinstance(node, (ast.Name, ast.Attribute)) and self.end(node) == end:
                last = node.id if isinstance(node, ast.Name) else node.attr
                if self.text[start:end] == last:
                    return node
        return None

    def _near(self, finding: Finding, kind: type[Node]) -> Iterator[Node]:
        line = finding.line
        start = self._starts[line - 1] if line <= len(self._starts) else 0
        before = self.text[start : start + finding.column]
        column = len(before.encode("utf-8", "surrogatepass"))
        for node in self._by_start.get((line, column), ()):
            if isinstance(node, kind):
                yield node

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What holds a node, from the inside outwards."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def function_around(self, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The nearest function that holds a node."""
        for holder in self.above(node):
            if isinstance(holder, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return holder
        return None

    def argument_of(self, node: ast.AST) -> ast.Call | None:
        """The call that a node is an argument of, by position or by keyword."""
        holder = self.parents.get(node)
        if isinstance(holder, ast.keyword):
            holder = self.parents.get(holder)
        if isinstance(holder, ast.Call) and holder.func is not node:
            return holder
        return None

    # -- tokens

    @cached_property
    def _tokens(self) -> tuple[list[Token], list[int], list[tuple[int, int]]]:
        """All tokens that mean something, where they start, and the places of comments."""
        tokens: list[Token] = []
        comments: list[tuple[int, int]] = []
        lines = io.StringIO(self.text, newline=None)
        for token in tokenize.generate_tokens(lines.readline):
            start, end = self.offset(*token.start), self.offset(*token.end)
            if token.type == tokenize.COMMENT:
                comments.append((start, end))
            elif token.type not in _SILENT:
                tokens.append(Token(start, end, token.string))
        return tokens, [token.start for token in tokens], comments

    def before(self, offset: int) -> Token | None:
        """The last token that ends at or before an offset."""
        tokens, starts, _ = self._tokens
        place = bisect_right(starts, offset) - 1
        while place >= 0 and tokens[place].end > offset:
            place -= 1
        return tokens[place] if place >= 0 else None

    def after(self, offset: int) -> Token | None:
        """The first token that starts at or after an offset."""
        tokens, starts, _ = self._tokens
        place = bisect_right(starts, offset - 1)
        return tokens[place] if place < len(tokens) else None

    @cached_property
    def _partners(self) -> dict[int, int]:
        """Where each bracket's partner starts, both ways."""
        found: dict[int, int] = {}
        stack: list[Token] = []
        for token in self._tokens[0]:
            if token.text in _OPENING:
                stack.append(token)
            elif stack and token.text == _OPENING[stack[-1].text]:
                start = stack.pop().start
                found[start], found[token.start] = token.start, start
        return found

    def brackets(self, call: ast.Call) -> tuple[int, int]:
        """Where the opening and the closing bracket of a call stand."""
        closing = self.end(call) - 1
        return self._partners[closing], closing

    def partner(self, offset: int) -> int | None:
        """Where the other of two brackets stands."""
        return self._partners.get(offset)

    def outer(self, node: ast.AST) -> tuple[int, int]:
        """The place of an expression with the brackets of its own around it."""
        start, end = self.start(node), self.end(node)
        holder = self.parents.get(node)
        call = holder if isinstance(holder, ast.Call) else self.parents.get(holder or node)
        taken = self.brackets(call)[0] if isinstance(call, ast.Call) else -1
        limit = self.start(holder) if holder is not None and hasattr(holder, "lineno") else 0
        while True:
            left, right = self.before(start), self.after(end)
            if left is None or right is None or left.text != "(" or left.start == taken:
                return start, end
            if self._partners.get(left.start) != right.start or left.start < limit:
                return start, end
            start, end = left.start, right.end

    def has_comment(self, start: int, end: int) -> bool:
        """Whether a comment begins between two offsets."""
        return any(start <= place[0] < end for place in self._tokens[2])


# -- edits that many fixers need


def add_argument(site: Site, call: ast.Call, text: str) -> Edit:
    """Give a call one more argument, behind the others."""
    _, closing = site.brackets(call)
    return add_last(site, closing, text)


def add_last(site: Site, closing: int, text: str) -> Edit:
    """Put one more element before a closing bracket."""
    last = site.before(closing)
    assert last is not None
    if last.text == ",":
        return Edit(last.end, last.end, f" {text}")
    if site.partner(closing) == last.start:
        return Edit(last.end, last.end, text)
    return Edit(last.end, last.end, f", {text}")


def drop(site: Site, start: int, end: int) -> Edit | None:
    """Take an element of a list in brackets away, with one comma; None where a comment would go."""
    left, right = site.before(start), site.after(end)
    if left is None or right is None:
        return None
    following = site.after(right.end) if right.text == "," else None
    if following is not None and following.text not in ")]}":
        edit = Edit(start, following.start, "")
    elif right.text == ",":
        edit = Edit(left.end, right.end, "")
    elif left.text == ",":
        edit = Edit(left.start, end, "")
    else:
        edit = Edit(start, end, "")
    return None if site.has_comment(edit.start, edit.end) else edit


def name_argument(site: Site, value: ast.expr, name: str) -> Edit | None:
    """Make the last argument by position one by keyword; None where that can't be."""
    call = site.argument_of(value)
    if call is None or value not in call.args or call.args[-1] is not value:
        return None
    if any(keyword.arg in (None, name) for keyword in call.keywords):
        return None
    start = site.outer(value)[0]
    return Edit(start, start, f"{name}=")


def as_tuple(site: Site, node: ast.expr) -> tuple[Edit, ...]:
    """Make a tuple of an expression: brackets of its own are used."""
    start, end = site.start(node), site.end(node)
    if site.outer(node) != (start, end):
        return (Edit(end, end, ","),)
    return Edit(start, start, "("), Edit(end, end, ",)")


def in_quotes(site: Site, node: ast.expr, old: str, new: str) -> Edit | None:
    """Another text between the same quotes; None where the text is not written as it reads."""
    if not isinstance(node, ast.Constant) or node.value != old:
        return None
    start, end = site.start(node), site.end(node)
    written = site.text[start:end]
    place = written.find(old)
    if not old or place < 0 or written.count(old) != 1 or "\\" in new or "\n" in written:
        return None
    # a prefix and one pair of quotes, nothing joined
    quotes = written[place + len(old) :]
    if not quotes or quotes.strip("'\"") or not written[:place].endswith(quotes):
        return None
    if any(sign in new for sign in "'\"\n"):
        return None
    return Edit(start + place, start + place + len(old), new)
