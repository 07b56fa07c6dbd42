"""The pylint half: every CEL rule as a pylint message. All judging is done in `flake8_celery.core`.

`load-plugins = pylint_celery.plugin`; the options are those of the flake8 half, under
`[tool.pylint.celery]`.
"""

from __future__ import annotations

import copy
import difflib
import hashlib
import os
import re
import subprocess
import sys
import zoneinfo
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from astroid import nodes
from pylint.checkers import BaseChecker
from pylint.checkers.utils import safe_infer
from pylint.config import find_default_config_files
from pylint.constants import WarningScope
from pylint.interfaces import HIGH, INFERENCE

from flake8_celery.core.deployed.concerns import concerns
from flake8_celery.core.engine.run import Finding
from flake8_celery.core.model.model import Model
from flake8_celery.core.project.trusted import trusted_path
from flake8_celery.failed import failed
from flake8_celery.linter import lint, rules
from flake8_celery.misnamed import misnamed
from flake8_celery.old_plugin import CURE, OLD, old_version
from flake8_celery.options import FLAG, LIST, OPTIONS, Options, OptionSpec
from flake8_celery.own import OWN
from flake8_celery.rules._advice import OPT_IN
from flake8_celery.text import plain
from pylint_celery import brain, noise, preset, seen
from pylint_celery.resolver import AstroidResolver
from pylint_celery.whole_run import WholeRun

if TYPE_CHECKING:
    from pylint.lint import PyLinter

#: Earlier ids and symbols of a message, by its code: comments and configuration that name one go on
#: working. `{"CEL301": (("E8599", "celery-retry-argument"),)}`
RENAMED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {}
#: Options that only pylint has.
PYLINT_OPTIONS: Final = (
    OptionSpec(
        "celery-suppress",
        FLAG,
        "yes",
        "yes|no",
        "Withdraw pylint's own false alarms on idiomatic Celery: the unused self of a bound task, "
        "the signature of a signal handler, a Task class with one method, ...",
    ),
)
#: Imported now, though used later and elsewhere: while it lints, pylint looks for modules in the
#: project first, and would take one of these names from there.
EARLY: Final = (difflib, hashlib, subprocess, zoneinfo, trusted_path)
_KINDS: Final = {LIST: "csv", FLAG: "yn"}
_WHOLE: Final = "%s"
"""The template of a message that comes as a whole; pylint's help then shows the description."""


def _template(message: str) -> str:
    """The message as pylint's help shows it: one that is all placeholders says nothing there.

    At its end a place for the words of a finding that is only likely.
    """
    return f"{message}%s" if re.search(r"[a-z]", re.sub(r"%\w", "", message)) else _WHOLE


def _messages(block: str, advice: bool = False) -> dict[str, Any]:
    """The messages whose id lies in a block, the two digits after the letter: rules or advice."""
    found: dict[str, Any] = {}
    for info in rules():
        if info.pylint[1:3] == block and info.default is not advice:
            more: dict[str, Any] = {"default_enabled": info.default}
            if info.code in RENAMED:
                more["old_names"] = list(RENAMED[info.code])
            found[info.pylint] = (
                _template(info.message),
                f"celery-{info.symbol}",
                _description(info.code, info.summary),
                more,
            )
    for own in OWN:
        if own.pylint[1:3] == block and not advice:
            # what is said of the run and not of a module has a line at most
            scope = WarningScope.LINE if own.code == "CEL004" else WarningScope.NODE
            text = _description(own.code, own.summary)
            found[own.pylint] = (_WHOLE, own.symbol, text, {"scope": scope})
    return found


def _description(code: str, summary: str) -> str:
    return f"{summary} flake8 calls it {code}; `flake8-celery explain {code}` tells more."


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
        for spec in (*OPTIONS, *PYLINT_OPTIONS)
    )


