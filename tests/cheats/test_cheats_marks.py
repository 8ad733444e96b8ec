"""No trick earns more than its honest marks; without its wall it does, or reaches its target."""

import dataclasses
import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import cheat_plain
import pytest
from cheat_marks import MARKS, RULES
from cheat_records import MarkTrick
from cheat_snippets import TIED
from cheat_world import EASY, KEY, LIMITS, PLAN, ROOT, SECRET, edited, notebook
from grader_world import live_session

from attnlab.check import run
from autograder import judge
from autograder.judge import Judge
from autograder.outcome import Result
from autograder.remote import RemoteProbe
from autograder.source import Plan, make_plan
from autograder.submission import Submission, fill
from autograder.verdict import secret_cases
from autograder.worker import Nursery, Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

LEAK = Path("/tmp/cheat-hidden-tests")
PLAN_POINTS = sum(cell.points for cell in PLAN.tests)


@pytest.fixture(scope="module")
def worker():
    nursery = Nursery(ROOT, PLAN, LIMITS)
    worker = Worker(nursery, seed=5)
    worker.start()
    yield worker
    worker.stop()
    nursery.stop()


@pytest.fixture(scope="module")
def plain():
    """Grades notebooks in one process, as most graders do: (earned, most) for each, or None."""
    process = subprocess.Popen([sys.executable, cheat_plain.__file__], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)

    @lru_cache
    def asked(line: str) -> str:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
        return process.stdout.readline()

    def grade(*notebooks: dict) -> list | None:
        return json.loads(asked(json.dumps(notebooks)))

    yield grade
    process.stdin.close()
    process.stdout.close()
    process.wait()


def handed_in(trick: MarkTrick, tricked: bool = True) -> dict:
    return edited(trick.cells, trick.edit) if tricked else edited(trick.base, lambda book: None)


def texts(book: dict) -> dict[str, str]:
    return fill(Submission("anna"), book["cells"], PLAN.solutions).texts


def verdicts(result: Result) -> dict[str, str]:
    return {task.name: task.message for task in result.tasks if task.points}


@pytest.fixture(scope="module")
def graded(worker):
    """The result of a notebook; the same one is graded once."""
    @lru_cache
    def asked(line: str) -> Result:
        return worker.grade("anna", fill(Submission("anna"), json.loads(line)["cells"],
                                         PLAN.solutions).texts)

    return lambda book: asked(json.dumps(book))


@pytest.mark.parametrize("trick", MARKS + RULES, ids=lambda trick: trick.name)
def test_no_trick_earns_more_than_its_honest_marks(trick, graded):
    LEAK.unlink(missing_ok=True)
    honest, came = graded(handed_in(trick, tricked=False)), graded(handed_in(trick))
    assert came.points <= honest.points, verdicts(came)
    assert not LEAK.exists()
    assert SECRET not in json.dumps(came.to_dict())
    assert not came.our_error, [task.message for task in came.tasks]


