"""The profiles that every training runs in.

`tiny` trains the bench in seconds on a laptop, `cpu` a stated part of CIFAR-10, `gpu` all of it,
held on the device, in bfloat16, channels-last and compiled. `article` is the recipe of an article
whose claims are tested, see `attnlab.grids.article`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """How to train: everything that is the same for all blocks of a comparison."""

    epochs: int
    batch: int
    rate: float
    decay: float = 0.01
    memory: float = 0.95
    warmup: float = 0.1
    smoothing: float = 0.0
    bfloat16: bool = False
    channels_last: bool = False
    compiled: bool = False
    constant: bool = False  # the rate stays as it is, in place of one cycle


PROFILES: dict[str, Profile] = {
    "tiny": Profile(epochs=28, batch=64, rate=0.03, decay=0.003, channels_last=True),
    "cpu": Profile(epochs=8, batch=64, rate=0.01, channels_last=True),
    "gpu": Profile(
        epochs=30, batch=500, rate=0.01, smoothing=0.1,
        bfloat16=True, channels_last=True, compiled=True,
    ),
    "article": Profile(epochs=30, batch=32, rate=1e-4, decay=0.0, memory=0.999, constant=True),
    "article-cpu": Profile(
        epochs=8, batch=32, rate=1e-3, decay=0.0, memory=0.999, channels_last=True, constant=True,
    ),
}  # fmt: skip
