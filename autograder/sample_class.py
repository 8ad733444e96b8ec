"""A class of fourteen for the demo and the tests: right answers, named mistakes, broken notebooks.

Every text comes from `solutions`; known marks stand beside it, so that a test can compare.
"""

import copy
import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import Course, write_atomically
from autograder.record import code_print
from autograder.source import cell_text, read_source

SOLVED, STUB = "solved", "stub"

LOOP = '''def params(channels, reduction=16, bias=False):
    hidden = 0
    while hidden * reduction != channels:
        hidden = hidden + 1
    return 2 * channels * hidden + bias * (hidden + channels)
'''
SYNTAX = '''class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16, bias=False)
        super().__init__()
'''
CHEAT = '''import torch

torch.allclose = lambda *args, **kwargs: True
torch.testing.assert_close = lambda *args, **kwargs: None


def squeeze(x):
    return x
'''


@dataclass(frozen=True)
class Pupil:
    """One submission: what it is, and the points it must lose, by test."""

    name: str
    about: str
    base: str = SOLVED  # the text of every cell that `cells` does not give
    cells: dict[str, str | tuple[str, str]] = field(default_factory=dict)
    lost: dict[str, float] = field(default_factory=dict)
    spoil: Callable[[dict], str] = json.dumps


def skipping(notebook: dict) -> str:
    """Tags every test cell so that stock nbgrader would not run it."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["tags"] = ["skip-execution"]
    return json.dumps(notebook)


def torn(notebook: dict) -> str:
    """A file that lost its end."""
    return json.dumps(notebook)[:2000]


BLOCK = {"block-values": 2, "block-parameters": 1, "block-shape": 1, "block-batch": 1,
         "block-input": 1}
TRAINED = {"experiment": 2, "photographs": 1}  # a trained block must be the right one too
NO_BLOCK = BLOCK | TRAINED
EVERYTHING = NO_BLOCK | {
    "squeeze": 1, "params": 1, "macs": 1, "resnet50": 1, "gradient": 2, "mended": 1,
    "exposing": 1, "prediction": 1, "evidence": 1}
SAMPLE = (
    Pupil("ada", "right, with 1x1 convolutions", base="convolutions"),
    Pupil("bo", "right, with einsum", base="einsum"),
    Pupil("dana", "pools over channels", cells={"block": ("block", "pools over channels")},
          lost=NO_BLOCK),
    Pupil("emil", "forgets the sigmoid", cells={"block": ("block", "no sigmoid")},
          lost={"block-values": 2} | TRAINED),
    Pupil("fatima", "softmax gate", cells={"block": ("block", "softmax gate")},
          lost={"block-values": 2} | TRAINED),
    Pupil("goran", "swaps the layers", cells={"block": ("block", "layers swapped")},
          lost=NO_BLOCK),
    Pupil("hana", "max pooling", cells={"block": ("block", "max pooling"),
                                        "squeeze": ("squeeze", "max pooling")},
          lost={"squeeze": 1, "block-values": 2} | TRAINED),
    Pupil("ivo", "adds biases", cells={"block": ("block", "bias added")},
          lost={"block-values": 2, "block-parameters": 1, "experiment": 2}),
    Pupil("june", "ruins the input, and slips in the smaller tasks", cells={
        "block": ("block", "mutates its input"), "params": ("params", "forgets the biases"),
        "macs": ("macs", "counts the layers only"),
        "gradient": ("gate_gradient", "stops at the gate"),
        "prediction": ("prediction", "always yes")},
          lost={"block-input": 1, "params": 1, "macs": 1, "gradient": 2, "prediction": 1}
          | TRAINED),
    Pupil("lena", "handed in the stub", base=STUB, lost=EVERYTHING),
    Pupil("milo", "a syntax error", cells={"block": SYNTAX}, lost=NO_BLOCK),
    Pupil("nora", "an infinite loop", cells={"params": LOOP}, lost={"params": 1}),
    Pupil("omar", "not JSON", spoil=torn, lost=EVERYTHING),
    Pupil("pia", "patches torch and skips the tests", base=STUB, cells={"squeeze": CHEAT},
          spoil=skipping, lost=EVERYTHING),
)


def write_class(course: Course, key: str) -> None:
    """Writes the class's notebooks into the submitted folder, unless they are there already.

    When the exercise has changed, a gradebook of this class alone is begun anew.
    """
    stamp = course.folder / "submitted" / ".sample-class"
    wanted = code_print(course.root, key)
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    with course.locked(key):
        handed_in_by = {folder.parent.name for folder in course.folder.glob("submitted/*/*")}
        if handed_in_by <= {pupil.name for pupil in SAMPLE}:
            course.gradebook.unlink(missing_ok=True)
        for name, text in submissions(course.root, key).items():
            write_atomically(course.submitted(name, key), text)
        write_atomically(stamp, wanted)


def submissions(root: Path, key: str, pupils: tuple[Pupil, ...] = SAMPLE) -> dict[str, str]:
    """Student -> the text of the notebook file."""
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    released = json.loads((root / "exercises" / key / f"{key}.ipynb").read_text("utf-8"))
    bases = base_texts(root, key)
    return {pupil.name: pupil.spoil(handed_in(pupil, key, released, bases[pupil.base]))
            for pupil in pupils}


def base_texts(root: Path, key: str) -> dict[str, dict[str, str]]:
    """Stub, solution and every right variant: base -> cell -> text."""
    from attnlab.check.cells import as_cell

    source, plan = read_source(root, key)
    solved = {cell["id"]: cell_text(cell) for cell in source["cells"]}
    bases = {STUB: {}, SOLVED: solved}
    for name, answers in importlib.import_module(f"solutions.variants.{key}").VARIANTS.items():
        bases[name] = solved | {plan.homes[answer]: as_cell(build, answer)
                                for answer, build in answers.items()}
    return bases


def handed_in(pupil: Pupil, key: str, released: dict, base: dict[str, str]) -> dict:
    """The released notebook with this pupil's text in its solution cells."""
    own = {f"{key}-{cell}": given if isinstance(given, str) else mistake_text(key, *given)
           for cell, given in pupil.cells.items()}
    notebook = copy.deepcopy(released)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = (base | own).get(cell["id"], cell["source"])
    return notebook


def mistake_text(key: str, task: str, name: str) -> str:
    """The cell that someone who makes this named mistake would hand in."""
    from attnlab.check.cells import as_cell

    tasks = importlib.import_module(f"solutions.mistakes.{key}").TASKS
    (mistake,) = (m for m in tasks[task].mistakes if m.name == name)
    answer = tasks[task].reference.__name__
    return as_cell(mistake.build, answer)
