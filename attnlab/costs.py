"""What a module costs: parameters, multiply-adds, memory and time, taken from the module itself.

`count` runs a copy on the meta device, where shapes flow and nothing is computed, and reads the
tensor operations as they pass, so a block costs what its code does and not what its layers say.
Conventions, for one image in eval mode:

- multiply_adds: one for each product of a convolution, a linear layer or a matrix product. Papers
  often print this number as "FLOPs"; counted in single operations it would be twice as large.
- pooling: numbers read by means, sums, maxima and pooling windows.
- rescale: products of two tensors element by element, as when a gate is put onto its map.
- Not counted: biases, normalisation, activations, softmax, sums of two maps, interpolation.

`peak_bytes` and `step_time` run a copy of the module on the device and in the batch of the inputs.
"""

import copy
import math
import statistics
import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary


@dataclass(frozen=True)
class Costs:
    """The costs of one forward pass for one image, as counted by `count`."""

    parameters: int
    multiply_adds: int
    pooling: int
    rescale: int


@dataclass(frozen=True)
class Timing:
    """Seconds of one step: the median and the quartiles of `repeats` steps after a warm-up."""

    median: float
    low: float
    high: float
    repeats: int


def parameters(module: nn.Module) -> int:
    """The number of trained values, a shared tensor counted once."""
    return sum(parameter.numel() for parameter in module.parameters())


def count(module: nn.Module, *shapes: tuple[int, ...], device: str = "meta") -> Costs:
    """The costs of `module` for one image: `count(SEBlock(64), (64, 32, 32))`.

    `shapes` are those of the inputs without their batch axis. A module that decides by values
    cannot run on the meta device: give device="cpu". The module itself is left as it was.
    """
    twin = copy.deepcopy(module).to(device).eval()
    inputs = [torch.zeros(1, *shape, device=device) for shape in shapes]
    with _Counter() as counter:
        twin(*inputs)
    return Costs(parameters(module), counter.multiply_adds, counter.pooling, counter.rescale)


def peak_bytes(module: nn.Module, *inputs: Tensor, train: bool = False) -> int:
    """The largest number of bytes of tensors alive at once during a step, inputs included.

    Parameters and buffers are not counted, nor what a kernel takes for itself while it runs. With
    train=True the step is forward and backward, in training mode, and gradients count; else it is
    the forward pass in eval mode without gradients. On the meta device nothing is allocated.
    """
    twin = copy.deepcopy(module).to(inputs[0].device).train(train)
    with _Memory(fixed=[*twin.parameters(), *twin.buffers()]) as memory:
        memory.see(inputs)
        _step(twin, inputs, train)
    return memory.peak


def step_time(
    module: nn.Module, *inputs: Tensor, train: bool = False, repeats: int = 20, warm_up: int = 3
) -> Timing:
    """Seconds of one step (as in `peak_bytes`) on the device of the inputs."""
    twin = copy.deepcopy(module).to(inputs[0].device).train(train)
    wait = torch.cuda.synchronize if inputs[0].is_cuda else lambda: None
    seconds = []
    for _ in range(warm_up + repeats):
        wait()
        start = time.perf_counter()
        _step(twin, inputs, train)
        wait()
        seconds.append(time.perf_counter() - start)
    low, median, high = statistics.quantiles(seconds[warm_up:], n=4, method="inclusive")
    return Timing(median, low, high, repeats)


def _step(module: nn.Module, inputs: tuple[Tensor, ...], train: bool) -> None:
    with torch.set_grad_enabled(train):
        output = module(*inputs)
    if train:
        output.sum().backward()
        module.zero_grad()


class _Memory(TorchDispatchMode):
    """Follows the storages that operations make, for as long as something holds them."""

    def __init__(self, fixed: list[Tensor]) -> None:
        super().__init__()
        self.fixed, self.alive, self.peak = WeakIdKeyDictionary(), WeakIdKeyDictionary(), 0
        for tensor in fixed:
            self.fixed[tensor.untyped_storage()] = True

    def see(self, values: object) -> None:
        for value in tree_leaves(values):
            if isinstance(value, Tensor) and value.untyped_storage() not in self.fixed:
                storage = value.untyped_storage()
                self.alive[storage] = storage.nbytes()
        self.peak = max(self.peak, sum(self.alive.values()))

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **kwargs or {})
        self.see(out)
        return out


class _Counter(TorchDispatchMode):
    """Adds up what each tensor operation costs."""

    def __init__(self) -> None:
        super().__init__()
        self.multiply_adds = self.pooling = self.rescale = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **kwargs or {})
        name = func.overloadpacket.__name__.rstrip("_")
        if name == "convolution":
            self.multiply_adds += _convolution(args, out)
        elif name in PRODUCTS:
            self.multiply_adds += _product(*args[PRODUCTS[name] :][:2])
        elif name.startswith("_scaled_dot_product"):
            self.multiply_adds += _attention(*args[:3])
        elif name in REDUCTIONS:
            self.pooling += args[0].numel()
        elif name in WINDOWS:
            window = args[1] if len(args[1]) == 2 else 2 * args[1]
            self.pooling += tree_leaves(out)[0].numel() * math.prod(window)
        elif name == "mul" and all(isinstance(a, Tensor) and a.ndim for a in args[:2]):
            self.rescale += out.numel()
        return out


def _convolution(args: tuple, out: Tensor) -> int:
    x, weight, transposed = args[0], args[1], args[6]
    places = x if transposed else out  # each of its numbers meets one row of kernels
    return places.numel() * math.prod(weight.shape[1:])


def _product(a: Tensor, b: Tensor) -> int:
    """(..., n, k) times (..., k, m), or times a vector (k)."""
    return a.numel() * (b.shape[-1] if b.ndim > 1 else 1)


def _attention(q: Tensor, k: Tensor, v: Tensor) -> int:
    """(B, heads, L, d): the logits, and the weighted sum of the values."""
    return math.prod(q.shape[:-1]) * k.shape[-2] * (q.shape[-1] + v.shape[-1])


# Tensor operations by name. PRODUCTS: which argument is the first factor (before it, a sum).
PRODUCTS = {"mm": 0, "bmm": 0, "mv": 0, "dot": 0, "addmm": 1, "addmv": 1, "baddbmm": 1}
REDUCTIONS = {"mean", "sum", "amax", "amin", "max", "min", "logsumexp"}
REDUCTIONS |= {"_adaptive_avg_pool2d", "adaptive_max_pool2d"}
WINDOWS = {"avg_pool2d", "max_pool2d_with_indices"}
