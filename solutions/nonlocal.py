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
# # Non-local attention
#
# Source: X. Wang, R. Girshick, A. Gupta and K. He, "Non-local Neural Networks", CVPR 2018,
# <https://arxiv.org/abs/1711.07971>, equations 1 to 6. Every position is compared with every other
# one, and takes from each as much as the comparison says.
#
# **20 points, about 145 minutes.** You will
#
# 1. name the shape of every tensor on the way, before there is any code (task 1);
# 2. write the weights in their three kinds, and the block around them (tasks 2 and 3);
# 3. find out what the map of pairs costs, and from which size on (task 4);
# 4. mend a block from the wild that compares the wrong things, and give it away with one bright
#    pixel (task 5);
# 5. predict what the block cannot notice (task 6);
# 6. move weights from somebody else's block into a plain one (task 7);
# 7. answer a question that needs pairs, and look at photographs (task 8).
#
# Shapes are written (B, C, H, W). N = H·W is the number of positions that look (queries), L the
# number that are looked at (keys): L = N, unless the keys are sub-sampled. d is the inner width.
# Task 8 needs the block of task 3; all others stand alone.
#
# We follow the paper's text. The released Caffe2 code and its ports differ from it and from each
# other, and each difference is an option of our block:
#
# | | paper, popular port | released Caffe2 code | later port |
# | --- | --- | --- | --- |
# | scale of the logits | none | $d^{-1/2}$ | $d^{-1/2}$ |
# | 2x2 max-pool of keys and values | after θ, φ, g | before φ, g | after |
# | what starts at zero | BatchNorm after $W_z$ | the same | $W_z$ |

# %% name="imports" tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn

# %% name="tools" tags=["setup", "active-ipynb"]
# from attnlab.check import check
# from attnlab.train import RECIPES

# %% [markdown]
# ## Task 1. Shapes before code (shape algebra; 1 point, 10 minutes)
#
# The three 1x1 convolutions θ, φ and g map C channels to d; positions are then laid out in one
# axis. Each query has a weight for each key; y gathers the values by those weights; $W_z$ leads
# back to C channels, and z has the shape of x. With `pool`, φ and g are max-pooled over 2x2
# positions, which drops the last row or column of an odd map; θ is not.
#
# Write down the six shapes as tuples, in the names of the hint. `inner=None` means the paper's half
# width, d = C // 2.
#
# <details><summary>Hint 1</summary>The keys of the answer: <code>"theta"</code>,
# <code>"phi"</code>, <code>"g"</code>, <code>"affinity"</code>, <code>"y"</code>,
# <code>"z"</code>. For instance, <code>"theta": (B, d, H * W)</code>.</details>
# <details><summary>Hint 2</summary>The affinity has one number for each pair of positions. Does C
# occur in its shape?</details>
# <details><summary>Hint 3</summary>A 5 x 7 map has 2 x 3 windows: 6 keys, and not 35 // 4 =
# 8.</details>

