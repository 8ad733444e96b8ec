"""What the five articles name, written down once from reading them, and what each still lacks.

Every key of `NAMED` has a record in the registry, and all but those of `TOUCHED` a block, golden
cases, tests, named mistakes and a section of the book. What is still to be written is listed here
and nowhere else; the tests fail when a list is not the truth, in either direction.
"""

# Key to the forms that the articles name.
NAMED = {
    "se": "squeeze-and-excitation",
    "eca": "efficient channel attention, adaptive k",
    "cbam": "MLP and 1-D convolution channel gates; spatial gate with k = 3, 5, 7",
    "nonlocal": "non-local: four pairwise functions; full width; sub-sampled; scaled; films",
    "gc": "global context, simplified non-local",
    "cc": "criss-cross, one and two passes",
    "da": "dual attention: position, channel, head",
    "ge": "gather-excite: parameter-free, θ, θ+",
    "ra": "residual attention network",
    "sk": "selective kernels",
    "spa": "spatial pyramid attention",
    "bam": "bottleneck attention",
    "scse": "cSE, sSE, scSE",
    "a2": "double attention",
    "ann": "asymmetric non-local: APNB, AFNB",
    "ocr": "object-contextual representations, with supervised coarse regions",
    "iau": "interaction-aggregation-update: spatial, channel, temporal",
    "fca": "frequency channels, with the two-step choice of frequencies",
    "rga": "relation-aware global attention",
    "gsop": "global second-order pooling, channel and spatial",
    "nam": "normalisation-based attention, with its sparsity penalty",
    "hacnn": "harmonious attention: soft spatial and channel, hard regional",
    "itti": "saliency maps, with winner-take-all and inhibition of return",
    "ram": "recurrent glimpses, hard attention, REINFORCE",
    "bahdanau": "additive alignment",
    "sat": "show, attend and tell: soft and hard",
    "racnn": "recurrent attention CNN: attention proposal, zoom, rank loss",
    "mha": "Transformer: scaled dot product, multi-head",
    "splat": "split-attention",
    "gam": "global attention mechanism",
}

# What the articles only touch: one names it, one quotes its abstract as another's. A labelled entry
# of the atlas is what these get.
TOUCHED = ("splat", "gam")

WITHOUT_SECTION = ()

# Of those that share a page; the mistakes of the others lie with their exercises.
WITHOUT_MISTAKES = ()
