"""Projects read from the disk and from git revisions."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flake8_celery.core.deployed.snapshot import Snapshot, WorkTree, chosen, python_files
from flake8_celery.core.model.sent import Dispatch
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.files import Trees, clear, reading
from flake8_celery.core.project.guarded_git import GitError
from flake8_celery.core.project.locate import Project
from flake8_celery.core.project.revision import Repository
from flake8_celery.options import Options

TASK = "from celery import shared_task\n\n\n@shared_task\ndef {}(a): ...\n"
APP = "from celery import Celery\napp = Celery(task_cls='shop.base.Base')\n"
Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    def run(*command: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=e@x", *command],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    run("init", "-q", "-b", "main")
    return run


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def names(snapshot: Snapshot) -> list[str]:
    with reading(snapshot.files):
        return sorted(
            f"{model.project.module_name()}.{task.name}"
            for model in snapshot.models
            for task in model.of(Task)
            if task.style != "class"
        )


def test_what_is_looked_at(tmp_path: Path) -> None:
    write(
        tmp_path,
        dict.fromkeys(
            [
                *("shop/tasks.py", "shop/build/__init__.py", "shop/build/a.py", "build/lib/a.py"),
                *("tests/a.py", "shop/test/a.py", "shop/test_a.py", "shop/conftest.py", "x.txt"),
                *("env/pyvenv.cfg", "env/lib/a.py", "node_modules/a.py", ".hidden/a.py"),
                *("shop/migrations/0001.py", "shop/tests.py", "shop/contest.py"),
            ],
            "",
        ),
    )
    (tmp_path / "link.py").symlink_to(tmp_path / "shop" / "tasks.py")
    expected = ["build/__init__.py", "build/a.py", "contest.py", "migrations/0001.py", "tasks.py"]
    found = [os.path.relpath(path, tmp_path / "shop") for path in python_files(str(tmp_path))]
    assert found == expected


def test_git_says_what_is_ignored(tmp_path: Path, git: Git) -> None:
    write(
        tmp_path, {"a.py": "", "b.py": "", "made/c.py": "", ".gitignore": "made\n", "sub/d.py": ""}
    )
    git("add", "a.py")
    found = [os.path.relpath(path, tmp_path) for path in python_files(str(tmp_path))]
    assert found == ["a.py", "b.py", "sub/d.py"]
    assert python_files(str(tmp_path / "sub")) == [str(tmp_path / "sub" / "d.py")]


def test_a_folder_named_tests_can_be_looked_at(tmp_path: Path) -> None:
    write(tmp_path, {"tests/shop/tasks.py": ""})
    assert len(python_files(str(tmp_path / "tests"))) == 1


def test_a_revision_is_read_without_checking_it_out(tmp_path: Path, git: Git) -> None:
    write(
        tmp_path,
        {
            "pyproject.toml": "",
            "shop/__init__.py": "",
            "shop/celery.py": APP,
            "shop/base.py": "from celery import Task\nclass Base(Task):\n    queue = 'slow'\n",
            "shop/tasks.py": TASK.format("send"),
            "größe/tasks.py": TASK.format("measure"),
        },
    )
    git("add", "-A")
    git("commit", "-qm", "1")
    write(
        tmp_path,
        {
            "shop/tasks.py": TASK.format("send") + "\nsend.delay(1)\n",
            "shop/other.py": TASK.format("more"),
        },
    )
    (tmp_path / "shop" / "base.py").unlink()
    before = git("status", "--porcelain")
    trees = Trees()
    folder = str(tmp_path)
    repository = Repository(str(tmp_path / "shop"))
    revision = repository.tree(repository.commit("HEAD"), trees)
    old = Snapshot(folder, revision, chosen(folder, revision.blobs, revision), Options())
    new = Snapshot(folder, WorkTree(trees), python_files(folder), Options())
    new.complete()
    assert names(old) == ["None.measure", "shop.tasks.send"]
    assert names(new) == ["None.measure", "shop.other.more", "shop.tasks.send"]
    assert sum(len(model.of(Dispatch)) for model in new.models) == 1
    with reading(revision):
        task = next(task for model in old.models for task in model.of(Task) if task.name == "send")
        option = task.option("queue")
        assert option
        assert option.value.value == "slow"  # type: ignore[union-attr, attr-defined]
    assert git("status", "--porcelain") == before


def test_only_what_passes_the_gate_is_parsed_and_each_content_once(
    tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = {f"shop/plain{n}.py": f"x = {n}\n" for n in range(20)}
    write(tmp_path, {"pyproject.toml": "", "shop/__init__.py": "", **plain})
    write(tmp_path, {f"shop/tasks{n}.py": TASK.format(f"t{n}") for n in range(5)})
    git("add", "-A")
    git("commit", "-qm", "1")
    write(tmp_path, {"shop/tasks0.py": TASK.format("changed")})
    parsed: list[bytes] = []
    import ast

    parse = ast.parse
    monkeypatch.setattr(ast, "parse", lambda source: parsed.append(source) or parse(source))  # type: ignore[func-returns-value]
    trees = Trees()
    folder = str(tmp_path)
    repository = Repository(folder)
    revision = repository.tree(repository.commit("HEAD"), trees)
    Snapshot(folder, revision, chosen(folder, revision.blobs, revision), Options())
    Snapshot(folder, WorkTree(trees), python_files(folder), Options()).complete()
    assert len(parsed) == len(set(parsed)) == 6
    assert all(b"shared_task" in source for source in parsed)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.py": "from celery import shared_task\ndef f(:\n",
            "b.py": "def f(:\n",
            "c.py": "from celery import x\n" + "(" * 300,
        },
    )
    (tmp_path / "d.py").write_bytes(b"from celery import x\nx = '\xff'\n")
    (tmp_path / "e.py").write_bytes(b"from celery import x\0\n")
    found = Snapshot(
        str(tmp_path), WorkTree(Trees()), python_files(str(tmp_path)), Options()
    ).unreadable
    assert [os.path.basename(item.path) for item in found] == ["a.py", "c.py", "d.py", "e.py"]
    assert found[0].line == 2
    assert all("\n" not in item.why and item.why for item in found)


def test_packages_with_a_gap(tmp_path: Path) -> None:
    """`a/b/c/tasks.py` with no `__init__.py` in b is still a.b.c.tasks."""
    write(
        tmp_path,
        dict.fromkeys(
            [
                *("setup.py", "a/__init__.py", "a/b/x.py", "a/b/c/__init__.py", "a/b/c/x.py"),
                *("n/x.py", "a/src/p/__init__.py", "a/src/p/x.py"),
            ],
            "",
        ),
    )
    clear()

    def name(path: str) -> str | None:
        return Project(str(tmp_path / path), Options()).module_name()

    assert name("a/b/x.py") == "a.b.x"
    assert name("a/b/c/x.py") == "a.b.c.x"
    assert name("a/src/p/x.py") == "p.x"
    assert name("n/x.py") is None


def test_errors_of_git_are_one_line(
    tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.py": ""})
    git("add", "-A")
    git("commit", "-qm", "1")
    git("commit", "-qm", "2", "--allow-empty")
    repository = Repository(str(tmp_path))
    for revision in ("nowhere", "", "--help", "HEAD~9", "a\nb", "HEAD:a.py"):
        with pytest.raises(GitError, match="no revision") as caught:
            repository.commit(revision)
        assert "\n" not in str(caught.value)
        assert "shallow" not in str(caught.value)
    git("clone", "-q", "--depth=1", f"file://{tmp_path}", "shallow")
    with pytest.raises(GitError, match="shallow"):
        Repository(str(tmp_path / "shallow")).commit("HEAD~1")
    git("init", "-q", "--bare", "bare")
    with pytest.raises(GitError, match="bare"):
        Repository(str(tmp_path / "bare"))
    with pytest.raises(GitError, match="no folder"):
        Repository(str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "sub").mkdir()
    with pytest.raises(GitError, match="no git repository"):
        Repository(str(tmp_path / "sub"))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitError, match="not installed"):
        Repository(str(tmp_path))


def test_an_object_that_is_missing(tmp_path: Path, git: Git) -> None:
    write(tmp_path, {"a.py": TASK.format("a")})
    git("add", "-A")
    git("commit", "-qm", "1")
    repository = Repository(str(tmp_path))
    commit = repository.commit("HEAD")
    tree = repository.tree(commit)
    for path in (tmp_path / ".git" / "objects").rglob("*"):
        if path.is_file() and "".join(path.parts[-2:]) == tree.blobs[str(tmp_path / "a.py")]:
            path.unlink()
    with pytest.raises(GitError, match="no content"):
        dict(tree.contents(tree.blobs))


def test_the_environment_of_a_hook_does_not_confuse(
    tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"sub/a.py": ""})
    git("add", "-A")
    git("commit", "-qm", "1")
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    repository = Repository(str(tmp_path / "sub"))
    assert repository.top == str(tmp_path)
    assert repository.paths() == [str(tmp_path / "sub" / "a.py")]


def test_merge_base(tmp_path: Path, git: Git) -> None:
    git("commit", "-qm", "1", "--allow-empty")
    git("checkout", "-qb", "topic")
    git("commit", "-qm", "2", "--allow-empty")
    git("checkout", "-q", "main")
    git("commit", "-qm", "3", "--allow-empty")
    git("checkout", "-q", "topic")
    repository = Repository(str(tmp_path))
    main = repository.commit("main")
    assert not repository.is_ancestor(main)
    assert repository.merge_base(main).sha == repository.commit("topic~1").sha
    assert repository.is_ancestor(repository.commit("HEAD~1"))