class CeleryChecker(BaseChecker):
    """Reports the findings of one block of message ids; pylint wants a class for each.

    Messages of advice belong to checkers of another name, so that `--enable=celery` gives the
    rules and `--enable=celery-advice` the rest. pylint runs a checker only where a message of its
    own is on, and a comment may switch advice on for one file: the first of the two reports for
    both.
    """

    name = "celery"
    block: ClassVar[str] = ""

    def __init__(self, linter: PyLinter) -> None:
        super().__init__(linter)
        self.parsed = Options()
        self._symbols: dict[str, tuple[str, bool]] = {
            info.code: (f"celery-{info.symbol}", _template(info.message) is _WHOLE)
            for info in rules()
            if info.pylint[1:3] == self.block
        }
        for own in OWN:
            if own.pylint[1:3] == self.block:
                self._symbols[own.code] = (own.symbol, True)

    def open(self) -> None:
        """Take in the options."""
        self.parsed = _parsed(self.linter)
        enabled = self.linter.is_message_enabled
        self.parsed.selected = frozenset(
            info.code for info in rules() if not info.default and enabled(f"celery-{info.symbol}")
        )

    def visit_module(self, node: nodes.Module) -> None:
        """Report what was found in the file, unless the other checker of the block did."""
        found = _judged(node, self.parsed)
        if self.block not in _told:
            _told.add(self.block)
            self._report(node, found)

    def _report(self, node: nodes.Module, found: list[Finding]) -> None:
        for finding in found:
            if finding.code not in self._symbols:
                continue
            symbol, whole = self._symbols[finding.code]
            arguments = (*finding.arguments, finding.likely)
            self.add_message(
                symbol,
                node=_frame(node, finding.line),
                line=finding.line,
                col_offset=finding.column,
                end_lineno=finding.end_line,
                end_col_offset=finding.end_column,
                args=(finding.message,) if whole else arguments,
                confidence=INFERENCE if finding.inferred else HIGH,
            )

    def leave_module(self, node: nodes.Module) -> None:
        """Let the module go."""
        _last.clear()
        _models.clear()
        _told.clear()


class ExecutionChecker(CeleryChecker):
    """Finds what breaks Celery in production."""

    block = "85"
    msgs = _messages("85")
    options = _options()


class MessageChecker(WholeRun, CeleryChecker):
    """Signatures, queues and canvas."""

    block = "86"
    msgs = _messages("86")

    def visit_module(self, node: nodes.Module) -> None:
        """See `CeleryChecker`."""
        super().visit_module(node)
        # another checker of ours may leave the module, and let it go, before this one
        self._said = _judged(node, self.parsed)
        self._model = _models.get(node)
        self._called: dict[tuple[object, ...], str] = {}

    def visit_call(self, node: nodes.Call) -> None:
        """Look for tasks called like functions where nothing in the text says that they are tasks.

        The brain takes pylint's own check of their arguments away, so CEL401 has to speak there.
        """
        try:
            self._note_call(node)
        except Exception:  # astroid's own bugs, and code that it can't follow
            return

    def _note_call(self, node: nodes.Call) -> None:
        func = node.func
        root = func
        key: tuple[str, ...] = ()
        while isinstance(root, nodes.Attribute):
            key = (root.attrname, *key)
            root = root.expr
        if not isinstance(root, nodes.Name):
            return
        key = (root.name, *key)
        if key[-1][:1].isupper():
            return  # a class is made
        bound = node.scope().locals.get(root.name) or node.root().locals.get(root.name)
        if not bound or not _may_hold_tasks(bound[0]):
            return
        place = (bound[0], *key)
        if place not in self._called:
            task = isinstance(safe_infer(func), brain.TaskInstance)
            holder = func.expr if isinstance(func, nodes.Attribute) else func
            name = getattr(holder, "attrname", getattr(holder, "name", ""))
            self._called[place] = name if task else ""

    def leave_module(self, node: nodes.Module) -> None:
        """See `CeleryChecker`."""
        called = frozenset(filter(None, self._called.values()))
        self._called = {}
        if called:
            found = _judge(node, self.parsed, called)
            more = [f for f in found if f.code == "CEL401" and f not in self._said]
            self._report(node, more)
        super().leave_module(node)
        self._said, self._model = [], None


def _may_hold_tasks(bound: nodes.NodeNG) -> bool:
    """Whether what binds a name may bind a task, or what has one: imports and classes."""
    if isinstance(bound, nodes.ImportFrom):
        return bound.level or bound.modname.partition(".")[0] not in sys.stdlib_module_names
    if isinstance(bound, nodes.Import):
        return bound.names[0][0].partition(".")[0] not in sys.stdlib_module_names
    return isinstance(bound, nodes.ClassDef)


class DeclarationChecker(CeleryChecker):
    """Schedules, settings and declarations."""

    block = "87"
    msgs = _messages("87")


class ExecutionAdvice(CeleryChecker):
    """Advice: what is no mistake, and better done another way."""

    name = "celery-advice"
    block = "85"
    msgs = _messages("85", advice=True)


class MessageAdvice(CeleryChecker):
    """Advice on signatures, queues and canvas."""

    name = "celery-advice"
    block = "86"
    msgs = _messages("86", advice=True)


