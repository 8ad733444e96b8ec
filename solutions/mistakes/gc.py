"""What goes wrong in the global context exercise, task by task, and the sentence that helps."""

import torch

from attnlab.check.cases import BlockTask, FunctionTask, Mistake, TrainTask
from attnlab.mechanisms import mechanism
from attnlab.train import RECIPES
from solutions import gc
from solutions.mistakes.wrong import gc_block as blocks
from solutions.mistakes.wrong.gc_functions import FUNCTIONS
from solutions.mistakes.wrong.gc_simple import SIMPLE, WILD

BLOCK = (
    Mistake(
        "softmax of one number", "block", blocks.SoftmaxOfOne,
        "the softmax runs over the axis of length 1 that the logits have in place of channels, so "
        "every weight is 1 and the context is a sum. Let it run over the N positions.",
        "on a constant map the context is N times that constant",
    ),
    Mistake(
        "softmax over images", "block", blocks.SoftmaxOverBatch,
        "the softmax runs over axis 0: the images of a batch compete for each place. The weights "
        "of one image add up to 1 over its own positions.",
        "the output depends on what else is in the batch, and with one image every weight is 1",
    ),
    Mistake(
        "one softmax for each row", "block", blocks.SoftmaxOfRows,
        "the softmax takes one axis of the map, so each row adds up to 1 by itself. Flatten H and "
        "W into one axis before it.",
        "a map that lies on its side gets another answer than one that stands",
    ),
    Mistake(
        "no softmax", "block", blocks.NoSoftmax,
        "the logits are used as weights as they are. A softmax makes them positive, with sum 1.",
        "contexts of any size and sign, larger on larger maps",
    ),
    Mistake(
        "sigmoid in place of softmax", "block", blocks.SigmoidMap,
        "each position is weighed by a sigmoid of its own, so the weights add up to anything. The "
        "positions compete: take a softmax over them.",
        "the context grows with the number of positions",
    ),
    Mistake(
        "divides by N after the softmax", "block", blocks.DividesTwice,
        "the weighted sum is divided by the number of positions, but softmax weights add up to 1 "
        "already. Only the plain average divides.",
        "with attention pooling the context is N times too small",
    ),
    Mistake(
        "sum in place of average", "block", blocks.SumPool,
        'pooling="avg" adds up the positions and does not divide by their number.',
        "right with attention, wrong with average pooling",
    ),
    Mistake(
        "maximum in place of average", "block", blocks.MaxPool,
        'pooling="avg" takes the largest number of each channel. It is the mean.',
        "with average pooling a single bright place decides",
    ),
    Mistake(
        "a map for each channel", "block", blocks.MapForEachChannel,
        "the convolution of the logits has C outputs. There is one map for all queries and all "
        "channels: one output.",
        "C² + C parameters for the map, in place of C + 1",
    ),
    Mistake(
        "attends whatever pooling says", "block", blocks.AlwaysAttends,
        'pooling="avg" is ignored: the convolution of the logits is still there. The average has '
        "no parameters.",
        "C + 1 parameters too many with average pooling",
    ),
    Mistake(
        "no LayerNorm", "block", blocks.NoNorm,
        "the LayerNorm between W_v1 and the ReLU is missing, so this is SE's bottleneck.",
        "2h parameters too few",
    ),
    Mistake(
        "LayerNorm of the context", "block", blocks.NormOfContext,
        "the LayerNorm runs over the C numbers of the context. It belongs behind W_v1, over the h "
        "numbers of the bottleneck.",
        "LayerNorm has 2C parameters in place of 2h",
    ),
    Mistake(
        "LayerNorm behind ReLU", "block", blocks.NormAfterReLU,
        "the order is W_v1, LayerNorm, ReLU, W_v2; here the ReLU comes before the LayerNorm.",
        "the second layer gets negative numbers",
    ),
    Mistake(
        "BatchNorm", "block", blocks.BatchNorm,
        "this is BatchNorm, whose mean and spread come from other images. LayerNorm takes them "
        "from the h numbers of one image.",
        "the buffers of running means; in training the output depends on the batch",
    ),
    Mistake(
        "normalises over the batch", "block", blocks.NormOverBatch,
        "mean and spread are taken over axis 0. LayerNorm takes them over the h numbers of one "
        "image, the last axis.",
        "an image that comes alone is turned into the LayerNorm's bias",
    ),
    Mistake(
        "no ReLU in the bottleneck", "block", blocks.NoReLU,
        "the ReLU behind the LayerNorm is missing: both layers together are linear in what "
        "LayerNorm gives.",
        "close, but wrong wherever a unit is negative",
    ),
    Mistake(
        "layers without biases", "block", blocks.NoBiases,
        "W_v1 and W_v2 have no bias here. SE has none; in this block both layers have one.",
        "h + C parameters too few",
    ),
    Mistake(
        "transforms every position", "block", blocks.AtEveryPlace,
        "each position is transformed by itself and nothing is pooled. Pool first: the transform "
        "sees one context for each image.",
        "no position hears of another",
    ),
    Mistake(
        "gives back by the map", "block", blocks.SpreadByTheMap,
        "the term is multiplied by the attention map once more. The map says where to read; what "
        "was read goes to every position alike.",
        "places of small weight stay as they were",
    ),
    Mistake(
        "multiplies without sigmoid", "block", blocks.NoSigmoid,
        'with fusion="mul" the transform goes through a sigmoid before it multiplies x.',
        'a fresh block with "mul" returns nothing but zeros',
    ),
    Mistake(
        "sigmoid on what is added", "block", blocks.AddsSigmoid,
        'with fusion="add" the term is added as it is. The sigmoid belongs to "mul" only.',
        'a fresh block with "add" raises everything by one half',
    ),
    Mistake(
        "adds whatever fusion says", "block", blocks.AlwaysAdds,
        'fusion="mul" is ignored: the term is added.',
        'right with "add", and a fresh block with "mul" changes nothing',
    ),
    Mistake(
        "multiplies and keeps x too", "block", blocks.GateAndAdd,
        'with fusion="mul" x is added to the product. The result is the product alone.',
        'a fresh block with "mul" gives one and a half times its input',
    ),
    Mistake(
        "only the term", "block", blocks.TermOnly,
        'with fusion="add" x itself is missing from the output.',
        "the output is the same at every position",
    ),
    Mistake(
        "term along the columns", "block", blocks.AlongColumns,
        "a term (B, C) meets x (B, C, H, W) from the right, C with W. Give it two axes of length "
        "1: term[:, :, None, None].",
        "an error about sizes, unless C happens to be W",
    ),
    Mistake(
        "writes into its input", "block", blocks.MutatesInput,
        "x is changed in place. Write x + term or x * gate, which make a new tensor.",
        "right numbers, and the caller's x is gone",
        breaks="input",
    ),
    Mistake(
        "detached map", "block", blocks.Detached,
        "the weights of the map are cut off from the gradient, so W_k never learns. Leave out "
        "detach() and no_grad().",
        "right numbers, and a map that stays as it was born",
        breaks="gradients",
    ),
)  # fmt: skip

