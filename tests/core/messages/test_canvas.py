"""What a canvas expression builds, as far as it can be told, and what is left alone."""

from __future__ import annotations

import textwrap

import pytest

from flake8_celery.linter import lint

HEAD = """
from celery import Celery, chain, chord, group, shared_task, signature
from elsewhere import unseen, other

app = Celery("x")

@shared_task
def load(pk=0): ...

@shared_task(name="x.save")
def save(pk, force=False): ...

@shared_task(name="x.none")
def none(): ...

@shared_task
def two(a, b): ...

"""


def found(body: str, *codes: str) -> list[str]:
    source = HEAD + "def run(x, xs):\n" + textwrap.indent(textwrap.dedent(body).strip(), "    ")
    return [f.code for f in lint(source + "\n", "x.py") if f.code in (codes or ("CEL602",))]


@pytest.mark.parametrize(
    "body",
    [
        "chain(load.s(), none.s())()",
        "chain([load.s(), none.s()])()",
        "chain((load.s(), none.s()))()",
        "chain(*[load.s(), none.s()])()",
        "chain(unseen.s(), none.s())()",
        "chain(unseen(), none.s())()",
        "chain(*xs, none.s())()",
        "chain(xs + [none.s()])()",
        "chain(x, load.si() | none.s())()",
        "(x | none.s())()",
        "chain(load.s(), load.s() if x else none.s())()",
        "steps = [load.s(), none.s()]\nchain(steps)()",
        "steps = [load.s(), none.s()]\nchain(*steps)()",
        "last = none.s()\nchain(load.s(), last)()",
        "last = none.s()\nlast.set(countdown=3)\nchain(load.s(), last)()",
        "c = load.s() | none.s()\nc.delay()",
        "chain(none.s() for x in xs)()",
        "chain(load.s(), group(none.s() for x in xs))()",
        "chain(load.s(), group([none.s(), none.si()]))()",
        "chain(load.s(), group(*[none.s(), none.si()]))()",
        "chain(group(load.s(), load.s()), group(none.s(), none.si()))()",
        "chord(load.s() for x in xs)(none.s())",
        "chord(group(load.s(), load.s()), none.s())()",
        "chord(header=[load.s(), load.s()], body=none.s())()",
        "c = chord([load.s(), load.s()])\nc(none.s())",
        "chain(load.s(), chord([none.s(), load.s()], save.s()))()",
        "chord([chain(load.s(), none.s()), load.s()], save.s())()",
        "group(load.s(), chain(load.s(), none.s()))()",
        "load.apply_async(link=none.s())",
        "load.apply_async(link=[save.s(), none.s()])",
        "load.s().apply_async(link=none.s())",
        "load.s().link(none.s())",
        "s = load.s()\ns.link(none.s())",
        "chain(load.s(), save.s()).link(none.s())",
        "load.s().set(link=none.s())",
        "load.signature(link=none.s())",
        "load.apply_async(link=chain(load.s(), save.s(True, True)))",
        "chain(load.s(), none.s().set(countdown=1))()",
        "chain(load.s(), none.s().on_error(load.si()))()",
        "chain(load.s(), none.s().clone())()",
        "chain(load.s(), none.si().set(immutable=False))()",
        "chain(load.s(), save.s(1, 2))()",
        "chain(load.s(), save.s(force=True, pk=1))()",
        "chain(load.s(), two.s())()",
        "chain(load.s(), none.signature())()",
        "chain(load.s(), save.signature((1, 2)))()",
        "chain(load.s(), save.signature(args=[1], kwargs={'force': 1}))()",
        "chain(load.s(), none.subtask())()",
        "chain(load.s(), signature(none.s()))()",
        "chain(load.s(), signature('x.none'))()",
        "chain(load.s(), signature('x.save', (1, 2)))()",
        "chain(load.s(), signature('x.save', args=(1,), kwargs={'force': 1}))()",
        "chain(load.s(), app.signature('x.none'))()",
        # `clone` takes options, and this is none
        "chain(load.s(), none.s().clone(immutable=True))()",
        "chain(load.s(), save.s(1).clone(args=(2,)))()",
    ],
)
def test_does_not_fit(body: str) -> None:
    assert found(body) == ["CEL602"]


@pytest.mark.parametrize(
    "body",
    [
        "chain(load.s(), none.si())()",
        "chain(load.s(), none.s().set(immutable=True))()",
        "chain(load.s(), none.s().set(immutable=x))()",
        "chain(load.s(), none.s().set(**x))()",
        "chain(load.s(), none.signature(immutable=True))()",
        "chain(load.s(), none.signature(immutable=x))()",
        "chain(load.s(), none.signature(**x))()",
        "chain(load.s(), signature('x.none', immutable=True))()",
        "chain(load.s(), signature('x.unseen'))()",
        "chain(load.s(), signature(x))()",
        "last = none.s()\nlast.set(immutable=True)\nchain(load.s(), last)()",
        "last = none.s()\nlast.immutable = True\nchain(load.s(), last)()",
        "last = none.s()\nother(last)\nchain(load.s(), last)()",
        "last = none.s()\nif x:\n    last = none.si()\nchain(load.s(), last)()",
        "steps = [none.s(), none.si()]\nsteps.insert(0, load.s())\nchain(steps)()",
        "steps = [none.s()]\nfor s in steps:\n    s.set(immutable=True)\nchain(load.s(), *steps)()",
        "chain(none.s(), save.s())()",
        "chain(none.s(), save.s(True))()",
        "chain(group([]), none.s())()",
        "chain(none.s())()",
        "chain(chain(), none.s())()",
        "(none.s() | save.s())()",
        "chain(load.s(), group(none.si(), none.si()))()",
        "chain(load.s(), group(none.s(), none.s()).set(immutable=True))()",
        "chain(load.s(), group([none.s() for x in xs]).set(immutable=True))()",
        "chord([none.s(), none.s()])(save.s())",
        "chord([none.s(), none.s()], save.s())()",
        "chord([load.s(), load.s()], none.s(), **x)()",
        "group(none.s(), none.s())()",
        "g = group(load.s(), load.s())\ng.link(none.s())",
        "chain(load.s(), save.s(*xs))()",
        "chain(load.s(), save.s(**x))()",
        "chain(load.s(), two.s(1))()",
        "chain(load.s(), unseen.s(1, 2, 3))()",
        "chain(load.s(), none.map([1]))()",
        "chain(load.s(), save.signature(xs))()",
        "load.apply_async(link=x)",
        "load.apply_async(link=none.si())",
        "xs.link(none.s())",
        # its own arguments are wrong already: CEL401
        "chain(load.s(), save.s(1, 2, 3))()",
        "chain(load.s(), save.s(nothing=1))()",
    ],
)
def test_nothing_is_said_of(body: str) -> None:
    assert found(body) == []


def test_one_finding_for_one_mistake() -> None:
    assert found("chain(load.s(), chain(load.s(), none.s()))()") == ["CEL602"]
    assert found("(load.s() | load.s() | none.s() | save.si(1))()") == ["CEL602"]
    assert found("chain(load.s(), none.s() | load.si() | load.s())()") == ["CEL602"]
    assert found("chain(load.s(), save.s(1, 2))()", "CEL401", "CEL602") == ["CEL602"]
    assert found("chain(load.s(), save.s(1, 2, 3))()", "CEL401", "CEL602") == ["CEL401"]


def test_mocked() -> None:
    source = HEAD + (
        "import mock\n\n@mock.patch('x.none')\ndef test(m):\n    chain(load.s(), none.s())()\n"
    )
    assert not [f for f in lint(source, "x.py") if f.code == "CEL602"]
