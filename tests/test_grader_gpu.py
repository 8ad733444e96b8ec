"""Tests that ask for a GPU: who gets one, what is trained where, and what the result says."""

import sys
from types import SimpleNamespace

import pytest
import torch
from grader_world import live_session

from attnlab.check.cases import BlockCases, TrainCases
from attnlab.check.known import cases_of
from attnlab.train import RECIPES
from autograder import gpu, judge, profile
from autograder.limits import Limits
from autograder.session import Cell
from autograder.source import Plan, PlanCell

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

CASES = {
    "cifar": TrainCases(RECIPES["cifar"], 1.0, 8, 3, "SEBlock", "block"),
    "rule": TrainCases(RECIPES["rule"], 0.5, 8, 3, "SEBlock", "block"),
    "block": BlockCases([], [], {}, ""),
}
CARD = "Some Card, CUDA 13.0"


@pytest.fixture
def no_profile(monkeypatch):
    monkeypatch.delenv(profile.PROFILE, raising=False)


class Fake:
    """A session on a machine whose GPU opens, or says why not."""

    def __init__(self, answer: str):
        self.answer, self.asked, self.heard = answer, 0, []

    def begin_training(self) -> None:
        """All trainings come last."""

    def open_gpu(self) -> str:
        self.asked += 1
        return self.answer


def judged(session: Fake, asks: bool) -> tuple[str, dict]:
    """The message of a test that trains, and the cases that it was given."""
    given = {}
    cell = PlanCell("test", "t", "look()", 1.0, trains=True, gpu=asks)
    one = judge.Judge(Plan("x", "", (cell,), ()), session, {}, CASES, 1)
    one.names["look"] = lambda: given.update({name: cases_of(f"x.{name}") for name in CASES})
    (result,) = one.results()
    return result.message, given


def test_on_a_gpu_all_of_cifar10_is_trained_on_and_the_bench_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(judge, "absent", lambda: "")
    message, cases = judged(Fake(CARD), asks=True)
    recipe = cases["cifar"].recipe
    assert (recipe["train_images"], recipe["epochs"], recipe["profile"]) == (45000, 30, "gpu")
    assert (cases["rule"], cases["block"]) == (CASES["rule"], CASES["block"])
    assert message == f"Ran on the GPU with the profile gpu: {CARD}."


@pytest.mark.parametrize("missing", ["there is none here", ""])
def test_without_one_it_runs_as_on_any_cpu_and_says_why(no_profile, monkeypatch, missing):
    monkeypatch.setattr(judge, "absent", lambda: missing)
    session = Fake("no: the driver is too old")
    message, cases = judged(session, asks=True)
    assert cases == CASES
    assert session.asked == (not missing), "no process is started where no GPU can be"
    why = missing or "the driver is too old"
    assert message == f"May use a GPU; {why}, so it ran on the CPU with the profile cpu."


def test_a_test_that_does_not_ask_gets_none(monkeypatch):
    monkeypatch.setattr(judge, "absent", lambda: "")
    session = Fake(CARD)
    assert judged(session, asks=False) == ("", CASES)
    assert session.asked == 0


@pytest.mark.parametrize(("named", "gets"), [(None, True), ("gpu", True), ("cpu", False)])
def test_who_gets_a_gpu(tmp_path, monkeypatch, named, gets):
    monkeypatch.setattr(profile, "CONTROL", tmp_path / "nvidiactl")
    monkeypatch.delenv(profile.PROFILE, raising=False)
    if named:
        monkeypatch.setenv(profile.PROFILE, named)
    assert profile.choose(True) is profile.CPU, "there is no device"
    (tmp_path / "nvidiactl").touch()
    assert (profile.choose(True) is profile.GPU) == gets
    assert (profile.absent() == "") == gets
    assert profile.choose(False) is profile.CPU


def test_all_images_fit_on_the_wire_to_a_gpu():
    images = RECIPES["cifar"]["gpu"]["train_images"] * (3 * 32 * 32 + 8)
    assert Limits().payload < images < profile.GPU.bounded(Limits()).payload


def test_a_process_that_finds_no_gpu_says_so_and_goes_on(no_profile):
    """The whole road but the card: a student process tries CUDA behind its walls."""
    if torch.cuda.is_available():
        pytest.skip("not run: this machine has a GPU")
    with live_session(Limits()) as session:
        session.run_cell(Cell("a", "kept = 3"))
        assert "gpu" not in session.isolation
        words = session.open_gpu()
        assert words == session.isolation["gpu"]
        assert words.startswith("no: ")
        assert session.step({"do": "get", "name": "kept"}, "kept") == 3
        assert "\n" not in gpu.words(words)


@pytest.mark.gpu
def test_a_students_process_opens_the_gpu_behind_its_walls(no_profile):
    if profile.absent() or not torch.cuda.is_available():
        pytest.skip("not run: no CUDA device")
    plan = SimpleNamespace(cells=(PlanCell("test", "t", "", gpu=True),), imports=[], gpu=True)
    with live_session(Limits(), plan=plan) as session:
        assert not session.open_gpu().startswith("no:")
        assert session.isolation["landlock"].startswith("ABI")
        text = "import torch\nmean = float(torch.ones(9, device='cuda').mean())"
        session.run_cell(Cell("a", text))
        assert session.step({"do": "get", "name": "mean"}, "mean") == 1