BIRTH = (
    Mistake(
        "does not start at zero", "birth", blocks.NotAtZero,
        "W_v2 keeps the weights that torch drew for it. Set its weight and its bias to zero.",
        'a fresh block with "add" changes its input',
        breaks="birth",
    ),
)  # fmt: skip

def _count(channels, reduction=16, pooling="att", fusion="add"):
    attention = int(pooling == "att")
    return mechanism("gc").parameters(channels=channels, reduction=reduction, attention=attention)


_block = {
    "configs": (
        {"channels": 8, "reduction": 2},
        {"channels": 6, "reduction": 2, "pooling": "avg"},
        {"channels": 9, "reduction": 3, "fusion": "mul"},
        {"channels": 10, "reduction": 3, "pooling": "avg", "fusion": "mul"},
    ),
    "shapes": ((2, 8, 2, 3), (3, 6, 2, 3), (2, 9, 3, 2), (2, 10, 2, 3)),
    "coincidences": (({"channels": 6, "reduction": 2}, (1, 6, 2, 6)),),  # C = W
    "idle": ("mask.bias",),  # the same number on every logit changes no softmax
    "count": _count,
    "formula": "2Ch + 3h + C, and C + 1 with attention, with h = C // r",
}
_birth = {
    **{name: _block[name] for name in ("idle", "count", "formula")},
    "configs": _block["configs"][:2],
    "shapes": ((2, 8, 2, 3), (2, 6, 3, 2)),
}
_simple = {
    "configs": ({"channels": 5}, {"channels": 3}),
    "shapes": ((3, 5, 2, 4), (2, 3, 4, 3)),
}


def _x(rng, *shape):
    return torch.randn(shape, generator=rng, dtype=torch.float64) + 0.5


def _contexts(rng):
    sizes = ((2, 3, 4, 5), (3, 2, 5, 3), (1, 4, 2, 7))
    return [(_x(rng, *size), 2 * _x(rng, size[0], 1, *size[2:])) for size in sizes]


def _params(rng):
    return [(64,), (256, 16, "avg"), (96, 4), (40, 16, "att"), (512, 8, "avg")]


def _macs(rng):
    height, width = torch.randint(5, 60, (2,), generator=rng).tolist()
    return [(64, 32, 32), (256, height, width, 16, "avg"), (40, 7, 9, 4), (512, width, height)]


def _reductions(rng):
    return [(), (4,), (8,), (32,)]


def _changes(rng):
    return [(change,) for change in gc.CHANGES]


def _claims(rng):
    return [(claim,) for claim in gc.CLAIMS]


_ASKED = {
    "context": (gc.attention_context, _contexts),
    "params": (gc.params, _params),
    "macs": (gc.macs, _macs),
    "resnet50_extra": (gc.resnet50_extra, _reductions),
    "gates_stay": (gc.gates_stay, _changes),
    "verdict": (gc.verdict, _claims),
}

TASKS = {
    "block": BlockTask(gc.GCBlock, mistakes=BLOCK, **_block),
    "birth": BlockTask(gc.GCBlock, mistakes=BIRTH, identity=True, **_birth),
    "snl": BlockTask(gc.SNLBlock, mistakes=SIMPLE, identity=True, idle=("mask.bias",), **_simple),
    "mended": BlockTask(gc.MendedSNL, mistakes=WILD, idle=("logit.bias",), **_simple),
    **{
        name: FunctionTask(*ask, mistakes=tuple(m for m in FUNCTIONS if m.task == name))
        for name, ask in _ASKED.items()
    },
    "rule": TrainTask(gc.GCBlock, RECIPES["rule-gc"], floor=0.4),
    "cifar": TrainTask(
        gc.GCBlock, RECIPES["cifar"] | {"config": {"reduction": 4}}, images=1000
    ),
}
