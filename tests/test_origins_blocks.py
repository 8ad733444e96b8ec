"""Alignment, show-attend-tell, multi-head attention, RA-CNN: laws, costs, and drawing a region."""

import pytest
import torch
from block_laws import keeps_laws, randomised
from test_block_costs import closed
from torch import nn
from torch.testing import assert_close

from attnlab.costs import count
from attnlab.mechanisms import mechanism
from solutions.bahdanau import AdditiveAttention
from solutions.mha import MultiHeadAttention
from solutions.racnn import AttentionCrop, AttentionProposal, RankLoss, boxcar
from solutions.ram import Core, GlimpseNetwork, Locator, reinforce
from solutions.sat import (
    HardAttention,
    SoftAttention,
    doubly_stochastic,
    entropy,
    moving_baseline,
)

LAWS = {
    "mha": (lambda: MultiHeadAttention(6, 3), [(3, 4, 6), (3, 5, 6), (3, 5, 6)], (3, 4, 6)),
    "mha-self": (lambda: MultiHeadAttention(6, 2), [(3, 4, 6)], (3, 4, 6)),
    "bahdanau": (lambda: AdditiveAttention(5, 7, 6), [(3, 2, 5), (3, 9, 7), (3, 9, 4)], (3, 2, 4)),
    "sat": (lambda: SoftAttention(6, 5, 7), [(3, 9, 6), (3, 5)], (3, 6)),
    "sat-gated": (lambda: SoftAttention(6, 5, 7, gated=True), [(3, 9, 6), (3, 5)], (3, 6)),
    "ram-glimpse": (lambda: GlimpseNetwork(2, 4, 2, what=5, where=4), [(3, 2, 9, 7), (3, 2)],
                    (3, 9)),
    "ram-core": (lambda: Core(6, 9), [(3, 6), (3, 9)], (3, 9)),
    "racnn-crop": (lambda: AttentionCrop(5), [(3, 2, 9, 9), (3, 3)], (3, 2, 5, 5)),
    "racnn-proposal": (lambda: AttentionProposal(6, 9, 4), [(3, 6)], (3, 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", LAWS)
def test_laws(name):
    build, shapes, gives = LAWS[name]
    keeps_laws(randomised(build(), 1), *shapes, gives=gives)


COSTED = {
    "mha": ("mha", {"embedding": 12, "queries": 5, "keys": 7}, MultiHeadAttention(12, 3),
            [(5, 12), (7, 12), (7, 12)]),
    "bahdanau": ("bahdanau", {"query_size": 5, "key_size": 7, "hidden": 6, "queries": 3, "keys": 9,
                              "value_channels": 4},
                 AdditiveAttention(5, 7, 6), [(3, 5), (9, 7), (9, 4)]),
    "sat": ("sat", {"region_size": 6, "state_size": 5, "hidden": 7, "positions": 12},
            SoftAttention(6, 5, 7), [(12, 6), (5,)]),
    "ram": ("ram", {"g": 4, "what": 7, "where": 5}, GlimpseNetwork(1, 4, what=7, where=5),
            [(1, 16, 16), (2,)]),
    "racnn": ("racnn", {"features": 20}, AttentionProposal(20, 448), [(20,)]),
}  # fmt: skip


@pytest.mark.parametrize("name", COSTED)
def test_costs_are_those_of_the_registry(name):
    key, settings, block, shapes = COSTED[name]
    record, costs = mechanism(key), count(block, *shapes, device="cpu")
    assert costs.parameters == closed(record.parameters, settings)
    assert costs.multiply_adds == closed(record.multiply_adds, settings)


def test_heads_look_at_their_own_part_only():
    """Two heads of 3 are two blocks of one head, side by side: out mixes them."""
    block = randomised(MultiHeadAttention(6, 2), 2)
    x = torch.randn(1, 4, 6, dtype=torch.float64)
    maps = block.attention(x, x)
    assert maps.shape == (1, 2, 4, 4)
    assert_close(maps.sum(3), torch.ones(1, 2, 4, dtype=torch.float64))
    values = block.split(x, 2)
    parts = [maps[:, h] @ values[:, h] for h in (0, 1)]
    assert_close(block.out(torch.cat(parts, 2)), block(x))


def test_what_is_not_allowed_is_not_looked_at():
    block, x = randomised(MultiHeadAttention(6, 2), 3), torch.randn(2, 4, 6, dtype=torch.float64)
    earlier = torch.ones(4, 4, dtype=torch.bool).tril()
    maps = block.attention(x, x, earlier)
    assert maps.triu(1).abs().max() == 0
    assert_close(block(x, allowed=earlier)[:, :2], block(x[:, :2], allowed=earlier[:2, :2]))


def test_padding_is_not_looked_at():
    block = randomised(AdditiveAttention(5, 7, 6), 4)
    q, k, v = (torch.randn(2, n, w, dtype=torch.float64) for n, w in ((3, 5), (9, 7), (9, 4)))
    short = block(q, k[:, :6], v[:, :6])
    assert_close(block(q, k, v, torch.tensor([6, 6])), short)
    assert_close(block.attention(q, k, torch.tensor([0, 9]))[0], torch.full((3, 9), 1 / 9).double())


def contexts(block, regions, state):
    """Every choice of hard attention in one image: contexts (N, size) and log-probabilities."""
    weights = block.attention(regions, state)
    return [block.looking_at(regions, weights, torch.tensor([i])) for i in range(regions.shape[1])]


@pytest.mark.parametrize("baseline", [0.0, 0.7])
def test_hard_attention_by_enumeration_is_the_exact_gradient(baseline):
    """The mean of the estimate over all choices is the gradient of the expected reward."""
    block = randomised(HardAttention(4, 3, 5), 5)
    regions, state = torch.randn(1, 6, 4).double(), torch.randn(1, 3).double()
    readout = torch.randn(4, dtype=torch.float64)
    choices = contexts(block, regions, state)
    rewards = [(context @ readout).sin() for context, _ in choices]
    expected = sum(chance.exp() * reward for (_, chance), reward in zip(choices, rewards,
                                                                      strict=True))  # fmt: skip
    leaves = list(block.parameters())
    exact = torch.autograd.grad(-expected.sum(), leaves, retain_graph=True)
    estimate = sum(chance.exp().detach() * reinforce(chance, reward, baseline)
                   for (_, chance), reward in zip(choices, rewards, strict=True))  # fmt: skip
    assert_close(torch.autograd.grad(estimate, leaves), exact, rtol=1e-10, atol=1e-12)


def test_a_drawn_region_is_one_of_them_and_as_likely_as_its_weight():
    block = randomised(HardAttention(4, 3, 5), 6)
    regions = torch.randn(1, 3, 4).double().expand(4000, -1, -1)
    state = torch.randn(1, 3).double().expand(4000, -1)
    context, chance = block(regions, state, torch.Generator().manual_seed(1))
    drawn = (context[:, None] == regions).all(2).double()
    assert (drawn.sum(1) == 1).all()
    weights = block.attention(regions[:1], state[:1])[0]
    assert_close((drawn * weights).sum(1).log(), chance)
    assert (drawn.mean(0) - weights).abs().max() < 4 * 0.5 / 4000**0.5
    assert not context.requires_grad


@pytest.mark.parametrize("baseline", [[0.0, 0.0], [0.3, 0.9]])
def test_two_looks_by_enumeration_are_the_exact_gradient(baseline):
    """All nine ways of two looks of three; the second look's baseline knows the first."""
    torch.manual_seed(7)
    first, second = torch.randn(3, requires_grad=True), torch.randn(3, 3, requires_grad=True)
    rewards, known = torch.randn(3, 3), torch.randn(3)
    exact = total = 0.0
    for i in range(3):
        for j in range(3):
            chances = torch.stack([first.log_softmax(0)[i], second.log_softmax(1)[i, j]])
            likely = chances.sum().exp()
            exact = exact - likely * rewards[i, j]
            b = torch.tensor(baseline) * torch.stack([torch.ones(()), known[i]])
            total = total + likely.detach() * reinforce(chances[None], rewards[i, j].view(1, 1), b)
    found = torch.autograd.grad(total, [first, second], retain_graph=True)
    assert_close(found, torch.autograd.grad(exact, [first, second]))


def test_gaussian_places_by_quadrature_are_the_exact_gradient():
    """E[a l + l^2] of a place l around μ is a μ + μ^2 + σ^2 a coordinate: its gradient is known."""
    locator = randomised(Locator(3, std=0.3), 8)
    state, slope = torch.randn(1, 3).double(), torch.tensor([0.5, -1.25]).double()
    centre = locator.centre(state)
    exact = torch.autograd.grad(-(slope * centre + centre.square()).sum(), locator.mean.weight)
    weights = [1 / 6, 2 / 3, 1 / 6]
    nodes = torch.tensor([-(3**0.5), 0, 3**0.5], dtype=torch.float64)
    total = 0.0
    for i in range(3):
        for j in range(3):  # three nodes a coordinate are exact up to the fifth power
            place = centre.detach() + 0.3 * torch.stack([nodes[i], nodes[j]])
            reward = (slope * place + place.square()).sum(dim=1)
            loss = reinforce(locator.log_probability(state, place), reward, 0.2)
            total = total + weights[i] * weights[j] * loss
    assert_close(torch.autograd.grad(total, locator.mean.weight), exact, rtol=1e-10, atol=1e-12)


def test_terms_of_show_attend_and_tell():
    weights = torch.tensor([[[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]]])  # two words, three regions
    assert doubly_stochastic(weights, 2.0).item() == pytest.approx(2 * (0 + 0.25 + 0.25))
    assert_close(entropy(weights[0]), torch.full((2,), 2.0).log())
    assert moving_baseline(1.0, torch.tensor([0.0, 1.0])) == pytest.approx(0.95)


def test_a_box_is_about_one_inside_and_moves():
    start, end = torch.tensor([2.0, 3.5]).double(), torch.tensor([6.0, 8.0]).double()
    assert_close(boxcar(9, start, end)[0, 3:6], torch.ones(3).double(), rtol=0, atol=1e-4)
    leaves = start.requires_grad_(), end.requires_grad_()
    assert torch.autograd.gradcheck(lambda a, b: boxcar(9, a, b, 2.0), leaves)


def test_a_box_is_kept_inside_and_at_least_a_third():
    crop = AttentionCrop(4)
    first, last = crop.box(torch.tensor([[0.0, 20.0, 1.0], [9.0, 9.0, 99.0]]), 12)
    assert first.tolist() == [[0.0, 4.0], [0.0, 0.0]]
    assert last.tolist() == [[8.0, 12.0], [12.0, 12.0]]


def test_the_derivative_of_a_crop_is_that_of_its_mask():
    """At whole pixels: the cut stays, the mask's sides move."""
    torch.manual_seed(9)
    x, cotangent = torch.randn(1, 2, 12, 12).double(), torch.randn(1, 2, 5, 5).double()
    where = torch.tensor([[6.0, 5.0, 4.0]]).double().requires_grad_()

    def masked(at):
        rows = boxcar(12, at[:, 0] - at[:, 2], at[:, 0] + at[:, 2])
        columns = boxcar(12, at[:, 1] - at[:, 2], at[:, 1] + at[:, 2])
        cut = (x * rows[:, None, :, None] * columns[:, None, None])[:, :, 2:10, 1:9]
        return nn.functional.interpolate(cut, (5, 5), mode="bilinear", align_corners=True)

    found, expected = AttentionCrop(5)(x, where), masked(where)
    assert_close(found, expected)
    gradients = [torch.autograd.grad(y, where, cotangent)[0] for y in (found, expected)]
    assert_close(*gradients)
    assert gradients[0].abs().min() > 0


def test_a_finer_scale_is_asked_to_be_surer():
    scores = torch.tensor([[0.2, 0.5, 0.9], [0.5, 0.5, 0.4]])
    assert RankLoss()(scores).item() == pytest.approx((0 + 0 + 0.05 + 0.15) / 2)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: MultiHeadAttention(12, 5), r"must divide the width; choose of \[1, 2, 3, 4, 6"),
        (lambda: AttentionCrop()(torch.zeros(1, 3, 4, 5), None), "expected square images"),
    ],
)
def test_what_cannot_be_says_why(run, words):
    with pytest.raises(ValueError, match=words):
        run()
