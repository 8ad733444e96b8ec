"""The experiments of the course as data: which rows are measured on which images.

A row is a block in a placement of the host. Blocks are named "module:attribute" and imported only
when they are run, so this package knows nothing of the solutions. Run from the top folder of the
repository: `python -m attnlab.experiment run rule --seeds 10`.
"""

from dataclasses import dataclass, field
from difflib import get_close_matches

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


SE = "solutions.se:SEBlock"
ECA = "solutions.eca:ECABlock"
CBAM = "solutions.cbam:CBAM"
NONLOCAL = "solutions.nonlocal:NonLocalBlock"
GC = "solutions.gc:GCBlock"
CC = "solutions.cc:CrissCrossBlock"
PLAIN = Row("plain")
CAPSTONE = Row("capstone", "stage1", "solutions.capstone:Capstone")  # the model answer
CONV = Row("conv", "stage1", "attnlab.baselines:Pointwise", {"reduction": 2})


def _se(key: str = "se", placement: str = "stage1", **settings) -> Row:
    return Row(key, placement, SE, {"reduction": 2} | settings)


def _eca(key: str = "eca", placement: str = "stage1", **settings) -> Row:
    return Row(key, placement, ECA, settings)


def _cbam(key: str = "cbam", placement: str = "stage1", **settings) -> Row:
    return Row(key, placement, CBAM, {"reduction": 2} | settings)


def _nonlocal(key: str = "nonlocal", placement: str = "stage1", **settings) -> Row:
    return Row(key, placement, NONLOCAL, settings)


def _gc(key: str = "gc", placement: str = "stage1", **settings) -> Row:
    return Row(key, placement, GC, {"reduction": 2} | settings)


# Trained as non-local blocks are, tested with one map for all queries.
ONE_MAP = Row("nonlocal-onemap", "stage1", "solutions.query_maps:OneMap")


def _cc(key: str = "cc", placement: str = "stage1", **settings) -> Row:
    return Row(key, placement, CC, {"reduction": 4} | settings)


def _da(key: str = "da", part: str = "DualAttention", **settings) -> Row:
    return Row(key, "stage1", f"solutions.da:{part}", settings)


# In every question of the bench: what it needs no attention for, and one row of each mechanism
# with the two hosts matched to it.
MAIN = (
    PLAIN,
    CONV,
    *matched(_se()),
    *matched(_eca())[::2],  # the host nearest to its 3 weights is the plain one
    *matched(_cbam()),
    *matched(_nonlocal()),
    *matched(_gc()),
    *matched(_cc()),
    *matched(_da(reduction=2)),
)

# In one question only: the choices that a chapter speaks of.
VARIANTS: dict[str, tuple[Row, ...]] = {
    "rule": (
        *(_se(f"se-r{r}", reduction=r) for r in (4, 8, 16)),
        _se("se-max", pool="max"),
        *(_se(placement=place) for place in ("before-sum", "after-sum", "last", "every")),
        *(_eca(f"eca-k{k}", k=k) for k in (1, 5, 31)),  # at 31 each of 16 gates hears every mean
        _eca("eca-own", shared=False),
        Row("eca-full", "stage1", "solutions.eca:FullGate"),
        Row("eca-local", "stage1", "attnlab.baselines:PointwiseBand", {"k": 3}),
        _eca(placement="every"),
        _gc("gc-avg", pooling="avg"),
        _gc("gc-mul", fusion="mul"),
        _gc("gc-avg-mul", pooling="avg", fusion="mul"),
        Row("gc-snl", "stage1", "solutions.gc:SNLBlock"),
        ONE_MAP,
        CAPSTONE,
    ),
    "beside": (
        Row("conv-r1", "stage1", "attnlab.baselines:Pointwise", {"reduction": 1}),
        *(
            Row(f"depthwise-k{k}", "stage1", "attnlab.baselines:Depthwise", {"kernel": k})
            for k in (3, 5)
        ),
        _cbam("cbam-channel", gates=("channel",)),
        _cbam("cbam-spatial", gates=("spatial",)),
        _cbam("cbam-turned", gates=("spatial", "channel")),
        _cbam("cbam-no-norm", spatial={"norm": False}),
        *(_cbam(f"cbam-k{k}", spatial={"kernel": k}) for k in (3, 5)),
        _cbam("cbam-conv1d", channel={"kernel": 3}),
        CAPSTONE,
    ),
    "fetch": (
        *(
            _nonlocal(f"nonlocal-{short}", mode=mode)
            for short, mode in (
                ("gaussian", "gaussian"), ("dot", "dot_product"), ("concat", "concatenation"),
            )
        ),
        _nonlocal("nonlocal-wide", inner=16),
        _nonlocal("nonlocal-scaled", scale="d^-1/2"),
        _nonlocal("nonlocal-pool", pool="after"),
        ONE_MAP,
        Row("cc-r2-once", "stage1", "solutions.cc:CrissCrossBlock", {"passes": 1, "reduction": 2}),
        _da("da-position", "PositionAttention", reduction=2),
        _da("da-channel", "ChannelAttention"),
        _da("da-channel-paper", "ChannelAttention", sign=1),
        _da("da-head", "DAHead", classes=16, inner=16, reduction=2, kernel=1),
    ),
    "row": (_cc("cc-once", passes=1),),
}

CIFAR = (  # as in the papers of channel attention: in every block, before the sum
    PLAIN,
    Row("conv", "every", "attnlab.baselines:Pointwise", {"reduction": 4}),
    *matched(_se(placement="every", reduction=4)),
)

CIFAR_ALL = (  # channels enough for the papers' settings; blocks of pairs once, on a large map
    PLAIN,
    Row("conv", "every", "attnlab.baselines:Pointwise", {"reduction": 16}),
    *matched(_se(placement="every", reduction=16)),
    _eca(placement="every"),
    _cbam(placement="every", reduction=16),
    Row("gc", "every", "solutions.gc:GCBlock"),
    _nonlocal(),
    Row("cc", "stage1", "solutions.cc:CrissCrossBlock"),
    Row("da", "stage1", "solutions.da:PositionAttention"),
)

GRIDS: dict[str, Grid] = {
    question: Grid(question, MAIN + VARIANTS.get(question, ()), question) for question in QUESTIONS
} | {
    "cifar": Grid(
        "cifar", CIFAR, None, profile="cpu", train_images=5120, test_images=10000, shape="cifar",
        baselines=("plain-none", "conv-every"),
    ),
    "cifar-all": Grid(  # for a GPU: tools/measure_gpu.py
        "cifar-all", CIFAR_ALL, None, profile="gpu", train_images=45000, test_images=10000,
        width=64, shape="cifar-all", baselines=("plain-none", "conv-every"),
    ),
}  # fmt: skip
GROUPS: dict[str, tuple[str, ...]] = {"bench": tuple(QUESTIONS)}


def find(name: str) -> tuple[Grid, ...]:
    """The grid of that name, or the grids of a group such as `bench`."""
    if name in GROUPS:
        return tuple(GRIDS[member] for member in GROUPS[name])
    if name in GRIDS:
        return (GRIDS[name],)
    near = get_close_matches(name, [*GRIDS, *GROUPS], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join([*GRIDS, *GROUPS])}"
    raise UnknownGrid(f"no grid {name!r}; {hint}")
