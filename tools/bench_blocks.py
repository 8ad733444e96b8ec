"""Times the blocks of solutions/ against their naive forms, and weighs what they hold in memory.

Usage: python tools/bench_blocks.py [--train] [--device cuda] [key ...]    (the root on PYTHONPATH)
A benchmark, not a test: one run, one process, steps of both forms in turn, each form first every
other time, so that load meets both alike; of each form the median, on a CPU of processor time.
Each naive form stands below: its mechanism's equations as they are written, with the block's own
weights. `held` is the block's peak of live tensors in MiB, and beside it that of the naive form.
`diff` is the largest difference of the two outputs.
"""

import argparse
import sys
import time
from collections.abc import Callable
from importlib import import_module
from statistics import median

import torch
from torch import Tensor, nn

from attnlab.costs import peak_bytes
from solutions.cbam import CBAM
from solutions.cc import CrissCrossBlock
from solutions.da import ChannelAttention, PositionAttention
from solutions.eca import ECABlock
from solutions.gc import GCBlock, SNLBlock
from solutions.se import SEBlock

NonLocalBlock = import_module("solutions.nonlocal").NonLocalBlock

SHAPES = ((64, 64, 8, 8), (16, 64, 16, 16), (4, 64, 32, 32), (1, 64, 64, 64), (1, 512, 32, 32))
REPEATS, SECONDS = 15, 4.0  # steps of each form, and when to stop although there were fewer


def spread(gates: Tensor, x: Tensor) -> Tensor:
    """Gates (B, C) written out for every position of x."""
    return gates[:, :, None, None].expand_as(x).contiguous()


def naive_se(block: SEBlock, x: Tensor) -> Tensor:
    z = x.flatten(2).mean(dim=2)
    return x * spread(torch.sigmoid(block.expand(torch.relu(block.reduce(z)))), x)


