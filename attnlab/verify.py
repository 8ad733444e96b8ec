"""Run ledger entries again and hold the new numbers against the old."""

import random
from pathlib import Path

from attnlab.configs import build, profile_of
from attnlab.grids import Grid, Row
from attnlab.ledger import Entry, load
from attnlab.runs import DIGITS, Run, deterministic, device_name, images_of, measure, versions
from attnlab.train import fit

ROUNDING = 1e-3  # of the first epoch's loss: later roundings drive two trainings apart
EXACT = ("accuracy", "loss", "parameters", "multiply_adds", "peak_bytes")
TOLERANCE = 0.1  # of accuracy, beyond the range of the row's seeds


def changed(grid: Grid, root: Path) -> list[str]:
    """A line for each row whose lowest seed no longer begins as its entry says.

    To the last digit on the CPU model and versions of the entry, elsewhere to `ROUNDING`. One
    epoch a row: it can be asked of every row after each change of the code.
    """
    rows = load(grid.name, root)
    return [line for row in rows.values() if (line := _begun(grid, row[min(row)]))]


def _begun(grid: Grid, entry: Entry) -> str:
    images, labels = images_of(entry.config, entry.seed)[0]
    with deterministic():
        model = build(entry.config, entry.seed)
        begun = fit(model, images, labels, profile_of(entry.config), entry.seed, stop=1)
    loss = round(begun.curve[0], DIGITS)
    if abs(loss - entry.curve[0]) <= (0 if _same_machine(entry) else ROUNDING):
        return ""
    return (
        f"{grid.name}/{entry.name}: the loss of epoch 1 was {entry.curve[0]}, is {loss}; measure "
        f"again: python -m attnlab.experiment run {grid.name} --redo --rows {entry.row}"
    )


def verify(grid: Grid, sample: int, root: Path, seed: int | None = None) -> tuple[list[str], bool]:
    """Measure `sample` random entries again: a line for each, and whether all agree.

    Bit for bit on the CPU model and versions of the entry. Elsewhere roundings differ, and so may
    whether a seed learns a hard question: there the accuracy must lie within `TOLERANCE` of the
    range that the seeds of its row span, and the first epoch's loss within `ROUNDING`.
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
    if _same_machine(entry):
        if len(same) == len(EXACT) and again.curve == entry.curve:
            return f"{name}: the same, bit for bit", True
        return f"{name}: DIFFERS: {_both(entry, again)}", False
    seen = [one.results["accuracy"] for one in row]
    close = min(seen) - TOLERANCE <= again.results["accuracy"] <= max(seen) + TOLERANCE
    close &= abs(again.curve[0] - entry.curve[0]) <= ROUNDING
    kind = f"{'close' if close else 'DIFFERS'} (measured on {entry.device}, {entry.versions})"
    return f"{name}: {kind}: {_both(entry, again)}", close


def _same_machine(entry: Entry) -> bool:
    return entry.versions == versions() and entry.device == device_name("cpu")


def _both(entry: Entry, again: Entry) -> str:
    pairs = [(k, entry.results[k], again.results[k]) for k in EXACT]
    return ", ".join(f"{k} was {old:.6g}, is {new:.6g}" for k, old, new in pairs if old != new)
