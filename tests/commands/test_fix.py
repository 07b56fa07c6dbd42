"""Fixes: the finding is gone, no other has come, a second run changes nothing, all else stays."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flake8_celery.cli import main
from flake8_celery.core.engine.run import Finding
from flake8_celery.core.project.files import clear
from flake8_celery.fixes.apply import apply, fix_text, fixables
from flake8_celery.fixes.site import Edit, Site
from flake8_celery.fixes.table import FIXERS, UNSAFE
from flake8_celery.linter import lint, rules
from flake8_celery.options import Options
from flake8_celery.pages import Example, docstring, examples


def linter(code: str, example: Example | None = None) -> Callable[[str], list[Finding]]:
    settings = dict(example.settings) if example else {}
    filename = settings.pop("file", "example.py")
    options = Options(settings)
    options.selected = frozenset({code})
    return lambda text: lint(text, filename, options)


def comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


BAD = [
    pytest.param(info.code, example, id=f"{info.code}-{number}")
    for info in rules()
    if info.code in FIXERS
    for number, example in enumerate(examples(docstring(info)))
    if example.verdict == "bad"
]


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize(("code", "example"), BAD)
def test_every_example(code: str, example: Example, unsafe: bool) -> None:
    judge = linter(code, example)
    before = judge(example.source)
    rows = fixables(example.source, before, unsafe)
    outcome = fix_text(example.source, judge, unsafe)
    after = judge(outcome.text)
    gone = Counter(f.code for f in before) - Counter(f.code for f in after)
    assert not Counter(f.code for f in after) - Counter(f.code for f in before)
    assert len(outcome.fixed) <= sum(gone.values())
    assert bool(outcome.fixed) == (outcome.text != example.source)
    ast.parse(outcome.text)
    assert comments(outcome.text) == comments(example.source)
    assert fix_text(outcome.text, judge, unsafe).text == outcome.text
    if rows and all(row.fix.safe for row in rows):
        assert outcome.fixed


def test_how_many_rules_have_a_fix() -> None:
    safe, some = set(), set()
    for parameter in BAD:
        code, example = parameter.values
        assert isinstance(code, str)
        assert isinstance(example, Example)
        for row in fixables(example.source, linter(code, example)(example.source), True):
            some.add(row.finding.code)
            if row.fix.safe:
                safe.add(row.finding.code)
    # the example of CEL314 imports no zone
    assert some == set(FIXERS) - {"CEL314"}
    assert safe == some - UNSAFE
    assert len(safe) >= 20
    assert len(some) >= 30


# -- one by one

HEAD = "from celery import shared_task\n\n@shared_task\ndef ping(pk, more=None): ...\n\n"
APP = "from celery import Celery\n\napp = Celery('shop')\n"
COMMIT = "from django.db import transaction\n" + HEAD
ONE_BY_ONE = [
    ("CEL402", HEAD + "ping.delay(1, countdown=5)", "ping.apply_async((1,), countdown=5)"),
    (
        "CEL402",
        HEAD + "ping.delay(countdown=5, pk=1)",
        'ping.apply_async(countdown=5, kwargs={"pk": 1})',
    ),
    (
        "CEL402",
        HEAD + "ping.delay(1, more=(2), countdown=5, queue='q')",
        "ping.apply_async((1,), kwargs={\"more\": (2)}, countdown=5, queue='q')",
    ),
    ("CEL402", HEAD + "ping.delay(1, 2, eta=None)", "ping.apply_async((1, 2), eta=None)"),
    ("CEL402", HEAD + "ping.delay(*[1], eta=None)", "ping.apply_async((*[1],), eta=None)"),
    ("CEL402", HEAD + "ping.delay(pk=1, eta=None, more=2)", None),
    ("CEL402", HEAD + "ping.s(queue='q', pk=1)", "ping.s(pk=1).set(queue='q')"),
    ("CEL402", HEAD + "x = ping.s(1, immutable=True)", "x = ping.si(1)"),
    (
        "CEL402",
        HEAD + "x = ping.s(1, queue='q', priority=3)",
        "x = ping.s(1).set(priority=3).set(queue='q')",
    ),
    ("CEL404", HEAD + "ping.apply_async((1,), coutdown=5, countdown=6)", None),
    (
        "CEL403",
        HEAD + "x = 1\nping.apply_async((x), countdown=1)",
        "ping.apply_async((x,), countdown=1)",
    ),
    ("CEL403", HEAD + "ping.apply_async(args=(1))", "ping.apply_async(args=(1,))"),
    ("CEL403", HEAD + "ping.apply_async(args=1)", None),
    (
        "CEL202",
        COMMIT + "def save(one):\n    transaction.on_commit(ping.delay(one.pk))",
        "    transaction.on_commit(lambda: ping.delay(one.pk))",
    ),
    (
        "CEL202",
        "from functools import partial as p\n"
        + COMMIT
        + "def save(one):\n    transaction.on_commit(ping.delay(one.pk, more=1))",
        "    transaction.on_commit(p(ping.delay, one.pk, more=1))",
    ),
    (
        "CEL202",
        COMMIT + "def save(all):\n  for one in all:\n    transaction.on_commit(ping.delay(one.pk))",
        None,
    ),
    (
        "CEL202",
        COMMIT + "def save(one):\n    transaction.on_commit(ping.delay(one.pk))\n    one = None\n",
        None,
    ),
    (
        "CEL305",
        HEAD + "@shared_task(autoretry_for=OSError)\ndef f(): ...",
        "@shared_task(autoretry_for=(OSError,))",
    ),
    (
        "CEL305",
        HEAD + "@shared_task(autoretry_for=( OSError ))\ndef f(): ...",
        "@shared_task(autoretry_for=( OSError, ))",
    ),
    (
        "CEL305",
        HEAD + "@shared_task(throws=[OSError,])\ndef f(): ...",
        "@shared_task(throws=(OSError,))",
    ),
    ("CEL805", APP + "app.conf.task_acks_late = 'False'", "app.conf.task_acks_late = False"),
    ("CEL805", APP + "app.conf.accept_content = 'json'", "app.conf.accept_content = ['json']"),
    ("CEL805", APP + "app.conf.accept_content = 'json,pickle'", None),
    ("CEL801", APP + "app.conf['task_ack_late'] = True", "app.conf['task_acks_late'] = True"),
    (
        "CEL801",
        APP + "app.conf.task_track_started = app.conf.task_ack_late = True",
        "app.conf.task_track_started = app.conf.task_acks_late = True",
    ),
    ("CEL905", HEAD + "@shared_task(max_retries='3')\ndef f(): ...", "@shared_task(max_retries=3)"),
    (
        "CEL315",
        "from datetime import timedelta as t\n"
        + HEAD
        + "ping.apply_async((1,), countdown=t(1) + t(2))",
        "ping.apply_async((1,), countdown=(t(1) + t(2)).total_seconds())",
    ),
    (
        "CEL315",
        "from datetime import timedelta as t\n"
        + HEAD
        + "ping.apply_async((1,), countdown=(t(1) + t(2)))",
        "ping.apply_async((1,), countdown=(t(1) + t(2)).total_seconds())",
    ),
    (
        "CEL314",
        "from datetime import datetime, timedelta as t, timezone\n"
        + HEAD
        + "ping.apply_async((1,), eta=datetime.now() + t(1))",
        "ping.apply_async((1,), eta=datetime.now(timezone.utc) + t(1))",
    ),
    (
        "CEL314",
        "import datetime as d\n"
        + HEAD
        + "ping.apply_async((1,), expires=d.datetime.now() + d.timedelta(1))",
        "ping.apply_async((1,), expires=d.datetime.now(d.timezone.utc) + d.timedelta(1))",
    ),
    (
        "CEL314",
        "from datetime import datetime\n" + HEAD + "ping.apply_async((1,), eta=datetime.now())",
        None,
    ),
    ("CEL702", "from celery.schedules import crontab\nx = crontab(0, '24')", "x = crontab(0, '0')"),
]


@pytest.mark.parametrize(("code", "text", "line"), ONE_BY_ONE)
def test_one_by_one(code: str, text: str, line: str | None) -> None:
    judge = linter(code)
    assert any(finding.code == code for finding in judge(text))
    after = fix_text(text, judge).text
    if line is None:
        assert after == text
    else:
        assert line in after.splitlines()
        assert not judge(after)


UNSAFE_ONES = [
    ("@shared_task(bind=True)\ndef f(): ...", "@shared_task()\ndef f(): ..."),
    (
        "@shared_task(\n    bind=True,\n    queue='q',\n)\ndef f(pk): return pk\nf.delay(1)",
        "@shared_task(\n    queue='q',\n)\ndef f(pk): return pk\nf.delay(1)",
    ),
    (
        "@shared_task(bind=True)\ndef f(pk): return self.request.id, pk",
        "@shared_task(bind=True)\ndef f(self, pk): return self.request.id, pk",
    ),
    ("@shared_task(bind=True)\ndef f(pk):\n    self = pk\nf.delay(1)", None),
]


@pytest.mark.parametrize(("before", "after"), UNSAFE_ONES)
def test_bound_without_self(before: str, after: str | None) -> None:
    judge = linter("CEL901")
    assert judge(HEAD + before)
    assert fix_text(HEAD + before, judge).text == HEAD + before
    assert fix_text(HEAD + before, judge, unsafe=True).text == HEAD + (after or before)


HANDLERS = [
    ("def done():", "def done(**kwargs):"),
    ("def done(sender):", "def done(sender, **kwargs):"),
    ("def done(sender, ):", "def done(sender, **kwargs ):"),
    ("def done(sender=(1)):", "def done(sender=(1), **kwargs):"),
    ("def done(sender, /):", "def done(sender, /, **kwargs):"),
    ("def done(*, sender):", "def done(*, sender, **kwargs):"),
    (
        "def done(sender: dict[str, int] = {}) -> None:",
        "def done(sender: dict[str, int] = {}, **kwargs) -> None:",
    ),
    ("def done(\n    sender,  # who\n):", "def done(\n    sender, **kwargs  # who\n):"),
    ("def done(kwargs):", None),
]


@pytest.mark.parametrize(("before", "after"), HANDLERS)
def test_signal_handlers(before: str, after: str | None) -> None:
    head = "from celery.signals import worker_ready\n\n@worker_ready.connect\n"
    text = f"{head}{before}\n    ...\n"
    expected = f"{head}{after}\n    ...\n" if after else text
    assert fix_text(text, linter("CEL919")).text == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("lambda: 1", "lambda **kwargs: 1"),
        ("lambda sender: {1: 2}", "lambda sender, **kwargs: {1: 2}"),
        ("lambda sender=lambda: 1: (sender)", "lambda sender=lambda: 1, **kwargs: (sender)"),
    ],
)
def test_lambda_handlers(before: str, after: str) -> None:
    text = f"from celery.signals import worker_ready\nworker_ready.connect({before}, weak=False)\n"
    assert fix_text(text, linter("CEL919")).text == text.replace(before, after)


# -- layouts

#: What is called, its arguments with the mistake, and how the statement should read afterwards.
CALLS = [
    ("CEL402", "ping.delay", ["1", "countdown=5"], "ping.apply_async((1,), countdown=5)"),
    ("CEL402", "ping.delay", ["1", "2", "countdown=5"], "ping.apply_async((1, 2), countdown=5)"),
    (
        "CEL402",
        "ping.delay",
        ["pk='a'", "countdown=5"],
        "ping.apply_async(kwargs={'pk': 'a'}, countdown=5)",
    ),
    ("CEL402", "x = ping.s", ["1", "countdown=5"], "x = ping.s(1).set(countdown=5)"),
    ("CEL404", "ping.apply_async", ["(1,)", "coutdown=5"], "ping.apply_async((1,), countdown=5)"),
    (
        "CEL403",
        "ping.apply_async",
        ["args=(1)", "queue='é'"],
        "ping.apply_async(args=(1,), queue='é')",
    ),
    (
        "CEL404",
        "ping.apply_async",
        ["['é(', \"')\"]", "coutdown=5"],
        "ping.apply_async(['é(', \"')\"], countdown=5)",
    ),
]
GAPS = st.sampled_from(["", " ", "\n    ", "  # 'why' (\n    ", "\n\n", " \\\n "])
WRAPS = st.sampled_from(["{}", "({})", "( {} )", "((\n{}))"])
ENDS = st.sampled_from(["\n", "\r\n"])


@given(st.data(), st.sampled_from(CALLS), st.booleans(), ENDS)
def test_layouts(
    data: st.DataObject, call: tuple[str, str, list[str], str], comma: bool, end: str
) -> None:
    code, func, arguments, expected = call
    parts = []
    for argument in arguments:
        name, sign, value = argument.partition("=")
        wrap = data.draw(WRAPS) if code != "CEL403" else "{}"
        written = f"{name}={wrap.format(value)}" if sign else wrap.format(argument)
        parts.append(data.draw(GAPS) + written + data.draw(GAPS))
    text = f"{func}({','.join(parts)}{',' if comma else ''}{data.draw(GAPS)})\n"
    text = f"{HEAD}# é\nif True:\n  {text}".replace("\n", end)
    ast.parse(text)
    judge = linter(code)

    def universal(text: str) -> list[Finding]:
        return judge(text.replace("\r\n", "\n"))

    assert [finding.code for finding in universal(text)] == [code]
    after = fix_text(text, universal).text
    if after == text:
        assert "#" in text.partition("if True")[2]  # a comment would have been lost
        return
    assert not universal(after)
    assert ast.unparse(ast.parse(after).body[-1].body[0]) == ast.unparse(ast.parse(expected))  # type: ignore[attr-defined]
    assert comments(after) == comments(text)
    # one kind of line end, before and after
    assert ("\n" in after.replace("\r\n", "")) == (end == "\n")


# -- edits


def test_edits_at_one_place_keep_their_order() -> None:
    assert apply("ab", [Edit(1, 1, "x"), Edit(1, 2, "y"), Edit(0, 0, "z")]) == "zaxy"


def test_brackets_of_an_expression() -> None:
    text = "f( ((x)) , (y), z)[(a)](b)"
    site = Site(text)
    names = {node.id: node for node in ast.walk(site.tree) if isinstance(node, ast.Name)}
    found = {name: text[slice(*site.outer(node))] for name, node in names.items()}
    assert found == {"f": "f", "x": "((x))", "y": "(y)", "z": "z", "a": "(a)", "b": "b"}


# -- the command


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    clear()
    clear()
    (tmp_path / "shop").mkdir()
    (tmp_path / "setup.cfg").write_text("[flake8]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fix(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(["fix", *arguments]) == code
    return capsys.readouterr().out


WRONG = HEAD + "ping.delay(1, countdown=5)\nping.apply_async((1,), ttl=5)\n"
RIGHT = HEAD + "ping.apply_async((1,), countdown=5)\nping.apply_async((1,), ttl=5)\n"


def test_the_command(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shop / "shop" / "tasks.py"
    path.write_text(WRONG)
    path.chmod(0o640)
    assert "shop/tasks.py: CEL402\n1 finding can be fixed" in fix(capsys, "--check", code=1)
    told = fix(capsys, "--diff", code=1)
    assert "-ping.delay(1, countdown=5)\n+ping.apply_async((1,), countdown=5)\n" in told
    assert path.read_text() == WRONG
    fix(capsys, "--select=CEL404")
    assert path.read_text() == WRONG
    assert fix(capsys) == "shop/tasks.py: CEL402\n1 finding fixed in 1 file\n"
    assert path.read_text() == RIGHT
    assert path.stat().st_mode & 0o777 == 0o640
    assert fix(capsys, "--diff") == ""
    fix(capsys, "--unsafe")
    assert path.read_text() == RIGHT.replace("ttl", "expires")
    fix(capsys, "nowhere", code=2)


def test_comments_and_ignores_hold(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shop / "shop" / "tasks.py"
    silent = WRONG.replace("=5)\n", "=5)  # noqa: CEL4\n", 1)
    path.write_text(silent)
    assert fix(capsys) == "0 findings fixed in 0 files\n"
    assert path.read_text() == silent
    path.write_text(WRONG)
    (shop / "setup.cfg").write_text("[flake8]\nper-file-ignores = shop/*:CEL402\n")
    fix(capsys)
    assert path.read_text() == WRONG


@pytest.mark.parametrize(
    "content",
    [
        WRONG.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + WRONG.encode(),
        b"# coding: latin-1\nx = '\xe9'; " + WRONG.encode(),
        WRONG.rstrip("\n").encode(),
        WRONG.replace("\n\n", "\n\x0c\n").encode(),
        WRONG.replace("(1, c", "('\U0001f600\u2028', c").encode(),
    ],
    ids=["crlf", "bom", "latin-1", "no end", "form feed", "wide"],
)
def test_all_else_stays(shop: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    path = shop / "shop" / "tasks.py"
    path.write_bytes(content)
    fix(capsys)
    expected = content.replace(b"ping.delay(1,", b"ping.apply_async((1,),")
    expected = expected.replace(
        "ping.delay('\U0001f600\u2028',".encode(),
        "ping.apply_async(('\U0001f600\u2028',),".encode(),
    )
    assert path.read_bytes() == expected != content


def test_a_file_that_changed_meanwhile(shop: Path) -> None:
    from flake8_celery.commands.common import Failure
    from flake8_celery.commands.fix import read_source, write_source

    path = shop / "shop" / "tasks.py"
    path.write_text(WRONG)
    source = read_source(str(path))
    path.write_text("new = 1\n")
    with pytest.raises(Failure, match="changed meanwhile"):
        write_source(source, RIGHT)
    assert path.read_text() == "new = 1\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["tasks.py"]


def test_a_diff_can_be_applied(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import subprocess

    path = shop / "shop" / "tasks.py"
    path.write_text(WRONG.rstrip("\n").replace("ttl", "coutdown"))
    told = fix(capsys, "--diff", code=1)
    subprocess.run(["git", "init", "-q"], cwd=shop, check=True)
    subprocess.run(["git", "apply"], cwd=shop, input=told.encode(), check=True)
    assert path.read_text() == RIGHT.rstrip("\n").replace("ttl", "countdown")
