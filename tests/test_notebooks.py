"""The generated notebooks: fresh, without answers, and checked by nbval."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from notebook_runs import ROOT, read, solved, student

from attnlab.check import known
from attnlab.check.cases import make_cases
from attnlab.check.compare import same
from autograder.source import make_plan
from exercises import KEYS

sys.path.insert(0, str(ROOT / "tools"))
import known_answers
import notebooks


def document(path: Path) -> dict:
    return json.loads(path.read_text("utf8"))


def without_outputs(notebook: dict) -> list[dict]:
    return [
        {
            "id": cell["id"],
            "cell_type": cell["cell_type"],
            "metadata": cell["metadata"],
            "source": "".join(cell["source"]),
        }
        for cell in notebook["cells"]
    ]


def test_every_exercise_has_its_source_and_its_folder():
    assert known_answers.keys() == sorted(KEYS)
    folders = sorted(p.name for p in (ROOT / "solutions" / "notebooks").iterdir() if p.is_dir())
    assert folders == sorted(KEYS)
    for key in KEYS:  # nbgrader would hand any other file to the students
        assert [p.name for p in (ROOT / "exercises" / key).iterdir()] == [f"{key}.ipynb"]
        assert [p.name for p in notebooks.solved_path(key).parent.iterdir()] == [f"{key}.ipynb"]


@pytest.mark.parametrize("key", KEYS)
def test_the_solved_notebook_is_that_of_the_source(key):
    assert notebooks.is_fresh(key), "run `make notebooks`"
    made = without_outputs(notebooks.assembled(key))
    assert without_outputs(document(notebooks.solved_path(key))) == made


@pytest.mark.parametrize("key", KEYS)
def test_the_students_notebook_is_what_nbgrader_makes(key, tmp_path):
    notebooks.release(notebooks.solved_path(key), tmp_path / key / f"{key}.ipynb")
    assert document(tmp_path / key / f"{key}.ipynb") == document(notebooks.student_path(key))


@pytest.mark.parametrize("key", KEYS)
def test_the_known_answers_are_those_of_the_sources(key):
    tasks = known_answers.import_module(f"solutions.mistakes.{key}").TASKS
    assert known_answers.is_fresh(key), "run `make notebooks`"
    packed: list = []
    fresh = known._packed(make_cases(tasks, known_answers.PUBLIC_SEED), packed)
    stored: list = []
    assert known._packed(known.from_file(key), stored) == fresh
    assert all(map(same, *[[known.torch.from_numpy(a) for a in side] for side in (packed, stored)]))


@pytest.mark.parametrize("key", KEYS)
def test_a_changed_source_is_not_fresh(key, tmp_path, monkeypatch):
    for folder in ("solutions", "exercises", "attnlab"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.setattr(known_answers, "KNOWN", tmp_path / "attnlab" / "known")
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    monkeypatch.setattr(known_answers, "ROOT", tmp_path)
    assert notebooks.is_fresh(key)
    assert known_answers.is_fresh(key)
    with notebooks.source_path(key).open("a") as file:
        file.write("\nEXTRA = 1\n")
    assert not notebooks.is_fresh(key)
    assert not known_answers.is_fresh(key)


@pytest.mark.parametrize("key", KEYS)
def test_students_get_no_answer_and_no_hidden_test(key):
    text = notebooks.student_path(key).read_text("utf8")
    for word in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "recheck", "solutions.mistakes"):
        assert word not in text
    theirs = {cell.id: cell for cell in student(key)}
    for cell in solved(key):
        region = re.search(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.S)
        if cell.solution:
            assert region, f"{cell.id} has no solution region"
            assert "raise NotImplementedError()" in theirs[cell.id].source
            for line in filter(None, map(str.strip, region[1].splitlines())):
                kept = theirs[cell.id].source.splitlines()
                assert line not in map(str.strip, kept), f"{cell.id} gives away {line!r}"
    assert all(not cell.get("outputs") for cell in document(notebooks.student_path(key))["cells"])


@pytest.mark.parametrize("key", KEYS)
def test_ids_are_those_of_the_grades(key):
    cells = document(notebooks.solved_path(key))["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    for cell in cells:
        assert re.fullmatch(rf"{key}-[a-z0-9-]+", cell["id"])
        if "nbgrader" in cell["metadata"]:
            assert cell["metadata"]["nbgrader"]["grade_id"] == cell["id"]


@pytest.mark.parametrize("key", KEYS)
def test_outputs_name_no_machine(key):
    text = notebooks.solved_path(key).read_text("utf8")
    assert not re.search(r"/home/|/root/|/work/|/tmp/|0x[0-9a-f]{6,}|execution\"", text)
    assert any("NBVAL_CHECK_OUTPUT" in cell.source for cell in solved(key))


@pytest.fixture
def short(tmp_path):
    """The first counted output of the SE exercise, with what it needs."""
    whole = document(notebooks.solved_path("se"))
    kept = ("se-imports", "se-squeeze", "se-squeeze-shape")
    whole["cells"] = [cell for cell in whole["cells"] if cell["id"] in kept]
    path = tmp_path / "short.ipynb"
    path.write_text(json.dumps(whole), "utf8")
    return path


def nbval(path: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, f"--rootdir={path.parent}", path.name],
        cwd=path.parent, capture_output=True, text=True,
    )  # fmt: skip


def test_nbval_passes_what_is_right_and_refuses_a_changed_number(short):
    done = nbval(short)
    assert done.returncode == 0, done.stdout
    assert len(read(short)) == 3
    text = short.read_text("utf8")
    assert text.count(": (2, 3)") == 1
    short.write_text(text.replace(": (2, 3)", ": (2, 4)"), "utf8")
    done = nbval(short)
    assert done.returncode == 1
    assert "1 failed, 2 passed" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_nbgrader_validates_the_solved_notebook_and_not_the_stub(key, tmp_path):
    for path, verdict in (
        (notebooks.solved_path(key), "Success! Your notebook passes all the tests."),
        (
            notebooks.student_path(key),
            f"VALIDATION FAILED ON {sum(cell.graded for cell in student(key))} CELL(S)",
        ),
    ):
        copy = shutil.copy(path, tmp_path)
        command = [sys.executable, "-m", "nbgrader", "validate", copy]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert verdict in done.stdout + done.stderr


def test_a_test_names_what_it_forbids(tmp_path, monkeypatch):
    (tmp_path / "solutions").mkdir()
    header = '# %% test="attend" points=1 forbids=["scaled_dot_product"]'
    (tmp_path / "solutions" / "own.py").write_text(f"{header}\nassert True\n")
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    made = notebooks.assembled("own")
    assert made.cells[1].metadata["forbids"] == ["scaled_dot_product"]
    assert make_plan("own", made, "").cells[0].forbids == ("scaled_dot_product",)
