# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Hard attention, and three ways to learn it
#
# Sources: V. Mnih et al., "Recurrent Models of Visual Attention", NIPS 2014,
# <https://arxiv.org/abs/1406.6247>; K. Xu et al., "Show, Attend and Tell", ICML 2015,
# <https://arxiv.org/abs/1502.03044>; R. J. Williams, "Simple Statistical Gradient-Following
# Algorithms for Connectionist Reinforcement Learning", Machine Learning 8, 1992,
# <https://doi.org/10.1007/BF00992696>; M. Jaderberg et al., "Spatial Transformer Networks", NIPS
# 2015, <https://arxiv.org/abs/1506.02025>.
#
# **20 points, about 150 minutes.** You will
#
# 1. cut out what an eye sees at one place (task 1), and count what a look costs (task 2);
# 2. draw a place, and say how likely it was (task 3);
# 3. learn where to look from reward alone (task 4), and tell right estimates of a gradient from
#    wrong ones (task 5);
# 4. find where soft and hard attention agree (task 6);
# 5. cut out a square in a way that has a gradient (task 7);
# 6. look softly at all places at once, and answer a question of the bench with it (task 8).
#
# Images are (B, C, H, W). A place is a pair (x, y), x to the right and y downwards, both from −1 to
# 1, where −1 and 1 are the edges of the image. A check may be run as often as you like; it draws
# other numbers than those on the page, in float64, so make new tensors with `dtype=x.dtype`. The
# tasks can be done in any order.

# %% name="imports" tags=["setup"]
import math

import torch
import torch.nn.functional as F
from torch import nn

# %% name="tools" tags=["setup", "active-ipynb"]
# from attnlab.check import as_probe, check, provided
# from attnlab.train import RECIPES

# %% [markdown]
# ## Task 1. A glimpse (implement; 2 points, 20 minutes)
#
# An eye sees sharply in the middle and coarsely around. Write `glimpse`, which cuts squares of
# several sizes around one place and shrinks them all to the same size.
#
# The place (x, y) lies in column ⌊(x + 1) W / 2⌋ and row ⌊(y + 1) H / 2⌋; call them i and j. Square
# k, counted from 0, is w = side · 2ᵏ pixels wide and begins w / 2 to the left of i and w / 2 above
# j: its columns are i − w/2, …, i + w/2 − 1. Beyond the border the image is zero. Means over 2ᵏ by
# 2ᵏ pixels shrink it to side by side. `side` is even, and the images need not be square.
#
# <details><summary>Hint 1</summary>Every image has a place of its own: cut them one by
# one.</details>
# <details><summary>Hint 2</summary>With enough zeros around the image, no square leaves it. By how
# much do all positions move when you add them?</details>
# <details><summary>Hint 3</summary><code>F.avg_pool2d(x, n)</code> takes means over n by n
# pixels.</details>

# %% solution="glimpse"
def glimpse(x, where, side, scales):
    """(B, C, H, W) and places (B, 2), as x and y -> (B, scales, C, side, side)."""
    ### BEGIN SOLUTION
    height, width = x.shape[2:]
    looks = []
    for image, (left, top) in zip(x, where.tolist(), strict=True):
        i, j = int((left + 1) * width / 2), int((top + 1) * height / 2)
        squares = []
        for k in range(scales):
            half = side * 2**k // 2
            padded = F.pad(image, [half] * 4)  # what was at i is at i + half now
            cut = padded[:, j : j + 2 * half, i : i + 2 * half]
            squares.append(F.avg_pool2d(cut, 2**k))
        looks.append(torch.stack(squares))
    return torch.stack(looks)
    ### END SOLUTION


# %% name="glimpse-shape" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# x = torch.arange(48.0).view(1, 1, 6, 8)
# seen = glimpse(x, torch.tensor([[0.25, 0.0]]), side=2, scales=2)
# print("shape", tuple(seen.shape))
# print("sharp", seen[0, 0, 0].tolist())
# print("coarse", seen[0, 1, 0].tolist())

