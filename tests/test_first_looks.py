"""Where it began: saliency maps and their scanpath, glimpses and the whole recurrent model."""

import itertools

import pytest
import torch
from test_block_costs import closed
from torch import nn
from torch.testing import assert_close

from attnlab.costs import count
from attnlab.mechanisms import mechanism
from solutions.itti import (
    Port,
    centre_surround,
    gabor,
    mirrored,
    promoted,
    pyramid,
    saliency,
    scanpath,
)
from solutions.ram import Locator, RecurrentAttention, glimpse, hybrid_loss


def looped_glimpse(image, where, side, scales, zoom):
    """Pixel by pixel: image (C, H, W), where (x, y)."""
    channels, height, width = image.shape
    left, top = int(0.5 * (where[0] + 1) * width), int(0.5 * (where[1] + 1) * height)
    seen = []
    for k in range(scales):
        fine = zoom**k
        wide = side * fine
        for c, i, j in itertools.product(range(channels), range(side), range(side)):
            total = 0.0
            for a, b in itertools.product(range(fine), range(fine)):
                row, column = top - wide // 2 + i * fine + a, left - wide // 2 + j * fine + b
                if 0 <= row < height and 0 <= column < width:
                    total += image[c, row, column].item()
            seen.append(total / fine**2)
    return torch.tensor(seen, dtype=image.dtype)


@pytest.mark.parametrize("settings", [(4, 3, 2), (3, 2, 2), (2, 2, 3)], ids=str)
def test_a_glimpse_is_what_the_loops_say(settings):
    torch.manual_seed(1)
    x = torch.randn(4, 2, 9, 12, dtype=torch.float64)
    where = torch.tensor([[0.0, 0.0], [-1.0, 1.0], [1.0, -0.3], [0.55, 0.9]], dtype=torch.float64)
    expected = [looped_glimpse(x[i], where[i].tolist(), *settings) for i in range(4)]
    assert_close(glimpse(x, where, *settings), torch.stack(expected))


def test_a_place_is_clamped_after_its_probability():
    torch.manual_seed(2)
    locator, state = Locator(3, std=2.0).double(), torch.randn(500, 3, dtype=torch.float64)
    place, chance = locator(state, torch.Generator().manual_seed(3))
    edge = place.abs() == 1
    assert edge.any()
    clamped = locator.log_probability(state, place)
    inside = ~edge.any(dim=1)
    assert_close(chance[inside], clamped[inside])
    assert (chance < clamped)[~inside].any()
    normal = torch.distributions.Normal(locator.centre(state), 2.0)
    assert_close(clamped, normal.log_prob(place).sum(1))


def test_who_learns_from_what():
    """The policy and the baseline give the memory no gradient; the answer gives the policy none."""
    torch.manual_seed(4)
    model, x = RecurrentAttention(3, side=4, hidden=8, glances=3), torch.randn(5, 1, 20, 16)
    log_classes, chances, baselines = model(x)
    assert (log_classes.shape, chances.shape, baselines.shape) == ((5, 3), (5, 3), (5, 3))
    assert_close(log_classes.exp().sum(1), torch.ones(5))

    def learns(y):
        found = torch.autograd.grad(y.sum(), list(model.parameters()), allow_unused=True,
                                    retain_graph=True)  # fmt: skip
        names = [name for name, _ in model.named_parameters()]
        return {n.split(".")[0] for n, g in zip(names, found, strict=True) if g is not None}

    assert learns(chances) == {"locate"}
    assert learns(baselines) == {"baseline"}
    assert learns(log_classes) == {"look", "core", "classify"}
    hybrid_loss(log_classes, chances, baselines, torch.tensor([0, 1, 2, 0, 1])).backward()
    assert all(p.grad is not None for p in model.parameters())


def test_the_reward_is_one_for_a_right_answer():
    log_classes = torch.tensor([[0.9, 0.1], [0.2, 0.8]]).log()
    chances, baselines = torch.tensor([[-1.0], [-2.0]]), torch.tensor([[0.5], [0.5]])
    found = hybrid_loss(log_classes, chances, baselines, torch.tensor([0, 0]))
    nll = -(torch.tensor([0.9, 0.2]).log().mean())
    policy = -((-1.0) * (1 - 0.5) + (-2.0) * (0 - 0.5)) / 2
    assert_close(found, nll + 0.25 + 0.01 * policy)


