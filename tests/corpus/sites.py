"""Where a mistake can be put: tasks, sendings, retries, entries and settings that are certain.

An index of its own, by plain `ast` and imports followed by hand: what the linter fails to see must
not be missing here too. Where anything is in doubt a place is left out.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeGuard

from tests.corpus.names import (
    FUNCTIONS,
    HOPS,
    Defined,
    Function,
    Meaning,
    Outside,
    Source,
    bound_by,
    locals_of,
)

#: What is looked for in a file before it is parsed.
WORDS = ("elery", "ELERY", ".delay", "apply_async", "kombu")
#: Folders of files that are no part of what runs.
ASIDE = re.compile(
    r"(^|/)(\.[^/]+|tests?|testing|testsuite|testutils|test_\w+|conftest|migrations|docs?|"
    r"examples?|project_template|node_modules|site-packages)(/|\.py$)|_tests?\.py$"
)
#: What a class of tasks may override so that a call is another one.
SENDING = frozenset(
    {
        "delay",
        "apply_async",
        "apply",
        "retry",
        "s",
        "si",
        "signature",
        "subtask",
        "__init_subclass__",
        "__getattr__",
        "__getattribute__",
    }
)
SETTINGS = re.compile(r"^(CELERY|CELERYD|CELERYBEAT)_[A-Z_]+$")
OTHER_SERIALIZER = re.compile(
    r"serializer['\"]?\]?\s*[=:]\s*['\"](pickle|yaml|msgpack|(?!json)\w+-\w+)"
    r"|(task|event)_serializer['\"]?\]?\s*[=:]\s*(?![^\n]*json)"
    r"|accept_content[^\]\n]*(pickle|yaml|msgpack)|kombu\.serialization|import serialization",
    re.IGNORECASE,
)
CELERY_CLASSES = ("celery.Celery", "celery.app.Celery", "celery.app.base.Celery")
TASK_CLASSES = ("celery.Task", "celery.app.task.Task", "celery.app.Task", "celery.task.Task")
SHARED_TASK = ("celery.shared_task", "celery.app.shared_task")
BEAT_NAMES = ("beat_schedule", "CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE")
ROUTE_NAMES = ("task_routes", "CELERY_TASK_ROUTES", "CELERY_ROUTES")


class Task(NamedTuple):
    """A function that is certainly a task."""

    module: Source
    node: Function
    decorator: ast.expr
    bound: bool
    options: dict[str, ast.keyword]
    alone: bool
    """It has no other decorator and no splat: its parameters are known."""
    plain: bool
    """Its class sends and retries as Celery's does, and no decorator stands above."""
    runs: bool
    """Its class is known, and does nothing about coroutines: the function itself is run."""

    @property
    def parameters(self) -> list[str]:
        """Its positional parameters, without the task itself."""
        found = [a.arg for a in (*self.node.args.posonlyargs, *self.node.args.args)]
        return found[1:] if self.bound else found

    @property
    def own(self) -> str | None:
        """What the body of a bound task calls the task itself."""
        found = [a.arg for a in (*self.node.args.posonlyargs, *self.node.args.args)]
        return found[0] if self.bound and found else None

    @property
    def required(self) -> int:
        """How many of them have no default."""
        return max(len(self.parameters) - len(self.node.args.defaults), 0)


class Sent(NamedTuple):
    """A call of a method of a task: `task.delay(...)`, `task.s(...)`."""

    module: Source
    call: ast.Call
    method: str
    task: Task
    inside: tuple[ast.AST, ...]
    """What it stands in, the nearest first."""

    @property
    def splat(self) -> bool:
        """Whether more arguments may be given than are seen."""
        return any(isinstance(a, ast.Starred) for a in self.call.args) or any(
            k.arg is None for k in self.call.keywords
        )


class Retried(NamedTuple):
    """`self.retry(...)` in a bound task."""

    module: Source
    call: ast.Call
    task: Task
    inside: tuple[ast.AST, ...]


class Place(NamedTuple):
    """A beat entry, a route, a setting or a handler of a signal."""

    module: Source
    node: ast.AST
    key: str
    value: ast.expr | None


