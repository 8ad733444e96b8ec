"""The law of blocks that start as the identity: it holds where a task says so, and only there."""

import pytest
import torch

from attnlab.check import CheckFailed, CouldNotRun, check, use_cases
from attnlab.check.cases import BlockTask, Mistake, make_cases
from attnlab.check.known import UnknownCheck
from solutions.da import PositionAttention

SIZES = {"configs": ({"channels": 8}, {"channels": 16}), "shapes": ((2, 8, 3, 4), (2, 16, 4, 3))}


class BornLoud(PositionAttention):
    def __init__(self, channels):
        super().__init__(channels)
        self.gamma = torch.nn.Parameter(torch.ones(1))


LOUD = Mistake("gamma starts at 1", "block", BornLoud, "gamma starts at 0.", "-", breaks="birth")


def cases(identity):
    told = {"identity": identity, "idle": ("key.bias",)}
    task = BlockTask(PositionAttention, **SIZES, mistakes=(LOUD,), **told)
    return lambda key: make_cases({"block": task}, 0)


def test_a_reference_with_a_weight_that_cannot_learn_says_so():
    with pytest.raises(CouldNotRun, match="gradients of 0"):
        BlockTask(PositionAttention, **SIZES).cases(torch.Generator().manual_seed(0))


def test_a_block_that_starts_as_the_identity_obeys_one_law_more(capsys):
    with use_cases(cases(True)):
        check("any.block", PositionAttention)
    assert capsys.readouterr().out == "✓ any.block: 8 laws, 4 comparisons\n"


def test_a_block_that_does_not_is_named():
    with use_cases(cases(True)):
        with pytest.raises(CheckFailed, match="fresh and untrained, changes its input") as caught:
            check("any.block", BornLoud, "birth")
    assert caught.value.mistake == "gamma starts at 1"


def test_the_identity_itself_is_no_answer():
    idle = type("Idle", (PositionAttention,), {"forward": lambda self, x: x})
    with use_cases(cases(True)):
        with pytest.raises(CheckFailed, match="returns its input unchanged"):
            check("any.block", idle, "birth")


def test_other_blocks_know_no_such_law(capsys):
    with use_cases(cases(False)):
        check("any.block", BornLoud)
        assert capsys.readouterr().out == "✓ any.block: 7 laws, 4 comparisons\n"
        with pytest.raises(UnknownCheck, match="no part 'birth' in a check"):
            check("any.block", BornLoud, "birth")


def test_a_factor_without_axes_is_one_number_too():
    class NoAxes(PositionAttention):
        def __init__(self, channels):
            super().__init__(channels)
            self.gamma = torch.nn.Parameter(torch.zeros(()))

    with use_cases(cases(True)):
        check("any.block", NoAxes)
