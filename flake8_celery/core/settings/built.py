"""Where a module builds applications, in functions too, and what it does with each.

`Application` says what an application is; this says whether anything tells it where its broker is.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.project.files import current_files
from flake8_celery.core.project.roots import root_of
from flake8_celery.core.settings.reads import texts
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.flow import INNER
from flake8_celery.core.syntax.regions import FunctionNode, Region
from flake8_celery.core.syntax.search import Search
from flake8_celery.notes import Slot
from flake8_celery.record import NamedTuple

_CLASSES: Final = frozenset({"celery.Celery", "celery.app.Celery", "celery.app.base.Celery"})
#: What `Celery(...)` may be given without learning of a broker by it.
_HARMLESS: Final = frozenset(
    [
        *("main", "backend", "set_as_current", "tasks", "include", "autofinalize", "task_cls"),
        *("strict_typing", "result_cls", "timezone", "enable_utc"),
    ]
)
_CONFIGURES: Final = frozenset(
    {"config_from_object", "config_from_envvar", "config_from_cmdline", "loader", "steps"}
)
_BROKER: Final = r"(?i)broker(?:_read|_write|_transport)?(?:_url)?$"
#: Files beside a project in which the environment's variables stand.
_ENVIRONMENT: Final = (
    *(".env", ".env.example", ".envrc", "Dockerfile", "Procfile", "docker-compose.yml"),
    *("docker-compose.yaml", "compose.yml", "compose.yaml", "docker-compose.override.yml"),
)
_FROM_ENVIRONMENT: Final = Search(
    r"(?:environ|getenv|\benv)\W+(?:\w+\W+){0,2}?(?:CELERY_BROKER_URL|CELERY_CONFIG_MODULE)\b",
    ("CELERY_BROKER_URL", "CELERY_CONFIG_MODULE"),
)


class Use(NamedTuple):
    """A place where an application's name is read, with the nodes around it, the nearest first."""

    around: tuple[ast.AST, ...]
    attribute: str
    """What is read of the application; empty where the application itself is handed on."""


class Built(NamedTuple):
    """A call of Celery's own class, and the name that it is bound to, or an empty text."""

    call: ast.Call
    statement: ast.stmt
    region: Region
    name: str

    @property
    def function(self) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The function that builds it, or None."""
        around = self.region.function
        node = around.node if around is not None else None
        return node if isinstance(node, FunctionNode) else None


def built(model: Model) -> Iterator[Built]:
    """Every application that the module builds of Celery's own class, wherever it does."""
    candidates = model.candidates
    calls = [*candidates.attribute_calls.get("Celery", ())]
    for name, target in model.names.items():
        if target in _CLASSES:
            calls += candidates.name_calls.get(name, ())
    for call, statement, region in calls:
        if model.resolver.qualname(call.func, region) in _CLASSES:
            name = ""
            if isinstance(statement, ast.Assign) and statement.value is call:
                target_ = statement.targets[0]
                name = target_.id if isinstance(target_, ast.Name) else "?"
            yield Built(call, statement, region, name)


def uses(application: Built, model: Model) -> list[Use]:
    """Where the module reads the application."""
    known = _USES.of(model.notes)
    if application.call not in known:
        known[application.call] = _uses(application, model)
    return known[application.call]


_USES: Final[Slot[dict[ast.Call, list[Use]]]] = Slot(dict)


def _uses(application: Built, model: Model) -> list[Use]:
    scope = application.function or model.module.tree
    found: list[Use] = []
    for node, around in _walk(scope if application.name else application.statement):
        if node is application.call and not application.name:
            found.append(Use(around, _read(around, application, model)))
        elif isinstance(node, ast.Name) and node.id == application.name:
            if isinstance(node.ctx, ast.Load):
                found.append(Use(around, _read(around, application, model)))
    return found


def _read(around: tuple[ast.AST, ...], application: Built, model: Model) -> str:
    outer = around[0] if around else None
    if isinstance(outer, ast.Attribute):
        return outer.attr
    call = around[1] if isinstance(outer, ast.keyword) and len(around) > 1 else outer
    if isinstance(call, ast.Call):
        name = model.resolver.qualname(call.func, application.region) or ""
        # app.control by another way
        if name.startswith("celery.") and name.endswith((".Control", ".Inspect")):
            return "control"
    return ""


