"""Everything the course owes from a GPU, in one command: `python tools/measure_gpu.py`

From the root, which is on PYTHONPATH, with CIFAR-10 where `attnlab.cifar10` finds it. In turn: how
many seeds are trained fastest at once, the grid `cifar-all` with so many at once (its plain host
aims at 93 % of the test images, original pixels, in 15 s a training; compiling and warm-up are
`warm_seconds`), the experiment of article 000 at full size (`article-all`, the same way), the
costs of the blocks, the blocks against their naive forms, and the tests that need a GPU. It may be
stopped and given again: what the ledger holds is not measured twice. Beside it, on the same arrays:
`tools/airbench_data.py`.
"""

import argparse
import subprocess
import sys

import torch

from attnlab import experiment
from attnlab.configs import configure
from attnlab.grids import find
from attnlab.runs import deterministic
from tools.bench_seeds import report, seconds_a_seed


def fastest(grid: str, device: str, most: int) -> int:
    """How many seeds to train at once: the number with which a step takes a seed least time."""
    (found,) = find(grid)
    config = configure(found, found.row("plain-none"), found.profile)
    with deterministic():
        each = seconds_a_seed(config, device, [n for n in (1, 2, 5, 10) if n <= most])
    print(report(each))
    return min(each, key=each.get)


def commands(device: str) -> list[list[str]]:
    """What is run after the grid, each in a process of its own."""
    python = [sys.executable]
    return [
        [*python, "-m", "attnlab.cost_table", "--device", device],
        [*python, "tools/bench_blocks.py", "--device", device],
        [*python, "tools/bench_blocks.py", "--device", device, "--train"],
        [*python, "-m", "pytest", "-q", "-m", "gpu", "tests"],
    ]


def main(arguments: list[str] | None = None) -> int:
    """Run it all; the exit status is the first that is not 0, and a grid that fails ends it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--grids", nargs="+", default=["cifar-all", "article-all"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--device", default="cuda")
    options = parser.parse_args(arguments)
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        print("measure_gpu: no CUDA device here; nothing was measured", file=sys.stderr)
        return 2
    for grid in options.grids:
        if status := measure(grid, options.device, options.seeds):
            return status
    ends = [subprocess.run(command).returncode for command in commands(options.device)]
    return next((end for end in ends if end), 0)


def measure(grid: str, device: str, seeds: int) -> int:
    """Run a grid with as many seeds at once as is fastest, and print its summary."""
    together = fastest(grid, device, seeds)
    words = [grid, "--device", device, "--seeds", str(seeds), "--together", str(together)]
    status = experiment.main(["run", *words, "--minutes", "480"])
    return status or experiment.main(["summary", grid])


if __name__ == "__main__":
    sys.exit(main())
