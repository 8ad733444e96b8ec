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
# # Global context
#
# Source: Y. Cao, J. Xu, S. Lin, F. Wei and H. Hu, "GCNet: Non-local Networks Meet
# Squeeze-Excitation Networks and Beyond", ICCV Workshops 2019, <https://arxiv.org/abs/1904.11492>,
# equations 2 to 5. Non-local attention with one map for all queries, followed by SE's bottleneck.
#
# The block follows the released code, of which the paper's block is one setting: attention pooling,
# one added term. No code was released for the simplified non-local block; it follows equation 3.
#
# **20 points, about 125 minutes.**
#
# | task | what you do |
# | --- | --- |
# | 1, 3 | write the simplified non-local block, then the global context block |
# | 2 | set the weights of a non-local block so that it computes the same |
# | 4 | predict what LayerNorm makes the block forget |
# | 5 | count what one shared map costs, and what it saves |
# | 6 | mend a block from the wild |
# | 7 | say what measured numbers show and what they leave open |
# | 8 | train your block on a question of the bench, and on photographs |
#
# Shapes: (B, C, H, W) are images, channels, rows, columns, and N = H·W is the number of positions.
# Only task 8 needs an earlier answer, the block of task 3.

# %% name="imports" tags=["setup"]
import torch
from torch import nn

# %% name="tools" tags=["setup", "active-ipynb"]
# import torch.nn.functional as F
#
# from attnlab.check import check
# from attnlab.train import RECIPES

# %% [markdown]
# ## Task 1. One map for everybody (implement; 3 points, 20 minutes)
#
# Every position j gets one logit $W_k x_j$ from its own features, whoever is asking. A softmax over
# the positions turns the logits into one map α, and the context z is the mean of the features under
# that map:
#
# $$\alpha_j = \frac{e^{W_k x_j}}{\sum_m e^{W_k x_m}}, \qquad z = \sum_j \alpha_j\, x_j$$
#
# Write `attention_context(x, logits)`, which is given the logits.
#
# <details><summary>Hint 1</summary>Lay the positions out in one axis first: x becomes (B, C, N) and
# the logits (B, N).</details>
# <details><summary>Hint 2</summary>The weights of one image add up to 1. Along which axis of (B, N)
# is that sum taken?</details>
# <details><summary>Hint 3</summary>(B, C, N) times (B, N, 1) is (B, C, 1).</details>

# %% solution="context"
def attention_context(x, logits):
    """The mean of x under the softmax of the logits: (B, C, H, W), (B, 1, H, W) -> (B, C)."""
    ### BEGIN SOLUTION
    weights = logits.flatten(1).softmax(dim=1)  # (B, 1, H, W) -> (B, N)
    return (x.flatten(2) @ weights[:, :, None])[:, :, 0]
    ### END SOLUTION

# %% name="context-seen" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# x = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])
# for logit in (0.0, 2.0, 20.0):
#     logits = torch.tensor([[[[0.0, 0.0], [0.0, logit]]]])
#     print(f"logit of the 6: {logit:4}   context: {attention_context(x, logits).item():.2f}")

# %% test="context" points=1 tags=["active-ipynb"]
# check("gc.context", attention_context)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.context", attention_context)
# ### END HIDDEN TESTS

# %% [markdown]
# The simplified non-local block adds one projected context to every position:
#
# $$y_i = x_i + W_v \sum_j \alpha_j\, x_j \qquad (3)$$
#
# Write `SNLBlock(channels)`: a 1x1 convolution $W_k$ from C channels to one logit, and $W_v$ from C
# to C, both with biases. $W_v$ starts at zero, its bias too, so that the fresh block changes
# nothing.
#
# <details><summary>Hint 1</summary>The term is (B, C) and x is (B, C, H, W): two axes are
# missing.</details>
# <details><summary>Hint 2</summary><code>nn.init.zeros_</code> sets a parameter to zero.</details>

# %% solution="snl"
class SNLBlock(nn.Module):
    """SNLBlock(channels): the simplified non-local block, (B, C, H, W) -> (B, C, H, W)  (eq. 3)."""

    ### BEGIN SOLUTION
    # Not in the paper: zero=False leaves W_v as torch draws it; bias=False has none in W_v.
    def __init__(self, channels, *, bias=True, zero=True):
        super().__init__()
        self.mask = nn.Conv2d(channels, 1, 1)
        nn.init.kaiming_normal_(self.mask.weight, nonlinearity="relu")
        nn.init.zeros_(self.mask.bias)
        self.value = nn.Linear(channels, channels, bias=bias)
        for parameter in self.value.parameters() if zero else ():
            nn.init.zeros_(parameter)

    def forward(self, x):
        context = attention_context(x, self.mask(x))
        return x + self.value(context)[:, :, None, None]
    ### END SOLUTION

