"""What goes wrong in the SE exercise, task by task, and the sentence that helps."""

from dataclasses import replace

import torch

from attnlab.check.cases import BlockTask, FunctionTask, Mistake, TrainTask
from attnlab.mechanisms import mechanism
from attnlab.train import RECIPES
from solutions import se
from solutions.mistakes.wrong import se_block as blocks
from solutions.mistakes.wrong.se_functions import FUNCTIONS

BLOCK = (
    Mistake(
        "no sigmoid", "block", blocks.NoSigmoid,
        "the gate has no sigmoid. A gate must lie between 0 and 1; yours is any number.",
        "some channels come out with the opposite sign, or larger than they went in",
    ),
    Mistake(
        "softmax gate", "block", blocks.SoftmaxGate,
        "the gate is a softmax. It makes the channels compete for a sum of 1; SE judges each "
        "channel by itself, with a sigmoid.",
        "all gates are near 1/C, and the features fade",
    ),
    Mistake(
        "softmax over the batch", "block", blocks.SoftmaxOverBatch,
        "the gate is a softmax over axis 0, the batch: the images of a batch share out one gate. "
        "SE needs a sigmoid, which looks at no other number.",
        "with one image every gate is exactly 1; with more they change with the company",
    ),
    Mistake(
        "sigmoid and ReLU swapped", "block", blocks.ActivationsSwapped,
        "sigmoid and ReLU are swapped: ReLU belongs between the two layers, sigmoid after the "
        "second.",
        "many gates are exactly 0, and others exceed 1",
    ),
    Mistake(
        "no ReLU", "block", blocks.NoReLU,
        "there is no ReLU between the two layers, so together they are only one linear layer.",
        "close, but off wherever a hidden unit is negative",
    ),
    Mistake(
        "ReLU before the sigmoid", "block", blocks.ReLUBeforeSigmoid,
        "a ReLU stands between the second layer and the sigmoid, so no gate falls below 0.5. "
        "Only the first layer has a ReLU.",
        "no gate is below 0.5",
    ),
    Mistake(
        "layers swapped", "block", blocks.LayersSwapped,
        "the two layers are swapped: first reduce, C to C // r, then expand, C // r to C.",
        "mat1 and mat2 shapes cannot be multiplied",
        forms=(blocks.LayersDefinedSwapped,),
    ),
    Mistake(
        "widens", "block", blocks.Widens,
        "the hidden layer has C * r units. The bottleneck is narrow: C // r.",
        "r² times too many parameters",
    ),
    Mistake(
        "max pooling", "block", blocks.MaxPool,
        "the squeeze takes the maximum of each channel. SE takes the mean.",
        "gates are too sure of themselves, and one bright pixel moves them",
    ),
    Mistake(
        "sum instead of mean", "block", blocks.SumPool,
        "the squeeze adds up each channel and does not divide by H * W.",
        "gates are 0 or 1, and depend on the size of the map",
    ),
    Mistake(
        "fixed 7x7 pooling", "block", blocks.FixedPool,
        "the pooling has a fixed 7 x 7 window, so the block works on 7 x 7 maps only. Take the "
        "mean over the two axes, whatever their lengths.",
        "right on 7 x 7 maps, an error everywhere else",
    ),
    Mistake(
        "pools over channels", "block", blocks.PoolsChannels,
        "the squeeze averages over the channels. Keep the channels (axis 1) and average over "
        "the positions (axes 2 and 3).",
        "an error about shapes, unless C happens to equal H or W",
        forms=(
            blocks.PoolsChannelsFlat, blocks.PoolsChannelsAndRows,
            blocks.PoolsChannelsAndColumns, blocks.PoolsChannelsConv,
        ),
    ),
    Mistake(
        "pools over the batch", "block", blocks.PoolsBatch,
        "the squeeze averages over the batch as well. Each image has its own squeeze: leave "
        "axis 0 alone.",
        "all images get the same gates",
    ),
    Mistake(
        "bias added", "block", blocks.AlwaysBias,
        "your layers have a bias although bias=False: the default of nn.Linear and nn.Conv2d is "
        "True, so pass bias=bias to both.",
        "C // r + C parameters too many",
    ),
    Mistake(
        "bias ignored", "block", blocks.NeverBias,
        "bias=True is ignored: pass bias=bias to both layers.",
        "C // r + C parameters too few, when biases are asked for",
    ),
    Mistake(
        "hidden width rounded", "block", blocks.RoundsHidden,
        "the hidden width is rounded to a multiple of 8, as some libraries do. The paper has "
        "C // r, with no rounding.",
        "too many parameters in narrow layers, the right number in wide ones",
    ),
    Mistake(
        "one layer", "block", blocks.OneLayer,
        "there is only one layer, C to C. The excitation has two, with a bottleneck of C // r.",
        "C² parameters",
    ),
    Mistake(
        "adds instead of gates", "block", blocks.Adds,
        "the gate is added to x. It has to multiply x, channel by channel.",
        "every entry is shifted by a number between 0 and 1",
    ),
    Mistake(
        "adds x once more", "block", blocks.Residual,
        "x is added to the gated map. The block itself ends with the product; the residual sum "
        "belongs to the network around it.",
        "no channel is ever turned down",
    ),
    Mistake(
        "returns the gate only", "block", blocks.GateOnly,
        "the block returns its gates. Multiply x by them.",
        "the output has shape (B, C)",
        forms=(blocks.GateMap,),
    ),
    Mistake(
        "gates the wrong axis", "block", blocks.GatesColumns,
        "the gates are laid along rows or columns of the map. Channels are axis 1: write "
        "gate[:, :, None, None].",
        "an error about shapes, unless C happens to equal H or W",
        forms=(blocks.GatesRows,),
    ),
    Mistake(
        "mutates its input", "block", blocks.MutatesInput,
        "x is multiplied in place. Write x * gate: it makes a new tensor.",
        "the numbers are right, and the caller's x is ruined",
        breaks="input",
    ),
)  # fmt: skip


