"""Costs of the zoo's blocks: counted on them, against the registry and ResNet-50."""

import pytest
import torch
from test_block_costs import closed

from attnlab.costs import count, parameters
from attnlab.mechanisms import mechanism
from attnlab.resnet50 import STAGES, ResNet50
from solutions.bam import BAMBlock
from solutions.fca import FcaBlock
from solutions.ge import GEBlock
from solutions.gsop import GSoPBlock, GSoPPositions
from solutions.hacnn import HardAttention, SoftBlock
from solutions.nam import NAMBlock
from solutions.ra import RABlock
from solutions.scse import SCSEBlock
from solutions.sk import SKBlock
from solutions.spa import SPABlock

# Key, settings in the registry's words, the block for a map of C channels, H x W.
FORMS = {
    "sk": ("sk", {}, lambda c, h, w: SKBlock(c)),
    "sk, three": ("sk", {"branches": 3, "groups": 4, "inner": 6},
                  lambda c, h, w: SKBlock(c, 3, groups=4, hidden=6)),
    "ge, minus": ("ge", {"theta": 0, "mlp": 0}, lambda c, h, w: GEBlock(c)),
    "ge, theta": ("ge", {"mlp": 0}, lambda c, h, w: GEBlock(c, None, "theta", (h, w))),
    "ge, plus": ("ge", {}, lambda c, h, w: GEBlock(c, None, "plus", (h, w))),
    "spa": ("spa", {"reduction": 4}, lambda c, h, w: SPABlock(c, 4)),
    "fca": ("fca", {}, lambda c, h, w: FcaBlock(c, (h, w), frequencies=[(0, 0)])),
    "gsop": ("gsop", {}, lambda c, h, w: GSoPBlock(c)),
    "gsop, step 1": ("gsop", {"inner": 8, "stride": 1}, lambda c, h, w: GSoPBlock(c, 8, 1)),
    "nam": ("nam", {}, lambda c, h, w: NAMBlock(c)),
    "bam": ("bam", {}, lambda c, h, w: BAMBlock(c)),
    "scse": ("scse", {}, lambda c, h, w: SCSEBlock(c)),
    "ra": ("ra", {}, lambda c, h, w: RABlock(c)),
    "hacnn, soft": ("hacnn", {"hard": 0}, lambda c, h, w: SoftBlock(c)),
    "hacnn, hard": ("hacnn", {"soft": 0, "parts": 3}, lambda c, h, w: HardAttention(c, 3)),
}  # fmt: skip
SIZES = [(32, 8, 8), (64, 7, 9), (512, 1, 5)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", FORMS)
def test_costs_are_those_of_the_registry(name, size):
    """Parameters and multiply-adds exactly; pooling and rescaling where the registry has them."""
    key, settings, build = FORMS[name]
    settings = settings | dict(zip(("channels", "height", "width"), size, strict=True))
    with torch.device("meta"):
        record, costs = mechanism(key), count(build(*size), size)
    for cost in ("parameters", "multiply_adds", "pooling", "rescale"):
        if getattr(record, cost):
            assert getattr(costs, cost) == closed(getattr(record, cost), settings), cost


def test_extents_of_gather_excite_save_multiply_adds():
    """Each of n steps of 2 costs 9 C at a quarter of the positions."""
    costs = count(GEBlock(32, 4, "theta"), (32, 8, 12))
    assert costs.multiply_adds == 9 * 32 * (4 * 6 + 2 * 3)
    assert costs.parameters == closed(mechanism("ge").parameters, {"channels": 32, "mlp": 0,
                                      "height": 8, "width": 12, "steps": 2})  # fmt: skip


def test_positions_of_second_order_pooling_cost_fields():
    """g = 64 fields: 4 g² for the rows, 4 g² for the last layer, g² d for the covariance."""
    block, (c, d, g, n) = GSoPPositions(32, 6), (32, 6, 64, 7 * 9)
    assert count(block, (c, 7, 9)).multiply_adds == c * d * n + g * g * (d + 8)
    assert parameters(block) == c * d + 3 * d + 2 * g + 8 * g * g + 5 * g


STAGE_SIDES = {channels: side for channels, _, side in STAGES.values()}


@pytest.mark.parametrize(
    ("block", "added"),
    [
        (GEBlock, 0),
        (lambda c: GEBlock(c, None, "theta", 2 * (STAGE_SIDES[c],)), 5_549_568),
        (lambda c: GEBlock(c, None, "plus", 2 * (STAGE_SIDES[c],)), 8_080_560),
        (lambda c: GEBlock(c, 8, "theta"), 498_432),
        (SPABlock, 27_664_384),
        (lambda c: SPABlock(c, hidden=21 * c // 16), 580_952_064),  # one article's width
        (FcaBlock, 2_514_944),
        (GSoPBlock, 10_748_672),
        (NAMBlock, 30_208),
        (SCSEBlock, 20_157_328),
    ],
)
def test_what_resnet_50_gains(block, added):
    with torch.device("meta"):
        assert parameters(ResNet50(block)) - 25_557_032 == added


def test_three_bottlenecks_of_resnet_50():
    with torch.device("meta"):
        assert sum(parameters(BAMBlock(c)) for c in (256, 512, 1024)) == 358_067
