"""Teaches astroid that a function under a task decorator is a Task.

A transform marks decorated functions that may be tasks, by the look of their decorators; whether
one is, the core says when astroid first asks what the function means. The answer is an instance
of a class made for that one task: Celery's own attributes with values that are not inferred, then
the class given as `base=`, or Celery's Task where Celery is installed.

pylint checks no arguments against an instance's `__call__`: that is rule CEL401's part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from astroid import MANAGER, bases, nodes, util
from astroid.builder import AstroidBuilder
from astroid.exceptions import UseInferenceDefault
from astroid.inference_tip import inference_tip

from flake8_celery.tables.task import TASK_ATTRIBUTES
from pylint_celery.seen import SeenTask, key_of, look, makers

_KINDS: Final = (nodes.FunctionDef, nodes.AsyncFunctionDef)
_MARK: Final = "_celery_task"
#: Set on each task class by Celery, beside what a Task class has.
_GIVEN: Final = (
    "__annotations__",
    "__bound__",
    "__header__",
    "__name__",
    "__qualname__",
    "__signature__",
    "__wrapped__",
)
_NAMES: Final = sorted({*TASK_ATTRIBUTES, *_GIVEN} - {"__call__"})
#: What tasks are made of. A name that is bound nowhere infers to nothing; a class with such a base
#: may have any member.
_STUB: Final = "\n".join(
    [
        "from celery.app.task import Task as Celerys",
        "class Known:",
        *(f"    {name} = unknown()" for name in _NAMES),
        "    def __call__(self, *args, **kwargs):",
        "        return unknown()",
        "class Plain(Known, Celerys): pass",
        "class Other(Known, unknown()): pass",
    ]
)


class TaskInstance(bases.Instance):  # type: ignore[misc]
    """A task. Called, it gives what its function gives."""

    def __init__(
        self, task_class: nodes.ClassDef, function: nodes.FunctionDef, task: SeenTask
    ) -> None:
        super().__init__(task_class)
        self.function = function
        self.task = task

    def infer_call_result(self, caller: Any, context: Any = None) -> Iterator[Any]:
        """See `BaseInstance`: a Task class of the user's own may do anything."""
        if not self.task.plain:
            yield util.Uninferable
            return
        if self.task.bound:
            # the positions are off by one, so the result must not depend on the arguments
            caller = context = None
        yield from self.function.infer_call_result(caller, context)


def enable() -> None:
    """Switch the brain on for every module that astroid builds from now on; may be repeated."""
    for kind in _KINDS:
        if not _enabled(kind):
            MANAGER.register_transform(kind, _transform, _may_be_task)


def disable() -> None:
    """Switch it off; modules that are built already keep it."""
    for kind in _KINDS:
        if _enabled(kind):
            MANAGER.unregister_transform(kind, _transform, _may_be_task)


def _enabled(kind: type[nodes.FunctionDef]) -> bool:
    # asked of astroid: it forgets all transforms with its cache
    return (_transform, _may_be_task) in MANAGER._transform.transforms[kind]


# -- while a module is built: looks only, nothing can be inferred yet


def _may_be_task(node: nodes.FunctionDef) -> bool:
    try:
        return _looks_like_task(node)
    except Exception:  # whatever goes wrong, a function is a function
        return False


def _looks_like_task(node: nodes.FunctionDef) -> bool:
    if node.decorators is None or node._explicit_inference is not None:
        return False
    names = makers()
    for decorator in node.decorators.nodes:
        func = decorator.func if isinstance(decorator, nodes.Call) else decorator
        if isinstance(func, nodes.Attribute):
            if func.attrname in names:
                return True
        elif isinstance(func, nodes.Name):
            if func.name in names or _stands_for(node, func.name, names):
                return True
    return False


def _stands_for(node: nodes.FunctionDef, name: str, makers: frozenset[str]) -> bool:
    """Whether a name is imported or assigned from one of the makers, somewhere around."""
    scope = node.parent
    while scope is not None:
        scope = scope.scope()
        for bound in scope.locals.get(name, ()):
            if isinstance(bound, nodes.ImportFrom):
                if any((alias or real) == name and real in makers for real, alias in bound.names):
                    return True
            elif isinstance(bound.parent, nodes.Assign):
                value = bound.parent.value
                value = value.func if isinstance(value, nodes.Call) else value
                if getattr(value, "attrname", getattr(value, "name", None)) in makers:
                    return True
        scope = scope.parent
    return False


# -- when astroid asks


def _infer(node: nodes.FunctionDef, context: Any = None) -> Iterator[Any]:
    instance = node.__dict__.get(_MARK)
    if instance is None:
        try:
            instance = _instance(node)
        except Exception:  # whatever goes wrong, a function is a function
            instance = False
        setattr(node, _MARK, instance)
    if instance is False:
        raise UseInferenceDefault
    yield instance


_transform: Final = inference_tip(_infer)


def _instance(node: nodes.FunctionDef) -> TaskInstance | bool:
    task = look(node.root()).tasks.get(key_of(node))
    if task is None or not task.outermost:
        return False
    call = node.decorators.nodes[task.decorator]
    keywords = call.keywords if isinstance(call, nodes.Call) else []
    options = {keyword.arg: keyword.value for keyword in keywords if keyword.arg}
    # what a splat holds becomes an attribute too
    plain = task.plain and len(options) == len(keywords)
    parts = _parts()
    made = _build(f"class {node.name}: pass").body[0]
    made.bases = list(parts["Plain" if plain else "Other"].bases)
    if task.base:
        made.bases = [made.bases[0], options["base"]]
    for name, value in options.items():
        if name not in ("base", "bind"):
            made.locals.setdefault(name, []).append(value)
    # what is set on it elsewhere
    made.instance_attrs = node.instance_attrs
    return TaskInstance(made, node, task)


def _build(text: str) -> nodes.Module:
    return AstroidBuilder(MANAGER, apply_transforms=False).string_build(text)


_stubs: Final[dict[int, nodes.Module]] = {}


def _parts() -> nodes.Module:
    """The stub, built anew when astroid has forgotten everything."""
    key = id(MANAGER.builtins_module)
    if key not in _stubs:
        _stubs.clear()
        _stubs[key] = _build(_STUB)
    return _stubs[key]
