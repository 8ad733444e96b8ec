"""A class through nbgrader's exchange: from the release to the page that a student fetches."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from scratch import GRADING, ROOT, copy_of_the_repository, environment, shell

from autograder.sample_class import SAMPLE, Pupil, submissions

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux"),
]

KEY = "se"
HUB = ROOT / "book" / "instructors" / "hub.md"
RIGHT = Pupil("games", "right")
(WRONG,) = [replace(pupil, name="lp") for pupil in SAMPLE if pupil.name == "emil"]
SAID = "the gate has no sigmoid. A gate must lie between 0 and 1"
# Another account that may read as root does: the interpreter may lie in root's own folder.
AS = ["setpriv", "--clear-groups", "--bounding-set=-all,+dac_read_search",
      "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
ROADS = {
    "nbgrader": "nbgrader autograde se && nbgrader generate_feedback se",
    "ours": "autograder grade se --course ours",
}


class Hub:
    """A machine with a course, an exchange and two students: accounts of their own under root."""

    def __init__(self, folder: Path):
        self.folder, self.exchange = folder, folder / "exchange"
        self.exchange.mkdir(mode=0o777)
        self.exchange.chmod(0o777)
        self.settings = folder / "etc"
        self.settings.mkdir()
        (text,) = re.findall(r"^```python\n(.*?)^```$", HUB.read_text("utf-8"), re.M | re.S)
        (self.settings / "nbgrader_config.py").write_text(
            text.replace("/srv/nbgrader/exchange", str(self.exchange)))
        self.course = copy_of_the_repository(folder / "course", GRADING)

    def teacher(self, command: str, folder: str | Path = "course") -> str:
        """What the instructor's shell prints; `folder` is the class's."""
        return shell(command, self.course, JUPYTER_CONFIG_PATH=str(self.settings),
                     WHERE_TO_LOOK_COURSE=str(self.course / folder))

    def home(self, student: str) -> Path:
        home = self.folder / "home" / student
        if not home.is_dir():
            home.mkdir(parents=True)
            if os.geteuid() == 0:
                shutil.chown(home, student)
        return home

    def student(self, student: str, command: str) -> str:
        """What nbgrader tells a student; the account counts, and where there is none a name."""
        home, words = self.home(student), [sys.executable, "-m", *command.split()]
        if os.geteuid() == 0:
            words = [*AS, f"--reuid={student}", f"--regid={student}", *words]
        else:
            words.append(f"--CourseDirectory.student_id={student}")
        variables = environment(home, JUPYTER_CONFIG_PATH=str(self.settings), HOME=str(home),
                                PYTHONPATH="", PATH=environment(self.course)["PATH"])
        done = subprocess.run(words, cwd=home, env=variables, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120)
        assert done.returncode == 0, f"{command} by {student}: {done.stdout}"
        return done.stdout

    def fetched(self, student: str) -> str:
        """The page that the student gets back."""
        shutil.rmtree(self.home(student) / KEY / "feedback", ignore_errors=True)
        self.student(student, "nbgrader fetch_feedback se")
        (page,) = (self.home(student) / KEY / "feedback").rglob("*.html")
        return page.read_text("utf-8")

    def write(self, student: str, text: str) -> None:
        """The student works in the fetched notebook."""
        path = self.home(student) / KEY / f"{KEY}.ipynb"
        assert path.is_file(), "fetched"
        path.write_text(text)


@pytest.fixture(scope="module")
def hub():
    """A class whose work was released, fetched, handed in and collected."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        hub = Hub(Path(folder))
        released = hub.course / "exercises" / KEY / f"{KEY}.ipynb"
        before = released.read_text("utf-8")
        hub.teacher("nbgrader generate_assignment se --force && nbgrader release_assignment se")
        assert released.read_text("utf-8") == before, "what is committed is what is released"
        texts = submissions(hub.course, KEY, (RIGHT, WRONG))
        for student, text in texts.items():
            assert f"attention {KEY}" in hub.student(student, "nbgrader list")
            hub.student(student, "nbgrader fetch_assignment se")
            hub.write(student, text)
            hub.student(student, "nbgrader submit se")
        (folder,) = (hub.exchange / "attention" / "inbound").glob(f"{WRONG.name}+*")
        (folder / "copied.ipynb").symlink_to(hub.course / "solutions/notebooks/se/se.ipynb")
        inbound = hub.teacher("nbgrader list --inbound && nbgrader collect se")
        assert all(f"attention {student} {KEY} 20" in inbound for student in texts)
        assert "copied.ipynb in" in inbound, "the course's own collect is at work"
        assert inbound.count("left behind: a link") == 1
        yield hub


@pytest.fixture(scope="module", params=ROADS)
def graded(hub, request):
    """The class graded by one road, in a folder of its own, and its feedback given back."""
    folder = hub.course / request.param
    shutil.copytree(hub.course / "course", folder)
    hub.teacher(ROADS[request.param] + " && nbgrader release_feedback se", folder)
    return folder, {student: hub.fetched(student) for student in (RIGHT.name, WRONG.name)}


def test_both_roads_give_the_marks_that_the_two_should_have(graded):
    folder, _ = graded
    lost = {(student, test): most - auto for student, test, auto, most in marks(folder)}
    assert {key for key, points in lost.items() if points} == {
        (WRONG.name, f"{KEY}-{test}-test") for test in WRONG.lost}
    assert lost[WRONG.name, f"{KEY}-block-values-test"] == 2


def test_the_page_that_comes_back_says_why_and_holds_no_hidden_test(graded):
    _, pages = graded
    assert SAID in pages[WRONG.name]
    assert SAID not in pages[RIGHT.name]
    source = json.loads((ROOT / "solutions/notebooks" / KEY / f"{KEY}.ipynb").read_text("utf-8"))
    hidden = [line.strip() for cell in source["cells"]
              for part in "".join(cell["source"]).split("### BEGIN HIDDEN TESTS\n")[1:]
              for line in part.split("### END HIDDEN TESTS")[0].splitlines()
              if len(line.strip()) > 20]
    assert hidden
    assert not [line for page in pages.values() for line in hidden if line in unescape(page)]


def marks(folder: Path) -> list[tuple]:
    """Student, test, automatic marks, most."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        return [(one.student.id, grade.name, grade.auto_score, grade.max_score)
                for one in book.assignment_submissions(KEY)
                for notebook in one.notebooks for grade in notebook.grades]
