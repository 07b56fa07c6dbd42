"""Places to report: names and spans."""

from __future__ import annotations

import ast

from flake8_celery.core.syntax.module import Module
from flake8_celery.record import NamedTuple


class Span(NamedTuple):
    """A piece of source: 1-based lines, 0-based columns in UTF-8 bytes, as in `ast`."""

    line: int
    column: int
    end_line: int
    end_column: int


def keyword_name(keyword: ast.keyword) -> Span:
    """The name of a keyword argument: where a wrong name is reported."""
    width = len((keyword.arg or "**").encode())
    line, column = keyword.lineno, keyword.col_offset
    return Span(line, column, line, column + width)


def called_name(call: ast.AST) -> Span | ast.AST:
    """The last name of what is called: where something absent is reported."""
    func: ast.AST = call.func if isinstance(call, ast.Call) else call
    if isinstance(func, ast.Attribute):
        line, end = func.end_lineno or func.lineno, func.end_col_offset or 0
        return Span(line, end - len(func.attr.encode()), line, end)
    return func


def defined_name(node: ast.AST, module: Module) -> Span | ast.AST:
    """The name of a function or class at its definition."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        lines = module.lines
        wanted = "class" if isinstance(node, ast.ClassDef) else "def"
        line = lines[node.lineno - 1] if node.lineno <= len(lines) else ""
        raw = line.encode("utf-8", "surrogatepass")
        keyword = raw.find(wanted.encode(), node.col_offset)
        start = raw.find(node.name.encode(), keyword + len(wanted)) if keyword >= 0 else -1
        if start >= 0:
            return Span(node.lineno, start, node.lineno, start + len(node.name.encode()))
        return Span(node.lineno, node.col_offset, node.lineno, node.col_offset + len(wanted))
    return node


def place_in_text(place: ast.AST | Span, module: Module) -> Span:
    """A place with its columns in characters."""
    if isinstance(place, Span):
        line, start, end_line, end = place
    else:
        line = getattr(place, "lineno", 1)
        start = getattr(place, "col_offset", 0)
        end_line = getattr(place, "end_lineno", None) or line
        end = getattr(place, "end_col_offset", None) or start
    return Span(line, module.column(line, start), end_line, module.column(end_line, end))
