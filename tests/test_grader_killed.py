"""SIGKILL at any moment of a class: run again, and everything is as if nothing had happened."""

import os
import random
import sys
import time

import pytest
from grader_crash import all_gone, graded_again, killed_after, seeded_course, state

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
