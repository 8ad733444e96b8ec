"""What the course's blocks cost, in one table: `python -m attnlab.cost_table` (from the root).

Each line is a block on a batch of maps. Parameters and multiply-adds (of one image) are counted on
the block; `forms` says whether the registry's closed forms give the same, `library` whether the
counter of PyTorch itself does. Bytes are of tensors alive at once and seconds medians of a step,
all blocks of a map taking their steps in turn, so that load meets them alike. The map's row
`identity` is a step that does nothing. `--write` puts the numbers into the ledger, where a page may
quote them: {ledger}`costs/se-64x32x32:train_seconds:.4f`. The grid `growth` has the same blocks on
maps of more and more positions: `python -m attnlab.cost_table growth --write`.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from attnlab import ledger
from attnlab.configs import RunError
from attnlab.cost_blocks import BLOCKS, Measured
from attnlab.costs import Costs, count, peak_bytes
from attnlab.ledger import Entry, LedgerError, config_hash
from attnlab.matching import median_seconds
from attnlab.runs import commit, device_name, versions

# Grid -> the batches of maps (B, C, H, W) that it is measured on.
SHAPES: dict[str, tuple[tuple[int, ...], ...]] = {
    "costs": ((8, 64, 32, 32), (8, 256, 16, 16)),
    "growth": tuple((2, 64, side, side) for side in (8, 12, 16, 24, 32, 48, 64)),
}
ROUNDS = {"costs": 15, "growth": 7}
MOST_BYTES, MOST_PRODUCTS = 3 * 2**29, 10**10  # of a step; what needs more is left out


@dataclass(frozen=True)
class Line:
    """A block on a batch of maps: what was counted, what others count, bytes and seconds."""

    block: Measured
    shape: tuple[int, ...]
    costs: Costs
    forms: tuple[int, int]
    library: int
    bytes: dict[str, int]
    seconds: dict[str, float]

    @property
    def name(self) -> str:
        """The map without its batch: 64x32x32."""
        return "x".join(map(str, self.shape[1:]))

    def agrees(self, with_forms: bool) -> bool:
        """Whether the counted numbers are those of the registry, or those of the library."""
        if with_forms:
            return self.forms == (self.costs.parameters, self.costs.multiply_adds)
        return self.library == self.costs.multiply_adds


def library_count(block: Measured, shape: tuple[int, ...]) -> int:
    """Multiply-adds of one image as `torch.utils.flop_counter` counts them (each as two)."""
    with torch.device("meta"):
        module, x = block.build(*shape[1:]).eval(), torch.zeros(1, *shape[1:])
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(x)
    return counter.get_total_flops() // 2


def affordable(block: Measured, shape: tuple[int, ...]) -> bool:
    """Whether a step of training on such a batch keeps within the limits."""
    with torch.device("meta"):
        module, x = block.build(*shape[1:]), torch.zeros(shape, requires_grad=True)
    products = shape[0] * count(module, shape[1:]).multiply_adds
    return products <= MOST_PRODUCTS and peak_bytes(module, x, train=True) <= MOST_BYTES


def table(shape: tuple[int, ...], device: str = "cpu", rounds: int = 15) -> list[Line]:
    """All blocks on a batch of maps (B, C, H, W), but those that are too large for it."""
    torch.manual_seed(0)
    blocks = [block for block in BLOCKS if affordable(block, shape)]
    made = [block.build(*shape[1:]).to(device) for block in blocks]
    x = torch.randn(shape, device=device)
    spent = {
        what: median_seconds([_step(module, x, what == "train") for module in made], device, rounds)
        for what in ("forward", "train")
    }
    return [
        Line(
            block, shape, count(module, shape[1:]), block.forms(*shape[1:]),
            library_count(block, shape),
            {
                "forward": peak_bytes(module, x),
                "train": peak_bytes(module, x.clone().requires_grad_(), train=True),
            },
            {what: seconds[number] for what, seconds in spent.items()},
        )
        for number, (block, module) in enumerate(zip(blocks, made, strict=True))
    ]  # fmt: skip


def _step(module: nn.Module, x: Tensor, train: bool) -> Callable[[], object]:
    x = x.clone().requires_grad_(train)
    module.train(train)

    def step() -> None:
        with torch.set_grad_enabled(train):
            y = module(x)
        if train:
            y.backward(torch.ones_like(y))

    return step


def text(lines: list[Line]) -> str:
    """The table of one map."""
    batch, *size = lines[0].shape
    rows = [
        f"{batch} maps of {' x '.join(map(str, size))}",
        f"{'block':14}{'parameters':>11}{'multiply-adds':>15}{'forms':>8}{'library':>9}"
        f"{'forward ms':>12}{'train ms':>10}{'forward MiB':>13}{'train MiB':>11}",
    ]
    for line in lines:
        words = ["same" if line.agrees(forms) else "DIFFER" for forms in (True, False)]
        rows.append(
            f"{line.block.key:14}{line.costs.parameters:11,}{line.costs.multiply_adds:15,}"
            f"{words[0]:>8}{words[1]:>9}"
            f"{1e3 * line.seconds['forward']:12.2f}{1e3 * line.seconds['train']:10.2f}"
            f"{line.bytes['forward'] / 2**20:13.2f}{line.bytes['train'] / 2**20:11.2f}"
        )
    return "\n".join(rows)


def entry(grid: str, line: Line, device: str) -> Entry:
    """The ledger's entry of a line of a grid."""
    results = {
        "parameters": line.costs.parameters, "multiply_adds": line.costs.multiply_adds,
        "pooling": line.costs.pooling, "rescale": line.costs.rescale,
        "library_multiply_adds": line.library,
    }  # fmt: skip
    results |= {f"{what}_bytes": number for what, number in line.bytes.items()}
    results |= {f"{what}_seconds": number for what, number in line.seconds.items()}
    config = {"block": line.block.block, "shape": list(line.shape), "steps": ROUNDS[grid]}
    return Entry(
        grid, line.block.key, line.name, 0, config, config_hash(config), commit(), versions(),
        device_name(device), "random maps", results, [],
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; the exit status is 1 when a count differs from a closed form."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("grid", nargs="?", choices=SHAPES, default="costs")
    parser.add_argument("--write", action="store_true", help="put the numbers into the ledger")
    parser.add_argument("--ledger", type=Path, default=ledger.ROOT)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    differ = False
    try:
        for shape in SHAPES[options.grid]:
            lines = table(shape, options.device, ROUNDS[options.grid])
            print(text(lines) + "\n")
            differ |= not all(line.agrees(forms) for line in lines for forms in (True, False))
            for line in lines if options.write else ():
                ledger.write(entry(options.grid, line, options.device), options.ledger)
    except (LedgerError, RunError) as error:
        print(f"cost_table: {error}", file=sys.stderr)
        return 2
    return int(differ)


if __name__ == "__main__":
    sys.exit(main())
