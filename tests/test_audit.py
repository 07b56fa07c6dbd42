"""What a run does to the machine: nothing of the project is run, no socket, no process but git."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.core.project.test_guarded_git import git

# a dozen whole runs, and the same on every Python
pytestmark = pytest.mark.once
RUN = '''\
"""Runs one program under an audit hook and writes down what concerns the project or the world."""
import json
import os
import sys

log, project, plugins, program, *words = sys.argv[1:]
seen = []
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = (
    *("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link"),
    *("os.symlink", "os.truncate", "os.utime", "shutil.rmtree", "shutil.move", "shutil.copyfile"),
)
PROCESSES = (
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile"),
    *("os.fork", "os.forkpty", "pty.spawn"),
)


def hook(event, words):
    if event == "exec":
        if getattr(words[0], "co_filename", "").startswith(project):
            seen.append(["exec", words[0].co_filename])
    elif event == "open":
        path, mode, flags = words
        if (mode and set(mode) & set("wax+")) or (flags and flags & WRITES):
            seen.append(["write", *([] if isinstance(path, int) else [os.fsdecode(path)])])
    elif event in CHANGES:
        seen.append(["write", *(os.fsdecode(w) for w in words[:2] if isinstance(w, (str, bytes)))])
    elif event in PROCESSES:
        seen.append(["process", event, repr(words)])
    elif event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.")):
        if event != "socket.gethostname":
            seen.append(["socket", event])
    elif event == "ctypes.dlopen":
        seen.append(["library", repr(words)])


if plugins == "without":
    import importlib.metadata

    real = importlib.metadata.Distribution.entry_points
    importlib.metadata.Distribution.entry_points = property(
        lambda self: [] if "celery" in self.metadata["Name"] else real.fget(self)
    )
code = 0
sys.argv = [program, *words]
sys.addaudithook(hook)
try:
    if program == "flake8":
        from flake8.main.cli import main

        code = main(words)
    elif program == "pylint":
        from pylint import run_pylint

        run_pylint(words)
    else:
        from flake8_celery.cli import main

        code = main(words)
except SystemExit as end:
    code = end.code
finally:
    events = list(seen)
    with open(log, "w") as stream:
        json.dump({"code": code, "events": events}, stream)
os._exit(0)
'''
BITE = "import os, pathlib\npathlib.Path({mark!r}).write_text(__name__)\n"
FILES = {
    "setup.cfg": "[flake8]\nselect = CEL,F,E9\ncelery-app = shop.celery:app\n"
    "celery-config = shop.settings\ncelery-worker-commands = Procfile\n"
    "celery-task-decorators = shop.tools.job\n",
    "Procfile": "worker: celery -A shop worker -Q a,b; touch {mark}\n",
    "manage.py": "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings'\n",
    "conftest.py": "",
    "shop/__init__.py": "from .celery import app\n",
    "shop/celery.py": "from celery import Celery\napp = Celery('shop', task_cls='shop.base.Base')\n"
    "app.config_from_object('shop.settings')\napp.autodiscover_tasks()\n",
    "shop/settings.py": "from .more import *\nCELERY_TASK_ROUTES = {{'shop.*': {{'queue': 'a'}}}}\n"
    "broker_url = 'redis://localhost'\ntimezone = 'Europe/Berlni'\nCELERY_TIMEZONE = 'Eurpe/Rome'\n"
    "beat_schedule = {{'x': {{'task': 'shop.tasks.f', "
    "'schedule': 1}}}}\n",
    "shop/more.py": "task_serializer = 'json'\n",
    "shop/base.py": "from celery import Task\nclass Base(Task):\n    pass\n",
    "shop/tools.py": "def job(function):\n    return function\n",
    "shop/jobs.py": "from shop.tools import job\n\n\n@job\ndef g(): ...\n",
    "shop/tasks.py": "from celery import shared_task\n"
    "from shop.native import thing\n\n\n"
    "@shared_task(max_retires=1)\ndef f(a, b): ...\n\n\n"
    "f.delay(thing.made(), thing.a.b, 1)\nf.apply_async((1, 2), queue='c')\n",
    "shop/native.py": "class thing:\n    a = 1\n    @staticmethod\n    def made(): return 1\n",
    "shop/views.py": "from shop.tasks import f\nfrom celery import current_app\n"
    "f.delay(1)\ncurrent_app.send_task('shop.tasks.nothing')\n",
}


class Hostile:
    """A project whose every module leaves a mark when it is run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.mark = folder / "mark"
        self.log = folder / "log.json"
        self.run_file = folder / "bin" / "run.py"
        self.run_file.parent.mkdir()
        self.run_file.write_text(RUN)
        for name, text in FILES.items():
            bite = BITE.format(mark=str(self.mark)) if name.endswith(".py") else ""
            self.put(name, bite + text.format(mark=self.mark))
        for name in sorted(shadowed()):
            self.put(f"{name}.py", BITE.format(mark=str(self.mark)))
        git(self.folder, "init", "-q", "-b", "main")
        git(self.folder, "config", "core.fsmonitor", f"touch {self.mark}")
        git(self.folder, "config", "core.hooksPath", str(self.folder / "hooks"))
        git(self.folder, "-c", "core.fsmonitor=false", "add", ".")
        git(self.folder, "-c", "core.fsmonitor=false", "commit", "-qm", "1", "--no-verify")
        self.mark.unlink(missing_ok=True)
        tasks = (self.folder / "shop" / "tasks.py").read_text()
        self.put("shop/tasks.py", tasks.replace("def f(a, b)", "def f(a, b, c)"))

    def put(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, program: str, *words: str, plugins: str = "with") -> list[list[Any]]:
        self.log.unlink(missing_ok=True)
        command = [str(self.run_file), str(self.log), str(self.folder), plugins, program, *words]
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYLINTHOME": str(self.folder.parent / "cache"),
        }
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=150,
        )
        assert self.log.exists(), done.stderr
        self.out = done.stdout
        assert "Traceback" not in done.stderr, done.stderr
        assert "internal error" not in done.stdout, done.stdout
        report = json.loads(self.log.read_text())
        self.code = report["code"]
        events: list[list[Any]] = report["events"]
        return events


