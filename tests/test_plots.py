"""Figures and their text twins hold the same numbers, and what cannot be drawn is refused."""

import copy
import doctest
import io
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
import scipy.stats
import torch
from matplotlib.collections import LineCollection
from matplotlib.image import imread
from torch import nn

from attnlab import plots
from attnlab.plots.look import STROKES

RNG = np.random.default_rng(0)
IMAGE = torch.rand(3, 8, 12, generator=torch.Generator().manual_seed(0))
WEIGHTS = RNG.random((3, 4, 6))
LABELS = np.arange(40) % 4
GATES = {"one": RNG.random((40, 5)), "two": RNG.random((40, 33))}
RUNS = {"plain": RNG.random((5, 9)), "se": RNG.random((3, 6)), "alone": RNG.random(4)}
SIZES = [16, 64, 256]
MEASURED = {"pairs": [1.5e3, 2.0e4, None], "gate": [10, 10, 10]}
PREDICTED = {"pairs": [1000, 16000, 256000], "cross": [0.5, 4.0, 32.5]}


def attention(**changed):
    given = {"image": IMAGE, "weights": WEIGHTS, "query": (5, 2), "titles": ["a", "b", "c"]}
    return plots.attention(**given | changed)


def gates(**changed):
    return plots.gates(**{"stages": GATES, "labels": LABELS, "classes": list("wxyz")} | changed)


def costs(**changed):
    given = {"positions": SIZES, "measured": MEASURED, "predicted": PREDICTED}
    return plots.costs(**given | changed)


EVERY = {
    "attention": attention,
    "attention, own scales": lambda: attention(shared=False),
    "one map": lambda: attention(weights=WEIGHTS[0], query=None, titles=None),
    "gates": gates,
    "curves": lambda: plots.curves(RUNS),
    "costs": costs,
}


# The numbers that are drawn are those of the table.


def test_attention_draws_its_table():
    plot = attention()
    above, below = np.reshape(plot.figure.axes[:6], (2, 3))
    drawn = np.concatenate([ax.images[0].get_array() for ax in below])
    np.testing.assert_array_equal(drawn, [row[2:] for row in plot.table.rows])
    np.testing.assert_array_equal(drawn, WEIGHTS.reshape(12, 6))
    assert plot.table.column("map") == tuple("aaaabbbbcccc")
    for ax in above:
        np.testing.assert_allclose(ax.images[0].get_array(), IMAGE.permute(1, 2, 0))
    assert "row 5, column 2 looks, on an image of 8 x 12 pixels" in plot.table.caption


def test_attention_lays_the_map_and_the_query_over_the_image():
    for ax in attention().figure.axes[:6]:
        assert ax.images[0].get_extent() == [-0.5, 11.5, 7.5, -0.5]
        np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[2, 5]])
    assert not attention(query=None).figure.axes[0].lines


def test_attention_maps_share_a_scale_or_have_their_own():
    def tops(plot):
        return [ax.images[0].get_clim() for ax in plot.figure.axes[3:6]]

    assert tops(attention()) == [(0, WEIGHTS.max())] * 3
    assert tops(attention(shared=False)) == [(0, grid.max()) for grid in WEIGHTS]


def outline(weights, image):
    """The borders drawn over the image, each as a set of two (x, y) corners, in pixels."""
    axes = plots.attention(image, weights).figure.axes[0]
    black, white = (c for c in axes.collections if isinstance(c, LineCollection))
    segments = [frozenset(map(tuple, line.tolist())) for line in white.get_segments()]
    assert len(black.get_segments()) == len(segments) == len(set(segments))
    return set(segments)


def test_the_outline_holds_half_of_the_weight():
    corners = [(3.5, -0.5), (7.5, -0.5), (7.5, 1.5), (3.5, 1.5)]  # the place at row 0, column 1
    around = {frozenset(side) for side in zip(corners, corners[1:] + corners[:1], strict=True)}
    grid = [[0.1, 0.6, 0.1], [0.1, 0.1, 0.0], [0, 0, 0], [0, 0, 0]]
    assert outline(grid, IMAGE) == around
    assert "half of the sum in 1 of 12 places" in plots.attention(IMAGE, grid).table.caption
    assert outline(np.zeros((4, 6)), IMAGE) == set()
    ties = plots.attention(IMAGE, np.full((4, 6), 1 / 24)).table.caption
    assert "largest 0.0417 at 24 places, half of the sum in 24 of 24 places" in ties


