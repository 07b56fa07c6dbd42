"""What is uploaded: its metadata, its links, the README as a package index shows it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

from flake8_celery import __version__
from flake8_celery.links import HOME, package_readme, project_urls, rule_url
from tools.node_packages import ROOT

SOMEWHERE = "https://example.org/flake8-celery"


def metadata(folder: Path, home: str) -> Message:
    """What setuptools makes of a copy of the project whose constant says `home`."""
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    package = folder / "flake8_celery"
    package.mkdir()
    shutil.copy(ROOT / "flake8_celery" / "__init__.py", package)
    text = (ROOT / "flake8_celery" / "links.py").read_text(encoding="utf-8")
    assert text.count(f'HOME: Final = "{HOME}"') == 1
    changed = text.replace(f'HOME: Final = "{HOME}"', f'HOME: Final = "{home}"')
    (package / "links.py").write_text(changed, encoding="utf-8")
    code = "import setuptools.build_meta as b; b.prepare_metadata_for_build_wheel('.')"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True)
    [file] = folder.glob("*.dist-info/METADATA")
    return message_from_string(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("home", ["", SOMEWHERE])
def test_metadata(tmp_path: Path, home: str) -> None:
    pytest.importorskip("setuptools", "77")
    found = metadata(tmp_path, home)
    assert (found["Name"], found["Version"]) == ("flake8-celery", __version__)
    assert found["Description-Content-Type"] == "text/markdown"
    given = dict(url.split(", ") for url in found.get_all("Project-URL", []))
    assert given == project_urls(home)
    assert bool(given) == bool(home)
    body = str(found.get_payload())
    assert body.startswith("# flake8-celery")
    targets = re.findall(r"\]\(([^)]+)\)", body)
    assert bool(targets) == bool(home)
    assert all(target.startswith(f"{SOMEWHERE}/blob/main/") for target in targets)
    for target in targets:
        path = target.removeprefix(f"{SOMEWHERE}/blob/main/").partition("#")[0]
        assert (ROOT / path).exists(), target


def test_links() -> None:
    assert rule_url("CEL301", "") == ""
    assert rule_url("CEL301", SOMEWHERE) == f"{SOMEWHERE}/blob/main/docs/rules/CEL301.md"
    text = "[a b](docs/x.md#y), [c](https://example.org), [d](#e), [`f`](g.md), x[0] (1) [h]"
    plain = "a b, [c](https://example.org), [d](#e), `f`, x[0] (1) [h]"
    assert package_readme(text, "") == plain
    assert f"[a b]({SOMEWHERE}/blob/main/docs/x.md#y)" in package_readme(text, SOMEWHERE)


def test_not_released_is_said_while_it_is_so() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = f"## {__version__} (unreleased)" in changes
    assert ("Not released yet" in readme) == unreleased
