"""CIFAR-10: the core against its baselines, and where in a network a block is put.

`cifar` is measured on a CPU with a stated part of the images, `cifar-all` on a GPU with all of
them. Settings are those of the papers where there are channels enough.
"""

from attnlab.grids.bench import CBAM, CC, ECA, GC, NONLOCAL, PLAIN, SE
from attnlab.grids.record import Grid, Row, matched

POSITIONS = "solutions.da:PositionAttention"
PLACED = {  # block and settings of the mechanisms whose place is asked about
    "se": (SE, {"reduction": 4}),
    "cbam": (CBAM, {"reduction": 4}),
    "gc": (GC, {"reduction": 4}),
    "nonlocal": (NONLOCAL, {}),
}
PLACES = ("before-sum", "stage1", "stage2", "stage3", "last", "every")
GATES = (  # what NAM's paper holds itself against
    Row("se", "every", SE, {"reduction": 4}),
    Row("bam", "every", "solutions.bam:BAMBlock", {"reduction": 4}),
    Row("cbam", "every", CBAM, {"reduction": 4}),
    Row("nam", "every", "solutions.nam:NAMBlock"),
)


def _conv(reduction: int) -> Row:
    return Row("conv", "every", "attnlab.baselines:Pointwise", {"reduction": reduction})


CORE = (  # channel attention as in its papers in every block; blocks of pairs once
    *matched(Row("se", "every", SE, {"reduction": 4})),
    *matched(Row("eca", "every", ECA))[::2],  # the host nearest to its weights is the plain one
    *matched(Row("cbam", "every", CBAM, {"reduction": 4})),
    *matched(Row("gc", "every", GC, {"reduction": 4})),
    *matched(Row("nonlocal", "stage1", NONLOCAL)),
    *matched(Row("cc", "stage1", CC)),
    *matched(Row("da", "stage1", POSITIONS)),
)

CORE_ALL = (
    *matched(Row("se", "every", SE, {"reduction": 16})),
    Row("eca", "every", ECA),
    Row("cbam", "every", CBAM, {"reduction": 16}),
    Row("gc", "every", GC),
    Row("nonlocal", "stage1", NONLOCAL),
    Row("cc", "stage1", CC),
    Row("da", "stage1", POSITIONS),
)


def _cpu(name: str, rows: tuple[Row, ...], baselines: tuple[str, ...], shape: str) -> Grid:
    return Grid(
        name, rows, None, profile="cpu", train_images=5120, test_images=10000, shape=shape,
        baselines=baselines,
    )  # fmt: skip


GRIDS = (
    _cpu("cifar", (PLAIN, _conv(4), *CORE, *GATES[1::2]), ("plain-none", "conv-every"), "cifar"),
    _cpu("cifar-mobile", (PLAIN, *GATES), ("plain-none",), "mobile"),
    _cpu(
        "cifar-placement",
        (PLAIN, *(Row(key, place, *PLACED[key]) for key in PLACED for place in PLACES)),
        ("plain-none",), "cifar",
    ),
    Grid(  # for a GPU: tools/measure_gpu.py
        "cifar-all", (PLAIN, _conv(16), *CORE_ALL), None, profile="gpu", train_images=45000,
        test_images=10000, width=64, shape="cifar-all", baselines=("plain-none", "conv-every"),
    ),
)  # fmt: skip
