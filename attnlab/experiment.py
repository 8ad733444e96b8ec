"""Measure grids into the ledger: `python -m attnlab.experiment run rule --seeds 10`.

A killed run is taken up where it stopped: what is in the ledger is not measured again. `--minutes`
ends a shard in time; `--shard 2/4` takes every fourth run, for four machines.
"""

import argparse
import sys
import time
from pathlib import Path

import torch
from tqdm.auto import tqdm

from attnlab import ledger, transfer
from attnlab.cifar10 import DataError
from attnlab.configs import RunError, configure, stored_widths
from attnlab.grids import GRIDS, Grid, Row, UnknownGrid, find
from attnlab.ledger import LedgerError
from attnlab.matching import time_match
from attnlab.runs import Run, deterministic, matched_entry, measure, plan
from attnlab.summary import summary
from attnlab.verify import verify

ERRORS = (DataError, LedgerError, RunError, UnknownGrid)


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.verb(options)
    except ERRORS as error:
        print(f"experiment: {error}", file=sys.stderr)
        return 2


def run(
    grid: Grid, todo: list[Run], root: Path, device: str, minutes: float, redo: bool,
    together: int = 1,
) -> int:  # fmt: skip
    """Measure what the ledger lacks; returns how many runs are left when the minutes are over.

    Up to `together` seeds of a row are trained at once. A training starts only when the longest so
    far would still end in time.
    """
    missing = [one for one in todo if redo or not measured(one, root)]
    start, longest, done = time.monotonic(), 0.0, 0
    with tqdm(missing, grid.name, unit="run") as bar:
        for group in _groups(missing, together):
            if time.monotonic() - start + longest > 60 * minutes:
                break
            bar.set_postfix_str(f"{group[0].row.name} seed {group[0].seed}")
            before = time.monotonic()
            for entry in measure(group, device):
                ledger.write(entry, root)
            longest = max(longest, time.monotonic() - before)
            done += len(group)
            bar.update(len(group))
    return len(missing) - done


