"""Broken submissions, all in one class: each gets its marks and its sentence, none stops another.

A record says what is handed in, what it earns and what is said; the files broken_*.py hold them.
"""

import contextlib
import ctypes
import html
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import broken_cells
import broken_files
import broken_json
import broken_names
import broken_texts
import nbformat
import pytest
from broken import ALL, Broken, whole
from grader_world import KEY, SECRET, make_course

from autograder.course import Course
from autograder.feedback import number
from autograder.files import student_name
from autograder.grade import ClassReport, Run
from autograder.outcome import Result
from autograder.table import reasons, table

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

ROOT = Path(__file__).resolve().parents[2]
GOOD = Broken("good", whole(), ALL)
RECORDS = [GOOD, *broken_json.RECORDS, *broken_cells.RECORDS, *broken_texts.RECORDS,
           *broken_files.RECORDS, *broken_names.RECORDS]
IDS = [student_name(record.name)[:40] for record in RECORDS]
NBGRADERS = {"good", "no-json", "deep-lists", "100-MB", "fifo", "link-out", "cell-copied",
             "format-3", "cell-metadata-null", "stamp-odd", "syntax-open-bracket", "李雷", "o'neil"}
TESTS = ("tiny-mean-test", "tiny-scale-test", "tiny-partial-test")
DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2  # root's powers to open whatever is closed
CAPGET, CAPSET, VERSION_3 = 125, 126, 0x20080522


@contextlib.contextmanager
def without_roots_powers() -> Iterator[None]:
    """In this thread, what is closed is closed for root too, as for anybody else."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, before = (ctypes.c_uint32 * 2)(VERSION_3, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, before) == 0
    less = (ctypes.c_uint32 * 6)(*before)
    less[0] &= ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH)
    assert libc.capset(header, less) == 0
    try:
        yield
    finally:
        libc.capset(header, before)


def write_class(folder: Path, records: list[Broken]) -> Course:
    course = make_course(folder, {})
    for record in records:
        record.write(course.folder / "submitted" / record.name / KEY / f"{KEY}.ipynb")
    return course


def rows(book: Path) -> dict[str, dict[str, tuple]]:
    """What the gradebook holds: student -> test -> (automatic mark, whether a person is asked)."""
    question = """SELECT s.student_id, c.name, g.auto_score, g.needs_manual_grade
        FROM grade g JOIN base_cell c ON c.id = g.cell_id
        JOIN submitted_notebook n ON n.id = g.notebook_id
        JOIN submitted_assignment s ON s.id = n.assignment_id"""
    found: dict = {}
    with sqlite3.connect(book) as connection:
        for student, name, score, asked in connection.execute(question):
            found.setdefault(student, {})[name] = (score, bool(asked))
    return found


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Iterator[tuple[Course, ClassReport]]:
    course = write_class(tmp_path_factory.mktemp("malformed"), RECORDS)
    with without_roots_powers():
        yield course, Run(course, KEY, workers=2).grade()
    for path in (course.folder / "submitted").glob("closed*"):
        path.chmod(0o755)  # so that pytest can tidy up
        (path / KEY).chmod(0o755)


def result_of(report: ClassReport, record: Broken) -> Result:
    (found,) = [one for one in report.results if one.student == student_name(record.name)]
    return found


def sentences(result: Result) -> str:
    return " ".join([*result.notes, *(task.message for task in result.tasks)])


def test_there_are_enough_and_nobody_is_left_out(graded):
    _, report = graded
    assert len(RECORDS) > 150
    assert sorted(result.student for result in report.results) == sorted(
        student_name(record.name) for record in RECORDS)


@pytest.mark.parametrize("record", RECORDS, ids=IDS)
def test_each_gets_its_marks_and_its_sentence(record, graded):
    _, report = graded
    result = result_of(report, record)
    assert tuple(task.points for task in result.tasks) == record.points, sentences(result)
    assert record.says in sentences(result)
    if not record.says:
        assert result.notes == []
    assert len(set(result.notes)) == len(result.notes) < 5
    assert not result.our_error, sentences(result)


@pytest.mark.parametrize("record", RECORDS, ids=IDS)
def test_gradebook_notebook_and_page_are_there(record, graded):
    course, report = graded
    result = result_of(report, record)
    book = rows(course.gradebook)[result.student]
    assert {name: score or 0 for name, (score, _) in book.items()} == dict(
        zip(TESTS, record.points, strict=True))
    assert {name for name, (_, asked) in book.items() if asked} == {
        task.name for task in result.tasks if task.undecided}
    notebook = nbformat.read(course.autograded(result.student, KEY), as_version=4)
    nbformat.validate(notebook)
    assert "tiny-scale" in [cell.id for cell in notebook.cells]
    raw = course.feedback(result.student, KEY).read_text("utf-8")
    assert "<script" not in raw
    assert "<b onclick" not in raw
    page = html.unescape(raw)
    assert f"{number(sum(record.points))} <small>of 5 points" in page
    assert record.says.lower() in page.lower()
    assert SECRET not in page


def test_names_have_room_in_any_database(graded):
    _, report = graded
    assert max(len(result.student) for result in report.results) <= 128
    assert len({result.student for result in report.results}) == len(RECORDS)


def test_what_nobody_could_read_waits_for_a_person(graded):
    _, report = graded
    for result in report.results:
        unreadable = {task.reason for task in result.tasks} == {"unreadable"}
        assert unreadable == all(task.undecided for task in result.tasks), result.student


def test_the_instructors_words_can_be_printed(graded):
    _, report = graded
    for result in report.results:
        text = table(KEY, [result]) + reasons(KEY, [result])
        text.encode()
        assert "\x1b" not in text
        if result.student == "nothing":
            assert "there is no tiny.ipynb in the submission" in " ".join(text.split())


def test_a_second_run_grades_nobody_again(graded):
    course, _ = graded
    assert Run(course, KEY).grade().graded == []


def by_nbgrader(folder: Path, records: list[Broken]) -> Course:
    """The class of these records, graded by nbgrader's own commands."""
    course = write_class(folder, records)
    config = (ROOT / "nbgrader_config.py").read_text()
    config = config.replace("Path(__file__).resolve().parent", f"Path({str(folder)!r})")
    (folder / "nbgrader_config.py").write_text(config + "c.FromSource.root = str(ROOT)\n")
    environment = os.environ | {"WHERE_TO_LOOK_COURSE": str(course.folder)}
    for step in ("autograde", "generate_feedback"):
        done = subprocess.run([str(Path(sys.executable).with_name("nbgrader")), step, KEY],
                              cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
    return course


@pytest.mark.parametrize("everyone", [
    pytest.param(False, id="some"), pytest.param(True, id="everyone", marks=pytest.mark.slow)])
def test_plain_nbgrader_gives_the_same_marks_and_pages(everyone, tmp_path, graded):
    records = [record for record in RECORDS if record.plain]
    records = [record for record in records  # nothing is closed to root
               if not (os.getuid() == 0 and record.name.startswith("closed"))]
    records = records if everyone else [r for r in records if r.name in NBGRADERS]
    course = by_nbgrader(tmp_path, records)
    own, plain = rows(graded[0].gradebook), rows(course.gradebook)
    assert len(plain) == len(records)
    assert plain == {student: own[student] for student in plain}
    for record in records:
        page = html.unescape(course.feedback(record.name, KEY).read_text("utf-8"))
        assert SECRET not in page
