"""A small exercise of its own for the grader's tests, and one live student process to attack."""

import contextlib
import json
import os
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from autograder.course import Course
from autograder.limits import Limits
from autograder.session import Session
from autograder.source import Plan
from autograder.worker import Nursery

ROOT = Path(__file__).resolve().parents[1]
KEY = "tiny"
DUE = "2026-10-01 12:00:00 UTC"
LATE_PLUGIN = """
from nbgrader.plugins import LateSubmissionPlugin


class HalfAPointAnHour(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 3600 / 2


c.AssignLatePenalties.plugin_class = HalfAPointAnHour
"""
FIND_WIRE = """
import json, os, struct, time
def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
door = next(n for n in range(3, 1024) if is_open(n))
"""  # what a student runs to find the socket to the trusted side
SECRET = "the_secret_of_the_hidden_test"
SETUP = "%matplotlib inline\nimport torch\nfrom torch import nn"
MEAN = """def mean(x):
    ### BEGIN SOLUTION
    return x.mean(dim=(2, 3))
    ### END SOLUTION"""
SCALE = """class Scale(nn.Module):
    ### BEGIN SOLUTION
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        return x * self.weight[:, None, None]
    ### END SOLUTION


note = ["a", 2, 0.5]"""
MEAN_TEST = f"""%timeit 1
x = torch.randn(2, 3, 4, 5)
assert mean(x).shape == (2, 3), "the shape of the mean"
### BEGIN HIDDEN TESTS
{SECRET} = x.mean(dim=(2, 3))
assert torch.allclose(mean(x), {SECRET}, atol=1e-6)
### END HIDDEN TESTS"""
SCALE_TEST = """block = Scale(3)
assert sum(p.numel() for p in block.parameters()) == 3
assert torch.equal(block(torch.ones(1, 3, 2, 2)), torch.ones(1, 3, 2, 2)), "ones stay ones"
assert note == ["a", 2, 0.5]"""
PARTIAL_TEST = "1.5 if mean(torch.ones(1, 1, 2, 2)).item() == 1 else 0"


def code(name: str, text: str, tags: tuple[str, ...] = (), **nbgrader: object) -> dict:
    """A code cell; with keywords, one that nbgrader knows."""
    metadata: dict = {"tags": list(tags)} if tags else {}
    if nbgrader:
        standard = {"grade": False, "solution": False, "locked": False, "task": False,
                    "schema_version": 3, "grade_id": name}
        metadata["nbgrader"] = standard | nbgrader
    return {"cell_type": "code", "id": name, "metadata": metadata, "source": text,
            "outputs": [], "execution_count": None}


def source_notebook() -> dict:
    cells = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A tiny exercise"},
        code("imports", SETUP, ("setup",)),
        code("tiny-mean", MEAN, solution=True),
        code("tiny-mean-test", MEAN_TEST, grade=True, locked=True, points=1),
        code("not-run", "raise RuntimeError('a plain cell is never graded')"),
        code("tiny-scale", SCALE, solution=True),
        code("tiny-scale-test", SCALE_TEST, grade=True, locked=True, points=2),
        code("tiny-partial-test", PARTIAL_TEST, grade=True, locked=True, points=2),
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


RIGHT = {"tiny-mean": MEAN, "tiny-scale": SCALE}


def handed_in(texts: dict[str, str]) -> str:
    """The file of a student whose solution cells hold `texts`."""
    notebook = source_notebook()
    for cell in notebook["cells"]:
        cell["source"] = texts.get(cell["id"], cell["source"])
    return json.dumps(notebook)


def make_course(folder: Path, students: dict[str, str]) -> Course:
    """A course with the tiny exercise and these submissions, student -> file text."""
    course = Course(folder, folder / "course")
    source = folder / "solutions" / "notebooks" / KEY / f"{KEY}.ipynb"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(json.dumps(source_notebook()))
    for student, text in students.items():
        path = course.submitted(student, KEY)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return course


def for_nbgrader(course: Course) -> dict[str, str]:
    """The repository's nbgrader_config.py for this course; half a point less each hour late.

    Returns the environment in which nbgrader's own commands use it.
    """
    config = (ROOT / "nbgrader_config.py").read_text()
    config = config.replace("Path(__file__).resolve().parent", f"Path({str(course.root)!r})")
    text = config + "c.FromSource.root = str(ROOT)\n" + LATE_PLUGIN
    (course.root / "nbgrader_config.py").write_text(text)
    return os.environ | {"WHERE_TO_LOOK_COURSE": str(course.folder)}


def set_deadline(course: Course, handed_in: dict[str, str], extensions: dict[str, int]) -> None:
    """A due date, when each student handed in, and extensions in hours, as nbgrader keeps them."""
    from nbgrader.api import Gradebook

    from autograder.preprocessor import enter_exercise

    enter_exercise(course.database.url, course.root, KEY)
    with Gradebook(f"sqlite:///{course.gradebook}") as book, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy's, about nbgrader's add_submission
        book.update_or_create_assignment(KEY, duedate=DUE)
        for student, hours in extensions.items():
            book.update_or_create_student(student)
            book.update_or_create_submission(KEY, student)
            book.grant_extension(KEY, student, hours=hours)
    for student, time in handed_in.items():
        (course.submitted(student, KEY).parent / "timestamp.txt").write_text(time)


@contextlib.contextmanager
def live_session(limits: Limits, unsafe: bool = False, plan: Plan | None = None,
                 kind: type[Nursery] = Nursery, session_kind: type[Session] = Session,
                 log: IO | None = None) -> Iterator[Session]:
    """The trusted end of a real student process."""
    nursery = kind(Path("/"), plan or Plan(KEY, "", (), ()), limits, log)
    students, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    session = session_kind(students, limits, unsafe)
    try:
        with students:
            with theirs:
                nursery.fork(theirs)
            session.start()
            yield session
            session.stop()
    finally:
        nursery.stop()
