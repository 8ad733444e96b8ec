"""The plan of the house: who imports whom, sizes, names, and what says that it is derived."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("attnlab", "autograder", "solutions", "book", "tools", "tests")
OURS = {*ROOMS} - {"book"}

# What a room may import of the others.
MAY_IMPORT = {
    "attnlab": {"attnlab"},
    "solutions": {"attnlab", "solutions"},
    "autograder": {"attnlab", "autograder", "solutions"},
    "book": {"attnlab", "solutions"},
    "tools": {"attnlab", "autograder", "solutions", "tools"},
}
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
PRODUCTION = [path for path in SOURCES if path.is_relative_to(ROOT / "tests") is False]


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that the code imports, at the top or inside a function, by statement or call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and "import" in ast.unparse(node.func):
            # importlib.import_module(f"solutions.{key}"): the text before the first brace counts
            yield ast.unparse(node).partition("(")[2].strip("f'\"")


def rooms_of(source: str) -> set[str]:
    """The rooms of this repository that the code imports from."""
    return {re.split(r"\W", module)[0] for module in imported(ast.parse(source))} & OURS


@pytest.mark.parametrize("path", PRODUCTION, ids=label)
def test_a_room_imports_only_what_it_may(path):
    room = path.relative_to(ROOT).parts[0]
    wrong = rooms_of(path.read_text("utf-8")) - MAY_IMPORT[room]
    assert not wrong, f"{label(path)} imports {sorted(wrong)}; {room} may import {MAY_IMPORT[room]}"


@pytest.mark.parametrize("page", sorted((ROOT / "book").rglob("*.md")), ids=label)
def test_pages_import_only_what_a_page_may(page):
    cells = re.findall(r"```\{code-cell\}[^\n]*\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    for cell in cells:
        code = re.sub(r"\A(---\n.*?\n---\n|(:\S+:[^\n]*\n)+)", "", cell, flags=re.DOTALL)
        assert rooms_of(code) <= MAY_IMPORT["book"], f"{label(page)}: {code}"


def test_what_a_students_process_can_reach_holds_no_answers():
    reached, ahead = set(), {"autograder.student"}
    while ahead:
        module = ahead.pop()
        reached.add(module)
        file = ROOT / f"{module.replace('.', '/')}.py"
        file = file if file.is_file() else file.with_suffix("") / "__init__.py"
        if file.is_file():
            found = imported(ast.parse(file.read_text("utf-8")))
            ahead |= {name for name in found if re.split(r"\W", name)[0] in OURS} - reached
    assert {"attnlab.check.probe", "autograder.wire"} <= reached, "the walk lost its way"
    assert not [name for name in reached if name.startswith("solutions")]
    assert "autograder.verdict" not in reached


def test_the_import_rule_sees_every_way_to_import():
    ways = ["import solutions.se", "from solutions import se", "def f():\n    import solutions"]
    ways += ["importlib.import_module('solutions.se')", "import_module(f'solutions.{key}')"]
    assert [rooms_of(way) for way in ways] == [{"solutions"}] * len(ways)


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_file_is_small_finished_and_well_named(path):
    text = path.read_text("utf-8")
    lines = text.splitlines()
    if path.parent == ROOT / "solutions":  # its prose is comments, its cells are set apart
        lines = [line for line in lines if line and not line.startswith("#")]
    assert len(lines) <= 300, f"{label(path)}: split it, 300 lines are the most"
    assert path.stem not in ("utils", "helpers", "common"), f"{label(path)}: name what it holds"
    assert not re.search(r"\bTO" r"DO\b|\bFIX" r"ME\b", text), f"{label(path)}: unfinished"


@pytest.mark.parametrize("path", PRODUCTION, ids=label)
def test_asserts_outside_tests_say_what_is_wrong(path):
    asserts = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    silent = [node.lineno for node in asserts if isinstance(node, ast.Assert) and not node.msg]
    assert not silent, f"{label(path)}: assert without a message in lines {silent}"


@pytest.mark.parametrize("name", ["requirements.lock", "environment.yml"])
def test_derived_text_says_so_at_the_top(name):
    assert "Generated from " in (ROOT / name).read_text("utf-8").splitlines()[0]


def notebooks() -> list[Path]:
    return sorted([*ROOT.glob("exercises/*/*.ipynb"), *ROOT.glob("solutions/notebooks/*/*.ipynb")])


@pytest.mark.parametrize("path", notebooks(), ids=label)
def test_derived_notebooks_say_so(path):
    said = json.loads(path.read_text("utf-8"))["metadata"]["where_to_look"]
    assert "generated" in said["note"]
    assert (ROOT / said["source"]).is_file()


def test_ruff_has_nothing_to_say():
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
