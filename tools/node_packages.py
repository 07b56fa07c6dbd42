"""What the checks take from npm: a Python for WebAssembly, and the schema of SARIF.

python -m tools.node_packages     install them into .ci/envs/node, or say why that can't be done

Nothing of it is needed to use or to test the linter; a check whose package is absent is skipped and
says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = {"pyodide": "314.0.7", "@microsoft/jest-sarif": "1.0.0-beta.0"}
#: Where they are; another folder by this variable.
VARIABLE: Final = "FLAKE8_CELERY_NODE"


def folder() -> Path:
    """The folder that holds `node_modules`."""
    return Path(os.environ.get(VARIABLE) or ROOT / ".ci" / "envs" / "node")


def missing(name: str) -> str:
    """Why the package can't be used; empty where it can."""
    if not shutil.which("node"):
        return "there is no node on this machine"
    about = folder() / "node_modules" / name / "package.json"
    if not about.is_file():
        return f"npm's {name} is not installed: python -m tools.node_packages"
    version = json.loads(about.read_text(encoding="utf-8"))["version"]
    if version != PACKAGES[name]:
        return f"npm's {name} is {version}, not {PACKAGES[name]}: python -m tools.node_packages"
    return ""


def install() -> str:
    """Install what is missing; why it can't be done, or an empty text."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "there is no node with npm on this machine"
    if not any(missing(name) for name in PACKAGES):
        return ""
    folder().mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", str(folder()), "--no-package-lock", "--ignore-scripts"]
    command += ["--no-audit", "--no-fund", "--silent"]
    command += [f"{name}@{version}" for name, version in PACKAGES.items()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return "npm gave no answer within two minutes"
    if done.returncode:
        return f"npm failed: {done.stderr.strip()[-300:]}"
    return ""


def main() -> int:
    """Install, or say why not; the exit code is 0 either way, for nothing depends on it."""
    print(install() or f"in {folder()}: {', '.join(PACKAGES)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
