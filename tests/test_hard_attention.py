"""The answers of the exercise on hard attention: as the blocks they stand for, and as estimates."""

import pytest
import torch
from test_block_costs import closed
from torch.testing import assert_close

from attnlab.mechanisms import mechanism
from solutions import hard, ram, sat
from solutions.mistakes.wrong import hard_policy
from solutions.variants.hard import LoopsCrop

DRAWS = 4000
FAR = 5  # standard errors: beyond it, one fair draw in two million


def random(*shape):
    return torch.randn(*shape, dtype=torch.float64)


@pytest.mark.parametrize(("side", "scales"), [(4, 3), (2, 2), (8, 1)])
def test_a_glimpse_is_that_of_the_recurrent_model(side, scales):
    x, where = random(3, 2, 17, 24), 2 * torch.rand(3, 2).double() - 1
    found = hard.glimpse(x, where, side, scales)
    assert_close(found.flatten(1), ram.glimpse(x, where, side, scales))


@pytest.mark.parametrize("settings", [(1, 8, 3, 128), (3, 4, 2, 7)])
def test_costs_are_those_of_the_registry(settings):
    channels, side, scales, hidden = settings
    words = {"channels": channels, "g": side, "scales": scales, "what": hidden, "where": hidden}
    record = mechanism("ram")
    expected = closed(record.parameters, words), closed(record.multiply_adds, words)
    assert hard.costs(*settings) == expected


def test_the_locator_is_that_of_the_recurrent_model():
    ours, theirs = hard.Locator(5, 0.3).double(), ram.Locator(5, 0.3).double()
    theirs.mean.load_state_dict(ours.mean.state_dict())
    state = random(6, 5)
    noise = torch.randn(6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    place, chance = theirs(state, torch.Generator().manual_seed(3))
    assert_close(ours(state, noise), torch.cat([place, chance[:, None]], dim=1))


def test_the_loss_is_that_of_the_recurrent_model():
    chances, reward, baseline = random(4, 3), random(4), random(4, 3)
    expected = ram.reinforce(chances, reward[:, None], baseline)
    assert_close(hard.Reinforce()(chances, reward, baseline), expected)


def test_the_soft_look_is_the_context_of_show_attend_and_tell():
    look, soft = hard.SoftLook(6, 4).double(), sat.SoftAttention(6, 6, 4).double()
    with torch.no_grad():
        for layer in ("region", "state", "score"):
            getattr(soft, layer).weight.copy_(getattr(look, layer).weight)
        soft.state.bias.copy_(look.state.bias)
        soft.region.bias.zero_()
    x = random(2, 6, 3, 5)
    regions = x.flatten(2).mT
    told = look.value(soft(regions, regions.mean(1)))
    assert_close(look(x), x + told[:, :, None, None])


def test_a_crop_is_read_number_by_number():
    x = random(2, 3, 7, 5)
    box = torch.tensor([[0.21, -0.33, 0.6], [-0.83, 0.87, 0.41]]).double()  # none on a kink
    assert_close(hard.Crop(4)(x, box), LoopsCrop(4)(x, box))
    leaf = box.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda at: hard.Crop(3)(x, at), (leaf,))


def test_the_best_baseline_has_the_least_spread():
    pi, rewards = random(5).softmax(0), random(5)
    score = torch.eye(5).double() - pi

    def spread(b):
        return (pi * ((rewards - b) ** 2) * score.square().sum(1)).sum()

    best = hard.best_baseline(pi, rewards)
    assert all(spread(best) < spread(best + step) for step in (-0.1, -1e-3, 1e-3, 0.1))


def estimates(loss, logits, rewards, baseline):
    """(N, N): row k is the gradient that a loss gives the logits when place k is drawn."""
    rows = []
    for k in range(len(logits)):
        leaf = logits.clone().requires_grad_()
        chance = leaf.log_softmax(0)[k].view(1, 1)
        value = loss(chance, rewards[k].view(1), torch.full((1, 1), baseline).double())
        rows.append(-torch.autograd.grad(value, leaf)[0])
    return torch.stack(rows)


def off(loss, baseline, seed):
    """How many standard errors the mean of DRAWS estimates lies from the exact gradient, at most.

    The standard error is exact: the spread of one estimate, by going through all places, over the
    root of DRAWS.
    """
    torch.manual_seed(11)
    logits, rewards = random(6), random(6)
    pi, table = logits.softmax(0), estimates(loss, logits, rewards, baseline)
    exact = pi * (rewards - (pi * rewards).sum())
    error = ((pi @ table.square() - (pi @ table).square()) / DRAWS).sqrt()
    drawn = torch.multinomial(
        pi, DRAWS, replacement=True, generator=torch.Generator().manual_seed(seed)
    )
    return ((table[drawn].mean(0) - exact).abs() / error).max().item(), table


@pytest.mark.parametrize("baseline", [0.0, 0.4])
def test_drawn_estimates_lie_within_their_sampling_error(baseline):
    errors, table = off(hard.Reinforce(), baseline, seed=2)
    assert errors < FAR
    torch.manual_seed(11)
    logits, rewards = random(6), random(6)
    assert hard.unbiased(logits.softmax(0), rewards, table)


@pytest.mark.parametrize(
    "wrong", [hard_policy.WrongSign, hard_policy.Probabilities, hard_policy.BaselineAdded]
)
def test_a_biased_estimate_lies_beyond_it_or_is_only_noisier(wrong):
    errors, table = off(wrong(), 0.4, seed=2)
    torch.manual_seed(11)
    logits, rewards = random(6), random(6)
    unbiased = hard.unbiased(logits.softmax(0), rewards, table)
    assert unbiased == (wrong is hard_policy.BaselineAdded)
    assert (errors < FAR) == unbiased
