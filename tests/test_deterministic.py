"""Every block gives the same bits twice, and uses nothing that CUDA cannot do deterministically."""

import importlib

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from attnlab.host import Host
from attnlab.runs import deterministic
from solutions.a2 import DoubleAttention
from solutions.ablations import (
    AwakeNonLocal,
    Harmonious,
    ParallelCBAM,
    RegionContext,
    SelfAttention,
)
from solutions.ann import APNB
from solutions.article import WildNonLocal
from solutions.bam import BAMBlock
from solutions.cbam import CBAM
from solutions.cc import CrissCrossBlock
from solutions.da import ChannelAttention, PositionAttention
from solutions.eca import ECABlock
from solutions.fca import FcaBlock
from solutions.gc import GCBlock, SNLBlock
from solutions.ge import GEBlock
from solutions.gsop import GSoPBlock, GSoPPositions
from solutions.hacnn import HardAttention, SoftBlock
from solutions.iau import InteractionUpdate
from solutions.nam import NAMBlock
from solutions.ocr import ObjectContext
from solutions.ra import RABlock
from solutions.racnn import AttentionCrop, AttentionProposal
from solutions.rga import RelationAware
from solutions.scse import SCSEBlock
from solutions.se import SEBlock
from solutions.sk import SKBlock
from solutions.spa import SPABlock

NonLocalBlock = importlib.import_module("solutions.nonlocal").NonLocalBlock
BLOCKS = {
    "se": SEBlock,
    "se, maximum": lambda c: SEBlock(c, pool="max"),
    "eca": ECABlock,
    "cbam": CBAM,
    "nonlocal": NonLocalBlock,
    "nonlocal, pooled": lambda c: NonLocalBlock(c, pool="after"),
    "gc": GCBlock,
    "snl": SNLBlock,
    "cc": CrissCrossBlock,
    "da, positions": PositionAttention,
    "da, channels": ChannelAttention,
    "sk": lambda c: SKBlock(c, groups=4),
    "ge": lambda c: GEBlock(c, 4, "theta"),
    "spa": SPABlock,
    "fca": lambda c: FcaBlock(c, (8, 8), frequencies="top4"),
    "gsop": lambda c: GSoPBlock(c, 8),
    "gsop, positions": lambda c: GSoPPositions(c, 4, (5, 5)),
    "nam": NAMBlock,
    "bam": BAMBlock,
    "scse": SCSEBlock,
    "ra": RABlock,
    "hacnn": SoftBlock,
    "hacnn, regions": lambda c: Regions(c),
    "a2": DoubleAttention,
    "ann": lambda c: APNB(c, sizes=(1, 3)),
    "iau": InteractionUpdate,
    "rga": lambda c: RelationAware(c, 64),
    "ocr": lambda c: Objects(c),
    "racnn": lambda c: Zoomed(c),
    "cbam, parallel": ParallelCBAM,
    "nonlocal, awake": AwakeNonLocal,
    "mha": SelfAttention,
    "hacnn, both": Harmonious,
    "ocr, block": lambda c: RegionContext(c, 3, 4),
    "article": lambda c: WildNonLocal(c, "embedded_gaussian"),
}


class Regions(HardAttention):
    """The largest of a place's numbers in the regions, so that a host can hold it."""

    def forward(self, x):
        return super().forward(x).amax(dim=1)


class Objects(ObjectContext):
    """With coarse logits of three classes that it makes itself."""

    def __init__(self, channels):
        super().__init__(channels)
        self.coarse = torch.nn.Conv2d(channels, 3, 1)

    def forward(self, x):
        return super().forward(x, self.coarse(x))


class Zoomed(AttentionProposal):
    """The square that it proposes, enlarged to the size of the map."""

    def __init__(self, channels):
        super().__init__(channels, size=8, hidden=4)

    def forward(self, x):
        return AttentionCrop(8)(x, super().forward(x.mean((2, 3))))


# From the documentation of torch.use_deterministic_algorithms: what raises an error on CUDA, of
# the operations that a block could use. Names of ATen operations, `_backward` where only that does.
NO_CUDA = {
    "_adaptive_avg_pool2d_backward", "adaptive_max_pool2d_backward", "avg_pool3d_backward",
    "_adaptive_avg_pool3d_backward", "adaptive_max_pool3d_backward", "bincount", "cumsum",
    "fractional_max_pool2d_backward", "grid_sampler_2d_backward", "histc", "kthvalue", "median",
    "max_pool3d_with_indices_backward", "max_unpool2d", "nll_loss2d_backward", "put",
    "reflection_pad1d_backward", "reflection_pad2d_backward", "replication_pad1d_backward",
    "replication_pad2d_backward", "upsample_bicubic2d_backward", "upsample_bilinear2d_backward",
    "upsample_linear1d_backward", "upsample_trilinear3d_backward",
}  # fmt: skip


def step(key: str, device: str) -> list[torch.Tensor]:
    """Output and gradients of one step of the host with a block, from a seed."""
    torch.manual_seed(0)
    host = Host(BLOCKS[key], classes=4).to(device).train()
    torch.manual_seed(1)
    x, labels = torch.randn(8, 3, 32, 32), torch.arange(8) % 4
    with deterministic():
        y = host(x.to(device))
        torch.nn.functional.cross_entropy(y, labels.to(device)).backward()
    return [y.detach().cpu(), *(p.grad.cpu() for p in host.parameters())]


def same_bits(key: str, device: str) -> None:
    for first, second in zip(step(key, device), step(key, device), strict=True):
        assert torch.equal(first, second), f"{key} on {device} differs from one time to the next"


@pytest.mark.parametrize("key", BLOCKS)
def test_same_bits_twice_on_the_cpu(key):
    same_bits(key, "cpu")


@pytest.mark.gpu
@pytest.mark.parametrize("key", BLOCKS)
def test_same_bits_twice_on_cuda(key):
    if not torch.cuda.is_available():
        pytest.skip("not run: no CUDA device")
    same_bits(key, "cuda")


class Names(TorchDispatchMode):
    """The ATen operations that pass, forward and backward."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.seen.add(func.overloadpacket.__name__.rstrip("_"))
        return func(*args, **kwargs or {})


@pytest.mark.parametrize("key", BLOCKS)
def test_no_operation_without_a_deterministic_form_on_cuda(key):
    with Names() as names:
        step(key, "cpu")
    assert "convolution_backward" in names.seen, "the backward pass was not seen"
    assert not names.seen & NO_CUDA


def test_such_an_operation_would_be_seen():
    x = torch.randn(1, 2, 6, 6, requires_grad=True)
    with Names() as names:
        torch.nn.functional.adaptive_avg_pool2d(x, 2).sum().backward()
    assert names.seen & NO_CUDA == {"_adaptive_avg_pool2d_backward"}
