"""What an exercise asks: read from its source notebook, and from nowhere else.

Order, tests, points and tags come from `solutions/notebooks/<key>/<key>.ipynb`. A submission
gives the text of solution cells only.
"""

import ast
import hashlib
import json
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

HIDDEN_BEGIN, HIDDEN_END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"


class NoSource(FileNotFoundError):
    """The exercise has no source notebook."""


@dataclass(frozen=True)
class PlanCell:
    """One code cell that grading runs; `kind` is setup, solution, test or manual."""

    kind: str
    name: str  # nbgrader's grade id; for set-up cells the cell id
    text: str
    points: float = 0.0
    trains: bool = False
    title: str = ""
    most: int | None = None  # bytes of a solution
    gpu: bool = False
    forbids: tuple[str, ...] = ()  # words that no torch function called here may have in its name


@dataclass(frozen=True)
class Plan:
    """An exercise as the grader sees it."""

    key: str
    sha: str
    cells: tuple[PlanCell, ...]
    names: tuple[str, ...]  # bound at the top level of the source's solution cells
    homes: dict[str, str] = field(default_factory=dict)  # name -> solution cell that binds it
    title: str = ""

    @property
    def tests(self) -> list[PlanCell]:
        return [cell for cell in self.cells if cell.kind in ("test", "manual")]

    @property
    def solutions(self) -> list[str]:
        return [cell.name for cell in self.cells if cell.kind in ("solution", "manual")]

    @property
    def gpu(self) -> bool:
        """Whether a test wants a GPU where there is one."""
        return any(cell.gpu for cell in self.cells)

    @property
    def imports(self) -> list[str]:
        """Modules that the set-up cells import."""
        texts = [cell.text for cell in self.cells if cell.kind == "setup"]
        return sorted({name for text in texts for name in imported(text)})

    def to_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict) -> "Plan":
        cells = tuple(PlanCell(**cell) for cell in data["cells"])
        return cls(**data | {"cells": cells, "names": tuple(data["names"])})


def source_path(root: Path, key: str) -> Path:
    """Where an exercise's source notebook is."""
    return root / "solutions" / "notebooks" / key / f"{key}.ipynb"


def read_source(root: Path, key: str) -> tuple[dict, Plan]:
    """The source notebook as JSON, and its plan. Raises NoSource."""
    path = source_path(root, key)
    if not path.is_file():
        known = sorted(folder.name for folder in path.parent.parent.glob("*") if folder.is_dir())
        near = "".join(f"; did you mean {word!r}?" for word in get_close_matches(key, known, n=1))
        raise NoSource(f"no assignment {key!r}: {path} is missing; there are {known or 'none'}. "
                       f"`make notebooks` writes them{near}")
    raw = path.read_bytes()
    notebook = json.loads(raw)
    return notebook, make_plan(key, notebook, hashlib.sha256(raw).hexdigest())


def make_plan(key: str, notebook: dict, sha: str) -> Plan:
    """The plan of a source notebook; `sha` names the very file."""
    cells, homes, title, first = [], {}, "", ""
    for cell in notebook["cells"]:
        text = cell_text(cell)
        if cell["cell_type"] == "markdown" and "nbgrader" not in cell["metadata"]:
            title = heading(text) or title
            first = first or title
            continue
        planned = _plan_cell(cell, text, title)
        if planned:
            cells.append(planned)
            if planned.kind == "solution":
                homes |= {name: planned.name for name in bound_names(text)}
    return Plan(key, sha, tuple(cells), tuple(homes), homes, first or key)


def _plan_cell(cell: dict, text: str, title: str) -> PlanCell | None:
    meta = cell["metadata"].get("nbgrader", {})
    tags = cell["metadata"].get("tags", [])
    grade, solution = meta.get("grade"), meta.get("solution")
    if not (grade or solution):
        setup = "setup" in tags and cell["cell_type"] == "code"
        return PlanCell("setup", cell["id"], text) if setup else None
    kind = "manual" if grade and solution else "test" if grade else "solution"
    return PlanCell(kind, meta["grade_id"], text, float(meta.get("points", 0)),
                    "trains" in tags, title, cell["metadata"].get("most_characters"),
                    "gpu" in tags, tuple(cell["metadata"].get("forbids", ())))


def cell_text(cell: dict) -> str:
    """The text of a cell, which a file may hold in lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def heading(markdown: str) -> str:
    """The first heading in a markdown cell, without its marks and the remark in its brackets."""
    lines = [line for line in markdown.splitlines() if line.startswith("#")]
    return lines[0].lstrip("#").partition("(")[0].strip() if lines else ""


def python_only(text: str) -> str:
    """An instructor's cell with its magics and shell lines passed over, line by line."""
    lines = [line[:len(line) - len(line.lstrip())] + "pass"
             if line.lstrip().startswith(("%", "!")) else line for line in text.split("\n")]
    return "\n".join(lines)


def bound_names(text: str) -> list[str]:
    """The names that a cell's text binds at its top level, imports left out."""
    names = []
    for node in ast.parse(python_only(text)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [leaf.id for target in targets for leaf in ast.walk(target)
                      if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store)]
    return names


@lru_cache(maxsize=1000)
def used_names(text: str) -> frozenset[str]:
    """Every name that a cell's text mentions."""
    tree = ast.parse(python_only(text))
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def imported(text: str) -> set[str]:
    """The modules that a cell's text imports."""
    found = set()
    for node in ast.walk(ast.parse(python_only(text))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def without_hidden(text: str) -> str:
    """A test cell's text without the lines that students may not see."""
    shown, hidden = [], False
    for line in text.split("\n"):
        if HIDDEN_BEGIN in line:
            hidden = True
        elif HIDDEN_END in line:
            hidden = False
        elif not hidden:
            shown.append(line)
    return "\n".join(shown)


def hidden_lines(text: str) -> set[int]:
    """The 1-based numbers of the hidden lines, marks included."""
    numbers, hidden = set(), False
    for number, line in enumerate(text.split("\n"), 1):
        hidden = hidden or HIDDEN_BEGIN in line
        if hidden:
            numbers.add(number)
        if HIDDEN_END in line:
            hidden = False
    return numbers
