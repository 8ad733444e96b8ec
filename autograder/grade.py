"""Grades a class: workers reach verdicts side by side, this process alone writes.

For each submission in this order: graded notebook, feedback page, gradebook, journal. A kill
between any two leaves a submission that the next run grades again, to the same marks.
"""

import hashlib
import importlib
import itertools
import os
import queue
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path

from autograder.course import Course, write_atomically
from autograder.journal import Journal
from autograder.limits import Limits
from autograder.outcome import Result, ungraded
from autograder.source import Plan, read_source, source_path
from autograder.submission import Submission, read_submission
from autograder.worker import PHOTOS, CannotGrade, Nursery, Worker

CODE = ("attnlab/**/*.py", "autograder/**/*.py")


class NothingSubmitted(CannotGrade):
    """There is no submission to grade."""


@dataclass
class ClassReport:
    """What a run did: all results of the class, and which of them are new."""

    plan: Plan
    results: list[Result]
    graded: list[str] = field(default_factory=list)


@dataclass
class Run:
    """One grading run over one exercise of one class."""

    course: Course
    key: str
    workers: int = 2
    only: str | None = None
    unsafe: bool = False
    limits: Limits = field(default_factory=Limits)
    progress: Callable[[int, int], None] = lambda done, total: None

    def grade(self) -> ClassReport:
        """Grades what is new or changed. Raises CannotGrade, NoSource, Busy or BookTrouble."""
        with self.course.locked(self.key):
            submissions = self._submissions()
            todo = [s for s in submissions if not self._is_done(s)]
            if todo:
                self._grade_all(todo)
            results = [self.journal.results[s.student] for s in submissions]
            return ClassReport(self.plan, results, [s.student for s in todo])

    def preview(self) -> dict[str, str]:
        """Student -> why grade() would grade this submission now, "" for unchanged.

        Starts no process and writes nothing. Raises CannotGrade or NoSource.
        """
        return {submission.student: self._why(submission) for submission in self._submissions()}

    def _why(self, submission: Submission) -> str:
        if self._is_done(submission):
            return ""
        result = self.journal.results.get(submission.student)
        if result is None:
            return "new"
        if result.fingerprint != self._fingerprint(submission):
            return "changed: the submission, the exercise, the grader or its settings"
        return "its graded notebook, feedback page or gradebook entry is missing"

    def _students(self) -> list[str]:
        students = self.course.students(self.key)
        if self.only is None:
            chosen, who, near = students, "", []
        else:
            chosen = [student for student in students if student == self.only]
            who, near = f"by {self.only!r} ", get_close_matches(self.only, students, n=1)
        if not chosen:
            meant = "".join(f"; did you mean {student!r}?" for student in near)
            raise NothingSubmitted(f"nothing was handed in {who}for {self.key!r}; notebooks belong "
                                   f"at {self.course.submitted('STUDENT', self.key)}{meant}")
        return chosen

    def _submissions(self) -> list[Submission]:
        self.source, self.plan = read_source(self.course.root, self.key)
        self.journal = Journal(self.course.journal(self.key))
        students = self._students()
        self.code = code_print(self.course.root, self.key)
        self.known = self._in_gradebook()
        return [read_submission(self.course.submitted(student, self.key), student,
                                self.plan.solutions, self.limits) for student in students]

    def _fingerprint(self, submission: Submission) -> str:
        parts = (self.code, submission.sha, submission.unreadable, str(self.unsafe),
                 os.environ.get(PHOTOS, ""),
                 self.course.timestamp(submission.student, self.key))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _is_done(self, submission: Submission) -> bool:
        """Whether the journal, the gradebook and the files all hold this very submission."""
        student = submission.student
        result = self.journal.results.get(student)
        return (result is not None and result.fingerprint == self._fingerprint(submission)
                and student in self.known
                and self.course.feedback(student, self.key).is_file()
                and self.course.autograded(student, self.key).is_file())

    def _in_gradebook(self) -> set[str]:
        """Students with a submission in the gradebook; nbgrader itself would take a second."""
        if not self.course.gradebook.is_file():
            return set()
        question = ("SELECT s.student_id FROM submitted_assignment s JOIN assignment a "
                    "ON a.id = s.assignment_id WHERE a.name = ?")
        try:
            with sqlite3.connect(f"file:{self.course.gradebook}?mode=ro", uri=True) as book:
                return {row[0] for row in book.execute(question, (self.key,))}
        except sqlite3.Error:
            return set()  # the writer will say what is wrong with it

    def _grade_all(self, todo: list[Submission]) -> None:
        seed = self.journal.begin()
        self.progress(0, len(todo))
        readable = [submission for submission in todo if not submission.unreadable]
        with self.course.log(self.key).open("a") as log:
            nursery = Nursery(self.course.root, self.plan, self.limits, log)
            team = [Worker(nursery, seed, self.unsafe)
                    for _ in range(min(self.workers, len(readable)))]
            verdicts = Shared(team, readable)  # warm up while this process loads nbgrader
            try:
                self._write_all(todo, verdicts)
            finally:
                verdicts.stop()
                nursery.stop()
        self.journal.finish()

    def _write_all(self, todo: list[Submission], verdicts: "Shared") -> None:
        load_nbformat()
        from autograder.gradebook import Book
        from autograder.notebook import template

        by_name = {submission.student: submission for submission in todo}
        book = Book(self.course.gradebook, self.key, template(self.source))
        try:
            unreadable = (ungraded(submission.student, self.plan, "unreadable",
                                   submission.unreadable)
                          for submission in todo if submission.unreadable)
            for done, result in enumerate(itertools.chain(unreadable, verdicts), 1):
                self._keep(book, by_name[result.student], result)
                self.progress(done, len(todo))
        finally:
            book.close()

    def _keep(self, book: object, submission: Submission, result: Result) -> None:
        import nbformat

        from autograder.feedback import page
        from autograder.notebook import put_verdicts, rebuilt, untouched

        student = submission.student
        result.notes = [*result.notes, *submission.notes]
        result.untouched = untouched(book.pattern, submission.texts)
        result.fingerprint = self._fingerprint(submission)
        graded = put_verdicts(rebuilt(book.pattern, submission.texts), result)
        write_atomically(self.course.autograded(student, self.key), nbformat.writes(graded))
        write_atomically(self.course.feedback(student, self.key),
                         page(self.plan, submission.texts, result))
        book.write(result, submission.texts, self.course.timestamp(student, self.key))
        self.journal.add(result)


