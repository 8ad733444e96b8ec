"""What a student handed in: the text of solution cells, and nothing else of the file."""

import hashlib
import json
import stat
from dataclasses import dataclass, field
from pathlib import Path

from autograder.limits import Limits


@dataclass
class Submission:
    """texts: solution cell -> text. notes: sentences to the student about the file itself."""

    student: str
    sha: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unreadable: str = ""  # why nothing can be graded


class Unreadable(ValueError):
    """The file is no notebook that could be graded."""


def read_submission(path: Path, student: str, wanted: list[str], limits: Limits) -> Submission:
    """Reads one submission. A broken file becomes words in `unreadable`, never an exception."""
    submission = Submission(student)
    try:
        raw = _bytes(path, limits)
        submission.sha = hashlib.sha256(raw).hexdigest()
        cells = _cells(raw)
    except Unreadable as error:
        submission.unreadable = str(error)
        return submission
    return fill(submission, cells, wanted)


def fill(submission: Submission, cells: list, wanted: list[str]) -> Submission:
    """Takes the text of the wanted solution cells out of a notebook's cells."""
    for cell in cells:
        name = _name(cell, wanted)
        if name is None:
            continue
        if name in submission.texts:
            submission.notes.append(f"The cell {name} appears more than once; the last one counts.")
        submission.texts[name] = _text(cell)
    submission.notes += [f"The cell {name} is missing from the notebook."
                         for name in wanted if name not in submission.texts]
    return submission


def _bytes(path: Path, limits: Limits) -> bytes:
    if path.parent.is_symlink() or path.parents[1].is_symlink():
        raise Unreadable(f"{path.parent.name} is a link to another folder")
    try:
        status = path.lstat()
    except FileNotFoundError:
        raise Unreadable(f"there is no {path.name} in the submission") from None
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(f"{path.name} is not an ordinary file")
    if status.st_size > limits.submission_file:
        raise Unreadable(f"{path.name} is larger than {limits.submission_file // 2**20} MiB")
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}") from None


def _cells(raw: bytes) -> list:
    try:
        notebook = json.loads(raw)
    except (ValueError, RecursionError):
        raise Unreadable("the file is not a notebook: its text is not JSON") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("the file is not a notebook of format 4: it has no list of cells; "
                         "open it in Jupyter and save it again")
    return cells


def _name(cell: object, wanted: list[str]) -> str | None:
    """The solution cell that this one is: by its grade id, or by its cell id where that is lost."""
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown"):
        return None
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else cell.get("id")
    return name if isinstance(name, str) and name in wanted else None


def _text(cell: dict) -> str:
    source = cell.get("source", "")
    parts = source if isinstance(source, list) else [source]
    text = "".join(part for part in parts if isinstance(part, str))
    return text.encode(errors="replace").decode()
