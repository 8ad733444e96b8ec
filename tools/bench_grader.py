"""Times `autograder grade` beside plain `nbgrader autograde` on one class, in one run.

`make bench-grader` runs it. Each road starts from a folder of its own with the same submissions
(tools/bench_class.py), writes notebooks and a gradebook, and its start-up counts; the marks must
agree. Ours is timed before and after plain nbgrader, and its mean counts. Plain means nbgrader
with its own kernel and settings.

Cells that train are left out of all that, since they cost the same anywhere; a few submissions with
them are graded at the end. The last line is `ratio` and how many times faster ours was, by the
clock on the wall.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from bench_class import prepare
from bench_measure import Cost, peak_bytes, run

from autograder.course import Course
from autograder.preprocessor import enter_exercise
from autograder.worker import HUGE_PAGES

ROOT = Path(__file__).resolve().parent.parent
PYTHON = Path(sys.executable)
NBGRADER = str(PYTHON.with_name("nbgrader"))
PLAIN = """
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.db_url = "{book}"
c.CourseDirectory.source_directory = "solutions/notebooks"
c.CourseDirectory.submitted_directory = "course/submitted"
c.CourseDirectory.autograded_directory = "course/autograded"
"""
WORKERS = 2


def ours(course: Course, key: str) -> list[str]:
    """The command that grades a class with this project's grader."""
    return [
        *(str(PYTHON), "-m", "autograder", "grade", key, "--workers", str(WORKERS), "--json"),
        *("--root", str(course.root), "--course", str(course.folder)),
    ]


def plain(course: Course, key: str) -> list[str]:
    """The command that grades a class with nbgrader as it comes."""
    config = PLAIN.format(root=str(course.root), book=course.database.url)
    (course.root / "nbgrader_config.py").write_text(config)
    enter_exercise(course.database.url, course.root, key)
    return [NBGRADER, "autograde", key]


def with_our_steps(course: Course) -> None:
    """nbgrader's settings as the course ships them, for this folder."""
    config = (ROOT / "nbgrader_config.py").read_text()
    config = config.replace("Path(__file__).resolve().parent", f"Path({str(course.root)!r})")
    config += "c.FromSource.root = str(ROOT)\n"
    (course.root / "nbgrader_config.py").write_text(config)


