"""The capstone's budget counts all that could carry weights; its answers need a design that can."""

import json
import sys

import pytest
import torch
from grader_world import live_session
from torch import nn

from attnlab.check import CheckFailed, check, use_cases
from attnlab.check.cases import make_cases
from attnlab.check.known import UnknownCheck
from attnlab.costs import count
from attnlab.ledger import load
from attnlab.train import recipe_host
from autograder.judge import Judge
from autograder.limits import Limits
from autograder.outcome import BY_HAND, COULD_NOT_RUN
from autograder.source import read_source
from autograder.submission import Submission, fill
from exercises import ROOT
from solutions.capstone import Capstone
from solutions.mistakes.capstone import TASKS

CASES = make_cases(TASKS, seed=5)
LAWS = ("shape", "batch", "input", "repeat", "dtype")  # those that the notebook asks for
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")


class Scale(nn.Module):
    """One number a channel: 16 of 57. The subclasses hide more."""

    def __init__(self, channels):
        super().__init__()
        self.scale = nn.Parameter(torch.rand(channels, 1, 1))

    def forward(self, x):
        return x * self.scale


class HidesInBuffers(Scale):
    def __init__(self, channels):
        super().__init__(channels)
        self.register_buffer("table", torch.zeros(42))


class HidesInDoubles(Scale):
    def __init__(self, channels):
        super().__init__(channels)
        self.register_buffer("table", torch.zeros(21, dtype=torch.float64))


class HidesInNames(Scale):
    def __init__(self, channels):
        super().__init__(channels)
        self.register_buffer("n" * 1001, torch.zeros(1))


class HidesInShapes(Scale):
    def __init__(self, channels):
        super().__init__(channels)
        self.register_buffer("table", torch.zeros(0, 123456))


class Pairs(Scale):
    def forward(self, x):
        flat = x.flatten(2)
        return x + self.scale * (flat @ torch.softmax(flat.mT @ flat, dim=2).mT).view_as(x)


class Identity(Scale):
    def forward(self, x):
        return x


class Constant(Scale):
    def forward(self, x):
        return torch.zeros_like(x) + self.scale


class InPlace(Scale):
    def forward(self, x):
        return x.mul_(self.scale)


class OverBatch(Scale):
    def forward(self, x):
        return x * self.scale * x.mean(0)


class Nowhere(Scale):
    placement = "stage11"


def refused(block, *parts, task="rule"):
    with use_cases(lambda key: CASES), pytest.raises(CheckFailed, match=block.__name__) as caught:
        check(f"capstone.{task}", block, *parts)
    return str(caught.value)


def test_a_design_within_the_budget_is_told_what_it_spends(capsys):
    with use_cases(lambda key: CASES):
        check("capstone.laws", Capstone, *LAWS)
        check("capstone.rule", Capstone, "numbers", "multiply-adds")
        check("capstone.rule", Scale, "numbers")
    assert "27 numbers added, 57 allowed" in capsys.readouterr().out


@pytest.mark.parametrize("block", [HidesInBuffers, HidesInDoubles])
def test_all_numbers_count(block):
    assert "adds 58 numbers to the host's 5,796 parameters; at most 57" in refused(block, "numbers")


@pytest.mark.parametrize("block", [HidesInNames, HidesInShapes])
def test_names_and_shapes_carry_nothing(block):
    assert "short names" in refused(block, "numbers")


def test_pairs_cost_too_many_multiply_adds():
    assert "adds 131,072 multiply-adds" in refused(Pairs, "multiply-adds")


TASK_PARTS = [*(("laws", law) for law in LAWS), ("rule", "numbers"), ("rule", "multiply-adds")]


@pytest.mark.parametrize(("task", "part"), TASK_PARTS)
@pytest.mark.parametrize(
    ("block", "fault"), [(Identity, "returns its input unchanged"), (Constant, "one answer")]
)
def test_a_block_that_does_nothing_earns_nothing(block, fault, task, part):
    assert fault in refused(block, part, task=task)


@pytest.mark.parametrize(
    ("block", "law", "words"), [(InPlace, "input", "in place"), (OverBatch, "batch", "axis 0")]
)
def test_the_laws_hold_for_designs(block, law, words):
    assert words in refused(block, law, task="laws")


def test_an_unknown_place_or_part_is_named():
    assert "did you mean 'stage1'" in refused(Nowhere, "numbers")
    with pytest.raises(UnknownCheck, match=r"did you mean 'numbers'"):
        check("capstone.rule", Capstone, "number")


@pytest.mark.slow
def test_the_reference_answers_both_questions_and_channels_alone_do_not(capsys):
    with use_cases(lambda key: CASES):
        check("capstone.rule", Capstone, "answers")
        check("capstone.hidden", Capstone, "answers")
    assert "only their place" not in capsys.readouterr().out
    assert "where things lie" in refused(Scale, "answers")


def test_labels_are_renamed_anew_by_every_seed():
    names = {tuple(make_cases(TASKS, seed)["rule"].names) for seed in range(8)}
    assert len(names) > 3


def test_the_defence_is_a_text_that_a_person_marks():
    notebook, plan = read_source(ROOT, "capstone")
    (defence,) = [cell for cell in plan.tests if cell.kind == "manual"]
    assert defence.points == 4
    cells = [cell for cell in notebook["cells"] if cell["id"] == "capstone-defence"]
    assert cells[0]["cell_type"] == "markdown"
    handed = json.loads((ROOT / "exercises/capstone/capstone.ipynb").read_text("utf-8"))["cells"]
    found = fill(Submission("ada"), handed, plan.solutions)
    assert "YOUR ANSWER HERE" in found.texts["capstone-defence"]


def test_the_model_defence_quotes_the_ledger():
    text = (ROOT / "solutions/capstone.py").read_text("utf-8")
    runs = {q: [run.results["accuracy"] for run in load(q)["capstone-stage1"].values()]
            for q in ("rule", "beside")}  # fmt: skip
    assert [len(found) for found in runs.values()] == [10, 10]
    assert "Over ten seeds the design answered all new images of *rule*" in text
    assert min(runs["rule"]) == 1
    low, high = min(runs["beside"]), max(runs["beside"])
    assert f"between {low:.2f} and\n# {high:.2f} of the question of place" in text


def test_the_budget_in_multiply_adds_is_that_of_the_text():
    recipe = TASKS["rule"].recipe
    plain = count(recipe_host(recipe, None), (3, recipe["size"], recipe["size"])).multiply_adds
    allowed = int(TASKS["rule"].multiply_adds * plain)
    assert f"and {allowed:,} multiply-adds." in (ROOT / "solutions/capstone.py").read_text("utf-8")


@LINUX
def test_a_text_that_is_too_long_is_not_run():
    _, plan = read_source(ROOT, "capstone")
    with live_session(Limits(step_seconds=30, cell_seconds=30)) as session:
        texts = {"capstone-design": "x = 1\n" * 700, "capstone-defence": "I looked."}
        results = {t.name: t for t in Judge(plan, session, texts, CASES, seed=1).results()}
    assert results["capstone-defence"].outcome == BY_HAND
    assert results["capstone-numbers-test"].outcome == COULD_NOT_RUN
    assert "4,200 characters, and 4,000 are the most" in results["capstone-numbers-test"].message
