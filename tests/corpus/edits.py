"""How a mistake is written into a file: pieces of its text, replaced by others."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.corpus.names import FUNCTIONS, Source
from tests.corpus.sites import Sites

Edit = tuple[int, int, str]


class Change(NamedTuple):
    """One mistake: the file, the places and texts that change, and about what."""

    source: Source
    edits: tuple[Edit, ...]
    node: ast.AST

    @property
    def text(self) -> str:
        """The whole file with the mistake in it."""
        text = self.source.text
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text


class Kind(NamedTuple):
    """A kind of mistake, and the rules of which one must tell it."""

    name: str
    family: str
    codes: tuple[str, ...]
    make: Callable[[Sites], Iterator[Change]]


KINDS: list[Kind] = []


def kind(name: str, family: str, *codes: str) -> Callable[..., Callable[[Sites], Iterator[Change]]]:
    """Declare one."""

    def declare(make: Callable[[Sites], Iterator[Change]]) -> Callable[[Sites], Iterator[Change]]:
        KINDS.append(Kind(name, family, codes, make))
        return make

    return declare


# -- pieces of text


def span(source: Source, node: ast.AST) -> tuple[int, int]:
    """Where a node starts and ends in the text."""
    where = vars(node)
    return (
        source.offset(where["lineno"], where["col_offset"]),
        source.offset(where["end_lineno"], where["end_col_offset"]),
    )


def text_of(source: Source, node: ast.AST) -> str:
    start, end = span(source, node)
    return source.text[start:end]


def swap(source: Source, node: ast.AST, new: str) -> Edit:
    return (*span(source, node), new)


def misspelt(name: str) -> str | None:
    """The name with two letters of its middle the wrong way round; None where it is too short."""
    start = max(name.rfind("."), name.rfind("_")) + 1
    if len(name) - start < 4:
        start = max(name.rfind(".") + 1, len(name) - 6)
    for i in range(start + 1, len(name) - 1):
        if name[i] != name[i + 1] and name[i].isalpha() and name[i + 1].isalpha():
            return name[:i] + name[i + 1] + name[i] + name[i + 2 :]
    return None


def keyword_name(source: Source, keyword: ast.keyword, new: str) -> Edit:
    start, _ = span(source, keyword)
    return start, start + len(keyword.arg or ""), new


def tokens(source: Source, call: ast.AST) -> list[tuple[int, int, str]]:
    """What an expression is written with, comments left out: start, end and text."""
    start, end = span(source, call)
    text = source.text[start:end]
    lines = [start]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    found = []
    try:
        for t in tokenize.generate_tokens(io.StringIO(text).readline):
            if t.type != tokenize.COMMENT and t.string.strip():
                first = lines[t.start[0] - 1] + t.start[1]
                found.append((first, first + len(t.string), t.string))
    except (tokenize.TokenError, IndentationError):
        pass  # told at the end of what spans lines; all that came before is there
    return found


def append(source: Source, call: ast.expr, written: str) -> Edit:
    """Give a call, or a decorator that is none, one more argument."""
    _, end = span(source, call)
    if not isinstance(call, ast.Call):
        return end, end, f"({written})"
    before = [t for t in tokens(source, call) if t[1] < end][-1]
    if before[2] in ("(", ","):
        return end - 1, end - 1, written
    return before[1], before[1], f", {written}"


def without(source: Source, call: ast.Call, argument: ast.AST) -> Edit | None:
    """Take an argument away, and its comma."""
    written = tokens(source, call)
    start, end = span(source, argument)
    for _, stop, text in written:
        if stop > end:
            if text == ",":
                return start, stop, ""
            break
    before = [t for t in written if t[1] <= start]
    if before and before[-1][2] == ",":
        return before[-1][0], end, ""
    return (start, end, "") if before and before[-1][2] == "(" else None


def statement(source: Source, node: ast.AST) -> tuple[ast.stmt, str] | None:
    """The statement that a node stands in and its indent, where it has lines of its own."""
    found = next((n for n in (node, *source.around(node)) if isinstance(n, ast.stmt)), None)
    if found is None:
        return None
    start, end = span(source, found)
    line = source.offset(found.lineno, 0)
    indent = source.text[line:start]
    rest = source.text[end:].partition("\n")[0].strip()
    if indent.strip() or (rest and not rest.startswith("#")):
        return None
    return found, indent


def block(
    source: Source, node: ast.AST, before: str, after: str = "", deeper: int = 1
) -> Edit | None:
    """Put a statement below others: `before` and `after` stand at its indent."""
    found = statement(source, node)
    if found is None:
        return None
    outer, indent = found
    start, end = span(source, outer)
    text = source.text[start:end]
    if '"""' in text or "'''" in text:
        return None
    pad = "    " * deeper
    head = "".join(f"{line}\n{indent}" for line in before.splitlines())
    tail = "".join(f"\n{indent}{line}" for line in after.splitlines())
    return start, end, head + pad + text.replace("\n", "\n" + pad) + tail


def first_in(source: Source, function: ast.AST, line: str) -> Edit | None:
    """A statement before all others of a function's body."""
    body = vars(function)["body"]
    if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    found = statement(source, body[0])
    if found is None or isinstance(found[0], (*FUNCTIONS, ast.ClassDef)):
        return None
    start, _ = span(source, body[0])
    return start, start, f"{line}\n{found[1]}"


def change(source: Source, node: ast.AST, *edits: Edit | None) -> Iterator[Change]:
    """One, where all pieces could be made."""
    if all(edit is not None for edit in edits):
        yield Change(source, tuple(e for e in edits if e is not None), node)


def renamed(source: Source, keywords: list[ast.keyword], known: frozenset[str]) -> Iterator[Change]:
    """Each known keyword misspelt."""
    for keyword in keywords:
        wrong = misspelt(keyword.arg or "") if keyword.arg in known else None
        if wrong is not None:
            yield from change(source, keyword, keyword_name(source, keyword, wrong))
