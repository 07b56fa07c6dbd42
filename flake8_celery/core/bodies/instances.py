"""Which expressions hold objects that no JSON carries: rows of a model, queries, requests.

The evidence is a class that derives from a model's base, wherever it stands in the project; a chain
that begins at a manager and whose every link is known; a loop over one; the annotation of a
parameter; what Django's signals hand to a receiver. A library need not be installed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.bodies.model_classes import (
    defines,
    derives_from_model,
    gives_values,
    is_complete,
    is_dataclass,
    is_manager,
    is_model,
    member,
    outside_bases,
)
from flake8_celery.core.model.model import Model
from flake8_celery.core.syntax.flow import attributes_read
from flake8_celery.core.syntax.regions import (
    CLASS,
    COMPREHENSION,
    FUNCTION,
    Binding,
    FunctionNode,
    Region,
    dotted,
)
from flake8_celery.core.values.classes import class_of, mro
from flake8_celery.core.values.protocol import Class, Resolver
from flake8_celery.record import NamedTuple
from flake8_celery.tables.orm import (
    CLASSES,
    CONTAINERS,
    INSTANCE_SIGNALS,
    MANAGERS,
    MANY_METHODS,
    OBJECT_METHODS,
    PAIR_METHODS,
    PROXIES,
    QUERY_CLASSES,
    QUERY_METHODS,
    RECEIVER,
    REQUEST,
    REQUEST_PARTS,
    SHORTCUTS,
    UPLOAD,
    VALUES_METHODS,
    VIEW_PACKAGES,
)

MAX_DEPTH: Final = 12
_OPTIONAL: Final = frozenset({"Optional", "Union", "Annotated"})
_FINISHED: Final = frozenset({"list", "tuple", "sorted", "set", "reversed", "iter"})


class Thing(NamedTuple):
    """What an expression holds."""

    shape: str
    """`object`, `query`, `values` (a query of plain values), `many` (a list of objects), `pair`
    (an object and a flag), `manager`; `request`, `upload`, `user`; `data` (of a
    dataclass), `pydantic`; `serializer` (of a view); `none`."""
    name: str
    """The class as written."""


_NONE: Final = Thing("none", "")


class Finder:
    """Answers for the expressions of one module."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.resolver: Resolver = model.resolver
        self._open: dict[tuple[str, Region], Thing | None] = {}
        """Names being looked up, with what was found so far: `orders = orders.filter(...)`."""
        self._depth = 0

    def thing(self, node: ast.expr, region: Region) -> Thing | None:
        """What an expression holds whenever it is not None; None where it can't be told."""
        if isinstance(node, ast.Constant):
            return _NONE if node.value is None else None
        if self._depth > MAX_DEPTH:
            return None
        self._depth += 1
        try:
            return self._thing(node, region)
        finally:
            self._depth -= 1

    def _thing(self, node: ast.expr, region: Region) -> Thing | None:
        if isinstance(node, ast.Name):
            return self._name(node, region)
        if isinstance(node, ast.Call):
            return self._call(node, region)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, region)
        if isinstance(node, ast.Subscript):
            return self._item(node, region)
        if isinstance(node, (ast.Await, ast.NamedExpr)):
            return self.thing(node.value, region)
        if isinstance(node, ast.IfExp):
            return _same(self.thing(part, region) for part in (node.body, node.orelse))
        if isinstance(node, ast.BoolOp):
            return _same(self.thing(part, region) for part in node.values)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp)):
            inner = self.model.candidates.scopes.get(node)
            found = self.thing(node.elt, inner) if inner is not None else None
            return Thing("many", found.name) if found is not None and _is_row(found) else None
        return None

    # -- names

    def _name(self, node: ast.Name, region: Region) -> Thing | None:
        bindings = region.lookup(node.id)
        if not bindings:
            return None
        if bindings[0].how == "import":
            target = self.resolver.qualname(node, region)
            return _proxy(PROXIES.get(target or ""))
        key = node.id, bindings[0].scope
        if key in self._open:
            return self._open[key]
        self._open[key] = None
        try:
            for binding in bindings:
                found = self._bound(binding, node.id)
                if found is None:
                    return None
                before = self._open[key]
                if found is not _NONE:
                    if before is not None and before.shape != found.shape:
                        return None
                    self._open[key] = found
            return self._open[key]
        finally:
            del self._open[key]

    def _bound(self, binding: Binding, name: str) -> Thing | None:
        if binding.how in ("assign", "walrus") and binding.value is not None:
            return self.thing(binding.value, binding.scope)
        if binding.how == "parameter" and isinstance(binding.node, ast.arg):
            return self._parameter(binding.node, binding.scope)
        if binding.how == "loop":
            return self._looped(binding, name)
        if binding.how == "unpack" and isinstance(binding.node, ast.Assign):
            # order, created = Order.objects.get_or_create(...)
            target = binding.node.targets[0]
            if isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) == 2:
                first = target.elts[0]
                if isinstance(first, ast.Name) and first.id == name:
                    found = self.thing(binding.node.value, binding.scope)
                    return self._element(found, "pair")
        return None

    def _looped(self, binding: Binding, name: str) -> Thing | None:
        node, scope = binding.node, binding.scope
        if not isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            return None
        region: Region = scope
        if scope.kind is COMPREHENSION and scope.parent is not None:
            if scope.node.generators[0] is node:  # type: ignore[attr-defined]
                region = scope.parent
        over, target = node.iter, node.target
        if isinstance(target, ast.Tuple):
            # for number, order in enumerate(orders)
            call = over
            if not isinstance(call, ast.Call) or dotted(call.func) != "enumerate" or not call.args:
                return None
            second = target.elts[-1]
            if len(target.elts) != 2 or not isinstance(second, ast.Name) or second.id != name:
                return None
            over = call.args[0]
        return self._element(self.thing(over, region))

    @staticmethod
    def _element(found: Thing | None, *shapes: str) -> Thing | None:
        """What a loop over it gives."""
        if found is None or found.shape not in (shapes or ("query", "many")):
            return None
        return Thing("object", found.name)

    # -- parameters

    def _parameter(self, parameter: ast.arg, scope: Region) -> Thing | None:
        function = scope.node
        outside = scope.parent
        if scope.kind is not FUNCTION or not isinstance(function, FunctionNode) or outside is None:
            return None
        arguments = function.args
        if parameter in (arguments.vararg, arguments.kwarg):
            return None
        if function in self.model.functions_of_tasks or _asks_type(function, parameter.arg):
            return None  # what a task gets came as JSON, or its class made it of that
        first = [*arguments.posonlyargs, *arguments.args][:1] == [parameter]
        if first and outside.kind is CLASS and isinstance(outside.node, ast.ClassDef):
            if any(dotted(d) in ("staticmethod", "classmethod") for d in function.decorator_list):
                return None
            around = outside.parent
            if around is not None and derives_from_model(
                Class(outside.node, around, self.resolver)
            ):
                return Thing("object", outside.node.name)
            return None
        if parameter.annotation is not None:
            return self._annotated(parameter.annotation, outside)
        if parameter.arg == "instance":
            given = self._receives(function, outside)
            return Thing("object", "the signal's model") if given else None
        if parameter.arg == "request" and self._is_view(function, outside):
            return Thing("request", "request")
        if parameter.arg == "serializer" and function.name.startswith("perform_"):
            return Thing("serializer", "") if self._in_view(outside) else None
        return None

    def _annotated(self, node: ast.expr, region: Region) -> Thing | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return None
        if isinstance(node, ast.Constant):
            return _NONE if node.value is None else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return _same(self._annotated(part, region) for part in (node.left, node.right))
        if isinstance(node, ast.Subscript):
            return self._container(node, region)
        return self._class(node, region)

    def _container(self, node: ast.Subscript, region: Region) -> Thing | None:
        outer = (dotted(node.value) or "").rpartition(".")[2]
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if outer in _OPTIONAL:
            parts = parts[:1] if outer == "Annotated" else parts
            return _same(self._annotated(part, region) for part in parts)
        if outer in CONTAINERS:
            found = self._annotated(parts[0], region)
            if _has(found, "object", "data", "pydantic"):
                assert found is not None
                return Thing("query" if outer == "QuerySet" else "many", found.name)
        return None

    def _class(self, node: ast.expr, region: Region) -> Thing | None:
        """An object of the class that an annotation names."""
        name = dotted(node)
        if name is None:
            return None
        name = name.rpartition(".")[2]
        if is_model(self.resolver, node, region):
            return Thing("object", name)
        target = self.resolver.qualname(node, region) or ""
        if target in CLASSES:
            return _proxy(CLASSES[target])
        if target in QUERY_CLASSES:
            return Thing("values", name)
        cls = class_of(self.resolver, node, region)
        if cls is None or any(defines(each, "__json__") for each in mro(cls)):
            return None
        if "pydantic.BaseModel" in outside_bases(cls):
            return Thing("pydantic", name)
        return Thing("data", name) if is_dataclass(cls) else None

    def _receives(self, function: ast.AST, region: Region) -> bool:
        """Whether a function receives one of the signals that bring an instance."""
        assert isinstance(function, FunctionNode)
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and decorator.args:
                if self.resolver.qualname(decorator.func, region) == RECEIVER:
                    given = decorator.args[0]
                    signals = given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given]
                    names = {self.resolver.qualname(signal, region) for signal in signals}
                    return names <= INSTANCE_SIGNALS
        for call, _, where in self.model.candidates.attribute_calls.get("connect", ()):
            handler = call.args[0] if call.args else None
            if isinstance(handler, ast.Name) and handler.id == function.name:
                signal = call.func.value  # type: ignore[attr-defined]
                return self.resolver.qualname(signal, where) in INSTANCE_SIGNALS
        return False

    def _is_view(self, function: ast.AST, region: Region) -> bool:
        """Whether a function's `request` is a web request: it reads what only these have."""
        assert isinstance(function, FunctionNode)
        if self._in_view(region):
            return True
        if not any(self.model.module.says(name) for name in ("django", "rest_framework")):
            return False
        return not REQUEST_PARTS.isdisjoint(attributes_read(function.body, "request"))

    def _in_view(self, region: Region) -> bool:
        node = region.node
        if not isinstance(node, ast.ClassDef) or region.parent is None:
            return False
        return any(
            name.startswith(VIEW_PACKAGES)
            for name in outside_bases(Class(node, region.parent, self.resolver))
        )

    def _view_of(self, node: ast.expr, region: Region) -> bool:
        """Whether `node` is the `self` of a view's method."""
        bindings = region.lookup(node.id) if isinstance(node, ast.Name) else None
        if not bindings or bindings[0].how != "parameter":
            return False
        outside = bindings[0].scope.parent
        return outside is not None and self._in_view(outside)

    # -- calls, attributes, items

    def _call(self, node: ast.Call, region: Region) -> Thing | None:
        func = node.func
        if isinstance(func, ast.Attribute):
            found = self._method(node, func, region)
            if found is not None:
                return found
        target = self.resolver.qualname(func, region)
        shape = SHORTCUTS.get(target or "")
        if shape is not None and node.args:
            over = self.thing(node.args[0], region)
            if over is None or _has(over, "query", "manager"):
                return Thing(shape, over.name if over is not None else _written(node.args[0]))
            return None
        if isinstance(func, ast.Name) and func.id in _FINISHED and region.is_builtin(func.id):
            over = self.thing(node.args[0], region) if node.args else None
            return Thing("many", over.name) if over and self._element(over) else None
        if isinstance(func, (ast.Name, ast.Attribute)) and is_model(self.resolver, func, region):
            return Thing("object", _written(func))
        return None

    def _method(self, call: ast.Call, func: ast.Attribute, region: Region) -> Thing | None:
        attr = func.attr
        if attr in ("get_object", "get_queryset") and self._view_of(func.value, region):
            return Thing("object" if attr == "get_object" else "query", "the view's model")
        if attr in ("query", "get") and call.args and dotted(func.value) is not None:
            # session.query(Order), session.get(Order, 1)
            holder = (dotted(func.value) or "").rpartition(".")[2]
            if "session" in holder.lower() and is_model(self.resolver, call.args[0], region):
                name = _written(call.args[0])
                return Thing("query" if attr == "query" else "object", name)
        if attr not in _KNOWN_METHODS:
            return None
        over = self.thing(func.value, region)
        if _has(over, "serializer") and attr == "save":
            return Thing("object", "the serializer's model")
        if over is None or over.shape not in ("query", "manager", "values"):
            return None
        if over.shape == "manager" and self._overrides(func.value, attr, region):
            return None
        if attr in VALUES_METHODS or (over.shape == "values" and attr in QUERY_METHODS):
            return Thing("values", over.name)
        if over.shape == "values":
            return None
        if attr in QUERY_METHODS:
            return Thing("query", over.name)
        if attr == "iterator" or attr in MANY_METHODS:
            return Thing("many", over.name)
        return Thing("pair" if attr in PAIR_METHODS else "object", over.name)

    def _attribute(self, node: ast.Attribute, region: Region) -> Thing | None:
        if node.attr in MANAGERS:
            return self._manager(node, region)
        if node.attr == "request" and self._view_of(node.value, region):
            return Thing("request", "request")
        if node.attr == "user":
            return Thing("user", "") if _has(self.thing(node.value, region), "request") else None
        if node.attr == "query" and is_model(self.resolver, node.value, region):
            return Thing("manager", _written(node.value))  # flask_sqlalchemy's
        if isinstance(node.value, ast.Name) and node.value.id[:1].isupper():
            return self._manager(node, region)
        return None

    def _manager(self, node: ast.Attribute, region: Region) -> Thing | None:
        name = dotted(node.value)
        if name is None:
            return None
        cls = class_of(self.resolver, node.value, region)
        if cls is not None:
            model = derives_from_model(cls)
            usual = node.attr in MANAGERS and (model or not is_complete(cls))
            given = member(cls, node.attr)
            if model and given is not None and is_manager(given):
                return Thing("manager", cls.node.name)
            return Thing("manager", cls.node.name) if usual else None
        if node.attr not in MANAGERS:
            return None
        if is_model(self.resolver, node.value, region):
            return Thing("manager", _written(node.value))
        target = self.resolver.qualname(node.value, region)
        if target is not None and name.rpartition(".")[2][:1].isupper():
            # of a library, or a file out of sight: only models have `objects`
            return Thing("manager", name.rpartition(".")[2])
        return None

    def _overrides(self, manager: ast.expr, method: str, region: Region) -> bool:
        """Whether the manager's class, where it can be read, has a method of its own so called."""
        if not isinstance(manager, ast.Attribute):
            return False
        cls = class_of(self.resolver, manager.value, region)
        given = member(cls, manager.attr) if cls is not None else None
        if given is None or not isinstance(given[0], ast.Call):
            return False
        func = given[0].func
        while isinstance(func, ast.Call):
            func = func.func  # Manager.from_queryset(Orders)()
        made = func.value if isinstance(func, ast.Attribute) and func.attr == "as_manager" else func
        own = class_of(given[1], made, given[2])
        own_methods = own.inner.bindings if own is not None and own.inner is not None else ()
        return method in own_methods or ("get_queryset" in own_methods and gives_values(own))

    def _item(self, node: ast.Subscript, region: Region) -> Thing | None:
        found = self.thing(node.value, region)
        if found is None:
            return None
        if isinstance(node.slice, ast.Slice):
            return found if found.shape in ("query", "many", "values") else None
        if found.shape == "pair":
            first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
            return Thing("object", found.name) if first else None
        return self._element(found)


