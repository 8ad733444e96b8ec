"""What people put into the gradebook stays, and what they changed reaches the page without a run.

Verdicts are made up here: 1 point a task whose cell says so; no process is started.
"""

import json
import sqlite3
import subprocess
import sys
import warnings

import pytest
from grader_world import KEY, RIGHT, for_nbgrader, handed_in, make_course, set_deadline

from autograder import crew, grade
from autograder.course import Course
from autograder.grade import ClassReport, Run
from autograder.journal import Journal
from autograder.outcome import FAILED, OUR_ERROR, PASSED, Result, TaskResult, ungraded

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

ON_TIME, LATE, LATER = ("2026-10-01 12:00:00 UTC", "2026-10-01 14:00:00 UTC",
                        "2026-10-02 14:00:00 UTC")
WRONG = handed_in(RIGHT | {"tiny-mean": "wrong"})


class NoNursery:
    def __init__(self, *_: object):
        self.plan = _[1]

    def stop(self) -> None:
        pass

    close = stop


class MadeUp:
    """Passes every task unless the cell tiny-mean says "wrong"; counts what it was asked."""

    asked: tuple[str, ...] = ()
    losing = False

    def __init__(self, nursery: NoNursery, seed: int, *_: object):
        self.plan, self.seed = nursery.plan, seed

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def grade(self, student: str, texts: dict[str, str]) -> Result:
        MadeUp.asked += (student,)
        if texts["tiny-mean"] == "lost" and MadeUp.losing:
            return ungraded(student, self.plan, OUR_ERROR, "the worker was lost")
        points = 0.0 if texts["tiny-mean"] == "wrong" else 1.0
        tasks = [TaskResult(cell.name, cell.title, PASSED if points else FAILED, points,
                            cell.points, "words") for cell in self.plan.tests]
        return Result(student, KEY, tasks, seed=self.seed)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Two students, one of them two hours late, both graded."""
    monkeypatch.setattr(grade, "Nursery", NoNursery)
    monkeypatch.setattr(crew, "Worker", MadeUp)
    course = make_course(tmp_path, {"anna": handed_in(RIGHT), "ben": handed_in(RIGHT)})
    for_nbgrader(course)
    set_deadline(course, {"anna": ON_TIME, "ben": LATE}, {})
    assert sorted(again(course).graded) == ["anna", "ben"]
    return course


def again(course: Course, **options: object) -> ClassReport:
    MadeUp.asked = ()
    report = Run(course, KEY, **options).grade()
    assert sorted(MadeUp.asked) == sorted(report.graded), "told is not done"
    return report


def person(course: Course, student: str, **fields: object) -> None:
    """Does what formgrader does: marks, extra credit and a comment on the first task."""
    grades = {name: value for name, value in fields.items() if name != "manual_comment"}
    of_student = """notebook_id IN (SELECT n.id FROM submitted_notebook n JOIN submitted_assignment
        s ON s.id = n.assignment_id WHERE s.student_id = ?)
        AND cell_id IN (SELECT id FROM base_cell WHERE name IN ('tiny-mean', 'tiny-mean-test'))"""
    with sqlite3.connect(course.gradebook) as book:
        for name, value in grades.items():
            book.execute(f"UPDATE grade SET {name} = ? WHERE {of_student}", (value, student))
        if "manual_comment" in fields:
            book.execute(f"UPDATE comment SET manual_comment = ? WHERE {of_student}",
                         (fields["manual_comment"], student))


def held(course: Course, student: str) -> tuple:
    """Manual marks, extra credit, comment, penalty, whether a person is asked; and the score."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}") as book, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notebook = book.find_submission_notebook(KEY, KEY, student)
        first = book.find_grade("tiny-mean-test", KEY, KEY, student)
        words = book.find_comment("tiny-mean", KEY, KEY, student).manual_comment
        result = Journal(course.journal(KEY)).results[student]
        assert result.final == notebook.score - (notebook.late_submission_penalty or 0)
        return (first.manual_score, first.extra_credit, words, notebook.late_submission_penalty,
                first.needs_manual_grade, notebook.score)


def page(course: Course, student: str) -> str:
    return course.feedback(student, KEY).read_text()


