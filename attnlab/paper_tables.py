"""ResNet-50 with each mechanism: what papers print, beside what the closed forms give.

`python -m attnlab.paper_tables` prints the table. Parameters are exact. Multiply-adds are those of
the early-stride ResNet-50 (the one the papers count) at 224 pixels, plus the block's; a second
figure adds the block's pooling and rescaling where the registry knows them. Accuracies are quoted
as the source gives them and nothing here depends on them. `basis` says how we know a printed
number: read in the source, read in a second source that quotes it, or recalled and not checked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from attnlab.mechanisms import Formula, mechanism
from attnlab.resnet50 import STAGES

PLAIN_PARAMETERS = 25_557_032
PLAIN_MULTIPLY_ADDS = 3_857_973_248
EVERYWHERE = tuple((stage, number) for stage, (_, number, _) in STAGES.items())
BOTTLENECKS = ((2, 1), (3, 1), (4, 1))  # once after each of the first three stages
LATE = EVERYWHERE[1:]
ONCE = ((4, 1),)

Basis = Literal["read", "read in a second source", "recalled"]


@dataclass(frozen=True)
class Added:
    """Blocks added to ResNet-50: `places` says how many in which stage, `by_stage` what differs."""

    key: str
    places: tuple[tuple[int, int], ...] = EVERYWHERE
    settings: dict[str, int] = field(default_factory=dict)
    by_stage: dict[int, dict[str, int]] = field(default_factory=dict)

    def total(self, costs: Iterable[str]) -> int | None:
        """The sum of some closed forms over all blocks; None where the registry has none."""
        forms = [getattr(mechanism(self.key), cost) for cost in costs]
        if None in forms:
            return None
        return sum(
            number * form(**self._size(stage), **self._settings(form, stage))
            for form in forms
            for stage, number in self.places
        )

    def _settings(self, form: Formula, stage: int) -> dict[str, int]:
        """Those that the form takes; it refuses what not even the form of the parameters takes."""
        elsewhere = mechanism(self.key).parameters.words.keys() - form.words.keys()
        given = self.settings | self.by_stage.get(stage, {})
        return {word: value for word, value in given.items() if word not in elsewhere}

    @staticmethod
    def _size(stage: int) -> dict[str, int]:
        channels, _, side = STAGES[stage]
        return {"channels": channels, "height": side, "width": side}


@dataclass(frozen=True)
class Row:
    """One printed result. millions: its parameters in units of `unit`; top1, top5 in percent."""

    label: str
    added: Added | None
    source: str
    basis: Basis
    millions: float | None = None
    unit: int = 10**6
    giga: float | None = None
    top1: float | None = None
    top5: float | None = None

    @property
    def parameters(self) -> int:
        """Exact, from the closed forms."""
        return PLAIN_PARAMETERS + (self.added.total(["parameters"]) if self.added else 0)

    @property
    def multiply_adds(self) -> int | None:
        """Of convolutions, linear layers and matrix products, per image of 224 pixels."""
        return self._plus("multiply_adds")

    @property
    def all_operations(self) -> int | None:
        """The same, with the block's pooling and rescaling counted as one each."""
        return self._plus("multiply_adds", "pooling", "rescale")

    def _plus(self, *costs: str) -> int | None:
        added = self.added.total(costs) if self.added else 0
        return None if added is None else PLAIN_MULTIPLY_ADDS + added


SE = Added("se")
SE_BIASED = Added("se", settings={"bias": 1})
ECA = Added(
    "eca", by_stage={2: {"kernel": 3}, 3: {"kernel": 5}, 4: {"kernel": 5}, 5: {"kernel": 7}}
)
CBAM = Added("cbam")
CBAM_UNBIASED = Added("cbam", settings={"bias": 0})
BAM = Added("bam", BOTTLENECKS)
GE = "Hu et al., NeurIPS 2018"
SE_PAPER = "Hu et al., CVPR 2018, table 2"
ECA_PAPER = "Wang et al., CVPR 2020"
CBAM_PAPER = "Woo et al., ECCV 2018, table 4"
GC_PAPER = "Cao et al., ICCV Workshops 2019"
MEBI = 2**20  # the unit of most rows, not all, in the ECA paper

