"""Double attention, asymmetric non-local, RGA, IAU, OCR: laws, costs, and what each is at birth."""

import pairzoo_oracles as oracle
import pytest
import torch
from block_laws import agrees, keeps_laws, randomised
from test_block_costs import closed
from torch.testing import assert_close

from attnlab.costs import count, parameters
from attnlab.mechanisms import mechanism
from solutions.a2 import DoubleAttention, bracketed, pair_weights
from solutions.ann import AFNB, APNB, pyramid
from solutions.iau import InteractionUpdate, edges
from solutions.ocr import ObjectContext, OCRHead, regions, supervised
from solutions.rga import RelationAware

# Blocks of 6 channels for maps (B, 6, H, W), built for a size of map.
BLOCKS = {
    "a2": lambda h, w: DoubleAttention(6),
    "a2-bare": lambda h, w: DoubleAttention(6, 4, 3, residual=False),
    "apnb": lambda h, w: APNB(6, sizes=(1, 2, 3)),
    "iau": lambda h, w: InteractionUpdate(6),
    "rga": lambda h, w: RelationAware(6, h * w, channel_ratio=2, spatial_ratio=2, down_ratio=2),
    "rga-space": lambda h, w: RelationAware(6, h * w, ("spatial",)),
    "rga-channels": lambda h, w: RelationAware(6, h * w, ("channel",)),
}
SIZES = [(1, 1), (1, 5), (7, 1), (9, 4)]
C, H, W = 32, 6, 8


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_laws(name, size):
    keeps_laws(randomised(BLOCKS[name](*size), 1), (3, 6, *size), gives=(3, 6, *size))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_laws_of_blocks_with_two_inputs(size):
    afnb = randomised(AFNB(4, 6, sizes=(1, 2)), 1)
    keeps_laws(afnb, (3, 4, 5, 3), (3, 6, *size), gives=(3, 6, *size))
    ocr = randomised(ObjectContext(6), 2)
    keeps_laws(ocr, (3, 6, *size), (3, 4, *size), gives=(3, 6, *size))


def test_laws_on_films():
    block = randomised(InteractionUpdate(4), 3)
    keeps_laws(block, (3, 4, 2, 3, 5), gives=(3, 4, 2, 3, 5))


@pytest.mark.parametrize("shape", [(2, 4, 3, 2, 2), (1, 3, 2, 2, 1), (2, 4, 2, 3)], ids=str)
def test_temporal_iau_is_what_the_loops_say(shape):
    agrees(randomised(InteractionUpdate(shape[1], parts=3), 4), oracle.iau, shape)


