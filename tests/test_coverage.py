"""Every mechanism that the articles name is here: a record, a block, tests, and a section."""

import ast
import importlib
from functools import cache
from pathlib import Path

import pytest
from book_pages import BOOK
from golden_blocks import KEYS
from golden_cases import read_manifest
from torch import nn

from attnlab.mechanisms import MECHANISMS, Mechanism
from attnlab.mechanisms.named import NAMED, TOUCHED, WITHOUT_SECTION

TESTS = Path(__file__).parent
SHOWN = [key for key in NAMED if key not in TOUCHED]


def test_every_mechanism_of_the_articles_is_here_and_nothing_else():
    assert sorted(MECHANISMS) == sorted(NAMED)
    assert len(MECHANISMS) == 30


def lacking(key: str, tested: set[str], golden: set[str]) -> list[str]:
    """What a mechanism with a block should have and has not."""
    record, missing = MECHANISMS[key], []
    try:
        module = importlib.import_module(f"solutions.{key}")
        own = [value for value in vars(module).values()
               if isinstance(value, type) and value.__module__ == module.__name__]  # fmt: skip
        missing += [] if any(issubclass(kind, nn.Module) for kind in own) else ["a block"]
    except ModuleNotFoundError:
        missing.append("a block")
    missing += [] if key in golden else ["golden cases"]
    missing += [] if f"solutions.{key}" in tested else ["tests that import it"]
    costs = record.parameters, record.multiply_adds
    missing += [] if all(costs) else ["a closed form of parameters or multiply-adds"]
    return missing


@cache
def imported_by_tests() -> set[str]:
    """The modules that some test file imports, by statement or by name."""
    found = set()
    for path in TESTS.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                found.add(node.module)
            elif isinstance(node, ast.Constant) and str(node.value).startswith("solutions."):
                found.add(node.value)
    return found


@cache
def with_golden_cases() -> set[str]:
    names = {case["mechanism"] for case in read_manifest(TESTS / "golden")}
    return {KEYS.get(name, name) for name in names}


@pytest.mark.parametrize("key", SHOWN)
def test_a_named_mechanism_has_a_block_costs_and_tests(key):
    assert not lacking(key, imported_by_tests(), with_golden_cases())


@pytest.mark.parametrize("key", TOUCHED)
def test_what_is_only_touched_has_a_labelled_entry(key):
    record = MECHANISMS[key]
    assert record.status == "named"
    assert record.note, "the atlas says what it is: fill in the note"


def has_section(record: Mechanism, book: Path = BOOK) -> bool:
    """A chapter of its own, or a heading with the label `zoo-<key>` on a page that it shares."""
    if record.page is None or not (book / f"{record.page}.md").is_file():
        return False
    label = f"(zoo-{record.key})=\n## "
    return record.status == "taught" or label in (book / f"{record.page}.md").read_text("utf-8")


def test_the_list_of_sections_to_be_written_is_the_truth():
    without = {key for key in SHOWN if not has_section(MECHANISMS[key])}
    new, stale = sorted(without - {*WITHOUT_SECTION}), sorted({*WITHOUT_SECTION} - without)
    assert not new, f"without a section, and not listed in attnlab/mechanisms/named.py: {new}"
    assert not stale, f"has a section: strike it from attnlab/mechanisms/named.py: {stale}"


def test_what_is_missing_is_seen(tmp_path):
    found = lacking("gam", set(), set())
    assert {"a block", "golden cases", "tests that import it"} <= set(found)
    assert lacking("a2", {"solutions.a2"}, set()) == ["golden cases"]
    record = MECHANISMS["se"]
    described = Mechanism(**{**vars(record), "status": "described", "page": "zoo"})
    assert not has_section(described, tmp_path)
    (tmp_path / "zoo.md").write_text("# Zoo\n\n## SE\n")
    assert not has_section(described, tmp_path)
    (tmp_path / "zoo.md").write_text("# Zoo\n\n(zoo-se)=\n## SE\n")
    assert has_section(described, tmp_path)
