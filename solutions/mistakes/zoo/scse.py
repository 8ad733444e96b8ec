"""What goes wrong in concurrent squeeze and excitation, and the sentence that helps."""

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.mistakes.wrong import scse_block as blocks
from solutions.scse import SCSEBlock

PAGE = "concurrent-squeeze-and-excitation"

BLOCK = (
    Mistake(
        "a map for each channel", "scse", blocks.MapForEachChannel,
        "the convolution of the gate for places goes to C maps. It goes to one, which all channels "
        "share: C weights and a bias.",
        "C² + C parameters in the gate for places", PAGE,
    ),
    Mistake(
        "the larger result", "scse", blocks.LargerResult,
        "the larger of both results is taken, number by number, as in the authors' code. The paper "
        "adds them.",
        "a fresh block halves its map", PAGE,
    ),
    Mistake(
        "the larger gate", "scse", blocks.LargerGate,
        "the larger of both gates is put onto x. The gates are added.",
        "one closed gate makes no difference at all", PAGE,
    ),
    Mistake(
        "product of the gates", "scse", blocks.Product,
        "the gates are multiplied. They are added, so that one of them can let a number through.",
        "a fresh block leaves a quarter of its map", PAGE,
    ),
    Mistake(
        "one behind the other", "scse", blocks.Serial,
        "the gate for places sees what the gate for channels has left. Both see x.",
        "the gate for places moves when only the other's weights do", PAGE,
    ),
    Mistake(
        "sum inside the sigmoid", "scse", blocks.SumInside,
        "both logits are added before a single sigmoid, as bottleneck attention does. Here each "
        "has a sigmoid of its own.",
        "nothing comes out larger than it went in", PAGE,
    ),
    Mistake(
        "halved", "scse", blocks.Halved,
        "the sum is divided by 2. The paper's sum lies between 0 and 2.",
        "half of what it should be, everywhere", PAGE,
    ),
    Mistake(
        "adds x once more", "scse", blocks.AddsX,
        "x is added to both results. The block ends with their sum.",
        "no number is ever made smaller", PAGE,
    ),
    Mistake(
        "contest of the places", "scse", blocks.SharedOut,
        "the gates for places are a softmax, and share a sum of 1. Each is a sigmoid of its own.",
        "the gates for places are nearly 0, the more so the larger the map", PAGE,
    ),
    Mistake(
        "no biases", "scse", blocks.NoBiases,
        "the two layers of the channel gate have no biases. Unlike SE's, cSE's have.",
        "C + C / r parameters are missing", PAGE,
    ),
    Mistake(
        "always half", "scse", blocks.AlwaysHalf,
        "the hidden layer is C / 2 wide whatever the reduction is. Use reduction.",
        "right for r = 2 only", PAGE,
    ),
    Mistake(
        "no ReLU", "scse", blocks.NoReLU,
        "between the two layers of the channel gate a ReLU is missing.",
        "the two layers could be one", PAGE,
    ),
)  # fmt: skip

TASKS = {
    "scse": BlockTask(
        SCSEBlock,
        configs=({"channels": 8}, {"channels": 6, "reduction": 3}),
        shapes=((2, 8, 4, 3), (3, 6, 3, 5)),
        mistakes=BLOCK,
        count=mechanism("scse").parameters,
        formula="2 C h + h + C for the channels, C + 1 for the places",
    )
}
