"""What a grid and its rows are: a block in a placement of the host, and the images it learns."""

from dataclasses import dataclass, field

from attnlab.questions import QUESTIONS


class UnknownGrid(KeyError):
    """A grid that is not in `GRIDS`; the message names the nearest one."""

    def __str__(self) -> str:
        return self.args[0]


@dataclass(frozen=True)
class Row:
    """One line of a table. `settings` go to the block.

    `matches` names the row whose cost this row's plain host is widened to, and `by` which cost:
    its "parameters", or the "time" of a training step.
    """

    key: str
    placement: str = "none"
    block: str | None = None
    settings: dict = field(default_factory=dict)
    matches: str | None = None
    by: str = "parameters"

    @property
    def name(self) -> str:
        """The row's name in the ledger."""
        return f"{self.key}-{self.placement}"


@dataclass(frozen=True)
class Grid:
    """Rows measured on the same images. `question` is one of the bench, or None for CIFAR-10."""

    name: str
    rows: tuple[Row, ...]
    question: str | None
    profile: str = "tiny"
    train_images: int = 1024
    test_images: int = 2000
    size: int = 32
    width: int = 16
    shape: str = "bench"
    baselines: tuple[str, ...] = ("plain-none", "conv-stage1")
    augmented: bool = True  # of photographs: flipped and shifted

    @property
    def quantity(self) -> str:
        """What its rows are compared by."""
        dense = self.question is not None and QUESTIONS[self.question].dense
        return "mean_iou" if dense else "accuracy"

    def row(self, name: str) -> Row:
        """The row of that name; raises UnknownGrid."""
        for row in self.rows:
            if row.name == name:
                return row
        names = ", ".join(row.name for row in self.rows)
        raise UnknownGrid(f"grid {self.name!r} has no row {name!r}; it has {names}")

    def rivals(self, name: str) -> list[str]:
        """What a row is held against: the grid's baselines, and the hosts matched to that row."""
        return [*self.baselines, *(row.name for row in self.rows if row.matches == name)]


def matched(row: Row) -> tuple[Row, Row, Row]:
    """A row, the plain host with as many parameters, and the plain host as slow."""
    return (
        row,
        Row(f"params-{row.key}", row.placement, matches=row.name),
        Row(f"time-{row.key}", row.placement, matches=row.name, by="time"),
    )
