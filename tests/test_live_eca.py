"""The live figure of the ECA chapter computes what formula and block compute."""

import json

import pytest
import torch
from book_pages import BOOK
from live_figures import computed, node

from solutions.eca import ECABlock, as_matrix, hears, kernel_size


def test_the_kernel_sizes_are_those_of_the_formula():
    widths = [1, 4, 7, 8, 100, 127, 128, 2047, 2048]
    asked = [(c, *setting) for c in widths for setting in ((2, 1), (1, -5), (4, 3))]
    file = json.dumps(str(BOOK / "_static" / "eca-live.js"))
    sizes = f"{json.dumps(asked)}.map((a) => require({file}).ecaKernel(...a).k)"
    assert node(f"console.log(JSON.stringify({sizes}))") == [kernel_size(*a) for a in asked]


@pytest.mark.parametrize(("gate", "channels", "k"), [(0, 8, 5), (7, 8, 3), (3, 5, 9)])
def test_a_gate_hears_what_the_block_lets_it_hear(gate, channels, k):
    taps = computed("eca-live.js", "ecaHears", gate, channels, k, False)
    assert [c for c in taps if c is not None] == hears(gate, channels, k)
    ring = computed("eca-live.js", "ecaHears", gate, channels, k, True)
    row = as_matrix(torch.ones(k), channels, ring=True)[gate]
    assert [ring.count(c) for c in range(channels)] == row.tolist()


@pytest.mark.parametrize(("padding", "ring"), [("zeros", False), ("circular", True)])
def test_the_gates_are_those_of_the_block(padding, ring):
    block, z = ECABlock(7, 5, padding=padding).double(), torch.randn(1, 7, dtype=torch.float64)
    kernel = block.conv.weight.flatten().tolist()
    gates = torch.tensor(computed("eca-live.js", "ecaGates", z[0].tolist(), kernel, ring))
    torch.testing.assert_close(gates.double(), block.excite(z)[0].detach(), rtol=1e-6, atol=1e-6)
