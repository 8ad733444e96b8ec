"""The host network: a small residual network with one slot for an attention block.

A stem, residual stages (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016,
basic blocks), global average pooling, one linear layer. Normalisation is BatchNorm: a norm that
takes its statistics from one image (GroupNorm, LayerNorm over the map) would itself carry facts
from one place to every other, which is what the blocks are there to do.

Not in the paper: the bench's shape cuts the image into 4x4 patches and has a single 3x3
convolution, all others are 1x1, so that one place sees 12 pixels and the cue of a question is out
of its sight.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import torch.nn.functional as F
from torch import Tensor, nn

PLACEMENTS: dict[str, str] = {
    "stage1": "once, after the first residual stage",
    "before-sum": "once, on the branch of the first residual block, before the sum",
    "after-sum": "once, in the first residual block, between the sum and its ReLU",
    "last": "once, on the branch of the last residual block, before the sum",
    "every": "in every residual block, on the branch before the sum, as the SE paper does",
}

BlockFactory = Callable[[int], nn.Module]


@dataclass(frozen=True)
class Stage:
    """Residual blocks of one width (a multiple of the host's) and one map size."""

    widen: int
    stride: int
    kernels: tuple[int, int]
    blocks: int = 1


@dataclass(frozen=True)
class Shape:
    """The stem's stride (its kernel is 4 at stride 4, else 3) and the stages."""

    stem: int
    stages: tuple[Stage, ...]


SHAPES: dict[str, Shape] = {
    "bench": Shape(4, (Stage(1, 1, (3, 1)), Stage(2, 1, (1, 1)))),
    "cifar": Shape(2, (Stage(1, 1, (3, 3)), Stage(2, 2, (3, 3)), Stage(4, 2, (3, 3)))),
    "cifar-all": Shape(1, (Stage(1, 1, (3, 3)), *(Stage(2**k, 2, (3, 3)) for k in (1, 2, 3)))),
}


class UnknownPlacement(KeyError):
    """A placement that is not in `PLACEMENTS`; the message names the nearest one."""

    def __str__(self) -> str:
        return self.args[0]


class Residual(nn.Module):
    """(B, C, H, W) -> (B, D, H/stride, W/stride), with a slot before and one after the sum."""

    def __init__(self, inputs: int, outputs: int, stride: int, kernels: tuple[int, int]):
        super().__init__()
        first, second = kernels
        self.conv1 = nn.Conv2d(inputs, outputs, first, stride, first // 2, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, second, 1, second // 2, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride > 1 or inputs != outputs:
            convolution = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut = nn.Sequential(convolution, nn.BatchNorm2d(outputs))
        self.channels = outputs
        self.before_sum = nn.Identity()
        self.after_sum = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        branch = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(self.after_sum(self.shortcut(x) + self.before_sum(branch)))


class Host(nn.Module):
    """Images (B, 3, H, W) -> logits (B, classes), with `block(channels)` in the slot.

    With `dense`, logits (B, classes, H, W): a 1x1 convolution gives every place of the last map
    the logits of all pixels under it. `shape` names one of `SHAPES`. `widths` sets the channels of
    each stage (the stem has the first stage's) in place of `width` times the shape's multiples.
    The host's own layers are made before the blocks, so the same torch seed gives the same host
    whatever the block. Raises UnknownPlacement, and ValueError for the wrong number of widths.
    """

    def __init__(
        self, block: BlockFactory | None = None, placement: str = "stage1", *, classes: int = 4,
        width: int = 16, widths: Sequence[int] | None = None, shape: str = "bench",
        dense: bool = False,
    ):  # fmt: skip
        super().__init__()
        _known(placement)
        plan = SHAPES[shape]
        widths = tuple(widths or shape_widths(shape, width))
        if len(widths) != len(plan.stages):
            raise ValueError(
                f"Host: expected a width for each of the {len(plan.stages)} stages of shape "
                f"{shape!r}, got {widths}"
            )
        kernel = max(3, plan.stem)
        self.stem = nn.Conv2d(3, widths[0], kernel, plan.stem, 4 - kernel, bias=False)
        self.norm = nn.BatchNorm2d(widths[0])
        self.stages, inputs = nn.ModuleList(), widths[0]
        for stage, outputs in zip(plan.stages, widths, strict=True):
            units = []
            for number in range(stage.blocks):
                stride = stage.stride if number == 0 else 1
                units.append(Residual(inputs, outputs, stride, stage.kernels))
                inputs = outputs
            self.stages.append(nn.Sequential(*units))
        self.after_stage1 = nn.Identity()
        self.stride = plan.stem * math.prod(stage.stride for stage in plan.stages)
        self.dense = dense
        pixels = self.stride**2
        self.head = nn.Conv2d(inputs, classes * pixels, 1) if dense else nn.Linear(inputs, classes)
        self.placement = placement
        if block is not None:
            self._fill(block)

    def slots(self) -> dict[str, int]:
        """The places for blocks by module name, and the channels of the map that arrives there."""
        units = {
            f"stages.{s}.{u}": unit
            for s, stage in enumerate(self.stages)
            for u, unit in enumerate(stage)
        }
        if self.placement == "stage1":
            return {"after_stage1": self.stages[0][-1].channels}
        if self.placement == "after-sum":
            return {"stages.0.0.after_sum": self.stages[0][0].channels}
        chosen = {"before-sum": [*units][:1], "last": [*units][-1:], "every": [*units]}
        return {f"{name}.before_sum": units[name].channels for name in chosen[self.placement]}

    def _fill(self, block: BlockFactory) -> None:
        for name, channels in self.slots().items():
            parent, _, leaf = name.rpartition(".")
            setattr(self.get_submodule(parent), leaf, block(channels))

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) -> the last map (B, C, H', W'), before pooling."""
        x = F.relu(self.norm(self.stem(x)))
        x = self.after_stage1(self.stages[0](x))
        for stage in self.stages[1:]:
            x = stage(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        if not self.dense:
            return self.head(self.features(x).mean((2, 3)))
        logits = F.pixel_shuffle(self.head(self.features(x)), self.stride)
        over = (0, x.shape[3] - logits.shape[3], 0, x.shape[2] - logits.shape[2])
        return F.pad(logits, over)  # sizes that the stride does not divide: crop, or add zeros

    @property
    def reach(self) -> int:
        """Height and width in pixels of what one place of the last map sees, without blocks."""
        reach, jump = self.stem.kernel_size[0], self.stem.stride[0]
        for unit in (unit for stage in self.stages for unit in stage):
            for convolution in (unit.conv1, unit.conv2):
                reach += (convolution.kernel_size[0] - 1) * jump
                jump *= convolution.stride[0]
        return reach


def shape_widths(shape: str, width: int) -> tuple[int, ...]:
    """The channels of each stage of a host of that shape and width."""
    return tuple(width * stage.widen for stage in SHAPES[shape].stages)


def parameters(model: nn.Module) -> int:
    """The number of learned values in a module."""
    return sum(p.numel() for p in model.parameters())


def _known(placement: str) -> None:
    if placement not in PLACEMENTS:
        near = get_close_matches(placement, PLACEMENTS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(PLACEMENTS)}"
        raise UnknownPlacement(f"no placement {placement!r}; {hint}")
