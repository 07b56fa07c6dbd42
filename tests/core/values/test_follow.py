"""Where a task comes from: imports are followed through the project's own source."""

from __future__ import annotations

from pathlib import Path

import pytest

from flake8_celery.core.engine.run import Finding
from flake8_celery.core.project.files import clear
from flake8_celery.linter import lint
from flake8_celery.options import Options

TASKS = """\
from celery import shared_task

@shared_task
def add(x, y): ...

@shared_task
def _hidden(x, y): ...

class Jobs:
    @staticmethod
    @shared_task
    def run(x): ...
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    clear()


def judged(folder: Path, name: str, source: str, **options: object) -> list[Finding]:
    write(folder, {name: source})
    found = lint(source, str(folder / name), Options(options, str(folder)))
    assert "CEL000" not in [f.code for f in found], found
    return found


def codes(folder: Path, name: str, source: str, **options: object) -> list[str]:
    return [f.code for f in judged(folder, name, source, **options)]


SPELLINGS = {
    "name": "from shop.tasks import add\nadd.delay(1)\n",
    "renamed": "from shop.tasks import add as plus\nplus.delay(1)\n",
    "module": "import shop.tasks\nshop.tasks.add.delay(1)\n",
    "module-renamed": "import shop.tasks as t\nt.add.delay(1)\n",
    "module-from": "from shop import tasks\ntasks.add.delay(1)\n",
    "relative": "from .tasks import add\nadd.delay(1)\n",
    "relative-module": "from . import tasks\ntasks.add.delay(1)\n",
    "in-function": "def f():\n    from .tasks import add\n    add.delay(1)\n",
    "star": "from .tasks import *\nadd.delay(1)\n",
    "re-export": "from shop import add\nadd.delay(1)\n",
    "re-export-star": "from shop.api import add\nadd.delay(1)\n",
    "re-export-relative": "from .api import add\nadd.delay(1)\n",
    "re-export-module": "from shop.api import jobs\njobs.add.delay(1)\n",
    "signature": "from shop.tasks import add\nx = add.s(1, 2, 3)\n",
    "reference": "from django.db import transaction\nfrom shop.tasks import add\n"
    "transaction.on_commit(add.delay)\n",
    "direct": "from shop.tasks import add\nadd(1)\n",
    "direct-module": "from shop import tasks\ntasks.add.delay(1, 2)\ntasks.add(1)\n",
    "direct-elsewhere": "from shop.api import add\nadd.delay(1, 2)\nadd(1)\n",
    "try": "try:\n    from shop.tasks import add\nexcept ImportError:\n    add = None\n"
    "add.delay(1)\n",
    "class": "from shop.api import add\nclass V:\n    def f(self):\n        add.delay(1)\n",
}


@pytest.mark.parametrize("layout", ["", "src/", "backend/lib/"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling(tmp_path: Path, spelling: str, layout: str) -> None:
    write(
        tmp_path,
        {
            "pyproject.toml": "",
            f"{layout}shop/__init__.py": "from .tasks import add\n",
            f"{layout}shop/tasks.py": TASKS,
            f"{layout}shop/api/__init__.py": "from .all import *\n",
            f"{layout}shop/api/all.py": "from .. import tasks as jobs\nfrom ..tasks import *\n",
        },
    )
    found = judged(tmp_path, f"{layout}shop/views.py", SPELLINGS[spelling])
    assert [f.code for f in found] == ["CEL401"]
    assert found[0].message.endswith(f"add(x, y) at {layout}shop/tasks.py:4")


def test_from_beside_the_package(tmp_path: Path) -> None:
    write(tmp_path, {"setup.cfg": "", "src/shop/__init__.py": "", "src/shop/tasks.py": TASKS})
    source = SPELLINGS["name"]
    assert codes(tmp_path, "tests/test_views.py", source) == ["CEL401"]
    assert codes(tmp_path, "views.py", source) == ["CEL401"]


def test_source_roots(tmp_path: Path) -> None:
    write(tmp_path, {"setup.cfg": "", "apps/one/shop/tasks.py": TASKS})
    assert codes(tmp_path, "views.py", SPELLINGS["name"]) == []
    clear()
    roots = {"celery-source-roots": "apps/*"}
    assert codes(tmp_path, "views.py", SPELLINGS["name"], **roots) == ["CEL401"]


def test_namespace_package(tmp_path: Path) -> None:
    write(tmp_path, {"setup.cfg": "", "shop/web/__init__.py": "", "shop/tasks.py": TASKS})
    assert codes(tmp_path, "shop/web/views.py", SPELLINGS["name"]) == ["CEL401"]


@pytest.mark.parametrize(
    ("exported", "expected"),
    [
        ("", ["CEL401"]),
        ("__all__ = ['add']\n", ["CEL401"]),
        ("__all__ = ['other']\n", []),
        ("__all__ = []\n__all__ += names\n", ["CEL401"]),
    ],
)
def test_star_takes_what_is_exported(tmp_path: Path, exported: str, expected: list[str]) -> None:
    write(tmp_path, {"setup.cfg": "", "shop/__init__.py": "", "shop/tasks.py": TASKS + exported})
    write(tmp_path, {"shop/api.py": "from .tasks import *\n"})
    assert codes(tmp_path, "shop/views.py", SPELLINGS["re-export-star"]) == expected


def test_star_leaves_private_names(tmp_path: Path) -> None:
    write(tmp_path, {"setup.cfg": "", "shop/__init__.py": "", "shop/tasks.py": TASKS})
    write(tmp_path, {"shop/api.py": "from .tasks import *\n"})
    assert codes(tmp_path, "shop/a.py", "from .tasks import _hidden\n_hidden.delay(1)\n") == [
        "CEL401"
    ]
    assert codes(tmp_path, "shop/b.py", "from .api import _hidden\n_hidden.delay(1)\n") == []


SILENT = {
    "other-definition": "def add(x): ...\n",
    "bound-twice": TASKS + "if DEBUG:\n    add = debugged(add)\n",
    "defined-twice": TASKS + "if DEBUG:\n    def add(x): ...\n",
    "wrapped": TASKS.replace("def add", "def _add") + "add = wrap(_add)\n",
    "two-imports": "try:\n    from .fast import add\nexcept ImportError:\n"
    "    from .slow import add\n",
    "global": TASKS + "def f():\n    global add\n    add = other\n",
    "decorated": TASKS.replace("def add", "def _a") + "@deco\n@shared_task\ndef add(x, y): ...\n",
    "decorated-below": TASKS.replace("def add", "def _a")
    + "@shared_task\n@deco\ndef add(x, y): ...\n",
    "deleted": TASKS + "del add\n",
    "loop": TASKS + "for add in tasks: pass\n",
    "circular": "from .views import add\n",
    "self-import": "from .tasks import add\n",
    "binary": "\0",
}


@pytest.mark.parametrize("case", SILENT)
def test_silent_where_the_other_module_is_unclear(tmp_path: Path, case: str) -> None:
    write(
        tmp_path,
        {
            "setup.cfg": "",
            "shop/__init__.py": "",
            "shop/fast.py": TASKS,
            "shop/slow.py": TASKS.replace("x, y", "x"),
            "shop/tasks.py": SILENT[case],
        },
    )
    found = codes(tmp_path, "shop/views.py", "from shop.tasks import add\nadd.delay(1)\n")
    assert "CEL401" not in found


def test_only_the_own_project_is_read(tmp_path: Path) -> None:
    """Not what is installed beside it, nor anything where there is no project."""
    installed = tmp_path / "lib" / "site-packages"
    write(installed, {"other/__init__.py": "", "other/tasks.py": TASKS, "shop/__init__.py": ""})
    write(installed, {"shop/tasks.py": TASKS})
    source = "from other.tasks import add\nadd.delay(1)\n"
    assert codes(installed, "shop/views.py", source) == []
    assert codes(installed, "shop/views.py", SPELLINGS["name"]) == ["CEL401"]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, {"setup.cfg": "", "shop/__init__.py": "", "shop/tasks.py": TASKS})
    source = SPELLINGS["name"]
    assert codes(tmp_path, "shop/views.py", source) == ["CEL401"]
    write(tmp_path, {"shop/tasks.py": TASKS.replace("(x, y)", "(x)")})
    assert codes(tmp_path, "shop/views.py", source) == []


def test_a_module_that_moves_is_found_again(tmp_path: Path) -> None:
    write(tmp_path, {"setup.cfg": "", "shop/__init__.py": "", "shop/tasks.py": TASKS})
    assert codes(tmp_path, "shop/views.py", SPELLINGS["name"]) == ["CEL401"]
    (tmp_path / "shop/tasks.py").unlink()
    assert codes(tmp_path, "shop/views.py", SPELLINGS["name"]) == []
    write(tmp_path, {"shop/tasks/__init__.py": TASKS})
    assert codes(tmp_path, "shop/views.py", SPELLINGS["name"]) == ["CEL401"]


def test_an_application_that_comes_later_is_found(tmp_path: Path) -> None:
    """Its Task class may do anything, so that a call of its tasks is not judged."""
    write(tmp_path, {"setup.cfg": "", "shop/__init__.py": ""})
    source = f"{TASKS}\nadd.delay(1)\n"
    assert codes(tmp_path, "shop/tasks.py", source) == ["CEL401"]
    app = "from celery import Celery\nfrom unseen import Base\napp = Celery(task_cls=Base)\n"
    write(tmp_path, {"shop/celery.py": app})
    assert codes(tmp_path, "shop/tasks.py", source) == []


@pytest.mark.parametrize("conf", ["shop/web/conf.py", "shop/web/conf/__init__.py"])
def test_a_folder_of_a_package_needs_no_file(tmp_path: Path, conf: str) -> None:
    files = {"setup.cfg": "", "shop/__init__.py": "", "shop/tasks.py": TASKS, conf: "ARGS = 5\n"}
    write(tmp_path, files)
    source = (
        "import shop.web.conf\nfrom shop.tasks import add\nadd.apply_async(shop.web.conf.ARGS)\n"
    )
    assert codes(tmp_path, "shop/views.py", source) == ["CEL403"]


BROKEN = "def add(x:\n"


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("import os\nfrom shop.tasks import other, add\nadd.delay(1)\n", 2, 30),
        ("from shop import tasks\ntasks.add.delay(1)\n", 1, 17),
        ("import shop.tasks as t\nt.add.delay(1)\n", 1, 7),
        ("def f():\n    from .tasks import add\n    add.delay(1)\n", 2, 23),
        ("from .tasks import *\nadd.delay(1)\n", 1, 19),
        ("from .api import add\nadd.delay(1)\n", 1, 17),
        ("from .tasks import app\nimport celery\n@app.task\ndef f(): ...\n", 1, 19),
        ("from celery import shared_task\nfrom .tasks import Base\n"
         "@shared_task(base=Base)\ndef f(): ...\nf.delay()\n", 2, 19),
    ],
)  # fmt: skip
def test_unreadable_module(tmp_path: Path, source: str, line: int, column: int) -> None:
    write(tmp_path, {"setup.cfg": "", "shop/__init__.py": "", "shop/tasks.py": BROKEN})
    write(tmp_path, {"shop/api.py": "from .tasks import *\n"})
    [found] = judged(tmp_path, "shop/views.py", source)
    assert (found.code, found.line, found.column) == ("CEL003", line, column)
    assert found.message.startswith("shop/tasks.py can't be read (line 1: ")


def test_unreadable_application(tmp_path: Path) -> None:
    """Its Task class may do anything, so that nothing is said of the project's tasks."""
    write(tmp_path, {"setup.cfg": "", "shop/__init__.py": "", "shop/celery.py": BROKEN})
    found = judged(tmp_path, "shop/views.py", TASKS + "add.delay(1)\n")
    assert [(f.code, f.line) for f in found] == [("CEL003", 4)], "at the task that is sent"


