"""The whole course once, thin: exercises, book, and the sample class graded (`make demo`).

Each step compares contents with what it made last time and does only what is new, so there is
nothing to remember here. The book and the class run side by side.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXERCISES = ("writing the exercises", "tools/notebooks.py")
BOOK = ("building the book", "tools/build_book.py")
CLASS = ("grading the sample class", "-m", "autograder", "demo")

ENDING = f"""
The book       {ROOT / "_build/html/index.html"}
               `make serve` shows it on http://127.0.0.1:8000
The gradebook  {ROOT / "course/gradebook.db"}
The feedback   {ROOT / "course/feedback"}
"""


def run(doing: str, *command: str) -> str:
    """What the command prints; when it fails, the demo ends with its output."""
    print(f"{doing} ...", flush=True)
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{done.stdout}\n{doing}: `{' '.join(command)}` failed, see above")
    print(f"{doing}: {time.monotonic() - start:.0f} s", flush=True)
    return done.stdout


def graded() -> str:
    """The sample class's table, or why there is none."""
    return run(*CLASS) if sys.platform == "linux" else "No class graded: the grader is for Linux."


def main() -> None:
    """Run the steps and say where everything is."""
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["PYTHONPATH"] = str(ROOT)
    run(*EXERCISES)
    with ThreadPoolExecutor() as pool:
        book, table = pool.submit(run, *BOOK), pool.submit(graded)
        print(f"\n{table.result().rstrip()}\n")
        book.result()
    print(ENDING)


if __name__ == "__main__":
    main()
