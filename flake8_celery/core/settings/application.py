"""What a module sets on a Celery application: `Celery(...)`, `app.conf`, `config_from_object`."""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.settings.names import (
    UNREADABLE_VALUE,
    Assigned,
    Held,
    InPlace,
    Link,
    ScopeNames,
    StatementFlow,
)
from flake8_celery.core.settings.sources import Reader
from flake8_celery.core.syntax.arguments import Arguments
from flake8_celery.core.syntax.regions import MODULE, FunctionNode, Region, dotted
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.tables.settings import OLD_NAMES

#: Methods of `app.conf` that change nothing.
_READING: Final = frozenset(
    [
        *("get", "keys", "values", "items", "copy", "table", "humanize", "first", "finalize"),
        *("find_option", "find_value_for_key", "get_by_parts", "value_set_for"),
        *("without_defaults", "maybe_warn_deprecated_settings"),
    ]
)
#: Overriding these in a subclass of `Celery` may change where the configuration comes from.
_LOADING: Final = frozenset(
    {"__init__", "on_init", "on_configure", "prepare_config", "_load_config", "conf", "loader_cls"}
)


def _slot(name: str) -> str:
    """Where a setting made on the application is kept: Celery turns old names into new ones."""
    return f":{OLD_NAMES.get(name, name)}"


