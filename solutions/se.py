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
# Source: J. Hu, L. Shen and G. Sun, "Squeeze-and-Excitation Networks", CVPR 2018, equations 2 to 4.
# We follow the equations: no biases, unless you ask for them as the released Caffe networks do.

# %% tags=["setup"]
import torch
import torch.nn.functional as F
from torch import nn


# %% solution="squeeze"
def squeeze(x):
    """Average every channel over its positions: (B, C, H, W) -> (B, C)  (eq. 2)."""
    ### BEGIN SOLUTION
    return x.mean(dim=(2, 3))
    ### END SOLUTION


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
