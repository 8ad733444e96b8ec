"""Grades an exercise's model answer and its untouched notebook, as if students had handed them in.

A test that refuses the one, or passes the other, is wrong whatever it looks like.
"""

import secrets
from pathlib import Path

from autograder.limits import Limits
from autograder.notebook import template
from autograder.outcome import BY_HAND, TaskResult
from autograder.source import read_source
from autograder.worker import Nursery, Worker


def tried(root: Path, key: str, unsafe: bool = False) -> list[str]:
    """One sentence for each test cell that is wrong. Raises CannotGrade or NoSource."""
    source, plan = read_source(root, key)
    model = {cell.name: cell.text for cell in plan.cells if cell.name in plan.solutions}
    stubs = {cell.metadata.nbgrader["grade_id"]: cell.source for cell in template(source).cells
             if cell.metadata.get("nbgrader", {}).get("solution")}
    nursery = Nursery(root, plan, Limits())
    worker = Worker(nursery, secrets.randbelow(2**62), unsafe)
    try:
        right = worker.grade("the model answer", model).tasks
        untouched = worker.grade("the untouched notebook", stubs).tasks
    finally:
        worker.stop()
        nursery.stop()
    return [*map(_refuses, filter(_lost, right)),
            *(f"{task.name}: gives {task.points:g} of {task.max_points:g} points to the notebook "
              f"as it is handed out" for task in untouched if task.points)]


def _lost(task: TaskResult) -> bool:
    return task.outcome != BY_HAND and task.points < task.max_points


def _refuses(task: TaskResult) -> str:
    why = task.message or f"{task.points:g} of {task.max_points:g} points"
    return f"{task.name}: the model answer does not pass ({task.reason or task.outcome}): {why}"
