"""The documentation as a site: every link leads somewhere, and one that doesn't fails the build."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.node_packages import ROOT
from tools.site_links import outside


def build(folder: Path, more: str = "") -> subprocess.CompletedProcess[str]:
    """The site of a copy, with `more` on its first page."""
    shutil.copytree(ROOT / "docs", folder / "docs")
    page = folder / "docs" / "index.md"
    page.write_text(page.read_text(encoding="utf-8") + more, encoding="utf-8")
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert text.count("hooks: [tools/") == 1
    text = text.replace("hooks: [tools/", f"hooks: [{ROOT.as_posix()}/tools/")
    (folder / "mkdocs.yml").write_text(text.replace(".ci/envs/site", "site"), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )


@pytest.mark.once
@pytest.mark.parametrize("link", ["no-such-page.md", "check.md#no-such-part", "rules/CEL9999.md"])
def test_a_broken_link_fails(tmp_path: Path, link: str) -> None:
    pytest.importorskip("material")
    done = build(tmp_path, f"\n[broken]({link})\n")
    assert done.returncode != 0
    assert link.partition("#")[2] in done.stdout + done.stderr


@pytest.mark.once
def test_the_site(tmp_path: Path) -> None:
    pytest.importorskip("material")
    done = build(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {path.parent.name for path in (tmp_path / "site").rglob("index.html")}
    assert {"CEL301", "editors", "figures", "options", "adopting"} <= pages
    html = (tmp_path / "site" / "five-practices" / "index.html").read_text(encoding="utf-8")
    assert "../tests/proofs" not in html
    # nothing is loaded from elsewhere
    for path in (tmp_path / "site").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"?(https?://[^\s\">]+)", text)
        assert loaded == [], path.name


def test_links_out_of_the_site() -> None:
    text = "[a](../README.md), [`b`](../tests/conftest.py), [c](check.md), [d](https://example.org)"
    plain = "a, `b`, [c](check.md), [d](https://example.org)"
    assert outside(text, "five-practices.md", "") == plain
    there = outside(text, "five-practices.md", "https://example.org/x")
    assert "[a](https://example.org/x/blob/main/README.md)" in there
    with pytest.raises(ValueError, match="not there"):
        outside("[a](../no-such-file.md)", "check.md")


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_every_page_is_in_the_site(path: Path) -> None:
    assert re.search(rf"\b{path.name}$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
