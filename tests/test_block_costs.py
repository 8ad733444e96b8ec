"""Costs of the core blocks: counted on them, against the registry, ResNet-50 and memory bounds."""

import importlib
import math

import pytest
import torch

from attnlab.costs import count, parameters, peak_bytes
from attnlab.mechanisms import mechanism
from attnlab.resnet50 import STAGES, ResNet50
from solutions.cbam import CBAM
from solutions.cc import CrissCrossBlock
from solutions.da import ChannelAttention, PositionAttention
from solutions.eca import ECABlock, kernel_size
from solutions.gc import GCBlock, SNLBlock

NonLocalBlock = importlib.import_module("solutions.nonlocal").NonLocalBlock

# Key, settings in the registry's words, the block with those settings.
FORMS = {
    "eca": ("eca", {"kernel": 5}, lambda c: ECABlock(c, 5)),
    "eca not shared": ("eca", {"kernel": 3, "shared": 0}, lambda c: ECABlock(c, 3, shared=False)),
    "cbam": ("cbam", {"reduction": 4}, lambda c: CBAM(c, 4)),
    "cbam, paper": (
        "cbam",
        {"reduction": 4, "bias": 0, "norm": 0},
        lambda c: CBAM(c, 4, channel={"bias": False}, spatial={"norm": False}),
    ),
    "cbam, small kernel": ("cbam", {"kernel": 3}, lambda c: CBAM(c, spatial={"kernel": 3})),
    "nonlocal": ("nonlocal", {}, NonLocalBlock),
    "nonlocal, wide": ("nonlocal", {"inner": 32}, lambda c: NonLocalBlock(c, inner=32)),
    "nonlocal, bare": ("nonlocal", {"norm": 0}, lambda c: NonLocalBlock(c, norm=False)),
    "gc": ("gc", {"reduction": 4}, lambda c: GCBlock(c, 4)),
    "gc, average": ("gc", {"attention": 0}, lambda c: GCBlock(c, pooling="avg")),
    "gc, both": ("gc", {"transforms": 2}, lambda c: GCBlock(c, fusion="both")),
    "cc": ("cc", {}, CrissCrossBlock),
    "cc, once": ("cc", {"passes": 1}, lambda c: CrissCrossBlock(c, 1)),
    "da, positions": ("da", {"channel": 0}, PositionAttention),
    "da, channels": ("da", {"position": 0}, ChannelAttention),
}
SIZES = [(32, 8, 8), (48, 7, 9), (16, 1, 5)]


def closed(formula, settings):
    """A closed form of the registry at those of the settings that it depends on."""
    return formula(**{word: value for word, value in settings.items() if word in formula.words})


@pytest.mark.parametrize(("channels", "height", "width"), SIZES)
@pytest.mark.parametrize("name", FORMS)
def test_costs_are_those_of_the_registry(name, channels, height, width):
    """Parameters and multiply-adds exactly; pooling and rescaling where the registry has them."""
    key, settings, build = FORMS[name]
    settings = settings | {"channels": channels, "height": height, "width": width}
    record, costs = mechanism(key), count(build(channels), (channels, height, width))
    assert costs.parameters == closed(record.parameters, settings)
    assert costs.multiply_adds == closed(record.multiply_adds, settings)
    for cost in ("pooling", "rescale"):
        if getattr(record, cost):
            assert getattr(costs, cost) == closed(getattr(record, cost), settings)


@pytest.mark.parametrize("pool", ["after", "before"])
def test_sub_sampled_keys_save_pairs_and_pooled_maps_projections(pool):
    """With fewer keys the closed form holds; pooling before projects keys and values for fewer."""
    c, d, n, keys = 32, 16, 7 * 9, 3 * 4
    form = mechanism("nonlocal").multiply_adds(channels=c, height=7, width=9, keys=keys)
    saved = 0 if pool == "after" else 2 * c * d * (n - keys)
    assert count(NonLocalBlock(c, pool=pool), (c, 7, 9)).multiply_adds == form - saved


@pytest.mark.parametrize(
    ("mode", "shape", "difference"),
    [
        # q and k are x itself, of width C = 32 and not d = 16, and are not projected
        ("gaussian", (32, 7, 9), 63 * 63 * (32 - 16) - 2 * 32 * 16 * 63),
        # (v k^T) q in place of v (k^T q): two products with d x d numbers, no map of pairs
        ("dot_product", (32, 7, 9), 2 * 63 * 16 * 16 - 2 * 16 * 63 * 63),
        ("dot_product", (32, 2, 3), 0),  # on a small map the pairs are fewer
        # w_f once with each query and once with each key; the sums of pairs are no products
        ("concatenation", (32, 7, 9), 2 * 16 * 63 - 16 * 63 * 63),
    ],
)
def test_other_forms_of_non_local_differ_from_the_registry_as_they_should(mode, shape, difference):
    channels, height, width = shape
    settings = {"channels": channels, "height": height, "width": width}
    settings |= {"embed": mode != "gaussian", "concat": mode == "concatenation"}
    record, costs = mechanism("nonlocal"), count(NonLocalBlock(channels, mode=mode), shape)
    assert costs.parameters == closed(record.parameters, settings)
    assert costs.multiply_adds - closed(record.multiply_adds, settings) == difference


