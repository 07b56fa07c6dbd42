"""What the text of a module says of a function, without parsing it.

Asked of the modules that tasks call into: most define a class of the name, or a function that makes
no call of interest. Only what surely holds is said; what the lines leave open is for the tree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


def is_class(name: str, text: str) -> bool:
    """Whether a class of the name, and no function, stands at the module's top."""
    return f"def {name}" not in text and any(f"\nclass {name}{after}" in text for after in "(:[")


def may_call(name: str, text: str, names: Sequence[str]) -> bool:
    """Whether a function of the module may call one of `names`, however it gets at them.

    True where its lines are no plain block, or the module may have a name of its own for one.
    """
    end = re.compile(r"(?m)^[^\s#)\]}]")
    for head in re.finditer(rf"\bdef {name}\b", text):
        after = end.search(text, head.end())
        body = text[head.end() : after.start() if after else len(text)]
        whole = body.count("(") == body.count(")") and not any(
            body.count(quotes) % 2 for quotes in ('"""', "'''")
        )
        if not whole or any(f"{called}(" in body for called in names):
            return True
    either = f"(?:{'|'.join(names)})"
    return bool(
        re.search(rf"(?m)\b{either}\s+as\s+\w+\s*(?:[,)#]|$)|[.=]\s*{either}\s*(?:#|$)", text)
    )


def imported_from(name: str, text: str) -> tuple[str, str] | None:
    """The module that the one `from` import of a name takes it from, and its name there."""
    found: set[tuple[str, str]] = set()
    for module, listed in re.findall(
        r"(?m)^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)", text
    ):
        for item in re.sub(r"#[^\n]*|[()\\]", "", listed).split(","):
            there, *renamed = item.split()[::2] or [""]
            if (renamed[0] if renamed else there) == name:
                found.add((module, there))
    return found.pop() if len(found) == 1 else None
