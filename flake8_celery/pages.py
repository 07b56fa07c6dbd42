"""A rule's page, from its docstring: for the documentation, the terminal and the tests."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flake8_celery.record import NamedTuple
from flake8_celery.text import module_source

if TYPE_CHECKING:
    from flake8_celery.core.engine.rule import Rule

FAMILIES: Final = {
    "limits": "CEL1xx Short tasks",
    "atomicity": "CEL2xx Idempotent and atomic",
    "delivery": "CEL3xx Delivery and retries",
    "contract": "CEL4xx Signatures are a public interface",
    "routing": "CEL5xx Queues",
    "canvas": "CEL6xx Canvas",
    "schedule": "CEL7xx Beat schedules",
    "config": "CEL8xx Settings",
    "declaration": "CEL9xx Declaring tasks",
}


class Mark(NamedTuple):
    """Carets under a span of an example: 1-based line, 0-based columns, the text beside."""

    line: int
    start: int
    end: int
    text: str


class Example(NamedTuple):
    """A code block of a rule's docstring."""

    verdict: str
    """`bad` or `good`."""
    settings: dict[str, str]
    """What stands behind the verdict: option values, and `file` for the file's name."""
    source: str
    marks: tuple[Mark, ...]


def docstring(info: Rule) -> str:
    """A rule's docstring, cleaned."""
    text = importlib.import_module(info.module).__doc__
    if text is None:
        # python -OO drops it
        text = ast.get_docstring(ast.parse(module_source(info.module)))
    return inspect.cleandoc(text or "")


def examples(text: str) -> list[Example]:
    """The tagged code blocks of a docstring, their caret lines taken out."""
    found: list[Example] = []
    lines: list[str] | None = None
    tag: list[str] = []
    for line in text.splitlines():
        if lines is None:
            if line.startswith("```python "):
                tag, lines = line.split()[1:], []
        elif line == "```":
            found.append(_example(tag, lines))
            lines = None
        else:
            lines.append(line)
    return found


def _example(tag: list[str], lines: list[str]) -> Example:
    source: list[str] = []
    marks: list[Mark] = []
    for line in lines:
        carets = line.strip().partition(" ")[0]
        if carets and not carets.strip("^"):
            start = len(line) - len(line.lstrip())
            text = line.strip().partition(" ")[2]
            marks.append(Mark(len(source), start, start + len(carets), text))
        else:
            source.append(line)
    settings = dict(item.split("=", 1) for item in tag[1:])
    return Example(tag[0], settings, "\n".join(source) + "\n", tuple(marks))


def page(info: Rule) -> str:
    """The page of one rule in Markdown."""
    body = docstring(info)
    summary, _, rest = body.partition("\n")
    clean: list[str] = []
    for line in rest.strip().splitlines():
        if line.startswith("```python"):
            said = _said(line)
            # an example may follow another at once
            clean += [*([""] if said and clean[-1] else []), *said, "```python"]
        else:
            clean.append(line)
    state = "on by default" if info.default else "off by default: select it by name"
    if info.option:
        state = f"on where `{info.option}` is set"
    head = (
        f"# {info.code} {info.symbol}\n\n{summary}\n\n"
        f"flake8 `{info.code}` · pylint `{info.pylint}` `celery-{info.symbol}` · {state}\n\n"
    )
    return head + "\n".join(clean) + "\n" + _fix(info)


def _said(fence: str) -> list[str]:
    """What stands above an example: the options that it needs, and its file's name."""
    settings = dict(item.split("=", 1) for item in fence.split()[2:])
    file = settings.pop("file", "")
    parts = [f"`{name} = {value}`" for name, value in settings.items()]
    said = f"with {', '.join(parts)}" if parts else ""
    said += f"{', ' if said and file else ''}in `{file}`" if file else ""
    return [f"{said[0].upper()}{said[1:]}:", ""] if said else []


def _fix(info: Rule) -> str:
    """What `flake8-celery fix` does about a rule's findings."""
    from flake8_celery.fixes.table import FIXERS, UNSAFE, about

    if info.code not in FIXERS:
        return ""
    how = "`flake8-celery fix --unsafe`" if info.code in UNSAFE else "`flake8-celery fix`"
    return f"\n## Fix\n\n{how}, where it can: {about(info.code)}\n"


def table(infos: Iterable[Rule], folder: str) -> str:
    """A Markdown table of rules, each linked to its page in `folder`."""
    rows = ["| code | name | what it finds |", "| --- | --- | --- |"]
    for info in infos:
        off = "" if info.default else " (off by default)"
        if info.option:
            off = f" (on with `{info.option}`)"
        summary = info.summary.replace("|", "\\|")
        rows.append(f"| [{info.code}]({folder}{info.code}.md) | {info.symbol} | {summary}{off} |")
    return "\n".join(rows) + "\n"