@pytest.mark.parametrize(
    "source",
    [
        "from shop.tasks import CONSTANT\nfrom celery import shared_task\n"
        "@shared_task\ndef f(): ...\nf.delay()\n",
        "from shop.tasks import add  # .delay\n",
    ],
)
def test_unreadable_module_that_nothing_depends_on(tmp_path: Path, source: str) -> None:
    write(tmp_path, {"setup.cfg": "", "shop/__init__.py": "", "shop/tasks.py": BROKEN})
    assert judged(tmp_path, "shop/views.py", source) == []


@pytest.mark.parametrize("content", ["x = " + "(" * 400 + ")" * 400, "\0", "x = 1\n" * 700_000])
def test_what_can_not_be_read(tmp_path: Path, content: str) -> None:
    write(tmp_path, {"setup.cfg": "", "shop/__init__.py": "", "shop/tasks.py": content})
    assert codes(tmp_path, "shop/views.py", SPELLINGS["name"]) == ["CEL003"]


def test_modules_that_import_each_other(tmp_path: Path) -> None:
    app = "import celery\nfrom .{} import app\n@app.task\ndef add(x): ...\n"
    write(tmp_path, {"setup.cfg": "", "shop/__init__.py": ""})
    names = [f"m{number}" for number in range(30)]
    for here, there in zip(names, [*names[1:], names[0]], strict=True):
        write(tmp_path, {f"shop/{here}.py": app.format(there)})
    for name in names[:3]:
        assert codes(tmp_path, f"shop/{name}.py", app.format("m7")) == []


