"""Tests that train run after all others, in a process with a clock and a budget of its own."""

import sys
from pathlib import Path

import pytest
from grader_world import code

from autograder.limits import Limits
from autograder.source import make_plan
from autograder.worker import Nursery, Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

ANSWER = """import resource, time
seen = []
def moment():
    return time.monotonic()
def budget():
    return resource.getrlimit(resource.RLIMIT_CPU)[0]
def note():
    seen.append(1)
    return len(seen)
def asleep():
    time.sleep(60)
"""
STUB = "moment = budget = note = asleep = None"
TRAINS = "print(moment())\nassert budget() == 77\nassert note() == 1"
ORDINARY = "print(moment())\nassert budget() == 55\nassert note() == 1"
LIMITS = Limits(total_seconds=3, train_total_seconds=30, step_seconds=10,
                processor_seconds=55, train_processor_seconds=77)


def graded(*tests: dict) -> dict:
    """Test -> its result, for the ANSWER above."""
    cells = [code("order-answer", STUB, solution=True), *tests]
    plan = make_plan("order", {"cells": cells}, "")
    nursery = Nursery(Path("/"), plan, LIMITS)
    worker = Worker(nursery, seed=1)
    try:
        result = worker.grade("anna", {"order-answer": ANSWER})
    finally:
        worker.stop()
        nursery.stop()
    assert [task.name for task in result.tasks] == [test["id"] for test in tests]
    return {task.name: task for task in result.tasks}


def test(name: str, text: str, *tags: str) -> dict:
    return code(name, text, tags, grade=True, locked=True, points=1)


test.__test__ = False


def test_trainings_come_last_whatever_their_place_and_however_long_the_others_take():
    found = graded(test("trains", TRAINS, "trains"), test("ordinary", ORDINARY),
                   test("endless", "asleep()"), test("late", "assert note() == 2"))
    outcomes = {name: (task.outcome, task.reason) for name, task in found.items()}
    assert outcomes == {"trains": ("passed", ""), "ordinary": ("passed", ""),
                        "endless": ("could not run", "timeout"),
                        "late": ("could not run", "timeout")}, found
    assert "the time for the whole submission was used up" in found["late"].message
    assert float(found["trains"].message) > float(found["ordinary"].message) + 2
