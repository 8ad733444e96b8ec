"""Three roads to one gradebook: ours, plain nbgrader's, and formgrader's Autograde button."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from grader_world import KEY, RIGHT, for_nbgrader, handed_in, make_course
from jupyter_here import TOKEN, jupyter
from test_grader_class import rows

from autograder.class_marks import class_marks
from autograder.course import Course
from autograder.grade import Run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

STUDENTS = {
    "anna": handed_in(RIGHT),
    "ben": handed_in(RIGHT | {"tiny-mean": "def mean(x): return x.sum((2, 3))"}),
    "dino": "{not JSON",
    "李雷": handed_in(RIGHT | {"tiny-mean": "import os\ndef mean(x): os._exit(0)"}),
}
BY_API = """
import json, sys
from nbgrader.apps import NbGrader, NbGraderAPI
app = NbGrader()
app.load_config_file()
api = NbGraderAPI(config=app.config)
print(json.dumps({student: api.autograde(sys.argv[1], student) for student in sys.argv[2:]}))
"""


def course_for_nbgrader(folder: Path) -> tuple[Course, dict[str, str]]:
    """The class with the repository's nbgrader_config.py, and the environment to use it in."""
    course = make_course(folder, STUDENTS)
    return course, for_nbgrader(course) | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"), "JUPYTER_RUNTIME_DIR": str(folder / "runtime")}


def told(course: Course) -> dict[tuple[str, str], tuple]:
    """What `report` tells of each task: points, how it ended, and the reason."""
    return {(student.student, task.name): (task.points, task.ending, task.result.reason)
            for student in class_marks(course, KEY).students for task in student.tasks}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """What `autograder grade` enters in the gradebook, and what can be told of it."""
    course = make_course(tmp_path_factory.mktemp("own"), STUDENTS)
    Run(course, KEY).grade()
    entered = rows(course.gradebook)
    waiting = {(student, test) for student, test, _, _, waits, *_ in entered if waits}
    assert {student for student, _ in waiting} == {"dino", "李雷"}
    return entered, told(course)


def test_the_button_of_formgrader_calls_what_gives_the_same_marks(own, tmp_path):
    course, environment = course_for_nbgrader(tmp_path)
    done = subprocess.run([sys.executable, "-c", BY_API, KEY, *STUDENTS], cwd=tmp_path,
                          env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    answers = json.loads(done.stdout.splitlines()[-1])
    assert {student: answer["success"] for student, answer in answers.items()} == dict.fromkeys(
        STUDENTS, True), answers
    assert (rows(course.gradebook), told(course)) == own
    assert set(Run(course, KEY).preview().values()) == {""}, "another road graded them already"


def press(address: str, student: str) -> dict:
    """What formgrader's page sends when its Autograde button is pressed."""
    path = f"{address}/formgrader/api/submission/{KEY}/{urllib.request.quote(student)}/autograde"
    request = urllib.request.Request(path, method="POST",
                                     headers={"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


@pytest.mark.slow
def test_the_button_itself_gives_the_same_marks(own, tmp_path):
    """A real Jupyter server with formgrader in it."""
    course, environment = course_for_nbgrader(tmp_path)
    with jupyter(tmp_path, environment) as address:
        answers = {student: press(address, student) for student in STUDENTS}
    assert {student: answer["success"] for student, answer in answers.items()} == dict.fromkeys(
        STUDENTS, True), answers
    assert (rows(course.gradebook), told(course)) == own

