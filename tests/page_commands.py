"""The commands that the instructors' pages and the README tell people to type."""

import re
import shlex
from pathlib import Path

from book_pages import BOOK, ROOT

PAGES = [ROOT / "README.md", *sorted((BOOK / "instructors").glob("*.md"))]
FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELLS = ("", "sh", "bash", "console")
INLINE = re.compile(r"`((?:autograder|nbgrader|make|jupyter-book|jupyter) [^`]+)`")


def commands(page: Path) -> list[str]:
    """Each command of the fenced blocks: its lines joined, without a prompt and a comment."""
    blocks = FENCED.findall(page.read_text("utf-8"))
    return [found for kind, block in blocks if kind in SHELLS for found in _split(block)]


def _split(block: str) -> list[str]:
    found, waiting = [], ""
    for line in re.sub(r" *\\\n *", " ", block).splitlines():
        waiting += line.removeprefix("$ ") + "\n"
        if _is_whole(waiting):
            found.append(re.sub(r"\s+#.*", "", waiting).strip())
            waiting = ""
    assert not waiting, f"a command has no end: {waiting}"
    return [command for command in found if command]


def _is_whole(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:  # a quotation goes on in the next line
        return False
    return True


def inline(page: Path) -> list[str]:
    """The commands that stand within a sentence."""
    return INLINE.findall(page.read_text("utf-8"))
