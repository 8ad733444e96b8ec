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
# # Seven blocks from the wild
#
# Source: errors found in five popular articles and in public collections of code. The blocks are
# written anew, small, each with one of those errors and no other. Every one of them prints the
# shape that its author expected.
#
# **16 points, about 85 minutes.** For each block you
#
# 1. **mend it**: write the class again without its error, with the same layers under the same
#    names;
# 2. **name a law that it breaks, and give an input that shows it**: the grader runs your input on
#    the block and on a right one.
#
# The last task asks what an experiment shows that was made with such blocks.
#
# You need the chapters from Squeeze-and-Excitation to Criss-cross attention; the chapter "What the
# articles got wrong" tells where each error was found. The tasks can be done in any order.

# %% name="imports" tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn

# %% name="tools" tags=["setup", "active-ipynb"]
# from attnlab.check import check

# %% [markdown]
# ## The laws
#
# Each law is a question to a block and an input, with the answer True if the block keeps it there.
# `broken(block, x)` lists the laws that a block breaks on an input: use it to search.


# %% name="laws" tags=["setup"]
def close(left, right):
    return left.shape == right.shape and torch.allclose(left, right, atol=1e-8)


def twice(x):
    """The map beside itself and below itself: four copies."""
    return x.repeat(1, 1, 2, 2)


def keeps_input(block, x):
    given = x.clone()
    block(given)
    return torch.equal(given, x)


def keeps_reach(block, x):
    """Where all channels are zero, something arrives from the other places."""
    dark = (x == 0).all(dim=1)
    return not dark.any() or bool((block(x).movedim(1, 3)[dark].abs().amax(1) > 1e-9).all())


def keeps_one_gate(block, x):
    """Where x is not zero, y / x is the same for all channels of a place."""
    seen = torch.where(x.abs() > 1e-3, block(x) / x, torch.nan)
    spread = seen.nan_to_num(-torch.inf).amax(1) - seen.nan_to_num(torch.inf).amin(1)
    return bool((spread.clamp(min=0) < 1e-6).all())


LAWS = {
    "shape": lambda block, x: block(x.clone()).shape == x.shape,
    "batch": lambda block, x: close(block(x.clone())[:1], block(x[:1].clone())),
    "input": keeps_input,
    "twice": lambda block, x: close(block(twice(x)), twice(block(x.clone()))),
    "reach": lambda block, x: keeps_reach(block, x.clone()),
    "one gate": lambda block, x: keeps_one_gate(block, x.clone()),
    "birth": lambda block, x: close(block(x.clone()), x),
}


def keeps(law, block, x):
    """True if the block keeps the law on this input; an error counts as breaking it."""
    try:
        with torch.no_grad():
            return LAWS[law](block.double().eval(), x.double())
    except RuntimeError:
        return False


def broken(block, x):
    """The laws that a fresh block breaks on x. Not every law is meant for every block!"""
    return [law for law in LAWS if not keeps(law, block, x)]


# %% [markdown]
# - **shape**, of all blocks here: (B, C, H, W) stays (B, C, H, W).
# - **batch**, of all blocks: the first image gets the output that it gets alone.
# - **input**, of all blocks: x is left as it was.
# - **twice**, of gates made from averages and of attention over all places: four copies of a map
#   give four copies of the output.
# - **reach**, of softmax attention over all places, without biases: a place that is zero in all
#   channels receives something from the others.
# - **one gate**, of spatial gates: all channels of a place are scaled alike.
# - **birth**, of blocks that are put into trained networks: a new block is the identity.
#
# Here is what the search says of a block that changes its input.

# %% name="search" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# x = torch.randn(2, 6, 3, 5)
# print("nn.ReLU(inplace=True) breaks:", ", ".join(broken(nn.ReLU(inplace=True), x)))
# print("nn.BatchNorm2d(6) breaks:    ", ", ".join(broken(nn.BatchNorm2d(6, eps=0), x)) or "none")

# %% [markdown]
# The next cell holds what is to be shown with an answer of yours: you need not read it.

