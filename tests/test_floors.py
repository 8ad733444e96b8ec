"""The stored calibration of the mini-experiments: fresh, all right pass, all wrong fail."""

import sys
from importlib import import_module

import pytest
import torch
from notebook_runs import ROOT

from attnlab.check.cases import labelled
from attnlab.check.compare import same
from attnlab.check.probe import LocalProbe
from attnlab.check.training import TRIES
from attnlab.check.weights import push
from attnlab.train import PHOTOS, RECIPES, recipe_host

sys.path.insert(0, str(ROOT / "tools"))
import calibrate
import known_answers

UNLUCKY = 1  # trainings of a right block below the floor, among 20; a check tries several seeds
KEYS = sorted(path.stem for path in calibrate.FLOORS.glob("*.json"))
TASKS = {key: import_module(f"solutions.mistakes.{key}").TASKS for key in KEYS}
EXPERIMENTS = [
    pytest.param(key, name, id=f"{key}.{name}")
    for key, tasks in TASKS.items()
    for name in calibrate.experiments(tasks)
    if name in calibrate.stored(key)
]


def test_every_mini_experiment_has_its_calibration():
    tasks = {key: import_module(f"solutions.mistakes.{key}").TASKS for key in known_answers.keys()}
    wanted = {(key, name) for key in tasks for name in calibrate.experiments(tasks[key])}
    found = {(key, name) for key in tasks for name in calibrate.stored(key)}
    assert wanted == found, "run `python tools/calibrate.py`"


def test_the_floor_of_the_profile_tiny_is_the_one_that_its_calibration_gives():
    runs, found = calibrate.tiny_runs(), calibrate.stored(calibrate.TINY)
    assert found.keys() == runs.keys()
    floor = RECIPES["cifar"]["tiny"]["floor"]
    assert floor == calibrate.tiny_floor(found)
    for label, (recipe, block, seeds) in runs.items():
        assert found[label]["digest"] == calibrate.tiny_digest(recipe, block), f"{label} is stale"
        assert len(found[label]["shares"]) == seeds
        assert min(found[label]["shares"]) >= floor, label


def of(key: str, name: str) -> tuple:
    return TASKS[key][name], calibrate.stored(key).get(name, {})


@pytest.mark.parametrize(("key", "name"), EXPERIMENTS)
def test_the_calibration_is_that_of_the_blocks_as_they_are(key, name):
    task, found = of(key, name)
    blocks = calibrate.blocks(TASKS[key], task)
    digests = {label: calibrate.digest(task, label, block) for label, block in blocks.items()}
    stale = [name for name in digests if found.get(name, {}).get("digest") != digests[name]]
    assert not stale, f"run `python tools/calibrate.py {key}`"
    assert found.keys() == blocks.keys()


@pytest.mark.parametrize(("key", "name"), EXPERIMENTS)
def test_the_floor_is_the_one_that_the_calibration_gives(key, name):
    task, found = of(key, name)
    floor = task.recipe.get("floor", task.floor)
    assert floor == calibrate.floor_of(task, found)
    reference = found["reference"]
    assert len(reference["shares"]) >= (2 if task.recipe["question"] == PHOTOS else 20)
    assert sum(share < floor for share in reference["shares"]) <= UNLUCKY
    tries = [reference["shares"][n:][:TRIES] for n in range(len(reference["shares"]) - TRIES + 1)]
    assert all(max(shares) >= floor for shares in tries), "a check of a right block fails"
    assert reference["verdicts"] == ["agrees"]


@pytest.mark.parametrize(("key", "name"), EXPERIMENTS)
def test_a_host_without_an_answer_stays_below_and_nothing_is_no_block(key, name):
    task, found = of(key, name)
    assert all(verdict.startswith("refused") for verdict in found["nothing"]["verdicts"])
    if task.recipe["question"] != PHOTOS:
        assert len(found["plain"]["shares"]) >= 5
        assert max(*found["plain"]["shares"], *found["nothing"]["shares"]) < task.floor


@pytest.mark.parametrize(("key", "name"), EXPERIMENTS)
def test_every_mistake_is_refused_unless_it_is_right_in_this_setting(key, name):
    task, found = of(key, name)
    for label, build in labelled(TASKS[key][task.block].mistakes):
        verdicts = found[label]["verdicts"]
        if "agrees" in verdicts:
            assert verdicts == ["agrees"], f"{label} passes with some seeds only"
            assert equal_here(task, build), f"{label} passes, and is another block"
        else:
            raises = all(verdict.startswith("raises") for verdict in verdicts)
            trained = 2 if task.recipe["question"] == PHOTOS else 5
            assert len(found[label]["shares"]) >= (1 if raises else trained)


def equal_here(task, build) -> bool:
    """Whether a mistake computes what the reference computes, with the recipe's settings."""
    for channels in set(recipe_host(task.recipe, None).slots().values()):
        rng = torch.Generator().manual_seed(1)
        right, wrong = (
            LocalProbe(block).build(channels, **task.recipe["config"])
            for block in (task.reference, build)
        )
        weights = {
            name: torch.randn(p.shape, generator=rng).double()
            for name, p in right.parameters().items()
        }
        push(right, weights, {})
        push(wrong, weights, {})
        x = torch.randn(2, channels, 6, 6, generator=rng).double()  # the host's maps are square
        if not same(right.forward(x).y, wrong.forward(x).y):
            return False
    return True


def test_a_mistake_of_another_setting_is_equal_and_a_real_one_is_not():
    task = TASKS["se"]["rule"]
    mistakes = {mistake.name: mistake.build for mistake in TASKS["se"]["block"].mistakes}
    assert equal_here(task, mistakes["bias ignored"])
    assert not equal_here(task, mistakes["no ReLU"])
