"""The table of costs: every count stands against a closed form and against a library's counter."""

from dataclasses import replace

import pytest

from attnlab import cost_table, ledger
from attnlab.costs import Costs

SMALL = (2, 64, 5, 6)


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


def test_blocks_are_those_of_the_core():
    from attnlab.mechanisms import MECHANISMS

    taught = {"se", "eca", "cbam", "nonlocal", "gc", "cc", "da"}
    assert {block.record for block in cost_table.BLOCKS if block.record} == taught
    assert taught <= set(MECHANISMS)


def test_numbers_go_into_the_ledger_where_pages_quote_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cost_table, "SHAPES", (SMALL,))
    monkeypatch.setattr(cost_table, "ROUNDS", 2)
    assert cost_table.main(["--write", "--ledger", str(tmp_path)]) == 0
    assert ledger.quote("costs/se-64x5x6:parameters:,.0f", tmp_path) == "512"
    assert float(ledger.quote("costs/cc-64x5x6:train_seconds:.6f", tmp_path)) > 0
    assert "2 maps of 64 x 5 x 6" in capsys.readouterr().out


def test_a_difference_is_printed_and_fails(lines, monkeypatch, capsys):
    wrong = replace(lines[1], costs=Costs(513, 512, 0, 0))
    monkeypatch.setattr(cost_table, "table", lambda shape, device: [lines[0], wrong])
    assert cost_table.main([]) == 1
    assert "DIFFER" in capsys.readouterr().out


def test_block_that_is_not_there_is_named(monkeypatch, capsys):
    broken = cost_table.Measured("se", "solutions.se:Missing", "se")
    monkeypatch.setattr(cost_table, "BLOCKS", (broken,))
    assert cost_table.main([]) == 2
    assert "cost_table: the block 'solutions.se:Missing' cannot be imported" in (
        capsys.readouterr().err
    )
