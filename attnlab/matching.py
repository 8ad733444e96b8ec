"""Time-matched hosts: stages of the plain host widened until a step takes as long as with a block.

A step is one of the training loop (forward, backward, optimiser) on a batch of random images in
the profile's own settings. Hosts take their steps in turn, so that whatever else the machine does
meets them all, and medians are compared; on a CPU they are of processor time. What was found is an
entry of the ledger, in a grid `steps-...`, with the widths in its config: it is measured once, by
the first `run` that needs it or by `python -m attnlab.experiment match`.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from attnlab.configs import build, profile_of
from attnlab.host import Host, shape_widths
from attnlab.steps import stepper

NEAR = 0.05  # how far the two medians may be apart, as a share of the block's
SEARCH, FINAL, WARM_UP = 15, 150, 3  # steps of each host
FINALISTS = 4


@dataclass(frozen=True)
class Match:
    """Widths of the stages, and the median seconds of a step: of that host and of the block's."""

    widths: tuple[int, ...]
    seconds: float
    block_seconds: float

    @property
    def ratio(self) -> float:
        """The time of the matched host as a share of that of the host with the block."""
        return self.seconds / self.block_seconds


def median_steps(configs: list[dict], device: str, rounds: int) -> list[float]:
    """Median seconds of a training step of each of these hosts, taking their steps in turn."""
    return median_seconds([host_step(config, device) for config in configs], device, rounds)


def median_seconds(steps: list[Callable[[], object]], device: str, rounds: int) -> list[float]:
    """Median seconds of each of these steps, which are taken in turn."""
    seconds: list[list[float]] = [[] for _ in steps]
    for _ in range(WARM_UP + rounds):
        for own, step in zip(seconds, steps, strict=True):
            own.append(_seconds(step, device))
    return [statistics.median(own[WARM_UP:]) for own in seconds]


def time_match(config: dict, device: str = "cpu") -> Match:
    """The plain host whose step takes most nearly as long as that of the host of `config`.

    One stage after the other is widened, by halving intervals; the nearest of all hosts that were
    tried are timed once more, in one long run. Compiled hosts take minutes each, so there only the
    last stage is widened, by the eight channels that a GPU multiplies at once.
    """
    plain = config | {"block": None, "placement": "none", "settings": {}}
    first = shape_widths(config["shape"], config["width"])
    unit, stages = (8, first[:-1]) if config["profile"]["compiled"] else (1, ())
    tried: dict[tuple[int, ...], float] = {}

    def ratio(widths: tuple[int, ...]) -> float:
        if widths not in tried:
            block, own = median_steps([config, plain | {"widths": widths}], device, SEARCH)
            tried[widths] = own / block
        return tried[widths]

    ratio(first)
    for stage in range(len(stages), len(first)):
        _halve(lambda units, stage=stage: ratio(_widened(first, stage, units * unit)))
    near = sorted(tried, key=lambda widths: abs(tried[widths] - 1))[:FINALISTS]
    block, *own = median_steps([config, *(plain | {"widths": w} for w in near)], device, FINAL)
    matches = [Match(widths, each, block) for widths, each in zip(near, own, strict=True)]
    return min(matches, key=lambda match: abs(match.ratio - 1))


def _widened(widths: tuple[int, ...], stage: int, channels: int) -> tuple[int, ...]:
    return (*widths[:stage], widths[stage] + channels, *widths[stage + 1 :])


def _halve(ratio: Callable[[int], float], most: int = 512) -> None:
    """Ask for the ratios of numbers of channels ever nearer to where it passes one."""
    low, high = 0, 1
    while ratio(high) < 1 and high < most:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if ratio(middle) < 1 else (low, middle)


def host_step(config: dict, device: str) -> Callable[[], object]:
    """One step of training a host on a batch that stays the same."""
    profile = profile_of(config)
    layout = torch.channels_last if profile.channels_last else torch.contiguous_format
    model = build(config, 0).to(device, memory_format=layout).train()
    images, labels = random_batch(config, model, device)
    network = torch.compile(model) if profile.compiled else model
    step = stepper(network, model.parameters(), profile, steps=10**6)
    images = images.contiguous(memory_format=layout)
    return lambda: step(images, labels)


def random_batch(config: dict, model: Host, device: str) -> tuple[Tensor, Tensor]:
    """Images and labels of the shapes that this host is trained on, of random numbers."""
    random, batch = torch.Generator().manual_seed(0), config["profile"]["batch"]
    images = torch.randn(batch, 3, config["size"], config["size"], generator=random)
    places = images.shape[2:] if model.dense else ()
    labels = torch.randint(config["classes"], (batch, *places), generator=random)
    return images.to(device), labels.to(device)


def _seconds(step: Callable[[], object], device: str) -> float:
    clock = time.perf_counter if device.startswith("cuda") else time.process_time
    start = clock()
    step()
    if device.startswith("cuda"):
        torch.cuda.synchronize()
    return clock() - start
