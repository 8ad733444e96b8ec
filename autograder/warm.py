"""What both kinds of zygote do before they fork: pay once for imports and first uses."""

import contextlib
import ctypes
import gc
import importlib
import signal
from collections.abc import Iterator

PR_SET_PDEATHSIG = 1


def warm_torch(passes: bool = True) -> None:
    """One thread, and what the first forward and backward passes would pay for.

    passes: not where students open a GPU: a backward pass, and an optimiser's step, ask CUDA for
    its devices, and a process forked after that cannot use them.
    """
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.testing.assert_close(torch.zeros(1), torch.zeros(1))
    if not passes:
        return
    block = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(),
                          nn.Linear(4, 2), nn.Sigmoid())
    y = block(torch.zeros(2, 3, 3, 3))
    torch.autograd.grad(y, list(block.parameters()), torch.ones_like(y))  # imports sympy
    y.new_zeros(2, requires_grad=True).sum().backward()


def warm_training() -> None:
    """The first step of an optimiser imports for more than a second."""
    import torch

    weight = torch.zeros(1, requires_grad=True)
    torch.optim.AdamW([weight]).step()


def warm_imports(names: list[str]) -> None:
    """Imports what set-up cells will import; a name that fails will fail there, and be told."""
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            continue


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """No garbage collection in here, where there is little garbage, and none of this ever after.

    The collector would look at each new object again and again; and in children that are forked
    later it would touch, and so copy, the pages that they share.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def die_with_parent() -> None:
    """The kernel kills this process when the one that forked it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
