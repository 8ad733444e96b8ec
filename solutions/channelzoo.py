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
# # What the mean forgets
#
# Sources: selective kernels (X. Li and others, CVPR 2019, <https://arxiv.org/abs/1903.06586>),
# gather-excite (J. Hu and others, NeurIPS 2018, <https://arxiv.org/abs/1810.12348>), FcaNet (Z. Qin
# and others, ICCV 2021, <https://arxiv.org/abs/2012.11879>) and NAM (Y. Liu and others, 2021,
# <https://arxiv.org/abs/2111.12419>). Where paper and released code part we follow the code, as the
# chapter does, except that a frequency here belongs to the grid as it is.
#
# **20 points, about 135 minutes.** SE asks each channel for its mean. You will build four blocks
# that ask for something else, and meet what each of them can and cannot know:
#
# 1. selective kernels: at which size did the channel look? (task 1);
# 2. gather-excite: whose mean, when not the whole map's? (task 2);
# 3. frequencies: the mean is the lowest of many waves (task 3);
# 4. norm scales: no question at all, only what training left behind (task 4);
# 5. count what a choice of kernels costs (task 5);
# 6. predict what a mirror does to a wave, and hide SE in FcaNet (task 6);
# 7. find out why a global gate was not global (task 7);
# 8. train one wave on a question that the mean cannot answer (task 8).
#
# Shapes are written (B, C, H, W): images in the batch, channels, rows, columns. A check can be run
# as often as you like. Points are given with other numbers than those on the page. The tasks can
# be done in any order, except that the block of task 3 uses its wave, and task 8 that block.

# %% name="imports" tags=["setup"]
import math

import torch
import torch.nn.functional as F
from torch import nn

# %% name="tools" tags=["setup", "active-ipynb"]
# from attnlab.check import check, provided
# from attnlab.train import RECIPES

# %% [markdown]
# ## Task 1. Two sizes, one weight to share (implement; 4 points, 25 minutes)
#
# M branches look at the whole map. Branch m is a 3x3 convolution in G groups whose taps lie m
# apart, then a batch normalisation, then a ReLU; `Branch(channels, m, groups)` is given. With their
# maps $U_1, \dots, U_M$:
#
# $$z = \operatorname{mean}_{ij} \sum_m U_m, \qquad u = \delta(\mathrm{BN}(W z))$$
#
# $$a_{m,c} = \frac{e^{(A_m u)_c}}{\sum_n e^{(A_n u)_c}}, \qquad y_c = \sum_m a_{m,c}\, U_{m,c}$$
#
# W is (d, C), and the matrices $A_1, \dots, A_M$, each (C, d), stand one below the other in *one*
# layer. No layer has a bias; BN is over the d numbers of the hidden layer.
#
# Write `SKBlock`. Keep the branches in an `nn.ModuleList`, and define them before the other layers.
#
# <details><summary>Hint 1</summary>The last layer gives (B, M C) numbers. As which shape do its
# first C belong to branch 1?</details>
# <details><summary>Hint 2</summary>Of (B, M, C) shares, for each channel the M add up to 1. Which
# axis does the softmax run over?</details>
# <details><summary>Hint 3</summary><code>torch.stack(maps, dim=1)</code> is (B, M, C, H, W). What
# shape must the shares have to multiply it?</details>