# %% name="judging" tags=["setup"]
MOST = 10_000  # numbers in an input


def judged(called, answer, size, wild, mended=None):
    """Raises AssertionError unless `answer`, (law, x), shows the bug and is kept when mended.

    size: the channels, or the channels, rows and columns, that x has to have.
    """
    pair = isinstance(answer, tuple) and len(answer) == 2
    assert pair, f"{called} returned {type(answer).__name__}; expected (the law's name, an input)"
    law, x = answer
    assert law in [*LAWS], f"{called}: no law {law!r}; the laws are {', '.join(LAWS)}"
    floats = isinstance(x, torch.Tensor) and x.is_floating_point() and x.dim() == 4
    assert floats, f"{called}: the input is {type(x).__name__}; expected floats (B, C, H, W)"
    assert 0 < x.numel() <= MOST, f"{called}: {x.numel():,} numbers; expected 1 to {MOST:,}"
    assert x.isfinite().all(), f"{called}: the input must hold finite numbers"
    assert tuple(x.shape[1 : 1 + len(size)]) == size, (
        f"{called}: the input has shape {tuple(x.shape)}; after the images, of which there may be "
        f"as many as you like, {size} is expected"
    )
    assert not keeps(law, wild, x), (
        f"{called}: on this input of shape {tuple(x.shape)} {type(wild).__name__} keeps the law "
        f"{law!r}, so nothing shows. Try broken({type(wild).__name__}(channels), x) on other inputs"
    )
    if mended is not None:
        assert keeps(law, mended, x), (
            f"{called}: a right block breaks the law {law!r} on this input as well, so it says "
            f"nothing about the bug. Is the law meant for such a block, and is x an ordinary input?"
        )


# %% [markdown]
# ## Task 1. Pairs of what? (find the bug; 2 points, 10 minutes)
#
# After a tutorial's embedded Gaussian block. Its text says that every place looks at every other.
# The layers are those of `Pairs`, so only `forward` is left to write.
#
# <details><summary>Hint 1</summary>Which shape has the product of (B, d, N) and (B, N,
# d)?</details>
# <details><summary>Hint 2</summary>Where are the values multiplied: from the side of the channels
# or of the places?</details>
# <details><summary>Hint 3</summary>Give it a map that is zero at one place. What arrives
# there?</details>


# %% name="wild-affinity" tags=["setup"]
class Pairs(nn.Module):
    """The three layers that tasks 1 and 2 share."""

    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv2d(channels, channels, 1, bias=False)
        self.key = nn.Conv2d(channels, channels, 1, bias=False)
        self.value = nn.Conv2d(channels, channels, 1, bias=False)


class WildAffinity(Pairs):
    def forward(self, x):
        q, k, v = (layer(x).flatten(2) for layer in (self.query, self.key, self.value))
        weights = torch.softmax(q @ k.transpose(1, 2), dim=2)
        return x + (weights @ v).view_as(x)


# %% solution="affinity"
class MendedAffinity(Pairs):
    """MendedAffinity(channels): each place takes a softmax average of the values of all places."""

    ### BEGIN SOLUTION
    def forward(self, x):
        q, k, v = (layer(x).flatten(2) for layer in (self.query, self.key, self.value))
        weights = torch.softmax(q.transpose(1, 2) @ k, dim=2)  # (B, N, N), a row for each query
        return x + (v @ weights.transpose(1, 2)).view_as(x)

    ### END SOLUTION


# %% solution="affinity-shown"
def affinity_shown(channels, height, width):
    """(law, x): a law that WildAffinity breaks, and an input that shows it."""
    ### BEGIN SOLUTION
    x = torch.randn(1, channels, height, width)
    x[..., 0, 0] = 0
    return "reach", x
    ### END SOLUTION


# %% test="affinity" points=1 tags=["active-ipynb"]
# check("errata.affinity", MendedAffinity, "values", "shape", "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("errata.affinity", MendedAffinity, "values", "shape", "parameters")
# ### END HIDDEN TESTS

