"""What the course's blocks cost, in one table: `python -m attnlab.cost_table` (from the root).

Each line is a block on a batch of maps. Parameters and multiply-adds (of one image) are counted on
the block; `forms` says whether the registry's closed forms give the same, `library` whether the
counter of PyTorch itself does. Bytes are of tensors alive at once and seconds medians of a step,
all blocks of a map taking their steps in turn, so that load meets them alike. The map's row
`identity` is a step that does nothing. `--write` puts the numbers into the ledger, in the grid
`costs`, where a page may quote them: {ledger}`costs/se-64x32x32:train_seconds:.4f`.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from attnlab import ledger
from attnlab.configs import RunError, import_block
from attnlab.costs import Costs, count, peak_bytes
from attnlab.ledger import Entry, LedgerError, config_hash
from attnlab.matching import median_seconds
from attnlab.mechanisms import mechanism
from attnlab.runs import commit, device_name, versions

SHAPES = ((8, 64, 32, 32), (8, 256, 16, 16))  # batch, channels, height, width
ROUNDS = 15


@dataclass(frozen=True)
class Measured:
    """A block of the table: its class, and its record in the registry with the same settings.

    `by_channels` are settings of the record that the block derives from its channels.
    """

    key: str
    block: str
    record: str
    settings: dict[str, int] = field(default_factory=dict)
    by_channels: dict[int, dict[str, int]] = field(default_factory=dict)
    bare: bool = False  # made without a number of channels

    def make(self, channels: int) -> nn.Module:
        """The block for maps of so many channels."""
        made = import_block(self.block)
        return made() if self.bare else made(channels)


BLOCKS = (
    Measured("identity", "torch.nn:Identity", "", bare=True),
    Measured("se", "solutions.se:SEBlock", "se"),
    Measured(
        "eca", "solutions.eca:ECABlock", "eca", by_channels={64: {"kernel": 3}, 256: {"kernel": 5}}
    ),
    Measured("cbam", "solutions.cbam:CBAM", "cbam"),
    Measured("nonlocal", "solutions.nonlocal:NonLocalBlock", "nonlocal"),
    Measured("gc", "solutions.gc:GCBlock", "gc"),
    Measured("cc", "solutions.cc:CrissCrossBlock", "cc"),
    Measured("da_positions", "solutions.da:PositionAttention", "da", {"channel": 0}),
    Measured("da_channels", "solutions.da:ChannelAttention", "da", {"position": 0}),
)


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


def closed_forms(block: Measured, shape: tuple[int, ...]) -> tuple[int, int]:
    """Parameters and multiply-adds (of one image) as the registry gives them."""
    if not block.record:
        return 0, 0
    record = mechanism(block.record)
    _, channels, height, width = shape
    given = {"channels": channels, "height": height, "width": width} | block.settings
    given |= block.by_channels.get(channels, {})

    def value(form: Callable[..., int]) -> int:
        return form(**{word: v for word, v in given.items() if word in form.words})

    return value(record.parameters), value(record.multiply_adds)


def library_count(block: Measured, shape: tuple[int, ...]) -> int:
    """Multiply-adds of one image as `torch.utils.flop_counter` counts them (each as two)."""
    with torch.device("meta"):
        module, x = block.make(shape[1]).eval(), torch.zeros(1, *shape[1:])
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(x)
    return counter.get_total_flops() // 2


def table(shape: tuple[int, ...], device: str = "cpu", rounds: int = ROUNDS) -> list[Line]:
    """All blocks on a batch of maps (B, C, H, W)."""
    torch.manual_seed(0)
    made = [block.make(shape[1]).to(device) for block in BLOCKS]
    x = torch.randn(shape, device=device)
    spent = {
        what: median_seconds([_step(module, x, what == "train") for module in made], device, rounds)
        for what in ("forward", "train")
    }
    return [
        Line(
            block, shape, count(module, shape[1:]), closed_forms(block, shape),
            library_count(block, shape),
            {
                "forward": peak_bytes(module, x),
                "train": peak_bytes(module, x.clone().requires_grad_(), train=True),
            },
            {what: seconds[number] for what, seconds in spent.items()},
        )
        for number, (block, module) in enumerate(zip(BLOCKS, made, strict=True))
    ]  # fmt: skip


def _step(module: nn.Module, x: Tensor, train: bool) -> Callable[[], object]:
    x = x.clone().requires_grad_(train)
    module.train(train)
    cotangent = torch.ones_like(x)

    def step() -> None:
        with torch.set_grad_enabled(train):
            y = module(x)
        if train:
            y.backward(cotangent)

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


def entry(line: Line, device: str) -> Entry:
    """The ledger's entry of a line."""
    results = {
        "parameters": line.costs.parameters, "multiply_adds": line.costs.multiply_adds,
        "pooling": line.costs.pooling, "rescale": line.costs.rescale,
        "library_multiply_adds": line.library,
    }  # fmt: skip
    results |= {f"{what}_bytes": number for what, number in line.bytes.items()}
    results |= {f"{what}_seconds": number for what, number in line.seconds.items()}
    config = {"block": line.block.block, "shape": list(line.shape), "steps": ROUNDS}
    return Entry(
        "costs", line.block.key, line.name, 0, config, config_hash(config), commit(), versions(),
        device_name(device), "random maps", results, [],
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; the exit status is 1 when a count differs from a closed form."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the numbers into the ledger")
    parser.add_argument("--ledger", type=Path, default=ledger.ROOT)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    differ = False
    try:
        for shape in SHAPES:
            lines = table(shape, options.device)
            print(text(lines) + "\n")
            differ |= not all(line.agrees(forms) for line in lines for forms in (True, False))
            for line in lines if options.write else ():
                ledger.write(entry(line, options.device), options.ledger)
    except (LedgerError, RunError) as error:
        print(f"cost_table: {error}", file=sys.stderr)
        return 2
    return int(differ)


if __name__ == "__main__":
    sys.exit(main())