# %% name="branch" tags=["setup"]
class Branch(nn.Module):
    """One look at the map: 3x3, taps m apart, norm, ReLU. (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels, m, groups):
        super().__init__()
        self.conv = nn.Conv2d(
            channels, channels, 3, padding=m, dilation=m, groups=groups, bias=False
        )
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))


# %% solution="sk"
class SKBlock(nn.Module):
    """SKBlock(channels, branches=2, groups=32, hidden=32): (B, C, H, W) -> (B, C, H, W)."""

    ### BEGIN SOLUTION
    def __init__(self, channels, branches=2, groups=32, hidden=32):
        super().__init__()
        self.looks = nn.ModuleList(Branch(channels, m + 1, groups) for m in range(branches))
        self.squeeze = nn.Linear(channels, hidden, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.logits = nn.Linear(hidden, branches * channels, bias=False)

    def forward(self, x):
        maps = torch.stack([look(x) for look in self.looks], dim=1)  # (B, M, C, H, W)
        u = F.relu(self.norm(self.squeeze(maps.sum(dim=1).mean(dim=(2, 3)))))
        shares = self.logits(u).view(maps.shape[:3]).softmax(dim=1)  # (B, M, C)
        return torch.einsum("bmc,bmchw->bchw", shares, maps)
    ### END SOLUTION


# %% name="sk-shapes" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for branches in (2, 3):
#     block = SKBlock(64, branches)
#     weights = sum(p.numel() for p in block.parameters())
#     shape = tuple(block(torch.rand(2, 64, 7, 5)).shape)
#     print(f"{branches} branches, {weights:,} weights: {shape}")

# %% [markdown]
# Given weights and running statistics are laid into your block; then output and gradients are
# compared, in eval mode.

# %% test="sk-values" points=2 tags=["active-ipynb"]
# check("channelzoo.sk", SKBlock, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.sk", SKBlock, "values")
# ### END HIDDEN TESTS

# %% test="sk-parameters" points=1 tags=["active-ipynb"]
# check("channelzoo.sk", SKBlock, "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.sk", SKBlock, "parameters")
# ### END HIDDEN TESTS

# %% [markdown]
# In training mode the norms use the batch at hand, and remember it.

# %% test="sk-training" points=1 tags=["active-ipynb"]
# check("channelzoo.sk", SKBlock, "training", "input")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.sk", SKBlock, "training", "input")
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 2. A gate that nobody trained (implement; 2 points, 15 minutes)
#
# The form θ⁻ of gather-excite has no weights:
#
# $$y = x \odot \sigma(\operatorname{interp}(\xi(x)))$$
#
# With `extent=None`, ξ is the mean of each channel over the whole map. With an extent e, ξ averages
# windows of 2e − 1 by 2e − 1 places around every e-th place, beginning at the first; what lies
# beyond the edge is not there and is not counted. interp brings the result back to H by W: each
# place takes the nearest gathered number, as `F.interpolate` does if it is only told the size.
#
# <details><summary>Hint 1</summary>A window of 2e − 1 around place 0 reaches e − 1 places beyond
# the edge. So what are kernel, stride and padding?</details>
# <details><summary>Hint 2</summary>Read the list of arguments of <code>F.avg_pool2d</code> to its
# end.</details>


# %% solution="ge"
class GEBlock(nn.Module):
    """GEBlock(channels, extent=None): (B, C, H, W) -> (B, C, H, W), without a parameter."""

    ### BEGIN SOLUTION
    def __init__(self, channels, extent=None):
        super().__init__()
        self.extent = extent

    def forward(self, x):
        if self.extent is None:
            return x * torch.sigmoid(x.mean(dim=(2, 3), keepdim=True))
        e = self.extent
        near = F.avg_pool2d(x, 2 * e - 1, e, e - 1, count_include_pad=False)
        return x * torch.sigmoid(F.interpolate(near, x.shape[2:]))
    ### END SOLUTION


# %% test="ge-values" points=1 tags=["active-ipynb"]
# check("channelzoo.ge", GEBlock, "values", "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.ge", GEBlock, "values", "parameters")
# ### END HIDDEN TESTS

# %% [markdown]
# The caller's x stays as it was, and no image hears another one.

# %% test="ge-input" points=1 tags=["active-ipynb"]
# check("channelzoo.ge", GEBlock, "input", "batch")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.ge", GEBlock, "input", "batch")
# ### END HIDDEN TESTS

# %% [markdown]
# How far does a place reach? Turn the knob: the one bright place moves the gates that are marked.

# %% name="knob" tags=["active-ipynb", "widget"]
# from ipywidgets import IntSlider, interact
#
#
# @interact(
#     extent=IntSlider(value=2, min=1, max=6, description="e"),
#     row=IntSlider(value=5, min=0, max=11, description="row"),
# )
# def reach(extent, row):
#     x = torch.ones(1, 1, 12, 12)
#     lit = x.clone()
#     lit[..., row, 6] = 50
#     moved = (GEBlock(1, extent)(lit) / lit - GEBlock(1, extent)(x) / x).abs()[0, 0] > 1e-6
#     for line in moved:
#         print("".join("#" if place else "." for place in line))

# %% [markdown]
# ## Task 3. Sixty-four questions in place of one (implement; 4 points, 20 minutes)
#
# The mean is the product of a channel with an even picture. FcaNet takes other pictures too: a wave
# of u half periods down the rows times one of v half periods along them.
#
# $$B^{u,v}_{ij} = k_u k_v \cos\Big(\frac{\pi u}{H}(i + \tfrac12)\Big)
# \cos\Big(\frac{\pi v}{W}(j + \tfrac12)\Big)$$
#
# i and j count from 0; $k_u$ is $\sqrt{1/H}$ for u = 0 and $\sqrt{2/H}$ for all others, $k_v$ the
# same with W. So the squares of every picture add up to 1. Write `wave`, in double precision
# (`torch.float64`).
#
# <details><summary>Hint</summary>Two vectors, one of H and one of W numbers, and their outer
# product.</details>


# %% solution="wave"
def wave(u, v, height, width):
    """The picture B of frequency (u, v): float64 of shape (height, width)."""
    ### BEGIN SOLUTION
    def line(frequency, length):
        middles = (torch.arange(length, dtype=torch.float64) + 0.5) / length
        return torch.cos(math.pi * frequency * middles) * math.sqrt((1 + (frequency > 0)) / length)

    return torch.outer(line(u, height), line(v, width))
    ### END SOLUTION


# %% name="wave-printed" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# pictures = torch.stack([wave(u, v, 3, 4).flatten() for u in range(3) for v in range(4)])
# products = pictures @ pictures.T
# print("lengths 1, all at right angles:", torch.allclose(products, torch.eye(12).double()))

# %% test="wave" points=1 tags=["active-ipynb"]
# check("channelzoo.wave", wave)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.wave", wave)
# ### END HIDDEN TESTS

# %% [markdown]
# Now the block. With n frequencies, the first C / n channels get the picture of the first one, the
# next C / n that of the second, and so on. A map is averaged onto the grid first, field by field,
# as `F.adaptive_avg_pool2d` does. Then each channel is multiplied with its picture and *summed*,
# and two layers without biases, C to h and back with a ReLU between, make C gates: SE's.
#
# The pictures are no parameters. Keep them in double precision and turn them into x's dtype where
# you use them: rounded once more, they miss the last digits that are compared.
#
# **Stuck on the wave?** `wave = provided("channelzoo.wave")` in a cell above this one lets you go
# on.
#
# <details><summary>Hint 1</summary><code>repeat_interleave</code> gives each channel its group's
# picture.</details>
# <details><summary>Hint 2</summary><code>pictures.to(x.dtype)</code>, (C, h, w), against fields (B,
# C, h, w).</details>


# %% solution="fca"
class FcaBlock(nn.Module):
    """FcaBlock(channels, grid, frequencies, hidden): (B, C, H, W) -> (B, C, H, W).

    grid: (h, w), the size that maps are averaged to. frequencies: a list of pairs (u, v).
    """

    ### BEGIN SOLUTION
    def __init__(self, channels, grid, frequencies, hidden):
        super().__init__()
        self.grid = tuple(grid)
        pictures = torch.stack([wave(u, v, *self.grid) for u, v in frequencies])
        self.pictures = pictures.repeat_interleave(channels // len(frequencies), dim=0)
        self.layers = nn.Sequential(
            nn.Linear(channels, hidden, bias=False),
            nn.ReLU(),
            nn.Linear(hidden, channels, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        fields = F.adaptive_avg_pool2d(x, self.grid)
        z = torch.einsum("bchw,chw->bc", fields, self.pictures.to(x.dtype))
        return x * self.layers(z)[:, :, None, None]
    ### END SOLUTION


# %% test="fca-values" points=2 tags=["active-ipynb"]
# check("channelzoo.fca", FcaBlock, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.fca", FcaBlock, "values")
# ### END HIDDEN TESTS

# %% [markdown]
# As many weights as SE, whatever the frequencies, and x is left alone.

# %% test="fca-parameters" points=1 tags=["active-ipynb"]
# check("channelzoo.fca", FcaBlock, "parameters", "input", "dtype")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.fca", FcaBlock, "parameters", "input", "dtype")
# ### END HIDDEN TESTS

# %% [markdown]
# **Stuck?** Put `provided("channelzoo.FcaBlock")` into the next cell in place of `FcaBlock`: the
# first look of task 8 goes on with it. Its graded cell wants your own.

# %% name="ready" tags=["active-ipynb"]
# ready = FcaBlock

# %% [markdown]
# ## Task 4. What the norm already knows (implement; 3 points, 15 minutes)
#
# A batch normalisation has a learned scale γ for each channel. NAM has no layer besides:
#
# $$y = x \odot \sigma\big(w \odot \mathrm{BN}(x)\big), \qquad w_c = \frac{|\gamma_c|}{\sum_n
# |\gamma_n|}$$
#
# The γ in w are the scales of this same BN. As in the released code, w is taken as a plain number:
# no gradient reaches γ through it.
#
# <details><summary>Hint 1</summary>Each number of the map has a gate of its own: nothing is
# averaged, but for what the norm does.</details>
# <details><summary>Hint 2</summary><code>detach()</code> makes a number of what had a
# gradient.</details>


# %% solution="nam"
class NAMBlock(nn.Module):
    """NAMBlock(channels): (B, C, H, W) -> (B, C, H, W), with the parameters of one norm."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        shares = F.normalize(self.norm.weight.detach(), p=1, dim=0).abs()
        return x * torch.sigmoid(shares[:, None, None] * self.norm(x))
    ### END SOLUTION


