"""The page on the five practices against the registry, the options and the commands."""

from __future__ import annotations

import re

from flake8_celery.cli import COMMANDS
from flake8_celery.linter import rules
from flake8_celery.options import BY_NAME
from tests import ROOT
from tools.five_practices import PRACTICES, page

DOCS = ROOT / "docs"
TEXT = (DOCS / "five-practices.md").read_text(encoding="utf-8")


def test_page_is_what_the_registry_gives() -> None:
    assert page(rules()) == TEXT


def test_every_demand_is_seen_to() -> None:
    for practice in PRACTICES:
        for demand in practice.demands:
            row = next(line for line in TEXT.splitlines() if line.startswith(f"| {demand.what} |"))
            _, _, named, _, beside, _ = row.split("|")
            assert named.strip() or beside.strip(), demand.what


def test_every_demand_is_shown_on_celery() -> None:
    """By a proof, or by a play of the tutorial, whose headings the links name."""
    headings = re.findall(r"^## (.+)$", (DOCS / "tutorial.md").read_text("utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 ]", "", each.lower()).replace(" ", "-") for each in headings}
    assert set(re.findall(r"tutorial\.md#([a-z0-9-]+)", TEXT)) <= anchors
    for practice in PRACTICES:
        for demand in practice.demands:
            row = next(line for line in TEXT.splitlines() if line.startswith(f"| {demand.what} |"))
            assert "../tests/proofs/" in row or "tutorial.md" in row, demand.what


def test_every_rule_of_the_five_is_on_the_page() -> None:
    families = {practice.family for practice in PRACTICES}
    for info in rules():
        if info.family in families:
            assert f"[{info.code}](rules/{info.code}.md) {info.symbol}" in TEXT


def test_default_rules_name_their_proof() -> None:
    for info in rules():
        if info.default and not info.option and f"[{info.code}]" in TEXT:
            assert f"(../tests/proofs/test_{info.code.lower()}.py)" in TEXT


def test_links_options_and_commands_are_real() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (DOCS / target).exists(), target
    for option in re.findall(r"`(celery-[a-z-]+)", TEXT):
        assert option in BY_NAME
    for command in re.findall(r"`flake8-celery (\w+)", TEXT):
        assert command in COMMANDS
