"""Trained hosts that run in the reader's browser: which they are, and how their weights travel.

A host is written as a list of layers, each a matrix and a bias, its BatchNorm folded in, as float16
in base64: `book/_static/hosts/<file>.js`, by `python tools/live_weights.py`. The page's script
`host-live.js` computes with them; `read` puts the same numbers back into a host in torch.
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from attnlab.host import Host
from attnlab.kept import Kept
from attnlab.scenes import Scene, paint

ROOT = Path(__file__).parents[1] / "book" / "_static" / "hosts"
LOOK: dict[str, dict[str, Kept]] = {
    question: {key: Kept(question, f"{key}-stage1", seed) for key, seed in seeds.items()}
    for question, seeds in {
        "key": {"nonlocal": 8, "cc": 9, "gc": 0, "da": 8},
        "same": {"nonlocal": 5, "cc": 7, "gc": 8, "da": 8},
        "row": {"nonlocal": 1, "cc": 1},  # the others guess as the first one does
    }.items()
}  # of the trainings in the ledger one with a high score: a map of a host that guesses says nothing
SEED = 8  # a training whose hosts all answer *rule*, the tightest bottleneck's too
RULE: dict[str, Kept] = {
    key: Kept("rule", f"{row}-stage1", SEED)
    for key, row in {
        "se-2": "se", "se-4": "se-r4", "se-8": "se-r8", "se-16": "se-r16",
        "eca-1": "eca-k1", "eca-3": "eca", "eca-5": "eca-k5", "eca-31": "eca-k31",
        "cbam": "cbam",
    }.items()
}  # fmt: skip
GATES: dict[str, dict[str, Kept]] = {
    "rule": RULE, "beside": {"cbam": Kept("beside", "cbam-stage1")}
}
FILES: dict[str, dict[str, Kept]] = {
    f"{figure}-{question}": kept
    for figure, asked in (("look", LOOK), ("gates", GATES)) for question, kept in asked.items()
}  # fmt: skip
HOSTS = tuple(kept for file in FILES.values() for kept in file.values())
Layers = dict[str, tuple[Tensor, Tensor]]
# The BatchNorm that follows a layer, as a module beside it.
NORMS = {"stem": "norm", "conv1": "norm1", "conv2": "norm2", "0": "1", "out": "bn", "conv": "bn"}


def layers(host: Host) -> Layers:
    """Every layer as a matrix (outputs, inputs of each) and a bias (outputs,), float32.

    A BatchNorm and a factor gamma that follow a layer are folded into it; a gamma with no layer
    before it is a layer of its own. What the host computes in eval mode stays the same.
    """
    found: Layers = {}
    for name, module in host.named_modules():
        parent, leaf = _place(host, name)
        if hasattr(module, "gamma") and not hasattr(module, "value"):
            found[name] = module.gamma[:, None], torch.zeros(1)
        if not hasattr(module, "weight") or isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            continue
        weight = module.weight.double().reshape(len(module.weight), -1)
        bias = weight.new_zeros(len(weight)) if module.bias is None else module.bias.double()
        norm = getattr(parent, NORMS.get(leaf, ""), None)
        if norm is not None:
            factor = norm.weight / (norm.running_var + norm.eps).sqrt()
            weight, bias = weight * factor[:, None], (bias - norm.running_mean) * factor + norm.bias
        if leaf == "value" and hasattr(parent, "gamma"):
            weight, bias = weight * parent.gamma, bias * parent.gamma
        found[name] = weight.float(), bias.float()
    return {name: (weight.detach(), bias.detach()) for name, (weight, bias) in found.items()}


def fill(host: Host, given: Layers) -> Host:
    """Give a host these layers in place of its own; norms and gammas do nothing afterwards."""
    with torch.no_grad():
        for name, (weight, bias) in given.items():
            parent, leaf = _place(host, name)
            module = host.get_submodule(name)
            if not hasattr(module, "weight"):
                module.gamma.copy_(weight[0])
                continue
            module.weight.copy_(weight.view_as(module.weight))
            norm = getattr(parent, NORMS.get(leaf, ""), None)
            if norm is not None:
                norm.running_mean.zero_()
                norm.running_var.fill_(1 - norm.eps)
                norm.weight.fill_(1)
                norm.bias.copy_(bias)
                bias = torch.zeros_like(bias)
            if module.bias is not None:
                module.bias.copy_(bias)
            if leaf == "value" and hasattr(parent, "gamma"):
                parent.gamma.fill_(1)
    return host.eval()


def _place(host: Host, name: str) -> tuple[nn.Module, str]:
    """The module that holds the one of that name, and what it calls it."""
    parent, _, leaf = name.rpartition(".")
    return host.get_submodule(parent), leaf


def packed(host: Host) -> dict:
    """The layers of a host as plain data: their names and shapes, and all numbers as float16."""
    found = layers(host)
    numbers = [part.flatten() for pair in found.values() for part in pair]
    halves = torch.cat(numbers).numpy().astype("<f2")
    shapes = [[name, *weight.shape] for name, (weight, _) in found.items()]
    return {"layers": shapes, "data": base64.b64encode(halves.tobytes()).decode()}


def unpacked(data: dict) -> Layers:
    """The layers that `packed` wrote, rounded as they are in the page."""
    halves = np.frombuffer(base64.b64decode(data["data"]), "<f2").astype(np.float32)
    numbers, found = torch.from_numpy(halves), {}
    for name, outputs, inputs in data["layers"]:
        weight, bias, numbers = numbers.split(
            [outputs * inputs, outputs, len(numbers) - outputs * (inputs + 1)]
        )
        found[name] = weight.view(outputs, inputs), bias
    return found


def stored(file: str, root: Path = ROOT) -> dict:
    """What the page is given in the file of that name, as plain data."""
    text = (root / f"{file}.js").read_text("utf-8")
    return json.loads(text.partition("] = ")[2].rstrip(";\n"))


def read(file: str, key: str, root: Path = ROOT) -> Host:
    """A host in eval mode with the numbers that the page computes with."""
    return fill(FILES[file][key].untrained(), unpacked(stored(file, root)["hosts"][key]))


class Chance:
    """The numbers that the page draws its noise from, behind a generator's names."""

    def __init__(self, seed: int):
        self.state = seed

    def random(self, shape: tuple[int, ...], dtype: type = np.float64) -> np.ndarray:
        """Numbers from 0 to 1 of that shape."""
        return np.array([self._next() for _ in range(np.prod(shape))], dtype).reshape(shape)

    def integers(self, low: int, high: int, count: int) -> np.ndarray:
        """So many whole numbers from `low` to `high`, without `high`."""
        return low + np.array([int((high - low) * self._next()) for _ in range(count)])

    def _next(self) -> float:
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return self.state / 2**32


def painted(things: list[list[int]], seed: int) -> Tensor:
    """The image (1, 3, 32, 32) that the page paints of these things and this seed."""
    top, left, texture, colour = np.array(things).reshape(-1, 4).T[:, None]
    scene = Scene(("thing",) * len(things), top, left, texture, colour, np.zeros(1, int))
    return torch.from_numpy(paint(Chance(seed), scene, 32))
