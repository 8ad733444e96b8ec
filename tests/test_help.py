"""The page for who is stuck quotes messages that the notebooks really print."""

import re

from book_pages import BOOK, ROOT

from attnlab.check.outcomes import REASONS

PYTHONS_OWN = {"No module named 'attnlab'"}
PRINTING = [*sorted((ROOT / "attnlab").rglob("*.py")), ROOT / "tools" / "install_cell.py"]
SOURCE = " ".join(path.read_text("utf-8") for path in PRINTING)
TERMS = re.findall(r'^"([^"]+)".*\n: ', (BOOK / "help.md").read_text("utf-8"), re.MULTILINE)


def test_every_quoted_message_is_one_of_the_programs():
    joined = re.sub(r'"\s*f?"', "", SOURCE)  # strings that are written in parts
    assert len(TERMS) > 10
    assert not [term for term in TERMS if term not in joined and term not in PYTHONS_OWN]


def test_every_reason_for_no_verdict_that_a_student_can_mend_is_explained():
    theirs = {"timeout", "memory", "missing name", "not on the wire"}
    assert theirs <= set(REASONS)
    assert theirs <= set(TERMS)
