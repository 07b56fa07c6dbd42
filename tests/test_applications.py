"""Which application and which Task class: found wherever they are built, and how surely."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from flake8_celery.core.engine.run import Finding
from flake8_celery.core.project.files import clear
from flake8_celery.core.project.roots import package_of, root_of
from flake8_celery.linter import lint
from flake8_celery.options import Options

TASK = "@app.task(max_retires=3, retry_backoff=True)\ndef charge(pk): ...\n\n\ncharge.delay(1, 2)\n"
LIKELY = "(likely: the Task class can't be read, taken for Celery's own)"
BASE = "(likely: the Task class has a base that can't be read)"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    clear()


def judged(folder: Path, files: Mapping[str, str], name: str) -> list[Finding]:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    found = lint(files[name], str(folder / name), Options({}, str(folder)))
    assert "CEL000" not in [finding.code for finding in found], found
    return found


def told(folder: Path, files: Mapping[str, str], name: str = "shop/tasks.py") -> list[str]:
    return [finding.code for finding in judged(folder, files, name)]


#: Each way to build the application in `shop/core.py`, and whether its Task class is known.
KNOWN = {
    "factory in a factory": (
        "from functools import cache\nfrom celery import Celery\n"
        "@cache\ndef outer(): return inner()\ndef inner():\n    made = Celery('shop')\n"
        "    return made\napp = outer()\n"
    ),
    "subclass": "from shop.own import Own\napp = Own('shop')\n",
    "class and call in other modules": "from shop.own import make\napp = make()\n",
    "typed": "from celery import Celery, Task\napp = Celery[Task]('shop')\n",
    "another name": "from shop.own import first\napp = first\n",
}
OWN = (
    "from celery import Celery\n"
    "class Own(Celery):\n    def __init__(self, *a, **k):\n        super().__init__(*a, **k)\n"
    "def make(): return Own('shop')\nfirst = Own('shop')\n"
)
LIKELY_ONLY = {
    "import_string": (
        "import os\nfrom django.utils.module_loading import import_string\n"
        "cls = import_string(os.environ['APP'])\napp = cls(main='shop')\n"
        "app.config_from_object('django.conf:settings')\napp.autodiscover_tasks()\n"
    ),
    "a decorator around the factory": (
        "from celery import Celery\nfrom other import traced\n"
        "@traced\ndef make(): return Celery('shop')\napp = make()\n"
    ),
}
UNKNOWN = {
    "another package": (
        "from celery_plus import make\napp = make('shop')\napp.autodiscover_tasks()\n"
    ),
    "task_cls of another package": (
        "from celery import Celery\nfrom other import Base\napp = Celery('shop', task_cls=Base)\n"
    ),
    "a sign beside it": (
        "from importlib import import_module\nfrom celery import Celery, Task\n"
        "class Own(Celery):\n    task_cls = Task\n"
        "app = import_module('shop.x').make()\napp.autodiscover_tasks()\n"
    ),
}


def _project(core: str) -> dict[str, str]:
    return {
        "pyproject.toml": "",
        "shop/__init__.py": "",
        "shop/own.py": OWN,
        "shop/core.py": core,
        "shop/tasks.py": f"from shop.core import app\n{TASK}",
    }


@pytest.mark.parametrize("core", KNOWN.values(), ids=KNOWN)
def test_task_class_is_known(tmp_path: Path, core: str) -> None:
    found = judged(tmp_path, _project(core), "shop/tasks.py")
    assert [finding.code for finding in found] == ["CEL903", "CEL304", "CEL401"]
    assert not any(finding.likely for finding in found)


@pytest.mark.parametrize("core", LIKELY_ONLY.values(), ids=LIKELY_ONLY)
def test_task_class_is_likely_celerys_own(tmp_path: Path, core: str) -> None:
    """All is told, and each message says what it rests on."""
    found = judged(tmp_path, _project(core), "shop/tasks.py")
    assert [finding.code for finding in found] == ["CEL903", "CEL304", "CEL401"]
    assert all(finding.message.endswith(LIKELY) for finding in found)


@pytest.mark.parametrize("core", UNKNOWN.values(), ids=UNKNOWN)
def test_of_an_unknown_class_only_names_misspelt_are_told(tmp_path: Path, core: str) -> None:
    found = judged(tmp_path, _project(core), "shop/tasks.py")
    assert [finding.code for finding in found] == ["CEL903"]
    assert "likely" in found[0].message


def test_the_class_that_a_subclass_of_celery_names_is_read(tmp_path: Path) -> None:
    own = (
        "from celery import Celery, Task\n"
        "def make_task(flask):\n    class Own(Task):\n        max_retires = 1\n    return Own\n"
        "class App(Celery):\n    def init_app(self, flask):\n"
        "        super().__init__('shop', task_cls=make_task(flask))\n"
    )
    files = _project("from shop.own import App\napp = App()\n") | {"shop/own.py": own}
    assert told(tmp_path, files) == ["CEL304", "CEL401"]
    patched = (
        "from celery import Celery\n"
        "class App(Celery):\n    def __init__(self):\n        super().__init__('shop')\n"
        "        class Own(self.Task):\n            def apply_async(self, *a, **k): ...\n"
        "        self.Task = Own\n"
    )
    clear()
    assert told(tmp_path, files | {"shop/own.py": patched}) == ["CEL903", "CEL304"]


def test_a_class_that_makes_no_application(tmp_path: Path) -> None:
    other = "class Other:\n    def task(self, **o): return lambda f: f\napp = Other()\n"
    files = _project(f"import celery\n{other}")
    assert told(tmp_path, files | {"shop/tasks.py": f"import celery\n{other}{TASK}"}) == []


def test_a_base_that_cannot_be_read(tmp_path: Path) -> None:
    """Its methods are likely Celery's own; of its options nothing is said."""
    tasks = (
        "from celery import shared_task\nfrom toolbox.tasks import ToolTask\n"
        "class Own(ToolTask):\n    queue = 'x'\n"
        "@shared_task(base=Own, max_retires=3, retry_backoff=True)\ndef charge(pk): ...\n"
        "charge.delay(1, 2)\n"
    )
    files = {"pyproject.toml": "", "shop/__init__.py": "", "shop/tasks.py": tasks}
    found = judged(tmp_path, files, "shop/tasks.py")
    assert [finding.code for finding in found] == ["CEL903", "CEL401"]
    assert all(finding.message.endswith(BASE) for finding in found)
    once = tasks.replace("ToolTask", "OnceTask")
    clear()
    found = judged(tmp_path, files | {"shop/tasks.py": once}, "shop/tasks.py")
    assert [finding.code for finding in found] == ["CEL903"]


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("from celery import shared_task\njob_task = shared_task\n", "@job_task(max_retires=3)"),
        (
            "from celery import shared_task\njob_task = shared_task\n",
            "@core.job_task(max_retires=3)",
        ),
        ("from shop.own import first\ncelery_task = first.task\n", "@celery_task(max_retires=3)"),
        ("from shop.own import make\njobs = make()\n", "@jobs.task(max_retires=3)"),
        ("from shop.own import first\nqueue = first\n", "@queue.task(max_retires=3)"),
    ],
)
def test_a_name_given_anew_is_followed(tmp_path: Path, given: str, used: str) -> None:
    """Decorators, applications and the modules that hold them: the name does not matter."""
    name = used[1:].partition("(")[0].partition(".")[0]
    whence = "shop" if name == "core" else "shop.core"
    tasks = f"from {whence} import {name}\n{used}\ndef charge(pk): ...\ncharge.delay(1, 2)\n"
    assert told(tmp_path, _project(given) | {"shop/tasks.py": tasks}) == ["CEL903", "CEL401"]


