"""Random flips and shifts of a whole batch, on the device that holds the images.

As in the CIFAR-10 part of He et al., CVPR 2016: mirrored in half of the cases and shifted by up to
four pixels. Not in the paper: the border is filled by reflection instead of zeros.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

SHIFT = 4  # pixels


def flip_and_shift(images: Tensor, generator: torch.Generator) -> Tensor:
    """(N, C, H, W) -> the same shape; every image gets its own flip and shift.

    `generator` lives on the CPU, so that the same seed draws the same on every device.
    """
    n, _, height, width = images.shape
    flips = torch.randint(0, 2, (n, 1), generator=generator, dtype=torch.bool)
    down, right = torch.randint(0, 2 * SHIFT + 1, (2, n, 1), generator=generator)
    columns = torch.arange(width).expand(n, width)
    columns = torch.where(flips, columns.flip(1), columns) + right  # (n, width)
    rows = torch.arange(height) + down  # (n, height)
    padded = F.pad(images, (SHIFT,) * 4, mode="reflect").permute(0, 2, 3, 1)
    rows, columns = rows.to(images.device), columns.to(images.device)
    each = torch.arange(n, device=images.device)[:, None, None]
    return padded[each, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
