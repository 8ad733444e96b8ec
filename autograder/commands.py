"""The verbs of the command line, on Linux."""

import argparse
import json
import os
import sys
import time

from autograder.cluster import Scheduler
from autograder.course import Busy, Course
from autograder.database import BookTrouble
from autograder.grade import ClassReport, Run
from autograder.options import FORMATS, parser
from autograder.progress import Progress
from autograder.source import NoSource
from autograder.worker import CannotGrade, TooOpenHere

GRADED, OUR_ERROR, CANNOT, REFUSED, TROUBLE = 0, 1, 2, 3, 4
OTHER = OUR_ERROR  # a replay that came to another verdict


def course_of(options: argparse.Namespace) -> Course:
    """The course that the options name."""
    return Course(options.root.resolve(), options.course.resolve(), options.db)


def scheduler_of(options: argparse.Namespace) -> Scheduler | None:
    """The cluster that the options name; warns where anybody could listen."""
    if getattr(options, "scheduler", None) is None:
        return None
    scheduler = Scheduler(options.scheduler, options.tls_ca, options.tls_cert, options.tls_key)
    if scheduler.in_the_clear:
        print(f"autograder: {options.scheduler} is not encrypted: hidden tests and marks cross "
              f"the network in the clear; use tls://", file=sys.stderr)
    return scheduler


def grade(options: argparse.Namespace) -> int:
    """Grades and prints; the exit code tells how it went."""
    progress = Progress(f"grading {options.key}")
    run = Run(course_of(options), options.key, options.workers, options.only, options.unsafe,
              progress=progress)
    run.scheduler = scheduler_of(options)
    run.again, run.reason = options.verb == "regrade", getattr(options, "reason", "")
    if options.dry_run:
        return show_preview(run, options)
    started = time.monotonic()
    try:
        report = run.grade()
    finally:
        progress.close()
    code = OUR_ERROR if any(result.our_error for result in report.results) else GRADED
    show(report, options, time.monotonic() - started, code)
    return code


def show(report: ClassReport, options: argparse.Namespace, seconds: float, code: int) -> None:
    """Prints the table, the reasons and what isolated the run, or all of it as JSON."""
    from autograder import table

    key = report.plan.key
    if options.json:
        unchanged = [r.student for r in report.results if r.student not in set(report.graded)]
        say(options, code, dry_run=False, seconds=round(seconds, 3), graded=report.graded,
            settled=report.settled, before=report.before,
            unchanged=unchanged, results=[
                result.to_dict() | {"points": result.points, "max_points": result.max_points,
                                    "final": max(0.0, result.final)}
                for result in report.results])
        return
    print(table.table(key, report.results))
    print("\n" + table.reasons(key, report.results))
    print("\n" + table.summary(report.results, report.graded, seconds))
    changes = table.changes(report)
    if changes:
        print(changes)


def show_preview(run: Run, options: argparse.Namespace) -> int:
    """Says which submissions would be graded, and why."""
    found = run.preview()
    waiting = {student: why for student, why in found.items() if why}
    unchanged = sorted(found.keys() - waiting.keys())
    if options.json:
        say(options, GRADED, dry_run=True, unchanged=unchanged, would_grade=[
            {"student": student, "why": why} for student, why in waiting.items()])
        return GRADED
    for student, why in waiting.items():
        print(f"{student}  {why}")
    print(f"{len(waiting)} of {len(found)} submissions for {run.key!r} would be graded; "
          f"nothing was written.")
    return GRADED


def report(options: argparse.Namespace) -> int:
    """Writes the page on the class."""
    from autograder import report as pages
    from autograder.class_marks import class_marks

    course = course_of(options)
    marks = class_marks(course, options.key)
    name = f"{options.key}{'-anonymous' if options.anonymous else ''}.html"
    path = (options.to or course.folder / "report" / name).resolve()
    pages.write(marks, path, options.anonymous, course.folder / "feedback")
    if options.json:
        say(options, GRADED, page=str(path), anonymous=options.anonymous,
            **pages.in_numbers(marks))
    else:
        print(f"{path}: {len(marks.handed_in)} students")
    return GRADED