# %% test="glimpse" points=2 tags=["active-ipynb"]
# check("hard.glimpse", glimpse)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.glimpse", glimpse)
# ### END HIDDEN TESTS

# %% [markdown]
# Move the place over an image of the bench. How far away may a thing be, to be seen sharply, and to
# be seen at all?

# %% name="knob" tags=["active-ipynb", "widget"]
# import matplotlib.pyplot as plt
# from ipywidgets import FloatSlider, interact
#
# from attnlab.questions import draw
#
# picture = draw("key", 1, seed=5).images
#
#
# @interact(x=FloatSlider(min=-1, max=1, value=0), y=FloatSlider(min=-1, max=1, value=0))
# def eye(x, y):
#     seen = provided("hard.glimpse")(picture, torch.tensor([[x, y]]), 8, 3)[0]
#     figure, axes = plt.subplots(1, 4, figsize=(8, 2))
#     for axis, image in zip(axes, [picture[0], *seen], strict=True):
#         axis.imshow(image.permute(1, 2, 0))
#         axis.axis("off")
#     plt.show()

# %% [markdown]
# ## Task 2. What a look costs (cost; 2 points, 10 minutes)
#
# The glimpse network of the paper reads what was seen, ρ, and the place l, with h hidden units
# each:
#
# $$g = \delta\big(W_2\, \delta(W_1 \rho) + V_2\, \delta(V_1 l)\big)$$
#
# ρ has channels · scales · side² numbers, l has two, g has 2h; all four layers have biases. Write
# `costs`, the parameters and the multiply-adds of one look, where a product of a weight counts one
# and a bias none. Then `overtakes`: how many looks does it take at least, until they need *more*
# multiply-adds than a single 3x3 convolution with h outputs over the whole image (stride 1, padding
# 1)?
#
# <details><summary>Hint 1</summary>A layer from a to b numbers has a · b weights and b
# biases.</details>
# <details><summary>Hint 2</summary>A whole number of looks, and strictly more: when T looks cost
# exactly as much, T + 1 is the answer.</details>

# %% solution="costs"
def costs(channels, side, scales, hidden):
    """(parameters, multiply-adds) of the glimpse network for one look, hidden = h."""
    ### BEGIN SOLUTION
    seen = channels * scales * side**2
    weights = hidden * seen + 2 * hidden + 2 * (2 * hidden * hidden)
    return weights + 2 * hidden + 2 * (2 * hidden), weights
    ### END SOLUTION


# %% solution="overtakes"
def overtakes(channels, side, scales, hidden, height, width):
    """The least number of looks that cost more than a 3x3 convolution of the whole image."""
    ### BEGIN SOLUTION
    weights = hidden * channels * scales * side**2 + 2 * hidden + 4 * hidden**2
    return 9 * channels * hidden * height * width // weights + 1
    ### END SOLUTION


# %% name="costs-printed" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# parameters, work = costs(1, 8, 3, 128)
# print(f"one look with the paper's sizes: {parameters:,} parameters, {work:,} multiply-adds")
# for size in (28, 60, 224, 1024):
#     looks = overtakes(3, 8, 3, 128, size, size)
#     print(f"{size:4} x {size:4} pixels: {looks:6,} looks cost more than one convolution")

# %% test="costs" points=1 tags=["active-ipynb"]
# check("hard.costs", costs)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.costs", costs)
# ### END HIDDEN TESTS