# %% test="snl-values" points=1 tags=["active-ipynb"]
# check("gc.snl", SNLBlock, "parameters", "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.snl", SNLBlock, "parameters", "values")
# ### END HIDDEN TESTS

# %% test="snl-birth" points=1 tags=["active-ipynb"]
# check("gc.snl", SNLBlock, "birth")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.snl", SNLBlock, "birth")
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 2. A query that does not ask (equivalence; 2 points, 15 minutes)
#
# The next cell holds a whole non-local block. Each of θ, φ, g and W_z is given as a pair: weight
# (rows, columns) and bias (rows,). Given $W_k$ (1, C), its bias (1,), $W_v$ (C, C) and its bias
# (C,) of a simplified block, choose the four pairs so that the non-local block computes the very
# same output for every x. The inner width d is yours.
#
# <details><summary>Hint 1</summary>The logit of query i and key j is (θ x_i + b)·(φ x_j + b'). What
# must θ be, so that i drops out?</details>
# <details><summary>Hint 2</summary>With θ = 0 the query is its bias, a constant. d = 1 is enough
# for θ and φ.</details>
# <details><summary>Hint 3</summary>g and W_z follow each other: let one of them do
# nothing.</details>

# %% name="pairwise" tags=["setup"]
def affinity(x, theta, phi):
    """Which key each query looks at: (B, C, H, W) -> (B, N, N), rows add up to 1."""
    flat = x.flatten(2)
    q, k = (weight @ flat + bias[:, None] for weight, bias in (theta, phi))
    return (q.mT @ k).softmax(dim=-1)


def nonlocal_block(x, theta, phi, g, out):
    """The embedded Gaussian, one map for each query: (B, C, H, W) -> (B, C, H, W)."""
    values = g[0] @ x.flatten(2) + g[1][:, None]
    y = values @ affinity(x, theta, phi).mT
    return x + (out[0] @ y + out[1][:, None]).view_as(x)

# %% solution="blind"
def blind_weights(w_k, b_k, w_v, b_v):
    """{"theta": (weight, bias), "phi": ..., "g": ..., "out": ...} of the equal non-local block."""
    ### BEGIN SOLUTION
    channels = w_k.shape[1]
    nothing, one = torch.zeros_like(w_k), torch.ones_like(b_k)
    unit = torch.eye(channels, dtype=w_k.dtype)
    return {
        "theta": (nothing, one), "phi": (w_k, b_k),
        "g": (unit, torch.zeros_like(b_v)), "out": (w_v, b_v),
    }  # fmt: skip
    ### END SOLUTION

# %% name="simplified" tags=["setup"]
def simplified(channels, height, width, seed):
    """x, W_k, b_k, W_v, b_v of a simplified block, random, in double precision."""
    rng = torch.Generator().manual_seed(seed)
    shapes = (2, channels, height, width), (1, channels), (1,), (channels, channels), (channels,)
    return [torch.randn(shape, generator=rng, dtype=torch.float64) for shape in shapes]

# %% test="blind-map" points=1 tags=["active-ipynb"]
# for size in ((3, 2, 4, 1), (6, 3, 3, 2)):
#     x, *given = simplified(*size)
#     pairs = blind_weights(*given)
#     for name in ("theta", "phi"):
#         assert isinstance(pairs, dict) and len(pairs.get(name, ())) == 2, (
#             f"blind_weights: expected a pair (weight, bias) under {name!r}"
#         )
#     maps = affinity(x, pairs["theta"], pairs["phi"])
#     alpha = (given[0] @ x.flatten(2) + given[1][:, None]).softmax(dim=-1)  # (B, 1, N)
#     assert torch.allclose(maps, maps[:, :1].expand_as(maps)), (
#         "the map of the first query and that of another differ: θ still hears its position. Its "
#         "weight must be zero; what is left of it is the bias"
#     )
#     assert torch.allclose(maps, alpha.expand_as(maps)), (
#         "all queries share one map, but it is not α: with θ constant, θ·φ(x_j) must be W_k x_j, "
#         "give or take one number for all j"
#     )
# ### BEGIN HIDDEN TESTS
# for size in ((4, 5, 2, 31), (7, 2, 3, 32)):
#     x, *given = simplified(*size)
#     pairs = blind_weights(*given)
#     for name in ("theta", "phi"):
#         assert isinstance(pairs, dict) and len(pairs.get(name, ())) == 2, (
#             f"blind_weights: expected a pair (weight, bias) under {name!r}"
#         )
#     maps = affinity(x, pairs["theta"], pairs["phi"])
#     alpha = (given[0] @ x.flatten(2) + given[1][:, None]).softmax(dim=-1)  # (B, 1, N)
#     assert torch.allclose(maps, maps[:, :1].expand_as(maps)), (
#         "the map of the first query and that of another differ: θ still hears its position. Its "
#         "weight must be zero; what is left of it is the bias"
#     )
#     assert torch.allclose(maps, alpha.expand_as(maps)), (
#         "all queries share one map, but it is not α: with θ constant, θ·φ(x_j) must be W_k x_j, "
#         "give or take one number for all j"
#     )
# ### END HIDDEN TESTS

