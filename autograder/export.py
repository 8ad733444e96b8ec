"""A class's marks in the forms that other programs import.

canvas      Instructure, lib/gradebook_importer.rb: Student, ID, SIS User ID, SIS Login ID,
            Section, assignments; a row "Points Possible" below the head
moodle      grade/import/csv: any head, matched by hand; one user that is unknown stops the import
spreadsheet one row a student with every task, for a spreadsheet
gradescope  https://gradescope-autograders.readthedocs.io, results.json, one a student
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import quote

from autograder.class_marks import STUCK, ClassMarks, StudentMarks, TaskMark
from autograder.class_statistics import label
from autograder.course import write_atomically
from autograder.outcome import FAILED, PASSED
from autograder.spreadsheet import harmless, sheet, shown

MARK_OF_ORDER = "\N{ZERO WIDTH NO-BREAK SPACE}"  # tells Excel that the file is UTF-8


def canvas(marks: ClassMarks, column: str) -> str:
    """CSV for Canvas. Who handed in nothing has an empty mark."""
    rows: list[list] = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column],
                        ["    Points Possible", "", "", "", "", marks.max_points]]
    for student in marks.students:
        rows.append([_listed(student), student.lms_id, "",
                     student.student, "", student.points])
    return sheet(rows)


def moodle(marks: ClassMarks, column: str) -> str:
    """CSV for Moodle. "-" is its own sign for no mark."""
    rows: list[list] = [["First name", "Last name", "Username", "ID number", "Email address",
                         column]]
    for student in marks.students:
        rows.append([student.first_name, student.last_name, student.student,
                     student.lms_id or student.student, student.email, student.points])
    return sheet(rows, empty="-")


def spreadsheet(marks: ClassMarks, column: str) -> str:
    """CSV for people: every task's points, and what waits for a person or could not run."""
    tasks = [label(marks.key, name) for name in marks.task_names]
    rows: list[list] = [["student", "first name", "last name", "email", "submitted (UTC)",
                         column, "of", "late penalty", "waiting for a person", "could not run",
                         *tasks]]
    for student in marks.students:
        given = {task.name: task.points for task in student.tasks}
        stuck = [label(marks.key, task.name) for task in student.tasks if task.ending == STUCK]
        waits = [label(marks.key, task.name) for task in student.tasks if task.waits]
        rows.append([student.student, student.first_name, student.last_name, student.email,
                     student.submitted, student.points, marks.max_points, student.penalty,
                     " ".join(waits), " ".join(stuck),
                     *(given.get(name) for name in marks.task_names)])
    return MARK_OF_ORDER + sheet(rows)


def gradescope(marks: ClassMarks, student: StudentMarks) -> dict:
    """One student's results.json. `score` is the gradebook's and overrides the tests' sum."""
    ran = student.result
    waiting = "Something here waits for a person; until then it counts 0." if student.waits else ""
    late = f"Late penalty: {shown(student.penalty)} points." if student.penalty else ""
    notes = [*(ran.notes if ran else []), late, waiting]
    return {
        "score": student.points, "max_score": marks.max_points,
        "execution_time": round(ran.seconds, 3) if ran else 0.0,
        "output": "\n".join(note for note in notes if note), "output_format": "text",
        "visibility": "visible", "stdout_visibility": "hidden",
        "tests": [_test(marks.key, place, task) for place, task in enumerate(student.tasks, 1)],
        "extra_data": {"assignment": marks.key, "isolation": ran.isolation if ran else {}},
    }


def _test(key: str, place: int, task: TaskMark) -> dict:
    said = task.result
    name = label(key, task.name)
    test = {"number": str(place), "name": f"{task.title}: {name}" if task.title else name,
            "score": task.points, "max_score": task.max_points,
            "output": said.message if said else "", "output_format": "text",
            "visibility": "visible", "tags": [task.ending]}
    if said and said.outcome in (PASSED, FAILED) and not task.by_hand:
        test["status"] = said.outcome  # Gradescope knows no other; without one it goes by points
    return test


def _listed(student: StudentMarks) -> str:
    """The name as Canvas writes it, last, first; never the words that Canvas knows a row by."""
    both = student.last_name and student.first_name
    name = f"{student.last_name}, {student.first_name}" if both else student.name
    return re.sub(r"Points\W+Possible", "Points-Possible", name)


SHEETS: dict[str, Callable[[ClassMarks, str], str]] = {
    "canvas": canvas, "moodle": moodle, "spreadsheet": spreadsheet}


def write(marks: ClassMarks, folder: Path, formats: Iterable[str], column: str) -> list[Path]:
    """Writes the files of these formats below `folder` and returns their paths."""
    written = []
    for name in formats:
        if name in SHEETS:
            path = folder / f"{name}.csv"
            write_atomically(path, SHEETS[name](marks, column))
            written.append(path)
        else:
            written += [_write_results(marks, student, folder / name)
                        for student in marks.handed_in]
    return written


def _write_results(marks: ClassMarks, student: StudentMarks, folder: Path) -> Path:
    path = folder / _folder_name(student.student) / "results.json"
    write_atomically(path, json.dumps(gradescope(marks, student), indent=1, ensure_ascii=False))
    return path


def _folder_name(student: str) -> str:
    """The id; one that would lead elsewhere has those letters in percent form."""
    elsewhere = "/" in student or student.startswith(".")
    return quote(student, safe="").replace(".", "%2E") if elsewhere else student


def changed_ids(marks: ClassMarks) -> list[str]:
    """Students with an id, address or number that had to be changed to be harmless."""
    return [student.student for student in marks.students
            if any(harmless(text) != text
                   for text in (student.student, student.lms_id, student.email))]
