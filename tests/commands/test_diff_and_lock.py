"""`flake8-celery lock` and `flake8-celery diff`, as users run them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flake8_celery.core.contract.lock import MAX_BYTES, read_lock
from flake8_celery.core.project.lockpath import LOCK_NAME
from tests import ROOT

TASKS = "shop/tasks.py"
VIEWS = "shop/views.py"
HEAD = "from celery import shared_task\n\n\n"


def task(function: str = "send", parameters: str = "to", options: str = "") -> str:
    decorator = f"@shared_task({options})" if options else "@shared_task"
    return f"{decorator}\ndef {function}({parameters}):\n    return 1\n\n\n"


def sends(*calls: str) -> str:
    return "from shop import tasks\n\n\ndef view():\n" + "".join(f"    {call}\n" for call in calls)


class Shop:
    """A project under git, with the command at hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
            "HOME": str(folder.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CEILING_DIRECTORIES": str(folder.parent),
        }

    def write(self, **files: str) -> None:
        for name, text in files.items():
            self.put({"tasks": TASKS, "views": VIEWS}[name], text)

    def put(self, name: str, text: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def git(self, *command: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=e@x", *command],
            cwd=self.folder,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a commit")
        return self.git("rev-parse", "HEAD")

    def run(
        self, *words: str, code: int | None = None, below: str = "."
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "flake8_celery", *words],
            cwd=self.folder / below,
            env={**self.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr, done.stderr
        if code is not None:
            assert done.returncode == code, done.stdout + done.stderr
        return done

    def refusal(self, *words: str, below: str = ".") -> str:
        """The one line that says why the command can't go on."""
        done = self.run(*words, code=2, below=below)
        assert done.stdout == ""
        assert done.stderr.startswith("flake8-celery: ")
        assert done.stderr.count("\n") == 1
        assert len(done.stderr) < 400
        return done.stderr

    def diff(self, *words: str, code: int) -> dict[str, Any]:
        done = self.run("diff", "--format=json", *words, code=code)
        report: dict[str, Any] = json.loads(done.stdout)
        assert report["compatible"] is {0: True, 1: False, 2: None}[code]
        return report

    def breaks(self, *words: str, code: int) -> list[tuple[str, str, str, int]]:
        """Code, direction by its initials, file and line of each break."""
        return [
            (b["code"], "".join(w[0] for w in b["direction"].split()), b["file"], b["line"])
            for b in self.diff(*words, code=code)["breaks"]
        ]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path / "work")
    made.put("shop/__init__.py", "")
    made.put("pyproject.toml", "")
    made.put("shop/celery.py", "from celery import Celery\n\napp = Celery('shop')\n")
    made.write(tasks=HEAD + task() + task("other", "a, b"), views=sends("tasks.send.delay(1)"))
    made.git("init", "-q", "-b", "main")
    made.commit()
    return made


# -- diff against a revision


def test_nothing_changed(shop: Shop) -> None:
    done = shop.run("diff", code=0)
    assert re.fullmatch(r"nothing breaks: 2 tasks of HEAD \([0-9a-f]{10}\) compared\n", done.stdout)
    assert done.stderr == ""
    assert shop.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("tasks", "views", "expected"),
    [
        # old messages, new workers
        (task("send", "to, lang"), "", [("CEL411", "omnw", TASKS, 5)]),
        (task("send", ""), "", [("CEL412", "omnw", TASKS, 5)]),
        (task("send", "*, to"), "tasks.send.delay(to=1)", [("CEL413", "omnw", TASKS, 5)]),
        (task("send", "to", "queue='slow'"), "", [("CEL415", "omnw", TASKS, 5)]),
        (task("sent", "to"), "", [("CEL410", "omnw", TASKS, 5)]),
        ("", "", [("CEL410", "omnw", TASKS, 1)]),
        # new messages, old workers
        (task("send", "to, lang=1"), "tasks.send.delay(1, 2)", [("CEL414", "nmow", VIEWS, 5)]),
        (task("send", "to, lang=1"), "tasks.send.s(1, lang=1)", [("CEL414", "nmow", VIEWS, 5)]),
        (
            task("send", "to, lang=1"),
            "tasks.send.apply_async((1,), {'lang': 2})",
            [("CEL414", "nmow", VIEWS, 5)],
        ),
        (
            task("send", "to, **rest"),
            "app.send_task('shop.tasks.send', [1], {'lang': 2})",
            [("CEL414", "nmow", VIEWS, 5)],
        ),
        (
            task("send", "to, lang"),
            "tasks.send.delay(1, 2)",
            [("CEL411", "omnw", TASKS, 5), ("CEL414", "nmow", VIEWS, 5)],
        ),
        # new messages, new workers
        (
            task("send", "*rest, to"),
            "tasks.send.delay(1)",
            [("CEL413", "omnw", TASKS, 5), ("CEL401", "nmnw", VIEWS, 5)],
        ),
        (
            "",
            "app.send_task('shop.tasks.send', (1,))",
            [("CEL410", "omnw", TASKS, 1), ("CEL410", "nmnw", VIEWS, 5)],
        ),
        # safe
        (task("send", "to, lang=1"), "tasks.send.delay(1)", []),
        (task("send", "to, lang=1, **rest"), "tasks.send.delay(to=1)", []),
        (task("send", "self, to", "bind=True"), "tasks.send.delay(1)", []),
        (task("anything", "to", "name='shop.tasks.send'"), "", []),
        (task("send", "*args, **kwargs"), "tasks.send.delay(1)", []),
    ],
)
def test_one_task(
    shop: Shop, tasks: str, views: str, expected: list[tuple[str, str, str, int]]
) -> None:
    shop.write(tasks=HEAD + tasks + task("other", "a, b"))
    shop.write(views=sends(views or "pass").replace("shop", "shop.celery import app\nfrom shop", 1))
    expected = [
        (*rest, file, line + 1 if file == VIEWS else line) for *rest, file, line in expected
    ]  # type: ignore[misc]
    assert shop.breaks(code=1 if expected else 0) == expected


def test_a_wrong_call_that_was_wrong_before_is_not_ours(shop: Shop) -> None:
    shop.write(views=sends("tasks.send.delay(1, 2, 3)"))
    shop.commit()
    shop.write(tasks=HEAD + task("send", "to, lang=1") + task("other", "a, b"))
    assert shop.breaks(code=0) == []


def test_a_beat_entry_sends_too(shop: Shop) -> None:
    shop.write(tasks=HEAD + task("send", "to, lang=1") + task("other", "a, b"))
    shop.put(
        "shop/celery.py",
        "from celery import Celery\n\napp = Celery('shop')\napp.conf.beat_schedule = {\n"
        "    'a': {'task': 'shop.tasks.send', 'schedule': 5.0, 'kwargs': {'to': 1, 'lang': 2}},\n"
        "    'b': {'task': 'shop.tasks.send', 'schedule': 5.0, 'args': (1,)},\n}\n",
    )
    assert shop.breaks(code=1) == [("CEL414", "nmow", "shop/celery.py", 5)]


def test_a_new_task_that_is_sent_at_once(shop: Shop) -> None:
    shop.write(
        tasks=HEAD + task() + task("other", "a, b") + task("fresh", ""),
        views=sends("tasks.fresh.delay()", "tasks.fresh.delay()"),
    )
    [note] = shop.diff(code=0)["notes"]
    assert (note["task"], note["file"], note["line"]) == ("shop.tasks.fresh", VIEWS, 5)
    assert "deploy the workers first" in note["message"]
    assert shop.breaks("--strict", code=1) == []
    assert "not allowed by --strict" in shop.run("diff", "--strict", code=1).stdout


def test_text_names_the_message_and_the_safe_way(shop: Shop) -> None:
    shop.write(tasks=HEAD + task("send", "to, lang") + task("other", "a, b"))
    done = shop.run("diff", code=1)
    lines = done.stdout.splitlines()
    assert lines[0] == "shop/tasks.py:5:14: CEL411 shop.tasks.send now needs lang"
    assert lines[1].endswith("TypeError: send() missing 1 required positional argument: 'lang'")
    assert lines[2] == "    The safe way:"
    steps = [line.strip() for line in lines if re.match(r" +\d\. ", line)]
    assert steps[0] == "1. give lang a default value"
    assert [n for n in range(1, len(steps)) if steps[n - 1][0] > steps[n][0]] == []
    assert lines[-1].startswith("2 breaks: 2 tasks of HEAD")


@pytest.mark.parametrize("how", ["renamed", "moved", "moved file"])
def test_the_proxy_can_be_pasted(shop: Shop, how: str) -> None:
    if how == "renamed":
        shop.write(tasks=HEAD + task("post") + task("other", "a, b"))
    elif how == "moved":
        shop.write(tasks=HEAD + task("other", "a, b"))
        shop.put("shop/mail.py", HEAD + task())
    else:
        shop.git("mv", TASKS, "shop/mail.py")
    shop.write(views="")
    report = shop.diff(code=1)
    for item in report["breaks"]:
        assert item["code"] == "CEL410"
        assert item["successor"].startswith("shop.")
        where = "shop/mail.py" if how == "moved file" else TASKS
        text = (shop.folder / where).read_text()
        shop.put(where, f"{text}\n\n{item['proxy']}")
    assert shop.breaks(code=0) == []
    if how != "moved file":
        assert f"Ready to paste into {TASKS}:" in shop.run("diff", "--against=HEAD").stdout or True


def test_a_function_that_stays_under_a_decorator_of_the_project(shop: Shop) -> None:
    text = HEAD + task() + task("other", "a, b")
    shop.write(
        tasks=text.replace("@shared_task\ndef send", "@our_task\ndef send").replace(
            HEAD, HEAD + "from shop.jobs import our_task\n"
        ),
        views="",
    )
    [note] = shop.diff(code=2)["undecided"]
    assert "@our_task" in note["message"]
    assert "celery-task-decorators" in note["message"]
    shop.write(tasks=HEAD + task("other", "a, b") + "def send(to): ...\n")
    assert shop.breaks(code=1) == [("CEL410", "omnw", TASKS, 1)]


def test_a_file_that_can_not_be_parsed(shop: Shop) -> None:
    shop.write(tasks=HEAD + "def f(:\n")
    [item] = shop.diff(code=2)["undecided"]
    assert (item["file"], item["line"]) == (TASKS, 4)
    done = shop.run("diff", code=2)
    assert done.stdout.startswith("shop/tasks.py:4:1: can't tell: not Python 3")
    assert "can't tell whether this is safe" in done.stdout
    # in the old state
    shop.commit()
    shop.write(tasks=HEAD + task())
    [item] = shop.diff(code=2)["undecided"]
    assert "in the old state" in item["message"]
    # a break is a break, whatever else can't be told
    shop.put("shop/more.py", HEAD + task("more"))
    shop.commit()
    shop.put("shop/more.py", HEAD + task("more", "x"))
    shop.write(tasks=HEAD + "def f(:\n")
    assert shop.breaks(code=1) == [("CEL412", "omnw", "shop/more.py", 5)]


def test_a_file_without_tasks_may_be_broken(shop: Shop) -> None:
    shop.put("shop/broken.py", "def f(:\n")
    assert shop.breaks(code=0) == []


def test_a_template_that_was_never_python_is_said_and_no_more(shop: Shop) -> None:
    shop.put("template/tasks.py", "from celery import shared_task\n{{ name }} = %}\n")
    assert shop.diff(code=2)["undecided"]
    shop.commit()
    [note] = shop.diff(code=0)["notes"]
    assert note["file"] == "template/tasks.py"
    assert note["message"].startswith("left out, as it was before")
    shop.put("template/tasks.py", "from celery import shared_task\n{{ names }} = %}\n")
    assert shop.diff(code=2)["undecided"]
    assert shop.diff("--exclude=template", code=0)["notes"] == []
    assert shop.diff("--exclude", "*/tasks.py", code=0)["tasks"] == 0


def test_tests_are_no_deployed_code(shop: Shop) -> None:
    shop.put("shop/tests/test_x.py", HEAD + task("x"))
    shop.commit()
    shop.put("shop/tests/test_x.py", "")
    assert shop.diff(code=0)["tasks"] == 2


def test_github_annotations(shop: Shop) -> None:
    shop.write(
        tasks=HEAD + task("send", "to, lang") + task("other", "a, b") + task("fresh", ""),
        views=sends("tasks.fresh.delay()"),
    )
    lines = shop.run("diff", "--format=github", code=1).stdout.splitlines()
    assert lines[0].startswith(
        "::error file=shop/tasks.py,line=5,col=14,title=CEL411 shop.tasks.send now needs lang::"
    )
    assert "%0A1. give lang a default value%0A2. " in lines[0]
    assert lines[1].startswith("::notice file=shop/views.py,line=5,col=5,title=flake8-celery::")
    assert lines[2].startswith("1 break: 2 tasks of HEAD")
    assert len(lines) == 3
    shop.put("a,b:c/tasks.py", HEAD + "%(")
    line = shop.run("diff", "--format=github", code=1).stdout.splitlines()[1]
    assert line.startswith("::warning file=a%2Cb%3Ac/tasks.py,line=4,col=1,")


def test_json_is_what_the_page_says(shop: Shop) -> None:
    shop.write(tasks=HEAD + task("send", "to, lang"), views="")
    report = shop.diff(code=1)
    page = ROOT.joinpath("docs", "changing-a-task.md").read_text("utf-8")
    table = page.partition("## The JSON report")[2]
    described = set(re.findall(r"^\| `([a-z.\[\]]+)` \|", table, re.M))
    seen = set(report)
    for key in ("breaks", "notes", "undecided"):
        assert isinstance(report[key], list)
        seen |= {f"{key}[].{name}" for item in report[key] for name in item}
    seen |= {f"against.{name}" for name in report["against"]}
    for name in ("notes", "undecided"):
        seen |= {f"{name}[].{field}" for field in ("task", "file", "line", "column", "message")}
    assert described == seen


def test_from_a_folder_below(shop: Shop) -> None:
    shop.write(tasks=HEAD + task("other", "a, b"), views="")
    done = shop.run("diff", "--against", "HEAD", code=1, below="shop")
    assert done.stdout.startswith("tasks.py:1:1: CEL410")
    assert shop.run("diff", "--against", "HEAD", "shop", code=1).stdout.startswith(TASKS)
    shop.put("docs/x.py", "")
    assert shop.run("diff", "--against", "HEAD", "docs", code=0).stdout.startswith("nothing breaks")


def test_branches_that_parted(shop: Shop) -> None:
    shop.git("checkout", "-qb", "topic")
    shop.commit()
    shop.git("checkout", "-q", "main")
    shop.put("shop/more.py", HEAD + task("more"))
    shop.commit()
    shop.git("checkout", "-q", "topic")
    report = shop.diff("--against", "main", code=1)
    assert [item["task"] for item in report["breaks"]] == ["shop.more.more"]
    assert "--merge-base" in report["notes"][0]["message"]
    report = shop.diff("--against", "main", "--merge-base", code=0)
    assert report["notes"] == []
    assert report["against"]["commit"] == shop.git("merge-base", "main", "topic")


def test_two_projects_with_the_same_names(shop: Shop) -> None:
    for name in ("one", "two"):
        shop.put(f"{name}/setup.py", "")
        shop.put(f"{name}/app/__init__.py", "")
        shop.put(f"{name}/app/tasks.py", HEAD + task("run", "a"))
    shop.commit()
    assert shop.breaks(code=0) == []
    shop.put("two/app/tasks.py", HEAD + task("run", "a, b"))
    assert shop.breaks(code=1) == [("CEL411", "omnw", "two/app/tasks.py", 5)]
    shop.put("two/app/tasks.py", HEAD)
    # the other one still answers to the name
    assert shop.breaks(code=0) == []


# -- diff: what can't be done


def test_one_clear_line_each(shop: Shop, tmp_path: Path) -> None:
    assert "no revision 'nowhere'" in shop.refusal("diff", "--against", "nowhere")
    assert "no revision '--help'" in shop.refusal("diff", "--against=--help")
    assert "no folder nowhere" in shop.refusal("diff", "nowhere")
    assert "no lock" in shop.refusal("diff", "--lock", "no.lock").replace("no such file", "no lock")
    assert "--merge-base goes with --against" in shop.refusal(
        "diff", "--lock", "no.lock", "--merge-base"
    )
    plain = Shop(tmp_path / "plain")
    plain.write(tasks=HEAD + task())
    assert "is in no git repository" in plain.refusal("diff")
    assert "is in no git repository" in plain.refusal("diff", "--against", "HEAD")
    empty = Shop(tmp_path / "empty")
    empty.write(tasks=HEAD + task())
    empty.git("init", "-q")
    assert "no revision 'HEAD'" in empty.refusal("diff")


def test_a_shallow_clone(shop: Shop, tmp_path: Path) -> None:
    first = shop.commit()
    shop.commit()
    shop.git("clone", "-q", "--depth=1", f"file://{shop.folder}", str(tmp_path / "shallow"))
    clone = Shop(tmp_path / "shallow")
    assert "the clone is shallow" in clone.refusal("diff", "--against", first)
    assert "fetch-depth: 0" in clone.refusal("diff", "--against", "HEAD~1")
    clone.run("diff", "--against", "HEAD", code=0)


def test_an_error_of_our_own_is_no_verdict(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flake8_celery import cli
    from flake8_celery.commands import diff

    def broken(given: object) -> int:
        raise KeyError("x")

    monkeypatch.setattr(diff, "run", broken)
    monkeypatch.delenv("FLAKE8_CELERY_RAISE")
    assert cli.main(["diff"]) == 2
    assert capsys.readouterr().err == (
        "flake8-celery: internal error (KeyError: 'x'); please report it\n"
    )


def test_wrong_words(shop: Shop) -> None:
    assert shop.run("diff", "--against", "a", "--lock", "b").returncode == 2
    assert shop.run("diff", "--format", "xml").returncode == 2
    assert shop.run("lock", "--acept", "x").returncode == 2
    assert shop.run().returncode == 2


def test_help_says_what_the_exit_codes_mean(shop: Shop) -> None:
    for command in ("lock", "diff"):
        text = shop.run(command, "--help", code=0).stdout
        assert "Exit codes: 0" in text
    text = shop.run("--help", code=0).stdout
    assert all(name in text for name in ("rules", "explain", "lock", "diff"))


# -- lock


def locked(shop: Shop) -> dict[str, str]:
    """Each task of the lock with its parameters."""
    tasks = read_lock(str(shop.folder / LOCK_NAME)).tasks
    return {name: ", ".join(p.shown for p in t.parameters or ()) for name, t in tasks.items()}


def test_lock_is_written_once_and_then_stays(shop: Shop) -> None:
    assert shop.run("lock", "--check", code=1).stdout.endswith(
        "It is not up to date: run flake8-celery lock and commit it\n"
    )
    assert not (shop.folder / LOCK_NAME).exists()
    assert shop.run("lock", code=0).stdout == "celery-tasks.lock: 2 tasks\n"
    assert locked(shop) == {"shop.tasks.send": "to", "shop.tasks.other": "a, b"}
    path = shop.folder / LOCK_NAME
    before = path.stat()
    assert path.read_bytes().endswith(b"}\n")
    assert shop.run("lock", code=0).stdout == "celery-tasks.lock: 2 tasks\n"
    assert shop.run("lock", "--check", code=0).stdout == "celery-tasks.lock: 2 tasks\n"
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert os.listdir(shop.folder).count(LOCK_NAME) == 1
    assert not [name for name in os.listdir(shop.folder) if name.startswith(".celery")]


def test_lock_takes_what_is_safe_and_refuses_what_is_not(shop: Shop) -> None:
    shop.run("lock")
    shop.write(
        tasks=HEAD + task("send", "to, lang") + task("other", "a, b, c=1") + task("fresh", "x")
    )
    done = shop.run("lock", "--check", code=1)
    assert locked(shop) == {"shop.tasks.send": "to", "shop.tasks.other": "a, b"}
    again = shop.run("lock", code=1)
    assert done.stdout.startswith(again.stdout)
    assert "CEL411 shop.tasks.send now needs lang" in again.stdout
    assert "1. give lang a default value" in again.stdout
    assert "\n  + shop.tasks.fresh\n  ~ shop.tasks.other\n" in again.stdout
    assert "flake8-celery lock --accept shop.tasks.send\n" in again.stdout
    taken = {"shop.tasks.fresh": "x", "shop.tasks.other": "a, b, c"}
    assert locked(shop) == {**taken, "shop.tasks.send": "to"}
    shop.run("lock", "--check", code=1)
    assert "~ shop.tasks.send" in shop.run("lock", "--accept", "shop.tasks.send", code=0).stdout
    assert locked(shop) == {**taken, "shop.tasks.send": "to, lang"}
    shop.run("lock", "--check", code=0)


def test_lock_keeps_a_task_that_is_gone_until_told(shop: Shop) -> None:
    shop.run("lock")
    shop.write(tasks=HEAD + task("post") + task("other", "a, b"))
    for _ in range(2):
        # the pair is known as one each time
        done = shop.run("lock", code=1)
        assert "CEL410 shop.tasks.send is renamed to shop.tasks.post" in done.stdout
        assert "@shared_task(name='shop.tasks.send')" in done.stdout
    assert "shop.tasks.send" in locked(shop)
    assert "- shop.tasks.send" in shop.run("lock", "--accept-all", code=0).stdout
    assert set(locked(shop)) == {"shop.tasks.post", "shop.tasks.other"}


def test_accepting_what_does_not_exist(shop: Shop) -> None:
    shop.run("lock")
    done = shop.run("lock", "--accept", "shop.tasks.sned", code=2)
    assert "no such task" in done.stderr
    shop.run("lock", "--accept", "shop.tasks.send", code=0)


def test_lock_says_what_is_left_out(shop: Shop) -> None:
    shop.put("loose/jobs.py", HEAD + task("a"))
    shop.put("shop/again.py", HEAD + task("b", "x", "name='shop.tasks.send'"))
    done = shop.run("lock", code=0)
    assert re.search(r"^loose/jobs.py:5: left out: a: .*celery-source-roots", done.stdout, re.M)
    assert re.search(
        r"^shop/again.py:5:.* left out: shop.tasks.send: another task has the same name, "
        r"at shop/tasks.py:5",
        done.stdout,
        re.M,
    )
    assert set(locked(shop)) == {"shop.tasks.other"}
    shop.put("setup.cfg", "[flake8]\ncelery-source-roots = loose\n")
    # what has no name any more is kept as it was
    done = shop.run("lock", code=0)
    assert "whether shop.tasks.other is still a task can't be told" in done.stdout
    assert set(locked(shop)) == {"shop.tasks.other", "shop.tasks.send", "jobs.a"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("setup.cfg", "[flake8]\ncelery-source-roots = loose\n"),
        (".pylintrc", "[MAIN]\ncelery-source-roots=loose\n"),
        ("pyproject.toml", "[tool.pylint.main]\ncelery-source-roots = ['loose']\n"),
        ("pyproject.toml", "[tool.pylint]\ncelery-source-roots = 'loose'\n"),
    ],
)
def test_options_come_from_flake8_or_pylint(shop: Shop, file: str, text: str) -> None:
    if file == "pyproject.toml" and sys.version_info < (3, 11):
        pytest.importorskip("tomli")
    shop.put("loose/jobs.py", HEAD + task("a"))
    shop.put(file, text)
    shop.run("lock", code=0)
    assert "jobs.a" in locked(shop)


def test_options_given_as_words(shop: Shop) -> None:
    shop.put("loose/jobs.py", HEAD + task("a"))
    shop.run("lock", "--celery-source-roots", "loose", code=0)
    assert "jobs.a" in locked(shop)


def test_several_locks(shop: Shop) -> None:
    shop.run("lock")
    shop.put("shop/sub/__init__.py", "")
    shop.put("shop/sub/tasks.py", HEAD + task("deep"))
    assert shop.run("lock", ".", "shop/sub", code=0).stdout.splitlines() == [
        "  + shop.sub.tasks.deep",
        "celery-tasks.lock: 3 tasks (1 new)",
        "shop/sub/celery-tasks.lock: 1 task",
    ]
    # now the nearest speaks for it; in the outer one it is no loss
    assert shop.run("lock", ".", "shop/sub", code=0).stdout.splitlines() == [
        "  - shop.sub.tasks.deep",
        "celery-tasks.lock: 2 tasks (1 removed)",
        "shop/sub/celery-tasks.lock: 1 task",
    ]
    shop.put("shop/sub/tasks.py", HEAD)
    assert "CEL410" in shop.run("lock", code=1, below="shop/sub").stdout
    shop.run("lock", "--check", code=0)
    assert "CEL410" in shop.run("diff", code=1, below="shop/sub").stdout


def test_lock_from_a_folder_below(shop: Shop) -> None:
    shop.run("lock")
    assert shop.run("lock", code=0, below="shop").stdout == f"{shop.folder}/{LOCK_NAME}: 2 tasks\n"
    assert not (shop.folder / "shop" / LOCK_NAME).exists()


def test_lock_without_git(tmp_path: Path) -> None:
    plain = Shop(tmp_path / "plain")
    plain.put("setup.py", "")
    plain.put("shop/__init__.py", "")
    plain.write(tasks=HEAD + task())
    plain.put("venv/pyvenv.cfg", "")
    plain.put("venv/lib/tasks.py", HEAD + task())
    plain.run("lock", code=0)
    assert locked(plain) == {"shop.tasks.send": "to"}
    plain.run("diff", code=0)


def test_lock_writes_nothing_where_a_file_can_not_be_read(shop: Shop) -> None:
    shop.run("lock")
    before = (shop.folder / LOCK_NAME).read_bytes()
    shop.put("shop/more.py", HEAD + "def f(:\n")
    assert "shop/more.py:4: not Python 3" in shop.refusal("lock")
    assert "left as it is" in shop.refusal("lock", "--check")
    assert (shop.folder / LOCK_NAME).read_bytes() == before
    shop.run("lock", "--exclude", "shop/more.py", code=0)


def test_lock_of_what_is_no_folder(shop: Shop) -> None:
    assert "nowhere is no folder" in shop.refusal("lock", "nowhere")
    assert f"{TASKS} is no folder" in shop.refusal("lock", TASKS)


def test_a_lock_that_can_not_be_written(shop: Shop) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    os.chmod(shop.folder, 0o500)
    try:
        assert "can't be written" in shop.refusal("lock")
    finally:
        os.chmod(shop.folder, 0o700)


# -- diff against a lock


def test_diff_takes_the_nearest_lock(shop: Shop) -> None:
    shop.run("lock")
    shop.write(tasks=HEAD + task("send", "to, lang") + task("other", "a, b"), views="")
    done = shop.run("diff", code=1, below="shop")
    assert done.stdout.startswith("tasks.py:5:14: CEL411")
    assert "2 tasks of" in done.stdout
    assert shop.diff(code=1)["against"] == {
        "kind": "lock",
        "name": "celery-tasks.lock",
        "commit": None,
    }


def test_diff_with_a_lock_from_elsewhere(shop: Shop, tmp_path: Path) -> None:
    shop.run("lock")
    production = tmp_path / "production.lock"
    os.replace(shop.folder / LOCK_NAME, production)
    shop.run("diff", "--lock", str(production), code=0)
    shop.write(tasks=HEAD + task(), views="")
    assert shop.breaks("--lock", str(production), code=1) == [("CEL410", "omnw", TASKS, 1)]


CONFLICT = b'{\n<<<<<<< HEAD\n  "version": 1,\n=======\n  "version": 1,\n>>>>>>> topic\n}\n'
HOSTILE = {
    "conflict": (CONFLICT, "merge conflict"),
    "empty": (b"", "empty"),
    "cut off": (b'{"version": 1, "tasks": {"a', "cut off"),
    "no JSON": (b"tasks: []", "no JSON"),
    "no object": (b"[]", "JSON object"),
    "no version": (b'{"tasks": {}}', "version"),
    "newer": (b'{"version": 99, "tasks": {}}', "newer"),
    "list of tasks": (b'{"version": 1, "tasks": []}', "tasks"),
    "number for a task": (b'{"version": 1, "tasks": {"a": 7}}', "'a'"),
    "nested": (b'{"version": 1, "tasks": ' + b'{"a":' * 100_000, "deep"),
    "lists": (b"[" * 200_000, "deep"),
    "twice": (b'{"version": 1, "tasks": {}, "tasks": {}}', "twice"),
    "bytes": (b"\xff\xfe\0\1", "UTF-8"),
    "number": (b'{"version": ' + b"9" * 5_000 + b"}", ""),
    "outside": (
        b'{"version": 1, "tasks": {"a": {"file": "../x.py", "module": "a", "qualname": "a",'
        b' "explicit": true, "bind": null, "parameters": []}}}',
        "folder",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_lock_that_is_none(shop: Shop, kind: str) -> None:
    content, says = HOSTILE[kind]
    shop.put(LOCK_NAME, content)
    for command in (["diff"], ["diff", "--lock", LOCK_NAME], ["lock"], ["lock", "--check"]):
        line = shop.refusal(*command)
        assert LOCK_NAME in line
        assert says.strip("'") in line
    assert (shop.folder / LOCK_NAME).read_bytes() == content


def test_a_lock_of_100_megabytes_is_not_read(shop: Shop) -> None:
    path = shop.folder / LOCK_NAME
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    assert MAX_BYTES < 100_000_000
    assert "100 MB" in shop.refusal("diff")
    assert "100 MB" in shop.refusal("lock")


def test_a_lock_that_is_a_folder_or_leads_nowhere(shop: Shop) -> None:
    (shop.folder / LOCK_NAME).mkdir()
    assert LOCK_NAME in shop.refusal("lock")
    assert LOCK_NAME in shop.refusal("diff")
    (shop.folder / LOCK_NAME).rmdir()
    (shop.folder / LOCK_NAME).symlink_to("nowhere")
    assert LOCK_NAME in shop.refusal("lock")
