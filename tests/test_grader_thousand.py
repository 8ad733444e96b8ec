"""A class of a thousand: the process that writes needs no more memory for it than for fifty."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from grader_world import KEY, MEAN, RIGHT, handed_in, make_course

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux"),
]

REMARKS = "\n".join(f"# {'remark ' * 14}" for _ in range(400))  # 40 KiB in each notebook
MAY_GROW = 12.0  # MiB: each student leaves a result of a few KiB, and no notebook


def own_mib(process: int) -> float:
    """Memory that no file backs."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0  # it is about to end


def graded(journal: Path) -> int:
    return journal.read_text().count('{"result"') if journal.is_file() else 0


def largest(folder: Path, count: int) -> float:
    """The most memory, in MiB, that grading a class of `count` took in the process that writes."""
    text = handed_in(RIGHT | {"tiny-mean": f"{MEAN}\n{REMARKS}"})
    course = make_course(folder, {f"student-{number:04}": text for number in range(count)})
    command = [sys.executable, "-m", "autograder", "grade", KEY, "--workers", "2",
               "--root", str(course.root), "--course", str(course.folder)]
    most = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None:
            most = max(most, own_mib(run.pid))
            time.sleep(0.1)
    assert run.returncode == 0
    assert graded(course.journal(KEY)) == count
    return most


def test_memory_does_not_grow_with_the_class(tmp_path):
    small, large = largest(tmp_path / "small", 50), largest(tmp_path / "large", 1000)
    assert large - small < MAY_GROW, f"{small:.0f} MiB for 50 students, {large:.0f} for 1000"
