"""The configuration reader: what it knows, and that Celery agrees wherever it claims to."""

from __future__ import annotations

import ast
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flake8_celery.core.deployed.concerns import begin
from flake8_celery.core.model.build import build
from flake8_celery.core.model.fact import ABSENT
from flake8_celery.core.project.files import clear
from flake8_celery.core.settings.configuration import UNREADABLE, Configuration, Known
from flake8_celery.core.settings.queues import Kind, kind_of_url, queues_in_commands
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.values.unknown import UNKNOWN
from flake8_celery.linter import lint
from flake8_celery.options import Options


def write(folder: Path, files: dict[str, str]) -> None:
    """A project of these files; `setup.cfg` marks its root."""
    for name, text in {"setup.cfg": "", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")


def read(folder: Path, files: dict[str, str], linted: str, **options: object) -> Configuration:
    """The configuration that holds for one file of a project."""
    write(folder, files)
    clear()
    text = (folder / linted).read_text(encoding="utf-8")
    chosen = Options({name.replace("_", "-"): value for name, value in options.items()})
    module = Module(text, str(folder / linted), ast.parse(text))
    return configuration_of(build(module, chosen))


APP = "from celery import Celery\napp = Celery('shop')\napp.conf.enable_utc = True\n"
TASKS = "from celery import shared_task\n\n@shared_task\ndef f(): ...\n"


def simple(folder: Path, body: str, **options: object) -> Configuration:
    """An application in shop/celery.py, seen from shop/tasks.py."""
    files = {"shop/__init__.py": "", "shop/tasks.py": TASKS}
    files["shop/celery.py"] = APP + textwrap.dedent(body)
    return read(folder, files, "shop/tasks.py", **options)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("app.conf.task_acks_late = True", (True,)),
        ("app.conf['task_acks_late'] = True", (True,)),
        ("app.conf.update(task_acks_late=True)", (True,)),
        ("app.conf.update({'task_acks_late': True})", (True,)),
        ("X = {'task_acks_late': True}\napp.conf.update(X)", (True,)),
        ("X = dict(task_acks_late=True)\napp.conf.update(**X)", (True,)),
        ("app.conf.CELERY_ACKS_LATE = True", (True,)),
        ("app.add_defaults({'task_acks_late': True})", (True,)),
        ("app.add_defaults(lambda: {'task_acks_late': True})", (True,)),
        ("app.conf.task_acks_late = False\napp.conf.task_acks_late = True", (True,)),
        (
            "import os\nif os.name == 'nt':\n    app.conf.task_acks_late = True\n"
            "else:\n    app.conf.task_acks_late = False",
            (True, False),
        ),
        ("class C:\n    task_acks_late = True\napp.config_from_object(C)", (True,)),
        (
            "class B:\n    task_acks_late = True\nclass C(B):\n    x = 1\n"
            "app.config_from_object('shop.celery:C')",
            (True,),
        ),
        ("app.config_from_object({'task_acks_late': True})", (True,)),
        ("def setup():\n    app.conf.task_acks_late = True", UNKNOWN),
        ("if __debug__:\n    app.conf.task_acks_late = True", UNKNOWN),
        ("import os\napp.conf.update(os.environ)", UNKNOWN),
        ("app.config_from_object('nowhere')", UNKNOWN),
        ("app.config_from_envvar('X')", UNKNOWN),
        ("from .more import setup\nsetup(app)", UNKNOWN),
        ("from .more import setup\nsetup(app.conf)", UNKNOWN),
    ],
)
def test_forms(tmp_path: Path, body: str, expected: object) -> None:
    found = simple(tmp_path, body).values("task_acks_late")
    assert found == expected or (found is expected)


def test_absent_is_claimed_only_where_all_was_read(tmp_path: Path) -> None:
    assert simple(tmp_path, "").setting("task_acks_late") is ABSENT
    assert simple(tmp_path, "app.conf.x = 1").setting("task_acks_late") is ABSENT
    hidden = simple(tmp_path, "app.config_from_object('nowhere')")
    assert hidden.setting("task_acks_late") is UNREADABLE
    assert not hidden.setting("task_acks_late")


