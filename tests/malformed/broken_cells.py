"""Cells of wrong types, deleted, moved, copied and renamed; cells of another exercise."""

from broken import (
    ALL,
    KEY,
    MEAN,
    MEAN_CELL,
    NO_MEAN,
    NO_SCALE,
    NONE,
    SCALE_CELL,
    Broken,
    right,
    with_cells,
    with_mean,
)

NO_TEXT = "The cell tiny-mean holds something that is not text"
NBGRADER = right()["cells"][MEAN_CELL]["metadata"]["nbgrader"]


def named(name: object, cell_id: object = "tiny-mean") -> bytes:
    """The right notebook whose cell of `mean` goes by another grade id."""
    return with_mean(metadata={"nbgrader": NBGRADER | {"grade_id": name}}, id=cell_id)


def flags(**values: object) -> bytes:
    """The right notebook with other marks of nbgrader's in every cell."""
    def change(cells: list) -> None:
        for cell in cells:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"] |= values
    return with_cells(change)


def metadata(value: object) -> bytes:
    return with_mean(metadata=value)


def merged(cells: list) -> None:
    """All answers in the first cell."""
    cells[MEAN_CELL]["source"] += "\n" + cells.pop(SCALE_CELL)["source"]


def another(cells: list) -> None:
    """The cells of another exercise."""
    for cell in cells:
        cell["id"] = cell["id"].replace(KEY, "eca")
        cell["metadata"] = {}


def copied(cells: list) -> None:
    """A second cell under the name of the first, as copying in Jupyter makes it."""
    cells.append(cells[MEAN_CELL] | {"id": "copy", "source": "def mean(x): return x"})


def swapped(cells: list) -> None:
    """The two answers under each other's names."""
    first, second = cells[MEAN_CELL], cells[SCALE_CELL]
    first["source"], second["source"] = second["source"], first["source"]


def without(word: str):
    """Throws away the cells whose id holds a word."""
    def change(cells: list) -> None:
        cells[:] = [cell for cell in cells if word not in cell["id"]]
    return with_cells(change)


RECORDS = [
    Broken("source-number", with_mean(source=5), NO_MEAN, NO_TEXT),
    Broken("source-null", with_mean(source=None), NO_MEAN, NO_TEXT),
    Broken("source-object", with_mean(source={"text": MEAN}), NO_MEAN, NO_TEXT),
    Broken("source-nested", with_mean(source=[[MEAN]]), NO_MEAN, NO_TEXT),
    Broken("source-empty", with_mean(source=[]), NO_MEAN, "mean is not defined"),
    Broken("source-lines", with_mean(source=MEAN.splitlines(keepends=True)), ALL),
    Broken("source-lines-and-numbers", with_mean(source=[MEAN, 7, None]), ALL, NO_TEXT),
    Broken("no-source", with_cells(lambda cells: cells[MEAN_CELL].pop("source")), NO_MEAN, NO_TEXT),
    Broken("odd-cells", with_cells(lambda cells: cells.extend([1, "x", None, [], {}])), ALL),
    Broken("cell-types-odd", with_mean(cell_type=["code"]), ALL),
    Broken("cell-type-raw", with_mean(cell_type="raw"), ALL),
    Broken("cell-type-markdown", with_mean(cell_type="markdown"), ALL),
    Broken("cell-metadata-list", metadata([1]), ALL),
    Broken("cell-metadata-null", metadata(None), ALL),
    Broken("cell-metadata-gone", with_cells(lambda cells: cells[MEAN_CELL].pop("metadata")), ALL),
    Broken("nbgrader-a-list", metadata({"nbgrader": ["tiny-mean"]}), ALL),
    Broken("tags-odd", metadata({"nbgrader": NBGRADER, "tags": 7, "jupyter": 1}), ALL),
    Broken("tags-skip", metadata({"nbgrader": NBGRADER, "tags": ["skip-execution"]}), ALL),
    Broken("id-number", named(7), ALL),
    Broken("id-object", named({"tiny-mean": 1}), ALL),
    Broken("id-renamed", named("mine"), ALL),
    Broken("cell-id-renamed", named("tiny-mean", "mine"), ALL),
    Broken("both-ids-renamed", named("mine", "mine"), NO_MEAN,
           "The cell tiny-mean is missing from the notebook"),
    Broken("id-of-a-test", named("tiny-mean-test"), ALL),
    Broken("all-ids-lost", with_cells(another), NONE, "may be that of another exercise"),
    Broken("no-cell", with_cells(list.clear), NONE, "may be that of another exercise"),
    Broken("cell-copied", with_cells(copied), NO_MEAN, "tiny-mean appears more than once"),
    Broken("all-cells-twice", with_cells(lambda cells: cells.extend(list(cells))), ALL,
           "tiny-scale appears more than once"),
    Broken("cell-5000-times", with_cells(lambda cells: cells.extend(
        [cells[MEAN_CELL] | {"source": 5}] * 5000 + [cells[MEAN_CELL]])), ALL, NO_TEXT),
    Broken("tests-deleted", without("-test"), ALL),
    Broken("answer-deleted", without("tiny-mean"), NO_MEAN, "the cell tiny-mean is not in the"),
    Broken("other-answer-deleted", without("scale"), NO_SCALE, "The cell tiny-scale is missing"),
    Broken("cells-moved", with_cells(list.reverse), ALL),
    Broken("cells-merged", with_cells(merged), ALL, "The cell tiny-scale is missing"),
    Broken("cells-swapped", with_cells(swapped), (0, 2, 1.5), "mean is not defined"),
    Broken("many-cells", with_cells(lambda cells: cells.extend([{"cell_type": "code"}] * 20_000)),
           ALL),
    Broken("points-raised", flags(points=1000), ALL),
    Broken("points-odd", flags(points={"much": True}, schema_version="new"), ALL),
    Broken("schema-of-the-past", flags(schema_version=1), ALL),
    Broken("schema-of-the-future", flags(schema_version=99), ALL),
    Broken("all-solutions", flags(solution=True, grade=True, locked=False), ALL),
    Broken("no-flags", flags(solution=None, grade=None, locked=None, task=None), ALL),
    Broken("attached", with_mean(attachments={"a.png": {"image/png": "aGk="}}), ALL,
           "The pictures attached to the cell tiny-mean were left out"),
    Broken("attached-odd", with_mean(attachments=7), ALL, "were left out"),
]
