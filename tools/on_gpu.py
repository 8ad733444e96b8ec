"""Runs the solved notebooks on CIFAR-10 with the profile `gpu`, then grades them.

Usage: python tools/on_gpu.py [KEY ...]    (the root on PYTHONPATH; without a key, every exercise
with a test that asks for a GPU). Without a GPU it does the same with the profile `cpu`.
For each exercise: nbval executes solutions/notebooks/<key>, then the grader gets its answers as a
submission. Numbers and log go to book/ledger/notebooks/<key>-<profile>-0.json and .log; the exit
status is 1 when a cell failed or a point was lost, and 2 where CIFAR-10 is missing.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import nbformat
import torch
from solve import filled, graded

from attnlab import cifar10, ledger
from attnlab.runs import commit, device_name, versions
from attnlab.train import RECIPES
from autograder.outcome import Result
from autograder.source import Plan, read_source

ROOT = Path(__file__).resolve().parent.parent
GRID = "notebooks"
PROFILE = "ATTNLAB_PROFILE"


class Cell(NamedTuple):
    """What became of one cell under nbval; `words` are empty where it passed."""

    name: str
    seconds: float
    words: str


def asking() -> list[str]:
    """The exercises with a test that may use a GPU."""
    keys = sorted(path.stem for path in ROOT.glob("solutions/notebooks/*/*.ipynb"))
    return [key for key in keys if read_source(ROOT, key)[1].gpu]


def executed(key: str, profile: str) -> list[Cell]:
    """Runs the solved notebook under nbval. Raises RuntimeError when it reports no cell."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [
            sys.executable, "-m", "pytest", "-q", "--nbval-lax", "-p", "no:cacheprovider",
            f"--junitxml={report}", f"solutions/notebooks/{key}",
        ]  # fmt: skip
        env = os.environ | {PROFILE: profile}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        cells = read_report(report.read_text("utf8")) if report.is_file() else []
    if not cells:
        raise RuntimeError(f"nbval ran no cell of {key}:\n{done.stdout}{done.stderr}")
    return cells


def read_report(xml: str) -> list[Cell]:
    """The cells of a JUnit report, in their order."""
    found = []
    for case in ElementTree.fromstring(xml).iter("testcase"):
        wrong = case.find("failure")
        wrong = case.find("error") if wrong is None else wrong
        words = "" if wrong is None else (wrong.get("message") or wrong.text or "failed")
        found.append(Cell(case.get("name", ""), float(case.get("time", 0)), words))
    return found


def log(key: str, profile: str, device: str, cells: list[Cell], result: Result) -> str:
    """The log of one exercise, as it stands in the ledger."""
    passed = [cell for cell in cells if not cell.words]
    lines = [f"{key}, profile {profile}, {device}, {cifar10.fingerprint()}", "", "nbval:"]
    lines += [f"  {name}: {words or 'passed'} ({seconds:.1f} s)" for name, seconds, words in cells]
    lines += [f"  {len(passed)} of {len(cells)} cells passed", "", "autograder:"]
    for task in result.tasks:
        lines.append(f"  {task.name}: {task.outcome}, {task.points:g} of {task.max_points:g} "
                     f"points ({task.seconds:.1f} s)")  # fmt: skip
        lines += [f"    {line}" for line in task.message.splitlines()]
    lines += [f"  {name}: {words}" for name, words in sorted(result.isolation.items())]
    return "\n".join(lines).replace(f"{ROOT}/", "") + "\n"


def entry(
    plan: Plan, profile: str, device: str, cells: list[Cell], result: Result
) -> ledger.Entry:
    """The numbers of one exercise; seconds are on the clock."""
    config = {"notebook": plan.sha, "profile": profile, "recipe": RECIPES["cifar"]}
    if profile == "gpu":
        config["recipe"] = config["recipe"] | config["recipe"]["gpu"]
    asking = {cell.name for cell in plan.cells if cell.gpu}
    training = [task.seconds for task in result.tasks if task.name in asking]
    results = {
        "cells": len(cells), "cells_failed": sum(bool(cell.words) for cell in cells),
        "seconds": round(sum(cell.seconds for cell in cells), 1),
        "points": result.points, "max_points": result.max_points,
        "graded_seconds": result.seconds, "graded_cpu_seconds": result.cpu_seconds,
        "graded_on_cifar10_seconds": round(sum(training), 1),
    }  # fmt: skip
    return ledger.Entry(
        GRID, plan.key, profile, 0, config, ledger.config_hash(config), commit(), versions(),
        device, cifar10.fingerprint(), results, [],
    )  # fmt: skip


def one(key: str, profile: str) -> bool:
    """Runs, grades and records one exercise; whether all of it is right."""
    device, plan = device_name("cuda" if profile == "gpu" else "cpu"), read_source(ROOT, key)[1]
    start = time.monotonic()
    cells = executed(key, profile)
    with tempfile.TemporaryDirectory() as folder:
        result = graded(key, Path(folder), {"solver": nbformat.writes(filled(key))})["solver"]
    path = ledger.write(entry(plan, profile, device, cells, result), ledger.ROOT)
    ledger.write_whole(path.with_suffix(".log"), log(key, profile, device, cells, result))
    failed = [cell.name for cell in cells if cell.words]
    print(
        f"{key:9} {len(cells) - len(failed)} of {len(cells)} cells, {result.points:g} of "
        f"{result.max_points:g} points, {time.monotonic() - start:.0f} s: {path.name}", flush=True
    )  # fmt: skip
    return not failed and result.points == result.max_points


def main(keys: list[str]) -> int:
    """Every exercise one after the other; see the top for the exit status."""
    if missing := cifar10.absent():
        print(f"on_gpu: {missing}", file=sys.stderr)
        return 2
    os.environ["ATTNLAB_CIFAR10"] = str(cifar10.locate().resolve())
    os.environ.pop(PROFILE, None)  # the grader finds out by itself
    profile = "gpu" if torch.cuda.is_available() else "cpu"
    if profile == "cpu":
        print("no CUDA device here: the profile cpu instead")
    whole = [one(key, profile) for key in keys or asking()]
    return 0 if all(whole) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