def test_an_application_configured_elsewhere(tmp_path: Path) -> None:
    """A bare one likely has Celery's defaults, unless something in reach configures it."""
    files = {"shop/__init__.py": "", "shop/tasks.py": TASKS}
    files["shop/celery.py"] = "from celery import Celery\napp = Celery('shop')\n"
    found = read(tmp_path, files, "shop/tasks.py")
    assert found.setting("task_acks_late") is ABSENT
    assert found.bare
    clear()
    files["shop/setup.py"] = "from shop.celery import app\napp.conf.update(load())\n"
    found = read(tmp_path, files, "shop/tasks.py")
    assert found.setting("task_acks_late") is UNREADABLE


@pytest.mark.parametrize("place", ["factory.py", "setup/__init__.py"])
def test_an_application_of_a_package_configured_beside_it(tmp_path: Path, place: str) -> None:
    files = {"shop/__init__.py": "", "shop/tasks.py": "from .extensions import app\n" + TASKS}
    files["shop/extensions/__init__.py"] = "from celery import Celery\napp = Celery('shop')\n"
    assert read(tmp_path, files, "shop/tasks.py").setting("task_acks_late") is ABSENT
    files[f"shop/{place}"] = "from shop.extensions import app\napp.config_from_object(load())\n"
    assert read(tmp_path, files, "shop/tasks.py").setting("task_acks_late") is UNREADABLE


def test_no_application(tmp_path: Path) -> None:
    found = read(tmp_path, {"shop/__init__.py": "", "shop/tasks.py": TASKS}, "shop/tasks.py")
    assert not found.found
    assert found.setting("task_acks_late") is UNREADABLE


DJANGO = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n",
    "site_/__init__.py": "",
    "site_/celery.py": APP + "app.config_from_object('django.conf:settings', namespace='CELERY')\n",
    "site_/base.py": "CELERY_TASK_ACKS_LATE = False\nCELERY_BROKER_URL = 'redis://h'\n"
    "CELERY_BEAT_SCHEDULE = {'a': {'task': 'x', 'schedule': 5}}\n",
    "site_/settings.py": "from .base import *\nCELERY_TASK_ACKS_LATE = True\n"
    "task_track_started = True\n"
    "CELERY_BEAT_SCHEDULE['b'] = {'task': 'y', 'schedule': 5}\n",
    "shop/__init__.py": "",
    "shop/tasks.py": TASKS,
}


def test_django(tmp_path: Path) -> None:
    found = read(tmp_path, DJANGO, "shop/tasks.py")
    assert found.namespace == "CELERY"
    assert found.values("task_acks_late") == (True,)
    assert found.setting("task_track_started") is ABSENT, "Django takes upper case only"
    assert found.broker == Kind("redis", False)
    assert found.backend is None
    assert [entry.label for entry, _ in found.entries] == ["a", "b"]
    [place] = found.setting("broker_url").places  # type: ignore[union-attr]
    assert place.model.project.shown() == "site_/base.py"


def test_a_settings_module_in_a_comment_is_none(tmp_path: Path) -> None:
    """Django's own template of wsgi.py had such a line."""
    wsgi = "import os\n# os.environ['DJANGO_SETTINGS_MODULE'] = 'gone.settings'\n"
    found = read(tmp_path, {**DJANGO, "site_/wsgi.py": wsgi}, "shop/tasks.py")
    assert found.values("task_acks_late") == (True,)
    wsgi = "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'gone.settings'\n"
    found = read(tmp_path, {**DJANGO, "site_/wsgi.py": wsgi}, "shop/tasks.py")
    assert found.setting("task_acks_late") is UNREADABLE


