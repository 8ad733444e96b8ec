"""Ends the writer of a class at every line that it runs, or fills the disk at every write.

`python tests/crash_lines.py FOLDER HOW STRIDE`: HOW is "kill" or "full", STRIDE leaves out lines.
Each time the class is written again in a new process, and must be what an undisturbed one is.
Prints how many places were tried. Verdicts are made up: nothing of a student's runs.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from grader_crash import seeded_course, state
from grader_world import KEY, handed_in

from autograder.course import Course
from autograder.journal import Journal
from autograder.limits import Limits
from autograder.outcome import FAILED, PASSED, Result, TaskResult
from autograder.record import RunRecord
from autograder.source import read_source
from autograder.submission import read_submission
from autograder.writing import Writer

STUDENTS = {f"student-{number}": handed_in({}) for number in range(3)}
TRACED = ("course.py", "journal.py", "writing.py", "gradebook.py", "late.py", "held.py")
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write(course: Course) -> None:
    """What a run does once it has verdicts: whoever is not in the journal is written."""
    source, plan = read_source(course.root, KEY)
    journal = Journal(course.journal(KEY))
    record = RunRecord(journal.seed())
    journal.begin(record)
    writer = Writer(course, source, plan, journal)
    todo = [student for student in STUDENTS if student not in journal.results]
    for batch in (todo[:2], todo[2:]):
        writer.write(record, [(read_submission(
            course.submitted(student, KEY), student, plan.solutions, Limits()),
            made_up(student, plan, journal.seed())) for student in batch])
    writer.close()
    journal.finish()


def made_up(student: str, plan: object, seed: int) -> Result:
    outcome = FAILED if student.endswith("1") else PASSED
    tasks = [TaskResult(cell.name, cell.title, outcome, cell.points * (outcome == PASSED),
                        cell.points, "words") for cell in plan.tests]
    return Result(student, KEY, tasks, seed=seed)


def apart(work: Callable[[], None]) -> int:
    """The status of a process that does the work."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def traced(course: Course, at_line: Callable[[int], None]) -> None:
    """Writes the class; `at_line` hears of each line of ours, by its number in order."""
    count = 0

    def look(frame: object, event: str, _: object) -> object:
        nonlocal count
        path = Path(frame.f_code.co_filename)
        if path.parent.name != "autograder" or path.name not in TRACED:
            return None
        if event == "line":
            count += 1
            at_line(count)
        return look

    sys.settrace(look)
    write(course)


def killing(course: Course, place: int) -> None:
    def end(line: int) -> None:
        if line == place:
            os.kill(os.getpid(), signal.SIGKILL)
    traced(course, end)


def filling(course: Course, place: int) -> None:
    """From the write with this number on, no write to the disk succeeds."""
    sync, count = os.fsync, 0

    def full(descriptor: int) -> None:
        nonlocal count
        count += 1
        if count >= place:
            raise FULL
        sync(descriptor)

    os.fsync = full
    try:
        write(course)
    except OSError as error:
        if error is not FULL:
            raise
        os.kill(os.getpid(), signal.SIGKILL)


def places(folder: Path, how: str) -> int:
    """How many there are in an undisturbed run."""
    course, found = seeded_course(folder, STUDENTS), folder / "places"
    if how == "kill":
        apart(lambda: traced(course, lambda line: found.write_text(str(line))))
    else:
        sync, count = os.fsync, []

        def counted() -> None:
            os.fsync = lambda descriptor: (count.append(1), sync(descriptor))
            write(course)
            found.write_text(str(len(count)))
        apart(counted)
    return int(found.read_text())


def torn(course: Course) -> list[Path]:
    """Graded notebooks and pages that are there and not whole."""
    ends = {".ipynb": "}", ".html": "</html>"}
    return [path for folder in ("autograded", "feedback") for suffix, end in ends.items()
            for path in (course.folder / folder).rglob(f"*{suffix}")
            if not path.read_text().rstrip().endswith(end)]


def main() -> None:
    folder, how, stride = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    whole = seeded_course(folder / "whole", STUDENTS)
    write(whole)  # here, so that what it imports is there for all that follow
    expected = state(whole)
    assert len(expected["journal"][0]) == len(STUDENTS), "the undisturbed run is not whole"
    assert {row[0] for row in expected["gradebook"]} == {*STUDENTS}, "marks are missing"
    total, tried = places(folder / "counted", how), 0
    for place in range(1, total + 1, stride):
        course = seeded_course(folder / str(place), STUDENTS)
        disturb = killing if how == "kill" else filling
        ended = apart(lambda: disturb(course, place))  # noqa: B023 - runs at once
        assert os.WIFSIGNALED(ended), f"{how} at {place} of {total}: status {ended}"
        assert not torn(course), f"{how} at {place} of {total}: torn files {torn(course)}"
        again = apart(lambda: write(course))  # noqa: B023
        assert again == 0, f"{how} at {place} of {total}: the second run failed"
        assert state(course) == expected, f"{how} at {place} of {total}: another state"
        tried += 1
    print(f"{tried} of {total} places")


if __name__ == "__main__":
    main()
