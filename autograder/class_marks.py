"""What a class has: marks from nbgrader's gradebook, reasons from our journal.

The gradebook has the last word on points: manual marks, extra credit and late penalties count.
"""

from dataclasses import dataclass, replace
from difflib import get_close_matches

from nbgrader.api import (
    Assignment,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy.orm import selectinload

from autograder.course import Course
from autograder.journal import Journal
from autograder.outcome import COULD_NOT_RUN, Result, TaskResult
from autograder.source import read_source
from autograder.worker import CannotGrade

# How a task ended for one student, from best to worst; `open` waits for a person.
ENDINGS = ("full marks", "part of the marks", "wrong", "could not run", "not written",
           "waits for a person")
FULL, PART, WRONG, STUCK, UNWRITTEN, OPEN = ENDINGS


class NothingGraded(CannotGrade):
    """The gradebook holds no marks for this exercise yet."""


@dataclass(frozen=True)
class TaskMark:
    """One task of one student: points as the gradebook has them, and what the journal says."""

    name: str
    title: str
    points: float
    max_points: float
    waits: bool = False  # a person has to look, and has not
    by_hand: bool = False  # a person gave these points
    result: TaskResult | None = None
    ending: str = WRONG


@dataclass(frozen=True)
class StudentMarks:
    """One student. Without a submission `tasks` is empty and `points` is None."""

    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""
    submitted: str = ""  # ISO 8601, UTC
    points: float | None = None  # after the late penalty
    penalty: float = 0.0
    tasks: tuple[TaskMark, ...] = ()
    result: Result | None = None

    @property
    def waits(self) -> bool:
        return any(task.waits for task in self.tasks)

    @property
    def name(self) -> str:
        """The first and last name, or the id where the gradebook has none."""
        return f"{self.first_name} {self.last_name}".strip() or self.student


@dataclass(frozen=True)
class ClassMarks:
    """An exercise's marks; `students` in order of id."""

    key: str
    title: str
    max_points: float
    task_names: tuple[str, ...]
    students: tuple[StudentMarks, ...] = ()

    @property
    def handed_in(self) -> list[StudentMarks]:
        return [student for student in self.students if student.points is not None]

    def only(self, name: str) -> "ClassMarks":
        """The same with one student. Raises NothingGraded."""
        chosen = tuple(student for student in self.students if student.student == name)
        if not chosen:
            known = [student.student for student in self.students]
            meant = "".join(f"; did you mean {near!r}?"
                            for near in get_close_matches(name, known, n=1))
            raise NothingGraded(f"the gradebook knows no student {name!r}{meant}")
        return replace(self, students=chosen)


def class_marks(course: Course, key: str) -> ClassMarks:
    """Reads a class. Raises NoSource, NothingGraded or BookTrouble."""
    _, plan = read_source(course.root, key)
    if not course.database.is_there():
        raise NothingGraded(f"there is no gradebook {course.database} yet; run `autograder grade "
                            f"{key}` first")
    results = Journal(course.journal(key)).results
    titles = {cell.name: cell.title for cell in plan.tests}
    try:
        with course.database.told(), Gradebook(course.database.url) as book:
            assignment = book.find_assignment(key)
            submissions = _submissions(book, assignment)
            names = [cell.name for notebook in assignment.notebooks
                     for cell in (*notebook.grade_cells, *notebook.task_cells)]
            order = [*(name for name in titles if name in names),
                     *(name for name in names if name not in titles)]
            students = tuple(
                _student(person, submissions.get(person.id), order, titles,
                         results.get(person.id))
                for person in book.db.query(Student).order_by(Student.id))
            found = ClassMarks(key, plan.title, assignment.max_score, tuple(order), students)
    except MissingEntry:
        raise NothingGraded(f"the gradebook {course.database} has no marks for {key!r} yet; run "
                            f"`autograder grade {key}` first") from None
    if not found.handed_in:
        raise NothingGraded(f"nobody has marks for {key!r} yet; run `autograder grade {key}` first")
    return found


def _submissions(book: Gradebook, assignment: Assignment) -> dict[str, SubmittedAssignment]:
    found = book.db.query(SubmittedAssignment).filter_by(assignment_id=assignment.id)
    at_once = selectinload(SubmittedAssignment.notebooks).selectinload(SubmittedNotebook.grades)
    return {submission.student_id: submission for submission in found.options(at_once)}


def _student(person: Student, submission: SubmittedAssignment | None, order: list[str],
             titles: dict[str, str], result: Result | None) -> StudentMarks:
    about = {"student": person.id, "first_name": person.first_name or "",
             "last_name": person.last_name or "", "email": person.email or "",
             "lms_id": person.lms_user_id or ""}
    if submission is None:
        return StudentMarks(**about)
    said = {task.name: task for task in result.tasks} if result else {}
    grades = {grade.name: grade for notebook in submission.notebooks for grade in notebook.grades}
    tasks = tuple(_task(grades[name], titles.get(name, ""), said.get(name),
                        bool(result and result.untouched)) for name in order if name in grades)
    penalty = submission.late_submission_penalty or 0.0
    when = submission.timestamp.isoformat() if submission.timestamp else ""
    points = max(0.0, sum(task.points for task in tasks) - penalty)
    return StudentMarks(**about, submitted=when, points=points, penalty=penalty, tasks=tasks,
                        result=result)


def _task(grade: object, title: str, said: TaskResult | None, untouched: bool) -> TaskMark:
    by_hand = grade.manual_score is not None
    waits = bool(grade.needs_manual_grade and not by_hand)
    points, most = grade.score, grade.max_score
    ending = _ending(points, most, None if by_hand else said, waits, untouched)
    return TaskMark(grade.name, title, points, most, waits, by_hand, said, ending)


def _ending(points: float, most: float, said: TaskResult | None, waits: bool,
            untouched: bool) -> str:
    if points >= most:
        return FULL
    if points > 0:
        return PART
    if untouched or (said and said.unwritten):
        return UNWRITTEN
    if said and said.outcome == COULD_NOT_RUN:
        return STUCK
    return OPEN if waits else WRONG

