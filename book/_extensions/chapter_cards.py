"""`{chapters}`: the path through the course, a card for each chapter in the order of `_toc.yml`.

A card shows what its page says of itself: the title, the question in the front matter, and the
minutes of the card at its head (or those of the front matter). The registry says what the chapter's
mechanisms attend to, and the exercise's notebook how many points it has. Parts that are looked up
and not read in order are left out.
"""

import json
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from attnlab.mechanisms import MECHANISMS

ASIDE = ("Reference", "For instructors")
HEAD = re.compile(r"\A---\n(.*?)^---\n", re.M | re.S)
TITLE = re.compile(r"^# (.+)$", re.M)
TIME = re.compile(r"^\| (?:Time|Reading) \| (?:(\d+) minutes|an (hour) to read)", re.M)
NOTEBOOK = re.compile(r"<\.\./(exercises/\w+/\w+\.ipynb)>")
FAMILIES = {  # of the registry: what a card says, and the drawing that stands for it
    "channels": ("channels", "channels"),
    "space": ("channels and places", "space"),
    "pairs": ("pairs of positions", "pairs"),
    "classes": ("pairs of positions", "pairs"),
    "origins": ("places, one after another", "origins"),
}
SIGNS = {
    "channels": "".join(
        f'<rect class="c" x="{4 + 6 * i}" y="{4 + 6 * i}" width="18" height="18" opacity="{o}"/>'
        for i, o in enumerate((0.35, 1, 0.2))
    ),
    "space": "".join(
        f'<rect class="s" x="{4 + 11 * (i % 3)}" y="{4 + 11 * (i // 3)}" width="10" height="10" '
        f'opacity="{1 if i in (4, 5) else 0.25}"/>'
        for i in range(9)
    ),
    "pairs": '<path class="line" d="M9 9 31 14M9 9 28 31M9 9 9 31"/>'
    '<circle class="q" cx="9" cy="9" r="5"/>'
    + "".join(
        f'<rect class="k" x="{x}" y="{y}" width="8" height="8"/>'
        for x, y in ((27, 10), (24, 27), (5, 27))
    ),
    "origins": '<path class="line" d="M3 20Q20 4 37 20Q20 36 3 20Z"/><circle class="s" cx="20" '
    'cy="20" r="6"/>',
    "": '<path class="line" d="M4 10H30M10 20H36M4 30H22"/>'
    + "".join(
        f'<circle class="v" cx="{x}" cy="{y}" r="3.4"/>' for x, y in ((17, 10), (24, 20), (12, 30))
    ),
}


@dataclass(frozen=True)
class Chapter:
    """What a card says of a page."""

    docname: str
    title: str
    question: str
    minutes: int
    points: int | None
    attends: str
    sign: str

    @property
    def facts(self) -> str:
        """In one line: what it attends to, time and points."""
        attends = f"attends to {self.attends}" if self.attends else ""
        points = f"{self.points}\N{NO-BREAK SPACE}points" if self.points else ""
        minutes = f"{self.minutes}\N{NO-BREAK SPACE}min"
        return " · ".join(filter(None, (attends, minutes, points)))


def chapter(root: Path, docname: str) -> Chapter:
    """Read a page; ValueError where it does not say its question or how long it takes."""
    text = (root / f"{docname}.md").read_text("utf-8")
    head = HEAD.match(text)
    own = (head and yaml.safe_load(head[1])) or {}
    time = TIME.search(text)
    minutes = own.get("minutes") or (60 if time and time[2] else time and int(time[1]))
    if "question" not in own or not minutes:
        raise ValueError(
            f"{docname}.md: its card needs `question:` in the front matter, and `minutes:` there "
            f"or in a row `Time` of the table at its head"
        )
    family = next((r.family for r in MECHANISMS.values() if f"book/{r.page}" == docname), None)
    notebook = NOTEBOOK.search(text)
    return Chapter(docname, TITLE.search(text)[1], own["question"], minutes,
                   points(root / notebook[1]) if notebook else None,
                   *FAMILIES.get(family, ("", "")))  # fmt: skip


def points(notebook: Path) -> int:
    """The points of all graded cells of a notebook."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    marks = (cell["metadata"].get("nbgrader", {}) for cell in cells)
    return sum(mark.get("points", 0) for mark in marks if mark.get("grade"))


def path(root: Path) -> list[tuple[str, list[Chapter]]]:
    """The parts of the course, each with its chapters in order."""
    contents = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    return [
        (part["caption"], [chapter(root, entry["file"]) for entry in part["chapters"]])
        for part in contents["parts"]
        if part["caption"] not in ASIDE
    ]


def card(number: int, given: Chapter, address: str) -> str:
    """A chapter as an item of a list; the title is its only link."""
    return (
        f'<li class="card-chapter" data-page="{given.docname}"><svg class="sign" '
        f'aria-hidden="true" viewBox="0 0 40 40">{SIGNS[given.sign]}</svg><div>'
        f'<p class="title"><span>{number}</span> <a href="{address}">{escape(given.title)}</a></p>'
        f"<p>{escape(given.question)}</p>"
        f'<p class="facts">{escape(given.facts)}</p></div></li>'
    )


class Chapters(SphinxDirective):
    """All cards, an ordered list for each part."""

    def run(self):
        root = Path(self.env.srcdir)
        try:
            parts = path(root)
        except ValueError as error:
            raise self.error(f"chapters: {error}") from error
        html, first = [], 1
        for caption, chapters in parts:
            cards = [self.made(n, given, root) for n, given in enumerate(chapters, first)]
            html.append(f'<h3>{escape(caption)}</h3><ol class="cards" start="{first}">'
                        f"{''.join(cards)}</ol>")  # fmt: skip
            first += len(chapters)
        return [nodes.raw("", f'<div class="path">{"".join(html)}</div>', format="html")]

    def made(self, number: int, given: Chapter, root: Path) -> str:
        """One card, made again when its page changes."""
        self.env.note_dependency(str(root / f"{given.docname}.md"))
        uri = self.env.app.builder.get_relative_uri
        return card(number, given, uri(self.env.docname, given.docname))


def setup(app):
    app.add_directive("chapters", Chapters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
