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
# # Channels and places at once
#
# Sources: F. Wang and others, "Residual Attention Network for Image Classification", CVPR 2017,
# <https://arxiv.org/abs/1704.06904>; A. G. Roy, N. Navab and C. Wachinger, "Concurrent Spatial and
# Channel 'Squeeze & Excitation' in Fully Convolutional Networks", MICCAI 2018,
# <https://arxiv.org/abs/1803.02579>; J. Park and others, "BAM: Bottleneck Attention Module", BMVC
# 2018, <https://arxiv.org/abs/1807.06514>; W. Li, X. Zhu and S. Gong, "Harmonious Attention Network
# for Person Re-Identification", CVPR 2018, <https://arxiv.org/abs/1802.08122>. We follow the
# papers; where released code does another thing, the text says so.
#
# **20 points, about 140 minutes.** You will
#
# 1. add two gates that see the same map (task 1), then two logits inside one gate (task 2);
# 2. find out which places a dilated gate hears, and choose dilations that leave no gap (task 3);
# 3. predict which joined gates can keep one channel here and another there (task 4);
# 4. derive what both branches learn from one number (task 5);
# 5. put a mask beside a trunk, and see why it is 1 + M (task 6);
# 6. move windows by gradients (task 7);
# 7. ask a question that one place alone cannot answer (task 8).
#
# Shapes are written (B, C, H, W): images in the batch, channels, rows, columns. A check can be run
# as often as you like. Points are given with other numbers than those on the page, so write for any
# size. Only task 8 needs an earlier task, your block of task 2.

# %% name="imports" tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn

# %% name="tools" tags=["setup", "active-ipynb"]
# from attnlab.check import check, provided
# from attnlab.train import RECIPES

# %% [markdown]
# ## Task 1. Two gates, added (implement; 3 points, 15 minutes)
#
# The gate for channels is SE's, with biases: from the mean z of each channel,
# $a = W_2\, \delta(W_1 z + b_1) + b_2$, with a hidden layer of $C / r$. The gate for places is a
# 1x1 convolution to **one** map, $b_{ij} = \sum_c w_c x_{cij} + w_0$. The paper adds what both make
# of the map:
#
# $$y_{cij} = \sigma(a_c)\, x_{cij} + \sigma(b_{ij})\, x_{cij}$$
#
# Write `SCSEBlock` with `__init__(self, channels, reduction=2)` and `forward(self, x)`.
#
# <details><summary>Hint 1</summary>One gate has shape (B, C, 1, 1), the other (B, 1, H, W). What is
# the shape of their sum?</details>
# <details><summary>Hint 2</summary><code>nn.Linear(C, h)</code>, <code>nn.Linear(h, C)</code> and
# <code>nn.Conv2d(C, 1, 1)</code> hold all the weights.</details>

# %% solution="scse"
class SCSEBlock(nn.Module):
    """SCSEBlock(channels, reduction=2): (B, C, H, W) -> (B, C, H, W)."""

    ### BEGIN SOLUTION
    def __init__(self, channels, reduction=2):
        super().__init__()
        hidden = channels // reduction
        self.reduce, self.expand = nn.Linear(channels, hidden), nn.Linear(hidden, channels)
        self.place = nn.Conv2d(channels, 1, 1)

    def forward(self, x):
        a = self.expand(F.relu(self.reduce(x.mean(dim=(2, 3)))))[:, :, None, None]
        return x * (torch.sigmoid(a) + torch.sigmoid(self.place(x)))
    ### END SOLUTION


# %% name="scse-birth" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# torch.manual_seed(0)
# x = torch.rand(4, 32, 7, 5)
# print("out:", tuple(SCSEBlock(32)(x).shape))
# print(f"a fresh block passes on {(SCSEBlock(32)(x) / x).mean().item():.1f} of its map")

# %% [markdown]
# Same weights, same numbers? The check lays given weights into your block and compares the output
# and every gradient.

# %% test="scse-values" points=2 tags=["active-ipynb"]
# check("spacezoo.scse", SCSEBlock, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.scse", SCSEBlock, "values")
# ### END HIDDEN TESTS

# %% [markdown]
# No parameter too many, and every image by itself.

