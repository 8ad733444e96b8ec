"""Named mistakes of mechanisms that share a page: shown there, and unlike the reference."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from book_pages import BOOK

from attnlab.check import CheckFailed, check, use_cases
from attnlab.check.cases import Mistake, labelled, make_cases
from attnlab.mechanisms import MECHANISMS
from attnlab.mechanisms.named import NAMED, TOUCHED, WITHOUT_MISTAKES
from book._extensions.mistakes_directive import home

SHARING = [key for key in NAMED if key not in TOUCHED and MECHANISMS[key].status != "taught"]
ZOO = Path(__file__).parents[1] / "solutions" / "mistakes" / "zoo"
KEYS = [key for key in SHARING if (ZOO / f"{key}.py").is_file()]
TASKS = {key: home(key).TASKS for key in KEYS}
LEAST = 3


def named(tasks: dict) -> list[Mistake]:
    return [mistake for task in tasks.values() for mistake in task.mistakes]


def unlike_the_reference(tasks: dict) -> Iterator[tuple[str, str | None]]:
    """Each form of each mistake with the name that a check of it gives, None if it passes."""
    cases = make_cases(tasks, seed=47)
    with use_cases(lambda _: cases):
        for name, task in tasks.items():
            for label, build in labelled(task.mistakes):
                try:
                    check(f"zoo.{name}", build)
                    yield label, None
                except CheckFailed as error:
                    yield label, error.mistake


def test_the_list_of_mistakes_to_be_written_is_the_truth():
    assert [*WITHOUT_MISTAKES] == [key for key in SHARING if key not in KEYS]
    strangers = {path.stem for path in ZOO.glob("[!_]*.py")} - {*KEYS}
    assert not strangers, f"no mechanism that shares a page: {strangers}"


@pytest.mark.parametrize("key", KEYS)
def test_a_mistake_differs_from_the_reference_and_is_told_from_the_others(key):
    found = [*unlike_the_reference(TASKS[key])]
    assert [(label, name) for label, name in found if label.partition("#")[0] != name] == []


@pytest.mark.parametrize("key", KEYS)
def test_the_reference_is_no_mistake(key):
    cases = make_cases(TASKS[key], seed=48)
    with use_cases(lambda _: cases):
        for name, task in TASKS[key].items():
            check(f"zoo.{name}", task.reference)


@pytest.mark.parametrize("key", KEYS)
def test_a_section_shows_enough_mistakes_and_each_sends_the_reader_there(key):
    text = (BOOK / f"{MECHANISMS[key].page}.md").read_text("utf-8")
    headings = {re.sub(r"\W+", "-", h.lower()) for h in re.findall(r"^## (.*)$", text, re.M)}
    mistakes = named(TASKS[key])
    assert len({mistake.name for mistake in mistakes}) >= LEAST
    assert f"```{{mistakes}} {key}\n" in text
    assert {mistake.section for mistake in mistakes} <= headings


def test_a_mistake_that_is_none_is_seen():
    task = TASKS["sk"]["sk"]
    right = Mistake("nothing", "sk", task.reference, "Nothing is wrong.", "nothing")
    spoiled = {"sk": replace(task, mistakes=(right, task.mistakes[0]))}
    assert [*unlike_the_reference(spoiled)] == [
        ("nothing", None), (task.mistakes[0].name, task.mistakes[0].name)
    ]  # fmt: skip
