"""The sample class: known marks, named mistakes, the same by both roads; impostors earn nothing."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import ROOT, Course, write_atomically
from autograder.grade import Run
from autograder.outcome import Result
from autograder.sample_class import SAMPLE, SOLVED, Pupil, base_texts, submissions, write_class
from autograder.source import read_source

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux"),
    pytest.mark.skipif(not (ROOT / "solutions/notebooks/se/se.ipynb").is_file(),
                       reason="not run: no notebooks here yet; run `make notebooks`"),
]
KEY = "se"
QUICK = ("dana", "goran", "june", "lena", "milo", "omar", "pia")  # none of these trains for long


def lost(result: Result) -> dict[str, float]:
    return {task.name.removeprefix(f"{KEY}-").removesuffix("-test"): task.max_points - task.points
            for task in result.tasks if task.points < task.max_points}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The whole class, graded once."""
    course = Course(ROOT, tmp_path_factory.mktemp("sample"))
    write_class(course, KEY)
    report = Run(course, KEY).grade()
    return course, {result.student: result for result in report.results}


@pytest.mark.parametrize("pupil", SAMPLE, ids=lambda pupil: f"{pupil.name}: {pupil.about}")
def test_marks_are_known(pupil, sample):
    assert lost(sample[1][pupil.name]) == pupil.lost


@pytest.mark.parametrize("pupil", [p for p in SAMPLE if p.cells],
                         ids=lambda pupil: f"{pupil.name}: {pupil.about}")
def test_named_mistakes_are_recognised(pupil, sample):
    made = {given[1] for given in pupil.cells.values() if isinstance(given, tuple)}
    assert made <= {task.mistake for task in sample[1][pupil.name].tasks}


REASONS = {"milo": "missing name", "nora": "timeout", "omar": "unreadable"}


@pytest.mark.parametrize("name", REASONS)
def test_what_could_not_run_says_why(name, sample):
    reasons = {task.reason for task in sample[1][name].tasks if task.outcome == "could not run"}
    assert reasons == {REASONS[name]}


def test_every_result_and_page_states_what_isolated_it(sample):
    course, results = sample
    for name, result in results.items():
        page = course.feedback(name, KEY).read_text("utf-8")
        assert (name == "omar") == (not result.isolation)
        assert all(f"<dt>{wall}</dt>" in page for wall in result.isolation)


def test_feedback_holds_no_hidden_test_and_no_trace_of_ours(sample):
    course, _ = sample
    source = json.loads((ROOT / "solutions/notebooks/se/se.ipynb").read_text("utf-8"))
    released = (ROOT / "exercises/se/se.ipynb").read_text("utf-8")
    lines = {line.strip() for cell in source["cells"] if cell["cell_type"] == "code"
             for line in cell["source"] if cell["metadata"].get("nbgrader", {}).get("grade")}
    secret = {line for line in lines if len(line) > 25 and json.dumps(line)[1:-1] not in released}
    assert secret, "the exercise has hidden tests"
    for page in course.folder.glob("feedback/*/*/*.html"):
        text = page.read_text("utf-8")
        assert not [line for line in secret if line in text]
        assert "Traceback" not in text
        assert str(ROOT) not in text


def marks(book: Path) -> dict[tuple[str, str], tuple]:
    question = """SELECT s.student_id, c.name, g.auto_score, g.needs_manual_grade FROM grade g
        JOIN base_cell c ON c.id = g.cell_id JOIN submitted_notebook n ON n.id = g.notebook_id
        JOIN submitted_assignment s ON s.id = n.assignment_id"""
    with sqlite3.connect(book) as connection:
        return {row[:2]: row[2:] for row in connection.execute(question)}


def by_nbgrader(course: Course) -> dict[tuple[str, str], tuple]:
    environment = os.environ | {"WHERE_TO_LOOK_COURSE": str(course.folder)}
    done = subprocess.run([str(Path(sys.executable).with_name("nbgrader")), "autograde", KEY],
                          cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return marks(course.gradebook)


def handed_in(folder: Path, names: tuple[str, ...]) -> Course:
    course = Course(ROOT, folder)
    files = submissions(ROOT, KEY)
    for name in names:
        write_atomically(course.submitted(name, KEY), files[name])
    return course


def test_plain_nbgrader_gives_the_same_marks(sample, tmp_path):
    own = {key: mark for key, mark in marks(sample[0].gradebook).items() if key[0] in QUICK}
    assert by_nbgrader(handed_in(tmp_path, QUICK)) == own


@pytest.mark.slow
def test_plain_nbgrader_gives_the_same_marks_to_the_whole_class(sample, tmp_path):
    names = tuple(pupil.name for pupil in SAMPLE)
    assert by_nbgrader(handed_in(tmp_path, names)) == marks(sample[0].gradebook)


@pytest.mark.slow
def test_every_right_variant_gets_full_marks(tmp_path):
    course = Course(ROOT, tmp_path)
    bases = base_texts(ROOT, KEY)
    right = tuple(Pupil(name, name, base=name) for name in bases if name != "stub")
    assert len(right) > 3
    for name, text in submissions(ROOT, KEY, right).items():
        write_atomically(course.submitted(name, KEY), text)
    assert {result.student: lost(result) for result in Run(course, KEY).grade().results} == {
        pupil.name: {} for pupil in right}


FUNCTION = """

_right = {name}


def {name}(*args, **kwargs):
    {body}
"""
CLASS = """

_right_class = {name}


class {name}(_right_class):
    def forward(self, x):
        {body}
"""
IMPOSTORS = {
    "raises": ("raise ValueError('no')",) * 2,
    "returns its input": ("return args[0] if args else kwargs", "return x"),
    "returns zeros": (
        "value = _right(*args, **kwargs)\n"
        "    return torch.zeros_like(value) if isinstance(value, torch.Tensor) else type(value)(0)",
        "return 0 * super().forward(x)"),
    "replays its last answer": (
        "if not hasattr({name}, 'last'):\n        {name}.last = _right(*args, **kwargs)\n"
        "    return {name}.last",
        "if not hasattr({name}, 'last'):\n            {name}.last = super().forward(x)\n"
        "        return {name}.last"),
}


def impostor(kind: str) -> str:
    """The right notebook, with every name of the student's replaced by an impostor of this kind."""
    source, plan = read_source(ROOT, KEY)
    cells = {}
    for cell in source["cells"]:
        text = "".join(cell["source"])
        for name in (name for name, home in plan.homes.items() if home == cell["id"]):
            function, method = IMPOSTORS[kind]
            pattern, body = (CLASS, method) if f"class {name}(" in text else (FUNCTION, function)
            text += pattern.format(name=name, body=body.format(name=name))
            cells[cell["id"].removeprefix(f"{KEY}-")] = text
    from autograder.sample_class import handed_in as notebook_of

    released = json.loads((ROOT / "exercises/se/se.ipynb").read_text("utf-8"))
    return json.dumps(notebook_of(Pupil(kind, kind, SOLVED, cells), KEY, released, {}))


@pytest.fixture(scope="module")
def impostors(tmp_path_factory):
    course = Course(ROOT, tmp_path_factory.mktemp("impostors"))
    for kind in IMPOSTORS:
        write_atomically(course.submitted(kind, KEY), impostor(kind))
    return {result.student: result for result in Run(course, KEY).grade().results}


@pytest.mark.parametrize("kind", IMPOSTORS)
def test_an_impostor_fails_every_graded_cell(kind, impostors):
    result = impostors[kind]
    assert {task.name: task.points for task in result.tasks if task.points} == {}
    assert {task.outcome for task in result.tasks} == {"failed"}
