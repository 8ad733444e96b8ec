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
# # Criss-cross attention
#
# Source: Z. Huang, X. Wang, L. Huang, C. Huang, Y. Wei and W. Liu, "CCNet: Criss-Cross Attention
# for Semantic Segmentation", ICCV 2019, <https://arxiv.org/abs/1811.11721>, equations 1 and 2. A
# position looks along its row and its column; looking twice, it sees the whole map.
#
# Paper and released code agree: no scale, a learned factor γ that starts at 0, one set of weights
# for all passes. We follow them. (The code's `--recurrence` is 0 unless set, which is no attention
# at all; `passes=0` is that.)
#
# **20 points, about 135 minutes.** You will
#
# 1. write down the shapes before the code (task 1);
# 2. write the weights of a cross, and the block, and have them checked (tasks 2 and 3);
# 3. predict who reaches whom, and by how many ways (task 4);
# 4. find the size of map from which the cross is cheaper than all pairs (task 5);
# 5. carry the weights of a non-local block over, and say when both blocks agree (task 6);
# 6. mend a block with two bugs (task 7);
# 7. let your block answer a question about rows, then show it photographs (task 8).
#
# Shapes are written (B, C, H, W): images in the batch, channels, rows, columns; N = HW positions;
# c is the width of queries and keys. Tests use other sizes and numbers than those you see. Each
# task can be done without the others; only tasks 3 and 8 need your own block.

# %% name="imports" tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn

# %% name="tools" tags=["setup", "active-ipynb"]
# from attnlab.check import check
# from attnlab.train import RECIPES

# %% [markdown]
# ## Task 1. Shapes first (shape algebra; 1 point, 10 minutes)
#
# A *logit* is the product of one query with one key, before the softmax. Four arrays of logits for
# a batch (B, C, H, W), each as a tuple of whole numbers:
#
# - `"non-local"`: every position asks every position, positions of the map in one line;
# - `"columns"`: each column of each image is one matrix, all of them in one stack (the axis of the
#   stack first; then who asks, then who is asked);
# - `"rows"`: the same for the rows;
# - `"criss-cross"`: one map of logits for each image, where each position (i, j) holds what it
#   asked of its column, then what it asked of its row.
#
# <details><summary>Hint 1</summary>How many columns has one image, and how long is each?</details>
# <details><summary>Hint 2</summary>Does C, or c, survive a product of a query with a key?</details>
# <details><summary>Hint 3</summary>Its own place stands in both lines of a position. Task 2 will
# silence one of them, which leaves the shape as it is.</details>

# %% solution="shapes"
def affinity_shapes(B, C, H, W):
    """The shapes of four arrays of logits: {"non-local": (...), "columns": (...), ...}."""
    ### BEGIN SOLUTION
    return {
        "non-local": (B, H * W, H * W),
        "columns": (B * W, H, H),
        "rows": (B * H, W, W),
        "criss-cross": (B, H, W, H + W),
    }
    ### END SOLUTION


# %% name="shapes-shown" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for name, shape in affinity_shapes(2, 64, 48, 96).items():
#     print(f"{name:12} {shape!s:20} {torch.Size(shape).numel():12,} logits")

# %% test="shapes" points=1 tags=["active-ipynb"]
# check("cc.affinity_shapes", affinity_shapes)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.affinity_shapes", affinity_shapes)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 2. The weights of a cross (implement; 2 points, 20 minutes)
#
# $$d_{iu} = Q_u \Omega_{iu}^T, \qquad A = \mathrm{softmax}_i(d) \qquad (1)$$
#
# u = (i, j) is a position, Q_u its query, Ω_u the keys of its cross: those of column j from top to
# bottom, then those of row i from left to right. That makes H + W logits, and (i, j) itself stands
# among them twice. Set its logit **in the column** to -∞: its weight there is 0, and H + W - 1 keys
# share the rest. One softmax runs over the whole cross.
#
# <details><summary>Hint 1</summary>Two products of matrices, or two calls of einsum: in one the
# letter of the columns is in both factors, in the other that of the rows.</details>
# <details><summary>Hint 2</summary>In the column's logits (B, H, W, H), which entries belong to the
# position itself? <code>torch.eye(H)</code> has its ones there, if you give it an axis for W.
# </details>
# <details><summary>Hint 3</summary><code>masked_fill(mask, -torch.inf)</code>, then
# <code>torch.cat</code>, then one softmax.</details>

