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
# # Convolutional block attention
#
# Source: S. Woo, J. Park, J.-Y. Lee and I. S. Kweon, "CBAM: Convolutional Block Attention Module",
# ECCV 2018, <https://arxiv.org/abs/1807.06521>, equations 1 to 3. Where the paper and its released
# code differ we follow the code: biases in the shared layers, the maps in the order [max, mean], a
# batch normalisation of one channel with momentum 0.01 in the spatial gate.
#
# **20 points, about 130 minutes.** You will
#
# 1. write a gate for channels, a gate for positions, and the block of both (tasks 1 to 3);
# 2. count what they cost, and find the two numbers that tutorials forget (task 4);
# 3. write a test that tells right spatial gates from wrong ones without seeing their code (task 5);
# 4. predict which change of the input each gate does not mind (task 6);
# 5. mend a gate that is right on every map its author tried (task 7);
# 6. ask your block where something is, which no channel gate knows (task 8).
#
# Shapes are (B, C, H, W): images, channels, rows, columns. Each check can be run again and again;
# the points are given on numbers that you have not seen. Task 3 needs tasks 1 and 2, task 8 needs
# task 3; the others stand alone.

# %% name="imports" tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn

# %% name="tools" tags=["setup", "active-ipynb"]
# from attnlab.check import check, provided
# from attnlab.train import RECIPES

# %% [markdown]
# ## Task 1. A gate for each channel (implement; 3 points, 20 minutes)
#
# $$M_c(x) = \sigma\big(\mathrm{MLP}(\mathrm{avg}(x)) + \mathrm{MLP}(\max(x))\big), \qquad
# \mathrm{MLP}(z) = W_1\, \delta(W_0 z + b_0) + b_1 \qquad (2)$$
#
# avg and max run over the positions and leave (B, C). **One** MLP serves both, C → C // r → C with
# a ReLU δ between its layers; the sigmoid comes once, after the sum. Return the gate with shape
# (B, C, 1, 1), not the gated map. The layers may be `nn.Linear` or 1x1 `nn.Conv2d`, both with
# biases, under any names.
#
# <details><summary>Hint 1</summary>What SE does with one vector you do with two, and add before the
# sigmoid.</details>
# <details><summary>Hint 2</summary><code>x.amax(dim=(2, 3))</code> is the largest of each
# channel.</details>
# <details><summary>Hint 3</summary>Calling the same <code>nn.Sequential</code> twice shares its
# weights; building two does not.</details>

# %% solution="channel-gate"
class ChannelGate(nn.Module):
    """ChannelGate(channels, reduction=16): M_c (eq. 2), (B, C, H, W) -> (B, C, 1, 1)."""

    ### BEGIN SOLUTION
    # Beyond the paper, the options of released code: hidden (any width), bias, pools (their results
    # are added), act, gate. "lp" is the root of the SUM of squares and "lse" the logarithm of the
    # SUM of exponentials, in the code as here: both grow with the map.
    def __init__(self, channels, reduction=16, *, hidden=None, bias=True, pools=("avg", "max"),
                 act=F.relu, gate=torch.sigmoid):  # fmt: skip
        super().__init__()
        hidden = channels // reduction if hidden is None else hidden
        if hidden < 1:
            raise ValueError(
                f"ChannelGate(channels={channels}, reduction={reduction}): the hidden layer would "
                f"have no unit; choose a reduction of at most {channels}"
            )
        self.pools, self.act, self.gate = tuple(pools), act, gate
        self.reduce = nn.Linear(channels, hidden, bias=bias)
        self.expand = nn.Linear(hidden, channels, bias=bias)

    @staticmethod
    def pool(x, kind):
        """(B, C, H, W) -> (B, C) by the pool of that name."""
        if kind == "avg+max":
            return (x.mean(dim=(2, 3)) + x.amax(dim=(2, 3))) / 2
        known = {"avg": torch.mean, "max": torch.amax, "lse": torch.logsumexp}
        known["lp"] = torch.linalg.vector_norm
        if kind not in known:
            raise ValueError(f"ChannelGate: no pool {kind!r}; choose {', '.join(known)} or avg+max")
        return known[kind](x, dim=(2, 3))

    def forward(self, x):
        z = torch.stack([self.pool(x, kind) for kind in self.pools], dim=1)
        u = self.expand(self.act(self.reduce(z)))  # (B, P, C) -> (B, P, C), for all pools at once
        return self.gate(sum(u.unbind(dim=1)))[:, :, None, None]
    ### END SOLUTION


