"""A student's class set up for every case of a block task."""

from functools import cached_property
from typing import NamedTuple, NoReturn

import torch
from torch import Tensor

from attnlab.check import diagnosis
from attnlab.check.cases import BlockCase, BlockCases, drawn
from attnlab.check.compare import same
from attnlab.check.outcomes import CheckFailed, StudentRaised
from attnlab.check.probe import BlockProbe, Probe, written
from attnlab.check.weights import NoPlace, push

SEED = 2018  # of the weights that the laws are tried with; inputs come from the cases


class Placed(NamedTuple):
    """A block that holds the weights of its case; names: its parameter or buffer of each role."""

    case: BlockCase
    block: BlockProbe
    names: dict[str, str]


class Bench:
    """Builds the student's blocks once, and knows what to say when they fail."""

    def __init__(self, probe: Probe, cases: BlockCases):
        self.probe, self.cases = probe, cases

    @cached_property
    def placed(self) -> list[Placed]:
        """A block for each ordinary case, with the weights of the reference."""
        return [self.place(case) for case in self.cases.ordinary]

    @cached_property
    def random(self) -> list[tuple[BlockCase, BlockProbe]]:
        """A block for each ordinary case, with random weights: the laws ask no more."""
        return [(case, self.randomised(case)) for case in self.cases.ordinary]

    @cached_property
    def equal(self) -> bool:
        """Whether the block, with the reference's weights, gives the reference's outputs."""
        try:
            return all(same(case.y, block.forward(case.x).y) for case, block, _ in self.placed)
        except CheckFailed:
            return False

    def again(self) -> list[tuple[BlockCase, BlockProbe]]:
        """The blocks of `random` once more, in a process that has not seen what they were asked.

        A block that answers whole batches as the reference does has no need to remember, and stays.
        """
        if self.equal:
            return self.random
        kept = [(case, block.parameters() | block.buffers()) for case, block in self.random]
        self.probe.renew()
        self.__dict__.pop("placed", None)
        self.random = [(case, self.build(case)) for case, _ in kept]
        for (_, block), (_, tensors) in zip(self.random, kept, strict=True):
            block.push(tensors)
        return self.random

    def build(self, case: BlockCase) -> BlockProbe:
        return self.probe.build(**case.config)

    def randomised(self, case: BlockCase, seed: int = SEED) -> BlockProbe:
        rng = torch.Generator().manual_seed(seed)
        block = self.build(case)
        own = block.parameters()  # a γ may have no axes, of which `drawn` wants one
        block.push({n: drawn(rng, torch.atleast_1d(p)).view(p.shape) for n, p in own.items()})
        return block

    def place(self, case: BlockCase) -> Placed:
        """Raises CheckFailed when the weights of the reference have no place in the block."""
        block = self.build(case)
        try:
            return Placed(case, block, push(block, case.weights, case.buffers))
        except NoPlace as error:
            name = self.signed()
            text = f"{self.made(case)}: {error}{diagnosis.explained(self.cases, name)}"
            raise CheckFailed(text, name) from None

    def made(self, case: BlockCase) -> str:
        return f"{self.probe.name}({written((), case.config)})"

    def called(self, case: BlockCase) -> str:
        return f"{self.made(case)}({written((case.x,), {})})"

    def signed(self) -> str | None:
        """The mistake that the shapes of the student's parameters give away."""
        blocks = [self.build(case) for case in self.cases.ordinary]
        shapes = [[tuple(p.shape) for p in block.parameters().values()] for block in blocks]
        return diagnosis.by_signature(self.cases, shapes)

    def outcomes(self, cases: list[BlockCase]) -> list[Tensor | None]:
        """The student's output in each case, None where the code raised."""
        came = []
        for case in cases:
            try:
                came.append(self.place(case).block.forward(case.x).y)
            except CheckFailed:
                came.append(None)
        return came

    def recognised(self, law: str) -> str | None:
        """The named mistake behind a failure: by its numbers, else by the law it breaks."""
        ordinary = self.cases.ordinary
        found = diagnosis.by_outcomes(ordinary, self.outcomes(ordinary))
        return found or diagnosis.by_law(self.cases, law)

    def fail(self, law: str, text: str) -> NoReturn:
        name = self.recognised(law)
        raise CheckFailed(text + diagnosis.explained(self.cases, name), name)

    def raised(self, error: StudentRaised) -> CheckFailed:
        """An error in the student's code, with its cause where special shapes reveal one."""
        odd = self.cases.coincidences
        name = diagnosis.by_outcomes(odd, self.outcomes(odd))
        if name is None:
            return error
        return CheckFailed(f"{error}{diagnosis.explained(self.cases, name)}", name)