def marks(course: Course, key: str) -> dict[tuple[str, str], float]:
    """(student, test) -> marks, as nbgrader has them."""
    from nbgrader.api import Gradebook

    with Gradebook(course.database.url) as book:
        return {
            (grade.student.id, grade.name): grade.score
            for submission in book.assignment_submissions(key)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def agree(first: dict, second: dict, name: str) -> None:
    """Raises SystemExit where two roads gave different marks."""
    if first == second:
        return
    different = [key for key in first.keys() | second.keys() if first.get(key) != second.get(key)]
    words = [f"{key}: {first.get(key)} and {second.get(key)}" for key in sorted(different)[:10]]
    raise SystemExit(f"autograder grade and {name} gave different marks: {words}")


def show(name: str, cost: Cost, count: int) -> None:
    print(
        f"{name:36} {cost.wall:7.1f} s  {cost.wall / count:6.3f} s a submission  "
        f"{cost.processor:6.1f} s of processor",
        flush=True,
    )


class Bench:
    """The roads, one after the other, each in a folder of its own under `folder`."""

    def __init__(self, folder: Path, key: str, count: int):
        self.folder, self.key, self.count = folder, key, count

    def course(self, name: str, count: int | None = None, trains: bool = False) -> Course:
        return prepare(self.folder / name, self.key, count or self.count, trains)

    def ratio(self) -> float:
        """Times ours, plain nbgrader, ours again; then the slower road of ours."""
        before = self.course("before")
        first = run(ours(before, self.key), ROOT)
        show("autograder grade, 2 workers", first, self.count)
        slow_course = self.course("plain")
        slow = run(plain(slow_course, self.key), slow_course.root)
        show("nbgrader autograde, plain", slow, self.count)
        after = self.course("after")
        second = run(ours(after, self.key), ROOT)
        show("autograder grade, 2 workers, again", second, self.count)
        agree(marks(before, self.key), marks(slow_course, self.key), "plain nbgrader")
        self.compatible(marks(before, self.key))
        self.where(before, second)
        return slow.wall / ((first.wall + second.wall) / 2)

    def compatible(self, expected: dict) -> None:
        """nbgrader's own commands with our steps in them."""
        course = self.course("compatible")
        with_our_steps(course)
        environment = {"WHERE_TO_LOOK_COURSE": str(course.folder)}
        for step in ("autograde", "generate_feedback"):
            cost = run([NBGRADER, step, self.key], course.root, environment)
            show(f"nbgrader {step}, our steps", cost, self.count)
        found = marks(course, self.key)
        agree(expected, found, "nbgrader with our steps")
        print(f"marks: {len(found)} of {len(expected)} the same on all roads")

    def where(self, graded: Course, cost: Cost) -> None:
        """Processor time of ours by place, beside the least that it could be."""
        few = run(ours(self.course("few", WORKERS), self.key), ROOT)
        results = json.loads(cost.output)["results"]
        student = sum(result["cpu_seconds"] for result in results) / len(results)
        each = (cost.processor - few.processor) / (self.count - WORKERS)
        command = [str(PYTHON), "tools/bench_floor.py", str(graded.root), str(graded.folder)]
        tests, writing = json.loads(run([*command, self.key], ROOT, HUGE_PAGES).output)
        rest = each - student - writing
        print(
            f"processor time of ours: {few.processor:.1f} s to start and grade {WORKERS}, then "
            f"{1000 * each:.0f} ms a submission: {1000 * student:.0f} in the student's process, "
            f"{1000 * rest:.0f} in the verdict's and between, {1000 * writing:.0f} writing\n"
            f"the least: {1000 * (tests + writing):.0f} ms, one fork with cells and tests together "
            f"{1000 * tests:.0f}, writing {1000 * writing:.0f}"
        )

    def memory(self) -> None:
        """Peak PSS over all processes, in runs of their own."""
        course = self.course("memory", 8)
        few = self.course("memory-plain", 2)
        found = {
            "autograder grade, 2 workers": peak_bytes(ours(course, self.key), ROOT),
            "nbgrader autograde, plain": peak_bytes(plain(few, self.key), few.root),
        }
        words = ", ".join(f"{name} {size / 2**20:.0f} MiB" for name, size in found.items())
        print(f"peak memory (PSS of all processes): {words}")

    def trainings(self, count: int) -> None:
        """What the tests cost that were left out."""
        course = self.course("trains", count, trains=True)
        cost = run(ours(course, self.key), ROOT)
        names = {cell["metadata"]["nbgrader"]["grade_id"] for cell in training_cells(self.key)}
        tasks = [task for each in json.loads(cost.output)["results"] for task in each["tasks"]]
        seconds = sum(task["seconds"] for task in tasks if task["name"] in names)
        print(
            f"with the tests that train ({', '.join(sorted(names))}): {count} submissions in "
            f"{cost.wall:.1f} s, {cost.processor:.1f} s of processor; {seconds / count:.1f} s a "
            f"submission in those tests"
        )


def training_cells(key: str) -> list[dict]:
    """The graded cells of an exercise that are tagged `trains`."""
    source = json.loads((ROOT / f"solutions/notebooks/{key}/{key}.ipynb").read_text("utf-8"))
    return [
        cell
        for cell in source["cells"]
        if "trains" in cell["metadata"].get("tags", [])
        and cell["metadata"].get("nbgrader", {}).get("grade")
    ]


def main() -> None:
    """Everything, in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--key", default="se", help="the exercise")
    parser.add_argument("--submissions", type=int, default=40, metavar="N")
    parser.add_argument("--trains", type=int, default=4, metavar="N", help="0 leaves this part out")
    options = parser.parse_args()
    os.environ |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    load = os.getloadavg()[0]
    print(f"{options.submissions} submissions, {os.cpu_count()} cores, load {load:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.key, options.submissions)
        ratio = bench.ratio()
        bench.memory()
        if options.trains:
            bench.trainings(options.trains)
    print(f"ratio {ratio:.1f}")


if __name__ == "__main__":
    main()
