"""The question bench: every mechanism on every question, and the choices that chapters speak of.

The host has 16 channels in its first stage, so settings are those of a paper only in kind: half
of the channels where it halves them, and a hidden layer of 8.
"""

from attnlab.grids.record import Grid, Row, matched
from attnlab.questions import QUESTIONS

SE = "solutions.se:SEBlock"
ECA = "solutions.eca:ECABlock"
CBAM = "solutions.cbam:CBAM"
NONLOCAL = "solutions.nonlocal:NonLocalBlock"
GC = "solutions.gc:GCBlock"
CC = "solutions.cc:CrissCrossBlock"
FCA = "solutions.fca:FcaBlock"
MAP = (8, 8)  # height and width of the map at stage1
PLACES = ("before-sum", "after-sum", "stage2", "last", "every")


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


def _cc(key: str = "cc", placement: str = "stage1", **settings) -> Row:
    return Row(key, placement, CC, {"reduction": 4} | settings)


def _da(key: str = "da", part: str = "DualAttention", **settings) -> Row:
    return Row(key, "stage1", f"solutions.da:{part}", settings)


def _ablated(key: str, block: str, **settings) -> Row:
    return Row(key, "stage1", f"solutions.ablations:{block}", settings)


def _fca(key: str, *frequencies: tuple[int, int]) -> Row:
    chosen = [[*pair] for pair in frequencies]
    return Row(key, "stage1", FCA, {"grid": [*MAP], "frequencies": chosen, "reduction": 2})


PLAIN = Row("plain")
CONV = Row("conv", "stage1", "attnlab.baselines:Pointwise", {"reduction": 2})
CAPSTONE = Row("capstone", "stage1", "solutions.capstone:Capstone")  # the model answer
# Trained as non-local blocks are, tested with one map for all queries.
ONE_MAP = Row("nonlocal-onemap", "stage1", "solutions.query_maps:OneMap")
MAIN = (PLAIN, CONV, _se(), _eca(), _cbam(), _nonlocal(), _gc(), _cc(), _da(reduction=2))
ZOO = tuple(
    Row(key, "stage1", f"solutions.{block}", settings)
    for key, block, settings in (
        ("ge", "ge:GEBlock", {"form": "plus", "size": MAP, "reduction": 2}),
        ("sk", "sk:SKBlock", {"reduction": 2, "least": 8, "groups": 4}),
        ("spa", "spa:SPABlock", {"reduction": 2}),
        ("fca", "fca:FcaBlock", {"grid": MAP, "reduction": 2}),
        ("gsop", "gsop:GSoPBlock", {"inner": 8, "stride": 1}),
        ("nam", "nam:NAMBlock", {}),
        ("bam", "bam:BAMBlock", {"reduction": 2}),
        ("scse", "scse:SCSEBlock", {}),
        ("ra", "ra:RABlock", {}),
        ("hacnn", "hacnn:SoftBlock", {"reduction": 2}),
        ("mha", "ablations:SelfAttention", {"heads": 4}),
        ("a2", "a2:DoubleAttention", {"features": 8, "maps": 8}),
        ("ann", "ann:APNB", {"sizes": (1, 2, 4)}),
        ("rga", "rga:RelationAware", {"positions": MAP[0] * MAP[1]}),
        ("iau", "iau:InteractionUpdate", {}),
    )
)

# FcaNet's choice of frequencies, first step: each of the lowest sixteen by itself.
LOWEST = tuple((u, v) for u in range(4) for v in range(4))
ALONE = tuple(_fca(f"fca-{u}{v}", (u, v)) for u, v in LOWEST)
# Second step: the best of them together, as ALONE ranks them; beside them the four lowest, and all.
BEST = ((1, 0), (3, 1), (1, 1), (3, 0))
TOGETHER = (
    _fca("fca-best2", *BEST[:2]),
    _fca("fca-best4", *BEST),
    _fca("fca-low4", (0, 0), (0, 1), (1, 0), (1, 1)),
    _fca("fca-all16", *LOWEST),
)