def test_what_has_not_changed_is_left_alone(course):
    before = {path: path.stat().st_mtime_ns for path in course.folder.rglob("*")}
    report = again(course)
    assert (report.graded, report.settled) == ([], [])
    after = {path: path.stat().st_mtime_ns for path in course.folder.rglob("*")}
    del before[course.journal(KEY).with_suffix(".lock")], after[
        course.journal(KEY).with_suffix(".lock")]
    assert after == before


def test_a_persons_marks_and_comments_reach_the_page_without_a_run(course):
    person(course, "ben", manual_score=0.25, extra_credit=2, needs_manual_grade=False,
           manual_comment="well argued <b>")
    report = again(course)
    assert (report.graded, report.settled) == ([], ["ben"])
    assert held(course, "ben") == (0.25, 2, "well argued <b>", 1.0, False, 4.25)
    assert "well argued &lt;b&gt;" in page(course, "ben")
    assert "Handed in late: 1 points less" in page(course, "ben")
    assert again(course).settled == []


def test_a_regrade_and_a_resubmission_keep_what_people_put_there(course):
    person(course, "ben", manual_score=0.25, extra_credit=2, manual_comment="well argued")
    report = again(course, again=True, reason="the test of the mean was wrong")
    assert sorted(report.graded) == ["anna", "ben"]
    assert held(course, "ben") == (0.25, 2, "well argued", 1.0, True, 4.25)
    course.submitted("ben", KEY).write_text(WRONG)
    course.submitted("ben", KEY).with_name("timestamp.txt").write_text(LATER)
    report = again(course)
    assert (report.graded, report.before["ben"]) == (["ben"], 3)
    assert held(course, "ben") == (0.25, 2, "well argued", 2.25, True, 2.25)
    journal = Journal(course.journal(KEY))
    assert [one["points"] for one in journal.results["ben"].earlier] == [3, 3]
    reasons = {run.id: run.reason for run in journal.runs.values()}
    assert reasons[journal.results["anna"].run] == "the test of the mean was wrong"
    assert course.autograded("ben", KEY).with_name("timestamp.txt").read_text() == LATER
    assert again(course).graded == []


def test_an_extension_and_a_later_hand_in_move_the_penalty_without_a_run(course):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        book.grant_extension(KEY, "ben", hours=1)
    assert again(course).settled == ["ben"]
    assert held(course, "ben")[3] == 0.5
    course.submitted("anna", KEY).with_name("timestamp.txt").write_text(LATE)
    report = again(course)
    assert (report.graded, report.settled) == ([], ["anna"])
    assert held(course, "anna")[3] == 1.0
    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        book.update_or_create_assignment(KEY, duedate=LATE)
    assert sorted(again(course).settled) == ["anna", "ben"]
    assert (held(course, "anna")[3], held(course, "ben")[3]) == (None, None)


def test_files_that_are_gone_are_written_again_without_a_run(course):
    was, notebook = page(course, "anna"), course.autograded("anna", KEY).read_text()
    course.feedback("anna", KEY).unlink()
    course.autograded("anna", KEY).unlink()
    assert again(course).settled == ["anna"]
    assert (page(course, "anna"), course.autograded("anna", KEY).read_text()) == (was, notebook)


def test_one_students_regrade_leaves_the_others(course):
    others = page(course, "anna"), Journal(course.journal(KEY)).results["anna"]
    assert again(course, again=True, only="ben").graded == ["ben"]
    assert (page(course, "anna"), Journal(course.journal(KEY)).results["anna"]) == others


def test_a_regrade_that_was_cut_short_is_finished_by_the_next_run(course, monkeypatch):
    writing = grade.Writer.write

    def cut(self: object, run: object, batch: list) -> None:
        writing(self, run, [one for one in batch if one[1].student == "anna"])
        raise KeyboardInterrupt

    monkeypatch.setattr(grade.Writer, "write", cut)
    with pytest.raises(KeyboardInterrupt):
        again(course, again=True, workers=1)
    monkeypatch.setattr(grade.Writer, "write", writing)
    left = sorted(Journal(course.journal(KEY)).again)
    assert "ben" in left
    report = again(course)
    assert sorted(report.graded) == left
    assert len({result.seed for result in report.results}) == 1