# %% test="overtakes" points=1 tags=["active-ipynb"]
# check("hard.overtakes", overtakes)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.overtakes", overtakes)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 3. A place is drawn (implement; 2 points, 20 minutes)
#
# From a state h the locator proposes a middle μ = tanh(W h + b), two numbers, and draws the place l
# from a normal distribution around it, with the fixed standard deviation ε in both coordinates.
# To make the draw repeatable, the standard normal numbers n come as an input: l = μ + ε n.
#
# Write `Locator` with `__init__(self, size, std)` and `forward(self, state, noise)`. It returns
# three numbers for each image in one tensor (B, 3): the place, clamped to lie between −1 and 1, and
# behind it the logarithm of the density of l *before* the clamp, summed over both coordinates:
#
# $$\log \pi = \sum_{i=1}^{2} \Big( -\frac{(l_i - \mu_i)^2}{2 \varepsilon^2} - \log \varepsilon -
# \tfrac12 \log 2\pi \Big)$$
#
# Two things get no gradient. The place: that it was drawn is a fact, and the policy is asked how
# likely that fact was. And the state: the policy learns from reward, and what it learns must not
# bend the rest of the network.
#
# <details><summary>Hint 1</summary>One <code>nn.Linear(size, 2)</code> is all there is to
# learn.</details>
# <details><summary>Hint 2</summary>If l moves along with μ, their difference never changes. What is
# the gradient of log π then?</details>

# %% solution="locator"
class Locator(nn.Module):
    """Locator(size, std): state (B, size), noise (B, 2) -> (B, 3), a place and log π."""

    ### BEGIN SOLUTION
    def __init__(self, size, std):
        super().__init__()
        self.std = std
        self.mean = nn.Linear(size, 2)

    def forward(self, state, noise):
        middle = torch.tanh(self.mean(state.detach()))
        place = (middle + self.std * noise).detach()
        apart = (place - middle) / self.std
        each = -0.5 * apart**2 - math.log(self.std) - 0.5 * math.log(2 * math.pi)
        return torch.cat([place.clamp(-1, 1), each.sum(dim=1, keepdim=True)], dim=1)
    ### END SOLUTION


# %% name="locator-drawn" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# torch.manual_seed(1)
# locator, state = Locator(4, std=0.5), torch.zeros(1000, 4)
# drawn = locator(state, torch.randn(1000, 2))
# print("shape", tuple(drawn.shape), "and between -1 and 1:", bool(drawn[:, :2].abs().max() <= 1))
# drawn[:, 2].sum().backward()
# print("the layer has a gradient:", bool(locator.mean.weight.grad is not None))

# %% test="locator" points=2 tags=["active-ipynb"]
# check("hard.locator", Locator)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.locator", Locator)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 4. Learning from reward (implement, derive; 4 points, 25 minutes)
#
# No gradient runs through a draw. But the mean reward has one, and REINFORCE gets at it with
#
# $$\nabla \sum_l \pi_l r_l = \sum_l \pi_l\, (r_l - b)\, \nabla \log \pi_l$$
#
# whatever number b you take off, as long as it does not depend on l. Write `Reinforce`, a loss to
# be *minimised*: `forward(self, chances, reward, baseline)` gets log π of T looks at each image (B,
# T), the reward of each image (B), earned by all its looks together, and the baseline of each look
# (B, T). It returns one number, the mean over the images of
#
# $$-\sum_t (r - b_t) \log \pi_t$$
#
# Reward and baseline come from networks too. They get no gradient from this loss.
#
# <details><summary>Hint 1</summary><code>reward[:, None]</code> meets all T looks of its
# image.</details>
# <details><summary>Hint 2</summary>Sum over looks, mean over images:
# <code>.sum(dim=1).mean()</code> is another number than <code>.mean()</code>.</details>

# %% solution="reinforce"
class Reinforce(nn.Module):
    """Reinforce(): log π (B, T), reward (B), baseline (B, T) -> a number, the loss."""

    ### BEGIN SOLUTION
    def forward(self, chances, reward, baseline):
        gain = (reward[:, None] - baseline).detach()
        return -(gain * chances).sum(dim=1).mean()
    ### END SOLUTION


# %% test="reinforce" points=2 tags=["active-ipynb"]
# check("hard.reinforce", Reinforce)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.reinforce", Reinforce)
# ### END HIDDEN TESTS

# %% [markdown]
# Is its mean over all outcomes really the exact gradient? With few outcomes one can go through all
# of them. The next check does: it takes the gradient that your loss gives for each outcome, weighs
# it by the outcome's probability, adds up, and compares with the gradient of the mean reward
# itself.

