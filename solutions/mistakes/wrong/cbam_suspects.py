"""Spatial gates for the task "write the test": right ones, and wrong ones that nobody has shown.

Every gate is a function (B, C, H, W) -> (B, 1, H, W), in eval mode and float64.
"""

import torch
import torch.nn.functional as F

from solutions.cbam import SpatialGate


def _gate(kernel=7, **settings):
    return SpatialGate(kernel, **settings).double().eval()


def right_gates():
    """Right gates by what is special about their weights."""
    trained = _gate().train()
    for _ in range(5):
        trained(3 + 2 * torch.randn(4, 5, 9, 9, dtype=torch.float64))
    sure = _gate()
    with torch.no_grad():
        sure.bn.weight.fill_(4.0)
    return {
        "fresh weights": _gate(),
        "the paper's order of maps": _gate(maps=("avg", "max"), norm=False),
        "running statistics of a training": trained.eval(),
        "large weights": sure,
    }


def strangers():
    """Wrong gates by the law that they break."""
    right, small, means, largest = _gate(), _gate(3), _gate(maps=("avg",)), _gate(maps=("max",))
    shares = torch.rand(64, dtype=torch.float64) + 0.5
    fresh = _gate().train()

    def around(x):
        return right(F.pad(x, (3, 3, 3, 3), mode="circular"))[..., 3:-3, 3:-3]

    def strided(x):
        coarse = right(x)[..., ::2, ::2]
        fine = coarse.repeat_interleave(2, 2).repeat_interleave(2, 3)
        return fine[..., : x.shape[2], : x.shape[3]]

    return {
        "a window of 3 x 3": small,
        "the mean only": means,
        "the maximum only": largest,
        "channels have weights": lambda x: right(x * shares[: x.shape[1], None, None]),
        "the statistics of the batch": fresh,
        "a gate for each channel": lambda x: right(x).expand_as(x),
        "the map is taken for a ring": around,
        "one gate for four places": strided,
    }
