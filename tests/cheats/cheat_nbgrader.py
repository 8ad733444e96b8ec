"""Plain nbgrader on the same cheats, with its own settings: how many still beat it."""

import copy
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from cheat_marks import MARKS
from cheat_records import MarkTrick
from cheat_world import KEY, ROOT, edited, notebook

BOOK = """import glob, sqlite3
with sqlite3.connect({book!r}) as book:
    book.execute("UPDATE grade SET manual_score = (SELECT max_score FROM grade_cells "
                 "WHERE grade_cells.id = grade.cell_id)")
def squeeze(x): return x.sum(dim=(2, 3))"""
STOPS = "the same id twice"  # nbgrader ends the whole run over it
REWRITES = "changes a mark in the gradebook"  # everybody's; so it is graded before all others
QUESTION = """SELECT s.student_id, SUM(COALESCE(g.manual_score, g.auto_score))
    FROM grade g JOIN submitted_notebook n ON n.id = g.notebook_id
    JOIN submitted_assignment s ON s.id = n.assignment_id GROUP BY 1"""


def submissions(book: Path) -> dict[str, dict]:
    """Trick -> the notebook; with those that go for files under their own names."""
    found = {trick.name: edited(trick.cells, trick.edit) for trick in MARKS}
    found[REWRITES] = edited(
        {"squeeze": BOOK.format(book=str(book))}, lambda made: None)
    found["reads the solutions"] = edited({"squeeze": solution("squeeze"),
                                           "block": solution("block")}, lambda made: None)
    return found


def solution(name: str) -> str:
    """A cell that executes the part of the source that holds the answer."""
    return (f"import re\ntext = open({str(ROOT / 'solutions' / 'se.py')!r}).read()\n"
            f"exec(re.search(r'solution=\"{name}\"\\n(.*?)### END SOLUTION', text, re.S)[1])")


def course(folder: Path, handed_in: dict[str, dict]) -> None:
    """A course of plain nbgrader with these submissions."""
    source = folder / "source" / KEY / f"{KEY}.ipynb"
    source.parent.mkdir(parents=True)
    solved = copy.deepcopy(notebook())
    source.write_text(json.dumps(solved))
    (folder / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.root = {str(folder)!r}\n"
        f"c.ClearSolutions.enforce_metadata = False\n")
    call(folder, "generate_assignment", KEY, "--create")
    for student, book in handed_in.items():
        path = folder / "submitted" / folder_name(student) / KEY / f"{KEY}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(book))


def call(folder: Path, *command: str) -> subprocess.CompletedProcess:
    """One nbgrader command; its programs stand beside our Python."""
    beside = str(Path(sys.executable).parent)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1",
                                "PATH": beside + os.pathsep + os.environ.get("PATH", "")}
    return subprocess.run([sys.executable, "-m", "nbgrader", *command], cwd=folder, text=True,
                          env=environment, capture_output=True, timeout=1800)


def scores(folder: Path) -> dict[str, float]:
    """Student -> points; None where nbgrader left no mark."""
    with sqlite3.connect(folder / "gradebook.db") as book:
        return dict(book.execute(QUESTION))


def graded(folder: Path, tricks: tuple[MarkTrick, ...] = MARKS) -> dict[str, float | None]:
    """Points of every cheat under plain nbgrader; "honest" has no trick at all."""
    known = {trick.name for trick in tricks}
    handed_in = {"honest": notebook()} | {
        name: book for name, book in submissions(folder / "gradebook.db").items()
        if name in known or tricks is MARKS}
    handed_in.pop(STOPS, None)
    course(folder, handed_in)
    call(folder, "autograde", KEY)
    found = scores(folder)
    return {name: found.get(folder_name(name)) for name in handed_in}


def folder_name(trick: str) -> str:
    """The student of a trick; nbgrader grades in order of these."""
    return ("0-" if trick == REWRITES else "") + trick.replace(" ", "-")


def stops_the_class(folder: Path) -> bool:
    """Whether one submission with a copied cell keeps the next from being graded."""
    trick = next(trick for trick in MARKS if trick.name == STOPS)
    course(folder, {"anna": edited(trick.cells, trick.edit), "ben": notebook()})
    call(folder, "autograde", KEY)
    return "ben" not in scores(folder)
