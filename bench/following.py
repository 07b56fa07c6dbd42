"""What it costs to follow imports: with nothing read, with everything read already, and cold."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from flake8_celery.core.project.files import Files, Stamp, clear, reading
from flake8_celery.plugin import Plugin

TASK_MODULES = 100
TASKS_EACH = 10


class Source(NamedTuple):
    """A parsed file."""

    path: str
    text: str
    lines: list[str]
    tree: ast.Module


class Nowhere(Files):
    """A disk without files: what the linted file says is all there is."""

    def stamp(self, path: str) -> Stamp | None:
        """No file has one."""
        return None

    def exists(self, path: str) -> bool:
        """Nothing does."""
        return False

    def is_file(self, path: str) -> bool:
        """Nothing is."""
        return False

    def is_folder(self, path: str) -> bool:
        """Nothing is."""
        return False

    def subfolders(self, path: str) -> list[str]:
        """There are none."""
        return []

    def folders_like(self, pattern: str) -> list[str]:
        """There are none."""
        return []


Cost = Callable[[Callable[[Source], None], list[Source], int], float]


def lint(source: Source) -> None:
    """One file, with what was read before still known."""
    list(Plugin(source.tree, source.path, source.lines).run())


def lint_cold(source: Source) -> None:
    """One file as the first of its process."""
    clear()
    lint(source)


def measure(files: Sequence[Source], walk: Callable[[Source], None], cost: Cost) -> None:
    """Print the cost of following for these files and for a made-up large project."""
    chosen = list(files)
    unit = cost(walk, chosen, 3)
    cost(lint, chosen, 1)  # the rules are imported when they are first needed
    with reading(Nowhere()):
        alone = cost(lint, chosen, 3)
    warm = cost(lint, chosen, 3)
    clear()
    first = cost(lint, chosen, 1)
    cold = cost(lint_cold, chosen, 1)
    print(f"following imports, {len(chosen)} files that pass the gate, in walks of their trees")
    rows = (
        ("not followed", alone),
        ("warm: all modules read before", warm),
        ("a whole run, each module read once", first),
        ("cold: each file alone in its process", cold),
    )
    for what, spent in rows:
        print(f"  {what:38} {spent / unit:7.3f} x  {spent / len(chosen) * 1e3:7.2f} ms a file")
    with tempfile.TemporaryDirectory() as folder:
        for count in (1, 5, TASK_MODULES):
            source = _large_project(Path(folder), count)
            with reading(Nowhere()):
                alone = cost(lint, [source], 3)
            added = (cost(lint_cold, [source], 3) - alone) * 1e3
            print(
                f"  a file that sends tasks of {count} of {TASK_MODULES} modules "
                f"({TASKS_EACH} tasks each), cold: {added:.1f} ms more"
            )


def _large_project(folder: Path, imported: int) -> Source:
    """A project of many task modules, and a file that sends tasks of some of them."""
    shop = folder / "shop"
    shop.mkdir(exist_ok=True)
    (folder / "setup.cfg").touch()
    (shop / "__init__.py").touch()
    (shop / "celery.py").write_text("from celery import Celery\napp = Celery('shop')\n")
    body = "".join(
        f"@app.task(bind=True, max_retries=3)\ndef work{n}(self, pk, amount=1):\n"
        f"    order = find(pk)\n    try:\n        order.charge(amount)\n"
        f"    except TimeoutError as error:\n        raise self.retry(exc=error)\n\n"
        for n in range(TASKS_EACH)
    )
    for number in range(TASK_MODULES):
        text = f"from shop.celery import app\nfrom shop.models import find\n\n{body}"
        (shop / f"tasks{number}.py").write_text(text)
    lines = [f"from shop.tasks{n} import work1 as work{n}" for n in range(imported)]
    lines += [f"work{n}.delay({n})" for n in range(imported)]
    views = shop / "views.py"
    text = "\n".join(lines) + "\n"
    views.write_text(text)
    return Source(str(views), text, text.splitlines(keepends=True), ast.parse(text))
