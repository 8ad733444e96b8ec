"""Appeals: a verdict is replayed from what was kept, and said in words that can be sent."""

import json
import sys
from dataclasses import replace

import pytest
from grader_world import KEY, RIGHT, SCALE, SECRET, handed_in, make_course

from autograder.explain import NothingKept, changed, explain
from autograder.grade import Run
from autograder.journal import Journal
from autograder.letter import letter, notes
from autograder.source import read_source

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

SUM = "def mean(x): return x.sum((2, 3))"
CLASS = {"ben": handed_in(RIGHT | {"tiny-mean": SUM}),
         "eve": handed_in(RIGHT | {"tiny-scale": SCALE.replace('"a", 2', '"a", 3')}),
         "flo": handed_in(RIGHT | {"tiny-mean": "def mean(x): raise ValueError(x.sum().item())"}),
         "dino": "{not JSON"}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("appeals"), CLASS)
    Run(course, KEY, workers=1).grade()
    return course


def test_a_hidden_test_is_explained_and_not_shown(course):
    verdict = explain(course, "ben", "mean")
    assert verdict.agrees
    words = letter(verdict)
    assert SECRET not in words
    for said in ("0 of 1 points", "mean(tensor[2, 3, 4, 5]) gave a tensor of shape (2, 3)",
                 "expected [0, 0] = ", "came     [0, 0] = ", "6 of 6 entries differ", SUM):
        assert said in words
    for said in (f"seed {verdict.result.seed}", "the same verdict, in the same words",
                 f"line 6 of the test: assert torch.allclose(mean(x), {SECRET}"):
        assert said in notes(verdict)


def test_a_replay_meets_the_very_inputs_of_the_run(course):
    verdict = explain(course, "flo", "mean")
    assert "raised ValueError" in verdict.recorded.message
    assert verdict.agrees, "the message holds the sum of what the test drew"


def test_another_verdict_is_said_and_why(course):
    path = course.journal(KEY)
    before = path.read_text()
    told = before.replace('2, 0.5]', '9, 0.5]').replace('"torch": "', '"torch": "1.')
    assert told != before
    path.write_text(told)
    try:
        verdict = explain(course, "eve", "tiny-scale-test", KEY)
    finally:
        path.write_text(before)
    assert not verdict.agrees
    assert "ANOTHER VERDICT. Recorded: failed, 0 points" in notes(verdict)
    assert "What has changed since: torch was 1." in notes(verdict)
    assert "expected ['a', 2, 0.5]" not in letter(verdict), "the recorded verdict counts"


def test_what_could_not_be_read_is_not_replayed(course):
    verdict = explain(course, "dino", "partial")
    assert verdict.replayed is None
    assert "not replayed: nothing of the file could be read" in notes(verdict)
    assert "2 points are open until a person has looked" in letter(verdict)


def test_what_has_changed_since_is_named(course):
    journal, plan = Journal(course.journal(KEY)), read_source(course.root, KEY)[1]
    run = journal.runs[journal.results["ben"].run]
    assert changed(course, plan, run) == []
    settings = run.settings | {"ATTNLAB_PROFILE": "full"}
    other = replace(run, source="", code="", settings=settings,
                    versions=run.versions | {"numpy": "1.0", "jax": "9"})
    assert [words.partition(" ")[0] for words in changed(course, plan, other)] == [
        "the", "the", "numpy", "jax", "ATTNLAB_PROFILE"]


def test_a_submission_that_is_not_as_it_was_kept_is_refused(course):
    kept = course.inputs(KEY, Journal(course.journal(KEY)).results["ben"].inputs)
    before = kept.read_text()
    kept.write_text(json.dumps({"texts": {}, "unreadable": ""}))
    with pytest.raises(NothingKept, match=r"is not as it was kept. Grade it anew: .* --only ben"):
        explain(course, "ben", "mean")
    kept.write_text(before)


@pytest.mark.parametrize(("student", "task", "words"), [
    ("bem", "mean", r"no verdict on 'bem' is kept in .*journal; did you mean 'ben'\?"),
    ("ben", "men", r"no task 'men' of 'ben'; did you mean 'mean'\?; there are: mean, partial, sc"),
])
def test_words_for_what_is_not_there(course, student, task, words):
    with pytest.raises(NothingKept, match=words):
        explain(course, student, task)


def test_a_task_of_two_exercises_asks_which(course):
    twin = course.journal("tony")
    twin.write_text(course.journal(KEY).read_text().replace("tiny-", "tony-"))
    with pytest.raises(NothingKept, match="several exercises; say which with --key: tiny, tony"):
        explain(course, "ben", "mean")
    twin.unlink()
