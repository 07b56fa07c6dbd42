"""The flake8 half: options in, findings out. All judging is done in `flake8_celery.core`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from flake8_celery import __version__
from flake8_celery.core.deployed.concerns import concerns
from flake8_celery.options import BY_NAME, LIST, OPTIONS, Options
from flake8_celery.text import plain

Row = tuple[int, int, str, type[Any]]


class Plugin:
    """A flake8 checker: made once a file, `run` gives rows of (line, column, text, type)."""

    name = "flake8-celery"
    version = __version__
    options: ClassVar[Options] = Options()

    def __init__(self, tree: ast.Module, filename: str, lines: Sequence[str]) -> None:
        self.tree = tree
        self.filename = filename
        self.lines = lines

    @classmethod
    def add_options(cls, manager: Any) -> None:
        """Register our options and switch advice off by default."""
        for spec in OPTIONS:
            manager.add_option(
                f"--{spec.name}",
                default=spec.default,
                parse_from_config=True,
                comma_separated_list=spec.kind == LIST,
                metavar=spec.metavar,
                help=spec.help.replace("%", "%%"),
            )
        from flake8_celery.rules._advice import OPT_IN

        manager.extend_default_ignore(list(OPT_IN))

    @classmethod
    def parse_options(cls, manager: Any, options: Any, args: Any) -> None:
        """Take in the options; never raises, and may be called again in any process."""
        from flake8_celery.config_file import read_section

        values = {spec.name: getattr(options, spec.attribute, spec.default) for spec in OPTIONS}
        section = read_section(
            getattr(options, "config", None), getattr(options, "isolated", False)
        )
        parsed = Options(section.uncommented(values), section.folder)
        parsed.problems += section.problems(BY_NAME)
        parsed.selected |= frozenset(
            str(code)
            for name in ("select", "extend_select", "enable_extensions")
            for code in getattr(options, name, None) or ()
        )
        if parsed.celery_preset:
            _take_in(options, parsed.celery_preset)
        cls.options = parsed

    def run(self) -> Iterator[Row]:
        """All findings of the file; never raises, as flake8 would end with it."""
        try:
            yield from self._rows()
        except Exception as error:
            from flake8_celery.failed import failed

            yield 1, 0, f"CEL000 {failed(error)}", type(self)

    def _rows(self) -> Iterator[Row]:
        options = self.options
        text = "".join(self.lines)
        if not concerns(text, self.filename, options):
            return
        from flake8_celery.core.syntax.module import Module
        from flake8_celery.linter import examine
        from flake8_celery.misnamed import misnamed
        from flake8_celery.old_plugin import replaced

        for problem in (*options.problems, *misnamed(options)):
            yield 1, 0, f"CEL001 {plain(problem)}", type(self)
        if replaced():
            yield 1, 0, f"CEL004 {replaced()}", type(self)
        module = Module(text.removeprefix("\ufeff"), self.filename, self.tree, self.lines)
        for finding in examine(module, options):
            yield finding.line, finding.column, f"{finding.code} {finding.message}", type(self)


def _take_in(options: Any, preset: str) -> None:
    """Have flake8 let a preset's advice through, as if selected; what is ignored stays ignored."""
    from flake8_celery.presets import codes

    ignored = getattr(options, "extended_default_ignore", None) or []
    options.extended_default_ignore = [code for code in ignored if code not in codes(preset)]
    selected = list(getattr(options, "extend_select", None) or ())
    if getattr(options, "select", None) and "CEL" not in selected:
        # a `select` of other codes alone would silence us
        options.extend_select = [*selected, "CEL"]
