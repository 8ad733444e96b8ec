"""From a golden case's settings to a block of `solutions/`: one function for each key."""

import functools
import re
from collections.abc import Callable, Iterable

import torch.nn.functional as F
from golden_cases import Block, GoldenError
from torch import nn

from attnlab.mechanisms import mechanism
from solutions.se import SEBlock, squeeze

# Where a manifest's mechanism is not named by our key.
KEYS = {
    "eca_ns": "eca",
    "nonlocal_mm": "nonlocal",
    "snl": "gc",
    "da_pam": "da",
    "da_cam": "da",
    "da_head": "da",
    "apnb": "ann",
    "afnb": "ann",
    "sat_soft": "sat",
}

# The same option under the names that different codes give it.
SPELLINGS = {
    "pool": ("pool", "pooling", "pool_type", "squeeze", "squeeze_pool"),
    "act": ("act", "activation", "act_layer", "nonlinearity"),
    "gate": ("gate", "gate_layer", "gate_fn", "gate_act"),
    "norm": ("norm", "norm_layer", "bn", "batch_norm", "use_bn", "bn_layer"),
    "hidden": ("hidden", "rd_channels", "mid_channels", "reduced_channels", "planes"),
    "eps": ("bn_eps", "norm_eps", "eps"),
    "momentum": ("bn_momentum", "momentum"),
}
LAYERS = {
    "reduce": r"reduce|fc1|fc\.0|fc_?reduce|conv_?reduce|down|squeeze|1x1_down|w1",
    "expand": r"expand|fc2|fc\.2|fc_?expand|conv_?expand|up|excite|excitation|1x1_up|w2",
    "norm": r"norm|bn|batch_?norm|reduce_?bn|bn1|ln",
    "act": r"act|activation|prelu",
}
AVERAGE, LARGEST = re.compile("avg|average|mean|gap|both"), re.compile("max|gmp|both")
FUNCTIONS = {
    "identity": lambda x: x,
    "none": lambda x: x,
    "linear": lambda x: x,
    "softmax": lambda x: x.softmax(dim=1),
    "gelutanh": functools.partial(F.gelu, approximate="tanh"),
    "prelu": nn.PReLU,  # a class: it has a weight of its own
    "swish": F.silu,
    "hswish": F.hardswish,
    "hsigmoid": F.hardsigmoid,
}
NO_NORM = ("none", "identity", "false", "null")


def block_for(case: dict) -> Block:
    """The block that a case is about. Raises GoldenError when there is none yet."""
    record = mechanism(KEYS.get(case["mechanism"], case["mechanism"]))
    if record.key not in BLOCKS:
        raise GoldenError(f"no block for '{record.key}' yet (status {record.status})")
    return BLOCKS[record.key](case["hyper"], case["params"], case["buffers"])


def se(hyper: dict, params: dict, buffers: dict) -> Block:
    """SEBlock with any option of the ports: pool, activation, gate, norm, hidden width, biases.

    The hidden width is the case's own, so that every rounding rule is met.
    """
    roles = {role: _rename(role) for role in (*params, *buffers)}
    shapes = {name: params[role] for role, name in roles.items() if role in params}
    given = {option: _option(hyper, names) for option, names in SPELLINGS.items()}
    if "reduce.weight" not in shapes:
        raise GoldenError(f"se: none of the roles {', '.join(params)} is the weight of 'reduce'")
    hidden, channels = shapes["reduce.weight"][:2]
    module = SEBlock(
        hyper.get("channels", channels),
        hyper.get("reduction", 16),
        bias=hyper.get("bias", "reduce.bias" in shapes),
        hidden=given["hidden"] or hidden,
        pool=_pool(given["pool"], hyper.get("add_maxpool", False)),
        act=_function(given["act"] or "relu"),
        gate=_function(given["gate"] or "sigmoid"),
        norm=_norm(given, shapes, roles.values()),
    )
    return Block(module, roles)


BLOCKS = {"se": se}


def _rename(role: str) -> str:
    layer, _, tensor = role.rpartition(".")
    for name, pattern in LAYERS.items():
        if re.fullmatch(pattern, layer):
            return f"{name}.{tensor}"
    return role


def _option(hyper: dict, names: tuple[str, ...]):
    return next((hyper[name] for name in names if name in hyper), None)


def _plain(text: object) -> str:
    """Without module path, case, arguments and signs: `nn.Hardswish()` is `hardswish`."""
    word = re.sub(r"\b(torch|nn|F|functional)\.|\(.*\)", "", str(text))
    return re.sub(r"[^a-z0-9]|[123]d\b", "", word.lower())


def _pool(choice, add_maxpool: bool):
    if choice is None and not add_maxpool:
        return squeeze
    spelling = f"{choice}{' + max' if add_maxpool else ''}".lower()
    names = {"avg": AVERAGE.search(spelling) or choice is None, "max": LARGEST.search(spelling)}
    if not any(names.values()):
        raise GoldenError(f"se: no pooling is spelled {choice!r}; known: avg, max, avg+max")
    return "+".join(name for name, found in names.items() if found)


def _function(choice: str) -> Callable:
    named = {_plain(name): getattr(F, name) for name in dir(F) if not name.startswith("_")}
    plain = _plain(choice)
    if plain not in FUNCTIONS and plain not in named:
        raise GoldenError(f"se: no function is spelled {choice!r}")
    return FUNCTIONS.get(plain) or named[plain]


def _norm(given: dict, shapes: dict, names: Iterable[str]) -> Callable | None:
    """The norm on the hidden layer: batch norm when there are running statistics."""
    kind = _plain(given["norm"])
    if "norm.weight" not in shapes and kind in NO_NORM:
        return None
    settings = {k: given[k] for k in ("eps", "momentum") if given[k] is not None}
    if "norm.running_mean" in names or kind.startswith(("batch", "bn", "true")):
        return functools.partial(nn.BatchNorm1d, **settings)
    settings.pop("momentum", None)
    return functools.partial(nn.LayerNorm, **settings)
