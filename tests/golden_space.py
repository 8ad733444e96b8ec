"""Golden cases of the zoo's gates for positions: bam, scse, ra, hacnn."""

from golden_cases import Block
from torch import Tensor, nn

from solutions.bam import BAMBlock
from solutions.hacnn import HardAttention, SoftAttention, SoftChannels, SoftPositions
from solutions.ra import RABlock
from solutions.scse import SCSEBlock, SSEBlock
from solutions.se import SEBlock


def _as_is(case: dict, module: nn.Module) -> Block:
    return Block(module, {role: role for role in (*case["params"], *case["buffers"])})


def bam(case: dict) -> Block:
    hyper = case["hyper"]
    combine = hyper["combine"][:3]
    module = BAMBlock(hyper["channels"], hyper["reduction"], hyper["dilation"], combine=combine)
    return _as_is(case, module)


def scse(case: dict) -> Block:
    """The block, or one of its halves where the case has no parameters of the other."""
    hyper, halves = case["hyper"], {role[0] for role in case["params"]}
    if len(halves) == 2:
        combine = hyper["combine"]
        return _as_is(case, SCSEBlock(hyper["channels"], hyper["reduction"], combine=combine))
    whole = {"c": lambda: SEBlock(hyper["channels"], hyper["reduction"], bias=True),
             "s": lambda: SSEBlock(hyper["channels"])}  # fmt: skip
    return Block(whole[halves.pop()](), {role: role[2:] for role in case["params"]})


def ra(case: dict) -> Block:
    """The module wired as the authors' networks, or as the port where the case says so."""
    return _as_is(case, RABlock(case["hyper"]["channels"], port="port" in case["variant"]))


def hacnn(case: dict) -> Block:
    """One of the layers of harmonious attention, told by its settings and parameters."""
    hyper, roles = case["hyper"], case["params"]
    if "regions" in hyper:
        settings = hyper["channels"], hyper["regions"], hyper["scale"]
        module = HardAttention(*settings, align_corners=hyper["align_corners"])
        return Block(module, {role: role for role in roles}, _regions)
    if "channels" not in hyper:
        return _as_is(case, SoftPositions())
    layer = SoftAttention if "mix.conv.weight" in roles else SoftChannels
    return _as_is(case, layer(hyper["channels"], hyper["reduction"]))


def _regions(module: HardAttention, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    return {"y": module(inputs["x"]), "theta": module.centres(inputs["x"])}