# %% test="nam-values" points=1 tags=["active-ipynb"]
# check("channelzoo.nam", NAMBlock, "values", "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.nam", NAMBlock, "values", "parameters")
# ### END HIDDEN TESTS

# %% test="nam-training" points=1 tags=["active-ipynb"]
# check("channelzoo.nam", NAMBlock, "training", "input")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.nam", NAMBlock, "training", "input")
# ### END HIDDEN TESTS

# %% [markdown]
# What makes some scales small? A penalty in the loss: p times the sum of |γ| over all channels of
# all norms. `scales` is the list of their weights, one vector for each norm, of any lengths.

# %% solution="penalty"
def penalty(scales, p):
    """p times the sum of the absolute values of all scales, a list of vectors: one number."""
    ### BEGIN SOLUTION
    return p * torch.cat(scales).abs().sum()
    ### END SOLUTION


# %% name="penalty-printed" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print(float(penalty([torch.tensor([1.0, -2.0]), torch.tensor([0.5, 0.0, -0.5])], 0.25)))

# %% test="penalty" points=1 tags=["active-ipynb"]
# check("channelzoo.penalty", penalty)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.penalty", penalty)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 5. The price of a choice (cost; 1 point, 10 minutes)
#
# Count the parameters of `SKBlock`, those of its norms included, and its multiply-adds for one
# image: one for each weight of a convolution or layer each time it is used. Norms, sums and the
# mixing are not counted; a tap that meets a zero beyond the edge is.
#
# <details><summary>Hint</summary>How many weights has a 3x3 convolution in G groups? How often is
# each of them used?</details>


