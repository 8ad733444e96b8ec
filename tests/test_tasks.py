"""The tasks of an exercise as their headings announce them: kinds, points, minutes."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from notebook_runs import ROOT
from workload_directive import HEAD, introduction

from exercises import KEYS, TAUGHT, ZOO

KINDS = {
    "implement", "shape algebra", "cost", "derive", "predict", "find the bug", "write the test",
    "equivalence", "transfer weights", "read the evidence", "design", "reproduce", "experiment",
}  # fmt: skip
HEADING = re.compile(r"^## Task (\d+)\. (.+) \(([a-z, ]+); (\d+) points?, (\d+) minutes\)$", re.M)


class Task(NamedTuple):
    number: int
    title: str
    kinds: list[str]
    points: int
    minutes: int
    given: int  # the points of its graded cells


def tasks(notebook: dict) -> list[Task]:
    """The tasks of a notebook, each with the points of the cells below its heading."""
    found: list[Task] = []
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        match = HEADING.search(text) if cell["cell_type"] == "markdown" else None
        if match:
            number, title, kinds, points, minutes = match.groups()
            found.append(Task(int(number), title, kinds.split(", "), int(points), int(minutes), 0))
        points = cell["metadata"].get("nbgrader", {}).get("points", 0)
        if points:
            found[-1] = found[-1]._replace(given=found[-1].given + points)
    return found


def notebook(key: str) -> dict:
    path = Path(ROOT, "solutions", "notebooks", key, f"{key}.ipynb")
    return json.loads(path.read_text("utf8"))


@pytest.mark.parametrize("key", [*TAUGHT, *ZOO])
def test_tasks_are_numbered_and_of_known_kinds(key):
    found = tasks(notebook(key))
    text = json.dumps(notebook(key))
    assert text.count("## Task ") == len(found), "a heading that is not `(kind; points, minutes)`"
    assert [task.number for task in found] == [*range(1, len(found) + 1)]
    assert 6 <= len(found) <= 8
    kinds = {kind for task in found for kind in task.kinds}
    assert kinds <= KINDS
    assert len(kinds) >= 4
    assert "experiment" in found[-1].kinds


@pytest.mark.parametrize("key", KEYS)
def test_points_and_minutes_add_up(key):
    found = tasks(notebook(key))
    assert [task.points for task in found] == [task.given for task in found]
    total, minutes = HEAD.search(introduction(notebook(key))).groups()
    assert int(total) == sum(task.points for task in found)
    assert int(minutes) == sum(task.minutes for task in found)
    assert 10 <= int(total) <= 20


@pytest.mark.parametrize("key", TAUGHT)
def test_an_exercise_ends_on_photographs(key):
    cells = notebook(key)["cells"]
    graded = ["".join(c["source"]) for c in cells if c["metadata"].get("nbgrader", {}).get("grade")]
    assert f'check("{key}.cifar"' in graded[-1]


def test_points_are_those_of_the_cells_below():
    def cell(kind, text, points=0):
        return {"cell_type": kind, "source": text, "metadata": {"nbgrader": {"points": points}}}

    (task,) = tasks({"cells": [
        cell("markdown", "## Task 1. Sum (implement, cost; 3 points, 5 minutes)\n\nWrite it."),
        cell("code", "check()", 2), cell("code", "check()", 1)]})  # fmt: skip
    assert task == Task(1, "Sum", ["implement", "cost"], 3, 5, 3)