LIES = {
    "no gradients": "gradient = lambda self, *x, **k: probe.Gradient(x[0], (None,), {})",
    "gradients of another shape": "gradient = lambda self, *x, **k: probe.Gradient(x[0], "
                                  "(torch.zeros(3),), {n: torch.zeros(7) for n in WEIGHTS})",
    "an empty output": "forward = lambda self, *x, **k: probe.Forward(torch.zeros(0, 5), x)",
    "a bool output": "forward = lambda self, *x, **k: probe.Forward(x[0] > 0, x)",
    "no dimensions": "forward = lambda self, *x, **k: probe.Forward(torch.tensor(1.0), x)",
    "huge and empty": "forward = lambda self, *x, **k: probe.Forward(torch.zeros(2**31, 0), x)",
    "more inputs": "forward = lambda self, *x, **k: probe.Forward(x[0], x * 3)",
    "parameters of odd kinds": "parameters = lambda self: {'w': torch.ones(3, dtype=torch.bool)}",
    "a parameter without numbers": "parameters = lambda self: {n: torch.zeros(0) for n in WEIGHTS}",
    "other parameters each time": "parameters = lambda self: {str(torch.rand(1)): torch.ones(2)}",
    "buffers that are not": "buffers = lambda self: {'running_var': torch.ones(2**31, 0)}",
    "a huge parameter": "parameters = lambda self: {'w': torch.ones(2**23, dtype=torch.int8)}",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_block_is_found_out_and_is_not_our_error(lie, worker):
    text = f"""{TIED.replace("s @ self.reduce.weight)", "s @ self.expand.weight.T)")}
from attnlab.check import probe
WEIGHTS = ("reduce.weight", "expand.weight")
probe.LocalBlock.{LIES[lie]}"""
    came = worker.grade("anna", texts(notebook({"block": text})))
    assert "values-test" not in verdicts(came)
    assert not came.our_error, [(task.name, task.message) for task in came.tasks]


def test_after_all_of_them_a_student_has_the_marks_of_her_own_work(worker):
    for trick in MARKS:
        if trick.neighbour or trick.evidence == "no result":
            worker.grade("anna", texts(handed_in(trick)))
            assert worker.grade("ben", texts(notebook())).points == EASY


@pytest.mark.parametrize("trick", MARKS, ids=lambda trick: trick.name)
def test_in_one_process_it_wins(trick, plain):
    after = [notebook()] if trick.neighbour else []
    ((earned, most), *_) = plain(handed_in(trick, tricked=False))
    came = plain(handed_in(trick), *after)
    if trick.evidence == "no result":
        assert came is None
    elif trick.evidence == "hidden tests":
        assert SECRET in LEAK.read_text()
        LEAK.unlink()
    else:
        assert came[-1][0] / came[-1][1] > earned / most, came


def test_the_plain_grader_knows_right_from_wrong(plain):
    right = {"squeeze": "def squeeze(x): return x.mean(dim=(2, 3))"}
    assert plain(notebook()) == [[EASY, PLAN_POINTS]]
    assert plain(notebook(right)) == [[EASY + 4, PLAN_POINTS]]


def by_their_plan(book: dict, patch: pytest.MonkeyPatch) -> Plan:
    return make_plan(KEY, book, "")


def letters_counted(book: dict, patch: pytest.MonkeyPatch) -> Plan:
    patch.setattr(judge, "length", len)
    return PLAN


def nothing_forbidden(book: dict, patch: pytest.MonkeyPatch) -> Plan:
    return dataclasses.replace(
        PLAN, cells=tuple(dataclasses.replace(cell, forbids=()) for cell in PLAN.cells))


def same_process(book: dict, patch: pytest.MonkeyPatch) -> Plan:
    patch.setattr(RemoteProbe, "renew", lambda self: None)
    return PLAN


def lax(book: dict, patch: pytest.MonkeyPatch) -> Plan:
    patch.setattr(run, "same", lambda expected, came: not (expected - came).abs().max() > 1e-6)
    return PLAN


PULLED = """block, x = SEBlock(8, 2), torch.randn(2, 8, 3, 3)
reduce, expand = block.reduce.weight, block.expand.weight
gate = torch.sigmoid(torch.relu(x.mean((2, 3)) @ reduce.T) @ expand.T)
assert torch.allclose(block(x), x * gate[:, :, None, None], atol=1e-5)
"""


def pulled_weights(book: dict, patch: pytest.MonkeyPatch) -> Plan:
    cells = [dataclasses.replace(cell, text=PULLED) if cell.name == "values-test" else cell
             for cell in PLAN.cells]
    return dataclasses.replace(PLAN, cells=tuple(cells))


OFF = {"pushed weights": pulled_weights, "text only": by_their_plan,
       "bytes counted": letters_counted, "fresh process": same_process,
       "forbidden words": nothing_forbidden, "strict comparison": lax}


@pytest.fixture(scope="module")
def judged():
    """Points by a judge in this process, where a rule of it can be taken away."""
    cases = secret_cases(ROOT, KEY, 5)

    def points(plan: Plan, book: dict) -> float:
        session.done.clear()
        session.renew()
        results = Judge(plan, session, texts(book), cases, 5).results()
        return sum(result.points for result in results)

    with live_session(LIMITS, plan=PLAN) as session:
        yield points


@pytest.mark.parametrize("trick", RULES, ids=lambda trick: trick.name)
def test_without_its_rule_it_wins(trick, judged, graded, monkeypatch):
    honest = graded(handed_in(trick, tricked=False)).points
    plan = OFF[trick.walls[0]](handed_in(trick), monkeypatch)
    assert judged(plan, handed_in(trick)) > honest
