"""A class from end to end on a small exercise: nothing lost, nothing twice, both roads alike."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from grader_world import (
    KEY,
    MEAN,
    RIGHT,
    SECRET,
    for_nbgrader,
    handed_in,
    make_course,
    set_deadline,
)

from autograder.course import Busy, Course
from autograder.grade import NothingSubmitted, Run
from autograder.journal import Journal
from autograder.source import NoSource

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

ROOT = Path(__file__).resolve().parents[1]


def duplicated() -> str:
    """A cell copied under the same grade id, and one that was renamed."""
    notebook = json.loads(handed_in(RIGHT))
    notebook["cells"].append(notebook["cells"][2] | {"id": "copy"})
    notebook["cells"][6]["metadata"]["nbgrader"]["grade_id"] = "mine"
    return json.dumps(notebook)


def deleted() -> str:
    """Tests thrown away, points raised, every cell tagged."""
    notebook = json.loads(handed_in(RIGHT | {"tiny-mean": "def mean(x): return x"}))
    notebook["cells"] = [cell for cell in notebook["cells"] if "test" not in cell["id"]]
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution"]
    return json.dumps(notebook)


STUDENTS = {
    "anna": handed_in(RIGHT),
    "ben": handed_in(RIGHT | {"tiny-mean": "def mean(x): return x.sum((2, 3))"}),
    "chloe": handed_in(RIGHT | {"tiny-scale": "class Scale: pass"}),
    "dino": "{not JSON",
    "elif": duplicated(),
    "finn": deleted(),
    "greta": "[" * 100_000,
    "hugo": json.dumps({"worksheets": [], "nbformat": 3, "nbformat_minor": 0, "metadata": {}}),
    "李雷": handed_in({"tiny-mean": MEAN}),
}
MARKS = {"anna": 4.5, "ben": 2.0, "chloe": 2.5, "dino": 0, "elif": 4.5, "finn": 2.0, "greta": 0,
         "hugo": 0, "李雷": 4.5}


def rows(book: Path) -> list[tuple]:
    """Everything that a grade is, by student and test."""
    question = """SELECT s.student_id, c.name, g.auto_score, g.manual_score, g.needs_manual_grade,
            g.extra_credit, n.late_submission_penalty, s.timestamp, s.extension
        FROM grade g JOIN base_cell c ON c.id = g.cell_id
        JOIN submitted_notebook n ON n.id = g.notebook_id
        JOIN submitted_assignment s ON s.id = n.assignment_id ORDER BY 1, 2"""
    with sqlite3.connect(book) as connection:
        return connection.execute(question).fetchall()


def command(course, *options: str) -> list[str]:
    return [sys.executable, "-m", "autograder", "grade", KEY, "--root", str(course.root),
            "--course", str(course.folder), "--workers", "2", *options]


def make_class(folder: Path) -> Course:
    """The class with a due date: three are late, by 1 h, by a day, and within an extension."""
    course = make_course(folder, STUDENTS)
    for_nbgrader(course)
    set_deadline(course, {"anna": "2026-10-01 13:00:00 UTC", "ben": "2026-10-02 12:00:00 UTC",
                          "chloe": "2026-10-01 22:00:00 UTC", "dino": "2026-11-01 00:00:00"},
                 {"chloe": 10, "elif": 5})
    return course


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class after one undisturbed run."""
    course = make_class(tmp_path_factory.mktemp("class"))
    report = Run(course, KEY).grade()
    return course, report


def test_marks_are_known_and_no_submission_stops_another(graded):
    course, report = graded
    assert {result.student: result.points for result in report.results} == MARKS
    assert sorted(report.graded) == sorted(STUDENTS)
    book = {student: 0.0 for student in STUDENTS}
    for student, _, score, *_ in rows(course.gradebook):
        book[student] += score or 0
    assert book == MARKS


def test_who_is_late_loses_points_and_an_extension_moves_the_date(graded):
    course, _ = graded
    penalties = {(student, late) for student, *_, late, _, _ in rows(course.gradebook) if late}
    assert penalties == {("anna", 0.5), ("ben", 2.0)}, "a penalty is at most the marks"


def test_a_person_is_asked_where_there_is_no_verdict(graded):
    course, _ = graded
    asked = {student for student, _, _, _, needed, *_ in rows(course.gradebook) if needed}
    assert asked == {"dino", "greta", "hugo"}


