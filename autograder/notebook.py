"""The graded notebook: the source's cells with the student's text, and verdicts as outputs.

nbgrader's own steps make the template, so that its database, its checksums and ours are the same.
"""

import html
import json

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions, ComputeChecksums, LockCells

from autograder.outcome import COULD_NOT_RUN, FAILED, PASSED, Result, TaskResult

# Names of the error outputs; the first alone leaves a mark open.
CANNOT, WRONG, ABSENT = "CouldNotRun", "NotYet", "NotDefined"


def template(source: dict) -> NotebookNode:
    """The notebook as nbgrader stores it: stubs, locked tests, checksums, no outputs."""
    notebook = nbformat.reads(json.dumps(source), as_version=4)
    for step in (ClearSolutions(), LockCells(), ComputeChecksums()):
        notebook, _ = step.preprocess(notebook, {})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def rebuilt(pattern: NotebookNode, texts: dict[str, str]) -> NotebookNode:
    """A copy of the template with the student's text in its solution cells."""
    notebook = nbformat.from_dict(json.loads(json.dumps(pattern)))
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("solution"):
            cell.source = texts.get(meta["grade_id"], "")
    return notebook


def stubs(pattern: NotebookNode) -> dict[str, str]:
    """Solution cell -> its text as it was handed out."""
    return {cell.metadata.nbgrader["grade_id"]: cell.source for cell in pattern.cells
            if cell.metadata.get("nbgrader", {}).get("solution")}


def put_verdicts(notebook: NotebookNode, result: Result) -> NotebookNode:
    """Writes each verdict as the one output of its test cell, as nbgrader reads marks."""
    verdicts = {task.name: task for task in result.tasks if decided(task)}
    for cell in notebook.cells:
        task = verdicts.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if task and cell.cell_type == "code":
            cell.outputs = [nbformat.from_dict(output(task))]
    notebook.metadata |= remarks(result)
    return notebook


def decided(task: TaskResult) -> bool:
    """Whether the grader has something to say; it says nothing of what is marked by hand."""
    return task.outcome in (PASSED, FAILED, COULD_NOT_RUN)


def remarks(result: Result) -> dict:
    """What a graded notebook's metadata tells of the grading."""
    return {"where_to_look": {"isolation": result.isolation, "notes": result.notes}}


def output(task: TaskResult) -> dict:
    """A verdict as the output of a cell."""
    if task.outcome == PASSED:
        words = html.escape(task.message or "passed")
        data = {"text/plain": repr(float(task.points)), "text/html": f"<pre>{words}</pre>"}
        return {"output_type": "execute_result", "metadata": {}, "data": data,
                "execution_count": None}
    name = CANNOT if task.undecided else WRONG if task.outcome == FAILED else ABSENT
    return {"output_type": "error", "ename": name, "evalue": task.message,
            "traceback": [f"{name}: {task.message}"]}
