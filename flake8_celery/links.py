"""Where the documentation is on the network, in one place."""

from __future__ import annotations

from typing import Final

#: The folder of the rules' pages, with a slash at its end; empty while nothing is published.
RULES_URL: Final = ""


def rule_url(code: str) -> str:
    """The page of a rule; empty while there is none on the network."""
    return f"{RULES_URL}{code}.md" if RULES_URL else ""