def test_position_attention_on_wide_zeros_costs_what_the_zeros_cost():
    """The fused kernel of a CPU takes one width: logits cost C a pair, not C // 8."""
    block, shape = PositionAttention(16), (16, 34, 33)
    padding = (34 * 33) ** 2 * (16 - 2)
    counted = [count(block, shape, device=device).multiply_adds for device in ("cpu", "meta")]
    assert counted[0] - counted[1] == padding


def test_kernel_sizes():
    known = {1: 1, 8: 3, 16: 3, 32: 3, 64: 3, 128: 5, 256: 5, 512: 5, 1024: 5, 2048: 7}
    assert {channels: kernel_size(channels) for channels in known} == known
    for channels in range(1, 5000):  # the nearest odd number, the larger of two
        exact = (math.log2(channels) + 1) / 2
        odd = min(range(1, 16, 2), key=lambda k, exact=exact: (abs(k - exact), -k))
        assert kernel_size(channels) == odd
    wide = [ECABlock(c, least=3).conv.kernel_size for c in (1, 2, 4, 8, 128)]
    assert wide == [(3,), (3,), (3,), (3,), (5,)]


BY_HAND = {256: 3, 512: 5, 1024: 5, 2048: 7}


@pytest.mark.parametrize(
    ("block", "stages", "added"),
    [
        (lambda c: ECABlock(c, BY_HAND[c]), (2, 3, 4, 5), 80),
        (ECABlock, (2, 3, 4, 5), 86),
        (lambda c: ECABlock(c, 3), (2, 3, 4, 5), 48),
        (CBAM, (2, 3, 4, 5), 2_532_592),
        (lambda c: CBAM(c, channel={"bias": False}), (2, 3, 4, 5), 2_516_544),
        (
            lambda c: CBAM(c, channel={"bias": False}, spatial={"norm": False}),
            (2, 3, 4, 5),
            2_516_512,
        ),
        (GCBlock, (3, 4, 5), 2_521_741),
        (lambda c: GCBlock(c, 4), (3, 4, 5), 10_000_909),
        (GCBlock, (2, 3, 4, 5), 2_548_000),
    ],
)
def test_what_resnet_50_gains(block, stages, added):
    with torch.device("meta"):
        assert parameters(ResNet50(block, stages=stages)) - 25_557_032 == added


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda: [NonLocalBlock(1024)], 2_101_760),
        (lambda: [NonLocalBlock(c) for c in (512, 512, 1024, 1024, 1024)], 7_358_464),
        (lambda: [NonLocalBlock(c) for c in [512] * 4 + [1024] * 6], 14_716_928),
        (lambda: [SNLBlock(1024)], 1_050_625),
        (lambda: [GCBlock(1024)], 133_313),
        (lambda: [CrissCrossBlock(512)], 328_321),
        (lambda: [PositionAttention(512)], 328_321),
        (lambda: [ChannelAttention(64)], 1),
    ],
)
def test_parameters_of_single_blocks(build, expected):
    with torch.device("meta"):
        assert sum(parameters(block) for block in build()) == expected


def test_multiply_adds_in_resnet_50():
    with torch.device("meta"):
        assert count(NonLocalBlock(1024), (1024, 14, 14)).multiply_adds == 450_379_776
        assert count(GCBlock(1024), (1024, 14, 14)).multiply_adds == 532_480
        eca = [blocks * count(ECABlock(channels, BY_HAND[channels]), (channels, side, side))
               .multiply_adds for channels, blocks, side in STAGES.values()]  # fmt: skip
        space = [blocks * count(CBAM(channels, gates=("spatial",)), (channels, side, side))
                 .multiply_adds for channels, blocks, side in STAGES.values()]  # fmt: skip
    assert sum(eca) == 86_272
    assert sum(space) == 1_358_966


def coexisting(batch, channels, height, width, passes=1):
    """Bytes of x, q, k, v, logits, weights and output; a second pass also keeps the first's x."""
    numbers = 3 * channels + 2 * (channels // 8) + 2 * (height + width)
    return 4 * batch * height * width * (numbers + channels * (passes - 1))


@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize(
    "shape", [(2, 64, 32, 32), (4, 32, 12, 20), (1, 512, 16, 16), (1, 512, 97, 97)], ids=str
)
def test_memory_of_criss_cross(shape, passes):
    """Without gradients within 1.5 times of what must coexist, in training within 3 times."""
    block, x = CrissCrossBlock(shape[1], passes), torch.zeros(shape, device="meta")
    assert peak_bytes(block, x) <= 1.5 * coexisting(*shape, passes)
    assert peak_bytes(block, x, train=True) <= 3 * coexisting(*shape, passes)


@pytest.mark.parametrize("block", [NonLocalBlock(32), PositionAttention(32)], ids=["nl", "pam"])
def test_fused_attention_never_holds_the_map_of_pairs(block):
    """Four times the positions, about four times the memory; the map alone would take 16."""
    small, large = (peak_bytes(block, torch.zeros(1, 32, n, n)) for n in (36, 72))
    assert large < 5 * small
    assert large < 4 * 72**4
