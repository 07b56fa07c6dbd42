"""`celery-preset` in pylint: its messages are enabled, but for those that the user disables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flake8_celery.linter import rules
from flake8_celery.presets import codes

if TYPE_CHECKING:
    from pylint.lint import PyLinter

_DONE = "celery_preset_taken_in"
"""Stands on the linter, and travels into the workers with it."""
_CATEGORIES = {"C": "convention", "R": "refactor", "W": "warning", "E": "error", "I": "info"}


class Watch:
    """Stands for a linter's `disable` while the configuration is read, and notes what it is told.

    pylint itself keeps no difference between a message that is off by default and one that the
    user switched off.
    """

    def __init__(self, linter: PyLinter) -> None:
        self.linter = linter
        self.disabled: set[str] = set()

    def __call__(self, msgid: str, *more: Any, **named: Any) -> None:
        """Note it and do it."""
        self.disabled.add(msgid)
        type(self.linter).disable(self.linter, msgid, *more, **named)


def watch(linter: PyLinter) -> None:
    """Begin to note what is disabled; to be called before the configuration is read.

    Not in a worker of pylint's, which gets the linter with all of it read.
    """
    if not linter.__dict__.get(_DONE):
        linter.__dict__["disable"] = Watch(linter)


def take_in(linter: PyLinter, preset: str) -> None:
    """Enable a preset's messages; to be called once the configuration is read, once a run."""
    noted = linter.__dict__.get("disable")
    if not isinstance(noted, Watch):
        return
    del linter.__dict__["disable"]
    linter.__dict__[_DONE] = True
    if linter.__dict__.get("_error_mode"):
        return  # pylint -E
    wanted = codes(preset)
    for info in rules():
        if info.code in wanted:
            symbol = f"celery-{info.symbol}"
            letter = info.pylint[0]
            names = {symbol, info.pylint, letter, _CATEGORIES[letter], "celery", "all"}
            if noted.disabled.isdisjoint(names):
                linter.enable(symbol)
