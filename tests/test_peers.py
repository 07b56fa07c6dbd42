"""Every mistake planted in a sample project is found, and nothing else is said."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.peers.samples import Sample, ours, samples
from tools.compare import main

SAMPLES = samples()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_sample(sample: Sample) -> None:
    assert ours(sample) == sorted(sample.planted)


def test_each_row_has_both_twins() -> None:
    bad = Counter(sample.row for sample in SAMPLES if sample.planted)
    good = Counter(sample.row for sample in SAMPLES if not sample.planted)
    assert set(bad) == set(good)
    assert len(SAMPLES) >= 120


def test_the_page_is_fresh() -> None:
    assert main(["--check"]) == 0
