"""ResNet-50 with an attention block where papers put it: to count, not to train.

K. He, X. Zhang, S. Ren and J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016,
https://arxiv.org/abs/1512.03385, table 1. Build it under `torch.device("meta")` and it takes no
memory: its parameters and, through `attnlab.costs.count`, its multiply-adds can be counted.

The paper's bottleneck halves the map in its first 1x1 convolution, today's libraries in the 3x3
one. The parameters are the same; the multiply-adds are not (3.86 and 4.09 billion at 224 pixels),
which is why papers of the same year print both.
"""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

# What leaves stage 2, 3, 4, 5: channels, blocks, height and width from an image of 224 pixels.
STAGES = {2: (256, 3, 56), 3: (512, 4, 28), 4: (1024, 6, 14), 5: (2048, 3, 7)}

BlockFactory = Callable[[int], nn.Module]


class Bottleneck(nn.Module):
    """(B, C, H, W) -> (B, D, H/stride, W/stride): 1x1, 3x3, 1x1, with `slot` before the sum."""

    def __init__(self, inputs: int, outputs: int, stride: int, early: bool, slot: nn.Module):
        super().__init__()
        inner = outputs // 4
        first, second = (stride, 1) if early else (1, stride)
        self.branch = nn.Sequential(
            nn.Conv2d(inputs, inner, 1, first, bias=False), nn.BatchNorm2d(inner), nn.ReLU(),
            nn.Conv2d(inner, inner, 3, second, 1, bias=False), nn.BatchNorm2d(inner), nn.ReLU(),
            nn.Conv2d(inner, outputs, 1, bias=False), nn.BatchNorm2d(outputs),
        )  # fmt: skip
        self.slot = slot
        self.shortcut = nn.Identity()
        if inputs != outputs:
            convolution = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut = nn.Sequential(convolution, nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.shortcut(x) + self.slot(self.branch(x)))


class ResNet50(nn.Module):
    """Images (B, 3, H, W) -> logits (B, classes), with `block(channels)` in every bottleneck.

    The block stands after the last batch normalisation and before the residual sum, in the
    bottlenecks of `stages` (2 to 5), as Hu et al. place SE. early: halve in the 1x1, as the paper.
    """

    def __init__(
        self, block: BlockFactory | None = None, *, stages: tuple[int, ...] = (2, 3, 4, 5),
        classes: int = 1000, early: bool = False,
    ):  # fmt: skip
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
            nn.MaxPool2d(3, 2, 1),
        )  # fmt: skip
        self.blocks = nn.Sequential()
        inputs = 64
        for stage, (outputs, number, _) in STAGES.items():
            for index in range(number):
                stride = 2 if index == 0 and stage > 2 else 1
                slot = block(outputs) if block and stage in stages else nn.Identity()
                self.blocks.append(Bottleneck(inputs, outputs, stride, early, slot))
                inputs = outputs
        self.head = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(self.stem(x)).mean((2, 3)))
