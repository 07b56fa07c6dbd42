"""Queues and routes: what is read of them, held against Celery; names that inference knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from celery import Celery
from celery.app.routes import MapRoute
from celery.exceptions import QueueNotFound
from hypothesis import given
from hypothesis import strategies as st

from flake8_celery.core.messages.routes import matches, routes
from flake8_celery.core.model.build import build
from flake8_celery.core.model.names import text_of
from flake8_celery.core.settings.read import configuration_of
from flake8_celery.core.syntax.module import Module
from flake8_celery.linter import lint
from flake8_celery.options import Options

WORDS = st.sampled_from(["shop", "mail", "send", "pay", "m"])
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(".".join)
PATTERNS = st.lists(
    st.one_of(WORDS, st.sampled_from(["*", "ma*", "?ay", "[mp]ay", "*d"])), min_size=1, max_size=3
).map(".".join)
QUEUES = st.sampled_from(["orders", "mail", "celery", "slow"])


@given(PATTERNS, NAMES)
def test_a_key_matches_as_celery_says(pattern: str, name: str) -> None:
    assert matches(pattern, name) == (MapRoute({pattern: {"queue": "x"}})(name) is not None)


@given(st.dictionaries(PATTERNS, QUEUES, max_size=5), NAMES, st.integers(0, 2), st.booleans())
def test_a_name_is_routed_as_celery_says(
    table: dict[str, str], name: str, form: int, pairs: bool
) -> None:
    """The first of our routes that matches gives the queue that Celery's router does.

    Exact keys come before patterns, which `Router` tries in order.
    """
    rows = {key: {"queue": value} if form else value for key, value in table.items()}
    value: object = rows
    if pairs:
        value = (list(rows.items()),)
    elif form == 2:
        value = [rows]
    source = (
        f'from celery import Celery\n\napp = Celery("shop")\napp.conf.task_routes = {value!r}\n'
    )
    model = build(Module(source, "app.py", ast.parse(source)), Options())
    read = routes(configuration_of(model))
    assert read is not None
    assert len(read) == len(table)
    found = [
        text_of(route.spot.given["queue"][1], route.spot.region, route.model)
        for route in sorted(read, key=lambda route: "*" in route.pattern)
        if matches(route.pattern, name)
    ]
    app = Celery("shop", broker="memory://", set_as_current=False)
    app.conf.task_routes = value
    real = app.amqp.router.route({}, name)["queue"].name
    assert (found[0] if found else "celery") == real


@given(st.sets(QUEUES, min_size=1), QUEUES, st.sampled_from(["tuple", "list", "dict", "sum"]))
def test_a_queue_is_missed_as_celery_says(declared: set[str], queue: str, form: str) -> None:
    """With missing queues not created, CEL501 speaks exactly where sending raises QueueNotFound."""
    calls = [f"Queue({name!r})" for name in sorted(declared)]
    written = {
        "tuple": f"({', '.join(calls)},)",
        "list": f"[{', '.join(calls)}]",
        "dict": "{" + ", ".join(f"{name!r}: {{}}" for name in sorted(declared)) + "}",
        "sum": f"[{calls[0]}] + [{', '.join(calls[1:])}]",
    }[form]
    source = (
        "from celery import Celery\nfrom kombu import Queue\n\n"
        'app = Celery("shop", broker="memory://", set_as_current=False)\n'
        f"app.conf.task_queues = {written}\n"
        f"app.conf.task_default_queue = {min(declared)!r}\n"
        "app.conf.task_create_missing_queues = False\n\n"
        '@app.task(name="shop.remind", shared=False)\ndef remind(): ...\n\n'
        f"def send():\n    remind.apply_async(queue={queue!r})\n"
    )
    said = [finding.code for finding in lint(source, "app.py")]
    module: dict[str, object] = {"__name__": "shop_app"}
    exec(compile(source, "app.py", "exec"), module)
    try:
        module["send"]()  # type: ignore[operator]
        raised = False
    except QueueNotFound:
        raised = True
    assert said == (["CEL501"] if raised else [])


SPELLINGS = {
    "QUEUE": True,
    "names.SLOW": True,
    "names.Names.SLOW": True,
    "names.TABLE['slow']": True,
    "names.Names().slow": True,
    "names.chosen()": True,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_name_that_inference_knows(tmp_path: Path, spelling: str) -> None:
    """The declared queues come from the project, the name that is used from astroid."""
    astroid = pytest.importorskip("astroid")
    from functools import partial

    from pylint_celery.resolver import AstroidResolver

    (tmp_path / "pyproject.toml").touch()
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "celery.py").write_text(
        "from celery import Celery\nfrom kombu import Queue\n\n"
        'app = Celery("shop")\napp.conf.task_queues = [Queue("celery"), Queue("slow")]\n'
    )
    (shop / "names.py").write_text(
        'SLOW = "slwo"\nTABLE = {"slow": "slwo"}\n\nclass Names:\n    SLOW = "slwo"\n'
        '    slow = "slwo"\n\ndef chosen():\n    return "slwo"\n'
    )
    source = (
        "from shop import names\nfrom shop.celery import app\n"
        f'\nQUEUE = "slwo"\n\n@app.task(queue={spelling})\ndef report(): ...\n'
    )
    path = shop / "tasks.py"
    path.write_text(source)
    alone = [finding.code for finding in lint(source, str(path))]
    assert alone == (["CEL501"] if SPELLINGS[spelling] else [])
    astroid.MANAGER.clear_cache()
    import sys

    sys.path.insert(0, str(tmp_path))
    try:
        tree = astroid.parse(source, "shop.tasks", str(path))
        inferred = lint(source, str(path), resolver=partial(AstroidResolver, tree))
    finally:
        sys.path.remove(str(tmp_path))
        for name in [name for name in sys.modules if re.match(r"shop(\.|$)", name)]:
            del sys.modules[name]
    assert [finding.code for finding in inferred] == ["CEL501"]
