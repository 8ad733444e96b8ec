"""check() as a student meets it: the printed line, the messages, the names it knows."""

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.check import CheckFailed, check, known, provided, use_cases
from attnlab.check.cases import make_cases
from attnlab.check.compare import difference, same
from solutions.mistakes import recheck
from solutions.mistakes.se import TASKS
from solutions.mistakes.wrong import se_block, se_functions
from solutions.se import SEBlock, params, squeeze


@pytest.mark.parametrize(
    ("name", "obj", "parts", "line"),
    [
        ("se.block", SEBlock, (), "✓ se.block: 7 laws, 6 comparisons\n"),
        ("se.block", SEBlock, ("shape",), "✓ se.block: 1 law\n"),
        ("se.block", SEBlock, ("values", "batch"), "✓ se.block: 1 law, 6 comparisons\n"),
        ("se.squeeze", squeeze, (), "✓ se.squeeze: 3 comparisons\n"),
    ],
)
def test_success_is_one_line(name, obj, parts, line, capsys):
    check(name, obj, *parts)
    assert capsys.readouterr().out == line


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (se_block.PoolsChannels, "averages over the channels"),
        (se_block.NoSigmoid, "the gate has no sigmoid"),
        (se_block.SoftmaxGate, "the gate is a softmax"),
        (se_block.LayersSwapped, "the two layers are swapped"),
        (se_block.MaxPool, "the maximum of each channel. SE takes the mean"),
        (se_block.AlwaysBias, "your layers have a bias although bias=False"),
    ],
)
def test_the_six_usual_mistakes_read_exactly_that(wrong, words):
    with pytest.raises(CheckFailed, match=words):
        check("se.block", wrong)


def test_a_message_says_what_was_called_expected_and_came():
    with pytest.raises(CheckFailed, match="Likely cause") as caught:
        check("se.params", se_functions.params_divides)
    assert str(caught.value) == (
        "params_divides(64, 16) is not right.\n"
        "  expected 512\n"
        "  came     512, a float\n"
        "  Likely cause: a width is a whole number: divide with //, which rounds down.\n"
        "  Read again: “What goes wrong” in the chapter."
    )


@pytest.mark.parametrize(
    ("expected", "came", "text"),
    [
        (torch.zeros(2, 3), torch.zeros(3), "expected shape (2, 3)\n  came     (3,)"),
        (torch.zeros(2, 3), torch.tensor([[0, 0, 0], [0, 1, 0]]), "came     [1, 1] = 1.00000"),
        (torch.zeros(4), torch.tensor([0, 1, 1, 1.0]), "3 of 4 entries differ (75%)"),
        (torch.tensor([2e-6]), torch.tensor([3e-6]), "[0] = 2e-06\n  came     [0] = 3e-06"),
        (5, None, "came     None (is a `return` missing?)"),
        ([1, 2], [1, 3], "at [1]:\n  expected 2\n  came     3"),
        ({"a": 1}, {"a": 2}, "at 'a':\n  expected 1"),
        (2514944, 0, "expected 2,514,944"),
        (True, 1, "expected True\n  came     1"),
    ],
)
def test_the_first_difference(expected, came, text):
    assert not same(expected, came)
    assert text in difference(expected, came)


def test_nan_is_never_right():
    assert not same(torch.zeros(2), torch.tensor([0, float("nan")]))
    assert not same(0.0, float("nan"))


class TwoMistakes(se_block.MaxPool):
    def gate(self, z):
        return self.expand(self.reduce(z))


class Misspelt(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.expand = nn.Linear(channels // reduction, channels, bias=bias)
        self.reduce = nn.Linear(channels, channels // reduction, bias=bias)

    def forward(self, x):
        return x * self.gates(x)


@pytest.mark.parametrize("wrong", [TwoMistakes, Misspelt])
def test_what_is_not_recognised_gets_no_cause(wrong):
    with pytest.raises(CheckFailed, match=wrong.__name__) as caught:
        check("se.block", wrong)
    assert caught.value.mistake is None
    assert "Likely cause" not in str(caught.value)


def test_unknown_names_get_the_nearest():
    with pytest.raises(KeyError, match=r"no check 'se.blok'; did you mean 'se.block'"):
        check("se.blok", SEBlock)
    with pytest.raises(KeyError, match=r"no known answers for 'sse'; did you mean 'se'"):
        check("sse.block", SEBlock)
    with pytest.raises(KeyError, match=r"no part 'shapes' in a check; did you mean 'shape'"):
        check("se.block", SEBlock, "shapes")
    with pytest.raises(KeyError, match=r"nothing provided as 'se.SEblock'; did you mean"):
        provided("se.SEblock")


def test_fresh_cases_replace_the_known_ones_and_go_again(capsys):
    first = known.cases_of("se.squeeze").ordinary[0].args[0]
    fresh = make_cases({"squeeze": TASKS["squeeze"]}, seed=1)
    with use_cases(lambda key: fresh):
        assert known.cases_of("se.squeeze") is fresh["squeeze"]
        recheck("se.squeeze", None)  # already fresh: nothing to do
    assert torch.equal(known.cases_of("se.squeeze").ordinary[0].args[0], first)
    recheck("se.squeeze", squeeze)
    assert capsys.readouterr().out == "✓ se.squeeze: 3 comparisons\n"


def test_one_seed_one_set_of_cases():
    one, same_seed, other = (make_cases({"params": TASKS["block"]}, seed) for seed in (7, 7, 8))
    xs = [cases["params"].ordinary[0].x for cases in (one, same_seed, other)]
    assert torch.equal(xs[0], xs[1])
    assert not torch.equal(xs[0].flatten()[:9], xs[2].flatten()[:9])


def test_a_lookup_table_of_the_known_answers_fails_on_fresh_ones():
    table = {c.args: c.expected for c in known.cases_of("se.macs").ordinary}
    check("se.macs", lambda *args: table[args])
    with pytest.raises(CheckFailed, match="raised KeyError"):
        recheck("se.macs", lambda *args: table[args])


def test_the_provided_block_works_and_no_check_takes_it():
    block = provided("se.SEBlock")
    torch.manual_seed(0)
    mine = block(32, 4)
    theirs = SEBlock(32, 4)
    theirs.load_state_dict(mine.state_dict())
    x = torch.rand(2, 32, 3, 4)
    assert torch.equal(mine(x), theirs(x))
    for wrapped in (block, type("Mine", (block,), {})):
        with pytest.raises(CheckFailed, match="is the provided one"):
            check("se.block", wrapped)


def test_the_closed_form_is_the_registrys():
    for case in known.cases_of("se.block").ordinary:
        assert case.count == sum(weight.numel() for weight in case.weights.values())
        assert case.count == params(**case.config)


def test_known_answers_hold_no_pickle():
    with np.load(known.path_of("se"), allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)
