"""The table of a grid: means with intervals, and what may be said about differences."""

from pathlib import Path

from attnlab.cifar10 import describe
from attnlab.grids import Grid
from attnlab.ledger import Entry, load, mean_interval, paired
from attnlab.statistics import Comparison, holm


def summary(grid: Grid, root: Path, quantity: str | None = None) -> str:
    """Text of two tables: each row; each block against its rivals, other rows against the first.

    Comparisons pair the same seeds; their p values are Holm's over the whole second table.
    """
    rows, quantity = load(grid.name, root), quantity or grid.quantity
    entries = [entry for row in rows.values() for entry in row.values()]
    where = sorted({f"{entry.device}; {describe(entry.data)}" for entry in entries})
    lines = [f"{grid.name}: {quantity}, measured on {' and '.join(where)}", _HEAD]
    lines += [_row(grid.name, row, rows[row], quantity, root) for row in rows]
    table = comparisons(grid, root, quantity)
    lines += ["", f"paired differences of {quantity}, 95 % intervals, p after Holm"]
    return "\n".join(lines + [f"  {name}: {sentence(table[name])}" for name in table]) + "\n"


def comparisons(grid: Grid, root: Path, quantity: str = "accuracy") -> dict[str, Comparison]:
    """ "row vs rival" -> paired comparison with Holm's p, for the rows that were measured."""
    rows = load(grid.name, root)
    bases = [base for base in grid.baselines if base in rows]
    pairs = [(base, bases[0]) for base in bases[1:]]
    for row in (row for row in grid.rows if row.name in rows and row.name not in bases):
        rivals = grid.rivals(row.name) if row.block else bases[:1]
        pairs += [(row.name, rival) for rival in rivals if rival in rows]
    return holm(
        {f"{row} vs {base}": paired(grid.name, row, base, quantity, root) for row, base in pairs}
    )


def sentence(comparison: Comparison) -> str:
    """What a comparison shows, in words."""
    change = comparison.difference
    numbers = f"{change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}], n = {change.n}"
    p = f"p = {comparison.p:.2g}" if comparison.p >= 1e-6 else "p < 1e-6"
    if not comparison.shown:
        return f"no difference shown ({numbers}, {p})"
    return f"{'higher' if change.mean > 0 else 'lower'} by {numbers}, {p}"


_HEAD = (
    f"{'row':20} {'mean':>7} {'sd':>7} {'95 % interval':>17} {'n':>3} {'params':>9} {'cpu s':>8}"
)


def _row(grid: str, row: str, entries: dict[int, Entry], quantity: str, root: Path) -> str:
    value = mean_interval(grid, row, quantity, root)
    seconds = mean_interval(grid, row, "cpu_seconds", root).mean
    ends = f"{value.low:.3f} to {value.high:.3f}"
    parameters = next(iter(entries.values())).results["parameters"]
    return (
        f"{row:20} {value.mean:7.3f} {value.sd:7.3f} {ends:>17} {value.n:3} {parameters:9,} "
        f"{seconds:8.2f}"
    )
