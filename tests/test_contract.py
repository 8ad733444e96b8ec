"""The contract page: blocks held against laws and symmetries, and the page for instructors."""

import json

import contract_directive as contract
import lost_directive as lost
import lost_points
import pytest
import torch
from torch import nn

from attnlab.check.cases import make_cases
from exercises import COMPARED, TAUGHT
from solutions.mistakes.se import TASKS

KEPT = {  # shuffled positions, rows, mirrored, transposed, channels, doubled
    "SEBlock": (1, 1, 1, 1, 0, 0),
    "ECABlock": (1, 1, 1, 1, 0, 0),
    "CBAM": (0, 0, 0, 0, 0, 0),
    "NonLocalBlock": (1, 1, 1, 1, 0, 0),
    "GCBlock": (1, 1, 1, 1, 0, 0),
    "CrissCrossBlock": (0, 1, 1, 1, 0, 0),
    "PositionAttention": (1, 1, 1, 1, 0, 0),
    "ChannelAttention": (1, 1, 1, 1, 1, 0),
}


@pytest.fixture(scope="module")
def laws():
    header, *body = contract.rows("laws")
    return {row[1].strip("`"): dict(zip(header[2:], row[2:], strict=True)) for row in body}


@pytest.fixture(scope="module")
def symmetries():
    return {row[1].strip("`"): row[2:] for row in contract.rows("symmetries")[1:]}


def test_every_taught_mechanism_is_held_against_the_laws(laws):
    assert {key for key, _ in contract.contracts()} >= set(TAUGHT)
    for name, kept in laws.items():
        broken = [law for law, word in kept.items() if word != contract.YES]
        assert broken in ([], ["birth"]), f"{name} breaks {broken}"


def test_blocks_commute_with_what_their_chapters_say(symmetries):
    assert "SEBlock" in symmetries
    for name, words in symmetries.items():
        if name in KEPT:
            assert tuple(word == contract.YES for word in words) == KEPT[name], name


class Batchy(nn.Module):
    """Gates all images by the mean of the batch, in place."""

    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels, 1, 1))

    def forward(self, x):
        return x.mul_(self.scale * x.mean((0, 2, 3), keepdim=True).sigmoid())


def test_a_block_that_breaks_laws_is_told_so():
    cases = make_cases({"block": TASKS["block"]}, 1)["block"]
    broken = [law for law in contract.EVERY if not contract.law_holds(Batchy, cases, law)]
    assert {"parameters", "batch", "input", "birth"} <= set(broken)
    assert "shape" not in broken
    assert not contract.commutes(Batchy, cases, "doubled")
    assert contract.commutes(Batchy, cases, "mirrored")


def test_every_law_has_a_sentence():
    assert all(sentence.endswith(".") for _, sentence in contract.meanings()[1:])


@pytest.mark.parametrize("key", lost.exercises())
def test_a_row_adds_up_the_points_of_its_cells(key):
    header, *body = lost.rows(key)
    for row in body:
        assert len(row) == len(header)
        assert sum(map(float, filter(None, row[2:-1]))) == float(row[-1]) > 0, row


def test_a_trained_cell_is_lost_with_its_block_only(tmp_path, monkeypatch):
    monkeypatch.setattr(lost, "BOOK", tmp_path)
    cells = {"x-a-test": {"points": 1}, "x-b-test": {"points": 2, "trains": "q", "block": "one"}}
    table = {"cells": cells, "lost": {"one": {"m": ["x-a-test"]}, "two": {"m": ["x-a-test"]}}}
    floors = {"q": {"m": {"verdicts": ["refused: it differs"]}}}
    for folder, found in (("lost", table), ("floors", floors)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.json").write_text(json.dumps(found))
    assert lost.rows("x")[1:] == [["m", "one", "1", "2", "3"], ["m", "two", "1", "", "1"]]
    assert lost.legend("x") == "Graded cells: 1 a (1), 2 b (2)."


def test_every_exercise_has_its_table():
    assert set(lost.exercises()) == set(COMPARED)
    assert lost_points.stored("se")["lost"]["block"]["no sigmoid"] == ["se-block-values-test"]