# %% test="reinforce-exact" points=1 tags=["active-ipynb"]
# def by_enumeration(logits, rewards, baseline):
#     """The mean over all outcomes of the estimate, and the exact gradient, in the logits (N)."""
#     pi, loss = logits.softmax(0), as_probe(Reinforce).build()
#     mean, one = torch.zeros_like(pi), torch.ones((), dtype=pi.dtype)
#     for k in range(len(pi)):
#         given = pi[k].log().view(1, 1), rewards[k].view(1), baseline.view(1, 1)
#         slope = loss.gradient(*given, cotangent=one).inputs[0]
#         slope = torch.zeros(1, 1) if slope is None else slope
#         score = torch.eye(len(pi), dtype=pi.dtype)[k] - pi  # the gradient of log π_k
#         mean = mean - pi[k] * slope[0, 0] * score
#     return mean, pi * (rewards - (pi * rewards).sum())
#
#
# rng = torch.Generator().manual_seed(4)
# for outcomes, b in ((3, 0.0), (5, 0.7), (4, -2.0)):
#     logits, rewards = torch.randn(2, outcomes, generator=rng, dtype=torch.float64)
#     mean, exact = by_enumeration(logits, rewards, torch.tensor(b).double())
#     assert torch.allclose(mean, exact, atol=1e-10), (
#         f"{outcomes} outcomes, baseline {b}: the mean of your estimates is "
#         f"{[round(v, 4) for v in mean.tolist()]}, the exact gradient of the mean reward "
#         f"{[round(v, 4) for v in exact.tolist()]}. The loss is to be minimised, so its gradient "
#         f"must point the other way"
#     )
# ### BEGIN HIDDEN TESTS
# for outcomes in (2, 6):
#     logits, rewards, other = torch.randn(3, outcomes, dtype=torch.float64)
#     mean, exact = by_enumeration(logits, 3 * rewards, other[0])
#     assert torch.allclose(mean, exact, atol=1e-9), (
#         f"{outcomes} other outcomes: the mean of your estimates is not the exact gradient"
#     )
# loss, one = as_probe(Reinforce).build(), torch.ones((), dtype=torch.float64)
# first, rewards = torch.randn(3).double().softmax(0), torch.randn(3, 3).double()
# second, known = torch.randn(3, 3).double().softmax(1), torch.randn(3).double()
# exact = (first[:, None] * second * rewards).sum(1)
# exact = exact - first * exact.sum()  # the gradient in the logits of the first look
# mean = torch.zeros(3).double()
# for i in range(3):
#     for j in range(3):
#         chances = torch.stack([first[i], second[i, j]]).log().view(1, 2)
#         base = torch.stack([known[0], known[i]]).view(1, 2)  # it knows the first look, not both
#         slope = loss.gradient(chances, rewards[i, j].view(1), base, cotangent=one).inputs[0]
#         score = torch.eye(3).double()[i] - first
#         slope = torch.zeros(1, 2) if slope is None else slope
#         mean = mean - first[i] * second[i, j] * slope[0, 0] * score
# assert torch.allclose(mean, exact, atol=1e-9), (
#     "two looks, one after the other: the mean over all nine ways is not the exact gradient of "
#     "the first look. Its log π is multiplied by the reward that comes in the end"
# )
# ### END HIDDEN TESTS

# %% [markdown]
# The baseline leaves the mean where it is and moves the spread. Which b makes the spread smallest?
# Let $\pi$ be a softmax of logits over N places and $G_k = \nabla \log \pi_k$ the gradient in these
# logits. The estimate is $(r_k - b)\, G_k$ with probability $\pi_k$. Its mean does not depend on b,
# so its spread is smallest where the mean of its square,
# $\sum_k \pi_k (r_k - b)^2 \lVert G_k \rVert^2$, is. Find that b, and write `best_baseline`.
#
# <details><summary>Hint 1</summary>Set the derivative in b to zero. The answer is a weighted mean
# of the rewards.</details>
# <details><summary>Hint 2</summary>The gradient of log π_k in the logits is 1 − π_k at place k, and
# −π_l at every other place l. What is the sum of its squares?</details>

