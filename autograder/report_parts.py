"""The pieces of the class's page: tiles, figures, tables, sections and the frame around them."""

import html
from collections.abc import Iterable, Sequence

from autograder.report_style import STYLE

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<header>
<h1>{title}</h1>
<p class="soft">{about}</p>
</header>
{sections}
</main>
</body>
</html>
"""

Cell = str | tuple[str, str]  # HTML, or a class and HTML


def frame(title: str, about: str, sections: Iterable[str]) -> str:
    """The whole page; it stands alone."""
    return PAGE.format(title=escaped(title), about=escaped(about), style=STYLE,
                       sections="\n".join(sections))


def escaped(text: object) -> str:
    """Text as HTML."""
    return html.escape(str(text))


def section(title: str, *parts: str) -> str:
    """A heading and what stands below it, HTML."""
    return f"<section>\n<h2>{escaped(title)}</h2>\n" + "\n".join(parts) + "\n</section>"


def note(text: str) -> str:
    """A paragraph in the softer colour."""
    return f'<p class="soft">{escaped(text)}</p>'


def unseen(text: str) -> str:
    """For those who hear the page."""
    return f'<span class="unseen">{escaped(text)}</span>'


def tiles(values: dict[str, str]) -> str:
    """Words -> a number's HTML, side by side."""
    return '<dl class="tiles">' + "".join(
        f"<div><dt>{word}</dt><dd>{value}</dd></div>" for word, value in values.items()) + "</dl>"


def figure(title: str, picture: str) -> str:
    """A picture under its title."""
    return f'<figure class="card"><figcaption>{escaped(title)}</figcaption>{picture}</figure>'


def side_by_side(*parts: str) -> str:
    """Cards in columns, below each other on a phone."""
    return f'<div class="pair">{"".join(parts)}</div>'


def key(colours: dict[str, str]) -> str:
    """What each colour means: word -> class."""
    items = "".join(f'<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="{colour}" '
                    f'width="10" height="10"/></svg>{word}</li>'
                    for word, colour in colours.items())
    return f'<ul class="key">{items}</ul>'


def folded(title: str, inside: str) -> str:
    """Something to open."""
    return f"<details><summary>{escaped(title)}</summary>{inside}</details>"


def table(name: str, columns: Sequence[Cell], rows: Iterable[Sequence[Cell]],
          kind: str = "plain") -> str:
    """A table named `name`; a column's class holds for its cells, its first cell names a row."""
    classes = [column[0] if isinstance(column, tuple) else "" for column in columns]
    head = "".join(_cell(column, "", 'th scope="col"') for column in columns)
    body = "\n".join(
        "<tr>" + "".join(_cell(cell, given, "td" if place else 'th scope="row"')
                         for place, (cell, given) in enumerate(zip(row, classes, strict=True)))
        + "</tr>" for row in rows)
    return (f'<div class="wide card" role="region" aria-label="{escaped(name)}" tabindex="0">'
            f'<table class="{kind}"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>'
            f"</table></div>")


def _cell(cell: Cell, given: str, tag: str) -> str:
    name, inside = cell if isinstance(cell, tuple) else (given, cell)
    attribute = f' class="{name}"' if name else ""
    return f"<{tag}{attribute}>{inside}</{tag.partition(' ')[0]}>"
