"""A project's own policy, from the configuration to the finding."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_celery import policy
from flake8_celery.cli import main
from flake8_celery.linter import lint, rules
from flake8_celery.options import OPTIONS, POLICY, Options
from flake8_celery.presets import NEEDS, PRESETS
from flake8_celery.tables.frequency import FREQUENCY

SOURCE = """\
import time
from celery import shared_task


@shared_task(max_retries=None, acks_late=True, autoretry_for=(OSError,), retry_backoff=True)
def charge(order_id):
    time.sleep(0.1)
"""
FOUND = [("CEL990", 5, 1), ("CEL991", 5, 25), ("CEL992", 6, 4), ("CEL993", 7, 9)]


def spans(source: str, filename: str = "tasks.py", root: str = "", **given: str) -> list[str]:
    """`code line` of each policy finding."""
    options = Options({name.replace("_", "-"): value for name, value in given.items()}, root)
    assert not options.problems
    found = lint(source, filename, options)
    return [f"{f.code} {f.line}" for f in found if f.code.startswith("CEL99")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("queue", [("queue", ())]),
        ("queue, time_limit", [("queue", ()), ("time_limit", ())]),
        ("queue\ntime_limit", [("queue", ()), ("time_limit", ())]),
        (
            "queue, time_limit @ a/* b/*",
            [("queue", ("a/*", "b/*")), ("time_limit", ("a/*", "b/*"))],
        ),
        ("queue @ a/*, time_limit", [("queue", ("a/*",)), ("time_limit", ())]),
        ("queue @ a/*\ntime_limit", [("queue", ("a/*",)), ("time_limit", ())]),
        ("x=(1, 2), y='a, b' @ c", [("x=(1, 2)", ("c",)), ("y='a, b'", ("c",))]),
        ("  \n ,, \n", []),
    ],
)
def test_items_and_their_files(text: str, wanted: list[tuple[str, tuple[str, ...]]]) -> None:
    assert list(policy.split(text)) == wanted


@pytest.mark.parametrize(
    ("option", "value", "offending"),
    [
        ("celery-require", "time_limt", "time_limt"),
        ("celery-require", "queue=fast", "queue=fast"),
        ("celery-require", "queue @", "queue @"),
        ("celery-require", "@ shop/*", "@ shop/*"),
        ("celery-require", "no option", "no option"),
        ("celery-forbid", "max_retrys=None", "max_retrys=None"),
        ("celery-forbid", "max_retries=None or 3", "max_retries=None or 3"),
        ("celery-forbid", "time_limit>high", "time_limit>high"),
        ("celery-forbid", "acks_late=", "acks_late="),
        ("celery-forbid-call", "time.sleep(0.1)", "time.sleep(0.1)"),
        ("celery-forbid-call", "requests.", "requests."),
        ("celery-task-name", "shop.(", "shop.("),
        ("celery-preset", "stricter", "stricter"),
        ("celery-max-sequential-calls", "few", "few"),
        ("celery-max-sequential-calls", "0", "0"),
    ],
)
def test_a_mistake_is_told_with_its_text(option: str, value: str, offending: str) -> None:
    options = Options({option: value})
    (problem,) = options.problems
    assert problem.startswith(f"{option}: {offending!r} is not understood, ")
    assert "\n" not in problem


def test_every_policy_rule_has_its_option() -> None:
    switched = {info.option for info in rules() if info.option}
    policies = {spec.name for spec in OPTIONS if spec.kind == POLICY} | {"celery-task-name"}
    assert switched == policies


def test_silent_without_the_option() -> None:
    assert spans(SOURCE) == []


def test_required() -> None:
    assert spans(SOURCE, celery_require="queue, acks_late") == ["CEL990 5"]
    assert spans(SOURCE, celery_require="owner") == ["CEL990 5"]
    for given in ("**options", 'queue="a"', "base=Slow"):
        source = f"""
from celery import Task, shared_task

class Slow(Task):
    queue = "slow"

@shared_task({given})
def charge(options): ...
"""
        assert spans(source, celery_require="queue") == []
    source = """
from celery import Celery, Task

app = Celery("shop", task_cls="elsewhere.tasks:Base")

class Report(Task):
    def run(self): ...

