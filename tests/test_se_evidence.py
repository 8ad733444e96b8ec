"""The table in the SE exercise's task on evidence holds the ledger's numbers."""

import re
from pathlib import Path

import pytest

from attnlab.ledger import paired
from solutions import se

NAMES = {"SE, r = 2": "se-stage1", "SE, r = 16": "se-r16-stage1", "SE, maximum": "se-max-stage1",
         "SE, average": "se-stage1", "local": "conv-stage1"}  # fmt: skip
ROW = re.compile(r"^# \| \*(\w+)\* \| (.+?) \| (.+?) \| (−?[\d.]+) ± ([\d.]+) \|$", re.M)
ROWS = ROW.findall(Path(se.__file__).read_text("utf8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{NAMES[row[1]]}")
def test_a_line_of_the_table_is_in_the_ledger(row):
    question, first, second, mean, half = row
    found = paired(question, NAMES[first], NAMES[second]).difference
    assert found.n == 10
    assert f"{found.mean:.2f}".replace("-", "−") == mean
    assert f"{found.half:.2f}" == half


def test_the_answers_follow_from_the_table():
    gains = {(row[0], row[1]): (float(row[3].replace("−", "-")), float(row[4])) for row in ROWS}
    rule, key = gains["rule", "SE, r = 2"], gains["key", "SE, r = 2"]
    narrow, same = gains["rule", "SE, r = 16"], gains["same", "SE, r = 2"]
    follows = {
        1: rule[0] - rule[1] > 0,
        2: same[0] - same[1] > 0,
        4: narrow[0] + narrow[1] < 0,
        6: key[0] - key[1] >= 0.2,
    }
    for number in se.CLAIMS:  # the others say what no table of this kind can show
        assert se.supported(number) is follows.get(number, False)