def test_broken_files_are_told_what_is_wrong(graded):
    _, report = graded
    notes = {result.student: " ".join(result.notes) for result in report.results}
    assert "not JSON" in notes["dino"]
    assert "nested too deeply" in notes["greta"]
    assert "older format than 4" in notes["hugo"]
    assert "appears more than once" in notes["elif"]


def test_no_hidden_test_leaves_the_trusted_side(graded):
    course, _ = graded
    pages = [page.read_text() for page in course.folder.glob("feedback/*/*/*.html")]
    assert len(pages) == len(STUDENTS)
    assert not [page for page in pages if SECRET in page or "HIDDEN" in page]


def test_what_has_not_changed_is_not_graded_again(graded):
    course, _ = graded
    before = {path: path.stat().st_mtime_ns for path in course.folder.rglob("*.html")}
    started = time.monotonic()
    done = subprocess.run(command(course), capture_output=True, text=True, timeout=60)
    assert "Nothing changed, nothing was graded again." in done.stdout
    assert time.monotonic() - started < 5
    assert before == {path: path.stat().st_mtime_ns for path in course.folder.rglob("*.html")}


def test_a_new_version_is_graded_alone_and_manual_marks_stay(tmp_path):
    course = make_course(tmp_path, {"anna": STUDENTS["anna"], "ben": STUDENTS["ben"]})
    Run(course, KEY).grade()
    with sqlite3.connect(course.gradebook) as connection:
        connection.execute("UPDATE grade SET manual_score = 0.25 WHERE auto_score = 0")
    course.submitted("ben", KEY).write_text(STUDENTS["anna"])
    report = Run(course, KEY).grade()
    assert report.graded == ["ben"]
    kept = {(name, manual) for student, name, _, manual, *_ in rows(course.gradebook)
            if student == "ben" and manual is not None}
    assert kept == {("tiny-mean-test", 0.25), ("tiny-partial-test", 0.25)}
    assert next(r.points for r in report.results if r.student == "ben") == 4.5