# %% test="scse-laws" points=1 tags=["active-ipynb"]
# check("spacezoo.scse", SCSEBlock, "parameters", "batch", "input", "gradients")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.scse", SCSEBlock, "parameters", "batch", "input", "gradients")
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 2. Two logits, one gate (implement, cost; 5 points, 30 minutes)
#
# $$y = x + x \odot \sigma(a + b)$$
#
# The branch for channels is that of task 1 with a batch normalisation in front of its ReLU. The
# branch for places first reduces the map to $h = C / r$ channels and then looks around itself:
# 1x1 convolution to h, norm, ReLU; 3x3 convolution with dilation, norm, ReLU; another one of these,
# norm, ReLU; 1x1 convolution to one map. Every layer has a bias, and the 3x3 convolutions keep the
# size of the map.
#
# Write `BAMBlock` with `__init__(self, channels, reduction=16, dilation=4)` and `forward(self, x)`.
# Define the layers in the order in which the map meets them, the branch for channels first: so the
# check knows which weights belong where.
#
# <details><summary>Hint 1</summary>A 3x3 kernel whose taps lie d apart covers 2d + 1 places. How
# much padding keeps the size?</details>
# <details><summary>Hint 2</summary>The hidden layer of the channel branch has two axes, (B, h):
# <code>nn.BatchNorm1d</code>.</details>
# <details><summary>Hint 3</summary>An <code>nn.Sequential</code> of ten layers is the whole branch
# for places.</details>

# %% solution="bam"
class BAMBlock(nn.Module):
    """BAMBlock(channels, reduction=16, dilation=4): (B, C, H, W) -> (B, C, H, W)."""

    ### BEGIN SOLUTION
    def __init__(self, channels, reduction=16, dilation=4):
        super().__init__()
        hidden = channels // reduction
        self.channel = nn.Sequential(
            nn.Linear(channels, hidden), nn.BatchNorm1d(hidden), nn.ReLU(),
            nn.Linear(hidden, channels),
        )  # fmt: skip
        far = {"padding": dilation, "dilation": dilation}
        self.spatial = nn.Sequential(
            nn.Conv2d(channels, hidden, 1), nn.BatchNorm2d(hidden), nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, **far), nn.BatchNorm2d(hidden), nn.ReLU(),
            nn.Conv2d(hidden, hidden, 3, **far), nn.BatchNorm2d(hidden), nn.ReLU(),
            nn.Conv2d(hidden, 1, 1),
        )  # fmt: skip

    def forward(self, x):
        a = self.channel(x.mean(dim=(2, 3)))[:, :, None, None]
        return x + x * torch.sigmoid(a + self.spatial(x))
    ### END SOLUTION


# %% test="bam-values" points=2 tags=["active-ipynb"]
# check("spacezoo.bam", BAMBlock, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.bam", BAMBlock, "values")
# ### END HIDDEN TESTS

# %% [markdown]
# The number of parameters, and what becomes of the running statistics in training.

# %% test="bam-training" points=1 tags=["active-ipynb"]
# check("spacezoo.bam", BAMBlock, "parameters", "training")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.bam", BAMBlock, "parameters", "training")
# ### END HIDDEN TESTS

# %% [markdown]
# No image hears another one, and the caller's x stays as it was.

# %% test="bam-laws" points=1 tags=["active-ipynb"]
# check("spacezoo.bam", BAMBlock, "batch", "input", "gradients")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.bam", BAMBlock, "batch", "input", "gradients")
# ### END HIDDEN TESTS

# %% [markdown]
# **Stuck?** Put `provided("spacezoo.BAMBlock")` into the next cell in place of `BAMBlock`, go on,
# and come back later. It serves the last task's run; a check wants your own.

# %% name="ready" tags=["active-ipynb"]
# ready = BAMBlock

# %% [markdown]
# What does it cost? Count the parameters, norms included (a scale and a shift for each channel),
# and for one image one multiply-add for each weight of a linear layer or a convolution, each time
# it is used. Biases, norms, means and gates are not counted.
#
# <details><summary>Hint</summary>Which layers are used once for an image, and which H W
# times?</details>

