"""The book as it is written: sentences, numbers, equations with executed twins, notation."""

import ast
import re
from functools import cache

import pytest
import torch
from book_pages import SOURCES, Source

from attnlab.mechanisms import MECHANISMS

PAGES = [Source(path) for path in SOURCES]
BY_NAME = {page.path.stem: page for page in PAGES}
TAUGHT = [record for record in MECHANISMS.values() if record.status == "taught"]
TWINS = [(page, label) for page in PAGES for label in page.equations]
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
EVERY_TWIN = pytest.mark.parametrize(("page", "label"), TWINS, ids=[label for _, label in TWINS])
ANATOMY = (
    "The question", "The picture", "The derivation", "By hand", "Slowly, then fast",
    "What goes wrong", "See it", "Measure it", "Paper against code", "Summary", "Check yourself",
)  # fmt: skip
NOT_SYMBOLS = {  # TeX that is layout, an operator, or read as a word
    "frac", "sum", "prod", "text", "left", "right", "bigl", "bigr", "qquad", "quad", "cdot",
    "mod", "bmod", "in", "mathbb", "times", "lfloor", "rfloor", "approx", "dots", "begin", "end",
    "mathrm", "operatorname", "le", "Bigl", "Bigr", "max", "tfrac", "underbrace",
}  # fmt: skip


@EVERY_PAGE
def test_measured_numbers_enter_prose_through_the_ledger_only(page):
    """A literal percentage or plus-minus in a sentence is a number without a source."""
    prose = re.sub(r"\{ledger\}`[^`]*`", "", page.prose)
    found = re.findall(r".{0,40}(?:\d\s*(?:\\?%|per ?cent)|±|\\pm).{0,20}", prose)
    assert not found, f"{page.path.name}: write it as {{ledger}}`...`: {found}"


@EVERY_PAGE
def test_one_sentence_on_a_line(page):
    lines = [
        line for line in page.prose.splitlines() if not line.startswith(("|", ":", "**In one"))
    ]
    joined = [line for line in lines if re.search(r"[a-z)*$`]{2}[.?!] (?:[A-Z][a-z]|A )", line)]
    joined = [line for line in joined if not re.match(r"\d+\. |- \*\*|\*\*|  ?- ", line)]
    assert not joined, f"{page.path.name}: {joined}"


@EVERY_PAGE
def test_code_fits_the_column(page):
    """79 characters where the reader sees the code, 100 where it is folded."""
    for cell in page.cells:
        limit = 100 if cell.tagged("hide-input") or cell.tagged("remove-input") else 79
        wide = [line for line in cell.code.splitlines() if len(line) > limit]
        assert not wide, f"{page.path.name}: over {limit} characters: {wide}"


@EVERY_PAGE
def test_every_numbered_equation_has_a_twin_and_every_twin_its_equation(page):
    assert set(page.equations) == set(page.twins)
    assert page.text.count("```{math}") == len(page.equations), "an equation without a label"


@cache
def defined(page: Source) -> dict:
    """What the page imports and defines, as values."""
    names: dict = {}
    exec(page.names, names)
    return names


def run(code: str, page: Source, seed: int) -> dict:
    """Execute a twin on random numbers of this seed; return its names."""
    names = dict(defined(page))
    torch.manual_seed(seed)
    exec(code, names)
    return names


class Spoil(ast.NodeTransformer):
    """Change one side: what is assigned to it, or added to it, is no longer the same."""

    def __init__(self, side: str):
        self.side = side

    def _visit(self, node, target):
        base = target.value if isinstance(target, ast.Subscript) else target
        if isinstance(base, ast.Name) and base.id == self.side:
            node.value = ast.BinOp(node.value, ast.Mult(), ast.Constant(1.01))
        return node

    def visit_Assign(self, node):
        return self._visit(node, node.targets[0])

    def visit_AugAssign(self, node):
        return self._visit(node, node.target)


@EVERY_TWIN
def test_a_twin_holds_for_other_random_numbers(page, label):
    first, second = (run(page.twins[label], page, seed)["left"] for seed in (1, 2))
    run(page.twins[label], page, 3)
    if label not in page.plain_numbers:
        assert first.shape != second.shape or not torch.equal(first, second), "nothing is random"


@EVERY_TWIN
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_twin_fails_when_one_side_is_changed(page, label, side):
    tree = ast.parse(page.twins[label])
    spoiled = ast.unparse(ast.fix_missing_locations(Spoil(side).visit(tree)))
    assert spoiled != ast.unparse(ast.parse(page.twins[label])), f"{label} never sets {side}"
    with pytest.raises(AssertionError, match=r"not close|not equal|do not match"):
        run(spoiled, page, 4)


def symbols(tex: str) -> set[str]:
    """The letters and commands of a formula; words in \\text do not count."""
    tex = re.sub(r"\\(?:text|operatorname|mathrm|class)\{[^}]*\}", " ", tex)
    commands = set(re.findall(r"\\([A-Za-z]+)", tex)) - NOT_SYMBOLS
    letters = set(re.findall(r"[A-Za-z]", re.sub(r"\\[A-Za-z]+", " ", tex))) - {"R"}
    return commands | letters


def test_notation_lists_every_symbol_of_every_equation():
    rows = re.findall(r"^\* - (.*)$", BY_NAME["notation"].text, re.MULTILINE)
    listed = {
        letter for row in rows for tex in re.findall(r"\$([^$]+)\$", row) for letter in symbols(tex)
    }
    used = {letter for page in PAGES for tex in page.equations.values() for letter in symbols(tex)}
    assert used <= listed, f"add to book/notation.md: {sorted(used - listed)}"


def test_notation_gives_each_term_once_with_its_chinese_name():
    glossary = re.search(r":::\{glossary\}\n(.*?):::", BY_NAME["notation"].text, re.DOTALL)[1]
    entries = [entry.split("\n") for entry in glossary.strip().split("\n\n")]
    terms = [entry[0] for entry in entries]
    assert len(set(terms)) == len(terms)
    without = [entry[0] for entry in entries if not re.match(r"  [^.]*[\u4e00-\u9fff]", entry[1])]
    assert not without, f"no Chinese name: {without}"


@pytest.mark.parametrize("record", TAUGHT, ids=lambda record: record.key)
def test_a_taught_mechanism_has_a_chapter_of_the_full_anatomy(record):
    page = BY_NAME[record.page]
    headings = re.findall(r"^## (.*)$", page.text, re.MULTILINE)
    assert [h for h in headings if h in ANATOMY] == list(ANATOMY)
    assert ":class: card-box" in page.text
    assert "**You will be able to**" in page.text
    assert page.text.count(":class: dropdown quiz") == 5, "five questions to check oneself"
    assert f"{{mistakes}} {record.key}" in page.text
    assert f"{{cite}}`{record.paper.bibkey}`" in page.text
    assert f"exercises/{record.exercise}/{record.exercise}.ipynb" in page.text
