"""Settings, on the application, in a module, in a class."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable
from typing import Final

from flake8_celery.core.model.fact import Application
from flake8_celery.core.model.model import Model
from flake8_celery.core.model.stated import (
    App,
    AppCall,
    Form,
    Given,
    LooseSetting,
    Setting,
    UnknownSetting,
)
from flake8_celery.core.syntax.regions import CLASS, MODULE, Region, Scope, dotted
from flake8_celery.core.values.unknown import Unknown
from flake8_celery.tables.settings import OLD_NAMES, SETTINGS

_MAPPINGS: Final = frozenset({"beat_schedule", "task_routes", "task_annotations"})


def find_update(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str
) -> bool:
    """`app.conf.update(...)`, `app.conf.beat_schedule.update(...)`, `CELERY_X.update(...)`."""
    attribute = call.func
    assert isinstance(attribute, ast.Attribute)
    holder = attribute.value
    if attr == "add_defaults" or (isinstance(holder, ast.Attribute) and holder.attr == "conf"):
        app = holder if attr == "add_defaults" else holder.value  # type: ignore[attr-defined]
        if model.application(app, region) is not None:
            _many_settings(model, call, statement, region)
        return True
    key = _setting_key(model, holder, region)
    if key is not None and key[0] in _MAPPINGS and len(call.args) == 1:
        model.add(
            Setting(
                call,
                statement,
                region,
                key=key[0],
                written=key[1],
                value=call.args[0],
                how="update",
                form="module" if isinstance(holder, ast.Name) else "conf",
            )
        )
    return True


def find_app_call(
    model: Model, call: ast.Call, statement: ast.stmt, region: Region, attr: str
) -> bool:
    receiver = call.func.value  # type: ignore[attr-defined]
    if model.application(receiver, region) is not None:
        model.add(AppCall(call, statement, region, receiver, attr))
    return True


def _many_settings(model: Model, call: ast.Call, statement: ast.stmt, region: Region) -> None:
    for keyword in call.keywords:
        if keyword.arg is not None:
            _add_setting(model, keyword, statement, region, keyword.arg, keyword.value)
    tables = [keyword.value for keyword in call.keywords if keyword.arg is None]
    for argument in (*call.args[:1], *tables):
        found = model.resolver.expression(argument, region)
        if found is None:
            continue
        table, scope = found
        if isinstance(table, ast.Dict):
            for key, value in zip(table.keys, table.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    _add_setting(model, key, statement, scope, key.value, value)


def _add_setting(
    model: Model,
    node: ast.AST,
    statement: ast.stmt,
    region: Region,
    written: str,
    value: ast.expr,
    form: Form = "conf",
    kind: type[Setting] = Setting,
) -> None:
    key = current_name(written)
    if key is not None:
        model.add(kind(node, statement, region, key=key, written=written, value=value, form=form))
    else:
        model.add(UnknownSetting(node, statement, region, written=written, value=value, form=form))


def current_name(written: str) -> str | None:
    """The lower-case name of a setting in Celery's current spelling, or None for no setting."""
    if written in SETTINGS:
        return written
    if written in OLD_NAMES:
        return OLD_NAMES[written]
    if written.startswith("CELERY_"):
        bare = written[7:].lower()
        if bare in SETTINGS:
            return bare
    return None


def _setting_key(model: Model, node: ast.expr, region: Region) -> tuple[str, str] | None:
    """The setting that an expression means: `app.conf.x`, `app.conf["x"]`, `CELERY_X`."""
    if isinstance(node, ast.Attribute):
        holder = node.value
        if isinstance(holder, ast.Attribute) and holder.attr == "conf":
            key = current_name(node.attr)
            if key is not None and model.application(holder.value, region) is not None:
                return key, node.attr
        return None
    if isinstance(node, ast.Subscript):
        holder = node.value
        if (
            isinstance(holder, ast.Attribute)
            and holder.attr == "conf"
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, str)
        ):
            key = current_name(node.slice.value)
            if key is not None and model.application(holder.value, region) is not None:
                return key, node.slice.value
        return None
    if isinstance(node, ast.Name) and "CELERY" in node.id:
        key = current_name(node.id)
        if key is not None:
            return key, node.id
    return None


def _may_set(target: ast.expr) -> bool:
    """Whether a target may, by its look, be a setting or an item of one: most are `self.x`."""
    while type(target) is ast.Subscript:
        target = target.value
    if isinstance(target, ast.Attribute):
        holder = target.value
        return target.attr == "conf" or (
            isinstance(holder, ast.Attribute) and holder.attr == "conf"
        )
    return isinstance(target, ast.Name) and "CELERY" in target.id


