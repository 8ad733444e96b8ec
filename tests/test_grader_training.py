"""Training happens in the student's process; inference in a fresh one, from source and state."""

import sys

import pytest
import torch
from grader_world import live_session

from attnlab.check.outcomes import CouldNotRun, StudentRaised
from autograder.limits import Limits
from autograder.remote import RemoteProbe
from autograder.session import Cell

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

RECIPE = {"question": "rule", "train_images": 16, "size": 32, "width": 8, "epochs": 1,
          "placement": "stage1", "config": {}, "seed": 3}
BLOCK = """
import random, torch
from torch import nn
mark = torch.tensor(random.SystemRandom().random())

class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.register_buffer("mark", mark.clone())
        self.scale = nn.Parameter(torch.ones(channels, 1, 1))

    def forward(self, x):
        same = torch.equal(self.mark, mark)
        return x * self.scale if same else x * torch.nan

"""
FORGED = """
from attnlab.check.probe import LocalProbe
LocalProbe.predict = lambda self, recipe, state, images: torch.zeros(len(images), 4, len(images))
"""


@pytest.fixture(scope="module")
def session():
    with live_session(Limits(step_seconds=60, cell_seconds=60)) as session:
        session.run_cell(Cell("block", BLOCK))
        session.training = True
        yield session


def test_the_state_comes_back_raw_and_a_fresh_process_predicts(session):
    probe = RemoteProbe(session, "Block")
    state = probe.train(RECIPE)
    assert all(type(value) is torch.Tensor for value in state.values())
    before = session.usage.processes
    logits = probe.predict(RECIPE, state, torch.rand(5, 3, 32, 32))
    assert session.usage.processes == before + 1
    assert logits.shape == (5, 4)
    assert logits.isnan().all(), "the process that predicts has another mark than the one before"


def test_logits_of_another_shape_are_not_counted(session):
    session.run_cell(Cell("forged", FORGED))
    with pytest.raises(CouldNotRun, match=r"answered 6 images with logits of shape \(6, 4, 6\)"):
        RemoteProbe(session, "Block").predict(RECIPE, {}, torch.rand(6, 3, 32, 32))
    session.done.pop()
    session.renew()


def test_a_block_that_cannot_be_trained_is_the_students(session):
    session.run_cell(Cell("broken", "class Broken(Block):\n    def forward(self, x): return x[0]"))
    with pytest.raises(StudentRaised, match="training the host with Broken raised"):
        RemoteProbe(session, "Broken").train(RECIPE)
