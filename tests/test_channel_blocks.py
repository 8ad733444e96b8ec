"""The zoo's gates for channels: against loops, their laws, symmetries, costs and messages."""

from pathlib import Path

import channel_oracles as oracle
import pytest
import torch
from block_laws import agrees, keeps_laws, randomised
from golden_cases import read_arrays, read_manifest
from golden_channels import fca
from torch import nn
from torch.testing import assert_close

from solutions.fca import FcaBlock, basis, listed
from solutions.ge import GEBlock
from solutions.gsop import GSoPBlock, GSoPPositions, covariance
from solutions.nam import NAMBlock, NAMPositions, penalty
from solutions.se import SEBlock
from solutions.sk import SKBlock
from solutions.spa import SPABlock, grid_means

GOLDEN = Path(__file__).parent / "golden"
CASES = [case for case in read_manifest(GOLDEN) if case["mechanism"] == "fca"]
WAVES = [(0, 0), (2, 1), (1, 0)]


def waves(block, x):
    return oracle.fca(block, x, [pair for pair in WAVES for _ in range(2)])


# Blocks for maps of 6 channels, and the loops that say what they compute.
BLOCKS = {
    "sk": (lambda: SKBlock(6, groups=2, hidden=3), oracle.sk),
    "sk-three": (lambda: SKBlock(6, 3, groups=3, hidden=2), oracle.sk),
    "sk-whole": (lambda: SKBlock(6, groups=6, hidden=3, dilated=False), oracle.sk),
    "ge-minus": (lambda: GEBlock(6), oracle.ge),
    "ge-minus-2": (lambda: GEBlock(6, 2), oracle.ge),
    "ge-minus-4": (lambda: GEBlock(6, 4), oracle.ge),
    "ge-theta-2": (lambda: GEBlock(6, 2, "theta"), oracle.ge),
    "ge-plus-4": (lambda: GEBlock(6, 4, "plus", reduction=3), oracle.ge),
    "ge-plus-library": (lambda: GEBlock(6, 2, "plus", hidden=1, relu=False), oracle.ge),
    "spa": (lambda: SPABlock(6, 2), oracle.spa),
    "spa-source": (lambda: SPABlock(6, 3, (1, 3), source=6), oracle.spa),
    "fca": (lambda: FcaBlock(6, (3, 4), 2, WAVES), waves),
    "gsop": (lambda: GSoPBlock(6, 3), oracle.gsop),
    "gsop-step-1": (lambda: GSoPBlock(6, 2, 1), oracle.gsop),
    "gsop-positions": (lambda: GSoPPositions(6, 3, (2, 2)), oracle.gsop_positions),
    "gsop-positions-paper": (
        lambda: GSoPPositions(6, 3, (2, 3), centred="paper"),
        oracle.gsop_positions,
    ),
    "nam": (lambda: NAMBlock(6), oracle.nam),
    "nam-through": (lambda: NAMBlock(6, detach=False), oracle.nam),
}
# Blocks whose weights are made for one map, here of 3 x 5.
FIXED = {
    "ge-theta": (lambda: GEBlock(6, None, "theta", (3, 5)), oracle.ge),
    "ge-plus": (lambda: GEBlock(6, None, "plus", (3, 5), 2), oracle.ge),
    "nam-positions": (lambda: NAMPositions((3, 5)), oracle.nam_positions),
}


@pytest.fixture(autouse=True)
def double():
    """Cosines are rounded to the default dtype when a block is built."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def random(name: str) -> nn.Module:
    return randomised((BLOCKS | FIXED)[name][0](), len(name))


@pytest.mark.parametrize("name", BLOCKS | FIXED)
def test_block_is_what_the_loops_say(name):
    agrees(random(name), (BLOCKS | FIXED)[name][1], (2, 6, 3, 5))


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("size", [(1, 1), (7, 1), (8, 4)], ids=str)
def test_laws(name, size):
    keeps_laws(random(name), (3, 6, *size), gives=(3, 6, *size))


@pytest.mark.parametrize("name", FIXED)
def test_laws_of_blocks_for_one_map(name):
    keeps_laws(random(name), (3, 6, 3, 5), gives=(3, 6, 3, 5))


def test_shares_of_kernels_are_one_in_sum():
    block, x = random("sk-three"), torch.randn(2, 6, 4, 5)
    shares = block.shares(block.split(x))
    assert shares.shape == (2, 3, 6)
    assert_close(shares.sum(dim=1), torch.ones(2, 6))


def test_gather_excite_of_the_whole_map_with_two_layers_is_squeeze_and_excitation():
    se, block = SEBlock(6, 2, bias=True), GEBlock(6, None, "plus", (1, 1), 2, relu=False)
    block.gather = nn.Identity()  # θ- in the place of the weighted gather
    for own, other in ((block.reduce, se.reduce), (block.expand, se.expand)):
        own.weight.data.copy_(other.weight[..., None, None])
        own.bias.data.copy_(other.bias)
    x = torch.randn(2, 6, 4, 5)
    block.context = lambda x: x.mean(dim=(2, 3), keepdim=True)
    assert_close(block(x), se(x))


def test_a_pyramid_of_one_field_is_squeeze_and_excitation():
    se, block = SEBlock(6, 2), SPABlock(6, 2, (1,))
    block.load_state_dict(se.state_dict())
    x = torch.randn(2, 6, 4, 5)
    assert_close(block(x), se(x))
    onto = torch.randn(2, 6, 2, 2)
    assert_close(block(x, onto), onto * block.gates(x))


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (4, 4), (7, 7)], ids=str)
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (8, 8), (9, 14)], ids=str)
def test_means_on_a_grid_are_those_of_the_adaptive_pool(shape, size):
    x = torch.randn(2, 3, *shape)
    assert_close(grid_means(x, size), nn.functional.adaptive_avg_pool2d(x, size))


def test_cosines_are_orthonormal_and_the_lowest_is_the_mean():
    everything = [(u, v) for u in range(4) for v in range(5)]
    waves = basis(everything, (4, 5)).flatten(1)
    assert_close(waves @ waves.T, torch.eye(20))
    block, x = FcaBlock(32, reduction=4, frequencies="top1"), torch.randn(2, 32, 7, 7)
    assert_close(block.squeeze(x), 7 * x.mean(dim=(2, 3)))
    se = SEBlock(32, hidden=8)
    se.reduce.weight.data.copy_(7 * block.reduce.weight)
    se.expand.weight.data.copy_(block.expand.weight)
    assert_close(block(x), se(x))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_cosines_are_those_of_the_golden_cases(case):
    """A golden test loads them with the weights, so that the block's own need a look."""
    expected = torch.from_numpy(read_arrays(GOLDEN, case)["b.dct"])
    assert_close(fca(case).module.dct, expected)


