"""Ordinary nbgrader test cells, run on the trusted side over names that stay with the student."""

import sys
from pathlib import Path

import pytest
from grader_world import KEY, SETUP, code, live_session

from autograder.judge import Judge
from autograder.limits import Limits
from autograder.outcome import TaskResult
from autograder.source import make_plan

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

ROOT = Path(__file__).resolve().parents[1]
IMPORTS = SETUP + "\nimport numpy as np"
SQUARES = """def squares(n):
    if n < 1:
        raise ValueError("n must be at least 1")
    return [i ** 2 for i in range(1, n + 1)]"""
POINT = """from dataclasses import dataclass
@dataclass
class Point:
    x: float
    y: float
    def norm(self): return (self.x ** 2 + self.y ** 2) ** 0.5
def distance(a, b): return Point(a.x - b.x, a.y - b.y).norm()
def total(points): return sum(point.x for point in points)"""
GATE = """class Gate(nn.Module):
    '''A gate.'''
    def __init__(self, channels):
        super().__init__()
        self.fc = nn.Linear(channels, channels, bias=False)
        self.register_buffer("seen", torch.zeros(1))
    def forward(self, x):
        return x * torch.sigmoid(self.fc(x.mean((2, 3))))[:, :, None, None]"""
MEAN = "def mean(x): return x.mean((2, 3))"


def verdict(session, answer: str, test: str, source: str | None = None) -> TaskResult:
    """What one test says of one answer; `source` is the model answer where it is another."""
    cells = [code("imports", IMPORTS, ("setup",)),
             code("tiny-answer", source or answer, solution=True),
             code("tiny-answer-test", test, grade=True, locked=True, points=2)]
    session.done.clear()
    session.renew()
    plan = make_plan(KEY, {"cells": cells}, "")
    (task,) = Judge(plan, session, {"tiny-answer": answer}, {}, seed=1).results()
    return task


@pytest.fixture(scope="module")
def session():
    with live_session(Limits(step_seconds=20, cell_seconds=20)) as session:
        yield session


