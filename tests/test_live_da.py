"""The live figure of dual attention computes what the two blocks compute."""

import pytest
import torch
from live_figures import computed

from solutions.da import ChannelAttention, PositionAttention


def same(answer, expected):
    expected = expected.detach()[0]
    torch.testing.assert_close(torch.tensor(answer).double(), expected, rtol=1e-6, atol=1e-6)


def test_positions_look_where_the_block_says():
    block, x = PositionAttention(4, 2).double(), torch.randn(1, 4, 3, 2, dtype=torch.float64)
    block.query.bias.data.zero_()
    block.key.bias.data.zero_()
    weights = [layer.weight.flatten(1).tolist() for layer in (block.query, block.key)]
    same(computed("da-live.js", "positionWeights", x[0].flatten(1).tolist(), *weights),
         block.attention(x))  # fmt: skip


@pytest.mark.parametrize("sign", [-1, 1])
def test_channels_look_where_the_block_says(sign):
    x = torch.randn(1, 5, 3, 2, dtype=torch.float64)
    same(computed("da-live.js", "channelWeights", x[0].flatten(1).tolist(), sign),
         ChannelAttention(5, sign).attention(x))  # fmt: skip
