"""The book's sources and its built pages, read in the same way by every test of the book."""

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
SOURCES = sorted([*BOOK.glob("*.md"), *BOOK.glob("instructors/*.md")])
CELL = re.compile(
    r"^```\{code-cell\}[^\n]*\n(?:---\n(.*?)---\n)?(.*?)^```$", re.MULTILINE | re.DOTALL
)
NUMBER = " (a number)"
FENCE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Cell:
    """A code cell: its settings as text, and its code."""

    settings: str
    code: str

    def tagged(self, tag: str) -> bool:
        found = re.search(r"^tags: \[(.*)\]$", self.settings, re.MULTILINE)
        return bool(found) and tag in found[1].split(", ")


@dataclass(frozen=True)
class Source:
    """One page as it is written."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def cells(self) -> list[Cell]:
        return [Cell(settings or "", code) for settings, code in CELL.findall(self.text)]

    @cached_property
    def prose(self) -> str:
        """The text without front matter and fenced blocks (code, mathematics, directives)."""
        return FENCE.sub("", re.sub(r"\A---\n.*?^---\n", "", self.text, flags=re.M | re.S))

    @cached_property
    def equations(self) -> dict[str, str]:
        """Label to TeX of the numbered equations."""
        found = re.findall(r"^```\{math\}\n:label: (\S+)\n(.*?)^```$", self.text, re.M | re.S)
        return dict(found)

    @cached_property
    def twins(self) -> dict[str, str]:
        """Label to code of the cells tagged `twin`, whose first line is `# twin: <label>`."""
        return {c.code.splitlines()[0].removeprefix("# twin: ").removesuffix(NUMBER): c.code
                for c in self.cells if c.tagged("twin")}  # fmt: skip

    @cached_property
    def plain_numbers(self) -> set[str]:
        """Labels of the twins that state a number and not an identity of random ones."""
        return {label for label, code in self.twins.items()
                if code.splitlines()[0].endswith(NUMBER)}  # fmt: skip

    @cached_property
    def names(self) -> str:
        """What the page imports (by import_module too) and defines, without what it runs."""
        kept = (ast.Import, ast.ImportFrom, ast.FunctionDef)
        nodes = [
            n for c in self.cells for n in ast.parse(c.code).body
            if isinstance(n, kept)
            or (isinstance(n, ast.Assign) and "import_module(" in ast.unparse(n))
        ]  # fmt: skip
        return ast.unparse(ast.Module(nodes, []))


class Page(HTMLParser):
    """One built page: its elements as (tag, attributes), its ids, its text."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.elements, self.words, self._silent = path, [], [], []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style", "pre"):
            self._silent.append(tag)

    def handle_endtag(self, tag):
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()

    def handle_data(self, data):
        self.words.append((data, self._silent[-1] if self._silent else ""))

    @cached_property
    def text(self) -> str:
        return self._joined("", "pre")

    @cached_property
    def prose(self) -> str:
        """The text without code and its output."""
        return self._joined("")

    def _joined(self, *kinds: str) -> str:
        return " ".join(" ".join(word for word, kind in self.words if kind in kinds).split())

    @cached_property
    def ids(self) -> set[str]:
        return {a[key] for _, a in self.elements for key in ("id", "name") if a.get(key)}

    def loads(self) -> list[str]:
        """Addresses that a browser fetches by itself when it opens the page."""
        hot = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
        found = [a.get(hot[tag]) for tag, a in self.elements if tag in hot]
        found += [a.get("href") for tag, a in self.elements if tag == "link"]
        return [address for address in found if address]

    def links(self) -> list[str]:
        """Where the reader can go from here."""
        return [a["href"] for tag, a in self.elements if tag == "a" and a.get("href")]
