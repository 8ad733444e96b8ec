"""Grades a class: workers reach verdicts side by side, one writer keeps them (autograder.writing).

What the journal holds under the same fingerprint is not graded again.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import IO

from autograder.cluster import Scheduler
from autograder.course import Course
from autograder.crew import TOGETHER, Crew, Engine, Local, Team
from autograder.held import held_in
from autograder.journal import Journal
from autograder.limits import Limits
from autograder.outcome import Result
from autograder.record import fingerprint, record_here, settings_here
from autograder.source import Plan, read_source
from autograder.submission import Submission, read_submission
from autograder.worker import CannotGrade, Nursery
from autograder.writing import Writer


class NothingSubmitted(CannotGrade):
    """There is no submission to grade."""


@dataclass
class ClassReport:
    """What a run did: all results of the class, and which of them are new.

    settled: students whose marks, comments or due date a person changed since; nothing was run.
    before: points that the new results of a regrade replace.
    """

    plan: Plan
    results: list[Result]
    graded: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    before: dict[str, float] = field(default_factory=dict)


@dataclass
class Run:
    """One grading run over one exercise of one class.

    scheduler: of a Dask cluster that grades in the place of `workers` on this machine.
    again: grade everyone whom the run is about, changed or not, for `reason`.
    """

    course: Course
    key: str
    workers: int = 2
    only: str | None = None
    unsafe: bool = False
    limits: Limits = field(default_factory=Limits)
    progress: Callable[[int, int], None] = lambda done, total: None
    again: bool = False
    reason: str = ""
    scheduler: Scheduler | None = None

    def grade(self) -> ClassReport:
        """Grades what is new or changed. Raises CannotGrade, NoSource, Busy or BookTrouble."""
        with self.course.locked(self.key):
            why = self._look()
            before = {student: result.points for student, result in self.journal.results.items()}
            todo = [student for student, reason in why.items() if reason]
            stale = self._unsettled(why.keys() - set(todo))
            if todo:
                self._grade_all(todo)
            elif self.only is None and not self.journal.finished:
                self.journal.finish()  # a kill came when all was written but this line
            if stale:
                self._refresh(stale)
            results = [self.journal.results[student] for student in why]
            return ClassReport(self.plan, results, todo,
                               [result.student for result in stale], before)

    def preview(self) -> dict[str, str]:
        """Student -> why grade() would grade this submission now, "" for unchanged.

        Starts no process and writes nothing. Raises CannotGrade or NoSource.
        """
        return self._look()

    def _why(self, submission: Submission) -> str:
        """Why a submission has to be graded; "" when what is held is of this very submission."""
        result = self.journal.results.get(submission.student)
        if result is None:
            return "new"
        if result.fingerprint != fingerprint(self.record, submission):
            return "changed: the submission, the exercise, the grader or its settings"
        if self.again or submission.student in self.journal.again:
            return "a regrade is asked for"
        if not self.course.inputs(self.key, result.inputs).is_file():
            return "what was graded is no longer kept"
        if result.lost:
            return "the grader lost it"
        return "" if submission.student in self.held else "it is not in the gradebook"

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

    def _look(self) -> dict[str, str]:
        """Reads what there is: student -> why the submission has to be graded."""
        self.source, self.plan = read_source(self.course.root, self.key)
        self.journal = Journal(self.course.journal(self.key))
        students = self._students()
        self.record = record_here(self.course.root, self.plan, self.journal.seed(),
                                  settings_here(self.limits, self.unsafe), reason=self.reason)
        self.held = held_in(self.course.database, self.key)
        return {student: self._why(self._submission(student)) for student in students}

    def _submission(self, student: str) -> Submission:
        return read_submission(self.course.submitted(student, self.key), student,
                               self.plan.solutions, self.limits)

    def _unsettled(self, students: set[str]) -> list[Result]:
        """Whose files are gone, or whose gradebook entry is not what the files tell."""
        results = [self.journal.results[student] for student in sorted(students)]
        return [result for result in results if not (
            result.held == self.held[result.student]
            and result.handed_in == self.course.timestamp(result.student, self.key)
            and self.course.feedback(result.student, self.key).is_file()
            and self.course.autograded(result.student, self.key).is_file())]

    def _grade_all(self, todo: list[str]) -> None:
        lost, self.record.again = self._lost(), todo if self.again else []
        self.journal.begin(self.record, whole=self.only is None)
        self.progress(0, len(todo))
        with self.course.log(self.key).open("a") as log:
            engine = self._engine(log, len(todo))
            try:
                # Each is read again when its turn comes: no more than a few are in memory.
                crew = Crew(engine, self.plan, map(self._submission, todo))
                self._write_all(len(todo), crew)  # the crew warms up while this loads nbgrader
            finally:
                engine.stop()
        if self._lost() <= lost:  # else the next run takes what was lost up, with this seed
            self.journal.finish()

    def _lost(self) -> set[str]:
        return {student for student, result in self.journal.results.items() if result.lost}

    def _engine(self, log: IO, most: int) -> Engine:
        if self.scheduler:
            return self.scheduler.engine(self.course.root, self.plan, self.limits, self.record)
        nursery = Nursery(self.course.root, self.plan, self.limits, log)
        return Local(Team(nursery, self.record.seed, self.unsafe), min(self.workers, most))

    def _write_all(self, total: int, crew: Crew) -> None:
        done = 0
        with contextlib.closing(self._writer()) as writer:
            for batch in crew:
                writer.write(self.record, batch)
                done += len(batch)
                self.progress(done, total)

    def _refresh(self, stale: list[Result]) -> None:
        with contextlib.closing(self._writer()) as writer:
            for start in range(0, len(stale), TOGETHER):
                writer.refresh(stale[start:start + TOGETHER])

    def _writer(self) -> Writer:
        return Writer(self.course, self.source, self.plan, self.journal)