# %% test="blind-output" points=1 tags=["active-ipynb"]
# for size in ((3, 2, 4, 1), (6, 3, 3, 2)):
#     x, *given = simplified(*size)
#     w_k, b_k, w_v, b_v = given
#     alpha = (w_k @ x.flatten(2) + b_k[:, None]).softmax(dim=-1)  # (B, 1, N)
#     context = (x.flatten(2) * alpha).sum(dim=2)  # (B, C)
#     expected = x + (context @ w_v.T + b_v)[:, :, None, None]
#     came = nonlocal_block(x, **blind_weights(*given))
#     assert torch.allclose(came, expected), (
#         f"the first position became {came[0, 0, 0, 0]:.4f}, expected {expected[0, 0, 0, 0]:.4f}: "
#         f"W_z g together must be W_v, with b_v added once"
#     )
# ### BEGIN HIDDEN TESTS
# for size in ((4, 5, 2, 31), (7, 2, 3, 32)):
#     x, *given = simplified(*size)
#     w_k, b_k, w_v, b_v = given
#     alpha = (w_k @ x.flatten(2) + b_k[:, None]).softmax(dim=-1)  # (B, 1, N)
#     context = (x.flatten(2) * alpha).sum(dim=2)  # (B, C)
#     expected = x + (context @ w_v.T + b_v)[:, :, None, None]
#     came = nonlocal_block(x, **blind_weights(*given))
#     assert torch.allclose(came, expected), (
#         f"the first position became {came[0, 0, 0, 0]:.4f}, expected {expected[0, 0, 0, 0]:.4f}: "
#         f"W_z g together must be W_v, with b_v added once"
#     )
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 3. The global context block (implement; 6 points, 25 minutes)
#
# $W_v$ has C² weights. The block puts a bottleneck in its place, $h = \lfloor C/r \rfloor$ wide,
# with a LayerNorm over its h numbers:
#
# $$\tau = W_{v2}\, \delta\big(\mathrm{LN}(W_{v1}\, z)\big), \qquad y_i = x_i + \tau \qquad (5)$$
#
# Write `GCBlock(channels, reduction=16, pooling="att", fusion="add")`.
#
# | option | value | what it means |
# | --- | --- | --- |
# | `pooling` | `"att"` | z is the context of task 1, from a 1x1 convolution with bias |
# | | `"avg"` | z is the mean over all positions, and there is no such convolution |
# | `fusion` | `"add"` | y = x + τ |
# | | `"mul"` | y = x · σ(τ), channel by channel |
#
# $W_{v1}$, LayerNorm and $W_{v2}$ all have biases. $W_{v2}$ and its bias start at zero. Use
# `nn.Linear` with `nn.LayerNorm(h)`, or 1x1 `nn.Conv2d` with `nn.LayerNorm([h, 1, 1])`.
#
# <details><summary>Hint 1</summary>Shapes: (B, C, H, W), (B, C), (B, h), (B, h), (B, C), (B, C, 1,
# 1).</details>
# <details><summary>Hint 2</summary>The order is W_v1, LayerNorm, ReLU, W_v2. Nothing after it but,
# for "mul", a sigmoid.</details>
# <details><summary>Hint 3</summary><code>x.mean(dim=(2, 3))</code> is the average.</details>

