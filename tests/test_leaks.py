"""Nothing that students are handed holds an answer or a hidden test, however it is packed.

Two proofs. A word of its own is planted into every answer and every hidden test of an exercise's
source; notebooks, known answers, bundle and feedback are made from that source by the course's own
tools, and none of them holds a word. And no line that only the real sources have stands in what is
handed out, or on the site. What `provided` lends is the one exception, and it is counted.
"""

import base64
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from leaks import plant, regions, words_below

from exercises import KEYS, ROOT

WORD = "leak0123456789abcdefleak"
COPIED = ("attnlab", "autograder", "solutions", "tools", "exercises")
FILES = ("pyproject.toml", "requirements.lock", "LICENSE", "LICENSE-TEXT", "docs/start.md")
MAKE = """
import sys; sys.path.insert(0, "tools")
import bundle, known_answers, nbformat, notebooks
for key in sys.argv[1:]:
    known_answers.write(key)
    nbformat.write(notebooks.assembled(key), notebooks.solved_path(key))
    notebooks.release(notebooks.solved_path(key), notebooks.student_path(key))
bundle.write(bundle.ROOT, bundle.OUT, "")
"""


def archive(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as writing:
        writing.writestr(name, data)
    return file.getvalue()


def arrays(value: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, sealed=value)
    return file.getvalue()


def notebook(**cell: object) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "metadata": {}} | cell]}).encode()


IN_BASE64 = base64.b64encode(f"the answer is {WORD}!".encode()).decode()
PACKED = np.frombuffer(zlib.compress(json.dumps({"f": f"return {WORD}"}).encode()), np.uint8)
FORMS = {
    "as it is": WORD.encode(),
    "a line of a notebook": notebook(source=["def f():\n", f"    return '{WORD}'\n"]),
    "a notebook's output": notebook(outputs=[{"data": {"text/plain": [WORD]}}]),
    "a notebook's metadata": notebook(metadata={"hint": {WORD: 1}}),
    "a picture in a notebook": notebook(attachments={"a.png": {"image/png": IN_BASE64}}),
    "a name cut in two lines of JSON": notebook(source=[WORD[:9], WORD[9:]]),
    "coloured code": f"<pre><span>{WORD[:7]}</span><span>{WORD[7:]}</span></pre>".encode(),
    "letters of HTML": "".join(f"&#{ord(letter)};" for letter in WORD).encode(),
    "letters of Python": "".join(f"\\x{ord(letter):02x}" for letter in WORD).encode(),
    "letters of JavaScript": "".join(f"\\u{ord(letter):04x}" for letter in WORD).encode(),
    "an address": f"?q=%{ord(WORD[0]):02x}{WORD[1:]}".encode(),
    "base64": f"x = b64decode('{IN_BASE64}')".encode(),
    "base64 for addresses": base64.urlsafe_b64encode(f"???>>>{WORD}".encode()),
    "hexadecimal": WORD.encode().hex().encode(),
    "base64 in base64": base64.b64encode(IN_BASE64.encode()),
    "two bytes a letter": WORD.encode("utf-16"),
    "NumPy's letters": arrays(np.array(WORD)),
    "a stream in an array": arrays(PACKED),
    "a gzip stream": gzip.compress(WORD.encode()),
    "a stream in the middle": b"\x89PNG" + zlib.compress(f"comment: {WORD}".encode()),
    "a wheel in a zip": archive("a.whl", archive("attnlab/x.py", WORD.encode())),
    "a notebook in a zip": archive("se/se.ipynb", notebook(source=[f"# {WORD}"])),
    "arrays in a wheel in a zip": archive("a.whl", archive("a.npz", arrays(PACKED))),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_leak_is_found_in_every_form(form, tmp_path):
    (tmp_path / "file").write_bytes(FORMS[form])
    assert WORD in words_below(tmp_path)


def test_what_holds_no_word_is_clean(tmp_path):
    (tmp_path / "noise").write_bytes(np.random.default_rng(0).bytes(100_000))
    (tmp_path / "cut.zip").write_bytes(archive("a", b"cut off")[:-9])
    (tmp_path / "se.ipynb").write_bytes(notebook(source=["leaky", "leek"]))
    assert words_below(tmp_path) == {}


class Planted:
    """A copy of the course with a word in every answer and hidden test, and what it hands out."""

    def __init__(self, folder: Path, keys: list[str]):
        self.root, self.keys, self.words = folder, keys, {}
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / name,
                            ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
        for name in FILES:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        for key in keys:
            source = folder / "solutions" / f"{key}.py"
            text, words = plant(key, source.read_text("utf-8"))
            source.write_text(text, "utf-8")
            self.words |= words
        self.run("-c", MAKE, *keys)

    def run(self, *command: str) -> str:
        """Python in the copy; the copy's own modules come first."""
        env = os.environ | {"PYTHONPATH": str(self.root)}
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

    def hand_in(self, student: str, key: str, notebook: Path, text: str | None) -> None:
        """A student's notebook; `text` stands in the place of every body to be written."""
        submitted = self.root / "course" / "submitted" / student / key / f"{key}.ipynb"
        submitted.parent.mkdir(parents=True)
        given = notebook.read_text("utf-8")
        submitted.write_text(given.replace("raise NotImplementedError()", text or "pass"), "utf-8")


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


def test_every_answer_and_hidden_test_has_a_word():
    for key in KEYS:
        source = (ROOT / "solutions" / f"{key}.py").read_text("utf-8")
        text, words = plant(key, source)
        compile(text, key, "exec")
        kinds = ("SOLUTION", "HIDDEN TESTS")
        assert len(words) == sum(len(regions(source, kind)) for kind in kinds) >= 8
        assert all(sum(word in region for kind in kinds for region in regions(text, kind)) == 1
                   for word in words)  # fmt: skip


def test_notebooks_package_and_bundle_hold_what_is_lent_and_no_other_answer(planted):
    assert len(planted.words) > 25
    assert planted.lent() == {"se, solution 1", "se, solution 3"}, "squeeze and the block"
    assert_only_lent(planted)


def test_the_scan_sees_what_lies_in_the_instructors_notebook(planted):
    assert planted.found("solutions/notebooks").keys() == set(planted.words.values())


@pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")
def test_feedback_report_and_letters_hold_no_answer_and_no_hidden_test(planted):
    stub = ROOT / "exercises" / "se" / "se.ipynb"
    for student, text in {"ada": None, "bo": "return None", "cy": "return 1 / 0",
                          "dee": "import traceback; traceback.print_stack(); raise"}.items():
        planted.hand_in(student, "se", stub, text)
    planted.run("-m", "autograder", "grade", "se")
    planted.run("-m", "autograder", "report", "se")
    letters = planted.run("-m", "autograder", "explain", "cy", "block-values")
    (planted.root / "course" / "feedback" / "letter.txt").write_text(letters)
    assert len([*(planted.root / "course" / "feedback").rglob("*.html")]) == 4
    for folder in ("feedback", "report"):
        assert planted.found(f"course/{folder}") == {}
