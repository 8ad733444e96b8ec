"""The answers of the exercise on fewer pairs compute what the blocks of its page compute."""

import pytest
import torch
from block_laws import randomised
from torch.testing import assert_close

from attnlab.costs import count
from attnlab.mechanisms import mechanism
from solutions import a2, ann, ocr, pairzoo, rga

D, N, S, K = 16, 24, 14, 5


def test_double_attention_is_that_of_the_page():
    own = randomised(pairzoo.DoubleAttention(8, 5, 3), 1)
    block = a2.DoubleAttention(8, 5, 3).double().eval()
    block.load_state_dict(own.state_dict())
    x = torch.randn(2, 8, 3, 4, dtype=torch.float64)
    assert_close(own(x), block(x))


@pytest.mark.parametrize("size", [(9, 4), (5, 7), (8, 8)], ids=str)
def test_the_matrix_pools_as_the_pyramid_does(size):
    x = torch.randn(2, 3, *size, dtype=torch.float64)
    assert_close(x.flatten(2) @ pairzoo.pooling_matrix(*size, ann.SIZES), ann.pyramid(x))


def test_pooled_attention_is_the_context_of_the_asymmetric_block():
    block = randomised(ann.APNB(6, sizes=(1, 3), dropout=0.0), 2)
    x = torch.randn(2, 6, 5, 4, dtype=torch.float64)
    q, v = block.queries(x), block.value(x)
    context = (ann.pyramid(v, (1, 3)) @ block.attention(x).mT).view_as(v)
    assert_close(pairzoo.pooled_attention(q, q, v, (1, 3)), context)


def test_the_mended_regions_are_those_of_object_context():
    block, seen = randomised(pairzoo.MendedRegions(6, 3), 3), []
    block.value.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    x = torch.randn(2, 6, 4, 5, dtype=torch.float64)
    block(x)
    assert_close(seen[0], ocr.regions(x, block.coarse(x)))


def test_relation_vectors_are_what_the_gate_reads():
    gate = randomised(rga.RelationGate(6, 5, 4, 2, 1), 4)
    x, seen = torch.randn(2, 6, 5, dtype=torch.float64), []
    gate.relation.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    gate(x)
    assert_close(pairzoo.relation_vectors(gate.theta(x), gate.phi(x)), seen[0])


def test_products_are_what_is_left_of_the_registrys_costs():
    """All widths d; what the layers on single positions or regions cost is taken away."""
    made = pairzoo.products(N, D, D, S, K)
    size = {"channels": D, "height": 4, "width": N // 4}
    inner = {"key_channels": D, "value_channels": D}
    wide = mechanism("a2").multiply_adds(**size, features=D, maps=D)
    assert made["double attention"] == wide - 4 * N * D**2
    asymmetric = mechanism("ann").multiply_adds(**size, **inner, anchors=S)
    assert made["cells"] == asymmetric - 5 * N * D**2
    regions = mechanism("ocr").multiply_adds(**size, classes=K, key_channels=D)
    assert made["regions"] == regions - 5 * N * D**2 - 3 * K * D**2
    gate = rga.RelationGate(D, N, D, N // 8, 1)
    rest = 3 * N * D**2 + N * ((1 + N // 8) * (1 + N // 8) + 1 + N // 8)
    assert made["relations"] == count(gate, (D, N)).multiply_adds - rest


def test_a_shorter_list_cannot_make_every_map_of_pairs():
    block = randomised(a2.DoubleAttention(6, 4, 3), 5)
    pairs = a2.pair_weights(block, torch.randn(1, 6, 4, 4, dtype=torch.float64))
    assert torch.linalg.matrix_rank(pairs).item() == 3
