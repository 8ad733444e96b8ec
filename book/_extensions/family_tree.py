"""The family tree of the registry: a picture in SVG, and its twin, a nested list of links.

Every mechanism stands on a line of its own under its first parent, indented once more. A dashed
line leads from a second parent along the left margin. The picture is drawn twice, wide for a desk
and narrow for a phone; the style sheet shows one of them.
"""

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from attnlab.mechanisms import MECHANISMS, Mechanism, mechanism

MARKS = {  # a shape and a colour for each family, so that neither is needed alone
    "channels": ("M-6,-6H6V6H-6Z", "var(--channel)"),
    "space": ("M0,-7.5L7.5,5.5H-7.5Z", "var(--space)"),
    "pairs": ("M0,-8L8,0L0,8L-8,0Z", "var(--query)"),
    "classes": ("M-7,-5H7L4,6H-4Z", "var(--key)"),
    "origins": ("M-6,0A6,6 0 1 0 6,0A6,6 0 1 0 -6,0Z", "var(--attn-quiet)"),
}


BOLD, PLAIN = 8.3, 6.3  # the width of a letter on average, in a font as wide as any
LINE = 17
MARGIN = 44  # for the dashed lines


@dataclass(frozen=True)
class Sizes:
    """Of a drawing, in its own units: as wide as the page would show it."""

    width: int
    indent: int
    change_x: int | None  # where the changes stand in one column; None: under the name


WIDE, NARROW = Sizes(920, 24, 480), Sizes(358, 15, None)


@dataclass(frozen=True)
class Lines:
    """One mechanism as lines of text: its name with its year, and its changes."""

    left: int
    name: list[str]
    changes: list[str]
    beside: bool

    @property
    def height(self) -> int:
        """With the space below."""
        heights = len(self.name), len(self.changes)
        return 11 + LINE * (max(heights) if self.beside else sum(heights))


def set_lines(depth: int, record: Mechanism, sizes: Sizes) -> Lines:
    """The texts of a mechanism, broken where the drawing or the next column would be reached."""
    left = MARGIN + depth * sizes.indent + 14
    name = textwrap.wrap(
        f"{record.title} {record.paper.year}", int(((sizes.change_x or sizes.width) - left) / BOLD)
    )
    room = int((sizes.width - (sizes.change_x or left)) / PLAIN)
    said = [line for text in changes(record) for line in textwrap.wrap(text, room)]
    return Lines(left, name, said, sizes.change_x is not None)


def ordered() -> list[tuple[int, Mechanism]]:
    """Every mechanism once, with its depth: each under its first parent, the oldest first."""
    found: list[tuple[int, Mechanism]] = []

    def add(record: Mechanism, depth: int) -> None:
        found.append((depth, record))
        for child in children(record.key):
            add(child, depth + 1)

    for root in children(None):
        add(root, 0)
    return found


def children(key: str | None) -> list[Mechanism]:
    """Whose first parent is this one; with None, those that descend from nobody."""

    def first(record: Mechanism) -> str | None:
        return record.descends_from[0].parent if record.descends_from else None

    return sorted((r for r in MECHANISMS.values() if first(r) == key), key=lambda r: r.paper.year)


def changes(record: Mechanism) -> list[str]:
    """What was changed; a second parent is named."""
    return [
        text.change if number == 0 else f"and from {mechanism(text.parent).title}: {text.change}"
        for number, text in enumerate(record.descends_from)
    ]


def drawing(narrow: bool) -> str:
    """The SVG of the tree."""
    sizes, places, y, body = NARROW if narrow else WIDE, {}, 14, []
    for depth, record in ordered():
        lines = set_lines(depth, record, sizes)
        places[record.key] = (lines.left - 14, y)
        body += [*_words(lines.name, lines.left, y + 5, "name")]
        below = (lines.left, y + 5 + LINE * len(lines.name))
        body += [*_words(lines.changes, *((sizes.change_x, y + 5) if lines.beside else below), "")]
        y += lines.height
    links = [_first(places, record) for record in MECHANISMS.values()]
    seconds = [(r.key, d.parent) for r in MECHANISMS.values() for d in r.descends_from[1:]]
    links += [_second(places, *pair, 5 + 9 * lane) for lane, pair in enumerate(seconds)]
    marks = [_mark(record, *places[record.key]) for record in MECHANISMS.values()]
    label = (
        f"Family tree of {len(MECHANISMS)} mechanisms, each under the one it descends from, with "
        f"the change that made it. The list below the picture says the same."
    )
    return (
        f'<svg class="family-tree {"narrow" if narrow else "wide"}" role="img" '
        f'viewBox="0 0 {sizes.width} {y}" aria-label="{escape(label)}">'
        + "".join([*links, *marks, *body]) + "</svg>"
    )  # fmt: skip


def _words(lines: list[str], x: int, y: int, kind: str) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f'<text x="{x}" y="{y + LINE * number}" class="{kind}">{escape(line)} </text>'


def _mark(record: Mechanism, x: int, y: int) -> str:
    path, colour = MARKS[record.family]
    return f'<path transform="translate({x},{y})" d="{path}" style="fill: {colour}"/>'


Places = dict[str, tuple[int, int]]


def _first(places: Places, record: Mechanism) -> str:
    """From the first parent down and across."""
    if not record.descends_from:
        return ""
    (px, py), (x, y) = places[record.descends_from[0].parent], places[record.key]
    return f'<path class="line" d="M{px},{py}V{y}H{x}"/>'


def _second(places: Places, key: str, parent: str, lane: int) -> str:
    """From another parent, along a lane of the left margin."""
    (px, py), (x, y) = places[parent], places[key]
    return f'<path class="line second" d="M{px},{py}H{lane}V{y}H{x}"/>'


def twin(linked: Callable[[Mechanism], str]) -> list[str]:
    """The lines of a nested list; `linked(record)` is its title as a link."""
    lines = []
    for depth, record in ordered():
        said = "; ".join(changes(record))
        name = f"**{linked(record)}** ({record.paper.year}, {record.family})"
        lines.append(f"{'  ' * depth}- {name}{': ' if said else ''}{said}")
    return [":::{dropdown} The same as a list", *lines, ":::"]


def legend() -> str:
    """The shapes of the families in a row."""
    shapes = [
        f'<span><svg viewBox="-9 -9 18 18" aria-hidden="true"><path d="{path}" '
        f'style="fill: {colour}"/></svg> {family}</span>'
        for family, (path, colour) in MARKS.items()
    ]
    return f'<p class="family-legend">{"".join(shapes)}</p>'
