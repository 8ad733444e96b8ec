"""What a GPU owes the course, tried on the CPU at the size of a toy."""

from dataclasses import replace

import pytest
import torch

from attnlab import cifar10, experiment, ledger, matching
from attnlab.grids import GRIDS
from attnlab.profiles import PROFILES
from tools import bench_seeds, measure_gpu

IMAGES = (torch.randn(40, 3, 32, 32), torch.arange(40) % 10)


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The grid `cifar-all` on 40 random images, 16 channels wide, uncompiled, in one epoch."""
    monkeypatch.setattr(cifar10, "fingerprint", lambda: "cifar10 stand-in")
    monkeypatch.setattr(cifar10, "experiment", lambda train, test, mark: (IMAGES, IMAGES))
    short = replace(PROFILES["gpu"], epochs=1, batch=20, compiled=False)
    monkeypatch.setitem(PROFILES, "gpu", short)
    monkeypatch.setitem(GRIDS, "cifar-all", replace(GRIDS["cifar-all"], width=16))
    match = matching.Match((16, 32, 64, 130), 0.101, 0.1)
    monkeypatch.setattr(experiment, "time_match", lambda *_: match)
    monkeypatch.setattr(ledger, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")  # fused, on a CPU
def test_grid_is_measured_with_seeds_together_in_bfloat16(toy, capsys):
    words = ("--ledger", str(toy), "run", "cifar-all", "--seeds", "2", "--together", "2")
    assert experiment.main(list(words)) == 0
    rows = ledger.load("cifar-all", toy)
    assert sorted(rows) == sorted(row.name for row in GRIDS["cifar-all"].rows)
    for entries in rows.values():
        assert [entry.results["together"] for entry in entries.values()] == [2, 2]
        assert all(entry.config["profile"]["bfloat16"] for entry in entries.values())
    assert rows["se-every"][0].results["parameters"] == rows["conv-every"][0].results["parameters"]


def test_one_command_does_it_all(toy, monkeypatch, capsys):
    called, ran = [], []
    monkeypatch.setattr(measure_gpu, "seconds_a_seed", lambda *_: {1: 2.0, 2: 1.1, 5: 1.3})
    monkeypatch.setattr(experiment, "main", lambda words: called.append(words) or 0)

    def run(command):
        ran.append(command)
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr(measure_gpu.subprocess, "run", run)
    assert measure_gpu.main(["--device", "cpu", "--seeds", "5"]) == 0
    assert called[0][:6] == ["run", "cifar-all", "--device", "cpu", "--seeds", "5"]
    assert called[0][6:8] == ["--together", "2"]
    assert called[1] == ["summary", "cifar-all"]
    said = [" ".join(words[:2]) for words in called[2:]]
    assert said == ["run article-all", "summary article-all"]
    assert [command[1:3] for command in ran] == [
        ["-m", "attnlab.cost_table"], ["tools/bench_blocks.py", "--device"],
        ["tools/bench_blocks.py", "--device"], ["-m", "pytest"],
    ]  # fmt: skip
    assert "1.82" in capsys.readouterr().out


def test_without_a_gpu_it_says_so(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert measure_gpu.main([]) == 2
    assert "no CUDA device here; nothing was measured" in capsys.readouterr().err


def test_bench_of_seeds_prints_a_line_for_each_number(monkeypatch, capsys):
    monkeypatch.setattr(bench_seeds, "ROUNDS", 1)
    monkeypatch.setattr(bench_seeds, "SEEDS", (1, 2))
    monkeypatch.setitem(PROFILES, "tiny", replace(PROFILES["tiny"], batch=4))
    assert bench_seeds.main(["rule"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["seeds", "at", "once"]
    assert [line.split()[0] for line in lines[1:]] == ["1", "2"]


@pytest.mark.parametrize("grid", ["cifar-all", "article-all"])
def test_what_the_ledger_owes_is_said_in_it(grid):
    """Either the grid for a GPU is in the ledger, or the ledger names the command that owes it."""
    said = (ledger.ROOT / "README.md").read_text("utf-8")
    owed = not (ledger.ROOT / grid).is_dir()
    assert ("`python tools/measure_gpu.py`" in said and f"`{grid}`" in said) == owed