def find_settings(model: Model, loads: Callable[[Model], bool] | None) -> None:
    for statement, region in model.candidates.assigns:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            if statement.value is None or not _may_set(target):
                continue
            key = _setting_key(model, target, region)
            augmented = isinstance(statement, ast.AugAssign)
            how: Given = "update" if augmented else "="
            item: ast.expr | None = None
            if key is None and isinstance(target, ast.Subscript):
                key = _setting_key(model, target.value, region)
                how, item = "[]", target.slice
            if key is not None:
                model.add(
                    Setting(
                        target,
                        statement,
                        region,
                        key=key[0],
                        written=key[1],
                        value=statement.value,
                        how=how,
                        item=item,
                        form="module" if isinstance(_root(target), ast.Name) else "conf",
                    )
                )
            elif _is_conf_item(model, target, region) and not augmented:
                written = target.attr if isinstance(target, ast.Attribute) else target.slice.value  # type: ignore[attr-defined]
                model.add(
                    UnknownSetting(
                        target,
                        statement,
                        region,
                        written=str(written),
                        value=statement.value,
                        form="conf",
                    )
                )
    for name, application in model.applications.items():
        _constructor(model, name, application)
    lower_case = _is_config_module(model) or (loads is not None and loads(model))
    _named_settings(model, model.module.region, lower_case, "module")
    loaded = _loaded_here(model)
    for node, _ in model.candidates.classes:
        if "elery" in node.name or node in loaded:
            _named_settings(model, model.candidates.scopes[node], True, "class")
    find_loose(
        model, {node for node, _ in model.candidates.classes if "elery" in node.name} | loaded
    )
    for setting in (*model.of(Setting), *model.of(LooseSetting)):
        if setting.key == "beat_schedule":
            from flake8_celery.core.model.find_beat import find_beat

            find_beat(model, setting)


#: Where Flask's documented factory looks for the settings of Celery.
_TABLE: Final = "CELERY"


def find_loose(model: Model, known: set[ast.AST]) -> None:
    """Settings in classes and tables that something out of sight loads.

    A class with two or more names of settings, or with one if it is loaded in this module
    (`X.load_settings(__name__)`, `app.config.from_object(X)`); a table that is called CELERY.
    """
    loaded = _loaded_by_name(model)
    for node, _ in model.candidates.classes:
        scope = model.candidates.scopes[node]
        _table(model, scope)
        names = [name for name in scope.bindings if "CELERY" in name and current_name(name)]
        if node not in known and len(names) > (0 if node.name in loaded else 1):
            _named_settings(model, scope, False, "class", LooseSetting)
    _table(model, model.module.region)
    for call, statement, region in model.candidates.attribute_calls.get("from_mapping", ()):
        for keyword in call.keywords:
            if keyword.arg == _TABLE:
                _items(model, keyword.value, statement, region)


def _loaded_by_name(model: Model) -> set[str]:
    """The classes that this module makes settings of, in a way that Flask or Django projects do."""
    found: set[str] = set()
    calls = model.candidates.attribute_calls
    for call, _, _ in calls.get("load_settings", ()):
        found.add((dotted(call.func) or "").split(".")[0])
    for call, _, _ in calls.get("from_object", ()):
        found.update(argument.id for argument in call.args if isinstance(argument, ast.Name))
    return found


def _table(model: Model, scope: Scope) -> None:
    for binding in scope.bindings.get(_TABLE, ()):
        if binding.how == "assign" and binding.value is not None:
            assert isinstance(binding.node, ast.stmt)
            _items(model, binding.value, binding.node, scope)


def _items(model: Model, value: ast.expr, statement: ast.stmt, region: Region) -> None:
    """The items of a table as settings, if one of them is a name of Celery's."""
    found = model.resolver.expression(value, region)
    if found is None:
        return
    node, scope = found
    items: list[tuple[ast.AST, str, ast.expr]] = []
    if isinstance(node, ast.Dict):
        items = [
            (key, key.value, item)
            for key, item in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        ]
    elif isinstance(node, ast.Call) and dotted(node.func) == "dict" and scope.is_builtin("dict"):
        items = [(k, k.arg, k.value) for k in node.keywords if k.arg is not None]
    if any(name in SETTINGS for _, name, _ in items):
        for place, name, item in items:
            _add_setting(model, place, statement, scope, name, item, "dict", LooseSetting)


def _root(target: ast.expr) -> ast.expr:
    """What an item is set on: `CELERY_X` in `CELERY_X["a"]`, else the attribute."""
    return target.value if isinstance(target, ast.Subscript) else target


def _is_conf_item(model: Model, target: ast.expr, region: Region) -> bool:
    """Whether it is `app.conf.x` or `app.conf["x"]`."""
    if isinstance(target, ast.Subscript):
        if not isinstance(target.slice, ast.Constant) or not isinstance(target.slice.value, str):
            return False
    elif not isinstance(target, ast.Attribute):
        return False
    holder = target.value
    return (
        isinstance(holder, ast.Attribute)
        and holder.attr == "conf"
        and model.application(holder.value, region) is not None
    )


