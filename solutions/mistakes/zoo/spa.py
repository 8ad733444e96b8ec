"""What goes wrong in the spatial pyramid, and the sentence that helps."""

import torch

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.spa import SPABlock, grid_means

PAGE = "the-pyramid"


class Wide(SPABlock):
    def __init__(self, channels, *, hidden):
        super().__init__(channels, hidden=21 * hidden)


class FieldsFirst(SPABlock):
    def pyramid(self, x):
        grids = [grid_means(x, (n, n)).flatten(2) for n in self.pools]
        return torch.cat([grid.mT.flatten(1) for grid in grids], dim=1)


class ChannelByChannel(SPABlock):
    def pyramid(self, x):
        grids = [grid_means(x, (n, n)).flatten(2) for n in self.pools]
        return torch.cat(grids, dim=2).flatten(1)


class FinestFirst(SPABlock):
    def pyramid(self, x):
        return torch.cat([grid_means(x, (n, n)).flatten(1) for n in self.pools[::-1]], dim=1)


class FixedWindows(SPABlock):
    def pyramid(self, x):
        grids = []
        for n in self.pools:
            high, wide = (side // n for side in x.shape[2:])
            windows = x[:, :, : n * high, : n * wide].unfold(2, high, high).unfold(3, wide, wide)
            grids.append(windows.mean(dim=(4, 5)).flatten(1))
        return torch.cat(grids, dim=1)


class Sums(SPABlock):
    def pyramid(self, x):
        places = x.shape[2] * x.shape[3]
        grids = [grid_means(x, (n, n)).flatten(1) * places / (n * n) for n in self.pools]
        return torch.cat(grids, dim=1)


BLOCK = (
    Mistake(
        "the hidden layer grew too", "spa", Wide,
        "the hidden layer was made 21 times as wide along with its input, as in the files of the "
        "released DenseNet. It has C / r units.",
        "twenty-one times the parameters", PAGE,
    ),
    Mistake(
        "fields before channels", "spa", FieldsFirst,
        "within a grid the numbers stand field by field. All fields of one channel come first, "
        "then those of the next.",
        "weights load, and the gates are wrong", PAGE,
    ),
    Mistake(
        "channel by channel", "spa", ChannelByChannel,
        "all 21 numbers of a channel stand together. The grids follow one another: C numbers, then "
        "4 C, then 16 C.",
        "weights load, and only the first channel's mean is in its place", PAGE,
    ),
    Mistake(
        "finest grid first", "spa", FinestFirst,
        "the grid of 4 x 4 stands in front. The order is 1, 2, 4.",
        "weights load, and means are taken for corners", PAGE,
    ),
    Mistake(
        "fixed windows", "spa", FixedWindows,
        "windows of a quarter of the side leave a rim out where 4 does not divide it. Find the "
        "borders of the fields from the grid: field i begins at ⌊i H / n⌋.",
        "right on 8 by 8, wrong on 7 by 7", PAGE,
    ),
    Mistake(
        "sums of fields", "spa", Sums,
        "the fields hold sums. They hold means, whatever their size.",
        "the coarse grids drown the fine one", PAGE,
    ),
)  # fmt: skip


def _count(channels, hidden):
    return mechanism("spa").parameters(channels=channels, hidden=hidden)


TASKS = {
    "spa": BlockTask(
        SPABlock,
        configs=({"channels": 4, "hidden": 3}, {"channels": 6, "hidden": 2}),
        shapes=((2, 4, 6, 5), (2, 6, 9, 7)),
        mistakes=BLOCK,
        count=_count,
        formula="22 C h",
    )
}