_KNOWN_METHODS: Final = (
    QUERY_METHODS
    | VALUES_METHODS
    | OBJECT_METHODS
    | PAIR_METHODS
    | MANY_METHODS
    | {"iterator", "save"}
)
_PROXY_SHAPES: Final = {REQUEST: "request", UPLOAD: "upload"}


def _proxy(what: str | None) -> Thing | None:
    return Thing(_PROXY_SHAPES.get(what, "user"), "") if what is not None else None


def _has(found: Thing | None, *shapes: str) -> bool:
    return found is not None and found.shape in shapes


def _is_row(found: Thing) -> bool:
    return found.shape in ("object", "data", "pydantic", "user")


def _same(found: Iterator[Thing | None]) -> Thing | None:
    """The one thing that all of these are, None set aside."""
    things = list(found)
    kept = [thing for thing in things if thing is not None and thing is not _NONE]
    if None in things or len({thing.shape for thing in kept}) != 1:
        return None
    return kept[0]


def _written(node: ast.expr) -> str:
    return (dotted(node) or "the model").rpartition(".")[2]


def _asks_type(function: ast.AST, name: str) -> bool:
    """Whether a function asks what type a parameter has, and so may not trust its annotation."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("isinstance", "hasattr", "type")
        and any(isinstance(given, ast.Name) and given.id == name for given in node.args[:1])
        for node in ast.walk(function)
    )
