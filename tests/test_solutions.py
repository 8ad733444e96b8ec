"""The sources of the exercises: kinds of task, points, times, and graded cells that can fail."""

import ast
import functools
import importlib
import re

import pytest
import torch
from notebook_runs import bound, graded, solved, student, uses
from torch import Tensor, nn

from attnlab.check import use_cases
from attnlab.check.cases import make_cases
from exercises import KEYS

MODULES = {key: importlib.import_module(f"solutions.{key}") for key in KEYS}
TASKS = {key: importlib.import_module(f"solutions.mistakes.{key}").TASKS for key in KEYS}
FRESH = {key: make_cases(TASKS[key], seed=43) for key in KEYS}
QUICK = "trains"  # the tag of what these tests leave to those marked slow


def raises(right: object) -> object:
    def student(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no")

    return student


def returns_input(right: object) -> object:
    if isinstance(right, type):
        return type("Identity", (right,), {"forward": lambda self, x, *_: x})
    return lambda *args, **kwargs: args[0] if args else None


def returns_zeros(right: object) -> object:
    if isinstance(right, type):
        return type("Zeros", (right,), {"forward": lambda self, x, *_: torch.zeros_like(x)})
    return lambda *args, **kwargs: _zero(right(*args, **kwargs))


def replays(right: object) -> object:
    """Computes once, and gives that answer ever after."""
    if isinstance(right, type):

        def forward(self: nn.Module, *inputs: Tensor) -> Tensor:
            if not hasattr(self, "last"):
                self.last = right.forward(self, *inputs).detach()
            return self.last

        return type("Replay", (right,), {"forward": forward})
    answers: list = []

    @functools.wraps(right)
    def replay(*args: object, **kwargs: object) -> object:
        answers.append(right(*args, **kwargs))
        return answers[0]

    return replay


def _zero(value: object) -> object:
    return torch.zeros_like(value) if isinstance(value, Tensor) else type(value)(0)


SABOTEURS = [raises, returns_input, returns_zeros, replays]


def targets(key: str, trains: bool) -> list[tuple[str, str]]:
    """Every graded cell with each name of the student's that it uses."""
    cells = solved(key)
    names = [name for cell in cells if cell.solution for name in bound(cell.source)]
    tests = [cell for cell in cells if cell.graded and (("trains" in cell.tags) == trains)]
    return [(cell.id, name) for cell in tests for name in names if uses(cell.source, name)]


def sabotaged(key: str, name: str, saboteur, **chosen: str) -> dict[str, str]:
    with use_cases(FRESH.__getitem__):
        return graded(solved(key), **chosen, **{name: saboteur(getattr(MODULES[key], name))})


@pytest.mark.parametrize("saboteur", SABOTEURS)
@pytest.mark.parametrize(
    ("key", "cell", "name"), [(k, *t) for k in KEYS for t in targets(k, False)]
)
def test_a_graded_cell_refuses_what_is_no_answer(key, cell, name, saboteur):
    assert sabotaged(key, name, saboteur, skip=QUICK)[cell], f"{cell} passes with {saboteur}"


@pytest.mark.parametrize("saboteur", SABOTEURS)
@pytest.mark.parametrize(("key", "cell", "name"), [(k, *t) for k in KEYS for t in targets(k, True)])
def test_training_refuses_what_is_no_answer(key, cell, name, saboteur):
    assert sabotaged(key, name, saboteur, only="trains")[cell], f"{cell} passes with {saboteur}"


@pytest.mark.parametrize("key", KEYS)
def test_every_graded_cell_uses_a_name_of_the_students(key):
    used = {cell for trains in (False, True) for cell, _ in targets(key, trains)}
    assert used == {cell.id for cell in solved(key) if cell.graded}


@pytest.mark.parametrize("key", KEYS)
def test_the_reference_gets_full_marks(key):
    with use_cases(FRESH.__getitem__):
        assert set(graded(solved(key)).values()) == {""}


@pytest.mark.parametrize("key", KEYS)
def test_the_stub_earns_nothing(key):
    messages = graded(student(key))
    assert all(messages.values()), messages


@pytest.mark.parametrize("key", KEYS)
def test_every_graded_cell_has_hidden_tests_and_speaks(key):
    for cell in solved(key):
        if not cell.graded:
            continue
        hidden = re.search(
            r"### BEGIN HIDDEN TESTS\n(.+?)\n### END HIDDEN TESTS", cell.source, re.S
        )
        assert hidden, f"{cell.id} has no hidden tests"
        for node in ast.walk(ast.parse(cell.source)):
            assert not (isinstance(node, ast.Assert) and node.msg is None), f"{cell.id}: silent"
