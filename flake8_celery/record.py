"""`typing.NamedTuple` at a tenth of its cost to declare.

A run declares fifty of them before it says a word, and most are never made: typing checks each
annotation and compiles a constructor at once. This one compiles it when the first is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from _collections import _tuplegetter

    class _Declared(type):
        """Turns a class body into a plain subclass of `tuple`."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = tuple(body[field] for field in fields if field in body)
            if any(field in body for field in fields[: len(fields) - len(defaults)]):
                raise TypeError(f"{name}: a field without a default after one with")
            for index, field in enumerate(fields):
                body[field] = _tuplegetter(index, None)
            for method in (_first, _replace, _repr, _asdict, _make, _arguments):
                body.setdefault(_METHODS[method], method)
            body["__slots__"] = ()
            body["_fields"] = body["__match_args__"] = fields
            body["_field_defaults"] = dict(
                zip(fields[len(fields) - len(defaults) :], defaults, strict=True)
            )
            return type(name, (tuple,), body)

    def _first(cls: type, /, *args: Any, **given: Any) -> Any:
        """`__new__` until the first is made: compiles the one that is called from then on."""
        home = next(each for each in cls.__mro__ if "_fields" in each.__dict__)
        names = ", ".join(home._fields)
        comma = "," if len(home._fields) == 1 else ""
        source = f"lambda _cls, {names}: _new(_cls, ({names}{comma}))"
        made = eval(source, {"_new": tuple.__new__, "__builtins__": {}})
        made.__defaults__ = tuple(home._field_defaults.values()) or None
        made.__name__, made.__qualname__ = "__new__", f"{home.__qualname__}.__new__"
        home.__new__ = made
        return made(cls, *args, **given)

    def _replace(self: Any, /, **given: Any) -> Any:
        values = [given.pop(field, value) for field, value in zip(self._fields, self, strict=True)]
        if given:
            raise ValueError(f"Got unexpected field names: {list(given)!r}")
        return tuple.__new__(type(self), values)

    def _repr(self: Any) -> str:
        pairs = zip(self._fields, self, strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"

    def _asdict(self: Any) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    @classmethod
    def _make(cls: type, values: Any) -> Any:
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _arguments(self: Any) -> tuple[Any, ...]:
        """What a copy, or one from a pickle, is made from."""
        return tuple(self)

    _METHODS = {
        _first: "__new__",
        _replace: "_replace",
        _repr: "__repr__",
        _asdict: "_asdict",
        _make: "_make",
        _arguments: "__getnewargs__",
    }

    NamedTuple = _Declared("NamedTuple", (), {})
