"""The one pass over a tree: what may matter is written down, nothing is judged.

No recursion: statements come from a stack of blocks, expressions from a stack of nodes. Names and
constants are never pushed, annotations never walked. Each candidate keeps the statement and the
region that it stands in.
"""

from __future__ import annotations

import ast
from typing import Final

from flake8_celery.core.syntax.candidates import INTEREST, Candidates, last_name
from flake8_celery.core.syntax.module import Module
from flake8_celery.core.syntax.regions import (
    CASE,
    CLASS,
    COMPREHENSION,
    ELSE,
    FINALLY,
    FUNCTION,
    HANDLER,
    IF,
    LAMBDA,
    LOOP,
    LOOP_ELSE,
    TRY,
    TRY_ELSE,
    WITH,
    Region,
    Scope,
)

_SKIPPED_FIELDS: Final = frozenset(
    {"ctx", "op", "ops", "kind", "conversion", "id", "attr", "arg", "str", "annotation"}
)


def _expression_fields() -> dict[type, tuple[str, ...]]:
    table: dict[type, tuple[str, ...]] = {}
    cls: type[ast.AST]
    for cls in (*ast.expr.__subclasses__(), ast.keyword):
        table[cls] = tuple(name for name in cls._fields if name not in _SKIPPED_FIELDS)
    return table


_FIELDS: Final = _expression_fields()
_LEAVES: Final = frozenset({ast.Name, ast.Constant, type(None), str, int, bool})
_COMPREHENSIONS: Final = frozenset({ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp})
_TRY_STAR: Final = getattr(ast, "TryStar", ast.Try)


