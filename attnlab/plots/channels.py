"""What gates do: the mean gate of each channel, by class and by stage."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from attnlab.plots.given import named, numbers, within
from attnlab.plots.look import frame, looking, sheet
from attnlab.plots.twin import Plot, Table

MOST_STAGES = 6
_NUMBERED = 32  # so many channel numbers fit under a map


def gates(
    stages: Mapping[str, object], labels: object, classes: Sequence[str], *,
    by: str = "class", in_order: bool = False,
) -> Plot:  # fmt: skip
    """The mean gate of each channel by class: one map of (classes, channels) for each stage.

    stages: name -> gates (images, channels), at least 0; labels (images) count from 0 and index
    `classes`. Channels are sorted by the class that opens them most, or left `in_order`. The scale
    runs from 0 to 1, or to the largest mean where a gate can amplify. `by` names what a class is,
    if it is a cue, say. Raises ValueError with the way out, also for a class without an image.
    """
    named("gates: stages", stages, 1, MOST_STAGES)
    means = {name: _means(name, value, labels, classes) for name, value in stages.items()}
    orders = {name: _order(mean, in_order) for name, mean in means.items()}
    top = max(1.0, *(mean.max() for mean in means.values()))
    with looking():
        height = 0.9 + 0.28 * len(classes)
        figure, axes = sheet(len(means), 1, 7.5, len(means) * height)
        for ax, (name, mean) in zip(axes[:, 0], means.items(), strict=True):
            picture = ax.imshow(mean[:, orders[name]], vmin=0, vmax=top, aspect="auto")
            ax.set(title=name, ylabel=by)
            ax.set_yticks(range(len(classes)), classes)
            _number(ax, orders[name], by)
            frame(ax)
        figure.colorbar(picture, ax=axes.ravel().tolist(), label="mean gate", pad=0.02)
    return Plot(figure, _table(means, orders, classes, by))


def _means(name: str, value: object, labels: object, classes: Sequence[str]) -> np.ndarray:
    """(images, channels), (images) -> means (classes, channels)."""
    values = numbers(f"gates: {name}", value, "(images, channels)")
    within(f"gates: {name}", values, 0, math.inf, "give gates as they multiply, not their logits")
    label = numbers("gates: labels", labels, "(images)")
    if len(label) != len(values):
        raise ValueError(
            f"gates: {name}: expected one row for each of {len(label)} labels, got {len(values)}; "
            f"take gates and labels of the same images"
        )
    if set(label) != set(range(len(classes))):
        raise ValueError(
            f"gates: labels: expected each of 0 to {len(classes) - 1}, as there are "
            f"{len(classes)} classes, got {sorted(f'{k:g}' for k in set(label))}; name only "
            f"classes that have images, and count them from 0"
        )
    return np.stack([values[label == k].mean(0) for k in range(len(classes))])


def _order(mean: np.ndarray, in_order: bool) -> np.ndarray:
    """Channel numbers from left to right: by the class that opens them most, widest first."""
    if in_order:
        return np.arange(mean.shape[1])
    return np.lexsort((-mean.max(0), mean.argmax(0)))


def _number(ax: Axes, order: np.ndarray, by: str) -> None:
    moved = not np.array_equal(order, np.arange(len(order)))
    ax.set_xlabel(f"channel, sorted by the {by} it opens for" if moved else "channel")
    if len(order) <= _NUMBERED:
        ax.set_xticks(range(len(order)), order.tolist(), size=10 if len(order) <= 16 else 7)
    elif moved:
        ax.set_xticks([])  # the n-th column is not channel n; the table says which it is


def _table(
    means: Mapping[str, np.ndarray], orders: Mapping[str, np.ndarray], classes: Sequence[str],
    by: str,
) -> Table:  # fmt: skip
    rows = tuple(
        (name, int(channel), *map(float, mean[:, channel]))
        for name, mean in means.items()
        for channel in orders[name]
    )
    said = "; ".join(_said(name, mean, by) for name, mean in means.items())
    caption = f"Mean gate of each channel, by {by}. {said}."
    return Table(caption, ("stage", "channel", *classes), rows, ".3f")


def _said(name: str, mean: np.ndarray, by: str) -> str:
    """In words, what stands out in one stage."""
    spread = np.ptp(mean, axis=0)
    return (
        f"{name}, {mean.shape[1]} channels: from {mean.min():.2f} to {mean.max():.2f}; from one "
        f"{by} to another at most {spread.max():.2f} apart, in channel {spread.argmax()}"
    )