def test_the_linted_buffer_counts(tmp_path: Path) -> None:
    write(tmp_path, DJANGO)
    clear()
    text = "from .base import *\nCELERY_TASK_ACKS_LATE = None\n"
    module = Module(text, str(tmp_path / "site_/settings.py"), ast.parse(text))
    assert configuration_of(build(module, Options())).values("task_acks_late") == (None,)
    assert read(tmp_path, DJANGO, "shop/tasks.py").values("task_acks_late") == (True,)


def test_other_environments_count(tmp_path: Path) -> None:
    more = {"site_/settings_prod.py": "from .settings import *\nCELERY_TASK_ACKS_LATE = None\n"}
    found = read(tmp_path, {**DJANGO, **more}, "shop/tasks.py")
    assert found.values("task_acks_late") == (True, None)


@pytest.mark.parametrize(
    "line",
    [
        "globals().update(X)",
        "exec('x')",
        "from .missing import *",
        "try:\n    from .missing import *\nexcept ImportError:\n    pass",
        "for name in X:\n    globals()[name] = 1",
        "import sys\nsetattr(sys.modules[__name__], 'x', 1)",
        "def __getattr__(name): ...",
        "from split_settings.tools import include\ninclude('x/*.py')",
    ],
)
def test_what_computes_names_is_not_read(tmp_path: Path, line: str) -> None:
    files = {**DJANGO, "site_/settings.py": DJANGO["site_/settings.py"] + line + "\n"}
    found = read(tmp_path, files, "shop/tasks.py")
    assert found.setting("task_acks_late") is UNREADABLE
    assert found.setting("task_ignore_result") is UNREADABLE


@pytest.mark.parametrize(
    ("text", "named"),
    [("x = (", "line 1: '(' was never closed"), ("x = 1\n\0", "null"), ("\xff\xfe", "line 1")],
)
def test_a_broken_file_is_said(tmp_path: Path, text: str, named: str) -> None:
    write(tmp_path, DJANGO)
    (tmp_path / "site_/base.py").write_bytes(text.encode("latin-1"))
    clear()
    model = build(Module(TASKS, str(tmp_path / "shop/tasks.py"), ast.parse(TASKS)), Options())
    found = configuration_of(model)
    assert found.setting("task_ignore_result") is UNREADABLE
    assert list(model.project.unread.values()) == [str(tmp_path / "site_/base.py")]
    assert named in found.troubles[0].why


def test_cel003(tmp_path: Path) -> None:
    files = {**DJANGO, "site_/base.py": "x = (\n"}
    text = (
        "from celery import shared_task\n@shared_task(reject_on_worker_lost=True)\ndef f(): ...\n"
    )
    write(tmp_path, {**files, "shop/tasks.py": text})
    clear()
    [finding] = lint(text, str(tmp_path / "shop/tasks.py"))
    where = "at the task whose option depends on it"
    assert (finding.code, finding.line, finding.column) == ("CEL003", 3, 4), where
    assert finding.message.startswith("site_/base.py can't be read (line 1")
    plain = lint(TASKS, str(tmp_path / "shop/tasks.py"))
    assert plain == [], "nothing in it depends on the settings"


def test_cel003_for_an_option(tmp_path: Path) -> None:
    text = (
        "from celery import shared_task\n@shared_task(reject_on_worker_lost=True)\ndef f(): ...\n"
    )
    write(tmp_path, {"shop/tasks.py": text})
    clear()
    options = Options({"celery-config": "conf/none.py"})
    [finding] = lint(text, str(tmp_path / "shop/tasks.py"), options)
    assert finding.code == "CEL003"
    assert "conf/none.py can't be read (no such file)" in finding.message


def test_cycles(tmp_path: Path) -> None:
    files = {**DJANGO, "site_/base.py": "from .settings import *\n"}
    assert read(tmp_path, files, "shop/tasks.py").setting("task_ignore_result") is UNREADABLE


