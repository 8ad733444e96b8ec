"""What goes wrong in gather-excite, without weights and with them, and the sentence that helps."""

from torch import nn

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.ge import GEBlock
from solutions.mistakes.wrong import ge_block as blocks

PAGE = "gather-excite"


class NoReLU(GEBlock):
    def __init__(self, channels, extent, form, hidden):
        super().__init__(channels, extent, form, hidden=hidden, relu=False)


class NoNorms(GEBlock):
    def __init__(self, channels, extent, form, hidden):
        super().__init__(channels, extent, form, hidden=hidden)
        self.gather = nn.Sequential(*(m for m in self.gather if not isinstance(m, nn.BatchNorm2d)))


class Dense(GEBlock):
    def __init__(self, channels, extent, form, hidden):
        super().__init__(channels, extent, form, hidden=hidden)
        steps = [m for m in self.gather if isinstance(m, nn.Conv2d)]
        for conv in steps:
            at = [*self.gather].index(conv)
            self.gather[at] = nn.Conv2d(channels, channels, 3, 2, 1, bias=False)

BLOCK = (
    Mistake(
        "zeros counted", "ge", blocks.CountsZeros,
        "the zeros beyond the edge are counted into the means, as avg_pool2d does unless it is "
        "told count_include_pad=False.",
        "the gates of an even map are lower at its rim", PAGE,
    ),
    Mistake(
        "fields side by side", "ge", blocks.NarrowWindow,
        "the windows are e wide and do not overlap. They reach e − 1 places to either side of "
        "every e-th place, 2 e − 1 in all.",
        "what lies just beyond a field's border never moves its gate", PAGE,
    ),
    Mistake(
        "window as wide as the step", "ge", blocks.WindowOfExtent,
        "the windows are e places wide (one more where e is even), centred. They are 2 e − 1 wide.",
        "right for e = 2 alone", PAGE,
    ),
    Mistake(
        "a window for every place", "ge", blocks.EveryPlace,
        "the windows move on by one place. They move on by e, and the e places between share a "
        "number.",
        "e² times as many gates as there should be", PAGE,
    ),
    Mistake(
        "max in the window", "ge", blocks.MaxWindow,
        "the largest number of a window is gathered. Gather its mean.",
        "one bright place opens all gates that can see it", PAGE,
    ),
    Mistake(
        "bilinear", "ge", blocks.Bilinear,
        "the gathered map is brought to size by bilinear interpolation. Each place takes the "
        "nearest number: interpolate's default.",
        "gates change gently where they should change in steps", PAGE,
    ),
    Mistake(
        "always the whole map", "ge", blocks.AlwaysGlobal,
        "the extent is ignored. extent=None alone is the whole map.",
        "one gate for a channel, whatever the extent", PAGE,
    ),
    Mistake(
        "no sigmoid", "ge", blocks.NoSigmoid,
        "the gathered numbers multiply x as they are. A sigmoid makes gates of them.",
        "where the mean is negative the map changes its sign", PAGE,
    ),
    Mistake(
        "sigmoid before the mean", "ge", blocks.SigmoidFirst,
        "the sigmoid stands before the gathering. Average first.",
        "the gates lie closer together than they should", PAGE,
    ),
    Mistake(
        "channels mixed", "ge", blocks.AcrossChannels,
        "the gathering runs over the channels too. Every channel keeps a context of its own.",
        "all channels have the same gates", PAGE,
    ),
    Mistake(
        "gates the context", "ge", blocks.GatesContext,
        "the gates multiply the gathered map. They multiply x.",
        "all detail finer than the extent is gone", PAGE,
    ),
    Mistake(
        "adds x once more", "ge", blocks.AddsX,
        "x is added to the gated map. The block ends with the product.",
        "nothing falls below its size", PAGE,
    ),
)  # fmt: skip

PLUS = (
    Mistake(
        "no ReLU before the layers", "plus", NoReLU,
        "the gathered map goes into the two layers of θ⁺ as its norm leaves it, as in a library "
        "that many take for the reference. In the authors' networks a ReLU stands between.",
        "loaded weights give nearly the right output", PAGE,
    ),
    Mistake(
        "no norms", "plus", NoNorms,
        "the convolutions that gather have no batch normalisation. Each is followed by one.",
        "2 C parameters are missing for each convolution", PAGE,
    ),
    Mistake(
        "a gather across channels", "plus", Dense,
        "the convolutions that gather mix all channels. Each channel gathers by itself "
        "(groups=C); only the two layers of θ⁺ mix.",
        "C times the weights in the gathering", PAGE,
    ),
)  # fmt: skip


def _count(channels, extent=None):
    return mechanism("ge").parameters(channels=channels, positions=1, theta=0, mlp=0)


TASKS = {
    "ge": BlockTask(
        GEBlock,
        configs=({"channels": 3, "extent": 2}, {"channels": 4, "extent": 4}, {"channels": 5},
                 {"channels": 2, "extent": 3}),
        shapes=((2, 3, 6, 5), (2, 4, 11, 9), (3, 5, 4, 3), (2, 2, 10, 7)),
        mistakes=BLOCK,
        count=_count,
        formula="no weight at all",
    ),
    "plus": BlockTask(
        GEBlock,
        configs=({"channels": 4, "extent": 4, "form": "plus", "hidden": 2},
                 {"channels": 3, "extent": 2, "form": "plus", "hidden": 5}),
        shapes=((3, 4, 6, 9), (2, 3, 5, 4)),
        mistakes=PLUS,
    ),
}  # fmt: skip
