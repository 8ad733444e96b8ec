"""Grades a class: workers reach verdicts side by side, one writer keeps them (autograder.writing).

What the journal holds under the same fingerprint is not graded again.
"""

import contextlib
import hashlib
import itertools
import json
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from autograder.course import Course
from autograder.held import held_in
from autograder.journal import Journal
from autograder.limits import Limits
from autograder.outcome import Result, ungraded
from autograder.record import record_here, settings_here
from autograder.source import Plan, read_source
from autograder.submission import Submission, read_submission
from autograder.worker import CannotGrade, Nursery, Worker
from autograder.writing import Writer

BATCH = 16  # submissions that are written together at most


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

    def grade(self) -> ClassReport:
        """Grades what is new or changed. Raises CannotGrade, NoSource, Busy or BookTrouble."""
        with self.course.locked(self.key):
            submissions = self._submissions()
            before = {student: result.points for student, result in self.journal.results.items()}
            todo = [submission for submission in submissions if self._why(submission)]
            graded = [submission.student for submission in todo]
            stale = self._unsettled({s.student for s in submissions} - set(graded))
            if todo:
                self._grade_all(todo)
            if stale:
                self._refresh(stale)
            results = [self.journal.results[s.student] for s in submissions]
            return ClassReport(self.plan, results, graded,
                               [result.student for result in stale], before)

    def preview(self) -> dict[str, str]:
        """Student -> why grade() would grade this submission now, "" for unchanged.

        Starts no process and writes nothing. Raises CannotGrade or NoSource.
        """
        return {submission.student: self._why(submission) for submission in self._submissions()}

    def _why(self, submission: Submission) -> str:
        """Why a submission has to be graded; "" when what is held is of this very submission."""
        result = self.journal.results.get(submission.student)
        if result is None:
            return "new"
        if result.fingerprint != self._fingerprint(submission):
            return "changed: the submission, the exercise, the grader or its settings"
        if self.again or submission.student in self.journal.again:
            return "a regrade is asked for"
        if not self.course.inputs(self.key, result.inputs).is_file():
            return "what was graded is no longer kept"
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

    def _submissions(self) -> list[Submission]:
        self.source, self.plan = read_source(self.course.root, self.key)
        self.journal = Journal(self.course.journal(self.key))
        students = self._students()
        self.record = record_here(self.course.root, self.plan, self.journal.seed(),
                                  settings_here(self.limits, self.unsafe), reason=self.reason)
        self.held = held_in(self.course.gradebook, self.key)
        return [read_submission(self.course.submitted(student, self.key), student,
                                self.plan.solutions, self.limits) for student in students]

    def _fingerprint(self, submission: Submission) -> str:
        parts = (self.record.code, submission.sha, submission.unreadable,
                 json.dumps(self.record.settings))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _unsettled(self, students: set[str]) -> list[Result]:
        """Whose files are gone, or whose gradebook entry is not what the files tell."""
        results = [self.journal.results[student] for student in sorted(students)]
        return [result for result in results if not (
            result.held == self.held[result.student]
            and result.handed_in == self.course.timestamp(result.student, self.key)
            and self.course.feedback(result.student, self.key).is_file()
            and self.course.autograded(result.student, self.key).is_file())]

    def _grade_all(self, todo: list[Submission]) -> None:
        self.record.again = [submission.student for submission in todo] if self.again else []
        self.journal.begin(self.record, whole=self.only is None)
        self.progress(0, len(todo))
        readable = [submission for submission in todo if not submission.unreadable]
        with self.course.log(self.key).open("a") as log:
            nursery = Nursery(self.course.root, self.plan, self.limits, log)
            team = [Worker(nursery, self.record.seed, self.unsafe)
                    for _ in range(min(self.workers, len(readable)))]
            verdicts = Shared(team, readable)  # warm up while this process loads nbgrader
            try:
                self._write_all(todo, verdicts)
            finally:
                verdicts.stop()
                nursery.stop()
        self.journal.finish()

    def _write_all(self, todo: list[Submission], verdicts: "Shared") -> None:
        by_name = {submission.student: submission for submission in todo}
        unreadable = [ungraded(submission.student, self.plan, "unreadable", submission.unreadable)
                      for submission in todo if submission.unreadable]
        done = 0
        with contextlib.closing(self._writer()) as writer:
            for batch in itertools.chain(pieces(unreadable), verdicts):
                writer.write(self.record.id, [
                    (by_name[result.student], result, self._fingerprint(by_name[result.student]))
                    for result in batch])
                done += len(batch)
                self.progress(done, len(todo))

    def _refresh(self, stale: list[Result]) -> None:
        with contextlib.closing(self._writer()) as writer:
            for batch in pieces(stale):
                writer.refresh(batch)

    def _writer(self) -> Writer:
        return Writer(self.course, self.source, self.plan, self.journal)


def pieces(results: list[Result]) -> Iterator[list[Result]]:
    """The results in batches as the writer takes them."""
    for start in range(0, len(results), BATCH):
        yield results[start:start + BATCH]


class Shared:
    """Submissions shared out among workers: each takes the next one as soon as it is free."""

    def __init__(self, team: list[Worker], submissions: list[Submission]):
        self.team, self.expected = team, len(submissions)
        self.jobs, self.results = queue.SimpleQueue(), queue.SimpleQueue()
        for submission in submissions:
            self.jobs.put(submission)
        for worker in team:
            threading.Thread(target=self._labour, args=(worker,), daemon=True).start()

    def __iter__(self) -> Iterator[list[Result]]:
        """Results as they come; those that came while the last were written come together.

        Raises what a worker raised.
        """
        left = self.expected
        while left:
            batch = [self.results.get()]
            with contextlib.suppress(queue.Empty):
                while len(batch) < BATCH:
                    batch.append(self.results.get_nowait())
            errors = [result for result in batch if isinstance(result, BaseException)]
            left -= len(batch)
            yield [result for result in batch if result not in errors]
            if errors:
                raise errors[0]

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