class Saliency(nn.Module):
    def forward(self, x):
        return saliency(x)


def test_products_of_a_saliency_map():
    settings = {"height": 256, "width": 512}
    costs = count(Saliency(), (3, 256, 512))
    assert costs.multiply_adds == closed(mechanism("itti").multiply_adds, settings)
    assert costs.parameters == closed(mechanism("itti").parameters, settings) == 0


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_a_mirror_of_any_size(n):
    """Where the border is narrower than the map it is torch's; else there and back again."""
    x = torch.arange(float(n)).view(1, 1, 1, n)
    line = mirrored(x, 4)[0, 0, 0].tolist()
    back = [*range(n), *range(n - 2, 0, -1)]
    assert line == [back[i % len(back)] for i in range(-4, n + 4)]


def test_a_pyramid_keeps_what_is_even():
    maps = pyramid(torch.full((1, 1, 37, 20), 0.3))
    assert [tuple(m.shape[2:]) for m in maps[:4]] == [(37, 20), (19, 10), (10, 5), (5, 3)]
    assert all((m - 0.3).abs().max() < 1e-6 for m in maps)
    assert max(m.max() for m in centre_surround(maps)) < 1e-6


def test_one_peak_is_kept_and_many_are_silenced():
    one, many = torch.zeros(1, 1, 9, 9), torch.zeros(1, 1, 9, 9)
    one[..., 4, 4] = 3
    many[..., 1::3, 1::3] = 3
    assert promoted(one).max() == 1
    assert promoted(many).max() == 0
    many[..., 4, 4] = 6
    assert promoted(many)[..., 4, 4] == pytest.approx(0.25)  # the others are half as high
    assert torch.equal(promoted(torch.full((1, 1, 3, 3), 0.7)), torch.zeros(1, 1, 3, 3))


def test_stripes_turn_with_their_angle():
    assert_close(gabor(90), gabor(0).rot90())
    assert_close(gabor(135), gabor(45).flip(1))
    assert gabor(0)[4, 4] == 1
    assert gabor(45)[3, 3] > 0.4 > gabor(45)[3, 5]  # along the main diagonal


def scene(odd):
    """Green bars on grey, upright, but for one place."""
    image = torch.full((1, 3, 256, 256), 0.4)
    for i, j in itertools.product(range(4), range(4)):
        y, x = 32 + 64 * i, 32 + 64 * j
        green, blue = (
            torch.tensor(rgb)[:, None, None] for rgb in ((0.1, 0.7, 0.1), (0.1, 0.1, 0.7))
        )
        tall, wide, colour = 12, 4, green
        if (i, j) == (2, 1):
            tall, wide = (4, 12) if odd == "turned" else (12, 4)
            colour = blue if odd == "blue" else green
        image[0, :, y - tall : y + tall, x - wide : x + wide] = colour
    return image


@pytest.mark.parametrize("odd", ["blue", "turned"])
def test_the_odd_one_is_looked_at_first(odd):
    found = saliency(scene(odd))
    assert found.shape == (1, 1, 16, 16)
    (first,) = scanpath(found, 1, 2.0)[0].tolist()
    assert abs(first[0] - 10) <= 2
    assert abs(first[1] - 6) <= 2


def test_what_was_looked_at_is_left_alone_for_a_while():
    x = torch.tensor([[[[0.1, 0.9, 0.1, 0.1, 0.7, 0.1, 0.5]]]])
    assert scanpath(x, 3, 1.0, 1.0)[0, :, 1].tolist() == [1, 4, 6]
    assert scanpath(x, 3, 1.0, 0.0)[0, :, 1].tolist() == [1, 4, 1]
    assert scanpath(x, 2, 0.0, 1.0)[0].tolist() == [[0, 1], [0, 4]]


def test_the_slip_of_the_port_is_a_switch():
    image = torch.randint(0, 256, (288, 288, 3), generator=torch.Generator().manual_seed(1))
    with_slip, without = (Port(slip=slip)(image) for slip in (True, False))
    moved = {name for name in with_slip if not torch.equal(with_slip[name], without[name])}
    assert moved == {*(f"orient.{i}" for i in range(6, 12)), "consp.orient", "saliency"}
    with pytest.raises(ValueError, match=r"a map of .16, 16. has no field of 16 pixels"):
        Port()(image[:256, :256])
