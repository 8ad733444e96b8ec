"""One training loop for every experiment of the course, and the recipes of the exercises.

The same seed gives the same bits on the same kind of CPU, the same versions and one thread.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from attnlab import cifar10
from attnlab.augment import flip_and_shift
from attnlab.host import Host
from attnlab.profiles import PROFILES, Profile
from attnlab.questions import QUESTIONS, draw
from attnlab.steps import Augment, epochs, warm_up

PHOTOS = "cifar10"  # the question of a recipe whose images are photographs

RECIPES: dict[str, dict] = {
    "rule": {"question": "rule", "train_images": 1024, "size": 32, "width": 16, "epochs": 28,
        "placement": "stage1", "config": {"reduction": 2}, "seed": 0},
    "beside": {"question": "beside", "train_images": 1024, "size": 32, "width": 16, "epochs": 28,
        "placement": "stage1", "config": {"reduction": 2}, "seed": 0},
    "beside-bam": {"question": "beside", "train_images": 1024, "size": 24, "width": 16,
        "epochs": 22, "placement": "stage1", "config": {"reduction": 2}, "seed": 0},
    "rule-eca": {"question": "rule", "train_images": 1024, "size": 32, "width": 16, "epochs": 20,
        "placement": "stage1", "config": {}, "seed": 0},
    "mark-nonlocal": {"question": "mark", "train_images": 1024, "size": 24, "width": 16,
        "epochs": 14, "placement": "stage1", "config": {"scale": "d^-1/2"}, "seed": 0},
    "mark-da": {"question": "mark", "train_images": 1024, "size": 24, "width": 16, "epochs": 20,
        "placement": "stage1", "config": {"reduction": 2}, "seed": 1},
    "cifar": {  # as the ledger's grid cifar trains; `floor` is the plain host's, see `sized`
        "question": "cifar10", "train_images": 5120, "size": 32, "width": 16, "epochs": 8,
        "placement": "stage1", "config": {}, "seed": 0, "floor": 0.48,
        "tiny": {"train_images": 512, "floor": 0.13},
        "gpu": {"train_images": 45000, "epochs": 30, "profile": "gpu"},
    },
    "rule-gc": {"question": "rule", "train_images": 1024, "size": 32, "width": 16, "epochs": 24,
        "placement": "stage1", "config": {"reduction": 2, "fusion": "mul"}, "seed": 1},
    "row": {"question": "row", "train_images": 1024, "size": 32, "width": 16, "epochs": 28,
        "placement": "stage1", "config": {"passes": 2, "reduction": 4}, "seed": 1},
    "row-fca": {"question": "row", "train_images": 1024, "size": 32, "width": 16, "epochs": 28,
        "placement": "stage1",
        "config": {"grid": [4, 4], "frequencies": [[1, 0]], "hidden": 8}, "seed": 0},
    "mark-double": {"question": "mark", "train_images": 1024, "size": 24, "width": 16,
        "epochs": 12, "placement": "stage1", "config": {"features": 8, "maps": 6}, "seed": 0},
    "key-look": {"question": "key", "train_images": 1024, "size": 32, "width": 16, "epochs": 28,
        "placement": "stage1", "config": {"hidden": 16}, "seed": 1},
}  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """The mean loss of each epoch, seconds on the clock, and seconds of this process's CPU time.

    `warm_seconds` went before: compiling, and the first steps on a GPU, whose results are undone.
    """

    curve: tuple[float, ...]
    seconds: float
    cpu_seconds: float
    warm_seconds: float = 0.0


def fit(
    model: nn.Module, images: Tensor, labels: Tensor, profile: str | Profile = "tiny",
    seed: int = 0, device: str = "cpu", progress: bool = False, augment: Augment | None = None,
    stop: int | None = None,
) -> Fit:  # fmt: skip
    """Train `model` in place on images (N, 3, H, W) and labels (N,); leaves it in eval mode.

    `augment(images, generator)` changes each batch before it is used, see `attnlab.augment`.
    `stop` ends the training after so many of its epochs.
    Raises ValueError for an unknown profile or when images and labels differ in number.
    """
    profile = _profile(profile)
    if len(images) != len(labels) or len(images) < 2:
        raise ValueError(
            f"fit: needs two images or more and a label for each, got {len(images)} images and "
            f"{len(labels)} labels"
        )
    layout = torch.channels_last if profile.channels_last else torch.contiguous_format
    model.to(device, memory_format=layout).train()
    images, labels = images.to(device, memory_format=layout), labels.to(device)
    network = torch.compile(model) if profile.compiled else model
    first = images[: profile.batch], labels[: profile.batch]
    warm = warm_up(network, model.state_dict(), first, profile)
    start, cpu_start = time.perf_counter(), time.process_time()
    curve = epochs(network, model.parameters(), (images, labels), profile, seed, augment)
    curve = tuple(tqdm(islice(curve, stop), "epochs", profile.epochs, disable=not progress))
    model.eval()
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    return Fit(curve, seconds, cpu_seconds, warm)


def logits(model: nn.Module, images: Tensor, batch: int = 500) -> Tensor:
    """(N, classes) or (N, classes, H, W), float32 on the CPU; puts the model in eval mode."""
    model.eval()
    device = next(model.parameters()).device
    with torch.no_grad():
        parts = [model(part.to(device)).float().cpu() for part in images.split(batch)]
    return torch.cat(parts)


def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of images (of pixels, for a dense question) whose largest logit is the label's."""
    return (logits(model, images).argmax(1) == labels).float().mean().item()


