"""Solving the course works: a student's notebook with the answers gets every point, a stub none."""

import re
import sys

import pytest
from notebook_runs import ROOT, solved, student

sys.path.insert(0, str(ROOT / "tools"))
import solve

KEYS = sorted(path.parent.name for path in (ROOT / "exercises").glob("*/*.ipynb"))
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")


@pytest.mark.parametrize("key", KEYS)
def test_answers_replace_the_stubs_and_nothing_else(key):
    cells = {cell.id: cell for cell in solve.filled(key).cells}
    for theirs, ours in zip(student(key), solved(key), strict=True):
        now = cells[theirs.id].source
        if theirs.solution:
            assert "YOUR CODE HERE" not in now
            assert "SOLUTION" not in now
            assert re.sub(r"\s*### (BEGIN|END) SOLUTION", "", ours.source).split() == now.split()
        else:
            assert now == theirs.source


@pytest.mark.slow
@LINUX
@pytest.mark.parametrize("key", KEYS)
def test_an_exercise_can_be_solved_and_its_stub_earns_nothing(key, tmp_path):
    one = solve.solve(key, tmp_path)
    assert (one.points, one.stub) == (one.most, 0)
    assert one.valid
    assert one.refused
    assert one.seconds < 180