class DeclarationAdvice(CeleryChecker):
    """Advice on schedules, settings and declarations."""

    name = "celery-advice"
    block = "87"
    msgs = _messages("87", advice=True)


_CHECKERS: Final = (
    *(ExecutionChecker, MessageChecker, DeclarationChecker),
    *(ExecutionAdvice, MessageAdvice, DeclarationAdvice),
)
_told: set[str] = set()
"""The blocks whose findings in the module that is being linted are reported."""
_last: dict[nodes.Module, list[Finding]] = {}
"""The module that is being linted: its findings are wanted by each checker, whichever are on."""
_models: dict[nodes.Module, Model] = {}
"""Its facts."""


def _judged(node: nodes.Module, options: Options) -> list[Finding]:
    if node not in _last:
        _last.clear()
        _told.clear()
        _last[node] = _judge(node, options)
    return _last[node]


def _judge(
    node: nodes.Module, options: Options, called: frozenset[str] = frozenset()
) -> list[Finding]:
    """Never raises: pylint would give up the file."""
    found: list[Finding] = []
    try:
        _lint(node, options, called, found)
    except Exception as error:
        found.append(Finding(1, 0, 1, 0, "CEL000", failed(error)))
    return found


def _lint(
    node: nodes.Module, options: Options, called: frozenset[str], found: list[Finding]
) -> None:
    text = seen.text_of(node)
    filename = node.file or f"{node.name}.py"
    if not called and not concerns(text, filename, options):
        return
    wrong = (*options.problems, *misnamed(options))
    found += [Finding(1, 0, 1, 0, "CEL001", plain(problem)) for problem in wrong]
    if "enable" in text:
        # a comment may enable advice for this file; pylint itself drops what is not enabled
        options = copy.copy(options)
        options.selected = frozenset(OPT_IN)
    # what can't be parsed pylint itself reports
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        found += lint(
            text,
            filename,
            options,
            tree=seen.tree_of(node, text),
            resolver=partial(AstroidResolver, node),
            watch=partial(_note, node),
            called=called,
        )


def _note(node: nodes.Module, model: Model) -> None:
    seen.note(node, model)
    _models[node] = model


def _frame(module: nodes.Module, line: int) -> nodes.NodeNG:
    """The innermost function or class on a line, its decorators included, for the message."""
    found: nodes.NodeNG = module
    stack: list[nodes.NodeNG] = [module]
    while stack:
        node = stack.pop()
        for child in node.get_children():
            start, end = child.lineno, child.tolineno
            if start is not None and end is not None and start <= line <= end:
                if isinstance(child, (nodes.FunctionDef, nodes.ClassDef)):
                    found, stack = child, []
                stack.append(child)
    return found


def _parsed(linter: PyLinter) -> Options:
    config = linter.config
    values = {spec.name: getattr(config, spec.attribute, spec.default) for spec in OPTIONS}
    try:
        return Options(values, _config_folder(os.getcwd()))
    except OSError:  # there is no such folder any more
        return Options(values)


@cache
def _config_folder(folder: str) -> str:
    """The folder of the configuration that pylint finds from here; empty where there is none."""
    try:
        path = next(iter(find_default_config_files()), None)
    except (OSError, ValueError):
        return ""
    return os.path.dirname(os.path.abspath(path)) if path is not None else ""


def register(linter: PyLinter) -> None:
    """Register the checkers, once, however many names of this plugin are loaded."""
    if any(isinstance(checker, CeleryChecker) for checker in linter.get_checkers()):
        return
    for checker in _CHECKERS:
        linter.register_checker(checker(linter))
    preset.watch(linter)


def load_configuration(linter: PyLinter) -> None:
    """Do what needs the configuration; called after all of it is read, in each worker again."""
    _warn_of_old_plugin(linter)
    parsed = _parsed(linter)
    preset.take_in(linter, parsed.celery_preset)
    seen.configure(parsed)
    brain.enable()
    if linter.config.celery_suppress:
        noise.install(linter)


def _warn_of_old_plugin(linter: PyLinter) -> None:
    # the linter travels into the workers, and the mark with it
    if linter.__dict__.setdefault("celery_told", False):
        return
    linter.celery_told = True  # type: ignore[attr-defined]
    version = old_version()
    if version:
        text = f"{OLD} {version} is installed too and owns our module pylint_celery: {CURE}"
        linter.add_message("celery-old-plugin", line=0, args=(text,))