# %% test="affinity-shown" points=1 tags=["active-ipynb"]
# judged("affinity_shown(6, 3, 5)", affinity_shown(6, 3, 5), (6, 3, 5), WildAffinity(6))
# ### BEGIN HIDDEN TESTS
# import solutions.errata as reference
#
# for sizes in ((4, 5, 2), (8, 2, 7)):
#     called, answer = f"affinity_shown{sizes}", affinity_shown(*sizes)
#     judged(called, answer, sizes, WildAffinity(sizes[0]), reference.MendedAffinity(sizes[0]))
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 2. Divided by what? (find the bug; 2 points, 10 minutes)
#
# After the same tutorial's dot product block. Without a softmax, the sum over all places must be
# divided by their number N, or large maps give large numbers. Again `Pairs` has the layers.
#
# <details><summary>Hint 1</summary>Which axis is <code>x.shape[2]</code>, before and after
# flattening?</details>
# <details><summary>Hint 2</summary>If a map is shown four times over, each place meets four times
# as many partners.</details>


# %% name="wild-divisor" tags=["setup"]
class WildDivisor(Pairs):
    def forward(self, x):
        q, k, v = (layer(x).flatten(2) for layer in (self.query, self.key, self.value))
        weights = q.transpose(1, 2) @ k / x.shape[2]
        return x + (v @ weights.transpose(1, 2)).view_as(x)


# %% solution="divisor"
class MendedDivisor(Pairs):
    """MendedDivisor(channels): dot products of all pairs of places, divided by N."""

    ### BEGIN SOLUTION
    def forward(self, x):
        q, k, v = (layer(x).flatten(2) for layer in (self.query, self.key, self.value))
        weights = q.transpose(1, 2) @ k / q.shape[2]
        return x + (v @ weights.transpose(1, 2)).view_as(x)

    ### END SOLUTION


# %% solution="divisor-shown"
def divisor_shown(channels, height, width):
    """(law, x): a law that WildDivisor breaks, and an input that shows it."""
    ### BEGIN SOLUTION
    return "twice", torch.randn(1, channels, height, width)
    ### END SOLUTION


# %% test="divisor" points=1 tags=["active-ipynb"]
# check("errata.divisor", MendedDivisor, "values", "shape", "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("errata.divisor", MendedDivisor, "values", "shape", "parameters")
# ### END HIDDEN TESTS

# %% test="divisor-shown" points=1 tags=["active-ipynb"]
# judged("divisor_shown(6, 3, 5)", divisor_shown(6, 3, 5), (6, 3, 5), WildDivisor(6))
# ### BEGIN HIDDEN TESTS
# import solutions.errata as reference
#
# for sizes in ((4, 5, 2), (8, 2, 7)):
#     called, answer = f"divisor_shown{sizes}", divisor_shown(*sizes)
#     judged(called, answer, sizes, WildDivisor(sizes[0]), reference.MendedDivisor(sizes[0]))
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 3. Half, and twice (find the bug; 2 points, 10 minutes)
#
# After a spatial gate that looks at the map at half its size. Its authors use maps of even sides.
# Keep the bilinear resizing with `align_corners=True`.
#
# <details><summary>Hint 1</summary>A convolution with stride 2 and padding 1 makes 4 rows of 7.
# Twice 4?</details>
# <details><summary>Hint 2</summary><code>F.interpolate</code> can be told a size in place of a
# factor.</details>


# %% name="wild-zoom" tags=["setup"]
class WildZoom(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.look = nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False)

    def forward(self, x):
        small = self.look(x.mean(dim=1, keepdim=True))
        score = F.interpolate(small, scale_factor=2, mode="bilinear", align_corners=True)
        return x * torch.sigmoid(score)