def test_a_task_given_another_name_is_followed(tmp_path: Path) -> None:
    files = _project("from celery import Celery\napp = Celery('shop')\n") | {
        "shop/again.py": "from shop.tasks import charge\nbill = charge\n",
        "shop/views.py": "from shop.again import bill\nbill.delay(1, 2)\n",
    }
    assert told(tmp_path, files, "shop/views.py") == ["CEL401"]


QUEUES = (
    "from celery import Celery\nfrom kombu import Queue\napp = Celery('shop')\n"
    "app.conf.task_queues = [Queue('celery'), Queue('high')]\n"
    "app.conf.task_create_missing_queues = False\n"
)
SHARED = "from celery import shared_task\n@shared_task(queue='hihg')\ndef charge(pk): ...\n"


@pytest.mark.parametrize("mark", ["requirements.txt", "uv.lock", "Dockerfile", "pyproject.toml"])
def test_settings_are_those_of_the_application_that_the_task_names(
    tmp_path: Path, mark: str
) -> None:
    files = {
        mark: "",
        "core/__init__.py": "",
        "core/app.py": QUEUES,
        "shop/__init__.py": "",
        "shop/tasks.py": "from core.app import app\n@app.task(queue='hihg')\ndef f(): ...\n",
    }
    assert told(tmp_path, files) == ["CEL501"]


def test_a_package_that_imports_much_hides_no_application(tmp_path: Path) -> None:
    """What the outer package imports is looked at before the many pieces of an inner one."""
    pieces = [f"shop/pieces/p{n}.py" for n in range(30)]
    files = {
        "pyproject.toml": "",
        "shop/__init__.py": "from .made import app\n",
        "shop/made.py": QUEUES,
        "shop/pieces/__init__.py": "".join(f"from .p{n} import *\n" for n in range(30)),
        **dict.fromkeys(pieces, ""),
        "shop/pieces/tasks.py": SHARED,
    }
    assert told(tmp_path, files, "shop/pieces/tasks.py") == ["CEL501"]


