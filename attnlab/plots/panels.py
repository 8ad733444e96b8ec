"""How the costs of many blocks grow: one small panel for each, all on the same axes."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from attnlab.plots.given import named
from attnlab.plots.lines import Costs, at_positions, sizes
from attnlab.plots.look import INK, STROKES, looking, sheet
from attnlab.plots.twin import Plot, Table

MOST_PANELS, COLUMNS = 40, 4
MEASURED, PREDICTED = STROKES[0], STROKES[1]


def panels(
    positions: Sequence[int], measured: Costs, predicted: Costs, against: tuple[str, Sequence],
    label: str = "seconds",
) -> Plot:  # fmt: skip
    """A panel for each name: costs against N on log axes, points measured and a line predicted.

    measured and predicted: name -> one value above 0 for each of `positions`, or None where there
    is none; the same names in both. `against` is a name and its measured costs, a thin line in
    every panel. Raises ValueError with the way out for anything else.
    """
    named("panels: measured", measured, 1, MOST_PANELS)
    if list(measured) != list(predicted):
        missing = sorted(measured.keys() ^ predicted.keys()) or "in another order"
        raise ValueError(f"panels: measured and predicted differ in their names: {missing}")
    where = sizes("panels", positions)

    def told(kind: str, given: Costs) -> dict[str, np.ndarray]:
        names = given.items()
        return {n: at_positions(f"panels: {n}, {kind}", v, len(where)) for n, v in names}

    ours, forms = told("measured", measured), told("predicted", predicted)
    rival, line = against[0], told("measured", dict([against]))[against[0]]
    with looking():
        rows = -(-len(ours) // COLUMNS)
        figure, axes = sheet(rows, COLUMNS, 7.5, 0.7 + 1.45 * rows)
        for ax, name in zip(axes.flat, ours, strict=False):
            _panel(ax, name, where, (ours[name], forms[name], line))
        _same_scales(axes.flat[: len(ours)])
        for ax in axes.flat[len(ours) :]:
            ax.set_visible(False)
        figure.supxlabel("positions, N = H x W", size=9)
        figure.supylabel(label, size=9)
        figure.legend(handles=_handles(rival), loc="outside upper left", ncols=3, fontsize=9)
    return Plot(figure, _table(where, ours, forms, (rival, line), label))


def _panel(ax: Axes, name: str, where: np.ndarray, costs: tuple[np.ndarray, ...]) -> None:
    ours, forms, line = costs
    ax.set(xscale="log", yscale="log")
    ax.set_title(name, size=8)
    ax.plot(where, line, color=INK, linewidth=1)
    ax.plot(where, forms, color=PREDICTED.colour, linestyle=PREDICTED.dash, linewidth=1.4)
    ax.plot(where, ours, color=MEASURED.colour, marker=MEASURED.marker, linestyle="none", ms=3)
    ax.set_xticks(where[[0, -1]], [f"{n:,.0f}" for n in where[[0, -1]]])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_locator(NullLocator())
    ax.tick_params(labelsize=7)


def _same_scales(axes: Sequence[Axes]) -> None:
    low, high = zip(*(ax.get_ylim() for ax in axes), strict=True)
    for ax in axes:
        ax.set_ylim(min(low), max(high))


def _handles(rival: str) -> list[Line2D]:
    return [
        Line2D([], [], color=MEASURED.colour, marker=MEASURED.marker, linestyle="none", ms=4,
               label="measured"),
        Line2D([], [], color=PREDICTED.colour, linestyle=PREDICTED.dash, label="predicted"),
        Line2D([], [], color=INK, linewidth=1, label=f"{rival}, measured"),
    ]  # fmt: skip


def _table(
    where: np.ndarray, ours: Mapping[str, np.ndarray], forms: Mapping[str, np.ndarray],
    against: tuple[str, np.ndarray], label: str,
) -> Table:  # fmt: skip
    """A row for each name, measured and predicted one below the other."""
    kinds = [(against[0], "measured", against[1])]
    kinds += [(n, kind, v[n]) for n in ours for kind, v in (("measured", ours),
                                                           ("predicted", forms))]  # fmt: skip
    rows = tuple(
        (name, kind, *(None if np.isnan(v) else float(v) for v in values))
        for name, kind, values in kinds
    )
    heads = ("block", "", *(f"{n:,.0f}" for n in where))
    caption = (
        f"{label.capitalize()} against the number of positions N = H x W, of {len(ours)} blocks: "
        f"measured, and predicted from closed forms. A dash stands where a block was too large."
    )
    return Table(caption, heads, rows, ".2g")