# %% solution="best-baseline"
def best_baseline(pi, rewards):
    """The b, a float, with the least spread: probabilities (N) and rewards (N) of the places."""
    ### BEGIN SOLUTION
    lengths = 1 - 2 * pi + (pi**2).sum()
    weights = pi * lengths
    return ((weights * rewards).sum() / weights.sum()).item()
    ### END SOLUTION


# %% test="best-baseline" points=1 tags=["active-ipynb"]
# check("hard.best_baseline", best_baseline)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.best_baseline", best_baseline)
# ### END HIDDEN TESTS

# %% [markdown]
# **Stuck?** Put `provided("hard.Reinforce")()` into the next cell in place of `Reinforce()`; it
# serves the experiment below, and no check takes it.

# %% name="ready-loss" tags=["active-ipynb"]
# loss_of = Reinforce()

# %% [markdown]
# What a baseline is worth: 64 learners, each with sixteen places, one of which pays 11 and the
# others 10. Every learner makes one draw a step. Then the exact gradient, for comparison, which has
# to know all sixteen rewards at every step.

# %% name="bandits" tags=["active-ipynb"]
# def learned(baseline, steps=300, rate=0.5):
#     """The mean reward of 64 learners after some steps; baseline None: the exact gradient."""
#     rng = torch.Generator().manual_seed(7)
#     logits = torch.zeros(64, 16, requires_grad=True)
#     rewards = torch.full((16,), 10.0)
#     rewards[3] = 11.0
#     for _ in range(steps):
#         pi = logits.softmax(1)
#         if baseline is None:
#             loss = -(pi * rewards).sum(1).mean()
#         else:
#             chosen = torch.multinomial(pi.detach(), 1, generator=rng)
#             known = torch.full((64, 1), baseline)
#             loss = loss_of(pi.gather(1, chosen).log(), rewards[chosen[:, 0]], known)
#         (slope,) = torch.autograd.grad(loss, logits)
#         logits = (logits - 64 * rate * slope).detach().requires_grad_()
#     return (logits.softmax(1) @ rewards).mean().item()
#
#
# paid = {"no baseline": learned(0.0), "baseline 10": learned(10.0), "exact": learned(None)}
# for name, reward in paid.items():
#     print(f"{name:12} mean reward {reward:.2f}")

# %% name="bandits-answer" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("without a baseline under 10.5:", paid["no baseline"] < 10.5)
# print("with a baseline over 10.9:    ", paid["baseline 10"] > 10.9)

# %% [markdown]
# ## Task 5. Is it an estimate of that? (write the test; 2 points, 15 minutes)
#
# Somebody hands you an estimator: a table of what it would answer. Row k of `estimates` (N, N) is
# its estimate of the gradient of the mean reward, in the N logits, when place k was drawn. Write
# `unbiased`, which says whether its mean is the exact gradient, to six digits.
#
# Some right estimators have a baseline, and one of them says the same whatever was drawn. Some
# wrong ones are off by little, and some are off at one place only.
#
# <details><summary>Hint 1</summary>Which row counts how much?</details>
# <details><summary>Hint 2</summary>The gradient of the mean reward in logit l is π_l times what the
# reward of place l has above the mean reward.</details>
# <details><summary>Hint 3</summary><code>torch.allclose</code> gives True or False;
# <code>==</code> of two tensors gives a tensor, and rounding breaks it.</details>

# %% solution="unbiased"
def unbiased(pi, rewards, estimates):
    """Whether estimates (N, N), row k when place k is drawn, have the exact gradient as mean."""
    ### BEGIN SOLUTION
    exact = pi * (rewards - (pi * rewards).sum())
    return torch.allclose(pi @ estimates, exact, rtol=1e-6, atol=1e-6)
    ### END SOLUTION


