"""Bugs that real projects fixed: flagged at the commit's parent, silent at the commit.

Nothing is fetched: the folder given holds clones, called `NAME`, `OWNER+NAME` or `OWNER/NAME`, bare
or not. Where a rule needs to know all tasks, the lock is made from the same tree first.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from flake8_celery.core.contract.lock import Lock, dumps
from flake8_celery.core.deployed.read_tasks import contracts_of
from flake8_celery.core.deployed.snapshot import Snapshot, WorkTree, python_files
from flake8_celery.core.project.files import Trees
from flake8_celery.core.project.lockpath import LOCK_NAME
from flake8_celery.linter import lint
from flake8_celery.options import Options


class Fix(NamedTuple):
    """A commit that fixed what a rule reports."""

    repository: str
    commit: str
    path: str
    """The file that the finding stands in."""
    code: str
    count: int
    """How many findings the commit took away."""
    lock: bool = False
    options: tuple[tuple[str, str], ...] = ()


# Fixes of such bugs that are not here, and why:
# - codecov/umbrella 7cb0beb32: the countdown is an attribute of the exception that was caught.
# - kobotoolbox/kpi 616fa0d93b; nyaruka/rapidpro 57affb7d5 (channels/models.py), 7e7d93757 and
#   8fcd8e66d: the file is Python 2, which no Python 3 parses.
# - nyaruka/rapidpro 57affb7d5 (api/models.py): a method of a model sends, and the transaction is
#   the request's that calls it, three calls away and in other files; the method alone is right.
# - kobotoolbox/kpi aa5a20c8a0: a view sends after `create`, in a project that has no
#   ATOMIC_REQUESTS and opens no transaction there: by what the code says the row is committed.
# - kobotoolbox/kpi 7fb1940e8a: `asset.hooks.filter(...).all()`, and nothing says what `asset` is.
# - readthedocs.org b3c024a3b: that `queue` is None depends on the caller. 2df4d9971 and 251ff120f:
#   the commit is the mistake, not its mending; the lock of the parent tells it (CEL413).
# - mozilla/treeherder 9f396df73, 9faf9d97a: the decorator is the project's own, around `retry`.
FIXES: Final = (
    Fix("makeplane/plane", "2d60337eac", "apiserver/plane/celery.py", "CEL701", 1),
    Fix("mozilla/treeherder", "057b17311", "treeherder/config/settings.py", "CEL701", 2),
    Fix("codecov/umbrella", "bd6bb4969", "apps/worker/celery_config.py", "CEL701", 3),
    Fix(
        "readthedocs/readthedocs.org",
        "6e904a026",
        "readthedocs/projects/tasks/__init__.py",
        "CEL917",
        1,
    ),
    Fix("jumpserver/jumpserver", "f7e6c14bc", "apps/assets/signals_handler.py", "CEL204", 1),
    Fix("kobotoolbox/kpi", "9471b34bb1", "kobo/settings/base.py", "CEL706", 1, True),
    Fix("kobotoolbox/kpi", "56813083c3", "kobo/settings/base.py", "CEL706", 3, True),
    Fix(
        "DefectDojo/django-DefectDojo",
        "bedbf642b8",
        "dojo/settings/settings.dist.py",
        "CEL706",
        1,
        True,
    ),
    Fix(
        "nyaruka/rapidpro",
        "dd7fb5b95",
        "temba/settings_common.py",
        "CEL706",
        1,
        True,
        (("celery-app", "temba.temba_celery:app"),),
    ),
)


def check(folder: Path) -> int:
    """Judge every fix; the exit code: 1 where one is not as it should be, or has no clone."""
    wrong = 0
    for fix in FIXES:
        clone = _clone(folder, fix.repository)
        if clone is None:
            print(f"-     {fix.repository} {fix.commit}: no clone in {folder}")
            wrong = 1
            continue
        before = findings(clone, f"{fix.commit}^", fix)
        after = findings(clone, fix.commit, fix)
        gone = [text for text in before if text not in after]
        good = len(gone) == fix.count and len(before) - len(after) == fix.count
        wrong = wrong if good else 1
        print(
            f"{'ok' if good else 'WRONG':5} {fix.repository} {fix.commit} {fix.code} "
            f"{fix.path}: {len(before)} before, {len(after)} after"
        )
        for text in gone if good else (*before, "--", *after):
            print(f"        {text}")
    return wrong


def findings(clone: Path, revision: str, fix: Fix) -> list[str]:
    """The messages of the fix's rule on its file at a revision."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        unpack(clone, revision, folder)
        options = Options(dict(fix.options), str(folder))
        options.selected = frozenset({fix.code})
        if fix.lock:
            _lock(folder, options)
        text = (folder / fix.path).read_text(encoding="utf-8")
        found = lint(text, str(folder / fix.path), options)
        return [f.message for f in found if f.code == fix.code]


def unpack(clone: Path, revision: str, folder: Path) -> None:
    """Write the Python files of a revision into a folder; large files may be absent in a mirror."""
    git = ["git", "-C", str(clone)]
    listed = subprocess.run(
        [*git, "ls-tree", "-r", "-z", revision], capture_output=True, check=True
    ).stdout.decode("utf-8", "surrogateescape")
    wanted = []
    for row in listed.split("\0"):
        head, _, path = row.partition("\t")
        if path.endswith(".py") and head.split()[1] == "blob" and not head.startswith("12"):
            wanted.append((head.split()[2], path))
    done = subprocess.run(
        [*git, "cat-file", "--batch"],
        input="".join(f"{name}\n" for name, _ in wanted).encode(),
        capture_output=True,
        check=True,
    ).stdout
    at = 0
    for name, path in wanted:
        end = done.index(b"\n", at)
        head = done[at:end].decode().split()
        at = end + 1
        if head[:2] != [name, "blob"]:
            continue  # missing
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(done[at : at + int(head[2])])
        at += int(head[2]) + 1
    (folder / "manage.py").touch()


def _lock(folder: Path, options: Options) -> None:
    """Write the contract lock of the whole tree."""
    files = WorkTree(Trees())
    snapshot = Snapshot(str(folder), files, python_files(str(folder)), options)
    tasks = {}
    for model in snapshot.models:
        for task in contracts_of(model, snapshot.relative(model.module.filename))[0]:
            tasks[task.name] = task
    (folder / LOCK_NAME).write_text(dumps(Lock(tasks=tasks)), encoding="utf-8")


def _clone(folder: Path, repository: str) -> Path | None:
    owner, _, name = repository.partition("/")
    for place in (name, f"{owner}+{name}", f"{owner}/{name}"):
        for path in (folder / place, folder / place / "repo"):
            if (path / ".git").exists() or (path / "objects").is_dir():
                return path
    return None
