"""The cards of the first page: every chapter of the path once, with what its page says."""

import sys
from pathlib import Path

import pytest
import yaml
from book_pages import BOOK, ROOT

sys.path.insert(0, str(BOOK / "_extensions"))
import chapter_cards

CHAPTERS = [given for _, chapters in chapter_cards.path(ROOT) for given in chapters]
PAGE = """---
question: Which channel?
---

# A page

| Time | 40 minutes to read, two hours for the notebook |

{{download}}`x <../{notebook}>`
"""


def test_the_path_has_every_chapter_but_what_is_looked_up():
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))["parts"]
    wanted = [entry["file"] for part in parts for entry in part["chapters"]
              if part["caption"] not in ("Reference", "For instructors")]  # fmt: skip
    assert [given.docname for given in CHAPTERS] == wanted


def test_every_question_is_one_and_no_two_are_the_same():
    questions = [given.question for given in CHAPTERS]
    assert len(set(questions)) == len(questions)
    assert all(q.endswith("?") and q.count("?") == 1 and len(q) <= 90 for q in questions)


def test_a_card_says_what_the_registry_and_the_notebook_say():
    by_name = {given.docname: given for given in CHAPTERS}
    assert by_name["book/se"].facts.replace("\xa0", " ") == (
        "attends to channels · 40 min · 19 points"
    )
    assert by_name["book/nonlocal"].sign == "pairs"
    assert by_name["book/bench"].points is None


def page(folder: Path, text: str) -> chapter_cards.Chapter:
    (folder / "book").mkdir()
    (folder / "book" / "a.md").write_text(text)
    return chapter_cards.chapter(folder, "book/a")


def test_a_page_is_read(tmp_path):
    notebook = "exercises/x/x.ipynb"
    (tmp_path / "exercises/x").mkdir(parents=True)
    (tmp_path / notebook).write_text(
        '{"cells": [{"metadata": {"nbgrader": {"grade": true, "points": 3}}}, {"metadata": {}}]}'
    )
    given = page(tmp_path, PAGE.format(notebook=notebook))
    assert (given.title, given.minutes, given.points) == ("A page", 40, 3)


@pytest.mark.parametrize("lost", ["question: Which channel?", "| Time |"])
def test_a_page_that_does_not_say_enough_is_named(tmp_path, lost):
    text = PAGE.format(notebook="none").replace(lost, "")
    with pytest.raises(ValueError, match=r"book/a\.md: its card needs `question:` in the front"):
        page(tmp_path, text)


def test_the_title_is_the_only_link_of_a_card():
    html = chapter_cards.card(3, CHAPTERS[2], "se.html")
    assert html.count("<a ") == 1
    assert html.startswith('<li class="card-chapter" data-page="book/se">')
