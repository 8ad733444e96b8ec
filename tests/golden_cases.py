"""Golden cases: read a folder of them, and say in words how a block differs from one."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

FIELDS = "id mechanism file sha256 hyper inputs params buffers n_params arrays modes tolerance"


class GoldenError(Exception):
    """A case, or a folder of them, that cannot be run; the message names it and says why."""


@dataclass(frozen=True)
class Block:
    """A module under a golden case: where its roles live, and its outputs by name.

    roles: the module's own name for each parameter and buffer of the case. run: the outputs, at
    least `y`, from the module and the case's inputs.
    """

    module: nn.Module
    roles: Mapping[str, str]
    run: Callable[[nn.Module, dict[str, Tensor]], dict[str, Tensor]] = lambda module, inputs: {
        "y": module(*inputs.values())
    }


def read_manifest(folder: Path) -> list[dict]:
    """The cases of a folder. Raises GoldenError when there is nothing there to run."""
    if not folder.is_dir():
        raise GoldenError(f"golden folder {folder} does not exist; check --golden-dir")
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        raise GoldenError(f"golden folder {folder} has no manifest.json")
    try:
        cases = json.loads(manifest.read_text(encoding="utf-8"))["cases"]
        missing = [f"{c['id']}: {f}" for c in cases for f in FIELDS.split() if f not in c]
    except (ValueError, KeyError, TypeError) as error:
        raise GoldenError(f"{manifest} is not a manifest of golden cases: {error!r}") from error
    if missing:
        raise GoldenError(f"{manifest} lacks fields: {', '.join(missing)}")
    if not cases:
        raise GoldenError(f"{manifest} lists no case")
    names = [case["id"] for case in cases]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise GoldenError(f"{manifest} lists twice: {', '.join(twice)}")
    return cases


def read_arrays(folder: Path, case: dict) -> dict[str, np.ndarray]:
    """The arrays of a case, checked against its manifest. Raises GoldenError."""
    path = folder / case["file"]
    try:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest != case["sha256"]:
            raise GoldenError(f"{path}: sha256 is {digest}, the manifest says {case['sha256']}")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise GoldenError(f"{path} cannot be read: {error}") from error
    if set(arrays) != set(case["arrays"]):
        odd = sorted(set(arrays) ^ set(case["arrays"]))
        raise GoldenError(f"{path}: its arrays and the manifest's list differ in {', '.join(odd)}")
    return arrays


class Comparison:
    """One block against one case: `complaints` stays empty when all agrees."""

    def __init__(self, case: dict, arrays: Mapping[str, np.ndarray], block: Block) -> None:
        self.case, self.block, self.complaints = case, block, []
        self.arrays = dict(arrays)
        self.unused = set(arrays)

    def run(self) -> list[str]:
        """Every way in which the block differs from the case, in words."""
        module = self.block.module
        dtypes = {a.dtype for n, a in self.arrays.items() if n.startswith(("in.", "p."))}
        floats = [torch.from_numpy(np.empty(0, d)).dtype for d in dtypes if d.kind == "f"]
        module.to(max(floats, key=lambda dtype: dtype.itemsize, default=torch.float32))
        self.count(module)
        for mode in self.case["modes"]:
            self.load(module)
            self.step(module.train(mode == "train"), mode)
        for name in sorted(self.unused):
            self.complaints.append(f"{name}: nothing in the block answers to this array")
        return self.complaints

    def take(self, name: str) -> Tensor:
        self.unused.discard(name)
        return torch.from_numpy(self.arrays[name].copy())

    def group(self, prefix: str) -> dict[str, Tensor]:
        """The arrays `prefix.<role>` by role."""
        names = [name for name in self.arrays if name.startswith(prefix + ".")]
        return {name.removeprefix(prefix + "."): self.take(name) for name in names}

    def count(self, module: nn.Module) -> None:
        found = sum(parameter.numel() for parameter in module.parameters())
        if found != self.case["n_params"]:
            self.complaints.append(f"parameters: {self.case['n_params']} expected, {found} found")
        named = {self.block.roles.get(role, role) for role in self.group("p")}
        for name, parameter in module.named_parameters():
            if name not in named:
                shape = tuple(parameter.shape)
                self.complaints.append(f"parameters: the case has nothing for {name} {shape}")

    def load(self, module: nn.Module) -> None:
        state = dict(module.named_parameters()) | dict(module.named_buffers())
        for role, value in (self.group("p") | self.group("b")).items():
            own = state.get(self.block.roles.get(role, role))
            if own is None:
                self.complaints.append(f"{role}: the block has no such parameter or buffer")
            elif _trim(own.shape) != _trim(value.shape):
                shapes = f"{tuple(value.shape)} in the case, {tuple(own.shape)} in the block"
                self.complaints.append(f"{role}: {shapes}")
            else:
                own.data.copy_(value.reshape(own.shape))
        module.zero_grad()

    def step(self, module: nn.Module, mode: str) -> None:
        """One forward and backward pass in one mode, everything compared."""
        inputs = self.group("in")
        inputs = {name: inputs[name] for name in self.case["inputs"]}
        before = {name: value.clone() for name, value in inputs.items()}
        for value in inputs.values():
            value.requires_grad_(value.is_floating_point())
        outputs = self.block.run(module, inputs)
        for name, value in before.items():
            self.compare(f"{mode}: input {name} after the call", inputs[name].detach(), value)
        self.outputs(mode, outputs)
        self.buffers(module, mode)
        if "cot" in self.arrays:
            self.gradients(module, mode, inputs, outputs["y"])

    def outputs(self, mode: str, outputs: dict[str, Tensor]) -> None:
        expected = {n for n in self.arrays if n.startswith(mode + ".")}
        expected = {n for n in expected if not n.startswith(tuple(f"{mode}.{p}." for p in "dgb"))}
        for name in sorted(expected):
            found = outputs.get(name.removeprefix(mode + "."))
            self.compare(name, found, self.take(name))

    def buffers(self, module: nn.Module, mode: str) -> None:
        """After training: those of the case. After evaluation: as they were.

        A layer that a port holds under two names has its parameters among the buffers as well.
        """
        expected = self.group("train.b" if mode == "train" else "b")
        own = dict(module.named_parameters()) | dict(module.named_buffers())
        for role, value in expected.items():
            self.compare(f"{mode}.b.{role}", own.get(self.block.roles.get(role, role)), value)

    def gradients(self, module: nn.Module, mode: str, inputs: dict, y: Tensor) -> None:
        """Of sum(y * cot): an array that the case lacks means that no gradient may flow there."""
        cotangent = self.take("cot")
        if y.shape == cotangent.shape and y.requires_grad:
            y.backward(cotangent.to(y.dtype))
        for prefix, owners in (("d", inputs), ("g", self.own_parameters(module))):
            expected = self.group(f"{mode}.{prefix}")
            for role, owner in owners.items():
                if owner.is_floating_point():
                    zero = torch.zeros_like(owner)
                    found = zero if owner.grad is None else owner.grad
                    self.compare(f"{mode}.{prefix}.{role}", found, expected.pop(role, zero))
            for role in expected:
                self.complaints.append(f"{mode}.{prefix}.{role}: the block has no such parameter")

    def own_parameters(self, module: nn.Module) -> dict[str, nn.Parameter]:
        own = dict(module.named_parameters())
        named = {role: self.block.roles.get(role, role) for role in self.group("p")}
        return {role: own[name] for role, name in named.items() if name in own}

    def compare(self, name: str, found: Tensor | None, expected: Tensor) -> None:
        if found is None:
            self.complaints.append(f"{name}: the block gives nothing")
        elif _trim(found.shape) != _trim(expected.shape):
            shapes = f"{tuple(expected.shape)} expected, {tuple(found.shape)} found"
            self.complaints.append(f"{name}: shape {shapes}")
        else:
            found = found.detach().reshape(expected.shape).to(expected.dtype)
            if not torch.allclose(found, expected, **self.case["tolerance"]):
                gap = (found - expected).abs().max().item()
                self.complaints.append(f"{name}: differs by up to {gap:.3g}")


def _trim(shape: torch.Size) -> tuple[int, ...]:
    """A shape without the ones at its end: a linear layer's (out, in, 1, 1) is (out, in)."""
    sizes = list(shape)
    while sizes and sizes[-1] == 1:
        sizes.pop()
    return tuple(sizes)
