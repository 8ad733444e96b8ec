"""tools/setup.py: what stands in its way is said plainly, and what was cut short is mended."""

import ast
import os
import subprocess
import sys

import pytest

from tools import setup

NOTHING_LISTENS = ["--index-url", "http://127.0.0.1:9/simple", "--retries", "1"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder in the place of the repository, with a lock and a pyproject of its own."""
    (tmp_path / "requirements.lock").write_text("# made up\nthing==1.0\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "LOCK", tmp_path / "requirements.lock")
    return tmp_path


def fake_python(place, script: str) -> None:
    """Put a shell script in the place of the environment's interpreter."""
    python = setup.python_of(place / ".venv")
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


def pip_log(*arguments: str) -> str:
    """pip's real words when it cannot have a package."""
    command = [sys.executable, "-m", "pip", "install", "--isolated", "--dry-run", *arguments]
    done = subprocess.run([*command, "no-such-thing==1.0"], capture_output=True, text=True)
    assert done.returncode
    return done.stdout + done.stderr


def test_old_python_can_read_the_file_that_refuses_it():
    ast.parse((setup.ROOT / "tools/setup.py").read_text("utf-8"), feature_version=(3, 7))


def test_old_python_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    with pytest.raises(setup.SetupError, match=r"3\.11 or newer .* this is 3\.9\.2 .*; install"):
        setup.check_python((3, 9, 2), "Linux")


def test_old_python_points_to_a_newer_one_that_is_there(monkeypatch):
    monkeypatch.setattr(setup.shutil, "which", lambda name: name == "python3.12" or None)
    with pytest.raises(setup.SetupError, match=r"run `make PYTHON=python3\.12"):
        setup.check_python((3, 10, 0), "Linux")


def test_unknown_system_is_named():
    with pytest.raises(setup.SetupError, match="this is Plan9; the course runs on Linux, macOS"):
        setup.check_python((3, 12, 0), "Plan9")


@pytest.mark.parametrize("system", ["Linux", "Darwin", "Windows"])
@pytest.mark.parametrize("minor", [11, 12, 13])
def test_supported_pythons_pass(system, minor):
    setup.check_python((3, minor, 1), system)


def test_missing_venv_module_names_debians_package(monkeypatch):
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(setup.SetupError, match=r"lacks venv and ensurepip.*apt install python3-ve"):
        setup.check_modules()


def test_small_disk_says_how_much_is_needed():
    with pytest.raises(setup.SetupError, match=r"1\.0 GiB free .* 3 GiB are needed"):
        setup.check_disk(setup.GIB)


def test_no_index_names_the_package_and_the_way_out():
    said = setup.explain(pip_log(*NOTHING_LISTENS))
    assert "no package index answered when pip looked for no-such-thing==1.0" in said
    assert "PIP_INDEX_URL" in said


def test_package_that_the_index_lacks_is_named():
    said = setup.explain(pip_log("--no-index"))
    assert "the package index has no no-such-thing==1.0" in said
    assert "pip config list" in said


def test_full_disk_says_so_and_the_next_run_starts_over(place):
    words = "Installing collected packages: a, b\\nOSError: [Errno 28] No space left on device"
    fake_python(place, f"printf '{words}\\n'; exit 1")
    setup.write_stamp(place / ".venv", "installing")
    with pytest.raises(setup.SetupError, match=r"the disk is full\. 3 GiB are needed"):
        setup.pip_install(place / ".venv", "thing")
    assert setup.read_stamp(place / ".venv")["state"] == "installing"


def test_index_failure_before_anything_was_unpacked_keeps_the_environment(place):
    fake_python(place, "echo 'ERROR: No matching distribution found for thing==1.0'; exit 1")
    setup.write_stamp(place / ".venv", "installing")
    with pytest.raises(setup.SetupError, match=r"has no thing==1\.0 .*(?s:.*)set-up\.log"):
        setup.pip_install(place / ".venv", "thing")
    assert setup.can_be_kept(place / ".venv") is False, "the fake interpreter has no pip"
    assert setup.read_stamp(place / ".venv")["state"] == ""


def test_environment_that_was_cut_short_is_made_anew(place):
    fake_python(place, "exit 0")
    leftover = place / ".venv" / "half-a-package"
    leftover.write_text("")
    setup.write_stamp(place / ".venv", "installing")
    setup.make_venv(place / ".venv")
    assert not leftover.exists()
    assert setup.can_be_kept(place / ".venv")


def test_environment_that_was_moved_is_not_kept(place):
    fake_python(place, "exit 0")
    setup.write_stamp(place / ".venv", "some hash")
    assert setup.can_be_kept(place / ".venv")
    (place / ".venv").rename(place / "moved")
    assert not setup.can_be_kept(place / "moved")


def test_environment_made_by_hand_is_adopted(place):
    fake_python(place, "exit 0")
    before = setup.python_of(place / ".venv").read_text()
    setup.make_venv(place / ".venv")
    assert setup.python_of(place / ".venv").read_text() == before


def test_second_run_installs_nothing_until_the_lock_changes(place, monkeypatch):
    fake_python(place, "exit 0")
    installed = []
    monkeypatch.setattr(setup, "pip_install", lambda venv, *given: installed.append(given))
    setup.set_up()
    assert len(installed) == 2, "the lock, then the project"
    setup.set_up()
    assert len(installed) == 2
    (place / "requirements.lock").write_text("thing==2.0\n")
    setup.set_up()
    assert len(installed) == 4


@pytest.mark.skipif(os.name == "nt", reason="not run: the lock is flock's here")
def test_second_set_up_waits_for_the_first(place):
    code = (
        "import pathlib, time; from tools import setup\n"
        f"with setup.only_one(pathlib.Path({str(place)!r}) / 'lock'):\n"
        "    print('held', time.monotonic(), flush=True); time.sleep(0.5)\n"
        "    print('left', time.monotonic(), flush=True)\n"
    )
    pair = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    lines = [line for process in pair for line in process.communicate()[0].splitlines()]
    assert "another set-up is at work here; waiting for it" in lines
    events = [line.split() for line in lines if line.startswith(("held", "left"))]
    assert [word for word, _ in sorted(events, key=lambda event: float(event[1]))] == [
        "held",
        "left",
        "held",
        "left",
    ]
