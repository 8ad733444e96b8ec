"""The command line: what it prints, its JSON, its exit codes, and what a wrong use is told."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from grader_world import KEY, RIGHT, handed_in, make_course

from attnlab.check.outcomes import REASONS
from autograder import commands, progress
from autograder.course import Course
from autograder.feedback import WORDS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

STUDENTS = {"anna": handed_in(RIGHT), "ben": handed_in({"tiny-mean": "def mean(x): return x"}),
            "dino": "{not JSON"}


def arguments(course: Course, verb: str, *options: str) -> list[str]:
    key = () if verb in ("doctor", "demo") else (KEY,)
    return [verb, *key, "--root", str(course.root), "--course", str(course.folder), *options]


def snapshot(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class that is graded once, by the command that the tests then repeat."""
    made = make_course(tmp_path_factory.mktemp("commands"), STUDENTS)
    before = snapshot(made.root)
    assert commands.main(arguments(made, "grade", "--dry-run")) == 0
    assert snapshot(made.root) == before
    assert commands.main(arguments(made, "grade", "--workers", "2")) == 0
    return made


def spoken(capsys, *words: str) -> dict:
    """The JSON document of a run; nothing else may stand on standard output."""
    commands.main([*words, "--json"])
    return json.loads(capsys.readouterr().out)


def test_json_holds_every_result_and_what_is_new(course, capsys):
    capsys.readouterr()
    said = spoken(capsys, *arguments(course, "grade"))
    assert {name: said[name] for name in ("verb", "exercise", "exit_code", "dry_run")} == {
        "verb": "grade", "exercise": KEY, "exit_code": 0, "dry_run": False}
    assert (said["graded"], said["unchanged"]) == ([], ["anna", "ben", "dino"])
    marks = {result["student"]: (result["points"], result["max_points"])
             for result in said["results"]}
    assert marks == {"anna": (4.5, 5.0), "ben": (2.0, 5.0), "dino": (0, 5.0)}


def test_a_terminal_without_the_letters_gets_question_marks(course):
    command = [sys.executable, "-m", "autograder", *arguments(course, "grade")]
    done = subprocess.run(command, env=os.environ | {"PYTHONIOENCODING": "ascii"}, timeout=120,
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    assert b"anna  1   2   1.5    4.5/5" in done.stdout
    assert b"????" in done.stdout


def test_a_dry_run_says_why_and_writes_nothing(course, capsys):
    course.submitted("ben", KEY).write_text(STUDENTS["anna"])
    before = snapshot(course.folder)
    said = spoken(capsys, *arguments(course, "grade", "--dry-run"))
    assert snapshot(course.folder) == before
    course.submitted("ben", KEY).write_text(STUDENTS["ben"])
    assert said["dry_run"]
    assert said["unchanged"] == ["anna", "dino"]
    assert [student["student"] for student in said["would_grade"]] == ["ben"]
    assert said["would_grade"][0]["why"].startswith("changed")


def test_the_doctors_document_holds_walls_and_limits(capsys):
    said = spoken(capsys, "doctor")
    assert said["exit_code"] == (3 if said["missing"] else 0)
    assert {"landlock", "seccomp", "rlimits"} <= set(said["walls"])
    assert said["limits"]["step_seconds"] > 0
    commands.main(["doctor"])
    words = capsys.readouterr().out
    assert all(wall in words for wall in said["walls"])
    assert said["gpu"] in words


WRONG = {
    "no such student": (("grade", "--only", "ana"), 2, r"by 'ana' .* did you mean 'anna'\?"),
    "no such exercise": (("grade", "--root", "/nowhere"), 2, "no assignment 'tiny'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_done_is_told_and_has_a_code(case, course, capsys):
    (verb, *options), code, words = WRONG[case]
    assert commands.main(arguments(course, verb, *options, "--json")) == code
    heard = capsys.readouterr()
    said = json.loads(heard.out)
    assert said["exit_code"] == code
    assert re.search(words, said["error"])
    assert said["error"] in heard.err


MISUSED = {
    "no verb": ([], "required: VERB"),
    "unknown verb": (["grad", KEY], "invalid choice: 'grad'"),
    "no exercise": (["grade"], "required: key"),
    "no workers": (["grade", KEY, "--workers", "0"], "a whole number of at least 1, got '0'"),
    "unknown option": (["grade", KEY, "--fast"], "unrecognized arguments: --fast"),
}


@pytest.mark.parametrize("case", MISUSED)
def test_a_wrong_use_ends_with_code_2_and_says_what_was_expected(case, capsys):
    words, expected = MISUSED[case]
    with pytest.raises(SystemExit, match="2"):
        commands.main(words)
    heard = capsys.readouterr()
    assert expected in heard.err
    assert heard.out == ""


def test_every_verb_tells_its_exit_codes(capsys):
    verbs = commands.parser()._subparsers._group_actions[0].choices
    assert set(verbs) == set(commands.VERBS)
    for verb in verbs:
        with pytest.raises(SystemExit, match="0"):
            commands.main([verb, "--help"])
        assert "exit codes:" in capsys.readouterr().out


def columns(title: str) -> list[str]:
    """The first column of the table below a heading of the instructors' page, code marks off."""
    page = (Path(__file__).parents[1] / "book" / "instructors" / "grading.md").read_text("utf-8")
    section = page.split(f"\n{title}\n")[1].split("\n#")[0]
    rows = re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)
    return [row.strip("`") for row in rows[1:] if not row.startswith("---")]


def test_the_instructors_page_names_every_verb_code_reason_and_form():
    assert {row.split()[0] for row in columns("## Verbs")} == set(commands.VERBS)
    codes = {value for name, value in vars(commands).items()
             if name.isupper() and isinstance(value, int)}
    assert {int(row) for row in columns("## Exit codes")} == codes
    told = {row for row in columns("## What comes out of a task") if row != "reason"}
    assert set(REASONS) | {"unreadable"} <= told
    assert set(WORDS.values()) <= told
    assert columns("## Marks for other programs") == list(commands.FORMATS)


def test_every_option_of_grade_is_on_the_instructors_page(capsys):
    with pytest.raises(SystemExit, match="0"):
        commands.main(["grade", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out.split("exit codes")[0]))
    page = (Path(__file__).parents[1] / "book" / "instructors" / "grading.md").read_text("utf-8")
    assert options - {"--help"} <= set(re.findall(r"--[a-z-]+", page))


def test_a_log_gets_a_line_now_and_then_and_no_bar(monkeypatch, capsys):
    clock = iter([100.0, 105.0, 112.0, 113.0])
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    told = progress.Progress("grading tiny")
    for done in (0, 20, 60, 80):
        told(done, 100)
    told.close()
    assert capsys.readouterr().err == (
        "grading tiny: 60 of 100 students, 5.0 a second, about 8 s left\n")


def test_a_terminal_gets_a_bar_with_students_a_second_and_time_left():
    ours, theirs = pty.openpty()
    script = ("from autograder.progress import Progress; import time; told = Progress('grading')\n"
              "for done in range(5): told(done, 4); time.sleep(0.15)\ntold.close()")
    subprocess.run([sys.executable, "-c", script], stderr=theirs, check=True, timeout=60)
    text = os.read(ours, 65536).decode()
    os.close(ours)
    os.close(theirs)
    assert "grading 100%" in text
    assert "4/4 students" in text
    assert "students/s" in text
    assert "left" in text
