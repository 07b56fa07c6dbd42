from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs.harness import Proof, fresh_state

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What Celery does is shown on one Python: of its code, and of no syntax tree."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.once)


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Iterator[Proof]:
    """The harness for the rule that the test's file is named after."""
    match = re.search(r"cel\d{3}", request.path.name)
    assert match is not None
    with fresh_state():
        made = Proof(match[0].upper())
        yield made
        made.close()


@pytest.fixture
def database() -> None:
    """Django with a database in memory."""
    import django
    from django.conf import settings

    if not settings.configured:
        name = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        settings.configure(DATABASES={"default": name}, USE_TZ=True)
        django.setup()
