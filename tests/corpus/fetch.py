"""Download and unpack the pinned packages; nothing of them is run, but for `truth` by hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tests.corpus.packages import NEGATIVE, OTHERS, PACKAGES

FOLDER = Path(__file__).parent.parent.parent / ".corpus"


def fetch() -> int:
    """Fetch what is not there yet; the number of packages that could not be had."""
    missing = 0
    for name, requirements in (("packages", PACKAGES), ("negative", NEGATIVE), ("others", OTHERS)):
        missing += sum(not _fetch(requirement, FOLDER / name) for requirement in requirements)
    return missing


def _fetch(requirement: str, folder: Path) -> bool:
    target = folder / requirement.replace("==", "-")
    if target.is_dir():
        return True
    for kind in (("--only-binary", ":all:"), ("--no-binary", ":all:")):
        with tempfile.TemporaryDirectory() as download:
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", download]
            command += ["--ignore-requires-python", *kind, requirement]
            if "--no-binary" in kind:
                command.append("--no-build-isolation")
            done = subprocess.run(command, capture_output=True, text=True)
            files = list(Path(download).iterdir())
            if done.returncode == 0 and files:
                _unpack(files, target)
                print(f"{requirement}: {sum(1 for _ in target.rglob('*.py'))} files", flush=True)
                return True
    print(f"{requirement}: not to be had: {done.stderr.strip().splitlines()[-1:]}", flush=True)
    return False


def _unpack(files: Iterable[Path], target: Path) -> None:
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    for file in files:
        if file.suffix in (".whl", ".zip"):
            with zipfile.ZipFile(file) as archive:
                archive.extractall(part)
        else:
            with tarfile.open(file) as archive:
                archive.extractall(part, filter="data")
    part.rename(target)
