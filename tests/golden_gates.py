"""Golden cases of the gates: se, eca, cbam, and of global context, to blocks of `solutions/`."""

import functools
import re
from collections.abc import Callable, Iterable

from golden_cases import Block, GoldenError
from golden_spellings import function, in_order, option, plain, rename
from torch import nn

from solutions.cbam import CBAM
from solutions.eca import ECABlock
from solutions.gc import GCBlock, SNLBlock
from solutions.se import SEBlock, squeeze

LAYERS = {
    "reduce": r"reduce|fc1|fc\.0|mlp\.1|fc_?reduce|conv_?reduce|down|squeeze|1x1_down|w1",
    "expand": r"expand|fc2|fc\.2|mlp\.3|fc_?expand|conv_?expand|up|excite|excitation|1x1_up|w2",
    "norm": r"norm|bn|batch_?norm|reduce_?bn|bn1|ln",
    "act": r"act|activation|prelu",
}
CBAM_LAYERS = {"reduce": LAYERS["reduce"], "expand": LAYERS["expand"], "bn": r"bn|norm"}
GC_LAYERS = {
    "mask": r"mask|conv_?mask",
    "add.reduce": r"(channel_)?add(_conv)?\.(0|reduce)",
    "add.ln": r"(channel_)?add(_conv)?\.(1|ln|norm)",
    "add.expand": r"(channel_)?add(_conv)?\.(3|expand)",
    "mul.reduce": r"(channel_)?mul(_conv)?\.(0|reduce)",
    "mul.ln": r"(channel_)?mul(_conv)?\.(1|ln|norm)",
    "mul.expand": r"(channel_)?mul(_conv)?\.(3|expand)",
}
AVERAGE, LARGEST = "avg|average|mean|gap|both", "max|gmp|both"
POOLS = {"avg": "avg|average|mean|gap", "max": "max|gmp", "lp": r"lp|l2", "lse": "lse|logsumexp"}
NO_NORM = ("none", "identity", "false", "null")


def se(case: dict) -> Block:
    """SEBlock with any option of the ports: pool, activation, gate, norm, hidden width, biases.

    The hidden width is the case's own, so that every rounding rule is met.
    """
    hyper, params = case["hyper"], case["params"]
    roles = {role: rename(role, LAYERS) for role in (*params, *case["buffers"])}
    shapes = {name: params[role] for role, name in roles.items() if role in params}
    if "reduce.weight" not in shapes:
        raise GoldenError(f"se: none of the roles {', '.join(params)} is the weight of 'reduce'")
    hidden, channels = shapes["reduce.weight"][:2]
    module = SEBlock(
        hyper.get("channels", channels),
        hyper.get("reduction", 16),
        bias=hyper.get("bias", "reduce.bias" in shapes),
        hidden=option(hyper, "hidden", hidden),
        pool=_pool(option(hyper, "pool"), hyper.get("add_maxpool", False)),
        act=function(option(hyper, "act") or "relu"),
        gate=function(option(hyper, "gate") or "sigmoid"),
        norm=_norm(hyper, shapes, roles.values()),
    )
    return Block(module, roles)


def eca(case: dict) -> Block:
    """ECABlock with any k, one kernel or one for each channel, zeros or a ring at the ends."""
    hyper, params = case["hyper"], case["params"]
    roles = {role: rename(role, {"conv": r"conv\d?|conv1d|kernel"}) for role in params}
    shapes = {name: params[role] for role, name in roles.items()}
    kernels, _, k = shapes["conv.weight"]
    shared = hyper.get("shared", kernels == 1 and case["mechanism"] == "eca")
    module = ECABlock(
        hyper.get("channels", kernels),
        k,
        shared=shared,
        bias="conv.bias" in shapes,
        padding="circular" if "circ" in str(hyper.get("padding", "")).lower() else "zeros",
        gate=function(option(hyper, "gate") or "sigmoid"),
    )
    return Block(module, roles)


def cbam(case: dict) -> Block:
    """CBAM with either gate or both, any pools, any order of maps, biases, norm and kernel."""
    hyper, params = case["hyper"], case["params"]
    roles = {role: _of_gate(rename(role, CBAM_LAYERS)) for role in (*params, *case["buffers"])}
    shapes = {name: params[role] for role, name in roles.items() if role in params}
    gates = in_order(hyper.get("order", ""), {"channel": "chan", "spatial": "spa"})
    gates = gates if len(gates) == 2 else ("channel", "spatial")
    gates = tuple(gate for gate in gates if any(name.startswith(gate) for name in shapes))
    settings = {gate: {} for gate in gates}
    if "channel" in gates:
        channels = shapes.get("channel.expand.weight", [hyper.get("channels")])[0]
        settings["channel"] = {
            "hidden": shapes.get("channel.reduce.weight", [1])[0],
            "bias": "channel.reduce.bias" in shapes,
            "pools": _pools(option(hyper, "pools", ["avg", "max"]), hyper.get("light", False)),
            "act": function(option(hyper, "act") or "relu"),
            "kernel": shapes.get("channel.conv.weight", [None])[-1],
        }
    if "spatial" in gates:
        channels, settings["spatial"] = hyper.get("channels", 1), _spatial(hyper, shapes)
    return Block(CBAM(channels, gates=gates, **settings), roles)