class Sites:
    """All that is certain in one project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._sources: dict[Path, Source | None] = {}
        self._words: dict[Path, str] = {}
        self.paths: list[Path] = []
        for path in sorted(self.folder.rglob("*.py")):
            if ASIDE.search(path.relative_to(self.folder).as_posix()):
                continue
            try:
                text = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue
            if any(word in text for word in WORDS):
                self.paths.append(path)
                self._words[path] = text
        tops = {path.relative_to(self.folder).parts[0] for path in self.folder.rglob("*.py")}
        self._tops = {top.removesuffix(".py") for top in tops} - {"celery", "django", "kombu"}
        self.only_json = not any(OTHER_SERIALIZER.search(t) for t in self._words.values())

    def owns(self, dotted: str) -> bool:
        """Whether a module must be one of this project."""
        return dotted.split(".")[0] in self._tops

    def at(self, path: Path) -> Source | None:
        """A file by its path; None where it can't be parsed."""
        if path not in self._sources:
            found = None
            try:
                text = self._words.get(path) or path.read_bytes().decode("utf-8")
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found = Source(self, path, text, ast.parse(text))
            except (SyntaxError, UnicodeDecodeError, ValueError, OSError):
                pass
            self._sources[path] = found
        return self._sources[path]

    def source(self, base: Path, parts: list[str]) -> Source | None:
        """The module of this dotted name below a folder."""
        where = base.joinpath(*parts)
        for path in (where.with_name(where.name + ".py"), where / "__init__.py"):
            if (parts and path.is_file()) or (path.name == "__init__.py" and path.is_file()):
                return self.at(path)
        return None

    def locate(self, asking: Source, level: int, dotted: str) -> Source | None:
        """The file of this project that an import means."""
        parts = dotted.split(".") if dotted else []
        base = asking.path.parent
        if level:
            for _ in range(level - 1):
                base = base.parent
            return self.source(base, parts)
        if not parts or parts[0] in ("celery", "kombu", "django"):
            return None
        while (base / "__init__.py").is_file() and base != self.folder:
            base = base.parent
        while True:
            found = self.source(base, parts)
            if found is not None or base == self.folder:
                return found
            base = base.parent

    def sources(self) -> Iterator[Source]:
        """The files that have to do with Celery."""
        for path in self.paths:
            found = self.at(path)
            if found is not None:
                yield found

    # -- tasks

    @cached_property
    def task_class(self) -> list[Meaning]:
        """The classes that applications of this project give their tasks, as far as named."""
        found: list[Meaning] = []
        for source in self.sources():
            for node in ast.walk(source.tree):
                for keyword in node.keywords if isinstance(node, ast.Call) else ():
                    if keyword.arg == "task_cls":
                        found.append(self._class_named(source, keyword.value))
                if isinstance(node, ast.ClassDef) and _is_celery(source, node):
                    for inner in node.body:
                        if isinstance(inner, ast.Assign) and "task_cls" in bound_by(inner):
                            found.append(self._class_named(source, inner.value))
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                    target = node.targets[0]
                    if target.attr == "Task" and not isinstance(node.value, ast.Constant):
                        found.append(self._class_named(source, node.value))
        return found

    def _class_named(self, source: Source, node: ast.expr) -> Meaning:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            module, _, name = node.value.replace(":", ".").rpartition(".")
            there = self.locate(source, 0, module)
            return there.named(name) if there is not None else Outside(node.value)
        found = source.meaning(node)
        if found is None and isinstance(node, ast.Name):
            for function in ast.walk(source.tree):
                if isinstance(function, FUNCTIONS):
                    for inner in function.body:
                        if isinstance(inner, ast.ClassDef) and inner.name == node.id:
                            return Defined(source, inner, node.id)
        return found

    def plain(self, meaning: Meaning, hops: int = 0, sends: bool = True) -> bool:
        """Whether a class of tasks certainly sends as Celery's own, or runs as Celery's own."""
        if isinstance(meaning, Outside):
            return meaning.dotted in (
                *TASK_CLASSES,
                "celery.contrib.django.task.DjangoTask",
                "celery.contrib.django.task:DjangoTask",
            )
        if not isinstance(meaning, Defined) or not isinstance(meaning.node, ast.ClassDef):
            return False
        source = meaning.module
        own = {name for node in meaning.node.body for name in bound_by(node)}
        inside = source.around(meaning.node)
        start, end = meaning.node.lineno - 1, meaning.node.end_lineno
        text = "".join(source.text.splitlines(keepends=True)[start:end])
        odd = own & SENDING if sends else re.search(r"async|await|_loop|def run\b", text)
        return (
            not odd
            and hops < HOPS
            and all(
                _is_app_task(source, base, inside)
                or self.plain(source.meaning(base, inside), hops + 1, sends)
                for base in meaning.node.bases
            )
        )

    @cached_property
    def tasks(self) -> list[Task]:
        """Every task at the level of a module."""
        found = []
        for source in self.sources():
            for name, nodes in source.names.items():
                if len(nodes) == 1 and isinstance(nodes[0], FUNCTIONS):
                    task = self.task_of(Defined(source, nodes[0], name))
                    if task is not None:
                        found.append(task)
        return found

    def task_of(self, meaning: Meaning) -> Task | None:
        """The task that a definition makes."""
        if not isinstance(meaning, Defined) or not isinstance(meaning.node, FUNCTIONS):
            return None
        source, node, _ = meaning
        made = [d for d in node.decorator_list if is_task_decorator(source, d)]
        if len(made) != 1:
            return None
        keywords = made[0].keywords if isinstance(made[0], ast.Call) else []
        if isinstance(made[0], ast.Call) and made[0].args:
            return None
        options = {k.arg: k for k in keywords if k.arg is not None}
        bind = options.get("bind")
        bound = bind is not None and isinstance(bind.value, ast.Constant) and bool(bind.value.value)
        if bind is not None and not isinstance(bind.value, ast.Constant):
            return None
        base = options.get("base")
        classes = [source.meaning(base.value)] if base is not None else self.task_class
        seen = all(k.arg is not None for k in keywords)
        alone = len(node.decorator_list) == 1 and seen
        top = node.decorator_list[0] is made[0]
        plain = seen and top and all(self.plain(found) for found in classes)
        runs = seen and all(self.plain(found, sends=False) for found in classes)
        return Task(source, node, made[0], bound, options, alone, plain, runs)

    # -- what is done with them

    @cached_property
    def calls(self) -> tuple[list[Sent], list[Retried]]:
        """Every call of a method of a task by the name that it is defined or imported under."""
        sent: list[Sent] = []
        retried: list[Retried] = []
        tasks = {id(task.node): task for task in self.tasks}
        for source in self.sources():
            for node in ast.walk(source.tree):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                method = node.func.attr
                if method in ("delay", "apply_async", "s", "si"):
                    inside = source.around(node)
                    meaning = source.meaning(node.func.value, inside)
                    task = tasks.get(id(meaning.node)) if isinstance(meaning, Defined) else None
                    if task is not None and not _expected(inside):
                        sent.append(Sent(source, node, method, task, inside))
                elif method == "retry" and isinstance(node.func.value, ast.Name):
                    inside = source.around(node)
                    function = next((n for n in inside if isinstance(n, FUNCTIONS)), None)
                    task = tasks.get(id(function))
                    own = task.own if task is not None else None
                    if task is not None and task.plain and own == node.func.value.id:
                        if len(locals_of(task.node)[own]) == 1:
                            retried.append(Retried(source, node, task, inside))
        return sent, retried

    def entries(self, names: tuple[str, ...]) -> Iterator[Place]:
        """The dicts that stand for values in the settings of one of these names."""
        for source in self.sources():
            for node in ast.walk(source.tree):
                name, value = setting_of(node)
                if name not in names or not isinstance(value, ast.Dict):
                    continue
                for key, entry in zip(value.keys, value.values, strict=True):
                    if isinstance(entry, ast.Dict) and isinstance(key, ast.Constant):
                        yield Place(source, entry, str(key.value), entry)

    def settings(self) -> Iterator[Place]:
        """Assignments to settings of Celery: capitals with its prefix, and `app.conf.x`."""
        for source in self.sources():
            classes = [n for n in source.tree.body if _holds_settings(n)]
            for node in (n for body in (source.tree, *classes) for n in body.body):
                name, value = setting_of(node)
                target = node.targets[0] if isinstance(node, ast.Assign) else None
                if isinstance(target, ast.Attribute):
                    owner = target.value
                    if isinstance(owner, ast.Attribute) and owner.attr == "conf":
                        if is_app(source.meaning(owner.value)):
                            yield Place(source, node, name, value)
                elif SETTINGS.match(name) and len(source.names.get(name, ())) < 2:
                    yield Place(source, node, name, value)

    def handlers(self) -> Iterator[Place]:
        """Functions connected to a signal of Celery by decorator."""
        for source in self.sources():
            for node in source.tree.body:
                if isinstance(node, FUNCTIONS) and len(node.decorator_list) == 1:
                    made = node.decorator_list[0]
                    made = made.func if isinstance(made, ast.Call) else made
                    found = source.meaning(made)
                    if isinstance(found, Outside) and re.fullmatch(
                        r"celery\.signals\.\w+\.connect", found.dotted
                    ):
                        yield Place(source, node, node.name, None)


