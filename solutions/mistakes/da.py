"""What goes wrong in the dual attention exercise, task by task, and the sentence that helps."""

import torch

from attnlab.check.cases import BlockTask, FunctionTask, Mistake, TrainTask
from attnlab.mechanisms import mechanism
from attnlab.train import RECIPES
from solutions import da
from solutions.mistakes.wrong import da_channel as channels
from solutions.mistakes.wrong import da_position as positions
from solutions.mistakes.wrong.da_functions import FUNCTIONS

POSITION = (
    Mistake(
        "softmax over those who look", "position", positions.SoftmaxOverQueries,
        "the softmax runs over j, the positions that look. Whoever looks shares out its attention, "
        "so each row sums to 1: dim=-1.",
        "some positions receive nearly nothing, others many times too much",
    ),
    Mistake(
        "softmax over the batch", "position", positions.SoftmaxOverBatch,
        "the softmax runs over axis 0, the batch, and the images share out one attention.",
        "alone, an image gets the plain sum of all values",
    ),
    Mistake(
        "no softmax", "position", positions.NoSoftmax,
        "there is no softmax: the affinities are used as they are, negative ones too.",
        "the new term is far too large, and grows with the map",
    ),
    Mistake(
        "divided by N", "position", positions.DividesByPositions,
        "the affinities are divided by N. That is the dot-product form of a non-local block; this "
        "one takes a softmax.",
        "negative weights, and none stands out",
    ),
    Mistake(
        "scaled", "position", positions.Scaled,
        "the affinities are divided by the root of c, as in a Transformer. Equation 1 does not "
        "scale.",
        "all weights are too even",
    ),
    Mistake(
        "queries and keys exchanged", "position", positions.RolesExchanged,
        "queries and keys have changed places. The row of the affinity is the one who looks: its "
        "query meets everybody's key.",
        "the numbers are those of the transposed affinity",
    ),
    Mistake(
        "view in place of a transpose", "position", positions.ViewForTranspose,
        "a reshape from (B, c, N) to (B, N, c) keeps the numbers in their order and mixes channels "
        "with positions. Exchange the axes: transpose(1, 2).",
        "shapes fit, and neighbours in memory attend to one another",
    ),
    Mistake(
        "sums along the columns", "position", positions.ReadsColumns,
        "the weighted sums run along a column of the affinity. Row j holds the weights of who "
        "looks, so multiply the values by the affinity transposed.",
        "a position that nobody looks at gets nothing",
    ),
    Mistake(
        "left transposed", "position", positions.LeftTransposed,
        "the sums are still (B, N, C) when they become a map. Exchange the axes back before the "
        "view.",
        "stripes: channels and positions are mixed in the output",
    ),
    Mistake(
        "values never used", "position", positions.ValuesOfKeys,
        "the sums run over x itself, and the layer of the values is never used.",
        "no gradient reaches the layer of the values",
    ),
    Mistake(
        "no values", "position", positions.NoValues,
        "there is no layer for the values: D is a 1x1 convolution of x, as wide as x.",
        "C² + C parameters too few",
    ),
    Mistake(
        "wide queries", "position", positions.WideQueries,
        "queries and keys are as wide as x. They have C // r channels.",
        "too many parameters",
    ),
    Mistake(
        "no biases", "position", positions.NoBiases,
        "the convolutions have no biases. Here all three have them, the default of nn.Conv2d.",
        "C + 2c parameters too few",
    ),
    Mistake(
        "no γ", "position", positions.NoGamma,
        "there is no γ. One learned number multiplies the weighted sums.",
        "one parameter too few, and a fresh block changes everything",
    ),
    Mistake(
        "a γ for each channel", "position", positions.GammaPerChannel,
        "γ has one number for each channel. It is one number: nn.Parameter(torch.zeros(1)).",
        "C - 1 parameters too many",
    ),
    Mistake(
        "γ starts at 1", "position", positions.GammaOne,
        "γ starts at 1. Start at 0, so that a fresh block leaves a trained network as it was.",
        "put into a trained network, it ruins it before the first step",
        breaks="birth",
    ),
    Mistake(
        "γ on the whole sum", "position", positions.GammaOnTheSum,
        "γ multiplies x as well. It belongs to the weighted sums only: x + γ * sums.",
        "a fresh block gives zeros",
    ),
    Mistake(
        "x not added", "position", positions.NoResidual,
        "x is not added. The block ends with x + γ * sums.",
        "a fresh block gives zeros, and only γ gets a gradient",
    ),
    Mistake(
        "mutates its input", "position", positions.MutatesInput,
        "x is changed in place by +=. Write x + ..., which makes a new tensor.",
        "the numbers are right, and the caller's x is not what it was",
        breaks="input",
    ),
)  # fmt: skip

