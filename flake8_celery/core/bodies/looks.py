"""What the text of a module says of a function, without parsing it.

Asked of the modules that tasks call into: most define a class of the name, or a function that makes
no call of interest. Only what surely holds is said; what the lines leave open is for the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final


def is_class(name: str, text: str) -> bool:
    """Whether a class of the name, and no function, stands at the module's top."""
    return f"def {name}" not in text and any(f"\nclass {name}{after}" in text for after in "(:[")


def may_call(name: str, text: str, words: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a function of the module may call one of `names`, however it gets at them.

    True where its lines are no plain block, or the module may have a name of its own for one, in a
    line with one of the words.
    """
    for head in re.finditer(rf"def {name}\b", text):
        after = _AT_TOP.search(text, head.end())
        body = text[head.end() : after.start() if after else len(text)]
        whole = body.count("(") == body.count(")") and not any(
            body.count(quotes) % 2 for quotes in ('"""', "'''")
        )
        if not whole or any(f"{called}(" in body for called in names):
            return True
    renamed = re.compile(
        r"(?m)\b(?:{0})\s+as\s+\w+\s*(?:[,)#]|$)|[.=]\s*(?:{0})\s*(?:#|$)".format("|".join(names))
    )
    return any(renamed.search(line) for word in words for line in _lines(word, text))


_AT_TOP: Final = re.compile(r"(?m)^[^\s#)\]}]")


def _lines(word: str, text: str) -> Iterator[str]:
    """The lines with a word, an import to its closing parenthesis."""
    place = text.find(word)
    while place >= 0:
        start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
        if "(" in text[start:end] and ")" not in text[start:end]:
            end = text.find(")", end)
        end = end if end >= 0 else len(text)
        yield text[start:end]
        place = text.find(word, max(end, place + 1))


def imported_from(name: str, text: str) -> tuple[str, str] | None:
    """The module that the one `from` import of a name takes it from, and its name there."""
    found: set[tuple[str, str]] = set()
    for statement in re.finditer(r"from ([.\w]+) import (\([^)]*\)|[^\n]*)", text):
        if text[text.rfind("\n", 0, statement.start()) + 1 : statement.start()].strip():
            continue
        for item in re.sub(r"#[^\n]*|[()\\]", "", statement[2]).split(","):
            there, *renamed = item.split()[::2] or [""]
            if (renamed[0] if renamed else there) == name:
                found.add((statement[1], there))
    return found.pop() if len(found) == 1 else None
