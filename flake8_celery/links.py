"""Where the project is on the network, in one place; everything that links to it asks here."""

from __future__ import annotations

import re
from typing import Final

#: The repository, without a slash at its end: `https://example.org/flake8-celery`. Empty while
#: nothing is published: then no page, report or package links anywhere.
HOME: Final = ""


def source_url(path: str, home: str = HOME) -> str:
    """A file of the repository; empty while there is none on the network."""
    return f"{home}/blob/main/{path}" if home else ""


def rule_url(code: str, home: str = HOME) -> str:
    """The page of a rule; empty while there is none on the network."""
    return source_url(f"docs/rules/{code}.md", home)


def project_urls(home: str = HOME) -> dict[str, str]:
    """What the package's metadata links to."""
    if not home:
        return {}
    return {
        "Homepage": home,
        "Documentation": source_url("docs/index.md", home),
        "Changes": source_url("CHANGELOG.md", home),
        "Issues": f"{home}/issues",
    }


def package_readme(text: str, home: str = HOME) -> str:
    """The README as the package shows it, where no file lies beside it.

    A link to a file of the repository leads there, and is plain text while there is none.
    """

    def link(found: re.Match[str]) -> str:
        words, target = found.groups()
        if "://" in target or target.startswith("#"):
            return found.group()
        url = source_url(target, home)
        return f"[{words}]({url})" if url else words

    return re.sub(r"\[([^\[\]]+)\]\(([^()\s]+)\)", link, text)