CHANNEL = (
    Mistake(
        "the tidied sign", "channel", channels.AlwaysPaper,
        "with sign=-1 the weights are still softmax(+E). The released code takes max - energy, "
        "which is softmax(-E): the least alike channel counts most.",
        "sign makes no difference, and each channel mostly looks at itself",
    ),
    Mistake(
        "the paper's sign ignored", "channel", channels.AlwaysCode,
        "with sign=1 the weights are still softmax(-E). Equation 3 of the paper has softmax(+E).",
        "right at sign=-1, wrong at sign=1",
    ),
    Mistake(
        "signs exchanged", "channel", channels.SignExchanged,
        "the two signs are exchanged: -1 is the released code, softmax(-E); 1 is the paper.",
        "wrong at both signs, and right if you swap them",
    ),
    Mistake(
        "maximum of another axis", "channel", channels.MaxOfColumns,
        "the maximum is taken along one axis and the softmax along another. Only a number that is "
        "the same along the softmax's axis leaves the softmax alone.",
        "channels with large energies are preferred on top of the sign",
    ),
    Mistake(
        "softmax over those who look", "channel", channels.SoftmaxOfColumns,
        "the softmax runs over the channels that look. Each row belongs to one of them and sums "
        "to 1: dim=-1.",
        "columns sum to 1 and rows do not",
    ),
    Mistake(
        "no softmax", "channel", channels.NoSoftmax,
        "there is no softmax: the energies themselves are used as weights.",
        "numbers in the hundreds",
    ),
    Mistake(
        "mean in place of the sum", "channel", channels.MeanEnergy,
        "the energies are divided by N. Equation 3 adds the products up.",
        "weights too even, the more so the larger the map",
    ),
    Mistake(
        "cosine", "channel", channels.Cosine,
        "the channels are brought to length 1 before they are compared. Here a strong channel has "
        "large energies.",
        "all weights nearly the same",
    ),
    Mistake(
        "compares positions", "channel", channels.Positions,
        "the affinity is N x N: this compares positions. Multiply (B, C, N) by (B, N, C).",
        "memory grows with the square of the map",
    ),
    Mistake(
        "one affinity for the batch", "channel", channels.SharedBatch,
        "the energies are averaged over the batch. Each image has its own C x C affinity.",
        "an image's output changes with its company",
    ),
    Mistake(
        "sign outside the softmax", "channel", channels.SignOutside,
        "the sign multiplies the weights, not the energies, so that at -1 they are negative.",
        "rows sum to -1",
    ),
    Mistake(
        "a layer of values", "channel", channels.Projected,
        "there is a layer for the values. Channel attention projects nothing: β is its only "
        "parameter.",
        "C² + C parameters too many",
    ),
    Mistake(
        "β starts at 1", "channel", channels.BetaOne,
        "β starts at 1. It starts at 0, and a fresh block passes x through.",
        "a fresh block doubles some channels",
        breaks="birth",
    ),
    Mistake(
        "x left out", "channel", channels.NoResidual,
        "x is not added. Equation 4 ends with + X.",
        "a fresh block gives zeros",
    ),
)  # fmt: skip