# %% solution="zoom"
class MendedZoom(nn.Module):
    """MendedZoom(channels): WildZoom for maps of any size."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.look = nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False)

    def forward(self, x):
        small = self.look(x.mean(dim=1, keepdim=True))
        score = F.interpolate(small, size=x.shape[2:], mode="bilinear", align_corners=True)
        return x * torch.sigmoid(score)

    ### END SOLUTION


# %% solution="zoom-shown"
def zoom_shown(channels):
    """(law, x): a law that WildZoom breaks, and an input of any size that shows it."""
    ### BEGIN SOLUTION
    return "shape", torch.randn(1, channels, 7, 9)
    ### END SOLUTION


# %% test="zoom" points=1 tags=["active-ipynb"]
# check("errata.zoom", MendedZoom, "values", "shape", "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("errata.zoom", MendedZoom, "values", "shape", "parameters")
# ### END HIDDEN TESTS

# %% test="zoom-shown" points=1 tags=["active-ipynb"]
# judged("zoom_shown(6)", zoom_shown(6), (6,), WildZoom(6))
# ### BEGIN HIDDEN TESTS
# import solutions.errata as reference
#
# for channels in (4, 8):
#     called, answer = f"zoom_shown({channels})", zoom_shown(channels)
#     judged(called, answer, (channels,), WildZoom(channels), reference.MendedZoom(channels))
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 4. One map for all (find the bug; 2 points, 10 minutes)
#
# After a survey's version of the spatial squeeze (sSE), which should give each *place* one gate.
#
# <details><summary>Hint 1</summary>How many gates has a map of H times W places? How many does
# this convolution give?</details>
# <details><summary>Hint 2</summary>Broadcasting stretches (B, 1, H, W) over the channels.</details>


# %% name="wild-map" tags=["setup"]
class WildMap(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.score = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.score(x))


# %% solution="map"
class MendedMap(nn.Module):
    """MendedMap(channels): one gate for each place, from all its channels; with a bias."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.score = nn.Conv2d(channels, 1, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.score(x))

    ### END SOLUTION


# %% solution="map-shown"
def map_shown(channels, height, width):
    """(law, x): a law that WildMap breaks, and an input that shows it."""
    ### BEGIN SOLUTION
    return "one gate", torch.randn(1, channels, height, width)
    ### END SOLUTION


# %% test="map" points=1 tags=["active-ipynb"]
# check("errata.map", MendedMap, "parameters", "values", "shape")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("errata.map", MendedMap, "parameters", "values", "shape")
# ### END HIDDEN TESTS

# %% test="map-shown" points=1 tags=["active-ipynb"]
# judged("map_shown(6, 3, 5)", map_shown(6, 3, 5), (6, 3, 5), WildMap(6))
# ### BEGIN HIDDEN TESTS
# import solutions.errata as reference
#
# for sizes in ((4, 5, 2), (8, 2, 7)):
#     called, answer = f"map_shown{sizes}", map_shown(*sizes)
#     judged(called, answer, sizes, WildMap(sizes[0]), reference.MendedMap(sizes[0]))
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 5. It works, once (find the bug; 2 points, 10 minutes)
#
# After a block from a collection of attention modules. The numbers that it returns are right.
#
# <details><summary>Hint 1</summary>Call it twice with the same tensor, and print the tensor before
# and after.</details>
# <details><summary>Hint 2</summary>Which of torch's methods end in an underscore, and
# why?</details>


