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
# # Dual attention
#
# Source: J. Fu, J. Liu, H. Tian, Y. Li, Y. Bao, Z. Fang and H. Lu, "Dual Attention Network for
# Scene Segmentation", CVPR 2019, <https://arxiv.org/abs/1809.02983>, equations 1 to 4. Two blocks
# side by side: one compares positions, the other compares channels.
#
# We follow the released code. It differs from the paper in one sign: equation 3 weighs channels by
# softmax(+E), the code by softmax(max E - E), which is softmax(-E): the channel that is least like
# its own gets the largest weight. The authors say that the form with max keeps the loss from
# diverging, and that the other did worse. `sign=+1` is the paper's.
#
# **20 points, about 130 minutes.** You will
#
# 1. write position attention, born as the identity (task 1);
# 2. find the bug in a tidied-up channel attention, and write it with a switch for the sign (task
#    2);
# 3. put the two side by side, as the paper's head does (task 3);
# 4. count both, and find the map size at which one overtakes the other (task 4);
# 5. recognise position attention as a non-local block (task 5);
# 6. predict what each of the two ignores (task 6);
# 7. say what a table of measurements supports (task 7);
# 8. let your block answer a question pixel by pixel (task 8).
#
# Shapes are written (B, C, H, W): images in the batch, channels, rows, columns; N = HW positions.
# A check tells you which numbers differ and what most likely made them so, as often as you ask.
# The grader asks the same of numbers that you have not seen. Tasks 3 and 8 build on task 1, and
# task 3 on task 2; the others stand alone.

# %% name="imports" tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn

# %% name="tools" tags=["setup", "active-ipynb"]
# from attnlab.check import check
# from attnlab.train import RECIPES

# %% [markdown]
# ## Task 1. Position attention (implement; 5 points, 25 minutes)
#
# $$s_{ji} = \frac{e^{B_i \cdot C_j}}{\sum_i e^{B_i \cdot C_j}} \quad (1) \qquad\qquad
# y_j = \gamma \sum_i s_{ji} D_i + x_j \quad (2)$$
#
# Position j looks at every position i. C are its queries, B the keys, D the values: three 1x1
# convolutions of x, with biases. Queries and keys are narrow, C // r channels with r = 8 (at least
# one), the values as wide as x. γ is one learned number that starts at 0.
#
# Write `PositionAttention` with `__init__(self, channels, reduction=8)` and `forward(self, x)`.
# Names are free, as long as the layers are defined in this order: queries, keys, values.
#
# <details><summary>Hint 1</summary>Flatten the map: queries and keys become (B, c, N), values (B,
# C, N). Which product of two of them is (B, N, N)?</details>
# <details><summary>Hint 2</summary>Row j of the affinity belongs to the one who looks. Its numbers
# add up to one, so the softmax runs along the last axis.</details>
# <details><summary>Hint 3</summary>To sum D_i over i with the weights of row j, multiply the values
# (B, C, N) by the affinity with its two last axes exchanged.</details>
# <details><summary>Hint 4</summary>γ is <code>nn.Parameter(torch.zeros(1))</code>.</details>


