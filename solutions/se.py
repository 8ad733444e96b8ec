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
# # Squeeze-and-Excitation
#
# Source: J. Hu, L. Shen and G. Sun, "Squeeze-and-Excitation Networks", CVPR 2018, equations 2 to
# 4. We follow the equations: no biases, unless you ask for them, as the released Caffe networks
# do.
#
# **19 points, about 105 minutes.** You will
#
# 1. write the block and have it checked against the laws that every block obeys (tasks 1 and 2);
# 2. count what it costs, and reproduce a published number (task 3);
# 3. derive the gradient that goes through a gate (task 4);
# 4. find a bug in somebody else's block, and an input that gives it away (task 5);
# 5. predict what SE ignores, then look (task 6);
# 6. say what measurements show and what they do not (task 7);
# 7. put your block into a network and let it answer a question that the network alone cannot, then
#    show it photographs (task 8).
#
# Shapes are written (B, C, H, W): images in the batch, channels, rows, columns. Run a check as
# often as you like; it says what differs and what the likely cause is. Points are given with other
# numbers than those you see here. The tasks can be done in any order, except that task 8 needs
# your block.

# %% name="imports" tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn

# %% name="tools" tags=["setup", "active-ipynb"]
# from attnlab.check import check
# from attnlab.train import RECIPES

# %% [markdown]
# ## Task 1. Squeeze (implement; 1 point, 5 minutes)
#
# $$z_c = \frac{1}{HW} \sum_{i=1}^{H} \sum_{j=1}^{W} x_{cij} \qquad (2)$$
#
# One number for each channel of each image. Write it for a whole batch.
#
# <details><summary>Hint 1</summary>Which axes disappear from (B, C, H, W) when (B, C) is
# left?</details>
# <details><summary>Hint 2</summary>A mean takes several axes at once: <code>dim=(…,
# …)</code>.</details>

# %% solution="squeeze"
def squeeze(x):
    """Average every channel over its positions: (B, C, H, W) -> (B, C)  (eq. 2)."""
    ### BEGIN SOLUTION
    return x.mean(dim=(2, 3))
    ### END SOLUTION

# %% name="squeeze-shape" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("a batch of two images with three channels:", tuple(squeeze(torch.rand(2, 3, 4, 5)).shape))

# %% test="squeeze" points=1 tags=["active-ipynb"]
# check("se.squeeze", squeeze)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.squeeze", squeeze)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 2. The block (implement; 6 points, 20 minutes)
#
# $$s = \sigma\big(W_2\, \delta(W_1 z)\big), \quad W_1 \in \mathbb{R}^{h \times C},\;
# W_2 \in \mathbb{R}^{C \times h},\; h = \lfloor C/r \rfloor \qquad (3)$$
#
# $$y_{cij} = s_c\, x_{cij} \qquad (4)$$
#
# σ is the sigmoid, δ is ReLU. Write `SEBlock` with `__init__(self, channels, reduction=16,
# bias=False)` and `forward(self, x)`. Build its two layers from `nn.Linear` or from 1x1
# `nn.Conv2d`; call them what you like.
#
# <details><summary>Hint 1</summary>Write down the shape after each step: (B, C, H, W), (B, C), (B,
# h), (B, C), (B, C, H, W).</details>
# <details><summary>Hint 2</summary><code>bias=bias</code> goes into both layers: the default is
# True.</details>
# <details><summary>Hint 3</summary>A gate (B, C) needs two more axes before it can multiply a map:
# <code>gate[:, :, None, None]</code>.</details>