class Shared:
    """Submissions shared out among workers: each takes the next one as soon as it is free."""

    def __init__(self, team: list[Worker], submissions: list[Submission]):
        self.team, self.expected = team, len(submissions)
        self.jobs, self.results = queue.SimpleQueue(), queue.SimpleQueue()
        for submission in submissions:
            self.jobs.put(submission)
        for worker in team:
            threading.Thread(target=self._labour, args=(worker,), daemon=True).start()

    def __iter__(self) -> Iterator[Result]:
        """Results as they come. Raises what a worker raised."""
        for _ in range(self.expected):
            result = self.results.get()
            if isinstance(result, BaseException):
                raise result
            yield result

    def stop(self) -> None:
        for worker in self.team:
            worker.stop()

    def _labour(self, worker: Worker) -> None:
        try:
            worker.start()
            while True:
                submission = self.jobs.get_nowait()
                self.results.put(worker.grade(submission.student, submission.texts))
        except queue.Empty:
            return
        except BaseException as error:
            self.results.put(error)


def load_nbformat() -> None:
    """Imports it without a grammar of web addresses, which takes a second and no notebook needs."""
    sys.modules["rfc3987_syntax"] = None  # jsonschema goes on without it
    importlib.import_module("nbformat")
    del sys.modules["rfc3987_syntax"]


def code_print(root: Path, key: str) -> str:
    """One hash over everything that a verdict depends on besides the submission."""
    paths = [source_path(root, key), root / "solutions" / f"{key}.py",
             *(root / "solutions" / "mistakes").rglob("*.py")]
    paths += [path for pattern in CODE for path in root.glob(pattern)]
    total = hashlib.sha256(version("torch").encode())
    for path in sorted(paths):
        if path.is_file():
            total.update(path.read_bytes())
    return total.hexdigest()
