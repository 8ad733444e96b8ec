"""The live figure of the SE chapter computes what the block computes."""

import torch
from live_figures import computed

from solutions.se import SEBlock, squeeze


def test_the_live_figure_computes_what_the_block_computes():
    block, x = SEBlock(3, hidden=2).double(), torch.randn(1, 3, 2, 2, dtype=torch.float64)
    given = [x[0].flatten(1), block.reduce.weight, block.expand.weight]
    answer = computed("se-live.js", "seBlock", *(tensor.tolist() for tensor in given))
    y, gates = block(x)[0].flatten(1).detach(), block.excite(squeeze(x))[0].detach()
    torch.testing.assert_close(torch.tensor(answer["y"]).double(), y, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(torch.tensor(answer["s"]).double(), gates, rtol=1e-6, atol=1e-6)
