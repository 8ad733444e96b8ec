"""Golden cases of a2, ann, rga, iau and ocr to blocks of `solutions/`."""

import re

from golden_cases import Block
from golden_spellings import option

from solutions.a2 import DoubleAttention
from solutions.ann import AFNB, APNB, SIZES
from solutions.iau import InteractionUpdate
from solutions.ocr import ObjectContext
from solutions.rga import RelationAware


def a2(case: dict) -> Block:
    hyper, params = case["hyper"], case["params"]
    features, channels = params["gather.weight"][:2]
    module = DoubleAttention(
        channels,
        features,
        params["attend.weight"][0],
        out="out.weight" in params,
        residual=hyper.get("residual", False),
    )
    return Block(module, same(case))


def apnb(case: dict) -> Block:
    channels, settings = widths(case, "key.conv.weight")
    return Block(APNB(channels, **settings), same(case))


def afnb(case: dict) -> Block:
    low, settings = widths(case, "key.conv.weight")
    high = case["params"]["query.conv.weight"][1]
    return Block(AFNB(low, high, **settings), same(case))


def widths(case: dict, key: str) -> tuple[int, dict]:
    """The width that keys come from, and the settings of either asymmetric block."""
    params, hyper = case["params"], case["hyper"]
    inner, channels = params[key][:2]
    return channels, {
        "key_channels": inner,
        "value_channels": params["value.weight"][0],
        "out_channels": params["fuse.conv.weight"][0],
        "sizes": hyper.get("psp_sizes", SIZES),
        "dropout": option(hyper, "dropout", 0.0),
    }


def rga(case: dict) -> Block:
    hyper = case["hyper"]
    height, width = hyper["spatial"]
    gates = [gate for gate in RelationAware.GATES if hyper.get(f"use_{gate}", True)]
    module = RelationAware(
        hyper["channels"],
        height * width,
        tuple(gates),
        channel_ratio=hyper.get("cha_ratio", 8),
        spatial_ratio=hyper.get("spa_ratio", 8),
        down_ratio=hyper.get("down_ratio", 8),
    )
    return Block(module, same(case))


def iau(case: dict) -> Block:
    params = case["params"]
    inner, channels = params["reduce.weight"][:2]
    module = InteractionUpdate(channels, params["parts.conv.weight"][0], inner)

    def run(block, inputs):
        (x,) = inputs.values()
        seen = []  # a call of its own would move the running statistics once more
        hook = block.parts.register_forward_hook(lambda *call: seen.append(call[2].sigmoid()))
        y = block(x)
        hook.remove()
        return {"y": y, "parts": seen[0].reshape(len(x), -1, *x.shape[2:])}

    return Block(module, same(case), run)


def ocr(case: dict) -> Block:
    params, hyper = case["params"], case["hyper"]
    inner, channels = params["pixel.conv1.weight"][:2]
    module = ObjectContext(
        channels,
        inner,
        params["fuse.conv.weight"][0],
        scale=hyper.get("scale", 1),
        dropout=option(hyper, "dropout", 0.0),
    )
    roles = {role: re.sub(r"\.(conv|bn)([12])\.", _nth, role) for role in same(case)}
    return Block(module, roles)


def _nth(match: re.Match) -> str:
    """`.conv2.` is the convolution of the second of two layers."""
    return f".{int(match[2]) - 1}.{match[1]}."


def same(case: dict) -> dict[str, str]:
    """The roles of a case, which are our own names."""
    return {role: role for role in (*case["params"], *case["buffers"])}