# %% solution="weights"
def cross_weights(q, k):
    """A of equation 1: queries and keys (B, c, H, W) -> (B, H, W, H + W), column first, then row.

    The weights of a position sum to 1; that of its own place in the column is 0.
    """
    ### BEGIN SOLUTION
    column = q.permute(0, 3, 2, 1) @ k.permute(0, 3, 1, 2)  # (B, W, H, c) (B, W, c, H)
    row = q.permute(0, 2, 3, 1) @ k.transpose(1, 2)  # (B, H, W, c) (B, H, c, W)
    column.diagonal(dim1=2, dim2=3).fill_(-torch.inf)
    return torch.cat([column.transpose(1, 2), row], dim=-1).softmax(dim=-1)
    ### END SOLUTION


# %% name="weights-shown" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# equal = torch.zeros(1, 1, 3, 4)  # all logits are 0: who gets a weight?
# for i, j in ((0, 0), (1, 2)):
#     shares = cross_weights(equal, equal)[0, i, j]
#     print(f"({i}, {j}): column", [f"{a:.2f}" for a in shares[:3]], end=" ")
#     print("row", [f"{a:.2f}" for a in shares[3:]])

# %% test="weights" points=2 tags=["active-ipynb"]
# check("cc.cross_weights", cross_weights)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.cross_weights", cross_weights)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 3. The block, and twice (implement; 6 points, 25 minutes)
#
# $$y_u = \gamma \sum_i A_{iu}\, \Phi_{iu} + x_u \qquad (2)$$
#
# Φ_u are the values on the cross of u. One pass turns x into y; the next pass takes y for its x,
# **with the same weights**, the sum with x and all. Write `CrissCrossBlock` with
# `__init__(self, channels, passes=2, reduction=8)` and `forward(self, x)`. It holds three 1x1
# convolutions with biases, made in this order: queries and keys, both C to C // reduction, then
# values, C to C; and γ, a parameter of shape (1,), zero at the start. Names are free.
#
# <details><summary>Hint 1</summary>Split A where the column ends; each part meets the values along
# its own line; add the two.</details>
# <details><summary>Hint 2</summary><code>nn.Parameter(torch.zeros(1))</code>.</details>
# <details><summary>Hint 3</summary>Queries, keys and values of the second pass come from what the
# first pass gave back, through the same three layers.</details>

