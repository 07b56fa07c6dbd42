"""Task names: what decorators of the project's own leave of them, and what a lock adds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from flake8_celery.core.classify import prepare
from flake8_celery.core.known import names_of
from flake8_celery.core.source import Module
from flake8_celery.options import Options

WRAPPER = """
from functools import wraps
from celery import shared_task

def exclusive(*args, **options):
    def decorate(function):
        {wraps}
        def inner(*a, **k):
            return function(*a, **k)
        return shared_task({given})({target})
    return decorate
"""


@pytest.mark.parametrize(
    ("wraps", "given", "target", "use", "expected"),
    [
        ("@wraps(function)", "*args, **options", "inner", "", "shop.tasks.count"),
        ("@wraps(function)", "**options", "inner", "name='shop.count'", "shop.count"),
        ("@wraps(function)", "**options", "function", "track_started=True", "shop.tasks.count"),
        ("", "**options", "inner", "", None),
        ("@wraps(function)", "", "inner", "name='shop.count'", None),
    ],
)
def test_wrapper(
    tmp_path: Path, wraps: str, given: str, target: str, use: str, expected: str | None
) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "celery_tools.py").write_text(
        WRAPPER.format(wraps=wraps, given=given, target=target), encoding="utf-8"
    )
    text = f"from shop.celery_tools import exclusive\n\n@exclusive({use})\ndef count(): ...\n"
    path = shop / "tasks.py"
    path.write_text(text)
    model = prepare(Module(text, str(path), ast.parse(text)), Options())
    names = names_of(model)
    assert list(names.tasks) == ([expected] if expected else [])
    assert names.complete == bool(expected)