def shadowed() -> set[str]:
    """Standard modules that we import: the project has one of each name."""
    found = set()
    for folder in ("flake8_celery", "pylint_celery"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    found.add((node.module or "").partition(".")[0])
    return (found & sys.stdlib_module_names) | {"tomllib", "tomli", "tzdata"}


def test_what_pylint_imports_early() -> None:
    # `concurrent` is for `check` alone, which pylint never runs
    names = shadowed() - {"concurrent", "gc", "tomllib", "tomli", "tzdata"}
    code = "import pylint.lint, sys\nimport pylint_celery.plugin\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert names - set(done.stdout.split()) - set(sys.builtin_module_names) == set()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    return Hostile(tmp_path_factory.mktemp("audit"))


FLAKE8 = ("--config=setup.cfg", "-j1", "--extend-select=CEL1,CEL3,CEL4,CEL5,CEL7,CEL8")
PYLINT = (
    *("--load-plugins=pylint_celery.plugin", "-j1", "--disable=all", "--enable=celery,F"),
    *("--celery-config=shop.settings", "--celery-worker-commands=Procfile"),
)
RUNS = {
    "flake8": ("flake8", *FLAKE8, "shop", "manage.py"),
    "flake8 against": ("flake8", *FLAKE8, "--celery-against=HEAD", "shop"),
    "pylint": ("pylint", *PYLINT, "shop", "manage.py"),
    "pylint against": ("pylint", *PYLINT, "--celery-against=HEAD", "shop"),
    "rules": ("command", "rules"),
    "explain": ("command", "explain", "CEL301"),
    "diff": ("command", "diff", "--against", "HEAD"),
    "diff json": ("command", "diff", "--against", "HEAD", "--format=json", "."),
    "diff github": ("command", "diff", "--against", "HEAD", "--format=github", "--strict"),
    "lock check": ("command", "lock", "--check", "."),
    "lock": ("command", "lock", "."),
    "lock again": ("command", "lock", "."),
    "diff with the lock": ("command", "diff", "--lock", "celery-tasks.lock"),
    "flake8 with the lock": ("flake8", *FLAKE8, "shop"),
    "pylint with the lock": ("pylint", *PYLINT, "shop"),
}
#: What each must say at least, so that it did its work.
SAYS = {
    "flake8": "CEL903",
    "flake8 against": "CEL414",
    "pylint": "E8722",
    "pylint against": "celery-parameter-without-default",
    "rules": "CEL903",
    "explain": "CEL301",
    "diff": "CEL411",
    "diff json": '"CEL411"',
    "diff github": "::error",
    "lock check": "not up to date",
    "lock": "celery-tasks.lock",
    "lock again": "celery-tasks.lock",
    "diff with the lock": "nothing breaks",
    "flake8 with the lock": "CEL903",
    "pylint with the lock": "E8722",
}


def processes(events: list[list[Any]]) -> list[str]:
    """Those that are not the guarded git."""
    return [
        words
        for kind, *rest in events
        if kind == "process"
        for words in [str(rest)]
        if "'core.fsmonitor=false'" not in words or "subprocess.Popen" not in words
    ]


@pytest.mark.parametrize("name", RUNS)
def test_run(hostile: Hostile, name: str) -> None:
    program, *words = RUNS[name]
    hostile.mark.unlink(missing_ok=True)
    events = hostile.run(program, *words)
    assert SAYS[name] in hostile.out, hostile.out
    assert not [event for event in events if event[0] in ("exec", "socket", "library")]
    assert processes(events) == []
    asked = [event for event in events if event[0] == "process"]
    assert bool(asked) == ("against" in name or "lock" in name or "diff" in name) or program in (
        "flake8",
        "pylint",
    )
    if name in ("pylint", "flake8", "flake8 with the lock", "pylint with the lock"):
        assert asked == []
    written = {Path(path) for kind, *paths in events if kind == "write" for path in paths}
    outside = {path for path in written if path != Path(os.devnull)}
    if program == "pylint":
        outside = {path for path in outside if hostile.folder.parent / "cache" not in path.parents}
    if name == "lock":
        temporary = {path for path in outside if path.name.startswith(".celery-tasks.lock.")}
        assert temporary
        assert outside - temporary <= {hostile.folder / "celery-tasks.lock"}
    else:
        assert outside <= {hostile.folder.parent / "cache"}
    assert not hostile.mark.exists()


def test_the_hook_sees_what_it_should(hostile: Hostile, tmp_path: Path) -> None:
    """The hook finds each of these where a program does them."""
    check = hostile.folder.parent / "bin" / "check.py"
    body = RUN.replace("from flake8_celery.cli import main", "main = check")
    done = "def check(words):\n"
    for line in (
        f"    exec(compile('1', {str(hostile.folder / 'x.py')!r}, 'exec'))",
        f"    open({str(tmp_path / 'x')!r}, 'w').close()",
        f"    os.rename({str(tmp_path / 'x')!r}, {str(tmp_path / 'y')!r})",
        "    import socket; socket.socket().close()",
        "    import subprocess; subprocess.run(['true'])",
        "    return 0",
    ):
        done += line + "\n"
    check.write_text(body.replace("code = 0\n", f"{done}\ncode = 0\n", 1))
    own, hostile.run_file = hostile.run_file, check
    try:
        events = hostile.run("command")
    finally:
        hostile.run_file = own
    assert {event[0] for event in events} == {"exec", "write", "socket", "process"}
    assert len(processes(events)) == 1