# %% name="estimators" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# torch.manual_seed(2)
# pi, rewards = torch.randn(5).softmax(0).double(), torch.rand(5).double()
# score = torch.eye(5).double() - pi  # row k: the gradient of log π_k
# table = {
#     "REINFORCE": rewards[:, None] * score,
#     "with a baseline": (rewards - 0.5)[:, None] * score,
#     "the reward's own half as baseline": (rewards / 2)[:, None] * score,
#     "the gradient of π_k in place of log π_k": (pi * rewards)[:, None] * score,
# }
# for name, estimates in table.items():
#     print(f"{name:40} {'unbiased' if unbiased(pi, rewards, estimates) else 'biased'}")

# %% test="unbiased" points=2 tags=["active-ipynb"]
# check("hard.unbiased", unbiased)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.unbiased", unbiased)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 6. Soft or hard (equivalence, predict; 2 points, 15 minutes)
#
# Hard attention passes on one region $x_p$, drawn by its weight $\alpha_p$. Soft attention passes
# on $z = \sum_p \alpha_p x_p$, the mean of what the hard form would pass on. Whatever comes next
# gets either the mean of all outcomes, or one outcome at a time.
#
# Write `gap`: next comes a neuron with weights w and a ReLU. Return the mean over all draws of what
# the neuron gives for the drawn region, minus what it gives for z.
#
# <details><summary>Hint</summary>Go through all N regions; nothing is drawn.</details>

# %% solution="gap"
def gap(regions, weights, w):
    """E relu(w · x_p) − relu(w · z), a float: regions (N, C), their weights (N), w (C)."""
    ### BEGIN SOLUTION
    hard = weights @ F.relu(regions @ w)
    soft = F.relu((weights @ regions) @ w)
    return (hard - soft).item()
    ### END SOLUTION


# %% test="gap" points=1 tags=["active-ipynb"]
# check("hard.gap", gap)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.gap", gap)
# ### END HIDDEN TESTS

# %% [markdown]
# For which functions is there no gap, whatever the regions and weights? `AFTER` lists some. Predict
# with `agrees` before you run the cell that tries them: True where the mean over all draws of
# f(x_p) always equals f(z).
#
# <details><summary>Hint</summary>The weights add up to 1. What becomes of a constant that every
# outcome gets?</details>

# %% name="after" tags=["setup"]
AFTER = {  # what comes next, of regions (..., 4)
    "linear": lambda x: x @ torch.tensor([[1.0, 0.5], [-2.0, 1.0], [0.3, -1.0], [1.5, 2.0]]),
    "linear with bias": lambda x: 2 * x[..., :2] + 3,
    "mean": lambda x: x.mean(-1),
    "largest": lambda x: x.amax(-1),
    "square": lambda x: x**2,
    "softmax": lambda x: x.softmax(-1),
    "two linear layers": lambda x: (3 * x - 1) @ torch.tensor([[1.0], [2.0], [-1.0], [0.5]]),
    "sigmoid": lambda x: x.sigmoid(),
}


# %% solution="agrees"
def agrees(after):
    """True if soft and hard attention agree in the mean before this function, a name in AFTER."""
    ### BEGIN SOLUTION
    return after in ("linear", "linear with bias", "mean", "two linear layers")
    ### END SOLUTION


# %% name="agrees-run" tags=["active-ipynb"]
# torch.manual_seed(3)
# regions, weights = torch.randn(6, 4), torch.randn(6).softmax(0)
# for name, function in AFTER.items():
#     outcomes = function(regions)
#     mean = (weights.view(-1, *[1] * (outcomes.dim() - 1)) * outcomes).sum(0)
#     off = (mean - function(weights @ regions)).abs().max()
#     print(f"{name:18} you said {agrees(name)!s:5}; off by {off:.6f}")