# %% solution="block"
class GCBlock(nn.Module):
    """GCBlock(channels, reduction=16, pooling="att", fusion="add")  (eq. 5).

    (B, C, H, W) -> (B, C, H, W). pooling: "att" or "avg". fusion: "add" or "mul".
    """

    ### BEGIN SOLUTION
    # Beyond the exercise: fusion "both", as released, multiplies and then adds, each with a
    # transform of its own; hidden, a width that no reduction gives; eps of the LayerNorms.
    def __init__(self, channels, reduction=16, pooling="att", fusion="add", *, hidden=None,
                 eps=1e-5):  # fmt: skip
        super().__init__()
        if pooling not in ("att", "avg"):
            raise ValueError(f"GCBlock: no pooling {pooling!r}; choose 'att' or 'avg'")
        if fusion not in ("add", "mul", "both"):
            raise ValueError(f"GCBlock: no fusion {fusion!r}; choose 'add', 'mul' or 'both'")
        hidden = int(channels / reduction) if hidden is None else hidden
        if hidden < 1:
            raise ValueError(
                f"GCBlock(channels={channels}, reduction={reduction}): the bottleneck would have "
                f"no unit; choose a reduction of at most {channels}"
            )
        self.mask = self.logit(channels) if pooling == "att" else None
        self.mul = self.transform(channels, hidden, eps) if fusion != "add" else None
        self.add = self.transform(channels, hidden, eps) if fusion != "mul" else None

    @staticmethod
    def logit(channels):
        """W_k, started as released: as He et al. (ICCV 2015) do, and no bias at first."""
        mask = nn.Conv2d(channels, 1, 1)
        nn.init.kaiming_normal_(mask.weight, nonlinearity="relu")
        nn.init.zeros_(mask.bias)
        return mask

    @staticmethod
    def transform(channels, hidden, eps):
        """τ of equation 5: (B, C) -> (B, C). It starts as zero."""
        layers = nn.Sequential()
        layers.add_module("reduce", nn.Linear(channels, hidden))
        layers.add_module("ln", nn.LayerNorm(hidden, eps))
        layers.add_module("act", nn.ReLU())
        layers.add_module("expand", nn.Linear(hidden, channels))
        nn.init.zeros_(layers.expand.weight)
        nn.init.zeros_(layers.expand.bias)
        return layers

    def context(self, x):
        """(B, C, H, W) -> (B, C)."""
        if self.mask is None:
            return x.mean(dim=(2, 3))
        weights = self.mask(x).flatten(1).softmax(dim=1)  # (B, 1, H, W) -> (B, N)
        return (x.flatten(2) @ weights[:, :, None])[:, :, 0]

    def forward(self, x):
        context, y = self.context(x), x
        if self.mul is not None:
            y = y * torch.sigmoid(self.mul(context))[:, :, None, None]
        if self.add is not None:
            y = y + self.add(context)[:, :, None, None]
        return y
    ### END SOLUTION

# %% name="block-shapes" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for name, parameter in GCBlock(32, 4).named_parameters():
#     print(f"{name:18}", tuple(parameter.shape))

# %% [markdown]
# Output and every gradient, with pushed weights, for both poolings and both fusions.

# %% test="block-values" points=2 tags=["active-ipynb"]
# check("gc.block", GCBlock, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.block", GCBlock, "values")
# ### END HIDDEN TESTS

# %% [markdown]
# As many parameters as the formula says.

# %% test="block-parameters" points=1 tags=["active-ipynb"]
# check("gc.block", GCBlock, "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.block", GCBlock, "parameters")
# ### END HIDDEN TESTS

# %% [markdown]
# Odd and oblong maps keep their shape, and no image looks at another.

# %% test="block-shape" points=1 tags=["active-ipynb"]
# check("gc.block", GCBlock, "shape", "batch")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.block", GCBlock, "shape", "batch")
# ### END HIDDEN TESTS

# %% [markdown]
# With "add", a fresh block is the identity: it can be put into a trained network without harm.

# %% test="block-birth" points=1 tags=["active-ipynb"]
# check("gc.birth", GCBlock, "birth")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.birth", GCBlock, "birth")
# ### END HIDDEN TESTS

# %% [markdown]
# x is not changed in place, and every layer can learn.

# %% test="block-input" points=1 tags=["active-ipynb"]
# check("gc.block", GCBlock, "input", "gradients")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.block", GCBlock, "input", "gradients")
# ### END HIDDEN TESTS

# %% [markdown]
# **Stuck?** Write `ready = provided("gc.GCBlock")` here and go on; the cells below take `ready`,
# the checks still want your own block.

# %% name="ready" tags=["active-ipynb"]
# from attnlab.check import provided
#
# ready = GCBlock

# %% [markdown]
# Turn the knob. All logits of a map are multiplied by β. At β = 0 attention pooling is average
# pooling; what is it when β grows?

