"""Intervals and paired comparisons over seeds: Student's t, and Holm's step-down over a table.

Student's distribution in closed form for whole degrees of freedom: Abramowitz and Stegun,
"Handbook of Mathematical Functions", 1964, 26.7.3 and 26.7.4. Holm, "A simple sequentially
rejective multiple test procedure", Scandinavian Journal of Statistics, 1979.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean over `n` seeds with its standard deviation and the half-width of its 95 % interval."""

    mean: float
    sd: float
    half: float
    n: int

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return self.mean + self.half


@dataclass(frozen=True)
class Comparison:
    """The paired difference of two rows, its p value, and whether it may be called one."""

    difference: Interval
    p: float
    shown: bool


def inside(t: float, freedom: int) -> float:
    """The share of Student's distribution between -t and t (A&S 26.7.3 if odd, 26.7.4 if even)."""
    angle = math.atan2(t, math.sqrt(freedom))
    cosine, odd = math.cos(angle), freedom % 2
    term, total = (cosine if odd else 1.0), 0.0
    for k in range(2 + odd, freedom + 1, 2):
        total += term
        term *= cosine**2 * (k - 1) / k
    series = math.sin(angle) * total
    return 2 / math.pi * (angle + series) if odd else series


def quantile(share: float, freedom: int) -> float:
    """The t with `share` of Student's distribution between -t and t, by bisection."""
    low, high = 0.0, 1.0
    while inside(high, freedom) < share:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if inside(middle, freedom) < share else (low, middle)
    return (low + high) / 2


def interval(values: Sequence[float]) -> Interval:
    """Mean and t interval; with one value the interval is infinitely wide."""
    n = len(values)
    if n == 0:
        raise ValueError("interval: expected at least one value, got none")
    if n == 1:
        return Interval(values[0], math.nan, math.inf, 1)
    sd = stdev(values)
    return Interval(fmean(values), sd, quantile(LEVEL, n - 1) * sd / math.sqrt(n), n)


def compare(ours: Mapping[int, float], theirs: Mapping[int, float]) -> Comparison:
    """The paired t test of two rows, seed by seed; seeds that only one of them has are left out."""
    seeds = sorted(ours.keys() & theirs.keys())
    if not seeds:
        raise ValueError(
            f"compare: the rows share no seed: {sorted(ours)} against {sorted(theirs)}; "
            f"run both with the same seeds"
        )
    difference = interval([ours[s] - theirs[s] for s in seeds])
    p = _p_value(difference)
    return Comparison(difference, p, p < 1 - LEVEL)


def holm(comparisons: Mapping[str, Comparison]) -> dict[str, Comparison]:
    """The same comparisons with Holm's adjusted p values, and `shown` decided by those."""
    adjusted, worst = {}, 0.0
    for rank, name in enumerate(sorted(comparisons, key=lambda name: comparisons[name].p)):
        old = comparisons[name]
        worst = max(worst, min(1.0, old.p * (len(comparisons) - rank)))
        adjusted[name] = Comparison(old.difference, worst, worst < 1 - LEVEL)
    return {name: adjusted[name] for name in comparisons}


def _p_value(difference: Interval) -> float:
    if difference.n == 1 or difference.mean == 0:
        return 1.0
    if difference.sd == 0:
        return 0.0
    t = abs(difference.mean) * math.sqrt(difference.n) / difference.sd
    return max(0.0, 1 - inside(t, difference.n - 1))
