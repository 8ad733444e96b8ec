"""Names test cells that would not test what they seem to, and says how to rewrite them.

Usage: python -m autograder.lint [KEY ...]    (`make notebooks` runs it for every exercise)
Reads the source notebooks and runs nothing. A line with `# lint: allow` is passed over.
"""

import ast
import json
import sys
from pathlib import Path

from autograder.complaints import Complaint
from autograder.origins import Origins
from autograder.reader import Reader
from autograder.source import Plan, PlanCell, make_plan, python_only, source_path, used_names

ROOT = Path(__file__).resolve().parent.parent  # not by course.py, which is for Linux


def examine(plan: Plan) -> list[Complaint]:
    """What is to be rewritten in the test cells of an exercise."""
    found, texts = [], {"setup": [], "solution": []}
    for cell in plan.cells:
        if cell.kind == "test":
            found += _test(cell, plan, texts)
        elif cell.kind in texts:
            texts[cell.kind].append(python_only(cell.text))
    return found


def _test(cell: PlanCell, plan: Plan, texts: dict[str, list[str]]) -> list[Complaint]:
    try:
        tree = ast.parse(python_only(cell.text))
    except SyntaxError as error:
        return [Complaint(cell.name, error.lineno or 1, "syntax", (error.text or "").strip(),
                          error.msg)]
    reader = Reader(cell, Origins(texts["solution"], texts["setup"]))
    if not used_names(cell.text) & set(plan.names):
        first = tree.body[0] if tree.body else ast.Pass(lineno=1)
        reader.complain(first, "no name")
        return reader.found
    reader.visit(tree)
    return reader.finish()


def main(keys: list[str], root: Path = ROOT) -> int:
    """Prints what is to be rewritten; returns 1 where there is anything."""
    home, count = source_path(root, "KEY").parent.parent, 0
    for key in keys or sorted(folder.name for folder in home.iterdir() if folder.is_dir()):
        path = source_path(root, key)
        if not path.is_file():
            raise SystemExit(f"no exercise {key!r}: {path} is missing; `make notebooks` writes it")
        complaints = examine(make_plan(key, json.loads(path.read_text("utf-8")), ""))
        for complaint in complaints:
            print(f"{path.relative_to(root)}: {complaint}")
        count += len(complaints)
    lines = "1 line" if count == 1 else f"{count} lines"
    print(f"{lines} of test cells to rewrite" if count else "test cells: nothing to rewrite")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