# %% solution="costs"
def costs(channels, height, width, reduction=16):
    """(parameters, multiply-adds) of a BAMBlock for one image (channels, height, width)."""
    ### BEGIN SOLUTION
    hidden = channels // reduction
    weights = 2 * channels * hidden  # of the branch for channels
    everywhere = channels * hidden + 18 * hidden * hidden + hidden
    biases = (hidden + channels) + 3 * hidden + 1
    norms = 4 * 2 * hidden
    return weights + everywhere + biases + norms, weights + everywhere * height * width
    ### END SOLUTION


# %% [markdown]
# In a ResNet-50 the block stands three times, where the stages meet. The paper's table says 25.92
# million parameters for a network of 25,557,032.

# %% name="costs-printed" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# three = [costs(channels, side, side) for channels, side in ((256, 56), (512, 28), (1024, 14))]
# for weights, work in three:
#     print(f"{weights:9,} parameters, {work:12,} multiply-adds")
# print(f"{sum(w for w, _ in three):9,} added, {25_557_032 + sum(w for w, _ in three):,} in all")

# %% test="costs" points=1 tags=["active-ipynb"]
# check("spacezoo.costs", costs)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.costs", costs)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 3. Reach is not coverage (shape algebra, design; 2 points, 15 minutes)
#
# One row of a map, and kernels of three taps, one behind the other; kernel n has its taps
# `dilations[n]` apart. Which places reach the number at place 0? `heard([4])` is `[-4, 0, 4]`.
# Predict `heard([4, 4])`, BAM's, before you write the function.
#
# <details><summary>Hint</summary>A path from a place to the number takes one tap of each
# kernel.</details>

# %% solution="heard"
def heard(dilations):
    """The places, in rising order, that reach place 0 through kernels of three taps."""
    ### BEGIN SOLUTION
    places = {0}
    for d in dilations:
        places = {place + step for place in places for step in (-d, 0, d)}
    return sorted(places)
    ### END SOLUTION


# %% [markdown]
# Autograd finds out the same: a place is heard if the number has a gradient in it.

# %% name="heard-run" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# def found(dilations, reach=20):
#     row = torch.zeros(1, 1, 2 * reach + 1, requires_grad=True)
#     y = row
#     for d in dilations:
#         y = F.conv1d(y, torch.ones(1, 1, 3), padding=d, dilation=d)
#     (slope,) = torch.autograd.grad(y[0, 0, reach], row)
#     return (slope[0, 0].nonzero()[:, 0] - reach).tolist()
#
#
# for dilations in ([4], [4, 4], [2, 4], [1, 2, 4]):
#     predicted = heard(dilations)
#     print(dilations, "hears", predicted, "as found:", predicted == found(dilations))

# %% test="heard" points=1 tags=["active-ipynb"]
# check("spacezoo.heard", heard)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.heard", heard)
# ### END HIDDEN TESTS

# %% [markdown]
# So a gate of BAM hears 25 of 289 places. Do better with the same number of kernels: choose the
# dilations so that no place is left out, and the reach is as large as it can be.
#
# <details><summary>Hint 1</summary>With n kernels there are 3^n paths. What is the largest number
# of places they can end at?</details>
# <details><summary>Hint 2</summary>If the kernels so far hear 2m + 1 places in a row, how far apart
# may the taps of the next one lie?</details>

# %% solution="gapless"
def gapless(kernels):
    """Dilations for so many kernels of three taps: heard without a gap, and as far as possible."""
    ### BEGIN SOLUTION
    return [3**n for n in range(kernels)]
    ### END SOLUTION


# %% test="gapless" points=1 tags=["active-ipynb"]
# def complaint(kernels, dilations):
#     if not isinstance(dilations, (list, tuple)) or len(dilations) != kernels:
#         return f"gapless({kernels}) returned {dilations!r}; expected a list of {kernels}"
#     places, most = provided("spacezoo.heard")(dilations), (3**kernels - 1) // 2
#     missing = sorted(set(range(-most, most + 1)) - set(places))
#     if missing:
#         return (
#             f"gapless({kernels}) returned {dilations!r}: place {missing[0]} is not heard; every "
#             f"place from {-most} to {most} can be"
#         )
#
#
# for kernels in (1, 2):
#     said = complaint(kernels, gapless(kernels))
#     assert not said, said
# ### BEGIN HIDDEN TESTS
# for kernels in (3, 4, 5):
#     said = complaint(kernels, gapless(kernels))
#     assert not said, said
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 4. Can gates cross? (predict; 2 points, 15 minutes)
#
# A wish: keep channel 1 on the left and channel 2 on the right, and silence the rest. Write the
# gates as a table with a row for each channel and a column for each place. For two channels and two
# places the *cross sum* is
#
# $$t_{c,p} + t_{c',p'} - t_{c,p'} - t_{c',p}$$
#
# and the wish needs a large one. `crossing` returns the largest cross sum of a table (C, N), over
# all pairs of channels and of places; it is 0 for a single channel or place.
#
# <details><summary>Hint 1</summary>For a pair of channels, look at the difference of their rows.
# The cross sum is that difference at one place minus the same at another.</details>
# <details><summary>Hint 2</summary>The largest such number of a row is its largest entry minus its
# smallest.</details>

