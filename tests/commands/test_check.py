"""`flake8-celery check`: the same findings as flake8, in the forms that tools read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flake8_celery.check.noqa import Comments
from flake8_celery.check.selection import Chooser, per_file_ignores
from flake8_celery.cli import main
from flake8_celery.core.project.files import clear
from flake8_celery.rules._advice import OPT_IN
from tests import ROOT
from tests.pylint_half.test_whole_run import TOLD, project

BAD = """from celery import shared_task


@shared_task(bind=True)
def charge(self, order):
    try:
        order.pay()
    except OSError as error:
        raise self.retry(error)
"""


@pytest.fixture(autouse=True)
def _know_nothing() -> None:
    # each test stands in a folder of its own, and calls it "."
    clear()
    clear()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "tasks.py").write_text(BAD)
    (tmp_path / "setup.cfg").write_text("[flake8]\nmax-line-length = 100\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 1) -> str:
    """What the command prints."""
    assert main(["check", *arguments]) == code
    return capsys.readouterr().out


def flake8(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--select=CEL", "-j1", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert not done.stderr, done.stderr
    return "".join(f"{line.removeprefix('./')}\n" for line in sorted(done.stdout.splitlines()))


@pytest.mark.once
def test_the_same_as_flake8(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(ROOT)
    ours = check(capsys, "--isolated", "examples/shop")
    assert sorted(ours.splitlines()) == flake8(ROOT, "--isolated", "examples/shop").splitlines()
    assert len(ours.splitlines()) > 20
    assert check(capsys, "--isolated", "examples/shop_fixed", code=0) == ""


def test_exit_codes(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "shop/tasks.py:9:26: CEL301 " in check(capsys)
    check(capsys, "--exit-zero", code=0)
    check(capsys, "--ignore", "CEL301", code=0)
    for wrong in (["nowhere"], ["--jobs=no"], ["--baseline=none"], ["--config=none"], ["-", "."]):
        check(capsys, *wrong, code=2)
    check(capsys, "--celery-pool=ponies", code=2)


NOQA = [
    "# noqa",
    "# NOQA: CEL301",
    "# noqa: E501, CEL3",
    "# noqa:CEL302",
    "# noqa : CEL302",
    "#noqa",
    "# nothing",
]


@pytest.mark.parametrize("comment", NOQA)
def test_comments_as_for_flake8(
    shop: Path, capsys: pytest.CaptureFixture[str], comment: str
) -> None:
    path = shop / "shop" / "tasks.py"
    path.write_text(BAD.replace("retry(error)", f"retry(error)  {comment}"))
    theirs = flake8(shop, "shop")
    assert check(capsys, "shop", code=1 if theirs else 0) == theirs
    path.write_text(BAD.replace("error)", f'error, """\n""")  {comment}'))
    theirs = flake8(shop, "shop")
    assert check(capsys, "shop", code=1 if theirs else 0) == theirs
    assert check(capsys, "--disable-noqa", "shop") != ""


@pytest.mark.parametrize(
    "comment", ["# flake8: noqa", "# flake8: noqa: E501", "x = 1  # flake8: noqa"]
)
def test_comments_for_a_file(shop: Path, capsys: pytest.CaptureFixture[str], comment: str) -> None:
    (shop / "shop" / "tasks.py").write_text(f"{BAD}\n{comment}\n")
    theirs = flake8(shop, "shop")
    assert check(capsys, "shop", code=1 if theirs else 0) == theirs


def test_text_without_an_end_has_no_comments() -> None:
    assert not Comments("(  # noqa").silence(1, "CEL301")


CONFIGS = [
    "ignore = CEL3\nselect = CEL301",
    "ignore = CEL301\nselect = CEL",
    "extend-ignore = CEL3",
    "extend-select = CEL354",
    "ignore = W503\nextend-select = CEL3",
    "per-file-ignores =\n    shop/*:CEL301",
    "per-file-ignores = shop/*: E501, tasks.py: CEL301,E501",
    "per-file-ignores = */tasks.py,other.py:CEL301",
    "exclude = shop",
    "extend-exclude = shop/tasks.py",
    "exclude = asks.py",
    "celery-target-version = 5.5",
]


@pytest.mark.parametrize("config", CONFIGS)
def test_options_as_for_flake8(shop: Path, capsys: pytest.CaptureFixture[str], config: str) -> None:
    (shop / "setup.cfg").write_text(f"[flake8]\n{config}\n")
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "-j1", "."],
        cwd=shop,
        capture_output=True,
        text=True,
    )
    theirs = "".join(line[2:] for line in done.stdout.splitlines(True) if " CEL" in line)
    assert check(capsys, code=1 if theirs else 0) == theirs


CODES = st.lists(
    st.sampled_from(["C", "CEL", "CEL3", "CEL30", "CEL301", "CEL35", "CEL354", "E"]), max_size=3
)


@given(st.none() | CODES, CODES, st.none() | CODES, CODES)
def test_selection_as_in_flake8(
    select: list[str] | None, more: list[str], ignore: list[str] | None, less: list[str]
) -> None:
    import argparse

    from flake8.style_guide import Decision, DecisionEngine

    if select is not None and not any(code.startswith("C") for code in select):
        select = None  # on purpose: who runs this command wants our codes
    options = argparse.Namespace(
        select=select,
        extend_select=more,
        ignore=ignore,
        extend_ignore=less,
        extended_default_select=["CEL"],
        extended_default_ignore=list(OPT_IN),
    )
    theirs, ours = DecisionEngine(options), Chooser(select, more, ignore, less, OPT_IN)
    for code in ("CEL301", "CEL354", "CEL102"):
        assert ours.takes(code) == (theirs.decision_for(code) is Decision.Selected), code


def test_per_file_ignores_in_toml(tmp_path: Path) -> None:
    folder = str(tmp_path)
    want = ((os.path.join(folder, "a/*"), ("CEL3", "E501")), ("b.py", ("CEL4",)))
    assert per_file_ignores({"a/*": ["CEL3", "E501"], "b.py": "CEL4"}, folder) == want
    assert per_file_ignores("a/*: CEL3 E501\nb.py:CEL4", folder) == want
    assert per_file_ignores(["a/*:CEL3,E501", "b.py:CEL4"], folder) == want


def toml(shop: Path, text: str) -> None:
    if sys.version_info < (3, 11):
        pytest.importorskip("tomli")
    (shop / "pyproject.toml").write_text(text)


def test_pyproject(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toml(shop, '[tool.flake8-celery]\nignore = ["CEL301"]\ncelery-target-version = "5.5"\n')
    check(capsys, code=0)
    toml(shop, '[tool.flake8-celery]\ncelery_pol = ["gevent"]\nslect = "CEL3"\n')
    told = check(capsys)
    assert "pyproject.toml:2:1: CEL001 pyproject.toml: celery_pol is no option" in told
    assert "did you mean celery-pool?" in told
    assert (
        "pyproject.toml:3:1: CEL001 pyproject.toml: slect is no option, did you mean select?"
        in told
    )


def test_both_configurations(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toml(shop, '[tool.flake8-celery]\nignore = ["CEL301"]\ncelery-pool = ["gevent"]\n')
    (shop / "setup.cfg").write_text("[flake8]\ncelery-pool = gevent\n")
    told = check(capsys)
    assert told.count("CEL001") == 1
    assert "pyproject.toml:1:1: CEL001 pyproject.toml: [tool.flake8-celery] is not read" in told
    assert "CEL301" in told
    assert "CEL001" not in check(capsys, "--ignore=CEL001")


def test_a_table_that_only_another_package_reads(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toml(shop, "[tool.flake8]\nmax-line-length = 9\ncelery-pool = 'x'\ncelery-pol = 'x'\n")
    told = [line for line in check(capsys).splitlines() if "CEL001" in line]
    assert told[0].startswith("pyproject.toml:3:1: CEL001 pyproject.toml: [tool.flake8] is read by")
    assert told[1].endswith("and celery-pol is no option, did you mean celery-pool?")
    toml(shop, "[tool.flake8-celery\n")
    check(capsys, code=2)


def test_wrong_options_are_told_once_where_they_stand(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "shop" / "more.py").write_text(BAD)
    (shop / "setup.cfg").write_text("[flake8]\ncelery-aps = x\ncelery-pool = ponies\n")
    told = [line for line in check(capsys).splitlines() if "CEL001" in line]
    assert [line.partition(" CEL001")[0] for line in told] == ["setup.cfg:2:1:", "setup.cfg:3:1:"]


def test_what_can_not_be_read(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "shop" / "worse.py").write_text("import celery\ndef (:\n")
    (shop / "shop" / "bytes.py").write_bytes(b"import celery\n'\xff'\n")
    (shop / "shop" / "other.py").write_text("def (:\n")
    told = check(capsys).splitlines()
    assert [line.partition(": ")[0] for line in told if "CEL003" in line] == [
        "shop/bytes.py:1:1",
        "shop/worse.py:2:1",
    ]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_takes_all_tasks_to_know(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    jobs: str,
) -> None:
    project(tmp_path)
    for number in range(40):
        (tmp_path / "shop" / f"more{number}.py").write_text("import celery\n")
    monkeypatch.chdir(tmp_path)
    symbols = {
        "route-matches-nothing": "CEL507",
        "schedule-unknown-task": "CEL706",
        "duplicate-name": "CEL910",
        "sent-to-unknown-task": "CEL406",
        "queue-near-miss": "CEL502",
    }
    rows = json.loads(check(capsys, "-j", jobs, "--format=json"))
    told = [(row["path"], row["line"], f"celery-{row['symbol']}") for row in rows]
    assert told == TOLD
    assert {row["code"] for row in rows} == set(symbols.values())
    (tmp_path / "shop" / "reports_copy.py").write_text(
        "from celery import shared_task\n\n"
        '@shared_task(name="shop.monthly")  # noqa: CEL910\ndef monthly(): ...\n'
    )
    assert len(json.loads(check(capsys, "-j", jobs, "--format=json"))) == 4
    check(capsys, "shop/celery.py", code=0)


def test_deployed_tasks_that_are_gone(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lock"]) == 0
    (shop / "shop" / "tasks.py").unlink()
    capsys.readouterr()
    clear()  # there was none when `lock` looked
    assert check(capsys).startswith("shop/tasks.py:1:1: CEL410 the task shop.tasks.charge")


def test_baseline(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shop / "shop" / "tasks.py"
    assert "known.json: 1 finding" in check(capsys, "--write-baseline", "known.json", code=0)
    check(capsys, "--baseline", "known.json", code=0)
    path.write_text(f"# one more line\n\n{BAD}")
    check(capsys, "--baseline", "known.json", code=0)
    again = BAD.partition("\n")[2].replace("charge", "refund")
    path.write_text(f"{BAD}{again}")
    told = check(capsys, "--baseline", "known.json").splitlines()
    assert [line.partition(": ")[0] for line in told] == ["shop/tasks.py:17:26"]
    path.write_text("")
    assert main(["check", "--baseline", "known.json"]) == 0
    assert "1 entry of known.json found no more" in capsys.readouterr().err
    (shop / "known.json").write_text("{}")
    check(capsys, "--baseline", "known.json", code=2)


def test_stdin(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO(BAD))
    told = check(capsys, "-", "--stdin-display-name=shop/tasks.py")
    assert told.startswith("shop/tasks.py:9:26: CEL301")


def test_source_and_statistics(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shop / "shop" / "tasks.py"
    path.write_text(BAD.replace("    ", "\t"))
    lines = check(capsys, "--show-source", "--statistics").splitlines()
    assert lines[1:3] == ["    \t\traise self.retry(error)", "    \t\t                 ^^^^^"]
    assert lines[3] == "1  CEL301 retry-arguments"


def test_preset(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = BAD.replace("bind=True", "bind=True, autoretry_for=(Exception,), max_retries=None")
    (shop / "shop" / "tasks.py").write_text(text)
    usual = [row["code"] for row in json.loads(check(capsys, "--format=json"))]
    assert "CEL354" not in usual
    for config, told in (
        ("celery-preset = strict", True),
        ("celery-preset = strict\nselect = E,F", True),
        ("celery-preset = strict\nextend-ignore = CEL354", False),
        ("celery-preset = strict\nper-file-ignores =\n    shop/*: CEL354", False),
    ):
        (shop / "setup.cfg").write_text(f"[flake8]\n{config}\n")
        found = [row["code"] for row in json.loads(check(capsys, "--format=json", "-j1"))]
        assert ("CEL354" in found) == told, config
        by_flake8 = flake8(shop, "--select=CEL") if "select =" not in config else ""
        assert not by_flake8 or ("CEL354" in by_flake8) == told


# -- forms


def test_github(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [line] = check(capsys, "--format=github").splitlines()
    head, _, message = line[2:].partition("::")
    assert head.startswith("error file=shop/tasks.py,line=9,endLine=9,title=CEL301 retry-arg")
    assert message.strip()


def test_gitlab(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shop / "shop" / "tasks.py"
    path.write_text(BAD + BAD.partition("\n")[2].replace("charge", "refund"))
    rows = json.loads(check(capsys, "--format=gitlab"))
    for row in rows:
        assert {"description", "check_name", "fingerprint", "severity", "location"} == set(row)
        assert row["severity"] in ("info", "minor", "major", "critical", "blocker")
    assert rows[0]["location"] == {"path": "shop/tasks.py", "lines": {"begin": 9, "end": 9}}
    assert len({row["fingerprint"] for row in rows}) == len(rows) == 2
    before = [row["fingerprint"] for row in rows]
    path.write_text("\n\n" + path.read_text())
    rows = json.loads(check(capsys, "--format=gitlab"))
    assert [row["fingerprint"] for row in rows] == before


def test_sarif(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(check(capsys, "--format=sarif"))
    [one] = data["runs"]
    [result] = one["results"]
    assert one["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "CEL301"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "shop/tasks.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 9, "startColumn": 26, "endLine": 9, "endColumn": 31}
    empty = json.loads(check(capsys, "--format=sarif", "--ignore=CEL", code=0))
    assert empty["runs"][0]["results"] == []


def test_junit(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = ElementTree.fromstring(check(capsys, "--format=junit"))
    [suite] = tree
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    [failure] = suite.iter("failure")
    assert failure.get("type") == "CEL301"
    tree = ElementTree.fromstring(check(capsys, "--format=junit", "--ignore=CEL", code=0))
    assert [case.get("name") for case in tree.iter("testcase")] == ["no findings"]


def test_output_file(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(capsys, "--format=json", "-o", "found.json") == ""
    assert json.loads((shop / "found.json").read_text())[0]["code"] == "CEL301"
    check(capsys, "-o", "no/such/folder", code=2)


def test_help_is_known_for_every_code() -> None:
    from flake8_celery.check.formats import table
    from flake8_celery.linter import rules

    assert {info.code for info in rules()} < set(table())
    assert {about.level for about in table().values()} <= {"error", "warning", "note"}


def test_nothing_of_this_is_imported_by_flake8() -> None:
    code = (
        "import sys, flake8_celery.plugin, flake8_celery.core.engine;"
        "print([n for n in sys.modules if n.startswith(('flake8_celery.check', "
        "'flake8_celery.commands', 'flake8_celery.fixes', 'flake8_celery.whole'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
