"""The zoo's gates for positions: against loops, their laws, what they are at birth, messages."""

import pytest
import space_oracles as oracle
import torch
import torch.nn.functional as F
from block_laws import agrees, keeps_laws, randomised
from torch import nn
from torch.testing import assert_close

from solutions.bam import BAMBlock
from solutions.hacnn import HardAttention, SoftAttention, SoftBlock, SoftChannels, SoftPositions
from solutions.ra import RABlock, bilinear
from solutions.scse import SCSEBlock, SSEBlock
from solutions.se import SEBlock

# Blocks for maps of 6 channels, and the loops that say what they compute.
BLOCKS = {
    "bam": (lambda: BAMBlock(6, 2), oracle.bam),
    "bam-code": (lambda: BAMBlock(6, 3, 2, combine="mul"), oracle.bam),
    "sse": (lambda: SSEBlock(6), oracle.sse),
    "scse": (lambda: SCSEBlock(6), oracle.scse),
    "scse-code": (lambda: SCSEBlock(6, 3, combine="max"), oracle.scse),
    "ra": (lambda: RABlock(6), oracle.ra),
    "ra-naive": (lambda: RABlock(6, mixing="naive"), oracle.ra),
    "ra-port": (lambda: RABlock(6, port=True), oracle.ra),
    "hacnn": (lambda: SoftBlock(6, 3), oracle.soft),
    "hacnn-bare": (lambda: SoftBlock(6, 2, floor=False), oracle.soft),
}
REGIONS = {
    "hacnn-hard": (lambda: HardAttention(6, 3), oracle.hard),
    "hacnn-hard-edges": (lambda: HardAttention(6, 2, (0.5, 0.4), align_corners=False), oracle.hard),
}


def random(name: str) -> nn.Module:
    return randomised((BLOCKS | REGIONS)[name][0](), len(name))


@pytest.mark.parametrize("name", BLOCKS | REGIONS)
def test_block_is_what_the_loops_say(name):
    agrees(random(name), (BLOCKS | REGIONS)[name][1], (2, 6, 3, 5))


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("size", [(1, 1), (7, 1), (8, 4)], ids=str)
def test_laws(name, size):
    keeps_laws(random(name), (3, 6, *size), gives=(3, 6, *size))


@pytest.mark.parametrize("name", REGIONS)
@pytest.mark.parametrize("size", [(1, 1), (7, 1), (8, 4)], ids=str)
def test_laws_of_regions(name, size):
    block = random(name)
    parts = block.fc.out_features // 2
    keeps_laws(block, (3, 6, *size), gives=(3, parts, 6, *size))


@pytest.mark.parametrize("size", [(1, 1), (4, 7), (8, 8), (3, 2)], ids=str)
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (4, 4)], ids=str)
def test_stretching_is_interpolation_with_corners_on_corners(shape, size):
    x = torch.randn(2, 3, *shape, dtype=torch.float64)
    expected = F.interpolate(x, size, mode="bilinear", align_corners=True)
    assert_close(bilinear(x, size), expected)


@pytest.mark.parametrize("align_corners", [True, False])
def test_regions_are_those_of_a_spatial_transformer(align_corners):
    block = randomised(HardAttention(6, 3, (0.7, 0.3), align_corners=align_corners))
    x = torch.randn(2, 6, 5, 4, dtype=torch.float64)
    centres, regions = block.centres(x), block(x)
    for part in range(3):
        theta = torch.zeros(2, 2, 3, dtype=torch.float64)
        theta[:, 0, 0], theta[:, 1, 1] = block.scale
        theta[:, :, 2] = centres[:, part]
        grid = F.affine_grid(theta, list(x.shape), align_corners=align_corners)
        expected = F.grid_sample(x, grid, align_corners=align_corners)
        assert_close(regions[:, part], expected)


def test_regions_at_birth_lie_below_one_another():
    centres = HardAttention(6).centres(torch.randn(2, 6, 5, 4))
    rows = torch.tanh(torch.tensor([-0.75, -0.25, 0.25, 0.75]))
    assert_close(centres, torch.stack([torch.zeros(4), rows], dim=1).expand(2, -1, -1))


def test_the_released_soft_gates_have_a_floor():
    x = torch.randn(4, 6, 5, 4, dtype=torch.float64)
    with_floor, bare = (randomised(SoftAttention(6, 3, floor=floor))(x) for floor in (True, False))
    assert with_floor.min() == 0.5
    assert bare.min() < 0.5
    assert SoftPositions().double()(x).shape == (4, 1, 5, 4)
    assert SoftChannels(6, 3).double()(x).shape == (4, 6, 1, 1)


@pytest.mark.parametrize("combine", ["add", "mul"])
def test_bottleneck_attention_never_shrinks_a_number(combine):
    x = torch.randn(2, 6, 5, 4, dtype=torch.float64)
    ratio = randomised(BAMBlock(6, 2, combine=combine))(x) / x
    assert (ratio.min() > 1, ratio.max() < 2) == (True, True)


def test_halves_of_concurrent_excitation():
    x, block = torch.randn(2, 6, 5, 4), SCSEBlock(6)
    assert_close(block(x), block.c(x) + block.s(x))
    assert isinstance(block.c, SEBlock)
    assert block.s.gates(x).shape == (2, 1, 5, 4)


def test_a_trunk_behind_ten_naive_masks_vanishes():
    """The reason for 1 + M: gates near one half, one after another."""
    x = torch.ones(1, 8, 4, 4, dtype=torch.float64)
    sizes = {}
    for mixing in ("naive", "residual"):
        y = x
        for _ in range(10):
            block = RABlock(8, mixing=mixing).double().eval()
            for name, value in block.named_parameters():
                if name.endswith(("conv3.weight", "conv2.weight")):
                    value.data.zero_()  # units are the identity, masks are one half
            y = block(y)
        sizes[mixing] = y.mean().item()
    assert sizes["naive"] == pytest.approx(0.5**10)
    assert sizes["residual"] == pytest.approx(1.5**10)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: BAMBlock(6), "channels=6, reduction=16.*choose a reduction of at most 6"),
        (lambda: BAMBlock(6, 2, combine="sum"), "combine is 'sum'; choose 'add' .paper. or 'mul'"),
        (lambda: SCSEBlock(6, combine="mul"), "combine is 'mul'; choose 'add' .paper. or 'max'"),
        (lambda: RABlock(3), "channels=3.: its units need at least 4 channels"),
        (lambda: RABlock(8, mixing="sum"), "mixing is 'sum'; choose 'residual' or 'naive'"),
        (lambda: SoftBlock(6), "channels=6, reduction=16.*choose a reduction of at most 6"),
    ],
)
def test_a_setting_that_is_none_says_which_are(build, words):
    with pytest.raises(ValueError, match=words):
        build()
