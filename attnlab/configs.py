"""The config of a run: everything that decides its result but the seed, as plain data."""

import hashlib
import importlib
from dataclasses import asdict
from pathlib import Path

import torch

from attnlab import cifar10, ledger
from attnlab.baselines import nearest_widths
from attnlab.costs import parameters
from attnlab.grids import Grid, Row
from attnlab.host import BlockFactory, Host
from attnlab.ledger import LedgerError
from attnlab.profiles import PROFILES, Profile
from attnlab.questions import QUESTIONS, draw


class RunError(Exception):
    """A run that cannot be made: an unknown profile, a block that cannot be imported."""


def configure(grid: Grid, row: Row, profile: str, root: Path = ledger.ROOT) -> dict:
    """Everything that decides the result of a row but its seed, as plain data.

    A row that matches another in time has the widths that the ledger under `root` holds for it.
    """
    if profile not in PROFILES:
        raise RunError(f"no profile {profile!r}; the profiles are {', '.join(PROFILES)}")
    natural = {"augmented": True} if grid.question is None and grid.augmented else {}
    config = natural | {
        "images": grid.question or "cifar10", "data": _fingerprint(grid), "size": grid.size,
        "train_images": grid.train_images, "test_images": grid.test_images,
        "classes": 10 if grid.question is None else QUESTIONS[grid.question].classes,
        "shape": grid.shape, "width": grid.width,
        "placement": row.placement if row.block else "none",
        "block": row.block, "settings": row.settings,
        "profile": {"name": profile} | _plain(PROFILES[profile]),
    }  # fmt: skip
    if row.matches is None:
        return config
    block = configure(grid, grid.row(row.matches), profile, root)
    widths = _widths(grid, row, block, root)
    if widths is None:
        raise RunError(
            f"row {row.name!r} of grid {grid.name!r} has no widths yet; find them with: "
            f"python -m attnlab.experiment match {grid.name} --profile {profile}"
        )
    return config | {"widths": list(widths)}


def _plain(profile: Profile) -> dict:
    """A profile as data; `constant` came later, and is left out where it is not so."""
    return {word: v for word, v in asdict(profile).items() if word != "constant" or v}


def _widths(grid: Grid, row: Row, block: dict, root: Path) -> tuple[int, ...] | None:
    if row.by == "time":
        return stored_widths(grid, row, block, root)
    host = {key: block[key] for key in ("width", "shape", "classes")}
    return nearest_widths(parameters(build(block, 0)), dense=is_dense(block), **host)


def profile_of(config: dict) -> Profile:
    """The profile of a config, which holds it as plain data."""
    return Profile(**{word: v for word, v in config["profile"].items() if word != "name"})


def build(config: dict, seed: int) -> Host:
    """The untrained host of a config, its block in the slot; the seed decides its first weights."""
    block = import_block(config["block"]) if config["block"] else None

    def fill(channels: int) -> torch.nn.Module:
        return block(channels, **config["settings"])

    placement = "stage1" if config["placement"] == "none" else config["placement"]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Host(
            fill if block else None, placement, classes=config["classes"],
            width=config["width"], widths=config.get("widths"), shape=config["shape"],
            dense=is_dense(config),
        )  # fmt: skip


def import_block(name: str) -> BlockFactory:
    """The block class named "module:attribute"."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise RunError(
            f"the block {name!r} cannot be imported ({error}); expected 'module:attribute', and "
            f"blocks of `solutions` need the repository's top folder as working folder"
        ) from error


def is_dense(config: dict) -> bool:
    """Whether every pixel has a label."""
    return config["images"] in QUESTIONS and QUESTIONS[config["images"]].dense


def step_grid(grid: Grid) -> str:
    """The grid of the ledger that holds the time-matched hosts of this grid.

    The questions of the bench with one label for each image share theirs: the same step, but for
    the number of classes.
    """
    shared = grid.question is not None and not QUESTIONS[grid.question].dense
    shared &= (grid.shape, grid.size, grid.width) == (Grid.shape, Grid.size, Grid.width)
    return "steps-bench" if shared else f"steps-{grid.name}"


def step_config(config: dict) -> dict:
    """What decides the time of a step, of the config of a host with a block."""
    words = ("size", "shape", "width", "placement", "block", "settings")
    profile = ("batch", "bfloat16", "channels_last", "compiled")
    return {word: config[word] for word in words} | {p: config["profile"][p] for p in profile}


def stored_widths(grid: Grid, row: Row, block: dict, root: Path) -> tuple[int, ...] | None:
    """The widths that the ledger holds for a time-matched row; None when it has none yet.

    Raises LedgerError when they were found for other settings of the host or of its block.
    """
    path = ledger.path_of(step_grid(grid), row.name, 0, root)
    if not path.exists():
        return None
    held, wanted = ledger.read(path).config, step_config(block)
    changed = [word for word in wanted if held.get(word) != wanted[word]]
    if changed:
        raise LedgerError(
            f"{path}: was found for other settings ({', '.join(changed)}); find it again with: "
            f"python -m attnlab.experiment match {grid.name} --rows {row.matches} --redo"
        )
    return tuple(held["widths"])


def _fingerprint(grid: Grid) -> str:
    """What tells these images from others: of a folder its own, of a question 16 images of it."""
    if grid.question is None:
        return cifar10.fingerprint()
    drawn = draw(grid.question, 16, 0, grid.size)
    digest = hashlib.sha256(drawn.images.numpy().tobytes() + drawn.labels.numpy().tobytes())
    return f"{grid.question} {digest.hexdigest()[:16]}"
