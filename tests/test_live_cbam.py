"""The live figure of the CBAM chapter computes what the block computes, and tells what it says."""

import pytest
import torch
from live_figures import computed

from solutions.cbam import CBAM


def given_to_js(block):
    """The weights of a block in eval mode, as the figure takes them."""
    gate, space = block.channel, block.spatial
    scale = space.bn.weight / (space.bn.running_var + space.bn.eps).sqrt()
    shift = space.bn.bias - space.bn.running_mean * scale
    lists = {"W1": gate.reduce.weight, "b1": gate.reduce.bias}
    lists |= {"W2": gate.expand.weight, "b2": gate.expand.bias, "window": space.conv.weight[0]}
    numbers = {"scale": scale.item(), "shift": shift.item()}
    return {name: tensor.tolist() for name, tensor in lists.items()} | numbers


@pytest.mark.parametrize("kernel", [3, 7])
@pytest.mark.parametrize(
    "gates", [("channel", "spatial"), ("spatial", "channel"), ("channel",), ("spatial",)]
)
def test_the_live_figure_computes_what_the_block_computes(gates, kernel):
    whole = CBAM(3, 1, kernel).double().eval()
    with torch.no_grad():
        for value in (*whole.parameters(), whole.spatial.bn.running_mean):
            value.normal_()
    block = CBAM(3, 1, kernel, gates=gates).double().eval()
    block.load_state_dict(whole.state_dict(), strict=False)
    x = torch.randn(1, 3, 4, 5, dtype=torch.float64)
    answer = computed("cbam-live.js", "cbamBlock", x[0].flatten(1).tolist(), 5,
                      given_to_js(whole), gates)  # fmt: skip
    y = torch.tensor(answer["y"]).double()
    torch.testing.assert_close(y, block(x)[0].flatten(1).detach(), rtol=1e-6, atol=1e-6)
    if gates[0] == "spatial":
        places = torch.tensor(answer["places"]).double()
        wanted = block.spatial(x).flatten().detach()
        torch.testing.assert_close(places, wanted, rtol=1e-6, atol=1e-6)


def left(cue, gates, k):
    """What is left of the rows and of the columns in the figure's scene."""
    things = {"cue": cue, "rows": 33, "columns": 30}
    maps = computed("cbam-live.js", "cbamScene", things)
    weights = {"W1": [[1, 0, 0]], "b1": [0], "W2": [[0.5], [1], [1]], "b2": [0, 0, 0]}
    weights |= {"window": computed("cbam-live.js", "straight", k), "scale": 1.5, "shift": -6}
    y = computed("cbam-live.js", "cbamBlock", maps, 8, weights, gates)["y"]
    return y[1][33], y[2][30]


def test_the_window_decides_whether_the_near_object_is_told_from_the_far_one():
    both = ["channel", "spatial"]
    rows, columns = left(9, both, 7)
    assert rows > 0.5 > 0.1 > columns
    rows, columns = left(6, both, 7)
    assert columns > 0.5 > 0.1 > rows
    for k, gates in ((3, both), (7, ["channel"]), (7, [])):
        rows, columns = left(9, gates, k)
        assert abs(rows - columns) < 0.01
