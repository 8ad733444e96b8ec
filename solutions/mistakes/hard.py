"""What goes wrong in the exercise on hard attention, task by task, and the sentence that helps."""

import torch

from attnlab.check.cases import FunctionTask, TrainTask
from attnlab.check.modules import ModuleTask
from attnlab.train import RECIPES
from solutions import hard
from solutions.mistakes.wrong import hard_costs, hard_crop, hard_sentences
from solutions.mistakes.zoo import mistakes_of, ram, sat


def _networks(rng):
    side, hidden = (2 * torch.randint(2, 9, (2,), generator=rng)).tolist()
    return [(1, 8, 3, 128), (3, side, 2, hidden), (2, 4, 4, 7), (5, side, 1, 3)]


def _pictures(rng):
    height, width = torch.randint(20, 200, (2,), generator=rng).tolist()
    even = (1, 2, 1, 1, 10, 7)  # here 63 looks cost exactly as much as the convolution
    return [(3, 8, 3, 128, 224, 224), (2, 4, 2, 16, height, width), even, (1, 8, 3, 64, 4, 4)]


def _boxes(rng, config):
    del config
    size = torch.tensor([[1.0], [0.45], [0.3]])
    middle = torch.tensor([[0.0, 0.0], [0.5, -0.25], [-0.7, 0.6]])
    moved = 0.05 * torch.rand(3, 3, generator=rng)
    x = torch.randn(3, 2, 6, 9, generator=rng, dtype=torch.float64)
    return {"x": x, "box": (torch.cat([middle, size], dim=1) + moved).double()}


TASKS = {
    **ram.EVERY,
    **sat.EVERY,
    "costs": FunctionTask(
        hard.costs, _networks, mistakes_of("costs", hard_costs, hard_costs.COSTS)
    ),
    "overtakes": FunctionTask(
        hard.overtakes, _pictures, mistakes_of("overtakes", hard_costs, hard_costs.OVERTAKES)
    ),
    "crop": ModuleTask(
        hard.Crop,
        ({"out": 4}, {"out": 5}),
        _boxes,
        mistakes_of("crop", hard_crop, hard_sentences.CROP),
    ),
    "key": TrainTask(hard.SoftLook, RECIPES["key-look"], floor=0.45, block="look"),
}
