"""Finds the floors of the mini-experiments: right blocks stay above them, wrong ones do not pass.

Usage: python tools/calibrate.py [KEY ...]    (the root on PYTHONPATH; without a key, all of them,
and then `tiny`, the photographs as ATTNLAB_PROFILE=tiny has them)
For every TrainTask: 20 seeds of the reference, 5 of the plain host and of the block that does
nothing, trained as the recipe says; and 5 of every named mistake, trained for a moment only, since
the comparison with the reference, which must refuse it, does not ask how well it answers. A recipe
for CIFAR-10 has its floor from the ledger and runs where the images are, with 2 seeds.
Writes book/floors/<key>.json after each step; what is there and fresh is not run again.
"""

import json
import math
import os
import sys
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import known_answers
import torch
from torch import nn

from attnlab import cifar10, ledger
from attnlab.check.bench import Bench
from attnlab.check.cases import Task, TrainTask, labelled, make_cases
from attnlab.check.cells import as_cell
from attnlab.check.outcomes import CheckFailed, StudentRaised
from attnlab.check.probe import LocalProbe
from attnlab.check.trained import compare_trained
from attnlab.train import PHOTOS, RECIPES, accuracy, recipe_images, run_recipe

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ROOT / "book" / "floors"
SEEDS = {"reference": 20, "plain": 5, "nothing": 5}
PHOTO_SEEDS = {"reference": 2, "nothing": 1}
WRONG_SEEDS, WRONG_PHOTO_SEEDS, WRONG_EPOCHS, COMPARED = 5, 2, 2, 32
TINY, TINY_PLAIN, TINY_BLOCKS, TINY_IMAGES = "tiny/cifar", 20, 3, 1000
LEARNED = 0.1
STEPS = (0.05, 0.01)  # floors are multiples of the first, or of the second where that is too coarse


class Nothing(nn.Module):
    """A block of the right signature that does nothing."""

    def __init__(self, channels: int, **_: object):
        super().__init__()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def experiments(tasks: dict[str, Task]) -> dict[str, TrainTask]:
    """The mini-experiments among the tasks of a mechanism."""
    return {name: task for name, task in tasks.items() if isinstance(task, TrainTask)}


def blocks(tasks: dict[str, Task], task: TrainTask) -> dict:
    """What is trained for a task, by label: reference, plain host, nothing, every mistake."""
    right = {"reference": task.reference, "plain": None, "nothing": Nothing}
    wrong = labelled(tasks[task.block].mistakes)
    kept = PHOTO_SEEDS if task.recipe["question"] == PHOTOS else SEEDS
    return {name: right[name] for name in kept} | dict(wrong)


def digest(task: TrainTask, label: str, block: object) -> str:
    """Of all that decides a result: the recipe, the block, and the reference it is held against."""
    return _recipe_digest(task.recipe, task.images, [task.reference, block])


def _recipe_digest(recipe: dict, images: int, blocks: list) -> str:
    recipe = {k: v for k, v in recipe.items() if k not in ("floor", "tiny", "gpu")}
    cells = [as_cell(b, "Block") for b in blocks if b not in (None, Nothing)]
    return sha256(json.dumps([recipe, images, cells]).encode()).hexdigest()[:16]


def measure(task: TrainTask, bench: Bench | None, label: str, block: object) -> dict:
    """Shares of right answers by seed, and what the comparison said of each training."""
    photos = task.recipe["question"] == PHOTOS
    counts, wrong = (PHOTO_SEEDS, WRONG_PHOTO_SEEDS) if photos else (SEEDS, WRONG_SEEDS)
    recipe = task.recipe if label in counts else task.recipe | {"epochs": WRONG_EPOCHS}
    if label not in counts and photos:
        recipe = recipe | {"train_images": 256}
    shares, verdicts = [], []
    for seed in range(counts.get(label, wrong)):
        share, verdict = _once(recipe | {"seed": seed}, task, bench, block)
        shares.append(share)
        verdicts.append(verdict)
        if verdict.startswith("raises"):
            break  # in every seed alike
    return {"digest": digest(task, label, block), "epochs": recipe["epochs"], "shares": shares,
            "verdicts": sorted(set(verdicts))}  # fmt: skip


def _once(recipe: dict, task: TrainTask, bench: Bench | None, block: object) -> tuple:
    images, labels = recipe_images(recipe, task.images, recipe["seed"] + 10**6, "choose")
    images = cifar10.floats(images) if images.dtype == torch.uint8 else images
    if block is None:
        return round(accuracy(run_recipe(recipe, None), images, labels), 4), "no block"
    probe = LocalProbe(block)
    try:
        state = probe.train(recipe)
    except StudentRaised as error:
        return None, f"raises {error.kind}"
    logits = probe.predict(recipe, state, images)
    share = round((logits.argmax(1) == labels).double().mean().item(), 4)
    try:
        compare_trained(Bench(probe, bench.cases), task.reference, recipe, state, images[:COMPARED])
    except CheckFailed as error:
        return share, "refused: " + str(error).partition("\n")[0].rpartition(":")[2].strip()
    return share, "agrees"


