"""Several seeds in one program: each training is the one it would be alone, up to rounding."""

import copy
import importlib
import shutil
from dataclasses import replace

import pytest
import torch
from torch import nn

from attnlab.augment import flip_and_shift
from attnlab.host import Host
from attnlab.profiles import PROFILES
from attnlab.questions import draw
from attnlab.together import fit_together
from attnlab.train import fit
from solutions.cbam import CBAM
from solutions.cc import CrissCrossBlock
from solutions.da import ChannelAttention, PositionAttention
from solutions.eca import ECABlock
from solutions.gc import GCBlock
from solutions.se import SEBlock

BLOCKS = {
    "plain": None,
    "se": lambda c: SEBlock(c, 2),
    "eca": ECABlock,
    "cbam": lambda c: CBAM(c, 2),
    "nonlocal": importlib.import_module("solutions.nonlocal").NonLocalBlock,
    "gc": lambda c: GCBlock(c, 2),
    "cc": CrissCrossBlock,
    "da-positions": PositionAttention,
    "da-channels": ChannelAttention,
}
SHORT = replace(PROFILES["tiny"], epochs=2, batch=20)
SEEDS = (3, 8, 5)


def host(block, seed, placement="stage1"):
    torch.manual_seed(seed)
    return Host(block, placement, width=16).double()


def doubles(question, seed, n=45):
    batch = draw(question, n, seed)
    return batch.images.double(), batch.labels


@pytest.mark.parametrize("key", BLOCKS)
def test_each_training_is_the_one_it_would_be_alone(key):
    """In double precision: the curves to a billionth, and the answers in eval mode to a millionth.

    Weights themselves may differ more: AdamW moves a bias that nothing depends on by its rounding.
    """
    data = [doubles("local", seed) for seed in SEEDS]
    models = [host(BLOCKS[key], seed) for seed in SEEDS]
    alone = copy.deepcopy(models)
    fits = fit_together(models, data, SHORT, SEEDS, augment=flip_and_shift)
    for model, other, own, seed, together in zip(models, alone, data, SEEDS, fits, strict=True):
        single = fit(other, *own, SHORT, seed, augment=flip_and_shift)
        assert together.curve == pytest.approx(single.curve, rel=1e-9)
        images, _ = doubles("local", 99)
        assert not model.training
        torch.testing.assert_close(model(images), other(images), rtol=1e-6, atol=1e-7)


def test_seeds_differ_and_share_the_seconds():
    models = [host(None, seed) for seed in SEEDS]
    fits = fit_together(models, [doubles("local", 0)] * 3, SHORT, SEEDS)
    assert len({fit.curve for fit in fits}) == 3
    assert fits[0].seconds == fits[2].seconds > 0


def test_bfloat16_trains_together_too():
    models = [host(None, seed).float() for seed in SEEDS]
    data = [(images.float(), labels) for images, labels in [doubles("local", 0)] * 3]
    longer = replace(SHORT, epochs=8, bfloat16=True)
    fits = fit_together(models, data, longer, SEEDS)
    assert all(own.curve[-1] < own.curve[0] for own in fits)


def test_warming_up_changes_nothing(monkeypatch):
    """`torch.compile` stands still: what is left of a compiled profile is its warm-up."""
    monkeypatch.setattr(torch, "compile", lambda network: network)
    ends = []
    for compiled in (False, True):
        models = [host(BLOCKS["se"], seed) for seed in SEEDS]
        profile = replace(SHORT, compiled=compiled)
        fits = fit_together(models, [doubles("local", 0)] * 3, profile, SEEDS)
        alone = host(BLOCKS["se"], 0)
        fits.append(fit(alone, *doubles("local", 0), profile, 0))
        assert all((own.warm_seconds > 0) == compiled for own in fits)
        ends.append([own.curve for own in fits])
        ends.append([value for model in [*models, alone] for value in model.state_dict().values()])
    assert ends[0] == ends[2]
    assert all(torch.equal(a, b) for a, b in zip(ends[1], ends[3], strict=True))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # inside torch.compile
def test_compiled_seeds_train_together():
    if shutil.which("g++") is None:
        pytest.skip("not run: torch.compile needs g++")
    curves = []
    for compiled in (False, True):
        models = [host(BLOCKS["se"], seed).float() for seed in SEEDS]
        images, labels = doubles("local", 0, 40)
        profile = replace(SHORT, compiled=compiled)
        fits = fit_together(models, [(images.float(), labels)] * 3, profile, SEEDS)
        curves += [own.curve for own in fits]
    for plain, quick in zip(curves[:3], curves[3:], strict=True):
        assert quick == pytest.approx(plain, rel=1e-3)


def test_numbers_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="got 1 models, 1 data and 3 seeds"):
        fit_together([nn.Identity()], [doubles("local", 0)], SHORT, SEEDS)