# %% name="knob" tags=["active-ipynb", "widget"]
# from ipywidgets import FloatSlider, interact
#
#
# @interact(beta=FloatSlider(min=0, max=20, step=0.5, value=1, description="β"))
# def sharpness(beta):
#     x = torch.tensor([0.1, 0.3, 0.2, 0.9, 0.4, 0.1]).view(1, 1, 2, 3)
#     for value, weight in zip(x.flatten(), (beta * x).flatten().softmax(0), strict=True):
#         print(f"x = {value:.1f}   weight {weight:.2f}  {'#' * round(40 * weight.item())}")
#     print(f"context {attention_context(x, beta * x).item():.2f}")

# %% [markdown]
# ## Task 4. What LayerNorm forgets (predict; 1 point, 10 minutes)
#
# With average pooling and "mul", the block is SE with one thing more: a LayerNorm inside its
# bottleneck. SE's gates hear every change of the averages. These hear less. Take the bias of
# $W_{v1}$ to be zero, and decide for each change of the next cell whether the *gates* σ(τ) stay the
# same, for every x and all other weights. Write True or False, then run the cell after yours.
#
# <details><summary>Hint 1</summary>LayerNorm subtracts the mean of the h numbers and divides by
# their spread. What does it do to twice the numbers, and to the numbers plus 1?</details>
# <details><summary>Hint 2</summary>h = 1: what is one number minus its mean?</details>

# %% name="changes" tags=["setup"]
def shifted(layer):
    """The same number on every unit of the bottleneck."""
    nn.init.constant_(layer.bias, 3.0)


CHANGES = {  # name: a change of x, a change of the layer W_v1
    "shuffle the pixels": (lambda x: x.flatten(2).flip(2).view_as(x), None),
    "shuffle the channels": (lambda x: x.roll(1, dims=1), None),
    "double every number": (lambda x: 2 * x, None),
    "turn every sign": (lambda x: -x, None),
    "add 1 to every number": (lambda x: x + 1, None),
    "give W_v1 a bias of 3 on every unit": (lambda x: x, shifted),
    "leave one unit, h = 1, and take another image": (lambda x: x.flip(0), None),
}

# %% solution="prediction"
def gates_stay(change):
    """True if the gates are what they were before the change of that name in CHANGES."""
    ### BEGIN SOLUTION
    return change.partition(" ")[0] in ("double", "give", "leave") or "pixels" in change
    ### END SOLUTION

# %% name="prediction-run" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# def gates(x, w_v1, norm, w_v2):
#     return torch.sigmoid(w_v2(F.relu(norm(w_v1(x.mean(dim=(2, 3)))))))
#
#
# torch.manual_seed(0)
# x = torch.randn(4, 8, 5, 6) + torch.randn(4, 8, 1, 1)
# for name, (change, retouch) in CHANGES.items():
#     hidden = 1 if "h = 1" in name else 4
#     w_v1, norm, w_v2 = nn.Linear(8, hidden), nn.LayerNorm(hidden), nn.Linear(hidden, 8)
#     nn.init.zeros_(w_v1.bias)
#     nn.init.normal_(norm.bias)
#     with torch.no_grad():
#         before = gates(x, w_v1, norm, w_v2)
#         if retouch:
#             retouch(w_v1)
#         after = gates(change(x), w_v1, norm, w_v2)
#     found = torch.allclose(before, after, atol=1e-3)
#     print(f"{name:45}  predicted {gates_stay(name)!s:6} found {found}")

# %% test="prediction" points=1 tags=["active-ipynb"]
# for change in CHANGES:
#     answer = gates_stay(change)
#     assert type(answer) is bool, (
#         f"gates_stay({change!r}) gave {answer!r}; expected True or False, without quotes"
#     )
# ### BEGIN HIDDEN TESTS
# check("gc.gates_stay", gates_stay)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 5. The bill (cost; 3 points, 15 minutes)
#
# `params` counts the learnable numbers of `GCBlock`, biases and LayerNorm's two rows included.
#
# `macs` counts, for one image, one for each product, or addition, that these steps need: logits C·N
# and weighted sum C·N (the plain average: C·N in all); the weights of the two layers, once; and C·N
# to add or multiply the result. Leave out biases, softmax and LayerNorm.
#
# `resnet50_extra` is what the blocks add to a ResNet-50 that has one in each residual block of
# stages 3, 4 and 5 as the paper counts them: `BLOCKS` lists their channels and number. The paper's
# network of 28.08 million parameters is this one.
#
# <details><summary>Hint 1</summary>LayerNorm over h numbers has 2h parameters.</details>
# <details><summary>Hint 2</summary>The logit's convolution has C weights and one bias.</details>
# <details><summary>Hint 3</summary>No step runs N² times. Which runs N times, and which
# once?</details>