# %% test="agrees" points=1 tags=["active-ipynb"]
# for after in AFTER:
#     assert agrees(after) in (True, False), (
#         f"agrees({after!r}) gave {agrees(after)!r}; expected True or False"
#     )
# ### BEGIN HIDDEN TESTS
# check("hard.agrees", agrees)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 7. A crop with a gradient (implement; 2 points, 20 minutes)
#
# A glimpse begins at a whole pixel, so a small move of the place changes nothing. A spatial
# transformer reads *between* pixels. A box is (x, y, s): its middle, and half its side, where −1
# and 1 are the *edges* of the image, not the middles of the outermost pixels. The number in row a
# and column b of the crop, out by out, is read at
#
# $$u = x + s\, \frac{2b + 1 - \text{out}}{\text{out}}, \qquad
# v = y + s\, \frac{2a + 1 - \text{out}}{\text{out}}$$
#
# by bilinear interpolation between the four nearest pixels; beyond the border there are zeros.
# The four weights depend on u and v without a jump, and so the box has a gradient.
#
# Write `Crop` with `__init__(self, out)` and `forward(self, x, box)`: images (B, C, H, W), boxes
# (B, 3) -> (B, C, out, out).
#
# <details><summary>Hint 1</summary><code>F.affine_grid</code> makes the places (u, v) from a matrix
# (B, 2, 3), and <code>F.grid_sample</code> reads there. What does <code>align_corners</code> say in
# either?</details>
# <details><summary>Hint 2</summary>The matrix of an image is ((s, 0, x), (0, s, y)).</details>

# %% solution="crop"
class Crop(nn.Module):
    """Crop(out): images (B, C, H, W), boxes (B, 3) as x, y, s -> (B, C, out, out)."""

    ### BEGIN SOLUTION
    def __init__(self, out):
        super().__init__()
        self.out = out

    def forward(self, x, box):
        across, down, s = box.unbind(1)
        none = torch.zeros_like(s)
        matrix = torch.stack([s, none, across, none, s, down], dim=1).view(-1, 2, 3)
        size = (*x.shape[:2], self.out, self.out)
        grid = F.affine_grid(matrix, size, align_corners=False)
        return F.grid_sample(x, grid, align_corners=False)
    ### END SOLUTION


# %% name="crop-printed" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# x = torch.arange(16.0).view(1, 1, 4, 4)
# print("all of it", Crop(2)(x, torch.tensor([[0.0, 0.0, 1.0]])).flatten().tolist())
# print("top left ", Crop(2)(x, torch.tensor([[-0.5, -0.5, 0.5]])).flatten().tolist())
# box = torch.tensor([[0.1, 0.1, 0.5]], requires_grad=True)
# Crop(2)(x, box).sum().backward()
# print("gradient of the sum in x, y, s:", [round(v, 3) for v in box.grad[0].tolist()])

# %% test="crop" points=2 tags=["active-ipynb"]
# check("hard.crop", Crop)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.crop", Crop)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 8. All places at once (implement, experiment; 4 points, 25 minutes)
#
# In the question *key* a cue has one of three colours, and the label is the texture of the object
# of that colour. One look is enough, if you know where. `SoftLook` takes it softly. With m the mean
# of all places of the map, x_p what is at place p, and h hidden units,
#
# $$e_p = w \cdot \tanh(U x_p + V m + c), \qquad \alpha = \text{softmax}(e), \qquad
# z = \sum_p \alpha_p x_p$$
#
# and $y_p = x_p + O z$: what was seen is told to every place. Write `SoftLook` with `__init__(self,
# channels, hidden)`: linear layers `region` (U, no bias), `state` (V, with the bias c), `score` (w,
# no bias) and `value` (O, no bias), in this order.
#
# <details><summary>Hint 1</summary><code>x.flatten(2).transpose(1, 2)</code> is (B, N, C): a row
# for each place.</details>
# <details><summary>Hint 2</summary>(B, N, h) plus the state's (B, h): which axis is missing in the
# second?</details>
# <details><summary>Hint 3</summary>The softmax runs over the N places of each image. O z is one
# vector for each image: it needs two more axes.</details>

