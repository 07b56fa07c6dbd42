"""Compatibility: the tests of each half on the oldest and newest versions that it supports.

nox -l                     the cells
nox                        all of them; a Python that is not on this machine is skipped
nox -s "flake8(python='3.11', flake8='6.0.0')"
nox -s "celery(python='3.11', celery='5.3.*')" -- tests/proofs/test_cel301.py
nox -s wasm                Python 3.14 for WebAssembly

The table is in docs/compatibility.md; tests/test_compatibility.py holds it against this file.
"""

from __future__ import annotations

import os
from pathlib import Path

import nox

# pyenv's own python3.x may only say that it isn't chosen
for folder in Path(os.environ.get("PYENV_ROOT") or "~/.pyenv").expanduser().glob("versions/*/bin"):
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"

nox.options.error_on_missing_interpreters = False
nox.options.envdir = ".ci/envs/nox"

#: flake8 -> the Pythons that it runs on (6.0 can't read the grammar of 3.12; 7.0 knows up to 3.12).
FLAKE8 = {
    "6.0.0": ("3.10", "3.11"),
    "7.0.0": ("3.10", "3.11", "3.12"),
    "newest": ("3.10", "3.11", "3.12", "3.13", "3.14"),
}
#: pylint -> the Pythons that it is tried on; pip takes the newest astroid that it allows.
PYLINT = {"3.3.*": ("3.10", "3.13"), "4.0.*": ("3.10", "3.13"), "newest": ("3.10", "3.13", "3.14")}
#: Celery -> the Pythons that its proofs are run on.
CELERY = {
    "5.3.*": ("3.11",),
    "5.4.*": ("3.12",),
    "5.5.*": ("3.13",),
    "5.6.*": ("3.13",),
    "newest": ("3.13", "3.14"),
}
TESTING = ("pytest", "pytest-timeout", "hypothesis")
OF_FLAKE8 = ("test_flake8", "test_core", "test_examples", "test_policy", "test_python314")
OF_PYLINT = ("test_pylint_adapter", "test_pylint_brain", "test_inference", "test_python314")


def wanted(name: str, version: str) -> str:
    """A requirement."""
    return name if version == "newest" else f"{name}=={version}"


def files(names: tuple[str, ...]) -> list[str]:
    """Test files by name, wherever they lie."""
    return sorted(str(path) for name in names for path in Path("tests").rglob(f"{name}.py"))


def cells(table: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """The pairs of a Python and a version."""
    return [(python, version) for version, pythons in table.items() for python in pythons]


@nox.session
@nox.parametrize("python,flake8", cells(FLAKE8))
def flake8(session: nox.Session, flake8: str) -> None:
    """The flake8 half, and the core."""
    session.install("-e", ".[pylint]", *TESTING, wanted("flake8", flake8))
    session.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *files(OF_FLAKE8))


@nox.session
@nox.parametrize("python,pylint", cells(PYLINT))
def pylint(session: nox.Session, pylint: str) -> None:
    """The pylint half."""
    # pylint knows what a task is where Celery is installed beside it
    session.install("-e", ".", *TESTING, "celery", wanted("pylint", pylint))
    session.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *files(OF_PYLINT))


@nox.session
@nox.parametrize("python,celery", cells(CELERY))
def celery(session: nox.Session, celery: str) -> None:
    """The proofs, on real Celery."""
    session.install("-e", ".[test]", wanted("celery[redis]", celery))
    chosen = session.posargs or ["tests/proofs"]
    session.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen)


@nox.session
def wasm(session: nox.Session) -> None:
    """Python 3.14 where there is none: npm's pyodide, under node."""
    session.install("build")
    session.run("python", "-m", "tools.python314")