HEAD = (
    Mistake(
        "branches multiplied", "head", channels.Multiplies,
        "the two branches are multiplied. They are added.",
        "where one branch is zero, so is the sum",
    ),
    Mistake(
        "attends twice", "head", channels.AttendsTwice,
        "a branch attends two times in a row. Each of the two blocks runs once.",
        "right at birth, and never again",
    ),
    Mistake(
        "one narrowing for both", "head", channels.OneNarrowing,
        "both branches read the same narrowed map. Each has a ConvNorm of its own before it "
        "attends.",
        "9C²/4 parameters and a BatchNorm too few",
    ),
    Mistake(
        "no second convolution", "head", channels.NoSecondConvolution,
        "each branch convolves once more after it has attended.",
        "two ConvNorm too few",
    ),
    Mistake(
        "branches side by side", "head", channels.Concatenates,
        "the branches are laid side by side, so the classifier is twice as wide. They are added.",
        "classes · C/4 parameters too many",
    ),
)  # fmt: skip

CODE, PAPER = {"channels": 6}, {"channels": 5, "sign": 1}
BLOCKS = {
    "position": BlockTask(
        da.PositionAttention,
        ({"channels": 8, "reduction": 2}, {"channels": 8}, {"channels": 12, "reduction": 4}),
        ((2, 8, 4, 3), (2, 8, 3, 4), (2, 12, 3, 3)),
        POSITION,
        count=lambda channels, reduction=8: mechanism("da").parameters(
            channels=channels, key_channels=channels // reduction, channel=0
        ),
        formula="2*(C*c + c) + C**2 + C + 1 with c = C // r",
        identity=True,
        idle=("key.bias",),  # the same number for all i under a softmax over i
    ),
    "channel": BlockTask(
        da.ChannelAttention, (CODE, PAPER, CODE), ((2, 6, 2, 3), (2, 5, 3, 2), (3, 6, 3, 2)),
        CHANNEL, count=lambda channels, sign=-1: 1, formula="1, which is β", identity=True,
    ),
    "head": BlockTask(
        da.DAHead, ({"channels": 8, "classes": 3}, {"channels": 12, "classes": 2}),
        ((2, 8, 4, 3), (2, 12, 3, 4)), HEAD, idle=("pam.key.bias",),
    ),
}  # fmt: skip


def _macs(rng):
    height, width = torch.randint(5, 60, (2,), generator=rng).tolist()
    return [(64, 32, 32), (256, height, width), (48, 7, 9), (512, width, height)]


def _reduced(rng):
    return [*_macs(rng), (64, 12, 20, 4)]


def _widths(rng):
    more = 8 * torch.randint(20, 90, (2,), generator=rng)
    return [(width,) for width in (64, 512, *more.tolist())]


def _layers(rng):
    return [(c, torch.randn(1, generator=rng, dtype=torch.float64)) for c in (3, 6)]


def _changes(rng):
    return [(block, change) for block in ("position", "channel") for change in da.CHANGES]


def _claims(rng):
    return [(number,) for number in da.CLAIMS]


def _of(task):
    return tuple(mistake for mistake in FUNCTIONS if mistake.task == task)


_ASKED = {
    "position_macs": (da.position_macs, _reduced),
    "channel_macs": (da.channel_macs, _macs),
    "crossing": (da.crossing, _widths),
    "last_layer": (da.last_layer, _layers),
    "prediction": (da.prediction, _changes),
    "allowed": (da.allowed, _claims),
}
_PHOTOS = RECIPES["cifar"] | {"config": {"reduction": 2}}

TASKS = {
    **BLOCKS,
    **{name: FunctionTask(*ask, mistakes=_of(name)) for name, ask in _ASKED.items()},
    "mark": TrainTask(da.PositionAttention, RECIPES["mark-da"], floor=0.94, block="position"),
    "cifar": TrainTask(da.PositionAttention, _PHOTOS, images=1000, block="position"),
}
