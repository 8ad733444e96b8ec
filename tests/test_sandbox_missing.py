"""Machines that give less: the grader goes on without what is optional and refuses below the least.

A wrapper takes system calls away before the grader starts, as a container's profile would.
"""

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from grader_world import KEY, RIGHT, handed_in, make_course

from autograder import landlock, seccomp, syscalls

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

NOBODY = 65534
NEW_MOUNT, PRIVATE, BIND = 0x20000, (1 << 18) | (1 << 14), 4096
WITHOUT = """
import os, sys
from autograder import seccomp
lines = [(seccomp.LOAD, 0, 0, seccomp.NUMBER)]
for number in map(int, sys.argv[1].split(',')):
    lines += [(seccomp.JUMP_EQUAL, 0, 1, number), seccomp.refuse()]
seccomp.install([*lines, (seccomp.RETURN, 0, 0, seccomp.ALLOW)])
os.execv(sys.executable, [sys.executable, '-m', 'autograder', *sys.argv[2:]])
"""
COLUMN = {"x86_64": 0, "aarch64": 1}[os.uname().machine]
UNSHARE = [syscalls.MOUNTS["unshare"][COLUMN]]
LANDLOCK = [landlock.CREATE_RULESET, landlock.ADD_RULE, landlock.RESTRICT_SELF]


def without(calls: list[int], *command: str) -> subprocess.CompletedProcess:
    """The grader's command line on a kernel that refuses these system calls."""
    line = [sys.executable, "-c", WITHOUT, ",".join(map(str, calls)), *command]
    return subprocess.run(line, capture_output=True, text=True, timeout=120)


def grade(course, *options: str) -> tuple[str, ...]:
    return ("grade", KEY, "--root", str(course.root), "--course", str(course.folder), "--workers",
            "1", "--json", *options)


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path, {"anna": handed_in(RIGHT)})


def test_without_namespaces_it_grades_and_says_so(course):
    done = without(UNSHARE, *grade(course))
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert [task["points"] for task in result["tasks"]] == [1, 2, 1.5]
    assert result["isolation"]["namespaces"].startswith("no: ")
    assert result["isolation"]["landlock"].startswith("ABI")
    assert "unsafe" not in result["isolation"]
    page = course.feedback("anna", KEY).read_text()
    assert "<dt>namespaces</dt><dd>no: " in page


def test_without_landlock_it_refuses_unless_told(course, monkeypatch):
    """The command line alone can tell it: no notebook, no variable."""
    path = course.submitted("anna", KEY)
    asks = json.loads(path.read_text()) | {"metadata": {"unsafe": True, "TrustedExecute": {
        "unsafe": True}, "where_to_look": {"unsafe": True}}}
    path.write_text(json.dumps(asks))
    for name in ("UNSAFE", "AUTOGRADER_UNSAFE", "WHERE_TO_LOOK_UNSAFE"):
        monkeypatch.setenv(name, "1")
    refused = without(LANDLOCK, *grade(course))
    assert refused.returncode == 3
    assert "cannot lock a student in here: landlock" in refused.stderr
    assert not course.feedback("anna", KEY).exists()
    told = without(LANDLOCK, *grade(course, "--unsafe"))
    assert told.returncode == 0, told.stderr
    (result,) = json.loads(told.stdout)["results"]
    assert result["isolation"]["landlock"].startswith("no: ")
    assert result["isolation"]["unsafe"].startswith("yes")


def test_the_doctor_says_what_is_missing_and_how_to_get_it():
    done = without(LANDLOCK + UNSHARE, "doctor")
    assert done.returncode == 3
    assert "Not enough to grade untrusted code: landlock missing" in done.stdout
    assert "NO   namespaces" in done.stdout
    assert "sysctl" in done.stdout


def become_nobody() -> None:
    """In a mount namespace where an ordinary user can read our Python, whoever owns its folder."""
    libc = ctypes.CDLL(None, use_errno=True)
    base = Path(sys.base_prefix)
    closed = [folder for folder in base.parents if not folder.stat().st_mode & 1]
    if closed:
        kept = tempfile.mkdtemp(dir="/tmp")
        steps = [libc.unshare(NEW_MOUNT), libc.mount(None, b"/", None, PRIVATE, None),
                 libc.mount(bytes(base), kept.encode(), None, BIND, None),
                 libc.mount(b"tmpfs", bytes(closed[-1]), b"tmpfs", 0, b"mode=755")]
        base.mkdir(parents=True)
        steps.append(libc.mount(kept.encode(), bytes(base), None, BIND, None))
        if any(steps):
            raise OSError("the mounts were refused")
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    os.environ["HOME"] = "/nonexistent"


def test_an_ordinary_user_grades_with_the_same_walls():
    if os.getuid() != 0:
        pytest.skip("not run: already an ordinary user, whom every other test tried")
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="ordinary-"))
    folder.chmod(0o777)
    course = make_course(folder, {"anna": handed_in(RIGHT)})
    course.folder.chmod(0o777)
    line = [sys.executable, "-m", "autograder", *grade(course)]
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=120,
                              preexec_fn=become_nobody, cwd="/")
    except subprocess.SubprocessError:
        pytest.skip("not run: root here may not mount, so Python stays unreadable for others")
    finally:
        marks = list(course.folder.glob("gradebook.db"))
        shutil.rmtree(folder)
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert [task["points"] for task in result["tasks"]] == [1, 2, 1.5]
    assert all(not result["isolation"][wall].startswith("no:")
               for wall in ("landlock", "seccomp", "rlimits", "capabilities"))
    assert marks, "the ordinary user wrote the gradebook"


def headers(name: str) -> dict[str, int]:
    path = Path("/usr/include") / name
    if not path.is_file():
        pytest.skip("not run: the kernel's C headers are not installed")
    words = (line.split() for line in path.read_text().splitlines())
    return {word[1].removeprefix("__NR_"): int(word[2]) for word in words
            if len(word) == 3 and word[1].startswith("__NR_") and word[2].isdigit()}


@pytest.mark.parametrize(("file", "column"), [
    ("x86_64-linux-gnu/asm/unistd_64.h", 0), ("asm-generic/unistd.h", 1)])
def test_system_calls_have_the_kernels_numbers(file, column):
    known = headers(file)
    ours = {name: pair[column] for name, (pair, _) in syscalls.REFUSED.items()}
    ours |= {name: pair[column] for name, pair in syscalls.WATCHED.items()}
    compared = {name: number for name, number in ours.items() if name in known}
    assert len(compared) > 60
    assert {name: number for name, number in compared.items() if known[name] != number} == {}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_fits_its_jumps(machine):
    lines = seccomp.program(1, machine)
    assert len(lines) < 4096, "the kernel takes no more"
    for place, (code, yes, no, _) in enumerate(lines):
        if code in (seccomp.JUMP_EQUAL, seccomp.JUMP_BITS, seccomp.JUMP_AT_LEAST):
            assert max(yes, no) < 256
            assert place + 1 + max(yes, no) < len(lines)
    assert lines[-1] == (seccomp.RETURN, 0, 0, seccomp.ALLOW)
