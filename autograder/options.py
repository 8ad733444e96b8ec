"""What may stand on the command line: verbs, options, and the words of --help."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from autograder.course import ROOT

FORMATS = ("canvas", "moodle", "spreadsheet", "gradescope")
CODES = """
exit codes:
  0  done: graded, written, or nothing had changed
  1  graded, but the grader itself failed on a task; `--json` names it. explain: the replay
     came to another verdict. lint: a cell is to be rewritten
  2  nothing to do as asked: a wrong option, no such exercise or student, nothing handed in,
     nothing graded yet, or not on Linux
  3  refused: this machine cannot lock a student in well enough (`autograder doctor`)
  4  gradebook locked or damaged, disk full, another grader at work, or stopped; run again
"""
EXAMPLES = """
examples:
  autograder grade se                      grade what is new or changed
  autograder grade se --dry-run            say what would be graded
  autograder grade se --only ada --json    one student, as JSON
  autograder regrade se --only ada --reason "the lab's clock was wrong"
  autograder explain ada block-values      why these marks, in words to send
  autograder report se --anonymous         a page for the class, without names
  autograder export se --format canvas     marks for Canvas's gradebook
"""


def parser() -> argparse.ArgumentParser:
    """Every verb with its options; `verb` and, but for explain, `key` are always set."""
    top = argparse.ArgumentParser(
        prog="autograder", epilog=EXAMPLES + CODES, description="Grades a class; students' code "
        "runs locked in, verdicts are reached elsewhere.",
        formatter_class=argparse.RawTextHelpFormatter)
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    _verb(verbs, "grade", "grade what is new or changed", _key, _grading, _cluster)
    _verb(verbs, "regrade", "grade again, changed or not", _key, _reason, _grading,
          _cluster)
    _verb(verbs, "report", "write one HTML page on the whole class", _key, _reporting)
    _verb(verbs, "export", "write the marks as Canvas, Moodle, spreadsheets and Gradescope "
          "read them", _key, _exporting)
    _verb(verbs, "explain", "replay a verdict, in words to send", _verdict)
    _verb(verbs, "demo", "write the sample class and grade it", _grading)
    _verb(verbs, "lint", "name test cells to rewrite, and try them on the model answer", _key)
    _verb(verbs, "doctor", "what isolates here, what is missing, how to get it")
    return top


def _verb(verbs: object, name: str, words: str, *options: Callable) -> None:
    """One verb with its options; those that all verbs have come last."""
    verb = verbs.add_parser(name, help=words, description=words, epilog=CODES,
                            formatter_class=argparse.RawTextHelpFormatter)
    verb.set_defaults(key="se")
    for add in (*options, _every):
        add(verb)


def _key(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("key", help="the exercise, such as se")


def _grading(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--workers", type=_at_least_one, default=os.cpu_count() or 1, metavar="N",
                      help="processes that grade side by side (default: one a core)")
    verb.add_argument("--only", metavar="STUDENT", help="this student only")
    verb.add_argument("--dry-run", action="store_true",
                      help="say what would be graded, and write nothing")
    verb.add_argument("--unsafe", action="store_true",
                      help="grade even where walls are missing; every result says so")


def _cluster(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--scheduler", metavar="ADDRESS",
                      help="a Dask cluster in the place of --workers: tls://HOST:8786, or tcp://")
    for name in ("ca", "cert", "key"):
        verb.add_argument(f"--tls-{name}", type=Path, metavar="FILE",
                          help="for tls://; where none is given, Dask's configuration counts")


def _verdict(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("student", metavar="STUDENT")
    verb.add_argument("task", metavar="TASK", help="as in the table, such as block-values")
    verb.add_argument("--key", default=None, help="the exercise, where several have such a task")
    verb.add_argument("--unsafe", action="store_true",
                      help="replay even where walls are missing, as the run itself may have done")


def _reason(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--reason", default="", metavar="WORDS",
                      help="why; kept with the run, and told by `autograder explain`")


def _reporting(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--anonymous", action="store_true",
                      help="counts only: no names, nor anything that tells who is who")
    verb.add_argument("--to", type=Path, metavar="FILE",
                      help="the page (default: report/KEY.html in the class's folder)")


def _exporting(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--format", action="append", metavar="FORM", dest="formats", choices=FORMATS,
                      help=f"one of {', '.join(FORMATS)}; may be given again (default: all)")
    verb.add_argument("--column", metavar="NAME",
                      help="the assignment's name in Canvas or Moodle, such as 'SE (1234)'\n"
                           "(default: the exercise's title)")
    verb.add_argument("--only", metavar="STUDENT", help="this student only")
    verb.add_argument("--to", type=Path, metavar="DIR",
                      help="the folder to write into (default: export/KEY in the class's folder)")


def _every(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true",
                      help="one JSON document on standard output, and nothing else there")
    verb.add_argument("--course", type=Path, default=ROOT / "course", metavar="DIR",
                      help="the class's folder (default: course)")
    verb.add_argument("--db", default="", metavar="URL",
                      help="the gradebook, such as postgresql://USER@HOST/DATABASE\n"
                           "(default: WHERE_TO_LOOK_DB, or gradebook.db in the class's folder)")
    verb.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return int(text)
