"""What a plot is given: taken as arrays, and refused in words when it cannot be drawn."""

from collections.abc import Mapping

import numpy as np
from torch import Tensor


def numbers(name: str, value: object, *shapes: str) -> np.ndarray:
    """`value` as float64; `shapes` are what is allowed, such as "(seeds, epochs)".

    Raises ValueError for anything that is not finite numbers in one of these numbers of axes.
    """
    wanted = " or ".join(shapes)
    try:
        array = _array(value)
    except (TypeError, ValueError, RuntimeError) as error:
        kind = type(value).__name__
        raise ValueError(
            f"{name}: expected numbers {wanted}, got a {kind} that is no such array ({error}); "
            f"give a tensor, or lists of equal length"
        ) from error
    if array.size == 0 or array.ndim not in [shape.count(",") + 1 for shape in shapes]:
        raise ValueError(f"{name}: expected numbers {wanted}, got shape {array.shape}")
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{name}: expected finite numbers, got {array[where]} at {where}; leave that run or "
            f"entry out, and say so beside the figure"
        )
    return array


def named(name: str, value: object, least: int, most: int) -> None:
    """Raises ValueError unless `value` is a mapping of `least` to `most` names."""
    if not isinstance(value, Mapping):
        raise ValueError(
            f"{name}: expected a mapping of names to numbers, got a {type(value).__name__}; "
            f"write {{'a name': numbers}}"
        )
    if not least <= len(value) <= most:
        raise ValueError(
            f"{name}: expected {least} to {most} names, which a reader can tell apart, got "
            f"{len(value)}; draw another figure for the others"
        )


def within(name: str, array: np.ndarray, low: float, high: float, advice: str) -> None:
    """Raises ValueError, ending in `advice`, when a number lies outside `low` to `high`."""
    if array.min() < low or array.max() > high:
        raise ValueError(
            f"{name}: expected values from {low:g} to {high:g}, got {array.min():.3g} to "
            f"{array.max():.3g}; {advice}"
        )


def _array(value: object) -> np.ndarray:
    if isinstance(value, Tensor):
        return value.detach().cpu().double().numpy()
    return np.asarray(value, dtype=float)