class AppFlow(StatementFlow):
    """What a module sets on one application, in order.

    In `names`: `:key` for a setting set on it, `+key` for an added default, `source` for what
    `config_from_object` was given, `namespace`.
    """

    def __init__(self, model: Model, names: frozenset[str], reader: Reader) -> None:
        self.model = model
        self.app_names = set(names)
        self.reader = reader
        self.queues_touched = False
        self._spellings: dict[str, list[str]] = {}
        self._functions: list[tuple[ast.stmt, Region]] = []
        self._region = model.module.region
        self._interesting = self._statements()

    def _statements(self) -> frozenset[ast.AST]:
        """The functions that do something to the application."""
        found: set[ast.AST] = set()
        candidates = self.model.candidates
        for call, _, region in candidates.all_attribute_calls():
            if self._is_ours(call.func.value, region):  # type: ignore[attr-defined]
                found.update(r.node for r in region if isinstance(r.node, FunctionNode))
        for statement, region in candidates.assigns:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(self._is_ours(target, region) for target in targets):
                found.update(r.node for r in region if isinstance(r.node, FunctionNode))
        return frozenset(found)

    def _is_ours(self, node: ast.expr, region: Region) -> bool:
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.app_names:
            return False
        bindings = region.lookup(node.id)
        return bindings is not None and bindings[0].scope.kind is MODULE

    def run(self) -> ScopeNames:
        """Follow the module, then the functions in it that may run at any time after."""
        names = ScopeNames()
        self.block(self.model.module.tree.body, names)
        scopes = self.model.candidates.scopes
        for statement, _ in self._functions:
            self._region = scopes[statement]
            inner = ScopeNames(names)
            assert isinstance(statement, FunctionNode)
            self.block(statement.body, inner)
            names.join([ScopeNames(names), inner])
        return names

    def simple(self, statement: ast.stmt, names: ScopeNames) -> None:
        """See `Flow.simple`."""
        if isinstance(statement, FunctionNode):
            if statement in self._interesting:
                self._functions.append((statement, self._region))
        elif isinstance(statement, ast.ClassDef):
            for inner in statement.body:
                if isinstance(inner, FunctionNode) and inner in self._interesting:
                    self._functions.append((inner, self._region))
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                self._assign(target, statement.value, statement, names)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            self._assign(statement.target, statement.value, statement, names)
        elif isinstance(statement, ast.AugAssign):
            key = self._conf_key(statement.target)
            if key is not None:
                how = "+=" if isinstance(statement.op, ast.Add) else "update"
                given = Assigned(statement.value, self._region, self.model, statement, key)
                names.change(_slot(key), InPlace(how, None, given, True))
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self._call(statement.value, names)

    def _put(self, names: ScopeNames, name: str, value: Held) -> None:
        """Set a setting on the application, by its current name or its old one.

        Celery goes through them in the order in which each *spelling* was first written: with the
        old name, the new one, and the old one again, the new one still wins. That is left alone.
        """
        slot = _slot(name)
        spellings = self._spellings.setdefault(slot, [])
        again = name in spellings and len(spellings) > 1
        if name not in spellings:
            spellings.append(name)
        names.set(slot, UNREADABLE_VALUE if again else value)

    def _conf_key(self, node: ast.expr) -> str | None:
        """The setting in `app.conf.x` or `app.conf["x"]`; `*` for one that can't be told."""
        if isinstance(node, ast.Attribute) and self._is_conf(node.value):
            return node.attr
        if isinstance(node, ast.Subscript) and self._is_conf(node.value):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                return node.slice.value
            return "*"
        return None

    def _is_conf(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and node.attr in ("conf", "_conf")
            and isinstance(node.value, ast.Name)
            and self._is_ours(node.value, self._region)
        )

    def _assign(
        self, target: ast.expr, value: ast.expr, statement: ast.stmt, names: ScopeNames
    ) -> None:
        if isinstance(target, ast.Name):
            if isinstance(value, ast.Call) and target.id in self.app_names:
                self._construct(value, names)
            elif isinstance(value, ast.Name) and value.id in self.app_names:
                self.app_names.add(target.id)
            elif self._is_conf(value):
                # `conf = app.conf`: what is done to it is not followed
                names.taint()
            return
        if isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                if self._conf_key(element) is not None:
                    names.taint()
            return
        key = self._conf_key(target)
        if key == "*":
            names.taint()
        elif key is not None:
            given = Assigned(value, self._region, self.model, statement, key)
            self._put(names, key, Held((given,), False))
        elif isinstance(target, ast.Subscript):
            key = self._conf_key(target.value)
            if key is not None:
                given = Assigned(value, self._region, self.model, statement, key)
                names.change(_slot(key), InPlace("[]", target.slice, given, True))
            elif self._within_conf(target):
                names.taint()
        elif isinstance(target, ast.Attribute) and target.attr == "conf":
            if self._is_ours(target, self._region):
                names.taint()
        elif isinstance(target, ast.Attribute) and self._within_conf(target):
            names.taint()
        if isinstance(target, ast.Attribute) and self._is_ours(target, self._region):
            if target.attr in ("loader", "namespace", "config_from_object", "on_configure"):
                names.taint()

    def _within_conf(self, node: ast.expr) -> bool:
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            if self._is_conf(node):
                return True
            node = node.value
        return False

    def _construct(self, call: ast.Call, names: ScopeNames) -> None:
        """`app = Celery(...)`."""
        arguments = Arguments(call)
        if arguments.splat or arguments.splat_keywords:
            names.taint()
        known = {"main", "loader", "amqp", "events", "log", "control", "set_as_current", "tasks"}
        known |= {"changes", "config_source", "fixups", "task_cls", "autofinalize", "namespace"}
        known |= {"strict_typing", "config_source_silent", "broker", "backend", "include"}
        given = {
            "broker_url": arguments.get("broker", 9),
            "result_backend": arguments.get("backend", 2),
            "include": arguments.get("include", 10),
        }
        given.update((n, k.value) for n, k in arguments.keywords.items() if n not in known)
        for setting, value in given.items():
            if value is None or (isinstance(value, ast.Constant) and value.value is None):
                continue
            node: ast.AST = value
            for keyword in call.keywords:
                if keyword.value is value:
                    node = keyword
            place = Assigned(value, self._region, self.model, node, setting)
            self._put(names, setting, self._not_none(place))
        for name, position in (("changes", 11), ("loader", 1)):
            value = arguments.get(name, position)
            if value is None or (isinstance(value, ast.Constant) and value.value is None):
                continue
            if name == "changes":
                self._take(value, names, ":")
            else:
                names.taint()
        source = arguments.get("config_source", 12)
        if source is not None:
            place = Assigned(source, self._region, self.model, call, "config_source")
            names.set("source", Held((place,), False))
        namespace = arguments.get("namespace", 16)
        if namespace is not None:
            place = Assigned(namespace, self._region, self.model, call, "namespace")
            names.set("namespace", Held((place,), False))
        behind = self.model.class_behind(call.func, self._region)
        if behind is not None:
            cls = behind[2].task_class(behind[0], behind[1])
            if any(name in cls.methods or name in cls.attributes for name in _LOADING):
                names.taint()

    def _not_none(self, place: Assigned) -> Held:
        """A constructor's argument: None gives nothing."""
        values = self.model.resolver.values(place.value, place.region)
        if not isinstance(values, Unknown):
            return Held((place,), None in values)
        kinds = self.model.resolver.kinds(place.value, place.region)
        if not isinstance(kinds, Unknown) and "none" not in kinds:
            return Held((place,), False)
        return Held((place,), False, False)

    def _take(self, node: ast.expr, names: ScopeNames, prefix: str) -> None:
        """Take in every item of a mapping as settings."""
        from flake8_celery.core.settings.scope import expression_names

        found = expression_names(self.model, node, self._region)
        if found is None:
            target = self.model.resolver.qualname(node, self._region)
            if target is not None and isinstance(node, (ast.Name, ast.Attribute)):
                value = self.reader.linked(Link(target, self.model))
                if not value.unreadable and len(value.places) == 1 and not value.changes:
                    place = value.places[0]
                    if isinstance(place, Assigned):
                        found = expression_names(place.model, place.value, place.region)
        if found is None or found.opaque:
            names.taint()
        if found is not None:
            for name in list(found.names):
                if prefix == ":":
                    self._put(names, name, found.get(name))
                else:
                    names.set(f"{prefix}{name}", found.get(name))

    def _call(self, call: ast.Call, names: ScopeNames) -> None:
        func = call.func
        if not isinstance(func, ast.Attribute) or not self._is_ours(func, self._region):
            self._handed_on(call, names)
            return
        attr, holder = func.attr, func.value
        arguments = Arguments(call)
        if self._is_conf(holder):
            if attr == "update":
                for argument in call.args:
                    self._take(argument, names, ":")
                for keyword in call.keywords:
                    if keyword.arg is None:
                        self._take(keyword.value, names, ":")
                    else:
                        given = Assigned(
                            keyword.value, self._region, self.model, keyword, keyword.arg
                        )
                        self._put(names, keyword.arg, Held((given,), False))
            elif attr == "add_defaults":
                self._defaults(arguments, names)
            elif attr == "setdefault":
                named = arguments.get("key", 0)
                if isinstance(named, ast.Constant) and isinstance(named.value, str):
                    names.change(_slot(named.value), None)
                else:
                    names.taint()
            elif attr not in _READING:
                names.taint()
            return
        key = self._conf_key(holder)
        if key is not None:
            if attr in ("update", "extend", "append") and len(call.args) == 1 and not call.keywords:
                given = Assigned(call.args[0], self._region, self.model, call, key)
                how = {"update": "update", "extend": "+=", "append": "append"}[attr]
                names.change(_slot(key), InPlace(how, None, given, True))
            elif attr not in ("get", "keys", "values", "items", "copy", "index", "count"):
                names.change(_slot(key), None)
            return
        if self._within_conf(holder):
            names.taint()
            return
        if not isinstance(holder, ast.Name):
            self.queues_touched = self.queues_touched or "amqp" in (dotted(func) or "")
            return
        if attr == "config_from_object":
            source = arguments.get("obj", 0)
            if source is None:
                names.set("source", UNREADABLE_VALUE)
                return
            place = Assigned(source, self._region, self.model, call, "config_from_object")
            names.set("source", Held((place,), False))
            namespace = arguments.get("namespace", 3)
            if namespace is not None:
                place = Assigned(namespace, self._region, self.model, call, "namespace")
                names.set("namespace", Held((place,), False))
        elif attr == "add_defaults":
            self._defaults(arguments, names)
        elif attr in ("config_from_envvar", "config_from_cmdline"):
            names.set("source", UNREADABLE_VALUE)
            if attr == "config_from_cmdline":
                names.taint()
        elif attr == "select_queues":
            self.queues_touched = True

    def _defaults(self, arguments: Arguments, names: ScopeNames) -> None:
        given = arguments.get("fun", 0) or arguments.get("d", 0)
        if isinstance(given, ast.Lambda):
            given = given.body
        if given is None:
            names.taint()
        else:
            self._take(given, names, "+")

    def _handed_on(self, call: ast.Call, names: ScopeNames) -> None:
        """The application given to a function of the project, which may configure it."""
        given = (*call.args, *(keyword.value for keyword in call.keywords))
        for argument in given:
            if self._is_conf(argument):
                names.taint()
            elif isinstance(argument, ast.Name) and self._is_ours(argument, self._region):
                target = self.model.resolver.qualname(call.func, self._region)
                module = target.rpartition(".")[0] if target else ""
                if target is None or target.startswith(".") or self.reader.project.locate(module):
                    names.taint()
