"""Wrong baselines, wrong tests of an estimate, wrong gaps; then what to say of each of them.

The tables hold (wrong version, name, sentence, symptom, section to reread).
"""

import torch
import torch.nn.functional as F


def baseline_mean(pi, rewards):
    return (pi * rewards).sum().item()


def baseline_even(pi, rewards):
    return rewards.mean().item()


def baseline_lengths_only(pi, rewards):
    lengths = 1 - 2 * pi + (pi**2).sum()
    return ((lengths * rewards).sum() / lengths.sum()).item()


def baseline_own_entry(pi, rewards):
    weights = pi * (1 - pi) ** 2
    return ((weights * rewards).sum() / weights.sum()).item()


def baseline_undivided(pi, rewards):
    return (pi * (1 - 2 * pi + (pi**2).sum()) * rewards).sum().item()


def baseline_not_squared(pi, rewards):
    weights = pi * (1 - 2 * pi + (pi**2).sum()).sqrt()
    return ((weights * rewards).sum() / weights.sum()).item()


def unbiased_even(pi, rewards, estimates):
    exact = pi * (rewards - (pi * rewards).sum())
    return torch.allclose(estimates.mean(0), exact, rtol=1e-6, atol=1e-6)


def unbiased_every_row(pi, rewards, estimates):
    exact = pi * (rewards - (pi * rewards).sum())
    return torch.allclose(estimates, exact.expand_as(estimates), rtol=1e-6, atol=1e-6)


def unbiased_formula(pi, rewards, estimates):
    score = torch.eye(len(pi), dtype=pi.dtype) - pi
    return torch.allclose(estimates, rewards[:, None] * score, rtol=1e-6, atol=1e-6)


def unbiased_columns(pi, rewards, estimates):
    exact = pi * (rewards - (pi * rewards).sum())
    return torch.allclose(estimates @ pi, exact, rtol=1e-6, atol=1e-6)


def unbiased_direction(pi, rewards, estimates):
    exact = pi * (rewards - (pi * rewards).sum())
    return F.cosine_similarity(pi @ estimates, exact, dim=0).item() > 0.999999


def unbiased_loose(pi, rewards, estimates):
    exact = pi * (rewards - (pi * rewards).sum())
    return torch.allclose(pi @ estimates, exact, rtol=0, atol=0.05)


def unbiased_one_number(pi, rewards, estimates):
    exact = pi * (rewards - (pi * rewards).sum())
    return ((pi @ estimates).sum() - exact.sum()).abs().item() < 1e-6


def gap_turned(regions, weights, w):
    return (F.relu(weights @ regions @ w) - weights @ F.relu(regions @ w)).item()


def gap_even(regions, weights, w):
    return (F.relu(regions @ w).mean() - F.relu(weights @ regions @ w)).item()


def gap_likeliest(regions, weights, w):
    hard = F.relu(regions[weights.argmax()] @ w)
    return (hard - F.relu(weights @ regions @ w)).item()


def gap_late_relu(regions, weights, w):
    return (F.relu(weights @ (regions @ w)) - F.relu(weights @ regions @ w)).item()


def gap_linear(regions, weights, w):
    return (weights @ F.relu(regions @ w) - weights @ regions @ w).item()


def agrees_without_bias(after):
    return after in ("linear", "mean")


def agrees_always(after):
    return after in ("linear", "linear with bias", "mean", "two linear layers", "largest",
                     "square", "softmax", "sigmoid")  # fmt: skip


def agrees_softmax(after):
    return after in ("linear", "linear with bias", "mean", "two linear layers", "softmax")


def agrees_one_layer(after):
    return after in ("linear", "linear with bias", "mean")


GLIMPSES = "recurrent-glimpses"
SOFT = "show-attend-and-tell"

BEST_BASELINE = (
    ("baseline_mean", "the mean reward",
     "the mean reward is the customary baseline, and close, but not the best: draws with a "
     "long gradient count more.",
     "right where all places are equally likely", GLIMPSES),
    ("baseline_even", "the plain mean of the rewards",
     "the places are not equally likely. Weigh them.",
     "far off when one place is sure", GLIMPSES),
    ("baseline_lengths_only", "the probabilities are left out",
     "the lengths weigh the rewards, but the probabilities do not. Both do.",
     "rare places count as much as common ones", GLIMPSES),
    ("baseline_own_entry", "one entry of the gradient",
     "this is the square of one entry of the gradient of log π. The others, −π_l, have a "
     "length too.",
     "a little off, more so for many places", GLIMPSES),
    ("baseline_undivided", "not divided",
     "the weights do not add up to 1: divide by their sum.",
     "too close to zero", GLIMPSES),
    ("baseline_not_squared", "lengths not squared",
     "the spread is a mean of squares: the gradient's length has to be squared.",
     "between the mean reward and the answer", GLIMPSES),
)

UNBIASED = (
    ("unbiased_even", "rows counted evenly",
     "all rows count alike here. Row k comes with probability π_k.",
     "an even draw passes, REINFORCE does not", GLIMPSES),
    ("unbiased_every_row", "every row has to be right",
     "every single estimate is asked to be exact. Only their mean is.",
     "REINFORCE is refused", GLIMPSES),
    ("unbiased_formula", "one formula only",
     "this asks for REINFORCE without a baseline, row by row. Others have the right mean too.",
     "baselines are refused", GLIMPSES),
    ("unbiased_columns", "rows for columns",
     "this takes the mean along a row. The draws are the rows: pi @ estimates.",
     "right tables refused, their transposes passed", GLIMPSES),
    ("unbiased_direction", "the direction only",
     "only the direction is compared. Half of the gradient is not the gradient.",
     "a scaled estimate passes", GLIMPSES),
    ("unbiased_loose", "too loose",
     "the comparison lets pass what is off by several hundredths. Ask for six digits.",
     "an estimate that is a little off passes", GLIMPSES),
    ("unbiased_one_number", "only the sum",
     "this compares the sums over all places, which are zero for every gradient of a softmax. "
     "Compare place by place.",
     "the wrong sign passes", GLIMPSES),
)

GAP = (
    ("gap_turned", "turned round",
     "this is soft minus hard.", "never above zero", SOFT),
    ("gap_even", "regions counted evenly",
     "the regions are not equally likely: weigh what the neuron gives for each.",
     "right for even weights", SOFT),
    ("gap_likeliest", "the likeliest region",
     "only the likeliest region is looked at. The mean runs over all draws.",
     "gaps below zero", SOFT),
    ("gap_late_relu", "ReLU of the mean",
     "the ReLU comes after the mean over the draws here. For the hard form each draw passes "
     "through it by itself.",
     "always zero", SOFT),
    ("gap_linear", "no ReLU for z",
     "z passes through the ReLU as well.",
     "right where w · z is above zero", SOFT),
)

AGREES = (
    ("agrees_without_bias", "a bias breaks it",
     "a constant that every draw gets is in the mean as it is, since the weights add up to 1.",
     "linear layers with a bias refused", SOFT),
    ("agrees_always", "always",
     "the mean of a curved function is not the function of the mean. Which of these are "
     "straight?",
     "a square passed", SOFT),
    ("agrees_softmax", "softmax taken for linear",
     "a softmax has exponentials in it. That its outputs add up to 1 does not make it linear.",
     "a softmax passed", SOFT),
    ("agrees_one_layer", "one layer only",
     "two linear layers with nothing between them are one.",
     "a chain of linear layers refused", SOFT),
)
