"""`{lost-points}`: for every exercise, which graded cells each named mistake loses.

Made from book/lost/<key>.json, which tools/lost_points.py writes, and, for the cells that train,
from book/floors/<key>.json.
"""

import json
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from attnlab.mechanisms import MECHANISMS, in_order

BOOK = Path(__file__).resolve().parents[1]
Found = dict[str, dict]


def read(folder: str, key: str) -> Found:
    """The stored table of a mechanism, empty where there is none."""
    path = BOOK / folder / f"{key}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def loses(cell: str, about: dict, task: str, label: str, lost: list[str], floors: Found) -> bool:
    """Whether a notebook with this mistake loses the points of this cell."""
    if "trains" not in about:
        return cell in lost
    verdicts = floors.get(about["trains"], {}).get(label, {}).get("verdicts", [])
    return about["block"] == task and any(verdict != "agrees" for verdict in verdicts)


def exercises() -> list[str]:
    """The exercises that have a table, in the course's order."""
    return in_order({path.stem for path in (BOOK / "lost").glob("*.json")})


def rows(key: str) -> list[list[str]]:
    """A header, then a row for each form of each mistake: its name, its task, points by cell."""
    table, floors = read("lost", key), read("floors", key)
    cells = table["cells"]
    shown = [[*("mistake", "in"), *(str(n + 1) for n in range(len(cells))), "lost"]]
    for task, mistakes in table["lost"].items():
        for label, lost in mistakes.items():
            points = [about["points"] if loses(cell, about, task, label, lost, floors) else 0
                      for cell, about in cells.items()]
            marks = [f"{p:g}" if p else "" for p in points]
            shown.append([label.replace("#", ", form "), task, *marks, f"{sum(points):g}"])
    return shown


def legend(key: str) -> str:
    """The cells by number, with their points."""
    cells = read("lost", key)["cells"].items()
    names = [f"{n} {cell.removeprefix(f'{key}-').removesuffix('-test')} ({about['points']:g})"
             for n, (cell, about) in enumerate(cells, 1)]
    return f"Graded cells: {', '.join(names)}."


class LostPoints(SphinxDirective):
    """A section for each exercise of a mechanism: legend and table."""

    def lines(self) -> list[str]:
        out = []
        for key in exercises():
            header, *body = rows(key)
            title = MECHANISMS[key].title if key in MECHANISMS else key.capitalize()
            lines = [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *body)]
            out += [f"**{title}**", "", legend(key), "", *lines, ""]
        return out

    def run(self):
        box = nodes.container(classes=["lost-points"])
        self.state.nested_parse(StringList(self.lines()), self.content_offset, box)
        return [box]


def setup(app):
    app.add_directive("lost-points", LostPoints)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
