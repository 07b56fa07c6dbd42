"""The tutorial's commands print what its page says, in a clean clone.

Each `console` block of the page is a command and what it prints; `FLAKE8_CELERY_WRITE=1` writes
what they print now into the page, to be read before it is committed.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "tutorial.md"
FOLDER = "examples/tutorial"
BLOCK = re.compile(r"^```console\n\$ (.+)\n((?:.*\n)*?)```$", re.MULTILINE)
BLOCKS = [(match[1], match[2]) for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]
LINTED = [pytest.param(*block, id=block[0]) for block in BLOCKS if "play.py" not in block[0]]
PLAYED = [pytest.param(*block, id=block[0]) for block in BLOCKS if "play.py" in block[0]]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone holds: the folder's files that git knows, or all where there is no git."""
    target = tmp_path_factory.mktemp("clone")
    if (ROOT / ".git").exists():
        command = ["git", "-C", str(ROOT), "ls-files", "-z", "--", FOLDER]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for path in filter(None, listed.split("\0")):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, target / path)
    else:
        shutil.copytree(ROOT / FOLDER, target / FOLDER)
    return target / FOLDER


def printed(command: str, folder: Path) -> str:
    """What a command of the page prints."""
    program, *arguments = shlex.split(command)
    module = {"flake8": ["-m", "flake8"], "flake8-celery": ["-m", "flake8_celery"], "python": []}
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DJANGO")},
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    done = subprocess.run(
        [sys.executable, *module[program], *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert not done.stderr, done.stderr
    if os.environ.get("FLAKE8_CELERY_WRITE"):
        _write(command, done.stdout)
    return done.stdout


def _write(command: str, output: str) -> None:
    head, said, rest = PAGE.read_text(encoding="utf-8").partition(f"```console\n$ {command}\n")
    if said:
        PAGE.write_text(head + said + output + rest[rest.index("```") :], encoding="utf-8")


@pytest.mark.parametrize(("command", "said"), LINTED)
def test_linter(command: str, said: str, clone: Path) -> None:
    assert printed(command, clone) == said


@pytest.mark.parametrize("number", range(1, 6))
def test_step_mends_what_was_found(number: int, clone: Path) -> None:
    command = f"flake8 --config step{number}/setup.cfg --select=CEL{number} step{number}"
    assert printed(command, clone) == ""


@pytest.mark.once
@pytest.mark.parametrize(("command", "said"), PLAYED)
def test_play(command: str, said: str, clone: Path) -> None:
    """Two workers, each on a broker of files; both ways of it go as the page says."""
    assert printed(command, clone) == said


def test_each_practice_is_shown() -> None:
    commands = [command for command, _ in BLOCKS]
    for number in range(1, 6):
        assert f"python play.py {number}" in commands
    assert BLOCKS[-2][1] == "", "the last step has findings"


def test_code_is_of_the_step() -> None:
    """What the page shows of a step stands in its file."""
    text = PAGE.read_text(encoding="utf-8")
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:6]
    for number, part in enumerate(parts, 1):
        code = (ROOT / FOLDER / f"step{number}" / "tasks.py").read_text(encoding="utf-8")
        shown = re.findall(r"^```python\n(.*?)```$", part, re.MULTILINE | re.DOTALL)
        assert shown, part
        for block in shown:
            for line in filter(None, map(str.strip, block.splitlines())):
                assert line in code, line
