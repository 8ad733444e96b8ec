"""Costs against the number of positions: crossings, predictions, and what the ledger lacks."""

import math

import pytest

from attnlab import growth
from attnlab.cost_blocks import BLOCKS, CONVOLUTION
from attnlab.cost_table import entry, table
from attnlab.ledger import write
from attnlab.mechanisms import mechanism

BY_KEY = {block.key: block for block in BLOCKS}
SQUARE = [n**2 / 500 for n in growth.POSITIONS]


LINE = list(map(float, growth.POSITIONS))
WAVE = [n * factor for n, factor in zip(LINE, (0.5, 2, 2, 0.5, 0.5, 2, 2), strict=True)]


@pytest.mark.parametrize(
    ("ours", "theirs", "ends"),
    [
        (SQUARE, LINE, (500, math.inf)),
        (LINE, SQUARE, (0, 500)),
        ([2 * n for n in LINE], LINE, (0, math.inf)),
        (LINE, [2 * n for n in LINE], (math.inf, math.inf)),
        ([*SQUARE[:5], None, None], LINE, (500, math.inf)),
        ([*WAVE[:4], *[n / 2 for n in LINE[4:]]], LINE, (96, 384)),
        (WAVE, LINE, None),
    ],
)
def test_where_one_cost_is_above_another(ours, theirs, ends):
    assert growth.dearer(ours, theirs) == (None if ends is None else pytest.approx(ends))


def test_a_non_local_block_is_above_from_seven_times_the_channels_on():
    """4 C d N + 2 d N² > 9 C² N with d = C / 2 from N > 7 C on; 22 is the first side."""
    assert growth.dearer_in_work(BY_KEY["nonlocal"].work) == (22**2, math.inf)
    assert 21**2 <= 7 * growth.CHANNELS < 22**2


@pytest.mark.parametrize(("key", "n"), [("se", math.inf), ("cc", 93**2), ("mha", 13**2)])
def test_others_are_above_in_work_from(key, n):
    assert growth.dearer_in_work(BY_KEY[key].work) == (n, math.inf)


def test_a_block_that_is_always_above_is_said_to_be():
    assert growth.dearer_in_work(lambda c, h, w: 10 * c * c * h * w) == (0, math.inf)


def test_work_adds_pools_and_gates_and_memory_counts_an_affinity_twice():
    record, size = mechanism("se"), (64, 32, 32)
    work = record.multiply_adds(channels=64) + 2 * 64 * 1024
    assert BY_KEY["se"].work(*size) == work
    assert BY_KEY["se"].floats(*size) == 2 * 64 * 1024
    assert BY_KEY["nonlocal"].floats(*size) == 2 * 64 * 1024 + 2 * 1024**2
    assert growth.predicted_bytes(BY_KEY["se"])[0] == 4 * 2 * 2 * 64 * 64


def test_what_is_measured_is_read_and_what_is_not_is_none(tmp_path, monkeypatch):
    few = [BY_KEY["se"], CONVOLUTION]
    monkeypatch.setattr("attnlab.cost_table.BLOCKS", few)
    for line in table((2, 64, 8, 8), rounds=2):
        write(entry("growth", line, "cpu"), tmp_path)
    assert growth.measured(BY_KEY["se"], "multiply_adds", tmp_path) == [512, *[None] * 6]
    assert growth.measured(BY_KEY["cc"], "multiply_adds", tmp_path) == [None] * 7


def test_the_convolution_predicts_itself_on_the_largest_map():
    times = growth.measured(CONVOLUTION, "forward_seconds")
    assert growth.predicted_seconds(CONVOLUTION)[-1] == pytest.approx(times[-1])
