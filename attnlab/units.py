"""The units that hosts are built of: each has a slot for a block before its sum and one after.

Residual: K. He, X. Zhang, S. Ren and J. Sun, "Deep Residual Learning for Image Recognition", CVPR
2016, the basic block. Inverted: M. Sandler, A. Howard and others, "MobileNetV2: Inverted Residuals
and Linear Bottlenecks", CVPR 2018, with ReLU in place of ReLU6.
"""

import torch.nn.functional as F
from torch import Tensor, nn


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

    def path(self) -> tuple[nn.Conv2d, ...]:
        """The convolutions that one place sees through, in order."""
        return self.conv1, self.conv2


class Inverted(nn.Module):
    """(B, C, H, W) -> (B, D, H/stride, W/stride): wide inside, spatial one channel at a time.

    The sum is made where C = D and stride is 1, and nothing follows it; elsewhere there is only
    the branch. `kernels` holds that of the depthwise convolution first.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, kernels: tuple[int, ...]):
        super().__init__()
        kernel, wide = kernels[0], EXPANSION * inputs
        self.expand = nn.Conv2d(inputs, wide, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(wide)
        self.depthwise = nn.Conv2d(wide, wide, kernel, stride, kernel // 2, groups=wide, bias=False)
        self.norm2 = nn.BatchNorm2d(wide)
        self.project = nn.Conv2d(wide, outputs, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(outputs)
        self.summed = stride == 1 and inputs == outputs
        self.channels = outputs
        self.before_sum = nn.Identity()
        self.after_sum = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        branch = F.relu(self.norm1(self.expand(x)))
        branch = F.relu(self.norm2(self.depthwise(branch)))
        branch = self.before_sum(self.norm3(self.project(branch)))
        return self.after_sum(x + branch if self.summed else branch)

    def path(self) -> tuple[nn.Conv2d, ...]:
        """The convolutions that one place sees through, in order."""
        return self.expand, self.depthwise, self.project


EXPANSION = 4  # channels inside an inverted unit for each that arrives
UNITS = {"residual": Residual, "inverted": Inverted}