def _loaded_here(model: Model) -> set[ast.AST]:
    """The classes of this module that `config_from_object` is given; dicts are taken in at once."""
    found: set[ast.AST] = set()
    for fact in model.of(AppCall):
        argument = fact.arguments.get("obj", 0)
        if fact.method != "config_from_object" or argument is None:
            continue
        definition = model.resolver.definition(argument, fact.region)
        if definition is not None:
            found.add(definition[0])
            continue
        tables = model.resolver.expressions(argument, fact.region)
        for table, scope in () if isinstance(tables, Unknown) else tables:
            if isinstance(table, ast.Dict):
                for key, value in zip(table.keys, table.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        _add_setting(model, key, fact.statement, scope, key.value, value, "dict")
            elif isinstance(table, ast.Constant) and isinstance(table.value, str):
                name = table.value.replace(":", ".").rpartition(".")[2]
                bindings = model.module.region.bindings.get(name)
                if bindings and len(bindings) == 1 and isinstance(bindings[0].node, ast.ClassDef):
                    found.add(bindings[0].node)
    return found


#: What `Celery(...)` takes that is no setting.
_CONSTRUCTOR: Final = frozenset(
    [
        *("main", "loader", "amqp", "events", "log", "control", "set_as_current", "tasks"),
        *("changes", "config_source", "fixups", "task_cls", "autofinalize", "namespace"),
        *("strict_typing", "config_source_silent", "result_cls"),
    ]
)
_CONSTRUCTED: Final = {"broker": "broker_url", "backend": "result_backend"}


def _constructor(model: Model, name: str, application: Application) -> None:
    call, region = application.node, application.region
    bindings = model.module.region.bindings.get(name)
    if (
        not isinstance(call, ast.Call)
        or region is None
        or not bindings
        or bindings[0].value is not call
        or not isinstance(bindings[0].node, ast.stmt)
    ):
        return
    statement = bindings[0].node
    if application.known and application.home is model.module:
        model.add(App(call, statement, region, name, application))
    else:
        return
    for keyword in call.keywords:
        written = keyword.arg
        if written is None or written in _CONSTRUCTOR:
            continue
        if isinstance(keyword.value, ast.Constant) and keyword.value.value is None:
            continue
        key = _CONSTRUCTED.get(written, written)
        if key in SETTINGS:
            model.add(
                Setting(
                    keyword,
                    statement,
                    region,
                    key=key,
                    written=written,
                    value=keyword.value,
                    form="conf",
                )
            )
        else:
            _add_setting(model, keyword, statement, region, written, keyword.value)
    for position, key in ((9, "broker_url"), (2, "result_backend")):
        if len(call.args) > position and not any(isinstance(a, ast.Starred) for a in call.args):
            value = call.args[position]
            model.add(
                Setting(value, statement, region, key=key, written=key, value=value, form="conf")
            )


def _is_config_module(model: Model) -> bool:
    name = os.path.basename(model.module.filename).lower()
    if "celery" in name:
        return True
    stem = os.path.splitext(name)[0]
    return any(
        given.rpartition(".")[2] == stem or os.path.basename(given).lower() == name
        for given in model.options.celery_config
    )


def _named_settings(
    model: Model, scope: Scope, lower_case: bool, form: Form, kind: type[Setting] = Setting
) -> None:
    if scope.kind not in (MODULE, CLASS):
        return
    for name, bindings in scope.bindings.items():
        if not lower_case and "CELERY" not in name and not name.startswith("BROKER_"):
            continue
        if _may_be_misnamed(name, scope, lower_case):
            for binding in bindings:
                if binding.how == "assign" and binding.value is not None:
                    model.add(
                        UnknownSetting(
                            binding.node,
                            binding.node,  # type: ignore[arg-type]
                            scope,
                            written=name,
                            value=binding.value,
                            form=form,
                        )
                    )
            continue
        key = current_name(name) or (
            name.lower() if lower_case and name.lower() in SETTINGS else None
        )
        if key is None:
            continue
        for binding in bindings:
            if binding.how == "assign" and binding.value is not None:
                statement = binding.node
                assert isinstance(statement, ast.stmt)
                model.add(
                    kind(
                        statement,
                        statement,
                        scope,
                        key=key,
                        written=name,
                        value=binding.value,
                        form=form,
                    )
                )


def _may_be_misnamed(name: str, scope: Region, lower_case: bool) -> bool:
    """Whether a name is meant as a setting and is none."""
    if name.startswith(("CELERY_", "CELERYD_", "CELERYBEAT_", "BROKER_")):
        return current_name(name) is None
    if not lower_case or name.startswith("_"):
        return False
    if "_" not in name and name not in ("broker", "backend"):
        return False
    return name.lower() not in SETTINGS and current_name(name) is None