def collect(module: Module) -> Candidates:
    """Walk the module once; never recurses, never raises on what `ast.parse` accepts."""
    found = Candidates()
    leaves, fields, interest, comprehensions = _LEAVES, _FIELDS, INTEREST, _COMPREHENSIONS
    call_type, attribute_type, name_type = ast.Call, ast.Attribute, ast.Name
    attribute_calls = found.attribute_calls
    name_calls = found.name_calls
    scopes = found.scopes
    task_modules = set(module.called)
    blocks: list[tuple[list[ast.stmt], Region]] = [(module.tree.body, module.region)]
    stack: list[ast.AST] = []
    push = stack.append
    pop = stack.pop
    deferred: list[tuple[ast.AST, Region]] = []
    while blocks:
        body, region = blocks.pop()
        for statement in body:
            cls = type(statement)
            # -- what the statement itself says, and which expressions it holds
            if cls is ast.Expr:
                value = statement.value  # type: ignore[attr-defined]
                if type(value) in leaves:
                    continue
                push(value)
            elif cls is ast.Assign:
                for target in statement.targets:  # type: ignore[attr-defined]
                    if type(target) is not ast.Name:
                        if type(target) is not ast.Tuple:
                            found.assigns.append((statement, region))  # type: ignore[arg-type]
                        push(target)
                value = statement.value  # type: ignore[attr-defined]
                if type(value) not in leaves:
                    push(value)
            elif cls is ast.If:
                blocks.append((statement.body, Region(IF, statement, region)))  # type: ignore[attr-defined]
                if statement.orelse:  # type: ignore[attr-defined]
                    blocks.append((statement.orelse, Region(ELSE, statement, region)))  # type: ignore[attr-defined]
                value = statement.test  # type: ignore[attr-defined]
                if type(value) not in leaves:
                    push(value)
            elif cls is ast.FunctionDef or cls is ast.AsyncFunctionDef:
                inner = Scope(FUNCTION, statement, region)
                scopes[statement] = inner
                blocks.append((statement.body, inner))  # type: ignore[attr-defined]
                if statement.decorator_list:  # type: ignore[attr-defined]
                    found.decorated.append((statement, region))  # type: ignore[arg-type]
                    stack += statement.decorator_list  # type: ignore[attr-defined]
                arguments = statement.args  # type: ignore[attr-defined]
                stack += arguments.defaults
                for default in arguments.kw_defaults:
                    if default is not None:
                        push(default)
            elif cls is ast.Return:
                value = statement.value  # type: ignore[attr-defined]
                if type(value) in leaves:
                    continue
                push(value)
            elif cls is ast.ImportFrom or cls is ast.Import:
                found.imports.append((statement, region))  # type: ignore[arg-type]
                for alias in statement.names:  # type: ignore[attr-defined]
                    if "task" in alias.name:
                        task_modules.add(alias.asname or alias.name.rpartition(".")[2])
                continue
            elif cls is ast.For or cls is ast.AsyncFor:
                blocks.append((statement.body, Region(LOOP, statement, region)))  # type: ignore[attr-defined]
                if statement.orelse:  # type: ignore[attr-defined]
                    blocks.append((statement.orelse, Region(LOOP_ELSE, statement, region)))  # type: ignore[attr-defined]
                push(statement.iter)  # type: ignore[attr-defined]
            elif cls is ast.AnnAssign:
                value = statement.value  # type: ignore[attr-defined]
                if value is None:
                    continue
                push(value)
                if type(statement.target) is not ast.Name:  # type: ignore[attr-defined]
                    found.assigns.append((statement, region))  # type: ignore[arg-type]
                    push(statement.target)  # type: ignore[attr-defined]
            elif cls is ast.With or cls is ast.AsyncWith:
                blocks.append((statement.body, Region(WITH, statement, region)))  # type: ignore[attr-defined]
                for item in statement.items:  # type: ignore[attr-defined]
                    push(item.context_expr)
            elif cls is ast.Raise:
                found.raises.append((statement, region))  # type: ignore[arg-type]
                if statement.exc is not None:  # type: ignore[attr-defined]
                    push(statement.exc)  # type: ignore[attr-defined]
            elif cls is ast.Try or cls is _TRY_STAR:
                blocks.append((statement.body, Region(TRY, statement, region)))  # type: ignore[attr-defined]
                for handler in statement.handlers:  # type: ignore[attr-defined]
                    blocks.append((handler.body, Region(HANDLER, handler, region)))
                    if handler.type is not None:
                        found.handlers.append((handler, statement, region))  # type: ignore[arg-type]
                        push(handler.type)
                if statement.orelse:  # type: ignore[attr-defined]
                    blocks.append((statement.orelse, Region(TRY_ELSE, statement, region)))  # type: ignore[attr-defined]
                if statement.finalbody:  # type: ignore[attr-defined]
                    blocks.append((statement.finalbody, Region(FINALLY, statement, region)))  # type: ignore[attr-defined]
            elif cls is ast.ClassDef:
                found.classes.append((statement, region))  # type: ignore[arg-type]
                inner = Scope(CLASS, statement, region)
                scopes[statement] = inner
                blocks.append((statement.body, inner))  # type: ignore[attr-defined]
                stack += statement.decorator_list  # type: ignore[attr-defined]
                stack += statement.bases  # type: ignore[attr-defined]
                for keyword in statement.keywords:  # type: ignore[attr-defined]
                    push(keyword.value)
            elif cls is ast.AugAssign:
                if type(statement.target) is not ast.Name:  # type: ignore[attr-defined]
                    found.assigns.append((statement, region))  # type: ignore[arg-type]
                push(statement.value)  # type: ignore[attr-defined]
            elif cls is ast.While:
                blocks.append((statement.body, Region(LOOP, statement, region)))  # type: ignore[attr-defined]
                if statement.orelse:  # type: ignore[attr-defined]
                    blocks.append((statement.orelse, Region(LOOP_ELSE, statement, region)))  # type: ignore[attr-defined]
                push(statement.test)  # type: ignore[attr-defined]
            elif cls is ast.Assert:
                push(statement.test)  # type: ignore[attr-defined]
                if statement.msg is not None:  # type: ignore[attr-defined]
                    push(statement.msg)  # type: ignore[attr-defined]
            elif cls is ast.Global or cls is ast.Nonlocal:
                names = statement.names  # type: ignore[attr-defined]
                region.scope.outer_names += tuple(names)
                if cls is ast.Global:
                    module.region.rebound += tuple(names)
                else:
                    for outer in region.scope:
                        if outer.kind is FUNCTION and outer is not region.scope:
                            outer.scope.rebound += tuple(names)
                continue
            elif cls is ast.Match:
                push(statement.subject)  # type: ignore[attr-defined]
                for case in statement.cases:  # type: ignore[attr-defined]
                    blocks.append((case.body, Region(CASE, case, region)))
                    if case.guard is not None:
                        push(case.guard)
            elif cls is ast.Delete:
                stack += statement.targets  # type: ignore[attr-defined]
            else:
                continue
            # -- the expressions of this statement
            here = region
            while True:
                while stack:
                    node = pop()
                    kind = type(node)
                    if kind is call_type:
                        func = node.func  # type: ignore[attr-defined]
                        shape = type(func)
                        for argument in node.args:  # type: ignore[attr-defined]
                            if type(argument) not in leaves:
                                push(argument)
                        for keyword in node.keywords:  # type: ignore[attr-defined]
                            value = keyword.value
                            if type(value) not in leaves:
                                push(value)
                        if shape is name_type:
                            name_calls[func.id].append((node, statement, here))  # type: ignore[arg-type]
                            continue
                        if shape is attribute_type:
                            mark = interest[func.attr]
                            base = func.value
                            if mark & 9:
                                attribute_calls[func.attr].append((node, statement, here))  # type: ignore[arg-type]
                            elif mark & 4:
                                found.misspelt.append((func, statement, here))
                            if mark & 16:
                                found.controls.append((node, statement, here))  # type: ignore[arg-type]
                            if not mark & 7 and task_modules and last_name(base) in task_modules:
                                found.direct_calls.append((node, statement, here))  # type: ignore[arg-type]
                            node = base
                        else:
                            found.other_calls.append((node, statement, here))  # type: ignore[arg-type]
                            node = func
                        kind = type(node)
                        if kind is call_type:
                            push(node)
                            continue
                    while kind is attribute_type:
                        mark = interest[node.attr]  # type: ignore[attr-defined]
                        if mark > 1:
                            if mark & 2:
                                found.references.append((node, statement, here))  # type: ignore[arg-type]
                            elif mark & 4:
                                found.misspelt.append((node, statement, here))  # type: ignore[arg-type]
                        node = node.value  # type: ignore[attr-defined]
                        kind = type(node)
                    if kind in leaves:
                        continue
                    if kind is call_type:
                        push(node)
                        continue
                    if kind is ast.Lambda:
                        deferred.append((node, here))
                        stack += node.args.defaults  # type: ignore[attr-defined]
                        for default in node.args.kw_defaults:  # type: ignore[attr-defined]
                            if default is not None:
                                push(default)
                        continue
                    if kind in comprehensions:
                        deferred.append((node, here))
                        push(node.generators[0].iter)  # type: ignore[attr-defined]
                        continue
                    if kind is ast.BinOp:
                        if type(node.op) is ast.BitOr:  # type: ignore[attr-defined]
                            found.pipes.append((node, statement, here))  # type: ignore[arg-type]
                    elif kind is ast.UnaryOp:
                        if type(node.op) is ast.Invert:  # type: ignore[attr-defined]
                            found.inverts.append((node, statement, here))  # type: ignore[arg-type]
                    elif kind is ast.Yield or kind is ast.YieldFrom:
                        found.yields.append((node, here))  # type: ignore[arg-type]
                    elif kind is ast.NamedExpr:
                        holder = here.scope
                        while holder.kind is COMPREHENSION and holder.parent is not None:
                            holder = holder.parent.scope
                        holder.walruses += (node,)  # type: ignore[operator]
                    for name in fields.get(kind, ()):
                        child = getattr(node, name)
                        shape = type(child)
                        if shape is list:
                            for item in child:
                                if type(item) not in leaves:
                                    push(item)
                        elif shape not in leaves:
                            push(child)
                if not deferred:
                    break
                node, outside = deferred.pop()
                if type(node) is ast.Lambda:
                    here = scopes[node] = Scope(LAMBDA, node, outside)
                    push(node.body)
                    continue
                here = scopes[node] = Scope(COMPREHENSION, node, outside)
                first = True
                for generator in node.generators:  # type: ignore[attr-defined]
                    if not first:
                        push(generator.iter)
                    first = False
                    stack += generator.ifs
                if type(node) is ast.DictComp:
                    stack += (node.key, node.value)
                    if node.value is None:
                        pop()
                else:
                    push(node.elt)  # type: ignore[attr-defined]
    return found
