"""How many mistakes the linter tells: each put into real code, one at a time.

A mistake counts as told if a default rule that is there for its kind speaks near the place, and did
not speak before.
"""

from __future__ import annotations

import ast
import random
import shutil
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from flake8_celery.core.engine.run import Finding
from flake8_celery.core.project.files import clear
from flake8_celery.core.project.locate import Project
from flake8_celery.core.project.roots import MARKERS
from flake8_celery.linter import lint
from flake8_celery.options import Options
from tests.corpus import figures, mistakes, mistakes_sending, mistakes_settings
from tests.corpus.edits import KINDS, Change, Kind
from tests.corpus.names import Source
from tests.corpus.sites import Sites

#: Where the kinds are declared, which is all that importing them does.
DECLARING = (mistakes, mistakes_sending, mistakes_settings)
#: Mistakes of one kind in one project; more of them say little more.
LIMIT = 25
#: Lines above and below the change where a finding is about it.
NEAR = 2
#: Least share of all mistakes, and of each kind and package with `MANY` of them.
WANTED, WANTED_EACH, MANY = 0.97, 0.90, 20

Lint = Callable[[str, Path, Options], "list[Finding]"]
Heard = Counter["tuple[str, str]"]


class Made(NamedTuple):
    """One mistake that was put into a file, and whether it was told."""

    package: str
    kind: Kind
    path: str
    line: int
    told: bool
    written: str
    said: tuple[str, ...]
    """Codes that spoke up instead, if any."""


def flake8_half(text: str, path: Path, options: Options) -> list[Finding]:
    return lint(text, str(path), options)


def pylint_half(text: str, path: Path, options: Options) -> list[Finding]:
    """As pylint would say it: with what astroid infers of the text, not of the file on the disk."""
    import astroid

    from pylint_celery.resolver import AstroidResolver

    view = Project(str(path), options)
    before = list(sys.path)
    sys.path[:0] = view.roots()
    try:
        try:
            module = astroid.parse(text, view.module_name() or path.stem, str(path))
        except (astroid.AstroidError, RecursionError):
            return lint(text, str(path), options)
        return lint(text, str(path), options, resolver=partial(AstroidResolver, module))
    finally:
        sys.path[:] = before


def _forget() -> None:
    """What was learnt of the project before: its modules may be called like the next one's."""
    clear()
    if "astroid" in sys.modules:
        sys.modules["astroid"].MANAGER.clear_cache()


HALVES: dict[str, Lint] = {"flake8": flake8_half, "pylint": pylint_half}


@contextmanager
def as_a_project(folder: Path) -> Iterator[Path]:
    """A package as its checkout would be: unpacked it has no mark of a root, and lies in ours."""
    if any((folder / mark).exists() for mark in MARKERS):
        yield folder
        return
    with TemporaryDirectory() as above:
        copy = Path(above, folder.name)
        for path in folder.rglob("*.py"):
            there = copy / path.relative_to(folder)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, there)
        (copy / "setup.cfg").touch()
        yield copy


def made_in(
    folder: Path,
    judge: Lint = flake8_half,
    kinds: Sequence[Kind] = KINDS,
    limit: int = LIMIT,
    options: Options | None = None,
) -> Iterator[Made]:
    """Put a sample of every kind of mistake into one project's files."""
    _forget()
    options = options or Options()
    sites = Sites(folder)
    before: dict[Source, list[Finding]] = {}
    for kind in kinds:
        places = [c for c in kind.make(sites) if c.edits]
        random.Random(f"{kind.name} {folder.name}").shuffle(places)
        chosen = list(islice((c for c in places if _parses(c.text)), limit))
        for one in sorted(chosen, key=lambda c: (c.source.path, c.edits)):
            source = one.source
            if source not in before:
                before[source] = _judged(judge, source.text, source.path, options)
            found = _judged(judge, one.text, source.path, options)
            first, last = _lines(one)
            if any(f.code in kind.codes and _at(f, one) for f in before[source]):
                continue  # it is wrong already
            new = _new(found, one.text, before[source], source.text)
            near = [f for f in new if first - NEAR <= f.line <= last + NEAR]
            told = any(f.code in kind.codes for f in near)
            at = one.text.count("\n", 0, min(start for start, _, _ in one.edits))
            written = " ".join(one.text.splitlines()[at].split())
            said = tuple(sorted({f.code for f in new}))
            where = source.path.relative_to(sites.folder).as_posix()
            yield Made(folder.name, kind, where, at + 1, told, written, said)