@app.task
def charge(): ...
"""
    assert spans(source, celery_require="queue") == ["CEL990 6"]


@pytest.mark.parametrize(
    ("forbidden", "source", "count"),
    [
        ("max_retries=None", "@shared_task(max_retries=None)\ndef f(): ...", 1),
        ("max_retries=None", "@shared_task(max_retries=3)\ndef f(): ...", 0),
        ("max_retries=None", "@shared_task\ndef f(): ...", 0),
        ("acks_late=True", "LATE = True\n@shared_task(acks_late=LATE)\ndef f(): ...", 1),
        ("acks_late=True", "@shared_task(acks_late=late())\ndef f(): ...", 0),
        ("max_retries=1", "@shared_task(max_retries=True)\ndef f(): ...", 0),
        ("time_limit>600", "@shared_task(time_limit=10 * 60 + 1)\ndef f(): ...", 1),
        ("time_limit>600", "@shared_task(time_limit=600)\ndef f(): ...", 0),
        ("autoretry_for=Exception", "@shared_task(autoretry_for=(Exception,))\ndef f(): ...", 1),
        ("autoretry_for=Exception", "@shared_task(autoretry_for=(OSError,))\ndef f(): ...", 0),
        ("serializer=pickle", '@shared_task(serializer="pickle")\ndef f(): ...', 1),
        ("serializer='pickle'", '@shared_task(serializer="pickle")\ndef f(): ...', 1),
        ("priority", "@shared_task\ndef f(): ...\nf.apply_async(priority=9)", 1),
        ("priority", "@shared_task\ndef f(priority): ...\nf.delay(priority=9)", 0),
        ("countdown<5", "@shared_task(bind=True)\ndef f(self):\n    self.retry(countdown=1)", 1),
        (
            "queue=slow",
            'class B(Task):\n    queue = "slow"\n@shared_task(base=B)\ndef f(): ...\n',
            1,
        ),
    ],
)
def test_forbidden(forbidden: str, source: str, count: int) -> None:
    source = f"from celery import Task, shared_task\n{source}\n"
    assert len(spans(source, celery_forbid=forbidden)) == count


@pytest.mark.parametrize(
    ("pattern", "count"), [(r"shop\.\w+", 0), (r"shop", 1), (r"shop\..*\.x", 1), (r".*", 0)]
)
def test_names(pattern: str, count: int) -> None:
    source = 'from celery import shared_task\n@shared_task(name="shop.charge")\ndef f(): ...\n'
    assert len(spans(source, celery_task_name=pattern)) == count


def test_name_from_the_module(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    path = tmp_path / "shop" / "tasks.py"
    path.write_text(source := "from celery import shared_task\n@shared_task\ndef charge(): ...\n")
    assert spans(source, str(path), celery_task_name=r"shop\.tasks\.charge") == []
    assert spans(source, str(path), celery_task_name=r"tasks\..*") == ["CEL992 3"]


CALLS = """
import time as t
from os import system
from .bank import client
from celery import shared_task

def helper():
    t.sleep(0.1)

def plain():
    print(1)

@shared_task
def charge(order, print):
    print(order)
    order.sleep(1)

@shared_task
def refund():
    system("x")
    helper()
    wait = lambda: t.sleep(0.1)
    def inner():
        client.post(1)
    print(wait, inner)