def _count(channels, reduction=16, bias=False):
    return mechanism("se").parameters(channels=channels, reduction=reduction, bias=int(bias))


# Shapes where a block that mixes up its axes still runs, so that its numbers can be recognised.
COINCIDENCES = (
    ({"channels": 6, "reduction": 2}, (2, 6, 2, 3)),  # C = H * W
    ({"channels": 4, "reduction": 2}, (1, 4, 4, 4)),  # C = H = W, one image
    ({"channels": 1, "reduction": 1}, (2, 1, 3, 4)),  # one channel
    ({"channels": 4, "reduction": 2}, (1, 4, 7, 7)),  # the last map of a ResNet
    ({"channels": 4, "reduction": 1}, (3, 4, 2, 5)),  # C = C // r
)

_block = {
    "configs": (
        {"channels": 8, "reduction": 2},
        {"channels": 12, "reduction": 4},
        {"channels": 6, "reduction": 3, "bias": True},
    ),
    "shapes": ((2, 8, 5, 3), (3, 12, 3, 5), (2, 6, 3, 7)),
    "coincidences": COINCIDENCES,
    "count": _count,
    "formula": f"{mechanism('se').parameters.text} with h = C // r",
}
_no_bias = {**_block, "configs": _block["configs"][:2], "shapes": _block["shapes"][:2]}
_softmaxes = tuple(
    replace(m, task="mended") for m in BLOCK if m.name in ("softmax over the batch", "softmax gate")
)


def _x(rng, *shape):
    return torch.randn(shape, generator=rng, dtype=torch.float64) + 0.5


def _squeezes(rng):
    return [(_x(rng, 2, 3, 4, 5),), (_x(rng, 3, 2, 5, 3),), (_x(rng, 1, 4, 7, 2),)]


def _params(rng):
    return [(64, 16), (256, 16, True), (96, 4, False), (40, 16, True), (512, 8)]


def _macs(rng):
    height, width = torch.randint(5, 60, (2,), generator=rng).tolist()
    return [(64, 32, 32), (256, height, width, 16), (40, 7, 9, 4), (512, width, height, 8)]


def _reductions(rng):
    return [(), (16, True), (8,), (4, True), (32, False)]


def _gates(rng):
    sizes = ((2, 3, 4, 5), (1, 4, 3, 2), (3, 2, 1, 6))
    return [(_x(rng, *size), _x(rng, *size[:2]), _x(rng, *size)) for size in sizes]


def _changes(rng):
    return [(change,) for change in se.CHANGES]


def _claims(rng):
    return [(number,) for number in se.CLAIMS]


def _of(task):
    return tuple(mistake for mistake in FUNCTIONS if mistake.task == task)


_ASKED = {
    "squeeze": (se.squeeze, _squeezes),
    "params": (se.params, _params),
    "macs": (se.macs, _macs),
    "resnet50_extra": (se.resnet50_extra, _reductions),
    "gate_gradient": (se.gate_gradient, _gates),
    "prediction": (se.prediction, _changes),
    "supported": (se.supported, _claims),
}

TASKS = {
    "block": BlockTask(se.SEBlock, mistakes=BLOCK, **_block),
    **{name: FunctionTask(*ask, mistakes=_of(name)) for name, ask in _ASKED.items()},
    "mended": BlockTask(se.MendedSE, mistakes=_softmaxes, **_no_bias),
    "rule": TrainTask(se.SEBlock, RECIPES["rule"], floor=0.55),
    "cifar": TrainTask(
        se.SEBlock, RECIPES["cifar"] | {"config": {"reduction": 4, "bias": True}}, images=1000
    ),
}
