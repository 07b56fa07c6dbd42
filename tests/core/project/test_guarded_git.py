"""Git is asked in one way only, and starts nothing that a repository brings."""

from __future__ import annotations

import ast
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_celery.cli import main
from flake8_celery.core.deployed.snapshot import python_files
from flake8_celery.core.project import guarded_git, revision
from flake8_celery.core.project.files import clear
from flake8_celery.core.project.guarded_git import _SET, GitError, ask, top_of
from flake8_celery.core.project.revision import Repository
from flake8_celery.linter import lint
from flake8_celery.options import Options
from tests import ROOT

TASK = "from celery import shared_task\n\n\n@shared_task\ndef send(a{}): ...\n"


def git(folder: Path, *command: str) -> str:
    who = ("-c", "user.name=n", "-c", "user.email=e@x", "-c", "protocol.file.allow=always")
    done = subprocess.run(
        ["git", *who, *command], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


class Marked:
    """A repository whose configuration wants a program started, which leaves a mark."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.mark = folder / "mark"
        self.program = folder / "program"
        self.program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{self.mark}'\ncat\n")
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)
        (self.folder / "shop").mkdir(parents=True)
        git(self.folder, "init", "-q", "-b", "main")
        self.write("setup.cfg", "[flake8]\n")
        self.write("shop/__init__.py", "")
        self.write("shop/tasks.py", TASK.format(""))
        self.write(".gitattributes", "*.py filter=own diff=own\n")
        git(self.folder, "add", ".")
        git(self.folder, "commit", "-qm", "1")
        self.write("shop/tasks.py", TASK.format(", b"))
        self.write("shop/more.py", "")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def configure(self, *names: str) -> None:
        for name in names:
            git(self.folder, "config", name, str(self.program))

    @property
    def started(self) -> str:
        return self.mark.read_text() if self.mark.exists() else ""


@pytest.fixture
def marked(tmp_path: Path) -> Marked:
    clear()
    clear()
    return Marked(tmp_path)


#: Settings that name a program; each is taken from the repository's own configuration.
PROGRAMS = (
    "core.fsmonitor",
    "core.pager",
    "pager.diff",
    "core.editor",
    "core.sshCommand",
    "core.askPass",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.own.command",
    "diff.own.textconv",
    "filter.own.clean",
    "filter.own.smudge",
    "filter.own.process",
    "gpg.program",
    "uploadpack.packObjectsHook",
    "alias.ls-files",
)


def test_an_unguarded_call_leaves_the_mark(marked: Marked) -> None:
    marked.configure("core.fsmonitor", "filter.own.clean")
    git(marked.folder, "status")
    assert marked.started


def ask_everything(marked: Marked) -> None:
    """All that this project asks git for, through the functions that users reach."""
    folder = str(marked.folder)
    repository = Repository(folder)
    head = repository.commit("HEAD")
    assert not repository.shallow
    assert repository.is_ancestor(head)
    assert repository.merge_base(head).sha == head.sha
    assert str(marked.folder / "shop" / "more.py") in repository.paths()
    tree = repository.tree(head)
    [tasks] = [path for path in tree.blobs if path.endswith("tasks.py")]
    assert tree.read(tasks) == TASK.format("").encode()
    assert repository.same(tree) == {str(marked.folder / "shop" / "__init__.py")}
    assert len(python_files(folder)) == 3
    assert main(["diff", folder, "--against", "HEAD"]) == 1
    assert main(["lock", folder]) == 0
    options = Options({"celery-against": "HEAD"}, folder)
    found = lint(TASK.format(", b"), tasks, options)
    assert [finding.code for finding in found] == ["CEL411"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_program_of_the_configuration_is_started(marked: Marked, name: str) -> None:
    marked.configure(name)
    ask_everything(marked)
    assert not marked.started


def test_no_hook_is_started(marked: Marked) -> None:
    hooks = marked.folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-commit"):
        (hooks / name).write_bytes(marked.program.read_bytes())
        (hooks / name).chmod(0o755)
    ask_everything(marked)
    git(marked.folder, "config", "core.hooksPath", str(hooks))
    ask_everything(marked)
    assert not marked.started


def test_a_configuration_that_is_included(marked: Marked) -> None:
    marked.write("more.cfg", f'[core]\n\tfsmonitor = "{marked.program}"\n')
    git(marked.folder, "config", "include.path", str(marked.folder / "more.cfg"))
    ask_everything(marked)
    assert not marked.started


def test_the_environment_is_clean(marked: Marked, monkeypatch: pytest.MonkeyPatch) -> None:
    program = str(marked.program)
    for name in ("GIT_EXTERNAL_DIFF", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_PAGER", "GIT_EDITOR"):
        monkeypatch.setenv(name, program)
    for name in ("GIT_TRACE", "GIT_TRACE2", "GIT_TRACE2_EVENT"):
        monkeypatch.setenv(name, str(marked.mark))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"):
        monkeypatch.setenv(name, str(marked.folder / "nowhere"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.fsmonitor={program}'")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", program)
    folder = str(marked.folder)
    repository = Repository(folder)
    assert len(repository.paths()) == 5
    assert repository.same(repository.tree(repository.commit("HEAD")))
    assert not marked.started


def test_what_looks_like_a_bare_repository_is_not_asked(marked: Marked) -> None:
    bare = marked.folder / "fixtures"
    git(marked.folder, "init", "-q", "--bare", str(bare))
    git(bare, "config", "core.fsmonitor", str(marked.program))
    git(bare, "config", "core.bare", "false")
    git(bare, "config", "core.worktree", str(bare))
    (bare / "setup.cfg").write_text("[flake8]\n")
    (bare / "tasks.py").write_text(TASK.format(""))
    with pytest.raises(GitError, match="bare"):
        Repository(str(bare))
    assert python_files(str(bare)) == [str(bare / "tasks.py")]
    assert main(["lock", str(bare)]) == 0
    [finding] = lint(TASK.format(""), str(bare / "tasks.py"), Options({"celery-against": "HEAD"}))
    assert finding.code == "CEL002"
    below = bare / "below"
    below.mkdir()
    assert top_of(str(below)) == str(marked.folder)
    with pytest.raises(GitError, match="no top"):
        ask(str(bare), "ls-files")
    assert not marked.started


def test_a_git_folder_that_is_none_leads_nowhere(marked: Marked) -> None:
    empty = marked.folder / "empty"
    (empty / ".git").mkdir(parents=True)
    # neither to the repository above
    with pytest.raises(GitError):
        Repository(str(empty))
    # nor, by a bare one around it, into that
    git(marked.folder, "init", "-q", "--bare", str(empty))
    git(empty, "config", "core.fsmonitor", str(marked.program))
    with pytest.raises(GitError):
        Repository(str(empty))
    assert not marked.started


def test_a_work_tree_that_is_elsewhere(marked: Marked, tmp_path: Path) -> None:
    git(marked.folder, "config", "core.worktree", str(tmp_path))
    with pytest.raises(GitError, match="elsewhere"):
        Repository(str(marked.folder))


def test_a_work_tree_of_its_own_and_a_submodule(marked: Marked, tmp_path: Path) -> None:
    git(marked.folder, "worktree", "add", "-q", str(tmp_path / "other"))
    assert Repository(str(tmp_path / "other" / "shop")).top == str(tmp_path / "other")
    git(marked.folder, "submodule", "add", "-q", str(tmp_path / "other"), "part")
    marked.configure("core.fsmonitor")
    git(marked.folder / "part", "config", "core.fsmonitor", str(marked.program))
    marked.mark.unlink(missing_ok=True)
    assert Repository(str(marked.folder / "part")).top == str(marked.folder / "part")
    assert python_files(str(marked.folder / "part"))
    assert python_files(str(marked.folder))
    assert not marked.started


@pytest.mark.parametrize("filter_", ["blob:none", "tree:0"])
@pytest.mark.parametrize("knows", [True, False])
def test_a_partial_clone_fetches_nothing(
    marked: Marked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filter_: str, knows: bool
) -> None:
    if not knows:
        # as git before 2.45, which has no such switch
        monkeypatch.delitem(_SET, "GIT_NO_LAZY_FETCH")
    git(marked.folder, "config", "uploadpack.allowFilter", "true")
    git(
        tmp_path,
        *("clone", "-q", "--no-checkout", f"--filter={filter_}"),
        *(f"file://{marked.folder}", "part"),
    )
    part = tmp_path / "part"
    git(part, "config", "protocol.file.allow", "always")
    git(part, "config", "remote.origin.uploadpack", str(marked.program))
    (part / "shop").mkdir()
    (part / "shop" / "tasks.py").write_text(TASK.format(", b"))
    repository = Repository(str(part))
    before = sum(1 for _ in (part / ".git").rglob("*"))
    with pytest.raises(GitError, match="fetch it first") as caught:
        repository.tree(repository.commit("HEAD")).read(str(part / "shop" / "tasks.py"))
    assert "\n" not in str(caught.value)
    assert sum(1 for _ in (part / ".git").rglob("*")) == before
    assert not marked.started


def test_an_object_of_any_size_is_not_read(marked: Marked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revision, "MAX_BYTES", 20)
    repository = Repository(str(marked.folder))
    tree = repository.tree(repository.commit("HEAD"))
    assert tree.read(str(marked.folder / "setup.cfg")) == b"[flake8]\n"
    with pytest.raises(GitError, match="has more than"):
        tree.read(str(marked.folder / "shop" / "tasks.py"))


def test_only_commands_that_read(marked: Marked) -> None:
    for command in ("diff", "status", "fetch", "config", "-c", "--exec-path=x"):
        with pytest.raises(GitError, match="more than read"):
            ask(str(marked.folder), command)


def test_a_git_beside_the_code_is_not_taken(
    marked: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = marked.folder / ("git.exe" if sys.platform == "win32" else "git")
    own.write_bytes(marked.program.read_bytes())
    own.chmod(0o755)
    monkeypatch.chdir(marked.folder)
    monkeypatch.setenv("PATH", os.pathsep.join((".", "", os.environ["PATH"])))
    assert Repository(str(marked.folder)).paths()
    assert not marked.started
    monkeypatch.setenv("PATH", ".")
    with pytest.raises(GitError, match="not installed"):
        Repository(str(marked.folder))


def test_pylint_asks_no_git(marked: Marked, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*words: object, **named: object) -> None:
        raise AssertionError(words)

    monkeypatch.setattr(subprocess, "run", asked)
    marked.write("shop/ignored.py", "")
    found = python_files(str(marked.folder), tracked=False)
    assert {Path(path).name for path in found} >= {"tasks.py", "ignored.py"}


def test_a_repository_in_the_project_is_no_part_of_it(marked: Marked) -> None:
    (marked.folder / "copy").mkdir()
    git(marked.folder / "copy", "init", "-q")
    marked.write("copy/tasks.py", "")
    for tracked in (True, False):
        assert not [p for p in python_files(str(marked.folder), tracked=tracked) if "copy" in p]


def test_a_call_that_takes_too_long(marked: Marked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_git, "TIMEOUT", 0.0)
    with pytest.raises(GitError, match="took more than 0 seconds"):
        Repository(str(marked.folder))


def test_names_that_are_no_utf8(marked: Marked) -> None:
    path = os.fsencode(marked.folder) + b"/shop/\xe4.py"
    try:
        with open(path, "wb"):
            pass
    except OSError:
        pytest.skip("the file system takes UTF-8 only")
    assert os.fsdecode(path) in Repository(str(marked.folder)).paths()


# -- nothing goes round it

#: What may start a process: by module, and by name.
STARTS = {
    "os": ("exec", "fork", "popen", "posix_spawn", "spawn", "startfile", "system"),
    "asyncio": ("create_subprocess", "subprocess"),
    "pty": ("",),
    "subprocess": ("",),
    "multiprocessing": ("",),
    "concurrent": ("",),
    "_posixsubprocess": ("",),
}


def starters(path: Path) -> set[str]:
    """What a module names that starts processes, imported in whatever way."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names = [f"{node.value.id}.{node.attr}"]
        else:
            continue
        for name in names:
            module, _, rest = name.partition(".")
            if module in STARTS and rest.startswith(STARTS[module]):
                found.add(module)
    return found


def test_only_one_module_starts_a_process() -> None:
    modules = [*(ROOT / "flake8_celery").rglob("*.py"), *(ROOT / "pylint_celery").rglob("*.py")]
    assert len(modules) > 100
    found = {path.relative_to(ROOT).as_posix() for path in modules if starters(path)}
    # `check` starts Python itself; the pylint half imports one early, and starts none
    ours = {"flake8_celery/core/project/guarded_git.py", "flake8_celery/check/run.py"}
    assert found == {*ours, "pylint_celery/plugin.py"}
    uses = [
        node
        for node in ast.walk(ast.parse((ROOT / "pylint_celery" / "plugin.py").read_text()))
        if isinstance(node, ast.Name) and node.id == "subprocess"
    ]
    assert len(uses) == 1


def test_that_module_starts_git_at_one_place() -> None:
    tree = ast.parse(Path(guarded_git.__file__).read_text(encoding="utf-8"))
    started = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "subprocess"
        and node.attr[0].islower()
    ]
    assert [node.attr for node in started] == ["run"]
    assert ask is ask


def test_the_scan_sees_each_way(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    for text in (
        "import subprocess",
        "from subprocess import run as go",
        "import os\nos.system('x')",
        "from os import execvp",
        "import asyncio\nasyncio.create_subprocess_exec('x')",
        "def f():\n    import subprocess as s",
    ):
        module.write_text(text)
        assert starters(module), text
    module.write_text("import os\nos.path.join('a')\nos.stat('a')")
    assert not starters(module)