# %% solution="costs"
def sk_costs(channels, height, width, branches, groups, hidden):
    """(parameters, multiply-adds) of SKBlock for one map of channels x height x width."""
    ### BEGIN SOLUTION
    kernels = branches * 9 * channels * channels // groups
    layers = (1 + branches) * channels * hidden
    norms = 2 * branches * channels + 2 * hidden
    return kernels + layers + norms, kernels * height * width + layers
    ### END SOLUTION


# %% name="costs-printed" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# plain = 9 * 256 * 256 // 32
# weights, work = sk_costs(256, 28, 28, 2, 32, 32)
# print(f"one grouped convolution {plain:,} weights, {plain * 28 * 28:,} multiply-adds")
# print(f"selective kernels       {weights:,} weights, {work:,} multiply-adds")

# %% test="costs" points=1 tags=["active-ipynb"]
# check("channelzoo.sk_costs", sk_costs)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.sk_costs", sk_costs)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 6. Mirrors and means (predict, equivalence; 2 points, 15 minutes)
#
# Turn a map upside down, and the number that a wave (u, v) squeezes out of it stays as it is or
# changes its sign; the same when left and right are exchanged. Predict which: `mirrored(u, v)` is a
# pair of whole numbers, each 1 or −1. The first is the factor for upside down, the second for left
# and right.
#
# <details><summary>Hint</summary>Draw the wave of one half period. Which value has it at the first
# place, and which at the last? And two half periods?</details>