def test_gates_draw_their_table_of_means():
    plot = gates(by="cue")
    for ax, (name, values) in zip(plot.figure.axes, GATES.items(), strict=False):
        rows = [row for row in plot.table.rows if row[0] == name]
        np.testing.assert_array_equal(ax.images[0].get_array().T, [row[2:] for row in rows])
        for _, channel, *means in rows:
            by_hand = [np.mean([g for g, k in zip(values[:, channel], LABELS, strict=True)
                                if k == c]) for c in range(4)]  # fmt: skip
            np.testing.assert_allclose(means, by_hand)
        assert sorted(row[1] for row in rows) == list(range(values.shape[1]))
        favourite = [int(np.argmax(row[2:])) for row in rows]
        assert favourite == sorted(favourite)
    assert [t.get_text() for t in plot.figure.axes[0].get_xticklabels()] == [
        str(row[1]) for row in plot.table.rows[:5]
    ]
    assert plot.figure.axes[0].get_xlabel() == "channel, sorted by the cue it opens for"


def test_gates_in_order_and_beyond_one():
    assert gates(in_order=True).table.column("channel")[:5] == (0, 1, 2, 3, 4)
    assert gates().figure.axes[0].images[0].get_clim() == (0, 1)
    double = gates(stages={"one": 4 * GATES["two"]})
    assert double.figure.axes[0].images[0].get_clim()[1] == max(
        max(row[2:]) for row in double.table.rows
    )


def test_curves_draw_their_table_and_its_intervals():
    figure, table = plots.curves(RUNS)
    for line, (name, values) in zip(figure.axes[0].lines, RUNS.items(), strict=True):
        mean = [v for v in table.column(f"{name}, mean") if v is not None]
        np.testing.assert_array_equal(line.get_ydata(), mean)
        np.testing.assert_array_equal(line.get_xdata(), table.column("epoch")[: len(mean)])
        np.testing.assert_allclose(mean, np.atleast_2d(values).mean(0))
    for band, name in zip(figure.axes[0].collections, ["plain", "se"], strict=True):
        values, n = RUNS[name], len(RUNS[name])
        ends = scipy.stats.t.interval(
            0.95, n - 1, values.mean(0), values.std(0, ddof=1) / np.sqrt(n)
        )
        low, high = (table.column(f"{name}, {end}")[: values.shape[1]] for end in ("low", "high"))
        np.testing.assert_allclose([low, high], ends)
        corners = {(x, y) for x, y in band.get_paths()[0].vertices}
        assert corners == {(x + 1, y) for end in (low, high) for x, y in enumerate(end)}
    assert table.columns[-2:] == ("se, high", "alone, mean")  # one seed has no interval
    assert "n = 5" in table.caption
    assert "(one seed)" in table.caption


def test_costs_draw_their_table_on_log_axes():
    figure, table = costs()
    axes = figure.axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert len(axes.lines) == len(table.columns) - 1
    for line in axes.lines:
        column = table.column(line.get_label())
        drawn = [None if np.isnan(y) else y for y in line.get_ydata()]
        assert drawn == list(column)
        assert tuple(line.get_xdata()) == table.column("positions") == tuple(SIZES)
        assert (line.get_linestyle() == "None") == line.get_label().endswith("measured")
    assert table.column("pairs, measured") == (1500, 20000, None)
    colours = {line.get_label(): line.get_color() for line in axes.lines}
    assert colours["pairs, measured"] == colours["pairs, predicted"] != colours["gate, measured"]
    assert "pairs, predicted: 256-fold for 16 times the positions, as N^2.00" in table.caption
    assert "gate, measured: 10 at N = 16 and 256 alike" in table.caption


def test_every_line_has_its_own_stroke():
    lines = plots.curves({str(k): RNG.random((2, 4)) for k in range(6)}).figure.axes[0].lines
    assert [(line.get_color(), line.get_marker()) for line in lines] == [s[::2] for s in STROKES]


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float64])
def test_tensors_are_taken_as_they_come(kind):
    values = torch.rand(4, 6).to(kind).requires_grad_()
    table = plots.attention(IMAGE.to(kind), values).table
    drawn = torch.tensor([row[1:] for row in table.rows], dtype=torch.float64)
    torch.testing.assert_close(drawn, values.detach().double(), rtol=0, atol=0)


# What cannot be drawn is refused in words.

