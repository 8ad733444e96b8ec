"""Every chapter has words of its own: no two share more than one in twenty of their word runs.

A run is eight words in a row, in small letters, without punctuation. Counted is what a chapter says
in prose: its paragraphs, lists, tables, headings, boxes and captions. Left out are the card at its
head, whose form all chapters share, and code with its comments, formulas, front matter and the
names in directives. The share is of the shorter chapter's runs.
"""

import re
from itertools import combinations

import pytest
from book_pages import BOOK, Source

from attnlab.mechanisms import MECHANISMS

RUN, MOST = 8, 0.05
CARD = re.compile(r"^:::\{admonition\}[^\n]*\n:class: card-box\n.*?^:::$", re.M | re.S)
MARKUP = re.compile(
    r"\$\$.*?\$\$|"
    r"^:::\{[\w-]+\}|^:(?:class|name|label|open): [^\n]*$|\{[\w-]+\}`[^`]*`|\$[^$]*\$|`[^`]*`"
    r"|\]\([^)]*\)|<[^>]+>|^\([\w-]+\)=$",
    re.M | re.S,
)
CAPTION = re.compile(r'^ *caption: "(.*)"$', re.M)
CHAPTERS = sorted({record.page for record in MECHANISMS.values() if record.status == "taught"})


def runs(source: Source) -> set[tuple[str, ...]]:
    """The runs of eight words that a chapter's prose holds."""
    captions = [text for cell in source.cells for text in CAPTION.findall(cell.settings)]
    text = " ".join([MARKUP.sub(" ", CARD.sub("", source.prose)), *captions])
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower())
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def shared(one: set, other: set) -> float:
    """The share of the shorter text's runs that the other one holds too."""
    return len(one & other) / max(1, min(len(one), len(other)))


@pytest.fixture(scope="module")
def said() -> dict[str, set]:
    return {page: runs(Source(BOOK / f"{page}.md")) for page in CHAPTERS}


def test_no_two_chapters_say_the_same(said):
    for one, other in combinations(CHAPTERS, 2):
        both = [" ".join(run) for run in sorted(said[one] & said[other])]
        share = shared(said[one], said[other])
        assert share <= MOST, f"{one} and {other} share {share:.1%} of their runs: {both[:10]}"


def test_a_chapter_has_enough_words_to_compare(said):
    assert all(len(found) > 1500 for found in said.values())


def test_a_copied_paragraph_is_seen_and_a_card_is_not(tmp_path):
    card = (
        ":::{admonition} SE\n:class: card-box\nOne two three four five six seven eight nine.\n:::\n"
    )
    words = "Every channel is averaged over all of the places that it has.\n"
    for name, text in {"a": card + words, "b": card + words, "c": card}.items():
        (tmp_path / f"{name}.md").write_text(text)
    a, b, c = (runs(Source(tmp_path / f"{name}.md")) for name in "abc")
    assert shared(a, b) == 1
    assert len(a) == 5
    assert not c
