"""The experiment of article 000: ResNet-18 with non-local blocks, or one more residual block.

The article trains on CIFAR-10 at 96 pixels, Adam at a constant 1e-4, batches of 32, 30 epochs, one
run each; its blocks stand after the third of four stages. `article-all` is that, from several
seeds. `article` is scaled down for a CPU: an eighth of the channels, an eighteenth of the images, 8
epochs, and a ten times larger rate to make up for them. Rows `wild-...` have the article's own
blocks, whose affinities are C x C (`solutions.article`); the others are right. An `awake` block
starts with its last norm's scale at 1, as three of the article's four do; the rest start as the
identity.
"""

from attnlab.grids.bench import NONLOCAL, PLAIN
from attnlab.grids.record import Grid, Row

WILD = "solutions.article:WildNonLocal"
AWAKE = "solutions.ablations:AwakeNonLocal"
PLACE = "stage3"
BASELINES = ("plain-none", "extra-stage3", "conv-stage3")


def _right(key: str, mode: str, wide: int | None = None) -> Row:
    return Row(key, PLACE, NONLOCAL, {"mode": mode} | ({"inner": wide} if wide else {}))


def _wild(key: str, mode: str, awake: bool, halved: bool = True, place: str = PLACE) -> Row:
    return Row(f"wild-{key}", place, WILD, {"mode": mode, "awake": awake, "halved": halved})


def _rows(channels: int) -> tuple[Row, ...]:
    """`channels`: of the map after the third stage."""
    embedded = "embedded_gaussian"
    return (
        PLAIN,
        Row("extra", PLACE, "attnlab.baselines:OneMoreUnit"),
        Row("conv", PLACE, "attnlab.baselines:Pointwise", {"reduction": 1}),
        _right("gaussian", "gaussian", channels),
        _right("dot", "dot_product"),
        _right("embedded", embedded),
        _right("embedded-wide", embedded, channels),
        Row("dot-awake", PLACE, AWAKE, {"mode": "dot_product"}),
        Row("embedded-awake", PLACE, AWAKE, {"mode": embedded}),
        Row("embedded", "stage1", NONLOCAL, {"mode": embedded}),
        _wild("gaussian", "gaussian", awake=True, halved=False),
        _wild("dot", "dot_product", awake=True),
        _wild("embedded", embedded, awake=False),
        _wild("embedded-wide", embedded, awake=True, halved=False),
        _wild("embedded-awake", embedded, awake=True),
        _wild("embedded", embedded, awake=False, place="stage1"),
    )


def _grid(name: str, profile: str, images: int, width: int) -> Grid:
    return Grid(
        name, _rows(4 * width), None, profile=profile, train_images=images, test_images=10000,
        width=width, shape="resnet18", baselines=BASELINES, augmented=False,
    )  # fmt: skip


GRIDS = (
    _grid("article", "article-cpu", 2560, 8),
    _grid("article-all", "article", 45000, 64),
)
