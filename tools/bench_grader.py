"""Times `autograder grade` beside plain `nbgrader autograde` on the same submissions, in one run.

Usage: python tools/bench_grader.py [N]    (N submissions, 20 by default; the root on PYTHONPATH)

Both write notebooks and a gradebook, both times include start-up, and the marks must agree. Plain
means nbgrader with its own kernel and settings. Cells that train are left out on both sides: they
cost the same anywhere. The last line is `ratio` and how many times faster ours was.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from autograder.course import Course, write_atomically
from autograder.preprocessor import enter_exercise
from autograder.sample_class import SAMPLE, submissions
from autograder.source import source_path

ROOT = Path(__file__).resolve().parent.parent
KEY = "se"
LEFT_OUT = ("nora", "omar", "milo", "lena", "pia")  # loops, broken files, stubs: mostly not run
TRAINING = ("trains", "run_recipe", "RECIPES")
CONFIG = """
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.db_url = "sqlite:///{book}"
c.CourseDirectory.source_directory = "solutions/notebooks"
c.CourseDirectory.submitted_directory = "course/submitted"
c.CourseDirectory.autograded_directory = "course/autograded"
"""


def without_training(notebook: dict) -> dict:
    """A copy without the cells that train a network or need one."""

    def trains(cell: dict) -> bool:
        words = "".join(cell["source"]) + " ".join(cell["metadata"].get("tags", []))
        return cell["cell_type"] == "code" and any(word in words for word in TRAINING)

    kept = [
        cell
        for cell in notebook["cells"]
        if not trains(cell) or "setup" in cell["metadata"].get("tags", [])
    ]
    return notebook | {"cells": kept}


def prepare(folder: Path, count: int) -> Course:
    """A root of its own: the solutions linked in, the notebooks shortened, the class in place."""
    course = Course(folder, folder / "course")
    (folder / "solutions").mkdir(parents=True)
    for path in (ROOT / "solutions").iterdir():
        if path.name not in ("notebooks", "__pycache__"):
            (folder / "solutions" / path.name).symlink_to(path)
    source = json.loads(source_path(ROOT, KEY).read_text("utf-8"))
    write_atomically(
        folder / "solutions" / "notebooks" / KEY / f"{KEY}.ipynb",
        json.dumps(without_training(source)),
    )
    files = submissions(ROOT, KEY)
    names = [pupil.name for pupil in SAMPLE if pupil.name not in LEFT_OUT]
    for number, name in enumerate(islice(cycle(names), count)):
        notebook = without_training(json.loads(files[name]))
        write_atomically(course.submitted(f"{name}-{number}", KEY), json.dumps(notebook))
    return course


def timed(name: str, command: list[str], folder: Path, count: int) -> float:
    """Runs a command, prints what a submission took, and returns its wall seconds."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{name:28} {seconds:7.1f} s wall  {seconds / count:6.3f} s a submission  "
        f"{used:6.1f} s of processor in processes waited for",
        flush=True,
    )
    return seconds


def marks(course: Course) -> dict[tuple[str, str], float]:
    """(student, test) -> marks, as nbgrader has them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.gradebook}") as book:
        return {
            (grade.student.id, grade.name): grade.score
            for submission in book.assignment_submissions(KEY)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def main() -> None:
    """Both roads, one after the other."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    os.environ |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    print(f"{count} submissions, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        plain, ours = (prepare(Path(folder) / name, count) for name in ("plain", "ours"))
        (plain.root / "nbgrader_config.py").write_text(
            CONFIG.format(root=str(plain.root), book=plain.gradebook)
        )
        enter_exercise(plain.gradebook, plain.root, KEY)
        python = Path(sys.executable)
        slow = timed(
            "nbgrader autograde, plain",
            [str(python.with_name("nbgrader")), "autograde", KEY],
            plain.root,
            count,
        )
        fast = timed(
            "autograder grade, 2 workers",
            [
                str(python),
                "-m",
                "autograder",
                "grade",
                KEY,
                "--workers",
                "2",
                "--root",
                str(ours.root),
                "--course",
                str(ours.folder),
            ],
            ROOT,
            count,
        )
        if marks(plain) != marks(ours):
            raise SystemExit("the two roads gave different marks")
    print(f"ratio {slow / fast:.1f}")


if __name__ == "__main__":
    main()
