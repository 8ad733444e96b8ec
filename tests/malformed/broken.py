"""One broken submission as a record, and how to write it into a class.

The exercise is `tiny` of grader_world: two cells to fill in, three tests.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader_world import KEY, MEAN, RIGHT, handed_in

ALL, NONE = (1, 2, 1.5), (0, 0, 0)  # points of the tests mean, scale, partial
NO_MEAN, NO_SCALE = (0, 2, 0), (1, 0, 1.5)
MEAN_CELL, SCALE_CELL = 2, 5  # places among the cells


@dataclass(frozen=True)
class Broken:
    """`put`: the file's content, or a function that writes what stands at the notebook's path.

    says: part of the sentence that the student and the instructor get; empty where nothing is lost.
    plain: whether nbgrader's own command finds the submission at all.
    """

    name: str
    put: bytes | Callable[[Path], object]
    points: tuple
    says: str = ""
    plain: bool = True

    def write(self, path: Path) -> None:
        """Writes the submission whose notebook belongs at `path`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(self.put, bytes):
            path.write_bytes(self.put)
        else:
            self.put(path)


def right() -> dict:
    """The notebook of a student with full marks."""
    return json.loads(handed_in(RIGHT))


def whole() -> bytes:
    """Its file."""
    return json.dumps(right()).encode()


def changed(change: Callable[[dict], object]) -> bytes:
    """The right notebook after a change in place."""
    notebook = right()
    change(notebook)
    return json.dumps(notebook).encode()


def with_cells(change: Callable[[list], object]) -> bytes:
    """The right notebook after a change of its list of cells."""
    return changed(lambda notebook: change(notebook["cells"]))


def with_mean(**fields: object) -> bytes:
    """The right notebook with other fields in the cell of `mean`."""
    return with_cells(lambda cells: cells[MEAN_CELL].update(fields))


def with_text(text: str) -> bytes:
    """The right notebook with another text in the cell of `mean`."""
    return with_mean(source=text)


def before(text: str) -> bytes:
    """The right notebook with a line before the answer in the cell of `mean`."""
    return with_text(f"{text}\n{MEAN}")


__all__ = ["ALL", "KEY", "MEAN", "MEAN_CELL", "NONE", "NO_MEAN", "NO_SCALE", "SCALE_CELL", "Broken",
           "before", "changed", "right", "whole", "with_cells", "with_mean", "with_text"]
