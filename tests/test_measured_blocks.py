"""Blocks that only grids use: one choice away from the taught ones, or as an article has them."""

import pytest
import torch
import torch.nn.functional as F
from block_laws import agrees, keeps_laws, randomised
from torch import nn
from torch.testing import assert_close

from attnlab.host import Host
from attnlab.profiles import PROFILES
from attnlab.questions import draw
from attnlab.steps import losses, supervised
from solutions.ablations import (
    AwakeNonLocal,
    Harmonious,
    NonLocalBlock,
    ParallelCBAM,
    RegionContext,
    SelfAttention,
)
from solutions.article import WildNonLocal
from solutions.hacnn import SoftBlock

X = torch.randn(3, 6, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def wild(block: WildNonLocal, x: torch.Tensor) -> torch.Tensor:
    """The article's steps, image by image and channel by channel."""
    theta, phi, g = (layer(x).flatten(2) for layer in (block.theta, block.phi, block.g))
    mixed = torch.zeros_like(g)
    for image in range(len(x)):
        for i in range(g.shape[1]):
            row = torch.stack([(theta[image, i] * other).sum() for other in phi[image]])
            row = row / g.shape[2] if block.mode == "dot_product" else row.exp() / row.exp().sum()
            mixed[image, i] = sum(w * value for w, value in zip(row, g[image], strict=True))
    return x + block.bn(block.out(mixed.unflatten(2, x.shape[2:])))


def parallel(block: ParallelCBAM, x: torch.Tensor) -> torch.Tensor:
    channels, positions = block.channel(x), block.spatial(x)
    y = x.clone()
    for image, channel in ((b, c) for b in range(len(x)) for c in range(x.shape[1])):
        y[image, channel] = x[image, channel] * channels[image, channel] * positions[image, 0]
    return y


BLOCKS = {
    "parallel": (lambda: ParallelCBAM(6, 2, 3), parallel),
    **{
        f"wild {mode} {halved}": (lambda m=mode, h=halved: WildNonLocal(6, m, halved=h), wild)
        for mode, halved in (
            ("gaussian", False), ("dot_product", True), ("embedded_gaussian", True),
            ("embedded_gaussian", False),
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCKS)
def test_block_is_what_the_loops_say(name):
    build, loops = BLOCKS[name]
    agrees(randomised(build(), 1), loops, (2, 6, 2, 3))
    keeps_laws(randomised(build(), 2), (3, 6, 4, 5), gives=(3, 6, 4, 5))


def test_the_articles_block_has_the_articles_size_and_a_map_of_channels():
    block = WildNonLocal(256, "embedded_gaussian", awake=False)
    assert sum(p.numel() for p in block.parameters()) == 132_224
    assert WildNonLocal(6, "dot_product").double().affinity(X).shape == (3, 3, 3)
    assert torch.equal(WildNonLocal(6, "dot_product", awake=False).double()(X), X)
    assert not torch.equal(WildNonLocal(6, "dot_product").double()(X), X)


def test_what_the_article_cannot_build_is_named():
    with pytest.raises(ValueError, match="no mode 'dot'; choose of gaussian"):
        WildNonLocal(6, "dot")
    with pytest.raises(ValueError, match="compares x itself; give halved=False"):
        WildNonLocal(6, "gaussian")


def test_an_awake_block_differs_from_the_taught_one_by_its_first_scale_only():
    torch.manual_seed(0)
    taught, awake = NonLocalBlock(6).double(), AwakeNonLocal(6).double()
    awake.load_state_dict(taught.state_dict() | {"bn.weight": awake.bn.weight})
    assert torch.equal(taught(X), X)
    assert not torch.allclose(awake(X), X)
    nn.init.zeros_(awake.bn.weight)
    assert torch.equal(awake(X), X)


def test_self_attention_is_torchs_over_the_places():
    block = SelfAttention(6, heads=2).double()
    assert torch.equal(block(X), X)
    for parameter in block.attention.out.parameters():
        nn.init.normal_(parameter)
    theirs = nn.MultiheadAttention(6, 2, batch_first=True).double()
    theirs.load_state_dict({
        "in_proj_weight": block.attention.in_proj.weight,
        "in_proj_bias": block.attention.in_proj.bias,
        "out_proj.weight": block.attention.out.weight,
        "out_proj.bias": block.attention.out.bias,
    })  # fmt: skip
    places = X.flatten(2).mT
    expected = X + theirs(places, places, places)[0].mT.view_as(X)
    assert_close(block(X), expected, rtol=1e-12, atol=1e-12)


def test_harmonious_is_soft_gates_and_what_regions_show_everywhere():
    torch.manual_seed(0)
    both, soft = Harmonious(6).double().eval(), SoftBlock(6, 2).double().eval()
    soft.attention.load_state_dict(both.soft.state_dict())
    added = both(X) - soft(X)
    assert_close(added, added.mean(dim=(2, 3), keepdim=True).expand_as(added))
    assert added.abs().max() > 0
    alone = Harmonious(6, soft=False).double().eval()
    alone.load_state_dict(both.state_dict(), strict=False)
    assert_close(alone(X), X + added)
    assert sorted({name.partition(".")[0] for name in alone.state_dict()}) == ["hard", "local"]
    with pytest.raises(ValueError, match="neither soft nor hard"):
        Harmonious(6, soft=False, hard=False)


def test_coarse_regions_are_trained_by_the_loss_that_the_loop_adds():
    batch = draw("mark", 8, 0)
    torch.manual_seed(0)
    host = Host(lambda c: RegionContext(c, 3, 4), dense=True, classes=3)
    (block,) = supervised(host)
    loss = losses(host, batch.images, batch.labels, PROFILES["tiny"])
    own = F.cross_entropy(host(batch.images), batch.labels)
    small = batch.labels[:, 2::4, 2::4]
    coarse = F.cross_entropy(block.logits, small)
    assert_close(loss, own + 0.4 * coarse)
    assert small.shape == block.logits.shape[:1] + block.logits.shape[2:]
    (gradient,) = torch.autograd.grad(block.extra_loss(batch.labels), block.coarse.weight)
    assert gradient.abs().max() > 0
    assert supervised(Host(dense=True, classes=3)) == []
