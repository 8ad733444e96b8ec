"""The core blocks: against loops, in value and gradient; their laws; what they are at birth."""

import importlib

import block_oracles as oracle
import pytest
import torch
from block_laws import agrees, gradients, keeps_laws, randomised
from torch import nn
from torch.testing import assert_close

from solutions.cbam import CBAM
from solutions.cc import CrissCrossBlock, CrissCrossHead
from solutions.da import ChannelAttention, DAHead, PositionAttention
from solutions.eca import ECABlock
from solutions.gc import GCBlock, SNLBlock
from solutions.se import SEBlock

nonlocal_ = importlib.import_module("solutions.nonlocal")
NonLocalBlock = nonlocal_.NonLocalBlock
MODES = NonLocalBlock.MODES

# Blocks for maps of 6 channels, and the loops that say what they compute.
BLOCKS = {
    "se": (lambda: SEBlock(6, 2), oracle.se),
    "se-bias": (lambda: SEBlock(6, 3, bias=True), oracle.se),
    "eca": (lambda: ECABlock(6), oracle.eca),
    "eca-k5": (lambda: ECABlock(6, 5, bias=True), oracle.eca),
    "eca-ring": (lambda: ECABlock(6, 5, padding="circular"), oracle.eca),
    "eca-own": (lambda: ECABlock(6, 3, shared=False), oracle.eca),
    "eca-own-ring": (lambda: ECABlock(6, 7, shared=False, padding="circular"), oracle.eca),
    "cbam": (lambda: CBAM(6, 2), oracle.cbam),
    "cbam-paper": (
        lambda: CBAM(6, 2, spatial={"maps": ("avg", "max"), "norm": False, "bias": True}),
        oracle.cbam,
    ),
    "cbam-pools": (
        lambda: CBAM(6, 3, channel={"pools": ("lp", "lse", "avg"), "bias": False}),
        oracle.cbam,
    ),
    "cbam-light": (
        lambda: CBAM(6, 2, channel={"pools": ("avg+max",)}, spatial={"maps": ("avg+max",)}),
        oracle.cbam,
    ),
    "cbam-channel": (lambda: CBAM(6, 2, gates=("channel",)), oracle.cbam),
    "cbam-space": (lambda: CBAM(6, gates=("spatial",), spatial={"kernel": 3}), oracle.cbam),
    "cbam-turned": (lambda: CBAM(6, 2, gates=("spatial", "channel")), oracle.cbam),
    **{
        f"nonlocal-{mode}-{pool}": (
            lambda mode=mode, pool=pool: NonLocalBlock(6, mode=mode, pool=pool),
            oracle.non_local,
        )
        for mode in MODES
        for pool in (None, "after", "before")
    },
    "nonlocal-scaled": (lambda: NonLocalBlock(6, inner=6, scale="d^-1/2"), oracle.non_local),
    "nonlocal-bare": (lambda: NonLocalBlock(6, inner=1, norm=False, bias=False), oracle.non_local),
    **{
        f"gc-{pooling}-{fusion}": (
            lambda pooling=pooling, fusion=fusion: GCBlock(6, 2, pooling=pooling, fusion=fusion),
            oracle.gc,
        )
        for pooling in ("att", "avg")
        for fusion in ("add", "mul", "both")
    },
    "snl": (lambda: SNLBlock(6), oracle.snl),
    "cc-once": (lambda: CrissCrossBlock(6, 1), oracle.cc),
    "cc": (lambda: CrissCrossBlock(6, inner=2), oracle.cc),
    "pam": (lambda: PositionAttention(6, 3), oracle.pam),
    "cam": (lambda: ChannelAttention(6), oracle.cam),
    "cam-paper": (lambda: ChannelAttention(6, sign=1), oracle.cam),
}
IDENTITIES = [
    *(name for name in BLOCKS if name.startswith(("nonlocal", "cc", "pam", "cam", "snl"))),
    *(f"gc-{pooling}-add" for pooling in ("att", "avg")),
]
HALVES = [f"gc-{pooling}-{fusion}" for pooling in ("att", "avg") for fusion in ("mul", "both")]


def random(name: str) -> nn.Module:
    return randomised(BLOCKS[name][0](), len(name))


@pytest.mark.parametrize("shape", [(2, 6, 3, 5), (1, 6, 4, 2)], ids=str)
@pytest.mark.parametrize("name", BLOCKS)
def test_block_is_what_the_loops_say(name, shape):
    agrees(random(name), BLOCKS[name][1], shape)


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (7, 1), (9, 4)], ids=str)
def test_laws(name, size):
    keeps_laws(random(name), (3, 6, *size), gives=(3, 6, *size))


@pytest.mark.parametrize("name", IDENTITIES)
def test_identity_at_birth(name):
    x = torch.randn(2, 6, 5, 4)
    assert torch.equal(BLOCKS[name][0]().train()(x), x)


@pytest.mark.parametrize("name", HALVES)
def test_half_at_birth(name):
    x = torch.randn(2, 6, 5, 4)
    assert torch.equal(BLOCKS[name][0]()(x), x / 2)


@pytest.mark.parametrize("mode", ["gaussian", "embedded_gaussian"])
@pytest.mark.parametrize("inner", [2, 6, 8])
def test_fused_non_local_is_the_written_one(mode, inner, monkeypatch):
    block = NonLocalBlock(6, mode=mode, inner=inner, norm=False).double()
    block.out.weight.data.normal_()
    compare_paths(block, NonLocalBlock, monkeypatch)


