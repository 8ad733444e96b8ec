"""The linter of test cells: what it names, and that it leaves sound cells alone."""

import json
import re
import subprocess
import sys

import pytest
from grader_world import KEY, code, make_course
from test_grader_cells import GATE, IMPORTS, MEAN, ORDINARY, REFUSED, ROOT, SQUARES

from autograder import commands, lint
from autograder.complaints import RULES, Complaint
from autograder.limits import Limits
from autograder.source import make_plan, source_path
from exercises import KEYS

ANSWER = "\n\n".join([GATE, MEAN, SQUARES, "answer = 42", "def pair(): return {1}"])
SETUP = IMPORTS + "\nimport copy, inspect\nfrom attnlab.check import check\ndef host(x): return x"


def exercise(test: str, answer: str = ANSWER) -> dict:
    cells = [code("imports", SETUP, ("setup",)), code("tiny-answer", answer, solution=True),
             code("tiny-answer-test", test, grade=True, locked=True, points=1)]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def complaints(test: str, answer: str = ANSWER) -> list[Complaint]:
    return lint.examine(make_plan(KEY, exercise(test, answer), ""))


READS = """x = torch.rand(2, 3, 4, 4)
block = Gate(3)
gate = torch.sigmoid(block.fc(x.mean((2, 3))))
weight = block.fc.weight.detach().clone()
gate = torch.sigmoid(x.mean((2, 3)) @ weight.T)
assert torch.allclose(block(x), x * gate[:, :, None, None]), 'y = x * gate'"""
PUSHES = """x, weight = torch.rand(2, 3, 4, 4), torch.randn(3, 3)
block = Gate(3)
block.load_state_dict({'fc.weight': weight, 'seen': torch.zeros(1)})
gate = torch.sigmoid(x.mean((2, 3)) @ weight.T)
assert torch.allclose(block(x), x * gate[:, :, None, None]), 'y = x * gate'"""

# (test cell, rule, line)
BAD = [
    ("assert mean(torch.ones(1, 1, 1, 1)) == 1", "no message", 1),
    ("### BEGIN HIDDEN TESTS\nassert answer == 42\n### END HIDDEN TESTS", "no message", 2),
    (READS, "reads the answer", 6),
    ("block = Gate(3)\nw = block.state_dict()['fc.weight']\nx = torch.rand(1, 3, 1, 1)\n"
     "torch.testing.assert_close(block(x)[:, :, 0, 0], x[:, :, 0, 0] * (x[:, :, 0, 0] @ w.T))",
     "reads the answer", 4),
    ("block, x = Gate(3), torch.ones(1, 3, 1, 1)\nfor w in block.parameters():\n"
     "    assert (block(x) == w.sum()).all(), 'sum'", "reads the answer", 3),
    ("x = torch.rand(2, 3, 4, 4)\nassert torch.equal(mean(x), mean(x.flip(2))), 'flip'",
     "student only", 2),
    ("x = torch.rand(2, 3, 4, 4)\nassert mean(2 * x).allclose(2 * mean(x)), 'linear'",
     "student only", 2),
    ("block, x = Gate(3), torch.ones(1, 3, 1, 1)\nexpected = x * block.fc.weight.sum()\n"
     "assert (block(x) - expected).abs().max() < 1e-6, 'same'", "reads the answer", 3),
    ("block, x = Gate(3), torch.ones(1, 3, 1, 1)\nexpected = x * block.fc.weight.sum()\n"
     "assert nn.functional.mse_loss(block(x), expected) <= 1e-9, 'same'", "reads the answer", 3),
    ("x, tol = torch.rand(2, 3, 4, 4), 1e-5\n"
     "assert tol > (mean(2 * x) - 2 * mean(x)).norm(), 'linear'", "student only", 2),
    ("x = torch.rand(2, 3, 4, 4)\nbefore = x.clone()\nmean(x)\n"
     "assert torch.equal(x, before), 'the input is left alone'", "holds for all", 4),
    ("mean\nassert 1 + 1 == 2, 'two'", "holds for all", 2),
    ("assert mena(torch.ones(1)) == 1, 'one'", "no name", 1),
    ("", "no name", 1),
    ("assert answer = 42, 'x'", "syntax", 1),
    ("mean(lambda x: x)", "argument", 1),
    ("mean(nn.Linear(3, 3))", "argument", 1),
    ("net = nn.Sequential(nn.ReLU())\nmean(x=[1, net])", "argument", 2),
    ("mean(torch.float64)", "argument", 1),
    ("mean(np.zeros(3))", "argument", 1),
    ("mean({1: 2})", "argument", 1),
    ("mean(1j)", "argument", 1),
    ("mean({1, 2})", "argument", 1),
    ("mean(host)", "argument", 1),
    ("def mine(x): return x\nmean(mine)", "argument", 2),
    ("mean(range(3))", "argument", 1),
    ("Gate(3)[0:1]", "argument", 1),
    ("block = Gate(3)\nblock.fc.weight = torch.ones(3, 3)", "no way back", 2),
    ("block = Gate(3)\nblock.fc.weight.data[0] = 1", "no way back", 2),
    ("block = Gate(3)\nwith torch.no_grad():\n    block.fc.weight.fill_(1)", "no way back", 3),
    ("for p in Gate(3).parameters():\n    p.zero_()", "no way back", 2),
    ("block = Gate(3)\nnn.init.ones_(block.fc.weight)", "no way back", 2),
    ("kept = squares\ndel squares", "no way back", 2),
    ("mean = lambda x: x", "no way back", 1),
    ("kept = mean\ndef mean(x): return x", "no way back", 2),
    ("Gate(3)(torch.ones(1, 3, 1, 1)).sum().backward()", "gradient", 1),
    ("y = mean(torch.ones(1, 1, 1, 1, requires_grad=True))\nassert y.requires_grad, 'learns'",
     "gradient", 2),
    ("block = Gate(3)\nassert block.fc.weight.grad is not None, 'learns'", "gradient", 2),
    ("x = torch.ones(1, 1, 2, 2, requires_grad=True)\ntorch.autograd.grad(mean(x).sum(), x)",
     "gradient", 2),
    ("torch.autograd.gradcheck(mean, torch.ones(1, 1, 1, 1).double())", "gradient", 1),
    ("assert 'for' not in inspect.getsource(mean), 'no loops'", "inside", 1),
    ("assert issubclass(Gate, nn.Module), 'a module'", "inside", 1),
    ("assert isinstance(Gate(3), Gate), 'a gate'", "inside", 1),
    ("assert type(Gate(3)) is not None, 'typed'", "inside", 1),
    ("assert Gate(3)._parameters == {}, 'none'", "inside", 1),
    ("twin = copy.deepcopy(Gate(3))", "inside", 1),
    ("block = Gate(3)\nassert block.fc is block.fc, 'shared'", "inside", 2),
]


