"""The atlas: what can be said of every mechanism in one row, from the registry and the ledger.

>>> find("nonlocal").order
'N²'
>>> find("se").weights
512

Sizes are those of one map, `CHANNELS` x `SIDE` x `SIDE`. The order in N is that of the products of
layers, of what pools read, and of the products that put a gate onto the map, together. What a
mechanism does for a question of the bench is the verdict of its main form (attnlab.verdicts).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from attnlab.grids import GRIDS
from attnlab.ledger import ROOT
from attnlab.mechanisms import MECHANISMS, Mechanism, mechanism
from attnlab.questions import QUESTIONS
from attnlab.verdicts import ANSWERS, HELPS, MISSING, REACHED, main_forms, measured, verdicts

CHANNELS, SIDE = 64, 32
FORMS = {"gate": "gate", "pairs": "pairs", "crop": "region"}
ORDERS = {None: "–", 0: "1", 1: "N", 1.5: "N√N", 2: "N²", 3: "N³"}


@dataclass(frozen=True)
class Row:
    """One mechanism. `verdicts` holds a word for each question of the bench, see `asked`.

    weights: trained numbers on the reference map; power: the exponent of N. None is unknown.
    """

    record: Mechanism
    weights: int | None
    power: float | None
    verdicts: Mapping[str, str]

    @property
    def order(self) -> str:
        """How the work grows with the number of positions."""
        return ORDERS[self.power]

    @property
    def form(self) -> str:
        """Gate, pairs or region."""
        return FORMS[self.record.form]

    def with_verdict(self, verdict: str) -> list[str]:
        """The questions of which the ledger says this."""
        return [question for question, said in self.verdicts.items() if said == verdict]


def find(key: str, root: Path = ROOT) -> Row:
    """The row of one mechanism; raises attnlab.mechanisms.UnknownKey."""
    record = mechanism(key)
    weights = None if record.parameters is None else record.parameters.for_map(CHANNELS, SIDE, SIDE)
    said = {question: words(question, root).get(key, MISSING) for question in asked(root)}
    return Row(record, weights, power(record), said)


def rows(root: Path = ROOT) -> list[Row]:
    """Every mechanism of the registry once, in its order."""
    return [find(key, root) for key in MECHANISMS]


def power(record: Mechanism) -> float | None:
    """The exponent of N that the work approaches on large maps: 2 for a map of all pairs."""
    if record.multiply_adds is None:
        return None
    counted = [f for f in (record.multiply_adds, record.pooling, record.rescale) if f is not None]
    small, large = (sum(f.for_map(CHANNELS, s, s) for f in counted) for s in (2**40, 2**41))
    return round(math.log2(large / small)) / 2  # twice the side is four times the positions


@cache
def asked(root: Path = ROOT) -> tuple[str, ...]:
    """The questions of the bench that the plain host leaves room to answer."""

    def room(question: str) -> bool:
        grid = GRIDS[question]
        scores = measured(grid, root).get(grid.baselines[0], {}).values()
        return not scores or sum(scores) / len(scores) < REACHED

    return tuple(filter(room, QUESTIONS))


@cache
def words(question: str, root: Path = ROOT) -> dict[str, str]:
    """Mechanism -> its verdict on a question, for those with a row in the question's grid."""
    grid = GRIDS[question]
    found = verdicts(grid, root)
    return {key: found[row.name].word for key, row in main_forms(grid).items()}


BUDGETS: dict[str, Callable[[Row], bool]] = {
    "fewer weights than channels": lambda row: row.weights <= CHANNELS,
    "fewer weights than a 1x1 convolution, work that grows as N": (
        lambda row: row.weights <= CHANNELS**2 and row.power <= 1
    ),
    "no limit": lambda row: True,
}


def choices(question: str, within: Callable[[Row], bool], given: list[Row]) -> list[Row]:
    """Who answers a question within a budget, the fewest weights first; else who helps with it."""
    known = [row for row in given if row.weights is not None and within(row)]
    for said in (ANSWERS, HELPS):
        if found := [row for row in known if row.verdicts[question] == said]:
            return sorted(found, key=lambda row: row.weights)
    return []
