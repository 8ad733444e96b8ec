"""Writes the notebooks of every exercise from its one source, solutions/<key>.py.

Usage: python tools/notebooks.py [--check | --force]    (the root on PYTHONPATH)
First the known answers; then solutions/notebooks/<key>/<key>.ipynb, executed; then, by nbgrader in
a scratch course, exercises/<key>/<key>.ipynb for the students. Exercises whose source has not
changed are skipped; --force runs them too; --check only says what is not fresh.

In a source, a cell header says what the cell is, and becomes nbgrader's metadata:
    # %% solution="block"                                    the student's text, id <key>-block
    # %% test="block-values" points=2 tags=["active-ipynb"]  graded, id <key>-block-values-test
    # %% name="knob" tags=["active-ipynb"]                   provided, id <key>-knob
    # %% [markdown] manual="defence" points=4                free text, marked by a person
Every notebook begins with the cell of tools/install_cell.py, <key>-install.
A solution with most=4000 may have that many characters; the grader runs no longer one.
A test with forbids=["scaled_dot_product"] is graded with torch functions of such names refused.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import install_cell

ROOT = Path(__file__).resolve().parent.parent
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
CELL_SECONDS = 120


def source_path(key: str) -> Path:
    return ROOT / "solutions" / f"{key}.py"


def solved_path(key: str) -> Path:
    return ROOT / "solutions" / "notebooks" / key / f"{key}.ipynb"


def student_path(key: str) -> Path:
    return ROOT / "exercises" / key / f"{key}.ipynb"


def provenance(key: str) -> dict[str, str]:
    """What the notebook's metadata says of where it comes from."""

    def sha256(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    source = source_path(key)
    return {
        "note": "generated; edit the source, then run `make notebooks`",
        "source": source.relative_to(ROOT).as_posix(),
        "sha256": sha256(source),
        "tool_sha256": sha256(Path(__file__)),
        "cell_sha256": sha256(Path(install_cell.__file__)),
    }


def is_fresh(key: str) -> bool:
    """Whether both notebooks were made from the source as it is now."""
    wanted = provenance(key)
    return all(
        path.is_file()
        and json.loads(path.read_text("utf8"))["metadata"].get("where_to_look") == wanted
        for path in (solved_path(key), student_path(key))
    )


def assembled(key: str):
    """The notebook of the source: nbgrader's metadata and stable ids in place, not executed."""
    import jupytext

    notebook = jupytext.reads(source_path(key).read_text("utf8"), fmt="py:percent")
    notebook.metadata = {"kernelspec": KERNEL, "where_to_look": provenance(key)}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        given = cell.metadata
        tags = [tag for tag in given.get("tags", []) if tag != "active-ipynb"]
        cell.metadata = {"tags": tags} if tags else {}
        graded, solution = "test" in given, "solution" in given
        if "manual" in given:
            cell.id = f"{key}-{given['manual']}"
            cell.metadata["nbgrader"] = _nbgrader(cell.id, True, given["points"], locked=False)
        elif graded or solution:
            name = f"{given['test']}-test" if graded else given["solution"]
            cell.metadata["nbgrader"] = _nbgrader(f"{key}-{name}", graded, given.get("points"))
            cell.id = f"{key}-{name}"
            if "most" in given:
                cell.metadata["most_characters"] = given["most"]
            if "forbids" in given:
                cell.metadata["forbids"] = given["forbids"]
        else:
            cell.id = f"{key}-{given.get('name') or _slug(cell.source)}"
    notebook.cells.insert(0, install_cell.cell(key))
    twice = {cell.id for cell in notebook.cells if _count(notebook, cell.id) > 1}
    if twice:
        raise SystemExit(f"{source_path(key)}: two cells are called {', '.join(sorted(twice))}")
    return notebook


def _count(notebook, cell_id: str) -> int:
    return sum(cell.id == cell_id for cell in notebook.cells)


def _nbgrader(grade_id: str, graded: bool, points: int | None, locked: bool | None = None) -> dict:
    common = {"grade_id": grade_id, "schema_version": 3, "task": False}
    locked = graded if locked is None else locked
    kind = {"grade": graded, "locked": locked, "solution": not locked}
    return common | kind | ({"points": points} if graded else {})


def _slug(text: str) -> str:
    """A cell's id from its first words."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())[:6])


def execute(notebook) -> None:
    """Runs every cell in place. Widgets keep no output: their models have random names."""
    from nbclient import NotebookClient

    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            resources=resources,
            record_timing=False,
            coalesce_streams=True,
        )
        env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        client.execute(env=env, stderr=subprocess.DEVNULL)
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = {"name": "python"}  # without the version of this machine
    for cell in notebook.cells:
        if "widget" in cell.metadata.get("tags", []):
            cell.outputs = []


def release(solved: Path, student: Path) -> None:
    """Lets nbgrader make the students' copy, in a scratch course with a scratch gradebook."""
    key = solved.stem
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        (scratch / "source" / key).mkdir(parents=True)
        shutil.copy(solved, scratch / "source" / key)
        command = [
            sys.executable, "-m", "nbgrader", "generate_assignment", key, "--create",
            f"--CourseDirectory.root={scratch}",
            f"--CourseDirectory.db_url=sqlite:///{scratch}/gradebook.db",
        ]  # fmt: skip
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        done = subprocess.run(
            command, cwd=scratch, env=os.environ | {"PATH": path}, capture_output=True, text=True
        )
        made = scratch / "release" / key / solved.name
        if done.returncode or not made.is_file():
            raise SystemExit(f"nbgrader generate_assignment {key} failed:\n{done.stderr}")
        student.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made, student)


def write(key: str) -> None:
    """Executes the source's notebook and derives the students' from it."""
    import nbformat

    notebook = assembled(key)
    execute(notebook)
    path = solved_path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    release(path, student_path(key))


def main(arguments: list[str]) -> int:
    import known_answers

    stale = [key for key in known_answers.keys() if not is_fresh(key) or "--force" in arguments]
    status = known_answers.main(arguments)
    for key in stale:
        if "--check" in arguments:
            print(f"the notebooks of {key} are older than solutions/{key}.py: run `make notebooks`")
            status = 1
        else:
            write(key)
            print(
                f"wrote {solved_path(key).relative_to(ROOT)} and {student_path(key).parent.name}/"
            )
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
