"""The exchange: ordinary files of a student's own are collected, and no slip is relied on."""

import gc
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback

from autograder.files import SLIPS
from autograder.limits import Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")
NOW = "2026-10-01 12:00:00.000000 UTC"
ANSWERS = "the solved notebook"


@pytest.fixture
def handed_in(tmp_path) -> Path:
    """The folder of a submission, as a student can shape it, beside a file of the instructor's."""
    (tmp_path / "solved.ipynb").write_text(ANSWERS)
    folder = tmp_path / "inbound"
    folder.mkdir()
    (folder / "se.ipynb").write_text("mine")
    (folder / "timestamp.txt").write_text(NOW)
    (folder / "submission_secret.txt").write_text("ab" * 64)
    return folder


def collected(kind: type, folder: Path) -> dict[str, str]:
    """What lies in the class's folder afterwards, by name."""
    course = CourseDirectory()
    kind(coursedir=course, authenticator=Authenticator(parent=course)).do_copy(
        str(folder), str(folder.parent / "submitted" / kind.__name__))
    there = folder.parent / "submitted" / kind.__name__
    return {path.name: path.read_text() for path in there.iterdir()} if there.is_dir() else {}


@pytest.fixture
def collect():
    """Ours; nbgrader's log, which the tests read, is a child of the root's."""
    from autograder.exchange import Collect

    logging.getLogger("traitlets").propagate = True
    return lambda folder: collected(Collect, folder)


def test_a_link_to_the_answers_is_an_answer_for_nbgrader_and_nothing_here(
        handed_in, collect, caplog):
    (handed_in / "se.ipynb").unlink()
    (handed_in / "se.ipynb").symlink_to(handed_in.parent / "solved.ipynb")
    assert collected(ExchangeCollect, handed_in)["se.ipynb"] == ANSWERS
    assert set(collect(handed_in)) == set(SLIPS)
    assert "se.ipynb in" in caplog.text
    assert "left behind: a link" in caplog.text


def test_a_link_in_the_place_of_the_folder_is_not_followed(handed_in, collect, caplog):
    link = handed_in.with_name("link")
    link.symlink_to(handed_in)
    assert collect(link) == {}
    assert "link is left behind: " in caplog.text


def test_a_pipe_does_not_stop_the_collecting(handed_in, collect, caplog):
    os.mkfifo(handed_in / "pipe.ipynb")
    assert set(collect(handed_in)) == {"se.ipynb", *SLIPS}
    assert "pipe.ipynb in" in caplog.text
    assert "no ordinary file" in caplog.text


def test_only_notebooks_and_slips_are_taken_and_of_a_large_one_what_shows_its_size(
        handed_in, collect):
    (handed_in / "notes.html").write_text("<p>")
    most = Limits().submission_file
    with (handed_in / "se.ipynb").open("wb") as file:
        file.truncate(2 * most)
    taken = collect(handed_in)
    assert set(taken) == {"se.ipynb", *SLIPS}
    assert len(taken["se.ipynb"]) == most + 1


def test_a_file_of_somebody_else_is_left_behind(handed_in, collect, caplog):
    if os.geteuid():
        pytest.skip("not run: only root can give a file away")
    os.chown(handed_in / "se.ipynb", 65534, -1)
    assert set(collect(handed_in)) == set(SLIPS)
    assert "it belongs to somebody else" in caplog.text


@pytest.mark.parametrize("claimed", [NOW, "yesterday", ""])
def test_a_time_long_before_the_last_change_is_told(handed_in, collect, caplog, claimed):
    (handed_in / "timestamp.txt").write_text(claimed)
    collect(handed_in)
    assert f"claims the time {claimed!r} and was changed at 20" in caplog.text


def test_an_honest_time_is_no_news(handed_in, collect, caplog):
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    (handed_in / "timestamp.txt").write_text(now)
    collect(handed_in)
    assert "claims" not in caplog.text


@pytest.fixture
def pages(tmp_path) -> CourseDirectory:
    """Feedback for anna, whose submission lost its secret, and for ben, whose did not."""
    (tmp_path / "exchange" / "attention").mkdir(parents=True)
    (tmp_path / "exchange").chmod(0o777)
    for student, slips in (("anna", SLIPS[:1]), ("ben", SLIPS)):
        folder = tmp_path / "feedback" / student / "se"
        folder.mkdir(parents=True)
        for name in ("se.html", *slips):
            (folder / name).write_text(student)
    return CourseDirectory(root=str(tmp_path), course_id="attention", assignment_id="se")


def release(kind: type, course: CourseDirectory) -> list[str]:
    """The pages that are in the exchange afterwards."""
    exchange = Path(course.root, "exchange")
    kind(coursedir=course, authenticator=Authenticator(parent=course), root=str(exchange)).start()
    return [path.read_text() for path in exchange.rglob("*.html")]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_page_without_a_way_back_does_not_stop_the_others(pages, caplog):
    from autograder.exchange import ReleaseFeedback

    logging.getLogger("traitlets").propagate = True
    with pytest.raises(FileNotFoundError, match=r"anna.*submission_secret\.txt"):
        release(ExchangeReleaseFeedback, pages)
    assert release(ReleaseFeedback, pages) == ["ben"]
    assert "the page of anna is not released" in caplog.text
    assert pages.student_id_exclude == ""
    gc.collect()  # nbgrader leaves files open, and this test is the one that forgives it
