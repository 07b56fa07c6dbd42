"""A revision of a git repository, read through git itself: nothing is checked out or written."""

from __future__ import annotations

import fnmatch
import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import Final

from flake8_celery.core.project.files import Files, Stamp, Trees
from flake8_celery.core.project.guarded_git import GitError, ask, top_of
from flake8_celery.core.project.reading import MAX_BYTES, read_file
from flake8_celery.record import NamedTuple

BATCH: Final = 2_000
"""Files read by one call of git."""
_FETCH: Final = "in a partial clone fetch it first (git fetch --refetch --no-filter)"
_REGULAR: Final = (b"100644", b"100755", b"100664")


class Commit(NamedTuple):
    """A revision that exists."""

    revision: str
    """As the user wrote it."""
    sha: str

    def __str__(self) -> str:
        short = self.sha[:10]
        return short if self.sha.startswith(self.revision) else f"{self.revision} ({short})"


class Repository:
    """The git repository around a folder. Every method raises GitError where git fails."""

    def __init__(self, folder: str) -> None:
        self.top = top_of(folder)
        # `core.worktree` may point anywhere
        if os.path.realpath(self._ask("rev-parse", "--show-toplevel")) != self.top:
            raise GitError(f"the repository in {self.top} has its work tree elsewhere")
        self._start = self.top.rstrip(os.sep) + os.sep

    @property
    def shallow(self) -> bool:
        """Whether history was cut off when it was cloned."""
        return self._ask("rev-parse", "--is-shallow-repository") == "true"

    def commit(self, revision: str) -> Commit:
        """The commit that a revision names."""
        found = b""
        if revision and not revision.startswith("-") and revision.isprintable():
            found = self._run(
                "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", check=False
            ).strip()
        if not found:
            raise GitError(f"there is no revision {revision!r} in {self.top}{self._shallow_hint()}")
        return Commit(revision, found.decode())

    def merge_base(self, commit: Commit) -> Commit:
        """The commit where this work tree's branch left another's history."""
        found = self._run("merge-base", commit.sha, "HEAD", check=False).split()
        if not found:
            raise GitError(
                f"{commit.revision} and HEAD have no common ancestor here{self._shallow_hint()}"
            )
        return Commit(f"where HEAD left {commit.revision}", found[0].decode())

    def is_ancestor(self, commit: Commit) -> bool:
        """Tell whether a commit is part of HEAD's history."""
        found = self._run("merge-base", commit.sha, "HEAD", check=False).split()
        return bool(found) and found[0].decode() == commit.sha

    def paths(self) -> list[str]:
        """The work tree's files, tracked or new and not ignored; absolute, sorted."""
        listed = self._run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        return sorted({self._absolute(name) for name in listed.split(b"\0") if name})

    def same(self, tree: Revision) -> frozenset[str]:
        """The Python files that the work tree holds just as a commit does, byte for byte.

        Hashed here: git would run the filters that the repository asks for.
        """
        return frozenset(
            path
            for path, blob in tree.blobs.items()
            if path.endswith(".py") and self._holds(path, blob)
        )

    def _holds(self, path: str, blob: str) -> bool:
        try:
            content = read_file(path)
        except OSError:
            return False
        made = hashlib.new("sha1" if len(blob) == 40 else "sha256", usedforsecurity=False)
        made.update(b"blob %d\0" % len(content))
        made.update(content)
        return made.hexdigest() == blob

    def tree(self, commit: Commit, trees: Trees | None = None) -> Revision:
        """All files of a commit; `trees` remembers what has been parsed."""
        blobs: dict[str, str] = {}
        for line in self._run("ls-tree", "-r", "-z", "--full-tree", commit.sha).split(b"\0"):
            about, _, name = line.partition(b"\t")
            mode, _, rest = about.partition(b" ")
            # symbolic links and submodules hold no source
            if mode in _REGULAR:
                blobs[self._absolute(name)] = rest.rpartition(b" ")[2].decode()
        return Revision(self, blobs, trees or Trees())

    def blobs(self, names: Iterable[str]) -> Iterator[bytes]:
        """The content of each object, in order."""
        wanted = list(names)
        text = "".join(f"{name}\n" for name in wanted).encode()
        for line in self._run("cat-file", "--batch-check", "--buffer", given=text).splitlines():
            told = line.rpartition(b" ")[2]
            if told.isdigit() and int(told) > MAX_BYTES:
                raise GitError(
                    f"the object {line.split()[0].decode()} has more than {MAX_BYTES // 1_000_000} "
                    "MB: leave its file out (--exclude)"
                )
        out = memoryview(self._run("cat-file", "--batch", "--buffer", given=text))
        position = 0
        for name in wanted:
            end = bytes(out[position : position + 200]).find(b"\n")
            header = bytes(out[position : position + max(end, 0)]).split()
            if len(header) != 3 or header[1] != b"blob":
                raise GitError(f"git has no content for the object {name}: {_FETCH}")
            position += end + 1
            count = int(header[2])
            yield bytes(out[position : position + count])
            position += count + 1

    def _absolute(self, name: bytes) -> str:
        path = os.fsdecode(name)
        return self._start + (path if os.sep == "/" else path.replace("/", os.sep))

    def _shallow_hint(self) -> str:
        if not self.shallow:
            return ""
        return (
            ": the clone is shallow, fetch it first (git fetch --unshallow, "
            "or fetch-depth: 0 for actions/checkout)"
        )

    def _ask(self, command: str, *words: str) -> str:
        return os.fsdecode(self._run(command, *words)).rstrip("\n")

    def _run(self, command: str, *words: str, check: bool = True, given: bytes = b"") -> bytes:
        answer = ask(self.top, command, *words, given=given)
        if answer.code and answer.absent:
            raise GitError(f"git {command}: an object has no content here: {_FETCH}")
        if check and answer.code:
            raise GitError(f"git {command}: {answer.said or f'exit code {answer.code}'}")
        return answer.out