@pytest.mark.parametrize(
    "more",
    [
        {"main.py": "from core.build import app\n"},
        {"shop/__init__.py": "from core import build\n"},
        {"shop/tasks.py": f"import core.build\n{SHARED}"},
        {
            "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'core.conf')\n",
            "core/conf.py": "",
            "core/build.py": "",
            "core/factory.py": QUEUES,
        },
    ],
    ids=["script", "package", "module", "django"],
)
def test_the_application_of_shared_tasks(tmp_path: Path, more: dict[str, str]) -> None:
    """Found by what is imported where, without a well-known file name."""
    files = {
        "pyproject.toml": "",
        "core/__init__.py": "",
        "core/build.py": QUEUES,
        "shop/__init__.py": "",
        "shop/tasks.py": SHARED,
    }
    assert told(tmp_path, files) == []
    clear()
    assert told(tmp_path, files | more) == ["CEL501"]


def test_the_folder_that_the_linter_runs_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shop" / "jobs"
    folder.mkdir(parents=True)
    assert root_of(str(folder)) is None
    monkeypatch.chdir(tmp_path)
    assert root_of(str(folder)) == str(tmp_path)
    (tmp_path / "shop" / "Pipfile").touch()
    clear()
    assert root_of(str(folder)) == str(tmp_path / "shop")


def test_a_root_is_no_package(tmp_path: Path) -> None:
    """Whatever it holds; but manage.py may lie in a package that it imports by name."""
    main = tmp_path / "site" / "main"
    main.mkdir(parents=True)
    for folder in (main, tmp_path / "site"):
        (folder / "__init__.py").touch()
    manage = tmp_path / "site" / "manage.py"
    manage.write_text("import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'main.settings'\n")
    assert package_of(str(main)) == (str(tmp_path / "site"), "main")
    clear()
    manage.write_text("from site.main import run\n")
    assert package_of(str(main)) == (str(tmp_path), "site.main")


SET = "from shop.core import app\n@app.task\ndef charge(pk): ...\ncharge.delay({1, 2})\n"


@pytest.mark.parametrize(
    ("core", "more", "expected"),
    [
        ("app = Celery('shop')\n", {}, "likely"),
        ("app = Celery('shop', broker=URL)\n", {}, "known"),
        ("app = Celery('shop')\napp.config_from_object(load())\n", {}, "likely"),
        (
            "app = Celery('shop')\n",
            {"main.py": "import shop\nshop.core.app.conf.x = celery\n"},
            "likely",
        ),
        ("app = Celery('shop')\nif URL: app.conf.task_serializer = 'json'\n", {}, "known"),
        ("app = Celery('shop')\nif URL: app.conf.task_serializer = 'pickle'\n", {}, ""),
        ("app = Celery('shop')\napp.conf.task_serializer = env('X', 'json')\n", {}, "likely"),
        ("app = Celery('shop')\napp.conf.task_serializer = env('X')\n", {}, ""),
        ("app = Celery('shop')\napp.config_from_object(load('msgpack'))\n", {}, ""),
    ],
)
def test_json_by_default(tmp_path: Path, core: str, more: dict[str, str], expected: str) -> None:
    """A set is no JSON: told where the serializer is known, or nothing names another."""
    head = "from celery import Celery\nfrom other import env, load\nfrom shop.conf import URL\n"
    files = _project(head + core) | {"shop/tasks.py": SET, "shop/conf.py": "URL = 'x'\n"} | more
    found = [one for one in judged(tmp_path, files, "shop/tasks.py") if one.code == "CEL405"]
    if not expected:
        assert found == []
    else:
        assert ["likely" if one.likely else "known" for one in found] == [expected]


def test_a_serializer_that_one_of_djangos_settings_names(tmp_path: Path) -> None:
    """The other can't be found, so nothing is known; but JSON is not likely."""
    files = _project(
        "import os\nfrom celery import Celery\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.conf')\n"
        "app = Celery('shop')\napp.config_from_object('django.conf:settings', namespace='CELERY')\n"
    )
    files |= {
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.conf')\n",
        "shop/wsgi.py": "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'gone.conf'\n",
        "shop/tasks.py": SET,
    }
    for serializer, likely in (("pickle", []), ("json", [True])):
        conf = {"shop/conf.py": f"CELERY_TASK_SERIALIZER = '{serializer}'\n"}
        found = judged(tmp_path, files | conf, "shop/tasks.py")
        assert [bool(one.likely) for one in found if one.code == "CEL405"] == likely
        clear()