def export(options: argparse.Namespace) -> int:
    """Writes the marks in the forms asked for."""
    from autograder import export as forms
    from autograder.class_marks import class_marks

    course = course_of(options)
    marks = class_marks(course, options.key)
    marks = marks.only(options.only) if options.only is not None else marks
    folder = (options.to or course.folder / "export" / options.key).resolve()
    files = forms.write(marks, folder, options.formats or FORMATS, options.column or marks.title)
    changed = forms.changed_ids(marks)
    if changed:
        print(f"autograder: the ids of {', '.join(map(repr, changed))} begin like a formula; they "
              f"stand in the sheets with an apostrophe in front, and an import will not find "
              f"them", file=sys.stderr)
    if options.json:
        say(options, GRADED, files=[str(path) for path in files], changed_ids=changed)
    else:
        sheets = [path for path in files if path.suffix == ".csv"]
        print("\n".join(map(str, sheets)))
        if len(files) > len(sheets):
            print(f"{folder / 'gradescope'}: results.json of {len(files) - len(sheets)} students")
    return GRADED


def demo(options: argparse.Namespace) -> int:
    """Writes the sample class and grades it."""
    from autograder.sample_class import write_class

    if not options.dry_run:
        write_class(Course(options.root, options.course, options.db), options.key)
    return grade(options)


def doctor(options: argparse.Namespace) -> int:
    """Says what isolates students' code on this machine."""
    from autograder.doctor import examine

    return examine(options.json)


def lint(options: argparse.Namespace) -> int:
    """Reads an exercise's test cells, and tries them on its own answer."""
    from autograder.lint import examine
    from autograder.source import read_source
    from autograder.trial import tried

    _, plan = read_source(options.root, options.key)
    found = [*map(str, examine(plan)), *tried(options.root, options.key)]
    if options.json:
        say(options, OTHER if found else GRADED, to_rewrite=found)
    else:
        print("\n".join(found) or f"{len(plan.tests)} test cells: nothing to rewrite; the model "
              f"answer passes all of them, the notebook as it is handed out none")
    return OTHER if found else GRADED


def explain(options: argparse.Namespace) -> int:
    """Replays one verdict and prints it in words that an instructor can send."""
    from autograder import letter
    from autograder.explain import explain

    verdict = explain(course_of(options), options.student, options.task, options.key,
                      options.unsafe)
    options.key = verdict.key
    code = GRADED if verdict.agrees or verdict.replayed is None else OTHER
    if options.json:
        say(options, code, **verdict.to_dict(), letter=letter.letter(verdict))
        return code
    print(letter.letter(verdict))
    print(f"\nFor you alone\n{letter.notes(verdict)}")
    return code


def say(options: argparse.Namespace, code: int, **content: object) -> None:
    """Prints the one JSON document of a run."""
    head = {"verb": options.verb, "exercise": options.key, "exit_code": code}
    print(json.dumps(head | content, indent=1))


def complain(options: argparse.Namespace, message: object, code: int) -> int:
    """Says what stands in the way, on standard error and in JSON too; returns the exit code."""
    print(f"autograder: {message}", file=sys.stderr)
    if options.json:
        say(options, code, error=str(message))
    return code


VERBS = {"grade": grade, "regrade": grade, "report": report, "export": export,
         "explain": explain, "lint": lint, "demo": demo, "doctor": doctor}


def main(arguments: list[str] | None = None) -> int:
    """Runs one verb and returns its exit code."""
    options = parser().parse_args(arguments)
    try:
        return VERBS[options.verb](options)
    except TooOpenHere as error:
        return complain(options, f"refused: {error}", REFUSED)
    except (CannotGrade, NoSource) as error:
        return complain(options, error, CANNOT)
    except (Busy, BookTrouble) as error:
        return complain(options, error, TROUBLE)
    except BrokenPipeError:  # whoever read the output has read enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GRADED
    except OSError as error:
        return complain(options, f"{error}; what was graded is kept. Make room or give access, "
                        f"then run this again for the rest", TROUBLE)
    except KeyboardInterrupt:
        return complain(options, "stopped; what was graded is kept, run again for the rest",
                        TROUBLE)
