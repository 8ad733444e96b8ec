"""The text twin: one content in plain text, Markdown and HTML, and in a notebook."""

from html.parser import HTMLParser

import pytest
from IPython.core.formatters import DisplayFormatter

from attnlab import plots
from attnlab.plots import Table

ROWS = (("<p>", 65536, 0.25), ("q|", "<i>", None), ("r", 0, 12345.6))
TABLE = Table("Costs & <more>", ("a|<b>", "n", "x"), ROWS)
CELLS = [["a|<b>", "n", "x"], ["<p>", "65,536", "0.25"], ["q|", "<i>", "–"], ["r", "0", "12,346"]]


class Cells(HTMLParser):
    """The text of every cell of an HTML table, row by row."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.scopes, self.image, self.inside = [], [], None, False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        elif tag == "img":
            self.image = dict(attributes)
        self.inside = tag in ("td", "th")
        if tag == "th":
            self.scopes.append(dict(attributes)["scope"])

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, text):
        if self.inside:
            self.rows[-1].append(text)


def test_html_holds_the_cells_and_heads_columns_and_rows():
    page = Cells(TABLE.html())
    assert page.rows == CELLS
    assert page.scopes == ["col"] * 3 + ["row"] * 3
    assert ">Costs &amp; &lt;more&gt;</caption>" in TABLE.html()


def test_markdown_holds_the_cells():
    caption, empty, *lines = TABLE.markdown().replace("\\|", "¦").split("\n")
    rows = [[cell.strip().replace("¦", "|") for cell in line.split("|")[1:-1]] for line in lines]
    assert rows == [CELLS[0], ["---"] * 3, *CELLS[1:]]
    assert (caption, empty) == (TABLE.caption, "")


def test_plain_text_holds_the_cells_in_columns():
    caption, empty, *lines = str(TABLE).split("\n")
    assert [line.split() for line in lines] == CELLS
    assert lines[1] == "<p>    65,536    0.25"
    assert (caption, empty) == (TABLE.caption, "")


def test_columns_are_read_by_name():
    assert TABLE.column("x") == (0.25, None, 12345.6)
    with pytest.raises(ValueError, match=r"no column 'y'; it has a\|<b>, n, x"):
        TABLE.column("y")


@pytest.fixture(scope="module")
def plot():
    return plots.curves({"plain": [[1.5, 0.25], [1.5, 0.75]]}, label="loss")


def test_a_notebook_shows_the_figure_and_folds_the_table_under_it(plot):
    shown, _ = DisplayFormatter().format(plot)
    page = Cells(shown["text/html"])
    assert page.image["alt"] == plot.table.caption
    assert page.image["width"] == "576"  # 6 inches
    assert page.rows == Cells(plot.table.html()).rows
    assert "<details><summary>The same as a table</summary>" in shown["text/html"]
    assert shown["text/plain"] == str(plot) == str(plot.table)
    assert repr(plot) == f"Plot({plot.table.caption!r})"


def test_a_notebook_shows_figure_and_table_apart(plot):
    figure, table = plot
    shown, about = DisplayFormatter().format(figure)
    assert (shown["image/png"], about["image/png"]) == (figure.png(), {"width": 576})
    shown, _ = DisplayFormatter().format(table)
    assert (shown["text/markdown"], shown["text/html"]) == (table.markdown(), table.html())
    assert shown["text/plain"] == table.text()


def test_the_caption_says_what_the_curve_does(plot):
    assert plot.table.caption == (
        "Loss by epoch, mean over seeds and 95 % interval. "
        "plain: from 1.5 to 0.5 (-2.68 to 3.68, n = 2)."
    )
