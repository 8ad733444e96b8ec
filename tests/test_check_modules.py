"""check() of a module with several inputs: what it compares, and what it says."""

import pytest
import torch
from torch import nn

from attnlab.check import CheckFailed, check, use_cases
from attnlab.check.cases import Mistake, make_cases
from attnlab.check.known import load, save
from attnlab.check.modules import ModuleTask


class Weighed(nn.Module):
    """A weighed sum of what one input says; the other input only counts."""

    def __init__(self, size):
        super().__init__()
        self.layer = nn.Linear(size, 1, bias=False)

    def forward(self, x, gain):
        return (self.layer(x)[:, 0] * gain.detach()).sum()


class Attached(Weighed):
    def forward(self, x, gain):
        return (self.layer(x)[:, 0] * gain).sum()


class Doubled(Weighed):
    def forward(self, x, gain):
        return 2 * super().forward(x, gain)


class WithWeightsDetached(Weighed):
    def forward(self, x, gain):
        return (x @ self.layer.weight[0].detach() * gain.detach()).sum()


class Vector(Weighed):
    def forward(self, x, gain):
        return self.layer(x)[:, 0] * gain.detach()


class Biased(Weighed):
    def __init__(self, size):
        super().__init__(size)
        self.layer = nn.Linear(size, 1)


class InPlace(Weighed):
    def forward(self, x, gain):
        value = super().forward(x, gain)
        with torch.no_grad():
            x.mul_(2)
        return value


class Raises(Weighed):
    def forward(self, x, gain):
        raise IndexError("no")


class Renamed(nn.Module):
    """Right, with another name and kind of its weight, and the gain taken off the graph first."""

    def __init__(self, size):
        super().__init__()
        self.w = nn.Parameter(torch.randn(1, size))

    def forward(self, x, gain):
        return torch.einsum("bc,oc,b->", x, self.w, gain.data)


def _inputs(rng, config):
    x = torch.randn(3, config["size"], generator=rng, dtype=torch.float64)
    return {"x": x, "gain": torch.randn(3, generator=rng, dtype=torch.float64)}


KNOWN = Mistake("attached", "own", Attached, "the gain is attached.", "it learns", "the-page")
TASK = ModuleTask(Weighed, ({"size": 4}, {"size": 2}), _inputs, (KNOWN,))


@pytest.fixture(autouse=True)
def own():
    cases = make_cases({"own": TASK}, seed=3)
    with use_cases(lambda _: cases):
        yield cases


@pytest.mark.parametrize("right", [Weighed, Renamed])
def test_a_right_module_passes_in_one_line(right, capsys):
    check("x.own", right)
    assert capsys.readouterr().out == "✓ x.own: 8 comparisons\n"


@pytest.mark.parametrize(
    ("wrong", "words", "name"),
    [
        (Attached, r"the output is right, its gradient in gain is not[^!]*the gain is attached",
         "attached"),
        (Doubled, r"Doubled\(size=4\)\(tensor\[3, 4\], tensor\[3\]\) is not right", None),
        (WithWeightsDetached, "its gradient in layer.weight is not", None),
        (Vector, r"expected shape \(\)\n  came     \(3,\)", None),
        (Biased, "the number of parameters differs", None),
        (InPlace, "changes its input x in place", None),
        (Raises, "raised IndexError", None),
    ],
)  # fmt: skip
def test_a_wrong_module_is_told_where(wrong, words, name):
    with pytest.raises(CheckFailed, match=words) as caught:
        check("x.own", wrong)
    assert caught.value.mistake == name


def test_inputs_that_are_not_asked_for_may_have_any_gradient():
    task = ModuleTask(Weighed, ({"size": 4},), _inputs, asked=("x",))
    cases = make_cases({"own": task}, seed=3)
    with use_cases(lambda _: cases):
        check("x.own", Attached)


def test_a_known_answer_file_holds_the_cases_as_they_are(own, tmp_path, capsys):
    save(tmp_path / "own.npz", own, {}, "here")
    with use_cases(lambda _: load(tmp_path / "own.npz")):
        check("x.own", Weighed)
        with pytest.raises(CheckFailed, match="the gain is attached"):
            check("x.own", Attached)