# %% name="channel-shapes" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# for name, parameter in ChannelGate(64).named_parameters():
#     print(name, tuple(parameter.shape))
# print("gate:", tuple(ChannelGate(64)(torch.rand(2, 64, 7, 5)).shape))

# %% test="channel" points=2 tags=["active-ipynb"]
# check("cbam.channel", ChannelGate)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.channel", ChannelGate)
# ### END HIDDEN TESTS

# %% [markdown]
# **A variant, not CBAM.** Tutorials often print another channel gate under the name CBAM: they put
# ECA's band in the place of the MLP. It is younger than the paper and in neither the paper nor the
# code. Write it, so that you know it when you meet it: one `nn.Conv1d` with one channel, no bias
# and zeros beyond the ends runs along the C means and, with the same weights, along the C maxima;
# then sum and sigmoid as above.

# %% solution="tutorial-gate"
class TutorialGate(nn.Module):
    """TutorialGate(channels, kernel=3): ECA's band in M_c's place, (B, C, H, W) -> (B, C, 1, 1)."""

    ### BEGIN SOLUTION
    def __init__(self, channels, kernel=3):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x):
        z = torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))])  # (2 * B, C)
        average, largest = self.conv(z[:, None])[:, 0].chunk(2)
        return torch.sigmoid(average + largest)[:, :, None, None]
    ### END SOLUTION


# %% test="tutorial" points=1 tags=["active-ipynb"]
# check("cbam.tutorial", TutorialGate)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.tutorial", TutorialGate)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 2. A gate for each position (implement; 2 points, 15 minutes)
#
# $$M_s(x) = \sigma\Big(\mathrm{BN}\big(f^{k \times k}([\max_c(x);\,
# \mathrm{avg}_c(x)])\big)\Big) \qquad (3)$$
#
# This time max and avg run over the *channels* and leave two maps. A convolution f, k x k, without
# a bias, makes one map of them; BN is `nn.BatchNorm2d` of that one channel with momentum 0.01.
# Mind the order: the paper writes [avg; max], its code stacks the maximum first, and so do we. The
# gate has shape (B, 1, H, W), for any odd k.
#
# <details><summary>Hint 1</summary><code>keepdim=True</code> leaves a map (B, 1, H, W), which
# <code>torch.cat</code> can stack along axis 1.</details>
# <details><summary>Hint 2</summary>Which padding leaves H and W as they are, for k = 3, 5,
# 7?</details>
# <details><summary>Hint 3</summary>PyTorch's momentum is the share of the new batch; its default is
# 0.1.</details>

