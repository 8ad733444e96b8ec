"""The one writer of nbgrader's gradebook: one transaction a batch, through nbgrader.api."""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import nbgrader
from alembic.script import ScriptDirectory
from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    Base,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    InvalidEntry,
    Notebook,
    SolutionCell,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.utils import (
    is_grade,
    is_locked,
    is_solution,
    is_task,
    parse_utc,
)
from sqlalchemy import Connection, create_engine, insert, inspect, text
from sqlalchemy.orm import Session

from autograder.course import write_atomically
from autograder.database import BookTrouble, Database
from autograder.held import held
from autograder.late import LatePenalties
from autograder.notebook import stubs
from autograder.outcome import Result, TaskResult

ONE_MAKER = "SELECT pg_advisory_xact_lock(hashtextextended('where-to-look tables', 0))"
DEFAULT_COURSE = "default_course"  # the one row that nbgrader enters by itself
CELLS = (GradeCell, SolutionCell, TaskCell, SourceCell)


class Handed(NamedTuple):
    """One submission as the gradebook takes it."""

    result: Result
    texts: dict[str, str]
    timestamp: str = ""  # nbgrader's, or nothing


class Book:
    """A class's gradebook, opened for one exercise."""

    def __init__(self, database: Database, key: str, pattern: NotebookNode,
                 penalties: LatePenalties):
        self.database, self.key, self.penalties = database, key, penalties
        self.pattern, self.stubs = pattern, stubs(pattern)
        with self._told():
            create(database)
            self.gradebook = _opened(database)
            self.db = self.gradebook.db
            register(self.db, key, pattern)

    def write(self, batch: list[Handed]) -> dict[str, dict]:
        """Marks, remarks and late penalties of a batch in one commit; what people put there stays.

        Returns student -> what the gradebook holds (autograder.held). Raises BookTrouble.
        """
        with self._told():
            for one, notebook in self._notebooks(batch):
                tasks = {task.name: task for task in one.result.tasks}
                for grade in notebook.grades:
                    mark(grade, tasks[grade.name])
                self._comment(notebook, one.texts)
                self.penalties.assign(self.db, notebook)
            return self._commit(batch)

    def settle(self, batch: list[Handed]) -> dict[str, dict]:
        """Hand-in times and late penalties alone, as `write` does."""
        with self._told():
            for _, notebook in self._notebooks(batch):
                self.penalties.assign(self.db, notebook)
            return self._commit(batch)

    def close(self) -> None:
        self.gradebook.close()

    def _commit(self, batch: list[Handed]) -> dict[str, dict]:
        self.db.flush()
        found = held(self.db.connection(), self.key, [one.result.student for one in batch])
        self.db.commit()
        return found

    def _notebooks(self, batch: list[Handed]) -> list[tuple[Handed, SubmittedNotebook]]:
        """Each with its submitted notebook; those that the book lacks are entered."""
        db, names = self.db, [one.result.student for one in batch]
        assignment = db.query(Assignment).filter_by(name=self.key).one()
        known = {one.student_id: one for one in db.query(SubmittedAssignment).filter(
            SubmittedAssignment.assignment_id == assignment.id,
            SubmittedAssignment.student_id.in_(names))}
        found = []
        with db.no_autoflush:  # one flush for the batch
            for one, name in zip(batch, names, strict=True):
                submission = known.get(name) or self._entered(assignment, name)
                if one.timestamp:
                    submission.timestamp = time_of(one.timestamp)
                found.append((one, *submission.notebooks))
        return found

    def _entered(self, assignment: Assignment, name: str) -> SubmittedAssignment:
        student = self.db.get(Student, name) or Student(id=name)
        submission = SubmittedAssignment(assignment=assignment, student=student)
        for notebook in assignment.notebooks:
            _mirror(notebook, SubmittedNotebook(notebook=notebook, assignment=submission))
        self.db.add(submission)
        return submission

    def _comment(self, notebook: SubmittedNotebook, texts: dict[str, str]) -> None:
        """nbgrader's own remark on cells that are still the stub."""
        for comment in notebook.comments:
            same = texts.get(comment.name, "") == self.stubs[comment.name]
            comment.auto_comment = "No response." if same else None

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turns the database's troubles into BookTrouble, and undoes what is half done."""
        try:
            with self.database.told():
                yield
        except BookTrouble:
            if hasattr(self, "db"):
                self.db.rollback()
            raise


