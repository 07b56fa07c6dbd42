"""A search's words are necessary: every text that its pattern matches holds one of them."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis.strategies import DataObject, data, from_regex

from flake8_celery.core.model import app_classes
from flake8_celery.core.settings import built, reading, schedulers
from flake8_celery.core.syntax.search import Search

RULES = "flake8_celery.rules.config"
MODULES: tuple[ModuleType, ...] = (
    *(app_classes, built, reading, schedulers),
    import_module(f"{RULES}.cel811_broker_not_configured"),
    import_module(f"{RULES}.cel812_shared_task_finds_no_app"),
)
SEARCHES = {
    f"{module.__name__.rpartition('.')[2]}.{name}": search
    for module in MODULES
    for name, search in vars(module).items()
    if isinstance(search, Search)
}


@pytest.mark.parametrize("name", sorted(SEARCHES))
@settings(max_examples=100)
@given(data=data())
def test_words_stand_in_every_match(name: str, data: DataObject) -> None:
    """The words of `_OTHER` are asked of a text in small letters, as the pattern's flag says."""
    search = SEARCHES[name]
    text = data.draw(from_regex(search.pattern))
    assert search.found(text.lower() if "(?i)" in search.pattern else text)


def test_no_search_is_missed() -> None:
    assert len(SEARCHES) >= 11


def test_a_word_alone_is_no_match() -> None:
    assert not Search(r"\ba\.b\b", ("a",)).found("a")
    assert Search(r"\ba\.b\b", ("a",)).found("x = a.b")
