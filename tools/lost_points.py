"""Which points each named mistake loses, found by grading a notebook that makes it.

Usage: python tools/lost_points.py [KEY ...]    (the root on PYTHONPATH; without a key, all of them)
Writes book/lost/<key>.json, from which book/instructors/mistakes.md is made. Tests grade the same
notebooks and compare. Cells that train are not run here: book/floors/ says what becomes of them.
"""

import json
import re
import sys
from importlib import import_module
from pathlib import Path

import known_answers
from notebook_runs import ROOT, Cell, answered, graded, reached, solved

from attnlab.check import use_cases
from attnlab.check.cases import labelled, make_cases
from attnlab.check.cells import as_cell

SEED = 41
CHECK = re.compile(r'check\("[\w-]+\.(\w+)"')


def lost_to(key: str, student: str, build: object, cases: dict) -> dict[str, str]:
    """The messages of the graded cells that a mistake can reach, those that train left out."""
    cells = answered(solved(key), {student: as_cell(build, student)})
    with use_cases(lambda _: cases):
        return graded(cells, skip="trains", within=reached(solved(key), student))


def names_of(messages: dict[str, str]) -> list[str]:
    """The cells that did not pass."""
    return [name for name, message in messages.items() if message]


def table(key: str) -> dict:
    """cells: graded cell -> points, and its check where it trains. lost: task -> label -> cells."""
    tasks = import_module(f"solutions.mistakes.{key}").TASKS
    cases = make_cases(tasks, SEED)
    lost = {
        name: {
            label: names_of(lost_to(key, task.reference.__name__, build, cases))
            for label, build in labelled(task.mistakes)
        }
        for name, task in tasks.items()
        if task.mistakes
    }
    cells = {cell.id: _about(cell, tasks) for cell in solved(key) if cell.graded}
    return {"cells": cells, "lost": lost}


def _about(cell: Cell, tasks: dict) -> dict:
    """Points; of a cell that trains its check too, and the task whose block is trained."""
    if "trains" not in cell.tags:
        return {"points": cell.points}
    name = CHECK.search(cell.source)[1]
    return {"points": cell.points, "trains": name, "block": tasks[name].block}


def path_of(key: str) -> Path:
    """Where the table of a mechanism is kept."""
    return ROOT / "book" / "lost" / f"{key}.json"


def stored(key: str) -> dict:
    """The table that the book shows."""
    path = path_of(key)
    return json.loads(path.read_text("utf8")) if path.is_file() else {"cells": {}, "lost": {}}


def main(keys: list[str]) -> None:
    """Writes the tables."""
    for key in keys or known_answers.keys():
        path_of(key).parent.mkdir(exist_ok=True)
        text = json.dumps(table(key), indent=1, ensure_ascii=False)
        path_of(key).write_text(text + "\n", "utf8")
        print(f"wrote {path_of(key).relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
