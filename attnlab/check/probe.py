"""Probes: the only way a check touches student code.

A probe belongs to one name of the student's. LocalProbe calls it in this process; the grader's
remote probe asks a locked-in process, where a LocalProbe does the same work.
"""

import sysconfig
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from attnlab.check.outcomes import CheckFailed, CouldNotRun, StudentRaised

# Exactly these types cross between a student's code and a check.
Value = None | bool | int | float | str | Tensor | list | tuple | dict

Data = tuple[Tensor, Tensor]  # images (N, 3, H, W) and labels

BUILD_SEED = 0  # two blocks of one class are born alike, also those in two processes

# Where no line of a student's is: attnlab, torch, and all that is installed.
OURS = (str(Path(__file__).parents[1]), str(Path(torch.__file__).parents[1]), "<frozen ",
        *(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib")))


class Forward(NamedTuple):
    """One forward pass: the output, and the inputs as they were left behind."""

    y: Tensor
    inputs_after: tuple[Tensor, ...]


class Gradient(NamedTuple):
    """The output and what <y, cotangent> changes by: None where nothing depends on it."""

    y: Tensor
    inputs: tuple[Tensor | None, ...]
    parameters: dict[str, Tensor | None]


class BlockProbe(Protocol):
    """One block that the student's class has built."""

    def parameters(self) -> dict[str, Tensor]: ...

    def buffers(self) -> dict[str, Tensor]: ...

    def push(self, tensors: dict[str, Tensor]) -> None: ...

    def forward(self, *inputs: Tensor, train: bool = False) -> Forward: ...

    def gradient(self, *inputs: Tensor, cotangent: Tensor, train: bool = False) -> Gradient: ...


class Probe(Protocol):
    """One name of the student's: a function, or a class of blocks."""

    name: str

    def call(self, *args: Value, **kwargs: Value) -> Value: ...

    def build(self, *args: Value, **config: Value) -> BlockProbe: ...

    def train(self, recipe: dict, data: Data | None = None) -> dict[str, Tensor]: ...

    def predict(self, recipe: dict, state: dict[str, Tensor], images: Tensor) -> Tensor: ...

    def costs(self, recipe: dict) -> dict[str, int]: ...

    def renew(self) -> None: ...


def as_probe(obj: object, name: str | None = None) -> Probe:
    """The probe of a student's name: the one it offers itself, or a local one."""
    if hasattr(type(obj), "__probe__"):
        return obj.__probe__()
    return LocalProbe(obj, name)


def crossing(value: Value, what: str) -> Value:
    """A copy of `value` in plain types, tensors detached. Raises CouldNotRun for anything else."""
    if isinstance(value, Tensor):
        return value.detach().cpu().clone().as_subclass(Tensor)
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: crossing(entry, what) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        entries = [crossing(entry, what) for entry in value]
        return tuple(entries) if isinstance(value, tuple) else entries
    if type(value) in (type(None), bool, int, float, str):
        return value
    raise CouldNotRun(
        "not on the wire",
        f"{what} is of type {type(value).__name__}; expected a tensor, a number, a string, or a "
        f"list, tuple or dict of these. Convert it before you return it.",
    )


@contextmanager
def students_code(called: str):
    """Turns whatever the student's code raises into StudentRaised, with the line it came from."""
    try:
        yield
    except (CheckFailed, CouldNotRun):
        raise
    except MemoryError as error:
        raise CouldNotRun("memory", f"{called} ran out of memory") from error
    except NotImplementedError as error:
        raise CheckFailed(f"{called}: this part is still to be written") from error
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if not frame.filename.startswith(OURS)]
        line, code = (own[-1].lineno, own[-1].line) if own else (None, "")
        text = str(error) or "(no message)"
        raise StudentRaised(called, type(error).__name__, text, line, code or "") from error


def written(args: tuple, kwargs: dict) -> str:
    """Arguments as a reader would write them; a tensor shows its shape."""

    def short(value: Value) -> str:
        if isinstance(value, Tensor):
            return f"tensor{list(value.shape)}"
        return repr(value)

    return ", ".join([*map(short, args), *(f"{key}={short(v)}" for key, v in kwargs.items())])


class LocalProbe:
    """Calls a student's function or class in this process."""

    def __init__(self, obj: Callable, name: str | None = None):
        self.obj = obj
        self.name = name or getattr(obj, "__name__", type(obj).__name__)

    def call(self, *args: Value, **kwargs: Value) -> Value:
        """What the function returns for copies of the arguments."""
        self._own()
        called = f"{self.name}({written(args, kwargs)})"
        with students_code(called):
            result = self.obj(*crossing(args, "an argument"), **crossing(kwargs, "an argument"))
        return crossing(result, f"what {called} returned")

    def build(self, *args: Value, **config: Value) -> "LocalBlock":
        """An instance of the student's class. Raises CheckFailed unless it is an nn.Module."""
        self._own()
        called = f"{self.name}({written(args, config)})"
        if isinstance(self.obj, nn.Module):
            raise CheckFailed(f"pass the class itself, not an instance: {self.name}, without ()")
        with students_code(called), torch.random.fork_rng(devices=[]):
            torch.manual_seed(BUILD_SEED)
            block = self.obj(*args, **config)
        if not isinstance(block, nn.Module):
            raise CheckFailed(
                f"{called} gave an object of type {type(block).__name__}; expected an nn.Module. "
                f"Write `class {self.name}(nn.Module)` and call super().__init__() first."
            )
        return LocalBlock(block, called)

    def _own(self) -> None:
        if getattr(self.obj, "__provided__", False):
            raise CheckFailed(f"{self.name} is the provided one; a check is for your own")

    def train(self, recipe: dict, data: Data | None = None) -> dict[str, Tensor]:
        """Trains the host network with the student's block inside; returns its whole state.

        data: images and labels, where they are not drawn from the recipe.
        """
        from attnlab.train import device_of, run_recipe

        self._own()
        with students_code(f"training the host with {self.name}"):
            model = run_recipe(recipe, self.obj, data, device_of(recipe))
        return crossing(dict(model.state_dict()), "the trained state")

    def renew(self) -> None:
        """Nothing: here there is one process, and it is the student's own."""

    def predict(self, recipe: dict, state: dict[str, Tensor], images: Tensor) -> Tensor:
        """Logits of images (N, 3, H, W), as attnlab.train.logits has them, of a fresh host."""
        from attnlab.train import logits, recipe_host

        with students_code(f"the trained host with {self.name}"):
            model = recipe_host(recipe, self.obj)
            model.load_state_dict(state)
            return crossing(logits(model, images), "the logits")

    def costs(self, recipe: dict) -> dict[str, int]:
        """Of the recipe's host with the block inside, for one image; see attnlab.costs."""
        from attnlab.costs import count
        from attnlab.train import recipe_host

        with students_code(f"counting the host with {self.name}"):
            found = count(recipe_host(recipe, self.obj), (3, recipe["size"], recipe["size"]))
        return {"parameters": found.parameters, "multiply_adds": found.multiply_adds}


class LocalBlock:
    """A block that lives in this process."""

    def __init__(self, block: nn.Module, called: str):
        self.block, self.called = block, called

    def parameters(self) -> dict[str, Tensor]:
        return crossing(dict(self.block.named_parameters()), "a parameter")

    def buffers(self) -> dict[str, Tensor]:
        return crossing(dict(self.block.named_buffers()), "a buffer")

    def push(self, tensors: dict[str, Tensor]) -> None:
        """Copies `tensors` into the parameters and buffers of the same names."""
        for tensor in tensors.values():
            if tensor.is_floating_point():
                self.block.to(tensor.dtype)
        own = dict(self.block.named_parameters()) | dict(self.block.named_buffers())
        with torch.no_grad():
            for name, tensor in tensors.items():
                own[name].copy_(tensor)

    def forward(self, *inputs: Tensor, train: bool = False) -> Forward:
        """y of the block, and what it left of its inputs."""
        given = [x.clone() for x in inputs]
        with torch.no_grad():
            y = self._run(given, train)
        return Forward(crossing(y, "the output"), crossing(tuple(given), "an input"))

    def gradient(self, *inputs: Tensor, cotangent: Tensor, train: bool = False) -> Gradient:
        """Gradients of (y * cotangent).sum() in inputs and parameters."""
        leaves = [x.clone().requires_grad_(x.is_floating_point()) for x in inputs]
        y = self._run([leaf.clone() for leaf in leaves], train)
        if y.shape != cotangent.shape:
            raise CheckFailed(
                f"{self.called} gave an output of shape {tuple(y.shape)}; "
                f"expected {tuple(cotangent.shape)}"
            )
        own = dict(self.block.named_parameters())
        wanted = [t for t in [*leaves, *own.values()] if t.requires_grad]
        grads = {}
        if y.requires_grad and wanted:
            with students_code(f"the backward pass of {self.called}"):
                found = torch.autograd.grad(y, wanted, cotangent, allow_unused=True)
            grads = {id(t): crossing(g, "a gradient") for t, g in zip(wanted, found, strict=True)}
        return Gradient(
            crossing(y, "the output"),
            tuple(grads.get(id(leaf)) for leaf in leaves),
            {name: grads.get(id(parameter)) for name, parameter in own.items()},
        )

    def _run(self, inputs: list[Tensor], train: bool) -> Tensor:
        called = f"{self.called}({written(tuple(inputs), {})})"
        self.block.train(train)
        with students_code(called):
            y = self.block(*inputs)
        if not isinstance(y, Tensor):
            raise CheckFailed(
                f"{called} returned an object of type {type(y).__name__}; expected one tensor"
            )
        return y
