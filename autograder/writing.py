"""Writes what was reached, batch by batch: gradebook, notebook and page, and last the journal.

This is the one writer of a class. A kill between any two steps leaves submissions that the journal
does not hold; the next run grades them again, with the same seed, to the same marks.
"""

import hashlib
import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path

from autograder.course import Course, write_together
from autograder.journal import Journal
from autograder.outcome import Result
from autograder.record import RunRecord, fingerprint
from autograder.source import Plan
from autograder.submission import Submission
from autograder.warm import importing
from autograder.worker import CannotGrade


class NothingKept(CannotGrade):
    """There is no such verdict in the journal, or no longer what it was reached on."""


class Writer:
    """Opens the gradebook for one exercise of one class."""

    def __init__(self, course: Course, source: dict, plan: Plan, journal: Journal):
        with importing():
            load_nbformat()
            from autograder.gradebook import Book
            from autograder.late import LatePenalties
            from autograder.notebook import stubs, template
            from autograder.printed import Printer

        self.course, self.plan, self.journal = course, plan, journal
        self.book = Book(course.database, plan.key, template(source),
                         LatePenalties(course.root, course.folder))
        self.printer, self.stubs = Printer(self.book.pattern), stubs(self.book.pattern)

    def close(self) -> None:
        self.book.close()

    def write(self, run: RunRecord, batch: list[tuple[Submission, Result]]) -> None:
        """Keeps fresh results of a run."""
        files, handed = {}, []
        for submission, result in batch:
            result.notes = [*result.notes, *submission.notes]
            result.untouched = submission.texts == self.stubs
            result.fingerprint, result.run = fingerprint(run, submission), run.id
            result.earlier = history(self.journal.results.get(result.student))
            files |= keep_inputs(self.course, submission, result)
            handed.append(self._handed(result, submission.texts))
        self._finish(handed, self.book.write(handed), files)

    def refresh(self, results: list[Result]) -> None:
        """Writes files, hand-in times and late penalties again; runs nothing, changes no mark."""
        handed = [self._handed(replace(result), kept_texts(self.course, self.plan.key, result))
                  for result in results]
        self._finish(handed, self.book.settle(handed), {})

    def _handed(self, result: Result, texts: dict[str, str]) -> object:
        from autograder.gradebook import Handed

        return Handed(result, texts, self.course.timestamp(result.student, self.plan.key))

    def _finish(self, handed: list, about: dict[str, dict], files: dict[Path, str]) -> None:
        for result, texts, timestamp in handed:
            result.held, result.handed_in = about[result.student], timestamp
            files |= self._files(result, texts)
        write_together(files)
        self.journal.add(one.result for one in handed)

    def _files(self, result: Result, texts: dict[str, str]) -> dict[Path, str]:
        from autograder.feedback import page

        student, key = result.student, self.plan.key
        files = {self.course.autograded(student, key): self.printer.text(texts, result),
                 self.course.feedback(student, key): page(self.plan, texts, result)}
        # nbgrader's autograde compares the time, and its release_feedback finds the way back.
        slips = self.course.slips(student, key)
        return files | {path.with_name(name): text for path in files
                        for name, text in slips.items()}


def keep_inputs(course: Course, submission: Submission, result: Result) -> dict[Path, str]:
    """The file that holds what a result was reached on; the result is told its name."""
    kept = json.dumps({"texts": submission.texts, "unreadable": submission.unreadable})
    result.inputs = hashlib.sha256(kept.encode()).hexdigest()
    return {course.inputs(result.assignment, result.inputs): kept}


def kept_texts(course: Course, key: str, result: Result) -> dict[str, str]:
    """Solution cell -> text, as a result was reached on it. Raises NothingKept."""
    path = course.inputs(key, result.inputs)
    kept = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(kept).hexdigest() != result.inputs:
        raise NothingKept(f"{path}, which {result.student} was graded on, is not as it was kept. "
                          f"Grade it anew: autograder regrade {key} --only {result.student}")
    return json.loads(kept)["texts"]


def history(before: Result | None) -> list[dict]:
    """The runs and points of results that a new one replaces."""
    if before is None:
        return []
    return [*before.earlier, {"run": before.run, "points": before.points}]


def load_nbformat() -> None:
    """Imports it without a grammar of web addresses, which takes a second and no notebook needs."""
    sys.modules["rfc3987_syntax"] = None  # jsonschema goes on without it
    importlib.import_module("nbformat")
    del sys.modules["rfc3987_syntax"]
