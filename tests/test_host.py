"""The host network: where the block sits, what the host sees, and that the slot changes nothing."""

import pytest
import torch
from torch import nn

from attnlab.host import PLACEMENTS, SHAPES, Host, UnknownPlacement
from attnlab.units import Inverted


def has(placement: str, shape: str) -> bool:
    """Whether a shape has the stage that a placement names."""
    return not placement.startswith("stage") or int(placement[5:]) <= len(SHAPES[shape].stages)


SLOTS = [(place, shape) for place in PLACEMENTS for shape in SHAPES if has(place, shape)]
IN_BENCH = [place for place in PLACEMENTS if has(place, "bench")]


class Spy(nn.Module):
    """A block that counts its calls and remembers the shape that came in."""

    made: list["Spy"]

    def __init__(self, channels):
        super().__init__()
        self.channels, self.seen = channels, []
        Spy.made.append(self)

    def forward(self, x):
        self.seen.append(tuple(x.shape))
        return x


@pytest.fixture(autouse=True)
def _fresh_spies():
    Spy.made = []


@pytest.mark.parametrize(("placement", "shape"), SLOTS)
def test_block_gets_its_channels_and_is_called_once(placement, shape):
    host = Host(Spy, placement, classes=5, width=8, shape=shape)
    assert host(torch.rand(2, 3, 32, 32)).shape == (2, 5)
    stages = SHAPES[shape].stages
    assert len(Spy.made) == (sum(s.blocks for s in stages) if placement == "every" else 1)
    assert all([s[1] for s in spy.seen] == [spy.channels] for spy in Spy.made)
    places = {f"stage{n}": stage.widen for n, stage in enumerate(stages, 1)}
    wanted = 8 * (places | {"last": stages[-1].widen}).get(placement, 1)
    assert Spy.made[0].channels == wanted


@pytest.mark.parametrize("placement", IN_BENCH)
def test_placement_is_where_its_sentence_says(placement):
    """A block that returns zeros leaves a trace that only its own place can leave."""
    torch.manual_seed(0)
    host = Host(lambda channels: Zero(), placement, width=8).eval()
    x = torch.rand(2, 3, 32, 32)
    stem = torch.relu(host.norm(host.stem(x)))
    first, second = host.stages[0](stem), host.stages[1]
    if placement in ("before-sum", "every"):
        assert torch.equal(first, torch.relu(host.stages[0][0].shortcut(stem)))
    elif placement == "after-sum":
        assert torch.equal(first, torch.zeros_like(first))
    elif placement == "stage1":
        assert torch.equal(host.after_stage1(first), torch.zeros_like(first))
        assert first.abs().sum() > 0
    elif placement == "stage2":
        assert torch.equal(host.features(x), torch.zeros_like(second(first)))
        assert first.abs().sum() > 0
    if placement in ("last", "every"):
        assert torch.equal(host.features(x), torch.relu(second[-1].shortcut(first)))


class Zero(nn.Module):
    def forward(self, x):
        return torch.zeros_like(x)


@pytest.mark.parametrize("placement", IN_BENCH)
def test_same_seed_gives_the_same_host_whatever_the_block(placement):
    def weights(block):
        torch.manual_seed(3)
        return Host(block, placement, width=8).state_dict()

    plain, filled = weights(None), weights(lambda c: nn.Conv2d(c, c, 1))
    assert all(torch.equal(plain[name], filled[name]) for name in plain)
    assert len(filled) > len(plain)


@pytest.mark.parametrize("shape", [name for name in SHAPES if SHAPES[name].enlarge == 1])
def test_reach_is_what_one_place_really_sees(shape):
    """The gradient of one place of the last map reaches exactly `reach` rows of the image."""
    torch.manual_seed(0)
    host = Host(width=4, shape=shape).double().eval()
    size = 96
    x = torch.rand(1, 3, size, size, dtype=torch.float64, requires_grad=True)
    maps = host.features(x)
    middle = maps.shape[-1] // 2
    (gradient,) = torch.autograd.grad(maps[..., middle, middle].sum(), x)
    rows = gradient.abs().sum((0, 1, 3)).nonzero()
    assert rows.max() - rows.min() + 1 == host.reach


def test_reach_of_resnet18_is_the_known_one():
    assert Host(width=4, shape="resnet18").reach == 435


@pytest.mark.parametrize("size", [12, 17, 32, 45])
def test_any_size_of_image(size):
    assert Host(width=4)(torch.rand(2, 3, size, size)).shape == (2, 4)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [29, 32, 34])
def test_dense_host_answers_for_every_pixel(shape, size):
    host = Host(width=4, classes=3, shape=shape, dense=True)
    assert host(torch.rand(2, 3, size, size)).shape == (2, 3, size, size)


def test_dense_logits_lie_over_the_pixels_they_are_for():
    """The first place of the last map gives the logits of the first `stride` rows and columns."""
    host = Host(width=4, classes=2, dense=True).eval()
    nn.init.zeros_(host.head.weight)
    nn.init.zeros_(host.head.bias)
    maps = host.features(torch.rand(1, 3, 32, 32))
    host.features = lambda x: torch.zeros_like(maps).index_fill_(2, torch.tensor([0]), 1)
    nn.init.ones_(host.head.weight)
    rows = host(torch.rand(1, 3, 32, 32)).sum((0, 1, 3)).nonzero().flatten()
    assert rows.tolist() == list(range(host.stride))


def test_unknown_placement_names_the_nearest():
    with pytest.raises(
        UnknownPlacement, match=r"no placement 'afer-sum'; did you mean 'after-sum'\?"
    ):
        Host(placement="afer-sum")
    with pytest.raises(
        UnknownPlacement, match="no placement 'xyz'; choose from stage1, stage2"
    ):
        Host(placement="xyz")


def test_a_stage_that_a_host_does_not_have_is_named():
    with pytest.raises(
        UnknownPlacement, match="no placement 'stage3' in a host of 2 stages; choose stage2 or an"
    ):
        Host(Spy, "stage3")


def test_resnet18_has_the_parameters_of_the_paper():
    """ResNet-18 for 10 classes: 11,689,512 for 1000 classes, less 990 rows of the last layer."""
    assert sum(p.numel() for p in Host(width=64, shape="resnet18", classes=10).parameters()) == (
        11_689_512 - 990 * 513
    )


def test_an_inverted_unit_is_wide_inside_and_sums_only_what_fits():
    unit = Inverted(4, 4, 1, (3,)).eval()
    nn.init.zeros_(unit.norm3.weight)
    x = torch.randn(2, 4, 6, 5)
    assert torch.equal(unit(x), x)
    assert unit.depthwise.groups == unit.depthwise.in_channels == 16
    other = Inverted(4, 8, 2, (3,)).eval()
    assert other(x).shape == (2, 8, 3, 3)
    nn.init.zeros_(other.norm3.weight)
    assert other(x).abs().max() == 0


def test_widths_set_each_stage():
    host = Host(widths=(5, 9, 12), shape="cifar", classes=10)
    assert [stage[-1].channels for stage in host.stages] == [5, 9, 12]
    assert host.stem.out_channels == 5
    assert host(torch.rand(2, 3, 32, 32)).shape == (2, 10)
    torch.manual_seed(0)
    plain = Host(width=8).state_dict()
    torch.manual_seed(0)
    same = Host(widths=(8, 16)).state_dict()
    assert all(torch.equal(plain[name], same[name]) for name in plain)


def test_wrong_number_of_widths_is_named():
    with pytest.raises(ValueError, match=r"a width for each of the 2 stages .*, got \(1, 2, 3\)"):
        Host(widths=(1, 2, 3))
