"""Maps of what blocks look at: shares that sum to one, gates, and the cross against loops."""

from importlib import import_module

import pytest
import torch
from block_laws import randomised
from torch import nn

from solutions import looks
from solutions.ablations import SelfAttention
from solutions.cc import CrissCrossBlock

NonLocalBlock = import_module("solutions.nonlocal").NonLocalBlock
X = torch.randn(2, 16, 3, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def block_of(kind: type) -> nn.Module:
    more = {"heads": 4} if kind is SelfAttention else {}
    small = {"reduction": 2} if kind.__name__ in ("CBAM", "BAMBlock", "GCBlock") else {}
    return randomised(kind(16, **more, **small), 3)


@pytest.mark.parametrize("kind", looks.PAIRS, ids=lambda kind: kind.__name__)
def test_shares_sum_to_one_for_every_place(kind):
    weights = looks.pair_weights(block_of(kind), X)
    assert weights.shape == (2, 15, 15)
    assert (weights >= 0).all()
    torch.testing.assert_close(weights.sum(2), torch.ones(2, 15, dtype=X.dtype))


@pytest.mark.parametrize("kind", looks.GATES, ids=lambda kind: kind.__name__)
def test_gates_lie_between_zero_and_one_and_differ_by_place(kind):
    gates = looks.place_gates(block_of(kind), X)
    assert gates.shape == (2, 3, 5)
    assert ((gates > 0) & (gates < 1)).all()
    assert gates.std() > 0


def test_the_shares_of_a_pass_lie_on_its_cross_in_their_places():
    block = block_of(CrissCrossBlock)
    weights = block.attention(X)
    full = looks._all_pairs(weights).view(2, 3, 5, 3, 5)
    for i in range(3):
        for j in range(5):
            expected = torch.zeros(2, 3, 5, dtype=X.dtype)
            expected[:, :, j] += weights[:, i, j, :3]
            expected[:, i] += weights[:, i, j, 3:]
            torch.testing.assert_close(full[:, i, j], expected)


def test_two_passes_move_what_lies_off_the_cross():
    weights = looks.pair_weights(block_of(CrissCrossBlock), X)
    assert (weights > 0).all()


def test_a_block_without_such_a_map_is_named():
    with pytest.raises(TypeError, match=r"no such map of a Identity; there are maps of NonLocal"):
        looks.pair_weights(nn.Identity(), X)
    with pytest.raises(TypeError, match=r"maps of CBAM, BAMBlock"):
        looks.place_gates(NonLocalBlock(16), X)
