"""Mini-experiments as checks: floors, photographs, and what is said where there are none."""

import sys

import pytest
import torch
from grader_world import live_session

from attnlab import cifar10
from attnlab.check import CheckFailed, CouldNotRun, check, use_cases
from attnlab.check.cases import TrainCases, TrainTask, make_cases
from attnlab.check.cells import as_cell
from attnlab.check.probe import LocalProbe
from attnlab.check.training import check_training
from attnlab.cifar10 import Images
from attnlab.train import RECIPES, device_of, recipe_host, recipe_images, sized
from autograder.limits import Limits
from autograder.outcome import PASSED, Result, TaskResult
from autograder.remote import RemoteProbe
from autograder.session import Cell
from autograder.verdict import not_graded
from solutions.mistakes.se import BLOCK, TASKS
from solutions.se import SEBlock

BLOCKS = make_cases({"block": TASKS["block"]}, seed=6)
RECIPE = RECIPES["cifar"] | {"config": {"reduction": 4}, "epochs": 1, "floor": 0.0, "tiny": {}}
PHOTOS = TrainCases(RECIPE | {"train_images": 64}, 1.0, 8, 3, "SEBlock", "block")
BENCH = RECIPES["rule"] | {"train_images": 64, "epochs": 1}


def checked(cases, block=SEBlock, probe=None):
    with use_cases(lambda _: BLOCKS):
        return check_training(probe or LocalProbe(block), "se", cases)


@pytest.fixture
def photographs(monkeypatch):
    """Random images in the place of CIFAR-10."""
    rng = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (300, 3, 32, 32), generator=rng, dtype=torch.uint8)
    whole = Images(images, torch.arange(300) % 10, "cifar10 random")
    monkeypatch.setattr(cifar10, "load", lambda split: whole)
    monkeypatch.setattr(cifar10, "absent", lambda: "")
    return whole


@pytest.fixture
def no_photographs(monkeypatch, tmp_path):
    monkeypatch.setenv("ATTNLAB_CIFAR10", str(tmp_path))


def test_without_photographs_the_words_say_so_and_nothing_is_lost(no_photographs):
    words = checked(PHOTOS)
    assert "not graded on CIFAR-10: no copy of it here" in words
    assert "so no point is lost" in words


@pytest.mark.parametrize("mistake", BLOCK[:6], ids=lambda mistake: mistake.name)
def test_without_photographs_a_wrong_block_is_refused_all_the_same(no_photographs, mistake):
    with pytest.raises(CheckFailed, match="Likely cause: ") as caught:
        checked(PHOTOS, mistake.build)
    assert caught.value.mistake == mistake.name


def test_with_photographs_the_accuracy_is_said(photographs):
    assert checked(PHOTOS).endswith("of 8 new images, 0% needed")


def test_the_floor_is_that_of_the_recipe(photographs):
    cases = TrainCases(PHOTOS.recipe | {"floor": 1.1}, 0.0, 8, 3, "SEBlock", "block")
    with pytest.raises(CheckFailed, match="new images of CIFAR-10, at the best of 3 seeds"):
        checked(cases)


def test_too_few_right_answers_on_the_bench_are_named():
    with pytest.raises(CheckFailed, match=r"of the question “rule”, at the best of 3"):
        checked(TrainCases(BENCH, 1.1, 8, 3, "SEBlock", "block"))


def test_logits_that_would_broadcast_are_not_counted():
    class Odd(LocalProbe):
        def predict(self, recipe, state, images):
            return super().predict(recipe, state, images)[:1]

    with pytest.raises(CouldNotRun, match=r"logits of shape \(1, 4\) came for 8"):
        checked(TrainCases(BENCH, 0.0, 8, 3, "SEBlock", "block"), probe=Odd(SEBlock))


@pytest.mark.parametrize(
    ("profile", "images"), [("tiny", 512), ("", 5120), ("cpu", 5120), ("gpu", 45000)]
)
def test_the_profile_sets_the_size(monkeypatch, profile, images):
    monkeypatch.setenv("ATTNLAB_PROFILE", profile)
    recipe = sized(RECIPES["cifar"])
    assert recipe["train_images"] == images
    assert (recipe["floor"] < RECIPES["cifar"]["floor"]) == (profile == "tiny")
    assert (recipe.get("profile") == "gpu") == (profile == "gpu")
    assert sized(RECIPES["rule"]) == RECIPES["rule"]


def test_images_of_a_seed_are_the_same_and_of_another_are_not(photographs):
    draws = [recipe_images(RECIPES["cifar"], 20, seed)[0] for seed in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    assert draws[0].dtype == torch.uint8


def test_only_photographs_go_to_a_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert (device_of(RECIPES["cifar"]), device_of(RECIPES["rule"])) == ("cuda", "cpu")


def test_a_host_for_photographs_has_ten_classes():
    host = recipe_host(RECIPES["cifar"], None)
    assert host(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_a_task_for_photographs_takes_its_floor_from_the_recipe():
    task = TrainTask(SEBlock, RECIPES["cifar"], images=9)
    cases = task.cases(torch.Generator().manual_seed(0))
    assert (cases.recipe["floor"], cases.images) == (RECIPES["cifar"]["floor"], 9)


def test_the_result_notes_what_was_not_graded(no_photographs):
    said = f"✓ se.cifar: {checked(PHOTOS)}\nMay use a GPU."
    task = TaskResult("se-photographs-test", "Task 8", PASSED, 1, 1, said)
    (note,) = not_graded(Result("anna", "se", [task]))
    assert note.startswith("Task 8: se.cifar: not graded on CIFAR-10")
    assert note.endswith("no point is lost"), "the words on a GPU belong to the task"


@pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")
def test_a_students_process_gets_photographs_and_opens_no_file(photographs):
    with live_session(Limits(step_seconds=60, cell_seconds=60)) as session:
        imports = "import torch\nimport torch.nn.functional as F\nfrom torch import nn"
        session.run_cell(Cell("imports", imports))
        session.run_cell(Cell("SEBlock", as_cell(BLOCK[0].build.__mro__[1], "SEBlock")))
        session.training = True
        assert checked(PHOTOS, probe=RemoteProbe(session, "SEBlock")).endswith("0% needed")


def test_check_takes_the_training_road(no_photographs, capsys):
    with use_cases(lambda _: BLOCKS | {"cifar": PHOTOS}):
        check("se.cifar", SEBlock)
    assert capsys.readouterr().out.startswith("✓ se.cifar: not graded on CIFAR-10")
