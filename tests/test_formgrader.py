"""What formgrader shows of a graded class in a browser, and what a mark given there is worth."""

import json
import re
import sys
import time

import chromium
import pytest
from grader_world import KEY, RIGHT, code, for_nbgrader, make_course, source_notebook
from jupyter_here import TOKEN, jupyter

from autograder.grade import Run
from autograder.held import held_in
from autograder.source import source_path

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux"),
]
WHY = "tiny-why"
WRITTEN = code(WHY, "Say why.", grade=True, solution=True, points=4) | {"cell_type": "markdown"}
ESSAY = "Because the mean forgets where."
SUMS = "def mean(x):\n    return x.sum((2, 3))  # ben's own line"
STUDENTS = {"anna": RIGHT, "ben": RIGHT | {"tiny-mean": SUMS}}


def notebook(texts: dict[str, str]) -> str:
    """The tiny exercise and a part that a person marks, with these texts in its cells."""
    found = source_notebook()
    found["cells"].append({name: value for name, value in WRITTEN.items()
                           if name not in ("outputs", "execution_count")})
    for cell in found["cells"]:
        cell["source"] = texts.get(cell["id"], cell["source"])
    return json.dumps(found)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    texts = {student: notebook(cells | {WHY: ESSAY}) for student, cells in STUDENTS.items()}
    course = make_course(tmp_path_factory.mktemp("formgrader"), texts)
    source_path(course.root, KEY).write_text(notebook({}))
    Run(course, KEY).grade()
    return course


@pytest.fixture(scope="module")
def browser(course):
    absent = chromium.missing()
    if absent:
        pytest.skip(f"not run: {absent} is not installed")
    folders = {f"JUPYTER_{kind}_DIR": str(course.root / kind.lower())
               for kind in ("CONFIG", "DATA", "RUNTIME")}
    browser = chromium.Browser()
    with jupyter(course.root, for_nbgrader(course) | folders) as address:
        browser.open(f"{address}/formgrader?token={TOKEN}")
        browser.address = address
        yield browser
    browser.close()


ROWS = """return [...document.querySelectorAll('tbody tr')]
    .map(row => [...row.cells].map(cell => cell.innerText.trim()))"""
LOADED = "return document.querySelectorAll('tbody tr a').length"


def table(browser, page: str) -> list[list[str]]:
    browser.open(f"{browser.address}/formgrader/{page}")
    browser.wait(LOADED, 60)
    return browser.run(ROWS)


def test_the_assignment_and_its_submissions_with_marks_are_listed(browser):
    (assignment,) = table(browser, "manage_assignments")
    assert (assignment[0], assignment[8]) == (KEY, str(len(STUDENTS)))
    found = {row[1]: row[3:5] for row in table(browser, f"manage_submissions/{KEY}")}
    assert found == {"anna": ["needs manual grading", "4.5 / 9"],
                     "ben": ["needs manual grading", "2 / 9"]}


def open_submission(browser, score: str) -> None:
    """By the link that a person would follow; names are hidden there, marks are not."""
    rows = table(browser, f"gradebook/{KEY}/{KEY}")
    (which,) = [number for number, row in enumerate(rows) if row[2] == score]
    browser.run("document.querySelectorAll('tbody tr')[arguments[0]].querySelector('a').click()",
                which)
    browser.wait("return document.querySelectorAll('input.score').length", 60)


MARKS = """return Object.fromEntries([...document.querySelectorAll('input.score')]
    .map(field => [field.id, field.value || field.placeholder]))"""


def test_a_submission_shows_the_students_cell_the_verdict_and_the_marks(browser):
    open_submission(browser, "2 / 9")
    browser.wait(f"{MARKS.replace('return ', 'return (')})['{KEY}-mean-test']", 30)
    assert browser.run(MARKS) == {f"{KEY}-mean-test": "0", f"{KEY}-scale-test": "2",
                                  f"{KEY}-partial-test": "0", WHY: ""}
    text = browser.run("return document.body.innerText")
    assert "return x.sum((2, 3))  # ben's own line" in text
    assert ESSAY in text
    assert "NotYet: a hidden test failed" in text


TYPED = "document.getElementById(arguments[0]).focus()"
LEAVE = "document.activeElement.blur()"


def type_into(browser, field: str, words: str) -> None:
    browser.run(TYPED, field)
    browser.cdp("Input.insertText", text=words)
    browser.run(LEAVE)


def held(course, kind: str) -> dict:
    """What a person put into the gradebook about ben, awaited: the page saves by itself."""
    for _ in range(200):
        if found := held_in(course.database, KEY)["ben"].get(kind):
            return found
        time.sleep(0.1)
    raise AssertionError(f"formgrader saved no {kind} in 20 s")


def test_a_mark_given_by_hand_survives_the_grading_that_follows(browser, course):
    open_submission(browser, "2 / 9")
    type_into(browser, WHY, "3")
    type_into(browser, f"{WHY}-comment", "Where does it go?")
    assert held(course, "manual") == {WHY: 3.0}
    assert held(course, "comments")[WHY] == "Where does it go?"
    before = course.submitted("ben", KEY).read_text("utf-8")
    for text in (before, before.replace("ben's own", "ben's better")):  # unchanged, handed in anew
        course.submitted("ben", KEY).write_text(text)
        Run(course, KEY).grade()
        page = re.sub("<[^>]+>", " ", course.feedback("ben", KEY).read_text("utf-8"))
        assert re.search(r"why\s+by hand\s+3 / 4", page)
        assert "Where does it go?" in page
        assert {row[1]: row[4] for row in table(browser, f"manage_submissions/{KEY}")} == {
            "anna": "4.5 / 9", "ben": "5 / 9"}
