"""Panels: a panel for each block, its points and its line, and the same numbers as a table."""

import numpy as np
import pytest

from attnlab.plots import panels

SIZES = [16, 64, 256]
MEASURED = {"pairs": [1.5e3, 2.0e4, None], "gate": [10, 10, 10], "cross": [2, 3, 4]}
PREDICTED = {"pairs": [1000, 16000, 256000], "gate": [5, 5, 5], "cross": [0.5, 4.0, 32.5]}


def drawn(**changed):
    given = {"measured": MEASURED, "predicted": PREDICTED, "against": ("rival", [7, 8, 9])}
    return panels(SIZES, **given | changed)


def test_a_panel_shows_points_a_line_and_the_rival():
    axes = [ax for ax in drawn().figure.axes if ax.get_visible()]
    assert [ax.get_title() for ax in axes] == list(MEASURED)
    for ax, name in zip(axes, MEASURED, strict=True):
        rival, line, points = (drawn.get_ydata() for drawn in ax.lines)
        np.testing.assert_array_equal(rival, [7, 8, 9])
        np.testing.assert_array_equal(line, PREDICTED[name])
        np.testing.assert_array_equal(points, np.array(MEASURED[name], dtype=float))
        assert [drawn.get_linestyle() for drawn in ax.lines][2] == "None"


def test_all_panels_have_the_same_axes():
    figure = drawn().figure
    limits = {(ax.get_xlim(), ax.get_ylim()) for ax in figure.axes if ax.get_visible()}
    assert len(limits) == 1


def test_the_table_holds_what_is_drawn():
    table = drawn().table
    assert table.columns == ("block", "", "16", "64", "256")
    assert table.rows[0] == ("rival", "measured", 7, 8, 9)
    assert table.rows[1] == ("pairs", "measured", 1.5e3, 2.0e4, None)
    assert table.rows[2] == ("pairs", "predicted", 1000, 16000, 256000)
    assert len(table.rows) == 1 + 2 * len(MEASURED)
    assert "3 blocks" in table.caption


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"predicted": {"pairs": [1, 2, 3]}}, r"differ in their names: \['cross', 'gate'\]"),
        ({"measured": {}}, "expected 1 to 40 names"),
        ({"against": ("rival", [1, 2])}, "panels: rival, measured: expected one value for each"),
        ({"measured": MEASURED | {"gate": [0, 1, 2]}}, "log axes have no place for 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        drawn(**changed)