def _at(finding: Finding, one: Change) -> bool:
    return _first(one.node) <= finding.line <= int(vars(one.node)["end_lineno"])


def _first(node: ast.AST) -> int:
    """The first line of a node; a function's decorators belong to it."""
    here = vars(node)
    return min(int(n.lineno) for n in (*here.get("decorator_list", ()), node))


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError:
        return False
    return True


def _judged(judge: Lint, text: str, path: Path, options: Options) -> list[Finding]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return judge(text, path, options)


def _new(found: list[Finding], text: str, before: list[Finding], old: str) -> list[Finding]:
    """The findings that were not there: lines may have moved, so by message and source line."""
    lines, lines_before = text.splitlines(), old.splitlines()
    known: Heard = Counter((f.message, _line(lines_before, f)) for f in before)
    new = []
    for finding in found:
        heard = finding.message, _line(lines, finding)
        if known[heard] > 0:
            known[heard] -= 1
        else:
            new.append(finding)
    return new


def _line(lines: list[str], finding: Finding) -> str:
    return lines[finding.line - 1].strip() if finding.line <= len(lines) else ""


def _lines(one: Change) -> tuple[int, int]:
    """From the first to the last line that the mistake is about."""
    text = one.text
    first = min(start for start, _, _ in one.edits)
    top = min(text.count("\n", 0, first) + 1, _first(one.node))
    moved = text.count("\n") - one.source.text.count("\n")
    node = one.node
    end = vars(node).get("end_lineno", top)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        end = node.lineno
    ends = [one.source.text.count("\n", 0, stop) + 1 for _, stop, _ in one.edits]
    return top, max(end, *ends) + max(moved, 0)


# -- the table


def _share(name: str, made: Sequence[Made]) -> str:
    told = sum(m.told for m in made)
    return f"{name:42} {told:5} of {len(made):5}  {told / max(len(made), 1):6.1%}"


def _grouped(made: Iterable[Made], by: Callable[[Made], str]) -> dict[str, list[Made]]:
    found: defaultdict[str, list[Made]] = defaultdict(list)
    for one in made:
        found[by(one)].append(one)
    return dict(found)


def measure(
    folders: Sequence[Path], half: str, only: Sequence[str] = (), keep: bool = False
) -> int:
    """Print what is told of how much; the number of limits that are missed."""
    everything: list[Made] = []
    chosen = [k for k in KINDS if not only or k.name in only or k.family in only]
    reasons = figures.reasons()
    open_ = 0
    for folder in folders:
        with as_a_project(folder) as there:
            made = list(made_in(there, HALVES[half], chosen))
        everything += made
        for one in made:
            if not one.told:
                reason = reasons.get(figures.key(one), "")
                open_ += not reason
                instead = f" (said {', '.join(one.said)})" if one.said else ""
                where = f"{one.package}/{one.path}:{one.line}"
                print(f"MISSED {where} {one.kind.name}{instead} | {one.written[:110]}")
                print(f"       {reason or 'no reason is written in misses.tsv'}")
        if made:
            print(_share(folder.name, made), flush=True)
        if keep:
            figures.store(half, folder.name, made)
    missed = 0
    print()
    kinds = _grouped(everything, lambda m: m.kind.name)
    for kind in chosen:
        made = kinds.get(kind.name, [])
        low = len(made) >= MANY and sum(m.told for m in made) < WANTED_EACH * len(made)
        missed += low
        print(f"{kind.family:13} {_share(kind.name, made)}{'  LOW' if low else ''}")
    print()
    packages = _grouped(everything, lambda m: m.package)
    small = [m for made in packages.values() if len(made) < MANY for m in made]
    large = {name: made for name, made in packages.items() if len(made) >= MANY}
    for name, made in {**large, "smaller ones": small}.items():
        low = len(made) >= MANY and sum(m.told for m in made) < WANTED_EACH * len(made)
        missed += low
        if made:
            print(f"{_share(name, made)}{'  LOW' if low else ''}")
    print(f"\n{_share(f'all, the {half} half', everything)}")
    told = sum(m.told for m in everything)
    if open_:
        print(f"without a reason in misses.tsv: {open_}")
    return missed + (told < WANTED * len(everything)) + (open_ > 0)