def naive_eca(block: ECABlock, x: Tensor) -> Tensor:
    """The band of equation 5 as a full C x C matrix."""
    channels, (k,) = x.shape[1], block.conv.kernel_size
    band = x.new_zeros(channels, channels)
    for j in range(k):
        line = torch.ones(channels - abs(j - k // 2), device=x.device)
        band = band + block.conv.weight[0, 0, j] * torch.diag(line, j - k // 2)
    z = x.flatten(2).mean(dim=2)
    return x * spread(torch.sigmoid(z @ band.T), x)


def naive_cbam(block: CBAM, x: Tensor) -> Tensor:
    """The layers once for each pool, each pool a pass of its own over flat maps."""
    gate, space, flat = block.channel, block.spatial, x.flatten(2)
    parts = [gate.expand(torch.relu(gate.reduce(z))) for z in (flat.mean(2), flat.max(2)[0])]
    x = x * spread(torch.sigmoid(parts[0] + parts[1]), x)
    maps = torch.cat([x.max(1, keepdim=True)[0], x.mean(1, keepdim=True)], dim=1)
    return x * torch.sigmoid(space.bn(space.conv(maps))).expand_as(x).contiguous()


def naive_non_local(block: NonLocalBlock, x: Tensor) -> Tensor:
    """Equations 1 to 6 with every pair written out; concatenation stacks every pair of vectors."""
    flat = x.flatten(2)
    q, k = (flat, flat) if block.mode == "gaussian" else (block.query(flat), block.key(flat))
    if block.mode == "concatenation":
        pairs = torch.cat([
            q[:, :, :, None].expand(-1, -1, -1, k.shape[2]),
            k[:, :, None].expand(-1, -1, q.shape[2], -1),
        ], dim=1)  # fmt: skip
        f = torch.relu(block.pair(pairs.flatten(2))).view(len(x), q.shape[2], k.shape[2])
    else:
        f = q.mT @ k
    f = (block.scale * f).softmax(dim=-1) if "gaussian" in block.mode else f / k.shape[2]
    return block.bn(block.out(block.value(flat) @ f.mT)).view_as(x) + x


def naive_gc(block: GCBlock | SNLBlock, x: Tensor) -> Tensor:
    """Non-local attention with its N equal rows written out, the transform at every position."""
    flat = x.flatten(2)
    logits = nn.functional.conv2d(x, block.mask.weight, block.mask.bias).flatten(2)
    weights = logits.expand(-1, flat.shape[2], -1).contiguous().softmax(dim=-1)  # (B, N, N)
    context = weights @ flat.mT  # (B, N, C)
    term = block.value(context) if isinstance(block, SNLBlock) else block.add(context)
    return x + term.mT.reshape(x.shape)


def naive_criss_cross(block: CrissCrossBlock, x: Tensor) -> Tensor:
    """All N x N pairs, those off the cross at minus infinity."""
    height, width = x.shape[2:]
    at = torch.arange(height * width, device=x.device)
    row, column = at // width, at % width
    off = (row[:, None] != row) & (column[:, None] != column)
    for _ in range(block.passes):
        q, k, v = (layer(x).flatten(2) for layer in (block.query, block.key, block.value))
        weights = (q.mT @ k).masked_fill(off, -torch.inf).softmax(dim=-1)
        x = x + block.gamma * (v @ weights.mT).view_as(x)
    return x


def naive_positions(block: PositionAttention, x: Tensor) -> Tensor:
    q, k, v = (layer(x).flatten(2) for layer in (block.query, block.key, block.value))
    return x + block.gamma * (v @ (q.mT @ k).softmax(dim=-1).mT).view_as(x)


def naive_channels(block: ChannelAttention, x: Tensor) -> Tensor:
    """Energies as in the released code, the largest of each row taken away first."""
    flat = x.flatten(2)
    energy = flat @ flat.mT
    weights = (energy.amax(dim=-1, keepdim=True).expand_as(energy) - energy).softmax(dim=-1)
    return x + block.gamma * (weights @ flat).view_as(x)


Naive = Callable[[nn.Module, Tensor], Tensor]
PAIRS: dict[str, tuple[Callable[[int], nn.Module], Naive]] = {
    "se": (SEBlock, naive_se),
    "eca": (ECABlock, naive_eca),
    "cbam": (CBAM, naive_cbam),
    "nonlocal": (NonLocalBlock, naive_non_local),
    "nonlocal-gaussian": (lambda c: NonLocalBlock(c, mode="gaussian"), naive_non_local),
    "nonlocal-dot": (lambda c: NonLocalBlock(c, mode="dot_product"), naive_non_local),
    "nonlocal-concat": (lambda c: NonLocalBlock(c, mode="concatenation"), naive_non_local),
    "snl": (SNLBlock, naive_gc),
    "gc": (GCBlock, naive_gc),
    "cc": (CrissCrossBlock, naive_criss_cross),
    "da-positions": (PositionAttention, naive_positions),
    "da-channels": (ChannelAttention, naive_channels),
}
TOO_LARGE = {"nonlocal-concat": 2**25}  # pairs of vectors that the naive form may write out


class Form(nn.Module):
    """A naive form as a module of its own, with the weights of its block."""

    def __init__(self, block: nn.Module, naive: Naive):
        super().__init__()
        self.block, self.naive = block, naive

    def forward(self, x: Tensor) -> Tensor:
        return self.naive(self.block, x)


def built(build: Callable[[int], nn.Module], channels: int, device: str) -> nn.Module:
    """A block that is not the identity: what starts at zero is set to small random numbers."""
    torch.manual_seed(0)
    block = build(channels).to(device)
    for parameter in block.parameters():
        if not parameter.any():
            nn.init.normal_(parameter, std=0.1)
    return block


def seconds(step: Callable[[], None], device: str) -> float:
    clock = time.perf_counter if device == "cuda" else time.process_time
    start = clock()
    step()
    if device == "cuda":
        torch.cuda.synchronize()
    return clock() - start


def compare(block: nn.Module, naive: nn.Module, x: Tensor, train: bool) -> tuple[float, float]:
    """Median seconds of a step of either, measured in turn."""

    cotangent = torch.randn_like(x)

    def step(module: nn.Module) -> Callable[[], None]:
        def run() -> None:
            with torch.set_grad_enabled(train):
                y = module(x)
                if train:
                    y.backward(cotangent)

        return run

    steps, times = [step(module) for module in (block, naive)], []
    while len(times) < 4 or (len(times) <= REPEATS and sum(map(sum, times)) < SECONDS):
        order = (0, 1) if len(times) % 2 else (1, 0)
        spent = {which: seconds(steps[which], x.device.type) for which in order}
        times.append([spent[0], spent[1]])
    return tuple(map(median, zip(*times[1:], strict=True)))  # the first is the warm-up


def main(arguments: list[str]) -> int:
    """Print the table; the exit status is 1 when a block is slower than its naive form."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("keys", nargs="*", help=f"of {', '.join(PAIRS)} (default: all)")
    parser.add_argument("--train", action="store_true", help="forward and backward")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    unknown = set(options.keys) - set(PAIRS)
    if unknown:
        parser.error(f"no block {', '.join(sorted(unknown))}; choose of {', '.join(PAIRS)}")
    torch.set_num_threads(1)
    what = "forward and backward" if options.train else "forward"
    how = f"torch {torch.__version__}, one thread, median of at most {REPEATS}"
    print(f"{what}, {options.device}, {how}\n")
    print(f"{'block':<18}{'B x C x H x W':<18}{'ms':>9}{'naive ms':>10}{'x faster':>10}"
          f"{'held':>9}{'naive':>9}{'diff':>10}")  # fmt: skip
    slower = sum(report(key, shape, options) for key in options.keys or PAIRS for shape in SHAPES)
    print(f"\n{slower} slower than the naive form (by more than 5 %)")
    return int(slower > 0)


def report(key: str, shape: tuple[int, ...], options: argparse.Namespace) -> bool:
    """One line of the table; whether the block is slower than its naive form."""
    batch, channels, height, width = shape
    if batch * channels * (height * width) ** 2 > TOO_LARGE.get(key, float("inf")):
        return False
    build, form = PAIRS[key]
    block = built(build, channels, options.device).train(options.train)
    naive = Form(block, form)
    x = torch.randn(shape, device=options.device, requires_grad=options.train)
    with torch.no_grad():
        difference = (block(x) - naive(x)).abs().max().item()
    own, other = compare(block, naive, x, options.train)
    held = [peak_bytes(module, x, train=options.train) / 2**20 for module in (block, naive)]
    name = f"{key:<18}{' x '.join(map(str, shape)):<18}"
    times = f"{own * 1e3:>9.2f}{other * 1e3:>10.2f}{other / own:>10.2f}"
    print(f"{name}{times}{held[0]:>9.2f}{held[1]:>9.2f}{difference:>10.1e}", flush=True)
    return own > 1.05 * other


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
