"""The whole course once, thin: exercises, book, and the sample class graded (`make demo`).

A step whose inputs have not changed since it last succeeded is not run again; what it printed is
shown again. Contents are compared, not dates: in a fresh clone every file is new.
"""

import hashlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATE = ROOT / "_build" / "demo"


@dataclass(frozen=True)
class Step:
    """One command, the files it reads, and one file that it leaves behind."""

    name: str
    doing: str
    command: tuple[str, ...]
    inputs: tuple[str, ...]
    leaves: str


CODE = ("attnlab/**/*", "solutions/**/*", "requirements.lock")
EXERCISES = Step(
    "exercises",
    "writing the exercises",
    ("tools/notebooks.py",),
    (*CODE, "exercises/**/*", "tools/notebooks.py"),
    "exercises/se/se.ipynb",
)
BOOK = Step(
    "book",
    "building the book",
    ("tools/build_book.py",),
    (*CODE, "book/**/*", "_config.yml", "_toc.yml", "tools/build_book.py"),
    "_build/html/index.html",
)
CLASS = Step(
    "class",
    "grading the sample class",
    ("-m", "autograder", "demo"),
    (*CODE, "autograder/**/*", "exercises/**/*", "nbgrader_config.py"),
    "course/gradebook.db",
)

ENDING = """
The book       {book}   (make serve shows it on http://127.0.0.1:8000)
The gradebook  {gradebook}
The feedback   {feedback}
"""


def digest(patterns: tuple[str, ...]) -> str:
    """One hash over the names and contents of all files that match."""
    files = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    total = hashlib.sha256()
    for path in sorted(files):
        if "__pycache__" not in path.parts:
            total.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def run(step: Step) -> str:
    """What the step prints; kept from last time when nothing that it reads has changed.

    A step that fails ends the demo with its output and its name.
    """
    stamp, printed = STATE / f"{step.name}.sha256", STATE / f"{step.name}.txt"
    unchanged = stamp.is_file() and stamp.read_text("utf-8") == digest(step.inputs)
    if unchanged and (ROOT / step.leaves).exists():
        print(f"{step.name}: nothing changed", flush=True)
        return printed.read_text("utf-8")
    print(f"{step.name}: {step.doing} ...", flush=True)
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, *step.command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{done.stdout}\n{step.name}: `{' '.join(step.command)}` failed (above)")
    print(f"{step.name}: done in {time.monotonic() - start:.0f} s", flush=True)
    STATE.mkdir(parents=True, exist_ok=True)
    printed.write_text(done.stdout, "utf-8")
    stamp.write_text(digest(step.inputs), "utf-8")  # after the run: a step may write what it reads
    return done.stdout


def graded() -> str:
    """The sample class's table, or why there is none."""
    return run(CLASS) if sys.platform == "linux" else "class: not graded, the grader is for Linux"


def main() -> None:
    """Run the steps, the book and the class side by side, and say where everything is."""
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["PYTHONPATH"] = str(ROOT)
    start = time.monotonic()
    run(EXERCISES)
    with ThreadPoolExecutor() as pool:
        book, table = pool.submit(run, BOOK), pool.submit(graded)
        print(f"\n{table.result().rstrip()}")
        book.result()
    places = {"book": ROOT / BOOK.leaves, "gradebook": ROOT / CLASS.leaves}
    print(ENDING.format(**places, feedback=ROOT / "course/feedback"))
    print(f"make demo took {time.monotonic() - start:.0f} s after the set-up.")


if __name__ == "__main__":
    main()
