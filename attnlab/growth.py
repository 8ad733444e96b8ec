"""How costs grow with the positions of a map: what was measured, what closed forms predict.

Measured is the ledger's grid `growth` (attnlab.cost_table), one block on ever larger maps. A time
is predicted from the work of a block at the speed of a 3x3 convolution on the largest map; bytes
are predicted from the numbers that the equations name at once. Lists run over `POSITIONS`.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from attnlab.cost_blocks import BLOCKS, CONVOLUTION, Measured
from attnlab.cost_table import SHAPES
from attnlab.ledger import ROOT, Entry, load

MAPS = SHAPES["growth"]
BATCH, CHANNELS = MAPS[0][:2]
SIDES = [shape[2] for shape in MAPS]
POSITIONS = [side**2 for side in SIDES]
TIMED = [block for block in BLOCKS if block.key not in ("identity", CONVOLUTION.key)]
BYTES = 4  # of a number
LARGEST = 2**12  # of the sides that are tried for a crossing, in powers of two

Costs = list[float | None]
Range = tuple[float, float]


@cache
def _entries(root: Path) -> dict[str, dict[int, Entry]]:
    return load("growth", root)


def measured(block: Measured, quantity: str, root: Path = ROOT) -> Costs:
    """A quantity of a block by size of map; None where the block was too large to be tried."""
    rows = _entries(root)
    names = [f"{block.key}-{CHANNELS}x{side}x{side}" for side in SIDES]
    return [rows[name][0].results[quantity] if name in rows else None for name in names]


def predicted_seconds(block: Measured, root: Path = ROOT) -> Costs:
    """The seconds of a forward pass, if every block worked as fast as the convolution."""
    work = CONVOLUTION.work(CHANNELS, SIDES[-1], SIDES[-1])
    speed = work / measured(CONVOLUTION, "forward_seconds", root)[-1]
    return [block.work(CHANNELS, side, side) / speed for side in SIDES]


def predicted_bytes(block: Measured) -> Costs:
    """The bytes of a forward pass of the batch, if a block held what its equations name at once."""
    return [float(BYTES * BATCH * block.floats(CHANNELS, side, side)) for side in SIDES]


def dearer(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Range | None:
    """From which N to which a block costs more than another; on a line in logarithms between sizes.

    (0, inf) is on every map, (inf, inf) on none; None where it costs more in several ranges.
    """
    known = [(n, math.log(a / b)) for n, a, b in zip(POSITIONS, ours, theirs, strict=True)
             if a is not None and b is not None]  # fmt: skip
    above = [gap > 0 for _, gap in known]
    if not any(above):
        return math.inf, math.inf
    turns = [_between(*pair) for pair in pairwise(known) if (pair[0][1] > 0) != (pair[1][1] > 0)]
    ends = [*([0.0] if above[0] else []), *turns, *([math.inf] if above[-1] else [])]
    return (ends[0], ends[1]) if len(ends) == 2 else None


def _between(here: tuple[int, float], there: tuple[int, float]) -> float:
    """The N at which a gap that is measured at two sizes is 0."""
    (n, low), (m, high) = here, there
    return n * (m / n) ** (low / (low - high))


def dearer_in_work(work: Callable[[int, int, int], int]) -> Range:
    """From which N on, of square maps, a block has more work than the convolution."""

    def less(side: int) -> bool:
        return work(CHANNELS, side, side) <= CONVOLUTION.work(CHANNELS, side, side)

    cheap = [side for side in (2**k for k in range(LARGEST.bit_length())) if less(side)]
    if not cheap or less(LARGEST):
        return (math.inf, math.inf) if cheap else (0.0, math.inf)
    side = cheap[-1]
    while less(side):
        side += 1
    return float(side**2), math.inf
