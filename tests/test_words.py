"""A rule that names its words is imported only where one of them stands."""

from __future__ import annotations

import subprocess
import sys

import pytest

from flake8_celery.core.engine import Rule
from flake8_celery.linter import rules
from flake8_celery.pages import docstring, examples

WITH_WORDS = [info for info in rules() if info.words]


@pytest.mark.parametrize("info", WITH_WORDS, ids=lambda info: info.code)
def test_bad_examples_hold_a_word(info: Rule) -> None:
    bad = [each for each in examples(docstring(info)) if each.verdict == "bad"]
    words = [word for given in info.words.values() for word in given]
    everything = set(info.facts) == set(info.words)
    assert bad
    for each in bad:
        text = each.source
        assert not everything or any(word in text or word.upper() in text for word in words), text


def test_facts_with_words_are_read() -> None:
    for info in WITH_WORDS:
        assert set(info.words) <= set(info.facts)
        assert all(info.words.values())


def test_plain_tasks_import_few_rules() -> None:
    code = (
        "import sys\nfrom flake8_celery.linter import lint\n"
        "lint('from celery import shared_task\\n\\n@shared_task\\ndef f(): ...\\n', 'x.py')\n"
        "found = [n.rpartition('.')[2] for n in sys.modules if '.cel' in n]\n"
        "print(len(found), any(n.startswith('cel3') for n in found),"
        " 'flake8_celery.core.settings.configuration' in sys.modules)"
    )
    out = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert int(out[0]) < 25
    assert out[1:] == ["False", "False"]