# %% name="wild-place" tags=["setup"]
class WildPlace(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.mix = nn.Linear(channels, channels, bias=False)

    def forward(self, x):
        gate = torch.sigmoid(self.mix(x.mean(dim=(2, 3))))
        return x.mul_(gate[:, :, None, None])


# %% solution="place"
class MendedPlace(nn.Module):
    """MendedPlace(channels): WildPlace without its bug."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.mix = nn.Linear(channels, channels, bias=False)

    def forward(self, x):
        gate = torch.sigmoid(self.mix(x.mean(dim=(2, 3))))
        return x * gate[:, :, None, None]

    ### END SOLUTION


# %% solution="place-shown"
def place_shown(channels, height, width):
    """(law, x): a law that WildPlace breaks, and an input that shows it."""
    ### BEGIN SOLUTION
    return "input", torch.randn(1, channels, height, width)
    ### END SOLUTION


# %% test="place" points=1 tags=["active-ipynb"]
# check("errata.place", MendedPlace, "values", "input")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("errata.place", MendedPlace, "values", "input")
# ### END HIDDEN TESTS

# %% test="place-shown" points=1 tags=["active-ipynb"]
# judged("place_shown(6, 3, 5)", place_shown(6, 3, 5), (6, 3, 5), WildPlace(6))
# ### BEGIN HIDDEN TESTS
# import solutions.errata as reference
#
# for sizes in ((4, 5, 2), (8, 2, 7)):
#     called, answer = f"place_shown{sizes}", place_shown(*sizes)
#     judged(called, answer, sizes, WildPlace(sizes[0]), reference.MendedPlace(sizes[0]))
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 6. Not there yet (find the bug; 2 points, 10 minutes)
#
# A tutorial explains that its block starts as the identity, so that it can be put into a trained
# network. Then it builds three blocks of four like this one.
#
# <details><summary>Hint 1</summary>What does <code>gamma</code> multiply, and what is it
# before training?</details>
# <details><summary>Hint 2</summary>It must stay a parameter: it has to grow.</details>


# %% name="wild-birth" tags=["setup"]
class WildBirth(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.value = nn.Conv2d(channels, channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.ones(1))

    def forward(self, x):
        shared = self.value(x).mean(dim=(2, 3), keepdim=True)
        return x + self.gamma * shared


# %% solution="birth"
class MendedBirth(nn.Module):
    """MendedBirth(channels): WildBirth, but a new one is the identity, and it can learn."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.value = nn.Conv2d(channels, channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        shared = self.value(x).mean(dim=(2, 3), keepdim=True)
        return x + self.gamma * shared

    ### END SOLUTION


# %% solution="birth-shown"
def birth_shown(channels, height, width):
    """(law, x): a law that WildBirth breaks, and an input that shows it."""
    ### BEGIN SOLUTION
    return "birth", torch.randn(1, channels, height, width)
    ### END SOLUTION


# %% test="birth" points=1 tags=["active-ipynb"]
# check("errata.birth", MendedBirth, "parameters", "values", "gradients", "birth")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("errata.birth", MendedBirth, "parameters", "values", "gradients", "birth")
# ### END HIDDEN TESTS

# %% test="birth-shown" points=1 tags=["active-ipynb"]
# judged("birth_shown(6, 3, 5)", birth_shown(6, 3, 5), (6, 3, 5), WildBirth(6))
# ### BEGIN HIDDEN TESTS
# import solutions.errata as reference
#
# for sizes in ((4, 5, 2), (8, 2, 7)):
#     called, answer = f"birth_shown{sizes}", birth_shown(*sizes)
#     judged(called, answer, sizes, WildBirth(sizes[0]), reference.MendedBirth(sizes[0]))
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 7. An axis left out (find the bug; 2 points, 10 minutes)
#
# After a block that calls a softmax without saying along which axis. For a tensor of three axes
# the library then takes axis 0; here it is written out.
#
# <details><summary>Hint 1</summary>Along which axis do the weights add up to 1, and along which
# should they?</details>
# <details><summary>Hint 2</summary>With one image in the batch every weight is 1. Why?</details>


# %% name="wild-axis" tags=["setup"]
class WildAxis(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv2d(channels, channels, 1, bias=False)
        self.key = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        q, k = self.query(x).flatten(2), self.key(x).flatten(2)
        weights = torch.softmax(q.transpose(1, 2) @ k, dim=0)
        return x + (x.flatten(2) @ weights.transpose(1, 2)).view_as(x)


# %% solution="axis"
class MendedAxis(nn.Module):
    """MendedAxis(channels): every query's weights over all places add up to 1."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv2d(channels, channels, 1, bias=False)
        self.key = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x):
        q, k = self.query(x).flatten(2), self.key(x).flatten(2)
        weights = torch.softmax(q.transpose(1, 2) @ k, dim=2)
        return x + (x.flatten(2) @ weights.transpose(1, 2)).view_as(x)

    ### END SOLUTION


# %% solution="axis-shown"
def axis_shown(channels, height, width):
    """(law, x): a law that WildAxis breaks, and an input that shows it."""
    ### BEGIN SOLUTION
    return "batch", torch.randn(2, channels, height, width)
    ### END SOLUTION


# %% test="axis" points=1 tags=["active-ipynb"]
# check("errata.axis", MendedAxis, "batch", "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("errata.axis", MendedAxis, "batch", "values")
# ### END HIDDEN TESTS

# %% test="axis-shown" points=1 tags=["active-ipynb"]
# judged("axis_shown(6, 3, 5)", axis_shown(6, 3, 5), (6, 3, 5), WildAxis(6))
# ### BEGIN HIDDEN TESTS
# import solutions.errata as reference
#
# for sizes in ((4, 5, 2), (8, 2, 7)):
#     called, answer = f"axis_shown{sizes}", axis_shown(*sizes)
#     judged(called, answer, sizes, WildAxis(sizes[0]), reference.MendedAxis(sizes[0]))
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 8. What does it show? (read the evidence; 2 points, 15 minutes)
#
# The tutorial of tasks 1, 2 and 6 then trains a ResNet-18 on small images. Its baseline has one
# more residual block at the place where the others have an attention block. This is all that it
# reports:
#
# | network | parameters of the added block | starts as the identity | against the baseline |
# | --- | --- | --- | --- |
# | baseline: a residual block | 1,181,184 | no | |
# | Gaussian | 132,096 | no | 0.3 points better |
# | dot product | 132,224 | no | 0.6 points better |
# | embedded Gaussian, half width | 132,224 | yes | worse |
# | embedded Gaussian, full width | 263,680 | no | about equal |
#
# Each network was trained once, from an unknown seed. After each epoch it was tested on the test
# images, and the curves of those tests are what is compared. All blocks have the bug of task 1.
# Give for each claim of the next cell one of `VERDICTS`.
#
# <details><summary>Hint 1</summary>"Not shown" does not mean "wrong": the claim may be true, but
# this table cannot tell.</details>
# <details><summary>Hint 2</summary>Compare only networks that differ in one thing. How far apart
# do two trainings of the same network end?</details>

# %% name="claims" tags=["setup"]
VERDICTS = ("supported", "not shown", "contradicted")
CLAIMS = {
    "dot product": "The dot product block is better than the Gaussian block.",
    "equal size": "Block and baseline add about equally many parameters.",
    "bottleneck": "Half the width is what makes the embedded Gaussian block worse.",
    "pairs": "What the blocks gain, they gain by carrying values between distant places.",
    "cheaper": "Each of the four attention blocks adds fewer parameters than the baseline's block.",
    "unseen": "The reported accuracies are those of networks chosen without the test images.",
    "late": "An attention block is better placed late in the network than early.",
}


# %% solution="verdict"
def verdict(claim):
    """One of VERDICTS, for the claim of that name in CLAIMS."""
    ### BEGIN SOLUTION
    return {
        "dot product": "not shown",  # one run each, and runs scatter by more than 0.3 points
        "equal size": "contradicted",  # 1,181,184 against 132,224: nearly nine times
        "bottleneck": "not shown",  # that block alone starts as the identity: two differences
        "pairs": "contradicted",  # their affinity is channels by channels: no value moves
        "cheaper": "supported",
        "unseen": "contradicted",  # the curves compared are those of the test images
        "late": "not shown",  # one placement only
    }[claim]
    ### END SOLUTION


# %% test="verdict" points=2 tags=["active-ipynb"]
# for claim in CLAIMS:
#     assert verdict(claim) in VERDICTS, (
#         f"verdict({claim!r}) returned {verdict(claim)!r}; expected one of {', '.join(VERDICTS)}"
#     )
# ### BEGIN HIDDEN TESTS
# check("errata.verdict", verdict)
# ### END HIDDEN TESTS

# %% [markdown]
# **Before you go.** Which of the seven bugs would a test have found that runs the block on one more
# map size? Which would only an exact comparison of numbers have found? And which of the seven would
# you have found by training a network and looking at its accuracy?