# %% name="blocks" tags=["setup"]
BLOCKS = ((512, 4), (1024, 6), (2048, 3))  # (channels, residual blocks)


# %% solution="params"
def params(channels, reduction=16, pooling="att"):
    """The number of learnable parameters of GCBlock(channels, reduction, pooling)."""
    ### BEGIN SOLUTION
    hidden = channels // reduction
    return 2 * channels * hidden + 3 * hidden + channels + (pooling == "att") * (channels + 1)
    ### END SOLUTION


# %% solution="macs"
def macs(channels, height, width, reduction=16, pooling="att"):
    """Multiply-adds of the block for one image of shape (channels, height, width)."""
    ### BEGIN SOLUTION
    passes = 3 if pooling == "att" else 2
    return passes * channels * height * width + 2 * channels * (channels // reduction)
    ### END SOLUTION


# %% solution="resnet50"
def resnet50_extra(reduction=16):
    """Parameters that the blocks of BLOCKS add, with attention pooling and one added term."""
    ### BEGIN SOLUTION
    total = 0
    for channels, blocks in BLOCKS:
        hidden = channels // reduction
        total += blocks * (2 * channels * hidden + 3 * hidden + channels + channels + 1)
    return total
    ### END SOLUTION

# %% name="costs" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# from attnlab.mechanisms import mechanism
#
# print("C = 64; multiply-adds of one block, and how often the shared map is cheaper")
# for size in (8, 16, 32, 64, 128):
#     pairs = mechanism("nonlocal").multiply_adds(channels=64, height=size, width=size)
#     print(f"{size:3} x {size:<3}  GC {macs(64, size, size):10,}   non-local {pairs:14,}"
#           f"   {pairs / macs(64, size, size):7,.0f}")
# print(f"ResNet-50: {25_557_032 + resnet50_extra():,}")

# %% test="params" points=1 tags=["active-ipynb"]
# check("gc.params", params)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.params", params)
# ### END HIDDEN TESTS

# %% test="macs" points=1 tags=["active-ipynb"]
# check("gc.macs", macs)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.macs", macs)
# ### END HIDDEN TESTS

# %% test="resnet50" points=1 tags=["active-ipynb"]
# check("gc.resnet50_extra", resnet50_extra)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.resnet50_extra", resnet50_extra)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 6. Find the bug (find the bug; 2 points, 10 minutes)
#
# `WildSNL` is a simplified non-local block as one finds it. It runs, it trains, its shapes are
# right. Write `MendedSNL` with the same two layers, and `exposing_map`, which returns a map (B,
# channels, height, width), B your choice, that convicts `WildSNL` whatever its weights are. The law
# it breaks: a context is a mean, so in no channel can it lie above the largest or below the
# smallest number of that channel.
#
# <details><summary>Hint 1</summary>Print the shape of the tensor that goes into the softmax, and
# the sum of the weights over the positions.</details>
# <details><summary>Hint 2</summary>What is the softmax of a single number?</details>
# <details><summary>Hint 3</summary>On a map where every number is the same, a mean has no
# choice.</details>

# %% name="wild" tags=["setup"]
class WildSNL(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.logit = nn.Conv2d(channels, 1, kernel_size=1)
        self.value = nn.Conv2d(channels, channels, kernel_size=1)

    def context(self, x):
        weights = self.logit(x).flatten(2).softmax(dim=1)
        return x.flatten(2) @ weights.transpose(1, 2)

    def forward(self, x):
        return x + self.value(self.context(x)[..., None])


# %% solution="mended"
class MendedSNL(nn.Module):
    """MendedSNL(channels): WildSNL without its bug."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.logit = nn.Conv2d(channels, 1, kernel_size=1)
        self.value = nn.Conv2d(channels, channels, kernel_size=1)

    def forward(self, x):
        weights = self.logit(x).flatten(2).softmax(dim=2)
        context = x.flatten(2) @ weights.transpose(1, 2)
        return x + self.value(context[..., None])
    ### END SOLUTION


# %% solution="exposing"
def exposing_map(channels, height, width):
    """A map (B, channels, height, width) on which the context of WildSNL is no mean."""
    ### BEGIN SOLUTION
    return torch.ones(1, channels, height, width)
    ### END SOLUTION

# %% test="mended" points=1 tags=["active-ipynb"]
# check("gc.mended", MendedSNL, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.mended", MendedSNL, "values")
# ### END HIDDEN TESTS

# %% test="exposing" points=1 tags=["active-ipynb"]
# for channels, height, width in ((4, 3, 5), (6, 2, 2)):
#     called = f"exposing_map({channels}, {height}, {width})"
#     shown = exposing_map(channels, height, width)
#     assert isinstance(shown, torch.Tensor) and shown.is_floating_point(), (
#         f"{called} returned {shown!r}; expected a tensor of floats"
#     )
#     assert shown.dim() == 4 and tuple(shown.shape[1:]) == (channels, height, width), (
#         f"{called} has shape {tuple(shown.shape)}; expected (B, {channels}, {height}, {width})"
#     )
#     torch.manual_seed(1)
#     with torch.no_grad():
#         context = WildSNL(channels).to(shown.dtype).context(shown)[..., 0]
#     above, below = context > shown.amax((2, 3)) + 1e-3, context < shown.amin((2, 3)) - 1e-3
#     assert (above | below).any(), (
#         f"{called}: here the context of WildSNL lies between the smallest and the largest number "
#         f"of each channel, as a mean would. Which map leaves a mean one value only?"
#     )
# ### BEGIN HIDDEN TESTS
# for channels, height, width in ((3, 4, 7), (8, 1, 6)):
#     called = f"exposing_map({channels}, {height}, {width})"
#     shown = exposing_map(channels, height, width)
#     assert isinstance(shown, torch.Tensor) and shown.is_floating_point(), (
#         f"{called} returned {shown!r}; expected a tensor of floats"
#     )
#     assert shown.dim() == 4 and tuple(shown.shape[1:]) == (channels, height, width), (
#         f"{called} has shape {tuple(shown.shape)}; expected (B, {channels}, {height}, {width})"
#     )
#     torch.manual_seed(2)
#     with torch.no_grad():
#         context = WildSNL(channels).to(shown.dtype).context(shown)[..., 0]
#     above, below = context > shown.amax((2, 3)) + 1e-3, context < shown.amin((2, 3)) - 1e-3
#     assert (above | below).any(), (
#         f"{called}: here the context of WildSNL lies between the smallest and the largest number "
#         f"of each channel, as a mean would. Which map leaves a mean one value only?"
#     )
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 7. What was shown (read the evidence; 1 point, 10 minutes)
#
# Each line of `MEASURED` compares two networks on a question of the bench, each trained from the
# same ten seeds: the mean difference of their shares of right answers (first minus second), its
# 95 % interval, and the p value after Holm's correction for four comparisons. *rule* asks how a
# cue says to read an object (task 8), *key* which of three objects has the cue's colour. "GC" alone
# means attention pooling and "add". The rule of this course: a difference is shown if its corrected
# p is below 0.05. That a difference is small is shown if its whole interval is small.
#
# For each sentence of `CLAIMS` say whether these numbers make it `"shown"`, show its opposite
# (`"refuted"`), or leave it `"open"`.
#
# <details><summary>Hint 1</summary>One interval leaves 0 out and its corrected p is still above
# 0.05. Four looks find such an interval more often than one look does.</details>
# <details><summary>Hint 2</summary>"No difference shown" does not mean "equal".</details>
# <details><summary>Hint 3</summary>Which sentences speak of something that no line
# measured?</details>

# %% name="claims" tags=["setup"]
MEASURED = {  # question, first against second: difference, low, high, p
    ("rule", "GC", "local convolutions"): (0.599, 0.447, 0.752, 0.000037),
    ("key", "non-local", "GC"): (0.077, 0.001, 0.153, 0.14),
    ("rule", "GC with avg", "GC"): (0.084, -0.123, 0.292, 0.76),
    ("rule", "plain host", "local convolutions"): (-0.000, -0.008, 0.008, 0.96),
}
CLAIMS = {
    "a": "On rule, GC answers more than local convolutions.",
    "b": "On rule, local convolutions answer at least as much as GC.",
    "c": "On key, the non-local block answers more than GC.",
    "d": "On rule, attention pooling and average pooling are equally good.",
    "e": "On rule, the plain host and local convolutions lie less than 0.05 apart.",
    "f": "GC beats local convolutions on rule because its map finds the cue.",
    "g": "On row, GC answers more than local convolutions.",
}


# %% solution="verdict"
def verdict(claim):
    """"shown", "refuted" or "open", for the letter of a sentence in CLAIMS."""
    ### BEGIN SOLUTION
    return {"a": "shown", "b": "refuted", "e": "shown"}.get(claim, "open")
    ### END SOLUTION

# %% name="verdicts" tags=["active-ipynb"]
# for claim, sentence in CLAIMS.items():
#     print(f"{claim}  {verdict(claim):8} {sentence}")

# %% test="verdict" points=1 tags=["active-ipynb"]
# for claim in CLAIMS:
#     assert verdict(claim) in ("shown", "refuted", "open"), (
#         f"verdict({claim!r}) gave {verdict(claim)!r}; expected 'shown', 'refuted' or 'open'"
#     )
# ### BEGIN HIDDEN TESTS
# check("gc.verdict", verdict)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 8. One fact for every place (experiment; 2 points, 20 minutes)
#
# *rule*: the object has one of four textures, a coloured cue far from it says how to read them, and
# the label is texture plus colour, modulo 4. A guess is right in a quarter of the images. Your
# block runs with attention pooling and "mul". Before you train, write down which place you expect
# its one map to choose: the cue, the object, or the empty ground.

# %% name="experiment" tags=["active-ipynb"]
# from attnlab.questions import draw
# from attnlab.train import accuracy, run_recipe
#
# recipe = RECIPES["rule-gc"]
# new = draw("rule", 512, seed=78, size=recipe["size"])
# models = {"no block": run_recipe(recipe, None), "your block": run_recipe(recipe, ready)}
# reached = {name: accuracy(model, new.images, new.labels) for name, model in models.items()}
# for name, share in reached.items():
#     print(f"{name:10} answers {share:.2f} of the new images")

# %% name="experiment-answer" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("without a block under 0.5:", reached["no block"] < 0.5)
# print("with your block over 0.6: ", reached["your block"] > 0.6)

# %% [markdown]
# Where does the map look? The next cell finds the layer with one output channel in your block, and
# adds up the weights that its softmax gives to cue, object and ground. Was it as you expected?

# %% name="experiment-map" tags=["active-ipynb"]
# block = models["your block"].after_stage1
# logit = next(m for m in block.modules() if getattr(m, "out_channels", 0) == 1)
# seen = []
# logit.register_forward_hook(lambda _, __, out: seen.append(out.detach()))
# with torch.no_grad():
#     models["your block"](new.images)
# weights = seen[0].flatten(1).softmax(1)
# # a place of the map is 4 x 4 pixels; it belongs to the thing that has the most of them
# masks = F.one_hot(new.masks(), 3).float().permute(0, 3, 1, 2)
# place = F.avg_pool2d(masks, 4).argmax(1).flatten(1)
# for thing, name in enumerate(("ground", "cue", "object")):
#     share = (weights * (place == thing)).sum(1).mean().item()
#     places = (place == thing).float().mean().item()
#     print(f"{name:7} {share:.2f} of the weight, {places:.2f} of the places")

# %% test="experiment" points=1 tags=["active-ipynb", "trains"]
# check("gc.rule", GCBlock)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.rule", GCBlock)
# ### END HIDDEN TESTS

# %% [markdown]
# Now real pictures, the ten classes of CIFAR-10. One training of a small network says nothing about
# a gain of a percent or two, so none is asked for: the network with your block must keep up with
# the plain one, and what your trained block computes on real features must be what a GC block
# computes.
#
# `python -m attnlab.cifar10 data`, run once in this notebook's folder, fetches the pictures (162
# MB). Each training needs less than a minute on a processor. Where the pictures are missing the
# cell says so and the check falls back on random ones; the point can be had all the same.

# %% name="pictures" tags=["active-ipynb"]
# from attnlab import cifar10
# from attnlab.train import device_of, recipe_images, sized
#
# pictures = sized(RECIPES["cifar"] | {"config": {"reduction": 4}})
# if cifar10.absent():
#     print("CIFAR-10 is not here")
# else:
#     unseen, classes = recipe_images(pictures, 1000, seed=78, split="choose")
#     for name, block in {"no block": None, "your block": ready}.items():
#         model = run_recipe(pictures, block, device=device_of(pictures))
#         share = accuracy(model, cifar10.floats(unseen), classes)
#         print(f"{name:10} names {share:.2f} of 1000 new pictures rightly")

# %% test="pictures" points=1 tags=["active-ipynb", "trains", "gpu"]
# check("gc.cifar", GCBlock)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("gc.cifar", GCBlock)
# ### END HIDDEN TESTS

# %% [markdown]
# **Before you go.** Every place of the map got the same message. Name a question for which that
# cannot be enough, however large C and h are.