# %% solution="spatial-gate"
class SpatialGate(nn.Module):
    """SpatialGate(kernel=7): M_s (eq. 3), (B, C, H, W) -> (B, 1, H, W)."""

    ### BEGIN SOLUTION
    # Switches between paper and code: maps (the order in which f sees them, or one of them), norm,
    # momentum, bias. A popular port has ("avg", "max") and momentum 0.1; its light version has the
    # one map "avg+max".
    def __init__(self, kernel=7, *, maps=("max", "avg"), norm=True, momentum=0.01, eps=1e-5,
                 bias=False, gate=torch.sigmoid):  # fmt: skip
        super().__init__()
        if kernel % 2 == 0:
            raise ValueError(f"SpatialGate: kernel = {kernel} has no middle; choose an odd size")
        self.maps, self.gate = tuple(maps), gate
        self.conv = nn.Conv2d(len(self.maps), 1, kernel, padding=kernel // 2, bias=bias)
        self.bn = nn.BatchNorm2d(1, eps, momentum) if norm else nn.Identity()

    @staticmethod
    def pool(x, kind):
        """(B, C, H, W) -> (B, H, W) by the pool of that name."""
        known = {"avg": torch.mean, "max": torch.amax}
        if kind == "avg+max":
            return (x.mean(dim=1) + x.amax(dim=1)) / 2
        if kind not in known:
            raise ValueError(f"SpatialGate: no map {kind!r}; choose {', '.join(known)} or avg+max")
        return known[kind](x, dim=1)

    def forward(self, x):
        seen = torch.stack([self.pool(x, kind) for kind in self.maps], dim=1)
        return self.gate(self.bn(self.conv(seen)))  # (B, 2, H, W) -> (B, 1, H, W)
    ### END SOLUTION


# %% test="spatial" points=1 tags=["active-ipynb"]
# check("cbam.spatial", SpatialGate, "parameters", "shape", "batch", "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.spatial", SpatialGate, "parameters", "shape", "batch", "values")
# ### END HIDDEN TESTS

# %% [markdown]
# In training mode BatchNorm uses the batch at hand, and moves its running statistics a little. In
# eval mode it uses those, and then an image no longer depends on its company.

# %% test="spatial-training" points=1 tags=["active-ipynb"]
# check("cbam.spatial", SpatialGate, "training")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.spatial", SpatialGate, "training")
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 3. One after the other (implement; 4 points, 15 minutes)
#
# $$x' = M_c(x) \odot x, \qquad y = M_s(x') \odot x' \qquad (1)$$
#
# Channels first; the spatial gate sees what the channel gate has left. Write `CBAM` with
# `__init__(self, channels, reduction=16, kernel=7)` from your two gates.
#
# <details><summary>Hint 1</summary>Both gates broadcast: (B, C, 1, 1) and (B, 1, H, W) against (B,
# C, H, W).</details>
# <details><summary>Hint 2</summary>Write <code>x = x * gate</code>, which makes a new tensor, and
# not <code>x *= gate</code>.</details>

# %% solution="block"
class CBAM(nn.Module):
    """CBAM(channels, reduction=16, kernel=7): (B, C, H, W) -> (B, C, H, W)  (eq. 1)."""

    ### BEGIN SOLUTION
    # gates: which, and in which order; ("channel",) or ("spatial",) alone, and ("spatial",
    # "channel") too. channel, spatial: settings of the gates; {"kernel": k} for the channel gate
    # asks for the variant of tutorials.
    def __init__(self, channels, reduction=16, kernel=7, *, gates=("channel", "spatial"),
                 channel=None, spatial=None):  # fmt: skip
        super().__init__()
        if not gates or set(gates) - {"channel", "spatial"}:
            raise ValueError(f"CBAM: gates {gates!r}; choose of 'channel' and 'spatial', in order")
        self.gates = tuple(gates)
        if "channel" in gates:
            self.channel = self.channel_gate(channels, reduction, **(channel or {}))
        if "spatial" in gates:
            self.spatial = SpatialGate(**{"kernel": kernel} | (spatial or {}))

    @staticmethod
    def channel_gate(channels, reduction, kernel=None, **settings):
        """The gate of equation 2, or the tutorials' band of `kernel` weights."""
        if kernel is not None:
            return TutorialGate(channels, kernel)
        return ChannelGate(channels, reduction, **settings)

    def forward(self, x):
        for name in self.gates:
            x = x * getattr(self, name)(x)
        return x
    ### END SOLUTION


# %% name="block-shapes" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# block = CBAM(64)
# print("out:", tuple(block(torch.rand(2, 64, 7, 5)).shape))
# print("learned:", sum(p.numel() for p in block.parameters()))

# %% test="block-values" points=2 tags=["active-ipynb"]
# check("cbam.block", CBAM, "parameters", "shape", "values", "training")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.block", CBAM, "parameters", "shape", "values", "training")
# ### END HIDDEN TESTS

# %% [markdown]
# The law of the batch, in eval mode: an image gets the same output alone and in company.

# %% test="block-batch" points=1 tags=["active-ipynb"]
# check("cbam.block", CBAM, "batch")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.block", CBAM, "batch")
# ### END HIDDEN TESTS

# %% [markdown]
# The caller's x stays as it was, and all seven tensors of weights can learn.

# %% test="block-input" points=1 tags=["active-ipynb"]
# check("cbam.block", CBAM, "input", "gradients")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.block", CBAM, "input", "gradients")
# ### END HIDDEN TESTS

# %% [markdown]
# **Not there yet?** Put `provided("cbam.CBAM")`, `provided("cbam.ChannelGate")` or
# `provided("cbam.SpatialGate")` into the next cell for what you lack, play and train with that, and
# come back later: what is graded has to be yours.

# %% name="ready" tags=["active-ipynb"]
# ready, ready_channel, ready_spatial = CBAM, ChannelGate, SpatialGate

# %% [markdown]
# Turn the knob: from which places does the gate in the middle hear? `#` marks a place whose change
# moves it. Then put the channel gate before it: why does every place count now, if only a little?

# %% name="knob" tags=["active-ipynb", "widget"]
# from ipywidgets import Checkbox, SelectionSlider, interact
#
#
# @interact(k=SelectionSlider(options=[3, 5, 7, 9], value=7, description="k"),
#           channels=Checkbox(value=False, description="channel gate before it"))
# def hears(k, channels):
#     gate = ready_spatial(k).double().eval()
#     x = torch.randn(1, 8, 11, 11, dtype=torch.float64, requires_grad=True)
#     seen = ready_channel(8, 2).double()(x) * x if channels else x
#     (grad,) = torch.autograd.grad(gate(seen)[0, 0, 5, 5], x)
#     for row in grad[0].abs().sum(0):
#         print(" ".join("#" if value > 1e-12 else "." for value in row))

# %% [markdown]
# ## Task 4. What it costs (cost; 2 points, 10 minutes)
#
# `params` counts the learnable numbers of the block, biases and BatchNorm included. `macs` counts
# the multiply-adds of its linear layers and its convolution for one image of (C, H, W); leave
# pooling, biases, BatchNorm and rescaling out.
#
# <details><summary>Hint 1</summary>How often does the MLP run? How often does one weight of the
# convolution multiply?</details>
# <details><summary>Hint 2</summary>BatchNorm2d(1) learns two numbers; the running statistics are
# not learned.</details>

# %% solution="params"
def params(channels, reduction=16, kernel=7):
    """The number of learnable parameters of CBAM(channels, reduction, kernel)."""
    ### BEGIN SOLUTION
    hidden = channels // reduction
    return 2 * channels * hidden + hidden + channels + 2 * kernel**2 + 2
    ### END SOLUTION


# %% solution="macs"
def macs(channels, height, width, reduction=16, kernel=7):
    """Multiply-adds of its layers for one image of shape (channels, height, width)."""
    ### BEGIN SOLUTION
    return 4 * channels * (channels // reduction) + 2 * kernel**2 * height * width
    ### END SOLUTION


# %% [markdown]
# A ResNet-50 has 3, 4, 6 and 3 residual blocks of 256, 512, 1024 and 2048 channels. With CBAM in
# each it has 2,532,592 parameters more. Which share of that is the spatial gates'?

# %% name="costs" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# stages = ((256, 3, 56), (512, 4, 28), (1024, 6, 14), (2048, 3, 7))
# print(f"{sum(n * params(channels) for channels, n, _ in stages):,} parameters in a ResNet-50")
# for channels, _, size in stages:
#     layers, all_ = 4 * channels * (channels // 16), macs(channels, size, size)
#     print(f"C = {channels:4}, {size} x {size}: {all_:9,} macs, {1 - layers / all_:.0%} spatial")

# %% test="params" points=1 tags=["active-ipynb"]
# check("cbam.params", params)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.params", params)
# ### END HIDDEN TESTS

# %% test="macs" points=1 tags=["active-ipynb"]
# check("cbam.macs", macs)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.macs", macs)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 5. Write the test (write the test; 3 points, 25 minutes)
#
# You get gates whose code you cannot see, some right and some wrong, and their weights you do not
# know. A right gate is a spatial gate as in task 2 with k = 7 in eval mode, any weights, either
# order of its two maps. Write two functions:
#
# - `trials(x)` makes further inputs from x, a random (B, C, H, W) in float64 with B and C at least
#   2 and H and W at least 12; it returns them as a list;
# - `accepts(inputs, gates)` gets `inputs = [x, *trials(x)]` and what the gate said to each of them,
#   and returns True or False.
#
# What is true of every right gate, whatever its weights? Your score is the number of wrong gates
# refused, minus one for every right gate refused. The names in `SUSPECTS` tell what five of the
# wrong ones do to a right one; others come when it is graded.
#
# <details><summary>Hint 1</summary>Which shape has the gate, and between which two numbers lies
# each of its entries?</details>
# <details><summary>Hint 2</summary>Which changes of x may not change the gate: other images in the
# batch, another order of the channels, a pixel far away? How far is far?</details>
# <details><summary>Hint 3</summary>Which changes must change it? Raise one channel and lower
# another by as much: the mean stays, the maximum does not. Raise a channel that stays below the
# maximum: only the mean moves. Change a pixel three steps away.</details>
# <details><summary>Hint 4</summary>Compare with <code>torch.allclose</code>, and not with
# <code>==</code>: sums in another order differ in the last digit.</details>

# %% name="suspects" tags=["setup"]
def _logit(gate):
    return torch.log(gate) - torch.log1p(-gate)


SUSPECTS = {  # name: what it makes of a right gate g and the input x
    "softmax over all positions": lambda g, x: _logit(g(x)).flatten(1).softmax(1).view_as(g(x)),
    "no sigmoid": lambda g, x: _logit(g(x)),
    "mixes the images of a batch": lambda g, x: torch.sigmoid(_logit(g(x)) - _logit(g(x)).mean(0)),
    "sees the mean only": lambda g, x: g(x.mean(dim=1, keepdim=True)),
    "the same for all positions": lambda g, x: g(x).mean(dim=(2, 3), keepdim=True).expand_as(g(x)),
}


def convicted(gate, x, trials, accepts):
    """Whether a test, of these two functions, refuses the gate on x; so it does if that breaks."""
    made = trials(x)
    assert isinstance(made, list), f"trials(x) should return a list, not {type(made).__name__}"
    assert 0 < len(made) < 20, f"trials(x) should return 1 to 19 inputs, not {len(made)}"
    assert all(given.dim() == 4 for given in made), "trials(x): each input is (B, C, H, W)"
    inputs = [x, *made]
    try:
        with torch.no_grad():
            gates = [gate(given) for given in inputs]
    except (RuntimeError, IndexError):
        return True
    answer = accepts(inputs, gates)
    assert type(answer) is bool, f"accepts returned {answer!r}; expected True or False"
    return not answer


# %% solution="trials"
def trials(x):
    """More inputs for the gate under test, each (B, C, H, W) with sizes of your choice: a list."""
    ### BEGIN SOLUTION
    one = x[:1]
    reversed_ = one.flip(1)
    corner, near, level, low = one.clone(), one.clone(), one.clone(), one.clone()
    corner[:, :, 0, 0] += 5.0
    near[:, :, 6, 6] += 5.0
    top, bottom = one[0, :, 6, 6].argmax(), one[0, :, 6, 6].argmin()
    level[0, top, 6, 6] += 5.0
    level[0, bottom, 6, 6] -= 5.0
    low[0, bottom, 6, 6] -= 5.0
    moved = one.roll(1, dims=3)
    return [one, reversed_, corner, near, level, low, moved, one[..., :9, :5]]
    ### END SOLUTION


# %% solution="accepts"
def accepts(inputs, gates):
    """True if a right spatial gate can have said gates[i] to inputs[i] for every i, else False."""
    ### BEGIN SOLUTION
    for x, gate in zip(inputs, gates, strict=True):
        if gate.shape != (x.shape[0], 1, *x.shape[2:]) or gate.min() < 0 or gate.max() > 1:
            return False
    every, one, reversed_, corner, near, level, low, moved, _ = gates
    if not torch.allclose(every[:1], one) or not torch.allclose(one, reversed_):
        return False
    window = torch.zeros_like(one, dtype=torch.bool)
    window[..., 3:10, 3:10] = True
    if not all(torch.equal((one - g).abs() > 1e-12, window) for g in (near, level, low)):
        return False
    if not torch.allclose(one[..., 3:-4], moved[..., 4:-3]):
        return False
    far = torch.ones_like(window)
    far[..., :4, :4] = False
    return torch.allclose(one[far], corner[far]) and not torch.allclose(one, corner)
    ### END SOLUTION


# %% name="suspects-score" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# mine = trials, accepts
# right = provided("cbam.SpatialGate")().double().eval()
# x = torch.randn(3, 6, 13, 15, dtype=torch.float64)
# refused = {
#     name: convicted(lambda x: wrong(right, x), x, *mine) for name, wrong in SUSPECTS.items()
# }
# for name, done in refused.items():
#     print(f"{name:30} {'refused' if done else 'accepted'}")
# false_alarm = convicted(right, x, *mine)
# print(f"a right one                    {'refused' if false_alarm else 'accepted'}")
# print("score:", sum(refused.values()) - false_alarm, "of", len(SUSPECTS))

# %% [markdown]
# Two points for these five: at least three of them refused for the first, all five for the second,
# and no right gate refused for either.

# %% test="suspects" points=1 tags=["active-ipynb"]
# mine = trials, accepts
# right = [provided("cbam.SpatialGate")(7, maps=maps).double().eval()
#          for maps in (("max", "avg"), ("avg", "max"))]
# x = torch.randn(3, 6, 13, 15, dtype=torch.float64)
# alarms = sum(convicted(gate, x, *mine) for gate in right)
# refused = [name for name, wrong in SUSPECTS.items()
#            if convicted(lambda x: wrong(right[0], x), x, *mine)]
# assert alarms == 0, f"your test refuses a right gate {alarms} times of {len(right)}"
# assert len(refused) >= 3, f"your test refuses {len(refused)} of {len(SUSPECTS)}: {refused}"
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes.wrong.cbam_suspects import right_gates
#
# for name, gate in right_gates().items():
#     assert not convicted(gate, torch.randn(2, 5, 14, 12, dtype=torch.float64), *mine), (
#         f"your test refuses a right gate: one with {name}. Which of your laws does it not obey?"
#     )
# ### END HIDDEN TESTS

# %% test="suspects-all" points=1 tags=["active-ipynb"]
# mine = trials, accepts
# right = provided("cbam.SpatialGate")(7).double().eval()
# x = torch.randn(2, 4, 12, 14, dtype=torch.float64)
# assert not convicted(right, x, *mine), "your test refuses a right gate"
# for name, wrong in SUSPECTS.items():
#     assert convicted(lambda x: wrong(right, x), x, *mine), f"your test accepts this one: {name}"
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes.wrong.cbam_suspects import right_gates
#
# for gate in right_gates().values():
#     x = torch.randn(4, 3, 12, 13, dtype=torch.float64)
#     assert not convicted(gate, x, *mine), "your test refuses a right gate"
#     for name, wrong in SUSPECTS.items():
#         caught = convicted(lambda x: wrong(gate, x), x, *mine)
#         assert caught, f"your test accepts this one: {name}"
# ### END HIDDEN TESTS

# %% [markdown]
# The third point is for wrong gates that you have not met: at least five of eight, after false
# alarms are taken off.

# %% test="strangers" points=1 tags=["active-ipynb"]
# mine = trials, accepts
# right = provided("cbam.SpatialGate")(7).double().eval()
# x = torch.randn(2, 4, 12, 14, dtype=torch.float64)
# assert not convicted(right, x, *mine), "your test refuses a right gate"
# cut = convicted(lambda x: right(x)[..., 3:-3, 3:-3], x, *mine)
# assert cut, "your test accepts a gate with the border cut off"
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes.wrong.cbam_suspects import right_gates, strangers
#
# x = torch.randn(3, 4, 14, 13, dtype=torch.float64)
# refused = [name for name, gate in strangers().items() if convicted(gate, x, *mine)]
# score = len(refused) - sum(convicted(gate, x, *mine) for gate in right_gates().values())
# assert score >= 5, (
#     f"your test scores {score} of {len(strangers())} wrong gates it had not met; expected 5. "
#     f"Hints 2 and 3 name laws; does your test ask for each of them?"
# )
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 6. Predict, then run (predict; 1 point, 10 minutes)
#
# A gate and a change of the input **commute** if x ↦ gate(x) · x and the change may trade places,
# for all x and all weights. Which of the two gates commutes with each change: "channel",
# "spatial", "both" or "neither"? Answer before you run the cell after yours.
#
# <details><summary>Hint 1</summary>The channel gate knows of each channel its mean, its maximum and
# its place among the others.</details>
# <details><summary>Hint 2</summary>The spatial gate knows of each place the mean and the maximum
# over the channels, and those of its neighbours, each with a weight of its own.</details>
# <details><summary>Hint 3</summary>A frame of zeros: what does zero padding see at the old border,
# and what is the gate worth where x is 0?</details>

# %% name="changes" tags=["setup"]
def shuffled(x, axis):
    return x.index_select(axis, torch.randperm(x.shape[axis]))


CHANGES = {
    "shuffle the positions": lambda x: shuffled(x.flatten(2), 2).view_as(x),
    "shuffle the channels": lambda x: shuffled(x, 1),
    "shuffle the images": lambda x: shuffled(x, 0),
    "mirror the map": lambda x: x.flip(3),
    "put a frame of zeros around": lambda x: F.pad(x, (4, 4, 4, 4)),
    "halve every number": lambda x: x / 2,
    "repeat every channel": lambda x: x.repeat_interleave(2, 1)[:, : x.shape[1]],
}


# %% solution="prediction"
def prediction(change):
    """Which gate commutes with CHANGES[change]: "channel", "spatial", "both" or "neither"."""
    ### BEGIN SOLUTION
    if change == "shuffle the images":
        return "both"
    if change in ("shuffle the channels", "put a frame of zeros around"):
        return "spatial"
    return "channel" if change in ("shuffle the positions", "mirror the map") else "neither"
    ### END SOLUTION


# %% name="prediction-run" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# def commutes(gate, change, x):
#     """Whether x -> gate(x) * x and the change agree in both orders."""
#     with torch.no_grad(), torch.random.fork_rng():
#         torch.manual_seed(1)
#         changed = change(x)
#         first = gate(changed) * changed
#         torch.manual_seed(1)
#         then = change(gate(x) * x)
#     return torch.allclose(first, then, atol=1e-5)
#
#
# torch.manual_seed(1)  # of some draws a gate is constant, and commutes with everything
# gates, x = (ready_channel(8, 2), ready_spatial(7).eval()), torch.randn(3, 8, 9, 9)
# for name, change in CHANGES.items():
#     found = [commutes(gate, change, x) for gate in gates]
#     word = {(1, 1): "both", (1, 0): "channel", (0, 1): "spatial", (0, 0): "neither"}[tuple(found)]
#     print(f"{name:28} predicted {prediction(name):8} found {word}")

# %% test="prediction" points=1 tags=["active-ipynb"]
# for change in CHANGES:
#     answer = prediction(change)
#     assert answer in ("channel", "spatial", "both", "neither"), (
#         f"prediction({change!r}) returned {answer!r}; expected one of the four words"
#     )
# ### BEGIN HIDDEN TESTS
# check("cbam.prediction", prediction)
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 7. Right on every map that was tried (find the bug; 2 points, 15 minutes)
#
# `WildGate` keeps the largest value so far while it walks through the channels, to save memory. Its
# author tried it after a ReLU, on hundreds of images, and it agreed with the reference to the last
# digit. Before a ReLU it does not. Write `MendedGate` with the same layers, and `exposing_input`,
# which returns an input (B, channels, height, width), B your choice, on which the two differ.
#
# <details><summary>Hint 1</summary>What does the walk return where every channel is
# negative?</details>
# <details><summary>Hint 2</summary>How many of random inputs have such a place when there are many
# channels? Build yours, do not draw it.</details>

# %% name="wild" tags=["setup"]
class WildGate(nn.Module):
    def __init__(self, kernel=7):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(1, momentum=0.01)

    def forward(self, x):
        largest, total = torch.zeros_like(x[:, :1]), torch.zeros_like(x[:, :1])
        for channel in x.split(1, dim=1):
            largest = torch.maximum(largest, channel)
            total = total + channel
        seen = torch.cat([largest, total / x.shape[1]], dim=1)
        return torch.sigmoid(self.bn(self.conv(seen)))


# %% solution="mended"
class MendedGate(nn.Module):
    """MendedGate(kernel=7): WildGate without its bug, (B, C, H, W) -> (B, 1, H, W)."""

    ### BEGIN SOLUTION
    def __init__(self, kernel=7):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(1, momentum=0.01)

    def forward(self, x):
        seen = torch.cat([x.amax(dim=1, keepdim=True), x.mean(dim=1, keepdim=True)], dim=1)
        return torch.sigmoid(self.bn(self.conv(seen)))
    ### END SOLUTION


# %% solution="exposing"
def exposing_input(channels, height, width):
    """An input (B, channels, height, width), B your choice, on which WildGate errs."""
    ### BEGIN SOLUTION
    return -1 - torch.rand(1, channels, height, width)
    ### END SOLUTION


# %% test="mended" points=1 tags=["active-ipynb"]
# check("cbam.mended", MendedGate, "values")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.mended", MendedGate, "values")
# ### END HIDDEN TESTS

# %% test="exposing" points=1 tags=["active-ipynb"]
# for channels, height, width in ((6, 5, 4), (64, 3, 8)):
#     called = f"exposing_input({channels}, {height}, {width})"
#     shown = exposing_input(channels, height, width)
#     assert isinstance(shown, torch.Tensor) and shown.is_floating_point(), (
#         f"{called} returned {shown!r}; expected a tensor of floats, as torch.rand gives"
#     )
#     assert shown.dim() == 4 and tuple(shown.shape[1:]) == (channels, height, width), (
#         f"{called} has shape {tuple(shown.shape)}; expected (B, {channels}, {height}, {width})"
#     )
#     small = shown.double() / shown.double().abs().amax().clamp(min=1e-12)  # no sigmoid saturates
#     wild = WildGate(3).double().eval()
#     right = provided("cbam.SpatialGate")(3).double().eval()
#     right.load_state_dict(wild.state_dict())
#     with torch.no_grad():
#         agree = torch.allclose(wild(small), right(small), rtol=0, atol=1e-8)
#     assert not agree, (
#         f"{called}: WildGate and a right gate agree on it. Is there a place at which all "
#         f"{channels} channels are negative?"
#     )
# ### BEGIN HIDDEN TESTS
# for channels, height, width in ((256, 4, 3), (3, 7, 2)):
#     shown = exposing_input(channels, height, width)
#     assert tuple(shown.shape[1:]) == (channels, height, width), (
#         f"exposing_input ignores the sizes it is given: {tuple(shown.shape)} came for "
#         f"{channels} channels and a map of {height} x {width}"
#     )
#     assert bool((shown.amax(dim=1) < -1e-3).any()), (
#         f"exposing_input({channels}, {height}, {width}): on other sizes the bug does not show; "
#         f"make every channel of some place clearly negative, however many there are"
#     )
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 8. Which of the two is near? (experiment; 3 points, 20 minutes)
#
# The question *beside*: every image holds an object with rows, one with columns, and a plain cue.
# One of the two lies straight across from the cue, the other slantwise and farther. Which texture
# has the near one? Both are in every image, so that averages over the map are the same whatever
# the answer; and no place of the host's map sees the cue and an object together.
#
# Three networks are trained: the plain host, the host with a channel gate alone, and the host with
# your block. Predict the three numbers first; guessing gives 0.5.

# %% name="question" tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# from attnlab.questions import draw
#
# recipe = RECIPES["beside"]
# shown = draw("beside", 8, seed=3, size=recipe["size"])
# figure, axes = plt.subplots(1, 8, figsize=(10, 1.6))
# for axis, image, label in zip(axes, shown.images, shown.labels, strict=True):
#     axis.imshow(image.permute(1, 2, 0))
#     axis.set_title(("rows", "columns")[label])
#     axis.axis("off")

# %% name="experiment" tags=["active-ipynb"]
# from attnlab.train import accuracy, run_recipe
#
#
# class ChannelsOnly(nn.Module):
#     def __init__(self, channels, reduction):
#         super().__init__()
#         self.gate = ready_channel(channels, reduction)
#
#     def forward(self, x):
#         return x * self.gate(x)
#
#
# new = draw("beside", 512, seed=77, size=recipe["size"])
# reached = {}
# for name, block in {"no block": None, "channels": ChannelsOnly, "your block": ready}.items():
#     trained = run_recipe(recipe, block)
#     reached[name] = accuracy(trained, new.images, new.labels)
#     print(f"{name:10} answers {reached[name]:.1f} of new images")

# %% name="experiment-answer" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("without a block under 0.7:      ", reached["no block"] < 0.7)
# print("with a channel gate under 0.7:  ", reached["channels"] < 0.7)
# print("with both gates over 0.9:       ", reached["your block"] > 0.9)

# %% test="experiment" points=2 tags=["active-ipynb", "trains"]
# check("cbam.beside", CBAM)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.beside", CBAM)
# ### END HIDDEN TESTS

# %% [markdown]
# On CIFAR-10 no single thing has to be found, and where a block helps, it helps by little: one
# training cannot show it. What it can show is that your block does no harm in a network of
# photographs, and that with the weights it has learned there it still is CBAM. Fetch the images
# once with `python -m attnlab.cifar10 data` (162 MB) beside this notebook; without them this cell
# is idle, and the check makes do with noise and takes no point.

# %% name="photographs" tags=["active-ipynb"]
# from attnlab import cifar10
# from attnlab.train import device_of, recipe_images, sized
#
# photographs = sized(RECIPES["cifar"] | {"config": {"reduction": 4}})
# if cifar10.absent():
#     print("no CIFAR-10 here")
# else:
#     images, labels = recipe_images(photographs, 1000, seed=77, split="choose")
#     for name, block in {"no block": None, "your block": ready}.items():
#         trained = run_recipe(photographs, block, device=device_of(photographs))
#         right = accuracy(trained, cifar10.floats(images), labels)
#         print(f"{name:10} is right about {right:.2f} of new photographs")

# %% test="photographs" points=1 tags=["active-ipynb", "trains", "gpu"]
# check("cbam.cifar", CBAM)
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("cbam.cifar", CBAM)
# ### END HIDDEN TESTS

# %% [markdown]
# **To think about.** Give `recipe | {"config": {"reduction": 2, "kernel": 3}}` to `run_recipe`: a
# window of 3 x 3 no longer reaches from the object to the cue. And what would a spatial gate need
# for the question *row*, where the cue may lie anywhere along its object's row?
