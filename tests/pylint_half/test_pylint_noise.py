"""pylint's own false alarms on idiomatic Celery are withdrawn, and no true one with them."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from textwrap import dedent

import pytest

from tests import ROOT

pytest.importorskip("pylint", "3.3")
pytest.importorskip("celery")

from flake8_celery.tables.messaging import SIGNAL_ARGUMENTS
from pylint_celery import noise
from tests.pylint_half.command import pylint, symbols

# four runs of pylint are shared by the first tests: what each may take is in `pylint_command`
pytestmark = pytest.mark.timeout(600)

SAMPLES = ROOT / "tests" / "pylint_samples"
FILES = sorted(path.name for path in SAMPLES.glob("s*.py"))
#: What is said of style is of no interest here.
QUIET = "--disable=missing-docstring,line-too-long,unnecessary-lambda"
Place = tuple[str, int]


def expected() -> dict[str, dict[Place, list[str]]]:
    """What the samples' comments say of each line: `gone`, `gone?`, `stays` and `new` messages."""
    found: dict[str, dict[Place, list[str]]] = {}
    for name in FILES:
        for number, line in enumerate((SAMPLES / name).read_text().splitlines(), 1):
            comment = line.partition("  # ")[2]
            for word, listed in re.findall(r"(gone\??|stays|new): ([a-z0-9, -]+)", comment):
                found.setdefault(word, {})[name, number] = listed.split(", ")
    return found


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counter[tuple[str, int, str]]]:
    """Every message of the samples, without us, with us, and with us but nothing suppressed."""
    folder = tmp_path_factory.mktemp("samples")
    for name in FILES:
        shutil.copy(SAMPLES / name, folder)
    found = {}
    for run, more in (("raw", {"plugin": ""}), ("ours", {}), ("off", {}), ("jobs", {})):
        switch = {"off": ["--celery-suppress=no"], "jobs": ["-j2"]}.get(run, [])
        messages = pylint(folder, QUIET, *switch, *FILES, **more)  # type: ignore[arg-type]
        found[run] = Counter((m["path"], m["line"], m["symbol"]) for m in messages)
    return found


def rows(table: dict[Place, list[str]]) -> Counter[tuple[str, int, str]]:
    return Counter((*place, symbol) for place, names in table.items() for symbol in names)


@pytest.mark.once
def test_samples(runs: dict[str, Counter[tuple[str, int, str]]]) -> None:
    tags = expected()
    assert len(FILES) == 20
    raw = runs["raw"] - rows(tags["gone?"])
    assert raw == rows(tags["gone"]) + rows(tags["stays"])
    assert runs["ours"] == rows(tags["stays"]) + rows(tags["new"])


@pytest.mark.once
def test_figures(runs: dict[str, Counter[tuple[str, int, str]]]) -> None:
    """14 false no-value-for-parameter and 34 false unused-argument become none."""
    tags = expected()
    gone = Counter(symbol for names in tags["gone"].values() for symbol in names)
    told = {place for place, names in tags["new"].items() if "celery-arguments-do-not-fit" in names}
    wrong = [
        place
        for place, names in tags["gone"].items()
        for symbol in names
        if symbol == "no-value-for-parameter" and place not in told
    ]
    assert len(wrong) == 14
    assert gone["unused-argument"] == 34
    # what the brain takes away with them is said by our own rule, on the same line
    arity = {"no-value-for-parameter", "too-many-function-args", "unexpected-keyword-arg"}
    true = {
        place
        for place, names in tags["gone"].items()
        if arity & set(names) and place not in set(wrong)
    }
    assert true <= told


@pytest.mark.once
def test_jobs_give_the_same(runs: dict[str, Counter[tuple[str, int, str]]]) -> None:
    assert runs["jobs"] == runs["ours"]


@pytest.mark.once
def test_switch(runs: dict[str, Counter[tuple[str, int, str]]]) -> None:
    """Without it pylint's own alarms are back; what the brain knows stays known."""
    back = runs["off"] - runs["ours"]
    assert {symbol for *_, symbol in back} == {
        "abstract-method",
        "arguments-differ",
        "inconsistent-return-statements",
        "too-many-arguments",
        "too-many-positional-arguments",
        "unused-argument",
    }
    assert not runs["ours"] - runs["off"]
    assert sum(count for (*_, symbol), count in back.items() if symbol == "unused-argument") == 34


HEAD = """\
from celery import Celery, Task, chain, shared_task, signals
from celery.exceptions import Ignore

app = Celery("shop")


"""


