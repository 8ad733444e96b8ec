"""The verbs of the command line, on Linux."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from autograder.course import ROOT, Busy, Course
from autograder.grade import ClassReport, Run
from autograder.source import NoSource
from autograder.worker import CannotGrade, TooOpenHere

GRADED, OUR_ERROR, CANNOT, REFUSED, TROUBLE = 0, 1, 2, 3, 4
CODES = """
exit codes:
  0  graded (or nothing changed)
  1  graded, but the grader itself failed on a task; `--json` names it
  2  nothing to grade: no such exercise, nothing handed in, or not on Linux
  3  refused: this machine cannot lock a student in well enough (`autograder doctor`)
  4  gradebook locked or damaged, disk full, or another grader at work; run again
"""


def parser() -> argparse.ArgumentParser:
    """What may stand on the command line."""
    top = argparse.ArgumentParser(
        prog="autograder", epilog=CODES, description="Grades a class; students' code runs locked "
        "in, verdicts are reached elsewhere.", formatter_class=argparse.RawTextHelpFormatter)
    verbs = top.add_subparsers(dest="verb", required=True)
    grade = verbs.add_parser("grade", help="grade what is new or changed", epilog=CODES,
                             formatter_class=argparse.RawTextHelpFormatter)
    grade.add_argument("key", help="the exercise, such as se")
    demo = verbs.add_parser("demo", help="write the sample class and grade it", epilog=CODES,
                            formatter_class=argparse.RawTextHelpFormatter)
    demo.set_defaults(key="se")
    for verb in (grade, demo):
        _options(verb)
    verbs.add_parser("doctor", help="what isolates here, what is missing, how to get it")
    return top


def _options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N",
                      help="processes that grade side by side (default: one a core)")
    verb.add_argument("--only", metavar="STUDENT", help="grade this student only")
    verb.add_argument("--unsafe", action="store_true",
                      help="grade even where walls are missing; every result says so")
    verb.add_argument("--json", action="store_true", help="print results as JSON, no table")
    verb.add_argument("--course", type=Path, default=ROOT / "course", metavar="DIR",
                      help="the class's folder (default: course)")
    verb.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)


def progress(done: int, total: int) -> None:
    """A bar on a terminal; nothing in a file."""
    if sys.stderr.isatty():
        filled = 30 * done // total
        end = "\n" if done == total else ""
        print(f"\rgrading |{'█' * filled:30}| {done}/{total}", end=end, file=sys.stderr)


def grade(options: argparse.Namespace) -> int:
    """Grades and prints; the exit code tells how it went."""
    course = Course(options.root.resolve(), options.course.resolve())
    run = Run(course, options.key, max(1, options.workers), options.only, options.unsafe,
              progress=progress)
    started = time.monotonic()
    report = run.grade()
    show(report, options.json, time.monotonic() - started)
    return OUR_ERROR if any(result.our_error for result in report.results) else GRADED


def show(report: ClassReport, as_json: bool, seconds: float) -> None:
    """Prints the table, the reasons and what isolated the run, or all of it as JSON."""
    from autograder import table

    if as_json:
        print(json.dumps({"graded": report.graded,
                          "results": [result.to_dict() for result in report.results]}, indent=1))
        return
    key = report.plan.key
    print(table.table(key, report.results))
    print("\n" + table.reasons(key, report.results))
    print("\n" + table.summary(report.results, report.graded, seconds))


def run_verb(options: argparse.Namespace) -> int:
    """Runs the verb that was asked for; returns the exit code."""
    if options.verb == "doctor":
        from autograder.doctor import examine

        return examine()
    if options.verb == "demo":
        from autograder.sample_class import write_class

        write_class(Course(options.root, options.course), options.key)
    return grade(options)


def complain(message: object, code: int) -> int:
    """Prints what stands in the way and returns its exit code."""
    print(f"autograder: {message}", file=sys.stderr)
    return code


def main(arguments: list[str] | None = None) -> int:
    """Runs one verb and returns its exit code."""
    options = parser().parse_args(arguments)
    try:
        return run_verb(options)
    except TooOpenHere as error:
        return complain(f"refused: {error}", REFUSED)
    except (CannotGrade, NoSource) as error:
        return complain(error, CANNOT)
    except Busy as error:
        return complain(error, TROUBLE)
    except OSError as error:
        return complain(f"{error}; what was graded is kept. Make room or give access, then run "
                        f"this again for the rest", TROUBLE)
    except RuntimeError as error:
        from autograder.gradebook import BookTrouble

        if not isinstance(error, BookTrouble):
            raise
        return complain(error, TROUBLE)
    except KeyboardInterrupt:
        return complain("stopped; what was graded is kept, run again for the rest", TROUBLE)

