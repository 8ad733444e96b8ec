"""The gradebook on a real PostgreSQL server: the same rows, and one grader at a time."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from grader_world import KEY, RIGHT, handed_in, make_course
from postgres_server import Server, program
from sqlalchemy import create_engine, text

from autograder.course import Busy, Course
from autograder.database import BookTrouble, Database
from autograder.grade import Run

pytest.importorskip("psycopg", reason="not run: psycopg is not installed (the extra `postgres`)")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux"),
    pytest.mark.skipif(not program("initdb"), reason="not run: there is no PostgreSQL here"),
]

ROOT = Path(__file__).resolve().parents[1]
STUDENTS = {
    "anna": handed_in(RIGHT),
    "ben": handed_in(RIGHT | {"tiny-mean": "def mean(x): return x.sum((2, 3))"}),
    "dino": "{not JSON",
    "李雷": handed_in(RIGHT | {"tiny-scale": "class Scale: pass"}),
}
EVERYTHING = """SELECT s.student_id, c.name, g.auto_score, g.manual_score, g.needs_manual_grade
    FROM grade g JOIN base_cell c ON c.id = g.cell_id
    JOIN submitted_notebook n ON n.id = g.notebook_id
    JOIN submitted_assignment s ON s.id = n.assignment_id"""


@pytest.fixture(scope="module")
def server():
    server = Server()
    server.start()
    yield server
    server.stop()
    server.remove()


@pytest.fixture
def course(server, tmp_path, request):
    """A class whose gradebook is a new database."""
    made = make_course(tmp_path, STUDENTS)
    name = "".join(letter for letter in request.node.name if letter.isalnum()).lower()[:60]
    return Course(made.root, made.folder, server.database(name))


def ask(url: str, question: str) -> list[tuple]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            found = connection.execute(text(question))
            return [tuple(row) for row in found] if found.returns_rows else []
    finally:
        engine.dispose()


def rows(course: Course) -> list[tuple]:
    found = ask(course.database.url, EVERYTHING)
    return sorted(tuple(map(str, (*row[:-1], bool(row[-1])))) for row in found)


def command(course: Course, *options: str) -> list[str]:
    return [sys.executable, "-m", "autograder", "grade", KEY, "--root", str(course.root),
            "--course", str(course.folder), "--db", course.db, "--workers", "2", *options]


def test_rows_are_those_of_sqlite_and_a_regrade_keeps_what_people_entered(course, tmp_path):
    own = make_course(tmp_path / "own", STUDENTS)
    Run(own, KEY).grade()
    Run(course, KEY).grade()
    assert rows(course) == rows(own)
    assert not course.gradebook.exists(), "a file was written beside the database"
    assert Run(course, KEY).grade().graded == []
    ask(course.db, "UPDATE grade SET manual_score = 0.25 WHERE auto_score = 0")
    course.submitted("ben", KEY).write_text(STUDENTS["anna"])
    assert Run(course, KEY).grade().graded == ["ben"]
    kept = [row for row in rows(course) if row[3] == "0.25"]
    assert {row[0] for row in kept} == {"ben", "李雷"}
    report = subprocess.run(
        [*command(course)[:3], "export", KEY, *command(course)[5:-2], "--format", "spreadsheet"],
        capture_output=True, text=True, timeout=120)
    assert report.returncode == 0, report.stderr


def test_nbgrader_with_our_steps_gives_the_same_rows(course, tmp_path):
    own = make_course(tmp_path / "own", STUDENTS)
    Run(own, KEY).grade()
    config = (ROOT / "nbgrader_config.py").read_text()
    config = config.replace("Path(__file__).resolve().parent", f"Path({str(course.root)!r})")
    (tmp_path / "nbgrader_config.py").write_text(config + "c.FromSource.root = str(ROOT)\n")
    environment = os.environ | {"WHERE_TO_LOOK_COURSE": str(course.folder),
                                "WHERE_TO_LOOK_DB": course.db}
    done = subprocess.run([str(Path(sys.executable).with_name("nbgrader")), "autograde", KEY],
                          cwd=tmp_path, env=environment, capture_output=True, text=True,
                          timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    assert rows(course) == rows(own)


def test_a_second_grader_on_another_machine_is_told(course, tmp_path):
    elsewhere = make_course(tmp_path / "elsewhere", STUDENTS)
    other = Course(elsewhere.root, elsewhere.folder, course.db)
    with course.locked(KEY):
        with pytest.raises(Busy, match="perhaps on another machine, is at work on 'tiny'"):
            Run(other, KEY).grade()
        with other.locked("another exercise"):
            pass
        done = subprocess.run(command(other), capture_output=True, text=True, timeout=120)
        assert done.returncode == 4, done.stderr
    Run(other, KEY).grade()


def test_two_graders_started_together_double_nothing(course, tmp_path):
    elsewhere = make_course(tmp_path / "elsewhere", STUDENTS)
    other = Course(elsewhere.root, elsewhere.folder, course.db)
    both = [subprocess.Popen(command(one), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             text=True) for one in (course, other)]
    words = [process.communicate(timeout=240)[1] for process in both]
    codes = [process.returncode for process in both]
    assert sorted(codes) in ([0, 0], [0, 4]), words  # one after the other, or the second is told
    for one, code in zip((course, other), codes, strict=True):
        if code == 4:
            assert Run(one, KEY).grade().graded
    assert len(rows(course)) == 3 * len(STUDENTS)
    assert len({row[:2] for row in rows(course)}) == 3 * len(STUDENTS)


def test_a_server_that_stops_in_the_middle_is_told_and_nothing_is_lost(server, course, tmp_path):
    run = Run(course, KEY, workers=1)
    stopped = threading.Event()

    def stop_after_the_first(done: int, total: int) -> None:
        if done and not stopped.is_set():
            stopped.set()
            server.stop("immediate")

    run.progress = stop_after_the_first
    try:
        with pytest.raises(BookTrouble, match="Check that the server runs and lets you in"):
            run.grade()
    finally:
        server.start()
    own = make_course(tmp_path / "own", STUDENTS)
    Run(own, KEY).grade()
    again = Run(course, KEY).grade()
    assert 0 < len(again.graded) < len(STUDENTS)
    assert rows(course) == rows(own)


TROUBLES = {
    "no server": ("postgresql://grader@127.0.0.1:1/none", "could not be used"),
    "no such kind": ("nothing://grader@host/none", "names no database; expected sqlite:///FILE"),
    "no URL": ("grades", "grades names no database"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_words_for_a_database_that_cannot_be_used(tmp_path, trouble):
    url, words = TROUBLES[trouble]
    course = make_course(tmp_path, STUDENTS)
    with pytest.raises(BookTrouble, match=words):
        Run(Course(course.root, course.folder, url), KEY).grade()


def test_a_password_is_never_printed(tmp_path, monkeypatch):
    book = Database("postgresql://grader:sesame@127.0.0.1:1/none")
    assert str(book) == "postgresql://grader@127.0.0.1:1/none"
    with pytest.raises(BookTrouble) as told:
        book.is_there()
    assert "sesame" not in str(told.value)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(BookTrouble, match=r"needs the package psycopg: pip install"):
        book.is_there()
