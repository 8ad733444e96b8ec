"""The same verdicts for plain `nbgrader autograde`: steps that stand in the place of nbgrader's.

`nbgrader_config.py` names them. Reading and rebuilding replace nbgrader's sanitising, so that no
broken notebook stops a class; TrustedExecute replaces its kernel.
"""

import atexit
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool, Unicode

from autograder import journaled
from autograder.course import ROOT
from autograder.database import Database
from autograder.files import stamp
from autograder.gradebook import create, register, time_of
from autograder.limits import Limits
from autograder.notebook import CANNOT, put_verdicts, rebuilt, stubs, template
from autograder.outcome import ungraded
from autograder.record import RunRecord, new_seed, record_here, settings_here
from autograder.source import Plan, read_source, source_path, without_hidden
from autograder.submission import Submission, read_submission
from autograder.worker import Nursery, Worker

MARK = "where_to_look"


def enter_exercise(db_url: str, root: Path, key: str) -> None:
    """Registers an exercise in the gradebook, as `nbgrader generate_assignment` would."""
    journaled.WAITING.clear()  # of a submission that nbgrader gave up
    create(Database(db_url))
    with Gradebook(db_url) as gradebook:
        register(gradebook.db, key, exercise(str(root), key)[0])


def exercise(root: str, key: str) -> tuple[NotebookNode, Plan]:
    """Template and plan of an exercise; read again only when its file has changed."""
    path = source_path(Path(root), key)
    return _exercise(root, key, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache
def _exercise(root: str, key: str, changed: int) -> tuple[NotebookNode, Plan]:
    source, plan = read_source(Path(root), key)
    return template(source), plan


class SubmissionExporter(NotebookExporter):
    """Leaves a submission's file, which may be anything, to RebuildFromSource."""

    def from_filename(self, filename: str, resources: dict | None = None, **kwargs: object):
        resources["nbgrader"]["file"] = filename
        if any(isinstance(step, RebuildFromSource) for step in self._preprocessors):
            return self.from_notebook_node(nbformat.v4.new_notebook(), resources, **kwargs)
        return super().from_filename(filename, resources, **kwargs)


def existing_timestamp(course: CourseDirectory, folder: str) -> datetime | None:
    """When a submission came in; nbgrader's own method loses a student whose file is odd."""
    return time_of(stamp(Path(folder)))


CourseDirectory.get_existing_timestamp = existing_timestamp


class FromSource(NbGraderPreprocessor):
    """A step that knows where the exercises' sources are."""

    root = Unicode(str(ROOT), help="the folder that holds `solutions`").tag(config=True)


class RebuildFromSource(FromSource):
    """Replaces a submission by the source's cells with the student's solution text in them."""

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        about = resources["nbgrader"]
        pattern, plan = exercise(self.root, about["assignment"])
        submission = read_submission(Path(about["file"]), about["student"], plan.solutions,
                                     Limits())
        notebook = rebuilt(pattern, submission.texts)
        notebook.metadata[MARK] = {
            "sha": submission.sha, "unreadable": submission.unreadable, "notes": submission.notes,
            "missing": [name for name in plan.solutions if name not in submission.texts]}
        return notebook, resources


class TrustedExecute(FromSource):
    """Writes verdicts into the test cells; a student process and a verdict process reach them."""

    unsafe = Bool(False, help="grade even where walls are missing").tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        about = resources["nbgrader"]
        pattern, plan = exercise(self.root, about["assignment"])
        record, worker = run_of(self.root, plan.key, plan.sha, self.unsafe)
        mark = notebook.metadata[MARK]
        texts = _texts(notebook, set(mark["missing"]))
        if mark["unreadable"]:
            result = ungraded(about["student"], worker.plan, "unreadable", mark["unreadable"])
        else:
            result = worker.grade(about["student"], texts)
        result.notes = [*result.notes, *mark["notes"]]
        result.untouched = texts == stubs(pattern)
        journaled.graded(record, result, Submission(
            about["student"], mark["sha"], {} if mark["unreadable"] else texts,
            unreadable=mark["unreadable"]))
        return put_verdicts(notebook, result), resources


class SaveVerdicts(SaveAutoGrades):
    """Saves marks; a test that could not run has none and waits for a person."""

    def _add_score(self, cell: NotebookNode, resources: dict) -> None:
        super()._add_score(cell, resources)
        outputs = cell.get("outputs", [])
        if any(output.get("ename") == CANNOT for output in outputs):
            grade = self.gradebook.find_grade(cell.metadata.nbgrader["grade_id"], self.notebook_id,
                                              self.assignment_id, self.student_id)
            grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()


class HideTests(NbGraderPreprocessor):
    """Takes hidden tests out of feedback; looks at graded, locked cells only."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int
                        ) -> tuple[NotebookNode, dict]:
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("grade") and meta.get("locked"):
            cell.source = without_hidden(cell.source)
        return cell, resources


@lru_cache
def run_of(root: str, key: str, sha: str, unsafe: bool) -> tuple[RunRecord, Worker]:
    """One run and worker for all submissions that this process grades; one set of seeds."""
    plan = exercise(root, key)[1]
    record = record_here(Path(root), plan, new_seed(), settings_here(Limits(), unsafe))
    nursery = Nursery(Path(root), plan, Limits())
    atexit.register(nursery.stop)
    return record, Worker(nursery, record.seed, unsafe)


def _texts(notebook: NotebookNode, missing: set[str]) -> dict[str, str]:
    named = {cell.metadata.nbgrader["grade_id"]: cell.source for cell in notebook.cells
             if cell.metadata.get("nbgrader", {}).get("solution")}
    return {name: text for name, text in named.items() if name not in missing}
