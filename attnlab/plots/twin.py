"""A figure and its text twin: the same numbers as a table, in Markdown, HTML or plain text."""

import base64
import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from attnlab.plots.look import Picture

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """Rows of text and numbers under named columns; `caption` says in words what they show.

    `rows` hold the numbers exactly; `spec` is how fractions are written. None is "not there".
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    spec: str = ".3g"

    def column(self, name: str) -> tuple[Cell, ...]:
        """The cells of one column, from the top. Raises ValueError for a name it does not have."""
        if name not in self.columns:
            raise ValueError(f"the table has no column {name!r}; it has {', '.join(self.columns)}")
        return tuple(row[self.columns.index(name)] for row in self.rows)

    def text(self) -> str:
        """Plain text: the caption, then columns padded to one width."""
        lines = [self.columns, *self._written()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        padded = [_padded(line, widths) for line in lines]
        return "\n".join([self.caption, "", *padded])

    def markdown(self) -> str:
        """A Markdown table under its caption."""
        lines = [self.columns, ["---"] * len(self.columns), *self._written()]
        piped = ["| " + " | ".join(map(_piped, line)) + " |" for line in lines]
        return "\n".join([self.caption, "", *piped])

    def html(self) -> str:
        """An HTML table whose first column heads its rows."""
        heads = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = "\n".join(
            f'<tr><th scope="row">{html.escape(first)}</th>'
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in rest)
            + "</tr>"
            for first, *rest in self._written()
        )
        caption = f'<caption style="text-align: left">{html.escape(self.caption)}</caption>'
        return (
            f'<table class="table">{caption}\n'
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
        )

    __str__ = text
    _repr_markdown_ = markdown
    _repr_html_ = html

    def _repr_pretty_(self, printer, cycle: bool) -> None:  # called by IPython
        printer.text(str(self))

    def _written(self) -> Iterator[list[str]]:
        for row in self.rows:
            yield [_written(cell, self.spec) for cell in row]


class Plot(NamedTuple):
    """A figure and its text twin: `figure, table = curves(...)`."""

    figure: Picture
    table: Table

    def __repr__(self) -> str:
        return f"Plot({self.table.caption!r})"

    def __str__(self) -> str:
        return str(self.table)

    def _repr_pretty_(self, printer, cycle: bool) -> None:  # called by IPython
        printer.text(str(self))

    def _repr_html_(self) -> str:
        picture = base64.b64encode(self.figure.png()).decode("ascii")
        return (
            f'<img alt="{html.escape(self.table.caption)}" width="{self.figure.width}"'
            f' style="max-width: 100%; height: auto" src="data:image/png;base64,{picture}">\n'
            f"<details><summary>The same as a table</summary>\n"
            f'<div style="overflow-x: auto">{self.table.html()}</div></details>'
        )


def _written(cell: Cell, spec: str) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int) or abs(cell) >= 1000:
        return f"{cell:,.0f}"
    return f"{cell:{spec}}"


def _padded(line: list[str], widths: list[int]) -> str:
    first, *rest = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
    numbers = [cell.strip().rjust(len(cell)) for cell in rest]
    return "  ".join([first, *numbers]).rstrip()


def _piped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