# %% solution="mirrored"
def mirrored(u, v):
    """(factor, factor) of a coefficient (u, v): the map upside down; left and right exchanged."""
    ### BEGIN SOLUTION
    return (-1) ** u, (-1) ** v
    ### END SOLUTION


# %% [markdown]
# Was it right? These are measured on a random map.

# %% name="mirrored-run" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# x = torch.randn(5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
# known = provided("channelzoo.wave")
# for u, v in ((0, 0), (1, 0), (0, 2), (3, 1)):
#     picture = known(u, v, 5, 6)
#     number = (x * picture).sum()
#     found = [round(float((x.flip(axis) * picture).sum() / number)) for axis in (0, 1)]
#     print(f"(u, v) = {u, v}: predicted {mirrored(u, v)}, found {tuple(found)}")

# %% test="mirrored" points=1 tags=["active-ipynb"]
# check("channelzoo.mirrored", mirrored)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.mirrored", mirrored)
# ### END HIDDEN TESTS

# %% [markdown]
# SE is among these blocks. You are given the first layer's weight of a trained SE, (h, C), whose
# squeeze is the mean. Which weight must stand in its place in `FcaBlock(C, (height, width), [(0,
# 0)], h)`, so that all gates stay the same?
#
# <details><summary>Hint</summary>What does the picture of frequency (0, 0) hold, and what is a
# channel's sum with it?</details>


# %% solution="from-se"
def from_se(weight, height, width):
    """The first weight (h, C) of FcaBlock with frequency (0, 0) that gives an SE's gates."""
    ### BEGIN SOLUTION
    return weight / math.sqrt(height * width)
    ### END SOLUTION


# %% test="from-se" points=1 tags=["active-ipynb"]
# check("channelzoo.from_se", from_se)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.from_se", from_se)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 7. A global gate that is not (find the bug; 2 points, 15 minutes)
#
# The form θ of gather-excite has weights: for the whole map as its extent, a kernel as large as the
# map for each channel. A widely used library gathers as `wild_gates` does, with x (B, C, H, W) and
# kernels (C, 1, H, W). The law it breaks: **a global gate is the same at every place of its
# channel.**
#
# Write `mended_gates`, which takes the same and returns the right gates in the same shape, (B, C,
# H, W); and `exposing_map`, a map (1, channels, height, width) on which the law is broken although
# all numbers of the kernels are equal.
#
# <details><summary>Hint 1</summary>Print <code>u.shape</code>. How many sums should a kernel as
# large as the map give?</details>
# <details><summary>Hint 2</summary>With padding, what does the kernel lie on when it stands in a
# corner?</details>


