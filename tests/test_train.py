"""The training loop: it learns, it repeats itself bit for bit, and it refuses nonsense."""

import shutil
from dataclasses import replace

import pytest
import torch
from torch import nn

from attnlab import train
from attnlab.host import Host
from attnlab.questions import draw
from attnlab.train import (
    PROFILES,
    RECIPES,
    accuracy,
    fit,
    logits,
    mean_iou,
    recipe_host,
    run_recipe,
)
from solutions.se import SEBlock

SHORT = replace(PROFILES["tiny"], epochs=2)


def trained(seed=0, profile=SHORT, device="cpu"):
    torch.manual_seed(seed)
    model = Host(width=8)
    batch = draw("local", 130, seed)
    return model, fit(model, batch.images, batch.labels, profile, seed, device)


def test_same_seed_same_bits():
    (first, curve), (second, again), (_, other) = trained(), trained(), trained(seed=1)
    assert curve.curve == again.curve != other.curve
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]), f"{name} differs"


def test_host_answers_local_and_leaves_global_randomness_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    model = run_recipe(RECIPES["rule"] | {"question": "local", "epochs": 8}, None)
    assert torch.equal(torch.rand(3), expected)
    assert not model.training
    test = draw("local", 300, 9)
    assert accuracy(model, test.images, test.labels) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 103))
def test_rule_needs_the_block(seed):
    recipe = RECIPES["rule"] | {"seed": seed}
    test = draw("rule", 500, seed + 1, recipe["size"])

    def score(block):
        return accuracy(run_recipe(recipe, block), test.images, test.labels)

    assert score(SEBlock) > 0.8
    assert score(None) < 0.4


def test_a_last_batch_of_one_is_joined_to_the_one_before():
    images, labels = torch.rand(65, 3, 16, 16), torch.zeros(65, dtype=torch.int64)
    assert len(fit(Host(width=4), images, labels, SHORT).curve) == 2


@pytest.mark.parametrize("change", ["bfloat16", "channels_last"])
def test_gpu_settings_run_on_the_cpu_too(change):
    _, result = trained(profile=replace(SHORT, **{change: True}))
    assert result.curve[-1] < 1.6


def test_a_recipe_for_a_gpu_is_trained_in_bfloat16_and_not_compiled(monkeypatch):
    def refuse(*_):
        raise OSError("a locked-in process may not start a compiler")

    seen = []
    monkeypatch.setattr(torch, "compile", refuse)
    monkeypatch.setattr(train, "fit", lambda *given, **_: seen.append(given))
    rng = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (6, 3, 32, 32), generator=rng, dtype=torch.uint8)
    recipe = RECIPES["cifar"] | RECIPES["cifar"]["gpu"]
    run_recipe(recipe, None, (images, torch.arange(6)))
    monkeypatch.undo()
    (model, floats, labels, profile, seed, device), = seen
    assert (profile.bfloat16, profile.compiled, profile.epochs, device) == (True, False, 30, "cpu")
    result = fit(model, floats, labels, replace(profile, epochs=1), seed, device)
    assert 0 < result.curve[0] < 5


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # inside torch.compile
def test_compiled_training_learns():
    if shutil.which("g++") is None:
        pytest.skip("not run: torch.compile needs g++")
    _, result = trained(profile=replace(SHORT, compiled=True))
    assert result.curve[-1] < 1.6


@pytest.mark.gpu
def test_gpu_profile_learns():
    if not torch.cuda.is_available():
        pytest.skip("not run: no CUDA device")
    _, result = trained(profile=replace(PROFILES["gpu"], epochs=20), device="cuda")
    assert result.curve[-1] < 1.2


def test_augmentation_sees_every_batch():
    seen = []

    def augment(images, generator):
        seen.append(len(images))
        return images

    batch = draw("local", 130, 0)
    fit(Host(width=4), batch.images, batch.labels, SHORT, augment=augment)
    assert seen == [64, 64, 2] * 2


def test_logits_do_not_depend_on_the_batch():
    model, _ = trained()
    images = draw("local", 50, 3).images
    torch.testing.assert_close(logits(model, images, 7), logits(model, images, 50))


def test_mean_iou_by_hand():
    answers = torch.tensor([[0, 0, 1], [1, 1, 2]])
    labels = torch.tensor([[0, 1, 1], [1, 0, 2]])
    # class 0: 1 of 3, class 1: 2 of 4, class 2: 1 of 1, class 3 occurs nowhere
    assert mean_iou(answers, labels, 4) == pytest.approx((1 / 3 + 2 / 4 + 1) / 3)
    assert mean_iou(labels, labels, 4) == 1


def test_dense_question_trains():
    batch = draw("mark", 64, 0)
    model = Host(width=4, classes=3, dense=True)
    result = fit(model, batch.images, batch.labels, SHORT)
    assert result.curve[-1] < result.curve[0]
    assert 0 < accuracy(model, batch.images, batch.labels) <= 1


def test_recipe_host_is_the_start_of_run_recipe():
    recipe = RECIPES["rule"] | {"epochs": 1, "train_images": 64}
    start, end = recipe_host(recipe, SEBlock), run_recipe(recipe, SEBlock)
    assert start.state_dict().keys() == end.state_dict().keys()
    assert isinstance(start.after_stage1, SEBlock)
    assert start.after_stage1.reduce.weight.shape == (8, 16)


def test_nonsense_is_refused():
    images, labels = torch.rand(4, 3, 16, 16), torch.zeros(3, dtype=torch.int64)
    with pytest.raises(ValueError, match="got 4 images and 3 labels"):
        fit(Host(), images, labels)
    with pytest.raises(ValueError, match="no profile 'huge'; the profiles are tiny, cpu, gpu"):
        fit(nn.Identity(), images, torch.zeros(4, dtype=torch.int64), "huge")
    with pytest.raises(ValueError, match="the recipe lacks config, seed"):
        recipe_host({k: v for k, v in RECIPES["rule"].items() if k not in ("config", "seed")}, None)