@pytest.mark.parametrize(("test", "rule", "line"), BAD, ids=[bad[0][-45:] for bad in BAD])
def test_a_bad_cell_is_named_with_its_line_and_a_rewrite(test, rule, line):
    found = complaints(test)
    assert (rule, line) in [(complaint.rule, complaint.line) for complaint in found], found
    words = str(next(complaint for complaint in found if complaint.rule == rule))
    assert words.startswith(f"tiny-answer-test, line {line}: ")
    assert "Rewrite: " in words
    assert "{" not in words.replace("{…}", "").replace(test, "") or "{" in test


def test_every_rule_has_a_bad_cell():
    assert {rule for _, rule, _ in BAD} == set(RULES)


GOOD = [
    PUSHES,
    READS.replace("block(x), x", "torch.zeros(2, 3, 4, 4) + 0 * block(x), x").split("weight =")[0]
    + "assert block(x).shape == x.shape, 'the shape stays'",
    "x = torch.rand(2, 3, 4, 4)\nassert torch.equal(mean(x), mean(x.flip(2))), 'flip'\n"
    "assert mean(x).shape == (2, 3), 'shape'",
    "check('tiny.mean', mean)",
    "x = torch.rand(2, 3, 4, 4)\nassert (mean(x) - x.mean((2, 3))).abs().max() < 1e-6, 'means'",
    "assert len(squares(3)) - len(squares(2)) == 1, 'one more'",
    "assert squares(1)[0] > 0, 'positive'",
    "x = torch.rand(2, 3, 4, 4)\ncheck('tiny.gate', Gate)\n"
    "assert Gate(3)(x).equal(Gate(3)(x)), 'the same twice'",
    "raised = False\ntry:\n    squares(0)\nexcept ValueError:\n    raised = True\n"
    "assert raised, 'n has to be positive'",
    "wrong = 0\nfor n in range(4):\n    wrong += squares(n + 1)[-1] != (n + 1) ** 2\n"
    "assert wrong == 0, f'{wrong} are wrong'",
    "bad = []\nfor n in (1, 2):\n    if len(squares(n)) != n:\n        bad.append(n)\n"
    "assert not bad, bad",
    "def run():\n    return mean(torch.ones(1, 1, 2, 2)).item()\nassert run() == 1, 'of ones'",
    "def near(a, b):\n    assert torch.allclose(a, b), 'near'\n"
    "near(mean(torch.ones(1, 1, 2, 2)), torch.ones(1, 1))",
    "copied = mean(torch.ones(1, 1, 2, 2))\ncopied.add_(1)\ncopied[0] = 2\n"
    "assert copied.item() == 2, 'ours by now'",
    "assert isinstance(squares(2), list) and isinstance(Gate(3), nn.Module), 'kinds'",
    "block = Gate(3)\nbefore = block.fc.weight.clone()\nblock(torch.ones(1, 3, 1, 1))\n"
    "assert torch.equal(before, block.fc.weight), 'unchanged'\nassert before.shape == (3, 3), '9'",
    "assert mean(torch.full((1, 1, 2, 2), torch.pi)).item() > 3, 'pi'",
    "assert mean.__doc__ is None and mean.__name__ == 'mean', 'names'",
    "1.0 if answer == 42 else 0.5",
    "mean(lambda x: x)  # lint: allow",
    "%timeit 1\nassert answer == 42, 'the answer'",
]