WRONG = {
    "batch of images": (lambda: attention(image=IMAGE[None]), r"got shape \(1, 3, 8, 12\)"),
    "channels last": (lambda: attention(image=IMAGE.permute(1, 2, 0)), r"permute\(2, 0, 1\)"),
    "normalised": (lambda: attention(image=IMAGE * 4 - 2), "undo the normalisation"),
    "logits": (lambda: attention(weights=WEIGHTS - 0.5), "logits.*draw their softmax"),
    "affinity": (lambda: attention(weights=torch.rand(24, 24)), "draw the row of one query"),
    "nine maps": (lambda: attention(weights=np.ones((9, 2, 2))), "at most 8 maps"),
    "query outside": (lambda: attention(query=(8, 0)), r"image \(8, 12\), .* got \(8, 0\)"),
    "query of one": (lambda: attention(query=(8,)), r"pixel \(row, column\).*got \(8,\)"),
    "titles": (lambda: attention(titles=["a"]), r"list of 3, one for each map, got \['a'\]"),
    "title": (lambda: attention(titles="abc"), "list of 3, one for each map, got 'abc'"),
    "no mapping": (lambda: gates(stages=GATES["one"]), "mapping of names.*got a ndarray"),
    "no stage": (lambda: gates(stages={}), "expected 1 to 6 names.*got 0"),
    "gate logits": (lambda: gates(stages={"s": GATES["one"] - 1}), "s: .*not their logits"),
    "gates (B, C, 1, 1)": (lambda: gates(stages={"s": np.ones((40, 5, 1, 1))}), "s: .*images, ch"),
    "labels": (lambda: gates(labels=LABELS[:39]), "each of 39 labels, got 40"),
    "empty class": (lambda: gates(classes=list("vwxyz")), "0 to 4.*name only classes that have"),
    "seven runs": (lambda: plots.curves({k: [1, 2] for k in "abcdefg"}), "1 to 6 .*another"),
    "ragged": (lambda: plots.curves({"se": [[1, 2], [1]]}), "curves: se: .*equal length"),
    "diverged": (lambda: plots.curves({"se": [[1, np.nan]]}), r"got nan at \(0, 1\); leave"),
    "no epoch": (lambda: plots.curves({"se": [[]]}), r"\(seeds, epochs\).*got shape \(1, 0\)"),
    "nothing": (lambda: costs(measured={}, predicted={}), "together: expected 1 to 6 names"),
    "a list": (lambda: costs(measured=[1, 2, 3]), "measured: expected a mapping.*got a list"),
    "by size": (lambda: costs(measured={"a": {16: 1}}), "a, measured: expected a list.*a dict"),
    "too few": (lambda: costs(measured={"a": [1]}), "3 positions, got 1; write None"),
    "zero": (lambda: costs(predicted={"a": [0, 1, 2]}), "a, predicted: .*log axes have no place"),
    "sizes fall": (lambda: costs(positions=[64, 16, 256]), "sizes that rise.*sort them"),
    "column": (lambda: costs().table.column("se"), "no column 'se'; it has positions, pairs"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_drawn_is_refused_in_words(case):
    draw, message = WRONG[case]
    with pytest.raises(ValueError, match=message):
        draw()


# The figures themselves.


@pytest.mark.parametrize("name", EVERY)
def test_figures_are_transparent_whole_and_the_same_each_time(name):
    png = EVERY[name]().figure.png()
    ink = imread(io.BytesIO(png))[..., 3]
    border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    assert border.max() == 0, "something is cut off at the edge"
    assert 0.02 < (ink > 0).mean() < 0.98
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red", "xtick.major.size": 20}):
        assert EVERY[name]().figure.png() == png


def test_the_readers_settings_and_data_are_left_alone():
    before, given = copy.deepcopy(dict(matplotlib.rcParams)), copy.deepcopy([GATES, RUNS, WEIGHTS])
    for draw in EVERY.values():
        draw()
    assert dict(matplotlib.rcParams) == before
    for old, new in zip([*given[0].values(), *given[1].values(), given[2]],
                        [*GATES.values(), *RUNS.values(), WEIGHTS], strict=True):  # fmt: skip
        np.testing.assert_array_equal(old, new)


def test_pyplot_is_not_even_imported():
    code = "import sys; from attnlab import plots; plots.curves({'a': [1, 2]}).figure.png()"
    code += "; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-W", "error", "-c", code]).returncode == 0


def test_a_real_block_can_be_drawn():
    gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 6), nn.Sigmoid())
    plot = plots.gates({"stage 1": gate(IMAGE[None])}, [0], ["all"])
    assert len(plot.table.rows) == 6


def test_the_example_of_the_package_is_true():
    assert doctest.testmod(plots) == (0, 2)