def _walk(top: ast.AST) -> Iterator[tuple[ast.AST, tuple[ast.AST, ...]]]:
    """Every node below another with up to four nodes around it."""
    stack: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(top, ())]
    while stack:
        node, around = stack.pop()
        yield node, around
        fields = INNER[type(node)]
        inner = (node, *around[:3]) if fields else ()
        for name in fields:
            value = getattr(node, name, None)
            for child in value if type(value) is list else (value,):
                if isinstance(child, ast.AST):
                    stack.append((child, inner))


def sets_broker(application: Built, model: Model) -> bool:
    """Tell whether the module may tell the application of a broker, by whatever it does with it.

    What is handed to `conf.update` and can't be read may hold one; a mapping called `.config` is
    left to `handed_over`.
    """
    arguments = Arguments(application.call)
    if arguments.splat or arguments.splat_keywords or len(application.call.args) > 1:
        return True
    if not _HARMLESS.issuperset(arguments.keywords):
        return True
    return any(_may_configure(use) for use in uses(application, model))


def _may_configure(use: Use) -> bool:
    name = use.attribute
    if not name:
        # handed to a function, which may configure it; what is returned others may
        return bool(use.around) and isinstance(use.around[0], (ast.Call, ast.keyword, ast.Assign))
    if name in _CONFIGURES:
        return True
    if name != "conf":
        return False
    around = use.around[1:]
    outer = around[0] if around else None
    if isinstance(outer, ast.Subscript):
        key = outer.slice
        return not isinstance(key, ast.Constant) or bool(re.match(_BROKER, str(key.value)))
    if not isinstance(outer, ast.Attribute):
        return True
    call = around[1] if len(around) > 1 else None
    if isinstance(call, ast.Call) and call.func is outer:
        if outer.attr != "update" or any(keyword.arg is None for keyword in call.keywords):
            return outer.attr not in ("get", "keys", "items", "values", "humanize", "table")
        if any(re.match(_BROKER, keyword.arg or "") for keyword in call.keywords):
            return True
        return any(not _is_config(argument) for argument in call.args)
    return bool(re.match(_BROKER, outer.attr))


def _is_config(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "config"


def handed_over(found: list[Use]) -> Iterator[ast.expr]:
    """The `app.config` in `celery.conf.update(app.config)`: another framework's settings."""
    for use in found:
        if use.attribute == "conf" and len(use.around) > 2:
            method, call = use.around[1], use.around[2]
            if isinstance(method, ast.Attribute) and method.attr == "update":
                if isinstance(call, ast.Call) and call.func is method:
                    yield from (argument for argument in call.args if _is_config(argument))


def environment_names_broker(model: Model) -> bool:
    """Tell whether the project's files have the environment say which broker there is."""
    files = current_files()
    if _FROM_ENVIRONMENT.found(model.module.text):
        return True
    root = root_of(model.project.folder)
    for name in _ENVIRONMENT if root is not None else ():
        path = os.path.join(root or "", name)
        if files.is_file(path) and "CELERY_BROKER_URL" in files.text(path):
            return True
    return any(map(_FROM_ENVIRONMENT.found, texts(model)))


def configured_elsewhere(application: Built, model: Model) -> bool:
    """Tell whether another module imports the application and configures it."""
    name = application.name
    stem = (model.project.module_name() or "").rpartition(".")[2]
    imports = Search(rf"\b{re.escape(stem)}\b[^\n]*\bimport\b[^#]*?\b{re.escape(name)}\b", (stem,))
    configures = Search(
        rf"\b{re.escape(name)}\.(?:config_from|conf\b|loader\b)|\({name}[,)]",
        (f"{name}.conf", f"{name}.loader", f"({name},", f"({name})"),
    )
    return any(configures.found(text) and imports.found(text) for text in texts(model)) or bool(
        model.project.locate("celeryconfig")
    )


def found_in(model: Model, search: Search) -> bool:
    """Tell whether the text of any other module of the project answers a search."""
    return any(map(search.found, texts(model)))


def said(model: Model, searches: Sequence[Search]) -> list[bool]:
    """Tell of each search whether some module of the project answers it; each is read once."""
    found = [search.found(model.module.text) for search in searches]
    for text in texts(model):
        if all(found):
            break
        found = [known or search.found(text) for known, search in zip(found, searches, strict=True)]
    return found