def test_byte_order_mark(tmp_path: Path) -> None:
    files = {**DJANGO, "site_/base.py": "\ufeff" + DJANGO["site_/base.py"]}
    assert read(tmp_path, files, "shop/tasks.py").broker == Kind("redis", False)


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    write(tmp_path, DJANGO)
    clear()

    def values() -> object:
        path = str(tmp_path / "shop/tasks.py")
        begin(path)
        module = Module(TASKS, path, ast.parse(TASKS))
        return configuration_of(build(module, Options())).values("task_acks_late")

    assert values() == (True,)
    (tmp_path / "site_/settings.py").write_text("CELERY_TASK_ACKS_LATE = None\n")
    assert values() == (None,)


@pytest.mark.parametrize(
    ("version", "expected"), [("", UNREADABLE), ("5.6", ABSENT), ("5.7", (True,))]
)
def test_old_names_under_a_namespace(tmp_path: Path, version: str, expected: object) -> None:
    files = {**DJANGO, "site_/settings.py": "CELERY_ACKS_LATE = True\n"}
    found = read(tmp_path, files, "shop/tasks.py", celery_target_version=version)
    if isinstance(expected, tuple):
        assert found.values("task_acks_late") == expected
    else:
        assert found.setting("task_acks_late") is expected


def test_two_applications(tmp_path: Path) -> None:
    files = {
        "a/__init__.py": "",
        "a/celery.py": APP + "app.conf.task_acks_late = True\n",
        "a/tasks.py": TASKS,
        "b/__init__.py": "",
        "b/celery.py": APP + "app.conf.task_acks_late = False\n",
        "b/tasks.py": TASKS,
        "c/__init__.py": "",
        "c/tasks.py": TASKS,
    }
    assert read(tmp_path, files, "a/tasks.py").values("task_acks_late") == (True,)
    assert read(tmp_path, files, "b/tasks.py").values("task_acks_late") == (False,)
    assert not read(tmp_path, files, "c/tasks.py").found
    given = read(tmp_path, files, "c/tasks.py", celery_app="a.celery:app")
    assert given.values("task_acks_late") == (True,)


def test_celery_config_option(tmp_path: Path) -> None:
    files = {
        "conf/a.py": "task_acks_late = True\ntask_ignore_result = True\n",
        "conf/b.py": "task_acks_late = False\n",
        "tasks.py": TASKS,
    }
    found = read(tmp_path, files, "tasks.py", celery_config="conf/a.py, conf/b.py")
    assert found.values("task_acks_late") == (False,)
    assert found.values("task_ignore_result") == (True,)
    assert found.setting("timezone") is ABSENT
    missing = read(tmp_path, files, "tasks.py", celery_config="conf/none.py")
    assert [t.why for t in missing.troubles] == ["no such file"]


def test_celeryconfig_without_an_application(tmp_path: Path) -> None:
    files = {"celeryconfig.py": "task_acks_late = True\n", "tasks.py": TASKS}
    assert read(tmp_path, files, "tasks.py").values("task_acks_late") == (True,)


# -- queues


@pytest.mark.parametrize(
    ("value", "names", "complete"),
    [
        ("[Queue('a'), Queue(name='b')]", {"a", "b"}, True),
        ("(Queue('a'),) + (Queue('b'),)", {"a", "b"}, True),
        ("{'a': {}, 'b': {}}", {"a", "b"}, True),
        ("[Queue(n) for n in ('a', 'b')]", {"a", "b"}, True),
        ("[Queue('a'), make()]", {"a"}, False),
        ("[Queue('a'), *MORE]", {"a"}, False),
        ("make()", set(), False),
    ],
)
def test_queues(tmp_path: Path, value: str, names: set[str], complete: bool) -> None:
    body = f"from kombu import Queue\napp.conf.task_queues = {value}\n"
    found = simple(tmp_path, body).queues
    assert (set(found.names), found.complete) == (names, complete)
    assert (found.create_missing, found.default) == (True, "celery")


