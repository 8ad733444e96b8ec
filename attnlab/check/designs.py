"""Tasks that leave the block to the student: a budget, and a question for its host to answer."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator


@dataclass(frozen=True)
class DesignCases:
    """A recipe for a block of free design, and the budget it has to keep.

    numbers, multiply_adds: the shares of the plain host's that may be added. names: what each
    label is called, so that nothing learned elsewhere fits; empty where they keep their names.
    """

    recipe: dict
    floor: float
    images: int
    seed: int
    numbers: float
    multiply_adds: float
    names: list[int]


@dataclass(frozen=True)
class DesignTask:
    """A block of free design in the host: a budget, and what the trained host must answer.

    reference: one design that does it. classes: how many labels are renamed, 0 for none.
    """

    reference: Callable
    recipe: dict
    floor: float = 1.0
    images: int = 512
    classes: int = 0
    numbers: float = 0.01
    multiply_adds: float = 0.03
    mistakes: tuple = ()

    def cases(self, rng: Generator) -> DesignCases:
        seeds = torch.randint(1, 2**31, (2,), generator=rng).tolist()
        names = torch.randperm(self.classes, generator=rng).tolist()
        recipe, budget = self.recipe | {"seed": seeds[0]}, (self.numbers, self.multiply_adds)
        return DesignCases(recipe, self.floor, self.images, seeds[1], *budget, names)
