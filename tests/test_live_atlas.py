"""The atlas's script: what it sorts, filters and says, on the facts of the registry itself."""

import json

import pytest
from atlas_directive import facts
from book_pages import BOOK
from live_figures import computed, node

from attnlab.atlas import rows

FACTS = [facts(row) for row in rows()]
UNKNOWN = [fact["name"] for fact in FACTS if fact["weights"] is None]


def called(function: str, *arguments):
    return computed("atlas.js", function, *arguments)


def fitting(**wanted) -> list[str]:
    """The names of those that fit, all asked in one go."""
    path = json.dumps(str(BOOK / "_static" / "atlas.js"))
    fits = f"{json.dumps(FACTS)}.map((f) => require({path}).fits(f, {json.dumps(wanted)}))"
    kept = node(f"console.log(JSON.stringify({fits}))")
    return [fact["name"] for fact, fit in zip(FACTS, kept, strict=True) if fit]


@pytest.mark.parametrize("down", [False, True], ids=["rising", "falling"])
def test_numbers_are_sorted_as_numbers_and_the_unknown_stays_last(down):
    shown = called("sorted", FACTS, "weights", down)
    known = [fact["weights"] for fact in shown if fact["weights"] is not None]
    assert known == sorted(known, reverse=down)
    assert [fact["name"] for fact in shown[-len(UNKNOWN) :]] == UNKNOWN


def test_words_are_sorted_as_words_and_questions_by_how_many_are_answered():
    names = [fact["name"] for fact in called("sorted", FACTS, "name", False)]
    assert names == sorted(names, key=str.lower)
    most = called("sorted", FACTS, "questions", True)[0]
    assert len(most["answers"]) == max(len(fact["answers"]) for fact in FACTS)


def test_what_is_asked_for_must_hold_all_at_once():
    assert fitting(text="woo KWEON") == ["Convolutional block attention", "Bottleneck attention"]
    assert fitting(kind="classes", form="gate") == []
    assert fitting(kind="classes") == ["Object-contextual representations"]
    assert "Efficient channel attention" in fitting(weights=3)
    assert "Squeeze-and-excitation" not in fitting(weights=511)
    assert "Squeeze-and-excitation" in fitting(weights=512)
    assert not set(UNKNOWN) & set(fitting(weights=10**9))


def test_a_question_finds_who_answers_it_and_who_helps():
    for question in ("rule", "key", "row"):
        good = [fact["name"] for fact in FACTS if question in fact["questions"]]
        assert fitting(question=question) == good
        assert good


def test_the_choices_are_those_of_the_facts():
    choices = called("choices", FACTS)
    assert [word for word, _ in choices["Work grows at most as"]] == ["1", "N", "N√N", "N²", "N³"]
    assert [word for word, _ in choices["Form"]] == ["gate", "pairs", "region"]
    assert [word for word, _ in choices["Reach"]] == ["global", "local"]
    assert len(choices["Kind"]) == 5


def test_the_line_says_how_many_are_shown_and_in_which_order():
    assert called("said", 7, 30, None, False) == "7 of 30 mechanisms shown."
    assert called("said", 7, 30, "weights", True) == (
        "7 of 30 mechanisms shown, sorted by weights, descending."
    )
    assert "show all again" in called("said", 0, 30, None, False)
