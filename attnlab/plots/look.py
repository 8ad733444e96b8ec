"""One look for all figures: it must survive dark pages, grey print and colour blindness.

Text and axes are the lightest grey with a contrast of 4.5 on white, which leaves 3.9 on the book's
dark page. Line colours have a contrast of 3 on both and stay apart for readers without one kind
of cone; lines also differ in dash and marker, because six colours of one contrast cannot differ in
grey. Maps are drawn in cividis (Nunez, Anderton and Renslow, 2018), whose lightness only rises.
"""

import io
from contextlib import AbstractContextManager
from typing import NamedTuple

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = "cividis"
INK = "#767676"
DPI = 144
_LOOK = {
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10,
    "figure.dpi": DPI,
    "figure.facecolor": "none",
    "font.size": 10,
    "image.cmap": COLOURS,
    "image.interpolation": "nearest",
    "legend.frameon": False,
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


class Stroke(NamedTuple):
    """How one line of a figure differs from the others."""

    colour: str
    dash: str | tuple[int, tuple[int, ...]]
    marker: str


STROKES = (
    Stroke("#0084d8", "-", "o"),
    Stroke("#b43c0c", (0, (5, 2)), "s"),
    Stroke("#24903c", (0, (1, 1)), "^"),
    Stroke("#78549c", (0, (6, 2, 1, 2)), "D"),
    Stroke("#787890", (0, (3, 1)), "v"),
    Stroke("#487860", (0, (8, 2, 1, 2, 1, 2)), "P"),
)


def looking() -> AbstractContextManager:
    """matplotlib's settings are the course's inside `with looking():`, and the reader's after."""
    return matplotlib.style.context(_LOOK, after_reset=True)


class Picture(Figure):
    """A figure that pyplot does not know of, and that a notebook shows all the same."""

    @property
    def width(self) -> int:
        """How wide a page should show it, in CSS pixels, for text of the size of the page's."""
        return round(96 * self.get_size_inches()[0])

    def png(self, dpi: int = DPI) -> bytes:
        """The figure as a PNG file on a transparent ground."""
        buffer = io.BytesIO()
        with looking():
            self.savefig(buffer, format="png", dpi=dpi)
        return buffer.getvalue()

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:  # called by IPython
        return self.png(), {"width": self.width}


def sheet(
    rows: int, columns: int, width: float, height: float, layout: str = "constrained"
) -> tuple[Picture, np.ndarray]:
    """A figure of so many inches, and its axes (rows, columns)."""
    figure = Picture(figsize=(width, height), layout=layout)
    return figure, figure.subplots(rows, columns, squeeze=False)


def frame(axes: Axes) -> None:
    """A thin frame, which closes the dark corners of a map on a dark page."""
    axes.spines[:].set(visible=True, linewidth=0.8)


def bare(axes: Axes) -> None:
    """For pictures: a frame and no ticks."""
    axes.set(xticks=[], yticks=[])
    frame(axes)