def test_fused_position_attention_is_the_written_one(monkeypatch):
    block = PositionAttention(6, 3).double()
    block.gamma.data.fill_(0.7)
    compare_paths(block, PositionAttention, monkeypatch)


def compare_paths(block, holder, monkeypatch):
    """The fused path against the written one; `holder` has the size at which they change over."""
    x = torch.randn(2, 6, 5, 3, dtype=torch.float64, requires_grad=True)
    cotangent, leaves = torch.randn_like(x), (x, *block.parameters())
    written = block(x)
    called = []
    fused = torch.nn.functional.scaled_dot_product_attention
    monkeypatch.setattr(holder, "WRITTEN_OUT", 0)
    functional = torch.nn.functional
    monkeypatch.setattr(
        functional, "scaled_dot_product_attention",
        lambda *a, **k: called.append(1) or fused(*a, **k),
    )  # fmt: skip
    found = block(x)
    assert called == [1]
    assert_close(found, written, rtol=1e-10, atol=1e-10)
    expected = gradients(written, cotangent, *leaves)
    assert_close(gradients(found, cotangent, *leaves), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pool", [None, "after", "before"])
def test_a_map_is_a_film_of_one_picture(mode, pool):
    block = NonLocalBlock(6, mode=mode, pool=pool, norm=False).double()
    block.out.weight.data.normal_()
    x = torch.randn(2, 6, 5, 4, dtype=torch.float64)
    assert_close(block(x[:, :, None])[:, :, 0], block(x))
    film = torch.randn(2, 6, 3, 5, 4, dtype=torch.float64)
    row = torch.randn(2, 6, 7, dtype=torch.float64)
    assert block(film).shape == film.shape
    assert block(row).shape == row.shape


def test_attention_maps_sum_to_one():
    x = torch.randn(2, 6, 5, 4, dtype=torch.float64)
    maps = [random("nonlocal-scaled").attention(x), random("cc").attention(x)]
    maps += [random("pam").attention(x), random("cam").attention(x)]
    shared = random("snl").mask(x).flatten(2).softmax(2)
    for found in (*maps, shared):
        assert_close(found.sum(-1), torch.ones_like(found[..., 0]))
    own = torch.arange(5)
    assert maps[1][:, own, :, own].eq(0).all()  # a position's own place in its column


@pytest.mark.parametrize(("passes", "reached"), [(0, 1), (1, 5 + 6 - 1), (2, 5 * 6)])
def test_how_far_criss_cross_sees(passes, reached):
    block = CrissCrossBlock(6, passes, inner=2)
    block.gamma.data.fill_(1.0)
    x = torch.randn(1, 6, 5, 6, requires_grad=True)
    block(x)[0, :, 2, 3].sum().backward()
    assert x.grad.abs().sum(dim=(0, 1)).count_nonzero() == reached


def test_heads_give_a_logit_for_each_class_and_pixel():
    x = torch.randn(2, 32, 5, 7)
    assert CrissCrossHead(32, 3, outputs=8)(x).shape == (2, 3, 5, 7)
    head = DAHead(32, 3, auxiliary=True).eval()
    branches = head.branches(x)
    assert {name: y.shape for name, y in branches.items()} == dict.fromkeys(
        ("sum", "pam", "cam"), (2, 3, 5, 7)
    )
    assert torch.equal(head(x), branches["sum"])


def test_defaults_are_those_that_each_file_says_it_follows():
    spatial, channel = CBAM(8, 2).spatial, CBAM(8, 2).channel
    assert (spatial.maps, spatial.bn.momentum) == (("max", "avg"), 0.01)
    assert (channel.pools, channel.reduce.bias is None) == (("avg", "max"), False)
    nl = NonLocalBlock(8)
    assert (nl.mode, nl.scale, nl.sampling) == ("embedded_gaussian", 1.0, None)
    gc = GCBlock(16)
    assert [gc.mask is None, gc.add is None, gc.mul is None] == [False, False, True]
    assert (ChannelAttention(8).sign, DAHead(32, 3).cam.sign) == (-1, -1)
    assert CrissCrossBlock(8).passes == 2


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: ECABlock(8, 4), "k = 4 has no middle; choose an odd kernel size"),
        (lambda: ECABlock(8, padding="same"), "no padding 'same'; choose 'zeros' or 'circular'"),
        (lambda: CBAM(8), "channels=8, reduction=16.*choose a reduction of at most 8"),
        (lambda: CBAM(16, gates=("space",)), "choose of 'channel' and 'spatial'"),
        (lambda: CBAM(16, spatial={"kernel": 4}), "kernel = 4 has no middle"),
        (lambda: CBAM(16, spatial={"maps": ("mean",)})(torch.zeros(1, 16, 2, 2)), "no map 'mean'"),
        (lambda: NonLocalBlock(8, mode="dot"), "no mode 'dot'; choose of gaussian"),
        (lambda: NonLocalBlock(8, pool=True), "pool is True; choose None, 'after' or 'before'"),
        (lambda: NonLocalBlock(8, mode="gaussian", scale=0.5), "mode 'gaussian' has no scale"),
        (lambda: GCBlock(16, pooling="max"), "no pooling 'max'; choose 'att' or 'avg'"),
        (lambda: GCBlock(16, fusion="sum"), "no fusion 'sum'; choose 'add', 'mul' or 'both'"),
        (lambda: GCBlock(8), "channels=8, reduction=16.*choose a reduction of at most 8"),
        (lambda: ChannelAttention(8, sign=0), "sign is 0; choose -1 .code. or 1 .paper."),
    ],
)
def test_a_setting_that_is_none_says_which_are(build, words):
    with pytest.raises(ValueError, match=words):
        build()
