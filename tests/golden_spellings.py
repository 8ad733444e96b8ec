"""The words in which golden cases tell their settings: one option under many names."""

import functools
import re
from collections.abc import Callable, Mapping

import torch.nn.functional as F
from golden_cases import GoldenError
from torch import nn

# The same option under the names that different codes give it.
SPELLINGS = {
    "pool": ("pool", "pooling", "pool_type", "squeeze", "squeeze_pool"),
    "pools": ("pool_types", "pools", "pool", "pooling", "pool_type"),
    "act": ("act", "activation", "act_layer", "nonlinearity"),
    "gate": ("gate", "gate_layer", "gate_fn", "gate_act"),
    "norm": ("norm", "norm_layer", "bn", "batch_norm", "use_bn", "bn_layer"),
    "hidden": ("hidden", "rd_channels", "mid_channels", "reduced_channels", "planes"),
    "eps": ("bn_eps", "norm_eps", "ln_eps", "eps"),
    "momentum": ("bn_momentum", "momentum"),
    "maps": ("cat_order", "concat_order", "maps", "spatial_pools"),
    "mode": ("mode", "instantiation", "pairwise", "affinity", "f"),
    "scale": ("scale", "use_scale", "scaled"),
    "subsample": ("sub_sample", "subsample", "sub_sampling", "max_pool", "use_maxpool"),
    "passes": ("recurrence", "passes", "recurrences", "loops", "R"),
    "dropout": ("dropout", "drop", "p"),
    "sign": ("sign", "energy", "cam_sign"),
}
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


def option(hyper: Mapping, name: str, default=None):
    """The value of an option under whatever name `hyper` has it."""
    return next((hyper[word] for word in SPELLINGS[name] if word in hyper), default)


def plain(text: object) -> str:
    """Without module path, case, arguments and signs: `nn.Hardswish()` is `hardswish`."""
    word = re.sub(r"\b(torch|nn|F|functional)\.|\(.*\)", "", str(text))
    return re.sub(r"[^a-z0-9]|[123]d\b", "", word.lower())


def function(choice: str) -> Callable:
    """A function by any spelling of its name. Raises GoldenError for one that is unknown."""
    named = {plain(name): getattr(F, name) for name in dir(F) if not name.startswith("_")}
    if plain(choice) not in FUNCTIONS and plain(choice) not in named:
        raise GoldenError(f"no function is spelled {choice!r}")
    return FUNCTIONS.get(plain(choice)) or named[plain(choice)]


def in_order(text: object, words: Mapping[str, str]) -> tuple[str, ...]:
    """The words whose patterns occur in a text, in the order in which they occur."""
    places = {word: re.search(pattern, str(text).lower()) for word, pattern in words.items()}
    found = {word: place.start() for word, place in places.items() if place}
    return tuple(sorted(found, key=found.get))


def rename(role: str, layers: Mapping[str, str]) -> str:
    """A role whose layer is written as one of the patterns, with our name; what is before stays."""
    layer, _, tensor = role.rpartition(".")
    for name, pattern in layers.items():
        match = re.fullmatch(rf"(.*\.)?(?:{pattern})", layer, re.IGNORECASE)
        if match:
            return f"{match[1] or ''}{name}.{tensor}"
    return role