# %% name="wild" tags=["setup"]
def wild_gates(x, kernels):
    size = x.shape[2:]
    u = F.conv2d(x, kernels, padding=[n // 2 for n in size], groups=len(kernels))
    return torch.sigmoid(F.interpolate(u, size))


# %% solution="mended"
def mended_gates(x, kernels):
    """The gates of a global θ: x (B, C, H, W), kernels (C, 1, H, W) -> (B, C, H, W)."""
    ### BEGIN SOLUTION
    u = F.conv2d(x, kernels, groups=len(kernels))  # (B, C, 1, 1): one place fits
    return torch.sigmoid(u).expand_as(x)
    ### END SOLUTION


# %% solution="exposing"
def exposing_map(channels, height, width):
    """A map (1, channels, height, width) whose gates by wild_gates differ within a channel."""
    ### BEGIN SOLUTION
    return torch.ones(1, channels, height, width)
    ### END SOLUTION


# %% test="mended" points=1 tags=["active-ipynb"]
# check("channelzoo.mended", mended_gates)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.mended", mended_gates)
# ### END HIDDEN TESTS

# %% test="exposing" points=1 tags=["active-ipynb"]
# def spread(gates):
#     """By how much the gates of a channel differ, at most."""
#     return float((gates.amax((2, 3)) - gates.amin((2, 3))).max())
#
#
# for channels, height, width in ((3, 4, 5), (1, 7, 7)):
#     called = f"exposing_map({channels}, {height}, {width})"
#     shown = exposing_map(channels, height, width)
#     assert isinstance(shown, torch.Tensor) and shown.is_floating_point(), (
#         f"{called} returned {shown!r}; expected a tensor of floats"
#     )
#     assert tuple(shown.shape) == (1, channels, height, width), (
#         f"{called} has shape {tuple(shown.shape)}; expected (1, {channels}, {height}, {width})"
#     )
#     kernels = torch.full((channels, 1, height, width), 1 / (height * width), dtype=shown.dtype)
#     found = spread(wild_gates(shown, kernels))
#     assert found > 0.01, (
#         f"{called}: the gates of wild_gates lie within {found:.4f} of one another, so nothing "
#         f"shows. The kernels are all 1 / (height * width): what does one in a corner sum up?"
#     )
# ### BEGIN HIDDEN TESTS
# for channels, height, width in ((2, 6, 3), (5, 2, 9)):
#     shown = exposing_map(channels, height, width)
#     kernels = torch.full((channels, 1, height, width), 1 / (height * width), dtype=shown.dtype)
#     assert tuple(shown.shape) == (1, channels, height, width), (
#         f"exposing_map ignores the sizes it is given: {tuple(shown.shape)} came"
#     )
#     assert shown.isfinite().all() and spread(wild_gates(shown, kernels)) > 0.01, (
#         f"exposing_map({channels}, {height}, {width}): the bug does not show on this size"
#     )
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 8. A question of rows (experiment; 2 points, 20 minutes)
#
# In the question *row* four objects of different textures lie at different heights, and a plain
# square, the cue, on the row of one of them. Asked is the texture of that one. A guess is right in
# 0.25 of all cases, and the means of an image do not say whether its cue lies high or low.
#
# Two squeezes with one wave each stand below, on the host's map averaged to 4 by 4 fields: (0, 0),
# which is the mean, and (1, 0). Predict both shares of right answers, and what (0, 1) would reach;
# then train the two.


# %% name="question" tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from attnlab.questions import draw
#
# recipe = RECIPES["row-fca"]
# shown = draw("row", 8, seed=11, size=recipe["size"])
# figure, axes = plt.subplots(1, 8, figsize=(10, 1.6))
# for axis, image, label in zip(axes, shown.images, shown.labels, strict=True):
#     axis.imshow(image.permute(1, 2, 0))
#     axis.set_title(int(label))
#     axis.axis("off")

# %% name="experiment" tags=["active-ipynb"]
# from attnlab.train import accuracy, run_recipe
#
# new, right = draw("row", 512, seed=78, size=recipe["size"]), {}
# for pair in ((0, 0), (1, 0)):
#     config = recipe["config"] | {"frequencies": [pair]}
#     trained = run_recipe(recipe | {"config": config}, ready)
#     right[pair] = accuracy(trained, new.images, new.labels)
#     print(f"wave {pair}: right in {right[pair]:.2f} of new images")

# %% name="experiment-answer" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("ahead by 0.1 at least:", right[1, 0] > right[0, 0] + 0.1)

# %% [markdown]
# A gate knows nothing of places, and yet this host answers by place. Where in the network does the
# knowledge of the row lie? The chapter has the other waves too, and several of them together.
#
# The check trains your block with the wave (1, 0) and compares what it computes, trained, with what
# those weights should give.

# %% test="experiment" points=2 tags=["active-ipynb", "trains"]
# check("channelzoo.row", FcaBlock)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("channelzoo.row", FcaBlock)
# ### END HIDDEN TESTS

# %% [markdown]
# **Before you go.** Photographs are mirrored at random while a network is trained, left and right.
# Which waves give a number that such an augmentation leaves alone? Look at the sixteen that the
# paper's networks chose, in the chapter: are they of that kind?
