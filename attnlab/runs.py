"""One run: from a row of a grid and a seed to a ledger entry."""

import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from attnlab import cifar10, ledger
from attnlab.augment import flip_and_shift
from attnlab.configs import build, configure, is_dense, profile_of, step_config, step_grid
from attnlab.costs import count, peak_bytes
from attnlab.grids import Grid, Row
from attnlab.host import Host
from attnlab.ledger import Entry, config_hash
from attnlab.matching import Match
from attnlab.questions import draw
from attnlab.together import fit_together
from attnlab.train import Fit, fit, logits, mean_iou

DIGITS = 6  # of a loss in a curve, after the point
TEST_SEEDS = 1_000_000  # the test images of seed s are those of seed TEST_SEEDS + s


@dataclass(frozen=True)
class Run:
    """What is measured: all that decides the numbers is in `config`."""

    grid: str
    row: Row
    seed: int
    config: dict

    @property
    def hash(self) -> str:
        """The hash of the config, by which a ledger entry is known to be this run."""
        return config_hash(self.config)


def plan(
    grid: Grid, profile: str, seeds: int, rows: Sequence[Row], root: Path = ledger.ROOT
) -> list[Run]:
    """The runs of a grid, all rows of seed 0 first, so that a stopped grid is still paired."""
    configs = [(row, configure(grid, row, profile, root)) for row in rows]
    return [Run(grid.name, row, seed, config) for seed in range(seeds) for row, config in configs]


def measure(runs: Sequence[Run], device: str = "cpu", progress: bool = False) -> list[Entry]:
    """Train and test the same row from one seed or, all at once, from several; deterministically.

    On one thread where the device is the CPU. Of several seeds each entry has its even share of
    the seconds, and says in `together` how many they were.
    """
    config = runs[0].config
    data = [images_of(config, run.seed) for run in runs]
    with deterministic():
        models = [build(config, run.seed) for run in runs]
        shape = tuple(data[0][0][0].shape[1:])
        costs = count(models[0], shape)
        batch = torch.zeros(config["profile"]["batch"], *shape, device="meta")
        fixed = {
            "parameters": costs.parameters,
            "multiply_adds": costs.multiply_adds,
            "peak_bytes": peak_bytes(models[0], batch, train=True),
        } | ({"together": len(runs)} if len(runs) > 1 else {})
        fits = _fit(runs, models, [train for train, _ in data], device, progress)
        answers = [logits(model, test[0]) for model, (_, test) in zip(models, data, strict=True)]
    return [
        _entry(run, fitted, _scores(own, test[1], config) | fixed, device)
        for run, fitted, own, (_, test) in zip(runs, fits, answers, data, strict=True)
    ]


def _fit(
    runs: Sequence[Run], models: list[Host], data: list, device: str, progress: bool
) -> list[Fit]:
    profile, seeds = profile_of(runs[0].config), [run.seed for run in runs]
    augment = flip_and_shift if runs[0].config.get("augmented") else None
    if len(runs) > 1:
        return fit_together(models, data, profile, seeds, device, progress, augment)
    return [fit(models[0], *data[0], profile, seeds[0], device, progress, augment)]


def _scores(answers: Tensor, labels: Tensor, config: dict) -> dict[str, float]:
    guesses = answers.argmax(1)
    scores = {
        "accuracy": (guesses == labels).double().mean().item(),
        "loss": F.cross_entropy(answers, labels).item(),
    }
    if is_dense(config):
        scores["mean_iou"] = mean_iou(guesses, labels, config["classes"])
    return scores


def _entry(run: Run, fitted: Fit, results: dict[str, float], device: str) -> Entry:
    results |= {"seconds": round(fitted.seconds, 3), "cpu_seconds": round(fitted.cpu_seconds, 3)}
    if fitted.warm_seconds:
        results["warm_seconds"] = round(fitted.warm_seconds, 3)
    return Entry(
        run.grid, run.row.key, run.row.placement, run.seed, run.config, run.hash, commit(),
        versions(), device_name(device), run.config["data"], results,
        [round(loss, DIGITS) for loss in fitted.curve],
    )  # fmt: skip


def matched_entry(grid: Grid, row: Row, config: dict, match: Match, device: str) -> Entry:
    """The ledger entry of a time-matched host; `config` is that of the row with the block."""
    held = step_config(config) | {"widths": list(match.widths)}
    results = {
        "ratio": match.ratio,
        "step_seconds": match.seconds,
        "block_step_seconds": match.block_seconds,
    }
    return Entry(
        step_grid(grid), row.key, row.placement, 0, held, config_hash(held), commit(), versions(),
        device_name(device), "random images", results, [],
    )  # fmt: skip


def images_of(config: dict, seed: int) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """((train images, labels), (test images, labels)) of a config and seed."""
    if config["images"] == "cifar10":
        return cifar10.experiment(config["train_images"], config["test_images"], config["data"])
    question, size = config["images"], config["size"]
    train = draw(question, config["train_images"], seed, size)
    test = draw(question, config["test_images"], TEST_SEEDS + seed, size)
    return (train.images, train.labels), (test.images, test.labels)


def versions() -> dict[str, str]:
    """The versions on which the bits of a result depend."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def device_name(device: str) -> str:
    """The name of the GPU, or of the CPU's model and the number of threads used."""
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{models[0] if models else platform.machine()}, 1 thread"


@cache
def commit() -> str:
    """The commit of the working tree, with a plus when the code differs from it."""
    top = Path(__file__).parents[1]
    try:
        asked = {"cwd": top, "capture_output": True, "text": True, "check": True, "timeout": 30}
        commit = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], **asked).stdout.strip()
        changed = subprocess.run(
            ["git", "status", "--porcelain", "attnlab", "solutions"], **asked
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return commit + ("+" if changed else "")


@contextmanager
def deterministic() -> Iterator[None]:
    """One thread, and only operations that give the same bits each time; others raise."""
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what CUDA needs for it
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(strict)
