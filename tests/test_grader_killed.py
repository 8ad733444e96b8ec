"""SIGKILL at any moment of a class: run again, and everything is as if nothing had happened."""

import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from grader_crash import all_gone, graded_again, killed_after, seeded_course, state
from grader_world import KEY, MEAN, RIGHT, source_notebook

from autograder.limits import Limits
from autograder.source import make_plan
from autograder.worker import Nursery, Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What an undisturbed run leaves, and its seconds."""
    folder = tmp_path_factory.mktemp("undisturbed")
    course = seeded_course(folder)
    started = time.monotonic()
    graded_again(course, folder / "tmp")
    return state(course), time.monotonic() - started


def kill_and_run_again(undisturbed, folder, moments: int) -> None:
    """Kills a grader at random moments, one in each equal part of the run, each in a new class."""
    whole, seconds = undisturbed
    seed = int(os.environ.get("KILL_SEED", 0)) or random.randrange(10**6)
    draw, hits = random.Random(seed), 0
    for number in range(moments):
        course, own = seeded_course(folder / str(number)), folder / f"tmp-{number}"
        moment = (number + draw.random()) / moments * seconds
        print(f"KILL_SEED={seed}: kill {number} after {moment:.3f} s of {seconds:.3f} s")
        hits += killed_after(course, own, moment)
        assert not all_gone(own), f"still alive after kill {number} of KILL_SEED={seed}"
        graded_again(course, own)
        assert state(course) == whole, f"after kill {number} of KILL_SEED={seed}"
        assert not [*own.iterdir()], "temporary files were left"
    assert "Nothing changed" in graded_again(course, own)
    assert hits >= moments / 2, f"only {hits} of {moments} graders were at work when killed"


def test_a_grader_killed_at_three_moments(undisturbed, tmp_path):
    kill_and_run_again(undisturbed, tmp_path, 3)


@pytest.mark.slow
def test_a_grader_killed_at_fifty_moments(undisturbed, tmp_path):
    kill_and_run_again(undisturbed, tmp_path, 50)


SLOW = MEAN.replace("return", "__import__('time').sleep(0.3)\n    return")


def at_work(nursery: int) -> dict[str, int]:
    """Our processes round a student process, by what they are; waits until there is one."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        pair = living(nursery)
        below = [living(zygote) for zygote in pair]
        if list(map(len, below)) == [1, 1] and len(living(below[0][0])) == 1:
            return dict(zip(LOST, (nursery, *pair, *below[0], *below[1]), strict=True))
        time.sleep(0.01)
    raise AssertionError("no student process was started")


def living(process: int) -> list[int]:
    """The children of a process that have not ended, in the order of their birth."""
    try:
        found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        states = {int(one): Path(f"/proc/{one}/stat").read_text().split()[2] for one in found}
    except FileNotFoundError:  # one of them has just ended
        return []
    return sorted(one for one, state in states.items() if state != "Z")


LOST = ("nursery", "student zygote", "verdict zygote", "keeper", "verdict process")


@pytest.fixture(scope="module")
def worker():
    nursery = Nursery(Path("/"), make_plan(KEY, source_notebook(), ""), Limits(step_seconds=20))
    worker = Worker(nursery, seed=5)
    worker.start()
    yield worker
    worker.stop()
    nursery.stop()


@pytest.mark.parametrize("which", LOST)
def test_a_process_that_is_lost_in_the_middle_of_a_submission(which, worker):
    texts, nursery = RIGHT | {"tiny-mean": SLOW}, worker.nursery.process.pid
    found = []
    thread = threading.Thread(target=lambda: found.append(worker.grade("anna", texts)))
    thread.start()
    os.kill(at_work(nursery)[which], signal.SIGKILL)
    thread.join(120)
    marks = {task.name: (task.message or task.outcome, task.points) for task in found[0].tasks}
    assert marks == {"tiny-mean-test": ("passed", 1), "tiny-scale-test": ("passed", 2),
                     "tiny-partial-test": ("passed", 1.5)}
