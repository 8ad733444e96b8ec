"""Enters in our journal what plain `nbgrader autograde` graded.

So its verdicts can be explained too, and `autograder grade` does not reach them again.
"""

import logging
from typing import NamedTuple

from autograder.course import Busy, Course, write_together
from autograder.held import held_in
from autograder.journal import Journal
from autograder.outcome import Result
from autograder.record import RunRecord, fingerprint
from autograder.submission import Submission
from autograder.writing import history, keep_inputs


class Graded(NamedTuple):
    """One submission that has its verdicts, and is not yet written by nbgrader."""

    record: RunRecord
    result: Result
    submission: Submission


WAITING: list[Graded] = []


def graded(record: RunRecord, result: Result, submission: Submission) -> None:
    """Remembers a submission until nbgrader has written its notebook and marks."""
    WAITING.append(Graded(record, result, submission))


def enter(course: Course) -> None:
    """nbgrader's post-convert hook: what is waiting is written, and goes into the journal."""
    while WAITING:
        one = WAITING.pop()
        try:
            _enter(course, one)
        except Busy as error:
            logging.getLogger("traitlets").warning("%s is not in the journal: %s",
                                                   one.result.student, error)


def _enter(course: Course, one: Graded) -> None:
    key, result = one.result.assignment, one.result
    with course.locked(key):
        journal = Journal(course.journal(key))
        first = one.record.id not in journal.runs
        if first:
            journal.begin(one.record, whole=False)
        result.fingerprint, result.run = fingerprint(one.record, one.submission), one.record.id
        result.earlier = history(journal.results.get(result.student))
        result.handed_in = course.timestamp(result.student, key)
        result.held = held_in(course.database, key).get(result.student, {})
        write_together(keep_inputs(course, one.submission, result))
        journal.add([result])
        if first:
            journal.finish()