@pytest.mark.parametrize("order", ["top", "low", "bot"])
def test_orders_of_frequencies_are_pairs_of_the_grid(order):
    pairs = listed(f"{order}32")
    assert len(set(pairs)) == 32
    assert all(0 <= side < 7 for pair in pairs for side in pair)
    assert listed(f"{order}4") == pairs[:4]


def test_frequencies_grow_with_the_grid():
    wave = FcaBlock(6, (14, 21), 2, "top3").dct[4]  # the third pair of 7x7 is (6, 0)
    assert_close(wave, basis([(12, 0)], (14, 21))[0])


def test_covariance_is_that_of_the_positions():
    x = torch.randn(2, 4, 9)
    expected = torch.stack([torch.cov(image, correction=0) for image in x])
    assert_close(covariance(x), expected)
    wrong = GSoPPositions(6, 3, (2, 2)).count, GSoPPositions(6, 3, (2, 2), centred="paper").count
    assert wrong == (4, 3)


def test_gradient_of_the_weights_of_nam_stops_where_the_code_stops_it():
    x = torch.randn(2, 6, 3, 4)
    found = {}
    for detach in (True, False):
        block = randomised(NAMBlock(6, detach=detach))
        block(x).sum().backward()
        found[detach] = block.bn.weight.grad
    assert not torch.allclose(found[True], found[False])


def test_penalty_drives_scales_to_zero():
    model = nn.Sequential(NAMBlock(6), NAMPositions((2, 2)), nn.BatchNorm2d(6))
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.weight.data.uniform_(-1, 1)
    cost = penalty(model, 0.1)
    own = torch.cat([model[0].bn.weight, model[1].inner.bn.weight])
    assert_close(cost, 0.1 * own.abs().sum())
    cost.backward()
    assert_close(model[0].bn.weight.grad, 0.1 * model[0].bn.weight.sign())
    assert model[2].weight.grad is None


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: SKBlock(6), "channels=6, groups=32.*a number of groups that divides 6"),
        (lambda: GEBlock(6, 3, "theta"), "extent 3 is no power of 2; choose 2, 4, 8"),
        (lambda: GEBlock(6, form="theta"), "weights for the whole map need its size"),
        (lambda: GEBlock(6, form="mean"), "no form 'mean'; choose of minus, theta, plus"),
        (lambda: FIXED["ge-theta"][0]()(torch.zeros(1, 6, 3, 4)), "got a map of .3, 4.: its"),
        (lambda: SPABlock(6), "channels=6, reduction=16.*choose a reduction of at most 6"),
        (lambda: FcaBlock(16, (4, 8)), "'top16' belongs to grids of at least 7x7, not 4x8"),
        (lambda: FcaBlock(6, (3, 3), 2, [(0, 3)]), r"a grid \(3, 3\) has no frequency \(0, 3\)"),
        (lambda: FcaBlock(6, reduction=2, frequencies="top4"), "4 frequencies would not have equ"),
        (lambda: FcaBlock(64, frequencies="high8"), "no frequencies 'high8'; choose top, low or"),
        (lambda: GSoPPositions(6, centred=True), "centred is True; choose 'code' or 'paper'"),
        (lambda: NAMPositions((2, 3))(torch.zeros(1, 6, 3, 2)), "got a map of .3, 2.: each posi"),
        (lambda: penalty(nn.BatchNorm2d(3)), "no NAMBlock whose scales it could drive to 0"),
    ],
)
def test_a_setting_that_is_none_says_which_are(build, words):
    with pytest.raises(ValueError, match=words):
        build()
