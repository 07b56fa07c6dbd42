"""Our NamedTuple does what typing's does."""

from __future__ import annotations

import copy
import pickle
import typing

import pytest

from flake8_celery import record


def declare(base: typing.Any) -> typing.Any:
    class Point(base):  # type: ignore[misc]
        """Where."""

        x: int
        y: int = 2
        """How high."""
        tags: tuple[str, ...] = ()

        @property
        def sum(self) -> int:
            return self.x + self.y

        def __str__(self) -> str:
            return f"{self.x}/{self.y}"

    return Point


@pytest.mark.parametrize("ask", [
    lambda P: P(1),
    lambda P: P(1, 3),
    lambda P: P(x=1, tags=("a",)),
    lambda P: repr(P(1, y=4)).replace("Point", ""),
    lambda P: str(P(1)),
    lambda P: P(1).sum,
    lambda P: P(1)._replace(y=5),
    lambda P: P._fields,
    lambda P: P._field_defaults,
    lambda P: P(1)._asdict(),
    lambda P: P._make([1, 2, 3]),
    lambda P: hash(P(1)) == hash((1, 2, ())),
    lambda P: P(1) == (1, 2, ()) and P(1) < P(2) and P(1)[0] == P(1).x,
    lambda P: P.__match_args__,
    lambda P: copy.deepcopy(P(1, 2)),
    lambda P: P.__doc__,
    lambda P: P.__new__.__defaults__ if P(1) else None,
])  # fmt: skip
def test_as_typing_does(ask: typing.Any) -> None:
    assert ask(declare(record.NamedTuple)) == ask(declare(typing.NamedTuple))


@pytest.mark.parametrize("wrong", [
    lambda P: P(),
    lambda P: P(1, 2, (), 4),
    lambda P: P(1, z=3),
    lambda P: P(1)._replace(z=3),
    lambda P: P._make([1]),
    lambda P: setattr(P(1), "x", 3),
    lambda P: setattr(P(1), "other", 3),
])  # fmt: skip
def test_what_typing_refuses_is_refused(wrong: typing.Any) -> None:
    for made in (declare(record.NamedTuple), declare(typing.NamedTuple)):
        with pytest.raises((TypeError, ValueError, AttributeError)):
            wrong(made)
        assert made(1) == (1, 2, ())


class Known(record.NamedTuple):
    name: str
    size: int = 0


class Below(Known):
    """A subclass is an ordinary one."""

    def __new__(cls, name: str) -> Below:
        return super().__new__(cls, name, len(name))


def test_survives_a_pickle_and_a_subclass() -> None:
    assert pickle.loads(pickle.dumps(Known("a", 1))) == Known("a", 1)
    assert type(pickle.loads(pickle.dumps(Known("a", 1)))) is Known
    assert Below("abc").size == 3
    assert type(Below("abc")) is Below


def test_a_default_comes_last() -> None:
    with pytest.raises(TypeError):

        class Wrong(record.NamedTuple):
            x: int = 1
            y: int
