"""Where attention goes: the weights of one query, over the image and as a map."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.image import AxesImage
from matplotlib.patheffects import withStroke

from attnlab.plots.given import numbers, within
from attnlab.plots.look import bare, looking, sheet
from attnlab.plots.twin import Plot, Table

MOST_MAPS = 8
_SIDE = 2  # inches, of a map
_SHARE = 0.5  # of all weight lies inside the outline


def attention(
    image: object, weights: object, query: Sequence[int] | None = None,
    titles: Sequence[str] | None = None, *, label: str = "weight", shared: bool = True,
) -> Plot:  # fmt: skip
    """Attention maps; in the image above each, the places with half of the weight are outlined.

    image (3, H, W), (1, H, W) or (H, W) in [0, 1]; weights (h, w), or (maps, h, w) for several
    heads or blocks, at least 0 and of no more places than the image has pixels. `query` is the
    (row, column) of the pixel that looks, which a ring marks. The scale runs from 0 to the largest
    weight of all maps, or of each map by itself with shared=False.
    Raises ValueError with the way out for anything else.
    """
    pixels, maps = _image(image), _weights(weights)
    _fits(pixels.shape, maps.shape)
    titles, query = _titles(titles, len(maps)), _query(query, pixels.shape)
    with looking():
        height = 2 * _SIDE * pixels.shape[0] / pixels.shape[1] + 0.8
        figure, axes = sheet(2, len(maps), _SIDE * len(maps) + 0.2, height, layout="compressed")
        for (above, below), grid, title in zip(axes.T, maps, titles, strict=True):
            above.imshow(pixels, cmap="gray", vmin=0, vmax=1)
            _outline(above, grid, pixels.shape)
            above.set_title(title)
            scale = _heat(below, grid, pixels.shape, maps.max() if shared else grid.max())
            for ax in (above, below):
                bare(ax)
                _mark(ax, query)
            if not shared:
                figure.colorbar(scale, ax=below, label=label, location="bottom", pad=0.04)
        if shared:
            under = {"location": "bottom", "pad": 0.02, "aspect": 14 * len(maps)}
            figure.colorbar(scale, ax=axes.ravel().tolist(), label=label, **under)
    return Plot(figure, _table(maps, titles, pixels.shape, query, label))


def _image(image: object) -> np.ndarray:
    """(H, W, 3) or (H, W), as imshow takes it."""
    pixels = numbers("attention: image", image, "(channels, H, W)", "(H, W)")
    if pixels.ndim == 3 and pixels.shape[0] not in (1, 3):
        raise ValueError(
            f"attention: image: expected 1 or 3 channels before the rows, got {pixels.shape}; "
            f"for (H, W, 3) use image.permute(2, 0, 1)"
        )
    within("attention: image", pixels, 0, 1, "undo the normalisation of the data first")
    if pixels.ndim == 2:
        return pixels
    return pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)


def _weights(weights: object) -> np.ndarray:
    maps = numbers("attention: weights", weights, "(h, w)", "(maps, h, w)")
    within("attention: weights", maps, 0, math.inf, "are these logits? draw their softmax")
    maps = maps[None] if maps.ndim == 2 else maps
    if len(maps) > MOST_MAPS:
        raise ValueError(
            f"attention: weights: expected at most {MOST_MAPS} maps side by side, got "
            f"{maps.shape}; choose some"
        )
    return maps


def _titles(titles: Sequence[str] | None, count: int) -> Sequence[str]:
    if titles is None:
        return [""] if count == 1 else [f"map {n}" for n in range(count)]
    if isinstance(titles, str) or len(titles) != count:
        raise ValueError(
            f"attention: titles: expected a list of {count}, one for each map, got {titles!r}"
        )
    return titles


def _query(query: Sequence[int] | None, shape: tuple[int, ...]) -> tuple[int, int] | None:
    if query is None:
        return None
    pixel = tuple(int(i) for i in numbers("attention: query", query, "(row and column)"))
    if len(pixel) != 2 or not (0 <= pixel[0] < shape[0] and 0 <= pixel[1] < shape[1]):
        raise ValueError(
            f"attention: query: expected a pixel (row, column) of the image {shape[:2]}, counted "
            f"from 0, got {pixel}; a place of the map stands for several pixels, choose one"
        )
    return pixel


def _fits(image: tuple[int, ...], maps: tuple[int, ...]) -> None:
    if maps[1] > image[0] or maps[2] > image[1]:
        raise ValueError(
            f"attention: weights: expected a map of no more places than the image has pixels, "
            f"{image[:2]}, got {maps[1:]}; of an affinity (positions, positions) draw the row of "
            f"one query, reshaped to the map"
        )


def _heat(ax: Axes, grid: np.ndarray, shape: tuple[int, ...], top: float) -> AxesImage:
    """One map, stretched so that a place lies under the pixels that it stands for."""
    extent = (-0.5, shape[1] - 0.5, shape[0] - 0.5, -0.5)
    return ax.imshow(grid, extent=extent, vmin=0, vmax=top or 1)


def _outline(ax: Axes, grid: np.ndarray, shape: tuple[int, ...]) -> None:
    """Draw the border between the places that hold most of the weight and the others."""
    inside = np.pad(_heaviest(grid), 1)
    place = np.array([shape[1] / grid.shape[1], shape[0] / grid.shape[0]])  # in pixels
    edges = []
    for step in (np.array([0, 1]), np.array([1, 0])):  # to the neighbour on the right, then below
        row, column = np.nonzero(inside != np.roll(inside, -step, (0, 1)))
        far = np.stack([column, row], 1)  # (x, y) of the border's far end, in places
        edges.append(np.stack([far - step, far], 1) * place - 0.5)
    for colour, width in (("black", 3.4), ("white", 1.6)):  # so that it shows on any image
        lines = LineCollection(np.concatenate(edges), colors=colour, linewidths=width)
        lines.set_capstyle("projecting")
        ax.add_collection(lines, autolim=False)


def _heaviest(grid: np.ndarray) -> np.ndarray:
    """The fewest places, ties with the lightest of them included, that hold half of the weight."""
    falling = np.sort(grid, axis=None)[::-1]
    sums = np.cumsum(falling)
    last = np.searchsorted(sums, _SHARE * sums[-1] * (1 - 1e-9))
    return (grid >= falling[last]) & (grid > 0)


def _mark(ax: Axes, query: tuple[int, int] | None) -> None:
    if query is not None:
        case = [withStroke(linewidth=3.6, foreground="black")]
        ring = {"mfc": "none", "mec": "white", "mew": 1.6, "path_effects": case}
        ax.plot(query[1], query[0], "o", ms=7, **ring)


def _table(
    maps: np.ndarray, titles: Sequence[str], shape: tuple[int, ...],
    query: tuple[int, int] | None, label: str,
) -> Table:  # fmt: skip
    rows = tuple(
        (title, i, *map(float, grid[i]))
        for title, grid in zip(titles, maps, strict=True)
        for i in range(len(grid))
    )
    heads = ("map", "row", *map(str, range(maps.shape[2])))
    if len(maps) == 1:
        heads, rows = heads[1:], tuple(row[1:] for row in rows)
    who = f"Where the pixel at row {query[0]}, column {query[1]} looks" if query else "Attention"
    said = "; ".join(_said(grid, title) for grid, title in zip(maps, titles, strict=True))
    caption = f"{who}, on an image of {shape[0]} x {shape[1]} pixels: {label} by place. {said}."
    return Table(caption, heads, rows, _decimals(maps.max()))


def _said(grid: np.ndarray, title: str) -> str:
    """In words, what stands out in one map."""
    row, column = np.unravel_index(grid.argmax(), grid.shape)
    ties = (grid == grid.max()).sum()
    where = f"at row {row}, column {column}" if ties == 1 else f"at {ties} places"
    return (
        f"{title or 'Map'}, {grid.shape[0]} x {grid.shape[1]} places: largest {grid.max():.3g} "
        f"{where}, half of the sum in {_heaviest(grid).sum()} of {grid.size} places"
    )


def _decimals(largest: float) -> str:
    """A format with three digits for the largest number, and as many decimals for the others."""
    return f".{max(0, 2 - math.floor(math.log10(largest)))}f" if largest > 0 else ".0f"