# %% solution="crossing"
def crossing(table):
    """The largest cross sum of a table (C, N), a tensor without axes."""
    ### BEGIN SOLUTION
    rows = table[:, None] - table[None]  # (C, C, N)
    return (rows.amax(2) - rows.amin(2)).max()
    ### END SOLUTION


# %% test="crossing" points=1 tags=["active-ipynb"]
# check("spacezoo.crossing", crossing)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.crossing", crossing)
# ### END HIDDEN TESTS

# %% [markdown]
# Let every channel have a logit a and every place a logit b. Four ways to join them:
#
# | way | gate |
# | --- | --- |
# | `"sum of gates"` | σ(a) + σ(b), as in task 1 |
# | `"product of gates"` | σ(a) σ(b), as in CBAM |
# | `"gate of a sum"` | σ(a + b), as in task 2 |
# | `"gate of a product"` | σ(a b), BAM's released code |
#
# On which scale is every cross sum 0, whatever the logits are? `flat_on(way)` returns `"gate"`,
# `"logarithm"` (of the gate), `"logit"` (of the gate), or `"none"` of these three. Predict first,
# then run the next cell.
#
# <details><summary>Hint</summary>Cross sums are 0 exactly where the table is something of the
# channel plus something of the place.</details>

# %% solution="flat-on"
def flat_on(way):
    """The scale on which gates that are joined in this way never cross: a word."""
    ### BEGIN SOLUTION
    scales = {
        "sum of gates": "gate",
        "product of gates": "logarithm",
        "gate of a sum": "logit",
        "gate of a product": "none",
    }
    return scales[way]
    ### END SOLUTION


# %% name="flat-run" tags=["active-ipynb"]
# torch.manual_seed(4)
# a, b = torch.randn(6, 1).double(), torch.randn(1, 9).double()
# gates = {
#     "sum of gates": (a.sigmoid() + b.sigmoid()) / 2,
#     "product of gates": a.sigmoid() * b.sigmoid(),
#     "gate of a sum": (a + b).sigmoid(),
#     "gate of a product": (a * b).sigmoid(),
# }
# scales = {"gate": lambda g: g, "logarithm": torch.log, "logit": torch.logit}
# for way, table in gates.items():
#     sums = [f"{scale} {crossing(to(table)).item():.2f}" for scale, to in scales.items()]
#     print(f"{way:18} predicted {flat_on(way):10} found: {', '.join(sums)}")

# %% test="flat-on" points=1 tags=["active-ipynb"]
# check("spacezoo.flat_on", flat_on)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.flat_on", flat_on)
# ### END HIDDEN TESTS

# %% [markdown]
# What could grant the wish? Harmonious attention mixes a product of the two by a 1x1 convolution
# with a bias, so that each channel has its own straight line over one map of places. Residual
# attention gives every number a gate of its own; that is task 6.
#
# ## Task 5. What both branches learn (derive; 2 points, 15 minutes)
#
# $$y = x + x \odot \sigma(a + b), \qquad a: (B, C, 1, 1), \quad b: (B, 1, H, W)$$
#
# Let g be the gradient of the loss in y. Write down the gradients in a and in b, without autograd.
#
# <details><summary>Hint 1</summary>The slope of the sigmoid is s (1 − s).</details>
# <details><summary>Hint 2</summary>One a serves a whole channel: what every place tells it is
# added. And one b?</details>