def _groups(runs: list[Run], together: int) -> list[list[Run]]:
    groups: dict[tuple, list[Run]] = {}
    for one in runs:
        groups.setdefault((one.seed // together, one.row.name), []).append(one)
    return list(groups.values())


def measured(one: Run, root: Path) -> bool:
    """Whether the ledger holds this very run; raises LedgerError when it holds another."""
    path = ledger.path_of(one.grid, one.row.name, one.seed, root)
    if not path.exists():
        return False
    entry = ledger.read(path)
    if entry.hash == one.hash:
        return True
    changed = [k for k in one.config if entry.config.get(k) != one.config[k]]
    raise LedgerError(
        f"{path}: was measured with other settings ({', '.join(changed) or 'some were dropped'}); "
        f"add --redo to measure its grid anew, or move its folder away to keep it"
    )


def match(grid: Grid, rows: list[Row], profile: str, root: Path, device: str, redo: bool) -> None:
    """Find the time-matched hosts of these rows of blocks that the ledger lacks."""
    names = {row.name for row in rows}
    for row in (row for row in grid.rows if row.by == "time" and row.matches in names):
        config = configure(grid, grid.row(row.matches), profile, root)
        if redo or stored_widths(grid, row, config, root) is None:
            with deterministic():
                found = time_match(config, device)
            if not redo and stored_widths(grid, row, config, root) is not None:
                continue  # another shard was faster, and may have trained hosts of its widths
            ledger.write(matched_entry(grid, row, config, found, device), root)
            print(f"{row.name}: widths {found.widths}, {found.ratio:.3f} of the block's time")


def _rows(grid: Grid, names: str | None) -> list[Row]:
    return [grid.row(name) for name in names.split(",")] if names else list(grid.rows)


def _match(options: argparse.Namespace) -> int:
    for grid in find(options.grid):
        rows, profile = _rows(grid, options.rows), options.profile or grid.profile
        match(grid, rows, profile, options.ledger, options.device, options.redo)
    return 0


def _run(options: argparse.Namespace) -> int:
    left = 0
    for grid in find(options.grid):
        rows, profile = _rows(grid, options.rows), options.profile or grid.profile
        blocks = [grid.row(row.matches) for row in rows if row.by == "time"]
        match(grid, blocks, profile, options.ledger, options.device, redo=False)
        runs = plan(grid, profile, options.seeds, rows, options.ledger)
        number, count = options.shard
        left += run(
            grid, runs[number - 1 :: count], options.ledger, options.device,
            options.minutes, options.redo, options.together,
        )  # fmt: skip
    if left:
        print(f"{left} runs are left; give the same command again to go on")
    return 0


def _summary(options: argparse.Namespace) -> int:
    for grid in find(options.grid):
        print(summary(grid, options.ledger))
    return 0


def _verify(options: argparse.Namespace) -> int:
    reports = [verify(grid, options.sample, options.ledger) for grid in find(options.grid)]
    print("\n".join(line for lines, _ in reports for line in lines))
    return 0 if all(fine for _, fine in reports) else 1


def _pack(options: argparse.Namespace) -> int:
    count = transfer.pack(options.grid, options.file, options.ledger)
    print(f"{count} entries of {options.grid} in {options.file}")
    return 0


def _unpack(options: argparse.Namespace) -> int:
    new, known = transfer.unpack(options.file, options.ledger)
    print(f"{new} new entries, {known} that were there already")
    return 0


def _list(options: argparse.Namespace) -> int:
    for grid in GRIDS.values():
        print(f"{grid.name}: {', '.join(row.name for row in grid.rows)}")
    return 0


def _shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"expected K/N with 1 <= K <= N, got {text!r}")
    return int(number), int(count)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, got {text!r}")
    return int(text)


def _device(text: str) -> str:
    try:
        torch.empty(0, device=text)
    except (AssertionError, RuntimeError) as error:  # AssertionError: built without CUDA
        reason = str(error).partition("\n")[0]
        raise argparse.ArgumentTypeError(
            f"expected a device of this machine, got {text!r} ({reason}); leave it out for the CPU"
        ) from error
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m attnlab.experiment", description=__doc__)
    parser.add_argument("--ledger", type=Path, default=ledger.ROOT, help="folder of the ledger")
    verbs = parser.add_subparsers(required=True, metavar="verb")
    one = _verb(verbs, "run", _run, "measure what the ledger lacks of a grid")
    one.add_argument("--seeds", type=_count, default=10, help="seeds 0 to N - 1")
    one.add_argument("--shard", type=_shard, default=(1, 1), metavar="K/N")
    one.add_argument("--minutes", type=float, default=8.0, help="end within so many minutes")
    one.add_argument("--together", type=_count, default=1, metavar="N", help="seeds at once")
    widths = _verb(verbs, "match", _match, "find the hosts that are as slow as those with a block")
    for verb in (one, widths):
        verb.add_argument("--profile", help="tiny, cpu or gpu; the grid's own if not given")
        verb.add_argument("--rows", help="only these rows, separated by commas")
        verb.add_argument("--device", type=_device, default="cpu")
        verb.add_argument("--redo", action="store_true", help="measure again what is there")
    _verb(verbs, "summary", _summary, "means, intervals and paired comparisons of a grid")
    check = _verb(verbs, "verify", _verify, "run random entries again and compare")
    check.add_argument("--sample", type=int, default=1, metavar="N")
    _verb(verbs, "pack", _pack, "put a grid into one file").add_argument("file", type=Path)
    unpack = verbs.add_parser("unpack", help="take the entries out of such a file")
    unpack.add_argument("file", type=Path)
    unpack.set_defaults(verb=_unpack)
    verbs.add_parser("list", help="the grids and their rows").set_defaults(verb=_list)
    return parser


def _verb(verbs, name: str, verb, text: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=text)
    parser.add_argument("grid", help="a grid, or `bench` for all questions")
    parser.set_defaults(verb=verb)
    return parser


if __name__ == "__main__":
    sys.exit(main())