# %% solution="position"
class PositionAttention(nn.Module):
    """PositionAttention(channels, reduction=8): (B, C, H, W) -> (B, C, H, W)  (eq. 1 and 2).

    Three 1x1 convolutions with biases: queries and keys of channels // reduction, values of all
    channels. The identity at birth.
    """

    ### BEGIN SOLUTION
    # inner: the width of queries and keys, whatever the reduction. The N x N map is not held where
    # a fused kernel computes the same function; that kernel wants one width, and zeros at the ends
    # of queries and keys change nothing.
    WRITTEN_OUT = 2**14  # pairs, for each channel of 64 or more, up to which a CPU holds the map
    NARROW = 128  # width up to which the fused kernel is quicker there, zeros and all

    def __init__(self, channels, reduction=8, *, inner=None):
        super().__init__()
        inner = max(channels // reduction, 1) if inner is None else inner
        self.query = nn.Conv2d(channels, inner, 1)
        self.key = nn.Conv2d(channels, inner, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def attention(self, x):
        """Who looks at whom: (B, C, H, W) -> (B, N, N), each row sums to 1  (eq. 1)."""
        q, k = self.query(x).flatten(2), self.key(x).flatten(2)
        return (q.mT @ k).softmax(dim=-1)

    def fused(self, x):
        """The weighted sums of equation 2, the map never held: (B, C, H, W) -> (B, C, N)."""
        q, k, v = (layer(x).flatten(2).mT for layer in (self.query, self.key, self.value))
        q, k = (F.pad(t, (0, v.shape[2] - t.shape[2])) for t in (q, k))
        q, k, v = (t[:, None].contiguous() for t in (q, k, v))
        return F.scaled_dot_product_attention(q, k, v, scale=1.0)[:, 0].mT

    def forward(self, x):
        pairs, channels = len(x) * x[0, 0].numel() ** 2, x.shape[1]
        many = pairs > self.WRITTEN_OUT * max(channels, 64)
        if x.is_cuda or (x.is_cpu and many and channels <= self.NARROW):
            y = self.fused(x)
        else:
            y = self.value(x).flatten(2) @ self.attention(x).mT
        return x + self.gamma * y.view_as(x)
    ### END SOLUTION


# %% name="position-shapes" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for name, parameter in PositionAttention(64).named_parameters():
#     print(name, tuple(parameter.shape))
# print("out:", tuple(PositionAttention(64)(torch.rand(2, 64, 5, 7)).shape))

# %% [markdown]
# With the reference's weights in your block: is every output, and every gradient, the reference's?

# %% test="position-values" points=2 tags=["active-ipynb"]
# check("da.position", PositionAttention, "values", "shape", "input")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.position", PositionAttention, "values", "shape", "input")
# ### END HIDDEN TESTS

# %% [markdown]
# The number of parameters is $2(Cc + c) + C^2 + C + 1$ with $c = \lfloor C/r \rfloor$.

# %% test="position-parameters" points=1 tags=["active-ipynb"]
# check("da.position", PositionAttention, "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.position", PositionAttention, "parameters")
# ### END HIDDEN TESTS

# %% [markdown]
# A fresh block changes nothing.

# %% test="position-birth" points=1 tags=["active-ipynb"]
# check("da.position", PositionAttention, "birth")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.position", PositionAttention, "birth")
# ### END HIDDEN TESTS

# %% [markdown]
# Positions look at one another inside an image, never across the batch.

# %% test="position-batch" points=1 tags=["active-ipynb"]
# check("da.position", PositionAttention, "batch")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.position", PositionAttention, "batch")
# ### END HIDDEN TESTS

# %% [markdown]
# **No way forward?** Put `provided("da.PositionAttention")` into the next cell in place of your
# own class; knob and runs below then work, and the checks go on waiting for yours.

# %% name="ready" tags=["active-ipynb"]
# from attnlab.check import provided
#
# ready = PositionAttention

# %% [markdown]
# Choose who looks. The map has three kinds of place, marked 0, 1 and 2; the weights are set so that
# a place likes its own kind, and the knob sets how much.

# %% name="knob" tags=["active-ipynb", "widget"]
# from ipywidgets import FloatSlider, IntSlider, interact
#
# KINDS = torch.tensor([[0, 0, 1, 1], [0, 2, 2, 1], [2, 0, 1, 2]])
#
#
# @interact(place=IntSlider(0, 0, 11, description="who looks"),
#           liking=FloatSlider(2.0, min=0.0, max=6.0, step=0.5, description="liking"))
# def looks(place, liking):
#     q = k = liking**0.5 * torch.eye(3)[KINDS.flatten()]  # (N, 3)
#     weights = (q @ k.T).softmax(dim=-1)[place].view(3, 4)
#     for kinds, row in zip(KINDS.tolist(), weights.tolist()):
#         print("   ".join(f"{kind}: {weight:.2f}" for kind, weight in zip(kinds, row)))
#     print(f"place {place} is of kind {KINDS.flatten()[place]}")

# %% [markdown]
# ## Task 2. The other sign (find the bug; 4 points, 20 minutes)
#
# $$E = X X^T, \quad a_{ji} = \mathrm{softmax}_i(\pm E)_{ji} \quad (3) \qquad\qquad
# y_j = \beta \sum_i a_{ji} X_i + X_j \quad (4)$$
#
# X holds a channel in each row, (C, N). Nothing is projected: β is all there is to learn, and it
# starts at 0. The released code computes, with `energy` for E:
#
#     weights = softmax(energy.max(-1, keepdim=True)[0] - energy)
#
# Somebody took that for the usual guard against overflow, which torch's softmax has anyway, and
# tidied up. The result is `TidiedCAM`. Its output has the right shape, and it trains.
#
# Write `ChannelAttention` with `__init__(self, channels, sign=-1)`: at `sign=-1` it computes what
# the released code computes, at `sign=1` what the paper prints. `channels` is not needed; every
# block of the course takes it. Then write `exposing_input`: x of shape (B, channels, height,
# width), B your choice, on which the two differ in what is largest: the weights of `TidiedCAM` and
# those of the released code have their largest number in different places, in every row.
#
# <details><summary>Hint 1</summary>The guard against overflow subtracts the maximum: energy − max.
# What stands there?</details>
# <details><summary>Hint 2</summary>A softmax does not notice a number added to a whole row. What is
# left of max − E?</details>
# <details><summary>Hint 3</summary>If all channels are equal, so are all energies, and no sign
# shows.</details>


# %% name="tidied" tags=["setup"]
class TidiedCAM(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.beta = nn.Parameter(torch.zeros(1))

    def attention(self, x):
        flat = x.flatten(2)
        energy = flat @ flat.transpose(1, 2)
        return torch.softmax(energy, dim=-1)  # the maximum needs no care: torch takes it away

    def forward(self, x):
        y = self.attention(x) @ x.flatten(2)
        return x + self.beta * y.view(x.shape)


# %% solution="channel"
class ChannelAttention(nn.Module):
    """ChannelAttention(channels, sign=-1): (B, C, H, W) -> (B, C, H, W)  (eq. 3 and 4).

    sign: -1 as in the released code, 1 as in the paper. One parameter; the identity at birth.
    """

    ### BEGIN SOLUTION
    def __init__(self, channels, sign=-1):
        super().__init__()
        if sign not in (-1, 1):
            raise ValueError(f"ChannelAttention: sign is {sign!r}; choose -1 (code) or 1 (paper)")
        self.sign = sign
        self.gamma = nn.Parameter(torch.zeros(1))  # the paper's β

    def attention(self, x):
        """Which channel looks at which: (B, C, H, W) -> (B, C, C), each row sums to 1  (eq. 3)."""
        flat = x.flatten(2)
        return (self.sign * (flat @ flat.mT)).softmax(dim=-1)

    def forward(self, x):
        y = self.attention(x) @ x.flatten(2)
        return x + self.gamma * y.view_as(x)
    ### END SOLUTION


# %% solution="exposing"
def exposing_input(channels, height, width):
    """(B, channels, height, width), B your choice, on which the other sign shows in every row."""
    ### BEGIN SOLUTION
    return torch.randn(1, channels, height, width)
    ### END SOLUTION


# %% name="channel-look" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# x = torch.tensor([[1.0, 0.0], [1.0, 0.2], [0.0, 1.0]]).view(1, 3, 1, 2)
# print("the tidied weights of three channels, the first two nearly equal:")
# for row in TidiedCAM(3).attention(x)[0].tolist():
#     print("  ".join(f"{weight:.2f}" for weight in row))

# %% test="channel-values" points=2 tags=["active-ipynb"]
# check("da.channel", ChannelAttention, "values", "shape", "parameters", "batch", "input")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.channel", ChannelAttention, "values", "shape", "parameters", "batch", "input")
# ### END HIDDEN TESTS

# %% test="channel-birth" points=1 tags=["active-ipynb"]
# check("da.channel", ChannelAttention, "birth")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.channel", ChannelAttention, "birth")
# ### END HIDDEN TESTS

# %% test="exposing" points=1 tags=["active-ipynb"]
# for channels, height, width in ((3, 4, 5), (8, 2, 3)):
#     called = f"exposing_input({channels}, {height}, {width})"
#     shown = exposing_input(channels, height, width)
#     assert isinstance(shown, torch.Tensor) and shown.is_floating_point(), (
#         f"{called} returned {shown!r}; expected a tensor of floats, as torch.randn gives"
#     )
#     assert shown.dim() == 4 and tuple(shown.shape[1:]) == (channels, height, width), (
#         f"{called} has shape {tuple(shown.shape)}; expected (B, {channels}, {height}, {width})"
#     )
#     flat = shown.flatten(2).double()
#     energy = flat @ flat.transpose(1, 2)
#     apart = (energy.argmax(-1) != (-energy).argmax(-1)).all()
#     spread = (energy.amax(-1) - energy.amin(-1)).min()
#     assert apart and spread > 1e-3, (
#         f"{called}: in some row all energies are the same, so that both signs agree. Let the "
#         f"channels be different, and none of them zero."
#     )
# ### BEGIN HIDDEN TESTS
# from solutions.da import ChannelAttention as Released
#
# for channels, height, width in ((4, 7, 3), (10, 2, 9)):
#     shown = exposing_input(channels, height, width)
#     assert tuple(shown.shape[1:]) == (channels, height, width), (
#         f"exposing_input ignores the sizes it is given: {tuple(shown.shape)} came for "
#         f"{channels} channels and a map of {height} x {width}"
#     )
#     tidied = TidiedCAM(channels).to(shown.dtype).attention(shown).argmax(-1)
#     released = Released(channels).to(shown.dtype).attention(shown).argmax(-1)
#     assert (tidied != released).all(), (
#         "exposing_input: on other sizes some row has its largest weight in the same place under "
#         "both signs. Let every channel be different."
#     )
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 3. The head (implement; 2 points, 15 minutes)
#
# The network ends in two branches. Each narrows the features to a quarter of their channels with a
# 3x3 convolution, attends, and convolves once more at that width. The sum of the two branches goes
# to a 1x1 convolution that gives each position its logits:
#
#     p = pam_out(pam(pam_in(x)))       q = cam_out(cam(cam_in(x)))       logits = cls_sum(p + q)
#
# `ConvNorm` is given. Write `DAHead` with `__init__(self, channels, classes)`, using your two
# blocks with their default settings. Use the names of the line above, or define the parts branch by
# branch, position first, in the order in which they act. (The paper's head also has dropout and,
# for training, a classifier on each branch. Leave both out.)
#
# <details><summary>Hint 1</summary>Both branches read x itself: neither sees what the other made
# of it.</details>
# <details><summary>Hint 2</summary>Each branch has two ConvNorm of its own, four in all.</details>


# %% name="convnorm" tags=["setup"]
class ConvNorm(nn.Sequential):
    """A 3x3 convolution without bias, BatchNorm, ReLU."""

    def __init__(self, inputs, outputs, kernel=3):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.act = nn.ReLU()


# %% solution="head"
class DAHead(nn.Module):
    """DAHead(channels, classes): features (B, C, H, W) -> logits (B, classes, H, W)."""

    ### BEGIN SOLUTION
    # inner: the width of the branches, else C // 4. reduction, sign: of the two attentions. kernel:
    # of the convolutions; 1 keeps a place from seeing its neighbours. auxiliary: a classifier on
    # each branch too, and the paper's dropout before all three.
    def __init__(self, channels, classes, *, inner=None, reduction=8, sign=-1, kernel=3,
                 auxiliary=False, dropout=0.1):  # fmt: skip
        super().__init__()
        inner = channels // 4 if inner is None else inner
        self.pam_in = ConvNorm(channels, inner, kernel)
        self.pam = PositionAttention(inner, reduction)
        self.pam_out = ConvNorm(inner, inner, kernel)
        self.cam_in, self.cam = ConvNorm(channels, inner, kernel), ChannelAttention(inner, sign)
        self.cam_out = ConvNorm(inner, inner, kernel)
        self.dropout = nn.Dropout2d(dropout if auxiliary else 0.0)
        self.cls_sum = nn.Conv2d(inner, classes, 1)
        if auxiliary:
            self.cls_pam, self.cls_cam = (nn.Conv2d(inner, classes, 1) for _ in range(2))

    def features(self, x):
        """What the two branches make of x, (B, inner, H, W) each."""
        return self.pam_out(self.pam(self.pam_in(x))), self.cam_out(self.cam(self.cam_in(x)))

    def branches(self, x):
        """Logits of the sum, of the position branch and of the channel branch (auxiliary)."""
        pam, cam = self.features(x)
        maps = {"sum": (self.cls_sum, pam + cam), "pam": (self.cls_pam, pam),
                "cam": (self.cls_cam, cam)}  # fmt: skip
        return {name: layer(self.dropout(y)) for name, (layer, y) in maps.items()}

    def forward(self, x):
        pam, cam = self.features(x)
        return self.cls_sum(self.dropout(pam + cam))
    ### END SOLUTION


# %% name="head-shape" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("logits:", tuple(DAHead(64, 5).eval()(torch.rand(2, 64, 6, 4)).shape))

# %% test="head-values" points=1 tags=["active-ipynb"]
# check("da.head", DAHead, "values", "gradients")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.head", DAHead, "values", "gradients")
# ### END HIDDEN TESTS

# %% test="head-parameters" points=1 tags=["active-ipynb"]
# check("da.head", DAHead, "parameters", "shape")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.head", DAHead, "parameters", "shape")
# ### END HIDDEN TESTS

# %% [markdown]
# The network of task 8 has a single slot for a block. This is the bare pair, without the head's
# convolutions: both terms added to the same x. It is ours, not the paper's.


# %% name="pair" tags=["setup"]
class DualAttention(nn.Module):
    """x + position term + channel term: (B, C, H, W) -> (B, C, H, W), the identity at birth."""

    def __init__(self, channels, reduction=8, sign=-1):
        super().__init__()
        self.position = PositionAttention(channels, reduction)
        self.channel = ChannelAttention(channels, sign)

    def forward(self, x):
        return self.position(x) + self.channel(x) - x


# %% [markdown]
# ## Task 4. What they cost (cost; 3 points, 15 minutes)
#
# Count the multiply-adds for one image (channels, height, width): one for each weight of a 1x1
# convolution at each position, and one for each product inside the two matrix products of an
# attention. Softmax, γ and the sum are left out. `reduction` divides the channels exactly.
#
# Then: `crossing(channels)` is the smallest side s for which, on a map of s x s positions and with
# r = 8, position attention needs more of them than channel attention.
#
# <details><summary>Hint 1</summary>A product of (a, b) with (b, c) costs a · b · c.</details>
# <details><summary>Hint 2</summary>Position attention: three convolutions; then (N, c) with (c, N),
# and (C, N) with (N, N).</details>
# <details><summary>Hint 3</summary>Divide both counts by N, and what is left can be solved for
# N.</details>


# %% solution="position-macs"
def position_macs(channels, height, width, reduction=8):
    """Multiply-adds of PositionAttention(channels, reduction) for one image."""
    ### BEGIN SOLUTION
    n, narrow = height * width, channels // reduction
    layers = n * channels * (2 * narrow + channels)
    return layers + n * n * (narrow + channels)
    ### END SOLUTION


# %% solution="channel-macs"
def channel_macs(channels, height, width):
    """Multiply-adds of ChannelAttention(channels) for one image."""
    ### BEGIN SOLUTION
    return 2 * channels * channels * height * width
    ### END SOLUTION


# %% solution="crossing"
def crossing(channels):
    """The smallest side of a square map on which position attention costs more than channel's."""
    ### BEGIN SOLUTION
    side = 1
    while 3 * side**2 <= 2 * channels:  # beyond, 9/8 C N exceeds 3/4 C²
        side += 1
    return side
    ### END SOLUTION


# %% name="costs" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for channels, size in ((64, 128), (128, 64), (512, 64), (512, 16)):
#     position, channel = position_macs(channels, size, size), channel_macs(channels, size, size)
#     print(f"C = {channels:3}, H = W = {size:3}: {position:14,} against {channel:13,}, "
#           f"crossing at {crossing(channels)}")

# %% test="position-macs" points=1 tags=["active-ipynb"]
# check("da.position_macs", position_macs)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.position_macs", position_macs)
# ### END HIDDEN TESTS

# %% test="channel-macs" points=1 tags=["active-ipynb"]
# check("da.channel_macs", channel_macs)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.channel_macs", channel_macs)
# ### END HIDDEN TESTS

# %% test="crossing" points=1 tags=["active-ipynb"]
# check("da.crossing", crossing)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.crossing", crossing)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 5. An old acquaintance (equivalence; 1 point, 10 minutes)
#
# `EmbeddedGaussian` below is the embedded Gaussian non-local block without sub-sampling, its
# values as wide as x. With the same queries, keys and values, which last layer turns it into
# position attention with a given γ? Return the weight (C, C) and the bias (C) of `out` as a pair
# of tensors; γ comes as a tensor of shape (1).
#
# <details><summary>Hint 1</summary>The non-local block sends its sums through one more layer and
# adds x. What does position attention do in that place?</details>
# <details><summary>Hint 2</summary>Which matrix multiplies every vector by the same
# number?</details>


# %% name="embedded" tags=["setup"]
class EmbeddedGaussian(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.theta = nn.Conv2d(channels, inner, 1)
        self.phi = nn.Conv2d(channels, inner, 1)
        self.g = nn.Conv2d(channels, channels, 1)
        self.out = nn.Linear(channels, channels)

    def forward(self, x):
        theta, phi, g = (layer(x).flatten(2) for layer in (self.theta, self.phi, self.g))
        sums = torch.softmax(theta.mT @ phi, dim=-1) @ g.mT  # (B, N, C)
        return x + self.out(sums).mT.reshape(x.shape)


# %% solution="last-layer"
def last_layer(channels, gamma):
    """Weight (C, C) and bias (C) of `out` that make EmbeddedGaussian position attention."""
    ### BEGIN SOLUTION
    return gamma * torch.eye(channels, dtype=gamma.dtype), gamma.new_zeros(channels)
    ### END SOLUTION


# %% name="last-layer-look" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# position, general, x = ready(16), EmbeddedGaussian(16, 2), torch.randn(1, 16, 4, 5)
# with torch.no_grad():
#     for parameter in position.parameters():  # γ is the only one that is a single number
#         parameter.fill_(0.7) if parameter.numel() == 1 else None
#     layers = [parameter for parameter in position.parameters() if parameter.numel() > 1]
#     for own, other in zip(layers, general.parameters()):
#         other.copy_(own.view_as(other))
#     weight, bias = last_layer(16, torch.tensor([0.7]))
#     general.out.weight.copy_(weight)
#     general.out.bias.copy_(bias)
#     print("one block under two names:", torch.allclose(position(x), general(x), atol=1e-5))

# %% test="last-layer" points=1 tags=["active-ipynb"]
# check("da.last_layer", last_layer)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.last_layer", last_layer)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 6. What each ignores (predict; 1 point, 10 minutes)
#
# A block commutes with a change if block(change(x)) = change(block(x)) for every x and all weights.
# Go through the changes below for each of the two blocks, with all weights and γ different from
# zero. Commit yourself to True or False fourteen times; the cell after yours then runs them.
#
# <details><summary>Hint 1</summary>Position attention has weights for each channel and none for a
# place. What has channel attention?</details>
# <details><summary>Hint 2</summary>E holds products of two channels. What becomes of them when
# both change sign, or when two pixels are turned into one another?</details>


# %% name="changes" tags=["setup"]
def turned(x):
    """The first two pixels turned into one another by 30 degrees, in every channel."""
    flat, (c, s) = x.flatten(2), (0.75**0.5, 0.5)
    first, second = flat[..., :1], flat[..., 1:2]
    mixed = [c * first - s * second, s * first + c * second, flat[..., 2:]]
    return torch.cat(mixed, dim=-1).view_as(x)


ORDER = torch.Generator().manual_seed(4)
PIXELS, CHANNELS = torch.randperm(30, generator=ORDER), torch.randperm(8, generator=ORDER)
CHANGES = {
    "shuffle the pixels": lambda x: x.flatten(2)[..., PIXELS].view_as(x),
    "shuffle the channels": lambda x: x[:, CHANNELS],
    "mirror the map": lambda x: x.flip(3),
    "crop to the left half": lambda x: x[..., : x.shape[3] // 2],
    "double every number": lambda x: 2 * x,
    "change every sign": lambda x: -x,
    "turn two pixels": turned,
}


# %% solution="prediction"
def prediction(block, change):
    """True if the block, "position" or "channel", commutes with the change of that name."""
    ### BEGIN SOLUTION
    common = ("shuffle the pixels", "mirror the map")
    alone = ("shuffle the channels", "change every sign", "turn two pixels")
    return change in common or (block == "channel" and change in alone)
    ### END SOLUTION


# %% name="prediction-run" tags=["active-ipynb"]
# blocks = {"position": ready(8, 2), "channel": ChannelAttention(8)}
# x = torch.randn(2, 8, 5, 6)
# for which, block in blocks.items():
#     with torch.no_grad():
#         for parameter in block.parameters():
#             parameter.copy_(0.3 + 0.3 * torch.randn(parameter.shape))
#     for name, change in CHANGES.items():
#         with torch.no_grad():
#             first, then = block(change(x)), change(block(x))
#         found = first.shape == then.shape and torch.allclose(first, then, atol=1e-4)
#         print(f"{which:9} {name:22} predicted {prediction(which, name)!s:6} found {found}")

# %% test="prediction" points=1 tags=["active-ipynb"]
# for block in ("position", "channel"):
#     for change in CHANGES:
#         answer = prediction(block, change)
#         assert type(answer) is bool, (
#             f"prediction({block!r}, {change!r}) returned {answer!r}; expected True or False"
#         )
# ### BEGIN HIDDEN TESTS
# check("da.prediction", prediction)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 7. What may be said (read the evidence; 1 point, 10 minutes)
#
# The question *fetch* labels every pixel. Two plain squares, the cues, ask at the same time: which
# texture has the object of my colour? Several blocks were put to it in one host, ten trainings each
# from the same ten seeds. Each line is the mean difference of two of them in mean IoU, seed by
# seed, and its 95 % interval.
#
# | first | second | first minus second |
# | --- | --- | --- |
# | criss-cross, one pass | no block | 0.024 ± 0.027 |
# | position and channel | position | 0.127 ± 0.094 |
# | channel | SE | 0.034 ± 0.065 |
# | channel, paper's sign | channel, code's sign | −0.033 ± 0.062 |
#
# Which sentences may be written under this table? Take each line as it stands (the chapter also
# corrects for their number), and answer True or False for each number of `CLAIMS`.
#
# <details><summary>Hint 1</summary>For each sentence find its line. Is 0 inside the interval, and
# if not, on which side of it?</details>
# <details><summary>Hint 2</summary>Some sentences speak of other images, or say that something is
# not there. What would a line have to look like to show that?</details>


# %% name="claims" tags=["setup"]
CLAIMS = {
    1: "On fetch, one pass of criss-cross has a higher mean IoU than no block.",
    2: "On fetch, the pair has a higher mean IoU than position attention alone.",
    3: "On fetch, channel attention has a higher mean IoU than SE.",
    4: "On fetch, a difference between one pass and no block is not shown.",
    5: "On fetch, the sign of channel attention makes no difference.",
    6: "On photographs of streets, too, the pair has a higher mean IoU than position attention.",
}


# %% solution="evidence"
def allowed(number):
    """True if the table supports the sentence of that number in CLAIMS, else False."""
    ### BEGIN SOLUTION
    return number in (2, 4)
    ### END SOLUTION


# %% test="evidence" points=1 tags=["active-ipynb"]
# for number in CLAIMS:
#     answer = allowed(number)
#     assert type(answer) is bool, f"allowed({number}) returned {answer!r}; expected True or False"
# ### BEGIN HIDDEN TESTS
# check("da.allowed", allowed)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 8. An answer for every pixel (experiment; 3 points, 25 minutes)
#
# *mark* labels every pixel. A plain square, the cue, has a colour; of three textured objects
# somewhere else one has the same. On that object the label is 1, on everything else that was
# drawn 2, on the grey background 0. The plain host sees the objects but not, at the same place, the
# cue: which of the three is meant it has to guess.
#
# The score is the mean IoU: for each label the pixels on which answer and truth agree, divided by
# those on which either has it, averaged over the labels. What do you expect of the plain host, and
# what of your block?

# %% name="question" tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from attnlab.questions import draw
#
# recipe = RECIPES["mark-da"]
# shown = draw("mark", 6, seed=3, size=recipe["size"])
# figure, axes = plt.subplots(2, 6, figsize=(9, 3.2))
# for column, image, label in zip(axes.T, shown.images, shown.labels, strict=True):
#     column[0].imshow(image.permute(1, 2, 0))
#     column[1].imshow(label, vmin=0, vmax=2)
#     for axis in column:
#         axis.axis("off")

# %% name="experiment" tags=["active-ipynb"]
# from attnlab.train import logits, mean_iou, run_recipe
#
# new = draw("mark", 512, seed=77, size=recipe["size"])
# reached = {}
# for name, block in {"no block": None, "your block": ready}.items():
#     answers = logits(run_recipe(recipe, block), new.images).argmax(1)
#     reached[name] = mean_iou(answers, new.labels, 3)
#     print(f"{name:10} mean IoU {reached[name]:.1f} on new images")

# %% name="experiment-answer" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("without attention under 0.65:", reached["no block"] < 0.65)
# print("with attention over 0.9:     ", reached["your block"] > 0.9)

# %% [markdown]
# The check asks for a share of right pixels. Most of an image is background, so that share is high
# for everybody, and the floor stands higher still.

# %% test="experiment" points=2 tags=["active-ipynb", "trains"]
# check("da.mark", PositionAttention)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.mark", PositionAttention)
# ### END HIDDEN TESTS

# %% [markdown]
# At last CIFAR-10, where a label belongs to a whole photograph. Nothing there calls for two
# look-ups, and no gain is promised. The check wants the host with your block to be about as good as
# the plain one, and your block to compute, with what it has learned, what position attention
# computes. `python -m attnlab.cifar10 data` beside this notebook fetches the images (162 MB); where
# they are missing, noise stands in for them and the point is still yours to win.

# %% name="photographs" tags=["active-ipynb"]
# from attnlab import cifar10
# from attnlab.train import accuracy, device_of, recipe_images, sized
#
# photographs = sized(RECIPES["cifar"] | {"config": {"reduction": 2}})
# if cifar10.absent():
#     print("no CIFAR-10 here")
# else:
#     images, labels = recipe_images(photographs, 1000, seed=77, split="choose")
#     for name, block in {"no block": None, "your block": ready}.items():
#         trained = run_recipe(photographs, block, device=device_of(photographs))
#         right = accuracy(trained, cifar10.floats(images), labels)
#         print(f"{name:10} names {right:.2f} of new photographs rightly")

# %% test="photographs" points=1 tags=["active-ipynb", "trains", "gpu"]
# check("da.cifar", PositionAttention)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("da.cifar", PositionAttention)
# ### END HIDDEN TESTS

# %% [markdown]
# **To think about.** Put `ChannelAttention` or `DualAttention` into the experiment instead of
# `ready`, and predict first. An SE block answers *mark* as well, though its gates are the same at
# every place; on *fetch* of task 7 it does not. What is different about *fetch*?
