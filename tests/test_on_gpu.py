"""`make test-gpu`, tried without one: which profile it takes, and what it keeps in the ledger."""

import sys
from types import SimpleNamespace

import pytest
import torch
from notebook_runs import ROOT

from attnlab import cifar10, ledger
from autograder.outcome import FAILED, PASSED, Result, TaskResult
from autograder.source import read_source

sys.path.insert(0, str(ROOT / "tools"))
import on_gpu

REPORT = f"""<testsuites><testsuite name="pytest" tests="3">
<testcase classname="solutions.notebooks.se.se" name="Cell 0" time="1.5" />
<testcase classname="solutions.notebooks.se.se" name="Cell 1" time="0.25">
<failure message="{ROOT}/solutions/se.py: 3 is not 4">more</failure></testcase>
<testcase classname="solutions.notebooks.se.se" name="Cell 2" time="0"><error>no kernel</error>
</testcase></testsuite></testsuites>"""
TASKS = [
    TaskResult("se-block-test", "Task 3", PASSED, 2, 2, "✓ se.block: 7 laws", seconds=0.1),
    TaskResult("se-photographs-test", "Task 8", FAILED, 0, 1, "too few\nMay use", seconds=30.0),
]


@pytest.fixture
def photographs(monkeypatch, tmp_path):
    monkeypatch.setattr(cifar10, "absent", lambda: "")
    monkeypatch.setattr(cifar10, "locate", lambda: tmp_path)
    monkeypatch.setattr(cifar10, "fingerprint", lambda: "cifar10 stand-in")


@pytest.fixture
def asked(photographs, monkeypatch):
    """(key, profile) of each exercise that would be run."""
    calls = []
    monkeypatch.setattr(on_gpu, "one", lambda *words: calls.append(words) or words[0] != "da")
    return calls


def test_the_exercises_are_those_with_a_test_that_asks():
    assert sorted(on_gpu.asking()) == sorted("se eca cbam nonlocal gc cc da".split())


@pytest.mark.parametrize(("there", "profile"), [(True, "gpu"), (False, "cpu")])
def test_the_profile_is_that_of_the_machine(asked, monkeypatch, capsys, there, profile):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    assert on_gpu.main(["se", "gc"]) == 0
    assert asked == [("se", profile), ("gc", profile)]
    assert ("the profile cpu instead" in capsys.readouterr().out) != there


def test_one_that_fails_stops_no_other_and_shows_in_the_exit_status(asked):
    assert on_gpu.main(["da", "se"]) == 1
    assert [key for key, _ in asked] == ["da", "se"]


def test_without_cifar10_nothing_is_run(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("ATTNLAB_CIFAR10", str(tmp_path))
    assert on_gpu.main([]) == 2
    assert "on_gpu: no CIFAR-10 under" in capsys.readouterr().err


def test_cells_are_run_by_nbval_with_the_profile(monkeypatch):
    def run(command, cwd, env, **_):
        assert "--nbval-lax" in command
        assert (command[-1], cwd, env["ATTNLAB_PROFILE"]) == ("solutions/notebooks/se", ROOT, "gpu")
        path = next(word.partition("=")[2] for word in command if word.startswith("--junit"))
        with open(path, "w") as file:
            file.write(REPORT)

    monkeypatch.setattr(on_gpu, "subprocess", SimpleNamespace(run=run))
    cells = on_gpu.executed("se", "gpu")
    assert [(cell.name, cell.seconds, bool(cell.words)) for cell in cells] == [
        ("Cell 0", 1.5, False), ("Cell 1", 0.25, True), ("Cell 2", 0.0, True),
    ]  # fmt: skip


def test_a_run_without_cells_is_an_error(monkeypatch):
    done = SimpleNamespace(stdout="no kernel", stderr="")
    monkeypatch.setattr(on_gpu, "subprocess", SimpleNamespace(run=lambda *_, **__: done))
    with pytest.raises(RuntimeError, match="nbval ran no cell of se:\nno kernel"):
        on_gpu.executed("se", "cpu")


def test_what_is_kept_says_what_failed_where_and_on_which_images(photographs):
    cells, result = on_gpu.read_report(REPORT), Result("solver", "se", TASKS, seconds=33.0)
    _, plan = read_source(ROOT, "se")
    entry = on_gpu.entry(plan, "gpu", "Some Card", cells, result)
    assert (entry.name, entry.device, entry.data) == ("se-gpu-0", "Some Card", "cifar10 stand-in")
    assert entry.config["recipe"]["train_images"] == 45000
    assert entry.results["cells_failed"] == 2
    assert entry.results["graded_on_cifar10_seconds"] == 30.0
    assert (entry.results["points"], entry.results["max_points"]) == (2, 3)
    text = on_gpu.log("se", "gpu", "Some Card", cells, result)
    assert "Cell 1: solutions/se.py: 3 is not 4 (0.2 s)" in text
    assert "1 of 3 cells passed" in text
    assert "se-photographs-test: failed, 0 of 1 points (30.0 s)\n    too few\n    May use" in text


def kept(profile: str) -> list[ledger.Entry]:
    return [ledger.read(path) for path in (ledger.ROOT / "notebooks").glob(f"*-{profile}-0.json")]


def test_every_run_in_the_ledger_was_whole_and_has_its_log():
    assert kept("cpu")
    for entry in kept("cpu") + kept("gpu"):
        assert entry.results["cells_failed"] == 0
        assert entry.results["points"] == entry.results["max_points"]
        text = (ledger.ROOT / "notebooks" / f"{entry.name}.log").read_text("utf8")
        assert entry.device in text
        assert "not graded on CIFAR-10" not in text


def test_what_no_gpu_has_run_is_owed():
    said = (ledger.ROOT / "README.md").read_text("utf8").partition("## Owed")[2]
    assert ("`make test-gpu`" in said) == (not kept("gpu"))
