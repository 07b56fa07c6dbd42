"""Editors: python-lsp-server and efm driven, every snippet of docs/editors.md used as it stands."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from tests.lsp import Server
from tools.node_packages import ROOT

pytestmark = pytest.mark.once

PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
SCRIPTS = sysconfig.get_path("scripts")
SAVED = "from celery import shared_task\n"
#: What is typed; signs that UTF-8 writes with several bytes stand before the mistakes.
TYPED = """\
from celery import shared_task


@shared_task(name="é", bind=True, max_retires=3)
def pay(self, order):
    try:
        order.pay()
    except OSError as err:
        raise self.retry(err)
"""
#: code -> pylint's id, line, first column, end of the name, all from 0.
WANTED = {"CEL903": ("E8722", 3, 34, 45), "CEL301": ("E8520", 8, 25, 28)}


def snippets(language: str) -> list[str]:
    """The code blocks of the page in a language."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)
    assert found, language
    return found


VSCODE, PYLSP = (json.loads(text) for text in snippets("json"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "setup.cfg").write_text("[flake8]\nmax-line-length = 100\n")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "tasks.py").write_text(SAVED)
    monkeypatch.setenv("PATH", f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYLINTHOME", str(tmp_path / ".cache"))
    monkeypatch.delenv("FLAKE8_CELERY_RAISE", raising=False)
    return tmp_path


def told(found: list[dict[str, Any]], source: str) -> dict[str, dict[str, Any]]:
    """Our diagnostics by code, of one linter."""
    ids = {known[0]: code for code, known in WANTED.items()}
    return {
        ids.get(row["code"], row["code"]): row
        for row in found
        if row.get("source") == source and (row["code"] in ids or row["code"].startswith("CEL"))
    }


# -- python-lsp-server


def test_pylsp_on_what_is_typed(project: Path) -> None:
    pytest.importorskip("pylsp")
    path = project / "shop" / "tasks.py"
    with Server([sys.executable, "-m", "pylsp"], project, PYLSP) as server:
        server.open(path, SAVED)
        server.type(path, TYPED)
        found = server.diagnostics(
            path, lambda said: {row.get("source") for row in said} >= {"flake8", "pylint"}
        )
    assert path.read_text() == SAVED
    by_flake8, by_pylint = told(found, "flake8"), told(found, "pylint")
    assert by_flake8.keys() == by_pylint.keys() == WANTED.keys()
    lines = TYPED.splitlines(keepends=True)
    for code, (_, line, start, end) in WANTED.items():
        # flake8 has no ends: the server takes the line's
        for row, last in ((by_flake8[code], len(lines[line])), (by_pylint[code], end)):
            assert row["range"] == {
                "start": {"line": line, "character": start},
                "end": {"line": line, "character": last},
            }, row
        assert by_flake8[code]["severity"] == 2
        assert by_flake8[code]["message"].startswith(f"{code} ")
        # an error for pylint: the letter of its id
        assert by_pylint[code]["severity"] == 1


def test_pylsp_on_a_file_that_is_nowhere(project: Path) -> None:
    pytest.importorskip("pylsp")
    path = project / "shop" / "new.py"
    settings = {"pylsp": {"plugins": {**PYLSP["pylsp"]["plugins"], "pylint": {"enabled": False}}}}
    with Server([sys.executable, "-m", "pylsp"], project, settings) as server:
        server.open(path, TYPED)
        found = server.diagnostics(path, bool)
    assert told(found, "flake8").keys() == WANTED.keys()


def lua(text: str) -> Any:
    """The table behind `settings =`, as JSON would hold it."""
    body = text[text.index("settings = ") + len("settings = ") :]
    depth = 0
    for at, sign in enumerate(body):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if not depth:
            body = body[: at + 1]
            break
    body = re.sub(r"\{(\s*\"[^\"]*\"[^={}]*)\}", r"[\1]", body)
    body = re.sub(r"(\w+) = ", r'"\1": ', body)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", body))


def plist(text: str) -> Any:
    """An Emacs property list, as eglot sends it."""
    tokens = iter(re.findall(r'"[^"]*"|[()\[\]]|[^\s()\[\]]+', text[text.index("'(") + 1 :]))

    def value(token: str) -> Any:
        if token == "(":
            items: dict[str, Any] = {}
            while (key := next(tokens)) != ")":
                items[key.removeprefix(":")] = value(next(tokens))
            return items
        if token == "[":
            return [value(item) for item in iter(lambda: next(tokens), "]")]
        return {"t": True, ":json-false": False}[token] if token[0] != '"' else token[1:-1]

    return value(next(tokens))


def test_every_editor_gives_pylsp_the_same_settings() -> None:
    [neovim], [emacs] = snippets("lua"), snippets("elisp")
    assert lua(neovim) == PYLSP
    assert plist(emacs) == PYLSP
    if sys.version_info >= (3, 11):
        import tomllib

        [helix] = snippets("toml")
        given = tomllib.loads(helix)
        assert given["language-server"]["pylsp"]["config"] == PYLSP
        assert given["language"][0]["language-servers"] == ["pylsp"]


# -- those that only get their command line


def run(project: Path, command: list[str], text: str | None = TYPED) -> str:
    """What an editor's command prints, the text on its standard input."""
    if command[0] in ("flake8", "pylint"):
        command = [sys.executable, "-m", *command]
    done = subprocess.run(command, cwd=project, input=text, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    return done.stdout


def test_vscode(project: Path) -> None:
    # as the extensions call the linters: flake8 on the saved file, pylint on the text
    path = project / "shop" / "tasks.py"
    path.write_text(TYPED)
    form = "%(row)d,%(col)d,%(code).1s,%(code)s:%(text)s"
    args = VSCODE.get("flake8.args", [])
    out = run(project, ["flake8", f"--format={form}", *args, str(path)], None)
    severity = VSCODE["flake8.severity"]
    found = {}
    for row, column, letter, code in re.findall(r"^(\d+),(\d+),(\w),(\w+\d+):.", out, re.M):
        found[code] = (int(row) - 1, int(column) - 1)
        # the longest start of the code that the settings name; else the letter; else an error
        starts = [code[:end] for end in range(len(code), 0, -1)]
        known = [severity[start] for start in starts if start in severity]
        assert (known or [severity.get(letter, "Error")])[0] == "Warning"
    assert found == {code: known[1:3] for code, known in WANTED.items()}
    path.write_text(SAVED)
    command = ["pylint", "--reports=n", "--output-format=json", *VSCODE["pylint.args"]]
    rows = json.loads(run(project, [*command, "--from-stdin", str(path)]))
    spans = {row["message-id"]: (row["line"] - 1, row["column"], row["endColumn"]) for row in rows}
    assert {number: spans[number][:2] for number, *_ in WANTED.values()} == {
        known[0]: known[1:3] for known in WANTED.values()
    }
    # what is marked: the keyword with its value, the argument
    lines = TYPED.splitlines()
    marked = [lines[line][start:end] for line, start, end in map(spans.get, ("E8722", "E8520"))]
    assert marked == ["max_retires", "err"]


def efm() -> Any:
    yaml = pytest.importorskip("yaml")
    [text] = snippets("yaml")
    return yaml.safe_load(text)


def test_efm_command_lines(project: Path) -> None:
    for tool in efm()["languages"]["python"]:
        assert tool["lint-stdin"] is True
        command = shlex.split(tool["lint-command"].replace("${INPUT}", "shop/tasks.py"))
        out = run(project, command)
        # efm's form as a regular expression
        form = re.escape(tool["lint-formats"][0])
        for sign, part in (("%f", "(.+?)"), ("%l", r"(\d+)"), ("%c", r"(\d+)"), ("%t", "(.)")):
            form = form.replace(sign, part)
        rows = re.findall(f"^{form.replace('%m', '(.*)')}$", out, re.M)
        offset = tool.get("lint-offset-columns", 0)
        found = [(int(row[1]) - 1, int(row[2]) + offset - 1) for row in rows if "E8" in str(row)]
        found += [(int(row[1]) - 1, int(row[2]) - 1) for row in rows if "CEL" in str(row)]
        assert sorted(set(found)) == sorted(known[1:3] for known in WANTED.values())


def test_efm_itself(project: Path, tmp_path: Path) -> None:
    server = shutil.which("efm-langserver")
    if not server:
        pytest.skip("there is no efm-langserver on this machine")
    [text] = snippets("yaml")
    (tmp_path / "efm.yaml").write_text(text)
    path = project / "shop" / "tasks.py"
    with Server([server, "-q", "-c", str(tmp_path / "efm.yaml")], project, None) as running:
        running.open(path, SAVED)
        running.type(path, TYPED)
        wanted = [known for code, (number, *_) in WANTED.items() for known in (code, number)]
        found = running.diagnostics(path, lambda said: all(code in str(said) for code in wanted))
    assert path.read_text() == SAVED
    lines = {(row["range"]["start"]["line"], row["range"]["start"]["character"]) for row in found}
    assert {known[1:3] for known in WANTED.values()} <= lines


def test_ale(project: Path) -> None:
    [text] = snippets("vim")
    given = dict(re.findall(r"^let g:ale_python_(\w+)_options = '([^']*)'$", text, re.M))
    assert given.keys() == {"flake8", "pylint"}
    path = project / "shop" / "tasks.py"
    command = ["flake8", *shlex.split(given["flake8"]), "--stdin-display-name", str(path), "-"]
    found = re.findall(r"^[^:]+:(\d+):(\d+): (CEL\w+) .*$", run(project, command), re.M)
    assert {code: (int(line) - 1, int(column) - 1) for line, column, code in found} == {
        code: known[1:3] for code, known in WANTED.items()
    }
    path.write_text(TYPED)
    command = ["pylint", *shlex.split(given["pylint"]), "--output-format", "text", "--reports", "n"]
    command += ["--msg-template={path}:{line}:{column}: {msg_id} ({symbol}) {msg}", str(path)]
    found = re.findall(r"^[^:]+:(\d+):(\d+): (\w+) \(celery-", run(project, command, None), re.M)
    assert {number: (int(line) - 1, int(column)) for line, column, number in found} == {
        known[0]: known[1:3] for known in WANTED.values()
    }


def test_pycharm(project: Path) -> None:
    watcher, plugin = (
        dict(re.split(r":\s+", line, maxsplit=1) for line in text.splitlines())
        for text in snippets("text")
    )
    path = project / "shop" / "tasks.py"
    path.write_text(TYPED)
    names = {
        "$PyInterpreterDirectory$": str(Path(sys.executable).parent),
        "$FilePath$": str(path),
        "$ProjectFileDir$": str(project),
    }

    def filled(text: str) -> list[str]:
        for name, value in names.items():
            text = text.replace(name, value)
        return shlex.split(text)

    [program], [folder] = filled(watcher["Program"]), filled(watcher["Working directory"])
    out = run(Path(folder), [program, *filled(watcher["Arguments"])], None)
    form = re.escape(watcher["Output filters"])
    for name, part in (
        (r"\$FILE_PATH\$", "(.+?)"),
        (r"\$LINE\$", r"(\d+)"),
        (r"\$COLUMN\$", r"(\d+)"),
        (r"\$MESSAGE\$", "(.*)"),
    ):
        form = form.replace(name, part)
    rows = [re.fullmatch(form, line) for line in out.splitlines()]
    found = {row[4].split()[0]: (int(row[2]) - 1, int(row[3]) - 1) for row in rows if row}
    assert len(found) == len(rows)
    assert found == {code: known[1:3] for code, known in WANTED.items()}
    [executable] = filled(plugin["Path to Pylint executable"])
    assert Path(executable).name == "pylint"
    out = run(project, ["pylint", *filled(plugin["Arguments"]), "-f", "json", str(path)], None)
    assert {row["message-id"] for row in json.loads(out)} >= {k[0] for k in WANTED.values()}
