"""Is it the same, and if not, where does it differ first?"""

import torch
from torch import Tensor

from attnlab.check.probe import Value

RTOL, ATOL = 1e-6, 1e-8


def same(expected: Value, came: Value, rtol: float = RTOL, atol: float = ATOL) -> bool:
    """Equal kinds, shapes and keys; numbers and tensors to a tolerance, whole numbers exactly."""
    if isinstance(expected, Tensor):
        return (
            isinstance(came, Tensor)
            and expected.shape == came.shape
            and torch.allclose(expected.double(), came.double(), rtol, atol)
        )
    if isinstance(expected, dict):
        return (
            isinstance(came, dict)
            and expected.keys() == came.keys()
            and all(same(expected[key], came[key], rtol, atol) for key in expected)
        )
    if isinstance(expected, list | tuple):
        return (
            isinstance(came, list | tuple)
            and len(expected) == len(came)
            and all(same(e, c, rtol, atol) for e, c in zip(expected, came, strict=True))
        )
    if isinstance(expected, float):
        number = type(came) in (int, float)
        return number and abs(expected - came) <= atol + rtol * abs(expected)
    return type(expected) is type(came) and expected == came


def difference(expected: Value, came: Value) -> str:
    """Expected, came and the first difference, in indented lines."""
    if isinstance(expected, Tensor) and isinstance(came, Tensor):
        if expected.shape != came.shape:
            return f"  expected shape {tuple(expected.shape)}\n  came     {tuple(came.shape)}"
        return _entries(expected.double(), came.double())
    if isinstance(expected, dict) and isinstance(came, dict) and expected.keys() == came.keys():
        key = next(key for key in expected if not same(expected[key], came[key]))
        return f"  at {key!r}:\n{difference(expected[key], came[key])}"
    if isinstance(expected, tuple | list) and isinstance(came, tuple | list):
        if len(expected) == len(came):
            pairs = list(enumerate(zip(expected, came, strict=True)))
            index, (e, c) = next((i, pair) for i, pair in pairs if not same(*pair))
            return f"  at [{index}]:\n{difference(e, c)}"
    return f"  expected {described(expected)}\n  came     {described(came)}"


def described(value: Value) -> str:
    """A value in a few words."""
    if value is None:
        return "None (is a `return` missing?)"
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, float):
        return f"{value:.6g}, a float"
    if type(value) is int:
        return f"{value:,}" if abs(value) >= 1000 else str(value)
    return repr(value)


def _entries(expected: Tensor, came: Tensor) -> str:
    wrong = ~torch.isclose(expected, came, RTOL, ATOL)
    first = tuple(wrong.nonzero()[0].tolist())
    where = f"[{', '.join(map(str, first))}] = " if first else ""
    count = int(wrong.sum())
    pair = expected[first].item(), came[first].item()
    digits = ".5f" if len({f"{value:.5f}" for value in pair}) == 2 else ".6g"
    return (
        f"  expected {where}{pair[0]:{digits}}\n"
        f"  came     {where}{pair[1]:{digits}}\n"
        f"  {count} of {wrong.numel()} entries differ ({count / wrong.numel():.0%})"
    )
