"""Runs an exercise's cells in one process, as a student's kernel would, and says what they earn."""

import ast
import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Cell(NamedTuple):
    id: str
    source: str
    tags: tuple[str, ...]
    graded: bool
    solution: bool
    points: int


def read(path: Path) -> list[Cell]:
    """The code cells of a notebook."""
    cells = []
    for cell in json.loads(path.read_text("utf8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        given = cell["metadata"].get("nbgrader", {})
        kinds = given.get("grade", False), given.get("solution", False), given.get("points", 0)
        tags = tuple(cell["metadata"].get("tags", ()))
        cells.append(Cell(cell["id"], "".join(cell["source"]), tags, *kinds))
    return cells


def solved(key: str) -> list[Cell]:
    return read(ROOT / "solutions" / "notebooks" / key / f"{key}.ipynb")


def student(key: str) -> list[Cell]:
    return read(ROOT / "exercises" / key / f"{key}.ipynb")


def bound(source: str) -> list[str]:
    """The names that a cell binds at top level by def or class."""
    return [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef | ast.ClassDef)]


def uses(source: str, name: str) -> bool:
    """Whether a cell reads a name, other than as an attribute of something else."""
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(ast.parse(source)))


def answered(cells: list[Cell], answers: dict[str, str]) -> list[Cell]:
    """The notebook with other text in the solution cells that bind the given names."""
    given = set(answers)
    out = []
    for cell in cells:
        for name in bound(cell.source) if cell.solution else ():
            if name in answers:
                cell = cell._replace(source=answers[name])
                given.discard(name)
        out.append(cell)
    assert not given, f"no solution cell binds {given}"
    return out


def reached(cells: list[Cell], name: str) -> set[str]:
    """The graded cells that can tell what a name is: they use it, or something that uses it."""
    names, before = {name}, 0
    while len(names) > before:
        before = len(names)
        users = [cell for cell in cells if any(uses(cell.source, one) for one in names)]
        names |= {one for cell in users for one in bound(cell.source)}
    return {cell.id for cell in users if cell.graded}


def graded(
    cells: list[Cell], only: str = "", skip: str = "", within: set[str] | None = None,
    **names: object,
) -> dict[str, str]:  # fmt: skip
    """The message of each graded cell, empty where it passes: {grade id: message}.

    only, skip: tags of test cells. within: run no others than these. names: put in place of the
    student's before the tests run.
    """
    space = {"__name__": "__main__"}
    for cell in cells:
        if cell.solution or "setup" in cell.tags:
            _run(cell, space)
    space |= names
    tests = [c for c in cells if c.graded and (not only or only in c.tags) and skip not in c.tags]
    tests = [cell for cell in tests if within is None or cell.id in within]
    return {cell.id: _run(cell, space) for cell in tests}


def _run(cell: Cell, space: dict) -> str:
    try:
        with redirect_stdout(StringIO()):
            exec(compile(cell.source, f"<{cell.id}>", "exec"), space)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
