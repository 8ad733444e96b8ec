"""tools/demo.py repeats what changed and nothing else; the test run counts what was not run."""

import subprocess
import sys

import pytest

from tools import demo

SCRIPT = """
import pathlib
count = pathlib.Path("count")
count.write_text(count.read_text() + "x" if count.exists() else "x")
pathlib.Path("left").write_text("")
print("said", pathlib.Path("input").read_text())
"""


@pytest.fixture
def step(tmp_path, monkeypatch):
    """A step that reads `input`, leaves `left` and adds a letter to `count` when it runs."""
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setattr(demo, "STATE", tmp_path / "state")
    (tmp_path / "step.py").write_text(SCRIPT)
    (tmp_path / "input").write_text("one")
    return demo.Step("step", "stepping", ("step.py",), ("input",), "left")


def runs(tmp_path) -> int:
    return len((tmp_path / "count").read_text())


def test_unchanged_step_is_not_run_again_and_says_the_same(step, tmp_path):
    assert demo.run(step) == demo.run(step) == "said one\n"
    assert runs(tmp_path) == 1


def test_new_date_alone_runs_nothing(step, tmp_path):
    demo.run(step)
    (tmp_path / "input").write_text("one")
    demo.run(step)
    assert runs(tmp_path) == 1


def test_changed_input_and_missing_output_run_it_again(step, tmp_path):
    demo.run(step)
    (tmp_path / "input").write_text("two")
    assert demo.run(step) == "said two\n"
    (tmp_path / "left").unlink()
    demo.run(step)
    assert runs(tmp_path) == 3


def test_failure_shows_the_output_and_is_not_remembered(step, tmp_path):
    (tmp_path / "step.py").write_text("print('half way'); raise SystemExit(3)")
    for _ in range(2):
        with pytest.raises(SystemExit, match=r"half way\n\nstep: `step\.py` failed"):
            demo.run(step)


@pytest.mark.parametrize("step", [demo.EXERCISES, demo.BOOK, demo.CLASS], ids=lambda s: s.name)
def test_every_input_of_a_step_is_there(step):
    empty = [pattern for pattern in step.inputs if not list(demo.ROOT.glob(pattern))]
    assert not empty, f"{step.name} would not notice a change: nothing matches {empty}"


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