def mean_iou(answers: Tensor, labels: Tensor, classes: int) -> float:
    """Intersection over union of each class over all pixels of all images, averaged over classes.

    `answers` and `labels` are int64 of one shape. A class that occurs in neither is left out.
    """
    both = torch.bincount(labels[answers == labels], minlength=classes)
    either = torch.bincount(answers.flatten(), minlength=classes) - both
    either += torch.bincount(labels.flatten(), minlength=classes)
    return (both / either)[either > 0].double().mean().item()


def run_recipe(
    recipe: dict, block_class: Callable[..., nn.Module] | None,
    data: tuple[Tensor, Tensor] | None = None, device: str = "cpu",
) -> nn.Module:  # fmt: skip
    """Train the host on a question with `block_class(channels, **config)` in its slot.

    `recipe` has the keys of `RECIPES`; `block_class=None` trains the plain host. `data` is the
    images and labels to train on, drawn from the recipe if not given; uint8 images are taken for
    CIFAR-10's. Returns the trained model in eval mode. The global random state is left as it was.
    Nothing is compiled: that starts a program, which a locked-in process may not.
    """
    model = recipe_host(recipe, block_class)
    images, labels = data or recipe_images(recipe, recipe["train_images"], recipe["seed"])
    if images.dtype == torch.uint8:
        images = cifar10.floats(images.to(device))
    photos = recipe["question"] == PHOTOS
    named = PROFILES[recipe.get("profile", "cpu" if photos else "tiny")]
    profile = replace(named, epochs=recipe["epochs"], compiled=False)
    augment = flip_and_shift if photos else None
    fit(model, images, labels, profile, recipe["seed"], device, augment=augment)
    return model


def recipe_host(recipe: dict, block_class: Callable[..., nn.Module] | None) -> Host:
    """The untrained host of a recipe, from its seed; "own" is the class's own `placement`."""
    missing = sorted(RECIPES["rule"].keys() - recipe.keys())
    if missing:
        raise ValueError(
            f"the recipe lacks {', '.join(missing)}; attnlab.train.RECIPES has whole ones"
        )

    def block(channels: int) -> nn.Module:
        return block_class(channels, **recipe["config"])

    photos = recipe["question"] == PHOTOS
    place = recipe["placement"]
    if place == "own":
        place = getattr(block_class, "placement", "stage1")
    with torch.random.fork_rng():
        torch.manual_seed(recipe["seed"])
        return Host(
            None if block_class is None else block, place, width=recipe["width"],
            classes=len(cifar10.CLASSES) if photos else QUESTIONS[recipe["question"]].classes,
            shape="cifar" if photos else "bench",
            dense=not photos and QUESTIONS[recipe["question"]].dense,
        )  # fmt: skip


def recipe_images(recipe: dict, n: int, seed: int, split: str = "train") -> tuple[Tensor, Tensor]:
    """n images and labels of a recipe's question; CIFAR-10's, of a split, come as uint8.

    Raises attnlab.cifar10.DataError where CIFAR-10 is asked for and is not here.
    """
    if recipe["question"] == PHOTOS:
        part = cifar10.sample(split, n, seed)
        return part.images, part.labels
    batch = draw(recipe["question"], n, seed, recipe["size"])
    return batch.images, batch.labels


def sized(recipe: dict) -> dict:
    """The recipe as ATTNLAB_PROFILE has it: `tiny` or `gpu` where it says how, else as it is."""
    return recipe | recipe.get(os.environ.get("ATTNLAB_PROFILE", ""), {})


def device_of(recipe: dict) -> str:
    """The GPU, where there is one, for CIFAR-10; the CPU for the bench, which knows its bits."""
    return "cuda" if recipe["question"] == PHOTOS and torch.cuda.is_available() else "cpu"


def _profile(profile: str | Profile) -> Profile:
    if isinstance(profile, Profile):
        return profile
    if profile not in PROFILES:
        raise ValueError(f"no profile {profile!r}; the profiles are {', '.join(PROFILES)}")
    return PROFILES[profile]
