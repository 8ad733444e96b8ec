"""For each family of mechanisms the question of the bench that tells it from the others."""

from dataclasses import dataclass
from pathlib import Path

from attnlab.grids import GRIDS
from attnlab.ledger import ROOT, paired
from attnlab.statistics import Comparison, holm


@dataclass(frozen=True)
class Family:
    """A row of a question, and the rows of other families that it is held against."""

    name: str
    question: str
    row: str
    others: tuple[str, ...]


FAMILIES = (
    Family("channel gates", "rule", "se-stage1", ("plain-none", "conv-stage1", "params-se-stage1")),
    Family(
        "spatial gates", "beside", "cbam-stage1", ("se-stage1", "nonlocal-stage1", "gc-stage1")
    ),
    Family(
        "pairs", "fetch", "nonlocal-dot-stage1",
        ("se-stage1", "cbam-stage1", "gc-stage1", "cc-stage1"),
    ),
    Family(
        "rows and columns", "row", "cc-stage1",
        ("se-stage1", "cbam-stage1", "nonlocal-stage1", "gc-stage1"),
    ),
    Family("global context", "fetch", "gc-stage1", ("se-stage1", "eca-stage1", "cc-stage1")),
)  # fmt: skip


def told_apart(family: Family, root: Path = ROOT) -> dict[str, Comparison]:
    """Row of another family -> the paired difference of this one's from it, with Holm's p."""
    quantity = GRIDS[family.question].quantity
    return holm({
        other: paired(family.question, family.row, other, quantity, root)
        for other in family.others
    })  # fmt: skip
