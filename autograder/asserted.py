"""What a test's line compared, for a replay: the line, expected, came and the first difference."""

import ast
from collections.abc import Iterator

from attnlab.check.compare import difference
from autograder.source import PlanCell, python_only

TEST_FILE = "<test "
COMPARE = ("equal", "allclose", "isclose", "array_equal", "assert_close")


def shown(cell: PlanCell, error: BaseException, students: set[str]) -> dict[str, str]:
    """"line": the line of the test that did not hold; "compared": its two sides, where it has two.

    students: names that are the student's; the side that mentions one of them is what came. Both
    sides are evaluated once more, which asks the student process again.
    """
    found = {}
    for number, names in _frames(error):
        line = cell.text.splitlines()[number - 1].strip()
        found = {"line": f"line {number} of the test: {line}"}
        for sides in _sides(cell, number):
            compared = _compared(sides, names, students)
            found |= {"compared": compared} if compared else {}
    return found


def _frames(error: BaseException) -> Iterator[tuple[int, dict]]:
    """The last line that was at work in the test's own text, and the names there."""
    trace, last = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(TEST_FILE):
            last = trace
        trace = trace.tb_next
    if last is not None:
        yield last.tb_lineno, last.tb_frame.f_globals | last.tb_frame.f_locals


def _sides(cell: PlanCell, number: int) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The two sides of the first comparison in the statement at a line."""
    for node in ast.walk(ast.parse(python_only(cell.text))):
        if isinstance(node, ast.Assert | ast.Expr) and node.lineno <= number <= node.end_lineno:
            for part in ast.walk(node):
                if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.Eq):
                    yield part.left, part.comparators[0]
                    return
                if (isinstance(part, ast.Call) and len(part.args) >= 2
                        and ast.unparse(part.func).rpartition(".")[2] in COMPARE):
                    yield part.args[0], part.args[1]
                    return


def _compared(sides: tuple[ast.expr, ast.expr], names: dict, students: set[str]) -> str:
    came, expected = sides
    mentioned = {node.id for node in ast.walk(expected) if isinstance(node, ast.Name)}
    if mentioned & students:
        came, expected = expected, came
    try:
        values = [eval(compile(ast.Expression(side), TEST_FILE, "eval"), names)
                  for side in (expected, came)]
        return f"{ast.unparse(came)}\n{difference(*values)}"
    except Exception:  # words are not worth a verdict: the message stands without them
        return ""
