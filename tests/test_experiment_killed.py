"""A run that is killed without warning, as by a power cut, and then given again."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attnlab import experiment, ledger
from attnlab.grids import GRIDS, Grid, Row

TOP = Path(__file__).parents[1]
SMALL = Grid("rule", (Row("plain"), Row("conv", "last", "attnlab.baselines:Pointwise")), "rule",
             train_images=64, test_images=50)  # fmt: skip
# The same grid in a process of its own, which writes its entries slowly.
SLOW = """
import sys, time
from attnlab import experiment, ledger
from attnlab.grids import GRIDS, Grid, Row
GRIDS["rule"] = {grid!r}
fsync = ledger.os.fsync
ledger.os.fsync = lambda file: (fsync(file), time.sleep(0.3))
sys.exit(experiment.main(["--ledger", sys.argv[1], "run", "rule", "--seeds", "3"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="not run: needs POSIX signals")
def test_killed_run_loses_nothing_and_measures_nothing_twice(tmp_path, monkeypatch):
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW.format(grid=SMALL), str(tmp_path)],
        cwd=TOP, env={"PYTHONPATH": str(TOP), "PATH": "/usr/bin:/bin"}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: list(tmp_path.glob("rule/.*.part")) and whole(tmp_path), process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = {path: path.stat().st_mtime_ns for path in whole(tmp_path)}
    assert 0 < len(before) < 6, "killed too late to show anything"
    assert list(tmp_path.glob("rule/.*.part")), "killed while no entry was being written"
    assert sum(map(len, ledger.load("rule", tmp_path).values())) == len(before)

    monkeypatch.setitem(GRIDS, "rule", SMALL)
    assert experiment.main(["--ledger", str(tmp_path), "run", "rule", "--seeds", "3"]) == 0
    rows = ledger.load("rule", tmp_path)
    assert {name: sorted(seeds) for name, seeds in rows.items()} == {
        "plain-none": [0, 1, 2], "conv-last": [0, 1, 2]
    }  # fmt: skip
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())


def whole(root):
    return list(root.glob("rule/[!.]*.json"))


def until(true, process, seconds=120):
    """Wait for it, as long as the process lives."""
    for _ in range(seconds * 50):
        if true():
            return
        assert process.poll() is None, f"the run ended by itself with {process.returncode}"
        time.sleep(0.02)
    raise AssertionError(f"nothing in {seconds} s")
