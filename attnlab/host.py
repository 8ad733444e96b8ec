"""The host network: a small residual network with one slot for an attention block.

A stem, stages of residual units (`attnlab.units`), global average pooling, one linear layer.
Normalisation is BatchNorm: a norm that
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

from attnlab.units import UNITS

PLACEMENTS: dict[str, str] = {
    "stage1": "once, after the first residual stage",
    "stage2": "once, after the second residual stage",
    "stage3": "once, after the third residual stage",
    "stage4": "once, after the fourth residual stage",
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
    """The stem's stride and the stages, which are made of `unit`.

    The stem's kernel is 4 at stride 4, else 3, if none is given; `pooled` puts a 3x3 max pool of
    stride 2 behind it. Images are first made `enlarge` times as large, which nothing is gained by
    but the maps' size.
    """

    stem: int
    stages: tuple[Stage, ...]
    unit: str = "residual"
    kernel: int | None = None
    pooled: bool = False
    enlarge: int = 1


SHAPES: dict[str, Shape] = {
    "bench": Shape(4, (Stage(1, 1, (3, 1)), Stage(2, 1, (1, 1)))),
    "cifar": Shape(2, (Stage(1, 1, (3, 3)), Stage(2, 2, (3, 3)), Stage(4, 2, (3, 3)))),
    "mobile": Shape(
        2, (Stage(1, 1, (3,), 2), *(Stage(2**k, 2, (3,), 2) for k in (1, 2))), unit="inverted",
    ),
    "resnet18": Shape(
        2, (Stage(1, 1, (3, 3), 2), *(Stage(2**k, 2, (3, 3), 2) for k in (1, 2, 3))),
        kernel=7, pooled=True, enlarge=3,
    ),
    "cifar-all": Shape(1, (Stage(1, 1, (3, 3)), *(Stage(2**k, 2, (3, 3)) for k in (1, 2, 3)))),
}


class UnknownPlacement(KeyError):
    """A placement that is not in `PLACEMENTS`; the message names the nearest one."""

    def __str__(self) -> str:
        return self.args[0]


class Host(nn.Module):
    """Images (B, 3, H, W) -> logits (B, classes), with `block(channels)` in the slot.

    With `dense`, logits (B, classes, H, W): a 1x1 convolution gives every place of the last map
    the logits of all pixels under it; no shape that enlarges its images is made for that. `shape`
    names one of `SHAPES`. `widths` sets the channels of each stage (the stem has the first
    stage's) in place of `width` times the shape's multiples. The host's own layers are made before
    the blocks, so the same torch seed gives the same host whatever the block. Raises
    UnknownPlacement, and ValueError for the wrong number of widths.
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
        self.stem = _stem(plan, widths[0])
        self.pool = nn.MaxPool2d(3, 2, 1) if plan.pooled else nn.Identity()
        self.enlarge = plan.enlarge
        self.norm = nn.BatchNorm2d(widths[0])
        self.stages, inputs = nn.ModuleList(), widths[0]
        for stage, outputs in zip(plan.stages, widths, strict=True):
            units = []
            for number in range(stage.blocks):
                stride = stage.stride if number == 0 else 1
                units.append(UNITS[plan.unit](inputs, outputs, stride, stage.kernels))
                inputs = outputs
            self.stages.append(nn.Sequential(*units))
        for number in range(1, len(self.stages) + 1):
            setattr(self, f"after_stage{number}", nn.Identity())
        strides = math.prod(stage.stride for stage in plan.stages)
        self.stride = plan.stem * strides * (2 if plan.pooled else 1) // plan.enlarge
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
        if self.placement.startswith("stage"):
            number = int(self.placement.removeprefix("stage"))
            if number > len(self.stages):
                raise UnknownPlacement(
                    f"no placement {self.placement!r} in a host of {len(self.stages)} stages; "
                    f"choose stage{len(self.stages)} or an earlier one"
                )
            return {f"after_{self.placement}": self.stages[number - 1][-1].channels}
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
        if self.enlarge > 1:
            x = F.interpolate(x, scale_factor=self.enlarge, mode="bilinear")
        x = self.pool(F.relu(self.norm(self.stem(x))))
        for number, stage in enumerate(self.stages, 1):
            x = getattr(self, f"after_stage{number}")(stage(x))
        return x

    def forward(self, x: Tensor) -> Tensor:
        if not self.dense:
            return self.head(self.features(x).mean((2, 3)))
        logits = F.pixel_shuffle(self.head(self.features(x)), self.stride)
        over = (0, x.shape[3] - logits.shape[3], 0, x.shape[2] - logits.shape[2])
        return F.pad(logits, over)  # sizes that the stride does not divide: crop, or add zeros

    @property
    def reach(self) -> int:
        """Height and width of what one place of the last map sees, without blocks.

        In pixels of the image that the stem gets: that `enlarge` times as large.
        """
        pools = [self.pool] if isinstance(self.pool, nn.MaxPool2d) else []
        units = [unit for stage in self.stages for unit in stage]
        seen = [self.stem, *pools, *(layer for unit in units for layer in unit.path())]
        reach, jump = 1, 1
        for kernel, stride in ((_side(layer.kernel_size), _side(layer.stride)) for layer in seen):
            reach += (kernel - 1) * jump
            jump *= stride
        return reach


def _side(size: int | tuple[int, ...]) -> int:
    return size if isinstance(size, int) else size[0]


def _stem(plan: Shape, channels: int) -> nn.Conv2d:
    kernel = plan.kernel or max(3, plan.stem)
    padding = kernel // 2 if kernel % 2 else 0
    return nn.Conv2d(3, channels, kernel, plan.stem, padding, bias=False)


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
