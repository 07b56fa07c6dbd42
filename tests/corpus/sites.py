"""Where a mistake can be put: tasks, sendings, retries, entries and settings that are certain.

An index of its own, by plain `ast` and imports followed by hand: what the linter fails to see must
not be missing here too. Where anything is in doubt a place is left out.
"""

from __future__ import annotations

import ast
import io
import re
import warnings
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

#: What is looked for in a file before it is parsed.
WORDS = ("elery", "ELERY", ".delay", "apply_async", "kombu")
#: Folders of files that are no part of what runs.
ASIDE = re.compile(
    r"(^|/)(tests?|testing|testsuite|testutils|test_\w+|conftest|migrations|docs?|"
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
HOPS = 6
CELERY_CLASSES = ("celery.Celery", "celery.app.Celery", "celery.app.base.Celery")
TASK_CLASSES = ("celery.Task", "celery.app.task.Task", "celery.app.Task", "celery.task.Task")
SHARED_TASK = ("celery.shared_task", "celery.app.shared_task")
BEAT_NAMES = ("beat_schedule", "CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE")
ROUTE_NAMES = ("task_routes", "CELERY_TASK_ROUTES", "CELERY_ROUTES")


class Defined(NamedTuple):
    """A name of a module of the project, and the one statement that gives it its value."""

    module: Source
    node: ast.AST
    name: str


class Outside(NamedTuple):
    """A dotted name of another package."""

    dotted: str


Meaning: TypeAlias = "Defined | Outside | Source | None"


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
    """Its class sends and retries as Celery's does."""

    @property
    def parameters(self) -> list[str]:
        """Its positional parameters, without the task itself."""
        found = [a.arg for a in (*self.node.args.posonlyargs, *self.node.args.args)]
        return found[1:] if self.bound else found

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


class Source:
    """One file of the project."""

    def __init__(self, project: Sites, path: Path, text: str, tree: ast.Module) -> None:
        self.project = project
        self.path = path
        self.text = text
        self.tree = tree
        self.names: dict[str, list[ast.AST]] = {}
        self._bind(tree.body)

    def _bind(self, body: list[ast.stmt]) -> None:
        for node in body:
            for name in bound_by(node):
                self.names.setdefault(name, []).append(node)
            if isinstance(node, ast.Try):
                for part in (node.body, *(h.body for h in node.handlers), node.orelse):
                    self._bind(part)
            elif isinstance(node, ast.If):
                self._bind(node.body)
                self._bind(node.orelse)

    @cached_property
    def _starts(self) -> list[tuple[int, str]]:
        found = []
        total = 0
        for line in io.StringIO(self.text, newline=""):
            found.append((total, line))
            total += len(line)
        return found

    def offset(self, line: int, column: int) -> int:
        """Where a place of the tree (columns in bytes) is in the text."""
        start, text = self._starts[line - 1]
        return start + len(text.encode()[:column].decode())

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """What each node stands in."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def around(self, node: ast.AST) -> tuple[ast.AST, ...]:
        """All that `node` stands in, the nearest first."""
        found = []
        while node in self.parents:
            node = self.parents[node]
            found.append(node)
        return tuple(found)

    def meaning(self, node: ast.AST, inside: tuple[ast.AST, ...] = (), hops: int = 0) -> Meaning:
        """What a name or a dotted name means at a place; None where it is in doubt."""
        if hops > HOPS:
            return None
        if isinstance(node, ast.Subscript):
            return self.meaning(node.value, inside, hops)
        if isinstance(node, ast.Name):
            for outer in inside:
                if isinstance(outer, (*FUNCTIONS, ast.Lambda)):
                    local = _local(outer).get(node.id)
                    if local is None:
                        continue
                    if len(local) > 1 or not isinstance(local[0], (ast.Import, ast.ImportFrom)):
                        return None
                    return self._given(local[0], node.id, hops)
            return self.named(node.id, hops)
        if isinstance(node, ast.Attribute):
            there = self.meaning(node.value, inside, hops + 1)
            if isinstance(there, Outside):
                return Outside(f"{there.dotted}.{node.attr}")
            if isinstance(there, Source):
                return there.named(node.attr, hops + 1) or there.submodule(node.attr)
        return None

    def named(self, name: str, hops: int = 0) -> Meaning:
        """What a name of this module means elsewhere."""
        found = self.names.get(name, [])
        if len(found) != 1 or hops > HOPS:
            return None
        return self._given(found[0], name, hops)

    def submodule(self, name: str) -> Source | None:
        if self.path.name != "__init__.py":
            return None
        return self.project.source(self.path.parent, [name])

    def _given(self, node: ast.AST, name: str, hops: int) -> Meaning:
        if isinstance(node, ast.Import):
            alias = next(a for a in node.names if (a.asname or a.name.split(".")[0]) == name)
            dotted = alias.name if alias.asname else name
            return self.project.locate(self, 0, dotted) or Outside(dotted)
        if isinstance(node, ast.ImportFrom):
            alias = next(a for a in node.names if (a.asname or a.name) == name)
            there = self.project.locate(self, node.level, node.module or "")
            if there is None:
                if node.level or self.project.owns(node.module or ""):
                    return None
                return Outside(f"{node.module}.{alias.name}")
            if there is not self and alias.name in there.names:
                return there.named(alias.name, hops + 1)
            return there.submodule(alias.name)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            return self.named(node.value.id, hops + 1)
        return Defined(self, node, name)


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

    def plain(self, meaning: Meaning, hops: int = 0) -> bool:
        """Whether a class of tasks certainly sends as Celery's own."""
        if isinstance(meaning, Outside):
            return meaning.dotted in (
                *TASK_CLASSES,
                "celery.contrib.django.task.DjangoTask",
                "celery.contrib.django.task:DjangoTask",
            )
        if not isinstance(meaning, Defined) or not isinstance(meaning.node, ast.ClassDef):
            return False
        own = {name for node in meaning.node.body for name in bound_by(node)}
        inside = meaning.module.around(meaning.node)
        return (
            not own & SENDING
            and hops < HOPS
            and all(
                _is_app_task(meaning.module, base, inside)
                or self.plain(meaning.module.meaning(base, inside), hops + 1)
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
        alone = len(node.decorator_list) == 1 and all(k.arg is not None for k in keywords)
        plain = all(self.plain(found) for found in classes)
        return Task(source, node, made[0], bound, options, alone, plain)

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
                    first = function.args.args[:1] if function is not None else []
                    if task is not None and task.bound and task.plain and first:
                        own = first[0].arg
                        if node.func.value.id == own and len(_local(task.node)[own]) == 1:
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
            classes = [n for n in source.tree.body if isinstance(n, ast.ClassDef)]
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


def bound_by(node: ast.AST) -> list[str]:
    """The names that one statement gives a value."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Import):
        return [a.asname or a.name.split(".")[0] for a in node.names]
    if isinstance(node, ast.ImportFrom):
        return [a.asname or a.name for a in node.names]
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor)):
        targets = [node.target]
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        targets = [i.optional_vars for i in node.items if i.optional_vars is not None]
    return [
        n.id
        for t in targets
        for n in ast.walk(t)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    ]


def _local(function: ast.AST) -> dict[str, list[ast.AST]]:
    found: dict[str, list[ast.AST]] = {}
    assert isinstance(function, (*FUNCTIONS, ast.Lambda))
    for argument in ast.walk(function.args):
        if isinstance(argument, ast.arg):
            found.setdefault(argument.arg, []).append(argument)
    for node in ast.walk(function):
        if node is function:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            found.setdefault(node.id, []).append(node)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)):
            for name in bound_by(node):
                found.setdefault(name, []).append(node)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.setdefault(node.name, []).append(node)
    return found


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