def gc(case: dict) -> Block:
    """GCBlock: pooling and fusion are told by which layers there are."""
    params = case["params"]
    roles = {role: rename(role, GC_LAYERS) for role in params}
    shapes = {name: params[role] for role, name in roles.items()}
    fusions = [name for name in ("mul", "add") if f"{name}.reduce.weight" in shapes]
    if not fusions:
        raise GoldenError(f"gc: none of the roles {', '.join(params)} is the weight of 'reduce'")
    hidden, channels = shapes[f"{fusions[0]}.reduce.weight"][:2]
    module = GCBlock(
        channels,
        hidden=hidden,
        pooling="att" if "mask.weight" in shapes else "avg",
        fusion="both" if len(fusions) == 2 else fusions[0],
        eps=option(case["hyper"], "eps", 1e-5),
    )
    return Block(module, roles)


def snl(case: dict) -> Block:
    layers = {"mask": r"mask|conv_?mask|w_?k", "value": r"value|w_?v|out|transform"}
    roles = {role: rename(role, layers) for role in case["params"]}
    channels = next(case["params"][role][1] for role in roles if roles[role] == "mask.weight")
    return Block(SNLBlock(channels, bias="value.bias" in roles.values()), roles)


def _of_gate(role: str) -> str:
    """A role of CBAM under `channel.` or `spatial.`, by its first word or by its layer."""
    first = role.partition(".")[0]
    layer = ".".join(role.split(".")[-2:])
    if re.match(r"chan|ca\b", first.lower()):
        return f"channel.{layer}"
    if re.match(r"spa|sa\b", first.lower()):
        return f"spatial.{layer}"
    return f"{'channel' if first in ('reduce', 'expand') else 'spatial'}.{layer}"


def _spatial(hyper: dict, shapes: dict) -> dict:
    light = {"maps": ("avg+max",)} if shapes["spatial.conv.weight"][1] == 1 else {}
    maps = in_order(option(hyper, "maps", "max, mean"), {"avg": AVERAGE, "max": LARGEST})
    return {
        "kernel": shapes["spatial.conv.weight"][-1],
        "maps": maps,
        "norm": "spatial.bn.weight" in shapes,
        "momentum": option(hyper, "momentum", 0.01),
        "eps": option(hyper, "eps", 1e-5),
        "bias": "spatial.conv.bias" in shapes,
    } | light


def _pools(choice, light: bool) -> tuple[str, ...]:
    if light:
        return ("avg+max",)
    words = choice if isinstance(choice, (list, tuple)) else re.split(r"[\s,+]+", str(choice))
    found = [pool for word in words for pool in in_order(word, POOLS)]
    if len(found) != len(words):
        raise GoldenError(f"cbam: the pools {choice!r} are not all among {', '.join(POOLS)}")
    return tuple(found)


def _pool(choice, add_maxpool: bool):
    if choice is None and not add_maxpool:
        return squeeze
    spelling = f"{choice}{' + max' if add_maxpool else ''}".lower()
    average = re.search(AVERAGE, spelling) or choice is None
    names = {"avg": average, "max": re.search(LARGEST, spelling)}
    if not any(names.values()):
        raise GoldenError(f"se: no pooling is spelled {choice!r}; known: avg, max, avg+max")
    return "+".join(name for name, found in names.items() if found)


def _norm(hyper: dict, shapes: dict, names: Iterable[str]) -> Callable | None:
    """The norm on the hidden layer of SE: batch norm when there are running statistics."""
    kind = plain(option(hyper, "norm"))
    if "norm.weight" not in shapes and kind in NO_NORM:
        return None
    given = {name: option(hyper, name) for name in ("eps", "momentum")}
    settings = {name: value for name, value in given.items() if value is not None}
    if "norm.running_mean" in names or kind.startswith(("batch", "bn", "true")):
        return functools.partial(nn.BatchNorm1d, **settings)
    settings.pop("momentum", None)
    return functools.partial(nn.LayerNorm, **settings)
