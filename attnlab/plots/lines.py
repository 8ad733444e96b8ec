"""How training went, and how costs grow."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from attnlab.plots.given import named, numbers, within
from attnlab.plots.look import STROKES, Stroke, looking, sheet
from attnlab.plots.twin import Plot, Table
from attnlab.statistics import Interval, interval

Costs = Mapping[str, Sequence[float | None]]
_LEGEND = {
    "loc": "outside upper left", "ncols": 2, "fontsize": 9, "title_fontsize": 9,
    "alignment": "left", "handlelength": 3.5,
}  # fmt: skip


def curves(runs: Mapping[str, object], label: str = "loss") -> Plot:
    """Learning curves: the mean over seeds at each epoch, in its 95 % t interval.

    runs: name -> (seeds, epochs), for example `[fit.curve for fit in fits]`; (epochs) is one seed,
    which is drawn without an interval, as it has none. At most 6 names; they may differ in length.
    Raises ValueError with the way out for anything else.
    """
    named("curves: runs", runs, 1, len(STROKES))
    summaries = {name: _epochs(name, value) for name, value in runs.items()}
    with looking():
        figure, axes = sheet(1, 1, 6, 3.4)
        ax = axes[0, 0]
        for (name, epochs), stroke in zip(summaries.items(), STROKES, strict=False):
            _curve(ax, name, epochs, stroke)
        ax.set(xlabel="epoch", ylabel=label)
        ax.xaxis.get_major_locator().set_params(integer=True)
        figure.legend(**_LEGEND)
    return Plot(figure, _curves_table(summaries, label))


def costs(
    positions: Sequence[int], measured: Costs, predicted: Costs | None = None,
    label: str = "multiply-adds",
) -> Plot:  # fmt: skip
    """Costs against the number of positions N, on log axes: points measured, lines predicted.

    measured and predicted: name -> one value above 0 for each of `positions`, or None where there
    is none (out of memory, say). A name in both has one colour. At most 6 names.
    Raises ValueError with the way out for anything else.
    """
    kinds = {"measured": measured, "predicted": {} if predicted is None else predicted}
    where, names = sizes("costs", positions), _names(kinds)
    values = {
        (name, kind): at_positions(f"costs: {name}, {kind}", kinds[kind][name], len(where))
        for name in names
        for kind in kinds
        if name in kinds[kind]
    }
    with looking():
        figure, axes = sheet(1, 1, 6, 3.6)
        ax = axes[0, 0]
        ax.set(xscale="log", yscale="log", xlabel="positions, N = H x W", ylabel=label)
        for (name, kind), value in values.items():
            style = _style(STROKES[names.index(name)], kind)
            ax.plot(where, value, label=f"{name}, {kind}", **style)
        ax.set_xticks(where, [f"{n:,.0f}" for n in where])
        ax.xaxis.set_minor_locator(NullLocator())
        figure.legend(handles=_handles(names, kinds), title=_title(kinds), **_LEGEND)
    return Plot(figure, _costs_table(where, values, label))


def _epochs(name: str, value: object) -> list[Interval]:
    seeds = np.atleast_2d(numbers(f"curves: {name}", value, "(seeds, epochs)", "(epochs)"))
    return [interval(column.tolist()) for column in seeds.T]


def _curve(ax: Axes, name: str, epochs: list[Interval], stroke: Stroke) -> None:
    x = np.arange(1, len(epochs) + 1)
    n = epochs[0].n
    ax.plot(
        x, [e.mean for e in epochs], color=stroke.colour, linestyle=stroke.dash,
        marker=stroke.marker, markevery=max(1, len(x) // 8),
        label=f"{name} ({n} seed{'s' if n > 1 else ''})",
    )  # fmt: skip
    if n > 1:
        low, high = [e.low for e in epochs], [e.high for e in epochs]
        ax.fill_between(x, low, high, color=stroke.colour, alpha=0.25, linewidth=0)


def _curves_table(summaries: Mapping[str, list[Interval]], label: str) -> Table:
    heads, columns, said = ["epoch"], [], []
    longest = max(map(len, summaries.values()))
    for name, epochs in summaries.items():
        filled = [*epochs, *[None] * (longest - len(epochs))]
        parts = ("mean", "low", "high") if epochs[0].n > 1 else ("mean",)
        for part in parts:
            heads.append(f"{name}, {part}")
            columns.append([e and float(getattr(e, part)) for e in filled])
        said.append(_ends(name, epochs))
    rows = tuple(zip(range(1, longest + 1), *columns, strict=True))
    caption = f"{label.capitalize()} by epoch, mean over seeds and 95 % interval. "
    return Table(caption + "; ".join(said) + ".", tuple(heads), rows, ".3f")


def _ends(name: str, epochs: list[Interval]) -> str:
    last, n = epochs[-1], epochs[0].n
    close = f" ({last.low:.3g} to {last.high:.3g}, n = {n})" if n > 1 else " (one seed)"
    return f"{name}: from {epochs[0].mean:.3g} to {last.mean:.3g}{close}"


def sizes(plot: str, positions: Sequence[int]) -> np.ndarray:
    """The positions of a plot's maps, which must rise."""
    where = numbers(f"{plot}: positions", positions, "(sizes)")
    within(f"{plot}: positions", where, 1, np.inf, "a map has at least one position")
    if (np.diff(where) <= 0).any():
        raise ValueError(f"{plot}: positions: expected sizes that rise, got {positions}; sort them")
    return where