def test_queues_added(tmp_path: Path) -> None:
    body = "from kombu import Queue\napp.conf.task_queues = [Queue('a')]\n"
    more = "app.conf.task_queues.append(Queue('b'))\napp.conf.task_queues += [Queue('c')]\n"
    assert simple(tmp_path, body + more).queues.names == {"a", "b", "c"}
    added = simple(tmp_path, body + "app.amqp.queues.add('z')\n").queues
    assert not added.complete


def test_queues_by_option(tmp_path: Path) -> None:
    found = simple(tmp_path, "", celery_queues="hi, lo").queues
    assert (found.names, found.complete, found.where) == ({"hi", "lo"}, True, "celery-queues")


@pytest.mark.parametrize(
    ("text", "names", "complete"),
    [
        ("worker: celery -A shop worker -Q a,b -l info", {"a", "b"}, True),
        ("w: celery worker --queues=a\nv: celery worker --queues b", {"a", "b"}, True),
        ('command: ["celery", "worker", "-Q", "a,b"]', {"a", "b"}, True),
        ("command: celery worker -Q ${QUEUES}", set(), False),
        ("command: celery worker -Q a,${MORE}", {"a"}, False),
        ("command=celery -A x worker -Q 'a'\n", {"a"}, True),
        ("web: gunicorn", set(), False),
        ("command:\n  - celery\n  - worker\n  - -Q\n  - a,b\n", {"a", "b"}, True),
        ("celery -A x worker \\\n  -Q a\n", {"a"}, True),
        ("w: celery worker -Q a\nv: celery -A x worker", {"a"}, False),
        ("w: celery worker -Q a\nb: celery -A x beat", {"a"}, True),
    ],
)
def test_worker_commands(text: str, names: set[str], complete: bool) -> None:
    assert queues_in_commands(text) == (frozenset(names), complete)


def test_worker_commands_option(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("worker: celery worker -Q a,b\n")
    found = simple(tmp_path, "", celery_worker_commands="Procfile").queues
    assert (found.names, found.complete) == ({"a", "b"}, True)
    assert found.where == "celery-worker-commands"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("redis://h/0", "redis"),
        ("rediss://h", "redis"),
        ("amqp://a;amqp://b", "amqp"),
        ("sqs://", "sqs"),
        ("amqp://a;redis://b", None),
        (None, None),
        ("x", None),
    ],
)
def test_kinds(url: object, kind: str | None) -> None:
    assert kind_of_url(url) == kind


def test_broker_is_known_by_option_only(tmp_path: Path) -> None:
    body = "app.conf.broker_url = 'redis://h'"
    assert simple(tmp_path, body).broker == Kind("redis", False)
    assert simple(tmp_path, body, celery_broker="sqs").broker == Kind("sqs", True)
    environment = "import os\napp.conf.broker_url = os.environ.get('URL', 'redis://h')"
    assert simple(tmp_path, environment).broker is None
    assert simple(tmp_path, "").broker is None
    assert isinstance(simple(tmp_path, body).setting("broker_url"), Known)


# -- cost


def seconds(work: Callable[[], object]) -> float:
    """The least CPU time of three runs, each with nothing cached."""
    found = []
    for _ in range(3):
        clear()
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def test_one_file_of_a_hundred(tmp_path: Path) -> None:
    """An editor lints one file in a fresh process: what is around it must not cost much."""
    files = dict(DJANGO)
    body = "from celery import shared_task\nfrom shop.more0 import t0 as other\n\n" + "".join(
        f"@shared_task(reject_on_worker_lost=True, time_limit=60)\ndef t{n}(a, b=1):\n"
        f"    other.apply_async((a,), countdown=90, queue='slow')\n\n"
        for n in range(20)
    )
    for number in range(100):
        files[f"shop/more{number}.py"] = body
    files["site_/base.py"] += "".join(f"SETTING_{n} = {n}\n" for n in range(300))
    write(tmp_path, files)
    inside, outside = str(tmp_path / "shop/more1.py"), str(tmp_path / "nowhere/more1.py")
    lint(body, inside)
    alone = seconds(lambda: lint(body, outside))
    among = seconds(lambda: lint(body, inside))
    assert among - alone < 0.1


