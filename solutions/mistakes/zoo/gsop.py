"""What goes wrong in second-order pooling, and the sentence that helps."""

import torch
import torch.nn.functional as F

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.gsop import GSoPBlock, covariance

PAGE = "second-order"


class Pooled(GSoPBlock):
    """A gate whose table of channels `second` can be exchanged."""

    def second(self, seen):
        return covariance(seen)

    def reduced(self, x):
        return F.relu(self.reduce(x)).flatten(2)

    def gates(self, x):
        return torch.sigmoid(self.expand(self.row(self.second(self.reduced(x)))))


class Uncentred(Pooled):
    def second(self, seen):
        return seen @ seen.mT / seen.shape[2]


class WholeBatch(Pooled):
    def second(self, seen):
        table = covariance(seen.transpose(0, 1).flatten(1)[None])
        return table.expand(len(seen), -1, -1)


class CentredByChannels(Pooled):
    def second(self, seen):
        return covariance(seen, seen.shape[1])


class Correlation(Pooled):
    def second(self, seen):
        table = covariance(seen)
        spread = table.diagonal(dim1=1, dim2=2).clamp(min=1e-12).sqrt()
        return table / (spread[:, :, None] * spread[:, None])


class NoReLU(Pooled):
    def reduced(self, x):
        return self.reduce(x).flatten(2)


class DiagonalOnly(Pooled):
    def second(self, seen):
        return torch.diag_embed(seen.var(dim=2, correction=0))


BLOCK = (
    Mistake(
        "not centred", "gsop", Uncentred,
        "the products are averaged and the product of the means is not taken away.",
        "the gates follow brightness", PAGE,
    ),
    Mistake(
        "one table for the batch", "gsop", WholeBatch,
        "the images were laid side by side before the covariance. Each image has its own.",
        "an image alone gets other gates than in its batch", PAGE,
    ),
    Mistake(
        "wrong count", "gsop", CentredByChannels,
        "the sums are divided by the number of channels. Divide by the number of positions, those "
        "that were summed over.",
        "what should be centred is not", PAGE,
    ),
    Mistake(
        "correlation", "gsop", Correlation,
        "the rows were divided by their spreads. GSoP keeps covariances, and a batch normalisation "
        "follows.",
        "how much a channel varies leaves no trace", PAGE,
    ),
    Mistake(
        "variances alone", "gsop", DiagonalOnly,
        "only the diagonal is left of the table. What channels do together stands beside it.",
        "stripes in step and out of step get the same gates", PAGE,
    ),
    Mistake(
        "no ReLU behind the reduction", "gsop", NoReLU,
        "the reduced map goes into the covariance as its norm leaves it. A ReLU stands between.",
        "negative answers are counted as if they were strong", PAGE,
    ),
)  # fmt: skip


def _count(channels, inner, stride):
    return mechanism("gsop").parameters(channels=channels, inner=inner)


TASKS = {
    "gsop": BlockTask(
        GSoPBlock,
        configs=(
            {"channels": 6, "inner": 4, "stride": 1},
            {"channels": 5, "inner": 3, "stride": 2},
        ),
        shapes=((3, 6, 4, 5), (2, 5, 7, 9)),
        mistakes=BLOCK,
        count=_count,
        formula="C d + 4 d² + 9 d + 4 d C + C",
    )
}