def at_positions(name: str, value: Sequence[float | None], count: int) -> np.ndarray:
    """(count) numbers above 0, with NaN where there is none."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise ValueError(
            f"{name}: expected a list of one value for each position, got a {type(value).__name__}"
        )
    given = list(value)
    if len(given) != count:
        raise ValueError(
            f"{name}: expected one value for each of {count} positions, got {len(given)}; write "
            f"None where there is none"
        )
    known = numbers(name, [v for v in given if v is not None], "(sizes)")
    within(name, known, np.nextafter(0, 1), np.inf, "log axes have no place for 0 or less")
    return np.array([np.nan if v is None else v for v in given], dtype=float)


def _names(kinds: Mapping[str, Costs]) -> list[str]:
    for kind, values in kinds.items():
        named(f"costs: {kind}", values, 0, len(STROKES))
    names = list(dict.fromkeys(name for values in kinds.values() for name in values))
    named("costs: measured and predicted together", dict.fromkeys(names), 1, len(STROKES))
    return names


def _style(stroke: Stroke, kind: str) -> dict:
    if kind == "measured":
        return {"color": stroke.colour, "marker": stroke.marker, "linestyle": "none"}
    return {"color": stroke.colour, "marker": "none", "linestyle": stroke.dash}


def _handles(names: list[str], kinds: Mapping[str, Costs]) -> list[Line2D]:
    """One entry of the legend for each name: its point on its line, where it has both."""
    handles = []
    for name, stroke in zip(names, STROKES, strict=False):
        marker = stroke.marker if name in kinds["measured"] else "none"
        dash = stroke.dash if name in kinds["predicted"] else "none"
        look = {"color": stroke.colour, "marker": marker, "linestyle": dash}
        handles.append(Line2D([], [], label=name, **look))
    return handles


def _title(kinds: Mapping[str, Costs]) -> str:
    marks = {"measured": "points measured", "predicted": "lines predicted"}
    return ", ".join(text for kind, text in marks.items() if kinds[kind])


def _costs_table(where: np.ndarray, values: Mapping[tuple, np.ndarray], label: str) -> Table:
    columns = [[None if np.isnan(v) else _plain(v) for v in value] for value in values.values()]
    heads = ("positions", *(f"{name}, {kind}" for name, kind in values))
    rows = tuple(zip(map(_plain, where), *columns, strict=True))
    said = "; ".join(f"{name}, {kind}: {_growth(where, v)}" for (name, kind), v in values.items())
    caption = f"{label.capitalize()} against the number of positions N = H x W. {said}."
    return Table(caption, heads, rows)


def _growth(where: np.ndarray, value: np.ndarray) -> str:
    """How a cost grows from its first to its last known size."""
    known = np.flatnonzero(~np.isnan(value))
    first, last = known[0], known[-1]
    if value[first] == value[last]:
        return f"{_short(value[first])} at N = {where[first]:,.0f} and {where[last]:,.0f} alike"
    times, wider = value[last] / value[first], where[last] / where[first]
    power = np.log(times) / np.log(wider)
    return f"{_short(times)}-fold for {_short(wider)} times the positions, as N^{power:.2f}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _plain(value: float) -> int | float:
    """Whole numbers as such, so that they are written out."""
    return int(value) if value.is_integer() else float(value)