def floor_of(task: TrainTask, results: dict) -> float:
    """Half way from the best host without an answer to the worst right one, rounded down.

    A right one that got less than LEARNED of the way to 1 was out of luck and is left out: a check
    tries several seeds, of which one must have learned.
    On CIFAR-10: four deviations of `images` answers below the plain host of the ledger.
    """
    if task.recipe["question"] == PHOTOS:
        plain = ledger.mean_interval("cifar", "plain-none")
        spread = math.hypot(plain.sd, math.sqrt(plain.mean * (1 - plain.mean) / task.images))
        return math.floor(100 * (plain.mean - 4 * spread)) / 100
    low = max(*results["plain"]["shares"], *results["nothing"]["shares"])
    enough = low + LEARNED * (1 - low)
    worst = min(share for share in results["reference"]["shares"] if share > enough)
    middle = (low + worst) / 2
    floors = [round(math.floor(middle / step + 1e-9) * step, 2) for step in STEPS]
    return next((floor for floor in floors if floor > (low + middle) / 2), floors[-1])


def tiny_runs() -> dict[str, tuple[dict, object, int]]:
    """Recipe, block and number of seeds of each training with the profile `tiny`, by label."""
    short = RECIPES["cifar"]["tiny"]
    runs = {"plain": (RECIPES["cifar"] | short, None, TINY_PLAIN)}
    for key in known_answers.keys():
        for task in experiments(import_module(f"solutions.mistakes.{key}").TASKS).values():
            if task.recipe["question"] == PHOTOS:
                runs[key] = (task.recipe | short, task.reference, TINY_BLOCKS)
    return runs


def tiny_digest(recipe: dict, block: object) -> str:
    return _recipe_digest(recipe, TINY_IMAGES, [block])


def tiny_floor(results: dict) -> float:
    """Half way from guessing to the worst host, with a block or plain, rounded down.

    So short a training shows little more than that it ran: CBAM is far behind the plain host.
    """
    worst = min(min(found["shares"]) for found in results.values())
    guessing = 1 / len(cifar10.CLASSES)
    return math.floor(100 * (guessing + worst) / 2) / 100


def calibrate_tiny() -> None:
    """Runs what is missing or stale of the profile `tiny` and says its floor."""
    found = stored(TINY)
    for label, (recipe, block, seeds) in tiny_runs().items():
        mark, shares = tiny_digest(recipe, block), []
        if found.get(label, {}).get("digest") == mark:
            continue
        for seed in range(seeds):
            images, labels = recipe_images(recipe, TINY_IMAGES, seed + 10**6, "choose")
            model = run_recipe(recipe | {"seed": seed}, block)
            shares.append(round(accuracy(model, cifar10.floats(images), labels), 4))
        keep(TINY, found | {label: {"digest": mark, "shares": shares}})
        found = stored(TINY)
        print(f"{TINY} {label}: {shares}", flush=True)
    print(f"{TINY}: floor {tiny_floor(found)}")


def keep(key: str, found: dict) -> None:
    """Writes book/floors/<key>.json, whole."""
    text = json.dumps(found, indent=1, ensure_ascii=False)
    ledger.write_whole(FLOORS / f"{key}.json", text + "\n")


def stored(key: str) -> dict[str, dict]:
    """What book/floors/<key>.json holds: task -> label -> result."""
    path = FLOORS / f"{key}.json"
    return json.loads(path.read_text("utf8")) if path.is_file() else {}


def calibrate(key: str) -> None:
    """Runs what is missing or stale for one mechanism and says the floors."""
    tasks, found = import_module(f"solutions.mistakes.{key}").TASKS, stored(key)
    for name, task in experiments(tasks).items():
        if task.recipe["question"] == PHOTOS and cifar10.absent():
            print(f"{key}.{name}: not run, {cifar10.absent()}")
            continue
        bench = Bench(None, make_cases({"block": tasks[task.block]}, seed=0)["block"])
        wanted, have = blocks(tasks, task), found.get(name, {})
        found[name] = {label: have[label] for label in wanted if label in have}
        for label, block in wanted.items():
            if found[name].get(label, {}).get("digest") != digest(task, label, block):
                found[name][label] = measure(task, bench, label, block)
                keep(key, found)
                print(f"{key}.{name} {label}: {found[name][label]['shares']}", flush=True)
        print(f"{key}.{name}: floor {floor_of(task, found[name])}")


if __name__ == "__main__":
    os.environ.pop("ATTNLAB_PROFILE", None)
    torch.set_num_threads(1)
    for one in sys.argv[1:] or [*known_answers.keys(), "tiny"]:
        calibrate_tiny() if one == "tiny" else calibrate(one)