@pytest.mark.parametrize("test", GOOD, ids=[good[-45:] for good in GOOD])
def test_a_sound_cell_is_left_alone(test):
    assert complaints(test) == []


@pytest.mark.parametrize("name", ORDINARY)
def test_cells_that_work_over_the_wire_are_told_of_messages_at_most(name):
    answer, test = ORDINARY[name]
    found = {complaint.rule for complaint in complaints(test, answer)}
    assert found <= {"no message"}


# What no reading of the cell can tell: it depends on what the student's code returns.
TOLD_AT_RUN_TIME = {
    "sets an item", "iterates for long", "compares a set", "compares a complex number",
    "adds an object", "adds it to a tensor", "torch over an object", "an array of an object",
    "an error that nobody takes", "its own missing import", "passes a slice"}


@pytest.mark.parametrize("name", sorted(REFUSED.keys() - TOLD_AT_RUN_TIME))
def test_what_is_refused_over_the_wire_is_named_before(name):
    answer, test, *_ = REFUSED[name]
    assert {complaint.rule for complaint in complaints(test, answer)} - {"no message"}


@pytest.mark.parametrize("key", KEYS)
def test_our_own_test_cells_pass(key, capsys):
    assert lint.main([key]) == 0, capsys.readouterr().out


def test_the_command_names_file_cell_and_line(tmp_path):
    path = source_path(tmp_path, KEY)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(exercise("assert answer == 42")))
    run = ("import sys; from pathlib import Path; from autograder.lint import main; "
           "sys.exit(main(sys.argv[2:], Path(sys.argv[1])))")
    done = subprocess.run([sys.executable, "-c", run, str(tmp_path)], capture_output=True,
                          text=True)
    assert done.returncode == 1
    assert done.stdout.startswith("solutions/notebooks/tiny/tiny.ipynb: tiny-answer-test, line 1: ")
    assert "1 line of test cells to rewrite" in done.stdout
    done = subprocess.run([sys.executable, "-c", run, str(tmp_path), "tin"], capture_output=True,
                          text=True)
    assert done.returncode == 1
    assert "no exercise 'tin'" in done.stderr


def test_the_page_for_instructors_shows_what_the_linter_says():
    page = (ROOT / "book" / "instructors" / "tests.md").read_text("utf-8")
    sound, *_, bad = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (said,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    assert complaints(sound) == []
    (found,) = complaints(bad.strip())
    assert str(found).replace("tiny-answer", "gate") == said.strip()
    limits = Limits()
    assert f"more than {limits.cell_text:,} characters" in page
    assert f"over {limits.submission_file // 2**20} MiB" in page


def test_make_notebooks_runs_it():
    recipe = (ROOT / "Makefile").read_text("utf-8").partition("\nnotebooks:")[2].split("\n\n")[0]
    assert "python -m autograder.lint" in recipe


@pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")
def test_the_verb_tries_the_model_answer_and_the_untouched_notebook(tmp_path, capsys):
    course = make_course(tmp_path, {})
    path = source_path(tmp_path, KEY)
    source = json.loads(path.read_text())
    source["cells"].append(code("tiny-there-test", "assert mean, 'it is there'", grade=True,
                                locked=True, points=3))
    source["cells"].append(code("tiny-set-test", "assert {mean} == {1}, 'a set'", grade=True,
                                locked=True, points=1))
    path.write_text(json.dumps(source))
    assert commands.main(["lint", KEY, "--root", str(tmp_path), "--course", str(course.folder),
                          "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["to_rewrite"]
    tried = [words for words in found if "Rewrite" not in words]
    assert tried == [
        "tiny-partial-test: the model answer does not pass (passed): 1.5 of 2 points",
        "tiny-set-test: the model answer does not pass (failed): a set",
        "tiny-there-test: gives 3 of 3 points to the notebook as it is handed out"]
    assert len(found) - len(tried) == 3
