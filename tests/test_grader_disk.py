"""A writer that is killed at any line, a full disk, a locked gradebook: nothing lost or twice."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from grader_crash import graded_again, seeded_course, state
from grader_world import KEY

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

TESTS = Path(__file__).resolve().parent


def script(name: str, *arguments: object) -> subprocess.CompletedProcess:
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    return subprocess.run([sys.executable, TESTS / name, *map(str, arguments)], text=True,
                          capture_output=True, env=os.environ | {"PYTHONPATH": path})


def tried(folder: Path, how: str, stride: int) -> tuple[int, int]:
    """At how many places the writer was disturbed, and how many there are."""
    done = script("crash_lines.py", folder, how, stride)
    assert done.returncode == 0, done.stderr
    return tuple(map(int, re.match(r"(\d+) of (\d+) places", done.stdout).groups()))


def test_the_writer_ends_at_some_lines_and_is_run_again(tmp_path):
    assert tried(tmp_path, "kill", 200)[0] >= 6


def test_some_writes_find_a_full_disk(tmp_path):
    places, writes = tried(tmp_path, "full", 7)
    assert places >= 4
    assert writes >= 30, "each file, each folder and each batch of the journal is forced to disk"


@pytest.mark.slow
@pytest.mark.parametrize(("how", "stride", "least"), [("kill", 7, 150), ("full", 1, 30)])
def test_the_writer_is_disturbed_everywhere(how, stride, least, tmp_path):
    assert tried(tmp_path, how, stride)[0] >= least


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    course = seeded_course(folder)
    graded_again(course, folder / "tmp")
    return state(course)


def fill(folder: Path, size: int, undisturbed: dict) -> None:
    """A real disk of this many bytes fills, is told of, and given room the class is whole."""
    if os.getuid() != 0:
        pytest.skip("not run: only root may mount a small disk")
    (folder / "disk").mkdir()
    done = script("full_disk.py", folder / "disk", size)
    if done.returncode == 77:
        pytest.skip("not run: root here may not mount a small disk")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["code"] == 4, found["said"]
    assert re.search("No space left on device|disk is full|disk I/O error", found["said"])
    assert "Traceback" not in found["said"]
    assert re.search("what was graded is kept|nothing is lost", found["said"])
    assert found["state"] == json.loads(json.dumps(undisturbed))


def test_a_small_disk_fills(undisturbed, tmp_path):
    fill(tmp_path, 260_000, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("size", range(60_000, 320_000, 20_000))
def test_disks_of_many_sizes_fill(size, undisturbed, tmp_path):
    fill(tmp_path, size, undisturbed)


def test_a_gradebook_that_is_locked_in_the_middle(tmp_path, monkeypatch):
    from crash_lines import STUDENTS, write

    from autograder.database import BookTrouble
    from autograder.record import RunRecord
    from autograder.writing import Writer

    whole = seeded_course(tmp_path / "whole", STUDENTS)
    write(whole)
    course, writing, batches = seeded_course(tmp_path / "locked", STUDENTS), Writer.write, []
    others = []

    def locked(self: Writer, run: RunRecord, batch: list) -> None:
        batches.append(len(batch))
        if len(batches) == 2:
            others.append(sqlite3.connect(course.gradebook, isolation_level=None))
            others[0].execute("BEGIN EXCLUSIVE")
        writing(self, run, batch)

    monkeypatch.setattr(Writer, "write", locked)
    with pytest.raises(BookTrouble, match=r"database is locked. Close other programs that use it"):
        write(course)
    others[0].close()
    assert course.journal(KEY).read_text().count('{"result"') == 2
    write(course)
    assert state(course) == state(whole)
