"""The non-local chapter's live figures compute what the block computes."""

from importlib import import_module

import torch
from live_figures import computed

own = import_module("solutions.nonlocal")


def test_the_case_by_hand_is_that_of_the_block():
    x = torch.randn(1, 2, 2, 3, dtype=torch.float64)
    theta, phi = torch.randn(2, 2, 2, dtype=torch.float64)
    given = (tensor.tolist() for tensor in (x[0].flatten(1), theta, phi))
    found = computed("nonlocal-live.js", "built", *given)
    flat = x.flatten(2)
    q, k = theta @ flat, phi @ flat
    weights = own.gaussian_weights(q, k)
    expected = {"queries": q, "keys": k, "logits": q.mT @ k, "weights": weights,
                "gathered": flat @ weights.mT}  # fmt: skip
    for name, tensor in expected.items():
        torch.testing.assert_close(torch.tensor(found[name]).double()[None], tensor)


def test_the_mistake_beside_it_is_that_of_the_wild_block():
    x = torch.randn(1, 2, 2, 2, dtype=torch.float64)
    wild = own.WildNonLocal(4).double()
    unit = torch.eye(4, dtype=torch.float64)[:2, :, None, None]
    x = torch.cat([x, torch.zeros_like(x)], dim=1)  # of 4 channels the layers keep the first two
    with torch.no_grad():
        for layer in (wild.theta, wild.phi, wild.g):
            layer.weight.copy_(unit)
        wild.restore.weight.copy_(unit.movedim(0, 1))
        expected = (wild(x) - x)[0, :2].flatten(1)
    layers = [[1, 0], [0, 1]], [[1, 0], [0, 1]]
    found = computed("nonlocal-live.js", "built", x[0, :2].flatten(1).tolist(), *layers)
    torch.testing.assert_close(torch.tensor(found["mixed"]).double(), expected)


def test_where_a_trained_place_looks_is_the_blocks_row():
    block, x = own.NonLocalBlock(6).double(), torch.randn(1, 6, 3, 4, dtype=torch.float64)
    queries, keys, _ = block.project(x)
    found = computed("nonlocal-live.js", "looks", queries[0].tolist(), keys[0].tolist(), 7)
    torch.testing.assert_close(torch.tensor(found).double(), block.attention(x)[0, 7].detach())
