"""The table of costs: every count stands against a closed form and against a library's counter."""

from dataclasses import replace

import pytest

from attnlab import cost_table, ledger
from attnlab.cost_blocks import CORE
from attnlab.costs import Costs
from attnlab.mechanisms import MECHANISMS

SMALL = (2, 64, 7, 8)


@pytest.fixture(scope="module")
def lines():
    return cost_table.table(SMALL, rounds=2)


def test_every_count_agrees_with_the_registry_and_with_torch(lines):
    assert [line.block.key for line in lines] == [block.key for block in cost_table.BLOCKS]
    for line in lines:
        assert line.agrees(with_forms=True), line
        assert line.agrees(with_forms=False), line
        assert line.seconds["forward"] > 0
        assert line.bytes["train"] > line.bytes["forward"] > 0


def test_blocks_are_those_of_every_mechanism_that_takes_a_map():
    without = set(MECHANISMS) - {block.record for block in cost_table.BLOCKS}
    assert without == {"splat", "gam", "itti", "ram", "racnn"}
    keys = [block.key for block in cost_table.BLOCKS]
    assert len(set(keys)) == len(keys)


def test_what_needs_too_much_is_left_out(monkeypatch):
    some = [b for b in cost_table.BLOCKS if b.key in ("se", "conv3x3", "bahdanau")]

    def kept() -> list[str]:
        return [block.key for block in some if cost_table.affordable(block, SMALL)]

    assert kept() == ["se", "conv3x3", "bahdanau"]
    monkeypatch.setattr(cost_table, "MOST_BYTES", 2 * 10**6)
    assert kept() == ["se", "conv3x3"]
    monkeypatch.setattr(cost_table, "MOST_PRODUCTS", 10**6)
    assert kept() == ["se"]


def test_numbers_go_into_the_ledger_where_pages_quote_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cost_table, "SHAPES", {"costs": (SMALL,)})
    monkeypatch.setattr(cost_table, "ROUNDS", {"costs": 2})
    monkeypatch.setattr(cost_table, "BLOCKS", CORE)
    assert cost_table.main(["--write", "--ledger", str(tmp_path)]) == 0
    assert ledger.quote("costs/se-64x7x8:parameters:,.0f", tmp_path) == "512"
    assert float(ledger.quote("costs/cc-64x7x8:train_seconds:.6f", tmp_path)) > 0
    assert "2 maps of 64 x 7 x 8" in capsys.readouterr().out


def test_a_difference_is_printed_and_fails(lines, monkeypatch, capsys):
    wrong = replace(lines[1], costs=Costs(513, 512, 0, 0))
    monkeypatch.setattr(cost_table, "table", lambda *_: [lines[0], wrong])
    assert cost_table.main([]) == 1
    assert "DIFFER" in capsys.readouterr().out


def test_block_that_is_not_there_is_named(monkeypatch, capsys):
    broken = cost_table.Measured("se", "solutions.se:Missing", "se")
    monkeypatch.setattr(cost_table, "BLOCKS", (broken,))
    assert cost_table.main([]) == 2
    assert "cost_table: the block 'solutions.se:Missing' cannot be imported" in (
        capsys.readouterr().err
    )
