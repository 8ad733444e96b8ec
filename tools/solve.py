"""Solves the course as a student would, and has the answers graded.

Usage: python tools/solve.py [KEY ...]    (the root on PYTHONPATH; without a key, every exercise)
For each exercise: the students' notebook gets the answers where it says YOUR CODE HERE, runs from
top to bottom as a student runs it, passes `nbgrader validate`, and gets full marks from the grader;
the notebook as it is handed out gets none, and `nbgrader validate` finds every test failing.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import nbformat
import notebooks
from nbclient import NotebookClient

from autograder.course import Course, write_atomically
from autograder.grade import Run
from autograder.outcome import Result

MARKS = re.compile(r"^\s*### (?:BEGIN|END) SOLUTION\n?", re.M)
SECONDS = 600  # of one cell


class Solved(NamedTuple):
    """What became of one exercise: the run's seconds on the clock and of processor time, points of
    the answers and of the stub, and what validation said of both."""

    key: str
    seconds: float
    processor: float
    points: float
    most: float
    stub: float
    valid: bool
    refused: bool

    @property
    def whole(self) -> bool:
        """Whether everything is as it must be."""
        return self.points == self.most and self.stub == 0 and self.valid and self.refused


def filled(key: str) -> nbformat.NotebookNode:
    """The students' notebook with the answers in its solution cells."""
    notebook = nbformat.read(notebooks.student_path(key), as_version=4)
    answers = {
        cell.id: MARKS.sub("", cell.source)
        for cell in nbformat.read(notebooks.solved_path(key), as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    return notebook


def ran(notebook: nbformat.NotebookNode, folder: Path) -> tuple[float, float]:
    """Runs every cell in place, in a fresh kernel in `folder`; seconds, and processor seconds."""
    start, before = time.monotonic(), _processor()
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=SECONDS, resources=resources).execute()
    return time.monotonic() - start, _processor() - before


def _processor() -> float:
    """Processor seconds of the children that have ended."""
    return sum(os.times()[2:4])


def validated(path: Path) -> bool:
    """Whether `nbgrader validate` finds nothing that fails."""
    patient = f"--Execute.timeout={SECONDS}"  # nbgrader's own 30 s are short for a training
    command = [sys.executable, "-m", "nbgrader", "validate", path.name, patient]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True)
    said = done.stdout + done.stderr
    if "Success!" not in said and "VALIDATION FAILED" not in said:
        raise RuntimeError(f"nbgrader validate {path.name} said neither yes nor no:\n{said}")
    return "Success!" in said


def graded(key: str, folder: Path, handed_in: dict[str, str]) -> dict[str, Result]:
    """The grader's results, by the name of who handed the text in."""
    course = Course(folder=folder / "course")
    for name, text in handed_in.items():
        write_atomically(course.submitted(name, key), text)
    return {result.student: result for result in Run(course, key).grade().results}


def solve(key: str, folder: Path) -> Solved:
    """Solves one exercise in an empty folder."""
    notebook, stub = filled(key), notebooks.student_path(key).read_text("utf8")
    seconds, processor = ran(notebook, folder)
    text = nbformat.writes(notebook)
    (folder / "solved.ipynb").write_text(text, "utf8")
    (folder / "stub.ipynb").write_text(stub, "utf8")
    results = graded(key, folder, {"solver": text, "nobody": stub})
    for task in results["solver"].tasks:
        if task.points < task.max_points:
            print(f"{key}: {task.name}: {task.outcome}: {task.message}")
    return Solved(
        key, seconds, processor, results["solver"].points, results["solver"].max_points,
        results["nobody"].points, validated(folder / "solved.ipynb"),
        not validated(folder / "stub.ipynb"),
    )  # fmt: skip


def main(keys: list[str]) -> int:
    """Prints a line an exercise; the exit status is 1 when one of them is not whole."""
    status = 0
    every = sorted(path.parent.name for path in notebooks.ROOT.glob("exercises/*/*.ipynb"))
    for key in keys or every:
        with tempfile.TemporaryDirectory() as folder:
            one = solve(key, Path(folder))
        status |= not one.whole
        print(
            f"{key:9} ran in {one.seconds:.1f} s ({one.processor:.1f} s of processor time), "
            f"{one.points:g} of {one.most:g} points, the stub {one.stub:g}; nbgrader validate: "
            f"{'yes' if one.valid else 'NO'} to the answers, {'no' if one.refused else 'YES'} to "
            f"the stub"
        )
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
