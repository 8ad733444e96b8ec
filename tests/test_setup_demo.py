"""tools/demo.py shows what its steps say; the test run counts what was not run."""

import subprocess
import sys

import pytest

from tools import demo


@pytest.fixture
def steps(tmp_path, monkeypatch, capfd):
    """Runs the demo over three small scripts in place of the real steps; returns what it prints."""
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def perform(**scripts: str) -> str:
        for name, code in scripts.items():
            (tmp_path / f"{name}.py").write_text(code)
            monkeypatch.setattr(demo, name.upper(), (f"doing {name}", f"{name}.py"))
        demo.main()
        return capfd.readouterr().out

    return perform


def test_the_table_comes_before_the_places(steps):
    book = "import time; time.sleep(0.5)"  # the slower step does not come last
    said = steps(exercises="", book=book, **{"class": "print('a table')"})
    assert said.index("doing exercises: ") < said.index("a table") < said.index("The gradebook ")
    assert "course/gradebook.db" in said
    assert "`make serve` shows it on http://127.0.0.1:8000" in said


@pytest.mark.parametrize("broken", ["exercises", "book", "class"])
def test_a_step_that_fails_ends_the_demo_with_its_words(steps, broken):
    scripts = {"exercises": "", "book": "", "class": ""}
    scripts[broken] = "print('half way'); raise SystemExit(3)"
    with pytest.raises(SystemExit, match=rf"half way\n\ndoing {broken}: `{broken}\.py` failed"):
        steps(**scripts)


def test_elsewhere_than_on_linux_the_class_says_why_it_is_not_graded(steps, monkeypatch):
    monkeypatch.setattr(demo.sys, "platform", "darwin")
    said = steps(exercises="", book="", **{"class": "raise SystemExit(3)"})
    assert "No class graded: the grader is for Linux." in said


def test_missing_tools_are_counted_at_the_end(tmp_path):
    (tmp_path / "test_tools.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('n', range(3))\n"
        "def test_picture(n): pytest.skip('not run: no Chromium here')\n"
        "def test_right(): pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", str(tmp_path)]
    done = subprocess.run(command, cwd=demo.ROOT, capture_output=True, text=True)
    assert "3 tests not run" in done.stdout
    assert "not run: no Chromium here (3)" in done.stdout
    assert "1 passed, 3 skipped" in done.stdout.splitlines()[-1]
