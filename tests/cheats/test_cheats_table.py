"""The cheats are counted, and the book's table of them is what these records say."""

import json

import cheats_directive as directive
import pytest
from cheat_marks import MARKS
from cheat_open import OPEN
from cheat_records import WALLS
from cheat_table import ALL, by_nbgrader, described, stored
from cheat_world import EASY, ROOT

FIRST_TABLE = """1 2a 2b 3 3b 4 5 6a 6b 6c 6d 6e 6f 7 8a 8b 8c 8d 8e 8f 8g
9 10 11 12 13 14 15 16 17""".split()


def test_the_first_table_is_whole_and_more_than_25_are_our_own():
    assert {trick.row.split(" ")[0] for trick in ALL if trick.row} == set(FIRST_TABLE)
    assert sum(bool(trick.row) for trick in ALL) == 33, "three rows have two notebooks"
    assert sum(not trick.row for trick in ALL) >= 25


def test_each_is_told_once_with_its_walls():
    for told in ("name", "trick"):
        assert len({getattr(trick, told) for trick in (*ALL, *OPEN)}) == len(ALL) + len(OPEN)
    assert {wall for trick in ALL for wall in trick.walls} == set(WALLS)
    assert all(trick.walls for trick in ALL)


def test_every_live_target_is_aimed_at():
    assert {trick.target for trick in ALL} >= {
        "marks", "a listener", "the gradebook", "solutions/", "another submission",
        "the hidden tests", "the parent process"}


def test_the_table_of_the_book_is_fresh():
    kept = stored()
    kept.pop("nbgrader")
    assert kept == json.loads(json.dumps(described())), "run python tests/cheats/cheat_table.py"


def test_the_book_names_what_remains():
    page = (ROOT / "book" / "instructors" / "security.md").read_text("utf-8")
    assert "{cheats}" in page
    assert "{cheats} open" in page


def test_the_directive_makes_a_row_of_every_cheat():
    rows = [line for line in directive.by_wall(described() | {"nbgrader": {}})
            if line.startswith("| ")]
    headers = [row for row in rows if row.startswith("| cheat |")]
    assert len(rows) == len(ALL) + 2 * len(headers)
    assert {row.count("|") for row in rows} == {5}


def test_cheats_beat_plain_nbgrader():
    """By the marks of its last run; the slow test below runs it again."""
    points = stored()["nbgrader"]["points"]
    assert points["honest"] == EASY
    assert set(points) >= {trick.name for trick in MARKS} - {"the same id twice"}
    assert len(winners(stored()["nbgrader"])) >= 10


@pytest.mark.slow
def test_plain_nbgrader_is_still_beaten_by_the_same():
    found = by_nbgrader()
    assert winners(found) == winners(stored()["nbgrader"])
    assert found["stops"] == stored()["nbgrader"]["stops"]


def winners(plain: dict) -> set[str]:
    """Cheats with more marks than the honest notebook."""
    return {name for name, points in plain["points"].items() if (points or 0) > EASY}
