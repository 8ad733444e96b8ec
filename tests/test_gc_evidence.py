"""The numbers that task 7 of the global context exercise is about are those of the ledger."""

import pytest

from attnlab.ledger import paired
from attnlab.statistics import holm
from solutions.gc import CLAIMS, MEASURED, verdict

ROWS = {
    "GC": "gc-stage1",
    "GC with avg": "gc-avg-stage1",
    "non-local": "nonlocal-stage1",
    "plain host": "plain-none",
    "local convolutions": "conv-stage1",
}


def test_the_measured_numbers_are_those_of_the_ledger():
    found = holm({(q, *pair): paired(q, *map(ROWS.get, pair)) for q, *pair in MEASURED})
    for pair, numbers in MEASURED.items():
        change = found[pair].difference
        assert change.n == 10
        expected = (change.mean, change.low, change.high, found[pair].p)
        assert numbers[:3] == pytest.approx(expected[:3], abs=5e-4), pair
        assert numbers[3] == pytest.approx(expected[3], rel=0.06), pair


def test_the_answers_follow_from_the_numbers():
    shown = {pair: p < 0.05 for pair, (*_, p) in MEASURED.items()}
    assert verdict("a") == ("shown" if shown["rule", "GC", "local convolutions"] else "open")
    assert verdict("c") == ("shown" if shown["key", "non-local", "GC"] else "open")
    assert verdict("d") == ("refuted" if shown["rule", "GC with avg", "GC"] else "open")
    _, low, high, _ = MEASURED["rule", "plain host", "local convolutions"]
    assert verdict("e") == ("shown" if -0.05 < low < high < 0.05 else "open")
    assert len(CLAIMS) == 7