def _expected(inside: tuple[ast.AST, ...]) -> bool:
    """Whether an error is awaited there, so that a mistake may be meant."""
    return any(
        isinstance(n, ast.Try)
        and any(
            h.type is None
            or re.search(r"TypeError|AttributeError|ValueError|EncodeError", ast.unparse(h.type))
            for h in n.handlers
        )
        for n in inside
    )


def _holds_settings(node: ast.AST) -> TypeGuard[ast.ClassDef]:
    """Whether a class body stands for a settings module."""
    return isinstance(node, ast.ClassDef) and (
        "Settings" in node.name or any("Configuration" in ast.unparse(b) for b in node.bases)
    )


def setting_of(node: ast.AST) -> tuple[str, ast.expr | None]:
    """The setting that a statement gives a value: a name, or the last of `app.conf.name`."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.expr = node.targets[0]
    elif isinstance(node, ast.AnnAssign):
        target = node.target
    else:
        return "", None
    if isinstance(target, ast.Name):
        return target.id, node.value
    return (target.attr, node.value) if isinstance(target, ast.Attribute) else ("", None)


def is_task_decorator(source: Source, node: ast.expr) -> bool:
    """`@shared_task` of Celery, or `@app.task` of an application that is seen to be one."""
    made = node.func if isinstance(node, ast.Call) else node
    found = source.meaning(made)
    if isinstance(found, Outside):
        return found.dotted in (*SHARED_TASK, "celery.current_app.task")
    return (
        isinstance(made, ast.Attribute)
        and made.attr == "task"
        and is_app(source.meaning(made.value))
    )


def _is_celery(source: Source, node: ast.AST, hops: int = 0) -> bool:
    """Whether a class is Celery or derives from it."""
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    for base in bases:
        found = source.meaning(base)
        if isinstance(found, Outside) and found.dotted in CELERY_CLASSES:
            return True
        if isinstance(found, Defined) and hops < HOPS:
            if _is_celery(found.module, found.node, hops + 1):
                return True
    return False


def _makes_app(source: Source, value: ast.AST | None, inside: tuple[ast.AST, ...] = ()) -> bool:
    if not isinstance(value, ast.Call):
        return False
    found = source.meaning(value.func, inside)
    if isinstance(found, Outside):
        return found.dotted in CELERY_CLASSES
    if not isinstance(found, Defined):
        return False
    if isinstance(found.node, FUNCTIONS):
        made = {
            name
            for n in ast.walk(found.node)
            if isinstance(n, ast.Assign) and _makes_app(found.module, n.value, (found.node,))
            for name in bound_by(n)
        }
        given = [
            n.value
            for n in ast.walk(found.node)
            if isinstance(n, ast.Return)
            and next(o for o in found.module.around(n) if isinstance(o, FUNCTIONS)) is found.node
        ]
        return bool(given) and all(
            (isinstance(g, ast.Name) and g.id in made) or _makes_app(found.module, g, (found.node,))
            for g in given
        )
    return _is_celery(found.module, found.node)


def is_app(meaning: Meaning) -> bool:
    """Whether a name is an application: made by Celery's class, or configured as only one can."""
    if not isinstance(meaning, Defined) or not isinstance(
        meaning.node, (ast.Assign, ast.AnnAssign)
    ):
        return False
    source, node, name = meaning
    if _makes_app(source, node.value):
        return True
    configured = rf"^{re.escape(name)}\.(autodiscover_tasks|config_from_object)\("
    return (
        isinstance(node.value, ast.Call)
        and len(set(re.findall(configured, source.text, re.MULTILINE))) == 2
    )


def _is_app_task(source: Source, base: ast.expr, inside: tuple[ast.AST, ...]) -> bool:
    """`app.Task`, the class that an application makes of Celery's own, or a name for it."""
    if isinstance(base, ast.Name):
        given = [
            n.value
            for outer in inside
            for n in ast.walk(outer)
            if isinstance(n, ast.Assign) and base.id in bound_by(n)
        ]
        return len(set(map(ast.dump, given))) == 1 and _is_app_task(source, given[0], ())
    if not isinstance(base, ast.Attribute) or base.attr != "Task":
        return False
    return is_app(source.meaning(base.value, inside)) or "celery" in ast.unparse(base.value)
