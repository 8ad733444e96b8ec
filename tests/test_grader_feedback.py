"""The page that a student reads: what counts, each reason once, and what to do next."""

import re
import sys
from html import escape, unescape

import chromium
import pytest
from grader_world import KEY, RIGHT, source_notebook
from made_up_class import verdicts
from test_grader_report import Page

from autograder.feedback import ADVICE, UNWRITTEN, page
from autograder.outcome import COULD_NOT_RUN, FAILED, PASSED, Result, TaskResult
from autograder.source import make_plan

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")
PLAN = make_plan(KEY, source_notebook(), "")


def read(result: Result, texts: dict[str, str] = RIGHT) -> str:
    """What stands on the page, in one line."""
    text = re.sub("<style>.*?</style>|<[^>]+>", " ", page(PLAN, texts, result), flags=re.DOTALL)
    return " ".join(unescape(text).split())


def test_a_passed_cell_says_so_and_no_more():
    text = read(verdicts("anna"))
    assert "5 of 5 points" in text
    assert "mean passed 1 / 1 scale passed 2 / 2 partial passed 2 / 2 Your cells" in text


def test_a_reason_that_several_cells_share_is_told_once():
    result = verdicts("ben")
    for task in result.tasks[::2]:
        task.message = "mean(x) is not right"
    text = read(result)
    assert text.count("mean(x) is not right") == 1
    assert "mean, partial: mean(x) is not right A known mistake: sums" in text


def test_a_part_that_is_not_written_is_called_so_and_not_wrong():
    text = read(verdicts("emma"))
    assert text.count(UNWRITTEN) == 1
    assert "mean not written 0 / 1" in text
    assert "not yet" not in text


@pytest.mark.parametrize("reason", [reason for reason in ADVICE if reason != "unreadable"])
def test_what_could_not_run_comes_with_what_to_do(reason):
    task = TaskResult(f"{KEY}-mean-test", "Task", COULD_NOT_RUN, 0.0, 1.0, "why", reason)
    text = read(Result("anna", KEY, [task]))
    assert f"why {ADVICE[reason]}" in text
    assert ("a person will look" in text) == (reason != "missing name")


def test_a_file_that_cannot_be_read_is_told_once_with_what_to_do():
    result = verdicts("dino")
    result.notes = ["not JSON"]
    text = read(result)
    assert text.count("ot JSON") == 1
    assert "5 points are open" in text
    assert ADVICE["unreadable"] in text
    assert "Nothing of this submission was run." in text


def test_what_a_person_gave_counts_and_their_words_stand_beside_the_cell():
    result = verdicts("chloe")
    result.held = {"manual": {f"{KEY}-scale-test": 1.0}, "extra": {f"{KEY}-mean-test": 0.25},
                   "comments": {"tiny-scale": "Look <again>"}, "penalty": 0.5}
    text = read(result)
    assert "2.25 of 5 points" in text
    assert "Handed in late: 0.5 points less." in text
    assert "scale by hand 1 / 2" in text
    assert "mean not yet 0.25 / 1" in text
    assert "points are open" not in text
    shown = page(PLAN, RIGHT, result)
    assert re.search(r'<details class="card" open><summary>tiny-scale</summary>'
                     r'<p class="said">Look &lt;again&gt;</p>', shown)


def test_what_a_student_or_their_code_says_is_text():
    nasty = "</pre><script>alert('me')</script>"
    task = TaskResult(f"{KEY}-mean-test", nasty, FAILED, 0.0, 1.0, nasty, mistake=nasty)
    done = TaskResult(f"{KEY}-scale-test", nasty, PASSED, 2.0, 2.0, f"✓ a\n{nasty}")
    shown = page(PLAN, {"tiny-mean": nasty}, Result(nasty, KEY, [task, done], [f"{nasty}!"]))
    assert Page(shown).all("script") == []
    assert shown.count(escape(nasty)) >= 7


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_a_phone_follows_the_colour_scheme_and_asks_nobody(tmp_path, dark):
    if chromium.missing():
        pytest.skip(f"not run: {chromium.missing()} is not installed")
    result = verdicts("chloe")
    result.tasks[0].message = "one_very_long_name_without_a_place_to_break_it" * 5
    path = tmp_path / "chloe.html"
    path.write_text(page(PLAN, RIGHT | {"tiny-mean": "x = 1  # " + "long" * 99}, result), "utf-8")
    browser = chromium.Browser()
    try:
        browser.view(390, 900, dark)
        browser.requests()
        browser.open(path.as_uri())
        browser.run("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert browser.run("return document.documentElement.scrollWidth") <= 390
        back = browser.run("return getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", back))) < 200) == dark
        assert {way for way in browser.requests() if way.startswith(("http", "ws"))} == set()
    finally:
        browser.close()
