"""The colours of the figures: grey print, dark pages, and readers who lack one kind of cone.

Lightness and distances are those of CIE L*a*b* (D65); missing cones are simulated as in Machado,
Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
IEEE TVCG 2009, at full severity, on linear sRGB.
"""

import itertools
import re

import matplotlib
import numpy as np
import pytest
from book_pages import BOOK
from matplotlib.colors import to_hex, to_rgb

from attnlab.plots.look import COLOURS, INK, STROKES

SIGHT = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
PAGES = {"white": "#ffffff", "the book's dark page": "#14181f", "dark notebook": "#111111"}
PAGES["paper under the book's figures in the dark"] = "#e6e3dc"
CSS = (BOOK / "_static" / "attn.css").read_text("utf-8")
ROLES = ("channel", "space", "query", "key", "value")
LINES = [stroke.colour for stroke in STROKES]


def linear(colours):
    """(n, 3) sRGB in [0, 1] -> linear light."""
    colours = np.asarray(colours)
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def lab(colours, sight="all cones"):
    """(n, 3) sRGB -> (n, 3) L*, a*, b* as seen with these cones."""
    seen = np.clip(linear(colours) @ np.transpose(SIGHT[sight]), 0, 1)
    t = seen @ XYZ.T / XYZ.sum(1)
    x, y, z = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def contrast(colour, page):
    """The contrast ratio of WCAG 2."""
    dark, light = sorted(linear(to_rgb(c)) @ XYZ[1] for c in (colour, page))
    return (light + 0.05) / (dark + 0.05)


def rising_lightness(name, sight):
    steps = np.diff(lab(matplotlib.colormaps[name](np.linspace(0, 1, 64))[:, :3], sight)[:, 0])
    return steps.min() > 0 and steps.max() < 1.5 * steps.mean()


def least_distance(colours, sight):
    seen = lab([to_rgb(colour) for colour in colours], sight)
    return min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))


@pytest.mark.parametrize("sight", SIGHT)
def test_the_colour_map_only_gets_lighter(sight):
    assert rising_lightness(COLOURS, sight)


@pytest.mark.parametrize("sight", SIGHT)
def test_line_colours_stay_apart(sight):
    assert least_distance(LINES, sight) > 15  # about 2 is just noticeable


@pytest.mark.parametrize("page", PAGES)
def test_lines_and_text_stand_out_on_every_page(page):
    assert min(contrast(colour, PAGES[page]) for colour in [*LINES, INK]) >= 3


def test_text_has_the_contrast_of_print_on_white():
    assert contrast(INK, "white") >= 4.5


def test_in_grey_print_marker_and_dash_tell_lines_apart():
    assert len({stroke.marker for stroke in STROKES}) == len(STROKES)
    assert len({stroke.dash for stroke in STROKES}) == len(STROKES)


def settings(theme):
    """The colours that the style sheet names, on its light or its dark pages."""
    start = ":root {" if theme == "light" else 'html[data-theme="dark"] {'
    block = CSS[CSS.index(start) :].partition("}")[0]
    return dict(re.findall(r"--([\w-]+): (#\w+)", block))


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_colours_of_the_roles_stay_apart(theme, sight):
    given = settings(theme)
    assert least_distance([given[role] for role in ROLES], sight) > 15


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_role_can_be_written_in_its_colour_on_the_page_and_in_a_box(theme):
    given = settings(theme)
    for ground in (given["attn-ground"], given["attn-wash"]):
        assert min(contrast(given[role], ground) for role in (*ROLES, "attn-quiet")) >= 4.5


def test_plots_of_the_book_use_the_same_five_colours():
    cycle = matplotlib.rc_params_from_file(BOOK / "_static" / "book.mplstyle")["axes.prop_cycle"]
    drawn = [to_hex(colour) for colour in cycle.by_key()["color"][:5]]
    assert drawn == [settings("light")[role] for role in ROLES]


def test_these_measures_can_fail():
    assert lab([[1, 1, 1]])[0, 0] == pytest.approx(100, abs=0.01)
    assert contrast("black", "white") == pytest.approx(21)
    assert not rising_lightness("jet", "all cones")
    red_and_green = ["#b4541a", "#6b7a1a"]
    assert least_distance(red_and_green, "all cones") > 40
    assert least_distance(red_and_green, "deuteranopia") < 15
