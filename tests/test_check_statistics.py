"""Running statistics cross the checks: pushed with the weights, compared after a training pass."""

import pytest
import torch
from torch import nn

from attnlab.check import CheckFailed, check, use_cases
from attnlab.check.cases import BlockTask, Mistake, make_cases


class Scaled(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.mix = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = self.normalisation(channels)

    def normalisation(self, channels):
        return nn.BatchNorm2d(channels, momentum=0.01)

    def forward(self, x):
        return x * self.norm(self.mix(x))


class Renamed(nn.Module):
    """The same with other names, its buffers in another order than its layers are used."""

    def __init__(self, channels):
        super().__init__()
        self.second = nn.BatchNorm2d(channels, momentum=0.01)
        self.first = nn.Linear(channels, channels, bias=False)

    def forward(self, x):
        return self.second(self.first(x.movedim(1, 3)).movedim(3, 1)) * x


class UsualMomentum(Scaled):
    def normalisation(self, channels):
        return nn.BatchNorm2d(channels)


class EveryImageByItself(Scaled):
    def normalisation(self, channels):
        return nn.InstanceNorm2d(channels, affine=True)


class AlwaysTheBatch(Scaled):
    def forward(self, x):
        self.norm.train()
        return super().forward(x)


class FrozenNorm(Scaled):
    def forward(self, x):
        self.norm.eval()
        return super().forward(x)


class TwiceAsLarge(Scaled):
    def forward(self, x):
        return 2 * super().forward(x)


MISTAKES = (
    Mistake("usual momentum", "block", UsualMomentum, "momentum is 0.01.", "", breaks="training"),
    Mistake("image norm", "block", EveryImageByItself, "normalise over the batch.", ""),
)
TASK = BlockTask(
    Scaled, ({"channels": 4}, {"channels": 6}), ((3, 4, 5, 3), (2, 6, 3, 4)), mistakes=MISTAKES
)
CASES = make_cases({"block": TASK}, seed=3)


def verdict(build, *parts):
    with use_cases(lambda key: CASES):
        check("scaled.block", build, *parts)


@pytest.mark.parametrize("build", [Scaled, Renamed])
def test_right_statistics_pass_whatever_their_names(build, capsys):
    verdict(build)
    assert "7 laws, 6 comparisons" in capsys.readouterr().out


def test_cases_hold_statistics_that_are_not_the_fresh_ones():
    for case in CASES["block"].ordinary:
        assert set(case.buffers) == {"norm.running_mean", "norm.running_var"}
        assert case.buffers["norm.running_mean"].abs().min() > 0
        assert (case.buffers["norm.running_var"] > 0).all()
        moved = case.buffers_after["norm.running_var"] - case.buffers["norm.running_var"]
        assert moved.abs().min() > 0
        assert (case.y_training - case.y).abs().max() > 0.01


def test_another_momentum_shows_after_a_training_pass():
    verdict(UsualMomentum, "values")
    with pytest.raises(CheckFailed, match=r"leaves another norm\.running_mean") as caught:
        verdict(UsualMomentum, "training")
    assert caught.value.mistake == "usual momentum"


def test_a_norm_without_statistics_is_recognised_by_its_numbers():
    with pytest.raises(CheckFailed, match=r"normalise over the batch\."):
        verdict(EveryImageByItself, "values")
    with pytest.raises(CheckFailed, match=r"keeps no running statistics \(norm\.running_mean"):
        verdict(EveryImageByItself, "training")


def test_a_norm_that_uses_the_batch_in_eval_mode_breaks_the_law_of_the_batch():
    with pytest.raises(CheckFailed, match="gives the first image another output"):
        verdict(AlwaysTheBatch, "batch")


def test_a_frozen_norm_is_right_in_eval_mode_only():
    verdict(FrozenNorm, "values")
    with pytest.raises(CheckFailed, match="right in eval mode, but not in training mode"):
        verdict(FrozenNorm, "training")


def test_a_gate_may_have_a_shape_of_its_own():
    class Gate(nn.Module):
        def __init__(self, channels):
            super().__init__()
            self.fc = nn.Linear(channels, channels)

        def forward(self, x):
            return torch.sigmoid(self.fc(x.mean((2, 3))))[:, :, None, None]

    task = BlockTask(Gate, ({"channels": 3},), ((2, 3, 4, 5),))
    with use_cases(lambda key: make_cases({"gate": task}, seed=1)):
        check("some.gate", Gate)


def test_what_is_wrong_in_both_modes_is_not_called_right_in_one():
    with pytest.raises(CheckFailed, match="not right, neither in eval nor in training mode"):
        verdict(TwiceAsLarge, "training")
