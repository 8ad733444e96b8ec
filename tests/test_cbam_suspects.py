"""The task "write the test" of CBAM: what it shows of a test that is right, lazy, or too strict."""

import pytest
import torch
from notebook_runs import answered, graded, solved

from solutions.cbam import SUSPECTS, accepts, convicted, trials
from solutions.mistakes.wrong.cbam_suspects import right_gates, strangers

GRADED = ("cbam-suspects-test", "cbam-suspects-all-test", "cbam-strangers-test")
LAZY = {  # accepts, as text, and the points of the three cells that it gets
    "everything": ("def accepts(inputs, gates):\n    return True\n", ()),
    "nothing": ("def accepts(inputs, gates):\n    return False\n", ()),
    "shape": (
        "def accepts(inputs, gates):\n"
        "    return all(g.shape == (len(x), 1, *x.shape[2:]) for x, g in zip(inputs, gates))\n",
        (),
    ),
    "range and batch": (
        "def accepts(inputs, gates):\n"
        "    if any(g.shape != (len(x), 1, *x.shape[2:]) for x, g in zip(inputs, gates)):\n"
        "        return False\n"
        "    if any(g.min() < 0 or g.max() > 1 or g.std() < 1e-6 for g in gates):\n"
        "        return False\n"
        "    return torch.allclose(gates[0][:1], gates[1])\n",
        GRADED[:1],
    ),
}


@pytest.mark.parametrize("seed", range(5))
def test_the_reference_convicts_every_wrong_gate_and_no_right_one(seed):
    torch.manual_seed(seed)
    x = torch.randn(3, 4, 14, 13, dtype=torch.float64)
    for name, gate in right_gates().items():
        assert not convicted(gate, x, trials, accepts), name
        for wrong in SUSPECTS:
            caught = convicted(lambda x, w=wrong, g=gate: SUSPECTS[w](g, x), x, trials, accepts)
            assert caught, wrong
    for name, gate in strangers().items():
        assert convicted(gate, x, trials, accepts), name


@pytest.mark.parametrize("name", LAZY)
def test_a_lazy_test_gets_few_points(name):
    text, passed = LAZY[name]
    messages = graded(answered(solved("cbam"), {"accepts": text}), skip="trains")
    assert tuple(cell for cell in GRADED if not messages[cell]) == passed
    others = {message for cell, message in messages.items() if cell not in GRADED}
    assert others == {""}


def test_a_test_that_returns_no_list_is_told_so():
    with pytest.raises(AssertionError, match=r"trials\(x\) should return a list, not Tensor"):
        convicted(lambda x: x, torch.randn(2, 2, 12, 12), lambda x: x, accepts)
    with pytest.raises(AssertionError, match="expected True or False"):
        convicted(lambda x: x, torch.randn(2, 2, 12, 12), trials, lambda inputs, gates: "guilty")
