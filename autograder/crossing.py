"""Values of the student's side in the types of the wire, where they are of these by descent.

A `torch.Size` is a tuple to whoever compares it, a NumPy number is a number. What is neither (a
set, a module, a function) stays, and a handle goes over in its place.
"""

import numpy as np
import torch
from torch import Tensor, nn

from autograder.wire import DEPTH, Handle

EXACT = (type(None), bool, int, float, str, Tensor, nn.Parameter, Handle)
NUMBERS_AND_TEXT = (int, float, str)


def plain(value: object, depth: int = 0) -> object:
    """`value`, its entries too, in the wire's own types; anything else as it is."""
    if type(value) in EXACT or depth > DEPTH:
        return value
    if isinstance(value, Tensor):
        return value.detach().as_subclass(Tensor)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return torch.from_numpy(value.copy())
    for kind in NUMBERS_AND_TEXT:
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, tuple | list):
        entries = [plain(entry, depth + 1) for entry in value]
        return tuple(entries) if isinstance(value, tuple) else entries
    if isinstance(value, dict):
        return {plain(key): plain(entry, depth + 1) for key, entry in value.items()}
    return value


def torch_kind(value: object) -> str:
    """The nearest class of torch.nn that an object is of, or nothing."""
    return next((kind.__name__ for kind in type(value).__mro__
                 if kind.__module__.startswith("torch.nn.modules.")), "")
