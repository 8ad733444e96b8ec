"""The cost explorer works out in the browser what the registry works out in Python."""

import json
import random

import cost_explorer
import pytest
from book_pages import BOOK
from live_figures import node

from attnlab.mechanisms import MECHANISMS

RECORDS = [record for record in MECHANISMS.values() if record.parameters is not None]
FILE = json.dumps(str(BOOK / "_static" / "costs-live.js"))


def settings(count: int) -> list[dict[str, int]]:
    choose = random.Random(0)
    return [
        {"C": 16 * 2 ** choose.randrange(8), "H": choose.randrange(4, 129),
         "W": choose.randrange(4, 129), "r": 2 ** choose.randrange(5),
         "k": 2 * choose.randrange(6) + 1}
        for _ in range(count)
    ]  # fmt: skip


def test_the_script_and_the_registry_agree_on_every_mechanism():
    asked = [cost_explorer.SHOWN, *settings(20)]
    script = (
        f"const {{ costRow }} = require({FILE}); const data = {json.dumps(cost_explorer.data())};"
        f"const asked = {json.dumps(asked)};"
        "console.log(JSON.stringify(asked.map((s) => data.map((record) => costRow(record, s)))))"
    )
    for setting, rows in zip(asked, node(script), strict=True):
        for record, row in zip(RECORDS, rows, strict=True):
            ours = [cost_explorer.worked_out(record, cost, setting)
                    for cost in ("parameters", "multiply_adds")]  # fmt: skip
            assert row == [*ours, cost_explorer.held(record, setting)], (record.key, setting)


def test_pairs_weigh_what_their_map_weighs_before_and_after_its_softmax():
    setting = {"C": 64, "H": 8, "W": 8, "r": 16, "k": 7}
    maps = 4 * 2 * 64 * 64
    assert cost_explorer.held(MECHANISMS["se"], setting) == maps
    assert cost_explorer.held(MECHANISMS["nonlocal"], setting) == maps + 2 * 4 * 64 * 64


@pytest.mark.parametrize("text", ["abs(C)", "C if 1 < H < 2 else 0", "C.real"])
def test_what_the_script_cannot_work_out_is_named(text):
    with pytest.raises(ValueError, match="the live figure cannot work out"):
        cost_explorer.tree(text)