def test_order_of_files_does_not_matter(tmp_path: Path) -> None:
    """A module that is half read when it is asked for is not remembered that way."""
    write(
        tmp_path,
        {
            "setup.cfg": "",
            "shop/__init__.py": "",
            "shop/one.py": "import celery\nfrom .two import app\ncelery_app = celery.Celery()\n"
            "@app.task\ndef add(x, y): ...\n",
            "shop/two.py": "import celery\nfrom .one import celery_app\napp = celery.Celery()\n"
            "@celery_app.task\ndef sub(x, y): ...\n",
        },
    )
    source = "from .one import add\nfrom .two import sub\nadd.delay(1)\nsub.delay(1)\n"
    for first in ("one", "two"):
        clear()
        codes(tmp_path, f"shop/{first}.py", (tmp_path / f"shop/{first}.py").read_text())
        assert codes(tmp_path, "shop/views.py", source) == ["CEL401", "CEL401"]


def test_a_misspelt_method_of_an_imported_task(tmp_path: Path) -> None:
    write(tmp_path, {"setup.cfg": "", "shop/__init__.py": "", "shop/tasks.py": TASKS})
    source = "from celery import chain\nfrom shop.tasks import Jobs, add\nadd.dealy(1, 2)\n"
    assert codes(tmp_path, "shop/views.py", source) == ["CEL917"]
    other = source.replace("add.dealy", "Jobs.dealy").replace("add\n", "missing\nmissing.dealy()\n")
    assert codes(tmp_path, "shop/views.py", other) == []