# %% solution="slopes"
def slopes(x, a, b, g):
    """(gradient in a, gradient in b), of the shapes of a and b; g is the gradient in y."""
    ### BEGIN SOLUTION
    s = torch.sigmoid(a + b)
    each = g * x * s * (1 - s)
    return each.sum(dim=(2, 3), keepdim=True), each.sum(dim=1, keepdim=True)
    ### END SOLUTION


# %% name="slopes-run" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# torch.manual_seed(5)
# x, g = torch.randn(2, 3, 4, 5).double(), torch.randn(2, 3, 4, 5).double()
# a = torch.randn(2, 3, 1, 1).double().requires_grad_()
# b = torch.randn(2, 1, 4, 5).double().requires_grad_()
# theirs = torch.autograd.grad(x + x * torch.sigmoid(a + b), (a, b), g)
# mine = slopes(x, a.detach(), b.detach(), g)
# print("as autograd has it:", [torch.allclose(m, t) for m, t in zip(mine, theirs)])

# %% test="slopes" points=2 tags=["active-ipynb"]
# check("spacezoo.slopes", slopes)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.slopes", slopes)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 6. A mask beside a trunk (implement; 2 points, 15 minutes)
#
# Residual attention, made small: the trunk T is one 3x3 convolution, and the mask goes down and up
# again.
#
# 1. down: the largest of each 3x3 window, every second place (padding 1);
# 2. a 3x3 convolution to C // 2 channels, ReLU;
# 3. up: bilinear interpolation to the size of x, corners on corners;
# 4. a 1x1 convolution back to C channels, and a sigmoid: M.
#
# $$y = (1 + M) \odot T$$
#
# All convolutions have biases and keep the size. Write `MaskedTrunk(channels)`; define the trunk
# first, then the layers of the mask.
#
# <details><summary>Hint 1</summary><code>F.max_pool2d(x, 3, 2, 1)</code>.</details>
# <details><summary>Hint 2</summary><code>F.interpolate(…, size=…, mode="bilinear",
# align_corners=True)</code>.</details>

