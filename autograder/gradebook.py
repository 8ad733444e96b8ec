"""The one writer of nbgrader's gradebook: one transaction a submission, through nbgrader.api."""

import os
from pathlib import Path

import nbgrader
from alembic.script import ScriptDirectory
from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    Base,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import compute_checksum, parse_utc
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from autograder.notebook import rebuilt
from autograder.outcome import Result, TaskResult


class BookTrouble(RuntimeError):
    """The gradebook cannot be read or written; the words say what to do."""


class Book:
    """A class's gradebook, opened for one exercise."""

    def __init__(self, path: Path, key: str, pattern: NotebookNode):
        self.path, self.key, self.pattern = path, key, pattern
        try:
            create(path)
            register(f"sqlite:///{path}", key, pattern)
            self.gradebook = Gradebook(f"sqlite:///{path}")
        except DatabaseError as error:
            raise self._trouble(error) from None

    def write(self, result: Result, texts: dict[str, str], timestamp: str) -> None:
        """Marks and comments of one submission, in one commit. Manual marks stay as they are."""
        try:
            submission = self._submission(result.student)
            if timestamp:
                submission.timestamp = _time(timestamp)
            (notebook,) = submission.notebooks
            tasks = {task.name: task for task in result.tasks}
            for grade in notebook.grades:
                mark(grade, tasks[grade.name])
            self._comment(notebook, texts)
            self.gradebook.db.commit()
        except DatabaseError as error:
            self.gradebook.db.rollback()
            raise self._trouble(error) from None

    def close(self) -> None:
        self.gradebook.close()

    def _submission(self, name: str) -> SubmittedAssignment:
        db = self.gradebook.db
        assignment = db.query(Assignment).filter_by(name=self.key).one()
        found = db.query(SubmittedAssignment).filter_by(
            assignment_id=assignment.id, student_id=name).one_or_none()
        if found is None:
            student = db.get(Student, name) or Student(id=name)
            with db.no_autoflush:
                found = SubmittedAssignment(assignment=assignment, student=student)
                for notebook in assignment.notebooks:
                    _mirror(notebook, SubmittedNotebook(notebook=notebook, assignment=found))
                db.add(found)
            db.flush()  # gives the new grades their names
        return found

    def _comment(self, notebook: SubmittedNotebook, texts: dict[str, str]) -> None:
        """nbgrader's own remark on cells that are still the stub."""
        cells = {cell.metadata.nbgrader["grade_id"]: cell
                 for cell in rebuilt(self.pattern, texts).cells if "nbgrader" in cell.metadata}
        for comment in notebook.comments:
            cell = cells[comment.name]
            same = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
            comment.auto_comment = "No response." if same else None

    def _trouble(self, error: DatabaseError) -> BookTrouble:
        return BookTrouble(
            f"the gradebook {self.path} could not be used: {error.orig}. Close other programs "
            f"that use it, check that the disk has room, and run this again; nothing is lost")


def create(path: Path) -> None:
    """A new gradebook, whole or not at all; nothing where there is one.

    nbgrader would start the program `alembic` to learn the version of its tables.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{new}")
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head()})
    engine.dispose()
    os.replace(new, path)


def head() -> str:
    """The version of nbgrader's tables."""
    return ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head()


def register(db_url: str, key: str, pattern: NotebookNode) -> None:
    """Enters the exercise as `nbgrader generate_assignment` would. Raises BookTrouble."""
    with Gradebook(db_url) as gradebook:
        try:
            gradebook.find_assignment(key)
        except MissingEntry:
            gradebook.add_assignment(key)
    resources = {"nbgrader": {"notebook": key, "assignment": key, "db_url": db_url}}
    try:
        SaveCells().preprocess(pattern, resources)
    except RuntimeError as error:
        raise BookTrouble(
            f"{error}: graded cells were added, removed or renamed after {key!r} was graded. "
            f"Keep the old gradebook aside and start a new one to grade by the new cells") from None


def mark(grade: Grade, task: TaskResult) -> None:
    """A mark; what could not be run has none, counts 0 and waits for a person."""
    grade.auto_score = None if task.undecided else task.points
    grade.needs_manual_grade = task.undecided or grade.manual_score is not None


def _mirror(notebook: object, submitted: SubmittedNotebook) -> None:
    for cell in (*notebook.grade_cells, *notebook.task_cells):
        Grade(cell=cell, notebook=submitted)
    for cell in (*notebook.solution_cells, *notebook.task_cells):
        Comment(cell=cell, notebook=submitted)


def _time(text: str) -> object:
    try:
        return parse_utc(text)
    except (ValueError, OverflowError):
        return None