# Cells as instructors write them, on right answers: each has to pass.
ORDINARY = {
    "nbgrader's first example": (SQUARES, """assert squares(1) == [1]
assert squares(3) == [1, 4, 9], "the first three"
try:
    squares(0)
except ValueError:
    pass
else:
    raise AssertionError("did not raise")"""),
    "pytest.raises": (SQUARES, """import pytest
with pytest.raises(ValueError, match="at least 1"):
    squares(0)"""),
    "unittest": (SQUARES, """from unittest import TestCase
case = TestCase()
case.assertEqual(squares(2), [1, 4])
case.assertRaises(ValueError, squares, -1)"""),
    "key error": ("def look(d): return d['x']", """try:
    look({})
    raise AssertionError("no error")
except KeyError as error:
    assert str(error).endswith("'x'")"""),
    "torch.testing": (MEAN, """x = torch.rand(2, 3, 4, 5)
torch.testing.assert_close(mean(x), x.mean((2, 3)))
assert F.mse_loss(mean(x), x.mean((2, 3))) < 1e-9
assert torch.softmax(mean(x), 1).sum(1).allclose(torch.ones(2))
assert (mean(x) > 0).all() and mean(x).max() <= 1""".replace("F.", "nn.functional.")),
    "numpy.testing": (MEAN, """x = torch.rand(2, 3, 4, 5)
np.testing.assert_allclose(mean(x), x.numpy().mean((2, 3)), rtol=1e-5)
assert np.allclose(mean(x).numpy(), x.mean((2, 3)))"""),
    "loops and functions of the test": (MEAN, """def expected(x):
    return x.mean((2, 3))
for size in (1, 4):
    x = torch.rand(2, 3, size, size)
    assert mean(x).shape == (2, 3) and all(mean(x)[i].equal(expected(x)[i]) for i in range(2))
apply = lambda f: f(torch.ones(1, 1, 2, 2)).item()
assert apply(mean) == 1"""),
    "numbers of NumPy": ("def f(): return np.float64(3), np.int64(2), np.bool_(1), np.arange(3)",
                         "a, b, c, d = f()\nassert (a, b, c) == (3.0, 2, True)\n"
                         "assert d.tolist() == [0, 1, 2]"),
    "a size": ("def f(x): return x.shape, x.size()",
               "assert f(torch.ones(2, 3)) == ((2, 3), (2, 3))"),
    "a size as argument": ("def f(s): return s[0] * s[1]", "assert f(torch.ones(2, 3).shape) == 6"),
    "named tuple": ("from collections import namedtuple\nPair = namedtuple('Pair', 'a b')",
                    "assert Pair(1, 2) == (1, 2)"),
    "ordered dict": ("from collections import OrderedDict, defaultdict\n"
                     "def f(): return OrderedDict(a=1), defaultdict(int, b=2)",
                     "assert f() == ({'a': 1}, {'b': 2})"),
    "enumeration": ("from enum import IntEnum\nclass Way(IntEnum):\n    UP = 3\n"
                    "def f(): return Way.UP",
                    "assert f() == 3 and f() + 1 == 4"),
    "tensor subclass": ("class Odd(torch.Tensor): pass\ndef f(x): return x.as_subclass(Odd)",
                        "assert type(f(torch.ones(2))) is torch.Tensor"),
    "a set, through its entries": ("def f(): return {3, 1}",
                                   "assert set(f()) == {1, 3} and sorted(f()) == [1, 3]\n"
                                   "assert 3 in f()"),
    "numbers as keys": ("def f(): return {1: 'a', 2: 'b'}",
                        "assert f()[1] == 'a' and dict(f().items()) == {1: 'a', 2: 'b'}"),
    "a generator": ("def f(n):\n    yield from range(n)", "assert list(f(3)) == [0, 1, 2]"),
    "closure": ("def adder(n):\n    return lambda x: x + n", "assert adder(2)(3) == 5"),
    "plain values": ("answer, name, table = 42, 'é', ({'a': [1.5, None]}, float('inf'))",
                     "assert answer == 42 and name == 'é'\n"
                     "assert table == ({'a': [1.5, None]}, float('inf'))"),
    "objects": (POINT, """p = Point(3, y=4)
assert (p.x, p.norm()) == (3, 5)
assert distance(Point(0, 0), p) == 5
assert total([p, Point(1, 1)]) == 4
assert p, "an object is true" """),
    "empty is false": ("def f(): return set()", "assert not f()"),
    "attributes that are not there": (POINT, "assert hasattr(Point(1, 2), 'x')\n"
                                      "assert not hasattr(Point(1, 2), 'z')\n"
                                      "assert getattr(Point(1, 2), 'z', 7) == 7"),
    "names and docstrings": ("def f():\n    'Says so.'", "assert f.__name__ == 'f' and f.__doc__"),
    "a module": (GATE, """block = Gate(3)
assert isinstance(block, nn.Module) and isinstance(block.fc, nn.Linear)
assert not isinstance(block, nn.Linear) and not isinstance(Gate, nn.Module)
assert sum(isinstance(part, nn.Linear) for part in block.modules()) == 1
assert [name for name, _ in block.named_parameters()] == ["fc.weight"]
assert sum(p.numel() for p in block.parameters()) == 9
assert set(block.state_dict()) == {"fc.weight", "seen"}
assert block.eval().training is False"""),
    "weights of the test": (GATE, """weight, x = torch.randn(3, 3), torch.randn(2, 3, 4, 4)
block = Gate(3)
block.load_state_dict({"fc.weight": weight, "seen": torch.zeros(1)})
with torch.no_grad():
    y = block(x)
gate = torch.sigmoid(x.mean((2, 3)) @ weight.T)
assert torch.allclose(y, x * gate[:, :, None, None], atol=1e-6), "y = x * gate" """),
    "a module in a network of the test": (GATE, """net = nn.Sequential(Gate(3), nn.Flatten())
assert net(torch.ones(2, 3, 4, 4)).shape == (2, 48)"""),
    "a container": ("def net(): return nn.Sequential(nn.Linear(2, 3), nn.ReLU())",
                    "assert len(net()) == 2 and net()[0].weight.shape == (3, 2)\n"
                    "assert [part.out_features for part in net()\n"
                    "        if isinstance(part, nn.Linear)] == [3]"),
    "partial credit": (MEAN, "2 * mean(torch.ones(1, 1, 2, 2)).item()"),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_cell_passes_on_a_right_answer(name, session):
    task = verdict(session, *ORDINARY[name])
    assert (task.outcome, task.message) == ("passed", "")
    assert task.points == 2


# What cannot cross is refused in words: (answer, test, outcome or reason, words).
REFUSED = {
    "passes a module": ("def wrap(m): return nn.Sequential(m)", "wrap(nn.Linear(1, 1))",
                        "not on the wire", "passes wrap a value of type Linear; pass tensors and"),
    "passes a function": ("def apply(f): return f(1)", "apply(lambda x: x)", "not on the wire",
                          "passes apply a value of type function"),
    "passes a dtype": ("def f(d): return 1", "f(torch.float32)", "not on the wire", "type dtype"),
    "passes a slice": ("def net(): return nn.Sequential()", "net()[0:1]", "not on the wire",
                       "type slice"),
    "passes an array": ("def f(x): return x", "f([np.ones(2)])", "not on the wire", "type ndarray"),
    "sets an attribute": (GATE, "Gate(3).fc = None", "not on the wire",
                          "the test sets Gate(...).fc, which does not reach the student's object"),
    "sets an item": ("def f(): return {1: 2}", "f()[1] = 3", "not on the wire", "sets f(...).[1]"),
    "deletes": (GATE, "del Gate(3).fc", "not on the wire", "the test sets Gate(...).fc"),
    "reads what is private": (GATE, "Gate(3)._buffers", "not on the wire",
                              "the test reads Gate(...)._buffers"),
    "iterates for long": ("def f(): return range(5000)", "list(f())", "not on the wire",
                          "more than 1,000 entries"),
    "compares a set": ("def f(): return {1}", "assert f() == {1}", "failed",
                       "f(...) is of type set; the test needs a number, a text, a tensor"),
    "compares a complex number": ("def f(): return 1j", "assert f() == 1j", "failed",
                                  "f(...) is of type complex"),
    "adds an object": (POINT, "Point(1, 2) + 1", "failed", "Point(...) is of type Point"),
    "adds it to a tensor": (POINT, "torch.ones(2) + Point(1, 2)", "failed", "is of type Point"),
    "torch over an object": (POINT, "torch.stack([torch.ones(1), Point(1, 2)])", "failed",
                             "Point(...) is of type Point"),
    "an array of an object": (POINT, "np.allclose(Point(1, 2), 1)", "failed", "is of type Point"),
    "its own misspelt name": (MEAN, "assert meen(torch.ones(1, 1, 1, 1)) == 1", "our own error",
                              "the test itself went wrong (NameError)"),
    "its own missing import": (MEAN, "import no_such_thing\nmean", "our own error",
                               "the test itself went wrong (ModuleNotFoundError)"),
    "an error that nobody takes": (SQUARES, "squares(0)", "failed", "squares raised ValueError at"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_cross_is_said(name, session):
    answer, test, outcome, words = REFUSED[name]
    task = verdict(session, answer, test)
    assert (task.reason or task.outcome, task.points) == (outcome, 0)
    assert words in task.message


# Wrong answers to ordinary cells: (model answer, answer, test, words).
WRONG = {
    "an object for a number": ("def f(): return 1", "class f: pass", "assert f() == 1",
                               "f(...) is of type f; the test needs a number"),
    "equal to all": ("def f(): return 1", "class f:\n    __eq__ = lambda *a: True",
                     "assert f() == 1", "f(...) is of type f"),
    "a number equal to all": ("def f(): return 1", "class Sly(int):\n    __eq__ = lambda *a: True\n"
                              "def f(): return Sly(0)", "assert f() == 1, 'one'", "one"),
    "true and nothing else": ("def f(): return 1", "class f:\n    def __bool__(self): return True",
                              "assert f() > 0", "f(...) is of type f"),
    "no module": (GATE, "class Gate:\n    def __init__(self, n): pass",
                  "assert isinstance(Gate(3), nn.Module), 'a module'", "a module"),
    "says it is a module": (GATE, "class Gate:\n    def __init__(self, n): pass\n"
                            "    __class__ = nn.Module",
                            "assert isinstance(Gate(3), nn.Module), 'a module'", "a module"),
    "no docstring": ("def f():\n    'Says so.'", "def f(): pass", "assert f.__doc__, 'a docstring'",
                     "a docstring"),
    "another error": (SQUARES, "def squares(n): return [][1]",
                      "try:\n    squares(0)\nexcept ValueError:\n    pass",
                      "squares raised IndexError"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_loses_its_points_in_words(name, session):
    source, answer, test, words = WRONG[name]
    task = verdict(session, answer, test, source)
    assert (task.outcome, task.points) == ("failed", 0)
    assert words in task.message


# A process that answers what an honest one never would: (what it answers to, what, test).
LIES = {
    "entries": ("items", "7", "list(f())"),
    "a length": ("length", "'many'", "len(f())"),
    "a length below zero": ("length", "-1", "assert len(f()) == 1, 'one entry'"),
    "a truth": ("truth", "[1]", "assert f(), 'true'"),
    "a kind": ("kind", "('f', 7)", "assert isinstance(f(), nn.Module), 'a module'"),
    "a class that is none": ("kind", "('f', 'init')", "assert isinstance(f(), nn.Module), 'no'"),
    "a class of no name": ("kind", "('f', '__dict__')", "assert isinstance(f(), nn.Module), 'no'"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_process_that_lies_about_its_objects_earns_nothing(name, session):
    word, answer, test = LIES[name]
    forge = (f"import autograder.student as student\ndef f(): return {{1}}\n"
             f"student.Desk.{word} = lambda self, target: {{'value': {answer}}}\n"
             f"import gc\nfor desk in gc.get_objects():\n"
             f"    if type(desk) is student.Desk: desk.answers['{word}'] = desk.{word}")
    task = verdict(session, forge, test, "def f(): return {1}")
    assert task.points == 0
    assert (task.reason or task.outcome) in ("died", "failed")
    assert task.reason != "our own error"
