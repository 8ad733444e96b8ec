"""Costs: counted on the module, held against closed forms, a library's counter and known sizes."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from attnlab.costs import Costs, count, parameters, peak_bytes, step_time
from attnlab.mechanisms import mechanism
from attnlab.resnet50 import ResNet50
from solutions.se import SEBlock

SETTINGS = [(64, 16, 32, 32), (64, 4, 7, 9), (16, 2, 1, 5), (48, 3, 8, 6), (256, 16, 14, 14)]


@pytest.mark.parametrize(("channels", "reduction", "height", "width"), SETTINGS)
@pytest.mark.parametrize("bias", [False, True])
def test_se_costs_what_the_registry_says(channels, reduction, height, width, bias):
    size = {"channels": channels, "height": height, "width": width}
    settings = size | {"reduction": reduction, "bias": bias}
    se = mechanism("se")
    forms = (se.parameters, se.multiply_adds, se.pooling, se.rescale)
    expected = Costs(*(form(**settings) for form in forms))
    assert count(SEBlock(channels, reduction, bias), (channels, height, width)) == expected


class Mixed(nn.Module):
    """One of each kind of product that the counter knows."""

    def __init__(self):
        super().__init__()
        self.strided = nn.Conv2d(4, 8, 3, stride=2, padding=1)
        self.grouped = nn.Conv2d(8, 8, (1, 3), groups=4)
        self.transposed = nn.ConvTranspose2d(8, 6, 3, stride=2, groups=2)
        self.line = nn.Conv1d(6, 6, 3, padding=1)
        self.linear = nn.Linear(6, 5)
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x):
        x = self.line(self.transposed(self.grouped(self.strided(x))).flatten(2)).mT
        x = self.attention(x, x, x)[0] + self.attention(x, x, x, need_weights=False)[0]
        return self.linear(x @ (x.mT @ x))


@pytest.mark.parametrize("shape", [(4, 20, 17), (4, 9, 12)])
def test_multiply_adds_agree_with_the_counter_of_torch(shape):
    with torch.device("meta"):
        module, x = Mixed(), torch.zeros(1, *shape)
    with FlopCounterMode(display=False) as library:
        module(x)
    counted = count(module, shape).multiply_adds
    assert counted == library.get_total_flops() / 2
    assert counted > 0


def test_multi_head_attention_costs_what_the_registry_says():
    class Itself(nn.Module):
        def __init__(self):
            super().__init__()
            self.attention = nn.MultiheadAttention(12, 3, batch_first=True)

        def forward(self, x):
            return self.attention(x, x, x, need_weights=False)[0]

    mha = mechanism("mha")
    costs = count(Itself(), (7, 12))
    assert costs.parameters == mha.parameters(embedding=12)
    assert costs.multiply_adds == mha.multiply_adds(embedding=12, queries=7, keys=7)
    assert count(Itself(), (7, 12), device="cpu") == costs


@pytest.mark.parametrize(
    ("layer", "pooling"),
    [
        (nn.AdaptiveAvgPool2d(1), 3 * 8 * 10),
        (nn.AdaptiveAvgPool2d(2), 3 * 8 * 10),
        (nn.AdaptiveMaxPool2d(1), 3 * 8 * 10),
        (nn.AvgPool2d(2), 3 * 8 * 10),
        (nn.MaxPool2d(3, 2, 1), 3 * 4 * 5 * 9),
    ],
)
def test_pooling_counts_the_numbers_that_are_read(layer, pooling):
    assert count(layer, (3, 8, 10)) == Costs(0, 0, pooling, 0)


@pytest.mark.parametrize(
    ("early", "plain"), [(False, 4_089_184_256), (True, 3_857_973_248)], ids=["libraries", "paper"]
)
def test_resnet_50_with_and_without_se(early, plain):
    """Parameters and multiply-adds by instantiation, exactly; the library's counter agrees."""
    with torch.device("meta"):
        bare, gated = ResNet50(early=early), ResNet50(SEBlock, early=early)
        with FlopCounterMode(display=False) as library:
            bare(torch.zeros(1, 3, 224, 224))
    before, after = count(bare, (3, 224, 224)), count(gated, (3, 224, 224))
    assert before.multiply_adds == plain == library.get_total_flops() / 2
    assert before.parameters == 25_557_032
    assert after.parameters - before.parameters == 2_514_944
    assert after.multiply_adds - before.multiply_adds == 2_514_944
    assert after.pooling - before.pooling == after.rescale == 5_519_360


@pytest.mark.parametrize(
    ("block", "stages", "total"),
    [
        (lambda c: SEBlock(c, bias=True), (2, 3, 4, 5), 28_088_024),
        (SEBlock, (4, 5), 25_557_032 + (6 * 1024**2 + 3 * 2048**2) // 8),
        (None, (2, 3, 4, 5), 25_557_032),
    ],
)
def test_parameters_of_resnet_50(block, stages, total):
    with torch.device("meta"):
        assert parameters(ResNet50(block, stages=stages)) == total


class Chain(nn.Module):
    """Three steps on a map, none of which needs its input again once it has run."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1000))

    def forward(self, x):
        return ((x + 1) * 2 - 3) * self.scale


def test_peak_bytes_of_a_chain_are_its_input_and_two_maps():
    x = torch.zeros(1, 1000)
    assert peak_bytes(Chain(), x) == 3 * 4000
    assert peak_bytes(Chain(), x.to("meta")) == 3 * 4000


def test_peak_bytes_of_training_hold_what_the_gradients_need():
    chain, x = Chain(), torch.zeros(1, 1000)
    assert peak_bytes(chain, x, train=True) > peak_bytes(chain, x)
    deep = nn.Sequential(*(nn.Sequential(nn.Linear(64, 64), nn.Sigmoid()) for _ in range(8)))
    maps = peak_bytes(deep, torch.zeros(100, 64), train=True) / (4 * 100 * 64)
    assert 9 <= maps <= 14  # the input and eight saved gates, and what one step back holds


def test_peak_bytes_see_a_map_of_pairs():
    class Pairs(nn.Module):
        def forward(self, x):
            x = x.flatten(2)
            return x @ (x.mT @ x).softmax(-1)

    small, large = (peak_bytes(Pairs(), torch.zeros(1, 4, n, n)) for n in (16, 32))
    assert 14 < large / small < 17  # the number of pairs grows with the fourth power of the side


def test_step_time_is_positive_and_ordered():
    timing = step_time(SEBlock(16, 4), torch.zeros(2, 16, 8, 8), train=True, repeats=5)
    assert 0 < timing.low <= timing.median <= timing.high < 1
    assert timing.repeats == 5


def test_measuring_leaves_the_module_as_it_was():
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), SEBlock(4, 2)).train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    x = torch.randn(2, 3, 8, 8)
    count(module, (3, 8, 8))
    peak_bytes(module, x, train=True)
    step_time(module, x, train=True, repeats=2)
    assert module.training
    assert all(parameter.grad is None for parameter in module.parameters())
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert next(module.parameters()).device.type == "cpu"
