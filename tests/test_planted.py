"""A word in every answer and every hidden test, and none of them in what is handed out.

The words are planted into a copy of the sources. The course's own tools make notebooks, known
answers, package, bundle, feedback and site of that copy, and everything they made is searched,
unpacked. Nothing may be found but what `provided` lends, where it lies packed.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from leaks import KINDS, plant, regions, words_below

from exercises import KEYS, ROOT

COPIED = ("attnlab", "autograder", "solutions", "tools", "exercises", "book", "docs")
FILES = ("pyproject.toml", "requirements.lock", "LICENSE", "LICENSE-TEXT", "CONTRIBUTING.md",
         "nbgrader_config.py", "_config.yml", "_toc.yml", "package-lock.json")  # fmt: skip
MAKE = """
import sys; sys.path.insert(0, "tools")
import bundle, known_answers, nbformat, notebooks
for key in sys.argv[1:]:
    known_answers.write(key)
    nbformat.write(notebooks.assembled(key), notebooks.solved_path(key))
    notebooks.release(notebooks.solved_path(key), notebooks.student_path(key))
bundle.write(bundle.ROOT, bundle.OUT, "")
"""


class Planted:
    """A copy of the course with a word in every answer and hidden test, and what it hands out."""

    def __init__(self, folder: Path, keys: list[str]):
        self.root, self.keys, self.words = folder, keys, {}
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name,
                            ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
        for name in FILES:
            shutil.copy(ROOT / name, folder / name)
        for key in keys:
            source = folder / "solutions" / f"{key}.py"
            text, words = plant(key, source.read_text("utf-8"))
            source.write_text(text, "utf-8")
            self.words |= words
        self.run("-c", MAKE, *keys)

    def run(self, *command: str) -> str:
        """Python in the copy; the copy's own modules come first."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        env = os.environ | {"PYTHONPATH": str(self.root), "PATH": path}
        done = subprocess.run([sys.executable, *command], cwd=self.root, env=env,
                              capture_output=True, text=True)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def found(self, folder: str) -> dict[str, set[str]]:
        """Region -> the places where its word stands, below a folder of the copy."""
        return {self.words[word]: places for word, places in words_below(self.root / folder).items()
                if word in self.words}  # fmt: skip

    def lent(self) -> set[str]:
        """The regions that `provided` lends: those in what the known answers pack."""
        show = "import sys; from attnlab.check.known import *; " \
               "print([load_sources(path_of(k)) for k in sys.argv[1:]])"  # fmt: skip
        text = self.run("-c", show, *self.keys)
        return {region for word, region in self.words.items() if word in text}

    def hand_in(self, student: str, key: str, notebook: str, text: str) -> None:
        """A notebook of the real course; `text` stands in the place of every body to be written."""
        submitted = self.root / "course" / "submitted" / student / key / f"{key}.ipynb"
        submitted.parent.mkdir(parents=True)
        given = (ROOT / notebook).read_text("utf-8")
        submitted.write_text(given.replace("raise NotImplementedError()", text), "utf-8")


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Planted:
    return Planted(tmp_path_factory.mktemp("planted"), ["se"])


def assert_only_lent(planted: Planted) -> None:
    lent = planted.lent()
    assert len(lent) < len(planted.words) / 4
    assert planted.found("exercises") == {}
    for folder, known in (("attnlab", "known/"), ("_build/bundle", "attnlab/known/")):
        found = planted.found(folder)
        assert found.keys() == lent, f"{folder}: lent are {lent}"
        places = {place for every in found.values() for place in every}
        assert all(f"{known}" in place and "sealed" in place for place in places), places


def test_every_answer_and_hidden_test_gets_a_word_and_remains_code():
    for key in KEYS:
        source = (ROOT / "solutions" / f"{key}.py").read_text("utf-8")
        text, words = plant(key, source)
        compile(text, key, "exec")
        assert len(words) == sum(len(regions(source, kind)) for kind in KINDS) >= 8
        inside = " ".join(region for kind in KINDS for region in regions(text, kind))
        assert {inside.count(word) for word in words} == {2}, "as a string and as a comment"


@pytest.mark.slow
def test_notebooks_package_and_bundle_hold_what_is_lent_and_no_other_answer(planted):
    assert len(planted.words) > 25
    assert planted.lent() == {"se, solution 1", "se, solution 3"}, "squeeze and the block"
    assert_only_lent(planted)


@pytest.mark.slow
def test_the_scan_sees_what_lies_in_the_instructors_notebook(planted):
    assert planted.found("solutions/notebooks").keys() == set(planted.words.values())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")
def test_feedback_report_and_letters_hold_no_answer_and_no_hidden_test(planted):
    for student, text in {"ada": "pass", "bo": "return None", "cy": "return 1 / 0",
                          "dee": "import traceback; traceback.print_stack(); raise"}.items():
        planted.hand_in(student, "se", "exercises/se/se.ipynb", text)
    planted.hand_in("eve", "se", "solutions/notebooks/se/se.ipynb", "")
    planted.run("-m", "autograder", "grade", "se")
    planted.run("-m", "autograder", "report", "se")
    letters = planted.run("-m", "autograder", "explain", "cy", "block-values")
    (planted.root / "course" / "report" / "letter.txt").write_text(letters)
    feedback = planted.root / "course" / "feedback"
    assert len([*feedback.rglob("*.html")]) == 5
    for folder in ("feedback", "report"):
        assert planted.found(f"course/{folder}") == {}
    shutil.rmtree(feedback)
    planted.run("-m", "nbgrader", "generate_feedback", "se")
    assert len([*feedback.rglob("*.html")]) == 5, "nbgrader's own pages"
    assert planted.found("course/feedback") == {}
    assert len(planted.found("course/autograded")) > 10, "those are the instructor's"


@pytest.mark.slow
def test_nothing_is_handed_out_of_any_exercise_but_what_is_lent(tmp_path):
    assert_only_lent(Planted(tmp_path, KEYS))


@pytest.mark.slow
def test_a_site_made_from_planted_sources_holds_no_word(tmp_path):
    """Minutes: every page is executed against the planted sources."""
    planted = Planted(tmp_path, KEYS)
    planted.run("tools/build_book.py")
    assert (tmp_path / "_build" / "html" / "book" / "se.html").is_file()
    assert planted.found("_build/html") == {}
