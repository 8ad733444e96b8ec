"""The exercise on channel gates against the blocks of the zoo, and the choice of frequencies."""

import pytest
import torch
from torch.testing import assert_close

from attnlab import ledger
from attnlab.check import check, use_cases
from attnlab.check.cases import make_cases
from attnlab.grids.bench import ALONE, BEST, FCA, LOWEST, TOGETHER
from attnlab.mechanisms import mechanism
from solutions import channelzoo, fca, nam
from solutions.ge import GEBlock
from solutions.mistakes.zoo import fca as fca_tasks
from solutions.mistakes.zoo import ge as ge_tasks
from solutions.mistakes.zoo import nam as nam_tasks
from solutions.mistakes.zoo import sk as sk_tasks
from solutions.se import SEBlock

OWN = {
    "sk": (sk_tasks, channelzoo.SKBlock),
    "ge": (ge_tasks, channelzoo.GEBlock),
    "fca": (fca_tasks, channelzoo.FcaBlock),
    "nam": (nam_tasks, channelzoo.NAMBlock),
}


@pytest.fixture
def double():
    """Tensors are made in double precision: FcaBlock rounds its cosines to the default."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("key", OWN)
def test_the_blocks_of_the_exercise_are_those_of_the_zoo(key, double):
    module, own = OWN[key]
    cases = make_cases({key: module.TASKS[key]}, seed=51)
    with use_cases(lambda _: cases):
        check(f"zoo.{key}", own, "parameters", "values", "training")


def test_a_wave_is_a_picture_of_the_block():
    pairs = [(0, 0), (2, 1), (3, 4)]
    own = torch.stack([channelzoo.wave(u, v, 5, 7) for u, v in pairs])
    assert_close(own, fca.basis(pairs, (5, 7)))


def test_costs_are_those_of_the_registry():
    for sizes in ((256, 28, 28, 2, 32, 32), (48, 5, 9, 3, 4, 6)):
        words = ("channels", "height", "width", "branches", "groups", "inner")
        named = dict(zip(words, sizes, strict=True))
        record = mechanism("sk")
        costs = record.parameters(**named), record.multiply_adds(**named)
        assert channelzoo.sk_costs(*sizes) == costs


def test_the_penalty_is_that_of_the_block():
    block = nam.NAMBlock(5)
    block.bn.weight.data.normal_()
    assert_close(channelzoo.penalty([block.bn.weight], 0.3), nam.penalty(block, 0.3))


def test_an_se_hides_in_the_lowest_frequency(double):
    se, own = SEBlock(6, 2, bias=False), channelzoo.FcaBlock(6, (4, 5), [(0, 0)], 3)
    first, last = (p for p in own.parameters())
    mine, theirs = (p.detach() for p in se.parameters())
    with torch.no_grad():
        first.copy_(channelzoo.from_se(mine, 4, 5))
        last.copy_(theirs)
    x = torch.randn(2, 6, 4, 5)
    assert_close(own(x), se(x))


def test_the_mended_gates_are_those_of_a_global_theta(double):
    block, x = GEBlock(3, None, "theta", (4, 5)).eval(), torch.randn(2, 3, 4, 5)
    scale = torch.rsqrt(block.gather[1].running_var + block.gather[1].eps)
    kernels = block.gather[0].weight.detach() * scale[:, None, None, None]
    assert_close(channelzoo.mended_gates(x, kernels) * x, block(x))


def test_the_best_frequencies_are_those_that_the_ledger_ranks_first():
    alone = {pair: row.name for pair, row in zip(LOWEST, ALONE, strict=True)}
    first = {
        pair: sum(ledger.values("row", name, "accuracy")[seed] for seed in range(5))
        for pair, name in alone.items()
    }
    assert tuple(sorted(first, key=first.get, reverse=True)[: len(BEST)]) == BEST
    assert all(row.block == FCA for row in TOGETHER)