#: What stands in a file, and the arguments still called unused.
UNUSED: list[tuple[str, str]] = [
        # a bound task's first parameter, whatever it is called; no other
        ("@app.task(bind=True)\ndef f(task, url): ...", "url"),
        ("@app.task(bind=False)\ndef f(self): ...", "self"),
        ("@app.task\ndef f(self): ...", "self"),
        ("@app.task(bind=app.main)\ndef f(self): ...", "self"),
        ("def f(self, url): ...\napp.task(bind=True)(f)", "url"),
        ("@app.task(bind=True)\nasync def f(self, url): ...", "url"),
        # a handler: what its signal sends, by any way of connecting
        (
            "@signals.task_retry.connect\ndef f(sender, request, result, **kw): ...",
            "result",
        ),
        ("@signals.task_failure.connect\ndef f(*args, **kwargs): ...", "args"),
    ("@signals.task_postrun.connect\ndef f(state, status, **kwargs): ...", "status"),
    ("def f(sender, url, **kw): ...\nsignals.beat_init.connect(f)", "url"),
        ("@app.on_after_finalize.connect\ndef f(sender, source, **k): ...", "source"),
        ("@signals.worker_ready.connect\ndef f(*args, **kwargs): ...", "args"),
        # a router: by signature, or named in task_routes
        ("def f(name, args, kwargs, options, task=None): ...", ""),
        ("def f(name, args, kwargs, options): ...", "args kwargs name options"),
        ("def f(n, a, k, o, task=None, x=1): ...\napp.conf.task_routes = [f]", "x"),
        ("def f(n, a, k, o, task=None): ...", "a k n o task"),
        ("class R:\n    def route_for_task(self, task, args=None, kwargs=None): ...", ""),
        ("class R:\n    def route_for_task(self, task, args=None, depth=1): ...",
         "args depth task"),
        # an errback: a task, by its documented signature or by use
        ("@shared_task(bind=True)\ndef f(self, request, exc, traceback): ...", ""),
        ("def f(request, exc, traceback): ...", "exc request traceback"),
        ("@shared_task\ndef f(r, e, t): ...\nf.apply_async(link_error=f.s())", ""),
        ("@shared_task\ndef f(r, e, t): ...\nchain(f.s()).on_error(f.s())", ""),
        ("@shared_task\ndef f(r, e, t): ...\nf.apply_async(link_error=f.si(1, 2, 3))",
         "e r t"),
        ("@shared_task\ndef f(r, e): ...\nf.apply_async(link_error=f.s())", "e r"),
        # hooks of a Task class, and run's splats
        ("class T(Task):\n    def on_retry(self, e, i, a, k, info, more): ...", "more"),
        ("class T:\n    def on_retry(self, e): ...", "e"),
        ("class T(Task):\n    def run(self, url, *a, **k): ...", "url"),
        ("class T:\n    def run(self, *a, **k): ...", "a k"),
        ("class T(Task):\n    def other(self, *a, **k): ...", "a k"),
]  # fmt: skip
RETRY = """\
@shared_task(bind=True)
def f(self, url):
    try:
        return url.read()
    except OSError as error:
        {}
"""
GUARD = "if not url:\n        return\n    try:"
SIX = "first, second, third, fourth, fifth, sixth"


#: A message, what stands in a file, and how often it is still given.
OTHERS: list[tuple[str, str, int]] = [
    ("R1710", RETRY.format("self.retry(exc=error)"), 0),
    ("R1710", RETRY.format("self.retry(exc=error, throw=False)"), 1),
    ("R1710", RETRY.format("self.retry(**url)"), 1),
    ("R1710", RETRY.format("url.retry(exc=error)"), 1),
    ("R1710", RETRY.format("self.update_state()"), 1),
    ("R1710", RETRY.format("if url:\n            self.retry()"), 1),
    (
        "R1710",
        RETRY.format("if url:\n            self.retry()\n        else:\n            raise"),
        0,
    ),
    ("R1710", RETRY.replace("bind=True", "bind=False").format("self.retry()"), 1),
    ("R1710", RETRY.format("self.retry()").replace("try:", GUARD), 1),
    (
        "R1710",
        "class T(Task):\n    def run(self, url):\n        if url:\n            return 1\n"
        "        self.retry()\n",
        0,
    ),
    ("R0913", f"@signals.task_internal_error.connect\ndef f(sender, {SIX}, **kw): ...", 1),
    (
        "R0913",
        "@signals.task_internal_error.connect\n"
        "def f(sender, task_id, args, kwargs, request, exception, traceback, einfo, **kw): ...",
        0,
    ),
    ("R0917", "def f(name, args, kwargs, options, task=None, more=1): ...", 1),
    ("R0913", f"@app.task(bind=True)\ndef f(self, {SIX}): ...", 1),
    ("W0223", "class T(Task):\n    abstract = True\nclass U(T): ...", 0),
    (
        "W0223",
        "class T:\n    def run(self):\n        raise NotImplementedError\nclass U(T): ...\n",
        1,
    ),
    (
        "W0223",
        "class T(Task):\n    def run(self):\n        raise NotImplementedError\nclass U(T): ...\n",
        1,
    ),
    ("W0221", "class T(Task):\n    def run(self, a): ...", 0),
    ("W0221", "class T(Task):\n    def run(self, a): ...\nclass U(T):\n    def run(self): ...", 1),
    ("W0221", "class T(Task):\n    def on_failure(self, a): ...", 1),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, object]]]:
    """The messages of every case, by its file, from one run."""
    folder = tmp_path_factory.mktemp("cases")
    for number, (source, _) in enumerate(UNUSED):
        (folder / f"unused{number}.py").write_text(HEAD + source + "\n")
    for number, (_, source, _) in enumerate(OTHERS):
        (folder / f"other{number}.py").write_text(HEAD + source + "\n")
    messages = pylint(
        folder, "--disable=all", f"--enable={','.join(noise.WITHDRAWN)}", ".", "--recursive=y"
    )
    table: dict[str, list[dict[str, object]]] = {}
    for message in messages:
        table.setdefault(message["path"], []).append(message)
    return table


