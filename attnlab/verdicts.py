"""One word for what a grid shows of each of its blocks, by one rule.

A block is held against the baselines of its grid, seed by seed: the plain host first, on the bench
also the host whose slot holds a block that sees one place at a time. The p values are Holm's, for
each baseline by itself since all must be beaten: over the main forms of the grid, so that a verdict
on a mechanism does not hang on how many variants were tried, and over all other rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from attnlab.grids import Grid, Row
from attnlab.ledger import ROOT, Entry, load
from attnlab.mechanisms import MECHANISMS
from attnlab.statistics import Comparison, Interval, compare, holm, interval

ENOUGH = 3  # trainings from the same seeds, of the block and of each baseline
REACHED = 0.75  # of the way from the plain host's mean to a perfect score

ANSWERS, HELPS, NEITHER = "answers", "helps", "no difference shown"
HARMS, MISSING = "harms", "not measured"
RULE: dict[str, str] = {
    ANSWERS: "shown better than every baseline, and the lower end of its own interval lies at "
    f"least {REACHED:.2f} of the way from the plain host's mean to a perfect score",
    HELPS: "shown better than every baseline, and no more than that",
    NEITHER: "not shown better than every baseline, and not shown worse than the plain host",
    HARMS: "shown worse than the plain host",
    MISSING: f"fewer than {ENOUGH} trainings from seeds that every baseline has too",
}
PLACEMENT, ABLATION = "placement", "ablation"  # how a row differs from its mechanism's main form

Scores = dict[str, dict[int, float]]  # row -> seed -> score


@dataclass(frozen=True)
class Verdict:
    """What may be said of a row: its word, its score, its differences from the baselines.

    `reached` counts the single trainings that came as far as `RULE` asks of an answer. `score` is
    None where nothing was measured; `against` is empty where too little was.
    """

    row: str
    word: str
    score: Interval | None = None
    reached: int = 0
    against: Mapping[str, Comparison] = field(default_factory=dict)


def mechanism_of(row: Row) -> str | None:
    """The mechanism whose form a row is; None for baselines and hosts without a block."""
    key = row.key.partition("-")[0]
    ours = row.block is not None and row.block.startswith("solutions.")
    return key if ours and key in MECHANISMS else None


def main_forms(grid: Grid) -> dict[str, Row]:
    """Mechanism -> the first row of the grid that is a form of it."""
    found: dict[str, Row] = {}
    for row in grid.rows:
        if (key := mechanism_of(row)) is not None:
            found.setdefault(key, row)
    return found


def forms(grid: Grid, kind: str) -> dict[str, list[Row]]:
    """Mechanism -> its rows other than the main form, by kind.

    A placement is the main form elsewhere in the host, all others are ablations.
    """
    mains, found = main_forms(grid), {}
    for row in grid.rows:
        key = mechanism_of(row)
        if key is None or row == mains[key]:
            continue
        if (kind == PLACEMENT) == (row.key == mains[key].key):
            found.setdefault(key, []).append(row)
    return found


def verdicts(grid: Grid, root: Path = ROOT) -> dict[str, Verdict]:
    """Row -> its verdict by `RULE`: every row with a block that is no baseline, measured or not."""
    scores = measured(grid, root)
    rows = [row.name for row in grid.rows if row.block and row.name not in grid.baselines]
    mains = {row.name for row in main_forms(grid).values()}
    tested: dict[tuple[str, str], Comparison] = {}
    for base in grid.baselines:
        for main in (True, False):
            tested |= _tested(scores, [(row, base) for row in rows if (row in mains) == main])
    found = {}
    for row in rows:
        against = {base: tested[row, base] for base in grid.baselines if (row, base) in tested}
        found[row] = _verdict(grid, row, scores, against)
    return found


def changes(grid: Grid, root: Path = ROOT) -> dict[str, tuple[str, Comparison]]:
    """Row -> the main form of its mechanism in this grid, and the difference between the two.

    For the rows that are no main form themselves; p is Holm's over all placements of a mechanism,
    and over all its ablations.
    """
    scores, mains, found = measured(grid, root), main_forms(grid), {}
    for kind in (PLACEMENT, ABLATION):
        for key, rows in forms(grid, kind).items():
            main = mains[key].name
            for (row, _), tested in _tested(scores, [(row.name, main) for row in rows]).items():
                found[row] = main, tested
    return found


def entries(grid: Grid, root: Path = ROOT) -> dict[str, dict[int, Entry]]:
    """Row -> seed -> entry, as `ledger.load` has them; empty for a grid that was never run."""
    return load(grid.name, root) if (root / grid.name).is_dir() else {}


def measured(grid: Grid, root: Path = ROOT) -> Scores:
    """Row -> seed -> what the rows of this grid are compared by."""
    return {
        row: {seed: entry.results[grid.quantity] for seed, entry in runs.items()}
        for row, runs in entries(grid, root).items()
    }


def _tested(scores: Scores, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], Comparison]:
    """Those pairs that share enough seeds, compared; Holm's p over all of them."""
    compared = {
        pair: compare(scores[pair[0]], scores[pair[1]])
        for pair in pairs
        if len(scores.get(pair[0], {}).keys() & scores.get(pair[1], {}).keys()) >= ENOUGH
    }
    return holm(compared)


def _verdict(grid: Grid, row: str, scores: Scores, against: dict[str, Comparison]) -> Verdict:
    if len(against) < len(grid.baselines):
        return Verdict(row, MISSING, _score(scores, row))
    score, plain = _score(scores, row), _score(scores, grid.baselines[0]).mean
    bar = plain + REACHED * (1 - plain)
    better = all(c.shown and c.difference.mean > 0 for c in against.values())
    first = against[grid.baselines[0]]
    worse = first.shown and first.difference.mean < 0
    word = (ANSWERS if score.low >= bar else HELPS) if better else (HARMS if worse else NEITHER)
    return Verdict(row, word, score, sum(v >= bar for v in scores[row].values()), against)


def _score(scores: Scores, row: str) -> Interval | None:
    return interval(list(scores[row].values())) if row in scores else None