ROWS = (
    Row("plain", None, CBAM_PAPER, "recalled", 25.56, giga=3.858, top1=75.44, top5=92.50),
    Row("plain", None, ECA_PAPER, "read in a second source", 24.37, MEBI, 3.86, 75.20, 92.52),
    Row("se", SE, SE_PAPER, "recalled", giga=3.87, top1=76.71, top5=93.38),
    Row("se", SE, ECA_PAPER, "recalled", 26.77, MEBI, 3.87, 76.71, 93.38),
    Row("se, biases", SE_BIASED, CBAM_PAPER, "recalled", 28.09, giga=3.86, top1=76.86, top5=93.30),
    Row("se, biases", SE_BIASED, "SENet repository", "read", top1=77.63, top5=93.64),
    Row("eca, k 3557", ECA, ECA_PAPER, "read in a second source", 24.37, MEBI, 3.86, 77.48, 93.68),
    Row("eca, k 3557", ECA, "ECANet repository", "read", 24.37, MEBI, 3.86, 77.42, 93.62),
    Row("cbam", CBAM, CBAM_PAPER, "recalled", 28.09, giga=3.864, top1=77.34, top5=93.69),
    Row("cbam, no biases", CBAM_UNBIASED, ECA_PAPER, "recalled", 26.77, MEBI, 3.87, 77.34, 93.69),
    Row("cbam", CBAM, "attention-module repository", "read", top1=77.622, top5=93.948),
    Row("bam", BAM, "Park et al., BMVC 2018", "recalled", 25.92, giga=3.94, top1=75.98, top5=92.82),
    Row("bam", BAM, "attention-module repository", "read", top1=76.86, top5=93.416),
    Row("nonlocal, 1 in stage 4", Added("nonlocal", ONCE), GC_PAPER, "recalled", 27.66, giga=4.11,
        top1=77.20, top5=93.51),
    Row("gc, 1 in stage 4", Added("gc", ONCE), GC_PAPER, "recalled", 25.69, giga=3.86,
        top1=77.34, top5=93.52),
    Row("gc, stages 3 to 5", Added("gc", LATE), GC_PAPER, "recalled", 28.08, giga=3.87,
        top1=77.70, top5=93.66),
    Row("fca", Added("fca"), "FcaNet repository", "read", top1=78.52),
    Row("gsop", Added("gsop"), "GSoP repository", "read", top1=77.98, top5=94.12),
    Row("ge, no parameters", Added("ge", settings={"theta": 0, "mlp": 0}), GE, "recalled", 25.6,
        giga=3.86),
    Row("ge, theta", Added("ge", settings={"mlp": 0}), GE, "recalled", 31.2, giga=3.87,
        top1=78.00, top5=94.13),
    Row("ge, theta+", Added("ge"), GE, "recalled", 33.7, giga=3.87, top1=78.12, top5=94.20),
)  # fmt: skip


def table() -> str:
    """The rows as text: printed beside exact, and how each printed number is known."""
    header = ("ResNet-50 +", "parameters", "printed", "G", "G, all", "printed", "source", "basis")
    lines = [header, *map(_cells, ROWS)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    unit = " Mi" if row.unit == MEBI else " M"
    printed = "" if row.millions is None else f"{row.millions:g}{unit}"
    giga = ["" if n is None else f"{n / 1e9:.4f}" for n in (row.multiply_adds, row.all_operations)]
    theirs = "" if row.giga is None else f"{row.giga:g}"
    return (row.label, f"{row.parameters:,}", printed, *giga, theirs, row.source, row.basis)


if __name__ == "__main__":
    print(table())