# %% solution="block"
class CrissCrossBlock(nn.Module):
    """CrissCrossBlock(channels, passes=2, reduction=8): (B, C, H, W) -> (B, C, H, W).

    passes: how often equations 1 and 2 are applied, with the same weights. Queries and keys are
    C // reduction wide. A fresh block is the identity.
    """

    ### BEGIN SOLUTION
    # Not in the paper: inner, a width of its own for queries and keys, which is at least 1.
    def __init__(self, channels, passes=2, reduction=8, *, inner=None):
        super().__init__()
        inner = max(channels // reduction, 1) if inner is None else inner
        self.passes = passes
        self.query = nn.Conv2d(channels, inner, 1)
        self.key = nn.Conv2d(channels, inner, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def project(self, x):
        """Queries and keys (B, c, H, W) and values (B, C, H, W), in memory (H, B, W, channels)."""
        x = x.permute(2, 0, 3, 1).contiguous()  # the one copy: rows and columns need no other
        layers = (self.query, self.key, self.value)
        outs = (F.linear(x, layer.weight.flatten(1), layer.bias) for layer in layers)
        return [out.permute(1, 3, 0, 2) for out in outs]

    def attention(self, x):
        """The weights of one pass: (B, C, H, W) -> (B, H, W, H + W), column first, then row."""
        return cross_weights(*self.project(x)[:2])

    def once(self, x):
        """One pass: (B, C, H, W) -> (B, C, H, W)  (eq. 2)."""
        q, k, v = self.project(x)
        column, row = cross_weights(q, k).split(x.shape[2:], dim=-1)
        y = row @ v.permute(0, 2, 3, 1)  # (B, H, W, W) (B, H, W, C) -> (B, H, W, C)
        y.add_((column.transpose(1, 2) @ v.permute(0, 3, 2, 1)).transpose(1, 2))
        return torch.addcmul(x, self.gamma, y.permute(0, 3, 1, 2))  # x + γ y, no tensor for γ y

    def forward(self, x):
        for _ in range(self.passes):
            x = self.once(x)
        return x
    ### END SOLUTION


# %% name="block-shapes" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# block = CrissCrossBlock(64)
# print(sum(p.numel() for p in block.parameters()), "parameters")
# x = torch.rand(2, 64, 5, 7)
# print("out:", tuple(block(x).shape), " the identity at birth:", torch.equal(block(x), x))

# %% [markdown]
# With pushed weights, γ among them, output and gradients must be those of the reference.

# %% test="block-values" points=1 tags=["active-ipynb"]
# check("cc.block", CrissCrossBlock, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.block", CrissCrossBlock, "values")
# ### END HIDDEN TESTS

# %% [markdown]
# The number of parameters, which does not depend on the number of passes.

# %% test="block-parameters" points=1 tags=["active-ipynb"]
# check("cc.block", CrissCrossBlock, "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.block", CrissCrossBlock, "parameters")
# ### END HIDDEN TESTS

# %% [markdown]
# The shape stays, whichever of H and W is larger.

# %% test="block-shape" points=1 tags=["active-ipynb"]
# check("cc.block", CrissCrossBlock, "shape")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.block", CrissCrossBlock, "shape")
# ### END HIDDEN TESTS

# %% [markdown]
# Images do not meet: stacking rows and columns of many images is where they might.

# %% test="block-batch" points=1 tags=["active-ipynb"]
# check("cc.block", CrissCrossBlock, "batch")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.block", CrissCrossBlock, "batch")
# ### END HIDDEN TESTS

# %% [markdown]
# A fresh block changes nothing, so that it can be put into a trained network.

# %% test="block-birth" points=1 tags=["active-ipynb"]
# check("cc.block", CrissCrossBlock, "birth")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.block", CrissCrossBlock, "birth")
# ### END HIDDEN TESTS

# %% [markdown]
# Whoever called the block finds x unchanged, and all layers get gradients.

# %% test="block-input" points=1 tags=["active-ipynb"]
# check("cc.block", CrissCrossBlock, "input", "gradients")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.block", CrissCrossBlock, "input", "gradients")
# ### END HIDDEN TESTS

# %% [markdown]
# **Stuck?** A finished block lets you go on: write `ready = provided("cc.CrissCrossBlock")` in the
# next cell. The knob and the runs below use `ready`; checks ask for your own.

# %% name="ready" tags=["active-ipynb"]
# from attnlab.check import provided
#
# ready = CrissCrossBlock

# %% [markdown]
# ## Task 4. Who reaches whom (predict; 2 points, 15 minutes)
#
# `reach`: a map (H, W) of booleans, True at every position on which the output of (i, j) can depend
# after so many passes, 0, 1, 2 or more. The sum with x counts: a position always reaches itself.
#
# `routes`: a map (H, W) of whole numbers. A route of two steps goes from (i, j) to some position of
# its cross, and from there to some position of that one's cross; a step may also stay where it is.
# How many routes lead from (i, j) to each position? On paper, find it for three kinds of target:
# itself, another one on its cross, one off its cross.
#
# Write both without your block. The cell after yours compares with gradients.
#
# <details><summary>Hint 1</summary>One pass: same row or same column. Draw the second pass: from
# which positions can (i, j) hear by way of those?</details>
# <details><summary>Hint 2</summary>Off the cross there are two corners to turn at.</details>
# <details><summary>Hint 3</summary>To another position on its own row: the step between may be any
# position of that row. Their sum over the map must be (H + W - 1)².</details>

# %% solution="reach"
def reach(height, width, i, j, passes):
    """A boolean map (height, width): what the output at (i, j) can depend on."""
    ### BEGIN SOLUTION
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    same_row, same_column = rows == i, columns == j
    if passes == 0:
        return same_row & same_column
    if passes == 1:
        return same_row | same_column
    return torch.ones(height, width, dtype=torch.bool)
    ### END SOLUTION


# %% solution="routes"
def routes(height, width, i, j):
    """An int64 map (height, width): in how many ways two steps lead from (i, j) to a position."""
    ### BEGIN SOLUTION
    ways = torch.full((height, width), 2)
    ways[i], ways[:, j] = width, height
    ways[i, j] = height + width - 1
    return ways
    ### END SOLUTION


# %% name="reach-run" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for passes in (1, 2):
#     block = ready(8, passes)
#     for parameter in block.parameters():
#         nn.init.normal_(parameter, std=0.5)  # γ as well: at 0 nothing would travel
#     x = torch.randn(1, 8, 4, 6, requires_grad=True)
#     block(x)[0, :, 1, 2].sum().backward()
#     found = x.grad[0].abs().sum(0) > 0
#     agree = torch.equal(found, reach(4, 6, 1, 2, passes))
#     print(f"{passes} passes: {found.sum()} of 24 positions reach (1, 2); as predicted: {agree}")
# print(routes(4, 6, 1, 2), f"sum {routes(4, 6, 1, 2).sum()} = {(4 + 6 - 1) ** 2}")

# %% test="reach" points=1 tags=["active-ipynb"]
# check("cc.reach", reach)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.reach", reach)
# ### END HIDDEN TESTS

# %% test="routes" points=1 tags=["active-ipynb"]
# check("cc.routes", routes)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.routes", routes)
# ### END HIDDEN TESTS

# %% [markdown]
# Choose a position and the number of passes. The map shows how strongly each position moves the
# output at yours, in percent of the total: where are the routes, and how uneven are they?

# %% name="knob" tags=["active-ipynb", "widget"]
# from ipywidgets import IntSlider, ToggleButtons, interact
#
# probe_map = torch.randn(1, 8, 6, 9)
# looking = ready(8, 1)
# for parameter in looking.parameters():
#     nn.init.normal_(parameter, std=0.5)
#
#
# @interact(row=IntSlider(2, 0, 5), column=IntSlider(4, 0, 8), passes=ToggleButtons(options=[1, 2]))
# def who_reaches(row, column, passes):
#     x = probe_map.clone().requires_grad_()
#     y = x
#     for _ in range(passes):
#         y = looking(y)
#     y[0, :, row, column].sum().backward()
#     share = x.grad[0].abs().sum(0)
#     for line in 100 * share / share.sum():
#         print(" ".join("   ." if value == 0 else f"{value:4.1f}" for value in line))

# %% [markdown]
# ## Task 5. Where the cross pays (cost; 2 points, 15 minutes)
#
# Count multiply-adds for one image. Each pass projects: queries and keys C · c weights each, values
# C · C, at every position; c = C // 8. Then each of the N positions meets all H + W entries of its
# two lines (the silenced one is computed, too): c products for the logit, C for the value.
#
# A non-local block with the same three projections, used once, differs in one number: each position
# meets N others. `pays_from` is the side n of the smallest square map on which the cross, with that
# many passes, needs **fewer** multiply-adds.
#
# <details><summary>Hint 1</summary>Everything is repeated in each pass, projections included.
# </details>
# <details><summary>Hint 2</summary>A loop over n = 1, 2, 3, ... is a fine way to solve an
# inequality.</details>

# %% solution="macs"
def macs(channels, height, width, passes=2):
    """Multiply-adds of CrissCrossBlock(channels, passes) for one image (C, height, width)."""
    ### BEGIN SOLUTION
    c = channels // 8
    project = 2 * channels * c + channels**2
    return passes * height * width * (project + (height + width) * (c + channels))
    ### END SOLUTION


# %% solution="pays-from"
def pays_from(channels, passes=2):
    """The side of the smallest square map on which the cross needs fewer multiply-adds."""
    ### BEGIN SOLUTION
    c, side = channels // 8, 1
    project, meet = 2 * channels * c + channels**2, channels + c  # at a position; at a pair
    while passes * (project + 2 * side * meet) >= project + side**2 * meet:
        side += 1
    return side
    ### END SOLUTION


# %% name="costs" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("C = 512, c = 64, two passes; memory for the weights of one pass in float32")
# for side in (16, 32, 64, 97):
#     n = side * side
#     dense = n * (2 * 512 * 64 + 512**2 + n * (64 + 512))
#     print(f"{side:3} x {side:<3} {macs(512, side, side) / 1e9:7.2f} against {dense / 1e9:7.2f} G"
#           f"   {4 * n * 2 * side / 2**20:6.1f} against {4 * n * n / 2**20:7.1f} MiB")
# print("pays from:", {passes: pays_from(512, passes) for passes in (1, 2, 3)})

# %% test="macs" points=1 tags=["active-ipynb"]
# check("cc.macs", macs)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.macs", macs)
# ### END HIDDEN TESTS

# %% test="pays-from" points=1 tags=["active-ipynb"]
# check("cc.pays_from", pays_from)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.pays_from", pays_from)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 6. From non-local to criss-cross (transfer weights; 2 points, 15 minutes)
#
# A trained non-local block computes, with four layers and no γ,
#
# $$z_u = x_u + W_z \sum_p a_{up}\, (W_g x_p + b_g) + b_z,\qquad a_{u\cdot} =
# \mathrm{softmax}\big(\theta(x_u)^T \phi(x_\cdot)\big)$$
#
# with all N positions p. Its weights come as a dictionary: `theta.weight`, `theta.bias`, the same
# of `phi`, `g` and `out` (W_z and b_z); a weight is (outputs, inputs), and g has its own width d.
#
# `transferred(weights)`: the dictionary of one criss-cross pass with `query.weight`, `query.bias`,
# the same of `key` and `value`, and `gamma` (1,), such that only the set of keys differs. The cross
# has no layer after the sum. Where does W_z go, and both biases?
#
# `agree(height, width)`: whether the non-local block and one pass of the cross with those weights
# give the same output on every map of that size.
#
# <details><summary>Hint 1</summary>The a of a position sum to 1. So what is added to every value is
# added to the sum.</details>
# <details><summary>Hint 2</summary>W_z Σ a v = Σ a (W_z v): a matrix can be taken into the sum, and
# two matrices in a row are one.</details>
# <details><summary>Hint 3</summary>For which maps does the cross of every position hold all
# positions?</details>

# %% solution="transferred"
def transferred(weights):
    """Weights of one criss-cross pass from those of a non-local block, all of them tensors."""
    ### BEGIN SOLUTION
    out = weights["out.weight"]
    return {
        "query.weight": weights["theta.weight"],
        "query.bias": weights["theta.bias"],
        "key.weight": weights["phi.weight"],
        "key.bias": weights["phi.bias"],
        "value.weight": out @ weights["g.weight"],
        "value.bias": out @ weights["g.bias"] + weights["out.bias"],
        "gamma": torch.ones_like(weights["out.bias"][:1]),
    }
    ### END SOLUTION


# %% solution="agree"
def agree(height, width):
    """True if both blocks give the same output on every map of this size, else False."""
    ### BEGIN SOLUTION
    return height == 1 or width == 1
    ### END SOLUTION


# %% name="transfer-run" tags=["setup"]
def non_local(weights, x):
    """The non-local block: x (B, C, H, W), weights as transferred() takes them."""
    layers = {name: (weights[f"{name}.weight"], weights[f"{name}.bias"]) for name in
              ("theta", "phi", "g", "out")}  # fmt: skip
    q, k, v = (F.linear(x.flatten(2).mT, *layers[name]) for name in ("theta", "phi", "g"))
    y = (q @ k.mT).softmax(dim=-1) @ v
    return x + F.linear(y, *layers["out"]).mT.reshape(x.shape)


def one_pass(weights, x):
    """One criss-cross pass with weights as transferred() gives them, on your cross_weights."""
    layers = {name: (weights[f"{name}.weight"], weights[f"{name}.bias"]) for name in
              ("query", "key", "value")}  # fmt: skip
    q, k, v = (F.linear(x.movedim(1, 3), *layer).movedim(3, 1) for layer in layers.values())
    column, row = cross_weights(q, k).split(x.shape[2:], dim=-1)
    y = torch.einsum("bijm,bcmj->bcij", column, v) + torch.einsum("bijn,bcin->bcij", row, v)
    return x + weights["gamma"] * y


# %% name="transfer-shown" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# shapes = {"theta": (2, 8), "phi": (2, 8), "g": (4, 8), "out": (8, 4)}
# given = {f"{name}.weight": torch.randn(shape) for name, shape in shapes.items()}
# given |= {f"{name}.bias": torch.randn(shape[0]) for name, shape in shapes.items()}
# for size in ((1, 7), (5, 1), (2, 2), (3, 5)):
#     x = torch.randn(2, 8, *size)
#     found = torch.allclose(non_local(given, x), one_pass(transferred(given), x), atol=1e-4)
#     print(f"{size}: predicted {agree(*size)!s:5} found {found}")

# %% test="transferred" points=1 tags=["active-ipynb"]
# check("cc.transferred", transferred)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.transferred", transferred)
# ### END HIDDEN TESTS

# %% test="agree" points=1 tags=["active-ipynb"]
# check("cc.agree", agree)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.agree", agree)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 7. Find two bugs (find the bug; 2 points, 15 minutes)
#
# `WildCrissCross` stacks rows and columns by hand, as most public code does. It runs, the shape is
# right, and on a single image one of its bugs does no harm at all; the other is always there. Write
# `MendedCrissCross` with the same layers and without both.
#
# `exposing_input` returns an input (B, channels, height, width), B your choice, on which the first
# image gets another output in its batch than alone: the law that the first bug breaks.
#
# <details><summary>Hint 1</summary>Follow one column through <code>stacked</code> and
# <code>unstacked</code>: which axis lies outside, which inside? Are they taken apart in the order
# in which they were put together?</details>
# <details><summary>Hint 2</summary>How often does a position count itself?</details>
# <details><summary>Hint 3</summary>Task 2 says what the released code does about it.</details>

# %% name="wild" tags=["setup"]
class WildCrissCross(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv2d(channels, channels // 8, 1)
        self.key = nn.Conv2d(channels, channels // 8, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def stacked(self, t):  # rows (B*H, W, c) and columns (B*W, H, c)
        return t.permute(0, 2, 3, 1).flatten(0, 1), t.permute(0, 3, 2, 1).flatten(0, 1)

    def forward(self, x):
        B, C, H, W = x.shape
        q, k, v = (self.stacked(layer(x)) for layer in (self.query, self.key, self.value))
        row = (q[0] @ k[0].mT).view(B, H, W, W)
        column = (q[1] @ k[1].mT).view(W, B, H, H).permute(1, 2, 0, 3)
        a = torch.cat([column, row], dim=-1).softmax(dim=-1)
        along_row = a[..., H:].reshape(B * H, W, W) @ v[0]
        along_column = a[..., :H].transpose(1, 2).reshape(B * W, H, H) @ v[1]
        y = along_row.view(B, H, W, C) + along_column.view(B, W, H, C).transpose(1, 2)
        return x + self.gamma * y.permute(0, 3, 1, 2)


# %% solution="mended"
class MendedCrissCross(nn.Module):
    """MendedCrissCross(channels): WildCrissCross without its two bugs."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.query = nn.Conv2d(channels, channels // 8, 1)
        self.key = nn.Conv2d(channels, channels // 8, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def stacked(self, t):
        return t.permute(0, 2, 3, 1).flatten(0, 1), t.permute(0, 3, 2, 1).flatten(0, 1)

    def forward(self, x):
        B, C, H, W = x.shape
        q, k, v = (self.stacked(layer(x)) for layer in (self.query, self.key, self.value))
        row = (q[0] @ k[0].mT).view(B, H, W, W)
        column = (q[1] @ k[1].mT).view(B, W, H, H).permute(0, 2, 1, 3)  # images outside, not inside
        own = torch.eye(H, dtype=torch.bool, device=x.device)[:, None]  # (H, 1, H)
        a = torch.cat([column.masked_fill(own, -torch.inf), row], dim=-1).softmax(dim=-1)
        along_row = a[..., H:].reshape(B * H, W, W) @ v[0]
        along_column = a[..., :H].transpose(1, 2).reshape(B * W, H, H) @ v[1]
        y = along_row.view(B, H, W, C) + along_column.view(B, W, H, C).transpose(1, 2)
        return x + self.gamma * y.permute(0, 3, 1, 2)
    ### END SOLUTION


# %% solution="exposing"
def exposing_input(channels, height, width):
    """An input (B, channels, height, width), B your choice, on which the images get mixed."""
    ### BEGIN SOLUTION
    return torch.randn(2, channels, height, width)
    ### END SOLUTION


# %% test="mended" points=1 tags=["active-ipynb"]
# check("cc.mended", MendedCrissCross, "batch", "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.mended", MendedCrissCross, "batch", "values")
# ### END HIDDEN TESTS

# %% test="exposing" points=1 tags=["active-ipynb"]
# for channels, height, width in ((8, 3, 4), (16, 5, 2)):
#     called = f"exposing_input({channels}, {height}, {width})"
#     shown = exposing_input(channels, height, width)
#     assert isinstance(shown, torch.Tensor) and shown.is_floating_point(), (
#         f"{called} gave {shown!r}; expected a tensor of floating-point numbers"
#     )
#     assert shown.dim() == 4 and tuple(shown.shape[1:]) == (channels, height, width), (
#         f"{called} is of shape {tuple(shown.shape)}; expected (B, {channels}, {height}, {width})"
#     )
#     wild = WildCrissCross(channels).to(shown.dtype)
#     nn.init.ones_(wild.gamma)  # fresh, γ = 0 would hide every bug
#     with torch.no_grad():
#         together, alone = wild(shown)[:1], wild(shown[:1])
#     assert not torch.allclose(together, alone, atol=1e-4), (
#         f"{called}: the first image comes out alone as it does here, so nothing shows. The bug "
#         f"takes weights from another image: is there one, and is it different?"
#     )
# ### BEGIN HIDDEN TESTS
# import solutions.cc as reference
#
# for channels, height, width in ((8, 7, 3), (24, 2, 9)):
#     shown = exposing_input(channels, height, width)
#     assert tuple(shown.shape[1:]) == (channels, height, width), (
#         f"exposing_input does not keep to the sizes it is given: {tuple(shown.shape)} came for "
#         f"{channels} channels and a map of {height} x {width}"
#     )
#     mended = reference.MendedCrissCross(channels).to(shown.dtype)
#     nn.init.ones_(mended.gamma)
#     wild = WildCrissCross(channels).to(shown.dtype)
#     wild.load_state_dict(mended.state_dict())
#     with torch.no_grad():
#         fixed = torch.allclose(mended(shown)[:1], mended(shown[:1]), atol=1e-4)
#         broken = not torch.allclose(wild(shown)[:1], wild(shown[:1]), atol=1e-4)
#     assert fixed and broken, (
#         "exposing_input: on other sizes nothing shows. Make at least two images that differ, out "
#         "of numbers of ordinary size."
#     )
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 8. A question about rows (experiment; 3 points, 20 minutes)
#
# The question *row*: four objects with four textures, and a cue far from all of them. Which texture
# has the object on the cue's row? (In half of the images rows and columns are exchanged.) Every
# image holds all four textures, so that nothing but *where* tells the answer. Guessing gives 0.25,
# and so do a gate and all pairs at once: both treat every arrangement of the same places alike.
#
# Predict both numbers, then train the plain network and the network with your block.

# %% name="question" tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from attnlab.questions import TEXTURES, draw
#
# recipe = RECIPES["row"]
# shown = draw("row", 6, seed=3, size=recipe["size"])
# figure, axes = plt.subplots(1, 6, figsize=(10, 2))
# for axis, image, label in zip(axes, shown.images, shown.labels, strict=True):
#     axis.imshow(image.permute(1, 2, 0))
#     axis.set_title(TEXTURES[label])
#     axis.axis("off")

# %% name="experiment" tags=["active-ipynb"]
# from attnlab.train import accuracy, run_recipe
#
# new = draw("row", 512, seed=77, size=recipe["size"])
# reached = {}
# for name, block in {"no block": None, "your block": ready}.items():
#     trained = run_recipe(recipe, block)
#     reached[name] = accuracy(trained, new.images, new.labels)
#     print(f"{name:10} answers {reached[name]:.1f} of new images")

# %% name="experiment-answer" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("without a cross under 0.4:", reached["no block"] < 0.4)
# print("with a cross over 0.7:    ", reached["your block"] > 0.7)

# %% test="experiment" points=2 tags=["active-ipynb", "trains"]
# check("cc.row", CrissCrossBlock)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.row", CrissCrossBlock)
# ### END HIDDEN TESTS

# %% [markdown]
# Now photographs: CIFAR-10. Which things lie on one row decides little there, and one training says
# nothing of a small gain, so that the check is modest: with your block the network is right about
# as often as without, and your block, with the weights that it has learned, still computes what the
# equations say.
#
# `python -m attnlab.cifar10 data`, run in this notebook's folder, fetches the images (162 MB). One
# training is a matter of a minute on a laptop, of seconds on a GPU. If they are not there, the next
# cell says so, and the check tries your block on random images; you lose nothing.

# %% name="photographs" tags=["active-ipynb"]
# from attnlab import cifar10
# from attnlab.train import device_of, recipe_images, sized
#
# photographs = sized(RECIPES["cifar"] | {"config": {"reduction": 4}})
# if cifar10.absent():
#     print("CIFAR-10 is not here")
# else:
#     images, labels = recipe_images(photographs, 1000, seed=78, split="choose")
#     for name, block in {"no block": None, "your block": ready}.items():
#         trained = run_recipe(photographs, block, device=device_of(photographs))
#         right = accuracy(trained, cifar10.floats(images), labels)
#         print(f"{name:10} names {right:.2f} of new photographs")

# %% test="photographs" points=1 tags=["active-ipynb", "trains", "gpu"]
# check("cc.cifar", CrissCrossBlock)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cc.cifar", CrissCrossBlock)
# ### END HIDDEN TESTS

# %% [markdown]
# **Before you go.** Which changes of its input does your block commute with: any shuffle of the
# positions, a shuffle of whole rows, a transposed map? And how does the answer separate it from a
# non-local block?
#
# ## For later: the head
#
# Around the block the paper puts a head for segmentation: it narrows the map, attends, and lays the
# result beside its input. The released head's activation is a leaky ReLU of slope 0.01, that of its
# normalisation layer. Nothing here is graded.


# %% name="head"
class ConvNorm(nn.Sequential):
    """A 3x3 convolution without bias, BatchNorm and an activation, as the released code has."""

    def __init__(self, inputs, outputs, slope=0.01):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.act = nn.LeakyReLU(slope)


class CrissCrossHead(nn.Module):
    """Features (B, C, H, W) -> logits for each pixel (B, classes, H, W).

    inner: the width at which it attends, else C // 4. outputs: the width before the last layer.
    """

    def __init__(self, channels, classes, passes=2, *, inner=None, outputs=512, dropout=0.1,
                 reduction=8):  # fmt: skip
        super().__init__()
        inner = channels // 4 if inner is None else inner
        self.before = ConvNorm(channels, inner)
        self.attend = CrissCrossBlock(inner, passes, reduction)
        self.after = ConvNorm(inner, inner)
        self.fuse = ConvNorm(channels + inner, outputs)
        self.dropout = nn.Dropout2d(dropout)
        self.classify = nn.Conv2d(outputs, classes, 1)

    def forward(self, x):
        y = self.after(self.attend(self.before(x)))
        return self.classify(self.dropout(self.fuse(torch.cat([x, y], dim=1))))
