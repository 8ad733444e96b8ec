"""What goes wrong in selective kernels, and the sentence that helps."""

from attnlab.check.cases import BlockTask, Mistake
from attnlab.mechanisms import mechanism
from solutions.mistakes.wrong import sk_block as blocks
from solutions.sk import SKBlock

PAGE = "selective-kernels"

BLOCK = (
    Mistake(
        "softmax over channels", "sk", blocks.OverChannels,
        "the softmax runs over the channels. For each channel the branches share a weight of 1: "
        "it runs over the branches.",
        "the output is nearly nothing, the less so the fewer channels there are", PAGE,
    ),
    Mistake(
        "no contest", "sk", blocks.NoContest,
        "each branch has a sigmoid of its own, and nothing closes where another opens. Take a "
        "softmax over the branches.",
        "the output grows with every branch that is added", PAGE,
    ),
    Mistake(
        "logits in another order", "sk", blocks.ChannelByChannel,
        "the M * C logits are read channel by channel. The first C of them belong to the first "
        "branch: view them as (B, M, C).",
        "right for a single branch, and for weights that are all alike", PAGE,
    ),
    Mistake(
        "squeezes one branch", "sk", blocks.FirstBranchOnly,
        "the squeeze looks at the first branch only. It takes the sum of all branches.",
        "what the wide kernel sees never moves a share", PAGE,
    ),
    Mistake(
        "squeezes the input", "sk", blocks.SqueezesInput,
        "the squeeze looks at x. It takes the sum of what the branches made of x.",
        "the shares do not depend on the convolutions", PAGE,
    ),
    Mistake(
        "mean of the branches", "sk", blocks.MeanOfBranches,
        "the branches are averaged before the squeeze. They are added.",
        "the hidden layer gets an M-th of its numbers", PAGE,
    ),
    Mistake(
        "no norm in the hidden layer", "sk", blocks.NoHiddenNorm,
        "the hidden layer has no batch normalisation, as in a port that many copy.",
        "2 d parameters are missing", PAGE,
    ),
    Mistake(
        "no ReLU in the hidden layer", "sk", blocks.NoHiddenReLU,
        "between the two layers of the gate stands a norm and no ReLU.",
        "the two layers could be one", PAGE,
    ),
    Mistake(
        "biased logits", "sk", blocks.BiasedLogits,
        "the selecting layer has biases. Of a channel's M biases one is always superfluous, since "
        "a softmax ignores what is added to all; the paper has none.",
        "M * C parameters too many", PAGE,
    ),
    Mistake(
        "no dilation", "sk", blocks.NoDilation,
        "all branches have the same kernel. Branch m, counted from 1, sets its taps m apart.",
        "the branches differ by luck alone", PAGE,
    ),
    Mistake(
        "whole kernels", "sk", blocks.WholeKernels,
        "the second branch has a kernel of 5 x 5. A 3 x 3 kernel with dilation 2 sees as far, for "
        "9 weights and not 25.",
        "nearly twice the parameters", PAGE,
    ),
    Mistake(
        "gates x", "sk", blocks.GatesInput,
        "the shares weigh x itself, M times. They weigh the branches' maps.",
        "the output is x, since the shares add up to 1", PAGE,
    ),
    Mistake(
        "no ReLU in the branches", "sk", blocks.LinearBranches,
        "a branch ends in its norm. A ReLU follows.",
        "the output has negative numbers", PAGE,
    ),
)  # fmt: skip


def _count(channels, branches=2, groups=32, hidden=32):
    sizes = {"channels": channels, "branches": branches, "groups": groups, "inner": hidden}
    return mechanism("sk").parameters(**sizes)


TASKS = {
    "sk": BlockTask(
        SKBlock,
        configs=(
            {"channels": 8, "groups": 2, "hidden": 5},
            {"channels": 6, "branches": 3, "groups": 3, "hidden": 4},
        ),
        shapes=((3, 8, 5, 6), (2, 6, 7, 5)),
        mistakes=BLOCK,
        count=_count,
        formula="M (9 C²/G + 2 C) + C d + 2 d + M C d",
    )
}
