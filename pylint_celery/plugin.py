"""The pylint half: every CEL rule as a pylint message. All judging is done in `flake8_celery.core`.

`load-plugins = pylint_celery.plugin`; the options are those of the flake8 half, under
`[tool.pylint.celery]`.
"""

from __future__ import annotations

import io
import tokenize
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from astroid import nodes
from pylint.checkers import BaseChecker
from pylint.interfaces import HIGH, INFERENCE

from flake8_celery.core.engine import Finding, lint, rules
from flake8_celery.core.source import passes_gate
from flake8_celery.options import FLAG, LIST, OPTIONS, Options
from flake8_celery.rules._advice import OPT_IN
from pylint_celery.resolver import AstroidResolver

if TYPE_CHECKING:
    from pylint.lint import PyLinter

#: Messages that no rule stands behind.
OWN: Final[dict[str, tuple[str, str, str]]] = {
    "CEL000": (
        "E8790",
        "celery-internal-error",
        "A rule failed. All others still ran; please report it.",
    ),
    "CEL001": ("E8791", "celery-option", "An option of ours has a value that is not understood."),
}
_KINDS: Final = {LIST: "csv", FLAG: "yn"}


def _messages(block: str) -> dict[str, Any]:
    """The messages whose id lies in a block: the two digits after the letter."""
    found: dict[str, Any] = {}
    for info in rules():
        if info.pylint[1:3] == block:
            more = {"default_enabled": info.default}
            text = f"{info.summary} flake8 calls it {info.code}."
            found[info.pylint] = (info.message, f"celery-{info.symbol}", text, more)
    for code, (number, symbol, text) in OWN.items():
        if number[1:3] == block:
            found[number] = ("%s", symbol, f"{text} flake8 calls it {code}.")
    return found


def _options() -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple(
        (
            spec.name,
            {
                "type": _KINDS.get(spec.kind, "string"),
                "default": () if spec.kind == LIST else spec.default,
                "metavar": f"<{spec.metavar}>",
                "help": spec.help.replace("%", "%%"),
            },
        )
        for spec in OPTIONS
    )


class CeleryChecker(BaseChecker):
    """Reports the findings of one block of message ids; pylint wants a class for each."""

    name = "celery"
    block: ClassVar[str] = ""

    def __init__(self, linter: PyLinter) -> None:
        super().__init__(linter)
        self.parsed = Options()
        self._symbols = {
            info.code: f"celery-{info.symbol}" for info in rules() if info.pylint[1:3] == self.block
        }
        for code, (number, symbol, _) in OWN.items():
            if number[1:3] == self.block:
                self._symbols[code] = symbol

    def open(self) -> None:
        """Take in the options."""
        config = self.linter.config
        values = {spec.name: getattr(config, spec.attribute, spec.default) for spec in OPTIONS}
        self.parsed = Options(values)
        # pylint itself drops what is not enabled, also where a comment enables it for one file
        self.parsed.selected = frozenset(OPT_IN)

    def visit_module(self, node: nodes.Module) -> None:
        """Report what was found in the file."""
        for finding in _judged(node, self.parsed):
            symbol = self._symbols.get(finding.code)
            if symbol is None:
                continue
            own = finding.code in OWN
            self.add_message(
                symbol,
                node=node,
                line=finding.line,
                col_offset=finding.column,
                end_lineno=finding.end_line,
                end_col_offset=finding.end_column,
                args=(finding.message,) if own else finding.arguments,
                confidence=INFERENCE if finding.inferred else HIGH,
            )

    def leave_module(self, node: nodes.Module) -> None:
        """Let the module go."""
        _last.clear()


class ExecutionChecker(CeleryChecker):
    """Limits, atomicity and delivery; the one that declares the options."""

    block = "85"
    msgs = _messages("85")
    options = _options()


class MessageChecker(CeleryChecker):
    """Signatures, queues and canvas."""

    block = "86"
    msgs = _messages("86")


class DeclarationChecker(CeleryChecker):
    """Schedules, settings and declarations."""

    block = "87"
    msgs = _messages("87")


_last: dict[nodes.Module, list[Finding]] = {}
"""The module that is being linted: its findings are wanted by each checker, whichever are on."""


def _judged(node: nodes.Module, options: Options) -> list[Finding]:
    found = _last.get(node)
    if found is None:
        _last.clear()
        found = _last[node] = _judge(node, options)
    return found


def _judge(node: nodes.Module, options: Options) -> list[Finding]:
    text = _text(node)
    filename = node.file or f"{node.name}.py"
    if not passes_gate(text, filename, options.extra_needles):
        return []
    found = [Finding(1, 0, 1, 0, "CEL001", problem) for problem in options.problems]
    # what can't be parsed pylint itself reports
    with suppress(SyntaxError, ValueError, RecursionError):
        found += lint(text, filename, options, resolver=partial(AstroidResolver, node))
    return found


def _text(node: nodes.Module) -> str:
    """The module's source: the buffer under --from-stdin, not the file."""
    with node.stream() as stream:
        if stream is None:
            return ""
        raw = stream.read()
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(raw).readline)[0]
        return io.TextIOWrapper(io.BytesIO(raw), encoding).read()
    except (SyntaxError, LookupError, UnicodeDecodeError):
        return ""


def register(linter: PyLinter) -> None:
    """Register the checkers, once, however many names of this plugin are loaded."""
    if any(isinstance(checker, CeleryChecker) for checker in linter.get_checkers()):
        return
    for checker in (ExecutionChecker, MessageChecker, DeclarationChecker):
        linter.register_checker(checker(linter))