# %% solution="look"
class SoftLook(nn.Module):
    """SoftLook(channels, hidden): (B, C, H, W) -> (B, C, H, W), one soft look told to all."""

    ### BEGIN SOLUTION
    def __init__(self, channels, hidden):
        super().__init__()
        self.region = nn.Linear(channels, hidden, bias=False)
        self.state = nn.Linear(channels, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)
        self.value = nn.Linear(channels, channels, bias=False)

    def forward(self, x):
        places = x.flatten(2).transpose(1, 2)  # (B, N, C)
        state = self.state(places.mean(dim=1, keepdim=True))  # (B, 1, h)
        scores = self.score(torch.tanh(self.region(places) + state))  # (B, N, 1)
        seen = (scores.softmax(dim=1) * places).sum(dim=1)  # (B, C)
        return x + self.value(seen)[:, :, None, None]
    ### END SOLUTION


# %% name="look-shape" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# block = SoftLook(16, 8)
# print(tuple(block(torch.rand(2, 16, 7, 5)).shape), sum(p.numel() for p in block.parameters()))

# %% test="look-values" points=1 tags=["active-ipynb"]
# check("hard.look", SoftLook, "values", "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.look", SoftLook, "values", "parameters")
# ### END HIDDEN TESTS

# %% [markdown]
# No image hears another, x stays as it was, and every weight learns.

# %% test="look-laws" points=1 tags=["active-ipynb"]
# check("hard.look", SoftLook, "batch", "input", "gradients")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.look", SoftLook, "batch", "input", "gradients")
# ### END HIDDEN TESTS

# %% [markdown]
# **Stuck?** Put `provided("hard.SoftLook")` into the next cell in place of `SoftLook`; it serves
# the experiment, and a check wants your own.

# %% name="ready" tags=["active-ipynb"]
# ready = SoftLook

# %% [markdown]
# Now the question. A guess is right in a third of all cases. Write down what you expect of the
# plain host, and of the host that may take one look, then train both.

# %% name="experiment" tags=["active-ipynb"]
# from attnlab.questions import draw
# from attnlab.train import accuracy, run_recipe
#
# recipe = RECIPES["key-look"]
# new = draw("key", 512, seed=78, size=recipe["size"])
# models = {"no block": run_recipe(recipe, None), "one soft look": run_recipe(recipe, ready)}
# right = {name: accuracy(model, new.images, new.labels) for name, model in models.items()}
# for name, share in right.items():
#     print(f"{name:13} right in {share:.2f} of new images")

# %% name="experiment-answer" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("without a look under 0.5:", right["no block"] < 0.5)
# print("with one look over 0.7:  ", right["one soft look"] > 0.7)

# %% test="experiment" points=2 tags=["active-ipynb", "trains"]
# check("hard.key", SoftLook)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("hard.key", SoftLook)
# ### END HIDDEN TESTS

# %% [markdown]
# Where does the trained network look? Bright is a large weight. If it were a hard look, one place
# would be drawn by these weights: how often would it be the right one?

# %% name="look-map" tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# seen, block = [], models["one soft look"].after_stage1
# if hasattr(block, "score"):  # a layer by that name
#     block.score.register_forward_hook(lambda _, x, scores: seen.append(scores.softmax(dim=1)))
# models["one soft look"](new.images[:4])
# figure, axes = plt.subplots(2, 4, figsize=(8, 4))
# for n in range(4):
#     axes[0, n].imshow(new.images[n].permute(1, 2, 0))
#     if seen:
#         side = math.isqrt(seen[0][n].numel())
#         axes[1, n].imshow(seen[0][n].detach().view(side, side))
# for axis in axes.flat:
#     axis.axis("off")

# %% [markdown]
# **Before you go.** A hard look would pass on one place, and would have to be trained as in task 4.
# What would be its reward here? Which of your seven answers would you need, and which of them could
# the soft look do without?
