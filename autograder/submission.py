"""What a student handed in: the text of solution cells, and nothing else of the file."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from autograder.files import Unreadable, notebook_in, ordinary
from autograder.limits import Limits

AGAIN = "open it in Jupyter and save it again"


@dataclass
class Submission:
    """texts: solution cell -> text. notes: sentences to the student about the file itself."""

    student: str
    sha: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unreadable: str = ""  # why nothing can be graded


def read_submission(path: Path, student: str, wanted: list[str], limits: Limits) -> Submission:
    """Reads one submission. A broken file becomes words in `unreadable`, never an exception."""
    submission = Submission(student)
    try:
        path, submission.notes = notebook_in(path)
        raw = ordinary(path, limits.submission_file)
        submission.sha = hashlib.sha256(raw).hexdigest()
        fill(submission, _cells(_document(raw, submission.notes), submission.notes), wanted)
    except Unreadable as error:
        submission.unreadable = str(error)
    return submission


def fill(submission: Submission, cells: list, wanted: list[str]) -> Submission:
    """Takes the text of the wanted solution cells out of a notebook's cells. Raises Unreadable."""
    for cell in cells:
        name = _name(cell, wanted)
        if name is None:
            continue
        if name in submission.texts:
            _note(submission.notes, f"The cell {name} appears more than once; the last one counts.")
        submission.texts[name] = _text(cell, name, submission.notes)
    if wanted and not submission.texts:
        raise Unreadable(f"none of the {len(wanted)} cells to fill in is in the notebook; it may "
                         f"be that of another exercise")
    submission.notes += [f"The cell {name} is missing from the notebook."
                         for name in wanted if name not in submission.texts]
    return submission


def _document(raw: bytes, notes: list[str]) -> object:
    """The JSON of a file in any of Unicode's encodings; a wrong letter spoils only itself."""
    if not raw.strip():
        raise Unreadable("the file is empty")
    encoding = json.detect_encoding(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = raw.decode(encoding, "replace")
        notes.append(f"The file is not {encoding.upper()} throughout; each letter that could not "
                     f"be read stands as \ufffd.")
    try:
        return json.loads(text, parse_int=_short, strict=False)
    except RecursionError:
        raise Unreadable("the file is not a notebook: its JSON is nested too deeply") from None
    except ValueError as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(f"the file is not a notebook: its text is not JSON{where}") from None


def _short(digits: str) -> int:
    """A number of a file, none of which decides anything here; Python refuses endless ones."""
    return int(digits) if len(digits) < 20 else 0


def _cells(document: object, notes: list[str]) -> list:
    """The cells of a notebook of format 4, or of one of the formats before it."""
    if not isinstance(document, dict):
        raise Unreadable("the file is not a notebook: its JSON is no object")
    cells = document.get("cells")
    if isinstance(cells, list):
        return cells
    sheets = document.get("worksheets")
    if isinstance(sheets, list):
        notes.append(f"The notebook is of an older format than 4; {AGAIN}.")
        found = [sheet["cells"] for sheet in sheets
                 if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)]
        return [cell for cells in found for cell in cells]
    raise Unreadable(f"the file is not a notebook of format 4: it has no list of cells; {AGAIN}")


def _name(cell: object, wanted: list[str]) -> str | None:
    """The solution cell that this one is: by its grade id, or by its cell id where that is lost."""
    if not isinstance(cell, dict):
        return None
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    named = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return next((name for name in (named, cell.get("id"))
                 if isinstance(name, str) and name in wanted), None)


def _note(notes: list[str], words: str) -> None:
    """Once is enough, also for a cell that is there a thousand times."""
    if words not in notes:
        notes.append(words)


def _text(cell: dict, name: str, notes: list[str]) -> str:
    """A cell's text, which a file holds whole or in lines; `input` is format 3's word for it."""
    source = cell.get("source", cell.get("input"))
    parts = source if isinstance(source, list) else [source]
    if not all(isinstance(part, str) for part in parts):
        _note(notes, f"The cell {name} holds something that is not text; it was left out.")
    if cell.get("attachments"):
        _note(notes, f"The pictures attached to the cell {name} were left out; text alone counts.")
    text = "".join(part for part in parts if isinstance(part, str))
    return text.encode(errors="replace").decode()
