"""The golden tests can fail: each wrong block is reported, and in the place where it is wrong."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from golden_cases import Block, Comparison, read_arrays, read_manifest
from torch import nn

from solutions.se import SEBlock

HERE = Path(__file__).parent / "golden"
CASES = {case["id"]: case for case in read_manifest(HERE)}
PLAIN, BIASED = CASES["se.nobias_r4"], CASES["se.bias_r2"]


def complaints(case, module, roles=None):
    roles = roles or {role: role for role in case["params"]}
    return Comparison(case, read_arrays(HERE, case), Block(module, roles)).run()


class Detached(SEBlock):
    def excite(self, z):
        return super().excite(z).detach()


class InputDetached(SEBlock):
    def forward(self, x):
        return super().forward(x.detach())


class BiasIgnored(SEBlock):
    def excite(self, z):
        hidden = F.relu(z @ self.reduce.weight.T)
        return torch.sigmoid(hidden @ self.expand.weight.T)


class BatchPooled(SEBlock):
    def forward(self, x):
        return x * self.excite(x.mean(dim=(0, 2, 3), keepdim=False)[None])[:, :, None, None]


class Residual(SEBlock):
    def forward(self, x):
        return x + super().forward(x)


class GatesOnly(SEBlock):
    def forward(self, x):
        return self.excite(self.pool(x))[:, :, None, None]


class SinglePrecision(SEBlock):
    def forward(self, x):
        return x * self.excite(self.pool(x)).float().double()[:, :, None, None]


class Mutates(SEBlock):
    def forward(self, x):
        y = super().forward(x)
        x.data.mul_(2)
        return y


class Drops(SEBlock):
    def forward(self, x):
        return F.dropout(super().forward(x), 0.5, self.training)


class ExtraParameter(SEBlock):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.scale = nn.Parameter(torch.ones(()))


class FrozenLayer(SEBlock):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.reduce.requires_grad_(False)


MUTANTS = {
    "no sigmoid": (lambda: SEBlock(16, 4, gate=lambda z: z), "eval.y: differs"),
    "softmax gate": (lambda: SEBlock(16, 4, gate=lambda z: z.softmax(1)), "eval.y: differs"),
    "max pool": (lambda: SEBlock(16, 4, pool="max"), "eval.y: differs"),
    "both pools": (lambda: SEBlock(16, 4, pool="avg+max"), "eval.y: differs"),
    "no relu": (lambda: SEBlock(16, 4, act=lambda z: z), "eval.y: differs"),
    "gelu": (lambda: SEBlock(16, 4, act=F.gelu), "eval.y: differs"),
    "wrong width": (lambda: SEBlock(16, 2), "reduce.weight: (4, 16) in the case, (8, 16) in"),
    "bias added": (lambda: SEBlock(16, 4, bias=True), "parameters: 128 expected, 148 found"),
    "one more parameter": (lambda: ExtraParameter(16, 4), "the case has nothing for scale ()"),
    "gate detached": (lambda: Detached(16, 4), "eval.g.expand.weight: differs"),
    "input detached": (lambda: InputDetached(16, 4), "eval.d.x: differs"),
    "frozen layer": (lambda: FrozenLayer(16, 4), "train.g.reduce.weight: differs"),
    "pooled over the batch": (lambda: BatchPooled(16, 4), "eval.y: differs"),
    "residual sum": (lambda: Residual(16, 4), "train.d.x: differs"),
    "gates returned": (lambda: GatesOnly(16, 4), "shape (2, 16, 6, 7) expected, (2, 16, 1, 1)"),
    "single precision": (lambda: SinglePrecision(16, 4), "eval.y: differs by up to"),
    "input overwritten": (lambda: Mutates(16, 4), "eval: input x after the call: differs"),
    "dropout in training": (lambda: Drops(16, 4), "train.y: differs"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_wrong_block_is_reported(name):
    build, words = MUTANTS[name]
    found = complaints(PLAIN, build())
    assert any(words in complaint for complaint in found), found


def test_bias_ignored_is_reported():
    found = complaints(BIASED, BiasIgnored(16, 2, bias=True))
    assert any("eval.y: differs" in complaint for complaint in found)
    assert any("eval.g.reduce.bias: differs" in complaint for complaint in found)


def test_dropout_is_reported_in_training_alone():
    assert not [c for c in complaints(PLAIN, Drops(16, 4)) if c.startswith("eval")]


def test_right_block_is_not_reported():
    assert complaints(PLAIN, SEBlock(16, 4)) == []
