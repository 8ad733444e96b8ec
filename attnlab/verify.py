"""Run ledger entries again and hold the new numbers against the old."""

import random
from pathlib import Path

from attnlab.grids import Grid
from attnlab.ledger import Entry, load
from attnlab.runs import Run, device_name, measure, versions

EXACT = ("accuracy", "loss", "parameters", "multiply_adds", "peak_bytes")
TOLERANCE = 0.1  # of accuracy, where another CPU or version rounds differently


def verify(grid: Grid, sample: int, root: Path, seed: int | None = None) -> tuple[list[str], bool]:
    """Measure `sample` random entries again: a line for each, and whether all agree.

    Bit for bit on the CPU model and versions of the entry, else accuracy within `TOLERANCE`.
    """
    entries = [entry for row in load(grid.name, root).values() for entry in row.values()]
    chosen = random.Random(seed).sample(entries, min(sample, len(entries)))
    reports = [_compare(grid, entry) for entry in chosen]
    return [line for line, _ in reports], all(fine for _, fine in reports)


def _compare(grid: Grid, entry: Entry) -> tuple[str, bool]:
    again = measure(Run(grid.name, grid.row(entry.row), entry.seed, entry.config))
    name = f"{grid.name}/{entry.name}"
    same = [k for k in EXACT if again.results[k] == entry.results[k]]
    if entry.versions == versions() and entry.device == device_name("cpu"):
        if len(same) == len(EXACT) and again.curve == entry.curve:
            return f"{name}: the same, bit for bit", True
        return f"{name}: DIFFERS: {_both(entry, again)}", False
    close = abs(again.results["accuracy"] - entry.results["accuracy"]) <= TOLERANCE
    kind = f"{'close' if close else 'DIFFERS'} (measured on {entry.device}, {entry.versions})"
    return f"{name}: {kind}: {_both(entry, again)}", close


def _both(entry: Entry, again: Entry) -> str:
    pairs = [(k, entry.results[k], again.results[k]) for k in EXACT]
    return ", ".join(f"{k} was {old:.6g}, is {new:.6g}" for k, old, new in pairs if old != new)