# %% solution="masked"
class MaskedTrunk(nn.Module):
    """MaskedTrunk(channels): (B, C, H, W) -> (B, C, H, W)."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.trunk = nn.Conv2d(channels, channels, 3, padding=1)
        self.look = nn.Conv2d(channels, channels // 2, 3, padding=1)
        self.head = nn.Conv2d(channels // 2, channels, 1)

    def forward(self, x):
        down = F.relu(self.look(F.max_pool2d(x, 3, 2, 1)))
        up = F.interpolate(down, size=x.shape[2:], mode="bilinear", align_corners=True)
        return (1 + torch.sigmoid(self.head(up))) * self.trunk(x)
    ### END SOLUTION


# %% [markdown]
# Why 1 + M? Ten masks of one half, one behind the other:

# %% name="masked-run" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print(f"M alone leaves {0.5**10:.4f}; 1 + M makes {1.5**10:.0f}, which a norm can undo")

# %% test="masked" points=2 tags=["active-ipynb"]
# check("spacezoo.masked", MaskedTrunk)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.masked", MaskedTrunk)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 7. Windows that move (implement; 2 points, 20 minutes)
#
# Harmonious attention's hard part. A linear layer of the means of x gives each of P regions a
# place, $(t_x, t_y) = \tanh(W z + b)$, in the order $t_x, t_y$ of the first region, of the second,
# and so on. A region has the size of the map and reads it at
#
# $$u = s_w\, u' + t_x, \qquad v = s_h\, v' + t_y$$
#
# where u runs across and v down, both from −1 to 1 with the corners of the map at ±1. It reads
# between the four places around (u, v), each weighted by its nearness; beyond the map lie zeros.
#
# Write `Regions(channels, parts=4, scale=(1, 0.25))`, `scale` being $(s_w, s_h)$. The layer is an
# `nn.Linear`, and the result has the shape (B, P, C, H, W).
#
# <details><summary>Hint 1</summary><code>F.affine_grid</code> takes matrices [[s_w, 0, t_x],
# [0, s_h, t_y]], one for each region; <code>F.grid_sample</code> reads.</details>
# <details><summary>Hint 2</summary>Both have an argument <code>align_corners</code>.</details>
# <details><summary>Hint 3</summary>Lay the regions beside the batch, (B P, C, H, W), and take them
# apart again.</details>

# %% solution="regions"
class Regions(nn.Module):
    """Regions(channels, parts=4, scale=(1, 0.25)): (B, C, H, W) -> (B, P, C, H, W)."""

    ### BEGIN SOLUTION
    def __init__(self, channels, parts=4, scale=(1, 0.25)):
        super().__init__()
        self.scale = scale
        self.fc = nn.Linear(channels, 2 * parts)

    def forward(self, x):
        places = torch.tanh(self.fc(x.mean(dim=(2, 3)))).view(len(x), -1, 2)
        sizes = torch.diag(places.new_tensor(self.scale)).expand(*places.shape[:2], 2, 2)
        theta = torch.cat([sizes, places[..., None]], dim=3).flatten(0, 1)  # (B P, 2, 3)
        many = x.repeat_interleave(places.shape[1], dim=0)
        grid = F.affine_grid(theta, list(many.shape), align_corners=True)
        read = F.grid_sample(many, grid, align_corners=True)
        return read.view(len(x), -1, *x.shape[1:])
    ### END SOLUTION


# %% test="regions" points=2 tags=["active-ipynb"]
# check("spacezoo.regions", Regions, "parameters", "values", "gradients")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.regions", Regions, "parameters", "values", "gradients")
# ### END HIDDEN TESTS

# %% [markdown]
# No reward is needed: the place has a gradient. It comes from the rows and columns next to those
# that are read, so a window on even ground does not move. Try other starting places.

# %% name="climb" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# def climb(start, spread, steps=200):
#     """Rows where a window of one row of 64 ends that moves towards light at row 20."""
#     rows = torch.arange(64.0)
#     light = torch.exp(-(((rows - 20) / spread) ** 2))
#     at = torch.tensor(start + 0.4, requires_grad=True)
#     for _ in range(steps):
#         seen = ((1 - (at - rows).abs()).clamp(min=0) * light).sum()
#         (slope,) = torch.autograd.grad(seen, at)
#         at = (at + 2 * slope).detach().requires_grad_()
#     return round(at.item())
#
#
# for spread in (2, 12):
#     ends = [climb(start, spread) for start in (18, 30, 50)]
#     print(f"light {spread:2} rows wide: from rows 18, 30, 50 to {ends}")

# %% [markdown]
# ## Task 8. What one place cannot say (experiment; 2 points, 15 minutes)
#
# In the question *beside* two textured objects lie far apart, and a cue of plain colour lies nearer
# to one of them: which texture has that one? Both textures are in every image, so the means of the
# channels know nothing. A gate for places that looks at one place at a time sees a texture and does
# not see the cue.
#
# Predict the share of right answers of both blocks, then train them. A guess is right in half of
# all cases.

# %% name="question" tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from attnlab.questions import draw
#
# recipe = RECIPES["beside-bam"]
# shown = draw("beside", 8, seed=11, size=recipe["size"])
# figure, axes = plt.subplots(1, 8, figsize=(10, 1.6))
# for axis, image, label in zip(axes, shown.images, shown.labels, strict=True):
#     axis.imshow(image.permute(1, 2, 0))
#     axis.set_title(int(label))
#     axis.axis("off")

# %% name="experiment" tags=["active-ipynb"]
# from attnlab.train import accuracy, run_recipe
#
# new, right = draw("beside", 512, seed=78, size=recipe["size"]), {}
# for name, block in {"scSE": provided("spacezoo.SCSEBlock"), "your block": ready}.items():
#     trained = run_recipe(recipe, block)
#     right[name] = accuracy(trained, new.images, new.labels)
#     print(f"{name:10} right in {right[name]:.2f} of new images")

# %% name="experiment-answer" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("scSE, under 0.7:", right["scSE"] < 0.7, "- bottleneck attention, over 0.9:",
#       right["your block"] > 0.9)

# %% test="experiment" points=2 tags=["active-ipynb", "trains"]
# check("spacezoo.beside", BAMBlock)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("spacezoo.beside", BAMBlock)
# ### END HIDDEN TESTS

# %% [markdown]
# **Before you go.** CBAM answers *beside* too, and its two gates stand one behind the other. What
# do you have to change in your BAMBlock to make it serial? Which of its laws and of your numbers
# would still hold, and which range would the factor of x have?