def test_killed_in_the_middle_and_run_again_it_ends_the_same(graded, tmp_path):
    undisturbed, _ = graded
    course = make_class(tmp_path)
    process = subprocess.Popen(command(course), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    journal = course.journal(KEY)
    deadline = time.monotonic() + 60
    while not (journal.is_file() and journal.read_text().count("result") >= 5):
        assert time.monotonic() < deadline, "nothing was graded"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    half = Journal(journal)
    assert not half.finished
    with journal.open("a") as file:
        file.write('{"result": {"stud')  # the line that a kill tears
    report = Run(course, KEY).grade()
    assert len(report.graded) < len(STUDENTS), "what the journal holds is not graded again"
    assert {result.seed for result in report.results if result.seed} == {half.seed()}
    assert rows(course.gradebook) == rows(undisturbed.gradebook)
    assert Journal(journal).finished


def test_plain_nbgrader_gives_the_same_marks(graded, tmp_path):
    own, _ = graded
    course = make_class(tmp_path)
    environment = for_nbgrader(course)
    for step in ("autograde", "generate_feedback"):
        done = subprocess.run([str(Path(sys.executable).with_name("nbgrader")), step, KEY],
                              cwd=tmp_path, env=environment, capture_output=True, text=True,
                              timeout=180)
        assert done.returncode == 0, done.stderr[-3000:]
    assert rows(course.gradebook) == rows(own.gradebook)
    pages = list(course.folder.glob("feedback/*/*/*.html"))
    assert len(pages) == len(STUDENTS)
    assert not [page for page in pages if SECRET in page.read_text()]
    report = Run(course, KEY).grade()
    assert (report.graded, report.settled) == ([], []), "nbgrader's verdicts are in the journal"
    assert {result.student: result.points for result in report.results} == MARKS
    assert len({result.seed for result in report.results if result.seed}) == 1


def test_two_graders_do_not_meet(graded):
    course, _ = graded
    with course.locked(KEY), pytest.raises(Busy, match="another grader is at work on 'tiny'"):
        Run(course, KEY).grade()


def test_words_for_what_is_missing(graded, tmp_path):
    course, _ = graded
    known = r"no assignment 'tin': .* there are \['tiny'\].*; did you mean 'tiny'\?"
    with pytest.raises(NoSource, match=known):
        Run(course, "tin").grade()
    with pytest.raises(NothingSubmitted, match="nothing was handed in by 'zoe' for 'tiny'"):
        Run(course, KEY, only="zoe").grade()
    with pytest.raises(NothingSubmitted, match=r"notebooks belong at .*STUDENT/tiny/tiny.ipynb"):
        Run(make_course(tmp_path, {}), KEY).grade()


def test_a_locked_gradebook_is_told_and_nothing_is_lost(tmp_path):
    course = make_course(tmp_path, {"anna": STUDENTS["anna"]})
    Run(course, KEY).grade()
    course.submitted("anna", KEY).write_text(STUDENTS["ben"])
    with sqlite3.connect(course.gradebook) as other:
        other.execute("BEGIN EXCLUSIVE")
        done = subprocess.run(command(course), capture_output=True, text=True, timeout=120)
        other.rollback()
    assert done.returncode == 4, done.stderr
    assert "could not be used: database is locked" in done.stderr
    assert Run(course, KEY).grade().results[0].points == MARKS["ben"]


def test_a_damaged_gradebook_is_told(tmp_path):
    course = make_course(tmp_path, {"anna": STUDENTS["anna"]})
    course.gradebook.write_text("no database at all, but long enough to be looked at" * 20)
    done = subprocess.run(command(course), capture_output=True, text=True, timeout=120)
    assert done.returncode == 4, done.stderr
    assert "file is not a database" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_journal_of_another_version_is_graded_again(tmp_path):
    path = tmp_path / "tiny.jsonl"
    path.write_text('{"run": {"seed": 5}}\n{"result": {"student": "anna", "tasks": [], "x": 1}}\n'
                    '[]\n"a"\n{"seed": 7}\n')
    journal = Journal(path)
    assert (journal.results, journal.seed(), journal.finished) == ({}, 5, False)


def test_help_tells_the_exit_codes():
    done = subprocess.run([sys.executable, "-m", "autograder", "grade", "--help"],
                          capture_output=True, text=True, timeout=60)
    assert "exit codes:" in done.stdout
    assert "refused" in done.stdout
    assert "--unsafe" in done.stdout


def test_other_systems_are_told_that_the_grader_is_for_linux(monkeypatch, capsys):
    from autograder.__main__ import main

    monkeypatch.setattr(sys, "platform", "darwin")
    assert main() == 2
    assert "the grader is for Linux" in capsys.readouterr().err


def test_links_and_folders_in_place_of_a_notebook_are_told(tmp_path):
    course = make_course(tmp_path, {"anna": STUDENTS["anna"], "fay": "x"})
    course.submitted("fay", KEY).unlink()
    course.submitted("fay", KEY).mkdir()
    (course.folder / "submitted" / "lin").mkdir()
    (course.folder / "submitted" / "lin" / KEY).symlink_to(course.submitted("anna", KEY).parent)
    (course.folder / "submitted" / "lou" / KEY).mkdir(parents=True)
    course.submitted("lou", KEY).symlink_to(course.submitted("anna", KEY))
    (course.folder / "submitted" / "max" / KEY).mkdir(parents=True)
    notes = {result.student: result.notes for result in Run(course, KEY).grade().results}
    assert notes == {
        "anna": [], "fay": ["tiny.ipynb is not an ordinary file"],
        "lin": ["tiny is a link to another folder"],
        "lou": ["tiny.ipynb is not an ordinary file"],
        "max": ["there is no tiny.ipynb in the submission"]}


def test_a_new_gradebook_has_the_version_that_nbgrader_gives_it(tmp_path, monkeypatch):
    from nbgrader.api import get_alembic_version

    from autograder.database import Database
    from autograder.gradebook import create

    beside = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", beside + os.pathsep + os.environ["PATH"])
    (tmp_path / "gradebook.db").touch()  # as a full disk may leave it
    create(Database(f"sqlite:///{tmp_path}/gradebook.db"))
    with sqlite3.connect(tmp_path / "gradebook.db") as book:
        (found,) = book.execute("SELECT version_num FROM alembic_version").fetchall()
    assert found == (get_alembic_version(),)
