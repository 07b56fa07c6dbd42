"""The comments by which a user silences a finding, as flake8 understands them."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Sequence
from functools import cache
from typing import Any

from flake8_celery.core.syntax.module import lines_of

_BETWEEN = re.compile(r"[,\s]+")


class Comments:
    """The `noqa` comments of one file; asked only where something was found."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: Sequence[str] = ()
        self._ranges: dict[int, str] | None = None
        self._any = "noqa" in text.lower()
        self.whole_file = False
        """The whole file is silent: `# flake8: noqa` on a line of its own."""
        if self._any:
            self._lines = lines_of(text)
            of_file = _patterns()[1]
            self.whole_file = any(of_file.match(line) for line in self._lines)

    def silence(self, line: int, code: str) -> bool:
        """Whether a comment on a line, or on the statement's lines that it continues, names us."""
        if not self._any:
            return False
        if self._ranges is None:
            self._ranges = self._joined()
        found = _patterns()[0].search(self._ranges.get(line, ""))
        if found is None:
            return False
        codes = found.groupdict()["codes"]
        return codes is None or code.startswith(tuple(filter(None, _BETWEEN.split(codes))))

    def _joined(self) -> dict[int, str]:
        """Line -> the text that is searched for it: a text in triple quotes counts as one line."""
        found: dict[int, str] = {}
        first = last = 0
        try:
            for token in tokenize.generate_tokens(io.StringIO("".join(self._lines)).readline):
                if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
                    continue
                first = min(first or token.start[0], token.start[0])
                last = max(last, token.end[0])
                if token.type in (tokenize.NL, tokenize.NEWLINE):
                    joined = "".join(self._lines[first - 1 : last])
                    found.update(dict.fromkeys(range(first, last + 1), joined))
                    first = last = 0
        except (tokenize.TokenError, SyntaxError):
            return {}
        return found


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What flake8 itself looks for, of the version that is installed: in a line, for a file."""
    from flake8 import defaults

    names: dict[str, Any] = vars(defaults)
    inline = names.get("NOQA_INLINE_REGEXP") or names["NOQA_INLINE_REGEX"]
    return inline, names["NOQA_FILE"]
