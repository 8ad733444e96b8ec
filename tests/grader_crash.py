"""Classes that are cut short: a known seed, what a run leaves, and who is still alive."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from grader_world import KEY, RIGHT, handed_in, make_course

from autograder.course import Course
from autograder.journal import Journal
from autograder.record import RunRecord

MEANS = ("x.sum((2, 3))", "x.mean((2, 3))", "x", "x.amax((2, 3))", "undefined(x)", "None")
CLASS = {f"student-{number}": handed_in(RIGHT | {"tiny-mean": f"def mean(x): return {mean}"})
         for number, mean in enumerate(MEANS)} | {"broken": "{not JSON"}
TABLES = """SELECT s.student_id, c.name, g.auto_score, g.manual_score, g.extra_credit,
        g.needs_manual_grade, n.late_submission_penalty, s.timestamp, m.auto_comment,
        m.manual_comment
    FROM submitted_assignment s JOIN submitted_notebook n ON n.assignment_id = s.id
    JOIN base_cell c LEFT JOIN grade g ON g.cell_id = c.id AND g.notebook_id = n.id
    LEFT JOIN comment m ON m.cell_id = c.id AND m.notebook_id = n.id
    WHERE g.id IS NOT NULL OR m.id IS NOT NULL ORDER BY 1, 2"""
USED = re.compile(r"[\d.]+ s, [\d.]+ s of processor,\s+\d+ MiB at most")


def seeded_course(folder: Path, students: dict[str, str] = CLASS) -> Course:
    """A class whose first run has seed 5, as if one with that seed had been cut short."""
    course = make_course(folder, students)
    path = course.journal(KEY)
    path.parent.mkdir(parents=True)
    Journal(path).begin(RunRecord(5))
    return course


def command(course: Course) -> list[str]:
    return [sys.executable, "-m", "autograder", "grade", KEY, "--root", str(course.root),
            "--course", str(course.folder), "--workers", "2"]


def environment(folder: Path) -> dict[str, str]:
    """The environment of a grader whose processes, and their temporary files, can be told."""
    folder.mkdir(exist_ok=True)
    return os.environ | {"TMPDIR": str(folder)}


def state(course: Course) -> dict[str, object]:
    """Everything that a run leaves, but for the seconds and bytes that it took."""
    with sqlite3.connect(course.gradebook) as book:
        found: dict[str, object] = {"gradebook": book.execute(TABLES).fetchall()}
        (students,) = book.execute("SELECT count(*) FROM student").fetchone()
    for path in sorted(course.folder.rglob("*")):
        if path.is_file() and "journal" not in path.parts and path != course.gradebook:
            found[str(path.relative_to(course.folder))] = USED.sub("", path.read_text())
    journal = Journal(course.journal(KEY))
    lines = course.journal(KEY).read_text().count('{"result"')
    found["journal"] = (sorted(journal.results), lines, journal.finished, sorted(journal.again))
    results = journal.results.values()
    return found | {"students": students, "seeds": sorted({result.seed for result in results}),
                    "points": {result.student: result.points for result in results}}


def alive(folder: Path) -> dict[int, str]:
    """The processes of a grader with this temporary folder: id -> command line."""
    mark, found = f"TMPDIR={folder}".encode(), {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue  # it has just ended, or is another user's
    return found


def all_gone(folder: Path, seconds: float = 120) -> dict[int, str]:
    """Whoever is still alive when there was time to end: a warm-up is finished before."""
    ends = time.monotonic() + seconds
    while (found := alive(folder)) and time.monotonic() < ends:
        time.sleep(0.05)
    return found


def killed_after(course: Course, folder: Path, seconds: float) -> bool:
    """Starts a grader and kills it; returns whether it was still at work."""
    process = subprocess.Popen(command(course), env=environment(folder),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    at_work = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return at_work


def graded_again(course: Course, folder: Path) -> str:
    """Runs the grader to its end; returns what it printed."""
    done = subprocess.run(command(course), env=environment(folder), capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout
