"""A mini-experiment as a check: the host with the student's block inside learns to answer."""

import torch
from torch import Tensor

from attnlab.check.bench import Bench
from attnlab.check.cases import DesignCases, TrainCases
from attnlab.check.known import cases_of
from attnlab.check.laws import alive
from attnlab.check.outcomes import CouldNotRun, StudentRaised
from attnlab.check.probe import Data, Probe
from attnlab.check.provided import provided
from attnlab.check.trained import compare_trained

TRIES = 3  # of a training; each with a seed of its own
COMPARED = 32  # images whose activations a trained block is compared with the reference on
NOISE = 64  # images that stand in for photographs
IN_PLACE = "modified by an inplace operation"  # autograd's words for a lost input
UNGRADED = "not graded on CIFAR-10"  # begins what is said where there are no photographs
MISSING = "no copy of it here (`python -m attnlab.cifar10 data` fetches one)"


def check_training(probe: Probe, key: str, cases: TrainCases) -> str:
    """The words for a block that answers and equals the reference; else raises CheckFailed.

    Up to TRIES seeds: a right block with weights of its own drawing can be out of luck once.
    Without CIFAR-10 a recipe that wants it trains for a moment on noise instead, which shows
    whether the block is the right one and leaves open what it answers.
    """
    from attnlab import cifar10
    from attnlab.train import PHOTOS, sized

    recipe, bench = sized(cases.recipe), Bench(probe, cases_of(f"{key}.{cases.block}"))
    _alive(bench)  # of weights that never moved, the reference too may be the identity
    photos = recipe["question"] == PHOTOS
    if photos and cifar10.absent():
        images, labels = _noise(cases.seed)
        state = _trained(bench, recipe | {"epochs": 1}, (images, labels))
        _compare(bench, key, cases, recipe, state, cifar10.floats(images))
        return f"{UNGRADED}: {MISSING}. On random images the block is right, so no point is lost"
    floor, reached = recipe.get("floor", cases.floor), []
    for attempt in range(TRIES):
        recipe |= {"seed": cases.recipe["seed"] + attempt}
        images, labels = new_images(recipe, cases)
        state = _trained(bench, recipe, _photos(recipe) if photos else None)
        reached.append(share(probe.predict(recipe, state, images), labels))
        if reached[-1] >= floor:
            _compare(bench, key, cases, recipe, state, images)
            return f"{reached[-1]:.0%} of {cases.images} new images, {floor:.0%} needed"
    _too_few(bench, recipe, max(reached), floor)


def _too_few(bench: Bench, recipe: dict, reached: float, floor: float) -> None:
    name, photos = bench.probe.name, "floor" in recipe
    asked = "of CIFAR-10" if photos else f"of the question “{recipe['question']}”"
    without = "reaches that" if photos else "stays far below"
    bench.fail(
        "values",
        f"the host with {name} inside answers {reached:.0%} of new images {asked}, at the best of "
        f"{TRIES} seeds; expected at least {floor:.0%}.\n"
        f"  A host whose block does nothing {without}. Check {name} by itself first, then train "
        f"again.",
    )


def _alive(bench: Bench) -> None:
    try:
        alive(bench)
    except StudentRaised as error:
        raise bench.raised(error) from None


def _trained(bench: Bench, recipe: dict, data: Data | None) -> dict[str, Tensor]:
    try:
        return bench.probe.train(recipe, data)
    except StudentRaised as error:
        if IN_PLACE in error.text:
            bench.fail("input", str(error))
        raise bench.raised(error) from None


def _compare(
    bench: Bench, key: str, cases: TrainCases, recipe: dict, state: dict, images: Tensor
) -> None:
    reference = provided(f"{key}.{cases.reference}")
    compare_trained(bench, reference, recipe, state, images[:COMPARED])


def share(logits: Tensor, labels: Tensor) -> float:
    """The share of labels, of images or of pixels, whose logit is the largest."""
    answers = logits.argmax(1)
    if answers.shape != labels.shape:
        raise CouldNotRun("died", f"logits of shape {tuple(logits.shape)} came for {len(labels)}")
    return (answers == labels).double().mean().item()


def _noise(seed: int) -> Data:
    rng = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (NOISE, 3, 32, 32), generator=rng, dtype=torch.uint8)
    return images, torch.randint(0, 10, (NOISE,), generator=rng)


def _photos(recipe: dict) -> Data:
    from attnlab.train import recipe_images

    return recipe_images(recipe, recipe["train_images"], recipe["seed"])


def new_images(recipe: dict, cases: TrainCases | DesignCases) -> Data:
    """Images for testing: of the bench new ones, of CIFAR-10 some that are set aside to choose."""
    from attnlab import cifar10
    from attnlab.train import recipe_images

    images, labels = recipe_images(recipe, cases.images, cases.seed, "choose")
    return (cifar10.floats(images) if images.dtype == torch.uint8 else images), labels