def _opened(database: Database) -> Gradebook:
    try:
        return Gradebook(database.url)
    except InvalidEntry as error:  # nbgrader's name for any trouble with its first row
        raise database.trouble(str(error)) from None


def create(database: Database) -> None:
    """A new gradebook, whole or not at all, where there is none or an empty file.

    nbgrader would start the program `alembic` to learn the version of its tables. Raises
    DatabaseError or OSError.
    """
    if not database.file:
        _create_on_server(database)
    elif not _has_content(database.file):
        path = database.file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(f".{path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two graders may begin a class at once
            if not _has_content(path):
                write_atomically(path, empty_book())


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def empty_book() -> bytes:
    """The file of a gradebook without rows."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        _make_tables(connection)
        connection.commit()
        content = connection.connection.driver_connection.serialize()
    engine.dispose()
    return content


def _create_on_server(database: Database) -> None:
    engine = database.engine()
    try:
        with engine.begin() as connection:
            connection.execute(text(ONE_MAKER))
            if not inspect(connection).has_table("alembic_version"):
                _make_tables(connection)
    finally:
        engine.dispose()


def _make_tables(connection: Connection) -> None:
    Base.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head()})
    connection.execute(insert(Base.metadata.tables["course"]).values(id=DEFAULT_COURSE))


def head() -> str:
    """The version of nbgrader's tables."""
    return ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head()


def register(db: Session, key: str, pattern: NotebookNode) -> None:
    """Enters the exercise as `nbgrader generate_assignment` would, in one commit.

    Raises BookTrouble where graded cells came or went after submissions were graded.
    """
    assignment = db.query(Assignment).filter_by(name=key).one_or_none()
    if assignment is None:
        assignment = Assignment(name=key)
        db.add(assignment)
    if not assignment.notebooks:
        assignment.notebooks.append(Notebook(name=key))
        db.flush()
    (notebook,) = assignment.notebooks
    notebook.kernelspec = json.dumps(pattern.metadata.get("kernelspec", {}))
    there = {(type(cell), cell.name): cell for kind in CELLS
             for cell in db.query(kind).filter_by(notebook_id=notebook.id)}
    wanted = {(kind, cell.metadata.nbgrader["grade_id"]): fields
              for cell in pattern.cells for kind, fields in _entries(cell)}
    if there.keys() != wanted.keys() and notebook.submissions:
        names = sorted({name for _, name in there.keys() ^ wanted.keys()})
        raise BookTrouble(
            f"cells of {key!r} were added, removed or renamed after submissions were graded: "
            f"{', '.join(names)}. Keep the old gradebook aside and start a new one to grade by "
            f"the new cells, or give the cells their old names")
    for entry in there.keys() - wanted.keys():
        db.delete(there[entry])
    for (kind, name), fields in wanted.items():
        cell = there.get((kind, name)) or kind(name=name, notebook_id=notebook.id)
        for field, value in fields.items():
            setattr(cell, field, value)
        db.add(cell)
    db.commit()


def _entries(cell: NotebookNode) -> list[tuple[type, dict]]:
    """The rows that nbgrader keeps of a cell: kind and fields."""
    found = []
    if is_grade(cell):
        found.append((GradeCell, {"max_score": float(cell.metadata.nbgrader["points"]),
                                  "cell_type": cell.cell_type}))
    if is_solution(cell):
        found.append((SolutionCell, {}))
    if is_task(cell):
        found.append((TaskCell, {"max_score": float(cell.metadata.nbgrader["points"]),
                                 "cell_type": cell.cell_type}))
    if found or is_locked(cell):
        found.append((SourceCell, {
            "cell_type": cell.cell_type, "locked": is_locked(cell), "source": cell.source,
            "checksum": cell.metadata.nbgrader.get("checksum")}))
    return found


def mark(grade: Grade, task: TaskResult) -> None:
    """A mark; what could not be run has none, counts 0 and waits for a person."""
    grade.auto_score = None if task.undecided else task.points
    grade.needs_manual_grade = task.undecided or grade.manual_score is not None


def _mirror(notebook: object, submitted: SubmittedNotebook) -> None:
    for cell in (*notebook.grade_cells, *notebook.task_cells):
        Grade(cell=cell, notebook=submitted)
    for cell in (*notebook.solution_cells, *notebook.task_cells):
        Comment(cell=cell, notebook=submitted)


def time_of(text: str) -> datetime | None:
    """The time that a timestamp tells, or None where it tells none."""
    try:
        return parse_utc(text)
    except (ValueError, OverflowError):
        return None
