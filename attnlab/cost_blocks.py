"""The blocks whose costs are measured, and how each is built and called for a map (B, C, H, W).

Classes are named "module:attribute" and imported when they are built, so that this package knows
nothing of the solutions. A block that works on words or regions is given the places of the map.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor, nn

from attnlab.configs import import_block
from attnlab.mechanisms import mechanism

CLASSES = 19  # of the coarse logits that object-contextual representations are given
Make = Callable[[Callable[..., nn.Module], int, int, int], nn.Module]
Call = Callable[[nn.Module, Tensor], Tensor]


def written_floats(channels: int, height: int, width: int, pairs: int) -> int:
    """Numbers of one image that coexist where the equations are done as they are written.

    The map, what becomes of it, and an affinity of `pairs` numbers before and after its softmax.
    A fused kernel never holds the affinity and needs less.
    """
    return 2 * channels * height * width + 2 * pairs


@dataclass(frozen=True)
class Measured:
    """A block of the table: its class, and its record in the registry with the same settings.

    make: from the class and C, H, W; call: the block on a map. `closed` holds the parameters and
    the multiply-adds of one image, from C, H, W, where there is no record.
    """

    key: str
    block: str
    record: str = ""
    settings: dict[str, int] = field(default_factory=dict)
    make: Make = lambda kind, c, h, w: kind(c)
    call: Call | None = None
    closed: Callable[[int, int, int], tuple[int, int]] = lambda c, h, w: (0, 0)

    def build(self, channels: int, height: int, width: int) -> nn.Module:
        """The block for maps of this size, as a module of one argument."""
        made = self.make(import_block(self.block), channels, height, width)
        return made if self.call is None else OnMap(made, self.call)

    def forms(self, channels: int, height: int, width: int) -> tuple[int, int]:
        """Parameters and multiply-adds of one image in closed form."""
        if not self.record:
            return self.closed(channels, height, width)
        size = channels, height, width
        return self.form("parameters", *size), self.form("multiply_adds", *size)

    def form(self, cost: str, channels: int, height: int, width: int) -> int:
        """A cost of the record on a map of this size; 0 where the record has none."""
        formula = getattr(mechanism(self.record), cost)
        known = formula.words if formula else {}
        given = {word: value for word, value in self.settings.items() if word in known}
        return formula.for_map(channels, height, width, **given) if formula else 0

    def work(self, channels: int, height: int, width: int) -> int:
        """Multiply-adds, numbers that pools read and products of gates, of one image."""
        size = channels, height, width
        more = ("pooling", "rescale") if self.record else ()
        return self.forms(*size)[1] + sum(self.form(cost, *size) for cost in more)

    def floats(self, channels: int, height: int, width: int) -> int:
        """Numbers of one image that the block's equations name at once: see `written_floats`."""
        pairs = self.form("affinity", channels, height, width) if self.record else 0
        return written_floats(channels, height, width, pairs)


class OnMap(nn.Module):
    """A block that takes something else than one map, called on a map (B, C, H, W)."""

    def __init__(self, block: nn.Module, call: Call):
        super().__init__()
        self.block, self.call = block, call

    def forward(self, x: Tensor) -> Tensor:
        """What `call` makes of the block and x."""
        return self.call(self.block, x)


def tokens(x: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, N, C)."""
    return x.flatten(2).mT


def convolution(channels: int) -> nn.Module:
    """The layer that everything is held against: 3x3, as many channels out as in, no bias."""
    return nn.Conv2d(channels, channels, 3, padding=1, bias=False)


CONVOLUTION = Measured(
    "conv3x3", "attnlab.cost_blocks:convolution",
    closed=lambda c, h, w: (9 * c * c, 9 * c * c * h * w),
)  # fmt: skip
CORE = (
    Measured("identity", "torch.nn:Identity", make=lambda kind, c, h, w: kind()),
    Measured("se", "solutions.se:SEBlock", "se"),
    Measured("eca", "solutions.eca:ECABlock", "eca"),
    Measured("cbam", "solutions.cbam:CBAM", "cbam"),
    Measured("nonlocal", "solutions.nonlocal:NonLocalBlock", "nonlocal"),
    Measured("gc", "solutions.gc:GCBlock", "gc"),
    Measured("cc", "solutions.cc:CrissCrossBlock", "cc"),
    Measured("da_positions", "solutions.da:PositionAttention", "da", {"channel": 0}),
    Measured("da_channels", "solutions.da:ChannelAttention", "da", {"position": 0}),
)
ZOO = (
    Measured(
        "ge", "solutions.ge:GEBlock", "ge", make=lambda kind, c, h, w: kind(c, None, "plus", (h, w))
    ),
    Measured("sk", "solutions.sk:SKBlock", "sk"),
    Measured("spa", "solutions.spa:SPABlock", "spa"),
    Measured("fca", "solutions.fca:FcaBlock", "fca", make=lambda kind, c, h, w: kind(c, (h, w))),
    Measured("gsop", "solutions.gsop:GSoPBlock", "gsop"),
    Measured("nam", "solutions.nam:NAMBlock", "nam"),
    Measured("bam", "solutions.bam:BAMBlock", "bam"),
    Measured("scse", "solutions.scse:SCSEBlock", "scse"),
    Measured("ra", "solutions.ra:RABlock", "ra"),
    Measured("hacnn_soft", "solutions.hacnn:SoftBlock", "hacnn", {"hard": 0}),
    Measured("hacnn_hard", "solutions.hacnn:HardAttention", "hacnn", {"soft": 0}),
    Measured("a2", "solutions.a2:DoubleAttention", "a2"),
    Measured("ann", "solutions.ann:APNB", "ann"),
    Measured("iau", "solutions.iau:InteractionUpdate", "iau"),
    Measured(
        "rga", "solutions.rga:RelationAware", "rga", make=lambda kind, c, h, w: kind(c, h * w)
    ),
    Measured(
        "ocr", "solutions.ocr:ObjectContext", "ocr", {"classes": CLASSES},
        call=lambda block, x: block(x, x[:, :CLASSES]),
    ),
    Measured(
        "mha", "solutions.mha:MultiHeadAttention", "mha",
        call=lambda block, x: block(tokens(x)),
    ),
    Measured(
        "bahdanau", "solutions.bahdanau:AdditiveAttention", "bahdanau",
        make=lambda kind, c, h, w: kind(c, c, c),
        call=lambda block, x: block(tokens(x), tokens(x), tokens(x)),
    ),
    Measured(
        "sat", "solutions.sat:SoftAttention", "sat", make=lambda kind, c, h, w: kind(c, c, c),
        call=lambda block, x: block(tokens(x), tokens(x)[:, 0]),
    ),
)  # fmt: skip
BLOCKS = (*CORE, CONVOLUTION, *ZOO)
