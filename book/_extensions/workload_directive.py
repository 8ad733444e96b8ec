"""`{workload}`: what every exercise asks of a student, as its first text announces it."""

import json
import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from attnlab.mechanisms import in_order

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
HEAD = re.compile(r"(\d+) points\b.*?(\d+)\s+minutes", re.S)


def introduction(notebook: dict) -> str:
    """The first text of a notebook; a cell that installs attnlab stands before it."""
    texts = ("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown")
    return next(texts)


def announced(key: str) -> tuple[str, int, int]:
    """(title, points, minutes) of an exercise."""
    text = introduction(json.loads((EXERCISES / key / f"{key}.ipynb").read_text("utf-8")))
    points, minutes = HEAD.search(text).groups()
    return text.splitlines()[0].lstrip("# "), int(points), int(minutes)


def rows() -> list[tuple[str, str, int, int]]:
    """(key, title, points, minutes), mechanisms in the registry's order and the others after."""
    keys = {path.parent.name for path in EXERCISES.glob("*/*.ipynb")}
    return [(key, *announced(key)) for key in in_order(keys)]


class Workload(SphinxDirective):
    """A table of exercises, and their sums."""

    def run(self):
        found = rows()
        sums = ("all", "", sum(points for *_, points, _ in found), sum(m for *_, m in found))
        lines = ["| notebook | about | points | minutes |", "| --- | --- | --- | --- |"]
        lines += [f"| `{key}` | {title} | {points} | {minutes} |"
                  for key, title, points, minutes in found]  # fmt: skip
        lines.append("| **{}** | {} | **{}** | **{}** |".format(*sums))
        box = nodes.container()
        self.state.nested_parse(StringList(lines), self.content_offset, box)
        return box.children


def setup(app):
    app.add_directive("workload", Workload)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
