"""Recurrent attention CNN: a network proposes a square, which is cut out, enlarged, and read again.

Source: J. Fu, H. Zheng and T. Mei, "Look Closer to See Better: Recurrent Attention Convolutional
Neural Network for Fine-Grained Image Recognition", CVPR 2017,
<https://doi.org/10.1109/CVPR.2017.476>, sections 3.2 and 3.3: a mask of sigmoids,
M = [h(x - x_tl) - h(x - x_br)] [h(y - y_tl) - h(y - y_br)], h(u) = 1 / (1 + exp(-k u)),
and the rank loss max(0, p_s - p_(s+1) + 0.05).

The authors released Caffe code only. We follow jeong-tae/RACNN-pytorch at commit 463fa7f in what it
computes forward: t_x counts rows, a half side is at least a third of the image, and the box is cut
at truncated pixels. Backward we differ: the port puts a hand-made rule in place of the derivative;
ours is the derivative of the mask, so the box moves by what the loss says.

The port takes the rank loss of logits, the paper of probabilities; the loss here takes either.
"""

import torch
from torch import Tensor, nn

from solutions.ra import bilinear


def boxcar(length: int, start: Tensor, end: Tensor, k: float = 10.0) -> Tensor:
    """h(u - start) - h(u - end) at the pixels u = 0 ... length - 1: (B,), (B,) -> (B, length).

    About 1 inside and 0 outside; the larger k, the sharper. It has a gradient to both ends.
    """
    u = torch.arange(length, dtype=start.dtype, device=start.device)
    return torch.sigmoid(k * (u - start[:, None])) - torch.sigmoid(k * (u - end[:, None]))


class AttentionCrop(nn.Module):
    """Images (B, C, S, S) and boxes (B, 3) -> (B, C, out, out).

    A box is (row, column, half side) in pixels. The half side is taken as at least S * least, and
    the centre is moved so that the box stays inside. Raises ValueError for images that are not
    square, as the box is.
    """

    def __init__(self, out: int = 224, *, k: float = 10.0, least: float = 1 / 3) -> None:
        super().__init__()
        self.out, self.k, self.least = out, k, least

    def box(self, where: Tensor, size: int) -> tuple[Tensor, Tensor]:
        """First and last rows and columns (B, 2) and (B, 2), inside an image of that size."""
        half = where[:, 2:].clamp(size * self.least, size / 2)  # half the image is all of it
        centre = torch.minimum(torch.maximum(where[:, :2], half), size - half)
        return centre - half, centre + half

    def forward(self, x: Tensor, where: Tensor) -> Tensor:
        if x.shape[2] != x.shape[3]:
            raise ValueError(f"AttentionCrop: expected square images, got {tuple(x.shape)}; pad x")
        size = x.shape[2]
        first, last = self.box(where, size)
        # Cut and mask begin at whole pixels, as in the port; the gradient passes the rounding by.
        starts, ends = (at + (at.detach().trunc() - at.detach()) for at in (first, last))
        rows = boxcar(size, starts[:, 0], ends[:, 0], self.k)
        columns = boxcar(size, starts[:, 1], ends[:, 1], self.k)
        masked = x * (rows[:, None, :, None] * columns[:, None, None, :])
        cuts = torch.cat([starts, ends], dim=1).long().tolist()
        cut = [
            image[None, :, top:bottom, left:right]
            for image, (top, left, bottom, right) in zip(masked, cuts, strict=True)
        ]
        return torch.cat([bilinear(piece, (self.out, self.out)) for piece in cut])


class RankLoss(nn.Module):
    """Scores of the true class at each scale (B, scales) -> a number, the mean over the batch.

    A finer scale is asked to be surer than the coarser one before it, by a margin.
    """

    def __init__(self, margin: float = 0.05) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, scores: Tensor) -> Tensor:
        steps = scores[:, :-1] - scores[:, 1:] + self.margin
        return steps.clamp(min=0).sum(dim=1).mean()


class AttentionProposal(nn.Module):
    """Features (B, features) -> a box (B, 3) in pixels of an image of that size.

    Two layers with tanh between, and a sigmoid times the size (section 3.2).
    """

    def __init__(self, features: int, size: int, hidden: int = 1024) -> None:
        super().__init__()
        self.size = size
        self.layers = nn.Sequential(
            nn.Linear(features, hidden), nn.Tanh(), nn.Linear(hidden, 3), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.size * self.layers(x)
