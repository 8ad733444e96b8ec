"""The least that grading a class could cost: a fork, the student's cells and the tests, no walls.

Usage: python tools/bench_floor.py ROOT COURSE KEY    prints two numbers as JSON: processor seconds
a submission of one forked process that runs cells and tests side by side, and of writing what our
grader had found. COURSE must have been graded; what is written goes to a new folder.
"""

import contextlib
import io
import json
import os
import resource
import sys
import tempfile
from pathlib import Path

from attnlab.check import use_cases
from autograder.course import Course
from autograder.journal import Journal
from autograder.limits import Limits
from autograder.record import RunRecord
from autograder.source import Plan, read_source
from autograder.student import run_cell
from autograder.submission import Submission, read_submission
from autograder.verdict import secret_cases
from autograder.warm import importing, warm_torch
from autograder.writing import Writer

BATCH = 8


def processor_seconds() -> float:
    """Of this process and of its children that have ended."""
    own, children = (resource.getrusage(who) for who in (0, -1))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def run_all(plan: Plan, texts: dict[str, str]) -> None:
    """Every cell in one namespace, as if the student could be trusted; errors are passed over."""
    names: dict[str, object] = {"__name__": "__main__"}
    for cell in plan.cells:
        with contextlib.suppress(BaseException), contextlib.redirect_stdout(io.StringIO()):
            run_cell(cell.name, texts.get(cell.name, cell.text), names)


def grading(plan: Plan, cases: dict, class_texts: list[dict[str, str]]) -> float:
    """Processor seconds a submission: one fork, cells and tests."""
    run_all(plan, class_texts[0])
    before = processor_seconds()
    for texts in class_texts:
        child = os.fork()
        if child == 0:
            with use_cases(lambda _: cases):
                run_all(plan, texts)
            os._exit(0)
        os.waitpid(child, 0)
    return (processor_seconds() - before) / len(class_texts)


def writing(course: Course, source: dict, plan: Plan, submissions: list[Submission]) -> float:
    """Processor seconds a submission: notebook, page, gradebook and journal, in batches."""
    found = Journal(course.journal(plan.key)).results
    with tempfile.TemporaryDirectory() as folder:
        new = Course(course.root, Path(folder))
        new.journal(plan.key).parent.mkdir()
        writer = Writer(new, source, plan, Journal(new.journal(plan.key)))
        before = processor_seconds()
        for start in range(0, len(submissions), BATCH):
            batch = submissions[start : start + BATCH]
            writer.write(RunRecord(0), [(one, found[one.student]) for one in batch])
        return (processor_seconds() - before) / len(submissions)


def main(root: Path, folder: Path, key: str) -> None:
    """Measures both and prints them."""
    course = Course(root, folder)
    sys.path.insert(0, str(root))
    source, plan = read_source(root, key)
    submissions = [
        read_submission(course.submitted(student, key), student, plan.solutions, Limits())
        for student in course.students(key)
    ]
    with importing():
        warm_torch()
        cases = secret_cases(root, key, 0)
    tests = grading(plan, cases, [one.texts for one in submissions])
    print(json.dumps([tests, writing(course, source, plan, submissions)]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
