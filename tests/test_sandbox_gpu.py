"""The profile "gpu", where there is no GPU: what it opens, what stays shut, what it says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from grader_world import KEY, code, live_session, source_notebook

from attnlab.check.outcomes import CheckFailed
from autograder import profile, worker
from autograder.limits import MIB, Limits
from autograder.session import Cell
from autograder.source import make_plan
from autograder.worker import Nursery, Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

ROOT = Path(__file__).resolve().parents[1]
LIMITS = Limits(memory=256 * MIB)
TRY_DEVICE = """
import dataclasses, fcntl, sys, termios
from pathlib import Path
from autograder import profile
from autograder.limits import Limits
from autograder.sandbox import lock_in
chosen = dataclasses.replace(profile.GPU, devices=("/dev/full",))
told = int(sys.argv[2])
lock_in(Path(sys.argv[1]), told, Limits(), profile=eval(sys.argv[3]))
try:
    fcntl.ioctl(open("/dev/full", "rb"), termios.TIOCGWINSZ)
except OSError as error:
    open(told, "w").write(error.strerror)
"""


def asking() -> dict:
    """The tiny exercise with one test that asks for a GPU."""
    notebook = source_notebook()
    test = "assert mean(torch.ones(1, 1, 2, 2)).item() == 1"
    notebook["cells"].append(
        code("tiny-gpu-test", test, ("gpu",), grade=True, locked=True, points=1))
    return notebook


def tried(folder: Path, chosen: str) -> str:
    """What a locked-in process meets that asks a device for what only terminals have."""
    told, tell = os.pipe()
    subprocess.run([sys.executable, "-c", TRY_DEVICE, str(folder), str(tell), chosen],
                   pass_fds=[tell], timeout=60, check=True)
    os.close(tell)
    with os.fdopen(told) as words:
        return words.read()


def test_a_device_of_the_profile_is_opened_and_asked_and_others_are_not(tmp_path):
    told = "Inappropriate ioctl for device"
    assert tried(tmp_path, "chosen") == told, "the device itself answered"
    assert tried(tmp_path, "profile.CPU") == "Permission denied"


@pytest.fixture(scope="module")
def session():
    plan = make_plan(KEY, asking(), "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "choose", lambda asked: profile.GPU if asked else profile.CPU)
        with live_session(LIMITS, plan=plan) as session:
            yield session


def test_memory_and_the_hardware_list_are_as_cuda_wants_them(session):
    session.run_cell(Cell("ask", """
import os, resource, torch
space = resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
hardware = os.listdir("/sys/devices/system/cpu") != []
files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
there = torch.cuda.is_available()
learned = torch.autograd.functional.jacobian(lambda x: x.sin().sum(), torch.zeros(2)).tolist()
"""))
    names = ("space", "hardware", "files", "there", "learned")
    here = Path("/dev/nvidiactl").exists()
    came = [session.step({"do": "get", "name": name}, name) for name in names]
    assert came == [True, True, 1024, here, [1.0, 1.0]]


@pytest.mark.parametrize("line", [
    f"open({str(ROOT / 'solutions' / 'se.py')!r})", "__import__('socket').socket()", "os.fork()",
    "open('/etc/passwd')", "os.execv('/bin/true', ['true'])"])
def test_all_other_walls_stand(line, session):
    with pytest.raises((CheckFailed, Exception), match="does not allow"):
        session.run_cell(Cell("try", f"import os\n{line}"))


def test_the_result_says_what_it_ran_on_and_what_that_weakens(monkeypatch):
    if Path("/dev/nvidiactl").exists():
        pytest.skip("not run: this machine has a GPU")
    monkeypatch.delenv(profile.PROFILE, raising=False)
    nursery = Nursery(Path("/"), make_plan(KEY, asking(), ""), LIMITS)
    grading = Worker(nursery, seed=5)
    try:
        result = grading.grade("anna", {"tiny-mean": "mean = lambda x: x.mean((2, 3))"})
    finally:
        grading.stop()
        nursery.stop()
    assert result.isolation["profile"] == "cpu: a test asks for a GPU and there is none here"
    assert next(t.outcome for t in result.tasks if t.name == "tiny-gpu-test") == "passed"
    words = profile.GPU.words(True)
    assert "weaker: " in words
    assert "no limit on the GPU's own" in words
    assert profile.choose(False) is profile.CPU
    assert json.loads(json.dumps(result.to_dict()))["isolation"]["profile"].startswith("cpu")
