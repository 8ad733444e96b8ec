"""The convolutions that blocks are held against: how far they look, and what they cost."""

import pytest
import torch

from attnlab.baselines import Depthwise, Pointwise
from attnlab.host import parameters
from solutions.cbam import CBAM


def reached(block, size=9):
    """The offsets (rows, columns) from which a place's output gets a gradient."""
    x = torch.rand(1, 8, size, size, requires_grad=True)
    (grad,) = torch.autograd.grad(block(x)[0, :, size // 2, size // 2].sum(), x)
    rows, columns = grad[0].abs().sum(0).nonzero().T - size // 2
    return int(rows.max()), int(columns.max()), int(-rows.min()), int(-columns.min())


@pytest.mark.parametrize("kernel", [3, 5, 7])
def test_a_depthwise_convolution_looks_half_a_kernel_far_within_each_channel(kernel):
    block = Depthwise(8, kernel)
    assert reached(block) == (kernel // 2,) * 4
    assert parameters(block) == 8 * kernel**2
    x = torch.randn(2, 8, 5, 6)
    changed = x.clone()
    changed[:, 3] += 1
    apart = (block(changed) - block(x)).abs().amax((0, 2, 3)) > 1e-6
    assert apart.nonzero().flatten().tolist() == [3]


def test_a_pointwise_convolution_looks_nowhere_else():
    assert reached(Pointwise(8, 1)) == (0,) * 4


def test_the_convolutions_of_beside_have_more_parameters_than_cbam_in_the_bench():
    block = parameters(CBAM(16, 2))
    assert parameters(Pointwise(16, 2)) < block < parameters(Pointwise(16, 1))
    assert parameters(Depthwise(16, 3)) < block < parameters(Depthwise(16, 5))


def test_an_even_kernel_is_refused():
    with pytest.raises(ValueError, match="Depthwise: kernel = 4 has no middle; choose an odd size"):
        Depthwise(8, 4)
