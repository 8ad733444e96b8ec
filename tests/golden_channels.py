"""Golden cases of the other gates for channels: sk, ge, spa, fca, gsop, nam."""

import re

from golden_cases import Block

from solutions.fca import FcaBlock
from solutions.ge import GEBlock
from solutions.gsop import GSoPBlock, GSoPPositions
from solutions.nam import NAMBlock
from solutions.sk import SKBlock
from solutions.spa import SPABlock


def _roles(case: dict, *changes: tuple[str, str]) -> dict[str, str]:
    """Our name for each role of a case: patterns, each replaced at the beginning of the role."""
    roles = {role: role for role in (*case["params"], *case["buffers"])}
    for pattern, own in changes:
        roles = {role: re.sub(rf"^{pattern}", own, name) for role, name in roles.items()}
    return roles


def sk(case: dict) -> Block:
    hyper = case["hyper"]
    module = SKBlock(hyper["channels"], hyper["M"], groups=hyper["groups"], hidden=hyper["d"])
    return Block(module, _roles(case, (r"branch(\d)", r"branches.\1"), ("reduce_bn", "bn")))


def ge(case: dict) -> Block:
    hyper = case["hyper"]
    module = GEBlock(
        hyper["channels"],
        None if hyper["extent"] == "global" else hyper["extent"],
        "plus" if hyper["mlp"] else "theta" if hyper["params"] else "minus",
        hyper.get("feat"),
        hidden=hyper.get("hidden"),
        relu=hyper.get("relu_after_gather", True),
    )
    places = {"gather1.conv": 0, "gather1.bn": 1, "gather2.conv": 3, "gather2.bn": 4}
    return Block(module, _roles(case, *((r, f"gather.{i}") for r, i in places.items())))


def spa(case: dict) -> Block:
    """The block, or its gates alone where the case is about the layer that returns them."""
    hyper = case["hyper"]
    channels, source = hyper["channels"], hyper.get("in_channels", hyper["channels"])
    module = SPABlock(
        channels,
        hyper["reduction"],
        hyper["pools"],
        source=None if source == channels else source,
    )
    roles = _roles(case, ("proj_bn", "bn"), ("proj", "project"))
    if case["output"][2:] == [1, 1]:
        return Block(module, roles, lambda module, inputs: {"y": module.gates(inputs["x"])})
    return Block(module, roles)


def fca(case: dict) -> Block:
    hyper = case["hyper"]
    grid = hyper["dct_h"], hyper["dct_w"]
    module = FcaBlock(hyper["channels"], grid, hyper["reduction"], hyper["freq"])
    return Block(module, _roles(case))


def gsop(case: dict) -> Block:
    hyper = case["hyper"]
    if "grid" in hyper:
        return Block(
            GSoPPositions(hyper["channels"], hyper["att_dim"], hyper["grid"]), _roles(case)
        )
    return Block(GSoPBlock(hyper["channels"], hyper["att_dim"]), _roles(case))


def nam(case: dict) -> Block:
    return Block(NAMBlock(case["hyper"]["channels"]), _roles(case))