def test_a_film_is_more_than_its_frames():
    """Messages pass between frames: a change of the first moves the second."""
    block = randomised(InteractionUpdate(4), 5)
    x = torch.randn(1, 4, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    block(x)[:, :, 1].sum().backward()
    assert x.grad[:, :, 0].abs().sum() > 0
    assert edges(4).sum() == 4 * 3
    assert edges(4, 3).sum() == 12 * (3 + 2)


def test_identity_at_birth():
    x = torch.randn(2, 6, 5, 4)
    assert torch.equal(InteractionUpdate(6).train()(x), x)
    block = APNB(6)
    block.out.weight.data.normal_()
    other = APNB(6)
    other.load_state_dict(block.state_dict() | {"out.weight": torch.zeros(6, 3, 1, 1)})
    alone = block.fuse.eval()(torch.cat([torch.zeros_like(x), x], dim=1))
    assert torch.equal(other.eval()(x), alone)  # no context yet, but a layer on x all the same


def test_attention_sums_to_one_where_it_should():
    x = torch.randn(2, 6, 5, 4, dtype=torch.float64)
    a2 = randomised(DoubleAttention(6), 6)
    gathering, sharing = a2.attention(x)
    assert_close(gathering.sum(2), torch.ones_like(gathering[:, :, 0]))
    assert_close(sharing.sum(1), torch.ones_like(sharing[:, 0]))
    assert_close(pair_weights(a2, x).sum(1), torch.ones(2, 20, dtype=torch.float64))
    apnb = randomised(APNB(6), 7).attention(x)
    assert apnb.shape == (2, 20, 110)
    assert_close(apnb.sum(2), torch.ones_like(apnb[:, :, 0]))


def test_both_brackets_of_double_attention_agree():
    a, b, v = (torch.randn(2, k, 9, dtype=torch.float64) for k in (5, 3, 3))
    assert_close(bracketed(a, b, v), bracketed(a, b, v, first=False))


def test_the_pyramid_has_110_cells_those_of_adaptive_pooling():
    x = torch.randn(1, 2, 13, 20)
    pools = [torch.nn.functional.adaptive_avg_pool2d(x, side).flatten(2) for side in (1, 3, 6, 8)]
    assert pyramid(x).shape == (1, 2, 110)
    assert_close(pyramid(x), torch.cat(pools, 2))


def test_regions_are_weighted_means_over_positions():
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    sharp = torch.full((2, 2, 4, 5), -1e3, dtype=torch.float64)
    sharp[:, 0, 1, 2], sharp[:, 1, 3, 3] = 0, 0
    assert_close(regions(x, sharp), torch.stack([x[:, :, 1, 2], x[:, :, 3, 3]], 2))
    assert_close(regions(x, 0 * sharp)[:, :, 0], x.mean((2, 3)))


def test_coarse_regions_are_supervised():
    """Both losses count, the coarse one by 0.4, and the fine one also trains the coarse layers."""
    head, labels = OCRHead(16, 3), torch.randint(3, (2, 6, 5))
    x = torch.randn(2, 16, 6, 5)
    branches = head.branches(x)
    assert {name: y.shape for name, y in branches.items()} == dict.fromkeys(
        ("fine", "coarse"), (2, 3, 6, 5)
    )
    losses = [torch.nn.functional.cross_entropy(branches[n], labels) for n in ("fine", "coarse")]
    assert_close(supervised(branches, labels), losses[0] + 0.4 * losses[1])
    losses[0].backward()
    assert head.coarse[1].weight.grad.abs().sum() > 0


COSTED = {
    "a2": ("a2", {}, DoubleAttention(C), [(C, H, W)]),
    "a2, no way out": ("a2", {"out": 0}, DoubleAttention(C, out=False, residual=False),
                       [(C, H, W)]),
    "a2, narrow": ("a2", {"features": 5, "maps": 3}, DoubleAttention(C, 5, 3), [(C, H, W)]),
    "apnb": ("ann", {}, APNB(C), [(C, H, W)]),
    "apnb, few": ("ann", {"anchors": 14}, APNB(C, sizes=(1, 2, 3)), [(C, H, W)]),
    "iau": ("iau", {}, InteractionUpdate(C), [(C, H, W)]),
    "iau, six parts": ("iau", {"parts": 6}, InteractionUpdate(C, 6), [(C, H, W)]),
    "rga": ("rga", {}, RelationAware(C, H * W), [(C, H, W)]),
    "rga, space": ("rga", {"channel": 0}, RelationAware(C, H * W, ("spatial",)), [(C, H, W)]),
    "rga, channels": ("rga", {"spatial": 0}, RelationAware(C, H * W, ("channel",)), [(C, H, W)]),
    "ocr": ("ocr", {"classes": 5}, ObjectContext(C), [(C, H, W), (5, H, W)]),
    "ocr, narrow": ("ocr", {"classes": 5, "key_channels": 6, "out_channels": 9},
                    ObjectContext(C, 6, 9), [(C, H, W), (5, H, W)]),
}  # fmt: skip


@pytest.mark.parametrize("name", COSTED)
def test_costs_are_those_of_the_registry(name):
    key, settings, block, shapes = COSTED[name]
    settings = {"channels": C, "height": H, "width": W} | settings
    record, costs = mechanism(key), count(block, *shapes)
    assert costs.parameters == closed(record.parameters, settings)
    assert costs.multiply_adds == closed(record.multiply_adds, settings)


def test_parameters_of_double_attention_in_resnet_50():
    with torch.device("meta"):
        assert parameters(DoubleAttention(1024)) == 1_050_368


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: DoubleAttention(8, out=False), "no sum with x, whose width is 8"),
        (lambda: RelationAware(8, 12, ("space",)), "choose of 'spatial' and 'channel'"),
        (lambda: RelationAware(8, 12)(torch.zeros(1, 8, 3, 5)), "expected maps of 12 positions"),
    ],
)
def test_what_cannot_be_says_why(run, words):
    with pytest.raises(ValueError, match=words):
        run()
