"""The one way in which git is called: it reads, and starts nothing that a repository brings.

A repository's own configuration is as trusted as the code in it: not at all. So git is asked only
at the top of a work tree that holds `.git`, never in a folder below, which may look like a bare
repository; with every setting that names a command overridden; with all protocols denied; without
the variables that point it elsewhere; and only by commands that run no filter.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

from flake8_celery.record import NamedTuple

TIMEOUT: Final = 120.0
"""Seconds that one call may take."""
COMMANDS: Final = frozenset({"cat-file", "ls-files", "ls-tree", "merge-base", "rev-parse"})
"""They read objects and names. Of the work tree's files none is opened, so no filter runs."""
#: The settings that name a command, a place to reach or a thing to keep; `-c` beats every file.
_SETTINGS: Final = (
    ("safe.bareRepository", "explicit"),
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.pager", "cat"),
    ("core.editor", "false"),
    ("core.askPass", ""),
    ("core.sshCommand", "false"),
    ("core.gitProxy", ""),
    ("core.alternateRefsCommand", "false"),
    ("core.untrackedCache", "false"),
    ("credential.helper", ""),
    ("diff.external", ""),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("gpg.program", "false"),
    ("log.showSignature", "false"),
    ("protocol.allow", "never"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
)
#: What a program needs to run here, and where the user's own configuration is.
_KEPT: Final = frozenset(
    {
        *("APPDATA", "COMSPEC", "HOME", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT"),
        *("PROGRAMDATA", "SUDO_UID", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR"),
        *("USERPROFILE", "WINDIR", "XDG_CONFIG_HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        *("GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM"),
    }
)
#: The user's own settings (`safe.directory`) may come this way; `-c` beats them too.
_KEPT_PREFIXES: Final = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
_SET: Final = {
    "GCM_INTERACTIVE": "never",
    "GIT_ALLOW_PROTOCOL": "none",  # beats protocol.<name>.allow, which `-c` can't name all of
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_FLUSH": "0",
    "GIT_NO_LAZY_FETCH": "1",  # git before 2.45 does not know it: the protocols stop it there
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "SSH_ASKPASS_REQUIRE": "never",
}
#: What git says where a partial clone lacks something, with its own switch and with ours.
_ABSENT: Final = ("lazy fetching disabled", "promisor remote", "not allowed", "could not fetch")


class GitError(Exception):
    """Git can't do what is asked; the message is one line for the user."""


class Answer(NamedTuple):
    """What git said."""

    code: int
    out: bytes
    said: str
    """The first line of what it complained of; empty where it did not."""
    absent: bool
    """It would have had to fetch an object first."""


def top_of(folder: str) -> str:
    """The nearest folder at or above one that holds `.git`; GitError where there is none.

    What looks like a bare repository is none: a clone may bring it, with its own configuration.
    """
    start = here = os.path.realpath(folder)
    if not os.path.isdir(start):
        raise GitError(f"there is no folder {start}")
    if ".git" in start.split(os.sep) or all(
        os.path.exists(os.path.join(start, name)) for name in ("HEAD", "objects", "refs")
    ):
        raise GitError(f"{folder} is no work tree of a git repository (it is bare, or .git)")
    ceilings = os.environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep)
    while not os.path.lexists(os.path.join(here, ".git")):
        above = os.path.dirname(here)
        if above == here or above in ceilings:
            raise GitError(f"{start} is in no git repository")
        here = above
    return here


def ask(top: str, command: str, *words: str, given: bytes = b"") -> Answer:
    """Run one of `COMMANDS` in the repository whose work tree starts at `top`.

    GitError where git can't be run, takes too long, or would not take `top` for its work tree.
    """
    if command not in COMMANDS:
        raise GitError(f"git {command} may do more than read")
    if not os.path.lexists(os.path.join(top, ".git")):
        raise GitError(f"{top} is no top of a git repository")
    settings = [word for name, value in _SETTINGS for word in ("-c", f"{name}={value}")]
    before = ("--no-pager", "--no-optional-locks", "--literal-pathspecs")
    try:
        done = subprocess.run(
            [_program(), *before, *settings, command, *words],
            cwd=top,
            env=_environment(top),
            input=given,
            capture_output=True,
            check=False,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise GitError(f"git {command} took more than {TIMEOUT:.0f} seconds") from None
    except (OSError, ValueError) as error:
        raise GitError(f"git can't be run: {error}") from None
    complaint = done.stderr.decode("utf-8", "backslashreplace").strip()
    lines = complaint.splitlines()
    said = lines[0].strip().removeprefix("fatal: ").removeprefix("error: ") if lines else ""
    absent = any(word in complaint for word in _ABSENT)
    return Answer(done.returncode, done.stdout, said, absent)


def _environment(top: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _KEPT or name.upper().startswith(_KEPT_PREFIXES)
    }
    path = os.pathsep.join(_search_path())
    return {**kept, **_SET, "PATH": path, "GIT_CEILING_DIRECTORIES": os.path.dirname(top)}


def _search_path() -> list[str]:
    """PATH without what depends on the folder that is asked about: `.`, `bin`, an empty part."""
    parts = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return [part for part in parts if os.path.isabs(part)]


def _program() -> str:
    name = "git.exe" if sys.platform == "win32" else "git"
    for folder in _search_path():
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise GitError("git is not installed, or not on PATH")
