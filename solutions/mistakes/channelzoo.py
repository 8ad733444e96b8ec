"""What goes wrong in the exercise on channel gates, task by task, and the sentence that helps."""

from dataclasses import replace

import torch

from attnlab.check.cases import BlockTask, FunctionTask, TrainTask
from attnlab.train import RECIPES
from solutions import channelzoo
from solutions.mistakes.wrong.channelzoo_sentences import FUNCTIONS
from solutions.mistakes.zoo import fca, ge, nam, sk


def _drawn(rng, low, high, n):
    return torch.randint(low, high, (n,), generator=rng).tolist()


def _waves(rng):
    height, width, u, v = (n + 2 for n in _drawn(rng, 2, 7, 4))
    return [
        (0, 0, 3, 4), (0, 1, 4, 6), (2, 0, 5, 3), (1, 3, 7, 7), (3, 3, 4, 4),
        (min(u, height - 1), min(v, width - 1), height, width),
    ]  # fmt: skip


def _scales(rng):
    sizes = ((3, 5), (4,), (2, 7, 1))
    return [
        ([torch.randn(n, generator=rng).double() for n in each], 0.1 * (i + 1))
        for i, each in enumerate(sizes)
    ]


def _maps(rng):
    height, width = _drawn(rng, 5, 60, 2)
    return [(256, 28, 28, 2, 32, 32), (64, height, width, 3, 8, 16), (32, 7, 9, 1, 4, 5),
            (96, width, 11, 2, 1, 24)]  # fmt: skip


def _pairs(rng):
    return [(0, 0), (1, 0), (0, 2), (3, 1), (2, 5), (4, 3), tuple(_drawn(rng, 0, 9, 2))]


def _first_layers(rng):
    sizes = ((3, 8, 4, 6), (2, 5, 7, 7), (4, 6, 3, 9))
    return [(torch.randn(h, c, generator=rng).double(), y, x) for h, c, y, x in sizes]


def _gathered(rng):
    sizes = ((2, 3, 4, 5), (1, 2, 7, 7), (3, 4, 6, 3))
    return [
        (torch.randn(b, c, y, x, generator=rng).double() + 0.5,
         torch.randn(c, 1, y, x, generator=rng).double() / (y * x) ** 0.5)
        for b, c, y, x in sizes
    ]  # fmt: skip


def _of(task):
    return tuple(mistake for mistake in FUNCTIONS if mistake.task == task)


def _own(task: BlockTask, reference) -> BlockTask:
    """The zoo's task, held against the block of the notebook."""
    return replace(task, reference=reference)


_ASKED = {
    "wave": (channelzoo.wave, _waves),
    "penalty": (channelzoo.penalty, _scales),
    "sk_costs": (channelzoo.sk_costs, _maps),
    "mirrored": (channelzoo.mirrored, _pairs),
    "from_se": (channelzoo.from_se, _first_layers),
    "mended": (channelzoo.mended_gates, _gathered),
}

TASKS = {
    "sk": _own(sk.TASKS["sk"], channelzoo.SKBlock),
    "ge": _own(ge.TASKS["ge"], channelzoo.GEBlock),
    "fca": _own(fca.TASKS["fca"], channelzoo.FcaBlock),
    "nam": _own(nam.TASKS["nam"], channelzoo.NAMBlock),
    **{name: FunctionTask(*ask, mistakes=_of(name)) for name, ask in _ASKED.items()},
    "row": TrainTask(channelzoo.FcaBlock, RECIPES["row-fca"], floor=0.33, block="fca"),
}