# %% solution="block"
class SEBlock(nn.Module):
    """SEBlock(channels, reduction=16, bias=False): (B, C, H, W) -> (B, C, H, W)  (eq. 2 to 4).

    Two linear layers, C -> C // reduction -> C, both with or both without a bias.
    """

    ### BEGIN SOLUTION
    # Beyond the paper, the options of released code: hidden (any width), divisor (the width rounded
    # to a multiple of it), pool ("avg", "max", "avg+max"), act, norm (on the hidden layer), gate.
    def __init__(self, channels, reduction=16, bias=False, *, hidden=None, divisor=None,
                 pool=squeeze, act=F.relu, norm=None, gate=torch.sigmoid):  # fmt: skip
        super().__init__()
        if hidden is None:
            hidden = self.width(channels, reduction, divisor)
        if hidden < 1:
            raise ValueError(
                f"SEBlock(channels={channels}, reduction={reduction}): the hidden layer would have "
                f"no unit; choose a reduction of at most {channels}"
            )
        self.reduce = nn.Linear(channels, hidden, bias=bias)
        self.expand = nn.Linear(hidden, channels, bias=bias)
        self.norm = {"batch": nn.BatchNorm1d, None: nn.Identity}.get(norm, norm)(hidden)
        self.act, self.gate = self.function(act), self.function(gate)
        self.pool = self.pooling(pool)

    @staticmethod
    def width(channels, reduction, divisor=None):
        """C // r as in the paper; with a divisor its nearest multiple, at least one of it."""
        if divisor is None:
            return channels // reduction
        return max(divisor, int(channels / reduction + divisor / 2) // divisor * divisor)

    @staticmethod
    def pooling(choice):
        """A pooling (B, C, H, W) -> (B, C) by its name, or as it is."""
        names = {
            "avg": squeeze,
            "max": lambda x: x.amax(dim=(2, 3)),
            "avg+max": lambda x: (squeeze(x) + x.amax(dim=(2, 3))) / 2,
        }
        if isinstance(choice, str) and choice not in names:
            raise ValueError(f"SEBlock: no pooling {choice!r}; choose one of {', '.join(names)}")
        return names.get(choice, choice)

    @staticmethod
    def function(choice):
        """A function by its torch name ("silu", "hard_sigmoid"), by its class, or as it is."""
        if isinstance(choice, str):
            name = {"swish": "silu"}.get(choice, choice)
            choice = getattr(F, name, None) or getattr(F, name.replace("_", ""), None)
            if choice is None:
                raise ValueError(f"SEBlock: no function {name!r} in torch.nn.functional")
        return choice() if isinstance(choice, type) else choice

    def excite(self, z):
        """The gates: (B, C) -> (B, C)  (eq. 3)."""
        return self.gate(self.expand(self.act(self.norm(self.reduce(z)))))

    def forward(self, x):
        return x * self.excite(self.pool(x))[:, :, None, None]  # (eq. 4)
    ### END SOLUTION

# %% name="block-shapes" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for name, parameter in SEBlock(64).named_parameters():
#     print(name, tuple(parameter.shape))
# print("out:", tuple(SEBlock(64)(torch.rand(2, 64, 7, 5)).shape))

# %% [markdown]
# Same weights, same numbers? The check pushes weights into your block and compares the output and
# every gradient with the reference.

# %% test="block-values" points=2 tags=["active-ipynb"]
# check("se.block", SEBlock, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.block", SEBlock, "values")
# ### END HIDDEN TESTS

# %% [markdown]
# Four laws, one point each. First: exactly the parameters of the formula.

# %% test="block-parameters" points=1 tags=["active-ipynb"]
# check("se.block", SEBlock, "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.block", SEBlock, "parameters")
# ### END HIDDEN TESTS

# %% [markdown]
# The shape is kept, on odd and non-square maps and for other widths.

# %% test="block-shape" points=1 tags=["active-ipynb"]
# check("se.block", SEBlock, "shape")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.block", SEBlock, "shape")
# ### END HIDDEN TESTS

# %% [markdown]
# An image gets the same answer whatever else is in the batch.

# %% test="block-batch" points=1 tags=["active-ipynb"]
# check("se.block", SEBlock, "batch")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.block", SEBlock, "batch")
# ### END HIDDEN TESTS

# %% [markdown]
# The input is left as it was, and every parameter can learn.

# %% test="block-input" points=1 tags=["active-ipynb"]
# check("se.block", SEBlock, "input", "gradients")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.block", SEBlock, "input", "gradients")
# ### END HIDDEN TESTS

# %% [markdown]
# **Stuck?** Go on with a finished block and come back: change the next cell to
# `ready = provided("se.SEBlock")`. It serves the knob and the runs below; checks want your own.

# %% name="ready" tags=["active-ipynb"]
# from attnlab.check import provided
#
# ready = SEBlock

# %% [markdown]
# ## Task 3. What it costs (cost, reproduce; 3 points, 20 minutes)
#
# `params` counts the learnable numbers. `macs` counts, for one image, one for each product or
# addition that the map needs: C·H·W to average it, one for each weight of the two layers, C·H·W to
# rescale it.
#
# <details><summary>Hint 1</summary>Both layers have C · h weights. How many biases have
# they?</details>
# <details><summary>Hint 2</summary>How often do the layers run for one image?</details>

# %% solution="params"
def params(channels, reduction=16, bias=False):
    """The number of learnable parameters of SEBlock(channels, reduction, bias)."""
    ### BEGIN SOLUTION
    hidden = channels // reduction
    return 2 * channels * hidden + bias * (hidden + channels)
    ### END SOLUTION


# %% solution="macs"
def macs(channels, height, width, reduction=16):
    """Multiply-adds of the block for one image of shape (channels, height, width)."""
    ### BEGIN SOLUTION
    return 2 * channels * height * width + 2 * channels * (channels // reduction)
    ### END SOLUTION


# %% name="costs" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for channels, size in ((256, 56), (512, 28), (1024, 14), (2048, 7)):
#     cost = macs(channels, size, size)
#     print(f"C = {channels:4}, H = W = {size:2}: {params(channels):7,} parameters, {cost:9,} macs")

# %% test="params" points=1 tags=["active-ipynb"]
# check("se.params", params)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.params", params)
# ### END HIDDEN TESTS

# %% test="macs" points=1 tags=["active-ipynb"]
# check("se.macs", macs)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.macs", macs)
# ### END HIDDEN TESTS

# %% [markdown]
# Turn the knob. What does a larger r save, and what does the block lose? The gates come out of h
# numbers, so that at most h of their directions are free.

# %% name="knob" tags=["active-ipynb", "widget"]
# from ipywidgets import SelectionSlider, interact
#
#
# @interact(r=SelectionSlider(options=[1, 2, 4, 8, 16, 32, 64], value=16, description="r"))
# def bottleneck(r):
#     channels = 256
#     block = ready(channels, r)
#     total = sum(p.numel() for p in block.parameters())
#     conv = 9 * channels * channels
#     print(f"hidden width          {channels // r:>9,}")
#     print(f"parameters            {total:>9,}")
#     print(f"of a 3x3 convolution  {total / conv:>9.2%}")
#     print("#" * max(1, round(60 * total / conv)))

# %% [markdown]
# Now a number from the paper. ResNet-50 with SE has 2,514,944 parameters more than without; with
# biases it is 2,530,992. Each of its blocks gets an SE block after its last convolution. `STAGES`
# lists, for the four stages, the channels there and the number of blocks. Write the sum for any
# reduction.
#
# <details><summary>Hint</summary>One stage adds its number of blocks times what one SE block has:
# you have counted that above, or count it here anew.</details>

# %% name="stages" tags=["setup"]
STAGES = ((256, 3), (512, 4), (1024, 6), (2048, 3))  # (channels, blocks)


# %% solution="resnet50"
def resnet50_extra(reduction=16, bias=False):
    """Parameters that SE adds to ResNet-50."""
    ### BEGIN SOLUTION
    total = 0
    for channels, blocks in STAGES:
        hidden = channels // reduction
        total += blocks * (2 * channels * hidden + bias * (hidden + channels))
    return total
    ### END SOLUTION


# %% name="resnet50-number" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print(f"{resnet50_extra():,} without biases, {resnet50_extra(bias=True):,} with")

# %% test="resnet50" points=1 tags=["active-ipynb"]
# check("se.resnet50_extra", resnet50_extra)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.resnet50_extra", resnet50_extra)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 4. Through the gate (derive; 2 points, 15 minutes)
#
# With $y = s \odot x$, $s = \sigma(u)$ and a loss L, the backward pass hands you $dy = \partial L
# / \partial y$ of shape (B, C, H, W). Derive $\partial L / \partial u$, which has the shape (B, C)
# of u, on paper, and write it without autograd.
#
# <details><summary>Hint 1</summary>One gate touches H · W entries of y. What happens to their
# gradients?</details>
# <details><summary>Hint 2</summary>∂y/∂s is x, entry by entry.</details>
# <details><summary>Hint 3</summary>The slope of the sigmoid is σ(u)(1 − σ(u)).</details>

# %% solution="gradient"
def gate_gradient(x, u, dy):
    """dL/du (B, C), from x and dL/dy (B, C, H, W), and u (B, C)."""
    ### BEGIN SOLUTION
    s = torch.sigmoid(u)
    return (dy * x).sum(dim=(2, 3)) * s * (1 - s)
    ### END SOLUTION


# %% [markdown]
# Autograd knows the answer too. Does yours agree?

# %% name="gradient-autograd" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# x, dy = torch.randn(2, 2, 3, 4, 5, dtype=torch.float64)
# u = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
# y = x * torch.sigmoid(u)[:, :, None, None]
# (expected,) = torch.autograd.grad(y, u, dy)
# print("agree:", torch.allclose(expected, gate_gradient(x, u.detach(), dy)))

# %% test="gradient" points=2 tags=["active-ipynb"]
# check("se.gate_gradient", gate_gradient)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.gate_gradient", gate_gradient)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 5. Find the bug (find the bug; 2 points, 10 minutes)
#
# `WildSE` is written after a block from a much-starred collection. Its output has the right shape,
# and the shape was all that its author looked at. Write `MendedSE` with the same two layers, and
# `exposing_input`, which returns an input (B, channels, height, width), B your choice, that shows
# the bug: the law that `WildSE` breaks says that the first image, alone, gets the output that it
# gets in the batch.
#
# <details><summary>Hint 1</summary>Run it on one image and look at the gates.</details>
# <details><summary>Hint 2</summary>Along which axis do the gates add up to 1?</details>

# %% name="wild" tags=["setup"]
class WildSE(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False),
            nn.ReLU(),
            nn.Linear(channels // reduction, channels, bias=False),
        )
        self.gate = nn.Softmax(dim=0)

    def forward(self, x):
        gate = self.gate(self.fc(x.mean(dim=(2, 3))))
        return x * gate[:, :, None, None]


# %% solution="mended"
class MendedSE(nn.Module):
    """MendedSE(channels, reduction=16): WildSE without its bug."""

    ### BEGIN SOLUTION
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False),
            nn.ReLU(),
            nn.Linear(channels // reduction, channels, bias=False),
        )

    def forward(self, x):
        gate = torch.sigmoid(self.fc(x.mean(dim=(2, 3))))
        return x * gate[:, :, None, None]
    ### END SOLUTION


# %% solution="exposing"
def exposing_input(channels, height, width):
    """An input (B, channels, height, width), B your choice, on which the bug of WildSE shows."""
    ### BEGIN SOLUTION
    return torch.randn(2, channels, height, width)
    ### END SOLUTION


# %% test="mended" points=1 tags=["active-ipynb"]
# check("se.mended", MendedSE, "batch", "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.mended", MendedSE, "batch", "values")
# ### END HIDDEN TESTS

# %% test="exposing" points=1 tags=["active-ipynb"]
# for channels, height, width in ((6, 3, 4), (8, 5, 2)):
#     called = f"exposing_input({channels}, {height}, {width})"
#     shown = exposing_input(channels, height, width)
#     assert isinstance(shown, torch.Tensor) and shown.is_floating_point(), (
#         f"{called} returned {shown!r}; expected a tensor of floats, as torch.randn gives"
#     )
#     assert shown.dim() == 4 and tuple(shown.shape[1:]) == (channels, height, width), (
#         f"{called} has shape {tuple(shown.shape)}; expected (B, {channels}, {height}, {width})"
#     )
#     wild = WildSE(channels, 2).to(shown.dtype)
#     with torch.no_grad():
#         together, alone = wild(shown)[:1], wild(shown[:1])
#     assert not torch.allclose(together, alone, atol=1e-4), (
#         f"{called}: WildSE treats the first image alone as it does in this batch, so nothing "
#         f"shows. How many images does a softmax over the batch need, and may they be all zero?"
#     )
# ### BEGIN HIDDEN TESTS
# import solutions.se as reference
#
# for channels, height, width in ((4, 7, 3), (10, 2, 9)):
#     shown = exposing_input(channels, height, width)
#     assert tuple(shown.shape[1:]) == (channels, height, width), (
#         f"exposing_input ignores the sizes it is given: {tuple(shown.shape)} came for "
#         f"{channels} channels and a map of {height} x {width}"
#     )
#     mended = reference.MendedSE(channels, 2).to(shown.dtype)
#     wild = WildSE(channels, 2).to(shown.dtype)
#     wild.load_state_dict(mended.state_dict())
#     with torch.no_grad():
#         fixed = torch.allclose(mended(shown)[:1], mended(shown[:1]), atol=1e-4)
#         broken = not torch.allclose(wild(shown)[:1], wild(shown[:1]), atol=1e-4)
#     assert fixed and broken, (
#         "exposing_input: on other sizes the bug does not show. Let every image be different, and "
#         "keep the numbers of ordinary size."
#     )
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 6. Predict, then run (predict; 1 point, 10 minutes)
#
# A block **commutes** with a change of its input if it makes no difference which comes first:
# SE(change(x)) = change(SE(x)), for every x and all weights. Take the changes of the next cell one
# by one, think, write down True or False, and only then run the cell after yours.
#
# <details><summary>Hint 1</summary>Does the change alter the mean of any channel?</details>
# <details><summary>Hint 2</summary>Does it move a mean to another place in z, where it meets other
# weights?</details>

# %% name="changes" tags=["setup"]
def shuffled(x, axis):
    return x.index_select(axis, torch.randperm(x.shape[axis]))


CHANGES = {
    "shuffle the pixels": lambda x: shuffled(x.flatten(2), 2).view_as(x),
    "shuffle the channels": lambda x: shuffled(x, 1),
    "shuffle the images": lambda x: shuffled(x, 0),
    "mirror the map": lambda x: x.flip(3),
    "transpose the map": lambda x: x.transpose(2, 3),
    "double every number": lambda x: 2 * x,
    "crop to the left half": lambda x: x[..., : x.shape[3] // 2],
}


# %% solution="prediction"
def prediction(change):
    """True if SE commutes with the change of that name in CHANGES, else False."""
    ### BEGIN SOLUTION
    return change not in ("shuffle the channels", "double every number", "crop to the left half")
    ### END SOLUTION


# %% name="prediction-run" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# torch.manual_seed(0)
# x, block = torch.randn(3, 8, 6, 6), ready(8, 2)
# for name, change in CHANGES.items():
#     with torch.no_grad(), torch.random.fork_rng():
#         torch.manual_seed(1)
#         first = block(change(x))
#         torch.manual_seed(1)
#         then = change(block(x))
#     agree = first.shape == then.shape and torch.allclose(first, then, atol=1e-5)
#     print(f"{name:24} predicted {prediction(name)!s:6} found {agree}")

# %% test="prediction" points=1 tags=["active-ipynb"]
# for change in CHANGES:
#     answer = prediction(change)
#     assert type(answer) is bool, (
#         f"prediction({change!r}) returned {answer!r}; expected True or False, without quotes"
#     )
# ### BEGIN HIDDEN TESTS
# check("se.prediction", prediction)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 7. What the numbers show (read the evidence; 1 point, 5 minutes)
#
# Each line is measured as in the chapter: two networks, trained from the same ten seeds, and the
# mean difference of their shares of right answers with its 95 % interval. "Local" is a rival with
# SE's parameters that looks at one place at a time. Which sentences do these lines support, as
# they stand? Write down True or False for each number.
#
# | question | first | second | first minus second |
# | --- | --- | --- | --- |
# | *rule* | SE, r = 2 | local | 0.73 ± 0.03 |
# | *rule* | SE, r = 16 | SE, r = 2 | −0.41 ± 0.24 |
# | *rule* | SE, maximum | SE, average | 0.01 ± 0.03 |
# | *key* | SE, r = 2 | local | 0.44 ± 0.14 |
# | *same* | SE, r = 2 | local | 0.03 ± 0.06 |
#
# <details><summary>Hint 1</summary>Does the interval hold 0? Then neither sign is
# shown.</details>
# <details><summary>Hint 2</summary>"No difference shown" and "there is no difference" are two
# sentences. For the second, how large may the difference be that the interval leaves
# open?</details>

# %% name="claims" tags=["setup"]
CLAIMS = {
    1: "On rule, SE with r = 2 answers more than its local rival.",
    2: "On same, SE answers more than its local rival.",
    3: "On same, SE and its local rival answer equally many.",
    4: "On rule, r = 16 answers less than r = 2, here, with 16 channels.",
    5: "On rule, maximum and average in the squeeze do equally well.",
    6: "On key, SE gains at least 0.2 on its local rival.",
    7: "In any network, r = 16 answers less than r = 2.",
}


# %% solution="evidence"
def supported(number):
    """True if the table supports the sentence of that number in CLAIMS, else False."""
    ### BEGIN SOLUTION
    return number in (1, 4, 6)
    ### END SOLUTION


# %% test="evidence" points=1 tags=["active-ipynb"]
# for number, claim in CLAIMS.items():
#     answer = supported(number)
#     assert type(answer) is bool, (
#         f"supported({number}) returned {answer!r}; expected True or False, without quotes"
#     )
# ### BEGIN HIDDEN TESTS
# check("se.supported", supported)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 8. A question that needs a gate (experiment; 3 points, 20 minutes)
#
# The question *rule*: an object has one of four textures, and a coloured cue elsewhere in the
# image says how to read it. The label is the texture's number plus the colour's, modulo 4. A small
# network ends in an average over all positions, where texture and colour only add up. A gate can
# let the colour decide what happens to the texture.
#
# The next cell trains the plain network and then the network with your block. Predict both numbers
# before you run it: guessing alone gives 0.25.

# %% name="question" tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from attnlab.questions import draw
#
# recipe = RECIPES["rule"]
# shown = draw("rule", 8, seed=5, size=recipe["size"])
# figure, axes = plt.subplots(1, 8, figsize=(10, 1.6))
# for axis, image, label in zip(axes, shown.images, shown.labels, strict=True):
#     axis.imshow(image.permute(1, 2, 0))
#     axis.set_title(int(label))
#     axis.axis("off")

# %% name="experiment" tags=["active-ipynb"]
# from attnlab.train import accuracy, run_recipe
#
# new = draw("rule", 512, seed=77, size=recipe["size"])
# reached = {}
# for name, block in {"no block": None, "your block": ready}.items():
#     trained = run_recipe(recipe, block)
#     reached[name] = accuracy(trained, new.images, new.labels)
#     print(f"{name:10} answers {reached[name]:.1f} of new images")

# %% name="experiment-answer" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("without a gate under 0.5:", reached["no block"] < 0.5)
# print("with a gate over 0.8:    ", reached["your block"] > 0.8)

# %% test="experiment" points=2 tags=["active-ipynb", "trains"]
# check("se.rule", SEBlock)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.rule", SEBlock)
# ### END HIDDEN TESTS

# %% [markdown]
# Photographs next: CIFAR-10, 32x32 pixels, ten kinds of things. There no single block decides, and
# one training tells nothing about a small gain. So the check asks for two things: the network with
# your block is right about as often as the plain one, and your block, with the weights it has
# learned and on what arrives at it, computes what SE computes.
#
# The images are fetched once, 162 MB, with `python -m attnlab.cifar10 data` in the folder of this
# notebook. A training takes under a minute on a laptop, and seconds where PyTorch finds a GPU.
# Without the images the next cell does nothing, the check tries your block on random ones, and no
# point is lost.

# %% name="photographs" tags=["active-ipynb"]
# from attnlab import cifar10
# from attnlab.train import device_of, recipe_images, sized
#
# photographs = sized(RECIPES["cifar"] | {"config": {"reduction": 4, "bias": True}})
# if cifar10.absent():
#     print("no CIFAR-10 here")
# else:
#     images, labels = recipe_images(photographs, 1000, seed=77, split="choose")
#     for name, block in {"no block": None, "your block": ready}.items():
#         trained = run_recipe(photographs, block, device=device_of(photographs))
#         right = accuracy(trained, cifar10.floats(images), labels)
#         print(f"{name:10} is right about {right:.2f} of new photographs")

# %% test="photographs" points=1 tags=["active-ipynb", "trains", "gpu"]
# check("se.cifar", SEBlock)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("se.cifar", SEBlock)
# ### END HIDDEN TESTS

# %% [markdown]
# **Before you go.** The plain network stays near guessing although it has enough weights: no
# weight of it can make one part of the image change what another part means. Which of the changes
# of task 6 would leave the answers of your network as they are? And why does SE answer this
# question, but not one about *where* something is?