"""


@pytest.mark.parametrize(
    ("forbidden", "lines"),
    [
        ("time.sleep", [22]),
        ("os.*", [20]),
        ("print", [25]),
        ("helper", [21]),
        ("shop.tasks.helper", [21]),
        ("shop.bank.client.*", [24]),
        ("*.sleep", [22]),
        ("order.sleep", []),
        ("requests.*", []),
    ],
)
def test_calls(tmp_path: Path, forbidden: str, lines: list[int]) -> None:
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    path = tmp_path / "shop" / "tasks.py"
    path.write_text(CALLS)
    found = spans(CALLS, str(path), celery_forbid_call=forbidden)
    assert found == [f"CEL993 {line}" for line in lines]


@pytest.mark.parametrize(
    ("globs", "count"),
    [
        ("shop/payments/*", 1),
        ("shop/payments", 1),
        ("shop/payments/", 1),
        ("./shop/*", 1),
        ("*/tasks.py", 1),
        ("shop/mail/* shop/pay*", 1),
        ("payments/*", 0),
        ("shop/mail/*", 0),
    ],
)
def test_only_in_some_files(tmp_path: Path, globs: str, count: int) -> None:
    path = tmp_path / "shop" / "payments" / "tasks.py"
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE)
    given = f"queue @ {globs}"
    assert len(spans(SOURCE, str(path), str(tmp_path), celery_require=given)) == count


INI = r"""
celery-require =
    queue @ shop/*
    priority @ other/*
celery-forbid = max_retries=None, acks_late=False
celery-task-name = shop\.[a-z]+
celery-forbid-call = time.sleep
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "tasks.py").write_text(SOURCE)
    return tmp_path


def flake8(project: Path, *arguments: str) -> list[tuple[str, int, int]]:
    done = subprocess.run(
        [sys.executable, "-m", "flake8", *arguments, "shop"],
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr, done.stderr
    found = re.findall(r"^.*?:(\d+):(\d+): (CEL\d+)", done.stdout, re.M)
    return [(code, int(line), int(column)) for line, column, code in found]


def pylint(project: Path, *arguments: str) -> list[str]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pylint",
            "--load-plugins=pylint_celery",
            "-fjson",
            *arguments,
            "shop",
        ],
        cwd=project,
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout)
    return sorted(f["symbol"] for f in found if f["symbol"].startswith("celery-"))


def columns(found: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    return sorted((code, line, column - 1) for code, line, column in found)


def test_flake8_reads_it(project: Path) -> None:
    (project / "setup.cfg").write_text(f"[flake8]{INI}")
    wanted = [("CEL990", 5, 1), ("CEL991", 5, 25), ("CEL992", 6, 4), ("CEL993", 7, 9)]
    assert columns(flake8(project)) == wanted
    assert flake8(project, "--select=E") == []
    assert len(flake8(project, "--extend-ignore=CEL990")) == 3
    (project / "setup.cfg").write_text("[flake8]\ncelery-forbid = max_retrys=None\n")
    assert flake8(project) == [("CEL001", 1, 1)]


SYMBOLS = [
    "celery-forbidden-call",
    "celery-forbidden-option",
    "celery-required-option",
    "celery-task-name-pattern",
]


def test_pylint_reads_it(project: Path) -> None:
    (project / "pylintrc").write_text(f"[CELERY]{INI}")
    assert pylint(project) == SYMBOLS
    (project / "pylintrc").unlink()
    toml = """
[tool.pylint.celery]
celery-require = '''
queue @ shop/*
priority @ other/*
'''
celery-forbid = ["max_retries=None", "acks_late=False"]
celery-task-name = 'shop\\.[a-z]+'
celery-forbid-call = "time.sleep"
"""
    (project / "pyproject.toml").write_text(toml)
    assert pylint(project) == SYMBOLS
    (project / "pyproject.toml").write_text("[tool.pylint.celery]\ncelery-require = 'time_limt'\n")
    assert pylint(project) == ["celery-option"]


# -- presets


def test_presets_hold_advice_that_exists() -> None:
    advice = {info.code for info in rules() if not info.default}
    assert set(PRESETS) == set(next(s for s in OPTIONS if s.name == "celery-preset").choices)
    for chosen in PRESETS.values():
        assert set(chosen) <= advice
    assert set(PRESETS["recommended"]) < set(PRESETS["strict"])


def test_rules_shows_a_preset(capsys: pytest.CaptureFixture[str]) -> None:
    for name, chosen in PRESETS.items():
        assert main(["rules", "--preset", name]) == 0
        text = capsys.readouterr().out
        assert [code for code in chosen if f"  {code}  " not in text] == []
        assert main(["rules", "--preset", name, "--format", "json"]) == 0
        listed = json.loads(capsys.readouterr().out)
        assert {row["code"] for row in listed} == set(chosen)
        for row in listed:
            # a rule that is newer than the table: python -m tests.corpus frequency
            assert (row["per_1000_tasks"] is None) == (row["code"] in NEEDS)
            assert row["practice"] in text
    assert set(FREQUENCY) >= set(PRESETS["strict"])


def test_flake8_takes_a_preset_in(project: Path) -> None:
    assert flake8(project, "--celery-preset=") == []
    strict = [code for code, _, _ in flake8(project, "--celery-preset=strict")]
    assert sorted(strict) == ["CEL350", "CEL354", "CEL450"]
    some = [code for code, _, _ in flake8(project, "--celery-preset=recommended")]
    assert sorted(some) == ["CEL350", "CEL354"]
    for more, left in (
        (("--extend-ignore=CEL45",), ["CEL350", "CEL354"]),
        (("--extend-ignore=CEL3", "-j2"), ["CEL450"]),
        (("--per-file-ignores=shop/*:CEL3",), ["CEL450"]),
        (("--ignore=E501",), ["CEL350", "CEL354", "CEL450"]),
        (("--select=E",), ["CEL350", "CEL354", "CEL450"]),
        (("--extend-ignore=CEL",), []),
    ):
        found = [code for code, _, _ in flake8(project, "--celery-preset=strict", *more)]
        assert sorted(found) == left, more


def test_pylint_takes_a_preset_in(project: Path) -> None:
    names = ["celery-automatic-name", "celery-late-ack-without-reject", "celery-unlimited-retries"]
    assert pylint(project) == []
    assert pylint(project, "--celery-preset=strict") == names
    assert pylint(project, "--celery-preset=recommended") == names[1:]
    assert pylint(project, "--celery-preset=strict", "--disable=celery-automatic-name") == names[1:]
    assert pylint(project, "--celery-preset=strict", "--disable=celery") == []
    assert pylint(project, "--celery-preset=strict", "-E") == []
    only = ("--disable=all", "--enable=celery-automatic-name")
    assert pylint(project, "--celery-preset=strict", *only) == names[:1]
    (project / "pyproject.toml").write_text(
        '[tool.pylint.main]\njobs = 2\n[tool.pylint.celery]\ncelery-preset = "strict"\n'
        '[tool.pylint."messages control"]\ndisable = ["celery-unlimited-retries"]\n'
    )
    assert pylint(project) == names[:2]
