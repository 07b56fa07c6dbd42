"""For mkdocs: links of a page to files of the repository that are no pages of the site.

They lead to the repository where it is on the network (flake8_celery/links.py), and are plain text
while it is not. One that names no file fails the build.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any, Final

from flake8_celery.links import HOME, source_url

ROOT: Final = Path(__file__).resolve().parent.parent


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page's text as it goes into the site."""
    return outside(markdown, page.file.src_uri)


def outside(markdown: str, page: str, home: str = HOME) -> str:
    """`markdown` of `docs/<page>` with its links out of `docs` put right."""

    def link(found: re.Match[str]) -> str:
        words, target = found.groups()
        path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(page), target))
        if path.startswith("docs/"):
            return found.group()
        if not (ROOT / path).exists():
            raise ValueError(f"docs/{page} links to {target}, which is not there")
        url = source_url(path, home)
        return f"[{words}]({url})" if url else words

    return re.sub(r"\[([^\[\]]+)\]\((\.\./[^()#\s]+)\)", link, markdown)
