"""Is it faster to train several seeds at once? `python tools/bench_seeds.py GRID [--device cuda]`

Times steps of training the plain host of a grid: alone, and S seeds stacked in one program. All
take their steps in turn, and medians are compared. Run it from the root, which is on PYTHONPATH.
"""

import argparse
import sys
from collections.abc import Sequence

import torch

from attnlab.configs import build, configure, profile_of
from attnlab.grids import find
from attnlab.matching import host_step, median_seconds, random_batch
from attnlab.steps import stepper
from attnlab.together import stacked

SEEDS = (1, 2, 5, 10)
ROUNDS = 30


def together_step(config: dict, count: int, device: str):
    """One step of training `count` hosts at once."""
    profile = profile_of(config)
    models = [build(config, seed).to(device).train() for seed in range(count)]
    network, values, _ = stacked(models)
    network = torch.compile(network) if profile.compiled else network
    step = stepper(network, values.values(), profile, steps=10**6)
    images, labels = random_batch(config, models[0], device)
    images, labels = images.expand(count, *images.shape), labels.expand(count, *labels.shape)
    return lambda: step(images, labels)


def seconds_a_seed(config: dict, device: str, counts: Sequence[int]) -> dict[int, float]:
    """Number of seeds at once -> median seconds of a step, divided by that number; 1 is alone."""
    steps = [host_step(config, device)]
    steps += [together_step(config, count, device) for count in counts if count > 1]
    medians = median_seconds(steps, device, ROUNDS)
    return {count: own / count for count, own in zip(counts, medians, strict=True)}


def report(each: dict[int, float]) -> str:
    """The table of `seconds_a_seed`."""
    lines = [f"{'seeds at once':>14}{'ms a step and seed':>20}{'x faster than alone':>21}"]
    lines += [f"{n:>14}{own * 1e3:>20.2f}{each[1] / own:>21.2f}" for n, own in each.items()]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("grid", help="the grid whose plain host is trained")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    (grid,) = find(options.grid)
    config = configure(grid, grid.row("plain-none"), grid.profile)
    each = seconds_a_seed(config, options.device, SEEDS)
    print(report(each))
    return 0


if __name__ == "__main__":
    sys.exit(main())
