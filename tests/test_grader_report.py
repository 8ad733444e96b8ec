"""The class's page: its numbers, its manners, and what it does not tell without names."""

import html.parser
import json
import re
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import chromium
import pytest
from grader_world import KEY, make_course
from made_up_class import (
    MOST,
    POINTS,
    SECRET_WORDS,
    TITLE,
    VERDICTS,
    graded_course,
    marks_of,
    verdicts,
)

from autograder import charts, commands, export, report, table
from autograder.class_marks import NothingGraded, class_marks
from autograder.class_statistics import mistakes, stuck_reasons, task_rows
from autograder.course import Course
from autograder.grade import ClassReport

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")
HOSTILE = "<script>alert('me')</script>"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return graded_course(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def marks(course):
    return class_marks(course, KEY)


class Page(html.parser.HTMLParser):
    """What a page is made of; a tag that is not closed in its turn is an error."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(text)
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, name: str) -> list[dict]:
        return [attributes for tag, attributes in self.tags if tag == name]


def test_points_are_those_of_the_gradebook(marks):
    assert {student.student: student.points for student in marks.students} == POINTS
    assert (marks.title, marks.max_points) == (TITLE, 5.0)
    assert [s.student for s in marks.handed_in if s.waits] == ["chloe", "dino"]


def test_tasks_mistakes_and_what_could_not_run_are_counted(marks):
    rows = {row.label: row for row in task_rows(marks)}
    assert [*rows] == ["mean", "partial", "scale"]
    assert rows["mean"].counts == {
        "full marks": 1, "wrong": 2, "part of the marks": 1, "not written": 1}
    assert rows["scale"].counts == {"full marks": 2, "could not run": 2, "not written": 1}
    assert rows["scale"].share == pytest.approx(4 / 10)
    found = {m.name: (m.students, m.tasks, m.points) for m in mistakes(marks)}
    assert found == {"sums": (["ben", "chloe"], ["mean", "partial"], 1 + 2 + 1),
                     "halves": (["chloe"], ["partial"], 0.5)}
    assert stuck_reasons(marks) == [("timeout", 1, 1), ("unreadable", 1, 2)]


@pytest.mark.parametrize("anonymous", [False, True])
def test_the_page_is_whole_and_can_be_read_without_seeing_it(marks, anonymous):
    page = Page(report.page(marks, anonymous, "../feedback"))
    assert page.all("html") == [{"lang": "en"}]
    pictures = [svg for svg in page.all("svg") if svg.get("aria-hidden") != "true"]
    assert len(pictures) > 5
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in pictures)
    assert all(head["scope"] in ("col", "row") for head in page.all("th"))
    assert all(region["aria-label"] for region in page.all("div") if "role" in region)
    for word in ("sums", "timeout", "partial", "landlock"):
        assert word in page.text


@pytest.mark.parametrize("anonymous", [False, True])
def test_the_page_asks_nobody(marks, anonymous):
    text = report.page(marks, anonymous, "../feedback")
    page = Page(text)
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object"} == set()
    assert not re.search(r"https?:|//[a-z]|url\(|@import|src=", text)
    ways = [link["href"] for link in page.all("a")]
    assert ways == ([] if anonymous else [f"../feedback/{name}/tiny/tiny.html"
                                          for name in POINTS if name != "zoe"])


def renamed(marks, names: dict[str, str]):
    """The same class under other names, in their order."""
    students = [replace(deepcopy(student), student=name, first_name=name, lms_id="007",
                        email=f"{name}@x.example", submitted="1999-01-01")
                for student in marks.students for name in [names[student.student]]]
    return replace(marks, students=tuple(sorted(students, key=lambda s: s.student)))


def test_names_are_text(marks):
    names = {student: student + HOSTILE + '"' for student in POINTS}
    page = Page(report.page(renamed(marks, names), False, "../feedback"))
    assert page.all("script") == []
    assert HOSTILE in page.text


def test_without_names_the_page_is_the_same_whoever_they_are(marks):
    """Other names in another order, other words of theirs, other times: not a letter changes."""
    other = renamed(marks, dict(zip(POINTS, "ufwaqe", strict=True)))
    for student in other.students:
        for task in student.tasks:
            task.result.message += " in other words"
    assert report.page(other, anonymous=True) == report.page(marks, anonymous=True)
    assert report.page(other) != report.page(marks)


def test_without_names_nothing_of_a_student_is_told(tmp_path):
    text = report.page(marks_of(tmp_path), anonymous=True)
    told = [word for word in (*VERDICTS, "Ben", "Brown", "4711", "zoe", SECRET_WORDS, "2026",
                              "271828", str(tmp_path), "feedback/") if word in text]
    assert told == []
    assert SECRET_WORDS in report.page(marks_of(tmp_path / "again"))


def test_a_large_class_folds_its_students_away(marks):
    many = replace(marks, students=tuple(
        replace(student, student=f"{student.student}{place}") for place in range(20)
        for student in marks.students))
    text = report.page(many)
    assert [title for title in re.findall("<summary>(.*?)</summary>", text)] == [
        "The same in numbers", "40 names", "20 names", "All 120"]
    assert "chloe7" in Page(text).text


def test_a_large_class_prints_how_many_lost_points():
    lost = [verdicts("ben")] * 61
    assert table.reasons(KEY, lost) == (
        "61 students lost points; `autograder report tiny` shows why.")
    assert table.reasons(KEY, lost[:60]).count("ben  -3  mean, partial: sums") == 60


def test_the_table_says_where_the_gradebook_has_other_points():
    chloe, ben = verdicts("chloe"), verdicts("ben")
    chloe.held = {"manual": {f"{KEY}-scale-test": 1.0}, "penalty": 0.5}
    told = table.changes(ClassReport(None, [ben, chloe]))
    assert told == ("The gradebook has other points, by a person's marks or a late penalty: "
                    "chloe 2")


def test_pictures_count_what_they_show():
    picture = charts.histogram([0, 0, 1, 4.5, 5, 99], 1, 6, "Students", "points", whole=True)
    assert re.findall(r'class="count"[^>]*>(\d+)<', picture) == ["2", "1", "1", "2"]
    assert "Students: 2 from 0 to under 1, 1 from 1 to under 2" in picture
    widths = re.findall(r'class="(\w+)" x="([\d.]+)"[^>]* width="([\d.]+)"',
                        charts.shares([("full", 3), ("wrong", 0), ("stuck", 1)], "words"))
    assert widths == [("full", "0.00", "75.00"), ("stuck", "75.00", "25.00")]


@pytest.mark.parametrize(("most", "step"), [(0, 1), (0.9, 0.1), (19, 2), (20, 2), (21, 5),
                                            (300, 50), (1000, 100)])
def test_intervals_are_round_and_few(most, step):
    assert charts.round_step(most, 10) == pytest.approx(step)


def said(capsys, course: Course, *options: str) -> tuple[int, dict]:
    code = commands.main(["report", KEY, "--root", str(course.root), "--course",
                          str(course.folder), "--json", *options])
    return code, json.loads(capsys.readouterr().out)


def test_the_verb_writes_the_page_and_says_where(course, capsys, tmp_path):
    code, document = said(capsys, course, "--anonymous", "--to", str(tmp_path / "new" / "x.html"))
    assert code == document["exit_code"] == 0
    assert "chloe" not in Path(document["page"]).read_text("utf-8")
    assert (document["handed_in"], document["median"]) == (5, 1.5)
    assert {task["name"]: task["max_points"] for task in document["tasks"]} == MOST
    assert "ben" not in json.dumps(document)
    code, document = said(capsys, course)
    assert Path(document["page"]) == course.folder / "report" / "tiny.html"
    assert "chloe" in Path(document["page"]).read_text("utf-8")


def test_without_a_journal_the_page_shows_what_the_gradebook_holds(tmp_path):
    course = graded_course(tmp_path)
    course.journal(KEY).unlink()
    marks = class_marks(course, KEY)
    endings = {student.student: [task.ending for task in student.tasks]
               for student in marks.handed_in}
    assert endings["dino"] == ["part of the marks", "waits for a person", "waits for a person"]
    assert endings["ben"] == ["wrong", "full marks", "wrong"]
    assert "The journal holds no run of this class" in Page(report.page(marks)).text
    assert export.gradescope(marks, marks.handed_in[0])["score"] == 5.25


def test_a_class_of_one_has_a_page(marks):
    assert "<dt>handed in</dt><dd>1</dd>" in report.page(marks.only("ben"))


def test_a_class_without_marks_is_told_what_to_do_first(capsys, tmp_path):
    course = make_course(tmp_path, {})
    code, document = said(capsys, course)
    assert code == document["exit_code"] == 2
    assert "run `autograder grade tiny` first" in document["error"]
    with pytest.raises(NothingGraded, match="knows no student 'bem'; did you mean 'ben'"):
        marks_of(tmp_path / "full").only("bem")


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("anonymous", [False, True])
def test_the_page_fits_a_phone_and_asks_nobody(marks, tmp_path, dark, anonymous):
    if chromium.missing():
        pytest.skip(f"not run: {chromium.missing()} is not installed")
    path = tmp_path / "class.html"
    report.write(marks, path, anonymous, tmp_path / "feedback")
    browser = chromium.Browser()
    try:
        for width in (1280, 390):
            browser.view(width, 900, dark)
            browser.requests()
            browser.open(path.as_uri())
            assert browser.run("return document.documentElement.scrollWidth") <= width
            assert {way for way in browser.requests() if way.startswith(("http", "ws"))} == set()
    finally:
        browser.close()
