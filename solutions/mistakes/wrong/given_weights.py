"""A block as a function of its weights: for blocks with two inputs, or built for one size."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor, nn

from attnlab.check.cases import drawn


def with_given_weights(build: Callable[..., nn.Module]) -> Callable[..., Tensor]:
    """build as a function (settings, weights by name, *inputs) -> the output in eval mode."""

    def answered(settings: dict, weights: dict[str, Tensor], *inputs: Tensor) -> Tensor:
        block = build(**settings).double().eval()
        block.load_state_dict(weights, strict=False)
        return block(*inputs)

    answered.__name__ = build.__name__
    return answered


def drawn_weights(rng: Generator, build: Callable[..., nn.Module], settings: dict) -> dict:
    """Random weights in float64 for every parameter of build(**settings), by name."""
    return {name: drawn(rng, p) for name, p in build(**settings).named_parameters()}


def drawn_maps(rng: Generator, *shape: int) -> Tensor:
    """A random input of this shape in float64."""
    return torch.randn(shape, generator=rng, dtype=torch.float64)
