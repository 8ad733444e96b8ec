"""One breaker for each law: the law refuses it, and the other laws have nothing to say."""

import pytest
import torch
from torch import nn

from attnlab.check import CheckFailed, check
from attnlab.check.laws import LAWS
from solutions.se import SEBlock


class ExtraWeight(SEBlock):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__(channels, reduction, bias)
        self.more = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return super().forward(x) * self.more


class Crops(SEBlock):
    def forward(self, x):
        y = super().forward(x)
        return y[..., : y.shape[-1] // 2 * 2]


class LeansOnTheBatch(SEBlock):
    def forward(self, x):
        return super().forward(x) + 0.1 * x.mean(dim=0, keepdim=True)


class Mutates(SEBlock):
    def forward(self, x):
        return x.copy_(super().forward(x))


class Detached(SEBlock):
    def excite(self, z):
        return super().excite(z.detach()).detach()


class Counts(SEBlock):
    calls = 0

    def forward(self, x):
        self.calls += 1
        return super().forward(x) * (1 + 0.1 * self.calls)


class SinglePrecision(SEBlock):
    def forward(self, x):
        return super().forward(x).float()


class RightButTheGradient(SEBlock):
    def forward(self, x):
        return x.detach() * self.excite(self.pool(x))[:, :, None, None]


BREAKERS = {
    "parameters": (ExtraWeight, r"has 65 parameters; expected 64 = 2\*C\*h"),
    "shape": (Crops, "changes the shape"),
    "batch": (LeansOnTheBatch, "gives the first image another output"),
    "input": (Mutates, "changes its input in place"),
    "gradients": (Detached, "no gradient reaches expand.weight and reduce.weight"),
    "repeat": (Counts, "gives another output the second time"),
    "dtype": (SinglePrecision, "and float64 into torch.float32"),
}


def test_every_law_has_its_breaker():
    assert BREAKERS.keys() == LAWS.keys()


@pytest.mark.parametrize("law", BREAKERS)
def test_a_law_refuses_its_breaker(law):
    breaker, message = BREAKERS[law]
    with pytest.raises(CheckFailed, match=message):
        check("se.block", breaker, law)


@pytest.mark.parametrize("law", ["gradients", "dtype"])
def test_right_numbers_are_no_named_mistake(law):
    with pytest.raises(CheckFailed, match=BREAKERS[law][1]) as caught:
        check("se.block", BREAKERS[law][0], law)
    assert caught.value.mistake is None


def test_float32_and_float64_must_agree():
    def forward(self, x):
        return SEBlock.forward(self, x) * (1.01 if x.dtype == torch.float32 else 1)

    with pytest.raises(CheckFailed, match="float32 and float64 disagree"):
        check("se.block", type("Fickle", (SEBlock,), {"forward": forward}), "dtype")


# A changed count or shape comes before everything else, and a copy in place is a gradient's end.
ALONE = [(law, other) for law in ("batch", "gradients", "dtype") for other in LAWS if other != law]


@pytest.mark.parametrize(("law", "other"), ALONE)
def test_a_law_is_not_refused_for_another(law, other):
    check("se.block", BREAKERS[law][0], other)


def test_weights_for_which_a_block_lies_dead_are_no_verdict():
    class DeadInHalfOfAllDraws(SEBlock):
        def forward(self, x):
            return super().forward(x) if self.reduce.weight[0, 0] > 0 else torch.zeros_like(x)

    check("se.block", DeadInHalfOfAllDraws, "shape")


def test_right_numbers_with_a_wrong_gradient_are_refused():
    with pytest.raises(CheckFailed, match="the output is right, its gradient in x is not"):
        check("se.block", RightButTheGradient, "values")


@pytest.mark.parametrize("part", [*LAWS, "values"])
@pytest.mark.parametrize(
    ("forward", "message"),
    [
        (lambda self, x: x, "returns its input unchanged"),
        (lambda self, x: torch.zeros_like(x), "gives one answer for different inputs"),
    ],
)
def test_no_part_takes_a_block_that_does_nothing(part, forward, message):
    idle = type("Idle", (SEBlock,), {"forward": forward})
    with pytest.raises(CheckFailed, match=f"{message}|no gradient reaches|is not what it should"):
        check("se.block", idle, part)