# The hosts matched to a mechanism, in the questions that it is there for and in some it is not.
MATCHED: dict[str, tuple[Row, ...]] = {
    "local": matched(_se())[1:],
    "rule": (*matched(_se())[1:], matched(_eca())[2], *matched(_gc())[1:]),
    "same": (*matched(_se())[1:], *matched(_nonlocal())[1:]),
    "key": matched(_se())[1:],
    "row": matched(_cc())[1:],
    "beside": matched(_cbam())[1:],
    "mark": matched(_se())[1:],
    "fetch": matched(_nonlocal())[1:],
}

# In one question only: the choices that a chapter speaks of.
VARIANTS: dict[str, tuple[Row, ...]] = {
    "rule": (
        *(_se(f"se-r{r}", reduction=r) for r in (4, 8, 16)),
        _se("se-max", pool="max"),
        *(_se(placement=place) for place in PLACES),
        *(_eca(f"eca-k{k}", k=k) for k in (1, 5, 31)),  # at 31 each of 16 gates hears every mean
        _eca("eca-own", shared=False),
        Row("eca-full", "stage1", "solutions.eca:FullGate"),
        Row("eca-local", "stage1", "attnlab.baselines:PointwiseBand", {"k": 3}),
        _eca(placement="every"),
        _gc("gc-avg", pooling="avg"),
        _gc("gc-mul", fusion="mul"),
        _gc("gc-avg-mul", pooling="avg", fusion="mul"),
        *(_gc(placement=place) for place in PLACES),
        Row("gc-snl", "stage1", "solutions.gc:SNLBlock"),
        Row("ge-minus", "stage1", "solutions.ge:GEBlock"),
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
        _ablated("cbam-parallel", "ParallelCBAM", reduction=2),
        _cbam("cbam-no-norm", spatial={"norm": False}),
        *(_cbam(f"cbam-k{k}", spatial={"kernel": k}) for k in (3, 5)),
        _cbam("cbam-conv1d", channel={"kernel": 3}),
        *(_cbam(placement=place) for place in PLACES),
        CAPSTONE,
    ),
    "fetch": (
        *(
            _nonlocal(f"nonlocal-{short}", mode=mode)
            for short, mode in (
                ("gaussian", "gaussian"),
                ("dot", "dot_product"),
                ("concat", "concatenation"),
            )
        ),
        _nonlocal("nonlocal-narrow", inner=4),
        _nonlocal("nonlocal-wide", inner=16),
        _nonlocal("nonlocal-scaled", scale="d^-1/2"),
        _nonlocal("nonlocal-pool", pool="after"),
        _ablated("nonlocal-awake", "AwakeNonLocal"),
        *(_nonlocal(placement=place) for place in PLACES),
        ONE_MAP,
        Row("cc-r2-once", "stage1", "solutions.cc:CrissCrossBlock", {"passes": 1, "reduction": 2}),
        _da("da-position", "PositionAttention", reduction=2),
        _da("da-channel", "ChannelAttention"),
        _da("da-channel-paper", "ChannelAttention", sign=1),
        _da("da-head", "DAHead", classes=16, inner=16, reduction=2, kernel=1),
        _ablated("ocr", "RegionContext", classes=9, stride=4),
    ),
    "row": (
        _cc("cc-once", passes=1),
        _ablated("hacnn-hard", "Harmonious", soft=False),
        _ablated("hacnn-both", "Harmonious"),
        *ALONE,
        *TOGETHER,
    ),
    "mark": (_ablated("ocr", "RegionContext", classes=3, stride=4),),
}

GRIDS = tuple(
    Grid(question, MAIN + ZOO + MATCHED[question] + VARIANTS.get(question, ()), question)
    for question in QUESTIONS
)
