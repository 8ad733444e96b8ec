"""Run ledger entries again and hold the new numbers against the old."""

import random
from pathlib import Path

from attnlab.grids import Grid, Row
from attnlab.ledger import Entry, load
from attnlab.runs import Run, device_name, measure, versions

EXACT = ("accuracy", "loss", "parameters", "multiply_adds", "peak_bytes")
TOLERANCE = 0.1  # of accuracy, beyond the range of the row's seeds


def verify(grid: Grid, sample: int, root: Path, seed: int | None = None) -> tuple[list[str], bool]:
    """Measure `sample` random entries again: a line for each, and whether all agree.

    Bit for bit on the CPU model and versions of the entry. Elsewhere roundings differ, and so may
    whether a seed learns a hard question: there the accuracy must lie within `TOLERANCE` of the
    range that the seeds of its row span.
    """
    rows = load(grid.name, root)
    entries = [entry for row in rows.values() for entry in row.values()]
    chosen = random.Random(seed).sample(entries, min(sample, len(entries)))
    reports = [_compare(grid, entry, list(rows[entry.row].values())) for entry in chosen]
    return [line for line, _ in reports], all(fine for _, fine in reports)


def _compare(grid: Grid, entry: Entry, row: list[Entry]) -> tuple[str, bool]:
    run = Run(grid.name, Row(entry.key, entry.placement), entry.seed, entry.config)
    (again,) = measure([run])
    name = f"{grid.name}/{entry.name}"
    same = [k for k in EXACT if again.results[k] == entry.results[k]]
    if entry.versions == versions() and entry.device == device_name("cpu"):
        if len(same) == len(EXACT) and again.curve == entry.curve:
            return f"{name}: the same, bit for bit", True
        return f"{name}: DIFFERS: {_both(entry, again)}", False
    seen = [one.results["accuracy"] for one in row]
    close = min(seen) - TOLERANCE <= again.results["accuracy"] <= max(seen) + TOLERANCE
    kind = f"{'close' if close else 'DIFFERS'} (measured on {entry.device}, {entry.versions})"
    return f"{name}: {kind}: {_both(entry, again)}", close


def _both(entry: Entry, again: Entry) -> str:
    pairs = [(k, entry.results[k], again.results[k]) for k in EXACT]
    return ", ".join(f"{k} was {old:.6g}, is {new:.6g}" for k, old, new in pairs if old != new)
