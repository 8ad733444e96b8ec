"""A class in a gradebook and a journal, with known marks, that nothing had to be run for."""

import datetime
from pathlib import Path

from grader_world import KEY, RIGHT, make_course, source_notebook

from autograder.class_marks import ClassMarks, class_marks
from autograder.course import Course
from autograder.gradebook import Book, Handed
from autograder.journal import Journal
from autograder.late import LatePenalties
from autograder.notebook import template
from autograder.outcome import COULD_NOT_RUN, FAILED, PASSED, Result, TaskResult

TITLE = "A tiny exercise"
MOST = {"mean": 1.0, "scale": 2.0, "partial": 2.0}
WALLS = {"landlock": "ABI 7", "seccomp": "yes"}
SECRET_WORDS = "their_own_variable"  # of a student's code, quoted in a message

# student -> task -> outcome, points, and what else a verdict holds
VERDICTS = {
    "anna": {name: (PASSED, most, {}) for name, most in MOST.items()},
    "ben": {"mean": (FAILED, 0.0, {"mistake": "sums", "message": "the shape of the mean"}),
            "scale": (PASSED, 2.0, {}),
            "partial": (FAILED, 0.0, {"mistake": "sums", "message": "no"})},
    "chloe": {"mean": (FAILED, 0.0, {"mistake": "sums", "message": "the shape of the mean"}),
              "scale": (COULD_NOT_RUN, 0.0, {
                  "reason": "timeout", "message": f"{SECRET_WORDS} did not finish in 3 s"}),
              "partial": (PASSED, 1.5, {"mistake": "halves"})},
    "dino": {name: (COULD_NOT_RUN, 0.0, {"reason": "unreadable", "message": "not JSON"})
             for name in MOST},
    "emma": {name: (FAILED, 0.0, {"message": "this part is still to be written"})
             for name in MOST},
}
# student -> the points of tests, as the gradebook has them after what people did to it
POINTS = {"anna": 5.25, "ben": 2.0, "chloe": 1.5, "dino": 0.5, "emma": 0.0, "zoe": None}


def verdicts(student: str) -> Result:
    """The result that a run would have given."""
    tasks = [TaskResult(f"{KEY}-{name}-test", TITLE, outcome, points, MOST[name],
                        seconds=0.25, **more)
             for name, (outcome, points, more) in VERDICTS[student].items()]
    return Result(student, KEY, tasks, isolation={} if student == "dino" else WALLS, seconds=1.25,
                  cpu_seconds=0.75, peak_bytes=200 * 2**20, seed=271828182845)


def graded_course(folder: Path) -> Course:
    """The class on disk: marks by us, by hand and for extra credit, a late one, one absent."""
    course = make_course(folder, {})
    book = Book(course.database, KEY, template(source_notebook()),
                LatePenalties(course.root, course.folder))
    journal = Journal(course.journal(KEY))
    journal.path.parent.mkdir(parents=True)
    for student in VERDICTS:
        result = verdicts(student)
        book.write([Handed(result, RIGHT, "2026-03-04 05:06:07 UTC")])
        journal.add([result])
    _by_people(book)
    book.close()
    return course


def _by_people(book: Book) -> None:
    gradebook = book.gradebook
    gradebook.update_or_create_student("ben", first_name="Ben", last_name="Brown, jr",
                                       email="ben@uni.example", lms_user_id="4711")
    gradebook.add_student("zoe", first_name="Zoë", last_name="")
    extra = gradebook.find_grade(f"{KEY}-scale-test", KEY, KEY, "anna")
    extra.extra_credit = 0.25
    by_hand = gradebook.find_grade(f"{KEY}-mean-test", KEY, KEY, "dino")
    by_hand.manual_score, by_hand.needs_manual_grade = 0.5, False
    late = gradebook.find_submission_notebook(KEY, KEY, "ben")
    late.late_submission_penalty = 0.0
    gradebook.find_assignment(KEY).duedate = datetime.datetime(2026, 3, 5)
    gradebook.db.commit()


def marks_of(folder: Path) -> ClassMarks:
    """The class as the verbs read it."""
    return class_marks(graded_course(folder), KEY)
