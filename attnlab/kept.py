"""Trained hosts that pages look into, kept as files: `book/weights/<grid>-<row>-<seed>.npz`.

Each is one run of the ledger, trained once more from the same config and seed, so that its score is
the one the ledger has. `python tools/measure_maps.py` writes them.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from attnlab.configs import build, configure, profile_of
from attnlab.grids import find
from attnlab.host import Host
from attnlab.ledger import LedgerError, config_hash
from attnlab.runs import deterministic, images_of
from attnlab.train import fit, logits, mean_iou

ROOT = Path(__file__).parents[1] / "book" / "weights"


@dataclass(frozen=True)
class Kept:
    """One run of the ledger whose trained host is kept."""

    grid: str
    row: str
    seed: int = 0

    @property
    def config(self) -> dict:
        """Everything that decides the run but its seed, as the grid has it today."""
        (grid,) = find(self.grid)
        return configure(grid, grid.row(self.row), grid.profile)

    def path(self, root: Path = ROOT) -> Path:
        """The file of its weights."""
        return root / f"{self.grid}-{self.row}-{self.seed}.npz"

    def train(self) -> Host:
        """Train the host, with the bits of the run that the ledger holds."""
        config = self.config
        train, _ = images_of(config, self.seed)
        with deterministic():
            model = build(config, self.seed)
            fit(model, *train, profile_of(config), self.seed)
        return model

    def untrained(self) -> Host:
        """The host as it was before the first step."""
        return build(self.config, self.seed).eval()

    def test_images(self, count: int | None = None) -> tuple[Tensor, Tensor]:
        """The first `count` images (N, 3, H, W) it was tested on, and their labels."""
        images, labels = images_of(self.config, self.seed)[1]
        return images[:count], labels[:count]

    def save(self, model: Host, root: Path = ROOT) -> Path:
        """Write the weights of a trained host, with the hash of its config."""
        root.mkdir(parents=True, exist_ok=True)
        arrays = {name: value.numpy() for name, value in model.state_dict().items()}
        np.savez_compressed(self.path(root), config=config_hash(self.config), **arrays)
        return self.path(root)

    def load(self, root: Path = ROOT) -> Host:
        """The trained host in eval mode; raises LedgerError when it is not there or out of date."""
        again = "write it with: python tools/measure_maps.py"
        if not self.path(root).is_file():
            raise LedgerError(f"{self.path(root)} is not there; {again}")
        with np.load(self.path(root)) as file:
            arrays = dict(file)
        if str(arrays.pop("config")) != config_hash(self.config):
            raise LedgerError(f"{self.path(root)} was trained with another config; {again}")
        model = self.untrained()
        model.load_state_dict({name: torch.from_numpy(a) for name, a in arrays.items()})
        return model

    def score(self, model: Host) -> float:
        """What a host reaches on the images that this run was tested on, as the grid counts it."""
        images, labels = self.test_images()
        guesses = logits(model, images).argmax(1)
        (grid,) = find(self.grid)
        if grid.quantity == "mean_iou":
            return mean_iou(guesses, labels, self.config["classes"])
        return (guesses == labels).double().mean().item()
