"""The comparison after training: right blocks agree with the reference, and nothing else does."""

import sys

import pytest
import torch
from grader_world import live_session
from torch import nn

from attnlab.check import CheckFailed, check, use_cases
from attnlab.check.bench import Bench
from attnlab.check.cases import TrainCases, labelled, make_cases
from attnlab.check.cells import as_cell
from attnlab.check.probe import LocalProbe
from attnlab.check.trained import compare_trained
from attnlab.train import RECIPES, run_recipe
from autograder.limits import Limits
from autograder.remote import RemoteProbe
from autograder.session import Cell
from solutions.mistakes.se import BLOCK, TASKS
from solutions.mistakes.wrong.se_block import Plain
from solutions.se import SEBlock
from solutions.variants.se import VARIANTS

CASES = make_cases({"block": TASKS["block"]}, seed=5)["block"]
SHORT = RECIPES["rule"] | {"train_images": 64, "epochs": 1}
EQUAL_HERE = ("bias ignored", "hidden width rounded")  # without biases, and with 8 hidden units
RIGHT = {"reference": SEBlock} | {name: objects["SEBlock"] for name, objects in VARIANTS.items()}


def compared(block, recipe=SHORT, probe=None, state=None, reference=SEBlock):
    if state is None:
        state = dict(run_recipe(recipe, block).state_dict())
    images = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    compare_trained(Bench(probe or LocalProbe(block), CASES), reference, recipe, state, images)


@pytest.mark.parametrize("placement", ["stage1", "after-sum", "every"])
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_block_agrees_in_every_slot(name, placement):
    compared(RIGHT[name], SHORT | {"placement": placement})


class Nothing(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()

    def forward(self, x):
        return x


def test_a_block_that_does_nothing_has_no_place_for_the_weights():
    with pytest.raises(CheckFailed, match=r"the number of parameters differs.\n  expected: reduce"):
        compared(Nothing)


@pytest.mark.parametrize(("label", "build"), labelled(BLOCK), ids=[n for n, _ in labelled(BLOCK)])
def test_every_mistake_is_refused_and_named(label, build):
    name = label.partition("#")[0]
    if name in EQUAL_HERE:
        compared(build)
        return
    cases = TrainCases(SHORT, 0.0, 8, 1, "SEBlock", "block")
    with use_cases(lambda _: {"rule": cases, "block": CASES}):
        with pytest.raises(CheckFailed) as caught:
            check("se.rule", build)
    assert caught.value.mistake == name, str(caught.value)


class Normed(Plain):
    """Right, with a BatchNorm of other names and another order than the reference's."""

    def __init__(self, channels, reduction=16, bias=False, norm="batch"):
        nn.Module.__init__(self)
        self.steady = nn.BatchNorm1d(channels // reduction)
        self.widen = nn.Linear(channels // reduction, channels, bias=bias)
        self.narrow = nn.Linear(channels, channels // reduction, bias=bias)

    def gate(self, z):
        return torch.sigmoid(self.widen(torch.relu(self.steady(self.narrow(z)))))


class Forgetful(Normed):
    """Wrong: its BatchNorm keeps no running statistics."""

    def __init__(self, channels, reduction=16, bias=False, norm="batch"):
        super().__init__(channels, reduction, bias)
        self.steady = nn.BatchNorm1d(channels // reduction, track_running_stats=False)


def test_running_statistics_come_along():
    recipe = SHORT | {"config": {"reduction": 2, "norm": "batch"}}
    compared(Normed, recipe)
    with pytest.raises(CheckFailed, match=r"nothing fits the buffer norm.running_mean \(8,\)"):
        compared(Forgetful, recipe)


def test_a_state_of_another_network_is_refused():
    state = dict(run_recipe(SHORT, SEBlock).state_dict())
    with pytest.raises(CheckFailed, match="is not the state of the host"):
        compared(SEBlock, state={n: t for n, t in state.items() if n != "stem.weight"})
    with pytest.raises(CheckFailed, match="is not the state of your block"):
        compared(SEBlock, state={n: t for n, t in state.items() if "expand" not in n})


@pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")
def test_a_students_process_is_asked_like_a_local_block():
    with live_session(Limits(step_seconds=60, cell_seconds=60)) as session:
        cells = {"ConvSE": VARIANTS["convolutions"]["SEBlock"], "NoReLU": BLOCK[4].build}
        session.run_cell(Cell("imports", "import torch\nimport torch.nn.functional as F\n"
                                         "from torch import nn"))  # fmt: skip
        for name, block in cells.items():
            session.run_cell(Cell(name, as_cell(block, name)))
        session.training = True
        for name in cells:
            probe = RemoteProbe(session, name)
            state = probe.train(SHORT)
            session.renew()
            if name == "ConvSE":
                compared(None, probe=probe, state=state)
            else:
                with pytest.raises(CheckFailed, match="there is no ReLU between the two layers"):
                    compared(None, probe=probe, state=state)
