"""The table in the dual attention exercise's task on evidence holds the ledger's numbers."""

import re
from pathlib import Path

import pytest

from attnlab.ledger import paired
from solutions import da

NAMES = {
    "position": "da-position-stage1",
    "criss-cross, one pass": "cc-r2-once-stage1",
    "no block": "plain-none",
    "position and channel": "da-stage1",
    "channel": "da-channel-stage1",
    "channel, code's sign": "da-channel-stage1",
    "channel, paper's sign": "da-channel-paper-stage1",
    "SE": "se-stage1",
}
ROW = re.compile(r"^# \| (.+?) \| (.+?) \| (−?[\d.]+) ± ([\d.]+) \|$", re.M)
ROWS = ROW.findall(Path(da.__file__).read_text("utf8"))
PAIRS = [(NAMES[first], NAMES[second]) for first, second, *_ in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_a_line_of_the_table_is_in_the_ledger(row):
    first, second, mean, half = row
    found = paired("fetch", NAMES[first], NAMES[second], "mean_iou").difference
    assert found.n == 10
    assert (f"{found.mean:.3f}".replace("-", "−"), f"{found.half:.3f}") == (mean, half)


def test_the_answers_follow_from_the_table():
    one_pass, pair, channel, _ = (paired("fetch", *names, "mean_iou").difference for names in PAIRS)
    follows = {
        1: one_pass.low > 0,
        2: pair.low > 0,
        3: channel.low > 0,
        4: one_pass.low <= 0 <= one_pass.high,
    }
    for number in da.CLAIMS:  # the others say what no line of this table can show
        assert da.allowed(number) is follows.get(number, False)