class Revision(Files):
    """The files of one commit, under the paths that they have in the work tree."""

    def __init__(self, repository: Repository, blobs: dict[str, str], trees: Trees) -> None:
        super().__init__()
        self.parse = trees.parse  # type: ignore[method-assign]
        self.repository = repository
        self.blobs = blobs
        self.same: frozenset[str] = frozenset()
        """Files that the work tree holds just so: they are read from there, which is cheaper."""
        self._content: dict[str, bytes] = {}
        self._folders: dict[str, set[str]] = {repository.top: set()}
        for path in blobs:
            self._add_folder(os.path.dirname(path))

    def _add_folder(self, folder: str) -> None:
        new: list[str] = []
        while folder not in self._folders:
            new.append(folder)
            folder = os.path.dirname(folder)
        for path in reversed(new):
            self._folders[path] = set()
            self._folders[os.path.dirname(path)].add(path)

    def contents(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Many files with their content, by few calls of git."""
        wanted = list(paths)
        for start in range(0, len(wanted), BATCH):
            part = wanted[start : start + BATCH]
            yield from zip(
                part, self.repository.blobs(self.blobs[path] for path in part), strict=True
            )

    def keep(self, path: str, content: bytes) -> None:
        """Remember a content that will be asked for again."""
        self._content[path] = content

    def stamp(self, path: str) -> Stamp | None:
        """See `Files.stamp`; reads the file."""
        blob = self.blobs.get(path)
        return None if blob is None else Stamp(blob, len(self.read(path)))

    def read(self, path: str) -> bytes:
        """See `Files.read`."""
        known = self._content.get(path)
        if known is None:
            if path not in self.blobs:
                raise FileNotFoundError(path)
            if path in self.same:
                return super().read(path)
            known = self._content[path] = next(self.repository.blobs([self.blobs[path]]))
        return known

    def exists(self, path: str) -> bool:
        """See `Files.exists`; the repository's own .git counts as there."""
        return (
            path in self.blobs
            or path in self._folders
            or path == os.path.join(self.repository.top, ".git")
        )

    def is_file(self, path: str) -> bool:
        """See `Files.is_file`."""
        return path in self.blobs

    def is_folder(self, path: str) -> bool:
        """See `Files.is_folder`."""
        return path in self._folders

    def subfolders(self, path: str) -> list[str]:
        """See `Files.subfolders`."""
        return sorted(self._folders.get(path, ()))

    def folders_like(self, pattern: str) -> list[str]:
        """See `Files.folders_like`; `**` is not known."""
        wanted = os.path.normpath(pattern).split(os.sep)
        return [
            folder
            for folder in sorted(self._folders)
            if len(parts := folder.split(os.sep)) == len(wanted)
            and all(fnmatch.fnmatchcase(*pair) for pair in zip(parts, wanted, strict=True))
        ]