def test_a_run_over_one_student_does_not_end_a_class_that_was_cut_short(course):
    journal = Journal(course.journal(KEY))
    lines = course.journal(KEY).read_text().splitlines()
    course.journal(KEY).write_text("\n".join(line for line in lines if '"ben"' not in line
                                             and "finished" not in line) + "\n")
    course.submitted("anna", KEY).write_text(WRONG)
    seed = journal.results["anna"].seed
    assert again(course, only="anna").graded == ["anna"]
    assert again(course).graded == ["ben"]
    assert {result.seed for result in again(course).results} == {seed}
    assert Journal(course.journal(KEY)).finished


def test_a_class_that_was_cut_short_behind_its_last_submission_is_finished(course):
    path = course.journal(KEY)
    path.write_text(path.read_text().replace('{"finished": true}\n', ""))
    assert not Journal(path).finished
    assert again(course).graded == []
    assert Journal(path).finished


@pytest.mark.parametrize("torn", ['{"result": {"stud', "{", ""])
def test_a_record_behind_a_torn_line_is_read_again(course, torn):
    path = course.journal(KEY)
    whole = path.read_text().replace('{"finished": true}\n', "")
    path.write_text(whole + torn)
    journal = Journal(path)
    assert not journal.finished
    journal.finish()
    assert path.read_text().startswith(whole + torn)
    assert Journal(path).finished


HALF = """
import os, sqlite3, sys
book = sqlite3.connect(sys.argv[1], isolation_level=None)
book.execute("PRAGMA cache_size = 1")
book.execute("BEGIN")
book.execute("UPDATE source_cell SET source = ?", ("x" * 100_000,))
book.execute("UPDATE grade SET auto_score = 77")
os._exit(0)
"""


def test_a_gradebook_that_a_killed_writer_left_half_done_is_mended(course):
    before = course.gradebook.read_bytes()
    subprocess.run([sys.executable, "-c", HALF, course.gradebook], check=True)
    assert course.gradebook.read_bytes() != before, "nothing was left half done"
    report = again(course)
    assert (report.graded, report.settled) == ([], [])
    assert course.gradebook.read_bytes() == before


def test_what_the_grader_lost_is_taken_up_with_the_seed_of_the_class(course, monkeypatch):
    monkeypatch.setattr(MadeUp, "losing", True)
    course.submitted("ben", KEY).write_text(handed_in(RIGHT | {"tiny-mean": "lost"}))
    assert again(course, again=True).results[1].our_error
    monkeypatch.setattr(MadeUp, "losing", False)
    report = again(course)
    assert report.graded == ["ben"]
    assert report.results[1].points == 3
    assert len({result.seed for result in report.results}) == 1
    assert Journal(course.journal(KEY)).finished
    assert again(course).graded == []


def test_what_the_grader_loses_each_time_does_not_hold_the_class_up(course, monkeypatch):
    monkeypatch.setattr(MadeUp, "losing", True)
    course.submitted("ben", KEY).write_text(handed_in(RIGHT | {"tiny-mean": "lost"}))
    assert again(course).graded == again(course).graded == ["ben"]
    assert Journal(course.journal(KEY)).finished


def test_a_hand_in_time_that_is_none_is_told(course):
    course.submitted("ben", KEY).with_name("timestamp.txt").write_text("yesterday evening")
    assert again(course).settled == ["ben"]
    assert held(course, "ben")[3] is None
    assert "The time of the hand-in could not be read" in page(course, "ben")
    assert "could not be read" not in page(course, "anna")


def test_an_extension_without_a_due_date_is_no_error(course):
    with sqlite3.connect(course.gradebook) as book:
        book.execute("UPDATE assignment SET duedate = NULL")
        book.execute("UPDATE submitted_assignment SET extension = '1970-01-01 01:00:00.000000'")
    again(course)
    assert held(course, "ben")[3] is None


def test_what_was_kept_and_changed_since_is_told(course):
    kept = course.inputs(KEY, Journal(course.journal(KEY)).results["ben"].inputs)
    kept.write_text(json.dumps({"texts": {}, "unreadable": ""}))
    course.feedback("ben", KEY).unlink()
    with pytest.raises(grade.CannotGrade, match=r"not as it was kept. Grade it anew: .* reg"):
        again(course)
