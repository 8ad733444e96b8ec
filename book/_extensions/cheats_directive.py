"""`{cheats}`: the cheats of the test suite, by wall, and `{cheats} open`: those that remain.

Made from book/cheats.json, which tests/cheats/cheat_table.py writes from the suite's own records.
"""

import json
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

PATH = Path(__file__).resolve().parents[1] / "cheats.json"
HEADER = ["cheat", "what it does", "aims at", "plain nbgrader"]


def by_wall(table: dict) -> list[str]:
    """A section for each wall with the cheats that it stops first."""
    out = []
    for wall, words in table["walls"].items():
        stopped = [cheat for cheat in table["cheats"] if cheat["walls"][0] == wall]
        others = [cheat for cheat in table["cheats"] if wall in cheat["walls"][1:]]
        if stopped or others:
            more = f" It also stops: {', '.join(cheat['name'] for cheat in others)}."
            out += [f"**{wall.capitalize()}**: {words}.{more if others else ''}", "",
                    *markdown([HEADER, *(row(table, cheat) for cheat in stopped)]), ""]
    return out


def row(table: dict, cheat: dict) -> list[str]:
    return [cheat["name"], cheat["trick"], cheat["target"], marks(table, cheat["name"])]


def marks(table: dict, name: str) -> str:
    """What plain nbgrader gave, where it was asked."""
    points = table["nbgrader"].get("points", {})
    if name not in points:
        return ""
    return "no result" if points[name] is None else f"{points[name]:g} of {table['most']:g}"


def markdown(rows: list[list[str]]) -> list[str]:
    """A table; nothing where it has a header alone."""
    header, *body = rows
    lines = [f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *body)]
    return lines if body else []


def summary(table: dict) -> str:
    plain, first = table["nbgrader"], sum(bool(cheat["row"]) for cheat in table["cheats"])
    beaten = sum((points or 0) > table["honest"] for points in plain["points"].values())
    stopped = " One more ends its run over the whole class." if plain["stops"] else ""
    return (f"{len(table['cheats'])} cheats: {first} notebooks that plain nbgrader was tried with "
            f"first, and {len(table['cheats']) - first} aimed at this design. "
            f"The notebook they start from has {table['honest']:g} of {table['most']:g} points; "
            f"nbgrader {plain['version']}, as it comes, gives more to {beaten} of "
            f"{len(plain['points']) - 1} that it was tried with, and this grader to none.{stopped}")


def remaining(table: dict) -> list[str]:
    return [f"- **{cheat['name'].capitalize()}** ({cheat['target']}): {cheat['trick']}."
            for cheat in table["open"]]


class Cheats(SphinxDirective):
    """Tables by wall, or with the argument `open` the list of what works today."""

    optional_arguments = 1

    def run(self):
        self.env.note_dependency(str(PATH))
        table = json.loads(PATH.read_text("utf-8"))
        lines = remaining(table) if self.arguments else [summary(table), "", *by_wall(table)]
        box = nodes.container(classes=["cheats"])
        self.state.nested_parse(StringList(lines), self.content_offset, box)
        return [box]


def setup(app):
    app.add_directive("cheats", Cheats)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