@pytest.mark.parametrize("number", range(len(UNUSED)), ids=lambda n: UNUSED[n][0][:60])
def test_unused_argument(number: int, found: dict[str, list[dict[str, object]]]) -> None:
    names = [
        re.findall(r"'(\w+)'", str(message["message"]))[0]
        for message in found.get(f"unused{number}.py", ())
        if message["symbol"] == "unused-argument"
    ]
    assert sorted(names) == UNUSED[number][1].split()


@pytest.mark.parametrize("number", range(len(OTHERS)), ids=lambda n: OTHERS[n][1][-40:])
def test_others(number: int, found: dict[str, list[dict[str, object]]]) -> None:
    code, _, left = OTHERS[number]
    said = [m for m in found.get(f"other{number}.py", ()) if m["messageId"] == code]
    # a method that differs may differ in two ways, each told
    assert len({message["line"] for message in said}) == left


def test_without_our_messages_enabled(tmp_path: Path) -> None:
    """Nothing of ours is run then, and pylint's false alarms are withdrawn all the same."""
    (tmp_path / "tasks.py").write_text(HEAD + "@app.task(bind=True)\ndef f(self, url): ...\n")
    found = pylint(tmp_path, "--disable=all", "--enable=unused-argument", "tasks.py")
    assert [message["message"] for message in found] == ["Unused argument 'url'"]


def test_classes_of_other_modules(tmp_path: Path) -> None:
    (tmp_path / "base.py").write_text("from celery import Task\n\n\nclass Base(Task): ...\n")
    source = """\
        from base import Base


        class Import(Base):
            def run(self, *given, path):
                return path
    """
    (tmp_path / "imports.py").write_text(dedent(source))
    enable = "--enable=unused-argument,arguments-differ,too-few-public-methods,abstract-method"
    assert pylint(tmp_path, "--disable=all", enable, "base.py", "imports.py") == []


def test_a_failing_test_of_ours_keeps_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    class Checker:
        seen: list[str] = []  # noqa: RUF012

        def add_message(self, msgid: str, *rest: object) -> None:
            self.seen.append(msgid)

    def fails(node: object, args: object) -> bool:
        raise KeyError

    monkeypatch.setitem(noise.WITHDRAWN, "unused-argument", fails)
    sieve = noise.Sieve(Checker())  # type: ignore[arg-type]
    sieve("unused-argument", None, object(), "x")  # type: ignore[arg-type]
    assert Checker.seen == ["unused-argument"]


def test_another_plugins_wrapper_is_kept() -> None:
    calls = []

    class Checker:
        pass

    checker = Checker()
    checker.__dict__["add_message"] = lambda *given, **named: calls.append(given[0])
    noise.Sieve(checker)("unused-variable")  # type: ignore[arg-type]
    assert calls == ["unused-variable"]


def test_signals_are_all_known() -> None:
    from celery import signals
    from celery.utils.dispatch import Signal

    for name, signal in vars(signals).items():
        if isinstance(signal, Signal):
            assert set(signal.providing_args) <= set(SIGNAL_ARGUMENTS[name])


def test_useless_comments_are_told(tmp_path: Path) -> None:
    """A comment that silenced a false alarm is needless now, and pylint can say so."""
    text = "@app.task(bind=True)\ndef f(self):  # pylint: disable=unused-argument\n    return 1\n"
    (tmp_path / "tasks.py").write_text(HEAD + text)
    enable = "--enable=unused-argument,useless-suppression"
    assert symbols(pylint(tmp_path, "--disable=all", enable, "tasks.py")) == ["useless-suppression"]
