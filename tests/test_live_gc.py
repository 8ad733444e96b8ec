"""The live figure of the global context chapter computes what the block computes."""

import pytest
import torch
from live_figures import computed

from solutions.gc import GCBlock


@pytest.mark.parametrize("fusion", ["add", "mul"])
@pytest.mark.parametrize("pooling", ["att", "avg"])
def test_the_live_figure_computes_what_the_block_computes(pooling, fusion):
    block = GCBlock(3, pooling=pooling, fusion=fusion, hidden=4).double()
    for parameter in block.parameters():
        torch.nn.init.normal_(parameter)
    x = torch.randn(1, 3, 2, 5, dtype=torch.float64)
    t = block.add if fusion == "add" else block.mul
    layers = {
        "reduce": t.reduce.weight, "reduceBias": t.reduce.bias, "scale": t.ln.weight,
        "shift": t.ln.bias, "expand": t.expand.weight, "expandBias": t.expand.bias,
    }  # fmt: skip
    look = {"weight": [0.0] * 3, "bias": 0.0}
    if pooling == "att":
        look = {"weight": block.mask.weight.flatten().tolist(), "bias": block.mask.bias.item()}
    answer = computed(
        "gc-live.js", "gcBlock", x[0].flatten(1).tolist(), look,
        {name: value.tolist() for name, value in layers.items()},
        {"pooling": pooling, "fusion": fusion},
    )  # fmt: skip
    y, context = block(x)[0].flatten(1).detach(), block.context(x)[0].detach()
    torch.testing.assert_close(torch.tensor(answer["y"]).double(), y, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(
        torch.tensor(answer["context"]).double(), context, rtol=1e-6, atol=1e-6
    )
