"""Every module of the library, and every public name in it, says what it is."""

import ast
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[1] / "attnlab"
SOURCES = sorted(LIBRARY.rglob("*.py"))
NAMED = ast.FunctionDef | ast.ClassDef


def undocumented(tree):
    """The module, and the public functions and classes at its top level, without a docstring."""
    if tree.body and not ast.get_docstring(tree):
        yield "the module"
    for node in tree.body:
        if isinstance(node, NAMED) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield node.name


@pytest.mark.parametrize("source", SOURCES, ids=[str(s.relative_to(LIBRARY)) for s in SOURCES])
def test_public_names_have_docstrings(source):
    missing = list(undocumented(ast.parse(source.read_text(encoding="utf-8"))))
    assert not missing, f"{source.name} has no docstring on: {', '.join(missing)}"


def test_a_missing_docstring_is_found():
    tree = ast.parse('"""Here."""\ndef said():\n    "Yes."\ndef unsaid(): ...\nclass _Own: ...')
    assert list(undocumented(tree)) == ["unsaid"]
    assert list(undocumented(ast.parse("x = 1"))) == ["the module"]