def test_ten_thousand_settings(tmp_path: Path) -> None:
    text = "".join(f"SETTING_{n} = {n}\nif SETTING_{n}:\n    OTHER_{n} = 1\n" for n in range(5000))
    files = {**DJANGO, "site_/base.py": DJANGO["site_/base.py"] + text}
    write(tmp_path, files)
    lint(TASKS, str(tmp_path / "shop/tasks.py"))
    task = TASKS.replace("@shared_task", "@shared_task(reject_on_worker_lost=True)")
    parsing = seconds(lambda: ast.parse(text))
    reading = seconds(lambda: lint(task, str(tmp_path / "shop/tasks.py")))
    assert reading < parsing * 8
    lint(task, str(tmp_path / "shop/tasks.py"))
    start = time.process_time()
    lint(task, str(tmp_path / "shop/tasks.py"))
    assert time.process_time() - start < parsing, "read once a process"


def test_all_computed(tmp_path: Path) -> None:
    computed = "for name in dir():\n    globals()[name] = None\nX = [n for n in range(9)]\n" * 50
    files = {**DJANGO, "site_/settings.py": computed}
    found = read(tmp_path, files, "shop/tasks.py")
    assert found.setting("task_acks_late") is UNREADABLE
    assert not found.entries
    assert found.broker is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("CELERY_TRACK_STARTED", "task_track_started"), (1,)),
        (("task_track_started", "CELERY_TRACK_STARTED"), (1,)),
        # Celery keeps the place in which the old name came first: the new one still wins
        (("CELERY_TRACK_STARTED", "task_track_started", "CELERY_TRACK_STARTED"), UNKNOWN),
        (("task_track_started", "task_track_started"), (1,)),
    ],
)
def test_both_spellings_on_the_application(
    tmp_path: Path, names: tuple[str, ...], expected: object
) -> None:
    body = "".join(f"app.conf.{name} = {number}\n" for number, name in enumerate(names))
    assert simple(tmp_path, body).values("task_track_started") == expected


@pytest.mark.parametrize("version", ["5.6", "5.7", ""])
def test_old_names_loaded_and_new_ones_on_the_application(tmp_path: Path, version: str) -> None:
    """What is set on the application takes no part in which spelling the loaded settings have."""
    files = {"shop/__init__.py": "", "shop/tasks.py": TASKS, "shop/celery.py": APP}
    files["shop/celery.py"] += "app.config_from_object('shop.conf')\napp.conf.task_routes = {}\n"
    files["shop/conf.py"] = "CELERY_ACKS_LATE = True\n"
    found = read(tmp_path, files, "shop/tasks.py", celery_target_version=version)
    assert found.values("task_acks_late") == (True,)
    assert found.values("task_routes") == ({},)
    assert found.setting("task_track_started") is ABSENT
    files["shop/conf.py"] += "task_track_started = True\n"
    found = read(tmp_path, files, "shop/tasks.py", celery_target_version="5.6")
    assert found.setting("task_acks_late") is UNREADABLE


@pytest.mark.parametrize(
    ("line", "read_"),
    [
        ("X = globals().get('Y', 1)", True),
        ("X = 1 if 'Y' not in locals() else 2", True),
        ("X = globals().get('Y').append(1)", False),
        ("X = dict(globals())", False),
        ("globals()['task_acks_late'] = 1", False),
    ],
)
def test_a_module_that_asks_for_its_own_names(tmp_path: Path, line: str, read_: bool) -> None:
    files = {"shop/__init__.py": "", "shop/tasks.py": TASKS, "shop/celery.py": APP}
    files["shop/celery.py"] += "app.config_from_object('shop.conf')\n"
    files["shop/conf.py"] = f"task_track_started = True\n{line}\n"
    found = read(tmp_path, files, "shop/tasks.py")
    assert found.setting("task_acks_late") is (ABSENT if read_ else UNREADABLE)
