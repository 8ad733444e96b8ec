"""The class of the grader's benchmark: every cell drawn by the same odds, from a seed.

Of a student's solution cells about 70 % are right (the source's text or a right variant), 20 % hold
a named mistake, 5 % do not parse and 5 % are as they were handed out.
"""

import importlib
import json
import random
from pathlib import Path

from autograder.course import Course, write_atomically
from autograder.sample_class import STUB, base_texts, mistake_text
from autograder.source import read_source, source_path

ROOT = Path(__file__).resolve().parent.parent
ODDS = {"right": 70, "mistake": 20, "syntax": 5, "blank": 5}
TRAINING = ("trains", "run_recipe", "RECIPES")


def without_training(notebook: dict) -> dict:
    """A copy without the cells that train a network or need one."""

    def trains(cell: dict) -> bool:
        words = "".join(cell["source"]) + " ".join(cell["metadata"].get("tags", []))
        return cell["cell_type"] == "code" and any(word in words for word in TRAINING)

    kept = [
        cell
        for cell in notebook["cells"]
        if not trains(cell) or "setup" in cell["metadata"].get("tags", [])
    ]
    return notebook | {"cells": kept}


def answers(key: str) -> dict[str, dict[str, list[str]]]:
    """Solution cell -> kind of answer -> its texts; "blank" is left out."""
    _, plan = read_source(ROOT, key)
    bases = base_texts(ROOT, key)
    bases.pop(STUB)
    right = {name: sorted({base[name] for base in bases.values()}) for name in plan.solutions}
    wrong: dict[str, list[str]] = {name: [] for name in plan.solutions}
    for task, made in importlib.import_module(f"solutions.mistakes.{key}").TASKS.items():
        for mistake in getattr(made, "mistakes", ()):
            cell = plan.homes[made.reference.__name__]
            wrong[cell].append(mistake_text(key, task, mistake.name))
    return {
        name: {"right": right[name], "mistake": wrong[name], "syntax": list(map(torn, right[name]))}
        for name in plan.solutions
    }


def torn(text: str) -> str:
    """A right answer that has lost a colon, and does not parse."""
    return text.replace("):\n", ")\n", 1)


def draw(key: str, count: int, seed: int = 0) -> list[dict[str, str]]:
    """For each of `count` students the texts of the cells that are not left blank."""
    rng, texts = random.Random(seed), answers(key)
    return [
        {
            name: rng.choice(found)
            for name, kinds in texts.items()
            if (found := kinds.get(rng.choices(list(ODDS), list(ODDS.values()))[0]))
        }
        for _ in range(count)
    ]


def prepare(folder: Path, key: str, count: int, trains: bool = False) -> Course:
    """A root of its own with the solutions linked in, and the class handed in.

    trains: keep the cells that train a network.
    """
    course = Course(folder, folder / "course")
    shorten = (lambda notebook: notebook) if trains else without_training
    (folder / "solutions").mkdir(parents=True)
    for path in (ROOT / "solutions").iterdir():
        if path.name not in ("notebooks", "__pycache__"):
            (folder / "solutions" / path.name).symlink_to(path)
    source = json.loads(source_path(ROOT, key).read_text("utf-8"))
    write_atomically(source_path(folder, key), json.dumps(shorten(source)))
    released = shorten(json.loads((ROOT / f"exercises/{key}/{key}.ipynb").read_text("utf-8")))
    for number, texts in enumerate(draw(key, count)):
        filled = [
            cell | {"source": texts.get(cell["id"], cell["source"])} for cell in released["cells"]
        ]
        handed_in = json.dumps(released | {"cells": filled})
        write_atomically(course.submitted(f"student-{number:04}", key), handed_in)
    return course
