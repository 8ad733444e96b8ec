"""The book's numbers are those of the code as it is: every row begins as its entry says."""

import json

import pytest

from attnlab import experiment, grids, ledger
from attnlab.verify import changed, verify

BENCH = [name for name, grid in grids.GRIDS.items() if grid.profile == "tiny"]


@pytest.mark.parametrize("name", BENCH)
def test_every_row_of_the_bench_begins_as_it_was_measured(name):
    assert not changed(grids.GRIDS[name], ledger.ROOT)


def test_an_entry_of_the_book_can_be_measured_again():
    lines, fine = verify(grids.GRIDS["rule"], 1, ledger.ROOT)
    assert fine, lines


def test_a_row_that_begins_otherwise_is_named_with_the_command_that_measures_it(tmp_path):
    run = ["--ledger", str(tmp_path), "run", "rule", "--seeds", "1", "--rows", "plain-none"]
    assert experiment.main(run) == 0
    assert not changed(grids.GRIDS["rule"], tmp_path)
    path = ledger.path_of("rule", "plain-none", 0, tmp_path)
    raw = json.loads(path.read_text("utf-8"))
    raw["curve"][0] += 1e-5
    path.write_text(json.dumps(raw), "utf-8")
    (line,) = changed(grids.GRIDS["rule"], tmp_path)
    assert "run rule --redo --rows plain-none" in line
    raw["device"] = "another CPU"
    path.write_text(json.dumps(raw), "utf-8")
    assert not changed(grids.GRIDS["rule"], tmp_path)
    raw["curve"][0] += 0.1
    path.write_text(json.dumps(raw), "utf-8")
    assert changed(grids.GRIDS["rule"], tmp_path)