# %% solution="shapes"
def shapes(B, C, H, W, inner=None, pool=False):
    """{"theta": (B, d, N), "phi": ..., "g": ..., "affinity": ..., "y": ..., "z": ...}."""
    ### BEGIN SOLUTION
    d, N = (C // 2 if inner is None else inner), H * W
    L = (H // 2) * (W // 2) if pool else N
    return {
        "theta": (B, d, N), "phi": (B, d, L), "g": (B, d, L),
        "affinity": (B, N, L), "y": (B, d, N), "z": (B, C, H, W),
    }  # fmt: skip
    ### END SOLUTION


# %% name="shapes-shown" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for name, shape in shapes(2, 64, 5, 7, pool=True).items():
#     print(f"{name:9}", shape)

# %% test="shapes" points=1 tags=["active-ipynb"]
# check("nonlocal.shapes", shapes)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.shapes", shapes)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 2. How much to take from each (implement; 4 points, 25 minutes)
#
# $$y_q = \frac{1}{\mathcal{C}(x)} \sum_p f(x_q, x_p)\, g(x_p) \qquad (1)$$
#
# The paper offers several f. Three kinds of weights $f / \mathcal{C}$ cover them all:
#
# | function | f(query, key) | divided by |
# | --- | --- | --- |
# | `gaussian_weights` (2 and 3) | $e^{s\, \theta^T \phi}$ | the sum over the keys |
# | `dot_product_weights` (4) | $\theta^T \phi$ | the number of keys |
# | `concatenation_weights` (5) | $\delta(w^T [\theta, \phi])$ | the number of keys |
#
# δ is ReLU, [θ, φ] stacks the two vectors, query first, and s is 1 in the paper. The queries θ come
# as q (B, d, N), the keys φ as k (B, d, L), w is (2d,); all three functions return (B, N, L).
#
# The fourth function, `fused_attention`, gives what the Gaussian weights take from the values v (B,
# e, L), without ever holding the map: let `F.scaled_dot_product_attention` do it. The result is (B,
# e, N), and equals the written-out sum.
#
# <details><summary>Hint 1</summary><code>t.mT</code> swaps the last two axes. Which product of (B,
# d, N) and (B, d, L) has d as the axis that is summed over?</details>
# <details><summary>Hint 2</summary>Softmax needs its axis: the weights of one query add up to
# 1.</details>
# <details><summary>Hint 3</summary>w falls into two halves, and $w^T[\theta, \phi]$ is a number of
# the query plus a number of the key: no need to stack N · L pairs.</details>
# <details><summary>Hint 4</summary>The fused function wants positions before channels: (B, 1, N,
# d). And it has a scale of its own, unless you give it one.</details>

# %% solution="gaussian"
def gaussian_weights(q, k, scale=1.0):
    """Softmax over the keys: (B, d, N), (B, d, L) -> (B, N, L)  (eq. 2 and 3)."""
    ### BEGIN SOLUTION
    return (scale * q.mT @ k).softmax(dim=-1)
    ### END SOLUTION


# %% solution="dot-product"
def dot_product_weights(q, k):
    """Products, divided by the number of keys: (B, d, N), (B, d, L) -> (B, N, L)  (eq. 4)."""
    ### BEGIN SOLUTION
    return q.mT @ k / k.shape[2]
    ### END SOLUTION


# %% solution="concatenation"
def concatenation_weights(q, k, w):
    """ReLU of w on each stacked pair, by the number of keys: -> (B, N, L)  (eq. 5)."""
    ### BEGIN SOLUTION
    of_query, of_key = w.split(q.shape[1])
    return F.relu((of_query @ q)[:, :, None] + (of_key @ k)[:, None]) / k.shape[2]
    ### END SOLUTION


# %% solution="fused"
def fused_attention(q, k, v, scale=1.0):
    """Gaussian weights times values, map never held: (B, d, N), (B, d, L), (B, e, L) -> (B, e, N).

    The function is F.scaled_dot_product_attention.
    """
    ### BEGIN SOLUTION
    # The quick kernels want one width for all three: zeros at their ends change nothing.
    width = max(q.shape[1], v.shape[1])
    q, k, v_ = (F.pad(t.mT, (0, width - t.shape[1]))[:, None].contiguous() for t in (q, k, v))
    y = F.scaled_dot_product_attention(q, k, v_, scale=scale)  # (B, 1, N, width)
    return y[:, 0, :, : v.shape[1]].mT
    ### END SOLUTION


# %% name="weights-shown" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# q, k, v = torch.randn(2, 4, 6), torch.randn(2, 4, 3), torch.randn(2, 5, 3)
# a = gaussian_weights(q, k)
# whole = torch.allclose(a.sum(2), torch.ones(2, 6))
# print("weights:", tuple(a.shape), "- each query's add up to 1:", whole)
# print("fused:  ", tuple(fused_attention(q, k, v).shape), "- the same sum:",
#       torch.allclose(fused_attention(q, k, v), v @ a.mT, atol=1e-6))

# %% test="gaussian" points=1 tags=["active-ipynb"]
# check("nonlocal.gaussian_weights", gaussian_weights)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.gaussian_weights", gaussian_weights)
# ### END HIDDEN TESTS

# %% test="dot-product" points=1 tags=["active-ipynb"]
# check("nonlocal.dot_product_weights", dot_product_weights)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.dot_product_weights", dot_product_weights)
# ### END HIDDEN TESTS

# %% test="concatenation" points=1 tags=["active-ipynb"]
# check("nonlocal.concatenation_weights", concatenation_weights)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.concatenation_weights", concatenation_weights)
# ### END HIDDEN TESTS

# %% test="fused" points=1 tags=["active-ipynb"]
# check("nonlocal.fused_attention", fused_attention)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.fused_attention", fused_attention)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 3. The block (implement; 6 points, 35 minutes)
#
# $$z_q = \mathrm{BN}(W_z\, y_q) + x_q \qquad (6)$$
#
# Write `NonLocalBlock` with `__init__(self, channels, mode="embedded_gaussian", inner=None,
# scale=None, pool=None)` and `forward(self, x)`.
#
# - θ, φ, g (C to d) and $W_z$ (d to C) are 1x1 convolutions or linear layers, with biases; d is
#   C // 2, or `inner`. Create them in this order, or call them `query`, `key`, `value` and `out`.
#   Last comes a BatchNorm over the C channels.
# - `mode` is one of `"gaussian"`, `"embedded_gaussian"`, `"dot_product"` and `"concatenation"`. The
#   Gaussian form compares x with itself and has neither θ nor φ. Concatenation has a further layer
#   w, 2d to 1 without a bias, called `pair` or created after g.
# - `scale="d^-1/2"` multiplies the logits of the embedded Gaussian by $d^{-1/2}$.
# - `pool="after"` max-pools φ and g (in the Gaussian form: x as key, and g) over 2x2 positions.
# - **Identity at birth**: a block just made returns its input, so that it can be put into a trained
#   network without harm. The paper lets the BatchNorm's weight start at 0.
#
# <details><summary>Hint 1</summary>Follow your own shapes of task 1, line by line, and print
# them.</details>
# <details><summary>Hint 2</summary>Flatten positions with <code>.flatten(2)</code> after the layer
# and the pool; go back with <code>.view_as(x)</code> at the very end, when channels are in axis 1
# again.</details>
# <details><summary>Hint 3</summary>y (B, d, N) is <code>v @ a.mT</code>: the axis of the keys is
# summed over.</details>
# <details><summary>Hint 4</summary><code>nn.init.zeros_(self.bn.weight)</code> in
# <code>__init__</code>.</details>

# %% solution="block"
class NonLocalBlock(nn.Module):
    """NonLocalBlock(channels, mode, inner, scale, pool): (B, C, H, W) -> (B, C, H, W)  (eq. 6).

    inner: the width d of θ, φ and g, else C // 2. scale: None or "d^-1/2". pool: None or "after".
    """

    ### BEGIN SOLUTION
    # Beyond the task, the options of released code: scale may be a number (a port has C^-1/2), pool
    # "before" the projections, norm=False (W_z starts at 0 instead), eps and bias; x may have 1, 2
    # or 3 axes of positions: the block knows nothing of rows, columns and time but for the pool.
    MODES = ("gaussian", "embedded_gaussian", "dot_product", "concatenation")
    WRITTEN_OUT = 2**14  # pairs, for each channel of 64 or more, up to which a CPU holds the map

    def __init__(self, channels, mode="embedded_gaussian", inner=None, scale=None, pool=None, *,
                 norm=True, eps=1e-5, bias=True):  # fmt: skip
        super().__init__()
        inner = max(channels // 2, 1) if inner is None else inner
        if mode not in self.MODES:
            raise ValueError(f"NonLocalBlock: no mode {mode!r}; choose of {', '.join(self.MODES)}")
        if pool not in (None, "after", "before"):
            raise ValueError(f"NonLocalBlock: pool is {pool!r}; choose None, 'after' or 'before'")
        if scale is not None and mode != "embedded_gaussian":
            raise ValueError(f"NonLocalBlock: mode {mode!r} has no scale; leave scale=None")
        self.mode, self.sampling = mode, pool
        self.scale = {None: 1.0, "d^-1/2": inner**-0.5}.get(scale, scale)
        if mode != "gaussian":
            self.query = nn.Conv1d(channels, inner, 1, bias=bias)
            self.key = nn.Conv1d(channels, inner, 1, bias=bias)
        self.value = nn.Conv1d(channels, inner, 1, bias=bias)
        if mode == "concatenation":
            self.pair = nn.Conv1d(2 * inner, 1, 1, bias=False)
        self.out = nn.Conv1d(inner, channels, 1, bias=bias)
        self.bn = nn.BatchNorm1d(channels, eps) if norm else nn.Identity()
        for parameter in self.bn.parameters() if norm else self.out.parameters():
            nn.init.zeros_(parameter)

    @staticmethod
    def subsample(x):
        """(B, C, ..., H, W) -> (B, C, ..., H // 2, W // 2), or (B, C, N) -> (B, C, N // 2)."""
        # not in the paper: an axis of length 1 stays, so that every map has a key
        if x.ndim == 3:
            return F.max_pool1d(x, min(2, x.shape[2]))
        window = [min(2, size) for size in x.shape[-2:]]
        flat = F.max_pool2d(x.flatten(1, -3), window)  # time goes with the channels
        return flat.view(*x.shape[:-2], *flat.shape[-2:])

    def project(self, x):
        """Queries (B, d, N), keys (B, d, L) and values (B, d, L); Gaussian: x itself compared."""
        source = self.subsample(x) if self.sampling == "before" else x
        after = self.sampling == "after"

        def from_(layer):
            y = layer(source.flatten(2))
            return self.subsample(y.unflatten(2, x.shape[2:])).flatten(2) if after else y

        if self.mode == "gaussian":
            key = self.subsample(x) if self.sampling else x
            return x.flatten(2), key.flatten(2), from_(self.value)
        return self.query(x.flatten(2)), from_(self.key), from_(self.value)

    def weigh(self, q, k):
        """f / 𝒞 of equation 1: (B, N, L)."""
        if self.mode == "dot_product":
            return dot_product_weights(q, k)
        if self.mode == "concatenation":
            return concatenation_weights(q, k, self.pair.weight.flatten())
        return gaussian_weights(q, k, self.scale)

    def attention(self, x):
        """The weights of every query: (B, C, ...) -> (B, N, L)."""
        return self.weigh(*self.project(x)[:2])

    def forward(self, x):
        q, k, v = self.project(x)
        d, keys, queries = v.shape[1], k.shape[2], q.shape[2]
        few = len(x) * queries * keys <= self.WRITTEN_OUT * max(d, q.shape[1], 64)
        if "gaussian" in self.mode and (x.is_cuda or not few):
            y = fused_attention(q, k, v, self.scale)
        elif self.mode == "dot_product" and d * (keys + queries) < 2 * keys * queries:
            y = (v @ k.mT / keys) @ q  # brackets moved: d x d numbers, no map of pairs
        else:
            y = v @ self.weigh(q, k).mT
        return self.bn(self.out(y)).view_as(x) + x  # (eq. 6)
    ### END SOLUTION


# %% name="block-shapes" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# block, x = NonLocalBlock(64), torch.randn(2, 64, 7, 5)
# print("parameters:", f"{sum(p.numel() for p in block.parameters()):,}")
# print("shape:", tuple(block(x).shape), "- identity at birth:", torch.equal(block(x), x))

# %% [markdown]
# The embedded Gaussian, in half and full width: output and gradients with pushed weights.

# %% test="block-values" points=1 tags=["active-ipynb"]
# check("nonlocal.block", NonLocalBlock, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.block", NonLocalBlock, "values")
# ### END HIDDEN TESTS

# %% [markdown]
# The other three modes.

# %% test="forms-values" points=1 tags=["active-ipynb"]
# check("nonlocal.forms", NonLocalBlock, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.forms", NonLocalBlock, "values")
# ### END HIDDEN TESTS

# %% [markdown]
# Scale and sub-sampling.

# %% test="options-values" points=1 tags=["active-ipynb"]
# check("nonlocal.options", NonLocalBlock, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.options", NonLocalBlock, "values")
# ### END HIDDEN TESTS

# %% [markdown]
# Exactly the parameters of the formula, in every mode.

# %% test="block-parameters" points=1 tags=["active-ipynb"]
# check("nonlocal.block", NonLocalBlock, "parameters")
# check("nonlocal.forms", NonLocalBlock, "parameters")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.block", NonLocalBlock, "parameters")
# recheck("nonlocal.forms", NonLocalBlock, "parameters")
# ### END HIDDEN TESTS

# %% [markdown]
# A block just made is the identity.

# %% test="block-birth" points=1 tags=["active-ipynb"]
# check("nonlocal.block", NonLocalBlock, "birth")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.block", NonLocalBlock, "birth")
# ### END HIDDEN TESTS

# %% [markdown]
# The laws of every block: shape kept, each image judged alone, the input left as it was, a gradient
# for every parameter.

# %% test="block-laws" points=1 tags=["active-ipynb"]
# check("nonlocal.block", NonLocalBlock, "shape", "batch", "input", "gradients")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.block", NonLocalBlock, "shape", "batch", "input", "gradients")
# ### END HIDDEN TESTS

# %% [markdown]
# **No way forward?** `ready = provided("nonlocal.NonLocalBlock")` in the next cell lends you a
# finished block for the runs of tasks 6 and 8. The graded cells still ask for yours.

# %% name="ready" tags=["active-ipynb"]
# from attnlab.check import provided
#
# ready = NonLocalBlock

# %% [markdown]
# ## Task 4. When pairs become dear (cost; 2 points, 15 minutes)
#
# 1. `affinity_bytes`: the memory of the map of weights, in float32 (4 bytes a number).
# 2. `overtakes`: a 3x3 convolution from C to C channels costs 9·C²·N multiply-adds for an image.
#    The block costs 4·C·d·N for its four layers and 2·d·N² for the two products with the map (one
#    makes the weights, one uses them); d = C // 2, no pooling. From how many positions N on does
#    the block cost *more* than the convolution?
#
# <details><summary>Hint 1</summary>Your `shapes` of task 1 knows the numbers of the map.</details>
# <details><summary>Hint 2</summary>Write the inequality and divide by N: one side then is linear in
# N.</details>
# <details><summary>Hint 3</summary>The smallest whole number above a / b is
# <code>a // b + 1</code>.</details>

# %% solution="bytes"
def affinity_bytes(batch, height, width, pool=False):
    """Bytes of the float32 weights (batch, N, L) of a map height x width."""
    ### BEGIN SOLUTION
    keys = (height // 2) * (width // 2) if pool else height * width
    return 4 * batch * height * width * keys
    ### END SOLUTION


# %% solution="overtakes"
def overtakes(channels):
    """The smallest N at which the block has more multiply-adds than a 3x3 convolution."""
    ### BEGIN SOLUTION
    d = channels // 2
    return (9 * channels**2 - 4 * channels * d) // (2 * d) + 1
    ### END SOLUTION


# %% name="costs-shown" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for size in (8, 14, 28, 56, 112):
#     whole, pooled = affinity_bytes(32, size, size), affinity_bytes(32, size, size, pool=True)
#     print(f"{size:3} x {size:<3}  map of 32 images: {whole / 2**20:9,.1f} MiB, "
#           f"sub-sampled {pooled / 2**20:8,.1f} MiB")
# print("64 channels: dearer than a 3x3 convolution from N =", overtakes(64), "on")

# %% test="bytes" points=1 tags=["active-ipynb"]
# check("nonlocal.affinity_bytes", affinity_bytes)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.affinity_bytes", affinity_bytes)
# ### END HIDDEN TESTS

# %% test="overtakes" points=1 tags=["active-ipynb"]
# check("nonlocal.overtakes", overtakes)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.overtakes", overtakes)
# ### END HIDDEN TESTS

# %% [markdown]
# Turn two knobs: `query` is the place that looks, Q, in a map of 14 x 14 random but smooth vectors;
# `sharpness` multiplies the logits before your softmax. Where does Q look when the sharpness is
# small, and where when it is large? (The darker the mark, the larger the weight.)

# %% name="knob" tags=["active-ipynb", "widget"]
# from ipywidgets import FloatLogSlider, IntSlider, interact
#
# torch.manual_seed(0)
# picture = F.avg_pool2d(torch.randn(1, 16, 14, 14), 3, stride=1, padding=1)
#
#
# @interact(query=IntSlider(90, 0, 195), sharpness=FloatLogSlider(10, min=-1, max=3))
# def look(query, sharpness):
#     flat = picture.flatten(2)
#     weights = gaussian_weights(flat, flat, sharpness)[0, query].view(14, 14)
#     for i, row in enumerate((8 * weights / weights.max()).int().tolist()):
#         marks = [" .:-=+*#@"[w] for w in row]
#         marks[query % 14] = "Q" if i == query // 14 else marks[query % 14]
#         print("".join(marks))

# %% [markdown]
# ## Task 5. Find the bug (find the bug; 2 points, 15 minutes)
#
# `WildNonLocal` is made after the block of a published tutorial. Its shapes fit, it is the identity
# at birth, it even trains. But nothing ever travels from one place to another. Write
# `MendedNonLocal`, with the same four layers and the paper's equation 3, and `exposing_input`: a
# map (1, channels, height, width) on which the bug can be *seen*, because at some place where x is
# zero in every channel the wild block answers zero, and the mended one does not. (Its layers have
# no biases, so that a dark place has dark values.)
#
# <details><summary>Hint 1</summary>Print the shape of `weights` for two sizes of map. What should
# it be, says your task 1?</details>
# <details><summary>Hint 2</summary>Follow one bright pixel on a map that is black elsewhere: whose
# values can the black places take?</details>

# %% name="wild" tags=["setup"]
class WildNonLocal(nn.Module):
    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.theta = nn.Conv2d(channels, half, 1, bias=False)
        self.phi = nn.Conv2d(channels, half, 1, bias=False)
        self.g = nn.Conv2d(channels, half, 1, bias=False)
        self.restore = nn.Conv2d(half, channels, 1, bias=False)

    def forward(self, x):
        theta, phi, g = (layer(x).flatten(2) for layer in (self.theta, self.phi, self.g))
        weights = torch.softmax(theta @ phi.transpose(1, 2), dim=-1)
        mixed = (weights @ g).unflatten(2, x.shape[2:])
        return x + self.restore(mixed)


# %% solution="mended"
class MendedNonLocal(nn.Module):
    """MendedNonLocal(channels): WildNonLocal without its bug, (B, C, H, W) -> (B, C, H, W)."""

    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.theta = nn.Conv2d(channels, half, 1, bias=False)
        self.phi = nn.Conv2d(channels, half, 1, bias=False)
        self.g = nn.Conv2d(channels, half, 1, bias=False)
        self.restore = nn.Conv2d(half, channels, 1, bias=False)

    def forward(self, x):
        theta, phi, g = (layer(x).flatten(2) for layer in (self.theta, self.phi, self.g))
        weights = torch.softmax(theta.transpose(1, 2) @ phi, dim=-1)  # (B, N, N)
        mixed = (g @ weights.transpose(1, 2)).unflatten(2, x.shape[2:])
        return x + self.restore(mixed)
    ### END SOLUTION


# %% solution="exposing"
def exposing_input(channels, height, width):
    """A map (1, channels, height, width) on which the bug of WildNonLocal can be seen."""
    ### BEGIN SOLUTION
    x = torch.zeros(1, channels, height, width)
    x[0, :, height // 2, width // 2] = torch.linspace(1, 2, channels)
    return x
    ### END SOLUTION


# %% test="mended" points=1 tags=["active-ipynb"]
# check("nonlocal.mended", MendedNonLocal, "values", "batch")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.mended", MendedNonLocal, "values", "batch")
# ### END HIDDEN TESTS

# %% test="exposing" points=1 tags=["active-ipynb"]
# for channels, height, width in ((6, 3, 4), (8, 5, 2)):
#     called = f"exposing_input({channels}, {height}, {width})"
#     shown = exposing_input(channels, height, width)
#     assert isinstance(shown, torch.Tensor) and shown.is_floating_point(), (
#         f"{called} returned {shown!r}; expected a tensor of floats, as torch.zeros gives"
#     )
#     assert tuple(shown.shape) == (1, channels, height, width), (
#         f"{called} has shape {tuple(shown.shape)}; expected {(1, channels, height, width)}"
#     )
#     dark = (shown == 0).all(dim=1)
#     assert dark.any() and not dark.all(), (
#         f"{called} has {int(dark.sum())} places of {dark.numel()} where every channel is zero; "
#         f"keep some places zero, and put something into at least one"
#     )
#     with torch.no_grad():
#         left = WildNonLocal(channels).to(shown.dtype)(shown).movedim(1, 3)[dark]
#     assert left.abs().max() < 1e-6, (
#         f"{called}: the wild block lights up dark places; keep the numbers of ordinary size"
#     )
# ### BEGIN HIDDEN TESTS
# from importlib import import_module
#
# reference = import_module("solutions.nonlocal")
# for channels, height, width in ((4, 7, 3), (10, 2, 9)):
#     shown = exposing_input(channels, height, width)
#     assert tuple(shown.shape) == (1, channels, height, width), (
#         f"exposing_input ignores the sizes it is given: {tuple(shown.shape)} came for "
#         f"{channels} channels and a map of {height} x {width}"
#     )
#     dark = (shown == 0).all(dim=1)
#     torch.manual_seed(channels)
#     mended = reference.MendedNonLocal(channels).to(shown.dtype)
#     with torch.no_grad():
#         lit = mended(shown).movedim(1, 3)[dark]
#     assert len(lit) and lit.abs().max() > 1e-4, (
#         "exposing_input: on other sizes nothing reaches the dark places of a right block either. "
#         "Keep some places zero, and the numbers elsewhere of ordinary size."
#     )
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 6. Predict, then run (predict; 1 point, 10 minutes)
#
# A block commutes with a change of its input if changing first and changing last come to the same,
# for every x and all weights. The block has no word for *where*: it adds up over all keys, in any
# order. Predict for each change below, with and without sub-sampled keys, whether the embedded
# Gaussian block commutes with it (in evaluation mode), then run.
#
# <details><summary>Hint 1</summary>In which places do the weights of a query change? Does a sum
# care about the order of its terms?</details>
# <details><summary>Hint 2</summary>Sub-sampled keys are the largest of four neighbours. Does the
# change keep those four together?</details>

# %% name="changes" tags=["setup"]
def permuted(x, axis):
    return x.index_select(axis, torch.randperm(x.shape[axis]))


CHANGES = {
    "shuffle the positions": lambda x: permuted(x.flatten(2), 2).view_as(x),
    "mirror left and right": lambda x: x.flip(3),
    "turn by a right angle": lambda x: x.rot90(1, (2, 3)),
    "roll by one column": lambda x: x.roll(1, dims=3),
    "roll by two columns": lambda x: x.roll(2, dims=3),
    "shuffle the channels": lambda x: permuted(x, 1),
    "add 1 everywhere": lambda x: x + 1,
    "repeat every row": lambda x: x.repeat_interleave(2, dim=2),
}


# %% solution="prediction"
def prediction(change, pool=False):
    """True if the block commutes with the change of that name, on a map of 6 x 6, else False."""
    ### BEGIN SOLUTION
    kept = ["mirror left and right", "turn by a right angle", "roll by two columns"]
    if not pool:
        kept += ["shuffle the positions", "roll by one column", "repeat every row"]
    return change in kept
    ### END SOLUTION


# %% name="prediction-run" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for pool in (None, "after"):
#     block, x = ready(8, pool=pool).double().eval(), torch.randn(2, 8, 6, 6).double()
#     for parameter in block.parameters():
#         nn.init.normal_(parameter, std=0.5)
#     for name, change in CHANGES.items():
#         with torch.no_grad(), torch.random.fork_rng():
#             torch.manual_seed(1)
#             first = block(change(x))
#             torch.manual_seed(1)
#             then = change(block(x))
#         agree = first.shape == then.shape and torch.allclose(first, then)
#         print(f"{'sub-sampled' if pool else 'every key':12}{name:23} predicted "
#               f"{prediction(name, pool is not None)!s:6} found {agree}")

# %% test="prediction" points=1 tags=["active-ipynb"]
# for change in CHANGES:
#     for pool in (False, True):
#         answer = prediction(change, pool)
#         assert type(answer) is bool, (
#             f"prediction({change!r}, {pool}) returned {answer!r}; expected True or False"
#         )
# ### BEGIN HIDDEN TESTS
# check("nonlocal.prediction", prediction)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 7. Somebody else's weights (transfer weights; 1 point, 15 minutes)
#
# A block was trained on films, with 1x1x1 convolutions, logits scaled by $d^{-1/2}$ and a BatchNorm
# after $W_z$. It is to run on pictures in `plain`, below, which has none of the three. A picture is
# a film of one frame, so nothing needs to be lost. Return the eight tensors for `plain`: put the
# scale into θ, and the BatchNorm, as it acts in evaluation, into $W_z$ and its bias.
#
# <details><summary>Hint 1</summary>A 1x1x1 weight (d, C, 1, 1, 1) is a matrix (d, C):
# <code>.flatten(1)</code>.</details>
# <details><summary>Hint 2</summary>The logits are $(\theta x + b)^T \phi(\cdot)$: the bias is
# scaled as well.</details>
# <details><summary>Hint 3</summary>BatchNorm in evaluation: $\gamma\, (u - \mu) / \sqrt{v +
# \epsilon} + \beta$, for each channel, with ε = 10⁻⁵. Put $u = W y + b$ into it and sort by
# y.</details>

# %% name="films" tags=["setup"]
class FilmBlock(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.theta, self.phi, self.g = (nn.Conv3d(channels, inner, 1) for _ in range(3))
        self.W = nn.Sequential(nn.Conv3d(inner, channels, 1), nn.BatchNorm3d(channels))

    def forward(self, x):  # (B, C, T, H, W)
        q, k, v = (layer(x).flatten(2) for layer in (self.theta, self.phi, self.g))
        weights = torch.softmax(q.mT @ k * q.shape[1] ** -0.5, dim=-1)
        return x + self.W((v @ weights.mT).unflatten(2, x.shape[2:]))


def plain(x, w):
    """(B, C, H, W), with matrices and biases by name: no scale, no norm."""
    q, k, v = (
        w[f"{role}.weight"] @ x.flatten(2) + w[f"{role}.bias"][:, None]
        for role in ("query", "key", "value")
    )
    y = v @ torch.softmax(q.mT @ k, dim=-1).mT
    return x + (w["out.weight"] @ y + w["out.bias"][:, None]).view_as(x)


# %% solution="transferred"
def transferred(film):
    """From a FilmBlock's state_dict to {"query.weight": (d, C), "query.bias": (d,), ...}.

    The roles are query, key and value, and out with (C, d) and (C,).
    """
    ### BEGIN SOLUTION
    names = {"query": "theta", "key": "phi", "value": "g", "out": "W.0"}
    ours = {f"{role}.weight": film[f"{name}.weight"].flatten(1) for role, name in names.items()}
    ours |= {f"{role}.bias": film[f"{name}.bias"] for role, name in names.items()}
    d = len(ours["query.bias"])
    ours["query.weight"], ours["query.bias"] = (
        ours[f"query.{part}"] * d**-0.5 for part in ("weight", "bias")
    )
    slope = film["W.1.weight"] / (film["W.1.running_var"] + 1e-5).sqrt()
    ours["out.weight"] = slope[:, None] * ours["out.weight"]
    ours["out.bias"] = slope * (ours["out.bias"] - film["W.1.running_mean"]) + film["W.1.bias"]
    return ours
    ### END SOLUTION


# %% name="transferred-run" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# film = FilmBlock(8, 4).double().eval()
# for tensor in film.state_dict().values():
#     if tensor.is_floating_point():
#         tensor.uniform_(0.2, 1)
# x = torch.randn(2, 8, 5, 4).double()
# with torch.no_grad():
#     theirs = film(x[:, :, None])[:, :, 0]
#     ours = plain(x, transferred(film.state_dict()))
# print("the same outputs:", torch.allclose(theirs, ours, atol=1e-6))

# %% test="transferred" points=1 tags=["active-ipynb"]
# check("nonlocal.transferred", transferred)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.transferred", transferred)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 8. A question of pairs (experiment; 3 points, 20 minutes)
#
# The question *mark*: a plain cue has one of three colours, and of three objects with these colours
# one wears the cue's. Which pixels are its? Labels are 1 on the object that is asked for, 2 on the
# other things, the cue included, and 0 on the background. Every place of every object must find out
# what the cue wears, far out of its sight.
#
# The next cells train a small network alone and with your block, its logits scaled by $d^{-1/2}$ as
# in the released code. A network that sees each thing but not the cue's wish gets all of the
# background right, and three quarters of the things' pixels: which ones? Write down what you expect
# with your block, then run.

# %% name="question" tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from attnlab.questions import draw
#
# recipe = RECIPES["mark-nonlocal"]
# shown = draw("mark", 6, seed=8, size=recipe["size"])
# figure, axes = plt.subplots(2, 6, figsize=(10, 3.6))
# for (above, below), image, labels in zip(axes.T, shown.images, shown.labels, strict=True):
#     above.imshow(image.permute(1, 2, 0))
#     below.imshow(labels == 1, cmap="gray")
#     above.axis("off")
#     below.axis("off")

# %% name="experiment" tags=["active-ipynb"]
# from attnlab.train import logits, run_recipe
#
# unseen = draw("mark", 300, seed=78, size=recipe["size"])
# things = unseen.labels > 0
# found = {}
# for name, block in {"alone": None, "with your block": ready}.items():
#     hits = logits(run_recipe(recipe, block), unseen.images).argmax(1) == unseen.labels
#     found[name] = hits[things].float().mean().item()
#     print(f"{name:16} {found[name]:.1f} of the things' pixels")

# %% name="experiment-answer" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("alone under 0.8:          ", found["alone"] < 0.8)
# print("with your block over 0.85:", found["with your block"] > 0.85)

# %% test="experiment" points=2 tags=["active-ipynb", "trains"]
# check("nonlocal.mark", NonLocalBlock)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.mark", NonLocalBlock)
# ### END HIDDEN TESTS

# %% [markdown]
# Last, CIFAR-10. On photographs of ten kinds of things no single look-up decides, and a gain of one
# training is no evidence. The check therefore wants no gain: with your block the network has to be
# about as good as without, and at its trained weights the block has to compute what equations 1, 3
# and 6 say of the activations that arrive at it.
#
# `python -m attnlab.cifar10 data`, run beside this notebook, fetches the images, 162 MB. Where they
# are missing the cell below only says so; the check then uses noise, and costs nobody a point.

# %% name="photographs" tags=["active-ipynb"]
# from attnlab import cifar10
# from attnlab.train import accuracy, device_of, recipe_images, sized
#
# photographs = sized(RECIPES["cifar"])
# if cifar10.absent():
#     print("there is no copy of CIFAR-10 here")
# else:
#     images, labels = recipe_images(photographs, 1000, seed=78, split="choose")
#     for name, block in {"alone": None, "with your block": ready}.items():
#         trained = run_recipe(photographs, block, device=device_of(photographs))
#         share = accuracy(trained, cifar10.floats(images), labels)
#         print(f"{name:16} {share:.2f} of 1000 photographs")

# %% test="photographs" points=1 tags=["active-ipynb", "trains", "gpu"]
# check("nonlocal.cifar", NonLocalBlock)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("nonlocal.cifar", NonLocalBlock)
# ### END HIDDEN TESTS

# %% [markdown]
# **To think about.** Your block answers *mark* although nobody told it that colours are what to
# compare. Which of its layers must hold that knowledge? And by task 6: could it ever mark the
# object that lies on the cue's *row*?
