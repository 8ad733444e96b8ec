"""What every block is held to: loops that say what it computes, and the laws of the contract.

A block is given built, in any family: its inputs are tensors (B, ...) of which each may need a
gradient, and it returns one tensor.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.testing import assert_close


def randomised(block: nn.Module, seed: int = 0) -> nn.Module:
    """The block in float64 and evaluation mode, with all that training would change random."""
    torch.manual_seed(seed)
    block.double().eval()
    statistics = {k: b for k, b in block.named_buffers() if "running" in k}
    for value in (*block.parameters(), *statistics.values()):
        value.data.normal_().mul_(0.5)
    for key, value in statistics.items():
        if key.endswith("running_var"):
            value.abs_().add_(0.5)
    return block


def gradients(y: Tensor, cotangent: Tensor, *leaves: Tensor) -> list[Tensor]:
    found = torch.autograd.grad(y, leaves, cotangent, allow_unused=True, materialize_grads=True)
    return [gradient.clone() for gradient in found]


def agrees(block: nn.Module, loops: Callable, *shapes: tuple[int, ...]) -> None:
    """Output and all gradients of a block are those of `loops(block, *inputs)`."""
    inputs = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    fast, slow = block(*inputs), loops(block, *inputs)
    assert_close(fast, slow, rtol=1e-10, atol=1e-10)
    cotangent, leaves = torch.randn_like(fast), (*inputs, *block.parameters())
    expected = gradients(slow, cotangent, *leaves)
    assert_close(gradients(fast, cotangent, *leaves), expected, rtol=1e-9, atol=1e-9)


def keeps_laws(block: nn.Module, *shapes: tuple[int, ...], gives: tuple[int, ...]) -> None:
    """Shape and dtype, input left alone, each image for itself, gradients, the same bits twice.

    `shapes` of the inputs and `gives`, that of the output, with the batch axis first.
    """
    inputs = [torch.randn(shape, dtype=torch.float64) for shape in shapes]
    before = [x.clone() for x in inputs]
    y = block(*inputs)
    assert y.shape == gives
    assert y.dtype == torch.float64
    assert all(map(torch.equal, inputs, before)), "the block wrote into its input"
    assert_close(block(*(x[1:2] for x in inputs)), y[1:2], rtol=1e-10, atol=1e-10)
    other = [x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x for x in inputs]
    assert_close(block(*other), y, rtol=1e-10, atol=1e-10)
    assert torch.equal(block(*inputs), y), "two calls differ"
    if any(True for _ in block.parameters()):
        y.sum().backward()
    without = [name for name, value in block.named_parameters() if value.grad is None]
    assert not without, f"no gradient for {', '.join(without)}"
    single = block.float()(*(x.float() for x in inputs))
    assert single.dtype == torch.float32
