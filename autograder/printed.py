"""Graded notebooks as text, byte for byte as nbformat prints them.

Of each notebook only what differs from the template is printed anew: the student's cells and the
tests' verdicts.
"""

import json

from nbformat import NotebookNode

from autograder.notebook import decided, output, remarks
from autograder.outcome import Result


class Printer:
    """Prints the graded notebooks of one exercise."""

    def __init__(self, pattern: NotebookNode):
        self.pattern = pattern
        self.cells = [(cell, cell.metadata.get("nbgrader", {}), _printed(_split(cell), 2))
                      for cell in pattern.cells]

    def text(self, texts: dict[str, str], result: Result) -> str:
        """What nbformat.writes(put_verdicts(rebuilt(pattern, texts), result)) gives, sooner."""
        verdicts = {task.name: task for task in result.tasks if decided(task)}
        cells = ",\n".join(self._cell(*entry, texts, verdicts) for entry in self.cells)
        rest = {name: value for name, value in self.pattern.items() if name != "cells"}
        rest["metadata"] = rest["metadata"] | remarks(result)
        return f'{{\n "cells": [\n{cells}\n ],{_printed(rest, 0)[1:]}'

    def _cell(self, cell: NotebookNode, about: dict, as_handed_out: str, texts: dict[str, str],
              verdicts: dict) -> str:
        changes = {}
        if about.get("solution"):
            changes["source"] = texts.get(about["grade_id"], "")
        if cell.cell_type == "code" and about.get("grade_id") in verdicts:
            changes["outputs"] = [output(verdicts[about["grade_id"]])]
        return _printed(_split(cell | changes), 2) if changes else as_handed_out


def _split(cell: dict) -> dict:
    """Long texts as lists of lines, as notebook files hold them."""
    lines = {"source": cell["source"].splitlines(keepends=True)}
    if "outputs" in cell:
        lines["outputs"] = [one | {"data": {kind: words.splitlines(keepends=True)
                                            for kind, words in one["data"].items()}}
                            if "data" in one else one for one in cell["outputs"]]
    return cell | lines


def _printed(value: dict, depth: int) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))
    return " " * depth + text.replace("\n", "\n" + " " * depth)
